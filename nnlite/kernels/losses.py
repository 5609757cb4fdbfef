"""Twins of ``functional/losses.py``: the loss and its gradient p - target in one visit of each row."""

from __future__ import annotations

import math

import numpy as np

from nnlite.kernels.compile import contiguous, kernel
from nnlite.kernels.mathematics import exp, largest, surprise


@kernel
def _cross_entropy(logits, target, ignore_index, loss, p):
    for i in range(logits.shape[0]):
        m = largest(logits[i])
        total = logits.dtype.type(0)
        for j in range(logits.shape[1]):
            p[i, j] = exp(logits[i, j] - m)
            total += p[i, j]
        r = logits.dtype.type(1) / total
        for j in range(logits.shape[1]):
            p[i, j] *= r
        if target[i] == ignore_index:
            loss[i] = 0
        else:
            loss[i] = surprise(logits[i, target[i]], m, math.log(total))


@kernel
def _cross_entropy_vjp(p, target, ignore_index, dy, dlogits):
    for i in range(p.shape[0]):
        if target[i] == ignore_index:
            for j in range(p.shape[1]):
                dlogits[i, j] = p[i, j] * p.dtype.type(0)  # NaN stays NaN
        else:
            for j in range(p.shape[1]):
                dlogits[i, j] = p[i, j] * dy[i]
            dlogits[i, target[i]] -= dy[i]


def cross_entropy(logits, target, weight=None, ignore_index=-100, reduction="mean", label_smoothing=0.0):
    """Twin of ``functional.cross_entropy`` for rows of logits and integer labels."""
    target = np.asarray(target)
    if logits.ndim != 2 or logits.size == 0 or weight is not None or label_smoothing or target.dtype.kind == "f":
        return NotImplemented
    logits = contiguous(logits)
    target = contiguous(target, np.int64)
    ignore = int(ignore_index)
    p = np.empty_like(logits)
    loss = np.empty(len(logits), logits.dtype)
    _cross_entropy(logits, target, ignore, loss, p)
    if reduction == "none":
        y, norm = loss, None
    else:
        count = len(logits) - np.count_nonzero(target == ignore) if reduction == "mean" else 1
        norm = np.asarray(count, logits.dtype)
        with np.errstate(invalid="ignore"):
            y = loss.sum() / norm

    def vjp(dy, needs):
        with np.errstate(divide="ignore", invalid="ignore"):
            per_row = contiguous(dy, logits.dtype) if norm is None else np.full(len(p), dy / norm, logits.dtype)
        dlogits = np.empty_like(p)
        _cross_entropy_vjp(p, target, ignore, per_row, dlogits)
        return dlogits, None

    return y, vjp
