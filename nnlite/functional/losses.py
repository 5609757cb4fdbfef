"""Losses: one number that says how wrong the answers are, and in which direction they should move.

For cross-entropy the chain through softmax collapses to the most useful line of the field: dlogits = p - target.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlite.arguments import Array, integer, integer_array, number, one_of, shape_is
from nnlite.functional.activations import log_softmax
from nnlite.tensor import differentiable

REDUCTIONS = ("none", "mean", "sum")


def _check_elementwise(name: str) -> Any:
    def check(x: Array, target: Array, reduction: str) -> None:
        shape_is(target, f"{name}: target", x.shape, "to match x")
        one_of(reduction, f"{name}: reduction", REDUCTIONS)

    return check


def _reduced(loss: Array, reduction: str) -> tuple[Array, Any]:
    """The reduced loss and the function that spreads dy back over the elements."""
    if reduction == "none":
        return loss, lambda dy: dy
    if reduction == "sum":
        return loss.sum(), lambda dy: np.broadcast_to(dy, loss.shape)
    n = np.asarray(loss.size, loss.dtype)
    with np.errstate(invalid="ignore"):
        return loss.sum() / n, lambda dy: np.broadcast_to(dy / np.maximum(n, 1), loss.shape)


@differentiable(check=_check_elementwise("mse_loss"))
def mse_loss(x: Array, target: Array, reduction: str = "mean"):
    """Return the squared error ``(x - target)^2``, averaged, summed or as it is.

    Examples
    --------
    >>> mse_loss([1.0, 2.0], [1.0, 4.0])
    Tensor(2.)
    """
    difference = x - target
    y, spread = _reduced(difference * difference, reduction)

    def vjp(dy, needs):
        dx = 2 * difference * spread(dy)
        return dx, -dx if needs[1] else None

    return y, vjp


@differentiable(check=_check_elementwise("l1_loss"))
def l1_loss(x: Array, target: Array, reduction: str = "mean"):
    """Return the absolute error ``|x - target|``, averaged, summed or as it is.

    Examples
    --------
    >>> l1_loss([1.0, 2.0], [1.0, 4.0])
    Tensor(1.)
    """
    difference = x - target
    y, spread = _reduced(np.abs(difference), reduction)

    def vjp(dy, needs):
        dx = np.sign(difference) * spread(dy)
        return dx, -dx if needs[1] else None

    return y, vjp


def _check_cross_entropy(
    logits: Array, target: Any, weight: Any, ignore_index: int, reduction: str, label_smoothing: float
) -> None:
    if logits.ndim == 0:
        raise ValueError("cross_entropy: logits has no axes, expected (N, C), (C,) or (N, C, ...)")
    classes = logits.shape[_class_axis(logits)]
    integer(ignore_index, "cross_entropy: ignore_index")
    target = np.asarray(target)
    without = logits.shape[: _class_axis(logits)] + logits.shape[_class_axis(logits) + 1 :]
    if target.dtype.kind == "f":
        shape_is(target, "cross_entropy: target", logits.shape, "class probabilities, or integer labels")
    else:
        shape_is(target, "cross_entropy: target", without, f"one label for each row of logits {logits.shape}")
        labels = integer_array(target, "cross_entropy: target")
        integer_array(labels[labels != ignore_index], "cross_entropy: target", low=0, high=classes)
    if weight is not None:
        shape_is(weight, "cross_entropy: weight", (classes,), "one weight for each class")
    one_of(reduction, "cross_entropy: reduction", REDUCTIONS)
    number(label_smoothing, "cross_entropy: label_smoothing", low=0, high=1)


def _class_axis(logits: Array) -> int:
    return 0 if logits.ndim == 1 else 1


@differentiable(compiled="losses.cross_entropy", fuses=("log_softmax",), check=_check_cross_entropy)
def cross_entropy(
    logits: Array,
    target: Any,
    weight: Any = None,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
):
    """Return the surprise at the right answers, ``-log softmax(logits)[target]``.

    Parameters
    ----------
    logits : (N, C), (C,) or (N, C, ...)
        Scores, one for each class.
    target : integers (N), () or (N, ...), or floats of the shape of `logits`
        The right classes, or their probabilities.
    weight : (C,), optional
        How much each class counts; the mean is weighted too.
    ignore_index : int
        Labels with this value count nothing.
    reduction : {"mean", "sum", "none"}
    label_smoothing : float
        The share of the target spread evenly over all classes (Szegedy et al. 2015).

    Examples
    --------
    >>> cross_entropy([[0.0, 0.0]], np.array([1]))
    Tensor(0.6931)
    """
    c = _class_axis(logits)
    classes = logits.shape[c]
    log_p, log_softmax_vjp = log_softmax.value_and_vjp(logits, c)
    column = (classes,) + (1,) * (logits.ndim - 1 - c)  # per-class values against (N, C, ...)
    w = np.ones(classes, logits.dtype) if weight is None else np.asarray(weight, logits.dtype)
    target = np.asarray(target)
    if target.dtype.kind == "f":
        q, counts = target.astype(logits.dtype), None
    else:
        kept = target != ignore_index
        label = np.where(kept, target, 0)
        q = (np.expand_dims(label, c) == np.arange(classes).reshape(column)).astype(logits.dtype)
        q *= np.expand_dims(kept, c)
        counts = w[label] * kept
    q = (1 - label_smoothing) * q + (label_smoothing / classes) * (
        1 if counts is None else np.expand_dims(kept, c).astype(logits.dtype)
    )
    q = q * w.reshape(column)  # (N, C, ...)
    with np.errstate(invalid="ignore"):
        loss = -np.where(q == 0, 0, q * log_p).sum(c)
        if reduction == "none":
            y, norm = loss, None
        else:
            norm = np.asarray(1, logits.dtype)
            if reduction == "mean":
                norm = np.asarray(loss.size if counts is None else counts.sum(), logits.dtype)
            y = loss.sum() / norm

    def vjp(dy):
        per_row = dy if norm is None else np.broadcast_to(dy / norm, loss.shape)
        return log_softmax_vjp(-q * np.expand_dims(per_row, c))

    return y, vjp
