"""autodiff.unbroadcast: the vjp of broadcasting."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlite.course.checks import drawn, same
from nnlite.course.checks import strategies as st
from nnlite.course.exercise import Exercise
from nnlite.course.lessons.autodiff.drawn import arrays, dtypes

EXERCISE = Exercise(
    "autodiff.unbroadcast",
    module="nnlite.differentiable",
    minutes=25,
    points=3,
    teaches="the vjp of broadcasting is a sum",
    presumes=("NumPy's rules of broadcasting", "axis and keepdims in NumPy"),
    hints=(
        "Write the two shapes below each other, aligned at the right. Which axes does grad have that shape "
        "has not? On which of the others does shape say 1?",
        "Sum over the axes on the left that were added; there are grad.ndim - len(shape) of them. Then sum, "
        "with keepdims=True, over each axis where shape says 1.",
        "grad = grad.sum(axis=tuple(range(grad.ndim - len(shape)))); then for i, n in enumerate(shape): "
        "if n == 1: grad = grad.sum(axis=i, keepdims=True); return grad.",
    ),
    returns=("the gradient",),
)


@st.composite
def stretchings(draw: Any, cases: Any) -> Any:
    """The gradient of a broadcast array, and the shape before."""
    large, small = draw(st.sampled_from(cases))
    return arrays(draw, large, draw(dtypes)), small


def collected(grad: Any, shape: tuple[int, ...]) -> Any:
    """The gradient before broadcasting from its definition: each element gets all that came of its copies."""
    total = np.zeros(shape, grad.dtype)
    copies = np.broadcast_to(np.arange(total.size).reshape(shape), grad.shape)
    np.add.at(total.reshape(-1), copies.ravel(), grad.ravel())
    return total


# The shape after broadcasting and the one before: axes added on the left, axes stretched from length 1, and both.
ADDED = [((2, 1), (1,)), ((2, 2), (2,)), ((3, 2), (2,)), ((2, 3, 2), (2,)), ((3, 2, 2), (2, 2)), ((2, 1, 3), (1, 3))]
TO_A_NUMBER = [((2,), ()), ((3,), ()), ((2, 2), ())]
STRETCHED = [((2,), (1,)), ((2, 2), (1, 2)), ((2, 2), (2, 1)), ((3, 2), (1, 1)), ((2, 3, 2), (2, 1, 2))]
BOTH = [((2, 2), (1,)), ((2, 3, 2), (3, 1)), ((2, 3, 2), (1, 2)), ((2, 2, 2), (2, 1)), ((2, 1, 2, 2), (1, 1, 2))]


@EXERCISE.check
class TestUnbroadcast:
    """The vjp of broadcasting."""

    @drawn(case=stretchings(ADDED), examples=30)
    def test_added_axes(self, student, case):
        """Axes that broadcasting added on the left are summed away."""
        grad, shape = case
        same(student(grad, shape), collected(grad, shape), "the gradient")

    @drawn(case=stretchings(STRETCHED), examples=30)
    def test_stretched_axes(self, student, case):
        """Axes that were stretched from length 1 are summed, and have length 1 again."""
        grad, shape = case
        same(student(grad, shape), collected(grad, shape), "the gradient")

    @drawn(case=stretchings(BOTH), examples=30)
    def test_both(self, student, case):
        """The same where axes were added and others stretched."""
        grad, shape = case
        same(student(grad, shape), collected(grad, shape), "the gradient")

    @drawn(case=stretchings(TO_A_NUMBER), examples=10)
    def test_one_number(self, student, case):
        """Where one number, of shape (), was broadcast, its gradient is the sum of all entries."""
        grad, shape = case
        same(student(grad, shape), collected(grad, shape), "the gradient")


@EXERCISE.mistake("You summed the added axes only: axes stretched from length 1 are summed too.")
def unbroadcast_only_added(grad, shape):
    return grad.sum(axis=tuple(range(grad.ndim - len(shape))))


@EXERCISE.mistake("You summed the stretched axes only: the axes added on the left must go too.")
def unbroadcast_only_stretched(grad, shape):
    added = grad.ndim - len(shape)
    return grad.sum(axis=tuple(i + added for i, n in enumerate(shape) if n == 1), keepdims=True)


@EXERCISE.mistake("You left keepdims=True out: an axis stretched from length 1 has length 1 again.")
def unbroadcast_no_keepdims(grad, shape):
    added = grad.ndim - len(shape)
    return grad.sum(axis=(*range(added), *(i + added for i, n in enumerate(shape) if n == 1)))


@EXERCISE.mistake("You took the mean: what comes back from the copies of an element is added up.")
def unbroadcast_mean(grad, shape):
    added = grad.ndim - len(shape)
    over = (*range(added), *(i + added for i, n in enumerate(shape) if n == 1))
    return grad.mean(axis=over).reshape(shape)


@EXERCISE.mistake("You kept the first copy and threw the others away: add them up.")
def unbroadcast_first_copy(grad, shape):
    grad = grad[(0,) * (grad.ndim - len(shape))]
    return grad[tuple(slice(n) for n in shape)].copy()


@EXERCISE.mistake("You took the largest of the copies' gradients: add them up.")
def unbroadcast_largest(grad, shape):
    added = grad.ndim - len(shape)
    over = (*range(added), *(i + added for i, n in enumerate(shape) if n == 1))
    return grad.max(axis=over).reshape(shape)


@EXERCISE.mistake("You lined the shapes up at the left: NumPy adds axes on the left, so line up the right.")
def unbroadcast_aligned_left(grad, shape):
    grad = grad.sum(axis=tuple(range(len(shape), grad.ndim)))
    return grad.sum(axis=tuple(i for i, n in enumerate(shape) if n == 1), keepdims=True)


@EXERCISE.mistake(
    "You looked for the stretched axes before the added ones were gone: then the two shapes do not line up."
)
def unbroadcast_not_lined_up(grad, shape):
    added = grad.ndim - len(shape)
    return grad.sum(axis=(*range(added), *(i for i, n in enumerate(shape) if n == 1 and i >= added))).reshape(shape)


@EXERCISE.mistake("The shape () has no axes, but it is a shape: all entries of grad are summed to one number.")
def unbroadcast_not_to_a_number(grad, shape):
    if not shape:
        return grad.copy()
    added = grad.ndim - len(shape)
    stretched = tuple(added + i for i, n in enumerate(shape) if n == 1)
    return grad.sum(axis=(*range(added), *stretched)).reshape(shape)


@EXERCISE.mistake("You only changed the shape: the gradients of the copies must be added up.")
def unbroadcast_resized(grad, shape):
    return np.resize(grad, shape)


@EXERCISE.mistake("The result is float64 whatever the gradient is: keep the dtype of grad.")
def unbroadcast_float64(grad, shape):
    added = grad.ndim - len(shape)
    over = (*range(added), *(i + added for i, n in enumerate(shape) if n == 1))
    return grad.sum(axis=over, dtype=np.float64).reshape(shape)
