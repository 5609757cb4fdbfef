"""The training loop, metrics, and files of weights."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nnlite
from nnlite import functional as F
from nnlite import nn, optim, training
from nnlite.data import DataLoader

rng = np.random.default_rng(0)
X = rng.standard_normal((60, 3)).astype(np.float32)
W = np.array([[1.0, -2.0, 0.5]], np.float32)
Y = X @ W.T


def batches(size: int = 20) -> list[Any]:
    return [(X[i : i + size], Y[i : i + size]) for i in range(0, len(X), size)]


def quiet(model: nn.Module, data: Any = None, **options: Any) -> training.History:
    optimizer = options.pop("optimizer", None) or optim.SGD(model.parameters(), lr=0.1)
    return training.fit(model, data or batches(), F.mse_loss, optimizer, verbose=False, **options)


def test_fit_finds_the_weights_that_made_the_data() -> None:
    model = nn.Linear(3, 1, rng=0)
    history = quiet(model, epochs=60)
    np.testing.assert_allclose(model.weight.data, W, atol=1e-3)
    assert len(history.loss) == 180
    assert history.loss[-1] < 1e-5 < history.loss[0]


def test_fit_is_the_loop_everyone_knows() -> None:
    """Equal to the bit to the five lines written out."""
    a, b = nn.Linear(3, 1, rng=0), nn.Linear(3, 1, rng=0)
    quiet(a, epochs=2, optimizer=optim.AdamW(a.parameters(), lr=0.01))
    optimizer = optim.AdamW(b.parameters(), lr=0.01)
    for _ in range(2):
        for x, y in batches():
            optimizer.zero_grad()
            F.mse_loss(b(x), y).backward()
            optimizer.step()
    np.testing.assert_array_equal(a.weight.data, b.weight.data)


def test_two_runs_with_one_seed_give_the_same_bits() -> None:
    weights = []
    for _ in range(2):
        model = nn.Sequential(nn.Linear(3, 8, rng=0), nn.Dropout(0.3, rng=1), nn.Linear(8, 1, rng=2))
        quiet(model, DataLoader((X, Y), batch_size=16, shuffle=True, rng=3), epochs=3)
        weights.append(model.state_dict())
    for name, array in weights[0].items():
        np.testing.assert_array_equal(array, weights[1][name])


def test_schedule_and_record() -> None:
    model = nn.Linear(3, 1, rng=0)
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    schedule = optim.CosineSchedule(optimizer, 6)
    history = quiet(model, epochs=2, optimizer=optimizer, schedule=schedule)
    wanted = [0.1 * 0.5 * (1 + np.cos(np.pi * t / 6)) for t in range(6)]
    np.testing.assert_allclose(history.learning_rate, wanted)


def test_a_plateau_schedule_must_look_for_more() -> None:
    """fit's score is better when larger; in mode "min" every success would lower the learning rate."""
    model = nn.Linear(3, 1, rng=0)
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    with pytest.raises(ValueError, match="score is None"):
        quiet(model, optimizer=optimizer, schedule=optim.ReduceLROnPlateau(optimizer, mode="max"))
    with pytest.raises(ValueError, match="mode='min', expected mode='max'"):
        quiet(model, optimizer=optimizer, schedule=optim.ReduceLROnPlateau(optimizer), score=lambda m: 1.0)
    with pytest.raises(TypeError, match="schedule is a int"):
        quiet(model, schedule=3)


def test_clip_bounds_the_step() -> None:
    """With SGD the step is lr times the gradient: no longer than lr * clip."""
    model = nn.Linear(3, 1, rng=0)
    before = model.state_dict()
    quiet(model, [(X * 1000, Y)], clip=0.5)
    moved = np.sqrt(sum(np.sum((p - before[k]) ** 2) for k, p in model.state_dict().items()))
    assert moved == pytest.approx(0.1 * 0.5, rel=1e-3)


def test_modes_and_scores() -> None:
    """The score is taken in evaluation mode once an epoch; training ends in evaluation mode."""
    model = nn.Sequential(nn.Linear(3, 1, rng=0), nn.Dropout(0.5, rng=0))
    seen = []

    def score(m: nn.Module) -> float:
        seen.append(any(part.training for part in m.modules()))
        return 0.25

    history = quiet(model, epochs=3, score=score)
    assert seen == [False] * 3
    assert history.score.tolist() == [0.25] * 3
    assert history.epoch_ends.tolist() == [3, 6, 9]
    assert not model.training


def test_several_inputs() -> None:
    class Sum(nn.Module):
        def __init__(self) -> None:
            self.w = nn.Parameter(np.zeros((1, 1), np.float32))

        def forward(self, a: Any, b: Any) -> Any:
            return (a + b) @ self.w

    model = Sum()
    quiet(model, [(X[:, :1], X[:, 1:2], 3 * (X[:, :1] + X[:, 1:2]))], epochs=100)
    assert model.w.data[0, 0] == pytest.approx(3, abs=1e-2)


