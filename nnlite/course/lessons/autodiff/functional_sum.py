"""functional.sum: the sum over some axes, and the gradient spread back over them."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlite.course.checks import KEPT_ELSEWHERE, drawn, same
from nnlite.course.checks import strategies as st
from nnlite.course.exercise import Exercise
from nnlite.course.lessons.autodiff.drawn import arrays, dtypes, shapes

EXERCISE = Exercise(
    "functional.sum",
    module="nnlite.functional.reductions",
    minutes=20,
    points=2,
    teaches="the vjp of a sum: what was added up gets the same gradient each; axes and broadcasting",
    presumes=("axis and keepdims in NumPy", "np.expand_dims and np.broadcast_to"),
    hints=(
        "Change one element of x by a little: the sum it belongs to changes by just as much. So how does the "
        "gradient of an element depend on which element it is?",
        "Every element gets the dy of the sum it was added to: dy is spread over x.shape. For that the axes "
        "that were summed over must be there again, with length 1.",
        "y = np.sum(x, axis=dim, keepdims=keepdim). In vjp: with keepdim, np.broadcast_to(dy, x.shape); "
        "without, np.expand_dims(dy, dim) first, where dim=None stands for all axes, tuple(range(x.ndim)).",
    ),
    returns=("y", "vjp"),
    example=(
        ">>> y, vjp = sum(np.array([[1.0, 2.0], [3.0, 4.0]]), dim=0)\n"
        ">>> y\n"
        "array([4., 6.])\n"
        ">>> vjp(np.array([1.0, 10.0]))\n"
        "array([[ 1., 10.],\n"
        "       [ 1., 10.]])"
    ),
)


@st.composite
def sums(draw: Any) -> Any:
    """An array, the axes to sum over (one, two or all), and an upstream gradient without those axes."""
    shape = draw(st.sampled_from(shapes))
    dtype = draw(dtypes)
    x = arrays(draw, shape, dtype)
    several = [(0, -1), (-1, 0), (0, 1)] if len(shape) > 1 else [(0,)]
    dim = draw(st.sampled_from([0, -1, *range(len(shape)), *range(-len(shape), -1), None, *several]))
    over = range(len(shape)) if dim is None else [d % len(shape) for d in np.atleast_1d(dim)]
    without = tuple(n for d, n in enumerate(shape) if d not in over)
    kept = tuple(1 if d in over else n for d, n in enumerate(shape))
    return x, dim, kept, arrays(draw, without, dtype)


def added(x: Any, kept: tuple[int, ...]) -> Any:
    """The sums from their definition, one element of x after the other; each summed axis has length 1."""
    y = np.zeros(kept, x.dtype)
    for index in np.ndindex(x.shape):
        y[tuple(min(i, n - 1) for i, n in zip(index, kept))] += x[index]
    return y


@EXERCISE.check
class TestSum:
    """The sum over some axes, and the gradient spread back over them."""

    @drawn(case=sums(), examples=40)
    def test_value(self, student, case):
        """y is the sum over the axes dim, and these axes are gone."""
        x, dim, kept, dy = case
        y, _ = student(x, dim)
        same(y, added(x, kept).reshape(dy.shape), "y")

    @drawn(case=sums(), examples=10)
    def test_default(self, student, case):
        """Without dim everything is summed."""
        x, *_ = case
        y, _ = student(x)
        same(y, sum(x.flat), "y")

    @drawn(case=sums(), examples=20)
    def test_keepdim(self, student, case):
        """With keepdim the axes that were summed over stay, with length 1."""
        x, dim, kept, _ = case
        y, _ = student(x, dim, True)
        same(y, added(x, kept), "y")

    @drawn(case=sums(), examples=40)
    def test_vjp(self, student, case):
        """vjp(dy) has the shape of x: every element gets the dy of the sum it was added to."""
        x, dim, kept, dy = case
        _, vjp = student(x, dim)
        same(vjp(dy), np.broadcast_to(dy.reshape(kept), x.shape), "vjp(dy)")

    @drawn(case=sums(), examples=20)
    def test_vjp_keepdim(self, student, case):
        """With keepdim dy has these axes of length 1 too, and is spread over them."""
        x, dim, kept, dy = case
        _, vjp = student(x, dim, True)
        same(vjp(dy.reshape(kept)), np.broadcast_to(dy.reshape(kept), x.shape), "vjp(dy)")

    @drawn(case=sums(), examples=8)
    def test_vjp_again(self, student, case):
        """The vjp of one call stays the same after other calls, and after it was called itself."""
        x, dim, kept, dy = case
        _, vjp = student(x, dim)
        student(np.stack([x, x]))[1](np.ones((), x.dtype))
        vjp(dy)
        same(vjp(3 * dy), np.broadcast_to(3 * dy.reshape(kept), x.shape), "vjp(dy)", KEPT_ELSEWHERE)


def _spread(dy, x, dim, keepdim):
    over = tuple(range(x.ndim)) if dim is None else dim
    return np.broadcast_to(dy if keepdim else np.expand_dims(dy, over), x.shape)


def _number_summed(x, dim):
    over = range(x.ndim) if dim is None else np.atleast_1d(dim)
    return x.dtype.type(np.prod([x.shape[d] for d in over]))


@EXERCISE.mistake("This is the mean: the sum is not divided by the number of elements.")
def sum_mean(x, dim=None, keepdim=False):
    n = _number_summed(x, dim)
    return np.mean(x, axis=dim, keepdims=keepdim), lambda dy: _spread(dy / n, x, dim, keepdim)


@EXERCISE.mistake("You divided the gradient by the number of elements: that belongs to the mean.")
def sum_gradient_of_the_mean(x, dim=None, keepdim=False):
    n = _number_summed(x, dim)
    return np.sum(x, axis=dim, keepdims=keepdim), lambda dy: _spread(dy / n, x, dim, keepdim)


@EXERCISE.mistake("You never looked at dim: only these axes are summed over, all of them only if dim is None.")
def sum_over_everything(x, dim=None, keepdim=False):
    return np.sum(x, keepdims=keepdim), lambda dy: _spread(dy, x, None, keepdim)


@EXERCISE.mistake("Without dim you summed over the last axis: None means all axes.")
def sum_default_is_the_last(x, dim=None, keepdim=False):
    over = -1 if dim is None else dim
    return np.sum(x, axis=over, keepdims=keepdim), lambda dy: _spread(dy, x, over, keepdim)


@EXERCISE.mistake("You never looked at keepdim: with it the summed axes stay, with length 1.")
def sum_ignores_keepdim(x, dim=None, keepdim=False):
    return np.sum(x, axis=dim), lambda dy: _spread(dy, x, dim, False)


@EXERCISE.mistake("Your vjp never looks at keepdim: with it dy has the summed axes already.")
def sum_vjp_ignores_keepdim(x, dim=None, keepdim=False):
    return np.sum(x, axis=dim, keepdims=keepdim), lambda dy: _spread(dy, x, dim, False)


@EXERCISE.mistake("You ignored the upstream gradient dy: ones are the derivatives, not yet the product.")
def sum_ignores_upstream(x, dim=None, keepdim=False):
    return np.sum(x, axis=dim, keepdims=keepdim), lambda dy: np.ones_like(x)


@EXERCISE.mistake(
    "Your vjp does not put the lost axes back: dy lines up with the wrong axes of x. Give them length 1 first."
)
def sum_lost_axes_not_put_back(x, dim=None, keepdim=False):
    return np.sum(x, axis=dim, keepdims=keepdim), lambda dy: np.broadcast_to(dy, x.shape)


@EXERCISE.mistake("Your vjp returns dy as it came: it must have the shape of x, each dy spread over its sum.")
def sum_gradient_not_spread(x, dim=None, keepdim=False):
    return np.sum(x, axis=dim, keepdims=keepdim), lambda dy: dy.copy()


@EXERCISE.mistake("You multiplied dy with x: the derivative of a sum with respect to each element is 1.")
def sum_gradient_times_x(x, dim=None, keepdim=False):
    return np.sum(x, axis=dim, keepdims=keepdim), lambda dy: _spread(dy, x, dim, keepdim) * x


@EXERCISE.mistake("Your vjp fails for dim=None: then all axes were lost, tuple(range(x.ndim)).")
def sum_vjp_fails_without_dim(x, dim=None, keepdim=False):
    def vjp(dy):
        return np.broadcast_to(dy if keepdim else np.expand_dims(dy, dim), x.shape)

    return np.sum(x, axis=dim, keepdims=keepdim), vjp


@EXERCISE.mistake("The vjp remembers the last dy it was given: each call must start afresh.")
def sum_vjp_adds_up(x, dim=None, keepdim=False):
    spread = x.sum(axis=dim, keepdims=True).shape
    total = 0

    def vjp(dy):
        nonlocal total
        total = total + dy.reshape(spread)
        return np.broadcast_to(total, x.shape)

    return x.sum(axis=dim, keepdims=keepdim), vjp


@EXERCISE.mistake("You returned y alone: the function returns the pair (y, vjp).")
def sum_without_vjp(x, dim=None, keepdim=False):
    return np.sum(x, axis=dim, keepdims=keepdim)
