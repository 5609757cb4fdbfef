"""Lesson 05: its exercises."""

from nnlite.course.catalog.exercise import Lesson

LESSON = Lesson(
    5,
    "backpropagation",
    "The multilayer network and backpropagation",
)
