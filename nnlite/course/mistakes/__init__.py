"""Known wrong answers: one small function each, with the sentence a student should read.

A mistake is recognised by what it does, not by how it is written: the remembered calls of the student's function are
repeated with each wrong answer, and the one that answers alike in all of them is named.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from nnlite.course.catalog import Exercise, lesson_of
from nnlite.course.student import Example, Outcome, Student, observe


@dataclass(frozen=True)
class Mistake:
    """One known wrong answer."""

    name: str
    sentence: str
    function: Callable[..., Any]


_known: dict[str, list[Mistake]] = {}


def mistake(exercise: str, sentence: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register a wrong answer to an exercise under the sentence that names it."""

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        _known.setdefault(exercise, []).append(Mistake(function.__name__, sentence, function))
        return function

    return register


def mistakes_of(exercise: Exercise) -> list[Mistake]:
    """Return the known wrong answers to an exercise."""
    importlib.import_module(f"nnlite.course.mistakes.{lesson_of(exercise).topic}")
    return _known.get(exercise.name, [])


def recognise(student: Student) -> Mistake | None:
    """Return the mistake that answers as the student's function did: wherever it was wrong, best everywhere."""
    found = None
    for known in mistakes_of(student.exercise):
        if student.wrong and all(repeats(known.function, example) for example in student.wrong):
            if all(repeats(known.function, example) for example in student.right):
                return known
            found = found or known
    return found


def repeats(function: Callable[..., Any], example: Example) -> bool:
    """Say whether `function` does in every call of the example what the student's did."""
    outcomes: list[Outcome] = []
    for call in example.calls:
        target = function
        if call.parent is not None:
            raw = outcomes[call.parent].raw
            target = raw[call.position] if isinstance(raw, tuple) else raw
        with np.errstate(all="ignore"):
            outcome = observe(target, call.args, changes=call.changes)
        if outcome != call.outcome:
            return False
        outcomes.append(outcome)
    return True
