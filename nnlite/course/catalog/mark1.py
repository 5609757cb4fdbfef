"""Lesson 03: its exercises."""

from nnlite.course.catalog.exercise import Lesson

LESSON = Lesson(
    3,
    "mark1",
    "Mark I, a machine that reads",
)
