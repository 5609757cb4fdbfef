"""Associative recall: the sequences, how answers are scored, and that a Transformer learns it."""

import sys

import numpy as np
import pytest

from nnlite import nn
from nnlite.models.sequences import Transformer
from nnlite.tasks import Recall, learn
from nnlite.tensor import Tensor


def transformer(task, rng):
    return Transformer(task.symbols, max_length=task.length, norm_first=True, rng=rng)


def test_recall_sequences_hold_their_own_answers():
    """Every key asked for was shown, and its value follows it. Catches answers shuffled against questions."""
    tokens, answers = Recall(pairs=4, keys=7).draw(20, rng=0)
    for row, values in zip(tokens, answers):
        shown = dict(zip(row[:8:2], row[1:8:2]))
        assert [shown[key] for key in row[8:]] == list(values)
        assert len(shown) == 4
        assert sorted(row[8:]) == sorted(shown)


def test_only_the_answers_are_judged():
    """Catches a loss or a score that looks at the pairs, or at the wrong end of the sequence."""
    task = Recall(pairs=2, keys=3)
    _, answers = task.draw(5, rng=0)
    scores = np.random.default_rng(0).standard_normal((5, task.length, task.symbols))
    scores[:, -2:] = 50 * np.eye(task.symbols)[answers]
    assert task.score(scores, answers) == 1 and task.loss(Tensor(scores), answers).item() < 1e-6
    scores[0, -1] = -scores[0, -1]
    assert task.score(scores, answers) == 0.9 and task.loss(Tensor(scores), answers).item() > 1


def test_the_same_seed_gives_the_same_weights():
    weights = []
    for _ in range(2):
        task, rng = Recall(), np.random.default_rng(5)
        model = transformer(task, rng)
        learn(model, task, steps=3, rng=rng, verbose=False)
        weights.append(model.state_dict())
    for name in weights[0]:
        np.testing.assert_array_equal(weights[0][name], weights[1][name])


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: Recall(pairs=8, keys=4), ValueError, "keys is 4"),
        (lambda: Recall(pairs=0), ValueError, "pairs is 0"),
        (lambda: Recall().draw(0), ValueError, "n is 0"),
        (lambda: learn(nn.Linear(1, 1), Recall(), steps=0), ValueError, "steps is 0"),
        (lambda: learn(nn.Linear(1, 1), Recall(), questions=0), ValueError, "questions is 0"),
    ],
)
def test_bad_input_is_named(call, error, words):
    with pytest.raises(error, match=words):
        call()


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1])
def test_two_layers_solve_associative_recall(seed):
    """Catches attention without position, or with one layer too few to look back at the key before the value."""
    task, rng = Recall(), np.random.default_rng(seed)
    model = transformer(task, rng)
    _, accuracy = learn(model, task, rng=rng, verbose=False)
    assert accuracy >= 0.98


def test_only_looking_back_helps():
    """Catches values that are the same in every sequence, that favour a symbol, or keys asked for in their order."""
    tokens, answers = Recall(pairs=4, keys=8).draw(2000, rng=0)
    often = np.bincount(answers.ravel() - 8, minlength=8) / answers.size
    assert np.abs(often - 1 / 8).max() < 0.02
    assert len({tuple(row) for row in answers}) > 1500
    assert (tokens[:, 8:] != tokens[:, 0:8:2]).any(1).mean() > 0.9


def test_the_score_is_of_examples_drawn_after_the_training():
    """Catches a score on what the model has practised on."""

    class Recording(Recall):
        drawn: list = []

        def draw(self, n, rng=None):
            self.drawn.append(super().draw(n, rng))
            return self.drawn[-1]

        def score(self, scores, answers):
            self.judged = answers
            return super().score(scores, answers)

    task = Recording(pairs=2, keys=3)
    model = nn.Sequential(nn.Embedding(task.symbols, 8, rng=0), nn.Linear(8, task.symbols, rng=0))
    learn(model, task, steps=3, batch_size=4, questions=5, rng=0, verbose=False)
    assert len(task.drawn) == 4
    assert task.judged is task.drawn[-1][1] and len(task.judged) == 5
    first, second = task.drawn[0][0], task.drawn[1][0]
    assert not np.array_equal(first, second)  # one seed, but not the same examples in every step


def test_the_learning_rate_falls_and_gradients_are_clipped(monkeypatch):
    """Catches a training without its schedule, or without clipping."""
    seen = {}

    def fit(model, batches, loss, optimizer, **options):
        seen.update(options, optimizer=optimizer)

    module = sys.modules[learn.__module__]
    monkeypatch.setattr(module, "fit", fit)
    monkeypatch.setattr(module, "predict", lambda model, inputs: model(inputs).data)
    task = Recall(pairs=2, keys=3)
    model = nn.Sequential(nn.Embedding(task.symbols, 8, rng=0), nn.Linear(8, task.symbols, rng=0))
    learn(model, task, steps=100, batch_size=1, lr=1.0, questions=1, rng=0, verbose=False)
    schedule, rates = seen["schedule"], []
    for _ in range(101):
        rates.append(seen["optimizer"].lr)
        schedule.step()
    assert seen["clip"] == 1.0
    assert rates[0] == pytest.approx(1 / 20) and max(rates) == 1.0
    assert rates[100] == pytest.approx(0.05)
