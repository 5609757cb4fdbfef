"""What the catalog knows of an exercise and of a lesson."""

from __future__ import annotations

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
    changes: tuple[str, ...] = ()  # the arguments that the function is asked to change in place

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


@dataclass(frozen=True)
class Lesson:
    """One notebook and its exercises.

    The topic is the one word that names everything of the lesson: the notebook ``02_perceptron.ipynb``, the module
    in ``catalog/``, ``checks/check_perceptron.py`` and ``mistakes/perceptron.py``.
    """

    number: int
    topic: str
    title: str
    exercises: tuple[Exercise, ...] = ()
