"""Facts about judging a learner fold by fold, and after more and more examples."""

import numpy as np
import pytest

from nnlite.data import blobs, k_fold, load_letters
from nnlite.models.estimator import Classifier
from nnlite.models.neurons.mark1 import Mark1
from nnlite.models.neurons.perceptron import Perceptron
from nnlite.training.evaluation import cross_validate, learning_curve


class Memory(Classifier):
    """Knows each point that it has seen, and says 0 to every other."""

    def __init__(self, seen=None):
        self.seen = seen

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        self.known_ = dict(zip(np.asarray(X)[:, 0].tolist(), np.asarray(y).tolist()))
        if self.seen is not None:
            self.seen.append(sorted(self.known_))
        return self

    def predict(self, X):
        return np.array([self.known_.get(x, 0) for x in np.asarray(X)[:, 0].tolist()])


X, Y = np.arange(40.0)[:, None], np.arange(40) % 2


def test_no_fold_is_judged_by_what_it_has_learnt():
    seen = []
    scores = cross_validate(Memory(seen), X, Y, k=4, rng=0)
    assert scores.tolist() == [0.5] * 4  # of each fold only the half that is 0 is guessed
    splits = k_fold(40, 4, stratify=Y, rng=0)
    assert seen == [train.tolist() for train, _ in splits]


def test_a_learning_curve_learns_from_nested_and_balanced_samples():
    seen = []
    train, test = learning_curve(Memory(seen), X, Y, sizes=[2, 9, 30], k=4, rng=0)
    assert train.shape == test.shape == (3, 4)
    assert (train == 1).all() and (test == 0.5).all()
    for fold, (whole, _) in enumerate(k_fold(40, 4, stratify=Y, rng=np.random.default_rng(0))):
        few, some, all_ = seen[3 * fold : 3 * fold + 3]
        assert set(few) < set(some) < set(all_) == set(whole)
        assert abs(sum(Y[int(x)] for x in some) - 4.5) == 0.5


def test_each_of_three_classes_comes_in_turn():
    """Of 6 examples each class has 2, however rare it is."""
    seen, y = [], np.repeat([0, 1, 2], [20, 12, 8])
    learning_curve(Memory(seen), X, y, sizes=[3, 6], k=4, rng=0)
    for points in seen:
        counts = np.bincount([y[int(x)] for x in points])
        assert counts.tolist() == [len(points) / 3] * 3


def test_the_estimator_itself_is_left_as_it_is():
    p = Perceptron(max_iter=7)
    cross_validate(p, *blobs(30, rng=0), k=3, rng=0)
    assert not hasattr(p, "classes_") and p.max_iter == 7


def test_it_judges_as_scikit_learn_does():
    selection, linear_model = (
        pytest.importorskip("sklearn.model_selection"),
        pytest.importorskip("sklearn.linear_model"),
    )
    from sklearn.pipeline import make_pipeline  # a learner made of learners
    from sklearn.preprocessing import StandardScaler

    points, y = blobs(90, spread=1.5, rng=0)
    splits = k_fold(90, 5, stratify=y, rng=3)
    for learner in (
        linear_model.LogisticRegression(),
        make_pipeline(StandardScaler(), linear_model.LogisticRegression()),
    ):
        wanted = selection.cross_val_score(learner, points, y, cv=splits)
        assert np.allclose(cross_validate(learner, points, y, k=5, rng=3), wanted)


def test_pictures_are_judged_too_and_the_same_seed_gives_the_same_scores():
    pictures, letters = load_letters(["DejaVuSans", "DejaVuSans-Bold", "cmss10"])
    machine = Mark1(verbose=False, rng=0)
    scores = cross_validate(machine, pictures, letters, k=3, rng=0)
    assert 0.3 < scores.mean() < 1
    assert np.array_equal(scores, cross_validate(machine, pictures, letters, k=3, rng=0))


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: cross_validate(Perceptron, X, Y), TypeError, "cross_validate: estimator is <class"),
        (lambda: cross_validate(7, X, Y), TypeError, "cross_validate: estimator is 7"),
        (lambda: cross_validate(Perceptron(), X, Y[1:]), ValueError, r"cross_validate: y has shape \(39,\)"),
        (lambda: cross_validate(Perceptron(), X, Y, k=41), ValueError, "k is 41"),
        (lambda: learning_curve(Perceptron(), X, Y, []), ValueError, "learning_curve: sizes is empty"),
        (lambda: learning_curve(Perceptron(), X, Y, [33]), ValueError, "learning_curve: sizes is 33, .*<= 32"),
        (lambda: learning_curve(Perceptron(), X, Y, [2.5]), TypeError, "learning_curve: sizes is 2.5"),
    ],
)
def test_bad_input_is_named(call, error, message):
    with pytest.raises(error, match=message):
        call()
