"""Running the checks of one exercise on one function, without pytest: the same tests, the same verdict.

The tests of the check class are called one by one, in the order in which they are written. Nothing is printed and
nothing is written to the student's folder.
"""

from __future__ import annotations

import atexit
import contextlib
import tempfile
import time
from collections.abc import Callable, Iterator
from typing import Any

from nnlite.course.exercise import Exercise
from nnlite.course.feedback import Result
from nnlite.course.findings import Failure
from nnlite.course.mistakes import recognise
from nnlite.course.student import Mismatch, NotStarted, StopShrinking, Student
from nnlite.course.timeout import TimedOut


def run(exercise: Exercise, function: Callable[..., Any], seconds: float | None = None) -> Result:
    """Run every check of `exercise` on `function`; `seconds` limits what its calls may take together."""
    started = time.perf_counter()
    student = Student(exercise, function, seconds)
    result = Result(exercise)
    instance = exercise.tests()
    with hypothesis_elsewhere():
        for name, title in exercise.facts:
            failure = run_test(getattr(instance, name), student)
            result.facts.append((title, failure is None))
            if failure is not None and result.failure is None:
                result.failure = failure
                failure.fact = title
            if failure is not None and failure.final:
                break
    if result.failure is None:
        result.verdict = "solved"
    else:
        result.verdict = result.failure.verdict
        result.mistake = recognise(student)
    result.tests = len(exercise.facts)
    result.printed = (student.printed.text, student.printed.size)
    result.seconds = time.perf_counter() - started
    return result


def run_test(test: Callable[..., Any], student: Student) -> Failure | None:
    """Run one test and return what went wrong, if anything did."""
    from hypothesis.errors import Flaky

    student.begin_test()
    try:
        test(student=student)
    except (Mismatch, NotStarted) as error:
        student.failed(error)
        return Failure.of(error, student)
    except (TimedOut, StopShrinking) as error:
        # The search for a smaller counterexample was cut short: the smallest so far will do.
        if student.here:
            smallest = min(student.here, key=lambda example: example.size)
            return Failure.of(smallest.mismatch or error, student)
        return Failure.of(error, student)
    except Flaky:
        return Failure.of(
            Mismatch("Your function gives different answers to the same question: it remembers something, or draws."),
            student,
        )
    return None


_elsewhere: list[tempfile.TemporaryDirectory[str]] = []


@contextlib.contextmanager
def hypothesis_elsewhere() -> Iterator[None]:
    """Keep hypothesis from making its folder in the current one."""
    from hypothesis import configuration

    if not _elsewhere:
        _elsewhere.append(tempfile.TemporaryDirectory(prefix="nnlite-"))
        atexit.register(_elsewhere[0].cleanup)
    before = getattr(configuration, "__hypothesis_home_directory", None)
    configuration.set_hypothesis_home_dir(_elsewhere[0].name)
    try:
        yield
    finally:
        configuration.set_hypothesis_home_dir(before)
