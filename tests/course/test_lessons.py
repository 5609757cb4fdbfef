"""The checks check: the stub fails, the library passes, and each known wrong answer fails by its own name."""

import doctest
import inspect
import os
import subprocess
import sys
import types
from pathlib import Path
from typing import NamedTuple

import pytest
from spread import spread

from nnlite.course import check, lessons
from nnlite.course.stubs import reference_file, stub_file
from nnlite.course.student import Student

EXERCISES = list(lessons.EXERCISES.values())
MISTAKES = [(exercise, mistake) for exercise in EXERCISES for mistake in exercise.mistakes]

#: for CI all known wrong answers are checked, for whoever works on nnlite every fourth one: a quarter of the time
ALL = os.environ.get("CI", "").lower() == "true"


def chosen(exercise):
    return exercise.mistakes if ALL else exercise.mistakes[::4]


class Seen(NamedTuple):
    """What a student sees of a check."""

    solved: bool
    mistake: str | None
    failed: list[str]
    texts: tuple[str, str]

    @classmethod
    def of(cls, result):
        failed = [title for title, ok in result.facts if not ok]
        mistake = result.mistake.name if result.mistake else None
        return cls(bool(result), mistake, failed, (repr(result), result._repr_html_()))


def checks_of_wrong_answers(name):
    """Check the wrong answers to an exercise with a short search for small counterexamples, which takes the time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Student, "search", 10)
        return {m.name: Seen.of(check(name, m.function)) for m in chosen(lessons.EXERCISES[name])}


@pytest.fixture(scope="module")
def checked(request):
    return spread(checks_of_wrong_answers, request)


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


@pytest.mark.parametrize(("exercise", "mistake"), [(e, m) for e in EXERCISES for m in chosen(e)], ids=lambda p: p.name)
def test_a_known_wrong_answer_fails_by_name(exercise, mistake, checked):
    failed_by_name(checked[exercise.name][mistake.name], mistake)


@pytest.mark.slow
@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda e: e.name)
def test_with_the_whole_search_each_still_fails_by_name(exercise):
    for mistake in exercise.mistakes:
        failed_by_name(Seen.of(check(exercise.name, mistake.function)), mistake)


def failed_by_name(seen, mistake):
    assert not seen.solved
    assert seen.mistake == mistake.name
    for said in seen.texts:
        assert mistake.sentence.split()[-1].strip(".") in said
    assert " ".join(mistake.sentence.split()) in " ".join(seen.texts[0].split())


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda e: e.name)
def test_every_test_says_what_should_hold(exercise):
    assert all(title.endswith(".") for _, title in exercise.facts)


@pytest.mark.skipif(not ALL, reason="some tests are failed by one wrong answer only: for CI, where all are checked")
@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda e: e.name)
def test_every_test_catches_something(exercise, checked):
    """Each test of a check is failed by some wrong answer; that the library passes them all is tested above."""
    failing = {title for seen in checked[exercise.name].values() for title in seen.failed}
    assert failing == {title for _, title in exercise.facts}


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
    """All of them are found, and those of one lesson are run."""

    class Counter:
        found = passed = 0

        def pytest_collection_finish(self, session):
            self.found = len(session.items)

        def pytest_runtest_logreport(self, report):
            self.passed += report.when == "call" and report.passed

    def counted(exercises, *options):
        counter, files = Counter(), [inspect.getfile(exercise.tests) for exercise in exercises]
        options = ["-p", "no:cacheprovider", "--rootdir", str(tmp_path), *options]
        assert pytest.main([*options, *files], plugins=[counter]) == 0
        return counter

    monkeypatch.chdir(tmp_path)
    assert counted(EXERCISES, "--collect-only").found == sum(len(exercise.facts) for exercise in EXERCISES)
    first = lessons.LESSONS[0].exercises
    assert counted(first).passed == sum(len(exercise.facts) for exercise in first)


def test_every_file_of_a_lesson_is_in_its_list_and_holds_the_exercise_of_its_name():
    for lesson in lessons.LESSONS:
        folder = Path(lessons.__file__).parent / lesson.topic
        files = {file.stem for file in folder.glob("*.py")} - {"__init__", "drawn"}
        assert sorted(files) == sorted(exercise.long_name for exercise in lesson.exercises)
        assert [exercise.name for exercise in lesson.exercises] == list(lesson.names)


def test_reading_the_exercises_loads_neither_pytest_nor_hypothesis():
    code = "import sys; from nnlite.course import lessons, stub; stub('softmax'); lessons.find('softmax').mistakes; "
    code += "print({'pytest', '_pytest', 'hypothesis'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout == "set()\n", done.stderr
