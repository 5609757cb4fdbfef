"""The checkpoint of a run: when it is written, and whether one that is there may be gone on from.

Everything that would change the bits is compared, and named where it differs, before anything is loaded.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sized
from pathlib import Path
from typing import Any

from nnlite.kernels import get_num_threads, kernels_enabled
from nnlite.training import checkpoint as checkpoints
from nnlite.training.run import Run

SECONDS = 30.0  # between two checkpoints, if not said otherwise

#: what an optimizer or a schedule changes while it runs
CHANGING = {"lr", "steps", "step", "t"}


class CheckpointFile:
    """The file that a run is saved in.

    Parameters
    ----------
    path
        The file; its folder must exist.
    every
        The number of steps between two writes; None for one about every 30 seconds.
    run
        The run that is saved.
    """

    def __init__(self, path: str | os.PathLike[str], every: int | None, run: Run) -> None:
        self.path = Path(path)
        if not self.path.parent.is_dir():
            raise FileNotFoundError(
                f"fit: checkpoint is {str(path)!r}, but there is no folder {str(self.path.parent)!r}"
            )
        if self.path.is_dir():
            raise IsADirectoryError(f"fit: checkpoint is {str(path)!r}, a folder; expected a file")
        self.every, self.run = every, run
        self.began = hyperparameters(run)
        self.saved_step, self.saved_at = -1, 0.0

    def open(self, epochs: int, seed_given: bool) -> None:
        """Go on from the file if there is one, else write the first."""
        checkpoints.remove_leftovers(self.path)
        if not self.path.exists():
            self.save()
            return
        saved = checkpoints.read(self.path)
        if not isinstance(saved, dict) or {"began", *self.run.state_dict()} - saved.keys():
            raise ValueError(f"fit: checkpoint {str(self.path)!r} is damaged: parts of it are missing")
        found = differences(self.run, saved, epochs, seed_given)
        if found:
            raise ValueError(
                f"fit: checkpoint {str(self.path)!r} belongs to another run: {'; '.join(found)}. "
                "Call fit as before, or delete the file to begin anew"
            )
        self.began = saved["began"]
        self.run.load_state_dict(saved)
        self.saved_step, self.saved_at = self.run.step, time.monotonic()

    def save_if_due(self) -> None:
        """Write if enough steps have been taken, or enough time has passed."""
        if self.every is None:
            due = time.monotonic() - self.saved_at > SECONDS
        else:
            due = self.run.step - self.saved_step >= self.every
        if due:
            self.save()

    def save(self) -> None:
        """Write the checkpoint; Ctrl-C waits until it is whole."""
        with self.run.uninterrupted:
            checkpoints.write(self.path, {"began": self.began, **self.run.state_dict()})
            self.saved_step, self.saved_at = self.run.step, time.monotonic()


def hyperparameters(run: Run) -> dict[str, Any]:
    """Return what a run begins with and keeps: kinds, shapes, numbers that never change, and the machine's switches."""
    schedule = run.schedule
    return {
        "the optimizer": type(run.optimizer).__name__,
        "the optimizer's parameters": [list(p.shape) for p in run.optimizer.params],
        "optimizer": dict(_constants(run.optimizer.state_dict())),
        "the learning rate": run.optimizer.lr,
        "the schedule": None if schedule is None else type(schedule).__name__,
        "schedule": {} if schedule is None else dict(_constants(schedule.state_dict())),
        "the number of batches": len(run.batches) if isinstance(run.batches, Sized) else None,
        "the number of threads (nnlite.set_num_threads)": get_num_threads(),
        "the use of kernels (nnlite.use_kernels)": kernels_enabled(),
        "extra": sorted(run.extra),
        "the generators in the model": sorted(run.generators.state_dict()),
    }


def differences(run: Run, saved: dict[str, Any], epochs: int, seed_given: bool) -> list[str]:
    """Return what differs between a checkpoint and a run, in words; nothing if the run may go on from it."""
    there, here = saved["began"], hyperparameters(run)
    found = list(_of_weights(saved["model"], run.model.state_dict()))
    for name, value in here.items():
        if name in {"optimizer", "schedule"}:
            if there[f"the {name}"] != here[f"the {name}"]:
                continue
            now = dict(_constants(saved[name]))  # fit may be called again with the objects of the run that stopped
            for key in sorted(value.keys() | there[name].keys()):
                if value.get(key) not in (there[name].get(key), now.get(key)):
                    found.append(_differs(f"the {name}'s {key}", there[name].get(key), value.get(key)))
        elif name == "the learning rate":
            if value not in {there[name], *saved["history"]["learning_rate"].tolist(), *_rates(saved["optimizer"])}:
                found.append(_differs(name, there[name], value))
        elif there[name] != value:
            found.append(_differs(name, there[name], value))
    if seed_given and saved["seed"] != run.seed:
        found.append(_differs("the seed", saved["seed"], run.seed))
    if saved["position"]["epoch"] > epochs:
        found.append(f"it has gone through {saved['position']['epoch']} epochs, here epochs={epochs}")
    return found


def _differs(name: str, there: Any, here: Any) -> str:
    return f"{name} is {there!r} in the checkpoint, {here!r} here"


def _of_weights(there: dict[str, Any], here: dict[str, Any]) -> Iterator[str]:
    missing, unknown = sorted(here.keys() - there.keys()), sorted(there.keys() - here.keys())
    if missing or unknown:
        yield f"the model's weights differ: {missing} are not in the checkpoint, {unknown} not in the model"
    for name in sorted(here.keys() & there.keys()):
        for what in ("shape", "dtype"):
            a, b = getattr(there[name], what), getattr(here[name], what)
            if a != b:
                yield f"the weight {name!r} has {what} {a} in the checkpoint, {b} here"


def _constants(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the numbers and words of a state that stay as they were, by their path; the arrays change."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list | tuple) else None
    if items is None:
        if value is None or isinstance(value, bool | int | float | str):
            yield path, value
        return
    for key, item in items:
        if key != "state" and key not in CHANGING:
            yield from _constants(item, f"{path}.{key}" if path else str(key))


def _rates(state: Any) -> Iterator[float]:
    """Yield every learning rate in the state of an optimizer."""
    if isinstance(state, dict):
        for key, item in state.items():
            if key == "lr":
                yield item
            else:
                yield from _rates(item)
    elif isinstance(state, list | tuple):
        for item in state:
            yield from _rates(item)
