"""An assignment: the students' folder is unsolved and complete, the instructor's passes its own tests."""

import json
import os
import subprocess
import sys

import pytest

from nnlite.course import check, lessons, workspace
from nnlite.course.export import chosen, export, syllabus

LOSS, SOFTMAX = lessons.find("perceptron.loss"), lessons.find("functional.softmax")


@pytest.fixture(scope="module")
def assignment(tmp_path_factory):
    return export(["softmax", "perceptron.loss"], tmp_path_factory.mktemp("class") / "week", "Week 2: ∇")


def pytest_in(folder):
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST")}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, env=environment)


def test_both_folders_have_the_same_files(assignment):
    names = {
        who: {str(p.relative_to(assignment / who)) for p in (assignment / who).rglob("*") if p.is_file()}
        for who in ("students", "instructor")
    }
    assert names["students"] == names["instructor"]
    assert len([name for name in names["students"] if name.startswith("exercises")]) == 2


def test_the_students_folder_is_a_course_of_just_these_and_gives_nothing_away(assignment):
    folder = assignment / "students"
    assert [(e.name, said) for e, said in workspace.statuses(folder)] == [
        ("functional.softmax", "not started"),
        ("perceptron.loss", "not started"),
    ]
    done = pytest_in(folder)
    assert done.returncode == 1 and "2 failed" in done.stdout
    for path in folder.rglob("*"):
        if path.is_file():
            text = path.read_text(encoding="utf-8")
            assert "margin[margin < 0]" not in text
            assert not any(known.sentence in text for known in LOSS.mistakes)


def test_the_instructors_folder_passes(assignment):
    done = pytest_in(assignment / "instructor")
    assert done.returncode == 0 and "2 passed" in done.stdout
    text = (assignment / "instructor" / "assignment.ipynb").read_text(encoding="utf-8")
    for exercise in (LOSS, SOFTMAX):
        for known in exercise.mistakes:
            assert json.dumps(known.sentence, ensure_ascii=False)[1:-1] in text


@pytest.mark.parametrize(("who", "solved"), [("students", False), ("instructor", True)])
def test_the_notebook_is_valid_and_runs(assignment, who, solved):
    notebook = json.loads((assignment / who / "assignment.ipynb").read_text(encoding="utf-8"))
    ids = [cell["id"] for cell in notebook["cells"]]
    assert len(set(ids)) == len(ids)
    space: dict = {"check": check}
    for cell in notebook["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "code" and source.startswith("check("):
            name = source[len("check(") : -1]
            assert bool(check(space[name])) is solved
        elif cell["cell_type"] == "code":
            exec(source, space)
    nbformat = pytest.importorskip("nbformat")
    nbformat.validate(nbformat.from_dict(notebook))


def test_the_syllabus_is_one_page_with_the_sums(assignment):
    text = (assignment / "students" / "syllabus.md").read_text(encoding="utf-8")
    assert text.startswith("# Week 2: ∇\n")
    assert f"{LOSS.minutes + SOFTMAX.minutes} minutes, {LOSS.points + SOFTMAX.points} points" in text
    for exercise in (LOSS, SOFTMAX):
        assert exercise.teaches in text and all(known in text for known in exercise.presumes)
    assert len(syllabus("All", list(lessons.EXERCISES.values())).splitlines()) < 70


def test_a_lesson_stands_for_its_exercises():
    lesson = next(lesson for lesson in lessons.LESSONS if LOSS in lesson.exercises)
    assert chosen(["02"]) == chosen(["2"]) == list(lesson.exercises)
    assert chosen(["softmax", "02", "perceptron.loss"]) == [SOFTMAX, *lesson.exercises]


def test_bad_input_writes_nothing(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    for names, out, title, words in (
        (["perceptron.los"], "a", "T", "did you mean 'perceptron.loss'"),
        (["99"], "a", "T", "no lesson 99"),
        ([], "a", "T", "no exercise is named"),
        (["softmax"], "a", " ", "title is ' '"),
        (["softmax"], "a", "two\nlines", "expected one line"),
        (["softmax"], ".", "T", "is not empty"),
        (["softmax"], "notes.txt", "T", "is a file"),
    ):
        with pytest.raises((ValueError, FileExistsError), match=words):
            export(names, tmp_path / out, title)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]