def test_a_loss_that_is_not_finite_stops_before_the_weights_are_spoilt() -> None:
    model = nn.Linear(3, 1, rng=0)
    bad = [*batches(), (X[:5] * np.float32("nan"), Y[:5])]
    good = nn.Linear(3, 1, rng=0)
    quiet(good)
    with pytest.raises(FloatingPointError, match=r"nan at step 3.*learning rate"):
        quiet(model, bad)
    np.testing.assert_array_equal(model.weight.data, good.weight.data)


class Naughty(nn.Module):
    """Finite in, infinite out."""

    def forward(self, x: Any) -> Any:
        return x * np.float32(1e38) * np.float32(1e38)


def test_the_first_module_that_is_not_finite_is_named() -> None:
    """Not the outer one that holds it, nor those after it."""
    inner = nn.Sequential(nn.Linear(3, 3, rng=0), Naughty(), nn.Tanh(), nn.ReLU())
    model = nn.Sequential(nn.Linear(3, 3, rng=0), inner, nn.Linear(3, 1, rng=0))
    model[1][2].forward = lambda x: x * 0  # inf * 0 = NaN
    with pytest.raises(FloatingPointError, match=r"at step 0: module '1\.1' \(Naughty\) is the first"):
        quiet(model)


def test_what_else_is_not_finite_is_named() -> None:
    model = nn.Linear(3, 1, rng=0)
    with pytest.raises(FloatingPointError, match=r"at step 1: input 0 of the batch is not finite"):
        quiet(model, [(X, Y), (np.full_like(X, np.inf), Y)])
    with pytest.raises(FloatingPointError, match=r"at step 0: the target of the batch is not finite"):
        quiet(model, [(X, Y * np.nan)])
    with pytest.raises(FloatingPointError, match=r"at step 0: .* in the loss function"):
        training.fit(
            model, [(X, Y)], lambda y, t: (y * 0).sum() / 0, optim.SGD(model.parameters(), lr=0.1), verbose=False
        )
    model.weight.data[0, 1] = np.nan
    with pytest.raises(FloatingPointError, match=r"at step 0: the weight 'weight' was not finite before"):
        quiet(model)


def test_a_gradient_that_is_not_finite_is_stopped_by_clip() -> None:
    """sqrt has an infinite slope at 0, and a loss of 0."""
    model = nn.Linear(3, 1, bias=False, rng=0)
    model.weight.data[:] = 0
    with pytest.raises(FloatingPointError, match=r"gradient is not finite at step 0: the weight 'weight'"):
        training.fit(
            model, [(X, Y)], lambda y, t: y.sqrt().sum(), optim.SGD(model.parameters(), lr=0.1), clip=1, verbose=False
        )
    assert not model.weight.data.any()


def test_a_step_that_fails_leaves_no_trace() -> None:
    """Not even in the running statistics of batch norm, which the forward pass changes."""
    model = nn.Sequential(nn.BatchNorm1d(3), nn.Linear(3, 1, rng=0))
    quiet(model)
    before = model.state_dict()
    with pytest.raises(FloatingPointError):
        quiet(model, [(X * np.nan, Y)])
    for name, array in model.state_dict().items():
        np.testing.assert_array_equal(array, before[name])


def scores(*values: float) -> Any:
    left = list(values)
    return lambda model: left.pop(0)


def test_patience_counts_epochs_without_a_better_score() -> None:
    model = nn.Linear(3, 1, rng=0)
    history = quiet(model, epochs=9, score=scores(0.1, 0.3, 0.2, 0.3, float("nan"), 0.9), patience=3)
    assert len(history.score) == 5  # an equal score is no better one, and NaN is none


def test_the_best_weights_come_back() -> None:
    seen = []
    model = nn.Linear(3, 1, rng=0)
    quiet(
        model,
        epochs=4,
        score=scores(0.1, 0.3, 0.2, 0.1),
        keep_best=True,
        on_epoch=lambda p: seen.append(p.model.state_dict()),
    )
    np.testing.assert_array_equal(model.weight.data, seen[1]["weight"])
    assert (seen[1]["weight"] != seen[3]["weight"]).any()


def test_callbacks_are_told_and_may_stop() -> None:
    steps, epochs = [], []
    model = nn.Linear(3, 1, rng=0)
    quiet(model, epochs=2, on_step=lambda p: steps.append((p.step, p.epoch)), on_epoch=lambda p: epochs.append(p.epoch))
    assert steps == [(1, 0), (2, 0), (3, 0), (4, 1), (5, 1), (6, 1)]
    assert epochs == [1, 2]
    assert len(quiet(model, epochs=9, on_step=lambda p: p.step == 4)) == 4
    assert len(quiet(model, epochs=9, on_epoch=lambda p: p.epoch == 2)) == 6


