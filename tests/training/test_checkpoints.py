"""A run that stops and is started again ends with the bits of one that never stopped."""

from __future__ import annotations

import json
import math
import os
import signal
import struct
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nnlite
from nnlite import functional as F
from nnlite import nn, optim, training
from nnlite.data import DataLoader
from nnlite.training import checkpoint as checkpoints

rng = np.random.default_rng(0)
X = rng.standard_normal((40, 3)).astype(np.float32)
Y = np.sin(X.sum(1, keepdims=True)).astype(np.float32)


class Average:
    """A running average of the weights: state that neither model nor optimizer knows."""

    def __init__(self, model: nn.Module) -> None:
        self.weights = model.state_dict()

    def update(self, progress: training.Progress) -> None:
        for name, array in progress.model.state_dict().items():
            self.weights[name] = 0.9 * self.weights[name] + 0.1 * array

    def state_dict(self) -> dict[str, Any]:
        return self.weights

    def load_state_dict(self, saved: dict[str, Any]) -> None:
        self.weights = saved


class Stream:
    """A random walk, drawn anew in every pass from the library's own source of randomness."""

    def __iter__(self) -> Any:
        x = np.zeros((5, 3), np.float32)
        for _ in range(4):
            x = x + nnlite.random.generator().standard_normal((5, 3)).astype(np.float32)
            yield x, x.sum(1, keepdims=True)


class Stop:
    """Raises KeyboardInterrupt in one place. Loss and score hide what they know of it."""

    def __init__(self, place: str, at: int) -> None:
        self._place, self._at, self._count = place, at, 0

    def __call__(self, place: str) -> None:
        if place == self._place:
            self._count += 1
            if self._count == self._at + 1:
                raise KeyboardInterrupt


def everything(
    path: Path | bytes | None, stop: str = "", at: int = -1, data: Any = None, epochs: int = 3, **options: Any
) -> Any:
    """Train with all that has a state, and raise KeyboardInterrupt in one of several places; return what came out."""
    here = Stop(stop, at)
    model = nn.Sequential(
        nn.Linear(3, 8, rng=0), nn.BatchNorm1d(8), nn.Dropout(0.2), nn.Dropout(0.2, rng=5), nn.Linear(8, 1, rng=1)
    )
    optimizer = options.pop("optimizer", optim.AdamW)(model.parameters(), lr=options.pop("lr", 0.01))
    schedule = optim.CosineSchedule(optimizer, 15, warmup_steps=2) if options.pop("schedule", True) else None
    average = Average(model)

    def loss(y: Any, t: Any) -> Any:
        here("forward")
        return F.mse_loss(y, t)

    def score(m: nn.Module) -> float:
        here("score")
        return -abs(float(F.mse_loss(m(X), Y).item()) - 0.7)  # the best one is neither the first nor the last

    def on_step(progress: training.Progress) -> None:
        average.update(progress)
        here("on_step")

    if data is None:
        data = DataLoader((X, Y), 8, shuffle=True)
    error = None
    history = None
    try:
        history = training.fit(
            model, data, loss, optimizer, epochs=epochs, schedule=schedule, clip=1.0, score=score, keep_best=True,
            on_step=on_step, checkpoint=path, extra={"average": average},
            **{"verbose": False, "checkpoint_every": 2, **options},
        )  # fmt: skip
    except KeyboardInterrupt as interrupt:
        error = interrupt
    weights = {**model.state_dict(), **{f"average {k}": v for k, v in average.weights.items()}}
    return weights, history, error


def same(a: Any, b: Any) -> None:
    for name in a[0]:
        np.testing.assert_array_equal(a[0][name], b[0][name], err_msg=name)
    for name, array in a[1].state_dict().items():
        np.testing.assert_array_equal(array, b[1].state_dict()[name], err_msg=name)


@pytest.mark.parametrize(
    ("stop", "at"),
    [
        ("forward", 0),
        ("forward", 4),
        ("forward", 7),
        ("on_step", 0),
        ("on_step", 4),
        ("on_step", 11),
        ("score", 0),
        ("score", 1),
    ],
)
def test_stopped_anywhere_and_started_again_gives_the_same_bits(tmp_path: Path, stop: str, at: int) -> None:
    whole = everything(None)
    assert everything(tmp_path / "run", stop, at)[2] is not None
    same(everything(tmp_path / "run"), whole)


