"""Weighted sums: the matrix product, the linear layer, and the embedding, which is a linear layer on one-hot vectors.

y = x W^T + b        dx = dy W        dW = dy^T x        db = sum over the rows of dy
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from nnlite.arguments import Array, integer_array, shape_is
from nnlite.tensor import differentiable


def _check_matmul(x: Array, other: Array) -> None:
    if x.ndim == 0 or other.ndim == 0:
        raise ValueError(f"matmul: x {x.shape} and other {other.shape}, expected at least 1 axis each")
    inner = other.shape[-2] if other.ndim > 1 else other.shape[0]
    if x.shape[-1] != inner:
        raise ValueError(
            f"matmul: x has shape {x.shape} and other {other.shape}, expected the last axis of x ({x.shape[-1]}) "
            f"to match the {'second to last' if other.ndim > 1 else 'only'} axis of other ({inner})"
        )
    try:
        np.broadcast_shapes(x.shape[:-2], other.shape[:-2])
    except ValueError:
        raise ValueError(f"matmul: the leading axes of x {x.shape} and other {other.shape} do not broadcast") from None


@differentiable(method="__matmul__ __rmatmul__ matmul", check=_check_matmul, same_dtype=True)
def matmul(x: Array, other: Array):
    """Return the matrix product of the last two axes; the axes before them broadcast.

    Parameters
    ----------
    x : (..., N, K) or (K,)
    other : (..., K, M) or (K,)

    Returns
    -------
    (..., N, M), without N or M where the factor is a vector

    Examples
    --------
    >>> matmul([[1.0, 2.0]], [[3.0], [4.0]])
    Tensor([[11.]])
    """

    def vjp(dy, needs):
        a = x[None, :] if x.ndim == 1 else x  # (..., N, K)
        b = other[:, None] if other.ndim == 1 else other  # (..., K, M)
        dy = dy[..., None] if other.ndim == 1 else dy
        dy = dy[..., None, :] if x.ndim == 1 else dy  # (..., N, M)
        dx = dother = None
        if needs[0]:
            dx = (dy @ b.swapaxes(-1, -2)).reshape(*dy.shape[:-2], *a.shape[-2:])
            dx = dx[..., 0, :] if x.ndim == 1 else dx
        if needs[1]:
            if b.ndim == 2:  # one product over all leading axes, instead of one each and their sum
                rows = math.prod(dy.shape[:-1])
                a = np.broadcast_to(a, (*dy.shape[:-1], a.shape[-1]))
                dother = a.reshape(rows, a.shape[-1]).T @ dy.reshape(rows, dy.shape[-1])
            else:
                dother = a.swapaxes(-1, -2) @ dy
            dother = dother[..., 0] if other.ndim == 1 else dother
        return dx, dother

    return np.matmul(x, other), vjp


def _check_linear(x: Array, weight: Array, bias: Array | None) -> None:
    if weight.ndim != 2:
        raise ValueError(f"linear: weight has shape {weight.shape}, expected (out_features, in_features)")
    if x.ndim == 0 or x.shape[-1] != weight.shape[1]:
        raise ValueError(
            f"linear: x has shape {x.shape}, expected a last axis of {weight.shape[1]} to match weight {weight.shape}"
        )
    if bias is not None:
        shape_is(bias, "linear: bias", weight.shape[:1], f"to match weight {weight.shape}")


@differentiable(check=_check_linear, same_dtype=True)
def linear(x: Array, weight: Array, bias: Array | None = None):
    """Return ``x @ weight.T + bias``, a layer of neurons: each row of `weight` is one neuron's w.

    Parameters
    ----------
    x : (..., K)
    weight : (M, K)
    bias : (M,), optional

    Returns
    -------
    (..., M)

    Examples
    --------
    >>> linear([1.0, 2.0], [[3.0, 4.0]], [0.5])
    Tensor([11.5])
    """
    rows = x.reshape(math.prod(x.shape[:-1]), x.shape[-1])  # (N, K)
    y = rows @ weight.T
    if bias is not None:
        y += bias

    def vjp(dy, needs):
        dy = dy.reshape(rows.shape[0], weight.shape[0])
        dx = (dy @ weight).reshape(x.shape) if needs[0] else None
        dweight = dy.T @ rows if needs[1] else None
        dbias = np.ones(len(dy), dy.dtype) @ dy if needs[2] else None  # BLAS sums faster than np.sum
        return dx, dweight, dbias

    return y.reshape(*x.shape[:-1], weight.shape[0]), vjp


def _check_embedding(indices: Any, weight: Array) -> None:
    if weight.ndim != 2:
        raise ValueError(f"embedding: weight has shape {weight.shape}, expected (num_embeddings, embedding_dim)")
    integer_array(indices, "embedding: indices", low=0, high=weight.shape[0])


@differentiable(compiled="linear.embedding", check=_check_embedding)
def embedding(indices: Any, weight: Array):
    """Return the rows of `weight` that `indices` names.

    Parameters
    ----------
    indices : integers of any shape (...)
    weight : (num_embeddings, D)

    Returns
    -------
    (..., D)

    Examples
    --------
    >>> embedding([1, 0], [[1.0, 2.0], [3.0, 4.0]])
    Tensor([[3., 4.],
            [1., 2.]])
    """
    indices = np.asarray(indices, np.int64)

    def vjp(dy):
        dweight = np.zeros(weight.shape, dy.dtype)
        np.add.at(dweight, indices, dy)  # a row named twice collects both gradients
        return dweight

    return weight[indices], vjp
