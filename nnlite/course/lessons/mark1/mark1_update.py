"""mark1.update: the error correction of the response units."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlite.course.checks import drawn, same
from nnlite.course.checks import strategies as st
from nnlite.course.exercise import Exercise
from nnlite.course.lessons.mark1.drawn import FLOATS, table

EXERCISE = Exercise(
    "mark1.update",
    module="nnlite.models.neurons.mark1",
    minutes=20,
    points=2,
    teaches="error correction of many neurons at once; the outer product",
    presumes=("the perceptron's rule", "matrix product"),
    hints=(
        "Each R-unit is a perceptron of its own, with its row of w as weights, and all see the same a. What is "
        "the net of all of them together?",
        "net = w @ a, one for each R-unit, and y * net <= 0 tells which are wrong. A wrong one gains y a, a "
        "right one nothing: so which number times a does each row gain?",
        "wrong * y is y for the wrong units and 0 for the right ones; np.outer(wrong * y, a) holds what each "
        "row gains. Add it to w without changing w itself.",
    ),
    returns=("the new weights",),
)


@st.composite
def lessons(draw: Any) -> Any:
    """A few R-units, the A-units they see, and what they should say."""
    r, d = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    dtype = draw(FLOATS)
    w = table(draw, r, d, st.integers(-3, 3), dtype)
    a = np.array([1, *draw(st.lists(st.sampled_from([1, 0]), min_size=d - 1, max_size=d - 1))], dtype)
    return w, a, np.array(draw(st.lists(st.sampled_from([1, -1]), min_size=r, max_size=r)), dtype)


def corrected(w: Any, a: Any, y: Any) -> Any:
    """Each R-unit by itself."""
    return np.array([row if label * (row @ a) > 0 else row + label * a for row, label in zip(w, y)])


@EXERCISE.check
class TestUpdate:
    """The error correction of the response units."""

    @drawn(lesson=lessons(), examples=40)
    def test_wrong_units_add_y_a(self, student, lesson):
        """Each R-unit with y net <= 0 gains y a; the others stay as they are."""
        w, a, y = lesson
        same(student(w, a, y), corrected(w, a, y), "the new weights")

    @drawn(lesson=lessons(), examples=15)
    def test_a_net_of_zero_is_wrong(self, student, lesson):
        """From weights 0, where every net is 0, each R-unit gains y a."""
        w, a, y = lesson
        same(student(np.zeros_like(w), a, y), np.array([label * a for label in y]), "the new weights")

    @drawn(lesson=lessons(), examples=15)
    def test_right_units_stay(self, student, lesson):
        """When all R-units are right, no weight changes."""
        w, a, _ = lesson
        w[w @ a == 0, 0] += 1
        same(student(w, a, np.sign(w @ a)), w, "the new weights")

    @drawn(seed=st.integers(0, 99), examples=3)
    def test_many_units(self, student, seed):
        """The same holds for 26 R-units and 100 A-units."""
        rng = np.random.default_rng(seed)
        w, a = rng.integers(-5, 6, (26, 101)).astype(np.float32), rng.integers(0, 2, 101).astype(np.float32)
        y = rng.choice([-1, 1], 26).astype(np.float32)
        same(student(w, a, y), corrected(w, a, y), "the new weights")


@EXERCISE.mistake(
    "You take a net of 0 for a right answer: it is none, so the unit must learn: write <= for < in the comparison."
)
def update_zero_is_right(w, a, y):
    return w + np.outer((y * (w @ a) < 0) * y, a)


@EXERCISE.mistake("You correct the R-units that were right too: only those that err may learn.")
def update_always(w, a, y):
    return w + np.outer(y, a)


@EXERCISE.mistake("You correct all R-units as soon as one errs: each is judged by itself.")
def update_all_if_any(w, a, y):
    return w + np.outer(y, a) * (y * (w @ a) <= 0).any()


@EXERCISE.mistake("The sign is flipped: a wrong unit adds y a, it does not subtract it.")
def update_sign_flipped(w, a, y):
    return w - np.outer((y * (w @ a) <= 0) * y, a)


@EXERCISE.mistake("You left out y: a unit that should say -1 must lose a, not gain it.")
def update_without_y(w, a, y):
    return w + np.outer(y * (w @ a) <= 0, a).astype(w.dtype)


@EXERCISE.mistake("You correct the R-units that were right: turn the comparison round.")
def update_the_right_ones(w, a, y):
    return w + np.outer((y * (w @ a) > 0) * y, a)


@EXERCISE.mistake("You add (y - sign(net)) a, which is 2 y a for a wrong answer: add y a once.")
def update_twice(w, a, y):
    return w + np.outer(y - np.sign(w @ a), a)


@EXERCISE.mistake("You add (y - net) a: that is the rule of Adaline. Here only the sign of net matters.")
def update_of_adaline(w, a, y):
    return w + np.outer(y - w @ a, a)


@EXERCISE.mistake("You correct one wrong R-unit only: all that err learn.")
def update_only_the_worst(w, a, y):
    new, margin = w.copy(), y * (w @ a)
    worst = int(margin.argmin())
    if margin[worst] <= 0:
        new[worst] += y[worst] * a
    return new


@EXERCISE.mistake("You judge by net alone, without y: whether an answer is wrong depends on y.")
def update_judged_without_y(w, a, y):
    return w + np.outer((w @ a <= 0) * y, a)
