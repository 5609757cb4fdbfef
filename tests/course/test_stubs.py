"""A student's file holds the signature and the statement, nothing of the answer, and imports only numpy and math."""

import ast
import inspect
import math
import re
import types

import numpy as np
import pytest

from nnlite import registry
from nnlite.arguments import Array
from nnlite.course import lessons, stub
from nnlite.course.exercise import Exercise, Lesson
from nnlite.course.stubs import reference_file, stub_file
from nnlite.random import generator

EXERCISES = list(lessons.EXERCISES.values())


def parsed(text, exercise):
    tree = ast.parse(text)
    functions = [n for n in tree.body if isinstance(n, ast.FunctionDef)]
    assert [f.name for f in functions] == [exercise.function_name]
    return tree, functions[0]


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda e: e.name)
def test_the_stub_is_the_statement_without_the_answer(exercise):
    tree, function = parsed(stub_file(exercise), exercise)
    assert not function.decorator_list
    assert len(function.body) == 2  # the docstring and the line that raises
    assert isinstance(function.body[1], ast.Raise)
    assert f'NotImplementedError("{exercise.name}: ' in stub_file(exercise)
    imports = {n.name for node in ast.walk(tree) if isinstance(node, ast.Import) for n in node.names}
    assert {"numpy"} <= imports <= {"numpy", "math"}
    assert not any(isinstance(node, ast.ImportFrom) for node in ast.walk(tree))
    assert ":func:" not in ast.get_docstring(function) and "Tensor" not in ast.get_docstring(function)


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda e: e.name)
def test_the_example_imports_nothing_that_the_file_has_anyway(exercise):
    """The function in the example is the student's own: to import the library's would show it to be right already."""
    own = rf">>> (import numpy as np|from nnlite.* import {exercise.function_name})\b"
    assert not re.search(own, stub_file(exercise))


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda e: e.name)
@pytest.mark.parametrize("make", [stub_file, reference_file])
def test_the_signature_is_the_librarys(exercise, make):
    module = types.ModuleType("student")
    exec(make(exercise), module.__dict__)
    mine = inspect.signature(getattr(module, exercise.function_name)).parameters
    theirs = inspect.signature(exercise.reference).parameters
    assert [(p.name, p.kind, p.default) for p in mine.values()] == [
        (p.name, p.kind, p.default) for p in theirs.values()
    ]


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda e: e.name)
def test_the_reference_keeps_the_body_with_its_comments(exercise):
    source = inspect.getsource(exercise.reference)
    body = source[source.rindex('"""') + 3 :].strip()
    assert reference_file(exercise).strip().endswith(body)


def _helper(x):
    return 2 * x


@registry.exercise("stubs.sample")
def sample(x: Array, size: "int | None" = None, rng: np.random.Generator = None) -> Array:
    """Sample :func:`sample` things.

    Raises
    ------
    ValueError
        Never.
    """
    # why the helper
    local = _helper(x) + math.pi

    def inner(y):
        return generator(rng).random() * y + local

    return inner(x)


def test_what_the_body_needs_is_imported(monkeypatch):
    exercise = Exercise("stubs.sample", __name__, 1, 1, "", (), ("one", "two", "three"), ("the result",))
    lesson = Lesson(1, "stubs", "Stubs", exercises=(exercise,))
    monkeypatch.setattr(lessons, "LESSONS", (*lessons.LESSONS, lesson))
    student, teacher = stub_file(exercise), reference_file(exercise)
    assert "import math\n\nimport numpy as np\n\n\ndef sample" in student
    assert (
        "def sample(x: np.ndarray, size: 'int | None'=None, rng: np.random.Generator = None) -> np.ndarray:" in student
    )
    assert "Raises" not in student and "nothing to validate" in student
    assert f"from {__name__} import _helper" in teacher and f"from {__name__} import generator" in teacher
    assert "local" not in teacher.split("def sample")[0]
    assert "# why the helper" in teacher
    del registry.REGISTRY["stubs.sample"]


def test_stub_by_any_name():
    assert stub("softmax") == stub("functional_softmax") == stub("functional.softmax")
    with pytest.raises(ValueError, match=r"did you mean 'softmax'"):
        stub("sofmax")
