"""The student's folder: made once, never overwritten; what is in it, and how far it has come.

::

    my-course/
        README.md           what to do
        test_exercises.py   lets plain pytest check the exercises
        01_neuron.ipynb …   the lessons
        exercises/          one file for each exercise
        .nnlite-course.json  hints heard, files that passed

What is not solved yet is the library's: any lesson can be taken first.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import tempfile
import types
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import nnlite
from nnlite.course import catalog
from nnlite.course.catalog import Exercise
from nnlite.course.feedback import Failure, Hint, Result
from nnlite.course.limits import Printed, TimedOut, call
from nnlite.course.running import run
from nnlite.course.stubs import stub_file
from nnlite.course.student import describe_error
from nnlite.files import replacing

_STATE = ".nnlite-course.json"

_TESTS = '''"""Checks every file in exercises/: run pytest here, or pytest -k softmax for one of them."""

from pathlib import Path

from nnlite.course.checks.folder import every_exercise

test_exercise = every_exercise(Path(__file__).parent)
'''

_README = """# My course

The notebooks are the lessons. Each file in `exercises/` holds one function of nnlite without its body: write it.
Take them in any order; what you have not written yet is the library's.

    nnlite course status            what is solved, what is next
    nnlite course check             check everything (or pytest)
    nnlite course check softmax     check one exercise
    nnlite course hint softmax      a hint, then the next one
    nnlite tour --mine .            the whole tour, on your own functions
"""


def start(folder: str | os.PathLike[str]) -> Path:
    """Make a course folder: the notebooks, one stub for each exercise, and what pytest needs.

    Raises
    ------
    FileExistsError
        If `folder` exists and is not empty; nothing in it is touched.
    NotADirectoryError
        If `folder` would lie in a file.
    OSError
        If it cannot be written.
    """
    target = Path(folder)
    if target.exists() and not target.is_dir():
        raise FileExistsError(f"course start: {target} is a file, expected a folder that is new or empty")
    if target.exists() and any(target.iterdir()):
        raise FileExistsError(
            f"course start: {target} is not empty, expected a folder that is new or empty; nothing was changed"
        )
    for parent in target.parents:
        if parent.exists() and not parent.is_dir():
            raise NotADirectoryError(f"course start: {parent} is a file, expected a folder to make {target} in")
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.exists():
        _fill(target)
        return target
    # All files or none: they are written beside the target, which then gets its name.
    beside = Path(tempfile.mkdtemp(dir=target.resolve().parent, prefix=f".{target.name}."))
    try:
        _fill(beside)
        beside.chmod(0o755)
        os.rename(beside, target)
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise
    return target


def _fill(folder: Path) -> None:
    texts = {exercise.file: stub_file(exercise) for exercise in catalog.EXERCISES.values()}
    texts |= {"test_exercises.py": _TESTS, "README.md": _README}
    for notebook in notebooks():
        texts[notebook.name] = notebook.read_text(encoding="utf-8")
    (folder / "exercises").mkdir()
    try:
        for name, text in texts.items():
            with replacing(folder / name) as temporary:
                temporary.write_text(text, encoding="utf-8", newline="\n")
        _write_state(folder, {})
    except BaseException:
        for name in (*texts, _STATE):
            with contextlib.suppress(OSError):
                (folder / name).unlink()
        with contextlib.suppress(OSError):
            (folder / "exercises").rmdir()
        raise


def notebooks() -> list[Path]:
    """Return the lessons: in the installed package, or beside it in a checkout."""
    package = Path(nnlite.__file__).parent
    for folder in (package / "notebooks", package.parent / "notebooks"):
        found = sorted(folder.glob("[0-9][0-9]_*.ipynb"))
        if found:
            return found
    return []


def course_folder(start: str | os.PathLike[str] | None = None) -> Path | None:
    """Return the course folder that `start` (by default the current folder) is, or lies in.

    None if there is none, or if `start` is no folder: a name written wrongly inside a course is not that course.
    """
    here = Path(start) if start is not None else Path.cwd()
    if not here.is_dir():
        return None
    for folder in (here, *here.resolve().parents):
        if (folder / "exercises").is_dir() and any((folder / n).exists() for n in (_STATE, "test_exercises.py")):
            return folder
    return None


def missing(exercise: Exercise, sentence: str) -> Result:
    """Return the result for an exercise of which there is no function to run."""
    return Result(exercise, "missing", failure=Failure(sentence, "missing"), tests=0)


def load(exercise: Exercise, folder: Path, seconds: float = 10.0) -> Callable[..., Any]:
    """Run the student's file of an exercise and return the function in it.

    Raises
    ------
    LookupError
        With the sentence to show, if there is no file, it is not Python, it fails or has no such function.
    """
    path = folder / exercise.file
    try:
        source = path.read_text(encoding="utf-8")
        code = compile(source, str(path), "exec", dont_inherit=True)
    except FileNotFoundError:
        raise LookupError(
            f"There is no file {exercise.file}. To start it anew: nnlite course stub {exercise.name} > {exercise.file}"
        ) from None
    except (OSError, UnicodeDecodeError, ValueError) as error:
        raise LookupError(f"The file {exercise.file} cannot be read: {error}.") from None
    except SyntaxError as error:
        line = f" in line {error.lineno}" if error.lineno else ""
        shown = f": `{error.text.strip()}`" if error.text and error.text.strip() else ""
        raise LookupError(f"{exercise.file} is not Python{line} ({error.msg}){shown}") from None
    module = types.ModuleType(exercise.long_name)
    module.__file__ = str(path)
    try:
        _, error_raised = call(exec, (code, module.__dict__), seconds, Printed())
    except TimedOut:
        raise LookupError(
            f"{exercise.file} was stopped after {seconds:g} seconds while it was read: does it run a loop outside "
            "the function?"
        ) from None
    if error_raised is not None:
        raise LookupError(
            f"{exercise.file} fails before the function can be called: {describe_error(error_raised, str(path))}."
        )
    function = getattr(module, exercise.function_name, None)
    if not callable(function):
        raise LookupError(f"{exercise.file} has no function called {exercise.function_name}: was it renamed?")
    return function


def check_file(exercise: Exercise, folder: Path, seconds: float | None = None) -> Result:
    """Check the student's file of an exercise and note in the folder whether it passed."""
    try:
        function = load(exercise, folder)
    except LookupError as error:
        result = missing(exercise, error.args[0])
    else:
        result = run(exercise, function, seconds)
    _note(folder, exercise, bool(result))
    return result


