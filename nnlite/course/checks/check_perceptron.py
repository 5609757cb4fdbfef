"""Checks of the perceptron's functions: labels are -1 and +1, points are rows."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from nnlite.course.checks import drawn, same


@st.composite
def problems(draw: Any) -> Any:
    """A few weights, points and labels, small whole numbers, in one float dtype."""
    n, d = draw(st.integers(1, 4)), draw(st.integers(1, 3))
    dtype = draw(st.sampled_from([np.float64, np.float32]))
    entry = st.integers(-4, 4)
    w = np.array(draw(st.lists(entry, min_size=d, max_size=d)), dtype)
    X = np.array([draw(st.lists(entry, min_size=d, max_size=d)) for _ in range(n)], dtype)
    y = np.array([draw(st.sampled_from([1, -1])) for _ in range(n)], dtype)
    return w, X, y


class TestLoss:
    """The perceptron's piecewise-linear loss."""

    exercise = "perceptron.loss"

    @drawn(problem=problems(), examples=50)
    def test_sum_over_the_misclassified(self, student, problem):
        """The loss is the sum of -y wᵀx over the misclassified points."""
        w, X, y = problem
        wrong = [(x, label) for x, label in zip(X, y) if label * (w @ x) < 0]
        same(student(w, X, y), float(sum(-label * (w @ x) for x, label in wrong)), "the loss")

    @drawn(problem=problems(), examples=20)
    def test_zero_when_all_are_right(self, student, problem):
        """When every point is on its right side the loss is 0, however far from the line they lie."""
        w, X, _ = problem
        y = np.where(X @ w >= 0, 1, -1).astype(X.dtype)
        same(student(w, X, y), 0.0, "the loss")

    @drawn(problem=problems(), factor=st.integers(2, 50), examples=20)
    def test_grows_with_the_weights(self, student, problem, factor):
        """Weights twice as long give twice the loss: it is linear along every ray from w = 0."""
        w, X, y = problem
        same(student(factor * w, X, y), factor * np.maximum(-y * (X @ w), 0).sum(), "the loss")

    @drawn(seed=st.integers(0, 99), examples=5)
    def test_many_points(self, student, seed):
        """The same holds for two hundred points with ten features."""
        rng = np.random.default_rng(seed)
        w, X, y = rng.normal(size=10), rng.normal(size=(200, 10)), rng.choice([-1.0, 1.0], 200)
        same(student(w, X, y), np.maximum(-y * (X @ w), 0).sum(), "the loss")
