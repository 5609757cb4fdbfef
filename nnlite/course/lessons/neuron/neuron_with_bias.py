"""neuron.with_bias: the virtual input 1 in front of every point."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlite.course.checks import drawn, same
from nnlite.course.checks import strategies as st
from nnlite.course.exercise import Exercise
from nnlite.course.lessons.neuron.drawn import dtypes, entries

EXERCISE = Exercise(
    "neuron.with_bias",
    module="nnlite.models.neurons.neuron",
    minutes=10,
    points=1,
    teaches="the bias as the weight of a virtual input; joining arrays along an axis",
    presumes=("shape and axis in NumPy",),
    hints=(
        "You need a column of ones, as many as there are points, and then both side by side. If X is a single "
        "point (n,), the column is a single 1.",
        "X.shape[:-1] is X's shape without the last axis, so np.ones((*X.shape[:-1], 1), X.dtype) fits any X. "
        "np.concatenate puts arrays together along an axis.",
        "ones = np.ones((*X.shape[:-1], 1), X.dtype); then return np.concatenate([ones, X], axis=-1).",
    ),
    returns=("the result",),
)


@st.composite
def points(draw: Any, shapes: list[tuple[int, ...]]) -> Any:
    """Points of one of the shapes."""
    return entries(draw, draw(st.sampled_from(shapes)), draw(dtypes))


@EXERCISE.check
class TestWithBias:
    """The virtual input 1 in front of every point."""

    @drawn(X=points([(1, 1), (1, 2), (2, 1), (2, 2), (3, 2), (2, 3), (3, 3)]), examples=30)
    def test_one_in_front_of_every_row(self, student, X):
        """Each row (x1, ..., xn) becomes (1, x1, ..., xn)."""
        same(student(X), np.array([[1, *row] for row in X]), "the result")

    @drawn(X=points([(1,), (2,), (3,)]), examples=10)
    def test_a_single_point(self, student, X):
        """A single point (n,) becomes a single point (1 + n,)."""
        same(student(X), np.array([1, *X]), "the result")

    @drawn(X=points([(1, 1, 1), (1, 2, 1), (2, 1, 2), (2, 2, 2)]), examples=10)
    def test_more_axes(self, student, X):
        """With more axes the 1 still goes in front of the last one, the inputs of one point."""
        out = student(X)
        same(out[..., 0], np.ones(X.shape[:-1]), "the first input")
        same(out[..., 1:], X, "the other inputs")


@EXERCISE.mistake("The 1 stands behind the inputs: the bias is w0, so its input comes first.")
def with_bias_behind(X):
    return np.concatenate([X, np.ones((*X.shape[:-1], 1), X.dtype)], axis=-1)


@EXERCISE.mistake("You put a row of ones on top, another point: each point needs one more input.")
def with_bias_a_row_on_top(X):
    return np.concatenate([np.ones((1, *X.shape[1:]), X.dtype), X], axis=0)


@EXERCISE.mistake("You put zeros in front: the virtual input is always 1.")
def with_bias_zeros(X):
    return np.concatenate([np.zeros((*X.shape[:-1], 1), X.dtype), X], axis=-1)


@EXERCISE.mistake("You added 1 to every input: the 1 is an input more, in front of the others.")
def with_bias_added(X):
    return X + 1


@EXERCISE.mistake("You wrote the 1 over the first input: the point needs one input more than it had.")
def with_bias_overwritten(X):
    X = X.copy()
    X[..., 0] = 1
    return X


@EXERCISE.mistake("You wrote into X itself, which belongs to the caller: make a new array.")
def with_bias_in_place(X):
    X[..., 0] = 1
    return X


@EXERCISE.mistake("The result is float64 whatever X is: make the ones in the dtype of X.")
def with_bias_always_float64(X):
    return np.concatenate([np.ones((*X.shape[:-1], 1)), X], axis=-1)


@EXERCISE.mistake(
    "This works for points (N, n) only: a single point (n,) has no rows, so ask for X.shape[:-1] and the last axis."
)
def with_bias_only_rows(X):
    return np.concatenate([np.ones((len(X), 1), X.dtype), X], axis=1)


@EXERCISE.mistake("You joined along axis 1: with more axes than two the inputs are along the last one.")
def with_bias_axis_one(X):
    ones = np.ones((*X.shape[:-1], 1), X.dtype)
    return np.concatenate([ones, X], axis=min(1, X.ndim - 1))
