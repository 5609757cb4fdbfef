"""Lesson 06, automatic differentiation: a value y, and a vjp that maps the upstream gradient dy to dx.

The upstream gradient is always drawn. With ones in its place, a vjp that ignores it would pass.
"""

from nnlite.course.exercise import Lesson

LESSON = Lesson(
    6,
    "autodiff",
    "Automatic differentiation",
    (
        "functional.mul",
        "autodiff.topological_order",
        "functional.sum",
        "autodiff.unbroadcast",
        "functional.mm",
        "functional.softmax",
    ),
)
