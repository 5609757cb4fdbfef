"""functional.inverted_dropout: a mask, the same one forwards and backwards."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlite.course.checks import KEPT_ELSEWHERE, drawn, same
from nnlite.course.checks import strategies as st
from nnlite.course.exercise import Exercise
from nnlite.course.lessons.autodiff.drawn import arrays, dtypes
from nnlite.course.lessons.training.drawn import shapes

EXERCISE = Exercise(
    "functional.inverted_dropout",
    module="nnlite.functional.dropout",
    minutes=15,
    points=2,
    teaches="dropout as a mask, the same one forwards and backwards; why the survivors are scaled",
    presumes=("a vjp",),
    hints=(
        "Make an array that holds for each element what x is multiplied with there: 0, or 1 / (1 - p). "
        "Which of them gets which is decided by u >= p.",
        "keep = (u >= p).astype(x.dtype), then divide by 1 - p, unless p is 1. The value is x * keep. What "
        "does an element that was silenced contribute to the gradient?",
        "vjp(dy) is dy * keep: the same mask, the same factor.",
    ),
    returns=("y", "vjp"),
)


probabilities_of_silence = st.sampled_from([0.5, 0.25, 0.75])


@st.composite
def silenced(draw: Any) -> Any:
    """Activations, random numbers in eighths (so that some stand exactly at p), and an upstream gradient."""
    shape, dtype = draw(st.sampled_from(shapes)), draw(dtypes)
    x, dy = arrays(draw, shape, dtype), arrays(draw, shape, dtype)
    size = int(np.prod(shape))
    u = np.array(draw(st.lists(st.integers(0, 7), min_size=size, max_size=size))).reshape(shape) / 8
    return x, u.astype(draw(dtypes)), dy


def kept(x: Any, u: Any, p: float) -> Any:
    """Dropout from its definition, element by element."""
    pairs = zip(x.ravel(), np.broadcast_to(u, x.shape).ravel())
    return np.array([0.0 if one < p else a / (1 - p) for a, one in pairs]).reshape(x.shape)


@EXERCISE.check
class TestInvertedDropout:
    """A mask, the same one forwards and backwards."""

    @drawn(given=silenced(), p=probabilities_of_silence, examples=30)
    def test_value(self, student, given, p):
        """y is 0 where u < p, and x / (1 - p) where u >= p."""
        x, u, _ = given
        y, _ = student(x, u, p)
        same(y, kept(x, u, p), "y")

    @drawn(given=silenced(), p=probabilities_of_silence, examples=30)
    def test_vjp(self, student, given, p):
        """vjp(dy) is 0 where u < p, and dy / (1 - p) where u >= p."""
        x, u, dy = given
        _, vjp = student(x, u, p)
        same(vjp(dy), kept(dy, u, p), "vjp(dy)")

    @drawn(given=silenced(), examples=10)
    def test_nothing_silenced(self, student, given):
        """With p = 0 nothing changes."""
        x, u, dy = given
        y, vjp = student(x, u, 0.0)
        same(y, x, "y")
        same(vjp(dy), dy, "vjp(dy)")

    @drawn(given=silenced(), examples=10)
    def test_everything_silenced(self, student, given):
        """With p = 1 all is 0, and nothing is divided by 0."""
        x, u, dy = given
        y, vjp = student(x, u, 1.0)
        same(y, np.zeros_like(x), "y")
        same(vjp(dy), np.zeros_like(x), "vjp(dy)")

    @drawn(given=silenced(), p=probabilities_of_silence, examples=10)
    def test_whole_channels(self, student, given, p):
        """One random number may decide for several elements: u broadcasts to x."""
        x, u, dy = (np.stack([a, a + a.dtype.type(1)], -1) if i != 1 else a[..., None] for i, a in enumerate(given))
        y, vjp = student(x, u, p)
        same(y, kept(x, u, p), "y")
        same(vjp(dy), kept(dy, u, p), "vjp(dy)")

    @drawn(given=silenced(), p=probabilities_of_silence, examples=8)
    def test_vjp_again(self, student, given, p):
        """The vjp of one call stays the same after other calls, and after it was called itself."""
        x, u, dy = given
        _, vjp = student(x, u, p)
        student(x, 1 - u, p)[1](dy)
        vjp(dy)
        same(vjp(3 * dy), kept(3 * dy, u, p), "vjp(dy)", KEPT_ELSEWHERE)


def _scaled(x, u, p):
    keep = (u >= p).astype(x.dtype)
    return keep / (1 - p) if p < 1 else keep


@EXERCISE.mistake("The survivors are not scaled: divide them by 1 - p, so that the mean stays.")
def inverted_dropout_not_scaled(x, u, p):
    keep = (u >= p).astype(x.dtype)
    return x * keep, lambda dy: dy * keep


@EXERCISE.mistake("You scaled by 1 - p: divide by it.")
def inverted_dropout_multiplied(x, u, p):
    keep = (u >= p).astype(x.dtype) * (1 - p)
    return x * keep, lambda dy: dy * keep


@EXERCISE.mistake("You divided by p: the share that survives is 1 - p.")
def inverted_dropout_divided_by_p(x, u, p):
    keep = (u >= p).astype(x.dtype) / (p if p > 0 else 1)
    return x * keep, lambda dy: dy * keep


@EXERCISE.mistake("You kept what should be silenced: an element survives where u >= p.")
def inverted_dropout_mask_turned_round(x, u, p):
    keep = (u < p).astype(x.dtype) / ((1 - p) if p < 1 else 1)
    return x * keep, lambda dy: dy * keep


@EXERCISE.mistake("An element is kept with probability p here: p is the probability of silence.")
def inverted_dropout_keeps_with_p(x, u, p):
    keep = (u < p).astype(x.dtype) / (p if p > 0 else 1)
    return x * keep, lambda dy: dy * keep


@EXERCISE.mistake("Where u is exactly p the element is kept: compare with >=, not with >.")
def inverted_dropout_strict(x, u, p):
    keep = (u > p).astype(x.dtype) / ((1 - p) if p < 1 else 1)
    return x * keep, lambda dy: dy * keep


@EXERCISE.mistake("With p = 1 you divide 0 by 0, which is nan: that case needs no scaling.")
def inverted_dropout_divides_by_zero(x, u, p):
    keep = (u >= p).astype(x.dtype) / x.dtype.type(1 - p)
    return x * keep, lambda dy: dy * keep


@EXERCISE.mistake("Divide by the probability 1 - p, not by the share that happened to survive.")
def inverted_dropout_divided_by_the_share(x, u, p):
    keep = (u >= p).astype(x.dtype)
    keep /= max(keep.mean(), keep.dtype.type(1e-9))
    return x * keep, lambda dy: dy * keep


@EXERCISE.mistake("Your vjp lets everything through: what was silenced gets no gradient.")
def inverted_dropout_vjp_without_mask(x, u, p):
    return x * _scaled(x, u, p), lambda dy: dy.copy()


@EXERCISE.mistake("Your vjp has the mask but not the factor 1 / (1 - p).")
def inverted_dropout_vjp_not_scaled(x, u, p):
    return x * _scaled(x, u, p), lambda dy: dy * (u >= p)


@EXERCISE.mistake("You ignored the upstream gradient dy: your vjp answers as if dy were all ones.")
def inverted_dropout_upstream_taken_as_ones(x, u, p):
    keep = _scaled(x, u, p)
    return x * keep, lambda dy: np.ones_like(dy) * keep


@EXERCISE.mistake("Your vjp multiplies dy with y: the derivative is the mask, not the value.")
def inverted_dropout_vjp_with_value(x, u, p):
    y = x * _scaled(x, u, p)
    return y, lambda dy: dy * y


@EXERCISE.mistake("You changed x in place: it belongs to the caller.")
def inverted_dropout_in_place(x, u, p):
    keep = _scaled(x, u, p)
    x *= keep
    return x, lambda dy: dy * keep


@EXERCISE.mistake("The result is float64 whatever x is: keep the dtype of x.")
def inverted_dropout_always_float64(x, u, p):
    keep = (u >= p) / np.float64(1 - p if p < 1 else 1)
    return x * keep, lambda dy: dy * keep


@EXERCISE.mistake("The vjp remembers the last dy it was given: each call must start afresh.")
def inverted_dropout_vjp_adds_up(x, u, p):
    mask = np.where(u >= p, 0 if p == 1 else 1 / (1 - p), 0).astype(x.dtype)
    total = 0

    def vjp(dy):
        nonlocal total
        total = total + dy
        return total * mask

    return x * mask, vjp


@EXERCISE.mistake("You returned y alone: the function returns the pair (y, vjp).")
def inverted_dropout_without_vjp(x, u, p):
    return x * _scaled(x, u, p)


@EXERCISE.mistake("u need not have the shape of x: let NumPy broadcast the mask.")
def inverted_dropout_indexes_with_the_mask(x, u, p):
    def silenced(a):
        y = a / a.dtype.type(1 - p if p < 1 else 1)
        y[u < p] = 0
        return y

    return silenced(x), silenced
