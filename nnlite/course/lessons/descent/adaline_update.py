"""adaline.update: learning from one point."""

from __future__ import annotations

import numpy as np

from nnlite.course.checks import drawn, same
from nnlite.course.exercise import Exercise
from nnlite.course.lessons.descent.drawn import problems, rates

EXERCISE = Exercise(
    "adaline.update",
    module="nnlite.models.neurons.adaline",
    minutes=10,
    points=1,
    teaches="the delta rule: a step against the slope at one single point",
    presumes=("adaline.loss",),
    hints=(
        "How far is the net wᵀx from the wanted answer y? The correction is as large as that.",
        "error = y - w @ x is one number. Which direction of w changes the net of x the most?",
        "error = y - w @ x; return w + learning_rate * error * x",
    ),
    returns=("the new weights",),
)


@EXERCISE.check
class TestDeltaRule:
    """Learning from one point."""

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


@EXERCISE.mistake("You changed w in place (w += …): it belongs to the caller.")
def update_in_place(w, x, y, learning_rate=0.01):
    w += learning_rate * (y - w @ x) * x
    return w


@EXERCISE.mistake("The sign is flipped: add learning_rate * error * x, with error = y - wᵀx.")
def update_sign_flipped(w, x, y, learning_rate=0.01):
    return w - learning_rate * (y - w @ x) * x


@EXERCISE.mistake(
    "This is the perceptron's rule: Adaline corrects by how far the net is off, also when the decision is right."
)
def update_of_the_perceptron(w, x, y, learning_rate=0.01):
    return w + learning_rate * y * x if y * (w @ x) <= 0 else w.copy()


@EXERCISE.mistake(
    "You correct misclassified points only: the delta rule learns from every error, whatever the decision."
)
def update_of_misclassified_points(w, x, y, learning_rate=0.01):
    return w + learning_rate * (y - w @ x) * x if y * (w @ x) <= 0 else w.copy()


@EXERCISE.mistake("You add learning_rate * y * x: it is the error y - wᵀx that counts, not y.")
def update_without_net(w, x, y, learning_rate=0.01):
    return w + learning_rate * y * x


@EXERCISE.mistake("You compared the decision, sign(net), with the wanted answer: the error is y - net.")
def update_of_the_decision(w, x, y, learning_rate=0.01):
    return w + learning_rate * (y - np.sign(w @ x)) * x


@EXERCISE.mistake("You left learning_rate out.")
def update_without_rate(w, x, y, learning_rate=0.01):
    return w + (y - w @ x) * x


@EXERCISE.mistake("You left the x out: each weight changes by as much as its input took part in the net.")
def update_without_x(w, x, y, learning_rate=0.01):
    return w + learning_rate * (y - w @ x)


@EXERCISE.mistake("You multiplied the error by the weights: it is the input x that shows the way.")
def update_along_w(w, x, y, learning_rate=0.01):
    return w + learning_rate * (y - w @ x) * w


@EXERCISE.mistake("You returned the correction alone: add it to w.")
def update_only_the_correction(w, x, y, learning_rate=0.01):
    return learning_rate * (y - w @ x) * x


@EXERCISE.mistake("Your step is twice as long: the loss has a half, so that the rule has no 2.")
def update_twice(w, x, y, learning_rate=0.01):
    return w + 2 * learning_rate * (y - w @ x) * x


@EXERCISE.mistake("Without learning_rate you take another one than 0.01.")
def update_other_default(w, x, y, learning_rate=0.1):
    return w + learning_rate * (y - w @ x) * x