def test_the_seed_is_the_source_of_all_randomness() -> None:
    """The order of the batches and dropout follow fit's seed, or else manual_seed, whatever was drawn before."""

    def run(before: int = 0, **options: Any) -> np.ndarray:
        nnlite.random.generator().random(before)
        model = nn.Sequential(nn.Linear(3, 8, rng=0), nn.Dropout(0.3), nn.Linear(8, 1, rng=2))
        loader = DataLoader((X, Y), batch_size=16, shuffle=True)
        return quiet(model, loader, epochs=2, **options).loss

    np.testing.assert_array_equal(run(seed=1), run(before=5, seed=1))
    assert (run(seed=1) != run(seed=2)).any()
    nnlite.manual_seed(1)
    np.testing.assert_array_equal(run(), run(seed=1))


def test_what_a_run_draws_is_not_what_made_the_weights() -> None:
    """Seed 0 for both: dropout must not silence just those inputs whose weights are small."""
    first = nnlite.manual_seed(0).random(20)
    drawn = []

    def loss(y: Any, t: Any) -> Any:
        drawn.append(nnlite.random.generator().random(20))
        return F.mse_loss(y, t)

    def score(m: nn.Module) -> float:
        drawn.append(nnlite.random.generator().random(20))
        return 0.0

    model = nn.Linear(3, 1, rng=0)
    training.fit(
        model, batches(), loss, optim.SGD(model.parameters(), lr=0.1), epochs=2, score=score, seed=0, verbose=False
    )
    assert len(np.unique([first, *drawn])) == 20 * (1 + 6 + 2)


def test_randomness_of_a_step_does_not_depend_on_the_steps_before() -> None:
    """Dropout of step 2 silences the same elements, whether steps 0 and 1 drew anything or not."""
    masks = []
    for p in (0.0, 0.5):
        model, drop = nn.Linear(3, 1, rng=0), nn.Dropout(0.5)

        def loss(y: Any, t: Any, p: float = p, drop: nn.Dropout = drop, seen: list[Any] = []) -> Any:  # noqa: B006
            seen.append(None)
            drop.p = 0.5 if len(seen) % 3 == 0 else p
            mask = drop(np.ones(50))
            if len(seen) % 3 == 0:
                masks.append(mask.data)
            return F.mse_loss(y, t)

        training.fit(model, batches(), loss, optim.SGD(model.parameters(), lr=0.1), verbose=False)
        model.eval()
    assert len(masks) == 2
    np.testing.assert_array_equal(masks[0], masks[1])


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"data": iter(())}, ValueError, ["fit", "batches", "empty"]),
        ({"epochs": 0}, ValueError, ["fit", "epochs", "0", ">= 1"]),
        ({"epochs": 1.5}, TypeError, ["fit", "epochs", "1.5", "integer"]),
        ({"clip": -1}, ValueError, ["fit", "clip", "-1"]),
        ({"data": iter(batches()), "epochs": 2}, ValueError, ["fit", "batches", "iterator", "epochs=2"]),
        ({"data": 5}, TypeError, ["fit", "batches", "int"]),
        ({"data": [X]}, TypeError, ["fit", "batch", "ndarray", "tuple"]),
        ({"patience": 2}, ValueError, ["fit", "score", "patience"]),
        ({"patience": 0, "score": len}, ValueError, ["fit", "patience", "0"]),
        ({"keep_best": True}, ValueError, ["fit", "score", "keep_best"]),
        ({"seed": -1}, ValueError, ["fit", "seed", "-1"]),
        ({"checkpoint": "no/such/folder/run"}, FileNotFoundError, ["fit", "checkpoint", "folder"]),
        ({"checkpoint": "."}, IsADirectoryError, ["fit", "checkpoint", "folder"]),
        ({"checkpoint": "run", "checkpoint_every": 0}, ValueError, ["fit", "checkpoint_every", "0"]),
    ],
)
def test_bad_input(options: dict[str, Any], error: type[Exception], words: list[str]) -> None:
    with pytest.raises(error) as caught:
        quiet(nn.Linear(3, 1, rng=0), **options)
    for word in words:
        assert word in str(caught.value)


def test_verbose_shows_a_bar_and_silence_is_silent(capsys: pytest.CaptureFixture[str]) -> None:
    model = nn.Linear(3, 1, rng=0)
    quiet(model)
    assert capsys.readouterr() == ("", "")
    training.fit(model, batches(), F.mse_loss, optim.SGD(model.parameters(), lr=0.1), description="bowls")
    assert "bowls" in capsys.readouterr().err


