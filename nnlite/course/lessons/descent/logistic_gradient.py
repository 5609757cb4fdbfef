"""logistic.gradient: the direction in which the surprise grows."""

from __future__ import annotations

import numpy as np

from nnlite.course.checks import drawn, same
from nnlite.course.checks import strategies as st
from nnlite.course.exercise import Exercise
from nnlite.course.lessons.descent.drawn import problems, sigmoid

EXERCISE = Exercise(
    "logistic.gradient",
    module="nnlite.models.neurons.logistic",
    minutes=15,
    points=2,
    teaches="why the gradient of cross-entropy is so simple: p - y",
    presumes=("logistic.loss", "the sigmoid"),
    hints=(
        "For one point the gradient is (p - y) x: the larger the surprise, the stronger the pull.",
        "p = 1 / (1 + np.exp(-(X @ w))) has one entry per point. (p - y) weighs the rows of X; add them up.",
        "return (p - y) @ X / len(y). If e^-net overflows p is still right, only NumPy warns; "
        "(1 + np.tanh(net / 2)) / 2 is the same without a warning.",
    ),
    returns=("the gradient",),
)


@EXERCISE.check
class TestLogisticGradient:
    """The direction in which the surprise grows."""

    @drawn(problem=problems(answers=(1, 0)), examples=40)
    def test_the_mean_of_p_minus_y_times_x(self, student, problem):
        """The gradient is the mean of (p - y) x over the points, with p = 1 / (1 + e^-net)."""
        w, X, y = problem
        p = 1 / (1 + np.exp(-(X.astype(float) @ w)))
        same(student(w, X, y), sum((p[i] - y[i]) * X[i] for i in range(len(y))) / len(y), "the gradient")

    @drawn(problem=problems(answers=(1, 0)), examples=15)
    def test_before_learning(self, student, problem):
        """At w = 0 the neuron says 1/2 for every point."""
        w, X, y = problem
        same(student(0 * w, X, y), ((0.5 - y)[:, None] * X).mean(axis=0), "the gradient")

    @drawn(problem=problems(answers=(1, 0)), size=st.sampled_from([1000, 10000, -1000]), examples=20)
    def test_large_nets(self, student, problem, size):
        """Nets of 10000 or -10000 give p = 1 or 0, and no nan."""
        _, X, y = problem
        X[:, 0] = size
        w = np.zeros(X.shape[1], X.dtype)
        w[0] = 1
        same(student(w, X, y), (((size > 0) - y)[:, None] * X).mean(axis=0), "the gradient")


@EXERCISE.mistake("You took the sum over the points instead of the mean.")
def logistic_gradient_summed(w, X, y):
    return (sigmoid(X @ w) - y) @ X


@EXERCISE.mistake("The sign is flipped: the gradient points uphill, so it is p - y, not y - p.")
def logistic_gradient_downhill(w, X, y):
    return (y - sigmoid(X @ w)) @ X / len(y)


@EXERCISE.mistake("This is Adaline's gradient, net - y: put the net through the sigmoid first.")
def logistic_gradient_of_adaline(w, X, y):
    return (X @ w - y) @ X / len(y)


@EXERCISE.mistake("The slope of the sigmoid, p (1 - p), is one too many: in cross-entropy it cancels.")
def logistic_gradient_of_squares(w, X, y):
    p = sigmoid(X @ w)
    return ((p - y) * p * (1 - p)) @ X / len(y)


@EXERCISE.mistake("You used the decision, 0 or 1, in the place of the probability p.")
def logistic_gradient_of_the_decision(w, X, y):
    return ((X @ w > 0).astype(X.dtype) - y) @ X / len(y)


@EXERCISE.mistake("e^net overflows, and infinity divided by infinity is nan: use 1 / (1 + e^-net).")
def logistic_gradient_overflows(w, X, y):
    e = np.exp(X @ w)
    return (e / (1 + e) - y) @ X / len(y)


@EXERCISE.mistake("You have e^net where e^-net should be: your p is that of the other answer.")
def logistic_gradient_other_p(w, X, y):
    return (sigmoid(-(X @ w)) - y) @ X / len(y)


@EXERCISE.mistake("You left the points out: each error p - y is to be multiplied with its x.")
def logistic_gradient_without_x(w, X, y):
    return np.full_like(w, (sigmoid(X @ w) - y).mean())


@EXERCISE.mistake("You divided by the number of weights instead of the number of points.")
def logistic_gradient_wrong_number(w, X, y):
    return (sigmoid(X @ w) - y) @ X / len(w)


@EXERCISE.mistake("You did not sum over the points: the gradient has one number for each weight.")
def logistic_gradient_of_every_point(w, X, y):
    return (sigmoid(X @ w) - y)[:, None] * X / len(y)


@EXERCISE.mistake("The result is float64 whatever the points are: keep the dtype of X.")
def logistic_gradient_always_float64(w, X, y):
    return (sigmoid(X.astype(np.float64) @ w) - y) @ X / len(y)
