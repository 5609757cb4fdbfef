"""perceptron.mistake_bound: novikoff's bound."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlite.course.checks import drawn, same
from nnlite.course.checks import strategies as st
from nnlite.course.exercise import Exercise
from nnlite.course.lessons.perceptron.drawn import problems

EXERCISE = Exercise(
    "perceptron.mistake_bound",
    module="nnlite.models.neurons.perceptron",
    minutes=15,
    points=2,
    teaches="the margin as a distance, and Novikoff's bound on the number of mistakes",
    presumes=("net as a distance from the line",),
    hints=(
        "Two numbers are needed. R: how long is the longest point? gamma: how far from the plane is the "
        "nearest one? Mind that y wᵀx is a distance only if w has length 1.",
        "np.linalg.norm(X, axis=1) gives the length of each row. y * (X @ w) divided by np.linalg.norm(w) "
        "gives the distances.",
        "gamma = (y * (X @ w)).min() / np.linalg.norm(w); R = np.linalg.norm(X, axis=1).max(); "
        "the bound is (R / gamma) ** 2.",
    ),
    returns=("the bound",),
)


@st.composite
def separated(draw: Any) -> Any:
    """Weights that separate a few points, the points and their labels."""
    w, X, _ = draw(problems())
    w = np.where(w == 0, 1, w).astype(w.dtype)
    X[X @ w == 0] = w  # such a point would lie on the plane
    return w, X, np.where(X @ w > 0, 1, -1).astype(w.dtype)


@EXERCISE.check
class TestMistakeBound:
    """Novikoff's bound."""

    @drawn(problem=separated(), examples=40)
    def test_the_longest_and_the_nearest(self, student, problem):
        """The bound is (R / gamma)²: R the length of the longest point, gamma the distance of the nearest one."""
        w, X, y = problem
        R = max(float(x @ x) ** 0.5 for x in X)
        gamma = min(float(label * (w @ x)) for x, label in zip(X, y)) / float(w @ w) ** 0.5
        same(student(w, X, y), (R / gamma) ** 2, "the bound")

    @drawn(problem=separated(), factor=st.integers(2, 9), examples=20)
    def test_only_the_direction(self, student, problem, factor):
        """Longer weights in the same direction give the same bound: the margin is a distance."""
        w, X, y = problem
        nets = np.abs(X @ w)
        expected = (X * X).sum(axis=1).max() * (w @ w) / nets.min() ** 2
        same(student(factor * w, X, y), float(expected), "the bound")


@EXERCISE.mistake("You did not square: the bound is (R / gamma)².")
def bound_not_squared(w, X, y):
    gamma = (y * (X @ w)).min() / np.linalg.norm(w)
    return float(np.linalg.norm(X, axis=1).max() / gamma)


@EXERCISE.mistake("y wᵀx is a distance only if w has length 1: divide it by the length of w.")
def bound_without_the_length_of_w(w, X, y):
    return float((np.linalg.norm(X, axis=1).max() / (y * (X @ w)).min()) ** 2)


@EXERCISE.mistake("You divided by |w|² instead of |w|: the distance is y wᵀx / |w|.")
def bound_length_squared(w, X, y):
    gamma = (y * (X @ w)).min() / (w @ w)
    return float((np.linalg.norm(X, axis=1).max() / gamma) ** 2)


@EXERCISE.mistake("You took the point farthest from the plane: gamma is how far the nearest is.")
def bound_farthest(w, X, y):
    gamma = (y * (X @ w)).max() / np.linalg.norm(w)
    return float((np.linalg.norm(X, axis=1).max() / gamma) ** 2)


@EXERCISE.mistake("You took the shortest point: R is the length of the longest.")
def bound_shortest(w, X, y):
    gamma = (y * (X @ w)).min() / np.linalg.norm(w)
    return float((np.linalg.norm(X, axis=1).min() / gamma) ** 2)


@EXERCISE.mistake("You took the norm of the whole matrix X: R is the length of the longest row.")
def bound_norm_of_the_matrix(w, X, y):
    gamma = (y * (X @ w)).min() / np.linalg.norm(w)
    return float((np.linalg.norm(X) / gamma) ** 2)


@EXERCISE.mistake("You measured the columns of X: a point is a row, so sum along axis 1.")
def bound_columns(w, X, y):
    gamma = (y * (X @ w)).min() / np.linalg.norm(w)
    return float((np.linalg.norm(X, axis=0).max() / gamma) ** 2)


@EXERCISE.mistake("The fraction is upside down: it is (R / gamma)².")
def bound_upside_down(w, X, y):
    gamma = (y * (X @ w)).min() / np.linalg.norm(w)
    return float((gamma / np.linalg.norm(X, axis=1).max()) ** 2)


@EXERCISE.mistake("You left out the labels: on the right side y wᵀx > 0, while wᵀx alone has any sign.")
def bound_without_labels(w, X, y):
    gamma = (X @ w).min() / np.linalg.norm(w)
    return float((np.linalg.norm(X, axis=1).max() / gamma) ** 2)
