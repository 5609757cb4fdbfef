"""The checkpoint of a run: when it is written, and whether one that is there may be gone on from.

Everything that would change the bits is compared, and named where it differs, before anything is loaded.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nnlite.files import locked
from nnlite.optim import Schedule
from nnlite.training import checkpoint as checkpoints
from nnlite.training import facts
from nnlite.training.run import Run

SECONDS = 30.0  # between two checkpoints, if not said otherwise
PATIENCE = 1.0  # seconds to wait for a process that is just being killed

#: without these being as they were, the checkpoint cannot be loaded at all
NEEDED = ("the optimizer", "the optimizer's parameters", "the schedule", "extra", "the generators in the model")

_SHOWN = 3  # differences that a message names


class CheckpointFile:
    """The file that a run is saved in; one run at a time has it.

    Parameters
    ----------
    path
        The file; its folder must exist.
    every
        The number of steps between two writes; None for one about every 30 seconds.
    run
        The run that is saved.
    epochs
        How many epochs it is to have.
    """

    def __init__(self, path: str | os.PathLike[str], every: int | None, run: Run, epochs: int) -> None:
        self.path = Path(path)
        if not self.path.parent.is_dir():
            raise FileNotFoundError(
                f"fit: checkpoint is {str(path)!r}, but there is no folder {str(self.path.parent)!r}"
            )
        if self.path.is_dir():
            raise IsADirectoryError(f"fit: checkpoint is {str(path)!r}, a folder; expected a file")
        if self.path.exists() and not self.path.is_file():
            raise ValueError(f"fit: checkpoint is {str(path)!r}, a pipe, a device or the like; expected a file")
        self.every, self.run, self.epochs = every, run, epochs
        self._data = {"the data": facts.of_data(run.batches)}
        self.began = self.facts()
        self.saved_step, self.saved_at = -1, 0.0

    def facts(self) -> dict[str, Any]:
        """Return what decides the bits of the run; of the data, what was so at the start."""
        return {**facts.of_run(self.run), **self._data, "epochs": self.epochs}

    @contextlib.contextmanager
    def opened(self, seed_given: bool, anyway: bool) -> Iterator[None]:
        """Go on from the file if there is one, else write the first; no other run has it while the block runs."""
        with contextlib.ExitStack() as stack:
            try:
                stack.enter_context(locked(self.path, wait=PATIENCE))
            except BlockingIOError:
                raise BlockingIOError(
                    f"fit: checkpoint {str(self.path)!r} is in use by another training; "
                    "wait for its end, or give this one a file of its own"
                ) from None
            checkpoints.remove_leftovers(self.path)  # whoever wrote them is dead, or this lock were not ours
            if self.path.exists():
                self._resume(seed_given, anyway)
            else:
                self.save()
            yield

    def _resume(self, seed_given: bool, anyway: bool) -> None:
        saved = checkpoints.read(self.path)
        if not isinstance(saved, dict) or {"began", *self.run.state_dict()} - saved.keys():
            raise ValueError(f"fit: checkpoint {str(self.path)!r} is damaged: parts of it are missing")
        here = self.facts()
        impossible = [*_of_weights(saved["model"], self.run.model.state_dict()), *_of_facts(saved, here, NEEDED)]
        other = [*_of_position(saved, self.run, here, seed_given)]
        other += _of_facts(saved, here, [name for name in here if name not in (*NEEDED, "the learning rate", "epochs")])
        if impossible or (other and not anyway):
            found = [*impossible, *other]
            more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
            advice = "" if impossible else ', pass resume="anyway" to go on all the same'
            raise ValueError(
                f"fit: checkpoint {str(self.path)!r} belongs to another run: {'; '.join(found[:_SHOWN])}{more}. "
                f"Call fit as before{advice}, or delete the file to begin anew"
            )
        if other:
            self._load_with_own_options(saved, seed_given)
        else:
            self.began = saved["began"]
            self.run.load_state_dict(saved)
        self.saved_step, self.saved_at = self.run.step, time.monotonic()

    def _load_with_own_options(self, saved: dict[str, Any], seed_given: bool) -> None:
        """Load weights, moments and counters; the options that differ from those of the start stay as they are here."""
        run = self.run
        groups = [{k: v for k, v in group.items() if k != "params"} for group in run.optimizer.param_groups]
        began = saved["began"].get("the optimizer's options") or [{} for _ in groups]
        seed, rate_is_new = run.seed, run.optimizer.lr not in _rates_of(saved)
        run.load_state_dict(saved)
        if seed_given:
            run.seed = seed
        for group, own, first in zip(run.optimizer.param_groups, groups, began):
            for key, value in own.items():
                if (key == "lr" and rate_is_new) or (
                    key not in facts.CHANGING and facts.described(value) != first.get(key)
                ):
                    group[key] = value
        if isinstance(run.schedule, Schedule):
            run.schedule.apply(run.schedule.t)

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
            tree = {"began": self.began, "now": self.facts(), **self.run.state_dict()}
            checkpoints.write(self.path, tree)
            self.saved_step, self.saved_at = self.run.step, time.monotonic()


def _of_facts(saved: dict[str, Any], here: dict[str, Any], names: Any) -> Iterator[str]:
    """Say in words where a run is neither as at its start nor as when it was saved.

    The latter is so where fit is called again with the very objects of the run that stopped.
    """
    began, now = saved["began"], saved.get("now", saved["began"])
    for name in names:
        value = here[name]
        if name == "the optimizer's options" and here["the optimizer"] != began.get("the optimizer"):
            continue
        if name == "the schedule's options" and here["the schedule"] != began.get("the schedule"):
            continue
        still = {place for place, _, _ in facts.differing(now.get(name), value, name)}
        for place, a, b in facts.differing(began.get(name), value, name):
            if place in still:
                yield _differs(place, a, b)


def _of_position(saved: dict[str, Any], run: Run, here: dict[str, Any], seed_given: bool) -> Iterator[str]:
    """Say where the learning rate, the seed or the number of epochs is another; more epochs than before are welcome."""
    if run.optimizer.lr not in _rates_of(saved):
        yield _differs("the learning rate", saved["began"].get("the learning rate"), run.optimizer.lr)
    if seed_given and saved["seed"] != run.seed:
        yield _differs("the seed", saved["seed"], run.seed)
    position, before = saved["position"], saved.get("now", {}).get("epochs") or 0
    if position["epoch"] + (position["batch"] > 0) > here["epochs"]:
        part = f" and {position['batch']} batches" if position["batch"] else ""
        yield f"it has gone through {position['epoch']} epochs{part}, here epochs={here['epochs']}"
    elif here["epochs"] < before:
        yield _differs("epochs", before, here["epochs"])


def _rates_of(saved: dict[str, Any]) -> set[float]:
    """Every learning rate that the run has had."""
    rates = {saved["began"].get("the learning rate"), *saved["history"]["learning_rate"].tolist()}
    return rates | {group["lr"] for group in saved["optimizer"]["param_groups"]}


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
