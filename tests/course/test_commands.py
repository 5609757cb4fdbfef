"""``nnlite course …`` in a terminal: what is printed, and the exit code."""

import argparse
import io
import sys

import pytest

from nnlite.course import lessons
from nnlite.course.commands import add_commands
from nnlite.course.stubs import reference_file, stub_file

LOSS = lessons.find("perceptron.loss")
EXERCISES = list(lessons.EXERCISES.values())
COUNT = len(EXERCISES)
POINTS = sum(exercise.points for exercise in EXERCISES)


@pytest.fixture
def course(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert nnlite("start", "my-course") == 0
    assert "my-course is ready" in capsys.readouterr().out
    monkeypatch.chdir(tmp_path / "my-course")
    return tmp_path / "my-course"


def nnlite(*words):
    parser = argparse.ArgumentParser("nnlite")
    add_commands(parser.add_subparsers())
    options = parser.parse_args(["course", *words])
    return options.run(options)


def test_the_whole_way(course, capsys):
    assert nnlite("status") == 0
    out = capsys.readouterr().out
    assert out.startswith(f"0 of {COUNT} exercises solved, 0 of {POINTS} points")
    assert f"Next: {EXERCISES[0].name}" in out and f"{EXERCISES[0].long_name}.py" in out

    assert nnlite("check") == 1
    out = capsys.readouterr().out
    assert out.count("not started") == COUNT and out.endswith(f"0 of {COUNT} solved\n")

    assert [nnlite("hint", "softmax"), nnlite("hint", "functional.softmax")] == [0, 0]
    out = capsys.readouterr().out
    assert "hint 1 of 3" in out and "hint 2 of 3" in out

    for exercise in EXERCISES:
        (course / exercise.file).write_text(reference_file(exercise), encoding="utf-8")
    assert nnlite("check", "softmax") == 0
    assert "functional.softmax: solved" in capsys.readouterr().out
    assert nnlite("check") == 0
    assert capsys.readouterr().out.endswith(f"{COUNT} of {COUNT} solved\n")
    assert nnlite("status") == 0
    out = capsys.readouterr().out
    assert f"{POINTS} of {POINTS} points" in out and "nnlite tour --mine" in out


def test_from_outside_with_folder(course, capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert nnlite("status", "--folder", "my-course") == 0
    assert nnlite("check", "perceptron.loss", "--folder", "my-course") == 1
    assert nnlite("hint", "perceptron.loss", "--folder", "my-course") == 0
    capsys.readouterr()
    assert nnlite("status") == 2
    assert "is no course folder; make one with: nnlite course start" in capsys.readouterr().err


def test_mistakes_on_the_command_line(course, capsys):
    assert nnlite("check", "sofmax") == 2
    assert "did you mean 'softmax'" in capsys.readouterr().err
    assert nnlite("start", ".") == 2
    assert "is not empty" in capsys.readouterr().err
    assert nnlite("start", "README.md/x") == 2
    assert "README.md is a file" in capsys.readouterr().err
    assert nnlite("status", "--folder", "typo") == 2
    assert "typo is no course folder" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        nnlite()


def test_a_stub_again(course, capsys):
    assert nnlite("stub", "perceptron.loss") == 0
    assert capsys.readouterr().out == stub_file(LOSS)


def test_a_terminal_without_greek(course, monkeypatch):
    (course / LOSS.file).write_text("def loss(w, X, y):\n    return 1.0\n")
    screen = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", screen)
    assert nnlite("check", "perceptron.loss") == 1
    screen.flush()
    assert b"w?x over the misclassified" in screen.buffer.getvalue()
