"""Lesson 04, gradient descent: losses, gradients and steps of Adaline, the logistic neuron and softmax regression."""

from nnlite.course.exercise import Lesson

LESSON = Lesson(
    4,
    "descent",
    "Gradient descent",
    (
        "adaline.loss",
        "adaline.train_batch",
        "adaline.update",
        "logistic.loss",
        "logistic.gradient",
        "softmax_regression.gradient",
    ),
)
