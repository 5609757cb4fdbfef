"""Normalisation: shift and scale so that a group of numbers has mean 0 and variance 1, then let the network undo it.

    x_hat = (x - mean) / sqrt(var + eps)        y = weight * x_hat + bias

With g = dy * weight the gradient loses its mean and its part along x_hat:
dx = (g - mean(g) - x_hat * mean(g * x_hat)) / sqrt(var + eps).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from nnlite.arguments import Array, integer, number, shape_is
from nnlite.tensor import differentiable


def _normalized_shape(normalized_shape: Any) -> tuple[int, ...]:
    return tuple(np.atleast_1d(normalized_shape).tolist())


def _check_over_last(name: str, x: Array, normalized_shape: Any, weight: Any, bias: Any, eps: float) -> None:
    shape = tuple(integer(n, f"{name}: normalized_shape", low=1) for n in _normalized_shape(normalized_shape))
    if not shape or x.shape[x.ndim - len(shape) :] != shape or x.ndim < len(shape):
        raise ValueError(f"{name}: x has shape {x.shape}, expected it to end in normalized_shape {shape}")
    for parameter, value in (("weight", weight), ("bias", bias)):
        if value is not None:
            shape_is(value, f"{name}: {parameter}", shape, f"to match the last axes of x {x.shape}")
    number(eps, f"{name}: eps", low=0)


def _check_layer_norm(x, normalized_shape, weight, bias, eps):
    _check_over_last("layer_norm", x, normalized_shape, weight, bias, eps)


@differentiable(compiled="normalization.layer_norm", check=_check_layer_norm)
def layer_norm(
    x: Array, normalized_shape: Any, weight: Array | None = None, bias: Array | None = None, eps: float = 1e-5
):
    """Normalise over the last axes, each position by itself (Ba, Kiros, Hinton 2016).

    Parameters
    ----------
    x : (..., *normalized_shape)
    normalized_shape : int or tuple of int
        The lengths of the axes that are normalised together.
    weight, bias : (*normalized_shape), optional
    eps : float
        Added to the variance.

    Examples
    --------
    >>> layer_norm([1.0, 3.0], 2)
    Tensor([-1.,  1.])
    """
    last = tuple(range(-len(_normalized_shape(normalized_shape)), 0))
    first = tuple(range(x.ndim - len(last)))
    mean = x.mean(last, keepdims=True)
    r = 1 / np.sqrt(x.var(last, keepdims=True) + np.asarray(eps, x.dtype))
    x_hat = (x - mean) * r
    y = x_hat if weight is None else x_hat * weight
    y = y if bias is None else y + bias

    def vjp(dy, needs):
        g = dy if weight is None else dy * weight
        dx = r * (g - g.mean(last, keepdims=True) - x_hat * (g * x_hat).mean(last, keepdims=True))
        dweight = (dy * x_hat).sum(first) if needs[1] else None
        dbias = dy.sum(first) if needs[2] else None
        return dx, dweight, dbias

    return y, vjp


def _check_rms_norm(x, normalized_shape, weight, eps):
    _check_over_last("rms_norm", x, normalized_shape, weight, None, eps)


@differentiable(check=_check_rms_norm)
def rms_norm(x: Array, normalized_shape: Any, weight: Array | None = None, eps: float = 1e-5):
    """Divide by the root mean square over the last axes: layer norm without the mean (Zhang and Sennrich 2019).

    Examples
    --------
    >>> rms_norm([3.0, 3.0], 2)
    Tensor([1., 1.])
    """
    last = tuple(range(-len(_normalized_shape(normalized_shape)), 0))
    r = 1 / np.sqrt((x * x).mean(last, keepdims=True) + np.asarray(eps, x.dtype))
    x_hat = x * r

    def vjp(dy, needs):
        g = dy if weight is None else dy * weight
        dx = r * (g - x_hat * (g * x_hat).mean(last, keepdims=True))
        return dx, (dy * x_hat).sum(tuple(range(x.ndim - len(last)))) if needs[1] else None

    return x_hat if weight is None else x_hat * weight, vjp


def _check_group_norm(x, num_groups, weight, bias, eps):
    groups = integer(num_groups, "group_norm: num_groups", low=1)
    if x.ndim < 2 or x.shape[1] % groups:
        raise ValueError(
            f"group_norm: x has shape {x.shape}, expected (N, C, ...) with C a multiple of {groups} groups"
        )
    for parameter, value in (("weight", weight), ("bias", bias)):
        if value is not None:
            shape_is(value, f"group_norm: {parameter}", x.shape[1:2], f"to match the channels of x {x.shape}")
    number(eps, "group_norm: eps", low=0)


@differentiable(check=_check_group_norm)
def group_norm(x: Array, num_groups: int, weight: Array | None = None, bias: Array | None = None, eps: float = 1e-5):
    """Normalise groups of channels of each picture (Wu and He 2018).

    Parameters
    ----------
    x : (N, C, ...)
    num_groups : int
        Into how many groups the C channels are divided.
    weight, bias : (C,), optional
    eps : float
        Added to the variance.

    Examples
    --------
    >>> group_norm([[1.0, 3.0]], 1)
    Tensor([[-1.,  1.]])
    """
    n, c = x.shape[:2]
    groups = x.reshape(n, num_groups, math.prod(x.shape[1:]) // num_groups)  # (N, G, C/G ...)
    mean = groups.mean(2, keepdims=True)
    r = 1 / np.sqrt(groups.var(2, keepdims=True) + np.asarray(eps, x.dtype))
    x_hat = ((groups - mean) * r).reshape(x.shape)
    column = (c,) + (1,) * (x.ndim - 2)  # per-channel parameters against (N, C, ...)
    others = (0, *range(2, x.ndim))
    y = x_hat if weight is None else x_hat * weight.reshape(column)
    y = y if bias is None else y + bias.reshape(column)

    def vjp(dy, needs):
        g = (dy if weight is None else dy * weight.reshape(column)).reshape(groups.shape)
        h = x_hat.reshape(groups.shape)
        dx = r * (g - g.mean(2, keepdims=True) - h * (g * h).mean(2, keepdims=True))
        dweight = (dy * x_hat).sum(others) if needs[1] else None
        dbias = dy.sum(others) if needs[2] else None
        return dx.reshape(x.shape), dweight, dbias

    return y, vjp
