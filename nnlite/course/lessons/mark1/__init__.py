"""Lesson 03, the Mark I: its association units, its rule, and how a learner is judged."""

from nnlite.course.exercise import Lesson

LESSON = Lesson(
    3,
    "mark1",
    "Mark I, a machine that reads",
    (
        "mark1.associate",
        "mark1.update",
        "metrics.accuracy",
        "metrics.confusion_matrix",
        "split.folds",
    ),
)
