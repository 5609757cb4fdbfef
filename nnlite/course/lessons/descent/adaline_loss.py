"""adaline.loss: half the mean squared error."""

from __future__ import annotations

import numpy as np

from nnlite.course.checks import drawn, same
from nnlite.course.checks import strategies as st
from nnlite.course.exercise import Exercise
from nnlite.course.lessons.descent.drawn import problems

EXERCISE = Exercise(
    "adaline.loss",
    module="nnlite.models.neurons.adaline",
    minutes=10,
    points=1,
    teaches="the mean squared error: a loss that is smooth and counts every point",
    presumes=("net = wᵀx",),
    hints=(
        "Compare the net with the wanted answer, not the decision: how far is each point off?",
        "error = y - X @ w holds one number per point. Square it, take the mean, halve it.",
        "return float((error**2).mean() / 2)",
    ),
    returns=("the loss",),
)


@EXERCISE.check
class TestAdalineLoss:
    """Half the mean squared error."""

    @drawn(problem=problems(answers=(1, -1, 2)), examples=40)
    def test_half_the_mean_of_the_squared_errors(self, student, problem):
        """The loss is the mean of (y - wᵀx)² over the points, divided by 2."""
        w, X, y = problem
        errors = [wanted - w @ x for x, wanted in zip(X, y)]
        same(student(w, X, y), sum(e * e for e in errors) / len(y) / 2, "the loss")

    @drawn(problem=problems(), size=st.integers(2, 20), examples=15)
    def test_too_clear_is_an_error_too(self, student, problem, size):
        """A point on its right side whose net is size times the wanted answer has an error of size - 1."""
        _, X, y = problem
        X = np.stack([y, *X[:, 1:].T], axis=1)
        w = np.zeros(X.shape[1], X.dtype)
        w[0] = size
        same(student(w, X, y), (size - 1) ** 2 / 2, "the loss")

    @drawn(problem=problems(), examples=15)
    def test_zero_where_every_net_is_as_wanted(self, student, problem):
        """Where every net is exactly the wanted answer the loss is 0."""
        w, X, _ = problem
        same(student(w, X, X @ w), 0.0, "the loss")


@EXERCISE.mistake("You left the half out: the loss is the mean of error² divided by 2.")
def loss_without_the_half(w, X, y):
    return float(((y - X @ w) ** 2).mean())


@EXERCISE.mistake("You took the sum over the points instead of the mean.")
def loss_summed(w, X, y):
    return float(((y - X @ w) ** 2).sum() / 2)


@EXERCISE.mistake("You added the net to the wanted answer: the error is the difference y - wᵀx.")
def loss_of_the_sum(w, X, y):
    return float(((y + X @ w) ** 2).mean() / 2)


@EXERCISE.mistake("You compared the decision, sign(net), with the wanted answer: Adaline compares the net itself.")
def loss_of_the_decision(w, X, y):
    return float(((y - np.sign(X @ w)) ** 2).mean() / 2)


@EXERCISE.mistake("You count misclassified points only: every point has an error, also one on its right side.")
def loss_of_misclassified_points(w, X, y):
    net = X @ w
    return float((np.where(y * net < 0, y - net, 0) ** 2).mean() / 2)


@EXERCISE.mistake("A point that is clearer than wanted costs you nothing: an error of -2 is an error too.")
def loss_of_too_small_nets(w, X, y):
    return float((np.maximum(1 - y * (X @ w), 0) ** 2).mean() / 2)


@EXERCISE.mistake("You took the size of the errors, not their squares.")
def loss_absolute(w, X, y):
    return float(np.abs(y - X @ w).mean() / 2)


@EXERCISE.mistake("You forgot to square the errors: positive and negative ones cancel.")
def loss_not_squared(w, X, y):
    return float((y - X @ w).mean() / 2)


@EXERCISE.mistake("You squared the mean of the errors: square each error first, then take the mean.")
def loss_mean_before_the_square(w, X, y):
    return float((y - X @ w).mean() ** 2 / 2)


@EXERCISE.mistake("You did not take the mean over the points: the loss is one number for all of them.")
def loss_of_every_point(w, X, y):
    return (y - X @ w) ** 2 / 2
