"""init.kaiming_std: how large the first weights are."""

from __future__ import annotations

import math

import numpy as np

from nnlite.course.checks import drawn, same
from nnlite.course.checks import strategies as st
from nnlite.course.exercise import Exercise

EXERCISE = Exercise(
    "init.kaiming_std",
    module="nnlite.nn.init",
    minutes=15,
    points=2,
    teaches="how large random weights must be; what fan-in is, also of a convolution",
    presumes=("the variance of a sum of independent numbers",),
    hints=(
        "Count the weights that lead into one neuron. In a linear layer of shape (out, in) there are `in` of "
        "them; in a convolution of shape (out, in, height, width) there are more.",
        "fan_in is shape[1] times the product of shape[2:], and fan_out is shape[0] times that product. The "
        "product of an empty tuple, math.prod(()), is 1.",
        "points = math.prod(shape[2:]); fan = points * shape[1], or points * shape[0] for 'fan_out'; "
        "return gain / math.sqrt(fan).",
    ),
    returns=("the standard deviation",),
)


axes = st.integers(1, 9)
gains = st.sampled_from([1.0, 2.0, 0.5, 1.5])


@EXERCISE.check
class TestKaimingStd:
    """How large the first weights are."""

    @drawn(out=axes, inputs=axes, gain=gains, examples=15)
    def test_linear_layer(self, student, out, inputs, gain):
        """For a weight of shape (out, in) it is gain / √in."""
        same(student((out, inputs), gain, "fan_in"), gain * inputs**-0.5, "the standard deviation")

    @drawn(out=axes, inputs=axes, kernel=st.lists(st.integers(1, 5), min_size=1, max_size=3), gain=gains, examples=20)
    def test_convolution(self, student, out, inputs, kernel, gain):
        """Each input channel counts with all points of the kernel."""
        points = len(np.zeros(kernel).ravel())
        shape = (out, inputs, *kernel)
        same(student(shape, gain, "fan_in"), gain * (inputs * points) ** -0.5, "the standard deviation")

    @drawn(out=axes, inputs=axes, kernel=st.lists(st.integers(1, 4), max_size=2), gain=gains, examples=20)
    def test_fan_out(self, student, out, inputs, kernel, gain):
        """In the mode 'fan_out' the number of neurons takes the place of the number of inputs."""
        points = len(np.zeros(kernel).ravel())
        shape = (out, inputs, *kernel)
        same(student(shape, gain, "fan_out"), gain * (out * points) ** -0.5, "the standard deviation")

    @drawn(out=axes, inputs=axes, gain=gains, examples=10)
    def test_default_mode(self, student, out, inputs, gain):
        """Without a mode 'fan_in' is meant."""
        same(student((out, inputs), gain), gain * inputs**-0.5, "the standard deviation")


@EXERCISE.mistake("You took the wrong axis: the shape is (out, in, ...), so fan_in begins with shape[1].")
def kaiming_std_axes_swapped(shape, gain, mode="fan_in"):
    fan = math.prod(shape[2:]) * (shape[0] if mode == "fan_in" else shape[1])
    return gain / math.sqrt(fan)


@EXERCISE.mistake("You left out the kernel: a neuron of a convolution has in * height * width inputs.")
def kaiming_std_without_kernel(shape, gain, mode="fan_in"):
    return gain / math.sqrt(shape[1] if mode == "fan_in" else shape[0])


@EXERCISE.mistake("You added the lengths of the kernel's axes: multiply them.")
def kaiming_std_kernel_added(shape, gain, mode="fan_in"):
    points = sum(shape[2:]) if len(shape) > 2 else 1
    return gain / math.sqrt(points * (shape[1] if mode == "fan_in" else shape[0]))


@EXERCISE.mistake("You took only the first axis of the kernel: multiply all that follow shape[1].")
def kaiming_std_one_axis_of_the_kernel(shape, gain, mode="fan_in"):
    points = shape[2] if len(shape) > 2 else 1
    return gain / math.sqrt(points * (shape[1] if mode == "fan_in" else shape[0]))


@EXERCISE.mistake("This is the variance, gain² / fan: the standard deviation is its root.")
def kaiming_std_variance(shape, gain, mode="fan_in"):
    return gain**2 / (math.prod(shape[2:]) * (shape[1] if mode == "fan_in" else shape[0]))


@EXERCISE.mistake("You left out the root: it is the variance of a sum that grows with fan.")
def kaiming_std_without_root(shape, gain, mode="fan_in"):
    return gain / (math.prod(shape[2:]) * (shape[1] if mode == "fan_in" else shape[0]))


@EXERCISE.mistake("The gain is under the root: it multiplies the standard deviation, not the variance.")
def kaiming_std_gain_under_the_root(shape, gain, mode="fan_in"):
    return math.sqrt(gain / (math.prod(shape[2:]) * (shape[1] if mode == "fan_in" else shape[0])))


@EXERCISE.mistake("You left out the gain.")
def kaiming_std_without_gain(shape, gain, mode="fan_in"):
    return 1 / math.sqrt(math.prod(shape[2:]) * (shape[1] if mode == "fan_in" else shape[0]))


@EXERCISE.mistake("You never looked at mode: 'fan_out' counts the neurons, shape[0].")
def kaiming_std_always_fan_in(shape, gain, mode="fan_in"):
    return gain / math.sqrt(math.prod(shape[1:]))


@EXERCISE.mistake("Where no mode is given you take 'fan_out': 'fan_in' is the default.")
def kaiming_std_default_fan_out(shape, gain, mode="fan_out"):
    return gain / math.sqrt(math.prod(shape[2:]) * (shape[1] if mode == "fan_in" else shape[0]))


@EXERCISE.mistake("This is Xavier's rule, with the mean of fan_in and fan_out: take the one that mode says.")
def kaiming_std_xavier(shape, gain, mode="fan_in"):
    return gain / math.sqrt(math.prod(shape[2:]) * (shape[0] + shape[1]) / 2)


@EXERCISE.mistake("You counted all weights of the layer: count those that lead into one neuron.")
def kaiming_std_all_weights(shape, gain, mode="fan_in"):
    return gain / math.sqrt(math.prod(shape))


@EXERCISE.mistake("This is the bound of an even distribution, gain √(3 / fan): the deviation is without 3.")
def kaiming_std_uniform_bound(shape, gain, mode="fan_in"):
    return gain * math.sqrt(3 / (math.prod(shape[2:]) * (shape[1] if mode == "fan_in" else shape[0])))
