"""functional.tanh: a first function with its vjp."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from nnlite.course.checks import KEPT_ELSEWHERE, drawn, same
from nnlite.course.checks import strategies as st
from nnlite.course.exercise import Exercise
from nnlite.course.lessons.backpropagation.drawn import dtypes, halves

EXERCISE = Exercise(
    "functional.tanh",
    module="nnlite.functional.activations",
    minutes=10,
    points=1,
    teaches="a first vjp: the local slope times the gradient from above",
    presumes=("the chain rule",),
    hints=(
        "vjp(dy) answers: if the loss changes by dy for each unit of y, by how much does it change for each "
        "unit of x? One factor is dy. What is the other?",
        "The derivative of tanh can be written with its value alone: 1 - y². Each element stands for itself, "
        "so nothing is summed.",
        "y = np.tanh(x); define vjp(dy) inside, which returns dy * (1 - y * y); return y, vjp.",
    ),
    returns=("y", "vjp"),
    example=(">>> y, vjp = tanh(np.array([0.0]))\n>>> y\narray([0.])\n>>> vjp(np.array([3.0]))\narray([3.])"),
)


@st.composite
def activations(draw: Any) -> Any:
    """Nets of any shape, and an upstream gradient: (x, dy)."""
    shape = draw(st.sampled_from([(1,), (2,), (3,), (1, 2), (2, 2), (2, 3)]))
    dtype = draw(dtypes)
    return halves(draw, shape, dtype), halves(draw, shape, dtype)


@EXERCISE.check
class TestTanh:
    """A first function with its vjp."""

    @drawn(activation=activations(), examples=25)
    def test_value(self, student, activation):
        """The value y is (exp(x) - exp(-x)) / (exp(x) + exp(-x)), element by element."""
        x, _ = activation
        y, _ = student(x)
        same(y, np.vectorize(math.tanh, otypes=[float])(x), "y")

    @drawn(activation=activations(), examples=25)
    def test_vjp(self, student, activation):
        """vjp(dy) is the slope 1 - y², times the upstream gradient dy."""
        x, dy = activation
        _, vjp = student(x)
        same(vjp(dy), dy * np.vectorize(lambda a: 1 / math.cosh(a) ** 2, otypes=[float])(x), "vjp(dy)")

    @drawn(activation=activations(), examples=8)
    def test_far_out(self, student, activation):
        """Nets of 1000 and -1000 give 1 and -1, and a slope of 0."""
        x, dy = activation
        x = x.dtype.type(1000) * x
        y, vjp = student(x)
        same(y, np.sign(x), "y")
        same(vjp(dy), np.where(x == 0, dy, 0), "vjp(dy)")

    @drawn(activation=activations(), examples=8)
    def test_vjp_again(self, student, activation):
        """The vjp of one call stays the same after other calls, and is linear in dy."""
        x, dy = activation
        _, vjp = student(x)
        student(x + 1)[1](dy)
        vjp(dy)
        same(
            vjp(3 * dy),
            3 * dy * np.vectorize(lambda a: 1 / math.cosh(a) ** 2, otypes=[float])(x),
            "vjp(dy)",
            KEPT_ELSEWHERE,
        )


@EXERCISE.mistake("You ignored the upstream gradient dy: vjp(dy) is dy times the slope.")
def tanh_ignores_upstream(x):
    y = np.tanh(x)
    return y, lambda dy: 1 - y * y


@EXERCISE.mistake("You handed dy on as it is: multiply it with the slope 1 - y².")
def tanh_without_slope(x):
    return np.tanh(x), lambda dy: dy + 0


@EXERCISE.mistake("The square is missing: the slope of tanh is 1 - y², not 1 - y.")
def tanh_no_square(x):
    y = np.tanh(x)
    return y, lambda dy: dy * (1 - y)


@EXERCISE.mistake("This is the slope of the sigmoid, y (1 - y): that of tanh is 1 - y².")
def tanh_slope_of_the_sigmoid(x):
    y = np.tanh(x)
    return y, lambda dy: dy * y * (1 - y)


@EXERCISE.mistake("You squared x: the slope is 1 - y², with the value y = tanh(x).")
def tanh_slope_from_x(x):
    return np.tanh(x), lambda dy: dy * (1 - x * x)


@EXERCISE.mistake("You took tanh twice: y is tanh(x) already, so the slope is 1 - y², not 1 - tanh(y)².")
def tanh_twice(x):
    y = np.tanh(x)
    return y, lambda dy: dy * (1 - np.tanh(y) ** 2)


@EXERCISE.mistake("The sign of the slope is flipped: tanh rises everywhere, so 1 - y², not y² - 1.")
def tanh_sign_flipped(x):
    y = np.tanh(x)
    return y, lambda dy: dy * (y * y - 1)


@EXERCISE.mistake("You divided by the slope: the chain rule multiplies.")
def tanh_divided(x):
    y = np.tanh(x)
    return y, lambda dy: dy / (1 - y * y)


@EXERCISE.mistake("exp overflows at 1000, and inf / inf is nan: use np.tanh.")
def tanh_overflows(x):
    up, down = np.exp(x), np.exp(-x)
    y = (up - down) / (up + down)
    return y, lambda dy: dy * (1 - y * y)


@EXERCISE.mistake("This is the sigmoid: tanh runs from -1 to 1.")
def tanh_sigmoid(x):
    y = 1 / (1 + np.exp(-x))
    return y, lambda dy: dy * y * (1 - y)


@EXERCISE.mistake("You returned the slope itself: return a function vjp, which is given dy.")
def tanh_returns_the_slope(x):
    y = np.tanh(x)
    return y, 1 - y * y


@EXERCISE.mistake("You returned y alone: the function returns the pair (y, vjp).")
def tanh_without_vjp(x):
    return np.tanh(x)


@EXERCISE.mistake("You changed the upstream gradient dy in place (dy *= …): it belongs to the caller.")
def tanh_vjp_in_place(x):
    y = np.tanh(x)

    def vjp(dy):
        dy *= 1 - y * y
        return dy + 0

    return y, vjp


@EXERCISE.mistake("The vjp remembers the last dy it was given: each call must start afresh.")
def tanh_vjp_accumulates(x):
    y = np.tanh(x)
    total = np.zeros_like(y)

    def vjp(dy):
        nonlocal total
        total = total + dy * (1 - y * y)
        return total + 0

    return y, vjp
