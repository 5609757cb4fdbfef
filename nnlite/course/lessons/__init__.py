"""The lessons and exercises of the course, in order.

A lesson is a folder, and each of its exercises is one file in it. The file says how long the exercise takes, what it
presumes and teaches, and gives three hints. Below them stands the check, a class with one test for one fact, and below
that the known wrong answers. The folder's ``__init__.py`` puts the exercises in order, and ``drawn.py`` holds what
several of their checks draw.

To add an exercise, write its file, named after it (``perceptron_loss.py``), and its name in the lesson's list.
"""

from __future__ import annotations

import dataclasses
import difflib
import importlib

from nnlite.course.exercise import Exercise, Lesson
from nnlite.course.lessons import autodiff, backpropagation, descent, mark1, neuron, perceptron, training


def _read(lesson: Lesson) -> Lesson:
    """Return the lesson with its exercises, each from its file."""
    files = [f"{__name__}.{lesson.topic}.{name.replace('.', '_')}" for name in lesson.names]
    return dataclasses.replace(lesson, exercises=tuple(importlib.import_module(file).EXERCISE for file in files))


LESSONS = tuple(
    _read(topic.LESSON) for topic in (neuron, perceptron, mark1, descent, backpropagation, autodiff, training)
)

EXERCISES: dict[str, Exercise] = {e.name: e for lesson in LESSONS for e in lesson.exercises}


def lesson_of(exercise: Exercise) -> Lesson:
    """Return the lesson an exercise belongs to."""
    return next(lesson for lesson in LESSONS if exercise in lesson.exercises)


def find(name: str) -> Exercise:
    """Return the exercise called `name`: in full, with an underscore, or by its last part if only one has it.

    Raises
    ------
    ValueError
        If there is none; the message names the nearest.

    Examples
    --------
    >>> from nnlite.course.lessons import find
    >>> find("softmax").name
    'functional.softmax'
    """
    text = str(name)
    named = [e for e in EXERCISES.values() if text in (e.name, e.long_name)]
    named = named or [e for e in EXERCISES.values() if text == e.function_name]
    if len(named) == 1:
        return named[0]
    if named:
        raise ValueError(f"{text!r} may mean {' or '.join(e.name for e in named)}; write the full name")
    near = difflib.get_close_matches(text, [*EXERCISES, *(e.function_name for e in EXERCISES.values())], n=1)
    hint = f"; did you mean {near[0]!r}?" if near else f"; there are {', '.join(EXERCISES)}"
    raise ValueError(f"no exercise is called {text!r}{hint}")
