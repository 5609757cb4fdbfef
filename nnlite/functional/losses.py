"""Losses: one number that says how wrong the answers are, and in which direction they should move.

For cross-entropy the chain through softmax collapses to the most useful line of the field: dlogits = p - target.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from nnlite.arguments import Array, any_array, fits, integer_array, shape_is
from nnlite.contracts import above, anything, flag, given, integer, number, reals, signs, word
from nnlite.differentiable import composed, differentiable
from nnlite.functional.activations import log_one_plus_exp, log_softmax, logistic
from nnlite.functional.normalization import norm
from nnlite.tensor import Tensor

REDUCTION = word("none", "mean", "sum")
PAIR = dict(x=given("..."), target=given("..."), reduction=REDUCTION)
SIGNS = signs("...", booleans=False)
WEIGHT = reals(broadcasts="...") | None


@differentiable(takes=PAIR)
def mse_loss(x: Array, target: Array, reduction: str = "mean"):
    """Return the squared error ``(x - target)^2``, averaged, summed or as it is.

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.mse_loss([1.0, 2.0], [1.0, 4.0])
    Tensor(2.)
    """
    difference = x - target
    y, spread = _reduced(difference * difference, reduction)

    def vjp(dy, needs):
        dx = 2 * difference * spread(dy)
        return dx, -dx if needs[1] else None

    return y, vjp


@differentiable(takes=PAIR)
def l1_loss(x: Array, target: Array, reduction: str = "mean"):
    """Return the absolute error ``|x - target|``, averaged, summed or as it is.

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.l1_loss([1.0, 2.0], [1.0, 4.0])
    Tensor(1.)
    """
    difference = x - target
    y, spread = _reduced(np.abs(difference), reduction)

    def vjp(dy, needs):
        dx = np.sign(difference) * spread(dy)
        return dx, -dx if needs[1] else None

    return y, vjp


CLASSES = dict(weight=reals("C") | None, ignore_index=integer(), reduction=REDUCTION)


def _refuse_target(logits: Array, target: Any, weight: Any, ignore_index: int, *options: Any) -> None:
    if any_array(target, "cross_entropy: target").dtype.kind == "f":
        shape_is(target, "cross_entropy: target", logits.shape, "class probabilities, or integer labels")
    else:
        _refuse_labels("cross_entropy", "logits", logits, target, ignore_index)


@differentiable(
    takes=dict(
        logits=given("C>0", "N C>0 ..."), target=anything(maybe_input=True), **CLASSES, label_smoothing=number(0, 1)
    ),
    also=_refuse_target,
    compiled="losses.cross_entropy",
    fuses=("log_softmax",),
)
def cross_entropy(
    logits: Array,
    target: Array | Any,
    weight: Any = None,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
):
    """Return the cross-entropy: the mean of -log p of the right class, where ``p = softmax(logits)``.

    Parameters
    ----------
    logits : (C,) or (N, C, ...)
        Scores, one for each class.
    target : integers (N), () or (N, ...), or floats of the shape of `logits`
        The right classes, or their probabilities, which may want a gradient too.
    weight : (C,), optional
        How much each class counts; the mean is weighted too.
    ignore_index : int
        Labels with this value count nothing.
    reduction : {"mean", "sum", "none"}
    label_smoothing : float
        The fraction of the target spread evenly over all classes (Szegedy et al. 2015).

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite import functional as F
    >>> F.cross_entropy([[0.0, 0.0]], np.array([1]))
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


@differentiable(takes=PAIR | dict(delta=above(0)))
def huber_loss(x: Array, target: Array, reduction: str = "mean", delta: float = 1.0):
    """Return the squared error up to `delta` and the absolute error beyond (Huber 1964).

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.huber_loss([0.0, 0.0], [1.0, 3.0], reduction="none")
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


@differentiable(takes=PAIR | dict(beta=number(0)))
def smooth_l1_loss(x: Array, target: Array, reduction: str = "mean", beta: float = 1.0):
    """Return the Huber loss divided by `beta`; with ``beta=0`` the absolute error (Girshick 2015).

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.smooth_l1_loss([0.0, 0.0], [1.0, 3.0], reduction="none")
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


