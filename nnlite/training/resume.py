"""The checkpoint of a run: when it is written, and whether one that is there may be gone on from.

What can be seen of all that decides the bits is compared, and named where it differs, before anything is loaded.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from nnlite.files import locked, remove_leftovers
from nnlite.optim import Schedule
from nnlite.training import checkpoint as checkpoints
from nnlite.training import facts
from nnlite.training.run import Run

SECONDS = 30.0  # between two checkpoints, if not said otherwise
WAIT_FOR_LOCK = 1.0  # seconds, for a process that is just being killed

#: without these being as they were, the checkpoint cannot be loaded at all
NEEDED = ("the optimizer", "the optimizer's parameters", "the schedule")

_SHOWN = 3  # differences that a message names
_WIDEST = 80  # letters of a value in it
_LONGEST_NAME = 200  # bytes; most systems take 255, and the temporary file's name is up to 30 longer


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
        self.path = Path(os.fsdecode(path)).absolute()  # callbacks may change the folder
        length = len(os.fsencode(self.path.name))
        if length > _LONGEST_NAME:
            raise ValueError(
                f"fit: checkpoint has a name of {length} bytes, expected at most {_LONGEST_NAME}: "
                "files beside it have longer ones"
            )
        if not self.path.parent.is_dir():
            raise FileNotFoundError(
                f"fit: checkpoint is {os.fsdecode(path)!r}, but there is no folder {str(self.path.parent)!r}"
            )
        if self.path.is_dir():
            raise IsADirectoryError(f"fit: checkpoint is {os.fsdecode(path)!r}, a folder; expected a file")
        if self.path.exists() and not self.path.is_file():
            raise ValueError(f"fit: checkpoint is {os.fsdecode(path)!r}, a pipe, a device or the like; expected a file")
        self.every, self.run, self.epochs = every, run, epochs
        self._data = {"the data": facts.of_data(run.batches)}
        self.began = self.what_decides()
        self.saved_step, self.saved_at = -1, 0.0

    def what_decides(self) -> dict[str, Any]:
        """Return what decides the bits of the run; of the data, what was so at the start."""
        return {**facts.of_run(self.run), **self._data, "epochs": self.epochs}

    @contextlib.contextmanager
    def opened(self, seed_given: bool, anyway: bool) -> Iterator[None]:
        """Go on from the file if there is one, else write the first; no other run has it while the block runs."""
        with contextlib.ExitStack() as stack:
            try:
                stack.enter_context(locked(self.path, wait=WAIT_FOR_LOCK))
            except BlockingIOError:
                raise BlockingIOError(
                    f"fit: checkpoint {str(self.path)!r} is in use by another training; "
                    "wait for its end, or give this one a file of its own"
                ) from None
            remove_leftovers(self.path)  # who wrote them is dead, otherwise the lock would not be ours
            if self.path.exists():
                self._resume(seed_given, anyway)
            else:
                self.save()
            yield

    def _resume(self, seed_given: bool, anyway: bool) -> None:
        saved = checkpoints.read(self.path)
        if not isinstance(saved, dict) or {"began", *self.run.state_dict()} - {"counters"} - saved.keys():
            raise ValueError(f"fit: checkpoint {str(self.path)!r} is damaged: parts of it are missing")
        here = self.what_decides()
        impossible = [*_differing_weights(saved["model"], self.run.model.state_dict())]
        impossible += [*_differing_facts(saved, here, NEEDED), *_differing_parts(saved, self.run)]
        other = [*_not_noted(saved["began"], here), *_differing_position(saved, self.run, here, seed_given)]
        other += _differing_facts(
            saved, here, [name for name in here if name not in (*NEEDED, "the learning rate", "epochs")]
        )
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
        seed, new_rates = run.seed, [i for i, _, _ in _differing_rates(saved, run)]
        run.load_state_dict(saved)
        if seed_given:
            run.seed = seed
        for i, (group, own, first) in enumerate(zip(run.optimizer.param_groups, groups, began)):
            for key, value in own.items():
                if (key == "lr" and i in new_rates) or (
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
            tree = {"began": self.began, "now": self.what_decides(), **self.run.state_dict()}
            checkpoints.write(self.path, tree)
            self.saved_step, self.saved_at = self.run.step, time.monotonic()


def _not_noted(began: dict[str, Any], here: dict[str, Any]) -> Iterator[str]:
    names = [name for name in here if name not in began]
    if names:
        more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
        yield f"it was written by an older nnlite, which did not note {', '.join(names[:_SHOWN])}{more}"


def _differing_facts(saved: dict[str, Any], here: dict[str, Any], names: Iterable[str]) -> Iterator[str]:
    """Say in words where a run is another than at its start.

    What the run itself has changed since then is left out: the momentum that OneCycleLR moves, say, or a list that a
    score appends to. There a run called with the very objects of the one that stopped is as good as one with new ones.
    """
    began = saved["began"]
    now = saved.get("now", began)
    for name in names:
        if name not in began or (
            name in ("the optimizer's options", "the schedule's options")
            and here[name.removesuffix("'s options")] != began.get(name.removesuffix("'s options"))
        ):
            continue
        moved = list(facts.differing(began[name], now.get(name), name))
        for place, a, b in facts.differing(began[name], here[name], name):
            if not any(_is_moved(place, a, b, *change) for change in moved):
                yield _differs(place, a, b)


def _is_moved(place: str, there: Any, here: Any, moved: str, before: Any, after: Any) -> bool:
    """Whether a place lies in one that the run has changed, or in a list or dict that it adds to."""
    if place == moved or place.startswith((f"{moved}.", f"{moved}'s ")):
        return True
    if isinstance(there, list) and isinstance(here, list):
        return moved.startswith((f"{place}.", f"{place}'s "))
    return there is before is facts.MISSING and place.rpartition(".")[0] == moved.rpartition(".")[0]


def _differing_parts(saved: dict[str, Any], run: Run) -> Iterator[str]:
    """Say which of the further objects, and which generators in the model, are only here or only there."""
    generators = run.generators.state_dict()
    for what, there, here in (
        ("extra", saved["extra"], run.extra),
        ("the model's generator", saved["generators"], generators),
    ):
        yield from (f"{what} {name!r} is not in the checkpoint" for name in here if name not in there)
        yield from (f"{what} {name!r} is in the checkpoint, but not here" for name in there if name not in here)
    for name in generators.keys() & saved["generators"].keys():
        a, b = saved["generators"][name]["bit_generator"], generators[name]["bit_generator"]
        if a != b:
            yield f"the model's generator {name!r} is a {a} in the checkpoint, a {b} here"


def _differing_position(saved: dict[str, Any], run: Run, here: dict[str, Any], seed_given: bool) -> Iterator[str]:
    """Say where the learning rate, the seed or the number of epochs is another; more epochs than before are welcome."""
    for i, there, own in _differing_rates(saved, run):
        yield _differs(f"the learning rate of group {i}" if i else "the learning rate", there, own)
    if seed_given and saved["seed"] != run.seed:
        yield _differs("the seed", saved["seed"], run.seed)
    position, before = saved["position"], saved.get("now", {}).get("epochs") or 0
    if position["epoch"] + (position["batch"] > 0) > here["epochs"]:
        part = f" and {position['batch']} batches" if position["batch"] else ""
        yield f"it has gone through {position['epoch']} epochs{part}, here epochs={here['epochs']}"
    elif here["epochs"] < before:
        yield _differs("epochs", before, here["epochs"])


def _differing_rates(saved: dict[str, Any], run: Run) -> Iterator[tuple[int, Any, float]]:
    """Each group with a learning rate that it has not had in this run, as far as is noted: number, its first, and here.

    Of the first group, every rate is noted; of the others, the first and the last.
    """
    began, groups = saved["began"].get("the learning rate"), saved["optimizer"]["param_groups"]
    for i, (there, here) in enumerate(zip(groups, run.optimizer.param_groups)):
        first = began[i] if isinstance(began, list) else began if i == 0 else there.get("initial_lr", there["lr"])
        if here["lr"] not in {first, there["lr"], *(saved["history"]["learning_rate"].tolist() if i == 0 else [])}:
            yield i, first, here["lr"]


def _differs(name: str, there: Any, here: Any) -> str:
    if there is facts.MISSING:
        return f"{name} is not named in the checkpoint, {_shown(here)} here"
    if here is facts.MISSING:
        return f"{name} is {_shown(there)} in the checkpoint, missing here"
    return f"{name} is {_shown(there)} in the checkpoint, {_shown(here)} here"


def _shown(value: Any) -> str:
    """A few words for a value: of an object its kind, of a function its name, of a long list the beginning."""
    if isinstance(value, dict):
        value = value.get("kind", value.get("code", value))
    text = repr(value)
    return text if len(text) <= _WIDEST else text[:_WIDEST] + "…"


def _differing_weights(there: dict[str, Any], here: dict[str, Any]) -> Iterator[str]:
    missing, unknown = sorted(here.keys() - there.keys()), sorted(there.keys() - here.keys())
    if missing or unknown:
        yield f"the model's weights differ: {missing} are not in the checkpoint, {unknown} not in the model"
    for name in sorted(here.keys() & there.keys()):
        for what in ("shape", "dtype"):
            a, b = getattr(there[name], what), getattr(here[name], what)
            if a != b:
                yield f"the weight {name!r} has {what} {a} in the checkpoint, {b} here"