def test_stopped_again_and_again(tmp_path: Path) -> None:
    whole = everything(None)
    for _ in range(8):
        everything(tmp_path / "run", "on_step", 1)
    same(everything(tmp_path / "run"), whole)


@pytest.mark.parametrize(
    "data", [Stream(), [(X[:9], Y[:9]), (X[9:20], Y[9:20]), (X[20:], Y[20:])]], ids=["stream", "list"]
)
def test_other_batches_than_a_loader(tmp_path: Path, data: Any) -> None:
    whole = everything(None, data=data)
    assert everything(tmp_path / "run", "on_step", 5, data=data)[2] is not None
    same(everything(tmp_path / "run", data=data), whole)


def test_a_checkpoint_in_the_middle_is_enough(tmp_path: Path) -> None:
    """As after a pulled plug: the file is older than the last step."""
    whole = everything(None)
    copies = []

    def copy(progress: Any) -> None:
        copies.append((tmp_path / "run").read_bytes())

    everything(tmp_path / "run", on_epoch=copy)
    for content in copies:
        (tmp_path / "run").write_bytes(content)
        same(everything(tmp_path / "run"), whole)


def test_the_kernels_and_the_formulas_both_resume(tmp_path: Path, both_ways: bool) -> None:
    whole = everything(None)
    everything(tmp_path / "run", "on_step", 6)
    same(everything(tmp_path / "run"), whole)


def test_a_run_that_is_done_is_not_done_again(tmp_path: Path) -> None:
    whole = everything(tmp_path / "run")
    again = everything(tmp_path / "run", "forward", 0)  # would raise at the first step
    assert again[2] is None
    same(again, whole)


def test_more_epochs_go_on(tmp_path: Path) -> None:
    everything(tmp_path / "run", epochs=2)
    same(everything(tmp_path / "run", epochs=3), everything(None, epochs=3))


def test_a_plateau_schedule_resumes(tmp_path: Path) -> None:
    def run(path: Path | None, stop: int = 99) -> Any:
        def on_epoch(progress: training.Progress) -> None:
            if progress.epoch == stop:
                raise KeyboardInterrupt

        model = nn.Linear(3, 1, rng=0)
        optimizer = optim.SGD(model.parameters(), lr=0.1)
        schedule = optim.ReduceLROnPlateau(optimizer, mode="max", factor=0.5, patience=1)
        return training.fit(
            model, [(X, Y)], F.mse_loss, optimizer, epochs=9, schedule=schedule, score=lambda m: 1.0,
            on_epoch=on_epoch, checkpoint=path, verbose=False,
        )  # fmt: skip

    wanted = [0.1] * 3 + [0.05] * 2 + [0.025] * 2 + [0.0125] * 2
    np.testing.assert_allclose(run(None).learning_rate, wanted)
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "run", stop=4)
    np.testing.assert_allclose(run(tmp_path / "run").learning_rate, wanted)


def test_patience_is_remembered(tmp_path: Path) -> None:
    def run(path: Path | None, stop: int = -1) -> int:
        model = nn.Linear(3, 1, rng=0)
        here = Stop("score", stop - 1)

        def score(m: nn.Module) -> float:
            here("score")
            return 0.5

        optimizer = optim.SGD(model.parameters(), lr=0.1)
        options: Any = {"verbose": False, "checkpoint": path, "score": score, "patience": 4, "epochs": 20}
        return len(training.fit(model, [(X, Y)], F.mse_loss, optimizer, **options))

    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "run", stop=3)
    assert run(tmp_path / "run") == 5
    assert run(tmp_path / "run") == 5


