"""neuron.net: the weighted sum."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlite.course.checks import drawn, same
from nnlite.course.checks import strategies as st
from nnlite.course.exercise import Exercise
from nnlite.course.lessons.neuron.drawn import dtypes, entries

EXERCISE = Exercise(
    "neuron.net",
    module="nnlite.models.neurons.neuron",
    minutes=10,
    points=1,
    teaches="the weighted sum as a scalar product; one point or many with the same line",
    presumes=("the scalar product", "the operator @ in NumPy"),
    hints=(
        "For one point: multiply each input by its weight and add up. For many points the same, row by row. "
        "One operator of NumPy does both.",
        "a @ b pairs the last axis of a with the first axis of b (of the only one, if b is a vector). "
        "Which of w and x must stand on the left, so that it pairs the D inputs with the D weights?",
        "return x @ w: the last axis of x, its inputs, meets the weights.",
    ),
    returns=("net",),
)


@st.composite
def weighted(draw: Any, shapes: list[tuple[int, ...]]) -> Any:
    """Weights, and points that fit."""
    dtype = draw(dtypes)
    shape = draw(st.sampled_from(shapes))
    return entries(draw, shape[-1:], dtype, first=3), entries(draw, shape, dtype)


@EXERCISE.check
class TestNet:
    """The weighted sum."""

    @drawn(given=weighted([(1,), (2,), (3,), (4,)]), examples=20)
    def test_one_point(self, student, given):
        """For one point net is the sum of w_i x_i."""
        w, x = given
        same(student(w, x), float(sum(a * b for a, b in zip(w, x))), "net")

    @drawn(given=weighted([(1, 1), (1, 2), (2, 1), (2, 2), (3, 2), (2, 3), (3, 3)]), examples=30)
    def test_many_points(self, student, given):
        """For many points there is one sum for each row."""
        w, x = given
        same(student(w, x), np.array([sum(a * b for a, b in zip(w, row)) for row in x]), "net")


@EXERCISE.mistake("You left the weights out: net is the sum of w_i x_i, not of the x_i.")
def net_without_weights(w, x):
    return x.sum(axis=-1)


@EXERCISE.mistake("You did not add up: net is the sum of the weighted inputs, one number for each point.")
def net_not_summed(w, x):
    return w * x


@EXERCISE.mistake("You took the mean of the weighted inputs: net is their sum.")
def net_mean(w, x):
    return (w * x).mean(axis=-1)


@EXERCISE.mistake("You added up over all points: there is one sum for each of them.")
def net_one_sum_for_all(w, x):
    return (w * x).sum()


@EXERCISE.mistake("You summed along the wrong axis: over the points instead of over the inputs of each.")
def net_wrong_axis(w, x):
    return (w * x).sum(axis=0)


@EXERCISE.mistake("w @ x pairs the weights with the rows: for points (N, D) x must stand on the left, x @ w.")
def net_weights_on_the_left(w, x):
    return w @ x


@EXERCISE.mistake("You added the first weight once more: the bias is in the sum already, with the input 1.")
def net_bias_twice(w, x):
    return x @ w + w[0]


@EXERCISE.mistake("You left the first weight out: the bias is a weight like any other, and its input is in x.")
def net_without_the_first(w, x):
    return x[..., 1:] @ w[1:]


@EXERCISE.mistake(
    "You added the first weight without its input: the products run over all inputs, the first among them."
)
def net_first_input_taken_as_one(w, x):
    return w[0] + x[..., 1:] @ w[1:]


@EXERCISE.mistake("You added w and x: each input is multiplied by its weight.")
def net_added(w, x):
    return (w + x).sum(axis=-1)


@EXERCISE.mistake("You applied an activation function: net is the sum before it.")
def net_with_step(w, x):
    return np.heaviside(x @ w, 1).astype(x.dtype)
