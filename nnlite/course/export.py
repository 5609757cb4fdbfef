"""An assignment for a class: chosen exercises as a folder for students, and the same with the solutions.

::

    out/
        students/     hand this out: syllabus.md, assignment.ipynb, exercises/, test_exercises.py
        instructor/   the same with the library's solutions, the hints and the known wrong answers

Either folder is a course folder: ``nnlite course check``, ``status`` and plain pytest work in it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import nnlite
from nnlite.course.exercise import Exercise
from nnlite.course.lessons import LESSONS, find, lesson_of
from nnlite.course.notebook import exercise_cell, solution_cell
from nnlite.course.stubs import reference_file, stub_file
from nnlite.course.workspace import STATE, TESTS, create, digests, state_text


def export(names: Iterable[str], out: str | os.PathLike[str], title: str = "Assignment") -> Path:
    """Write an assignment of the chosen exercises.

    Parameters
    ----------
    names : iterable of str
        Exercises, such as ``"perceptron.loss"``, and numbers of lessons, such as ``"02"``, for all of theirs; in the
        order in which they are to be done.
    out : path
        A folder that is new or empty.
    title : str
        The heading of the syllabus and of the notebook.

    Returns
    -------
    pathlib.Path
        The folder.

    Raises
    ------
    ValueError
        If a name is unknown, none is given, or the title is empty or has several lines.
    FileExistsError
        If `out` is not empty; nothing in it is touched.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> from nnlite.course.export import export
    >>> folder = export(["perceptron.loss"], pathlib.Path(tempfile.mkdtemp()) / "week-2", "Week 2")
    >>> sorted(path.name for path in (folder / "students").glob("*.*") if path.name[0] != ".")
    ['assignment.ipynb', 'syllabus.md', 'test_exercises.py']
    """
    if not isinstance(title, str) or not title.strip() or "\n" in title:
        raise ValueError(f"course export: title is {title!r}, expected one line of text")
    exercises = chosen(names)
    students = _folder(title, exercises, solved=False)
    instructor = _folder(title, exercises, solved=True)
    texts = {f"students/{name}": text for name, text in students.items()}
    texts |= {f"instructor/{name}": text for name, text in instructor.items()}
    return create("course export", Path(out), texts)


def chosen(names: Iterable[str]) -> list[Exercise]:
    """Return the exercises that names and numbers of lessons stand for, each once.

    Examples
    --------
    >>> from nnlite.course.export import chosen
    >>> [exercise.name for exercise in chosen(["softmax", "functional.softmax"])]
    ['functional.softmax']
    """
    found: list[Exercise] = []
    for name in names:
        if str(name).isdecimal():
            lesson = next((lesson for lesson in LESSONS if lesson.number == int(name)), None)
            if lesson is None or not lesson.exercises:
                raise ValueError(
                    f"course export: there is no lesson {name} with exercises, expected one of "
                    f"{', '.join(f'{lesson.number:02d}' for lesson in LESSONS if lesson.exercises)}"
                )
            found += lesson.exercises
        else:
            found.append(find(name))
    if not found:
        raise ValueError("course export: no exercise is named, expected at least one")
    return list(dict.fromkeys(found))


def _folder(title: str, exercises: list[Exercise], solved: bool) -> dict[str, str]:
    """The files of one of the two folders."""
    texts = {e.file: reference_file(e) if solved else stub_file(e) for e in exercises}
    texts |= {
        "test_exercises.py": TESTS,
        "syllabus.md": syllabus(title, exercises),
        "assignment.ipynb": notebook(title, exercises, solved),
    }
    given = {} if solved else digests(texts)
    return texts | {STATE: state_text(given=given, exercises=[e.name for e in exercises])}


def syllabus(title: str, exercises: list[Exercise]) -> str:
    """Return one page: what is to be done, how long it takes, what it presumes and teaches.

    Examples
    --------
    >>> from nnlite.course.export import chosen, syllabus
    >>> print(syllabus("Week 2", chosen(["perceptron.loss"])).split("\\n")[2])
    1 exercise, about 15 minutes, 2 points.
    """
    minutes, points = sum(e.minutes for e in exercises), sum(e.points for e in exercises)
    lessons = sorted({(lesson.number, lesson.topic, lesson.title) for lesson in map(lesson_of, exercises)})
    lines = [
        f"# {title}",
        "",
        f"{_number(len(exercises), 'exercise')}, about {_hours(minutes)}, {_number(points, 'point')}.",
        "",
        "| exercise | what it teaches | what it presumes | minutes | points |",
        "|---|---|---|--:|--:|",
    ]
    for e in exercises:
        lines.append(f"| `{e.name}` | {e.teaches} | {'; '.join(e.presumes) or '–'} | {e.minutes} | {e.points} |")
    lines += [
        "",
        "**Lessons to read first:** "
        + "; ".join(f"{number:02d} {name} (`{number:02d}_{topic}.ipynb`)" for number, topic, name in lessons)
        + ".",
        "",
        "**How to work.** Write each function in its file in `exercises/`, or in `assignment.ipynb`. What you",
        "have not written yet is the library's, so the order is free.",
        "",
        "    nnlite course status    # what is solved, what is next",
        "    nnlite course check     # check everything (plain pytest says the same)",
        f"    nnlite course hint {exercises[0].name}    # a hint, then the next one",
        "",
        f"Made with nnlite {nnlite.__version__}.",
    ]
    return "\n".join(lines) + "\n"


def _number(n: int, what: str) -> str:
    return f"{n} {what}{'s' * (n != 1)}"


def _hours(minutes: int) -> str:
    hours, rest = divmod(minutes, 60)
    return " ".join(filter(None, [_number(hours, "hour") if hours else "", _number(rest, "minute") if rest else ""]))


def notebook(title: str, exercises: list[Exercise], solved: bool) -> str:
    """Return the assignment as a notebook: a statement, a cell to write in and a check for each exercise."""
    cells = [
        _text("title", f"# {title}\n\nReplace the last line of each exercise by your own code, then run its check."),
        _code("imports", "from nnlite.course import check"),
    ]
    for i, e in enumerate(exercises, 1):
        about = (
            f"## {i}. `{e.name}`\n\n{_number(e.points, 'point')}, about {e.minutes} minutes. It teaches {e.teaches}."
        )
        cells.append(_text(f"about-{e.long_name}", about))
        if solved:
            cells.append(_text(f"teacher-{e.long_name}", _for_the_teacher(e)))
        cell = solution_cell(e.name) if solved else exercise_cell(e.name)
        cells.append(_code(e.long_name, cell, [f"exercise:{e.name}"]))
        cells.append(_code(f"check-{e.long_name}", f"check({e.long_name})"))
    whole = {
        "cells": cells,
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(whole, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def _for_the_teacher(e: Exercise) -> str:
    hints = "\n".join(f"{i}. {hint}" for i, hint in enumerate(e.hints, 1))
    mistakes = "\n".join(f"- {known.sentence}" for known in e.mistakes)
    return f"**Hints, one at a time**\n\n{hints}\n\n**Wrong answers that the check knows by name**\n\n{mistakes}"


def _text(name: str, source: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "id": name[:64], "metadata": {}, "source": source.splitlines(keepends=True)}


def _code(name: str, source: str, tags: Iterable[str] = ()) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": name[:64],
        "metadata": {"tags": list(tags)} if tags else {},
        "outputs": [],
        "source": source.splitlines(keepends=True),
    }
