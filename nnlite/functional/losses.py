"""Losses: one number that says how wrong the answers are, and in which direction they should move.

For cross-entropy the chain through softmax collapses to the most useful line of the field: dlogits = p - target.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from nnlite.arguments import (
    Array,
    any_array,
    boolean,
    fits,
    integer,
    integer_array,
    number,
    one_of,
    real_array,
    shape_is,
)
from nnlite.differentiable import differentiable
from nnlite.functional.activations import log_softmax

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
    if classes == 0:
        raise ValueError(f"cross_entropy: logits has shape {logits.shape}, expected at least one class")
    integer(ignore_index, "cross_entropy: ignore_index")
    target = any_array(target, "cross_entropy: target")
    without = logits.shape[: _class_axis(logits)] + logits.shape[_class_axis(logits) + 1 :]
    if target.dtype.kind == "f":
        shape_is(target, "cross_entropy: target", logits.shape, "class probabilities, or integer labels")
    else:
        shape_is(target, "cross_entropy: target", without, f"one label for each row of logits {logits.shape}")
        labels = integer_array(target, "cross_entropy: target")
        if labels.size and (labels.min() < 0 or labels.max() >= classes):
            integer_array(labels[labels != ignore_index], "cross_entropy: target", low=0, high=classes)
    if weight is not None:
        weight = real_array(weight, "cross_entropy: weight")
        shape_is(weight, "cross_entropy: weight", (classes,), "one weight for each class")
    one_of(reduction, "cross_entropy: reduction", REDUCTIONS)
    number(label_smoothing, "cross_entropy: label_smoothing", low=0, high=1)


def _class_axis(logits: Array) -> int:
    return 0 if logits.ndim == 1 else 1


@differentiable(compiled="losses.cross_entropy", fuses=("log_softmax",), check=_check_cross_entropy)
def cross_entropy(
    logits: Array,
    target: Array | Any,
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
        The right classes, or their probabilities, which may want a gradient too.
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

    def vjp(dy, needs):
        # where all labels are ignored the mean is NaN, but no gradient is
        up = np.expand_dims(dy if norm is None else np.broadcast_to(dy / np.where(norm == 0, 1, norm), loss.shape), c)
        dlogits = log_softmax_vjp(-q * up) if needs[0] else None
        dtarget = (label_smoothing - 1) * w.reshape(column) * log_p * up if needs[1] else None
        return dlogits, dtarget

    return y, vjp


def _check_threshold(name: str, parameter: str) -> Any:
    def check(x: Array, target: Array, reduction: str, threshold: float) -> None:
        shape_is(target, f"{name}: target", x.shape, "to match x")
        one_of(reduction, f"{name}: reduction", REDUCTIONS)
        if number(threshold, f"{name}: {parameter}", low=0) == 0 and name == "huber_loss":
            raise ValueError(f"{name}: {parameter} is 0, expected a number > 0")

    return check


@differentiable(check=_check_threshold("huber_loss", "delta"))
def huber_loss(x: Array, target: Array, reduction: str = "mean", delta: float = 1.0):
    """Return the squared error up to `delta` and the absolute error beyond (Huber 1964).

    Examples
    --------
    >>> huber_loss([0.0, 0.0], [1.0, 3.0], reduction="none")
    Tensor([0.5, 2.5])
    """
    difference = x - target
    size = np.abs(difference)
    y, spread = _reduced(
        np.where(size <= delta, 0.5 * difference * difference, delta * (size - 0.5 * delta)).astype(x.dtype), reduction
    )

    def vjp(dy, needs):
        dx = np.clip(difference, -delta, delta).astype(x.dtype) * spread(dy)
        return dx, -dx if needs[1] else None

    return y, vjp


@differentiable(check=_check_threshold("smooth_l1_loss", "beta"))
def smooth_l1_loss(x: Array, target: Array, reduction: str = "mean", beta: float = 1.0):
    """Return the Huber loss divided by `beta`; with ``beta=0`` the absolute error (Girshick 2015).

    Examples
    --------
    >>> smooth_l1_loss([0.0, 0.0], [1.0, 3.0], reduction="none")
    Tensor([0.5, 2.5])
    """
    difference = x - target
    size = np.abs(difference)
    if beta == 0:
        loss, slope = size, np.sign(difference)
    else:
        loss = np.where(size < beta, 0.5 * difference * difference / beta, size - 0.5 * beta).astype(x.dtype)
        slope = np.clip(difference / beta, -1, 1).astype(x.dtype)
    y, spread = _reduced(loss, reduction)

    def vjp(dy, needs):
        dx = slope * spread(dy)
        return dx, -dx if needs[1] else None

    return y, vjp


def _check_nll(log_p: Array, target: Any, weight: Any, ignore_index: int, reduction: str) -> None:
    _check_labels("nll_loss", "log_p", log_p, target, weight, ignore_index)
    one_of(reduction, "nll_loss: reduction", REDUCTIONS)


def _check_labels(name: str, argument: str, scores: Array, target: Any, weight: Any, ignore_index: int) -> None:
    """Labels that fit scores (N, C), (C,) or (N, C, ...), and one weight for each class."""
    if scores.ndim == 0:
        raise ValueError(f"{name}: {argument} has no axes, expected (N, C), (C,) or (N, C, ...)")
    c = _class_axis(scores)
    target = any_array(target, f"{name}: target")
    if target.dtype.kind == "f" and target.size:
        raise TypeError(f"{name}: target has dtype {target.dtype}, expected integer labels")
    rows = scores.shape[:c] + scores.shape[c + 1 :]
    shape_is(target, f"{name}: target", rows, f"one label for each row of {argument} {scores.shape}")
    ignored = integer(ignore_index, f"{name}: ignore_index")
    labels = integer_array(target, f"{name}: target")
    integer_array(labels[labels != ignored], f"{name}: target", low=0, high=scores.shape[c])
    if weight is not None:
        weight = real_array(weight, f"{name}: weight")
        shape_is(weight, f"{name}: weight", (scores.shape[c],), "one weight for each class")


@differentiable(check=_check_nll)
def nll_loss(log_p: Array, target: Any, weight: Any = None, ignore_index: int = -100, reduction: str = "mean"):
    """Return minus the log-probability of the right class: the second half of cross-entropy.

    Parameters
    ----------
    log_p : (N, C), (C,) or (N, C, ...)
        Logarithms of probabilities, one for each class.
    target : integers (N), () or (N, ...)
        The right classes.
    weight : (C,), optional
        How much each class counts; the mean is weighted too.
    ignore_index : int
        Labels with this value count nothing.
    reduction : {"mean", "sum", "none"}

    Examples
    --------
    >>> nll_loss([[-1.0, -2.0]], np.array([1]))
    Tensor(2.)
    """
    c = _class_axis(log_p)
    target = np.asarray(target, np.int64)
    kept = target != ignore_index
    label = np.where(kept, target, 0)
    w = np.ones(log_p.shape[c], log_p.dtype) if weight is None else np.asarray(weight, log_p.dtype)
    counts = (w[label] * kept).astype(log_p.dtype)
    picked = np.squeeze(np.take_along_axis(log_p, np.expand_dims(label, c), c), c)
    loss = -np.where(counts == 0, 0, counts * picked).astype(log_p.dtype)
    norm = np.asarray(counts.sum() if reduction == "mean" else 1, log_p.dtype)
    with np.errstate(invalid="ignore", divide="ignore"):
        y = loss if reduction == "none" else loss.sum() / norm

    def vjp(dy):
        with np.errstate(invalid="ignore", divide="ignore"):
            up = -counts * (dy if reduction == "none" else dy / np.where(norm == 0, 1, norm))
        dlog_p = np.zeros_like(log_p)
        np.put_along_axis(dlog_p, np.expand_dims(label, c), np.expand_dims(up, c).astype(log_p.dtype), c)
        return dlog_p

    return y, vjp


def _check_kl(x: Array, target: Array, reduction: str, log_target: bool) -> None:
    shape_is(target, "kl_div: target", x.shape, "to match x")
    one_of(reduction, "kl_div: reduction", (*REDUCTIONS, "batchmean"))
    boolean(log_target, "kl_div: log_target")


@differentiable(check=_check_kl)
def kl_div(x: Array, target: Array, reduction: str = "mean", log_target: bool = False):
    """Return ``target * (log target - x)``: how far the distribution exp(x) is from `target` (Kullback, Leibler 1951).

    Parameters
    ----------
    x
        Log-probabilities.
    target
        Probabilities, or with ``log_target=True`` their logarithms.
    reduction : {"mean", "batchmean", "sum", "none"}
        "batchmean" divides the sum by the length of the first axis, which is the divergence as defined.

    Notes
    -----
    Where the target is 0 its gradient is 0 (in truth -inf; PyTorch's is NaN).

    Examples
    --------
    >>> kl_div([0.0], [1.0], reduction="sum")
    Tensor(0.)
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        q = np.exp(target) if log_target else target
        log_q = target if log_target else np.log(target)
        loss = np.where(q == 0, 0, q * (log_q - x)).astype(x.dtype)
    rows = len(x) if x.ndim else 1
    y, spread = _reduced(loss, "sum" if reduction == "batchmean" else reduction)
    share = 1 / max(rows, 1) if reduction == "batchmean" else 1

    def vjp(dy, needs):
        up = spread(dy) * share
        dtarget = None
        if needs[1]:
            with np.errstate(divide="ignore", invalid="ignore"):
                slope = q * (log_q - x + 1) if log_target else log_q + 1 - x
            dtarget = (up * np.where(q == 0, 0, slope)).astype(x.dtype)
        return -up * q if needs[0] else None, dtarget

    return y * share if reduction == "batchmean" else y, vjp


def _check_bce(x: Array, target: Array, weight: Any, reduction: str) -> None:
    shape_is(target, "binary_cross_entropy: target", x.shape, "to match x")
    one_of(reduction, "binary_cross_entropy: reduction", REDUCTIONS)
    if ((x < 0) | (x > 1)).any():
        outside = x[(x < 0) | (x > 1)].flat[0]
        raise ValueError(f"binary_cross_entropy: x holds {outside}, expected probabilities from 0 to 1")
    _check_weight("binary_cross_entropy: weight", weight, x.shape)


def _check_weight(name: str, weight: Any, shape: tuple[int, ...]) -> None:
    if weight is not None:
        fits(real_array(weight, name), name, shape)


@differentiable(check=_check_bce)
def binary_cross_entropy(x: Array, target: Array, weight: Any = None, reduction: str = "mean"):
    """Return ``-target log x - (1 - target) log(1 - x)`` for probabilities x; the logarithms are cut off at -100.

    So is the gradient of the target, which in PyTorch is infinite at x = 0 and 1.

    Examples
    --------
    >>> binary_cross_entropy([0.5], [1.0])
    Tensor(0.6931)
    """
    w = np.asarray(1 if weight is None else weight, x.dtype)
    with np.errstate(divide="ignore"):
        log_x, log_rest = np.maximum(np.log(x), -100), np.maximum(np.log1p(-x), -100)
    y, spread = _reduced(w * (-target * log_x - (1 - target) * log_rest), reduction)

    def vjp(dy, needs):
        up = w * spread(dy)
        dx = up * (x - target) / np.maximum(x * (1 - x), 1e-12) if needs[0] else None
        return dx, up * (log_rest - log_x) if needs[1] else None

    return y, vjp


def _check_bce_logits(x: Array, target: Array, weight: Any, reduction: str, pos_weight: Any) -> None:
    name = "binary_cross_entropy_with_logits"
    shape_is(target, f"{name}: target", x.shape, "to match x")
    one_of(reduction, f"{name}: reduction", REDUCTIONS)
    _check_weight(f"{name}: weight", weight, x.shape)
    _check_weight(f"{name}: pos_weight", pos_weight, x.shape)


@differentiable(check=_check_bce_logits)
def binary_cross_entropy_with_logits(
    x: Array, target: Array, weight: Any = None, reduction: str = "mean", pos_weight: Any = None
):
    """Return the binary cross-entropy of ``sigmoid(x)``, without overflow.

    Parameters
    ----------
    x, target
        Scores and probabilities of one shape.
    weight
        How much each element counts, broadcast to `x`.
    reduction : {"mean", "sum", "none"}
    pos_weight
        How much more a positive counts than a negative, broadcast to `x`.

    Examples
    --------
    >>> binary_cross_entropy_with_logits([0.0], [1.0])
    Tensor(0.6931)
    """
    w = np.asarray(1 if weight is None else weight, x.dtype)
    positive = np.asarray(1 if pos_weight is None else pos_weight, x.dtype)
    softplus_minus = np.maximum(-x, 0) + np.log1p(np.exp(-np.abs(x)))  # -log sigmoid(x)
    scale = 1 + (positive - 1) * target
    y, spread = _reduced(w * ((1 - target) * x + scale * softplus_minus), reduction)

    def vjp(dy, needs):
        up = w * spread(dy)
        e = np.exp(-np.abs(x))
        minus_p = -np.where(x >= 0, e, 1) / (1 + e)  # sigmoid(x) - 1
        dx = up * ((1 - target) + scale * minus_p) if needs[0] else None
        slope = -x if pos_weight is None else -x + (positive - 1) * softplus_minus
        return dx, up * slope if needs[1] else None

    return y, vjp


def _check_gaussian(x: Array, target: Array, var: Array, full: bool, eps: float, reduction: str) -> None:
    shape_is(target, "gaussian_nll_loss: target", x.shape, "to match x")
    _check_weight("gaussian_nll_loss: var", var, x.shape)
    boolean(full, "gaussian_nll_loss: full")
    if (var < 0).any():
        raise ValueError(f"gaussian_nll_loss: var holds {var[var < 0].flat[0]}, expected variances >= 0")
    number(eps, "gaussian_nll_loss: eps", low=0)
    one_of(reduction, "gaussian_nll_loss: reduction", REDUCTIONS)


@differentiable(check=_check_gaussian)
def gaussian_nll_loss(
    x: Array, target: Array, var: Array, full: bool = False, eps: float = 1e-6, reduction: str = "mean"
):
    """Return ``(log var + (x - target)^2 / var) / 2``: the surprise of a normal distribution (Nix, Weigend 1994).

    Parameters
    ----------
    x, target
        Means and observations of one shape.
    var
        Variances, broadcast to `x`; those below `eps` count as `eps`.
    full
        Whether to add the constant ``log(2 pi) / 2``.

    Examples
    --------
    >>> gaussian_nll_loss([1.0], [3.0], [1.0])
    Tensor(2.)
    """
    v = np.maximum(var, np.asarray(eps, x.dtype))
    difference = x - target
    constant = 0.5 * math.log(2 * math.pi) if full else 0.0
    loss = 0.5 * (np.log(v) + difference * difference / v) + constant
    y, spread = _reduced(np.asarray(loss, x.dtype), reduction)

    def vjp(dy, needs):
        up = spread(dy)
        dx = up * difference / v
        # torch's convention: the gradient passes through the cut-off as if it were not there
        dvar = up * 0.5 * (1 / v - difference * difference / (v * v)) if needs[2] else None
        return dx, -dx if needs[1] else None, dvar

    return y, vjp


def _check_hinge(x: Array, target: Any, margin: float, reduction: str) -> None:
    _check_signs("hinge_embedding_loss", target, x.shape)
    number(margin, "hinge_embedding_loss: margin")
    one_of(reduction, "hinge_embedding_loss: reduction", REDUCTIONS)


def _check_signs(name: str, target: Any, shape: tuple[int, ...], argument: str = "x") -> None:
    target = any_array(target, f"{name}: target")
    if target.dtype.kind not in "fiu":
        raise TypeError(f"{name}: target has dtype {target.dtype}, expected labels -1 and +1")
    shape_is(target, f"{name}: target", shape, f"to match {argument}")
    strange = target[(target != 1) & (target != -1)]
    if strange.size:
        raise ValueError(f"{name}: target holds {strange.flat[0]}, expected labels -1 and +1")


@differentiable(check=_check_hinge)
def hinge_embedding_loss(x: Array, target: Any, margin: float = 1.0, reduction: str = "mean"):
    """Return the distance x where the target is +1, and ``max(0, margin - x)`` where it is -1.

    Examples
    --------
    >>> hinge_embedding_loss([0.5, 0.5], np.array([1, -1]), reduction="none")
    Tensor([0.5, 0.5])
    """
    near = np.asarray(target) == 1
    y, spread = _reduced(np.where(near, x, np.maximum(0, margin - x)).astype(x.dtype), reduction)
    slope = np.where(near, 1, -(x < margin).astype(x.dtype)).astype(x.dtype)
    return y, lambda dy: slope * spread(dy)


def _check_margin(x1: Array, x2: Array, target: Any, margin: float, reduction: str) -> None:
    shape_is(x2, "margin_ranking_loss: x2", x1.shape, "to match x1")
    _check_signs("margin_ranking_loss", target, x1.shape, "x1")
    number(margin, "margin_ranking_loss: margin")
    one_of(reduction, "margin_ranking_loss: reduction", REDUCTIONS)


@differentiable(check=_check_margin)
def margin_ranking_loss(x1: Array, x2: Array, target: Any, margin: float = 0.0, reduction: str = "mean"):
    """Return ``max(0, -target (x1 - x2) + margin)``: x1 shall be above x2 where the target is +1, below where it is -1.

    Examples
    --------
    >>> margin_ranking_loss([1.0], [3.0], np.array([1]))
    Tensor(2.)
    """
    t = np.asarray(target, x1.dtype)
    gap = margin - t * (x1 - x2)
    y, spread = _reduced(np.maximum(gap, 0).astype(x1.dtype), reduction)

    def vjp(dy, needs):
        d = -t * (gap > 0) * spread(dy)
        return d, -d if needs[1] else None

    return y, vjp


def _check_soft_margin(x: Array, target: Any, reduction: str) -> None:
    _check_signs("soft_margin_loss", target, x.shape)
    one_of(reduction, "soft_margin_loss: reduction", REDUCTIONS)


@differentiable(check=_check_soft_margin)
def soft_margin_loss(x: Array, target: Any, reduction: str = "mean"):
    """Return ``log(1 + exp(-target x))``, the logistic loss for labels -1 and +1, without overflow.

    Examples
    --------
    >>> soft_margin_loss([0.0], np.array([1]))
    Tensor(0.6931)
    """
    t = np.asarray(target, x.dtype)
    z = -t * x
    y, spread = _reduced(np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z))), reduction)

    def vjp(dy):
        e = np.exp(-np.abs(z))
        return -t * np.where(z >= 0, 1, e) / (1 + e) * spread(dy)

    return y, vjp


