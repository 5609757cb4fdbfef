"""adaline.train_batch: descending into the bowl."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlite.course.checks import drawn, same
from nnlite.course.checks import strategies as st
from nnlite.course.exercise import Exercise
from nnlite.course.lessons.descent.drawn import problems, rates

EXERCISE = Exercise(
    "adaline.train_batch",
    module="nnlite.models.neurons.adaline",
    minutes=25,
    points=3,
    teaches="gradient descent: the slope, a step against it, and again from where one stands",
    presumes=("adaline.loss", "what a gradient is"),
    hints=(
        "Two things happen in turn: find the gradient at the present weights, step against it. The errors "
        "must be computed anew after every step.",
        "error = y - X @ w; the gradient is -(error @ X) / len(y), one number for each weight. Keep every w "
        "in a list, the first one too, and let each step make a new array.",
        "W = [w]; then steps times: error = y - X @ w; w = w + learning_rate * (error @ X) / len(y); "
        "W.append(w). At the end return np.array(W).",
    ),
    returns=("the path",),
)


def bowl_gradient(w: Any, X: Any, y: Any) -> Any:
    """The mean of -error x, point by point."""
    return sum(-(wanted - w @ x) * x for x, wanted in zip(X, y)) / len(y)


@EXERCISE.check
class TestTrainBatch:
    """Descending into the bowl."""

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


def _gradient(w, X, y):
    return -((y - X @ w) @ X) / len(y)


def _walk(w, steps, step):
    """The path of a descent that takes `step` from one place to the next."""
    path = [w]
    for _ in range(steps):
        path.append(step(path[-1]))
    return np.array(path)


@EXERCISE.mistake("You climb: the gradient points uphill, so a step goes against it, w - learning_rate * g.")
def descent_uphill(w, X, y, steps, learning_rate=0.1):
    return _walk(w, steps, lambda w: w + learning_rate * _gradient(w, X, y))


@EXERCISE.mistake("You took the sum over the points instead of the mean: divide the gradient by their number.")
def descent_summed(w, X, y, steps, learning_rate=0.1):
    return _walk(w, steps, lambda w: w + learning_rate * ((y - X @ w) @ X))


@EXERCISE.mistake("You took the sign of y: the wanted answer is y itself, and it need not be +1 or -1.")
def descent_by_the_sign(w, X, y, steps, learning_rate=0.1):
    return _walk(w, steps, lambda w: w - learning_rate * _gradient(w, X, np.sign(y)))


@EXERCISE.mistake("Your steps are twice as long: the loss has a half, so that the gradient has no 2.")
def descent_twice(w, X, y, steps, learning_rate=0.1):
    return _walk(w, steps, lambda w: w - learning_rate * 2 * _gradient(w, X, y))


@EXERCISE.mistake("You left learning_rate out: it scales every step.")
def descent_without_rate(w, X, y, steps, learning_rate=0.1):
    return _walk(w, steps, lambda w: w - _gradient(w, X, y))


@EXERCISE.mistake("You computed the gradient once, at the start: after each step the errors have changed.")
def descent_with_the_first_gradient(w, X, y, steps, learning_rate=0.1):
    slope = _gradient(w, X, y)
    return _walk(w, steps, lambda w: w - learning_rate * slope)


@EXERCISE.mistake("Every step of yours starts at the first w again: go on from where the last step ended.")
def descent_from_the_start_again(w, X, y, steps, learning_rate=0.1):
    return np.array([w] + [w - learning_rate * _gradient(w, X, y)] * steps)


@EXERCISE.mistake("All rows of your path are the last place: w += … changes the one array in your list.")
def descent_in_one_array(w, X, y, steps, learning_rate=0.1):
    w = w.copy()
    path = [w]
    for _ in range(steps):
        w -= learning_rate * _gradient(w, X, y)
        path.append(w)
    return np.array(path)


@EXERCISE.mistake("You changed the w of the caller in place: each step makes a new array.")
def descent_in_place(w, X, y, steps, learning_rate=0.1):
    path = [w.copy()]
    for _ in range(steps):
        w -= learning_rate * _gradient(w, X, y)
        path.append(w.copy())
    return np.array(path)


@EXERCISE.mistake("You left the start out: the first row of the path is the w given, so there are steps + 1 rows.")
def descent_without_the_start(w, X, y, steps, learning_rate=0.1):
    return _walk(w, steps, lambda w: w - learning_rate * _gradient(w, X, y))[1:]


@EXERCISE.mistake("You returned the last weights alone: return the whole path, one row for each place.")
def descent_only_the_end(w, X, y, steps, learning_rate=0.1):
    return _walk(w, steps, lambda w: w - learning_rate * _gradient(w, X, y))[-1]


@EXERCISE.mistake("You took the points one after the other: a batch step looks at all of them at once.")
def descent_point_by_point(w, X, y, steps, learning_rate=0.1):
    def epoch(w):
        for x, wanted in zip(X, y):
            w = w + learning_rate * (wanted - w @ x) * x
        return w

    return _walk(w, steps, epoch)


@EXERCISE.mistake("You compared the decision, sign(net), with the wanted answer: the error is y - net.")
def descent_of_the_decision(w, X, y, steps, learning_rate=0.1):
    return _walk(w, steps, lambda w: w + learning_rate * ((y - np.sign(X @ w)) @ X) / len(y))


@EXERCISE.mistake("Without learning_rate you take another one than 0.1.")
def descent_other_default(w, X, y, steps, learning_rate=0.01):
    return _walk(w, steps, lambda w: w - learning_rate * _gradient(w, X, y))
