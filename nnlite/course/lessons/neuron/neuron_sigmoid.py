"""neuron.sigmoid: the smooth step from 0 to 1."""

from __future__ import annotations

import numpy as np

from nnlite.course.checks import drawn, same
from nnlite.course.checks import strategies as st
from nnlite.course.exercise import Exercise
from nnlite.course.lessons.neuron.drawn import dtypes, sigmoid, slowly, sums
from nnlite.course.student import Mismatch

EXERCISE = Exercise(
    "neuron.sigmoid",
    module="nnlite.models.neurons.neuron",
    minutes=20,
    points=2,
    teaches="the sigmoid; how a formula that is right on paper overflows, and how to rewrite it",
    presumes=("the exponential function", "np.where"),
    hints=(
        "exp overflows for large positive numbers, never for negative ones. Where net >= 0 the formula is safe "
        "as it stands. Where it is negative, multiply it above and below by e^net.",
        "e = np.exp(-np.abs(net)) is never more than 1. The answer is 1 / (1 + e) where net >= 0, and "
        "e / (1 + e) elsewhere.",
        "Both fractions have the same denominator: return np.where(net >= 0, 1, e) / (1 + e).",
    ),
    returns=("y",),
)


@EXERCISE.check
class TestSigmoid:
    """The smooth step from 0 to 1."""

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


@EXERCISE.mistake(
    "Far below 0 e^-net overflows and y becomes 0 too early; to cut net off does not help. Take e^net there."
)
def sigmoid_as_in_the_book(net):
    return 1 / (1 + np.exp(-net))


@EXERCISE.mistake("e^net has overflowed: for large net this is inf / inf = NaN. Use e^-net there.")
def sigmoid_the_other_form_everywhere(net):
    e = np.exp(net)
    return e / (1 + e)


@EXERCISE.mistake("The sign of net is flipped: y rises with net, from 0 to 1.")
def sigmoid_falling(net):
    e = np.exp(-np.abs(net))
    return np.where(net >= 0, e, 1) / (1 + e)


@EXERCISE.mistake("You treated both sides alike: where net is negative the answer is e^net / (1 + e^net).")
def sigmoid_even(net):
    return 1 / (1 + np.exp(-np.abs(net)))


@EXERCISE.mistake("This is tanh, which runs from -1 to 1: the sigmoid runs from 0 to 1.")
def sigmoid_tanh(net):
    return np.tanh(net)


@EXERCISE.mistake("tanh(net) squeezed into 0 to 1 is twice as steep: the sigmoid is (1 + tanh(net / 2)) / 2.")
def sigmoid_tanh_too_steep(net):
    return (1 + np.tanh(net)) / 2


@EXERCISE.mistake("This is the step: it decides, and has forgotten how clear the case was.")
def sigmoid_step(net):
    return np.heaviside(net, net.dtype.type(0.5))


@EXERCISE.mistake("You forgot the 1 in the denominator: y = 1 / (1 + e^-net).")
def sigmoid_without_one(net):
    return 1 / np.exp(-net)


@EXERCISE.mistake("You divided by the sum over all nets: each neuron answers for itself. That is softmax.")
def sigmoid_softmax(net):
    e = np.exp(net - net.max())
    return e / e.sum()


@EXERCISE.mistake("The result is float64 whatever net is: keep its dtype.")
def sigmoid_always_float64(net):
    e = np.exp(-np.abs(net.astype(np.float64)))
    return np.where(net >= 0, 1, e) / (1 + e)