def _check_multi_margin(x: Array, target: Any, p: int, margin: float, weight: Any, reduction: str) -> None:
    if x.ndim not in (1, 2):
        raise ValueError(f"multi_margin_loss: x has shape {x.shape}, expected (N, C) or (C,)")
    _check_labels("multi_margin_loss", "x", x, target, weight, -100)
    if (np.asarray(target) < 0).any():
        raise ValueError("multi_margin_loss: target holds a negative label, expected labels from 0")
    integer(p, "multi_margin_loss: p", low=1, high=2)
    number(margin, "multi_margin_loss: margin")
    one_of(reduction, "multi_margin_loss: reduction", REDUCTIONS)


@differentiable(check=_check_multi_margin)
def multi_margin_loss(
    x: Array, target: Any, p: int = 1, margin: float = 1.0, weight: Any = None, reduction: str = "mean"
):
    """Return the mean over the wrong classes of ``max(0, margin - x_right + x_wrong)^p``: the multi-class hinge loss.

    Examples
    --------
    >>> multi_margin_loss([[1.0, 0.5, 0.0]], np.array([0]))
    Tensor(0.1667)
    """
    rows = np.atleast_2d(x)
    label = np.atleast_1d(np.asarray(target, np.int64))[:, None]  # (N, 1)
    w = np.ones(rows.shape[1], x.dtype) if weight is None else np.asarray(weight, x.dtype)
    gap = margin - np.take_along_axis(rows, label, 1) + rows
    np.put_along_axis(gap, label, 0, 1)
    gap = np.maximum(gap, 0).astype(x.dtype)
    share = w[label] / rows.shape[1]
    loss = (share * gap**p).sum(1)
    y, spread = _reduced(loss if x.ndim == 2 else loss[0], reduction)

    def vjp(dy):
        up = share * (2 * gap if p == 2 else gap > 0) * np.reshape(spread(dy), (-1, 1))
        up = up.astype(x.dtype)
        np.put_along_axis(up, label, -up.sum(1, keepdims=True), 1)
        return up.reshape(x.shape)

    return y, vjp


def _check_perceptron(x: Array, target: Any, reduction: str) -> None:
    _check_signs("perceptron_loss", target, x.shape)
    one_of(reduction, "perceptron_loss: reduction", REDUCTIONS)


@differentiable(check=_check_perceptron)
def perceptron_loss(x: Array, target: Any, reduction: str = "mean"):
    """Return ``max(0, -target x)`` of nets x: only the wrong answers count (Rosenblatt 1958).

    Examples
    --------
    >>> perceptron_loss([2.0, -3.0], np.array([1, 1]), reduction="none")
    Tensor([0., 3.])
    """
    t = np.asarray(target, x.dtype)
    y, spread = _reduced(np.maximum(-t * x, 0), reduction)
    return y, lambda dy: -t * (t * x < 0) * spread(dy)
