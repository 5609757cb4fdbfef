"""Activation functions: what a neuron does with its sum, each beside its derivative.

softmax belongs here too: it makes scores into probabilities, p_i = exp(x_i) / sum_j exp(x_j), and its Jacobian is
diag(p) - p p^T, so that  dx = p * (dy - sum(dy * p)).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from nnlite.arguments import Array, axis, number, one_of
from nnlite.functional.elementwise import error_function
from nnlite.tensor import Tensor, differentiable


@differentiable(method="relu", integers=True)
def relu(x: Array):
    """Return ``max(x, 0)``, with derivative 0 at 0.

    Examples
    --------
    >>> relu([-1.0, 2.0])
    Tensor([0., 2.])
    """
    y = np.maximum(x, 0)
    return y, lambda dy: dy * (x > 0)


def _check_slope(x: Array, negative_slope: float) -> None:
    number(negative_slope, "leaky_relu: negative_slope")


@differentiable(check=_check_slope)
def leaky_relu(x: Array, negative_slope: float = 0.01):
    """Return `x` where it is positive and ``negative_slope * x`` elsewhere.

    Examples
    --------
    >>> leaky_relu([-1.0, 2.0], 0.1)
    Tensor([-0.1,  2. ])
    """
    return np.where(x > 0, x, negative_slope * x), lambda dy: np.where(x > 0, dy, negative_slope * dy)


@differentiable(method="sigmoid", compiled="activations.sigmoid")
def sigmoid(x: Array):
    """Return ``1 / (1 + exp(-x))``, without overflow.

    Examples
    --------
    >>> sigmoid([0.0])
    Tensor([0.5])
    """
    y = _sigmoid(x)
    return y, lambda dy: dy * y * (1 - y)


def _sigmoid(x: Array) -> Array:
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, e) / (1 + e)


@differentiable(method="tanh")
def tanh(x: Array):
    """Return the hyperbolic tangent.

    Examples
    --------
    >>> tanh([0.0])
    Tensor([0.])
    """
    y = np.tanh(x)
    return y, lambda dy: dy * (1 - y * y)


@differentiable(compiled="activations.silu")
def silu(x: Array):
    """Return ``x * sigmoid(x)`` (SiLU, also called swish; Elfwing et al. 2017).

    Examples
    --------
    >>> silu([0.0, 1.0])
    Tensor([0.    , 0.7311])
    """
    s = _sigmoid(x)
    with np.errstate(invalid="ignore"):
        return x * s, lambda dy: dy * (s + x * s * (1 - s))


def _check_gelu(x: Array, approximate: str) -> None:
    one_of(approximate, "gelu: approximate", ("none", "tanh"))


@differentiable(compiled="activations.gelu", check=_check_gelu)
def gelu(x: Array, approximate: str = "none"):
    """Return ``x * P(X <= x)`` for a standard normal X (Hendrycks and Gimpel 2016).

    Parameters
    ----------
    x
        Any shape.
    approximate
        "none" for the error function, "tanh" for ``x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3)))``.

    Examples
    --------
    >>> gelu([0.0, 1.0])
    Tensor([0.    , 0.8413])
    """
    if approximate == "tanh":
        c = math.sqrt(2 / math.pi)
        t = np.tanh(c * (x + 0.044715 * x * x * x))
        slope = 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * c * (1 + 3 * 0.044715 * x * x)
        return 0.5 * x * (1 + t), lambda dy: dy * slope
    cdf = 0.5 * (1 + error_function(x / math.sqrt(2)))
    density = np.exp(-0.5 * x * x) / math.sqrt(2 * math.pi)
    return x * cdf, lambda dy: dy * (cdf + x * density)


@differentiable()
def softplus(x: Array):
    """Return ``log(1 + exp(x))``, a smooth ReLU, without overflow.

    Examples
    --------
    >>> softplus([0.0])
    Tensor([0.6931])
    """
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x))), lambda dy: dy * _sigmoid(x)


def _check_dim(name: str) -> Any:
    def check(x: Array, dim: int) -> None:
        axis(dim, x.ndim, f"{name}: dim")

    return check


@differentiable(method="softmax", compiled="activations.softmax", check=_check_dim("softmax"))
def softmax(x: Array, dim: int = -1):
    """Make scores into probabilities along one axis: ``y_i = exp(x_i) / sum_j exp(x_j)``.

    The largest score is subtracted first, which changes nothing in exact arithmetic and keeps exp from overflowing.

    Parameters
    ----------
    x : array of any shape
        The scores. A score of -inf gets probability 0.
    dim : int
        The axis along which the probabilities add up to 1.

    Returns
    -------
    y : array of the shape of `x`
    vjp : function
        ``vjp(dy)`` maps the gradient with respect to `y` to the gradient with respect to `x`,
        ``dx_i = y_i (dy_i - sum_j dy_j y_j)``.

    References
    ----------
    Bridle 1990, "Probabilistic interpretation of feedforward classification network outputs".

    Examples
    --------
    >>> softmax([0.0, 0.0])
    Tensor([0.5, 0.5])
    """
    e = np.exp(x - np.max(x, axis=dim, keepdims=True, initial=-np.inf))
    y = e / np.sum(e, axis=dim, keepdims=True)

    def vjp(dy):
        return y * (dy - np.sum(dy * y, axis=dim, keepdims=True))

    return y, vjp


@differentiable(method="log_softmax", compiled="activations.log_softmax", check=_check_dim("log_softmax"))
def log_softmax(x: Array, dim: int = -1):
    """Return ``log(softmax(x))``, computed as ``x - logsumexp(x)``, which never takes the logarithm of 0.

    Examples
    --------
    >>> log_softmax([0.0, 0.0])
    Tensor([-0.6931, -0.6931])
    """
    with np.errstate(divide="ignore", invalid="ignore"):  # where there is nothing, or nothing but -inf
        shifted = x - np.max(x, axis=dim, keepdims=True, initial=-np.inf)
        y = shifted - np.log(np.sum(np.exp(shifted), axis=dim, keepdims=True))

    def vjp(dy):
        return dy - np.exp(y) * np.sum(dy, axis=dim, keepdims=True)

    return y, vjp


def glu(x: Any, dim: int = -1) -> Tensor:
    """Return ``a * sigmoid(b)`` for the two halves a, b of `x` along `dim` (Dauphin et al. 2016).

    Examples
    --------
    >>> glu([2.0, 0.0])
    Tensor([1.])
    """
    x = x if isinstance(x, Tensor) else Tensor(x)
    if x.ndim == 0 or x.shape[axis(dim, x.ndim, "glu: dim")] % 2:
        raise ValueError(f"glu: x has shape {x.shape}, expected an even length along dim {dim}")
    a, b = x.chunk(2, dim)
    return a * sigmoid(b)
