"""What a student reads after a check: a result that shows itself as text in a terminal and as a card in a notebook."""

from __future__ import annotations

from dataclasses import dataclass

from nnlite.course.card import as_html, hint_as_html
from nnlite.course.exercise import Exercise
from nnlite.course.findings import Findings
from nnlite.course.text import as_text, indent

_heard: dict[str, int] = {}  # how many hints were given in this process


class Result(Findings):
    """The outcome of checking one exercise; true if it is solved.

    Attributes
    ----------
    exercise : Exercise
        What was checked.
    verdict : str
        "solved", "wrong", "not started", "timed out" or "missing".
    facts : list of (str, bool)
        What each test states and whether it holds, as far as tests were run.
    failure : Failure or None
        The first test that failed.
    mistake : Mistake or None
        The known wrong answer that behaves as the student's does.
    printed : (str, int)
        The first characters the function printed, and how many there were.
    tests : int
        How many tests the check has.
    seconds : float
        How long the check took.
    """

    def hint(self) -> Hint:
        """Return the next hint: three rungs, each saying more than the one before."""
        heard = _heard.get(self.exercise.name, 0)
        _heard[self.exercise.name] = heard + 1
        return Hint.number(self.exercise, heard)

    def __repr__(self) -> str:
        return as_text(self)

    def _repr_html_(self) -> str:
        return as_html(self)


@dataclass
class Hint:
    """One hint to an exercise.

    Attributes
    ----------
    exercise : Exercise
        What it helps with.
    rung : int
        Which of the hints it is, from 0.
    text : str
        The hint itself.
    """

    exercise: Exercise
    rung: int
    text: str

    @classmethod
    def number(cls, exercise: Exercise, rung: int) -> Hint:
        """Return the hint on a rung; above the last there is only the last."""
        rung = min(rung, len(exercise.hints) - 1)
        return cls(exercise, rung, exercise.hints[rung])

    @property
    def headline(self) -> str:
        """Which hint of how many."""
        return f"hint {self.rung + 1} of {len(self.exercise.hints)}"

    def __repr__(self) -> str:
        return f"{self.exercise.name}: {self.headline}\n\n{indent(self.text)}"

    def _repr_html_(self) -> str:
        return hint_as_html(self.exercise.name, self.headline, self.text)
