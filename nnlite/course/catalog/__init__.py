"""The lessons and exercises of the course, in order.

An exercise is a function of the library with its body taken out. The statement is the function's docstring, the
reference is the library's own formula, the check is a class in ``checks/``; only what the source cannot say stands
here, one module for each lesson: how long the exercise takes, what it presumes and teaches, and three hints, each
saying more than the one before.
"""

from __future__ import annotations

import difflib

from nnlite.course.catalog import autodiff, backpropagation, descent, mark1, neuron, perceptron, training
from nnlite.course.catalog.exercise import Exercise, Lesson

LESSONS = (
    neuron.LESSON,
    perceptron.LESSON,
    mark1.LESSON,
    descent.LESSON,
    backpropagation.LESSON,
    autodiff.LESSON,
    training.LESSON,
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
