"""Activation functions: what a neuron does with its sum, each beside its derivative.

softmax belongs here too: it makes scores into probabilities, p_i = exp(x_i) / sum_j exp(x_j), and its Jacobian is
diag(p) - p p^T, so that  dx = p * (dy - sum(dy * p)).

NaN gives NaN, everywhere. The gradient at NaN is undefined; we return what the formula gives, where PyTorch's relu,
relu6, hardtanh, hardswish, elu, selu and celu pass the upstream gradient on.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from nnlite import arguments
from nnlite.arguments import Array
from nnlite.contracts import axis, given, number, word
from nnlite.differentiable import differentiable
from nnlite.functional.elementwise import error_function
from nnlite.tensor import Tensor, as_tensor


@differentiable(method="relu", integers=True, compiled="activations.relu")
def relu(x: Array):
    """Return ``max(x, 0)``, with derivative 0 at 0.

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.relu([-1.0, 2.0])
    Tensor([0., 2.])
    """
    y = np.maximum(x, 0)
    return y, lambda dy: np.where(y > 0, dy, 0).astype(dy.dtype)  # not NaN times 0


@differentiable(takes=dict(x=given(), negative_slope=number()))
def leaky_relu(x: Array, negative_slope: float = 0.01):
    """Return `x` where it is positive and ``negative_slope * x`` elsewhere.

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.leaky_relu([-1.0, 2.0], 0.1)
    Tensor([-0.1,  2. ])
    """
    return np.where(x > 0, x, negative_slope * x), lambda dy: np.where(x > 0, dy, negative_slope * dy)


@differentiable(method="sigmoid", compiled="activations.sigmoid")
def sigmoid(x: Array):
    """Return ``1 / (1 + exp(-x))``, without overflow.

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.sigmoid([0.0])
    Tensor([0.5])
    """
    y = logistic(x)
    return y, lambda dy: dy * y * (1 - y)


def logistic(x: Array) -> Array:
    """Return the sigmoid of an array, as an array: what other formulas are built from.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite.functional.activations import logistic
    >>> logistic(np.array([0.0, -1000.0]))
    array([0.5, 0. ])
    """
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, e) / (1 + e)


@differentiable(method="tanh")
def tanh(x: Array):
    """Return the hyperbolic tangent of each element, ``y = (exp(x) - exp(-x)) / (exp(x) + exp(-x))``.

    Parameters
    ----------
    x : array of any shape
        NumPy's tanh serves: it does not overflow.

    Returns
    -------
    y : array of the shape of `x`
    vjp : function
        ``vjp(dy)`` maps the gradient with respect to `y` to the gradient with respect to `x`, ``dx = dy (1 - y^2)``.

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.tanh([0.0])
    Tensor([0.])
    """
    y = np.tanh(x)

    def vjp(dy):
        return dy * (1 - y * y)

    return y, vjp


@differentiable(compiled="activations.silu")
def silu(x: Array):
    """Return ``x * sigmoid(x)`` (SiLU, also called swish; Elfwing et al. 2017).

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.silu([0.0, 1.0])
    Tensor([0.    , 0.7311])
    """
    s = logistic(x)
    return x * s, lambda dy: dy * (s + x * s * (1 - s))


@differentiable(takes=dict(x=given(), approximate=word("none", "tanh")), compiled="activations.gelu")
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
    >>> from nnlite import functional as F
    >>> F.gelu([0.0, 1.0])
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


def _refuse_zero(x: Array, beta: float, threshold: float) -> None:
    if beta == 0:
        raise ValueError("softplus: beta is 0, expected another number")


@differentiable(takes=dict(x=given(), beta=number(), threshold=number()), also=_refuse_zero)
def softplus(x: Array, beta: float = 1.0, threshold: float = 20.0):
    """Return ``log(1 + exp(beta x)) / beta``, a smooth ReLU, without overflow; `x` itself where beta x > threshold.

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.softplus([0.0])
    Tensor([0.6931])
    """
    z = beta * x
    linear = z > threshold
    y = np.where(linear, x, log_one_plus_exp(z) / beta)
    return y, lambda dy: np.where(linear, dy, dy * logistic(z))


def log_one_plus_exp(x: Array) -> Array:
    """Return ``log(1 + exp(x))`` of an array, without overflow.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite.functional.activations import log_one_plus_exp
    >>> log_one_plus_exp(np.array([0.0, 1000.0]))
    array([6.93147181e-01, 1.00000000e+03])
    """
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


@differentiable(integers=True)
def relu6(x: Array):
    """Return `x` cut off below 0 and above 6.

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.relu6([-1.0, 3.0, 9.0])
    Tensor([0., 3., 6.])
    """
    return np.clip(x, 0, 6).astype(x.dtype), lambda dy: np.where((x > 0) & (x < 6), dy, dy.dtype.type(0))


def _refuse_slopes(x: Array, weight: Array) -> None:
    channels = x.shape[1] if x.ndim > 1 else 1
    if weight.size not in {1, channels} or weight.ndim > 1:
        raise ValueError(
            f"prelu: weight has shape {weight.shape}, expected 1 number or {channels} to match x {x.shape}"
        )


@differentiable(also=_refuse_slopes)
def prelu(x: Array, weight: Array):
    """Return `x` where it is positive and ``weight * x`` elsewhere, `weight` for all channels or one each (N, C, ...).

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.prelu([-1.0, 2.0], [0.25])
    Tensor([-0.25,  2.  ])
    """
    column = weight.reshape(-1, *(1,) * (x.ndim - 2)) if x.ndim > 1 else weight.reshape(())

    def vjp(dy, needs):
        dx = np.where(x > 0, dy, column * dy) if needs[0] else None
        if not needs[1]:
            return dx, None
        flat = np.where(x > 0, 0, dy * x).astype(x.dtype)
        if weight.size == 1:
            return dx, flat.sum().reshape(weight.shape)
        return dx, flat.sum(tuple(k for k in range(x.ndim) if k != 1))

    return np.where(x > 0, x, column * x), vjp


@differentiable(takes=dict(x=given(), alpha=number()))
def elu(x: Array, alpha: float = 1.0):
    """Return `x` where it is positive and ``alpha * (exp(x) - 1)`` elsewhere (Clevert et al. 2015).

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.elu([0.0, 2.0])
    Tensor([0., 2.])
    """
    below = np.minimum(x, 0)
    y = np.where(x > 0, x, alpha * np.expm1(below))
    return y, lambda dy: dy * np.where(x > 0, 1, alpha * np.exp(below)).astype(x.dtype)


@differentiable(takes=dict(x=given(), alpha=number()), also=lambda x, alpha: _refuse_flat("celu", alpha))
def celu(x: Array, alpha: float = 1.0):
    """Return `x` where it is positive and ``alpha * (exp(x / alpha) - 1)`` elsewhere, of slope 1 at 0 (Barron 2017).

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.celu([0.0, 2.0], 0.5)
    Tensor([0., 2.])
    """
    below = np.minimum(x, 0) / alpha
    y = np.where(x > 0, x, alpha * np.expm1(below))
    return y, lambda dy: np.where(below == 0, dy, dy * np.exp(below))


def _refuse_flat(name: str, alpha: float) -> None:
    if alpha == 0:
        raise ValueError(f"{name}: alpha is 0, expected another number")


@differentiable(takes=dict(x=given(), lambd=number()))
def hardshrink(x: Array, lambd: float = 0.5):
    """Return `x` where it is beyond `lambd` on either side, and 0 between.

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.hardshrink([-2.0, 0.3, 1.0])
    Tensor([-2.,  0.,  1.])
    """
    inside = (x >= -lambd) & (x <= lambd)
    return np.where(inside, 0, x), lambda dy: np.where(inside, 0, dy)


@differentiable(takes=dict(x=given(), lambd=number(0)))
def softshrink(x: Array, lambd: float = 0.5):
    """Return `x` moved towards 0 by `lambd`, and 0 where it would pass it.

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.softshrink([-2.0, 0.3, 1.0])
    Tensor([-1.5,  0. ,  0.5])
    """
    inside = (x >= -lambd) & (x <= lambd)
    return np.where(inside, 0, x - np.sign(x) * lambd), lambda dy: np.where(inside, 0, dy)


@differentiable(takes=dict(x=given(), threshold=number(), value=number()), integers=True)
def threshold(x: Array, threshold: float, value: float):
    """Return `x` where it is above `threshold`, and `value` elsewhere.

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.threshold([0.5, 2.0], 1.0, -1.0)
    Tensor([-1.,  2.])
    """
    below = x <= threshold
    return np.where(below, value, x).astype(x.dtype), lambda dy: np.where(below, 0, dy)


_SELU_ALPHA, _SELU_SCALE = 1.6732632423543772, 1.0507009873554805


@differentiable
def selu(x: Array):
    """Return a scaled ELU whose constants keep mean 0 and variance 1 from layer to layer (Klambauer et al. 2017).

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.selu([0.0, 1.0])
    Tensor([0.    , 1.0507])
    """
    below = np.minimum(x, 0)
    y = _SELU_SCALE * np.where(x > 0, x, _SELU_ALPHA * np.expm1(below))
    return y, lambda dy: dy * (_SELU_SCALE * np.where(x > 0, 1, _SELU_ALPHA * np.exp(below))).astype(x.dtype)


@differentiable
def mish(x: Array):
    """Return ``x * tanh(softplus(x))`` (Misra 2019).

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.mish([0.0, 1.0])
    Tensor([0.    , 0.8651])
    """
    t = np.tanh(log_one_plus_exp(x))
    return x * t, lambda dy: dy * (t + x * (1 - t * t) * logistic(x))


@differentiable
def softsign(x: Array):
    """Return ``x / (1 + |x|)``.

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.softsign([1.0])
    Tensor([0.5])
    """
    r = 1 / (1 + np.abs(x))
    return x * r, lambda dy: dy * r * r


def _refuse_crossed(x: Array, min_val: float, max_val: float) -> None:
    if min_val > max_val:
        raise ValueError(f"hardtanh: min_val is {min_val}, expected at most max_val={max_val}")


@differentiable(takes=dict(x=given(), min_val=number(), max_val=number()), also=_refuse_crossed, integers=True)
def hardtanh(x: Array, min_val: float = -1.0, max_val: float = 1.0):
    """Return `x` cut off below `min_val` and above `max_val`.

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.hardtanh([-3.0, 0.5])
    Tensor([-1. ,  0.5])
    """
    y = np.clip(x, min_val, max_val).astype(x.dtype)
    return y, lambda dy: np.where((x > min_val) & (x < max_val), dy, dy.dtype.type(0))


@differentiable
def hardsigmoid(x: Array):
    """Return ``x / 6 + 1/2`` cut off below 0 and above 1, a sigmoid of straight lines.

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.hardsigmoid([-3.0, 0.0, 6.0])
    Tensor([0. , 0.5, 1. ])
    """
    y = np.clip(x / 6 + 0.5, 0, 1).astype(x.dtype)
    return y, lambda dy: np.where((x > -3) & (x < 3), dy / 6, dy.dtype.type(0))


@differentiable
def hardswish(x: Array):
    """Return ``x * hardsigmoid(x)`` (Howard et al. 2019).

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.hardswish([-3.0, 0.0, 6.0])
    Tensor([-0.,  0.,  6.])
    """
    gate = np.clip(x / 6 + 0.5, 0, 1).astype(x.dtype)
    return x * gate, lambda dy: np.where(x <= -3, dy.dtype.type(0), np.where(x >= 3, dy, dy * (x / 3 + 0.5)))


@differentiable
def logsigmoid(x: Array):
    """Return ``log(sigmoid(x))``, without overflow.

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.logsigmoid([0.0])
    Tensor([-0.6931])
    """
    return np.minimum(x, 0) - np.log1p(np.exp(-np.abs(x))), lambda dy: dy * logistic(-x)


@differentiable(takes=dict(x=given(), dim=axis()), method="softmax", compiled="activations.softmax")
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
    >>> from nnlite import functional as F
    >>> F.softmax([0.0, 0.0])
    Tensor([0.5, 0.5])
    """
    e = np.exp(x - np.max(x, axis=dim, keepdims=True, initial=-np.inf))
    y = e / np.sum(e, axis=dim, keepdims=True)

    def vjp(dy):
        return y * (dy - np.sum(dy * y, axis=dim, keepdims=True))

    return y, vjp


