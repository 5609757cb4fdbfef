"""The student's folder: made whole or not at all, never overwritten, and each exercise is judged by itself."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import nnlite
from nnlite.course import check, lessons, workspace
from nnlite.course.stubs import reference_file, stub_file
from nnlite.models import perceptron

LOSS = lessons.find("perceptron.loss")
SOFTMAX = lessons.find("functional.softmax")


@pytest.fixture
def course(tmp_path):
    return workspace.start(tmp_path / "my-course")


def write(course, exercise, text):
    (course / exercise.file).write_text(text, encoding="utf-8")


def contents(folder):
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_start_makes_notebooks_stubs_and_tests(course):
    found = set(contents(course))
    assert {e.file.replace("/", os.sep) for e in lessons.EXERCISES.values()} < found
    assert {"test_exercises.py", "README.md", ".nnlite-course.json"} < found
    assert {n.name for n in workspace.notebooks()} <= found
    assert not [name for name in found if name.endswith(".tmp")]
    assert [p.name for p in course.parent.iterdir()] == ["my-course"]


def test_start_in_an_empty_folder_and_in_one_that_has_no_parent_yet(tmp_path):
    (tmp_path / "empty").mkdir()
    first = contents(workspace.start(tmp_path / "empty"))
    assert contents(workspace.start(tmp_path / "a" / "b" / "c")) == first


def test_start_touches_nothing_that_is_there(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(FileExistsError, match="is not empty, expected a folder that is new or empty; nothing was"):
        workspace.start(tmp_path)
    with pytest.raises(FileExistsError, match=r"notes.txt is a file"):
        workspace.start(tmp_path / "notes.txt")
    for inside in ("x", "x/y"):
        with pytest.raises(NotADirectoryError, match=r"notes.txt is a file, expected a folder to make"):
            workspace.start(tmp_path / "notes.txt" / inside)
    assert contents(tmp_path) == {"notes.txt": b"mine"}


def test_a_start_that_fails_leaves_nothing(tmp_path, monkeypatch):
    def broken(exercise):
        raise OSError("disk full")

    monkeypatch.setattr(workspace, "stub_file", broken)
    with pytest.raises(OSError, match="disk full"):
        workspace.start(tmp_path / "course")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("written_before", range(6))
@pytest.mark.parametrize("name", ["", "new"])
def test_a_start_that_fails_half_way_leaves_nothing(tmp_path, monkeypatch, name, written_before):
    real, seen = workspace.replacing, []

    def full(path):
        seen.append(path)
        if len(seen) > written_before:
            raise KeyboardInterrupt
        return real(path)

    monkeypatch.setattr(workspace, "replacing", full)
    with pytest.raises(KeyboardInterrupt):
        workspace.start(tmp_path / name)
    assert not list(tmp_path.iterdir())
    monkeypatch.undo()
    assert workspace.start(tmp_path / name)  # and the way is free


@pytest.mark.parametrize("number", [errno.EROFS, errno.ENOSPC, errno.EACCES])
def test_where_nothing_can_be_written_exercises_are_still_checked(course, monkeypatch, number):
    write(course, LOSS, reference_file(LOSS))

    def refused(path):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(workspace, "replacing", refused)
    assert workspace.check_file(LOSS, course)
    assert workspace.next_hint(LOSS, course).text == LOSS.hints[0]


def test_unsolved_falls_back_to_the_library(course):
    assert workspace.solved_functions(course)[0] == {}
    write(course, LOSS, reference_file(LOSS))
    solved, others = workspace.solved_functions(course)
    assert list(solved) == ["perceptron.loss"]
    assert others == dict.fromkeys(set(lessons.EXERCISES) - {"perceptron.loss"}, "not started")
    w, X, y = np.zeros(2), np.ones((1, 2)), np.array([1.0])
    with nnlite.substitute(solved) as calls:
        assert perceptron.loss(w, X, y) == 0.0
    assert calls == {"perceptron.loss": 1}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "def loss(w, X, y):\n    return (\n",
            "exercises/perceptron_loss.py is not Python in line 2 ('(' was never closed)",
        ),
        ("\0", "exercises/perceptron_loss.py"),
        ("import nothing_of_this_name\n", "fails before the function can be called: ModuleNotFoundError"),
        ("1 / 0\n", "ZeroDivisionError: division by zero, in line 1: `1 / 0`"),
        ("raise SystemExit\n", "fails before the function can be called: SystemExit"),
        ("def other():\n    pass\n", "has no function called loss: was it renamed?"),
        ("loss = 3\n", "has no function called loss: was it renamed?"),
        (None, "There is no file exercises/perceptron_loss.py"),
    ],
)
def test_a_broken_file_gets_its_sentence(course, text, words):
    if text is None:
        (course / LOSS.file).unlink()
    else:
        write(course, LOSS, text)
    result = workspace.check_file(LOSS, course)
    assert not result and result.verdict == "missing" and words in result.failure.sentence
    assert "Traceback" not in repr(result) and result._repr_html_()


def test_beside_a_broken_file_the_others_are_checked(course):
    write(course, SOFTMAX, reference_file(SOFTMAX))
    write(course, LOSS, "def loss(w, X, y)\n    return 0")
    solved, others = workspace.solved_functions(course)
    assert list(solved) == ["functional.softmax"]
    assert "is not Python in line 1" in others["perceptron.loss"]


def test_bytes_that_are_no_text(course):
    (course / LOSS.file).write_bytes(b"\xff\xfe\x00")
    assert "cannot be read" in repr(workspace.check_file(LOSS, course))


def test_a_file_that_never_ends(course):
    write(course, LOSS, "while True:\n    pass\n")
    with pytest.raises(LookupError, match="does it run a loop outside the function"):
        workspace.load(LOSS, course, seconds=0.2)


def test_status_remembers_what_passed_until_the_file_changes(course, monkeypatch):
    assert {e.name: s for e, s in workspace.statuses(course)} == dict.fromkeys(lessons.EXERCISES, "not started")
    write(course, LOSS, reference_file(LOSS))
    assert workspace.check_file(LOSS, course)
    with monkeypatch.context() as patch:
        patch.setattr(workspace, "run", None)  # nothing is run again
        assert {e.name: s for e, s in workspace.statuses(course)}["perceptron.loss"] == "solved"
    write(course, LOSS, "def loss(w, X, y):\n    return 0.0\n")
    (course / SOFTMAX.file).unlink()
    changed = {"perceptron.loss": "not solved", "functional.softmax": "missing"}
    found = {e.name: s for e, s in workspace.statuses(course)}
    assert found == {**dict.fromkeys(lessons.EXERCISES, "not started"), **changed}


@pytest.mark.parametrize("text", ["", "{", "[]", '{"passed": 3}', "[" * 100_000])
def test_a_damaged_note_file_only_loses_the_ticks(course, text):
    (course / ".nnlite-course.json").write_text(text)
    write(course, LOSS, reference_file(LOSS))
    assert {e.name: s for e, s in workspace.statuses(course)}["perceptron.loss"] == "solved"


@pytest.mark.parametrize("value", ['"x"', "-7", "1.5", "null", "true", "[1]"])
def test_a_damaged_entry_is_ignored_and_the_others_are_kept(course, value):
    hints, passed = f'{{"functional.softmax": {value}, "perceptron.loss": 1}}', f'{{"perceptron.loss": {value}}}'
    (course / ".nnlite-course.json").write_text(f'{{"hints": {hints}, "passed": {passed}}}')
    assert workspace.next_hint(SOFTMAX, course).text == SOFTMAX.hints[0]
    assert workspace.next_hint(SOFTMAX, course).text == SOFTMAX.hints[1]
    assert workspace.next_hint(LOSS, course).text == LOSS.hints[1]
    assert {e.name: s for e, s in workspace.statuses(course)}["perceptron.loss"] == "not started"


def test_hints_are_remembered(course):
    texts = [workspace.next_hint(LOSS, course).text for _ in range(4)]
    assert texts == [*LOSS.hints, LOSS.hints[-1]]


def test_the_folder_is_found_from_within(course, monkeypatch, tmp_path):
    assert workspace.course_folder(course / "exercises") == course
    assert workspace.course_folder(tmp_path) is None
    with pytest.raises(FileNotFoundError, match="is no course folder; make one with: nnlite course start"):
        workspace.required(tmp_path)
    monkeypatch.chdir(course / "exercises")
    assert workspace.course_folder().samefile(course)
    write(course, LOSS, reference_file(LOSS))
    assert check("perceptron.loss")


@pytest.mark.parametrize("name", ["typo", "README.md", "exercises/typo"])
def test_a_folder_that_is_none_is_not_the_course_around_it(course, monkeypatch, name):
    monkeypatch.chdir(course)
    assert workspace.course_folder(name) is None
    with pytest.raises(FileNotFoundError, match=r"is no course folder; .*, or name one$"):
        workspace.solved_functions(name)


def test_start_writes_what_the_stub_is(course):
    assert (course / LOSS.file).read_text(encoding="utf-8") == stub_file(LOSS)


def test_plain_pytest_gives_the_same_verdicts(course):
    write(course, LOSS, reference_file(LOSS))
    wrong = reference_file(SOFTMAX).replace("y * (dy - np", "(dy - np")
    assert wrong != reference_file(SOFTMAX)
    write(course, SOFTMAX, wrong)
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST")}
    done = subprocess.run(
        [sys.executable, "-m", "pytest"], cwd=course, capture_output=True, text=True, timeout=120, env=environment
    )
    assert done.returncode == 1
    assert f"{len(lessons.EXERCISES) - 1} failed, 1 passed" in done.stdout
    assert repr(workspace.check_file(SOFTMAX, course)) in done.stdout
    assert "Traceback" not in done.stdout and "hypothesis/" not in done.stdout
    assert not (course / ".hypothesis").exists()


def test_notebooks_come_from_the_checkout_or_the_package(tmp_path, monkeypatch):
    package = tmp_path / "nnlite"
    (package / "notebooks").mkdir(parents=True)
    (package / "notebooks" / "01_first.ipynb").write_text("{}")
    monkeypatch.setattr(nnlite, "__file__", str(package / "__init__.py"))
    assert workspace.notebooks() == [Path(package / "notebooks" / "01_first.ipynb")]
    (package / "notebooks").rename(tmp_path / "notebooks")
    assert workspace.notebooks() == [tmp_path / "notebooks" / "01_first.ipynb"]