@pytest.fixture
def listening() -> Iterator[None]:
    """Ctrl-C raises KeyboardInterrupt as usual, also where whoever started the tests ignores it."""
    if threading.current_thread() is not threading.main_thread():
        pytest.skip("only the main thread receives signals")
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_ctrl_c_leaves_a_whole_step_and_a_checkpoint(tmp_path: Path, listening: None) -> None:
    """A real signal, in the middle of the optimizer's step: it waits until all weights are changed."""

    class Interrupted(optim.SGD):
        def step(self) -> None:
            super().step()
            if int(fitted.weight.version) == 3:
                os.kill(os.getpid(), signal.SIGINT)
                for _ in range(1000):
                    pass  # the handler has run by now
            after.append(fitted.weight.data.copy())

    after: list[Any] = []
    fitted = nn.Linear(3, 1, rng=0)
    handler = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        training.fit(
            fitted, [(X, Y)] * 9, F.mse_loss, Interrupted(fitted.parameters(), lr=0.1),
            checkpoint=tmp_path / "run", verbose=False,
        )  # fmt: skip
    assert len(after) == 3
    assert not fitted.training
    assert signal.getsignal(signal.SIGINT) is handler
    saved = checkpoints.read(tmp_path / "run")
    assert saved["position"]["step"] == 3
    np.testing.assert_array_equal(saved["model"]["weight"], after[-1])


def test_ctrl_c_comes_at_once_outside_a_step(listening: None) -> None:
    """A long score can be interrupted."""
    reached = []

    def score(m: nn.Module) -> float:
        os.kill(os.getpid(), signal.SIGINT)
        for _ in range(1000):
            pass
        reached.append(True)
        return 0.0

    model = nn.Linear(3, 1, rng=0)
    with pytest.raises(KeyboardInterrupt):
        training.fit(model, [(X, Y)], F.mse_loss, optim.SGD(model.parameters(), lr=0.1), score=score, verbose=False)
    assert not reached


# What is in the file


def test_a_tree_comes_back_as_it_was(tmp_path: Path) -> None:
    tree = {
        "a": [1, 2.5, None, True, "word", (1, (2,))],
        "b": {0: {"m": np.arange(6.0).reshape(2, 3).T, "step": 3}, 1: {}},
        "a/b": np.float32(0.1),
        "a": {"b": np.ones((0, 2), np.int64), "b/c": np.zeros(()), "b": np.array([True])},  # noqa: F601
        "numbers": [math.inf, -math.inf, 1e-320, 2**100, -(2**70), 0.1 + 0.2],
        "empty": [{}, [], ()],
    }
    checkpoints.write(tmp_path / "run", tree)
    back = checkpoints.read(tmp_path / "run")

    def equal(a: Any, b: Any) -> None:
        assert type(a) is type(b)
        if isinstance(a, dict):
            assert list(a) == list(b)
            for key in a:
                equal(a[key], b[key])
        elif isinstance(a, list | tuple):
            assert len(a) == len(b)
            for x, y in zip(a, b):
                equal(x, y)
        else:
            np.testing.assert_array_equal(a, b, strict=True)

    equal(back, tree)
    checkpoints.write(tmp_path / "run", {"nan": math.nan})
    assert math.isnan(checkpoints.read(tmp_path / "run")["nan"])


def test_what_a_tree_cannot_hold(tmp_path: Path) -> None:
    checkpoints.write(tmp_path / "run", {"a": 1})
    for wrong in ({"x": object()}, {"x": np.array([object()])}, {"x": 1j}, {(1, 2): 3}, {True: 3}):
        with pytest.raises(TypeError, match="checkpoint"):
            checkpoints.write(tmp_path / "run", wrong)
    assert checkpoints.read(tmp_path / "run") == {"a": 1}
    assert [p.name for p in tmp_path.iterdir()] == ["run"]


def test_any_framework_opens_it_and_nothing_is_pickled(tmp_path: Path) -> None:
    everything(tmp_path / "run")
    raw = (tmp_path / "run").read_bytes()
    (length,) = struct.unpack("<Q", raw[:8])
    header = json.loads(raw[8 : 8 + length])
    assert {"model/0.weight", "optimizer/state/0/exp_avg", "history/loss"} <= header.keys()
    assert header["__metadata__"]["nnlite"] == "checkpoint"
    json.loads(header["__metadata__"]["tree"])


# Files that will not do


def refused(path: Path, words: list[str], **options: Any) -> None:
    before = path.read_bytes()
    with pytest.raises(ValueError) as caught:
        everything(path, **options)
    for word in ["checkpoint", *words]:
        assert word in str(caught.value)
    assert path.read_bytes() == before


