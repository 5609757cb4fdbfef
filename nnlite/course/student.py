"""The function under check, called with care.

A :class:`Student` is called like the function it holds. Each call gets copies of its arguments, a limited time and
nowhere to print. The same call goes to the library's formula, and both results must have the same form: a number, an
array of the same shape and dtype, a pair, a function. So a check only compares values. Every call is remembered, to be
repeated later with the known wrong answers.
"""

from __future__ import annotations

import inspect
import re
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from nnlite.course.exercise import Exercise
from nnlite.course.timeout import Printed, TimedOut, call
from nnlite.tensor import Tensor


class Mismatch(AssertionError):
    """What is wrong, in one sentence, with the two values if there are two to compare."""

    def __init__(self, sentence: str, expected: Any = None, actual: Any = None, label: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.expected = expected
        self.actual = actual
        self.label = label


class NotStarted(BaseException):
    """The function is still the stub. Not an Exception: there is no counterexample to search for."""


class StopShrinking(BaseException):
    """No smaller counterexample is needed. Not an Exception, so that the search ends here."""


@dataclass
class Outcome:
    """What one call did.

    Attributes
    ----------
    value
        A copy of what it returned.
    error : BaseException or None
        What it raised.
    changed : tuple of bool
        Which of its inputs it changed.
    raw
        What it returned, functions included.
    given : tuple
        The copies of the inputs that the function got.
    after : tuple
        What stands in the arguments that it is asked to change.
    """

    value: Any
    error: BaseException | None
    changed: tuple[bool, ...]
    raw: Any = None
    given: tuple[Any, ...] = ()
    after: tuple[Any, ...] = ()

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Outcome)
            and type(self.error) is type(other.error)
            and self.changed == other.changed
            and alike(self.value, other.value)
            and alike(self.after, other.after)
        )


@dataclass
class Call:
    """One remembered call: of the function itself, or of a function that an earlier call returned.

    Attributes
    ----------
    parent : int or None
        The number of that earlier call.
    position : int
        Where in the parent's result the called function stood.
    args : tuple
        What it was called with.
    outcome : Outcome
        What it did.
    changes : tuple of int
        The places of the arguments that the function is asked to change.
    """

    parent: int | None
    position: int
    args: tuple[Any, ...]
    outcome: Outcome
    changes: tuple[int, ...] = ()


@dataclass
class Target:
    """A function to call: the student's, or one that an earlier call of it returned.

    Attributes
    ----------
    function : function
        What is called.
    reference : function
        What it is compared with.
    names : tuple of str
        The names of its arguments.
    label : str
        What its result is called: nothing for the exercise's own function.
    parent : int or None
        The number of the call that returned it.
    position : int
        Where in that call's result it stood.
    """

    function: Callable[..., Any]
    reference: Callable[..., Any]
    names: tuple[str, ...]
    label: str = ""
    parent: int | None = None
    position: int = 0


@dataclass
class Example:
    """One call of the student's function and the calls of what it returned.

    Attributes
    ----------
    inputs : dict
        By name, the arguments of the last call and of those that led to it.
    calls : list of Call
        All of them, in order.
    mismatch : BaseException or None
        How the example went wrong.
    """

    inputs: dict[str, Any]
    calls: list[Call] = field(default_factory=list)
    mismatch: BaseException | None = None

    @property
    def size(self) -> tuple[int, float]:
        """How much there is to read in the inputs: the number of entries, then their magnitude."""
        entries = [np.ravel(v) for v in self.inputs.values() if isinstance(v, np.ndarray)]
        return sum(map(len, entries)), float(sum(np.abs(e[np.isfinite(e)]).sum() for e in entries))


