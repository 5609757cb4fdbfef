"""Lesson 05, the network with one hidden layer. Points are rows; each row of a weight matrix is one neuron.

What comes from above (dZ, dy) is always drawn. With ones in its place, a backward pass that ignores it would pass.
"""

from nnlite.course.exercise import Lesson

LESSON = Lesson(
    5,
    "backpropagation",
    "The multilayer network and backpropagation",
    (
        "mlp.forward",
        "mlp.error",
        "functional.tanh",
        "mlp.backward",
        "mlp.update",
    ),
)
