"""The tour: every rung of the ladder trained for real, told in pictures on one page.

:func:`prepare` checks everything that can be wrong before the first second of work, :func:`climb` does the work. A rung
that is finished is on the page at once, so that a stop (Ctrl-C) loses at most the rung it interrupts.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from nnlite.arguments import integer, one_of
from nnlite.files import locked, replacing
from nnlite.random import manual_seed
from nnlite.registry import substitute
from nnlite.tour import page
from nnlite.tour.rungs import RUNGS, Story
from nnlite.version import __version__

#: what is kept of each finished rung
KEYS = {"name", "seconds", "seed", "mine", *(part.name for part in fields(Story))}


@dataclass
class Plan:
    """What will be climbed, where the page goes, and whose functions run.

    Parameters
    ----------
    out
        The folder for the page.
    rungs
        The names of the rungs.
    seed
        The seed of everything.
    mine, unsolved
        A student's functions by name, and why others of theirs do not run.
    """

    out: Path
    rungs: list[str]
    seed: int = 0
    mine: dict[str, Callable[..., Any]] = field(default_factory=dict)
    unsolved: dict[str, str] = field(default_factory=dict)


def prepare(
    out: str | os.PathLike[str], only: Sequence[str] | None = None, seed: int = 0, mine: str | None = None
) -> Plan:
    """Check what the tour is asked for, and make its folder.

    Parameters
    ----------
    out
        The folder for the page. One that exists keeps what is not the tour's own.
    only
        The rungs to climb; None for all.
    seed
        The seed of everything: the same seed gives the same scores.
    mine
        A course folder whose solved functions take the place of the library's.

    Raises
    ------
    ValueError
        If a rung is unknown or the seed negative.
    FileExistsError
        If the folder holds a page or pictures that are not from a tour.
    OSError
        If the folder cannot be written, or `mine` is no course folder.
    """
    rungs = [one_of(name, "tour: rung", RUNGS) for name in (only if only else RUNGS)]
    rungs = [name for name in RUNGS if name in rungs]
    seed = integer(seed, "tour: seed", low=0)
    folder = Path(out)
    for part in (folder, *folder.parents):
        if part.exists() and not part.is_dir():
            raise FileExistsError(f"out is {str(folder)!r}, but {str(part)!r} is a file; expected a folder")
    solved, unsolved = _student_functions(mine)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _alone_in(folder):
            before = _earlier(folder)
            (folder / "pictures").mkdir(exist_ok=True)
            _write_results(folder, before)  # from now on the folder is known as a tour's
    except FileExistsError:
        raise
    except OSError as error:
        raise PermissionError(f"out is {str(folder)!r}, which cannot be written ({error.strerror})") from error
    return Plan(folder, rungs, seed, solved, unsolved)


def _student_functions(mine: str | None) -> tuple[dict[str, Callable[..., Any]], dict[str, str]]:
    if mine is None:
        return {}, {}
    from nnlite.course.workspace import solved_functions

    return solved_functions(mine)


def _earlier(folder: Path) -> dict[str, Any]:
    """The results of an earlier tour in this folder; anything else of our names is not ours to overwrite."""
    try:
        found = json.loads((folder / "results.json").read_text(encoding="utf-8"))
        if isinstance(found, dict) and found.get("written by") == "nnlite tour":
            rungs = found.get("rungs")
            rungs = rungs if isinstance(rungs, dict) else {}
            return {n: r for n, r in rungs.items() if n in RUNGS and isinstance(r, dict) and r.keys() >= KEYS}
    except (FileNotFoundError, NotADirectoryError):
        pass
    except (ValueError, OSError):
        raise FileExistsError(f"out holds {str(folder / 'results.json')!r}, which no tour wrote") from None
    for name in ("results.json", "index.html", "pictures"):
        if (folder / name).exists():
            raise FileExistsError(f"out holds {str(folder / name)!r}, which no tour wrote; choose another folder")
    return {}


def climb(plan: Plan, verbose: bool = True) -> int:
    """Train the rungs of a plan one after the other.

    Parameters
    ----------
    plan
        What :func:`prepare` returned.
    verbose
        Whether to show progress bars and the table of scores.

    Returns
    -------
    int
        0 when all are done, 130 when stopped on the way, 1 when a student's function failed.
    """
    from tqdm.auto import tqdm

    done: dict[str, dict[str, Any]] = {}
    stopped = ""
    with contextlib.ExitStack() as stack:
        calls = stack.enter_context(substitute(plan.mine)) if plan.mine else {}
        bar = stack.enter_context(tqdm(total=len(plan.rungs), desc="the ladder", disable=not verbose, unit="rung"))
        for name in plan.rungs:
            bar.set_description(f"the ladder: {name}")
            try:
                before = dict(calls)
                story, seconds = _climb_one(plan, name, verbose)
                mine = {function: n - before[function] for function, n in calls.items()}
                told = {"name": name, **vars(story), "seconds": seconds, "seed": plan.seed, "mine": mine}
                done[name] = _write(plan, told, done)
            except KeyboardInterrupt:
                stopped = "stopped"
                break
            except Exception as error:
                if not plan.mine:
                    raise
                stopped = f"the rung {name!r} failed on your functions ({type(error).__name__}: {error})"
                break
            bar.update()
    if verbose:
        print(page.table(list(done.values())))
        for line in page.student_lines(dict(calls), plan.unsolved):
            print(line)
        print(f"\n{stopped} after {len(done)} of {len(plan.rungs)} rungs" if stopped else "")
        if done:
            print(f"The pictures and the story: {plan.out / 'index.html'}")
    return 0 if not stopped else 130 if stopped == "stopped" else 1


def _climb_one(plan: Plan, name: str, verbose: bool) -> tuple[Story, float]:
    # each rung has its own stream of numbers, so that --only changes nothing in the others
    rng = np.random.default_rng([plan.seed, list(RUNGS).index(name)])
    manual_seed(plan.seed)
    start = time.perf_counter()
    with threadpool_limits(1, user_api="blas"):  # the matrices are small: a second thread would wait more than work
        story: Story = RUNGS[name](rng, verbose)
    return story, round(time.perf_counter() - start, 1)


def _alone_in(folder: Path) -> contextlib.AbstractContextManager[None]:
    """Only one tour at a time reads and writes the page of a folder."""
    return locked(folder / "results.json")


def _write(plan: Plan, told: dict[str, Any], done: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Put a rung on the page beside those that this tour and others have finished there; return what is kept of it."""
    with _alone_in(plan.out):
        pictures = []
        for i, (figure, caption) in enumerate(told["pictures"], start=1):
            file = f"pictures/{told['name']}-{i}.png"
            with replacing(plan.out / file) as temporary:
                figure.savefig(temporary, format="png", dpi=144)
            pictures.append([file, caption])
        kept = {**told, "pictures": pictures}
        try:
            there = _earlier(plan.out)
        except FileExistsError:
            there = {}  # somebody has deleted or damaged the results meanwhile
        results = {**done, **there, told["name"]: kept}
        ordered = {name: results[name] for name in RUNGS if name in results}
        _write_results(plan.out, ordered)
        with replacing(plan.out / "index.html") as temporary:
            temporary.write_text(page.html_page(list(ordered.values())), encoding="utf-8")
    return kept


def _write_results(folder: Path, rungs: dict[str, Any]) -> None:
    record = {"written by": "nnlite tour", "version": __version__, "rungs": rungs}
    with replacing(folder / "results.json") as temporary:
        temporary.write_text(json.dumps(record, indent=1, ensure_ascii=False), encoding="utf-8")