def solved_functions(
    folder: str | os.PathLike[str],
) -> tuple[dict[str, Callable[..., Any]], dict[str, str]]:
    """Check every exercise of a course folder.

    Returns
    -------
    solved : dict of str to function
        The student's functions that pass, by the names :func:`nnlite.substitute` takes.
    others : dict of str to str
        The exercises that do not, each with the reason.

    Raises
    ------
    FileNotFoundError
        If `folder` is no course folder.
    """
    found = required(folder)
    solved: dict[str, Callable[..., Any]] = {}
    others: dict[str, str] = {}
    for exercise in catalog.EXERCISES.values():
        try:
            function = load(exercise, found)
        except LookupError as error:
            others[exercise.name] = error.args[0]
            continue
        result = run(exercise, function)
        if result:
            solved[exercise.name] = function
        else:
            others[exercise.name] = result.headline
    return solved, others


def required(folder: str | os.PathLike[str] | None) -> Path:
    """Return the course folder, or raise a FileNotFoundError that says how to make one."""
    found = course_folder(folder)
    if found is None:
        where = Path(folder) if folder is not None else Path.cwd()
        raise FileNotFoundError(
            f"{where} is no course folder; make one with: nnlite course start my-course, or name one"
        )
    return found


def statuses(folder: Path) -> Iterable[tuple[Exercise, str]]:
    """Yield each exercise and "solved", "not started", "not solved" or what is wrong with its file.

    A file that passed and has not changed since is not run again.
    """
    for exercise in catalog.EXERCISES.values():
        path = folder / exercise.file
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            yield exercise, "missing" if not path.exists() else "cannot be read"
            continue
        if _read_state(folder)["passed"].get(exercise.name) == _digest(text):
            yield exercise, "solved"
        elif text == stub_file(exercise):
            yield exercise, "not started"
        else:
            result = check_file(exercise, folder)
            yield exercise, "not solved" if result.verdict in ("wrong", "missing") else result.verdict


def next_hint(exercise: Exercise, folder: Path) -> Hint:
    """Return the next hint to an exercise and note in the folder that it was given."""
    state = _read_state(folder)
    heard = state["hints"].get(exercise.name, 0)
    state["hints"][exercise.name] = heard + 1
    _write_state(folder, state)
    return Hint.number(exercise, heard)


def _note(folder: Path, exercise: Exercise, passed: bool) -> None:
    state = _read_state(folder)
    ticks = state["passed"]
    before = dict(ticks)
    ticks.pop(exercise.name, None)
    if passed:
        ticks[exercise.name] = _digest((folder / exercise.file).read_text(encoding="utf-8"))
    if ticks != before:
        _write_state(folder, state)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _read_state(folder: Path) -> dict[str, dict[str, Any]]:
    """Return what is noted, without the entries that cannot be right."""
    try:
        state = json.loads((folder / _STATE).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        state = None
    hints, passed = (
        part if isinstance(state, dict) and isinstance(part := state.get(name), dict) else {}
        for name in ("hints", "passed")
    )
    return {
        "hints": {name: heard for name, heard in hints.items() if type(heard) is int and heard >= 0},
        "passed": {name: digest for name, digest in passed.items() if isinstance(digest, str)},
    }


def _write_state(folder: Path, state: dict[str, Any]) -> None:
    text = json.dumps({**state, "nnlite": nnlite.__version__}, indent=1)
    # A folder that can only be read, or a full disk: the exercises can still be checked.
    with contextlib.suppress(OSError), replacing(folder / _STATE) as temporary:
        temporary.write_text(text, encoding="utf-8")
