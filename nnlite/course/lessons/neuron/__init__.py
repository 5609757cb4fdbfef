"""Lesson 01, the neuron: the virtual input, the weighted sum, and the sigmoid with its slope."""

from nnlite.course.exercise import Lesson

LESSON = Lesson(
    1,
    "neuron",
    "The neuron",
    (
        "neuron.with_bias",
        "neuron.net",
        "neuron.sigmoid",
        "neuron.sigmoid_derivative",
    ),
)
