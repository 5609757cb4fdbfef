"""functional.log_softmax: the logarithms of probabilities, and the gradient back."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlite.course.checks import KEPT_ELSEWHERE, drawn, same
from nnlite.course.checks import strategies as st
from nnlite.course.exercise import Exercise
from nnlite.course.lessons.autodiff.drawn import scores

EXERCISE = Exercise(
    "functional.log_softmax",
    module="nnlite.functional.activations",
    minutes=25,
    points=3,
    teaches="the half of cross-entropy that decides whether it is finite; a vjp that reuses the value",
    presumes=("softmax and its vjp", "the logarithm of a quotient"),
    hints=(
        "log(exp(x_i) / sum_j exp(x_j)) is a difference. Which number may you subtract from all scores first, "
        "so that no exp overflows and the sum is at least 1?",
        "shifted = x - max along dim (keepdims=True); y = shifted - log(sum(exp(shifted))). For the gradient: "
        "dy_i reaches x_i directly, and all dy_j reach it through the logarithm of the sum.",
        "The derivative of log sum_j exp(x_j) with respect to x_i is the softmax, exp(y_i). So inside vjp: "
        "dy - np.exp(y) * dy.sum(axis=dim, keepdims=True).",
    ),
    returns=("y", "vjp"),
    example=(
        ">>> y, vjp = log_softmax(np.array([0.0, 0.0]))\n"
        ">>> y.round(4)\n"
        "array([-0.6931, -0.6931])\n"
        ">>> vjp(np.array([1.0, 0.0]))\n"
        "array([ 0.5, -0.5])"
    ),
)


def log_probabilities(x: Any, dim: int) -> Any:
    """The logarithm of softmax from its definition, slice by slice: x_i - log sum_j exp(x_j)."""
    return np.apply_along_axis(lambda z: z - np.logaddexp.reduce(z), dim, x.astype(np.float64))


def pulled_back(y: Any, dim: int, dy: Any) -> Any:
    """The vjp from its definition: the transposed Jacobian of each slice, 1 - p on its diagonal and -p beside it."""
    y, dy = np.moveaxis(y, dim, -1), np.moveaxis(dy, dim, -1)
    jacobian = np.eye(y.shape[-1]) - np.exp(y)[..., None, :]
    return np.moveaxis((dy[..., None, :] @ jacobian)[..., 0, :], -1, dim)


@EXERCISE.check
class TestLogSoftmax:
    """The logarithms of probabilities, and the gradient back."""

    @drawn(scores=scores(), examples=30)
    def test_value(self, student, scores):
        """y_i is x_i - log Σ_j exp(x_j), along the axis dim and no other."""
        x, dim, _ = scores
        y, _ = student(x, dim)
        same(y, log_probabilities(x, dim), "y")

    @drawn(scores=scores(), examples=10)
    def test_default_axis(self, student, scores):
        """Without dim the last axis is meant."""
        x, _, _ = scores
        y, _ = student(x)
        same(y, log_probabilities(x, -1), "y")

    @drawn(scores=scores(), examples=30)
    def test_vjp(self, student, scores):
        """vjp(dy) is dy - exp(y) Σ_j dy_j, in each slice along dim."""
        x, dim, dy = scores
        _, vjp = student(x, dim)
        same(vjp(dy), pulled_back(log_probabilities(x, dim), dim, dy), "vjp(dy)")

    @drawn(scores=scores(), size=st.sampled_from([1000, 90, -1000]), examples=15)
    def test_large_scores(self, student, scores, size):
        """Scores of 1000 or -1000 do not overflow."""
        x, dim, _ = scores
        x = x + x.dtype.type(size)
        y, _ = student(x, dim)
        same(y, log_probabilities(x, dim), "y")

    @drawn(scores=scores(), examples=20)
    def test_far_apart(self, student, scores):
        """Where a probability is too small for the dtype, its logarithm is still a number."""
        x, dim, dy = scores
        x = 1000 * x
        y, vjp = student(x, dim)
        same(y, log_probabilities(x, dim), "y")
        same(vjp(dy), pulled_back(log_probabilities(x, dim), dim, dy), "vjp(dy)")

    @drawn(scores=scores(), examples=10)
    def test_vjp_again(self, student, scores):
        """The vjp of one call stays the same after other calls, and is linear in dy."""
        x, dim, dy = scores
        _, vjp = student(x, dim)
        student(x[::-1] + 1, dim)[1](dy)
        vjp(dy)
        same(vjp(3 * dy), 3 * pulled_back(log_probabilities(x, dim), dim, dy), "vjp(dy)", KEPT_ELSEWHERE)


def _log_softmax(x, dim):
    shifted = x - x.max(axis=dim, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=dim, keepdims=True))


def _vjp(y, dim):
    return lambda dy: dy - np.exp(y) * dy.sum(axis=dim, keepdims=True)


@EXERCISE.mistake("No max-shift: exp overflows at 1000. Subtract the largest score along dim first.")
def log_softmax_no_max_shift(x, dim=-1):
    y = x - np.log(np.exp(x).sum(axis=dim, keepdims=True))
    return y, _vjp(y, dim)


@EXERCISE.mistake(
    "You took the logarithm of the finished softmax: where a probability is rounded to 0 that is -inf. Take the "
    "logarithm of the sum only."
)
def log_softmax_logarithm_of_softmax(x, dim=-1):
    e = np.exp(x - x.max(axis=dim, keepdims=True))
    y = np.log(e / e.sum(axis=dim, keepdims=True))
    return y, _vjp(y, dim)


@EXERCISE.mistake(
    "You added a small number to keep the logarithm from 0: where a probability is rounded to 0 the logarithm of that "
    "number comes out."
)
def log_softmax_with_epsilon(x, dim=-1):
    e = np.exp(x - x.max(axis=dim, keepdims=True))
    y = np.log(e / e.sum(axis=dim, keepdims=True) + x.dtype.type(1e-12))
    return y, _vjp(y, dim)


@EXERCISE.mistake(
    "You subtracted the largest score of the whole array: in a slice far below it all exp vanish. Take the maximum "
    "along dim."
)
def log_softmax_shifted_by_the_largest_of_all(x, dim=-1):
    shifted = x - x.max()
    y = shifted - np.log(np.exp(shifted).sum(axis=dim, keepdims=True))
    return y, _vjp(y, dim)


@EXERCISE.mistake("You subtracted the largest score inside the exp only: subtract it outside as well.")
def log_softmax_shifted_inside_only(x, dim=-1):
    y = x - np.log(np.exp(x - x.max(axis=dim, keepdims=True)).sum(axis=dim, keepdims=True))
    return y, _vjp(y, dim)


@EXERCISE.mistake(
    "You added the largest score back before you subtracted: beside a score of 1000 float32 loses most digits of the "
    "logarithm. Keep x - max, and subtract the logarithm from that."
)
def log_softmax_of_the_whole_logarithm(x, dim=-1):
    most = x.max(axis=dim, keepdims=True)
    y = x - (most + np.log(np.exp(x - most).sum(axis=dim, keepdims=True)))
    return y, lambda dy: dy - np.exp(y) * dy.sum(axis=dim, keepdims=True)


@EXERCISE.mistake("The wrong axis: you always took the last one and never looked at dim.")
def log_softmax_always_last_axis(x, dim=-1):
    y = _log_softmax(x, -1)
    return y, _vjp(y, -1)


@EXERCISE.mistake("The wrong axis: you always took the first one and never looked at dim.")
def log_softmax_always_first_axis(x, dim=-1):
    y = _log_softmax(x, 0)
    return y, _vjp(y, 0)


@EXERCISE.mistake("The sum runs over the whole array instead of along dim.")
def log_softmax_over_everything(x, dim=-1):
    y = _log_softmax(x, None)
    return y, _vjp(y, None)


@EXERCISE.mistake("You left keepdims=True out: the sum along dim no longer lines up with the scores.")
def log_softmax_no_keepdims(x, dim=-1):
    shifted = x - x.max(axis=dim, keepdims=True)
    y = shifted - np.log(np.exp(shifted).sum(axis=dim))
    return y, _vjp(y, dim)


@EXERCISE.mistake("You forgot the logarithm: these are the probabilities themselves.")
def log_softmax_probabilities(x, dim=-1):
    y = np.exp(_log_softmax(x, dim))
    return y, lambda dy: y * (dy - (dy * y).sum(axis=dim, keepdims=True))


@EXERCISE.mistake("You subtracted the sum of the exponentials, not the logarithm of it.")
def log_softmax_sum_without_logarithm(x, dim=-1):
    shifted = x - x.max(axis=dim, keepdims=True)
    y = shifted - np.exp(shifted).sum(axis=dim, keepdims=True)
    return y, _vjp(y, dim)


@EXERCISE.mistake("The sign is flipped: logarithms of probabilities are never positive.")
def log_softmax_sign_flipped(x, dim=-1):
    y = -_log_softmax(x, dim)
    return y, lambda dy: -dy + np.exp(-y) * dy.sum(axis=dim, keepdims=True)


@EXERCISE.mistake("You ignored the upstream gradient dy: your vjp answers as if dy were all ones.")
def log_softmax_upstream_taken_as_ones(x, dim=-1):
    y = _log_softmax(x, dim)
    return y, lambda dy: _vjp(y, dim)(np.ones_like(dy))


@EXERCISE.mistake("You let dy through unchanged: every score also counts in the sum of all others.")
def log_softmax_vjp_only_the_first_term(x, dim=-1):
    return _log_softmax(x, dim), lambda dy: dy.copy()


@EXERCISE.mistake("You multiplied with y, the logarithm, where the probability exp(y) belongs.")
def log_softmax_vjp_without_exp(x, dim=-1):
    y = _log_softmax(x, dim)
    return y, lambda dy: dy - y * dy.sum(axis=dim, keepdims=True)


@EXERCISE.mistake("This is the vjp of softmax. For its logarithm it is dy - exp(y) sum(dy).")
def log_softmax_vjp_of_softmax(x, dim=-1):
    y = _log_softmax(x, dim)
    p = np.exp(y)
    return y, lambda dy: p * (dy - (dy * p).sum(axis=dim, keepdims=True))


@EXERCISE.mistake("You left the sum over dy out: each x_i gets something from all dy_j along dim.")
def log_softmax_vjp_only_the_diagonal(x, dim=-1):
    y = _log_softmax(x, dim)
    return y, lambda dy: dy * (1 - np.exp(y))


@EXERCISE.mistake("The gradient's sum runs over the wrong axis: it must run along dim, as in the value.")
def log_softmax_vjp_always_last_axis(x, dim=-1):
    y = _log_softmax(x, dim)
    return y, _vjp(y, -1)


@EXERCISE.mistake("You returned y alone: the function returns the pair (y, vjp).")
def log_softmax_without_vjp(x, dim=-1):
    return _log_softmax(x, dim)


@EXERCISE.mistake("The result is float64 whatever the scores are: keep the dtype of x.")
def log_softmax_always_float64(x, dim=-1):
    y = _log_softmax(x.astype(np.float64), dim)
    return y, _vjp(y, dim)
