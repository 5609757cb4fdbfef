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


@kernel
def _rms_norm(x, weight, eps, y, r):
    n = x.shape[1]
    for i in range(x.shape[0]):
        square = x.dtype.type(0)
        for j in range(n):
            square += x[i, j] * x[i, j]
        s = x.dtype.type(1 / math.sqrt(square / x.dtype.type(n) + eps))
        r[i] = s
        for j in range(n):
            y[i, j] = x[i, j] * s * weight[j]


@kernel
def _rms_norm_vjp(x, weight, r, dy, dx, dweight):
    n = x.shape[1]
    for i in range(x.shape[0]):
        s = r[i]
        gx_sum = x.dtype.type(0)
        for j in range(n):
            gx_sum += dy[i, j] * weight[j] * x[i, j]
            dweight[j] += dy[i, j] * x[i, j] * s
        mean = gx_sum * s * s / x.dtype.type(n)
        for j in range(n):
            dx[i, j] = s * (dy[i, j] * weight[j] - x[i, j] * mean)


def rms_norm(x, normalized_shape, weight=None, eps=1e-5):
    """Twin of ``functional.rms_norm``."""
    shape = (normalized_shape,) if isinstance(normalized_shape, int | np.integer) else tuple(normalized_shape)
    n = math.prod(shape)
    x_rows = contiguous(x).reshape(x.size // n, n)
    w = np.ones(n, x.dtype) if weight is None else contiguous(weight).reshape(n)
    y, r = np.empty_like(x_rows), np.empty(len(x_rows), x.dtype)
    _rms_norm(x_rows, w, float(eps), y, r)

    def vjp(dy, needs):
        dx, dweight = np.empty_like(x_rows), np.zeros(n, x.dtype)
        _rms_norm_vjp(x_rows, w, r, contiguous(dy, x.dtype).reshape(x_rows.shape), dx, dweight)
        return dx.reshape(x.shape), dweight.reshape(shape) if needs[1] else None

    return y.reshape(x.shape), vjp


@kernel
def _group_norm(x, groups, weight, bias, eps, y, mean, r):
    """x is (N, C, L); a group is C / groups channels, which lie together in memory."""
    size = x.shape[1] // groups
    count = x.dtype.type(size * x.shape[2])
    for i in range(x.shape[0]):
        for g in range(groups):
            total = x.dtype.type(0)
            for c in range(g * size, (g + 1) * size):
                for j in range(x.shape[2]):
                    total += x[i, c, j]
            m = total / count
            square = x.dtype.type(0)
            for c in range(g * size, (g + 1) * size):
                for j in range(x.shape[2]):
                    square += (x[i, c, j] - m) * (x[i, c, j] - m)
            s = x.dtype.type(1 / math.sqrt(square / count + eps))
            mean[i, g], r[i, g] = m, s
            for c in range(g * size, (g + 1) * size):
                factor = s * weight[c]
                for j in range(x.shape[2]):
                    y[i, c, j] = (x[i, c, j] - m) * factor + bias[c]


@kernel
def _group_norm_vjp(x, groups, weight, mean, r, dy, dx, dweight, dbias):
    size = x.shape[1] // groups
    count = x.dtype.type(size * x.shape[2])
    for i in range(x.shape[0]):
        for g in range(groups):
            m, s = mean[i, g], r[i, g]
            g_mean = x.dtype.type(0)
            gx_mean = x.dtype.type(0)
            for c in range(g * size, (g + 1) * size):
                up = x.dtype.type(0)
                up_x = x.dtype.type(0)
                for j in range(x.shape[2]):
                    up += dy[i, c, j]
                    up_x += dy[i, c, j] * (x[i, c, j] - m)
                dweight[c] += up_x * s
                dbias[c] += up
                if not math.isinf(weight[c]):
                    g_mean += weight[c] * up
                    gx_mean += weight[c] * up_x
                    continue
                for j in range(x.shape[2]):  # infinities of both signs are not the infinity of their sum
                    g_mean += weight[c] * dy[i, c, j]
                    gx_mean += weight[c] * dy[i, c, j] * (x[i, c, j] - m)
            g_mean /= count
            gx_mean *= s * s / count
            for c in range(g * size, (g + 1) * size):
                for j in range(x.shape[2]):
                    dx[i, c, j] = s * (dy[i, c, j] * weight[c] - g_mean - (x[i, c, j] - m) * gx_mean)


def group_norm(x, num_groups, weight=None, bias=None, eps=1e-5):
    """Twin of ``functional.group_norm``."""
    if x.size == 0:
        return NotImplemented
    n, c = x.shape[:2]
    x3 = contiguous(x).reshape(n, c, x.size // (n * c))
    w = np.ones(c, x.dtype) if weight is None else contiguous(weight)
    b = np.zeros(c, x.dtype) if bias is None else contiguous(bias)
    y = np.empty_like(x3)
    mean, r = np.empty((2, n, num_groups), x.dtype)
    _group_norm(x3, int(num_groups), w, b, float(eps), y, mean, r)

    def vjp(dy, needs):
        dx, dweight, dbias = np.empty_like(x3), np.zeros(c, x.dtype), np.zeros(c, x.dtype)
        _group_norm_vjp(x3, int(num_groups), w, mean, r, contiguous(dy, x.dtype).reshape(x3.shape), dx, dweight, dbias)
        return dx.reshape(x.shape), dweight if needs[1] else None, dbias if needs[2] else None

    return y.reshape(x.shape), vjp
