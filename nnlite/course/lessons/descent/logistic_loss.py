"""logistic.loss: the mean surprise at the right answers."""

from __future__ import annotations

import numpy as np

from nnlite.course.checks import drawn, same
from nnlite.course.checks import strategies as st
from nnlite.course.exercise import Exercise
from nnlite.course.lessons.descent.drawn import problems, sigmoid

EXERCISE = Exercise(
    "logistic.loss",
    module="nnlite.models.neurons.logistic",
    minutes=20,
    points=2,
    teaches="cross-entropy, and how to compute it where e^net overflows",
    presumes=("the sigmoid", "the logarithm of a probability"),
    hints=(
        "Never compute p. What is -log p when p = 1 / (1 + e^-net)? A logarithm of a sum of two exponentials.",
        "np.logaddexp(0, z) is log(1 + e^z), and it never overflows. Which z belongs to a point with y = 1, "
        "which to one with y = 0?",
        "z = (1 - 2 * y) * (X @ w) is -net where y = 1 and net where y = 0; the loss is np.logaddexp(0, z).mean().",
    ),
    returns=("the loss",),
)


@EXERCISE.check
class TestLogisticLoss:
    """The mean surprise at the right answers."""

    @drawn(problem=problems(answers=(1, 0), most=2), examples=40)
    def test_the_mean_surprise(self, student, problem):
        """The loss is the mean of -log p where y = 1 and of -log(1 - p) where y = 0, with p = 1 / (1 + e^-net)."""
        w, X, y = problem
        p = 1 / (1 + np.exp(-(X.astype(float) @ w)))
        same(student(w, X, y), -np.log(np.where(y == 1, p, 1 - p)).mean(), "the loss")

    @drawn(problem=problems(answers=(1, 0), most=2), size=st.sampled_from([1000, 10000]), examples=20)
    def test_large_nets_on_the_wrong_side(self, student, problem, size):
        """A net of 10000 on the wrong side costs 10000: large, and not infinite."""
        _, X, y = problem
        X[:, 0] = size * (1 - 2 * y)
        w = np.zeros(X.shape[1], X.dtype)
        w[0] = 1
        same(student(w, X, y), float(size), "the loss")

    @drawn(problem=problems(answers=(1, 0), most=2), size=st.sampled_from([1000, 10000]), examples=20)
    def test_large_nets_on_the_right_side(self, student, problem, size):
        """A net of 10000 on the right side costs nothing."""
        _, X, y = problem
        X[:, 0] = size * (2 * y - 1)
        w = np.zeros(X.shape[1], X.dtype)
        w[0] = 1
        same(student(w, X, y), 0.0, "the loss")


@EXERCISE.mistake(
    "The surprise becomes infinite: p rounds to 0 for a net of -1000, or e^1000 overflows. Use np.logaddexp(0, z), "
    "which is log(1 + e^z) and never overflows."
)
def surprise_by_way_of_p(w, X, y):
    p = sigmoid(X @ w)
    return float(-np.log(np.where(y == 1, p, 1 - p)).mean())


@EXERCISE.mistake("0 times log 0 is not 0 but nan: y log p + (1 - y) log(1 - p) fails as soon as p rounds to 0 or 1.")
def surprise_of_both_answers(w, X, y):
    p = sigmoid(X @ w)
    return float(-(y * np.log(p) + (1 - y) * np.log(1 - p)).mean())


@EXERCISE.mistake(
    "You clipped p away from 0: then no surprise is larger than that, and a net of 10000 costs too little."
)
def surprise_clipped(w, X, y):
    p = np.clip(sigmoid(X.astype(float) @ w), 1e-12, 1 - 1e-12)
    return float(-(y * np.log(p) + (1 - y) * np.log(1 - p)).mean())


@EXERCISE.mistake("You took the sum over the points instead of the mean.")
def surprise_summed(w, X, y):
    return float(np.logaddexp(0, (1 - 2 * y) * (X @ w)).sum())


@EXERCISE.mistake("Right and wrong are exchanged: -log p is the surprise where y = 1, and that is log(1 + e^-net).")
def surprise_exchanged(w, X, y):
    return float(np.logaddexp(0, (2 * y - 1) * (X @ w)).mean())


@EXERCISE.mistake("This formula wants labels -1 and +1: here they are 0 and 1.")
def surprise_of_signs(w, X, y):
    return float(np.logaddexp(0, -y * (X @ w)).mean())


@EXERCISE.mistake("You left out the points with y = 0: their surprise is -log(1 - p).")
def surprise_of_yes_only(w, X, y):
    return float((y * np.logaddexp(0, -(X @ w))).mean())


@EXERCISE.mistake("You took every point as if its right answer were 1.")
def surprise_without_label(w, X, y):
    return float(np.logaddexp(0, -(X @ w)).mean())


@EXERCISE.mistake("You took the logarithm to the base 2: the surprise is the natural logarithm.")
def surprise_in_bits(w, X, y):
    return float(np.logaddexp(0, (1 - 2 * y) * (X @ w)).mean() / np.log(2))


@EXERCISE.mistake("This is the squared error of p: the surprise is a logarithm.")
def surprise_squared(w, X, y):
    return float(((sigmoid(X @ w) - y) ** 2).mean())


@EXERCISE.mistake("The sign is flipped: a surprise is -log p, and never negative.")
def surprise_negative(w, X, y):
    return float(-np.logaddexp(0, (1 - 2 * y) * (X @ w)).mean())