@differentiable(
    takes=dict(log_p=given("C", "N C ..."), **CLASSES),
    also=lambda log_p, target, weight, ignored, reduction: _refuse_labels("nll_loss", "log_p", log_p, target, ignored),
)
def nll_loss(log_p: Array, target: Any, weight: Any = None, ignore_index: int = -100, reduction: str = "mean"):
    """Return minus the log-probability of the right class: the second half of cross-entropy.

    Parameters
    ----------
    log_p : (C,) or (N, C, ...)
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
    >>> import numpy as np
    >>> from nnlite import functional as F
    >>> F.nll_loss([[-1.0, -2.0]], np.array([1]))
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
    y = loss if reduction == "none" else loss.sum() / norm

    def vjp(dy):
        up = -counts * (dy if reduction == "none" else dy / np.where(norm == 0, 1, norm))
        dlog_p = np.zeros_like(log_p)
        np.put_along_axis(dlog_p, np.expand_dims(label, c), np.expand_dims(up, c).astype(log_p.dtype), c)
        return dlog_p

    return y, vjp


@differentiable(
    takes=PAIR | dict(reduction=word("none", "mean", "sum", "batchmean"), log_target=flag), spares=dict(x="x")
)
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
    >>> from nnlite import functional as F
    >>> F.kl_div([0.0], [1.0], reduction="sum")
    Tensor(0.)
    """
    q = np.exp(target) if log_target else target
    log_q = target if log_target else np.log(target)
    gap, dtype = log_q - x, x.dtype
    kept: Any = None if log_target else (log_q, x)
    loss = np.where(q == 0, 0, q * gap).astype(dtype)
    rows = len(x) if x.ndim else 1
    y, spread = _reduced(loss, "sum" if reduction == "batchmean" else reduction)
    share = 1 / max(rows, 1) if reduction == "batchmean" else 1

    def vjp(dy, needs):
        up = spread(dy) * share
        dtarget = None
        if needs[1]:
            slope = q * (gap + 1) if log_target else kept[0] + 1 - kept[1]
            dtarget = (up * np.where(q == 0, 0, slope)).astype(dtype)
        return -up * q if needs[0] else None, dtarget

    return y * share if reduction == "batchmean" else y, vjp


def _refuse_improbable(x: Array, target: Array, weight: Any, reduction: str) -> None:
    if ((x < 0) | (x > 1)).any():
        outside = x[(x < 0) | (x > 1)].flat[0]
        raise ValueError(f"binary_cross_entropy: x holds {outside}, expected probabilities from 0 to 1")


@differentiable(takes=PAIR | dict(weight=WEIGHT), also=_refuse_improbable)
def binary_cross_entropy(x: Array, target: Array, weight: Any = None, reduction: str = "mean"):
    """Return ``-target log x - (1 - target) log(1 - x)`` for probabilities x; the logarithms are cut off at -100.

    So is the gradient of the target, which in PyTorch is infinite at x = 0 and 1.

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.binary_cross_entropy([0.5], [1.0])
    Tensor(0.6931)
    """
    w = np.asarray(1 if weight is None else weight, x.dtype)
    log_x, log_rest = np.maximum(np.log(x), -100), np.maximum(np.log1p(-x), -100)
    y, spread = _reduced(w * (-target * log_x - (1 - target) * log_rest), reduction)

    def vjp(dy, needs):
        up = w * spread(dy)
        dx = up * (x - target) / np.maximum(x * (1 - x), 1e-12) if needs[0] else None
        return dx, up * (log_rest - log_x) if needs[1] else None

    return y, vjp


