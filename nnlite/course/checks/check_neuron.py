"""Checks of a neuron's functions: the virtual input, the sum, and the sigmoid with its slope."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from hypothesis import strategies as st

from nnlite.course.checks import drawn, same
from nnlite.course.student import Mismatch

dtypes = st.sampled_from([np.float64, np.float32])


def entries(draw: Any, shape: tuple[int, ...], dtype: Any, first: int = 2) -> Any:
    """An array of small whole numbers; the first to be tried is one that no wrong answer gets right by chance."""
    size = math.prod(shape)
    values = draw(st.lists(st.sampled_from([first, 2, -2, 3, -3, 1, -1, 4, -4, 0]), min_size=size, max_size=size))
    return np.array(values, dtype).reshape(shape)


@st.composite
def points(draw: Any, shapes: list[tuple[int, ...]]) -> Any:
    """Points of one of the shapes."""
    return entries(draw, draw(st.sampled_from(shapes)), draw(dtypes))


@st.composite
def weighted(draw: Any, shapes: list[tuple[int, ...]]) -> Any:
    """Weights, and points that fit."""
    dtype = draw(dtypes)
    shape = draw(st.sampled_from(shapes))
    return entries(draw, shape[-1:], dtype, first=3), entries(draw, shape, dtype)


@st.composite
def sums(draw: Any, size: int = 1) -> Any:
    """Nets up to two times `size`, in halves of it: none, one or two axes of them."""
    shape = draw(st.sampled_from([(1,), (2,), (3,), (2, 2), (1, 3), ()]))
    dtype = draw(dtypes)
    return np.asarray(entries(draw, shape, dtype) * dtype(size / 2))


def slowly(function: Any, net: Any) -> Any:
    """Apply a function of one Python number to every entry."""
    return np.array([function(float(z)) for z in net.ravel()]).reshape(net.shape)


def sigmoid(z: float) -> float:
    """The sigmoid of one number, without overflow."""
    e = math.exp(-abs(z))
    return 1 / (1 + e) if z >= 0 else e / (1 + e)


class TestWithBias:
    """The virtual input 1 in front of every point."""

    exercise = "neuron.with_bias"

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


class TestNet:
    """The weighted sum."""

    exercise = "neuron.net"

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


class TestSigmoid:
    """The smooth step from 0 to 1."""

    exercise = "neuron.sigmoid"

    @drawn(net=sums(), examples=40)
    def test_value(self, student, net):
        """y is 1 / (1 + e^-net), for each net on its own."""
        same(student(net), slowly(sigmoid, net), "y")

    @drawn(net=sums(size=400), examples=20)
    def test_large(self, student, net):
        """Nets of several hundred, of either sign, give numbers near 0 and 1 and never NaN."""
        same(student(net), slowly(sigmoid, net), "y")

    @drawn(steps=st.integers(0, 6), dtype=dtypes, examples=10)
    def test_tail(self, student, steps, dtype):
        """Far below 0, y is tiny, but it is not 0 as long as e^net can be held."""
        # Here e^net can just be held, and e^-net no longer.
        net = np.array([(-710 if dtype is np.float64 else -89) - steps / 2], dtype)
        y = student(net)
        if y == 0:
            said = f"y is 0 at net = {net[0]:g}, where e^net is not: e^-net has overflowed."
            raise Mismatch(said, np.exp(net), y, "y")
        if not np.allclose(y, np.exp(net), rtol=1e-3, atol=0):
            raise Mismatch(f"y is {y[0]:.3g} at net = {net[0]:g}, expected nearly e^net.", np.exp(net), y, "y")


class TestSigmoidDerivative:
    """The slope of the sigmoid."""

    exercise = "neuron.sigmoid_derivative"

    @drawn(net=sums(), examples=40)
    def test_slope(self, student, net):
        """The slope is that of 1 / (1 + e^-net): what the sigmoid gains per unit of net."""
        h = 1e-5
        slope = slowly(lambda z: (sigmoid(z + h) - sigmoid(z - h)) / (2 * h), net)
        same(student(net), slope, "the slope")

    @drawn(net=sums(size=400), examples=20)
    def test_large(self, student, net):
        """Far from 0, on either side, the slope is 0 and never NaN."""
        expected = slowly(lambda z: 0.25 if z == 0 else sigmoid(z) * sigmoid(-z), net)
        same(student(net), expected, "the slope")
