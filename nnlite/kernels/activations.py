"""Twins of ``functional/activations.py``: one pass over memory where the formula takes several."""

from __future__ import annotations

import math

import numpy as np

from nnlite.kernels.compile import contiguous, kernel
from nnlite.kernels.mathematics import decay, largest, log_probability, normal
from nnlite.kernels.mathematics import sigmoid as sigmoid_of


@kernel
def _relu(x, y):
    zero = x.dtype.type(0)
    for i in range(x.size):
        y[i] = zero if x[i] <= zero else x[i]  # NaN is not <= 0 and stays


@kernel
def _relu_vjp(y, dy, dx):
    zero = y.dtype.type(0)
    for i in range(y.size):
        dx[i] = dy[i] if y[i] > zero else zero


def relu(x):
    """Twin of ``functional.relu``."""
    x = contiguous(x)
    y = np.empty_like(x)
    _relu(x.ravel(), y.ravel())

    def vjp(dy):
        dx = np.empty_like(y)
        _relu_vjp(y.ravel(), contiguous(dy, y.dtype).ravel(), dx.ravel())
        return dx

    return y, vjp


@kernel
def _sigmoid(x, y):
    for i in range(x.size):
        y[i] = sigmoid_of(x[i])


@kernel
def _sigmoid_vjp(y, dy, dx):
    one = y.dtype.type(1)
    for i in range(y.size):
        dx[i] = dy[i] * y[i] * (one - y[i])


def sigmoid(x):
    """Twin of ``functional.sigmoid``."""
    x = contiguous(x)
    y = np.empty_like(x)
    _sigmoid(x.ravel(), y.ravel())

    def vjp(dy):
        dx = np.empty_like(y)
        _sigmoid_vjp(y.ravel(), contiguous(dy, y.dtype).ravel(), dx.ravel())
        return dx

    return y, vjp


@kernel
def _silu(x, y, s):
    for i in range(x.size):
        s_i = sigmoid_of(x[i])
        s[i] = s_i
        y[i] = x[i] * s_i


@kernel
def _silu_vjp(x, s, dy, dx):
    one = x.dtype.type(1)
    for i in range(x.size):
        dx[i] = dy[i] * s[i] * (one + x[i] * (one - s[i]))


def silu(x):
    """Twin of ``functional.silu``."""
    x = contiguous(x)
    y, s = np.empty_like(x), np.empty_like(x)
    _silu(x.ravel(), y.ravel(), s.ravel())

    def vjp(dy):
        dx = np.empty_like(x)
        _silu_vjp(x.ravel(), s.ravel(), contiguous(dy, x.dtype).ravel(), dx.ravel())
        return dx

    return y, vjp


@kernel
def _gelu(x, y, slope):
    scale = x.dtype.type(1 / math.sqrt(2 * math.pi))
    for i in range(x.size):
        cdf, e = normal(x[i])
        y[i] = x[i] * cdf
        slope[i] = cdf + x[i] * scale * e


@kernel
def _gelu_tanh(x, y, slope):
    one, half, two = x.dtype.type(1), x.dtype.type(0.5), x.dtype.type(2)
    c, k, three = x.dtype.type(math.sqrt(2 / math.pi)), x.dtype.type(0.044715), x.dtype.type(3)
    for i in range(x.size):
        square = x[i] * x[i]
        # (1 + tanh(u)) / 2 is the sigmoid of 2u
        s = sigmoid_of(two * c * x[i] * (one + k * square))
        y[i] = x[i] * s
        slope[i] = s + x[i] * two * s * (one - s) * c * (one + three * k * square) * (half + half)


@kernel
def _multiply(a, b, out):
    for i in range(a.size):
        out[i] = a[i] * b[i]


def gelu(x, approximate="none"):
    """Twin of ``functional.gelu``."""
    x = contiguous(x)
    y, slope = np.empty_like(x), np.empty_like(x)
    (_gelu if approximate == "none" else _gelu_tanh)(x.ravel(), y.ravel(), slope.ravel())

    def vjp(dy):
        dx = np.empty_like(slope)
        _multiply(slope.ravel(), contiguous(dy, slope.dtype).ravel(), dx.ravel())
        return dx

    return y, vjp


@kernel
def _softmax(x, y):
    for i in range(x.shape[0]):
        m = largest(x[i])
        total = x.dtype.type(0)
        for j in range(x.shape[1]):
            e = decay(x[i, j] - m)
            y[i, j] = e
            total += e
        r = x.dtype.type(1) / total
        for j in range(x.shape[1]):
            y[i, j] *= r


@kernel
def _softmax_vjp(y, dy, dx):
    for i in range(y.shape[0]):
        dot = y.dtype.type(0)
        for j in range(y.shape[1]):
            dot += dy[i, j] * y[i, j]
        for j in range(y.shape[1]):
            dx[i, j] = y[i, j] * (dy[i, j] - dot)


@kernel
def _log_softmax(x, y):
    for i in range(x.shape[0]):
        m = largest(x[i])
        total = x.dtype.type(0)
        for j in range(x.shape[1]):
            total += decay(x[i, j] - m)
        log_total = math.log(total)
        for j in range(x.shape[1]):
            y[i, j] = log_probability(x[i, j], m, log_total)


@kernel
def _log_softmax_vjp(y, dy, dx):
    for i in range(y.shape[0]):
        total = y.dtype.type(0)
        for j in range(y.shape[1]):
            total += dy[i, j]
        for j in range(y.shape[1]):
            dx[i, j] = dy[i, j] - decay(y[i, j]) * total


def _along_rows(forward, backward, x, dim):
    """Run row kernels along any axis: move it last, and back again."""
    if x.ndim == 0 or x.size == 0:
        return NotImplemented
    moved = contiguous(np.moveaxis(x, dim, -1))
    rows, shape = moved.reshape(-1, moved.shape[-1]), moved.shape
    y = np.empty_like(rows)
    forward(rows, y)

    def vjp(dy):
        dy = contiguous(np.moveaxis(dy, dim, -1), y.dtype).reshape(y.shape)
        dx = np.empty_like(y)
        backward(y, dy, dx)
        return np.moveaxis(dx.reshape(shape), -1, dim)

    return np.moveaxis(y.reshape(shape), -1, dim), vjp


def softmax(x, dim=-1):
    """Twin of ``functional.softmax``."""
    return _along_rows(_softmax, _softmax_vjp, x, dim)


def log_softmax(x, dim=-1):
    """Twin of ``functional.log_softmax``."""
    return _along_rows(_log_softmax, _log_softmax_vjp, x, dim)
