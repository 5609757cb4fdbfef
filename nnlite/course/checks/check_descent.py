"""Checks of gradient descent: losses, gradients and steps of Adaline, the logistic neuron and softmax regression."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from nnlite.course.checks import drawn, same

dtypes = st.sampled_from([np.float64, np.float32])
rates = st.sampled_from([0.5, 0.25, 1.0])


def whole(draw: Any, *shape: int, most: int = 3) -> Any:
    """An array of small whole numbers: easy to read, exact in every dtype."""
    size = int(np.prod(shape))
    return np.array(draw(st.lists(st.integers(-most, most), min_size=size, max_size=size)), float).reshape(shape)


@st.composite
def problems(draw: Any, answers: tuple[int, ...] = (1, -1), most: int = 3, points: tuple[int, ...] = (1, 2, 3)) -> Any:
    """A few weights, points and answers, in one float dtype."""
    n, d, dtype = draw(st.sampled_from(points)), draw(st.integers(1, 3)), draw(dtypes)
    y = np.array([draw(st.sampled_from(answers)) for _ in range(n)], dtype)
    return whole(draw, d, most=most).astype(dtype), whole(draw, n, d, most=most).astype(dtype), y


def bowl_gradient(w: Any, X: Any, y: Any) -> Any:
    """The mean of -error x, point by point."""
    return sum(-(wanted - w @ x) * x for x, wanted in zip(X, y)) / len(y)


class TestAdalineLoss:
    """Half the mean squared error."""

    exercise = "adaline.loss"

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


class TestTrainBatch:
    """Descending into the bowl."""

    exercise = "adaline.train_batch"

    @drawn(problem=problems((1, -1, 2), 2, (1, 2, 4)), rate=rates, examples=30)
    def test_one_step(self, student, problem, rate):
        """A step goes from w to w - learning_rate * gradient, the mean of -error x over all points."""
        w, X, y = problem
        path = student(w, X, y, 1, rate)
        same(path[1], w - rate * bowl_gradient(w, X, y), "the weights after one step")

    @drawn(problem=problems(points=(1, 2, 4), most=2), steps=st.integers(0, 3), examples=15)
    def test_it_starts_at_w(self, student, problem, steps):
        """The first row of the path is the w given."""
        w, X, y = problem
        same(student(w, X, y, steps, 0.25)[0], w, "the first row of the path")

    @drawn(problem=problems(points=(1, 2, 4), most=2), steps=st.integers(2, 3), rate=rates, examples=30)
    def test_every_step_starts_where_the_last_one_ended(self, student, problem, steps, rate):
        """Each step goes on from the last place, with the gradient there, and the path keeps every place."""
        w, X, y = problem
        path = [w]
        for _ in range(steps):
            path.append(path[-1] - rate * bowl_gradient(path[-1], X, y))
        same(student(w, X, y, steps, rate), np.array(path), "the path")

    @drawn(problem=problems(points=(1, 2, 4), most=2), examples=5)
    def test_default_learning_rate(self, student, problem):
        """Without learning_rate a step is 0.1 times the slope."""
        w, X, y = problem
        same(student(w, X, y, 1)[1], w - 0.1 * bowl_gradient(w, X, y), "the weights after one step")


class TestDeltaRule:
    """Learning from one point."""

    exercise = "adaline.update"

    @drawn(problem=problems(answers=(1, -1, 2)), rate=rates, examples=40)
    def test_the_delta_rule(self, student, problem, rate):
        """The new weights are w + learning_rate * error * x, where error = y - wᵀx."""
        w, X, y = problem
        same(student(w, X[0], y[0], rate), w + rate * (y[0] - w @ X[0]) * X[0], "the new weights")

    @drawn(problem=problems(), rate=rates, examples=15)
    def test_an_exact_answer_changes_nothing(self, student, problem, rate):
        """Where the net is exactly the wanted answer nothing changes."""
        w, X, _ = problem
        same(student(w, X[0], X[0] @ w, rate), w, "the new weights")

    @drawn(problem=problems(), examples=5)
    def test_default_learning_rate(self, student, problem):
        """Without learning_rate it is 0.01."""
        w, X, y = problem
        same(student(w, X[0], y[0]), w + 0.01 * (y[0] - w @ X[0]) * X[0], "the new weights")


class TestLogisticLoss:
    """The mean surprise at the right answers."""

    exercise = "logistic.loss"

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


class TestLogisticGradient:
    """The direction in which the surprise grows."""

    exercise = "logistic.gradient"

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


class TestSoftmaxRegressionGradient:
    """Many classes at once."""

    exercise = "softmax_regression.gradient"

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
