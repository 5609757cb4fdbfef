"""What a student reads after a check: a result that shows itself as text in a terminal and as a card in a notebook."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from nnlite.course.catalog import Exercise
from nnlite.course.limits import TimedOut
from nnlite.course.student import Mismatch, NotStarted, Student, written

if TYPE_CHECKING:
    from nnlite.course.mistakes import Mistake

_heard: dict[str, int] = {}  # how many hints were given in this process


@dataclass
class Failure:
    """One failed test: the sentence to read and the smallest inputs that show it."""

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
            return cls(f"Stopped after {error.seconds:g} seconds, without an answer. {rest}", "timed out")
        seen = [e for e in [*student.wrong, student.example] if e is not None and e.mismatch is error]
        example = seen[-1] if seen else student.example
        inputs = dict(example.inputs) if example is not None else {}
        assert isinstance(error, Mismatch)
        return cls(error.sentence, "wrong", "", inputs, error.label, error.expected, error.actual)


@dataclass
class Result:
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
    seconds : float
        How long the check took.
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
            "wrong": f"not right yet, {held} of {self.tests} checks hold",
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

    def hint(self) -> Hint:
        """Return the next hint: three rungs, each saying more than the one before."""
        heard = _heard.get(self.exercise.name, 0)
        _heard[self.exercise.name] = heard + 1
        return Hint.number(self.exercise, heard)

    def __repr__(self) -> str:
        return as_text(self)

    def _repr_html_(self) -> str:
        from nnlite.course.card import as_html

        return as_html(self)


@dataclass
class Hint:
    """One hint to an exercise."""

    exercise: Exercise
    rung: int  # from 0
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
        from nnlite.course.card import hint_as_html

        return hint_as_html(self)


def as_text(result: Result) -> str:
    """The result as a student reads it in a terminal."""
    lines = [f"{result.exercise.name}: {result.headline}"]
    failure = result.failure
    if failure is not None:
        lines += ["", indent(failure.sentence)]
        if result.looks_like:
            lines += ["", indent(f"It looks like this: {result.looks_like}")]
        if failure.fact and failure.verdict == "wrong":
            lines += ["", indent(f"What should hold: {failure.fact}")]
        if failure.inputs and failure.verdict == "wrong":
            rows = [(name, show(value)) for name, value in failure.inputs.items()]
            if failure.expected is not None:
                rows += [("expected", show(failure.expected)), ("yours", show(failure.actual))]
                if shapes(failure):
                    rows += [("shapes", shapes(failure))]
            lines += ["", "  The smallest case that shows it:", "", *_aligned(rows)]
    if result.note:
        lines += ["", indent(result.note), indent(_clipped(result.printed[0]).rstrip(), 6)]
    if failure is not None and result.verdict != "missing":
        lines += ["", indent(f"A hint: nnlite course hint {result.exercise.name}, or .hint() in a notebook")]
    return "\n".join(lines)


def shapes(failure: Failure) -> str:
    """The shapes of the two values, where they are arrays, and the dtypes.

    Two different float dtypes are left out: checks reckon in float64, and a wrong dtype has a sentence of its own.
    """
    wanted, found = failure.expected, failure.actual
    if not isinstance(wanted, np.ndarray):
        return ""
    if not isinstance(found, np.ndarray):
        return f"expected {wanted.shape} {wanted.dtype}"
    if wanted.dtype != found.dtype and wanted.dtype.kind == found.dtype.kind == "f":
        return f"expected {wanted.shape}, yours {found.shape}"
    return f"expected {wanted.shape} {wanted.dtype}, yours {found.shape} {found.dtype}"


def show(value: Any) -> str:
    """Write a value in few characters: four digits, the middle of long arrays left out."""
    if isinstance(value, np.ndarray):
        with np.printoptions(precision=4, suppress=True, threshold=60, edgeitems=3, linewidth=72):
            return written(value, str)
    if isinstance(value, float | np.floating):
        return f"{float(value):.6g}"
    text = written(value)
    return text if len(text) <= 200 else text[:200] + "…"


def indent(text: str, by: int = 2) -> str:
    """Wrap `text` to 78 columns, moved to the right."""
    import textwrap

    pad = " " * by
    return "\n".join(textwrap.fill(line, 78, initial_indent=pad, subsequent_indent=pad) for line in text.split("\n"))


def _aligned(rows: list[tuple[str, str]]) -> list[str]:
    width = max(len(name) for name, _ in rows)
    lines = []
    for name, text in rows:
        first, *others = text.split("\n")
        lines.append(f"    {name:<{width}}  {first}")
        lines += [f"    {'':<{width}}  {other}" for other in others]
    return lines


def _clipped(text: str, lines: int = 6) -> str:
    return "\n".join(line[:100] for line in text.split("\n")[:lines])


def _size(characters: int) -> str:
    return f"{characters / 1e6:.1f} MB" if characters >= 1e5 else f"{characters:,} characters"