def test_a_truncated_file(tmp_path: Path) -> None:
    everything(tmp_path / "run", epochs=1)
    whole = (tmp_path / "run").read_bytes()
    for size in (0, 7, 8, 100, len(whole) // 2, len(whole) - 1):
        (tmp_path / "run").write_bytes(whole[:size])
        refused(tmp_path / "run", ["not a whole safetensors file", "delete it"])


def test_a_foreign_or_newer_or_damaged_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "run"
    path.write_text("a shopping list")
    refused(path, ["not a whole safetensors file"])
    training.save(path, nn.Linear(2, 2, rng=0), {"made by": "someone"})
    refused(path, ["not a checkpoint of nnlite"])
    checkpoints.write(path, {"step": 3})
    refused(path, ["damaged", "missing"])
    monkeypatch.setattr(checkpoints, "FORMAT", 3)
    checkpoints.write(path, {"step": 3})
    monkeypatch.undo()
    refused(path, ["newer nnlite", "format is 3", "up to 2"])


@pytest.mark.parametrize(
    ("first", "then", "words"),
    [
        ({}, {"optimizer": optim.SGD}, ["the optimizer is 'AdamW' in the checkpoint, 'SGD' here"]),
        ({}, {"lr": 0.02}, ["initial_lr is 0.01 in the checkpoint, 0.02 here"]),
        ({"schedule": False}, {"schedule": False, "lr": 0.02}, ["the learning rate is 0.01 in the checkpoint, 0.02"]),
        ({}, {"schedule": False, "lr": 0.005}, ["the schedule is 'CosineSchedule' in the checkpoint, None here"]),
        ({}, {"data": [(X, Y)]}, ["the number of batches is 5 in the checkpoint, 1 here"]),
        ({"seed": 3}, {"seed": 4}, ["the seed is 3 in the checkpoint, 4 here"]),
        ({}, {"epochs": 1}, ["gone through 3 epochs", "epochs=1"]),
    ],
)
def test_another_run(tmp_path: Path, first: Any, then: Any, words: list[str]) -> None:
    everything(tmp_path / "run", **first)
    refused(tmp_path / "run", words, **then)


def test_an_option_of_the_optimizer(tmp_path: Path) -> None:
    everything(tmp_path / "run")
    refused(
        tmp_path / "run", ["weight_decay is 0.01 in the checkpoint, 0.5 here"],
        optimizer=lambda p, lr: optim.AdamW(p, lr=lr, weight_decay=0.5),
    )  # fmt: skip


def fit_one(path: Path, model: nn.Module, **options: Any) -> training.History:
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    return training.fit(model, [(X, Y)], F.mse_loss, optimizer, checkpoint=path, verbose=False, **options)


def test_another_model(tmp_path: Path) -> None:
    path = tmp_path / "run"
    fit_one(path, nn.Linear(3, 1, rng=0))
    with pytest.raises(ValueError, match=r"\['bias'\] not in the model"):
        fit_one(path, nn.Linear(3, 1, bias=False, rng=0))
    with pytest.raises(ValueError, match=r"'weight' has shape \(1, 3\) in the checkpoint, \(4, 3\) here"):
        fit_one(path, nn.Linear(3, 4, rng=0))
    double = nn.Linear(3, 1, rng=0)
    for p in double.parameters():
        p.data = p.data.astype(np.float64)
    with pytest.raises(ValueError, match=r"'weight' has dtype float32 in the checkpoint, float64 here"):
        fit_one(path, double)


def test_another_number_of_threads_and_another_switch(tmp_path: Path) -> None:
    path, threads = tmp_path / "run", nnlite.get_num_threads()
    fit_one(path, nn.Linear(3, 1, rng=0))
    try:
        nnlite.set_num_threads(threads + 1)
        with pytest.raises(ValueError, match=rf"threads .*is {threads} in the checkpoint, {threads + 1} here"):
            fit_one(path, nn.Linear(3, 1, rng=0))
    finally:
        nnlite.set_num_threads(threads)
    if nnlite.kernels_enabled():
        with nnlite.use_kernels(False), pytest.raises(ValueError, match=r"kernels .*is True in the checkpoint, False"):
            fit_one(path, nn.Linear(3, 1, rng=0))


def test_what_does_not_fit_changes_nothing(tmp_path: Path) -> None:
    fit_one(tmp_path / "run", nn.Linear(3, 1, rng=0))
    model = nn.Linear(3, 1, rng=7)
    before = model.state_dict()
    with pytest.raises(ValueError, match="optimizer"):
        training.fit(
            model, [(X, Y)], F.mse_loss, optim.Adam(model.parameters()), checkpoint=tmp_path / "run", verbose=False
        )
    for name, array in model.state_dict().items():
        np.testing.assert_array_equal(array, before[name])


def test_an_iterator_cannot_be_resumed(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"batches is an iterator .*only once.*checkpoint="):
        everything(tmp_path / "run", data=iter([(X, Y)]))
    assert not list(tmp_path.iterdir())


def test_fewer_batches_than_before(tmp_path: Path) -> None:
    """A stream has no length; that it has become shorter is seen when the batches are gone through again."""

    class Counted:
        def __init__(self, n: int) -> None:
            self.n = n

        def __iter__(self) -> Any:
            return iter([(X, Y)] * self.n)

    everything(tmp_path / "run", "on_step", 4, data=Counted(6))
    refused(tmp_path / "run", ["gives 2 batches in epoch 0", "gone through 5"], data=Counted(2))


def test_what_killed_processes_left_behind_is_removed(tmp_path: Path) -> None:
    (tmp_path / ".run.77-0123abcd.tmp").write_text("half")
    (tmp_path / ".other.77-0123abcd.tmp").write_text("not ours")
    everything(tmp_path / "run", epochs=1)
    assert sorted(p.name for p in tmp_path.iterdir()) == [".other.77-0123abcd.tmp", "run"]


def test_a_run_keeps_away_from_what_other_runs_are_writing(tmp_path: Path) -> None:
    others = [".run.best.77-0123abcd.tmp", ".run.1.77-0123abcd.tmp", ".run.notes.tmp", "run.77-0123abcd.tmp"]
    for name in others:
        (tmp_path / name).touch()
    everything(tmp_path / "run", epochs=1)
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted([*others, "run"])


@pytest.mark.skipif(os.name == "nt", reason="symbolic links need a permission on Windows")
def test_leftovers_lie_beside_the_file_that_a_link_leads_to(tmp_path: Path) -> None:
    (tmp_path / "far").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "far" / "run")
    (tmp_path / "far" / ".run.77-0123abcd.tmp").touch()
    (tmp_path / ".link.77-0123abcd.tmp").touch()
    everything(tmp_path / "link", epochs=1)
    assert [p.name for p in (tmp_path / "far").iterdir()] == ["run"]
    assert (tmp_path / ".link.77-0123abcd.tmp").exists()


