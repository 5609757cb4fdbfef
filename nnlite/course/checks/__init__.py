"""What the checks are written with.

A check is a class in an exercise's file, with one test for one fact of mathematics. Its tests take the fixture
``student``, the function under check: the library's own, a student's, a wrong one or a mutant. The first line of a
test's docstring is what the student reads. ``student`` has already checked the form of a result (its type, shape and
dtype), so a test compares values only, with :func:`same`.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from nnlite.course.checks.strategies import made
from nnlite.course.student import Mismatch, StopShrinking, Student, is_number, is_plural

# For tests that call a vjp after other calls: nothing else can have gone wrong there.
KEPT_ELSEWHERE = (
    "vjp(dy) has changed after other calls: what a vjp needs belongs into local variables, made anew in every call of "
    "your function, and no call of the vjp may change them."
)


def drawn(*, examples: int = 40, **strategies: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Draw a test's arguments with hypothesis: the same ones each time, the smallest counterexample at the end.

    Strategies should draw integers below 100 and choices only: beyond that hypothesis mixes in constants from the
    source code it finds in memory, and two runs differ.
    """

    def decorate(test: Callable[..., Any]) -> Callable[..., Any]:
        @functools.cache
        def drawing() -> Callable[..., Any]:
            from hypothesis import HealthCheck, Phase, given, settings

            options = settings(
                max_examples=examples,
                derandomize=True,
                database=None,
                deadline=None,
                phases=(Phase.explicit, Phase.generate, Phase.shrink),
                suppress_health_check=list(HealthCheck),
                report_multiple_bugs=False,
                print_blob=False,
            )
            return options(given(**{name: made(strategy) for name, strategy in strategies.items()})(noting))

        @functools.wraps(test)
        def noting(self: Any, student: Student, **values: Any) -> None:
            try:
                test(self, student, **values)
            except Mismatch as mismatch:
                student.failed(mismatch)
                if student.searched_enough:
                    raise StopShrinking from mismatch
                raise

        @functools.wraps(test)
        def run(self: Any, student: Student) -> None:
            drawing()(self, student=student)

        # What is drawn is no fixture: pytest should not ask for it.
        run.__signature__ = inspect.signature(run, follow_wrapped=False)  # type: ignore[attr-defined]
        return run

    return decorate


def same(actual: Any, expected: Any, label: str, sentence: str = "") -> None:
    """Raise :class:`Mismatch` unless the two agree up to rounding; the dtype of `actual` says how closely they should.

    `sentence` says what is wrong. Without it the student reads "y is not right".
    """
    single = getattr(actual, "dtype", None) == np.float32
    close = np.isclose(actual, expected, rtol=1e-4 if single else 1e-6, atol=1e-5 if single else 1e-9)
    if np.all(close):
        return
    if not sentence:
        strange = ~np.isfinite(actual) & np.isfinite(expected)
        if np.any(strange):
            found = np.asarray(actual)[strange].flat[0] if np.ndim(actual) else actual
            holds = "is" if is_number(actual) else "hold" if is_plural(label) else "holds"
            sentence = f"{label} {holds} {found}, expected finite numbers."
        else:
            sentence = f"{label} {'are' if is_plural(label) else 'is'} not right."
    raise Mismatch(
        sentence[:1].upper() + sentence[1:] if label.startswith("the ") else sentence, expected, actual, label
    )