def test_history_repr_says_what_happened() -> None:
    assert repr(training.History()) == "History(no steps)"
    assert "3 steps" in repr(quiet(nn.Linear(3, 1, rng=0)))


# Prediction and accuracy


@pytest.mark.parametrize("size", [1, 7, 60, 100])
def test_predict_does_not_depend_on_the_batch_size(size: int) -> None:
    model = nn.Sequential(nn.Linear(3, 2, rng=0), nn.Dropout(0.5, rng=0))
    np.testing.assert_allclose(training.predict(model, X, size), model.eval()(X).data, rtol=1e-5)


def test_predict_keeps_the_mode_and_records_nothing() -> None:
    model = nn.Sequential(nn.Linear(3, 2, rng=0), nn.Dropout(0.5, rng=0))
    y = training.predict(model, X)
    assert isinstance(y, np.ndarray)
    assert model.training
    assert model[1].training
    assert training.predict(model, X[:0]).shape == (0, 2)


def test_accuracy() -> None:
    scores = np.array([[0.1, 0.9], [0.8, 0.2], [0.4, 0.6], [0.3, 0.7]])
    assert training.accuracy(scores, np.array([1, 0, 1, 0])) == 0.75
    with pytest.raises(ValueError, match=r"accuracy: labels.*\(3,\).*\(4, 2\)"):
        training.accuracy(scores, np.zeros(3, int))
    with pytest.raises(ValueError, match=r"scores has shape \(0, 2\), expected \(N, C\) with N > 0"):
        training.accuracy(np.zeros((0, 2)), np.zeros(0, int))


# Files of weights


def test_weights_come_back_to_the_bit(tmp_path: Path) -> None:
    a, b = nn.Linear(3, 4, rng=0), nn.Linear(3, 4, rng=1)
    training.save(tmp_path / "w.safetensors", a)
    b.load_state_dict(training.load(tmp_path / "w.safetensors"))
    np.testing.assert_array_equal(a.weight.data, b.weight.data)


@pytest.mark.parametrize(
    "array",
    [
        np.float32(3.5) * np.ones(()),
        np.zeros((0, 3)),
        np.arange(12.0).reshape(3, 4).T,
        np.arange(6)[::2],
        np.ones(2, bool),
    ],
    ids=["no axes", "empty", "transposed", "strided", "booleans"],
)
def test_any_layout_is_saved(tmp_path: Path, array: Any) -> None:
    """safetensors stores raw bytes: a transposed array must not come back scrambled."""
    training.save(str(tmp_path / "w"), {"a": array})
    np.testing.assert_array_equal(training.load(tmp_path / "w")["a"], array, strict=True)


def test_the_file_is_safetensors_that_others_can_read(tmp_path: Path) -> None:
    """Read by hand: eight bytes of length, a JSON header, then the numbers."""
    training.save(tmp_path / "w", nn.Linear(2, 1, rng=0), {"made by": "a test"})
    raw = (tmp_path / "w").read_bytes()
    (length,) = struct.unpack("<Q", raw[:8])
    header = json.loads(raw[8 : 8 + length])
    assert header["__metadata__"].keys() == {"made by", "nnlite", "nnlite.checksums"}
    assert header["__metadata__"]["made by"] == "a test"
    assert header["weight"]["shape"] == [1, 2]
    start, end = header["weight"]["data_offsets"]
    weight = np.frombuffer(raw[8 + length :][start:end], np.float32).reshape(1, 2)
    np.testing.assert_array_equal(weight, nn.Linear(2, 1, rng=0).weight.data)


def test_torch_opens_our_file(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    load_file = pytest.importorskip("safetensors.torch").load_file
    layer = nn.Linear(2, 3, rng=0)
    training.save(tmp_path / "w", layer)
    np.testing.assert_array_equal(load_file(tmp_path / "w")["weight"].numpy(), layer.weight.data)


def test_a_failed_save_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "w"
    training.save(path, {"a": np.ones(2)})
    with pytest.raises(TypeError, match=r"save: b has dtype object"):
        training.save(path, {"a": np.zeros(2), "b": np.array([object()])})

    with pytest.raises(TypeError):
        training.save(path, {"a": np.zeros(2)}, {"words only": 5})  # type: ignore[dict-item]
    np.testing.assert_array_equal(training.load(path)["a"], [1, 1])
    assert [p.name for p in tmp_path.iterdir()] == ["w"]


def test_what_is_no_file_of_weights(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"load: there is no file.*nowhere"):
        training.load(tmp_path / "nowhere")
    training.save(tmp_path / "w", {"a": np.ones(100)})
    whole = (tmp_path / "w").read_bytes()
    for half in (whole[:200], b"", b"text", whole[:8]):
        (tmp_path / "half").write_bytes(half)
        with pytest.raises(ValueError, match=r"load: .*half.*safetensors"):
            training.load(tmp_path / "half")
