"""functional.softmax: scores to probabilities, and the gradient back."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlite.course.checks import KEPT_ELSEWHERE, drawn, same
from nnlite.course.checks import strategies as st
from nnlite.course.exercise import Exercise
from nnlite.course.lessons.autodiff.drawn import scores

EXERCISE = Exercise(
    "functional.softmax",
    module="nnlite.functional.activations",
    minutes=30,
    points=3,
    teaches="a function and its vector-Jacobian product; computing exp without overflow",
    presumes=("the chain rule", "axis and keepdims in NumPy"),
    hints=(
        "Subtracting the same number from every score along dim changes nothing. Which number makes "
        "exp safe? For the gradient: every y_i depends on every x_j, so the Jacobian is not diagonal.",
        "Subtract the maximum along dim with keepdims=True, take exp, divide by the sum along dim. "
        "The Jacobian of one slice is diag(y) - y yᵀ; multiply it with dy on paper first.",
        "(diag(y) - y yᵀ) dy = y * dy - y * sum(y * dy): inside vjp return "
        "y * (dy - (dy * y).sum(axis=dim, keepdims=True)).",
    ),
    returns=("y", "vjp"),
    example=(
        ">>> y, vjp = softmax(np.array([0.0, 0.0]))\n"
        ">>> y\n"
        "array([0.5, 0.5])\n"
        ">>> vjp(np.array([1.0, 0.0]))\n"
        "array([ 0.25, -0.25])"
    ),
)


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


@EXERCISE.check
class TestSoftmax:
    """Scores to probabilities, and the gradient back."""

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
        same(vjp(3 * dy), 3 * pulled_back(probabilities(x, dim), dim, dy), "vjp(dy)", KEPT_ELSEWHERE)


def _softmax(x, dim):
    e = np.exp(x - x.max(axis=dim, keepdims=True))
    return e / e.sum(axis=dim, keepdims=True)


def _vjp(y, dim):
    return lambda dy: y * (dy - (dy * y).sum(axis=dim, keepdims=True))


@EXERCISE.mistake("No max-shift: exp overflows at 1000. Subtract the largest score along dim first.")
def softmax_no_max_shift(x, dim=-1):
    e = np.exp(x)
    y = e / e.sum(axis=dim, keepdims=True)
    return y, _vjp(y, dim)


@EXERCISE.mistake(
    "You subtracted the largest score of the whole array: a slice far below it vanishes. Take the maximum along dim."
)
def softmax_shifted_by_the_largest_of_all(x, dim=-1):
    e = np.exp(x - x.max())
    y = e / e.sum(axis=dim, keepdims=True)
    return y, _vjp(y, dim)


@EXERCISE.mistake("Softmax over the wrong axis: you always took the last one and never looked at dim.")
def softmax_always_last_axis(x, dim=-1):
    y = _softmax(x, -1)
    return y, _vjp(y, -1)


@EXERCISE.mistake("Softmax over the wrong axis: you always took the first one and never looked at dim.")
def softmax_always_first_axis(x, dim=-1):
    y = _softmax(x, 0)
    return y, _vjp(y, 0)


@EXERCISE.mistake("Softmax over the wrong axis: you divided by the sum of the whole array, not the sum along dim.")
def softmax_over_everything(x, dim=-1):
    y = _softmax(x, None)
    return y, _vjp(y, None)


@EXERCISE.mistake("You left keepdims=True out: the sum along dim no longer lines up with the scores.")
def softmax_no_keepdims(x, dim=-1):
    e = np.exp(x - x.max(axis=dim, keepdims=True))
    y = e / e.sum(axis=dim)
    return y, _vjp(y, dim)


@EXERCISE.mistake("You left keepdims=True out: the maximum along dim no longer lines up with the scores.")
def softmax_no_keepdims_in_max(x, dim=-1):
    e = np.exp(x - x.max(axis=dim))
    y = e / e.sum(axis=dim, keepdims=True)
    return y, _vjp(y, dim)


@EXERCISE.mistake("You divided by the largest exponential instead of their sum.")
def softmax_divided_by_the_largest(x, dim=-1):
    y = np.exp(x - x.max(axis=dim, keepdims=True))
    return y, _vjp(y, dim)


@EXERCISE.mistake("You ignored the upstream gradient dy: your vjp answers as if dy were all ones.")
def softmax_upstream_taken_as_ones(x, dim=-1):
    y = _softmax(x, dim)
    return y, lambda dy: y * (1 - y.sum(axis=dim, keepdims=True))


@EXERCISE.mistake("You ignored the upstream gradient dy: y (1 - y) is the derivative, not yet the product.")
def softmax_ignores_upstream(x, dim=-1):
    y = _softmax(x, dim)
    return y, lambda dy: y * (1 - y)


@EXERCISE.mistake("You used only the diagonal of the Jacobian, dy y (1 - y): every y_i depends on every x_j along dim.")
def softmax_only_the_diagonal(x, dim=-1):
    y = _softmax(x, dim)
    return y, lambda dy: dy * y * (1 - y)


@EXERCISE.mistake("You left out the second term of the gradient: - y sum(dy y), from the Jacobian's - y yᵀ.")
def softmax_only_the_first_term(x, dim=-1):
    y = _softmax(x, dim)
    return y, lambda dy: dy * y


@EXERCISE.mistake("The upstream gradient is summed without its weights: the sum is over dy y, not over dy.")
def softmax_unweighted_sum(x, dim=-1):
    y = _softmax(x, dim)
    return y, lambda dy: y * (dy - dy.sum(axis=dim, keepdims=True))


@EXERCISE.mistake("The gradient's sum runs over the wrong axis: it must run along dim, as in the value.")
def softmax_vjp_always_last_axis(x, dim=-1):
    y = _softmax(x, dim)
    return y, _vjp(y, -1)


@EXERCISE.mistake("The gradient's sum runs over the wrong axis: over the whole array instead of along dim.")
def softmax_vjp_over_everything(x, dim=-1):
    y = _softmax(x, dim)
    return y, lambda dy: y * (dy - (dy * y).sum())


@EXERCISE.mistake("The sign of the gradient is flipped.")
def softmax_vjp_sign_flipped(x, dim=-1):
    y = _softmax(x, dim)
    return y, lambda dy: -y * (dy - (dy * y).sum(axis=dim, keepdims=True))


@EXERCISE.mistake("This is the sigmoid of each score: softmax compares the scores along dim.")
def softmax_sigmoid(x, dim=-1):
    y = 1 / (1 + np.exp(-x))
    return y, lambda dy: dy * y * (1 - y)


@EXERCISE.mistake("You returned the logarithm of the probabilities: this is log_softmax.")
def softmax_logarithm(x, dim=-1):
    y = _softmax(x, dim)
    return np.log(y), lambda dy: dy - y * dy.sum(axis=dim, keepdims=True)


@EXERCISE.mistake("You returned y alone: the function returns the pair (y, vjp).")
def softmax_without_vjp(x, dim=-1):
    return _softmax(x, dim)


@EXERCISE.mistake("You changed the scores x in place (x -= …): they belong to the caller.")
def softmax_in_place(x, dim=-1):
    x -= x.max(axis=dim, keepdims=True)
    e = np.exp(x)
    y = e / e.sum(axis=dim, keepdims=True)
    return y, _vjp(y, dim)


@EXERCISE.mistake("You changed the upstream gradient dy in place (dy *= …): it belongs to the caller.")
def softmax_vjp_in_place(x, dim=-1):
    y = _softmax(x, dim)

    def vjp(dy):
        dy *= y
        return dy - y * dy.sum(axis=dim, keepdims=True)

    return y, vjp


@EXERCISE.mistake("The result is float64 whatever the scores are: keep the dtype of x.")
def softmax_always_float64(x, dim=-1):
    y = _softmax(x.astype(np.float64), dim)
    return y, _vjp(y, dim)
