"""The checks check: the stub fails, the library passes, and each known wrong answer fails by its own name."""

import doctest
import functools
import inspect
import types

import pytest

from nnlite.course import check, lessons
from nnlite.course.stubs import reference_file, stub_file

EXERCISES = list(lessons.EXERCISES.values())
MISTAKES = [(exercise, mistake) for exercise in EXERCISES for mistake in exercise.mistakes]


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
    assert len(exercise.mistakes) >= 4
    assert len({m.name for m in exercise.mistakes}) == len(exercise.mistakes)


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
    for mistake in exercise.mistakes:
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


def test_the_exercises_files_run_under_pytest_itself(tmp_path, monkeypatch):
    class Counter:
        passed = 0

        def pytest_runtest_logreport(self, report):
            self.passed += report.when == "call" and report.passed

    monkeypatch.chdir(tmp_path)
    counter, files = Counter(), [inspect.getfile(exercise.tests) for exercise in EXERCISES]
    assert pytest.main(["-p", "no:cacheprovider", "--rootdir", str(tmp_path), *files], plugins=[counter]) == 0
    assert counter.passed == sum(len(exercise.facts) for exercise in EXERCISES)
