"""Reductions: many elements become one, along all axes or the chosen ones.

The vjp of a sum spreads the upstream gradient back over what was summed; all others are variations of it. ``dim=()``
reduces over no axis, as in NumPy (PyTorch takes it for all).
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from nnlite import arguments
from nnlite.arguments import Array
from nnlite.contracts import axes, axis, flag, given, number
from nnlite.differentiable import composed, differentiable
from nnlite.functional.shapes import gather
from nnlite.tensor import Tensor

Dim = int | tuple[int, ...] | None

OVER = dict(x=given(), dim=axes(), keepdim=flag)
ALONG = dict(x=given(), dim=axis() | None, keepdim=flag)


@differentiable(takes=OVER, method="sum", integers=True)
def sum_(x: Array, dim: Dim = None, keepdim: bool = False):
    """Return the sum over `dim`, an axis or several, or over everything.

    Parameters
    ----------
    x : array of any shape
        The numbers to add.
    dim : int, tuple of int or None
        The axis or axes to sum over, counted from the end where negative; None means all of them.
    keepdim : bool
        Whether the axes that were summed over stay, with length 1.

    Returns
    -------
    y : array
        The sums: `x` without the axes `dim`, or with length 1 there if `keepdim`.
    vjp : function
        ``vjp(dy)`` maps the gradient with respect to `y` to the gradient with respect to `x`, of the shape of `x`.

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.sum([[1.0, 2.0], [3.0, 4.0]], dim=0)
    Tensor([4., 6.])
    """
    over = _axes(x, dim)
    y = np.sum(x, axis=over, keepdims=keepdim)

    def vjp(dy):
        kept = dy if keepdim else np.expand_dims(dy, over)  # the axes that were lost, with length 1
        return np.broadcast_to(kept, x.shape)

    return y, vjp


@differentiable(takes=OVER, method="mean")
def mean(x: Array, dim: Dim = None, keepdim: bool = False):
    """Return the mean over `dim`; the mean of no elements is NaN.

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.mean([[1.0, 2.0], [3.0, 4.0]])
    Tensor(2.5)
    """
    n = _count(x, dim)
    with np.errstate(invalid="ignore"):
        y = np.sum(x, axis=_axes(x, dim), keepdims=keepdim) / np.asarray(n, x.dtype)
    return y, lambda dy: np.broadcast_to(_spread(dy, x, dim, keepdim) / max(n, 1), x.shape)


@differentiable(takes=dict(**OVER, correction=number(0)), method="var")
def var(x: Array, dim: Dim = None, correction: float = 1, keepdim: bool = False):
    """Return the variance over `dim`, with ``n - correction`` in the denominator.

    A `correction` of 1 makes it unbiased; with 0 it is the mean square.

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.var([1.0, 2.0, 3.0])
    Tensor(1.)
    """
    n = max(_count(x, dim) - correction, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        centred = x - np.sum(x, axis=_axes(x, dim), keepdims=True) / np.asarray(max(_count(x, dim), 1), x.dtype)
        y = np.sum(centred * centred, axis=_axes(x, dim), keepdims=keepdim) / np.asarray(n, x.dtype)

    def vjp(dy):
        with np.errstate(divide="ignore", invalid="ignore"):
            return _spread(dy, x, dim, keepdim) * centred * (2 / np.asarray(n, x.dtype))

    return y, vjp


@differentiable(takes=dict(**OVER, correction=number(0)), method="std")
def std(x: Array, dim: Dim = None, correction: float = 1, keepdim: bool = False):
    """Return the standard deviation, the square root of :func:`var`; where it is 0, so is the gradient.

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.std([1.0, 2.0, 3.0])
    Tensor(1.)
    """
    variance, back = var.value_and_vjp(x, dim, correction, keepdim)
    y = np.sqrt(variance)

    def vjp(dy):
        with np.errstate(divide="ignore", invalid="ignore"):
            return back(np.where(y == 0, 0, dy / (2 * y)).astype(x.dtype))

    return y, vjp


def _not_empty(name: str) -> Any:
    def check(x: Any, dim: Dim, keepdim: bool) -> None:
        if x.ndim and any(x.shape[d] == 0 for d in _axes(x, dim)):
            raise ValueError(f"{name}: x has shape {x.shape}, expected at least one element along dim {dim}")

    return check


def _extreme(x: Array, dim: Dim, keepdim: bool, reduce: Any) -> Any:
    y = reduce(x, axis=_axes(x, dim), keepdims=keepdim)

    def vjp(dy):
        winners = (x == _spread(y, x, dim, keepdim)).astype(x.dtype)
        with np.errstate(invalid="ignore"):  # NaN equals nothing: there is no winner, and the gradient is NaN
            return _spread(dy, x, dim, keepdim) * winners / winners.sum(axis=_axes(x, dim), keepdims=True)

    return y, vjp


@differentiable(takes=OVER, also=_not_empty("amax"), method="amax", integers=True)
def amax(x: Array, dim: Dim = None, keepdim: bool = False):
    """Return the largest element over `dim`, NaN if any is NaN; equal ones share the gradient.

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.amax([[1.0, 5.0], [3.0, 4.0]], dim=1)
    Tensor([5., 4.])
    """
    return _extreme(x, dim, keepdim, np.max)


@differentiable(takes=OVER, also=_not_empty("amin"), method="amin", integers=True)
def amin(x: Array, dim: Dim = None, keepdim: bool = False):
    """Return the smallest element over `dim`, NaN if any is NaN; equal ones share the gradient.

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.amin([[1.0, 5.0], [3.0, 4.0]], dim=1)
    Tensor([1., 3.])
    """
    return _extreme(x, dim, keepdim, np.min)


class ValuesIndices(NamedTuple):
    """What ``max`` and ``min`` over one axis return.

    Attributes
    ----------
    values : Tensor
        The largest or the smallest elements.
    indices : Tensor
        Where each stands on the axis.
    """

    values: Tensor
    indices: Tensor


@composed(takes=ALONG, also=_not_empty("max"), method="max")
def max_(x: Any, dim: int | None = None, keepdim: bool = False) -> Any:
    """Return the largest element of all, or ``(values, indices)`` along one axis.

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.max([[1.0, 5.0], [3.0, 4.0]], dim=1).indices
    Tensor([1, 1], dtype=int64)
    """
    return _largest(amax, np.argmax, x, dim, keepdim)


@composed(takes=ALONG, also=_not_empty("min"), method="min")
def min_(x: Any, dim: int | None = None, keepdim: bool = False) -> Any:
    """Return the smallest element of all, or ``(values, indices)`` along one axis.

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.min([[1.0, 5.0], [3.0, 4.0]], dim=1).values
    Tensor([1., 3.])
    """
    return _largest(amin, np.argmin, x, dim, keepdim)


def _largest(reduce: Any, find: Any, x: Tensor, dim: int | None, keepdim: bool) -> Any:
    if dim is None:
        return reduce(x)
    d = arguments.axis(dim, x.ndim, "dim")
    indices = find(x.data, axis=d, keepdims=True)
    values = gather(x, d, indices)
    if not keepdim:
        values, indices = values.squeeze(d), np.squeeze(indices, d)
    return ValuesIndices(values, Tensor(indices))


def _has_an_element(name: str) -> Any:
    def check(x: Tensor, dim: int | None, keepdim: bool) -> None:
        if x.data.size == 0:
            raise ValueError(f"{name}: x has shape {x.shape}, expected at least one element")

    return check


@composed(takes=ALONG, also=_has_an_element("argmax"), method="argmax")
def argmax(x: Any, dim: int | None = None, keepdim: bool = False) -> Tensor:
    """Return the index of the largest element, in the flattened array or along `dim`; it has no gradient.

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.argmax([[1.0, 5.0], [3.0, 4.0]])
    Tensor(1, dtype=int64)
    """
    return Tensor(np.asarray(np.argmax(x.data, axis=dim, keepdims=keepdim)))


@composed(takes=ALONG, also=_has_an_element("argmin"), method="argmin")
def argmin(x: Any, dim: int | None = None, keepdim: bool = False) -> Tensor:
    """Return the index of the smallest element, in the flattened array or along `dim`; it has no gradient.

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.argmin([[1.0, 5.0], [3.0, 4.0]])
    Tensor(0, dtype=int64)
    """
    return Tensor(np.asarray(np.argmin(x.data, axis=dim, keepdims=keepdim)))


@differentiable(takes=OVER, method="logsumexp")
def logsumexp(x: Array, dim: Dim = None, keepdim: bool = False):
    """Return ``log(sum(exp(x)))`` over `dim`, without overflow.

    Where all are -inf the value is -inf and the gradient 0 (PyTorch's is NaN).

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.logsumexp([1000.0, 1000.0])
    Tensor(1000.6932)
    """
    over = _axes(x, dim)
    m = np.max(x, axis=over, keepdims=True, initial=-np.inf)
    m = np.where(np.isfinite(m), m, 0).astype(x.dtype)
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        y = np.log(np.sum(np.exp(x - m), axis=over, keepdims=True)) + m

    def vjp(dy):
        with np.errstate(invalid="ignore", over="ignore"):
            share = np.exp(x - np.where(np.isneginf(y), 0, y))
        return _spread(dy, x, dim, keepdim) * share

    return (y if keepdim else np.squeeze(y, over)), vjp


@differentiable(takes=ALONG, method="prod", integers=True)
def prod(x: Array, dim: int | None = None, keepdim: bool = False):
    """Return the product over one axis, or over everything.

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.prod([[1.0, 2.0], [3.0, 4.0]], dim=1)
    Tensor([ 2., 12.])
    """
    dim = None if x.ndim == 0 else dim
    y = np.prod(x, axis=_axes(x, dim), keepdims=keepdim, dtype=x.dtype)

    def vjp(dy):
        # the derivative is the product of all the others: those before times those after, which is right for zeros too
        rows = np.moveaxis(x, dim, -1) if dim is not None else x.reshape(1, -1)
        one = np.ones((*rows.shape[:-1], 1), x.dtype)
        before = np.cumprod(np.concatenate([one, rows[..., :-1]], -1), -1)
        after = np.cumprod(np.concatenate([one, rows[..., :0:-1]], -1), -1)[..., ::-1]
        others = before * after if rows.shape[-1] else rows
        others = np.moveaxis(others, -1, dim) if dim is not None else others.reshape(x.shape)
        return _spread(dy, x, dim, keepdim) * others

    return y, vjp


@differentiable(takes=dict(x=given(), dim=axis()), method="cumsum", integers=True)
def cumsum(x: Array, dim: int):
    """Return the running sum along `dim`.

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.cumsum([1.0, 2.0, 3.0], 0)
    Tensor([1., 3., 6.])
    """
    if x.ndim == 0:
        return x.copy(), lambda dy: dy
    return np.cumsum(x, axis=dim, dtype=x.dtype), lambda dy: np.flip(np.cumsum(np.flip(dy, dim), dim), dim)


@differentiable(takes=dict(x=given(), dim=axis()), method="cumprod")
def cumprod(x: Array, dim: int):
    """Return the running product along `dim`.

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.cumprod([1.0, 2.0, 3.0], 0)
    Tensor([1., 2., 6.])
    """
    if x.ndim == 0:
        return x.copy(), lambda dy: dy
    rows = np.moveaxis(x, dim, -1)  # (..., T)
    y = np.cumprod(rows, -1)

    def vjp(dy):
        # dy_t/dx_s is the product of all x up to t but x_s: run backwards through the chain y_t = y_{t-1} x_t
        up = np.moveaxis(dy, dim, -1)
        dx = np.zeros_like(rows)
        carry = np.zeros(rows.shape[:-1], x.dtype)
        for t in range(rows.shape[-1] - 1, -1, -1):
            carry = carry + up[..., t]
            dx[..., t] = carry * (y[..., t - 1] if t else 1)
            carry = carry * rows[..., t]
        return np.moveaxis(dx, -1, dim)

    return np.moveaxis(y, -1, dim), vjp


def _axes(x: Any, dim: Dim) -> tuple[int, ...]:
    """The axes that `dim` names, counted from 0."""
    return arguments.axes(dim, x.ndim, "dim") if x.ndim else ()


def _count(x: Array, dim: Dim) -> int:
    """How many elements become one."""
    return math.prod(x.shape[d] for d in _axes(x, dim))


def _spread(a: Any, x: Array, dim: Dim, keepdim: bool) -> Array:
    """Give a reduced array its lost axes back, with length 1."""
    return np.asarray(a) if keepdim else np.expand_dims(a, _axes(x, dim))
