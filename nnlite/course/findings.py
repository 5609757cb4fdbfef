"""What a check has found: the data that the text in a terminal and the card in a notebook are written from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from nnlite.course.exercise import Exercise, Mistake
from nnlite.course.student import Mismatch, NotStarted, Student
from nnlite.course.timeout import TimedOut


@dataclass
class Failure:
    """One failed test.

    Attributes
    ----------
    sentence : str
        What the student should read.
    verdict : str
        "wrong", "not started" or "timed out".
    fact : str
        What the test states.
    inputs : dict
        The smallest inputs that show it, by name.
    label : str
        What the two values are called.
    expected, actual
        What was compared, where two values were.
    """

    sentence: str
    verdict: str
    fact: str = ""
    inputs: dict[str, Any] = field(default_factory=dict)
    label: str = ""
    expected: Any = None
    actual: Any = None

    @property
    def final(self) -> bool:
        """Whether running the other tests would say nothing new."""
        return self.verdict != "wrong"

    @classmethod
    def of(cls, error: BaseException, student: Student) -> Failure:
        """Make the failure from what a test raised."""
        if isinstance(error, NotStarted):
            return cls("Nothing is written here yet: the function still raises NotImplementedError.", "not started")
        if isinstance(error, TimedOut):
            rest = (
                "Is there a loop that never ends?"
                if error.stopped
                else "It could not be ended and still runs in the background: restart the kernel when you can."
            )
            return cls(
                f"Stopped after {error.seconds:g} second{'s' * (error.seconds != 1)}, without an answer. {rest}",
                "timed out",
            )
        seen = [e for e in [*student.wrong, student.example] if e is not None and e.mismatch is error]
        example = seen[-1] if seen else student.example
        inputs = dict(example.inputs) if example is not None else {}
        assert isinstance(error, Mismatch)
        return cls(error.sentence, "wrong", "", inputs, error.label, error.expected, error.actual)


@dataclass
class Findings:
    """What the check of one exercise has found.

    Attributes
    ----------
    exercise, verdict, facts, failure, mistake, tests, printed, seconds
        As :class:`nnlite.course.feedback.Result` describes them.
    """

    exercise: Exercise
    verdict: str = "missing"
    facts: list[tuple[str, bool]] = field(default_factory=list)
    failure: Failure | None = None
    mistake: Mistake | None = None
    tests: int = 0
    printed: tuple[str, int] = ("", 0)
    seconds: float = 0.0

    def __bool__(self) -> bool:
        return self.verdict == "solved"

    @property
    def headline(self) -> str:
        """The verdict in a few words."""
        held = sum(ok for _, ok in self.facts)
        return {
            "solved": f"solved, all {self.tests} checks hold",
            "wrong": f"not right yet, {held} of {self.tests} checks hold{'s' * (held == 1)}",
            "not started": "not started",
            "timed out": "stopped, it takes too long",
            "missing": "nothing to check",
        }[self.verdict]

    @property
    def looks_like(self) -> str:
        """The sentence that names the known mistake, or nothing."""
        return self.mistake.sentence if self.mistake is not None else ""

    @property
    def note(self) -> str:
        """What is said about prints, or nothing."""
        text, size = self.printed
        if not size:
            return ""
        if size > 100_000:
            return f"It printed {_size(size)}, which slows everything down: take the print out. It begins:"
        return "It printed:" if size <= len(text) else f"It printed {_size(size)}. It begins:"


def _size(characters: int) -> str:
    return f"{characters / 1e6:.1f} MB" if characters >= 1e5 else f"{characters:,} characters"
