"""The training loop, metrics, and files of weights."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest

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
    assert history.score == [0.25] * 3
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


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"data": iter(())}, ValueError, ["fit", "batches", "empty"]),
        ({"epochs": 0}, ValueError, ["fit", "epochs", "0", ">= 1"]),
        ({"epochs": 1.5}, TypeError, ["fit", "epochs", "1.5", "integer"]),
        ({"clip": -1}, ValueError, ["fit", "clip", "-1"]),
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
    with pytest.raises(ValueError, match="empty"):
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
    assert header["__metadata__"] == {"made by": "a test"}
    assert header["weight"]["shape"] == [1, 2]
    start, end = header["weight"]["data_offsets"]
    weight = np.frombuffer(raw[8 + length :][start:end], np.float32).reshape(1, 2)
    np.testing.assert_array_equal(weight, nn.Linear(2, 1, rng=0).weight.data)


def test_torch_opens_our_file(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    from safetensors.torch import load_file

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
