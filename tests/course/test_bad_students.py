"""A folder full of bad files: each gets a sentence of its own, and the good one among them still passes.

Each file is checked as a student does it, ``nnlite course check``, together with a right answer to another exercise.
"""

import argparse
import os
import shutil
import subprocess
import sys

import numpy as np
import pytest

from nnlite.course import check, lessons, workspace
from nnlite.course.commands import add_commands
from nnlite.course.notebook import solution_cell
from nnlite.course.stubs import reference_file
from nnlite.models import perceptron

LOSS = lessons.find("perceptron.loss")
SOFTMAX = lessons.find("functional.softmax")
UPDATE = lessons.find("mlp.update")

RIGHT = "import numpy as np\n\n\ndef loss(w, X, y):\n    return float(np.maximum(-y * (X @ w), 0).sum())\n"


@pytest.fixture(scope="module")
def fresh(tmp_path_factory):
    folder = workspace.start(tmp_path_factory.mktemp("fresh") / "my-course")
    (folder / UPDATE.file).write_text(reference_file(UPDATE), encoding="utf-8")
    return folder


@pytest.fixture
def course(fresh, tmp_path):
    return shutil.copytree(fresh, tmp_path / "my-course")


def checked(course, capsys, *names):
    """What ``nnlite course check`` prints about the two exercises, the bad one and the good one."""
    parser = argparse.ArgumentParser("nnlite")
    add_commands(parser.add_subparsers())
    options = parser.parse_args(["course", "check", "perceptron.loss", "mlp.update", "--folder", str(course)])
    code = options.run(options)
    out, err = capsys.readouterr()
    bad, good = out.split("mlp.update: ")
    assert good.startswith("solved, all ") and err == ""
    assert "Traceback" not in out
    solved = bad.startswith("perceptron.loss: solved")
    assert code == (not solved) and good.endswith(f"{1 + solved} of 2 solved\n")
    return " ".join(bad.split())


def body(*lines):
    return "\n    ".join(["import numpy as np\n\n\ndef loss(w, X, y):", *lines]) + "\n"


BAD = {
    "a syntax error": (
        "def loss(w, X, y)\n    return 0.0\n",
        "perceptron_loss.py is not Python in line 1 (expected ':')",
    ),
    "tabs and spaces": (
        "def loss(w, X, y):\n\tz = 0\n        return z\n",
        "is not Python in line 3 (inconsistent use of",
    ),
    "nested too deep": ("x = " + "-" * 100_000 + "1\n", "is not Python that can be read: it is nested too deeply"),
    "brackets without end": ("x = " + "(" * 100_000 + "\n", "perceptron_loss.py is not Python"),
    "raises at import": ("a = [1]\nb = a[3]\n", "IndexError: list index out of range, in line 2: `b = a[3]`"),
    "no such module": ("import torch_of_the_future\n", "ModuleNotFoundError: No module named"),
    "a module of the course": ("from exercises.mlp_forward import forward\n", "ModuleNotFoundError: No module named"),
    "renamed": ("def perceptron(w, X, y):\n    return 0.0\n", "has no function called loss: was it renamed?"),
    "asks a question at import": ("n = int(input('how many? '))\n" + RIGHT, "EOFError: nobody can answer here"),
    "returns None": (body("-(y * (X @ w)).sum()"), "returned None (is the return missing?), expected one number"),
    "returns a list": (body("return [max(0, -a) for a in y * (X @ w)]"), "returned a list, expected one number"),
    "returns text": (body("return f'{0.0:.3f}'"), "returned '0.000' (str), expected one number"),
    "yields": (body("yield 0.0"), "returned a generator, expected one number"),
    "async": ("async " + RIGHT.split("\n\n\n")[1], "returned a coroutine, expected one number"),
    "too few arguments": ("def loss(w, X):\n    return 0.0\n", "raised TypeError: loss() takes 2 positional arguments"),
    "changes its input": (body("X *= 0", "return 0.0"), "changed its input X, which belongs to the caller"),
    "asks a question": (body("return float(input())"), "raised EOFError: nobody can answer here"),
    "calls itself for ever": (body("return loss(w, X, y)"), "raised RecursionError: maximum recursion depth exceeded"),
    "memory without end": (body("return float(np.ones(10**15).sum())"), "raised MemoryError"),
    "an array without end": (
        body("return np.broadcast_to(0.0, (10**6, 10**6))"),
        "returned an array of shape (1000000,",
    ),
    "leaves": (body("raise SystemExit(0)"), "raised SystemExit: 0"),
    "nan": (body("return float('nan')"), "The loss is nan, expected finite numbers"),
}


@pytest.mark.parametrize(("text", "words"), BAD.values(), ids=BAD)
def test_each_gets_its_sentence_and_the_others_are_checked(course, capsys, text, words):
    (course / LOSS.file).write_text(text, encoding="utf-8")
    assert words in checked(course, capsys)


def test_no_two_of_them_get_the_same_sentence():
    assert len({words for _, words in BAD.values()}) >= len(BAD) - 5  # there are several ways not to be Python