@differentiable(takes=PAIR | dict(weight=WEIGHT, pos_weight=WEIGHT))
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
    >>> from nnlite import functional as F
    >>> F.binary_cross_entropy_with_logits([0.0], [1.0])
    Tensor(0.6931)
    """
    w = np.asarray(1 if weight is None else weight, x.dtype)
    positive = np.asarray(1 if pos_weight is None else pos_weight, x.dtype)
    softplus_minus = log_one_plus_exp(-x)  # -log sigmoid(x)
    scale = 1 + (positive - 1) * target
    y, spread = _reduced(w * ((1 - target) * x + scale * softplus_minus), reduction)

    def vjp(dy, needs):
        up = w * spread(dy)
        dx = up * ((1 - target) - scale * logistic(-x)) if needs[0] else None
        slope = -x if pos_weight is None else -x + (positive - 1) * softplus_minus
        return dx, up * slope if needs[1] else None

    return y, vjp


def _refuse_negative(x: Array, target: Array, var: Array, full: bool, eps: float, reduction: str) -> None:
    if not _one_per_row(x, var):
        fits(var, "gaussian_nll_loss: var", x.shape)
    if (var < 0).any():
        raise ValueError(f"gaussian_nll_loss: var holds {var[var < 0].flat[0]}, expected variances >= 0")


def _one_per_row(x: Array, var: Array) -> bool:
    return var.shape == x.shape[:-1] and x.ndim > 0


@differentiable(
    takes=PAIR | dict(target=given(broadcasts="..."), var=given(), full=flag, eps=number(0)),
    also=_refuse_negative,
)
def gaussian_nll_loss(
    x: Array, target: Array, var: Array, full: bool = False, eps: float = 1e-6, reduction: str = "mean"
):
    """Return ``(log var + (x - target)^2 / var) / 2``: -log p of a normal distribution (Nix, Weigend 1994).

    Parameters
    ----------
    x, target
        Means and observations, which broadcast to `x`.
    var
        Variances, broadcast to `x`; those below `eps` count as `eps`. With one axis less than `x` they are one for each
        row of it.
    full
        Whether to add the constant ``log(2 pi) / 2``.

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.gaussian_nll_loss([1.0], [3.0], [1.0])
    Tensor(2.)
    """
    per_row = _one_per_row(x, var)
    v = np.maximum(var[..., None] if per_row else var, np.asarray(eps, x.dtype))
    difference = x - target
    constant = 0.5 * math.log(2 * math.pi) if full else 0.0
    loss = 0.5 * (np.log(v) + difference * difference / v) + constant
    y, spread = _reduced(np.asarray(loss, x.dtype), reduction)

    def vjp(dy, needs):
        up = spread(dy)
        dx = up * difference / v
        # torch's convention: the gradient passes through the cut-off as if it were not there
        dvar = up * 0.5 * (1 / v - difference * difference / (v * v)) if needs[2] else None
        return dx, -dx if needs[1] else None, dvar.sum(-1) if per_row and needs[2] else dvar

    return y, vjp


@differentiable(takes=dict(x=given("..."), target=SIGNS, margin=number(), reduction=REDUCTION))
def hinge_embedding_loss(x: Array, target: Any, margin: float = 1.0, reduction: str = "mean"):
    """Return the distance x where the target is +1, and ``max(0, margin - x)`` where it is -1.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite import functional as F
    >>> F.hinge_embedding_loss([0.5, 0.5], np.array([1, -1]), reduction="none")
    Tensor([0.5, 0.5])
    """
    near = np.asarray(target) == 1
    y, spread = _reduced(np.where(near, x, np.maximum(0, margin - x)).astype(x.dtype), reduction)
    slope = np.where(near, 1, -(x < margin).astype(x.dtype)).astype(x.dtype)
    return y, lambda dy: slope * spread(dy)


@differentiable(takes=dict(x1=given("..."), x2=given("..."), target=SIGNS, margin=number(), reduction=REDUCTION))
def margin_ranking_loss(x1: Array, x2: Array, target: Any, margin: float = 0.0, reduction: str = "mean"):
    """Return ``max(0, -target (x1 - x2) + margin)``: where the target is +1, x1 should be above x2, else below.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite import functional as F
    >>> F.margin_ranking_loss([1.0], [3.0], np.array([1]))
    Tensor(2.)
    """
    t = np.asarray(target, x1.dtype)
    gap = margin - t * (x1 - x2)
    y, spread = _reduced(np.maximum(gap, 0).astype(x1.dtype), reduction)

    def vjp(dy, needs):
        d = -t * (gap > 0) * spread(dy)
        return d, -d if needs[1] else None

    return y, vjp


@differentiable(
    takes=dict(
        x1=given("N D", "D"),
        x2=given("N D", "D"),
        target=signs("N", "", booleans=False),
        margin=number(),
        reduction=REDUCTION,
    ),
    also=lambda x1, x2, target, *_: shape_is(
        target, "cosine_embedding_loss: target", x1.shape[:-1], "one for each row"
    ),
)
def cosine_embedding_loss(x1: Array, x2: Array, target: Any, margin: float = 0.0, reduction: str = "mean"):
    """Return ``1 - cos(x1, x2)`` where the target is +1, and ``max(0, cos(x1, x2) - margin)`` where it is -1.

    Parameters
    ----------
    x1, x2 : (N, D) or (D,)
    target : (N,) or ()
        Labels -1 and +1.
    margin : float
    reduction : {"mean", "sum", "none"}

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite import functional as F
    >>> F.cosine_embedding_loss([[1.0, 0.0]], [[0.0, 2.0]], np.array([1]))
    Tensor(1.)
    """
    tiny = np.asarray(1e-12, x1.dtype)
    a, b = (x1 * x1).sum(-1) + tiny, (x2 * x2).sum(-1) + tiny
    cosine = (x1 * x2).sum(-1) / np.sqrt(a * b)
    near = np.asarray(target) == 1
    y, spread = _reduced(np.where(near, 1 - cosine, np.maximum(0, cosine - margin)).astype(x1.dtype), reduction)

    def vjp(dy, needs):
        up = spread(dy) * np.where(near, -1, cosine - margin >= 0).astype(x1.dtype)
        up, c, a1, b1, r = (v[..., None] for v in (up, cosine, a, b, 1 / np.sqrt(a * b)))
        dx1 = up * (x2 * r - c * x1 / a1) if needs[0] else None
        return dx1, up * (x1 * r - c * x2 / b1) if needs[1] else None

    return y, vjp


@differentiable(takes=PAIR | dict(log_input=flag, full=flag, eps=number(0)), spares=dict(x="x", target="target"))
def poisson_nll_loss(
    x: Array,
    target: Array,
    log_input: bool = True,
    full: bool = False,
    eps: float = 1e-8,
    reduction: str = "mean",
):
    """Return -log p of counts under a Poisson distribution, but for log(target!).

    Parameters
    ----------
    x
        The logarithms of the expected counts, or with ``log_input=False`` the expected counts themselves.
    target
        The counts.
    full
        Whether to add log(target!), by Stirling's formula, where the target is above 1.
    eps
        Added to `x` before its logarithm is taken.
    reduction : {"mean", "sum", "none"}

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.poisson_nll_loss([0.0], [2.0])
    Tensor(1.)
    """
    rate = np.exp(x) if log_input else x + np.asarray(eps, x.dtype)
    log_rate = x if log_input else np.log(rate)
    loss = (rate if log_input else x) - target * log_rate
    slope = -log_rate
    if full:
        stirling = target * np.log(target) - target + 0.5 * np.log(2 * math.pi * target)
        loss = loss + np.where(target > 1, stirling, 0)
        slope = slope + np.where(target > 1, np.log(target) + 0.5 / target, 0)
    y, spread = _reduced(np.asarray(loss, x.dtype), reduction)

    def vjp(dy, needs):
        up = spread(dy)
        dx = up * (rate - target if log_input else 1 - target / rate) if needs[0] else None
        return dx, (up * slope).astype(dy.dtype) if needs[1] else None

    return y, vjp


@composed(
    takes=dict(
        anchor=given("... D"),
        positive=given("... D"),
        negative=given("... D"),
        margin=number(),
        p=number(above=0, infinite=True),
        eps=number(0),
        swap=flag,
        reduction=REDUCTION,
    )
)
def triplet_margin_loss(
    anchor: Any,
    positive: Any,
    negative: Any,
    margin: float = 1.0,
    p: float = 2.0,
    eps: float = 1e-6,
    swap: bool = False,
    reduction: str = "mean",
) -> Tensor:
    """Return ``max(0, |anchor - positive| - |anchor - negative| + margin)`` (Schroff et al. 2015, "FaceNet").

    Parameters
    ----------
    anchor, positive, negative : (..., D)
        What is compared, something of its kind, and something of another kind.
    margin : float
        How much nearer the first should be.
    p, eps : float
        The distance is the p-norm of the difference, to each number of which `eps` is added.
    swap : bool
        Whether the distance from `positive` to `negative` counts, where it is smaller, for that of `anchor` to
        `negative`.
    reduction : {"mean", "sum", "none"}

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.triplet_margin_loss([[0.0, 0.0]], [[3.0, 4.0]], [[0.0, 5.0]])
    Tensor(1.)
    """
    near, far = norm(anchor - positive + eps, p, -1), norm(anchor - negative + eps, p, -1)
    if swap:
        far = far.minimum(norm(positive - negative + eps, p, -1))
    loss = (near - far + margin).clamp(0)
    return loss if reduction == "none" else loss.mean() if reduction == "mean" else loss.sum()


@differentiable(takes=dict(x=given("..."), target=SIGNS, reduction=REDUCTION))
def soft_margin_loss(x: Array, target: Any, reduction: str = "mean"):
    """Return ``log(1 + exp(-target x))``, the logistic loss for labels -1 and +1, without overflow.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite import functional as F
    >>> F.soft_margin_loss([0.0], np.array([1]))
    Tensor(0.6931)
    """
    t = np.asarray(target, x.dtype)
    z = -t * x
    y, spread = _reduced(log_one_plus_exp(z), reduction)
    return y, lambda dy: -t * logistic(z) * spread(dy)


@differentiable(
    takes=dict(x=given("C", "N C"), weight=reals("C") | None, p=integer(1, 2), margin=number(), reduction=REDUCTION),
    also=lambda x, target, *_: _refuse_labels("multi_margin_loss", "x", x, target),
)
def multi_margin_loss(
    x: Array, target: Any, p: int = 1, margin: float = 1.0, weight: Any = None, reduction: str = "mean"
):
    """Return the mean over the wrong classes of ``max(0, margin - x_right + x_wrong)^p``: the multi-class hinge loss.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite import functional as F
    >>> F.multi_margin_loss([[1.0, 0.5, 0.0]], np.array([0]))
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


