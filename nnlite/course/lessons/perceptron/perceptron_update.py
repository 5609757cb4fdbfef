"""perceptron.update: learning from one point."""

from __future__ import annotations

import numpy as np

from nnlite.course.checks import drawn, same
from nnlite.course.checks import strategies as st
from nnlite.course.exercise import Exercise
from nnlite.course.lessons.perceptron.drawn import problems

EXERCISE = Exercise(
    "perceptron.update",
    module="nnlite.models.neurons.perceptron",
    minutes=10,
    points=1,
    teaches="Rosenblatt's rule: learning from one point, and only from a mistake",
    presumes=("net = wᵀx",),
    hints=(
        "First decide whether the answer is right: y and net = wᵀx must have the same sign. net = 0 has none.",
        "The answer is wrong when y * (w @ x) <= 0. Then the new weights are the old ones plus y x, and "
        "learning_rate says how much of it.",
        "if y * (w @ x) <= 0: return w + learning_rate * y * x. Otherwise return w as it is.",
    ),
    returns=("the new w",),
)


@EXERCISE.check
class TestUpdate:
    """Learning from one point."""

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


@EXERCISE.mistake("You learn from right answers too: if y wᵀx > 0 the weights stay as they are.")
def update_always(w, x, y, learning_rate=1.0):
    return w + learning_rate * y * x


@EXERCISE.mistake("You learn from right answers only: turn the comparison round.")
def update_from_right_answers(w, x, y, learning_rate=1.0):
    return w + learning_rate * y * x if y * (w @ x) > 0 else w


@EXERCISE.mistake("net = 0 is undecided, hence not right: compare with <= 0, or w = 0 never learns.")
def update_not_when_undecided(w, x, y, learning_rate=1.0):
    return w + learning_rate * y * x if y * (w @ x) < 0 else w


@EXERCISE.mistake("The sign of the update is flipped: add y x, so that net moves towards y.")
def update_sign_flipped(w, x, y, learning_rate=1.0):
    return w - learning_rate * y * x if y * (w @ x) <= 0 else w


@EXERCISE.mistake("You left out the label: add y x, which is -x for the points of the class -1.")
def update_adds_x(w, x, y, learning_rate=1.0):
    return w + learning_rate * x if y * (w @ x) <= 0 else w


@EXERCISE.mistake("You left the label out of the question: whether net wᵀx is wrong depends on y.")
def update_asks_for_net_alone(w, x, y, learning_rate=1.0):
    return w + learning_rate * y * x if w @ x <= 0 else w


@EXERCISE.mistake("You ignored learning_rate: the step is learning_rate y x.")
def update_ignores_the_rate(w, x, y, learning_rate=1.0):
    return w + y * x if y * (w @ x) <= 0 else w


@EXERCISE.mistake("You replaced the weights: the step is added to those there are.")
def update_forgets_the_weights(w, x, y, learning_rate=1.0):
    return learning_rate * y * x if y * (w @ x) <= 0 else w


@EXERCISE.mistake("You scaled the step by net: Rosenblatt's step is y x, however wrong the answer is.")
def update_scaled_by_net(w, x, y, learning_rate=1.0):
    net = w @ x
    return w - learning_rate * net * x if y * net <= 0 else w


@EXERCISE.mistake("You returned the step alone when the answer is right, zeros: return w itself.")
def update_returns_zeros_when_right(w, x, y, learning_rate=1.0):
    return w + learning_rate * y * x if y * (w @ x) <= 0 else np.zeros_like(w)


@EXERCISE.mistake("You changed w in place (w += …): it belongs to the caller. Return a new array.")
def update_in_place(w, x, y, learning_rate=1.0):
    if y * (w @ x) <= 0:
        w += learning_rate * y * x
    return w


@EXERCISE.mistake("Where the answer is right you return nothing: return w as it is.")
def update_returns_none_when_right(w, x, y, learning_rate=1.0):
    if y * (w @ x) <= 0:
        return w + learning_rate * y * x
    return None
