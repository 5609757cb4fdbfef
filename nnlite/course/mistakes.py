"""Which known wrong answer a student's function is.

A mistake is recognised by what it does, not by how it is written: the remembered calls of the student's function are
repeated with each wrong answer, and the one that answers alike in all of them is named.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from nnlite.course.exercise import Mistake
from nnlite.course.student import Example, Outcome, Student, observe


def recognise(student: Student) -> Mistake | None:
    """Return the mistake that answers as the student's function did: wherever it was wrong, best everywhere."""
    found = None
    for known in student.exercise.mistakes:
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
