"""softmax_regression.gradient: many classes at once."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlite.course.checks import drawn, same
from nnlite.course.checks import strategies as st
from nnlite.course.exercise import Exercise
from nnlite.course.lessons.descent.drawn import dtypes, sigmoid, whole

EXERCISE = Exercise(
    "softmax_regression.gradient",
    module="nnlite.models.networks.softmax_regression",
    minutes=30,
    points=3,
    teaches="many classes at once: probabilities minus the right answer, times the input",
    presumes=("logistic.gradient", "axis and keepdims in NumPy"),
    hints=(
        "Three steps: the nets of all points and classes (N, K), from them the probabilities, each row with "
        "the sum 1, and then what is wrong with each probability.",
        "Z = X @ W.T; subtract from each row its maximum, take exp, divide each row by its sum. Subtract 1 "
        "from P at the right class of each point: P[np.arange(len(y)), y] -= 1.",
        "E = np.exp(Z - Z.max(axis=1, keepdims=True)); P = E / E.sum(axis=1, keepdims=True); "
        "P[np.arange(len(y)), y] -= 1; return P.T @ X / len(y)",
    ),
    returns=("the gradient",),
)


@st.composite
def many_classes(draw: Any) -> Any:
    """Weights of two or three classes, a few points and their classes."""
    n, d, k, dtype = draw(st.integers(1, 3)), draw(st.integers(1, 3)), draw(st.integers(2, 3)), draw(dtypes)
    y = np.array([draw(st.integers(0, k - 1)) for _ in range(n)])
    return whole(draw, k, d, most=2).astype(dtype), whole(draw, n, d, most=2).astype(dtype), y


def competing_gradient(W: Any, X: Any, y: Any) -> Any:
    """The gradient from its definition, point by point and class by class."""
    total = np.zeros(W.shape)
    for x, right in zip(X.astype(float), y):
        e = np.exp(W @ x - (W @ x).max())
        for k, p in enumerate(e / e.sum()):
            total[k] += (p - (k == right)) * x
    return total / len(y)


@EXERCISE.check
class TestSoftmaxRegressionGradient:
    """Many classes at once."""

    @drawn(problem=many_classes(), examples=40)
    def test_row_by_row(self, student, problem):
        """Row k of the gradient is the mean of (p_k - onehot(y)_k) x, with p the softmax of the nets of one point."""
        W, X, y = problem
        same(student(W, X, y), competing_gradient(W, X, y), "the gradient")

    @drawn(problem=many_classes(), examples=10)
    def test_before_learning(self, student, problem):
        """At W = 0 every class has the probability 1 / K."""
        W, X, y = problem
        same(student(0 * W, X, y), competing_gradient(0 * W, X, y), "the gradient")

    @drawn(problem=many_classes(), size=st.sampled_from([1000, 10000]), examples=20)
    def test_large_nets(self, student, problem, size):
        """Nets of 10000 neither overflow nor make smaller ones vanish, those of another point least of all."""
        W, X, y = problem
        X[0] *= size
        same(student(W, X, y), competing_gradient(W, X, y), "the gradient")


def _probabilities(W, X):
    Z = X @ W.T
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True)


def _onehot(y, K):
    return (y[:, None] == np.arange(K)).astype(np.float32)


@EXERCISE.mistake("You took the sum over the points instead of the mean: divide by their number.")
def competing_summed(W, X, y):
    return (_probabilities(W, X) - _onehot(y, len(W))).T @ X


@EXERCISE.mistake("The sign is flipped: the gradient points uphill, so it is p - onehot(y).")
def competing_downhill(W, X, y):
    return (_onehot(y, len(W)) - _probabilities(W, X)).T @ X / len(y)


@EXERCISE.mistake("No max-shift: exp overflows at 1000. Subtract from each row of Z its maximum.")
def competing_overflows(W, X, y):
    E = np.exp(X @ W.T)
    P = E / E.sum(axis=1, keepdims=True)
    return (P - _onehot(y, len(W))).T @ X / len(y)


@EXERCISE.mistake(
    "You subtracted the largest net of all points: a point far below it vanishes. Take the maximum of each row."
)
def competing_shifted_by_the_largest_of_all(W, X, y):
    Z = X @ W.T
    E = np.exp(Z - Z.max())
    P = E / E.sum(axis=1, keepdims=True)
    return (P - _onehot(y, len(W))).T @ X / len(y)


@EXERCISE.mistake("Softmax over the wrong axis: the classes of one point compete, not the points.")
def competing_points(W, X, y):
    Z = X @ W.T
    E = np.exp(Z - Z.max(axis=0))
    return (E / E.sum(axis=0) - _onehot(y, len(W))).T @ X / len(y)


@EXERCISE.mistake("You divided by the sum over all points and classes: each point's sum is its own.")
def competing_everywhere(W, X, y):
    Z = X @ W.T
    E = np.exp(Z - Z.max())
    return (E / E.sum() - _onehot(y, len(W))).T @ X / len(y)


@EXERCISE.mistake("This is the sigmoid of each net: the classes must share the probability 1.")
def competing_not_at_all(W, X, y):
    return (sigmoid(X @ W.T) - _onehot(y, len(W))).T @ X / len(y)


@EXERCISE.mistake("You left the right answers out: subtract 1 from the probability of the right class.")
def competing_without_answers(W, X, y):
    return _probabilities(W, X).T @ X / len(y)


@EXERCISE.mistake("You used the nets in the place of the probabilities.")
def competing_nets(W, X, y):
    return (X @ W.T - _onehot(y, len(W))).T @ X / len(y)


@EXERCISE.mistake("P[:, y] -= 1 subtracts in every row: P[np.arange(len(y)), y] picks one entry for each point.")
def competing_subtracted_in_every_row(W, X, y):
    P = _probabilities(W, X)
    P[:, y] -= 1
    return P.T @ X / len(y)


@EXERCISE.mistake("Your gradient lies on its side: it has the shape of W, one row for each class.")
def competing_transposed(W, X, y):
    return X.T @ (_probabilities(W, X) - _onehot(y, len(W))) / len(y)


@EXERCISE.mistake("You divided by the number of classes instead of the number of points.")
def competing_wrong_number(W, X, y):
    return (_probabilities(W, X) - _onehot(y, len(W))).T @ X / len(W)
