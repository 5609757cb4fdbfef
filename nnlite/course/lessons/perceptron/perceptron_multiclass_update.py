"""perceptron.multiclass_update: raise the right class, lower the strongest rival."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlite.course.checks import drawn, same
from nnlite.course.checks import strategies as st
from nnlite.course.exercise import Exercise

EXERCISE = Exercise(
    "perceptron.multiclass_update",
    module="nnlite.models.neurons.multiclass",
    minutes=25,
    points=3,
    teaches="the perceptron's rule for any number of classes",
    presumes=("perceptron.update", "argmax"),
    hints=(
        "Two classes matter: the right one and the strongest of the others. Find that rival first, then ask "
        "whether the right class scores more.",
        "scores = W @ x. To leave the right class out of the search, put -np.inf in its place in a copy, and "
        "take argmax. Work on a copy of W, too.",
        "new = W.copy(); rivals = W @ x; own = rivals[label]; rivals[label] = -np.inf; r = rivals.argmax(). "
        "If own <= rivals[r], add learning_rate * x to new[label] and subtract it from new[r].",
    ),
    returns=("the new W",),
)


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


@EXERCISE.check
class TestMulticlassUpdate:
    """Raise the right class, lower the strongest rival."""

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


def _multiclass(W, x, label, rate, rival, wrong):
    new = W.copy()
    if wrong:
        new[label] += rate * x
        new[rival] -= rate * x
    return new


def _rival(W, x, label):
    scores = W @ x
    scores[label] = -np.inf
    return scores.argmax()


@EXERCISE.mistake(
    "A tie is not right: you took the class with the largest score, and where the right class comes first among "
    "equals you let it win. Find the strongest of the others, and ask for more than that."
)
def multiclass_ties_pass(W, x, label, learning_rate=1.0):
    predicted = (W @ x).argmax()
    return _multiclass(W, x, label, learning_rate, predicted, predicted != label)


@EXERCISE.mistake(
    "You hide the right class behind a number that is not low enough: other scores may lie below it. Take -np.inf."
)
def multiclass_hidden_not_low_enough(W, x, label, learning_rate=1.0):
    scores = W @ x
    others = scores.copy()
    others[label] = -1000
    rival = others.argmax()
    return _multiclass(W, x, label, learning_rate, rival, scores[label] <= scores[rival])


@EXERCISE.mistake("A tie is not right: compare with <=, or W = 0 never learns.")
def multiclass_strict(W, x, label, learning_rate=1.0):
    scores, rival = W @ x, _rival(W, x, label)
    return _multiclass(W, x, label, learning_rate, rival, scores[label] < scores[rival])


@EXERCISE.mistake("You learn from right answers too: if the right class wins nothing changes.")
def multiclass_always(W, x, label, learning_rate=1.0):
    return _multiclass(W, x, label, learning_rate, _rival(W, x, label), True)


@EXERCISE.mistake("You only raised the right class: its strongest rival loses as much.")
def multiclass_only_raises(W, x, label, learning_rate=1.0):
    new, scores, rival = W.copy(), W @ x, _rival(W, x, label)
    if scores[label] <= scores[rival]:
        new[label] += learning_rate * x
    return new


@EXERCISE.mistake("You only lowered the rival: the right class gains as much.")
def multiclass_only_lowers(W, x, label, learning_rate=1.0):
    new, scores, rival = W.copy(), W @ x, _rival(W, x, label)
    if scores[label] <= scores[rival]:
        new[rival] -= learning_rate * x
    return new


@EXERCISE.mistake("The signs are swapped: the right class gains x, the rival loses it.")
def multiclass_signs_swapped(W, x, label, learning_rate=1.0):
    scores, rival = W @ x, _rival(W, x, label)
    return _multiclass(W, x, label, -learning_rate, rival, scores[label] <= scores[rival])


@EXERCISE.mistake("You lowered all other classes: only the strongest rival loses x.")
def multiclass_lowers_all_others(W, x, label, learning_rate=1.0):
    new, scores, rival = W.copy(), W @ x, _rival(W, x, label)
    if scores[label] <= scores[rival]:
        new -= learning_rate * x
        new[label] += 2 * learning_rate * x
    return new


@EXERCISE.mistake("You lowered every class that scores as much as the right one: only the strongest.")
def multiclass_lowers_all_stronger(W, x, label, learning_rate=1.0):
    new, scores = W.copy(), W @ x
    for k in range(len(W)):
        if k != label and scores[k] >= scores[label]:
            new[k] -= learning_rate * x
            new[label] += learning_rate * x
    return new


@EXERCISE.mistake("You took the weakest rival: it is the strongest one that must be beaten.")
def multiclass_weakest_rival(W, x, label, learning_rate=1.0):
    scores, rival = W @ x, _rival(W, x, label)
    others = scores.copy()
    others[label] = np.inf
    return _multiclass(W, x, label, learning_rate, others.argmin(), scores[label] <= scores[rival])


@EXERCISE.mistake("You took the last of several equal rivals: the first is meant.")
def multiclass_last_rival(W, x, label, learning_rate=1.0):
    scores, rival = W @ x, _rival(W, x, label)
    others = scores.copy()
    others[label] = -np.inf
    last = len(W) - 1 - others[::-1].argmax()
    return _multiclass(W, x, label, learning_rate, last, scores[label] <= scores[rival])


@EXERCISE.mistake("You ignored learning_rate: the step is learning_rate x.")
def multiclass_ignores_the_rate(W, x, label, learning_rate=1.0):
    scores, rival = W @ x, _rival(W, x, label)
    return _multiclass(W, x, label, 1, rival, scores[label] <= scores[rival])


@EXERCISE.mistake("You changed W in place: it belongs to the caller. Work on a copy.")
def multiclass_in_place(W, x, label, learning_rate=1.0):
    scores, rival = W @ x, _rival(W, x, label)
    if scores[label] <= scores[rival]:
        W[label] += learning_rate * x
        W[rival] -= learning_rate * x
    return W


@EXERCISE.mistake("You compared the lengths of the weights, not the scores W x.")
def multiclass_compares_norms(W, x, label, learning_rate=1.0):
    scores = np.linalg.norm(W, axis=1)
    others = scores.copy()
    others[label] = -np.inf
    rival = others.argmax()
    return _multiclass(W, x, label, learning_rate, rival, scores[label] <= scores[rival])
