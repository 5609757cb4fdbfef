"""The lessons and exercises of the course, in order.

An exercise is a function of the library with its body taken out. The statement is the function's docstring, the
reference is the library's own formula, the check is a class in ``checks/``; only what the source cannot say stands
here: where the exercise belongs, how long it takes, what it presumes and teaches, and three hints, each saying more
than the one before.
"""

from __future__ import annotations

import difflib
import importlib
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from nnlite import registry


@dataclass(frozen=True)
class Exercise:
    """One function to write: its name in the registry and what a student and a teacher plan with."""

    name: str  # as in nnlite.registry, for instance "perceptron.loss"
    module: str  # the module that registers it
    minutes: int
    points: int
    teaches: str
    presumes: tuple[str, ...]
    hints: tuple[str, str, str]
    returns: tuple[str, ...]  # what the parts of the result are called
    example: str = ""  # a doctest that takes the place of the docstring's where that one speaks of Tensors
    seconds: float = 5.0  # what all calls of one check may take together

    @property
    def area(self) -> str:
        """The part before the dot, which names the files in ``checks/`` and ``mistakes/``."""
        return self.name.partition(".")[0]

    @property
    def function_name(self) -> str:
        """The part after the dot: the function's name in the library and in the student's file."""
        return self.name.partition(".")[2]

    @property
    def long_name(self) -> str:
        """The name with an underscore: the student's file, and the function's name in a notebook."""
        return self.name.replace(".", "_")

    @property
    def file(self) -> str:
        """The student's file, relative to the course folder."""
        return f"exercises/{self.long_name}.py"

    @property
    def reference(self) -> Callable[..., Any]:
        """The library's formula: a plain function of arrays."""
        importlib.import_module(self.module)
        return registry.find(self.name).formula

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of the function's arguments."""
        return tuple(inspect.signature(self.reference).parameters)

    def check_class(self) -> type:
        """Return the pytest class that checks the exercise."""
        module = importlib.import_module(f"nnlite.course.checks.check_{self.area}")
        for value in vars(module).values():
            if isinstance(value, type) and getattr(value, "exercise", None) == self.name:
                return value
        raise LookupError(f"{module.__name__} has no class with exercise = {self.name!r}")


@dataclass(frozen=True)
class Lesson:
    """One notebook and its exercises."""

    number: int
    title: str
    exercises: tuple[Exercise, ...] = ()


LESSONS = (
    Lesson(
        2,
        "The perceptron",
        (
            Exercise(
                "perceptron.loss",
                module="nnlite.models.perceptron",
                minutes=15,
                points=2,
                teaches="the perceptron's piecewise-linear loss; a mask in place of a loop",
                presumes=("net = wᵀx",),
                hints=(
                    "A point is misclassified when its label y and its net wᵀx have different signs. "
                    "Which single number tells you that?",
                    "y * (X @ w) holds one number per point: positive where the answer is right, negative where "
                    "it is wrong. Only the negative ones count.",
                    "margin = y * (X @ w); then margin[margin < 0] are the wrong points' margins, and the loss is "
                    "minus their sum.",
                ),
                returns=("the loss",),
            ),
        ),
    ),
    Lesson(
        6,
        "Automatic differentiation",
        (
            Exercise(
                "functional.softmax",
                module="nnlite.functional.activations",
                minutes=30,
                points=3,
                teaches="a function and its vector-Jacobian product; computing exp without overflow",
                presumes=("the chain rule", "axis and keepdims in NumPy"),
                hints=(
                    "Subtracting the same number from every score along dim changes nothing. Which number makes "
                    "exp safe? For the gradient: every y_i depends on every x_j, so the Jacobian is not diagonal.",
                    "Subtract the maximum along dim with keepdims=True, take exp, divide by the sum along dim. "
                    "The Jacobian of one slice is diag(y) - y yᵀ; multiply it with dy on paper first.",
                    "(diag(y) - y yᵀ) dy = y * dy - y * sum(y * dy): inside vjp return "
                    "y * (dy - (dy * y).sum(axis=dim, keepdims=True)).",
                ),
                returns=("y", "vjp"),
                example=(
                    ">>> y, vjp = softmax(np.array([0.0, 0.0]))\n"
                    ">>> y\n"
                    "array([0.5, 0.5])\n"
                    ">>> vjp(np.array([1.0, 0.0]))\n"
                    "array([ 0.25, -0.25])"
                ),
            ),
        ),
    ),
)

EXERCISES: dict[str, Exercise] = {e.name: e for lesson in LESSONS for e in lesson.exercises}


def lesson_of(exercise: Exercise) -> Lesson:
    """Return the lesson an exercise belongs to."""
    return next(lesson for lesson in LESSONS if exercise in lesson.exercises)


def find(name: str) -> Exercise:
    """Return the exercise called `name`: in full, with an underscore, or by its last part if only one has it.

    Raises
    ------
    ValueError
        If there is none; the message names the nearest.

    Examples
    --------
    >>> find("softmax").name
    'functional.softmax'
    """
    text = str(name)
    named = [e for e in EXERCISES.values() if text in (e.name, e.long_name)]
    named = named or [e for e in EXERCISES.values() if text == e.function_name]
    if len(named) == 1:
        return named[0]
    if named:
        raise ValueError(f"{text!r} may mean {' or '.join(e.name for e in named)}; write the full name")
    near = difflib.get_close_matches(text, [*EXERCISES, *(e.function_name for e in EXERCISES.values())], n=1)
    hint = f"; did you mean {near[0]!r}?" if near else f"; there are {', '.join(EXERCISES)}"
    raise ValueError(f"no exercise is called {text!r}{hint}")
