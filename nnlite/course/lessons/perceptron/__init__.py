"""Lesson 02, the perceptron: its rule, its loss and its margin. Labels are -1 and +1, points are rows."""

from nnlite.course.exercise import Lesson

LESSON = Lesson(
    2,
    "perceptron",
    "The perceptron",
    (
        "perceptron.update",
        "perceptron.loss",
        "perceptron.subgradient",
        "perceptron.mistake_bound",
        "perceptron.multiclass_update",
    ),
)