GOOD = {
    "as saved by an old editor on Windows": ("\ufeff" + RIGHT).replace("\n", "\r\n"),
    "prints megabytes at import": "for _ in range(3000):\n    print('x' * 10_000)\n" + RIGHT,
    "writes to the error stream at import": "import sys\nsys.stderr.write('x' * 10_000_000)\n" + RIGHT,
    "goes to another folder": "import os, tempfile\nos.chdir(tempfile.gettempdir())\n" + RIGHT,
    "takes the screen away": "import sys\nsys.stdout = sys.stderr = None\n" + RIGHT,
    "wants warnings to be errors": "import warnings\nwarnings.simplefilter('error')\n" + RIGHT,
    "wants every rounding to be an error": "import numpy as np\nnp.seterr(all='raise')\n" + RIGHT,
    "draws with a seed of its own": "import random\nimport numpy as np\nnp.random.seed(0)\nrandom.seed(0)\n" + RIGHT,
}


@pytest.mark.parametrize("text", GOOD.values(), ids=GOOD)
def test_odd_habits_that_do_no_harm(course, capsys, monkeypatch, text):
    monkeypatch.chdir(course.parent)
    (course / LOSS.file).write_bytes(text.encode())
    assert checked("my-course", capsys).startswith("perceptron.loss: solved")


@pytest.mark.parametrize(
    ("line", "words"), [("breakpoint()", "BdbQuit"), ("name = input('who? ')", "EOFError: nobody")]
)
def test_the_keyboard_is_left_alone(course, line, words):
    (course / LOSS.file).write_text(line + "\n" + RIGHT, encoding="utf-8")
    command = [sys.executable, "-m", "nnlite", "course", "check", "perceptron.loss", "mlp.update"]
    done = subprocess.run(command, cwd=course, input="continue\n", capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and done.stderr == ""
    said = " ".join(done.stdout.split())
    assert f"fails before the function can be called: {words}" in said and "mlp.update: solved" in said


def test_utf_16_is_said_to_be_unreadable(course, capsys):
    (course / LOSS.file).write_bytes(RIGHT.encode("utf-16"))
    assert "perceptron_loss.py cannot be read" in checked(course, capsys)


def test_a_missing_file(course, capsys):
    (course / LOSS.file).unlink()
    assert "There is no file exercises/perceptron_loss.py. To start it anew: nnlite course stub" in checked(
        course, capsys
    )


def test_a_folder_in_its_place(course, capsys):
    (course / LOSS.file).unlink()
    (course / LOSS.file).mkdir()
    assert "perceptron_loss.py cannot be read" in checked(course, capsys)


@pytest.mark.skipif(os.name == "nt", reason="symbolic links need rights on Windows")
def test_a_link_to_itself(course, capsys):
    (course / LOSS.file).unlink()
    (course / LOSS.file).symlink_to(course / LOSS.file)
    assert "perceptron_loss.py cannot be read" in checked(course, capsys)


ENDLESS = {
    "an endless loop": ["while True:", "    pass"],
    "a loop that prints": ["while True:", "    print('still here')"],
    "a loop that goes on after errors": [
        "while True:",
        "    try:",
        "        X @ w",
        "    except Exception:",
        "        pass",
    ],
    "a list that grows": ["kept = []", "while True:", "    kept.append(X @ w)"],
}


@pytest.mark.parametrize("name", ENDLESS)
def test_what_never_ends_is_stopped_and_the_others_are_checked(course, name):
    (course / LOSS.file).write_text(body(*ENDLESS[name]), encoding="utf-8")
    result = workspace.check_file(LOSS, course, seconds=0.5)
    assert "Stopped after 0.5 seconds, without an answer. Is there a loop that never ends?" in result.failure.sentence
    assert ("It printed" in repr(result)) == (name == "a loop that prints")
    assert workspace.check_file(UPDATE, course)


def test_the_wrong_dtype_and_a_view(course, capsys):
    right = reference_file(SOFTMAX)
    for wrong, words in (
        (right.replace("return y, vjp", "return y.astype(np.float64), vjp"), "y has dtype float64, expected float32"),
        (right.replace("return y, vjp", "return x[...], vjp"), "y shares its memory with the input x"),
        (right.replace("return y, vjp", "return [y, vjp]"), "returned a list, expected the tuple (y, vjp)"),
    ):
        assert wrong != right
        (course / SOFTMAX.file).write_text(wrong, encoding="utf-8")
        assert words in " ".join(repr(workspace.check_file(SOFTMAX, course)).split())


# In a notebook


@pytest.fixture
def notebook(monkeypatch):
    interactive = pytest.importorskip("IPython.core.interactiveshell")
    shell = interactive.InteractiveShell()
    monkeypatch.setattr("IPython.get_ipython", lambda: shell)
    yield shell
    shell.history_manager.end_session()


def test_a_broken_cell_gets_its_sentence_and_the_next_exercise_is_checked(notebook, capsys, course, monkeypatch):
    monkeypatch.chdir(course)
    broken = "import numpy as np\n\n\ndef perceptron_loss(w, X, y):\n    return (y * (X @ w).sum()\n"
    for cell in (broken, solution_cell("functional.softmax"), "%pwd"):
        notebook.run_cell(cell, store_history=True)
    sentence = check("perceptron.loss").failure.sentence
    assert sentence == "The cell that defines perceptron_loss is not Python in line 5 ('(' was never closed)."
    assert check("functional.softmax")
    notebook.run_cell("%time None\n" + solution_cell("perceptron.loss"), store_history=True)
    assert check("perceptron.loss")


def test_the_library_is_as_it_was(course, capsys):
    (course / LOSS.file).write_text(body("return 1.0"), encoding="utf-8")
    before = perceptron.loss(np.ones(1), np.ones((1, 1)), np.array([1]))
    checked(course, capsys)
    assert perceptron.loss(np.ones(1), np.ones((1, 1)), np.array([1])) == before
