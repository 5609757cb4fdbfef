"""Normalisation: a group of numbers is shifted and scaled to mean 0 and variance 1; `weight` and `bias` can undo it.

    x_hat = (x - mean) / sqrt(var + eps)        y = weight * x_hat + bias

With g = dy * weight the gradient loses its mean and its part along x_hat:
dx = (g - mean(g) - x_hat * mean(g * x_hat)) / sqrt(var + eps).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from nnlite import arguments
from nnlite.arguments import Array, broadcastable, real_array, shape_is
from nnlite.contracts import anything, axes, flag, given, integer, integer_tuple, number
from nnlite.differentiable import composed, differentiable
from nnlite.tensor import Tensor


def _ends_in(x: Array, normalized_shape: tuple[int, ...], name: str) -> None:
    n = len(normalized_shape)
    if n == 0 or x.shape[-n:] != normalized_shape:
        raise ValueError(f"{name}: x has shape {x.shape}, expected it to end in normalized_shape {normalized_shape}")


# "..." are the axes of normalized_shape
LAST = dict(normalized_shape=integer_tuple(1, letter="..."), x=given(), weight=given("...") | None, eps=number(0))


@differentiable(
    takes=dict(**LAST, bias=given("...") | None),
    also=lambda x, normalized_shape, *others: _ends_in(x, normalized_shape, "layer_norm"),
    compiled="normalization.layer_norm",
)
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
    >>> from nnlite import functional as F
    >>> F.layer_norm([1.0, 3.0], 2)
    Tensor([-1.,  1.])
    """
    last = tuple(range(-len(normalized_shape), 0))
    first = tuple(range(x.ndim - len(last)))
    mean = x.mean(last, keepdims=True)
    r = 1 / np.sqrt(x.var(last, keepdims=True) + np.asarray(eps, x.dtype))
    x_hat = (x - mean) * r
    y = x_hat.copy() if weight is None else x_hat * weight  # the vjp keeps x_hat
    y = y if bias is None else y + bias

    def vjp(dy, needs):
        g = dy if weight is None else dy * weight
        dx = r * (g - g.mean(last, keepdims=True) - x_hat * (g * x_hat).mean(last, keepdims=True))
        dweight = (dy * x_hat).sum(first) if needs[1] else None
        dbias = dy.sum(first) if needs[2] else None
        return dx, dweight, dbias

    return y, vjp


@differentiable(
    takes=LAST,
    also=lambda x, normalized_shape, *others: _ends_in(x, normalized_shape, "rms_norm"),
    compiled="normalization.rms_norm",
    spares=dict(weight="weight"),
)
def rms_norm(x: Array, normalized_shape: Any, weight: Array | None = None, eps: float = 1e-5):
    """Divide by the root mean square over the last axes: layer norm without the mean (Zhang and Sennrich 2019).

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.rms_norm([3.0, 3.0], 2)
    Tensor([1., 1.])
    """
    last = tuple(range(-len(normalized_shape), 0))
    first = tuple(range(x.ndim - len(last)))
    r = 1 / np.sqrt((x * x).mean(last, keepdims=True) + np.asarray(eps, x.dtype))
    x_hat = x * r

    def vjp(dy, needs):
        g = dy if weight is None else dy * weight
        dx = r * (g - x_hat * (g * x_hat).mean(last, keepdims=True))
        return dx, (dy * x_hat).sum(first) if needs[1] else None

    return x_hat.copy() if weight is None else x_hat * weight, vjp


def _divides(x: Array, num_groups: int, *others: Any) -> None:
    if x.shape[1] % num_groups:
        raise ValueError(f"group_norm: x has shape {x.shape}, expected C to be a multiple of {num_groups} groups")


CHANNELS = dict(x=given("N C ..."), weight=given("C") | None, bias=given("C") | None, eps=number(0))


