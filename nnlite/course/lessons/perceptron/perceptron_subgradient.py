"""perceptron.subgradient: a slope of the loss."""

from __future__ import annotations

import numpy as np

from nnlite.course.checks import drawn, same
from nnlite.course.exercise import Exercise
from nnlite.course.lessons.perceptron.drawn import problems

EXERCISE = Exercise(
    "perceptron.subgradient",
    module="nnlite.models.neurons.perceptron",
    minutes=15,
    points=2,
    teaches="the slope of a piecewise-linear loss, and what to take at a kink",
    presumes=("perceptron.loss", "gradients"),
    hints=(
        "The term of one misclassified point is -y wᵀx. Its gradient with respect to w is -y x. Points "
        "that are right add nothing, and net = 0 is not right.",
        "wrong = y * (X @ w) <= 0 is True for the points that count. X[wrong] and y[wrong] keep only those. "
        "What is left to do is to sum -y x over them.",
        "The sum over the points is a product of a vector with a matrix: return -(y[wrong] @ X[wrong]).",
    ),
    returns=("the subgradient",),
)


@EXERCISE.check
class TestSubgradient:
    """A slope of the loss."""

    @drawn(problem=problems(), examples=40)
    def test_sum_over_the_wrong(self, student, problem):
        """The subgradient is the sum of -y x over the points with y wᵀx <= 0."""
        w, X, y = problem
        expected = np.zeros_like(w)
        for x, label in zip(X, y):
            if label * (w @ x) <= 0:
                expected -= label * x
        same(student(w, X, y), expected, "the subgradient")

    @drawn(problem=problems(), examples=20)
    def test_slope_of_the_loss(self, student, problem):
        """A small step changes the loss by the subgradient times the step, wherever no net is 0."""
        w, X, y = problem
        X = X[X @ w != 0]
        if len(X):
            y, v = y[: len(X)], np.arange(1, len(w) + 1) / 1000
            gain = np.maximum(-y * (X @ (w + v)), 0).sum() - np.maximum(-y * (X @ w), 0).sum()
            same(student(w, X, y).astype(np.float64) @ v, gain, "the subgradient times the step")

    @drawn(problem=problems(), examples=10)
    def test_only_the_direction(self, student, problem):
        """Shorter weights in the same direction give the same subgradient: no margin of 1 is asked for."""
        w, X, y = problem
        wrong = y * (X @ w) <= 0
        same(student(w / 64, X, y), -(X * y[:, None])[wrong].sum(axis=0), "the subgradient")

    @drawn(problem=problems(), examples=10)
    def test_at_the_tip(self, student, problem):
        """At w = 0 every point is undecided and counts, so that a descent can leave it."""
        w, X, y = problem
        same(student(0 * w, X, y), -(X.T * y).sum(axis=1), "the subgradient")


@EXERCISE.mistake("The sign is flipped: the loss falls along +y x, so its slope is -y x.")
def subgradient_sign_flipped(w, X, y):
    wrong = y * (X @ w) <= 0
    return y[wrong] @ X[wrong]


@EXERCISE.mistake("You left out the points with net = 0: they are not right, so they count.")
def subgradient_without_ties(w, X, y):
    wrong = y * (X @ w) < 0
    return -(y[wrong] @ X[wrong])


@EXERCISE.mistake("You count the correct points too: only those that are not right have a slope.")
def subgradient_of_all_points(w, X, y):
    return -(y @ X)


@EXERCISE.mistake("You sum over the correct points: turn the comparison round.")
def subgradient_of_the_correct(w, X, y):
    right = y * (X @ w) > 0
    return -(y[right] @ X[right])


@EXERCISE.mistake("You left out the label: the slope of -y wᵀx is -y x.")
def subgradient_without_label(w, X, y):
    return -X[y * (X @ w) <= 0].sum(axis=0)


@EXERCISE.mistake("You left the label out of the question: whether net wᵀx is wrong depends on y.")
def subgradient_asks_for_net_alone(w, X, y):
    wrong = X @ w <= 0
    return -(y[wrong] @ X[wrong])


@EXERCISE.mistake("You took the mean over all points: the loss is a sum, and so is its slope.")
def subgradient_mean(w, X, y):
    wrong = y * (X @ w) <= 0
    return -(y[wrong] @ X[wrong]) / X.dtype.type(len(X))


@EXERCISE.mistake("You took the mean over the wrong points: the loss is a sum, and so is its slope.")
def subgradient_mean_over_the_wrong(w, X, y):
    wrong = y * (X @ w) <= 0
    return -(y[wrong] @ X[wrong]) / X.dtype.type(max(wrong.sum(), 1))


@EXERCISE.mistake("You weighed each point by how wrong it is: the slope of -y wᵀx is -y x, no more.")
def subgradient_weighted_by_the_margin(w, X, y):
    margin = y * (X @ w)
    wrong = margin <= 0
    return (margin[wrong] * y[wrong]) @ X[wrong]


@EXERCISE.mistake("This is the slope of the hinge loss, which asks for a margin of 1.")
def subgradient_hinge(w, X, y):
    wrong = y * (X @ w) < 1
    return -(y[wrong] @ X[wrong])


@EXERCISE.mistake("You did not sum over the points: the subgradient has the shape of w.")
def subgradient_not_summed(w, X, y):
    wrong = y * (X @ w) <= 0
    return -y[wrong, None] * X[wrong]
