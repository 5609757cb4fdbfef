"""Lesson 04: its exercises."""

from nnlite.course.catalog.exercise import Lesson

LESSON = Lesson(
    4,
    "descent",
    "Gradient descent",
)
