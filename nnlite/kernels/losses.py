"""Twins of ``functional/losses.py``: the loss and its gradient p - target in one visit of each row."""

from __future__ import annotations

import math

import numpy as np

from nnlite.kernels.compile import contiguous, kernel
from nnlite.kernels.mathematics import decay, largest, surprise


@kernel
def _cross_entropy(logits, target, ignore_index, loss, e, r):
    """Leave e^(logits - m) and 1 / its sum for the gradient; return the sum of the losses and their number."""
    total_loss, count = 0.0, 0
    for i in range(logits.shape[0]):
        m = largest(logits[i])
        total = logits.dtype.type(0)
        for j in range(logits.shape[1]):
            e_j = decay(logits[i, j] - m)
            e[i, j] = e_j
            total += e_j
        r[i] = logits.dtype.type(1) / total
        loss[i] = 0
        if target[i] != ignore_index:
            loss[i] = surprise(logits[i, target[i]], m, math.log(total))
            total_loss += loss[i]
            count += 1
    return total_loss, count


@kernel
def _cross_entropy_vjp(e, r, target, ignore_index, dy, count, dlogits):
    for i in range(e.shape[0]):
        g = dy[i if dy.size > 1 else 0] / e.dtype.type(count)
        if target[i] == ignore_index:
            g = e.dtype.type(0)  # and NaN stays NaN
        factor = g * r[i]
        for j in range(e.shape[1]):
            dlogits[i, j] = e[i, j] * factor
        if target[i] != ignore_index:
            dlogits[i, target[i]] -= g


def cross_entropy(logits, target, weight=None, ignore_index=-100, reduction="mean", label_smoothing=0.0):
    """Twin of ``functional.cross_entropy`` for rows of logits and integer labels."""
    target = np.asarray(target)
    if logits.ndim != 2 or logits.size == 0 or weight is not None or label_smoothing or target.dtype.kind == "f":
        return NotImplemented
    logits, target, ignore = contiguous(logits), contiguous(target, np.int64), int(ignore_index)
    e, (loss, r) = np.empty_like(logits), np.empty((2, len(logits)), logits.dtype)
    total, count = _cross_entropy(logits, target, ignore, loss, e, r)
    if reduction != "mean":
        count = 1
    y = loss if reduction == "none" else np.asarray(total / count if count else np.nan, logits.dtype)

    def vjp(dy, needs):
        dlogits = np.empty_like(e)
        _cross_entropy_vjp(e, r, target, ignore, contiguous(dy, e.dtype).reshape(dy.size), count, dlogits)
        return dlogits, None

    return y, vjp