@differentiable(takes=dict(x=given(), dim=axis()), method="log_softmax", compiled="activations.log_softmax")
def log_softmax(x: Array, dim: int = -1):
    """Return the logarithms of softmax: ``y_i = x_i - log(sum_j exp(x_j))``, without overflow or logarithms of 0.

    The logarithm of the softmax would be -inf where a probability is too small for the dtype. So the largest score is
    subtracted first, and the probabilities themselves are never formed.

    Parameters
    ----------
    x : array of any shape
        The scores.
    dim : int
        The axis along which the probabilities exp(y) add up to 1.

    Returns
    -------
    y : array of the shape of `x`
    vjp : function
        ``vjp(dy)`` maps the gradient with respect to `y` to the gradient with respect to `x`,
        ``dx_i = dy_i - exp(y_i) sum_j dy_j``.

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.log_softmax([0.0, 0.0])
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
    >>> from nnlite import functional as F
    >>> F.glu([2.0, 0.0])
    Tensor([1.])
    """
    a, b = _halves("glu", x, dim)
    return a * sigmoid(b)


def swiglu(x: Any, dim: int = -1) -> Tensor:
    """Return ``silu(a) * b`` for the two halves a, b of `x` along `dim` (Shazeer 2020).

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.swiglu([0.0, 2.0])
    Tensor([0.])
    """
    a, b = _halves("swiglu", x, dim)
    return silu(a) * b


def _halves(name: str, x: Any, dim: int) -> tuple[Tensor, ...]:
    x = as_tensor(x, f"{name}: x")
    if x.ndim == 0 or x.shape[arguments.axis(dim, x.ndim, f"{name}: dim")] % 2:
        raise ValueError(f"{name}: x has shape {x.shape}, expected an even length along dim {dim}")
    return x.split([x.shape[dim] // 2] * 2, dim)


def softmin(x: Any, dim: int = -1) -> Tensor:
    """Return ``softmax(-x)``: the smallest score gets the largest probability.

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.softmin([0.0, 0.0])
    Tensor([0.5, 0.5])
    """
    x = as_tensor(x, "softmin: x")
    arguments.axis(dim, x.ndim, "softmin: dim")
    return softmax(0 - x, dim)  # -x would refuse booleans
