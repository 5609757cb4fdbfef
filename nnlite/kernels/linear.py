"""Twins of ``functional/linear.py``: matrix products stay with BLAS, which is a compiled kernel already."""

from __future__ import annotations

import math

import numpy as np

from nnlite.kernels import activations
from nnlite.kernels.compile import contiguous, kernel


@kernel
def _add_bias(z, bias, relu, y):
    zero = z.dtype.type(0)
    for i in range(z.shape[0]):
        for j in range(z.shape[1]):
            net = z[i, j] + bias[j]
            y[i, j] = zero if relu and net <= zero else net  # NaN is not <= 0 and stays


@kernel
def _add_bias_and_transpose(z, bias, relu, y):
    zero = z.dtype.type(0)
    for j in range(z.shape[0]):
        for i in range(z.shape[1]):
            net = z[j, i] + bias[j]
            y[i, j] = zero if relu and net <= zero else net


@kernel
def _relu_vjp(y, dy, dz, dbias):
    zero = y.dtype.type(0)
    for i in range(y.shape[0]):
        for j in range(y.shape[1]):
            d = dy[i, j] if y[i, j] > zero else zero
            dz[i, j] = d
            dbias[j] += d


def _weighted_sums(rows, weight, bias, relu):
    """``rows @ weight.T + bias``, where BLAS does best with the larger matrix first."""
    n, m = len(rows), len(weight)
    if bias is None:
        bias = np.zeros(m, rows.dtype)
    y = np.empty((n, m), rows.dtype)
    if n < m:
        _add_bias_and_transpose(np.matmul(weight, rows.T), contiguous(bias), relu, y)
    else:
        np.matmul(rows, weight.T, out=y)
        _add_bias(y, contiguous(bias), relu, y)
    return y


def linear(x, weight, bias=None):
    """Twin of ``functional.linear``."""
    rows = x.reshape(math.prod(x.shape[:-1]), x.shape[-1])
    y = _weighted_sums(rows, weight, bias, False)
    shape, y_shape = x.shape, y.shape

    def vjp(dy, needs):
        return _gradients(shape, rows, weight, dy.reshape(y_shape), needs)

    return y.reshape(*x.shape[:-1], len(weight)), vjp


def _gradients(shape, rows, weight, dz, needs, dbias=None):
    dx = (dz @ weight).reshape(shape) if needs[0] else None
    dweight = dz.T @ rows if needs[1] else None
    if needs[2] and dbias is None:
        dbias = np.ones(len(dz), dz.dtype) @ dz  # BLAS sums faster than np.sum
    return dx, dweight, dbias if needs[2] else None


def linear_activation(x, weight, bias=None, activation="relu"):
    """Twin of ``functional.linear_activation``: ReLU is in the pass that adds the bias."""
    rows = x.reshape(math.prod(x.shape[:-1]), x.shape[-1])
    z = _weighted_sums(rows, weight, bias, activation == "relu")
    y, through = (z, None) if activation == "relu" else getattr(activations, activation)(z)
    shape = x.shape

    def vjp(dy, needs):
        dy, dbias = dy.reshape(z.shape), None
        if through is not None:
            dz = through(dy)
        else:
            dz, dbias = np.empty_like(z), np.zeros(len(weight), z.dtype)
            _relu_vjp(z, contiguous(dy, z.dtype), dz, dbias)
        return _gradients(shape, rows, weight, dz, needs, dbias)

    return y.reshape(*x.shape[:-1], len(weight)), vjp


@kernel
def _add_rows(indices, dy, dweight):
    for i in range(indices.size):
        row = indices[i]
        for j in range(dy.shape[1]):
            dweight[row, j] += dy[i, j]


def embedding(indices, weight):
    """Twin of ``functional.embedding``."""
    indices = np.array(indices, np.int64, order="C")  # a copy, for the kernel goes where it says without looking
    rows, shape, dtype = indices.ravel(), weight.shape, weight.dtype

    def vjp(dy):
        dweight = np.zeros(shape, dtype)
        _add_rows(rows, contiguous(dy, dtype).reshape(rows.size, shape[1]), dweight)
        return dweight

    return weight[indices], vjp
