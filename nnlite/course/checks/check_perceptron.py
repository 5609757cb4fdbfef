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


class TestUpdate:
    """Learning from one point."""

    exercise = "perceptron.update"

    @drawn(problem=problems(), examples=25)
    def test_after_a_mistake(self, student, problem):
        """If y wᵀx < 0 the new weights are w + y x."""
        w, X, y = problem
        for x, label in zip(X, y):
            if label * (w @ x) < 0:
                same(student(w, x, int(label), 1.0), w + label * x, "the new w")

    @drawn(problem=problems(), rate=st.sampled_from([0.5, 2.0, 3.0]), examples=15)
    def test_right_answers_change_nothing(self, student, problem, rate):
        """If y wᵀx > 0 the weights stay as they are, however near to 0 it is."""
        w, X, y = problem
        w = w / 64
        for x, label in zip(X, y):
            if label * (w @ x) > 0:
                same(student(w, x, int(label), rate), w, "the new w")

    @drawn(problem=problems(), examples=10)
    def test_undecided(self, student, problem):
        """If net = 0 nothing is decided, so the rule acts; without this it would never leave w = 0."""
        w, X, y = problem
        for x, label in zip(X, y):
            same(student(0 * w, x, int(label), 1.0), label * x, "the new w")

    @drawn(problem=problems(), rate=st.sampled_from([0.5, 2.0, 3.0]), examples=10)
    def test_learning_rate(self, student, problem, rate):
        """The step is learning_rate y x."""
        w, X, y = problem
        for x, label in zip(X, y):
            if label * (w @ x) <= 0:
                same(student(w, x, int(label), rate), w + rate * label * x, "the new w")

    @drawn(problem=problems(), examples=10)
    def test_default_rate(self, student, problem):
        """Without learning_rate the step is y x."""
        w, X, _ = problem
        label = -1 if w @ X[0] >= 0 else 1
        same(student(w, X[0], label), w + label * X[0], "the new w")


class TestSubgradient:
    """A slope of the loss."""

    exercise = "perceptron.subgradient"

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


@st.composite
def separated(draw: Any) -> Any:
    """Weights that separate a few points, the points and their labels."""
    w, X, _ = draw(problems())
    w = np.where(w == 0, 1, w).astype(w.dtype)
    X[X @ w == 0] = w  # such a point would lie on the plane
    return w, X, np.where(X @ w > 0, 1, -1).astype(w.dtype)


class TestMistakeBound:
    """Novikoff's bound."""

    exercise = "perceptron.mistake_bound"

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


@st.composite
def rivals(draw: Any) -> Any:
    """Weights of two to four classes, one point and its class."""
    k, d = draw(st.integers(2, 4)), draw(st.integers(1, 3))
    dtype = draw(st.sampled_from([np.float64, np.float32]))
    entry = st.sampled_from([1, -1, 2, -2, 3, -3, 0])
    W = np.array([draw(st.lists(entry, min_size=d, max_size=d)) for _ in range(k)], dtype)
    x = np.array(draw(st.lists(entry, min_size=d, max_size=d)), dtype)
    return W, x, k - 1 - draw(st.integers(0, k - 1))  # the last class first: among equals it is the first that wins


def after(W: Any, x: Any, label: int, rate: float) -> Any:
    """The new weights, with lists and loops."""
    scores = [sum(float(a) * float(b) for a, b in zip(w, x)) for w in W]
    others = [k for k in range(len(W)) if k != label]
    rival = max(others, key=lambda k: scores[k])  # the first of several
    new = [[float(value) for value in w] for w in W]
    if scores[label] <= scores[rival]:
        new[label] = [a + rate * float(b) for a, b in zip(new[label], x)]
        new[rival] = [a - rate * float(b) for a, b in zip(new[rival], x)]
    return np.array(new)


class TestMulticlassUpdate:
    """Raise the right class, lower the strongest rival."""

    exercise = "perceptron.multiclass_update"

    @drawn(problem=rivals(), examples=40)
    def test_the_right_one_and_its_rival(self, student, problem):
        """The right class gains x and its strongest rival loses x, unless the right class scores more than it."""
        W, x, label = problem
        same(student(W, x, label, 1.0), after(W, x, label, 1.0), "the new W")

    @drawn(problem=rivals(), rate=st.sampled_from([0.5, 2.0, 3.0]), examples=10)
    def test_learning_rate(self, student, problem, rate):
        """The step is learning_rate x."""
        W, x, label = problem
        same(student(W, x, label, rate), after(W, x, label, rate), "the new W")

    @drawn(problem=rivals(), examples=10)
    def test_all_alike(self, student, problem):
        """At W = 0 all classes tie: undecided, hence not right, and the first of the others is the rival."""
        W, x, label = problem
        same(student(0 * W, x, label, 1.0), after(0 * W, x, label, 1.0), "the new W")

    @drawn(problem=rivals(), examples=15)
    def test_a_clear_answer(self, student, problem):
        """If the right class scores more than every other, nothing changes."""
        W, x, label = problem
        W[label] = (np.abs(W).sum() + 1) * x
        if x.any():
            same(student(W, x, label, 1.0), W, "the new W")

    @drawn(problem=rivals(), examples=15)
    def test_far_below_zero(self, student, problem):
        """Where all scores lie far below 0 the strongest rival is still one of the other classes."""
        W, x, label = problem
        W, x = W - 2000, np.abs(x) + 1
        same(student(W, x, label, 1.0), after(W, x, label, 1.0), "the new W")

    @drawn(problem=rivals(), examples=10)
    def test_default_rate(self, student, problem):
        """Without learning_rate the step is x."""
        W, x, label = problem
        same(student(0 * W, x, label), after(0 * W, x, label, 1.0), "the new W")