@differentiable(takes=dict(**CHANNELS, num_groups=integer(1)), also=_divides, compiled="normalization.group_norm")
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
    >>> from nnlite import functional as F
    >>> F.group_norm([[1.0, 3.0]], 1)
    Tensor([[-1.,  1.]])
    """
    n, c = x.shape[:2]
    if x.size == 0:  # the mean of nothing
        return x.copy(), lambda dy, needs: (dy, *(np.zeros(c, dy.dtype) if need else None for need in needs[1:]))
    groups = x.reshape(n, num_groups, math.prod(x.shape[1:]) // num_groups)  # (N, G, C/G ...)
    mean = groups.mean(2, keepdims=True)
    r = 1 / np.sqrt(groups.var(2, keepdims=True) + np.asarray(eps, x.dtype))
    x_hat = ((groups - mean) * r).reshape(x.shape)
    column = (c,) + (1,) * (x.ndim - 2)  # per-channel parameters against (N, C, ...)
    others = (0, *range(2, x.ndim))
    y = x_hat.copy() if weight is None else x_hat * weight.reshape(column)
    y = y if bias is None else y + bias.reshape(column)

    def vjp(dy, needs):
        g = (dy if weight is None else dy * weight.reshape(column)).reshape(n, num_groups, -1)
        h = x_hat.reshape(g.shape)
        dx = r * (g - g.mean(2, keepdims=True) - h * (g * h).mean(2, keepdims=True))
        dweight = (dy * x_hat).sum(others) if needs[1] else None
        dbias = dy.sum(others) if needs[2] else None
        return dx.reshape(dy.shape), dweight, dbias

    return y, vjp


def _check_batch_norm(x, running_mean, running_var, weight, bias, training, momentum, eps):
    if not training and (running_mean is None or running_var is None):
        raise ValueError("batch_norm: running_mean and running_var are needed when training is False")
    if training and x.size // max(x.shape[1], 1) <= 1:
        raise ValueError(f"batch_norm: x has shape {x.shape}, expected more than one value per channel when training")
    _check_running("batch_norm", x, running_mean, running_var, training)


def _check_running(name: str, x: Any, running_mean: Any, running_var: Any, changed: bool) -> None:
    """Raise unless these are one number for each channel, in arrays if they are to be changed in place."""
    for parameter, value in {"running_mean": running_mean, "running_var": running_var}.items():
        if value is None:
            continue
        if changed and not (isinstance(value, np.ndarray) and value.dtype.kind == "f" and value.flags.writeable):
            raise TypeError(
                f"{name}: {parameter} is a {type(value).__name__}, expected an array of floats that may be changed"
            )
        value = real_array(value, f"{name}: {parameter}")
        shape_is(value, f"{name}: {parameter}", x.shape[1:2], f"as channels of x {x.shape}")


RUNNING = dict(running_mean=anything(changed=True), running_var=anything(changed=True), momentum=number(0, 1))


@differentiable(takes=dict(**CHANNELS, training=flag, **RUNNING), also=_check_batch_norm)
def batch_norm(
    x: Array,
    running_mean: Any,
    running_var: Any,
    weight: Array | None = None,
    bias: Array | None = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
):
    """Normalise each channel over the batch (Ioffe and Szegedy 2015).

    Parameters
    ----------
    x : (N, C, ...)
    running_mean, running_var : (C,) or None
        The averages over the batches seen, used when `training` is False and updated **in place** when it is True:
        ``running = (1 - momentum) running + momentum batch`` (with the unbiased variance).
    weight, bias : (C,), optional
    training : bool
        Whether to normalise with the statistics of this batch.
    momentum, eps : float
        The share of a batch in the running averages; what is added to the variance.

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.batch_norm([[1.0], [3.0]], None, None, training=True)
    Tensor([[-1.],
            [ 1.]])
    """
    others = (0, *range(2, x.ndim))
    column = (x.shape[1],) + (1,) * (x.ndim - 2)
    n = x.size // max(x.shape[1], 1)
    if training:
        mean, var = x.mean(others), x.var(others)
        for running, batch in ((running_mean, mean), (running_var, var * (n / max(n - 1, 1)))):
            if running is not None:
                running *= 1 - momentum
                running += momentum * batch
    else:
        mean, var = np.asarray(running_mean, x.dtype), np.asarray(running_var, x.dtype)
    r = (1 / np.sqrt(var + np.asarray(eps, x.dtype))).reshape(column)
    x_hat = (x - mean.reshape(column)) * r
    y = x_hat.copy() if weight is None else x_hat * weight.reshape(column)
    y = y if bias is None else y + bias.reshape(column)

    def vjp(dy, needs):
        g = dy if weight is None else dy * weight.reshape(column)
        if training:
            means = g.mean(others, keepdims=True), (g * x_hat).mean(others, keepdims=True)
            dx = r * (g - means[0] - x_hat * means[1])
        else:
            dx = r * g
        return dx, (dy * x_hat).sum(others) if needs[1] else None, dy.sum(others) if needs[2] else None

    return y, vjp


def _check_instance_norm(x, running_mean, running_var, weight, bias, use_input_stats, momentum, eps):
    if not use_input_stats and (running_mean is None or running_var is None):
        raise ValueError("instance_norm: running_mean and running_var are needed when use_input_stats is False")
    if use_input_stats and math.prod(x.shape[2:]) <= 1:
        raise ValueError(f"instance_norm: x has shape {x.shape}, expected more than one value per channel and picture")
    _check_running("instance_norm", x, running_mean, running_var, use_input_stats)


@composed(
    takes=dict(CHANNELS, x=given("N C>0 L ..."), use_input_stats=flag, momentum=number(0, 1)),
    also=_check_instance_norm,
)
def instance_norm(
    x: Any,
    running_mean: Any = None,
    running_var: Any = None,
    weight: Any = None,
    bias: Any = None,
    use_input_stats: bool = True,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    """Normalise each channel of each picture by itself (Ulyanov et al. 2016): group norm with one channel a group.

    With ``use_input_stats=False`` the running averages are used instead, as in batch norm.

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.instance_norm([[[1.0, 3.0]]])
    Tensor([[[-1.,  1.]]])
    """
    if not use_input_stats:
        return batch_norm(x, running_mean, running_var, weight, bias, False, momentum, eps)
    others = tuple(range(2, x.ndim))
    if running_mean is not None and len(x):
        running_mean += momentum * (x.data.mean(others).mean(0) - running_mean)
    if running_var is not None and len(x):
        running_var += momentum * (x.data.var(others, ddof=1).mean(0) - running_var)
    return group_norm(x, x.shape[1], weight, bias, eps)


def _has_largest(name: str) -> Any:
    def check(x: Any, p: float, dim: Any, *others: Any) -> None:
        if p == math.inf and x.ndim and any(x.shape[d] == 0 for d in arguments.axes(dim, x.ndim, "dim")):
            raise ValueError(f"{name}: x has shape {x.shape}, expected at least one element along dim {dim} for p=inf")

    return check


LENGTH = dict(x=given(), p=number(0, infinite=True), dim=axes())


@differentiable(takes=dict(**LENGTH, keepdim=flag), also=_has_largest("norm"), method="norm")
def norm(x: Array, p: float = 2.0, dim: Any = None, keepdim: bool = False):
    """Return the length ``(sum |x|^p)^(1/p)`` over `dim`, for ``p=inf`` the largest ``|x|``.

    For ``p=0`` it is the number of elements that are not 0, and its gradient is 0. The gradient of an element that is 0
    is 0; equal largest elements share the gradient. The gradient of NaN is NaN, where PyTorch gives 0 for some p.

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.norm([3.0, 4.0])
    Tensor(5.)
    """
    over = arguments.axes(dim, x.ndim, "norm: dim") if x.ndim else ()
    if p == 0:
        shape = x.shape
        return (x != 0).sum(over, keepdims=keepdim).astype(x.dtype), lambda dy: np.zeros(shape, dy.dtype)
    size = np.abs(x)
    with np.errstate(over="ignore", under="ignore", divide="ignore", invalid="ignore"):
        if p == math.inf:
            y = size.max(over, keepdims=True)
        elif p == 2:
            y = np.sqrt((x * x).sum(over, keepdims=True))
        else:
            y = (size**p).sum(over, keepdims=True) ** (1 / p)
    y = y.astype(x.dtype)

    def vjp(dy):
        dy = dy if keepdim or x.ndim == 0 else np.expand_dims(dy, over)
        with np.errstate(over="ignore", under="ignore", divide="ignore", invalid="ignore"):
            if p == math.inf:
                winners = np.sign(x) * (size == y)
                return (dy * winners / (size == y).sum(over, keepdims=True)).astype(x.dtype)
            slope = np.where((size == 0) | (y == 0), 0, np.sign(x) * (size / y) ** (p - 1))
            return (dy * slope).astype(x.dtype)

    return y if keepdim or x.ndim == 0 else np.squeeze(y, over), vjp


@composed(takes=dict(**LENGTH, eps=number(0)), also=_has_largest("normalize"))
def normalize(x: Any, p: float = 2.0, dim: Any = 1, eps: float = 1e-12) -> Tensor:
    """Return `x` divided by its length along `dim`, which counts as at least `eps`.

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.normalize([[3.0, 4.0]])
    Tensor([[0.6, 0.8]])
    """
    return x / norm(x, p, dim, True).clamp(eps)


@composed(takes=dict(x1=given(), x2=given(), eps=number(0)))
def cosine_similarity(x1: Any, x2: Any, dim: int = 1, eps: float = 1e-8) -> Tensor:
    """Return the cosine of the angle between `x1` and `x2` along `dim`; lengths count as at least `eps`.

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.cosine_similarity([[1.0, 0.0]], [[0.6, 0.8]])
    Tensor([0.6])
    """
    common = broadcastable("cosine_similarity", x1=x1.data, x2=x2.data)
    d = arguments.axis(dim, len(common), "cosine_similarity: dim")
    x1, x2 = (x if x.shape == common else x.expand(common) for x in (x1, x2))
    lengths = norm(x1, 2.0, d, True).clamp(eps), norm(x2, 2.0, d, True).clamp(eps)
    return ((x1 / lengths[0]) * (x2 / lengths[1])).sum(d)
