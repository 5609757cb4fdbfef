"""Lesson 01: its exercises."""

from nnlite.course.catalog.exercise import Lesson

LESSON = Lesson(
    1,
    "neuron",
    "The neuron",
)
