"""Wrong answers to the exercises on automatic differentiation."""

from __future__ import annotations

import numpy as np

from nnlite.course.mistakes import mistake


def _softmax(x, dim):
    e = np.exp(x - x.max(axis=dim, keepdims=True))
    return e / e.sum(axis=dim, keepdims=True)


def _vjp(y, dim):
    return lambda dy: y * (dy - (dy * y).sum(axis=dim, keepdims=True))


@mistake("functional.softmax", "No max-shift: exp overflows at 1000. Subtract the largest score along dim first.")
def softmax_no_max_shift(x, dim=-1):
    e = np.exp(x)
    y = e / e.sum(axis=dim, keepdims=True)
    return y, _vjp(y, dim)


@mistake(
    "functional.softmax",
    "You subtracted the largest score of the whole array: a slice far below it vanishes. Take the maximum along dim.",
)
def softmax_shifted_by_the_largest_of_all(x, dim=-1):
    e = np.exp(x - x.max())
    y = e / e.sum(axis=dim, keepdims=True)
    return y, _vjp(y, dim)


@mistake("functional.softmax", "Softmax over the wrong axis: you always took the last one and never looked at dim.")
def softmax_always_last_axis(x, dim=-1):
    y = _softmax(x, -1)
    return y, _vjp(y, -1)


@mistake("functional.softmax", "Softmax over the wrong axis: you always took the first one and never looked at dim.")
def softmax_always_first_axis(x, dim=-1):
    y = _softmax(x, 0)
    return y, _vjp(y, 0)


@mistake(
    "functional.softmax",
    "Softmax over the wrong axis: you divided by the sum of the whole array, not the sum along dim.",
)
def softmax_over_everything(x, dim=-1):
    y = _softmax(x, None)
    return y, _vjp(y, None)


@mistake("functional.softmax", "You left keepdims=True out: the sum along dim no longer lines up with the scores.")
def softmax_no_keepdims(x, dim=-1):
    e = np.exp(x - x.max(axis=dim, keepdims=True))
    y = e / e.sum(axis=dim)
    return y, _vjp(y, dim)


@mistake("functional.softmax", "You left keepdims=True out: the maximum along dim no longer lines up with the scores.")
def softmax_no_keepdims_in_max(x, dim=-1):
    e = np.exp(x - x.max(axis=dim))
    y = e / e.sum(axis=dim, keepdims=True)
    return y, _vjp(y, dim)


@mistake("functional.softmax", "You divided by the largest exponential instead of their sum.")
def softmax_divided_by_the_largest(x, dim=-1):
    y = np.exp(x - x.max(axis=dim, keepdims=True))
    return y, _vjp(y, dim)


@mistake("functional.softmax", "You ignored the upstream gradient dy: your vjp answers as if dy were all ones.")
def softmax_upstream_taken_as_ones(x, dim=-1):
    y = _softmax(x, dim)
    return y, lambda dy: y * (1 - y.sum(axis=dim, keepdims=True))


@mistake(
    "functional.softmax", "You ignored the upstream gradient dy: y (1 - y) is the derivative, not yet the product."
)
def softmax_ignores_upstream(x, dim=-1):
    y = _softmax(x, dim)
    return y, lambda dy: y * (1 - y)


@mistake(
    "functional.softmax",
    "You used only the diagonal of the Jacobian, dy y (1 - y): every y_i depends on every x_j along dim.",
)
def softmax_only_the_diagonal(x, dim=-1):
    y = _softmax(x, dim)
    return y, lambda dy: dy * y * (1 - y)


@mistake(
    "functional.softmax", "You left out the second term of the gradient: - y sum(dy y), from the Jacobian's - y yᵀ."
)
def softmax_only_the_first_term(x, dim=-1):
    y = _softmax(x, dim)
    return y, lambda dy: dy * y


@mistake(
    "functional.softmax", "The upstream gradient is summed without its weights: the sum is over dy y, not over dy."
)
def softmax_unweighted_sum(x, dim=-1):
    y = _softmax(x, dim)
    return y, lambda dy: y * (dy - dy.sum(axis=dim, keepdims=True))


@mistake("functional.softmax", "The gradient's sum runs over the wrong axis: it must run along dim, as in the value.")
def softmax_vjp_always_last_axis(x, dim=-1):
    y = _softmax(x, dim)
    return y, _vjp(y, -1)


@mistake(
    "functional.softmax", "The gradient's sum runs over the wrong axis: over the whole array instead of along dim."
)
def softmax_vjp_over_everything(x, dim=-1):
    y = _softmax(x, dim)
    return y, lambda dy: y * (dy - (dy * y).sum())


@mistake("functional.softmax", "The sign of the gradient is flipped.")
def softmax_vjp_sign_flipped(x, dim=-1):
    y = _softmax(x, dim)
    return y, lambda dy: -y * (dy - (dy * y).sum(axis=dim, keepdims=True))


@mistake("functional.softmax", "This is the sigmoid of each score: softmax compares the scores along dim.")
def softmax_sigmoid(x, dim=-1):
    y = 1 / (1 + np.exp(-x))
    return y, lambda dy: dy * y * (1 - y)


@mistake("functional.softmax", "You returned the logarithm of the probabilities: this is log_softmax.")
def softmax_logarithm(x, dim=-1):
    y = _softmax(x, dim)
    return np.log(y), lambda dy: dy - y * dy.sum(axis=dim, keepdims=True)


@mistake("functional.softmax", "You returned y alone: the function returns the pair (y, vjp).")
def softmax_without_vjp(x, dim=-1):
    return _softmax(x, dim)


@mistake("functional.softmax", "You changed the scores x in place (x -= …): they belong to the caller.")
def softmax_in_place(x, dim=-1):
    x -= x.max(axis=dim, keepdims=True)
    e = np.exp(x)
    y = e / e.sum(axis=dim, keepdims=True)
    return y, _vjp(y, dim)


@mistake("functional.softmax", "You changed the upstream gradient dy in place (dy *= …): it belongs to the caller.")
def softmax_vjp_in_place(x, dim=-1):
    y = _softmax(x, dim)

    def vjp(dy):
        dy *= y
        return dy - y * dy.sum(axis=dim, keepdims=True)

    return y, vjp


@mistake("functional.softmax", "The result is float64 whatever the scores are: keep the dtype of x.")
def softmax_always_float64(x, dim=-1):
    y = _softmax(x.astype(np.float64), dim)
    return y, _vjp(y, dim)
