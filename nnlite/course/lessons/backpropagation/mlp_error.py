"""mlp.error: softmax and cross-entropy together."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from nnlite.course.checks import drawn, same
from nnlite.course.checks import strategies as st
from nnlite.course.exercise import Exercise
from nnlite.course.lessons.backpropagation.drawn import dtypes, halves

EXERCISE = Exercise(
    "mlp.error",
    module="nnlite.models.networks.mlp",
    minutes=30,
    points=3,
    teaches="softmax and cross-entropy as one function; logarithms of sums of exponentials without overflow",
    presumes=("mlp.forward", "logarithms", "axis and keepdims in NumPy"),
    hints=(
        "Start with the probabilities P, row by row. Which number may you subtract from all nets of a row, so "
        "that exp is safe and P stays the same? And how does one pick one entry from each row of an array?",
        "Subtract each row's largest net. Then log P = Z - log(sum of exp(Z) along the row): no logarithm of "
        "0. P[np.arange(N), y] is the probability of the right class in each row.",
        "Z = Z - Z.max(axis=1, keepdims=True); log_P = Z - np.log(np.exp(Z).sum(axis=1, keepdims=True)). The "
        "loss is -log_P[np.arange(N), y].mean(). For dZ take np.exp(log_P), subtract 1 at the same entries, "
        "and divide by N.",
    ),
    returns=("the loss", "dZ"),
)


@st.composite
def answers(draw: Any) -> Any:
    """Nets and the right classes: (Z, y)."""
    n, k = draw(st.integers(1, 3)), draw(st.integers(2, 4))
    Z = halves(draw, (n, k), draw(dtypes))
    return Z, np.array([draw(st.integers(0, k - 1)) for _ in range(n)])


def surprise(Z: Any, y: Any) -> tuple[float, Any]:
    """The loss and its gradient from their definitions, row by row, in double precision."""
    Z = Z.astype(np.float64)
    total, dZ = 0.0, np.zeros_like(Z)
    for n, right in enumerate(y):
        e = np.exp(Z[n] - Z[n].max())
        total += math.log(e.sum()) - float(Z[n, right] - Z[n].max())
        dZ[n] = e / e.sum()
        dZ[n, right] -= 1
    return total / len(y), dZ / len(y)


@EXERCISE.check
class TestError:
    """Softmax and cross-entropy together."""

    @drawn(answer=answers(), examples=25)
    def test_loss(self, student, answer):
        """The loss is the mean over the points of -log P[n, y_n], where P is softmax of each row of Z."""
        Z, y = answer
        loss, _ = student(Z, y)
        same(loss, surprise(Z, y)[0], "the loss")

    @drawn(answer=answers(), examples=25)
    def test_gradient(self, student, answer):
        """The gradient dZ is (P - onehot(y)) / N."""
        Z, y = answer
        _, dZ = student(Z, y)
        same(dZ, surprise(Z, y)[1], "dZ")

    @drawn(answer=answers(), size=st.sampled_from([1000, -1000]), examples=10)
    def test_large_nets(self, student, answer, size):
        """Adding 1000 to all nets, or -1000, changes neither the loss nor the gradient."""
        Z, y = answer
        loss, dZ = student(Z + Z.dtype.type(size), y)
        same(loss, surprise(Z, y)[0], "the loss")
        same(dZ, surprise(Z, y)[1], "dZ")

    @drawn(answer=answers(), examples=10)
    def test_sure_and_wrong(self, student, answer):
        """Where the right class has a probability too small for a number, the loss is large and still right."""
        Z, y = answer
        loss, dZ = student(1000 * Z, y)
        same(loss, surprise(1000 * Z, y)[0], "the loss")
        same(dZ, surprise(1000 * Z, y)[1], "dZ")


def _log_softmax(Z):
    Z = Z - Z.max(axis=1, keepdims=True)
    return Z - np.log(np.exp(Z).sum(axis=1, keepdims=True))


def _right(Z, y):
    return -_log_softmax(Z)[np.arange(len(y)), y]


def _difference(Z, y):
    return np.exp(_log_softmax(Z)) - np.eye(Z.shape[1], dtype=Z.dtype)[y]


_ADDED = "You added a small number inside the logarithm: where P is tinier than that, the loss is far too small."


@EXERCISE.mistake("No max-shift: exp overflows at 1000. Subtract the largest net of each row first.")
def error_no_max_shift(Z, y):
    P = np.exp(Z) / np.exp(Z).sum(axis=1, keepdims=True)
    loss = float(-np.log(P[np.arange(len(y)), y]).mean())
    return loss, (P - np.eye(Z.shape[1], dtype=Z.dtype)[y]) / len(y)


@EXERCISE.mistake(
    "The logarithm of a probability that was rounded to 0 is -inf: take log P = Z - log(sum(exp(Z))) instead."
)
def error_logarithm_of_zero(Z, y):
    P = np.exp(_log_softmax(Z))
    return float(-np.log(P[np.arange(len(y)), y]).mean()), _difference(Z, y) / len(y)


@EXERCISE.mistake(_ADDED)
def error_small_number_added(Z, y):
    P = np.exp(_log_softmax(Z))
    return float(-np.log(P[np.arange(len(y)), y] + Z.dtype.type(1e-9)).mean()), _difference(Z, y) / len(y)


@EXERCISE.mistake(_ADDED)
def error_tiny_number_added(Z, y):
    P = np.exp(_log_softmax(Z))
    return float(-np.log(P[np.arange(len(y)), y] + Z.dtype.type(1e-12)).mean()), _difference(Z, y) / len(y)


@EXERCISE.mistake("You took the sum over the points instead of the mean, in the loss and in dZ.")
def error_sum_instead_of_mean(Z, y):
    return float(_right(Z, y).sum()), _difference(Z, y)


@EXERCISE.mistake("The loss is right, but dZ is not divided by N: it must be the gradient of the mean.")
def error_gradient_of_the_sum(Z, y):
    return float(_right(Z, y).mean()), _difference(Z, y)


@EXERCISE.mistake("The gradient is divided by the number of entries, N K: the mean is over the N points.")
def error_gradient_divided_by_all(Z, y):
    return float(_right(Z, y).mean()), _difference(Z, y) / Z.dtype.type(Z.size)


@EXERCISE.mistake("The sign of the loss is flipped: the logarithm of a probability is negative, so put a minus.")
def error_loss_sign_flipped(Z, y):
    return float(-_right(Z, y).mean()), _difference(Z, y) / len(y)


@EXERCISE.mistake("The sign of dZ is flipped: it is P - onehot(y), below zero for the right class.")
def error_gradient_sign_flipped(Z, y):
    return float(_right(Z, y).mean()), -_difference(Z, y) / len(y)


@EXERCISE.mistake("You did not subtract the 1 of the right class: dZ is (P - onehot(y)) / N.")
def error_without_onehot(Z, y):
    return float(_right(Z, y).mean()), np.exp(_log_softmax(Z)) / len(y)


@EXERCISE.mistake("dZ[:, y] means whole columns, for all points: pick one entry in each row, dZ[np.arange(len(y)), y].")
def error_whole_columns(Z, y):
    dZ = np.exp(_log_softmax(Z))
    dZ[:, y] -= 1
    return float(_right(Z, y).mean()), dZ / len(y)


@EXERCISE.mistake("P[:, y] means whole columns, for all points: pick one entry in each row, P[np.arange(len(y)), y].")
def error_whole_columns_everywhere(Z, y):
    log_P = _log_softmax(Z)
    dZ = np.exp(log_P)
    dZ[:, y] -= 1
    return float(-log_P[:, y].mean()), dZ / len(y)


@EXERCISE.mistake("Softmax over the wrong axis: the classes of one point stand in a row, so sum along axis 1.")
def error_over_the_points(Z, y):
    log_P = _log_softmax(Z.T).T
    dZ = np.exp(log_P)
    dZ[np.arange(len(y)), y] -= 1
    return float(-log_P[np.arange(len(y)), y].mean()), dZ / len(y)


@EXERCISE.mistake("Softmax over everything: each row has its own sum, so sum along axis 1 with keepdims=True.")
def error_over_everything(Z, y):
    Z = Z - Z.max()
    log_P = Z - np.log(np.exp(Z).sum())
    dZ = np.exp(log_P)
    dZ[np.arange(len(y)), y] -= 1
    return float(-log_P[np.arange(len(y)), y].mean()), dZ / len(y)


@EXERCISE.mistake(
    "You subtracted the largest net of the whole array: a row far below it vanishes. Take the maximum of each row."
)
def error_shifted_by_the_largest_of_all(Z, y):
    Z = Z - Z.max()
    log_P = Z - np.log(np.exp(Z).sum(axis=1, keepdims=True))
    dZ = np.exp(log_P)
    dZ[np.arange(len(y)), y] -= 1
    return float(-log_P[np.arange(len(y)), y].mean()), dZ / len(y)


@EXERCISE.mistake("You left keepdims=True out: the sums of the rows no longer line up with the rows.")
def error_no_keepdims(Z, y):
    Z = Z - Z.max(axis=1, keepdims=True)
    log_P = Z - np.log(np.exp(Z).sum(axis=1))
    dZ = np.exp(log_P)
    dZ[np.arange(len(y)), y] -= 1
    return float(-log_P[np.arange(len(y)), y].mean()), dZ / len(y)


@EXERCISE.mistake("This is the squared error: the surprise is -log of the right class's probability.")
def error_squared(Z, y):
    difference = _difference(Z, y)
    return float((difference**2).sum(axis=1).mean()), 2 * difference / len(y)


@EXERCISE.mistake("You went through softmax twice: P - onehot(y) is already the gradient with respect to the nets Z.")
def error_through_softmax_twice(Z, y):
    P = np.exp(_log_softmax(Z))
    return float(_right(Z, y).mean()), _difference(Z, y) * P * (1 - P) / len(y)


@EXERCISE.mistake("You returned one loss for each point: the loss is their mean, one number.")
def error_not_averaged(Z, y):
    return _right(Z, y), _difference(Z, y) / len(y)


@EXERCISE.mistake("You returned the loss alone: the function returns the pair (loss, dZ).")
def error_without_gradient(Z, y):
    return float(_right(Z, y).mean())


@EXERCISE.mistake("You changed the nets Z in place (Z -= …): they belong to the caller.")
def error_in_place(Z, y):
    Z -= Z.max(axis=1, keepdims=True)
    return float(_right(Z, y).mean()), _difference(Z, y) / len(y)


@EXERCISE.mistake("The gradient is float64 whatever the nets are: keep the dtype of Z.")
def error_always_float64(Z, y):
    Z = Z.astype(np.float64)
    return float(_right(Z, y).mean()), _difference(Z, y) / len(y)
