"""Checks of automatic differentiation: a value y, and a vjp that maps the upstream gradient dy to dx.

The upstream gradient is always drawn. With ones in its place, a vjp that ignores it would pass.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from nnlite.course.checks import drawn, same

dtypes = st.sampled_from([np.float64, np.float32])

# The simplest first: a counterexample is shrunk towards the beginning.
shapes = [(1,), (2,), (3,), (1, 2), (2, 1), (2, 2), (2, 3), (3, 2), (1, 2, 3), (3, 1, 2), (2, 2, 2)]


def arrays(draw: Any, shape: tuple[int, ...], dtype: Any) -> Any:
    """An array of small halves: easy to read, exact in every dtype."""
    size = int(np.prod(shape))
    values = draw(st.lists(st.integers(-6, 6), min_size=size, max_size=size))
    return (np.array(values).reshape(shape) / 2).astype(dtype)


@st.composite
def scores(draw: Any) -> Any:
    """Scores with one to three axes, one of the axes, and an upstream gradient."""
    shape = draw(st.sampled_from(shapes))
    dtype = draw(dtypes)
    x = arrays(draw, shape, dtype)
    dim = draw(st.sampled_from([-1, *range(len(shape)), *range(-len(shape), -1)]))
    return x, dim, arrays(draw, shape, dtype)


def probabilities(x: Any, dim: int) -> Any:
    """Softmax from its definition, slice by slice."""

    def one(z: Any) -> Any:
        e = np.exp(z - z.max())
        return e / e.sum()

    return np.apply_along_axis(one, dim, x)


def pulled_back(y: Any, dim: int, dy: Any) -> Any:
    """The vjp from its definition: the Jacobian diag(y) - y yᵀ of each slice, times dy."""
    y, dy = np.moveaxis(y, dim, -1), np.moveaxis(dy, dim, -1)
    jacobian = y[..., None] * np.eye(y.shape[-1]) - y[..., :, None] * y[..., None, :]
    return np.moveaxis((jacobian @ dy[..., None])[..., 0], -1, dim)


class TestSoftmax:
    """Scores to probabilities, and the gradient back."""

    exercise = "functional.softmax"

    @drawn(scores=scores(), examples=40)
    def test_value(self, student, scores):
        """y_i is exp(x_i) / Σ_j exp(x_j), along the axis dim and no other."""
        x, dim, _ = scores
        y, _ = student(x, dim)
        same(y, probabilities(x, dim), "y")

    @drawn(scores=scores(), examples=10)
    def test_default_axis(self, student, scores):
        """Without dim the last axis is meant."""
        x, _, _ = scores
        y, _ = student(x)
        same(y, probabilities(x, -1), "y")

    @drawn(scores=scores(), examples=40)
    def test_vjp(self, student, scores):
        """vjp(dy) is the Jacobian diag(y) - y yᵀ of each slice, times the upstream gradient dy."""
        x, dim, dy = scores
        _, vjp = student(x, dim)
        same(vjp(dy), pulled_back(probabilities(x, dim), dim, dy), "vjp(dy)")

    @drawn(scores=scores(), size=st.sampled_from([1000, 90, -1000]), examples=20)
    def test_large_scores(self, student, scores, size):
        """Scores of 1000 or -1000 neither overflow nor vanish."""
        x, dim, _ = scores
        x = x + x.dtype.type(size)
        y, _ = student(x, dim)
        same(y, probabilities(x, dim), "y")

    @drawn(scores=scores(), examples=20)
    def test_far_apart(self, student, scores):
        """Scores thousands apart give 0 and 1, and gradients without nan."""
        x, dim, dy = scores
        x = 1000 * x
        y, vjp = student(x, dim)
        same(y, probabilities(x, dim), "y")
        same(vjp(dy), pulled_back(probabilities(x, dim), dim, dy), "vjp(dy)")

    @drawn(scores=scores(), examples=20)
    def test_minus_infinity(self, student, scores):
        """A score of -inf gets probability 0, and its neighbours share the rest."""
        x, dim, dy = scores
        first = np.take(x, [0], dim)
        x = np.concatenate([np.full_like(first, -np.inf), x], dim)
        dy = np.concatenate([first, dy], dim)
        y, vjp = student(x, dim)
        same(y, probabilities(x, dim), "y")
        same(vjp(dy), pulled_back(probabilities(x, dim), dim, dy), "vjp(dy)")

    @drawn(scores=scores(), examples=10)
    def test_vjp_again(self, student, scores):
        """The vjp of one call stays the same after other calls, and is linear in dy."""
        x, dim, dy = scores
        _, vjp = student(x, dim)
        student(x[::-1] + 1, dim)[1](dy)
        vjp(dy)
        same(vjp(3 * dy), 3 * pulled_back(probabilities(x, dim), dim, dy), "vjp(dy)")
