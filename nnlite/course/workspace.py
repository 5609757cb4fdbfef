"""The student's folder: made once, never overwritten; what is in it, and how far it has come.

::

    my-course/
        README.md           what to do
        test_exercises.py   lets plain pytest check the exercises
        01_neuron.ipynb …   the lessons
        exercises/          one file for each exercise
        .nnlite-course.json  hints heard, files that passed, what was put there

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
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import nnlite
from nnlite.course import lessons
from nnlite.course.exercise import Exercise
from nnlite.course.feedback import Hint, Result
from nnlite.course.findings import Failure
from nnlite.course.runner import run
from nnlite.course.stubs import stub_file
from nnlite.course.student import describe_error
from nnlite.course.timeout import Printed, TimedOut, call
from nnlite.files import replacing

STATE = ".nnlite-course.json"

TESTS = '''"""Checks every file in exercises/: run pytest here, or pytest -k softmax for one of them."""

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
    texts = materials()
    return create("course start", Path(folder), {**texts, STATE: state_text(given=digests(texts))})


def materials() -> dict[str, str]:
    """Return every file of a course folder by its name in it, as this version of nnlite gives it to a student."""
    texts = {exercise.file: stub_file(exercise) for exercise in lessons.EXERCISES.values()}
    texts |= {"test_exercises.py": TESTS, "README.md": _README}
    return texts | {notebook.name: notebook.read_text(encoding="utf-8") for notebook in notebooks()}


def create(command: str, target: Path, texts: Mapping[str, str]) -> Path:
    """Make a folder of text files: all of them or none, and nothing that is there is touched."""
    if target.exists() and not target.is_dir():
        raise FileExistsError(f"{command}: {target} is a file, expected a folder that is new or empty")
    if target.exists() and any(target.iterdir()):
        raise FileExistsError(
            f"{command}: {target} is not empty, expected a folder that is new or empty; nothing was changed"
        )
    for parent in target.parents:
        if parent.exists() and not parent.is_dir():
            raise NotADirectoryError(f"{command}: {parent} is a file, expected a folder to make {target} in")
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.exists():
        _fill(target, texts)
        return target
    # All files or none: they are written beside the target, which then gets its name.
    beside = Path(tempfile.mkdtemp(dir=target.resolve().parent, prefix=f".{target.name}."))
    try:
        _fill(beside, texts)
        beside.chmod(0o755)
        os.rename(beside, target)
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise
    return target


def _fill(folder: Path, texts: Mapping[str, str]) -> None:
    made: list[Path] = []
    try:
        for name, text in texts.items():
            for parent in reversed((folder / name).relative_to(folder).parents[:-1]):
                if not (folder / parent).exists():
                    made.append(folder / parent)
                    (folder / parent).mkdir()
            made.append(folder / name)
            write(folder / name, text)
    except BaseException:
        for path in reversed(made):
            with contextlib.suppress(OSError):
                path.rmdir() if path.is_dir() else path.unlink()
        raise


def write(path: Path, text: str) -> None:
    """Write a text file, whole or not at all."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


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
        if (folder / "exercises").is_dir() and any((folder / n).exists() for n in (STATE, "test_exercises.py")):
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
        source = read_text(path)
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
    except (MemoryError, RecursionError):
        raise LookupError(f"{exercise.file} is not Python that can be read: it is nested too deeply.") from None
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
    for exercise in exercises_of(found):
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


def exercises_of(folder: Path) -> list[Exercise]:
    """Return the exercises of a folder: those an assignment was made of, or all of the catalog."""
    chosen = read_state(folder)["exercises"]
    return [lessons.EXERCISES[name] for name in chosen if name in lessons.EXERCISES] or list(lessons.EXERCISES.values())


def statuses(folder: Path) -> Iterable[tuple[Exercise, str]]:
    """Yield each exercise and "solved", "not started", "not solved" or what is wrong with its file.

    A file that passed and has not changed since is not run again.
    """
    for exercise in exercises_of(folder):
        path = folder / exercise.file
        try:
            text = read_text(path)
        except (OSError, UnicodeDecodeError):
            yield exercise, "missing" if not path.exists() else "cannot be read"
            continue
        if read_state(folder)["passed"].get(exercise.name) == digest(text):
            yield exercise, "solved"
        elif text == stub_file(exercise):
            yield exercise, "not started"
        else:
            result = check_file(exercise, folder)
            yield exercise, "not solved" if result.verdict in ("wrong", "missing") else result.verdict


def next_hint(exercise: Exercise, folder: Path) -> Hint:
    """Return the next hint to an exercise and note in the folder that it was given."""
    state = read_state(folder)
    heard = state["hints"].get(exercise.name, 0)
    state["hints"][exercise.name] = heard + 1
    write_state(folder, state)
    return Hint.number(exercise, heard)


def _note(folder: Path, exercise: Exercise, passed: bool) -> None:
    state = read_state(folder)
    ticks = state["passed"]
    before = dict(ticks)
    ticks.pop(exercise.name, None)
    if passed:
        ticks[exercise.name] = digest(read_text(folder / exercise.file))
    if ticks != before:
        write_state(folder, state)


def read_text(path: Path) -> str:
    """Return the text of a file, without the mark that some editors on Windows put before it."""
    return path.read_text(encoding="utf-8-sig")


def digest(text: str) -> str:
    """Return what tells a text from any other."""
    return hashlib.sha256(text.encode()).hexdigest()


def digests(texts: Mapping[str, str]) -> dict[str, str]:
    """Return the digest of every text, by its name."""
    return {name: digest(text) for name, text in texts.items()}


def read_state(folder: Path) -> dict[str, Any]:
    """Return what is noted in a folder, without the entries that cannot be right.

    ``hints`` heard and digests of the files that ``passed``, by exercise; digests of the files as they were ``given``
    to the student; and the ``exercises`` of an assignment, none for the whole course.
    """
    try:
        state = json.loads((folder / STATE).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        state = None
    if not isinstance(state, dict):
        state = {}
    hints, passed, given = (
        part if isinstance(part := state.get(name), dict) else {} for name in ("hints", "passed", "given")
    )
    chosen = state.get("exercises")
    return {
        "hints": {name: heard for name, heard in hints.items() if type(heard) is int and heard >= 0},
        "passed": {name: digest for name, digest in passed.items() if isinstance(digest, str)},
        "given": {name: digest for name, digest in given.items() if isinstance(digest, str)},
        "exercises": [name for name in chosen if isinstance(name, str)] if isinstance(chosen, list) else [],
    }


def state_text(**state: Any) -> str:
    """Return the text of the file in which a folder's state is noted."""
    return json.dumps({"hints": {}, "passed": {}, "given": {}, **state, "nnlite": nnlite.__version__}, indent=1)


def write_state(folder: Path, state: dict[str, Any]) -> None:
    """Note the state in the folder, if it can be written: on a full disk exercises can still be checked."""
    with contextlib.suppress(OSError):
        write(folder / STATE, state_text(**state))
