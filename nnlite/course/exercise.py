"""What is known of an exercise and of a lesson.

An exercise is a function of the library with its body taken out. The statement is the function's docstring, and the
solution is the library's own formula. What the source cannot say stands in the exercise's file, in ``lessons/``.
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from nnlite import registry


@dataclass(frozen=True)
class Mistake:
    """One known wrong answer.

    Attributes
    ----------
    name : str
        What it is called among the wrong answers of its exercise.
    sentence : str
        What a student should read who has made it.
    function : function
        The wrong answer itself.
    """

    name: str
    sentence: str
    function: Callable[..., Any]


@dataclass(eq=False)
class Exercise:
    """One function to write: its name in the registry and what a student and a teacher plan with.

    The file that makes an exercise adds its check, ``@EXERCISE.check`` before a class of tests, and its known wrong
    answers, ``@EXERCISE.mistake("what the student should read")`` before each.

    Attributes
    ----------
    name : str
        As in :mod:`nnlite.registry`, for instance ``"perceptron.loss"``.
    module : str
        The module that registers it.
    minutes, points : int
        How long it takes, and how much it counts.
    teaches : str
        What is learnt by it.
    presumes : tuple of str
        What must be known before.
    hints : (str, str, str)
        Each says more than the one before.
    returns : tuple of str
        What the parts of the result are called.
    example : str
        A doctest that takes the place of the docstring's where that one speaks of Tensors.
    seconds : float
        What all calls of one check may take together.
    changes : tuple of str
        The arguments that the function is asked to change in place.
    """

    name: str
    module: str
    minutes: int
    points: int
    teaches: str
    presumes: tuple[str, ...]
    hints: tuple[str, str, str]
    returns: tuple[str, ...]
    example: str = ""
    seconds: float = 5.0
    changes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self.tests: type = object
        self.mistakes: list[Mistake] = []

    def check(self, tests: type) -> type:
        """Take a class of tests as the check of this exercise: a decorator."""
        self.tests = tests
        return tests

    def mistake(self, sentence: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Add a wrong answer to this exercise, with the sentence that names it: a decorator."""

        def add(function: Callable[..., Any]) -> Callable[..., Any]:
            self.mistakes.append(Mistake(function.__name__, sentence, function))
            return function

        return add

    @property
    def facts(self) -> list[tuple[str, str]]:
        """The names of the check's tests and what each states, in the order of the source."""
        tests = [(name, test) for name, test in vars(self.tests).items() if name.startswith("test_")]
        return [(name, (test.__doc__ or name).strip().split("\n")[0]) for name, test in tests]

    @property
    def function_name(self) -> str:
        """The part after the dot: the function's name in the library and in the student's file."""
        return self.name.partition(".")[2]

    @property
    def long_name(self) -> str:
        """The name with an underscore: of the exercise's file, of the student's, and of the notebook's function."""
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


@dataclass(frozen=True)
class Lesson:
    """One notebook and its exercises.

    Attributes
    ----------
    number : int
        Its place in the course.
    topic : str
        The one word that names everything of the lesson: the notebook ``02_perceptron.ipynb`` and the folder
        ``lessons/perceptron/``, in which each exercise has a file.
    title : str
        What stands over the notebook.
    names : tuple of str
        The names of its exercises, in the order in which they are to be done.
    exercises : tuple of Exercise
        The same, each read from its file by ``lessons/__init__.py``.
    """

    number: int
    topic: str
    title: str
    names: tuple[str, ...] = ()
    exercises: tuple[Exercise, ...] = ()