@differentiable(takes=dict(x=given("..."), target=SIGNS, reduction=REDUCTION))
def perceptron_loss(x: Array, target: Any, reduction: str = "mean"):
    """Return ``max(0, -target x)`` of nets x: only the wrong answers count (Rosenblatt 1958).

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite import functional as F
    >>> F.perceptron_loss([2.0, -3.0], np.array([1, 1]), reduction="none")
    Tensor([0., 3.])
    """
    t = np.asarray(target, x.dtype)
    y, spread = _reduced(np.maximum(-t * x, 0), reduction)
    return y, lambda dy: -t * (t * x < 0) * spread(dy)


def _reduced(loss: Array, reduction: str) -> tuple[Array, Any]:
    """The reduced loss and the function that spreads dy back over the elements."""
    if reduction == "none":
        return loss, lambda dy: dy
    shape = loss.shape
    if reduction == "sum":
        return loss.sum(), lambda dy: np.broadcast_to(dy, shape)
    n = np.asarray(loss.size, loss.dtype)
    return loss.sum() / n, lambda dy: np.broadcast_to(dy / np.maximum(n, 1), shape)


def _class_axis(scores: Array) -> int:
    return 0 if scores.ndim == 1 else 1


def _refuse_labels(name: str, argument: str, scores: Array, target: Any, ignored: int | None = None) -> None:
    c = _class_axis(scores)
    target = any_array(target, f"{name}: target")
    if target.dtype.kind == "f" and target.size:
        raise TypeError(f"{name}: target has dtype {target.dtype}, expected integer labels")
    rows = scores.shape[:c] + scores.shape[c + 1 :]
    shape_is(target, f"{name}: target", rows, f"one label for each row of {argument} {scores.shape}")
    labels = integer_array(target, f"{name}: target")
    if labels.size and (labels.min() < 0 or labels.max() >= scores.shape[c]):
        integer_array(labels[labels != ignored], f"{name}: target", low=0, high=scores.shape[c])
