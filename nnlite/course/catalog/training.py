"""Lesson 07: its exercises."""

from nnlite.course.catalog.exercise import Lesson

LESSON = Lesson(
    7,
    "training",
    "Training",
)
