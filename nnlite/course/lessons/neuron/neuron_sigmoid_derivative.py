"""neuron.sigmoid_derivative: the slope of the sigmoid."""

from __future__ import annotations

import numpy as np

from nnlite.course.checks import drawn, same
from nnlite.course.exercise import Exercise
from nnlite.course.lessons.neuron.drawn import sigmoid, slowly, sums

EXERCISE = Exercise(
    "neuron.sigmoid_derivative",
    module="nnlite.models.neurons.neuron",
    minutes=15,
    points=2,
    teaches="the slope of an activation function",
    presumes=("derivatives", "neuron.sigmoid"),
    hints=(
        "With y = sigmoid(net) the slope is y (1 - y). If you compute y, do it so that nothing overflows.",
        "The slope is the same at net and at -net, so you may use |net| in place of net: "
        "e = np.exp(-np.abs(net)) is safe, and y = 1 / (1 + e).",
        "Then y (1 - y) = 1 / (1 + e) times e / (1 + e): return e / (1 + e) ** 2.",
    ),
    returns=("the slope",),
)


@EXERCISE.check
class TestSigmoidDerivative:
    """The slope of the sigmoid."""

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


@EXERCISE.mistake("This is the sigmoid itself: its slope is y (1 - y).")
def derivative_sigmoid(net):
    e = np.exp(-np.abs(net))
    return np.where(net >= 0, 1, e) / (1 + e)


@EXERCISE.mistake("You took net for y: in y (1 - y), y is the neuron's answer, the sigmoid of net.")
def derivative_of_net(net):
    return net * (1 - net)


@EXERCISE.mistake("e^-net has overflowed: far below 0 this is inf / inf = NaN. Use |net| for net.")
def derivative_overflows_below(net):
    e = np.exp(-net)
    return e / (1 + e) ** 2


@EXERCISE.mistake("e^net has overflowed: far above 0 this is inf / inf = NaN. Use -|net| for net.")
def derivative_overflows_above(net):
    e = np.exp(net)
    return e / (1 + e) ** 2


@EXERCISE.mistake("The sign is flipped: the sigmoid rises, so its slope is never negative.")
def derivative_sign_flipped(net):
    e = np.exp(-np.abs(net))
    return -e / (1 + e) ** 2


@EXERCISE.mistake("This is y², not y (1 - y).")
def derivative_y_squared(net):
    e = np.exp(-np.abs(net))
    return (np.where(net >= 0, 1, e) / (1 + e)) ** 2


@EXERCISE.mistake("This is y (1 + y): the slope is y (1 - y).")
def derivative_one_plus_y(net):
    e = np.exp(-np.abs(net))
    y = np.where(net >= 0, 1, e) / (1 + e)
    return y * (1 + y)


@EXERCISE.mistake("This is the slope of tanh, 1 - tanh²: at 0 the sigmoid's is 1/4.")
def derivative_tanh(net):
    return 1 - np.tanh(net) ** 2


@EXERCISE.mistake("The square is missing: e^-net is divided by (1 + e^-net)².")
def derivative_without_square(net):
    e = np.exp(-np.abs(net))
    return e / (1 + e)


@EXERCISE.mistake("The result is float64 whatever net is: keep its dtype.")
def derivative_always_float64(net):
    e = np.exp(-np.abs(net.astype(np.float64)))
    return e / (1 + e) ** 2