def test_a_callback_that_changes_the_folder_does_not_move_the_checkpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path)
    everything(Path("run"), epochs=1, on_epoch=lambda _: os.chdir(tmp_path / "elsewhere"))
    assert sorted(p.name for p in tmp_path.iterdir()) == ["elsewhere", "run"]
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_path_in_bytes_and_a_name_that_is_too_long(tmp_path: Path) -> None:
    everything(os.fsencode(tmp_path / "run"), epochs=1)
    assert [p.name for p in tmp_path.iterdir()] == ["run"]
    with pytest.raises(ValueError, match="a name of 240 bytes, expected at most 200: files beside it have longer"):
        everything(tmp_path / ("n" * 240), epochs=1)
    with pytest.raises(ValueError, match="a name of 300 bytes"):
        everything(tmp_path / ("n" * 300), epochs=1)


def test_checkpoint_every_so_many_steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    steps = []
    monkeypatch.setattr(checkpoints, "write", lambda path, tree: steps.append(tree["position"]["step"]))
    everything(tmp_path / "run", checkpoint_every=4)
    assert steps == [0, 4, 8, 12, 15]
    steps.clear()
    everything(tmp_path / "run", checkpoint_every=None)
    assert steps == [0, 15]
    monkeypatch.setattr(training.resume, "SECONDS", 0.0)
    steps.clear()
    everything(tmp_path / "run", checkpoint_every=None)
    assert len(steps) == 17
