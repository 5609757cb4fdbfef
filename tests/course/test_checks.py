"""The checks check: the stub fails, the library passes, and each known wrong answer fails by its own name."""

import doctest
import functools
import subprocess
import sys
import types
from pathlib import Path

import pytest

import nnlite.course
from nnlite.course import catalog, check
from nnlite.course.mistakes import mistakes_of
from nnlite.course.stubs import reference_file, stub_file

EXERCISES = list(catalog.EXERCISES.values())
MISTAKES = [(exercise, mistake) for exercise in EXERCISES for mistake in mistakes_of(exercise)]


@functools.cache
def checked(exercise, mistake):
    return check(exercise.name, mistake.function)


def function_in(text, exercise):
    module = types.ModuleType("student")
    exec(compile(text, "student.py", "exec"), module.__dict__)
    return getattr(module, exercise.function_name), module


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda e: e.name)
def test_the_stub_fails(exercise):
    function, _ = function_in(stub_file(exercise), exercise)
    result = check(exercise.name, function)
    assert not result and result.verdict == "not started"


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda e: e.name)
def test_the_reference_passes(exercise):
    function, module = function_in(reference_file(exercise), exercise)
    result = check(exercise.name, function)
    assert result, result
    assert result.seconds < 10  # 2 s on a quiet machine
    outcome = doctest.DocTestRunner(verbose=False).run(
        doctest.DocTestFinder().find(function, globs=dict(vars(module)))[0]
    )
    assert outcome.attempted > 0 and outcome.failed == 0


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda e: e.name)
def test_enough_wrong_answers_are_known(exercise):
    assert len(mistakes_of(exercise)) >= 4
    assert len({m.name for m in mistakes_of(exercise)}) == len(mistakes_of(exercise))


@pytest.mark.parametrize(("exercise", "mistake"), MISTAKES, ids=lambda part: part.name)
def test_a_known_wrong_answer_fails_by_name(exercise, mistake):
    result = checked(exercise, mistake)
    assert not result
    assert result.mistake is mistake
    for said in (repr(result), result._repr_html_()):
        assert mistake.sentence.split()[-1].strip(".") in said
    assert " ".join(mistake.sentence.split()) in " ".join(repr(result).split())


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda e: e.name)
def test_every_test_says_what_should_hold_and_catches_something(exercise):
    """Each test of a check is failed by some wrong answer, and none by the library."""
    failing = set()
    for mistake in mistakes_of(exercise):
        failing |= {title for title, ok in checked(exercise, mistake).facts if not ok}
    result = check(exercise.name, exercise.reference)
    assert failing == {title for title, _ in result.facts}
    assert all(title.endswith(".") for title, _ in result.facts)


def test_the_same_check_finds_the_same_counterexample():
    mistake = next(m for e, m in MISTAKES if m.name == "softmax_vjp_over_everything")
    first, second = (check("softmax", mistake.function).failure for _ in range(2))
    assert {k: str(v) for k, v in first.inputs.items()} == {k: str(v) for k, v in second.inputs.items()}


def test_the_counterexample_is_small():
    mistake = next(m for e, m in MISTAKES if m.name == "loss_mean_instead_of_sum")
    inputs = check("perceptron.loss", mistake.function).failure.inputs
    assert inputs["X"].shape == (2, 1)
    assert abs(inputs["X"]).max() == 1


def test_two_mistakes_at_once_are_not_called_one():
    def loss(w, X, y):
        return 7.0 + (y * (X @ w)).mean()

    result = check("perceptron.loss", loss)
    assert not result and result.mistake is None


def test_the_check_modules_run_under_pytest_itself(tmp_path):
    folder = Path(nnlite.course.__file__).parent / "checks"
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *map(str, folder.glob("check_*.py"))]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout
    assert f"{sum(check(e.name, e.reference).tests for e in EXERCISES)} passed" in done.stdout