class Student:
    """The student's function: call it like the library's formula.

    Where the exercise is to change arguments in place, ``after`` holds them by name as the last call left them.

    Parameters
    ----------
    exercise : Exercise
        What the function is to solve.
    function : function
        The student's.
    seconds : float, optional
        How long all calls together may take; by default as long as the exercise allows.

    Raises
    ------
    Mismatch
        If the call raises, changes its inputs or returns something of another form than the library's formula.
    TimedOut
        If all calls together take longer than the exercise allows.
    NotStarted
        If the function is still the stub.
    """

    keep = 60  # remembered examples, of the right ones and of the wrong ones
    search = 100  # calls to find a smaller counterexample; counted, not timed, so that two runs find the same

    def __init__(self, exercise: Exercise, function: Callable[..., Any], seconds: float | None = None) -> None:
        self.exercise = exercise
        self.function = function
        self.file = getattr(getattr(inspect.unwrap(function), "__code__", None), "co_filename", "")
        self.seconds = exercise.seconds if seconds is None else seconds
        self.left = self.seconds
        self.printed = Printed()
        self.right: list[Example] = []
        self.wrong: list[Example] = []
        self.example: Example | None = None
        self.known = False  # whether a counterexample was found by an earlier test
        self.here: list[Example] = []  # the counterexamples of this test
        self._calls = self._first = 0
        self._target = Target(function, exercise.reference, exercise.parameters)
        self.after: dict[str, Any] = {}

    def __call__(self, *args: Any) -> Any:
        self.example = Example({})
        self._calls += 1
        if len(self.right) < self.keep:
            self.right.append(self.example)
        return self._call(self.example, self._target, args)

    def failed(self, mismatch: BaseException) -> None:
        """Note how the last example went wrong."""
        if self.example is not None and self.example.mismatch is None:
            self._first = self._first if self.here else self._calls
            self.example.mismatch = mismatch
            self.here.append(self.example)
            self.wrong = [*self.wrong[-self.keep :], self.example]
            self.right = [e for e in self.right if e is not self.example]

    def begin_test(self) -> None:
        """Forget which counterexamples the test before found."""
        self.known = self.known or bool(self.here)
        self.here = []

    @property
    def searched_enough(self) -> bool:
        """Whether a smaller counterexample is no longer worth the time."""
        return self.known or (bool(self.here) and self._calls - self._first > self.search)

    def _call(self, example: Example, target: Target, args: tuple[Any, ...]) -> Any:
        names, label = target.names, target.label
        self.example = example
        example.inputs.update(zip(names, args))
        if self.left <= 0:
            raise TimedOut(self.seconds, stopped=True)
        changes = tuple(i for i, name in enumerate(names) if target.parent is None and name in self.exercise.changes)
        with np.errstate(all="ignore"):
            expected = observe(target.reference, args)
            if expected.error is not None:
                raise expected.error
            outcome = observe(target.function, args, self._limited, changes)
        index = len(example.calls)
        example.calls.append(Call(target.parent, target.position, args, outcome, changes))
        self.after = {names[i]: value for i, value in zip(changes, outcome.after)}
        value = self._judged(outcome, expected, names, label, changes)

        def lifted(value: Any, raw: Any, like: Any, label: str, position: int) -> Any:
            if not callable(value):
                return value
            inner = tuple(inspect.signature(like).parameters)
            returned = Target(raw, like, inner, f"{label}({', '.join(inner)})", index, position)
            return lambda *args: self._call(example, returned, args)

        if isinstance(value, tuple):
            labels = self._labels(label, len(value))
            return tuple(lifted(v, outcome.raw[i], expected.raw[i], labels[i], i) for i, v in enumerate(value))
        return lifted(value, outcome.raw, expected.raw, label or self.exercise.returns[0], 0)

    def _limited(self, function: Callable[..., Any], args: tuple[Any, ...]) -> tuple[Any, BaseException | None]:
        start = time.perf_counter()
        try:
            return call(function, args, self.left, self.printed)
        except TimedOut as error:
            raise TimedOut(self.seconds, error.stopped) from None
        finally:
            self.left -= time.perf_counter() - start

    def _labels(self, label: str, parts: int) -> tuple[str, ...]:
        if not label and len(self.exercise.returns) == parts:
            return self.exercise.returns
        return tuple(f"{label or 'the result'}[{i}]" for i in range(parts))

    def _judged(
        self, outcome: Outcome, expected: Outcome, names: tuple[str, ...], label: str, changes: tuple[int, ...]
    ) -> Any:
        """Return the value if it has the form of the expected one."""
        who = f"{label.partition('(')[0]}" if label else "your function"
        if isinstance(outcome.error, NotImplementedError):
            raise NotStarted(f"{self.exercise.name} is not written yet")
        if outcome.error is not None:
            raise Mismatch(f"{_capital(who)} raised {describe_error(outcome.error, self.file)}")
        for i, (name, changed) in enumerate(zip(names, outcome.changed)):
            if changed and i not in changes:
                raise Mismatch(
                    f"{_capital(who)} changed its input {name}, which belongs to the caller. Make a new array "
                    f"({name} = {name} - 1, never {name} -= 1).",
                )
        whole = label or (self.exercise.returns[0] if len(self.exercise.returns) == 1 else "")
        if isinstance(expected.value, tuple):
            pair = f"({', '.join(self._labels(label, len(expected.value)))})"
            if not isinstance(outcome.value, tuple) or len(outcome.value) != len(expected.value):
                raise Mismatch(f"{_capital(who)} returned {describe(outcome.raw)}, expected the tuple {pair}.")
            labels = self._labels(label, len(expected.value))
            for i, part in enumerate(expected.value):
                _same_form(labels[i], outcome.value[i], outcome.raw[i], part)
                self._no_view(labels[i], outcome.raw[i], outcome, expected.raw[i], expected, names)
            return outcome.value
        _same_form(whole or "the result", outcome.value, outcome.raw, expected.value, who)
        self._no_view(whole, outcome.raw, outcome, expected.raw, expected, names)
        return outcome.value

    @staticmethod
    def _no_view(label: str, raw: Any, outcome: Outcome, like: Any, expected: Outcome, names: tuple[str, ...]) -> None:
        shares = "share their" if is_plural(label) else "shares its"
        is_it = "they are" if is_plural(label) else "it is"
        for name, given, theirs in zip(names, outcome.given, expected.given):
            if _overlap(raw, given) and not _overlap(like, theirs):
                raise Mismatch(
                    f"{_capital(label)} {shares} memory with the input {name} ({is_it} {name} itself or a view of it): "
                    "whoever changes one changes the other. Return a new array.",
                )


