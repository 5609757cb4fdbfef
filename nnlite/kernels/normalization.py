"""Twins of ``functional/normalization.py``: one row at a time, while it is in the cache."""

from __future__ import annotations

import math

import numpy as np

from nnlite.kernels.compile import contiguous, kernel


@kernel
def _layer_norm(x, weight, bias, eps, y, mean, r):
    n = x.shape[1]
    for i in range(x.shape[0]):
        total = x.dtype.type(0)
        for j in range(n):
            total += x[i, j]
        m = total / x.dtype.type(n)
        square = x.dtype.type(0)
        for j in range(n):
            square += (x[i, j] - m) * (x[i, j] - m)
        s = x.dtype.type(1 / math.sqrt(square / x.dtype.type(n) + eps))
        mean[i], r[i] = m, s
        for j in range(n):
            y[i, j] = (x[i, j] - m) * s * weight[j] + bias[j]


@kernel
def _layer_norm_vjp(x, weight, mean, r, dy, dx, dweight, dbias):
    n = x.shape[1]
    for i in range(x.shape[0]):
        m, s = mean[i], r[i]
        g_sum = x.dtype.type(0)
        gx_sum = x.dtype.type(0)
        for j in range(n):
            x_hat = (x[i, j] - m) * s
            g = dy[i, j] * weight[j]
            g_sum += g
            gx_sum += g * x_hat
            dweight[j] += dy[i, j] * x_hat
            dbias[j] += dy[i, j]
        g_mean, gx_mean = g_sum / x.dtype.type(n), gx_sum / x.dtype.type(n)
        for j in range(n):
            dx[i, j] = s * (dy[i, j] * weight[j] - g_mean - (x[i, j] - m) * s * gx_mean)


def layer_norm(x, normalized_shape, weight=None, bias=None, eps=1e-5):
    """Twin of ``functional.layer_norm``."""
    shape = (normalized_shape,) if isinstance(normalized_shape, int | np.integer) else tuple(normalized_shape)
    n = math.prod(shape)
    x_rows = contiguous(x).reshape(x.size // n, n)
    w = np.ones(n, x.dtype) if weight is None else contiguous(weight).reshape(n)
    b = np.zeros(n, x.dtype) if bias is None else contiguous(bias).reshape(n)
    y = np.empty_like(x_rows)
    mean, r = np.empty((2, len(x_rows)), x.dtype)
    _layer_norm(x_rows, w, b, float(eps), y, mean, r)

    def vjp(dy, needs):
        dy = contiguous(dy, x.dtype).reshape(x_rows.shape)
        dx = np.empty_like(x_rows)
        dweight, dbias = np.zeros(n, x.dtype), np.zeros(n, x.dtype)
        _layer_norm_vjp(x_rows, w, mean, r, dy, dx, dweight, dbias)
        return (
            dx.reshape(x.shape),
            dweight.reshape(shape) if needs[1] else None,
            dbias.reshape(shape) if needs[2] else None,
        )

    return y.reshape(x.shape), vjp