def _overlap(a: Any, b: Any) -> bool:
    return isinstance(a, np.ndarray) and isinstance(b, np.ndarray) and np.may_share_memory(a, b)


def _direct(function: Callable[..., Any], args: tuple[Any, ...]) -> tuple[Any, BaseException | None]:
    try:
        return function(*args), None
    except Exception as error:
        return None, error


def observe(
    function: Callable[..., Any],
    args: tuple[Any, ...],
    caller: Callable[..., Any] = _direct,
    changes: tuple[int, ...] = (),
) -> Outcome:
    """Call `function` on copies of `args` and write down what happened, also to those it is asked to change."""
    given = tuple(a.copy() if isinstance(a, np.ndarray) else a for a in args)
    value, error = caller(function, given)
    if inspect.iscoroutine(value):
        value.close()  # or Python complains, later, that nobody has waited for it
    changed = tuple(
        isinstance(a, np.ndarray) and (a.shape != b.shape or a.tobytes() != b.tobytes()) for a, b in zip(args, given)
    )
    return Outcome(_snapshot(value), error, changed, value, given, tuple(_snapshot(given[i]) for i in changes))


def _snapshot(value: Any) -> Any:
    """A copy that later changes cannot reach, of exact type: no method of a subclass is called, here or later."""
    if type(value) is tuple:
        return tuple(_snapshot(v) for v in value)
    if type(value) is list:  # not further down, for a list may hold itself; and no longer than any that is asked for
        return [v if type(v) in (tuple, list) else _snapshot(v) for v in value[:10_000]]
    if isinstance(value, np.ndarray):
        small = value.size * value.itemsize < 2**28  # bytes; the right answers are, a broadcast array may not be
        return np.array(value, copy=True if small else None, subok=False)
    if isinstance(value, np.generic):
        return np.array(value)[()]
    if isinstance(value, float):
        return float.__float__(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return int.__int__(value)
    return value


def alike(a: Any, b: Any) -> bool:
    """Say whether two results are the same up to rounding; functions count as the same."""
    if isinstance(a, tuple) and isinstance(b, tuple):
        return len(a) == len(b) and all(map(alike, a, b))
    if type(a) is list and type(b) is list:  # of counts: 2.0 is not 2
        return (
            len(a) == len(b)
            and all(isinstance(x, float) == isinstance(y, float) for x, y in zip(a, b))
            and all(map(alike, a, b))
        )
    if isinstance(a, np.ndarray) and isinstance(b, np.ndarray):
        if a.shape != b.shape or a.dtype != b.dtype or a.dtype.kind not in "fiub":
            return False
        return bool(np.allclose(a, b, rtol=1e-4, atol=1e-6, equal_nan=True))
    if is_number(a) and is_number(b):
        return bool(np.isclose(float(a), float(b), rtol=1e-4, atol=1e-6, equal_nan=True))
    return type(a) is type(b) and not isinstance(a, np.ndarray)


def is_number(value: Any) -> bool:
    """Say whether `value` is one real number: a Python or NumPy number or an array without axes."""
    if isinstance(value, bool | np.bool_):
        return False
    if isinstance(value, np.ndarray):
        return value.ndim == 0 and value.dtype.kind in "fiu"
    if isinstance(value, int):
        return value.bit_length() < 1024  # a larger one is no float
    return isinstance(value, float | np.floating | np.integer)


def _same_form(label: str, value: Any, raw: Any, expected: Any, who: str = "") -> None:
    """Raise unless `value` is the kind of thing `expected` is."""
    plural = is_plural(label)
    is_, has = ("are", "have") if plural else ("is", "has")
    says = f"{_capital(who)} returned" if who else f"{_capital(label)} {is_}"
    if isinstance(expected, np.ndarray):
        if not isinstance(value, np.ndarray):
            hint = " Work on plain arrays." if isinstance(raw, Tensor) else ""
            raise Mismatch(f"{says} {describe(raw)}, expected a numpy array.{hint}", expected, value, label)
        if value.shape != expected.shape:
            raise Mismatch(
                f"{_capital(label)} {has} shape {value.shape}, expected {expected.shape}.", expected, value, label
            )
        if value.dtype != expected.dtype:
            raise Mismatch(
                f"{_capital(label)} {has} dtype {value.dtype}, expected {expected.dtype}, that of the input.",
                expected,
                value,
                label,
            )
    elif isinstance(expected, list):
        if type(value) is not list:  # what a subclass says of itself need not be so
            raise Mismatch(f"{says} {describe(raw)}, expected a list.", expected, value, label)
    elif callable(expected):
        if not callable(value):
            raise Mismatch(f"{_capital(label)} {is_} {describe(raw)}, expected a function.")
    elif is_number(expected) and not is_number(value):
        raise Mismatch(f"{says} {describe(raw)}, expected one number.", expected, value, label)


def is_plural(label: str) -> bool:
    """Say whether a label names several things.

    Examples
    --------
    >>> from nnlite.course.student import is_plural
    >>> [is_plural(label) for label in ("the folds", "the weights after one step", "the loss", "y")]
    [True, True, False, False]
    """
    noun = re.match(r"the .*?(\S+?)(?= (?:of|after|times)\b|$)", label)
    return noun is not None and re.search(r"[^aisu]s$", noun[1]) is not None


def describe(value: Any) -> str:
    """Name what a value is, as one would say it aloud."""
    if value is None:
        return "None (is the return missing?)"
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape} and dtype {value.dtype}"
    if isinstance(value, tuple):
        return f"a tuple of {tuple.__len__(value)}"
    if isinstance(value, bool | np.bool_ | int | float | np.number | str):
        text = safe_repr(value.item() if isinstance(value, np.generic) else value)
        return f"{text if len(text) < 40 else text[:40] + '…'} ({type(value).__name__})"
    if inspect.isroutine(value):
        return "a function"
    name = type(value).__name__
    return f"{'an' if name[:1].lower() in 'aeiou' else 'a'} {name}"


def safe_repr(value: Any, write: Callable[[Any], str] = repr) -> str:
    """Return ``write(value)``, or that it fails: a student's ``__repr__`` and ``__str__`` may raise or never end."""
    try:
        text, error = call(write, (value,), 1.0, Printed())
    except TimedOut as late:
        error = late
    return text if error is None else f"<{write.__name__} fails: {type(error).__name__}>"


def describe_error(error: BaseException, file: str) -> str:
    """Say which error, and in which line of the student's own code."""
    text = safe_repr(error, str).strip().split("\n")[0].rstrip(".")
    said = f"{type(error).__name__}{': ' + text[:300] if text else ''}"
    mine = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == file]
    if not mine:
        return said
    code = f": `{mine[-1].line}`" if mine[-1].line else ""
    return f"{said}, in line {mine[-1].lineno}{code}"


def _capital(text: str) -> str:
    # Only words that open a sentence: names such as y and vjp stay as they are written.
    return text[:1].upper() + text[1:] if text.startswith(("your ", "the ")) else text
