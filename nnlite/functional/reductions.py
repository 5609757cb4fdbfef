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
from nnlite.contracts import axes, axis, flag, given, integer, number, real_dtype
from nnlite.differentiable import composed, differentiable
from nnlite.functional.elementwise import maximum, minimum
from nnlite.functional.shapes import gather
from nnlite.tensor import Tensor, as_plain

Dim = int | tuple[int, ...] | None

OVER = dict(x=given(), dim=axes(), keepdim=flag)
ALONG = dict(x=given(), dim=axis() | None, keepdim=flag)
DTYPE = dict(dtype=real_dtype() | None)


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
    over, shape = _axes(x, dim), x.shape
    y = np.sum(x, axis=over, keepdims=keepdim)

    def vjp(dy):
        kept = dy if keepdim else np.expand_dims(dy, over)  # the axes that were lost, with length 1
        return np.broadcast_to(kept, shape)

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
    n, over, shape = _count(x, dim), _axes(x, dim), x.shape
    with np.errstate(invalid="ignore"):
        y = np.sum(x, axis=over, keepdims=keepdim) / np.asarray(n, x.dtype)
    return y, lambda dy: np.broadcast_to((dy if keepdim else np.expand_dims(dy, over)) / max(n, 1), shape)


class _Correction(number):
    """A number >= 0, or True for 1 and False for 0."""

    def convert(self, value: Any, name: str) -> float:
        return float(value) if isinstance(value, bool | np.bool_) else super().convert(value, name)


SPREAD = dict(**OVER, correction=_Correction(0), unbiased=flag | None)


def _one_correction(name: str) -> Any:
    def check(x: Array, dim: Dim, correction: float, keepdim: bool, unbiased: bool | None) -> None:
        if unbiased is not None and correction not in {1, float(unbiased)}:
            raise ValueError(f"{name}: unbiased is {unbiased} and correction {correction:g}, expected one of them")

    return check


@differentiable(takes=SPREAD, also=_one_correction("var"), method="var")
def var(x: Array, dim: Dim = None, correction: float = 1, keepdim: bool = False, unbiased: bool | None = None):
    """Return the variance over `dim`, with ``n - correction`` in the denominator.

    A `correction` of 1 makes it unbiased; with 0 it is the mean square. ``unbiased=True`` and ``False`` are other names
    for the two, and stand for `correction` too.

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.var([1.0, 2.0, 3.0])
    Tensor(1.)
    """
    correction = correction if unbiased is None else float(unbiased)
    n = max(_count(x, dim) - correction, 0)
    over = _axes(x, dim)
    with np.errstate(divide="ignore", invalid="ignore"):
        centred = x - np.sum(x, axis=_axes(x, dim), keepdims=True) / np.asarray(max(_count(x, dim), 1), x.dtype)
        y = np.sum(centred * centred, axis=_axes(x, dim), keepdims=keepdim) / np.asarray(n, x.dtype)

    def vjp(dy):
        with np.errstate(divide="ignore", invalid="ignore"):
            kept = dy if keepdim else np.expand_dims(dy, over)
            return kept * centred * (2 / np.asarray(n, centred.dtype))

    return y, vjp


@differentiable(takes=SPREAD, also=_one_correction("std"), method="std")
def std(x: Array, dim: Dim = None, correction: float = 1, keepdim: bool = False, unbiased: bool | None = None):
    """Return the standard deviation, the square root of :func:`var`; where it is 0, so is the gradient.

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.std([1.0, 2.0, 3.0])
    Tensor(1.)
    """
    variance, back = var.value_and_vjp(x, dim, correction, keepdim, unbiased)
    y = np.sqrt(variance)

    def vjp(dy):
        with np.errstate(divide="ignore", invalid="ignore"):
            return back(np.where(y == 0, 0, dy / (2 * y)).astype(y.dtype))

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
    """What ``max`` and ``min`` over one axis return, and ``sort`` and ``topk``.

    Attributes
    ----------
    values : Tensor
        The elements found: the largest or smallest, or all of them in order.
    indices : Tensor
        Where each stands on the axis.
    """

    values: Tensor
    indices: Tensor


def max_(x: Any, dim: Any = None, keepdim: bool = False, other: Any = None) -> Any:
    """Return the largest element of all, or ``(values, indices)`` along one axis.

    With a Tensor or an array as the second argument, or as `other`, it is :func:`maximum`.

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.max([[1.0, 5.0], [3.0, 4.0]], dim=1).indices
    Tensor([1, 1], dtype=int64)
    """
    if other is not None or isinstance(dim, Tensor | np.ndarray):
        return maximum(x, _the_other("max", x, dim, keepdim, other))
    return _max(x, dim, keepdim)


def min_(x: Any, dim: Any = None, keepdim: bool = False, other: Any = None) -> Any:
    """Return the smallest element of all, or ``(values, indices)`` along one axis.

    With a Tensor or an array as the second argument, or as `other`, it is :func:`minimum`.

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.min([[1.0, 5.0], [3.0, 4.0]], dim=1).values
    Tensor([1., 3.])
    """
    if other is not None or isinstance(dim, Tensor | np.ndarray):
        return minimum(x, _the_other("min", x, dim, keepdim, other))
    return _min(x, dim, keepdim)


Tensor.max, Tensor.min = max_, min_  # type: ignore[method-assign, assignment]


def _the_other(name: str, x: Any, dim: Any, keepdim: Any, other: Any) -> Any:
    if keepdim is not False or (dim is not None and other is not None):
        raise ValueError(f"{name}: other stands beside dim or keepdim, expected either it or them")
    other = dim if other is None else other
    first, second = (arguments.numeric_array(as_plain(a), f"{name}: {b}") for a, b in ((x, "x"), (other, "other")))
    arguments.broadcastable(name, x=first, other=second)
    return other


@composed(takes=ALONG, also=_not_empty("max"))
def _max(x: Any, dim: int | None = None, keepdim: bool = False) -> Any:
    return _largest(amax, np.argmax, x, dim, keepdim)


@composed(takes=ALONG, also=_not_empty("min"))
def _min(x: Any, dim: int | None = None, keepdim: bool = False) -> Any:
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


@composed(takes=dict(x=given(), dim=axis(), descending=flag, stable=flag), method="sort")
def sort(x: Any, dim: int = -1, descending: bool = False, stable: bool = False) -> ValuesIndices:
    """Return the elements in rising order along `dim`, and where each was: ``(values, indices)``.

    NaN counts as the largest. Equal elements keep their order, whether `stable` is asked for or not.

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.sort([3.0, 1.0, 2.0]).values
    Tensor([1., 2., 3.])
    """
    return _picked(x, dim, _order(x.data, dim, descending))


def _check_topk(x: Tensor, k: int, dim: int, largest: bool, sorted: bool) -> None:
    length = x.shape[dim] if x.ndim else 1
    if k > length:
        raise ValueError(f"topk: k is {k}, expected at most {length}, the length of x {x.shape} along dim {dim}")


@composed(takes=dict(x=given(), k=integer(0), dim=axis(), largest=flag, sorted=flag), also=_check_topk, method="topk")
def topk(x: Any, k: int, dim: int = -1, largest: bool = True, sorted: bool = True) -> ValuesIndices:
    """Return the `k` largest elements along `dim` (or the smallest), and where each was: ``(values, indices)``.

    They come in order, whether `sorted` is asked for or not. NaN counts as the largest.

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.topk([3.0, 1.0, 2.0], 2)
    ValuesIndices(values=Tensor([3., 2.]), indices=Tensor([0, 2], dtype=int64))
    """
    order = _order(x.data, dim, largest)
    if x.ndim:
        order = order[(slice(None),) * (dim % x.ndim) + (slice(k),)]
    elif k == 0:
        return ValuesIndices(x.reshape(1)[:0], Tensor(np.zeros(0, np.int64)))
    return _picked(x, dim, order)


def _order(x: Array, dim: int, descending: bool) -> Array:
    """Where the elements come from in sorted order, equal ones in the order in which they stand."""
    if x.ndim == 0:
        return np.zeros((), np.int64)
    if not descending:
        return np.argsort(x, dim, kind="stable")
    return np.flip(x.shape[dim] - 1 - np.argsort(np.flip(x, dim), dim, kind="stable"), dim)


def _picked(x: Tensor, dim: int, order: Array) -> ValuesIndices:
    return ValuesIndices(gather(x, dim, order), Tensor(np.asarray(order)))


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


def _summand(x: Array, dtype: Any) -> Array:
    """The numbers as they are added or multiplied: integers and booleans as int64, which a long sum does not leave."""
    if dtype is not None:
        return x.astype(dtype)
    return x if x.dtype.kind == "f" else x.astype(np.int64)


@differentiable(takes=ALONG | DTYPE, method="prod", integers=True)
def prod(x: Array, dim: int | None = None, keepdim: bool = False, dtype: Any = None):
    """Return the product over one axis, or over everything, of the numbers cast to `dtype` if one is given.

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.prod([[1.0, 2.0], [3.0, 4.0]], dim=1)
    Tensor([ 2., 12.])
    """
    x = _summand(x, dtype)
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


@differentiable(takes=dict(x=given(), dim=axis(), **DTYPE), method="cumsum", integers=True)
def cumsum(x: Array, dim: int, dtype: Any = None):
    """Return the running sum along `dim`, of the numbers cast to `dtype` if one is given.

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.cumsum([1.0, 2.0, 3.0], 0)
    Tensor([1., 3., 6.])
    """
    x = _summand(x, dtype)
    if x.ndim == 0:
        return x.copy(), lambda dy: dy
    return np.cumsum(x, axis=dim, dtype=x.dtype), lambda dy: np.flip(np.cumsum(np.flip(dy, dim), dim), dim)


@differentiable(takes=dict(x=given(), dim=axis(), **DTYPE), method="cumprod")
def cumprod(x: Array, dim: int, dtype: Any = None):
    """Return the running product along `dim`, of the numbers cast to `dtype` if one is given.

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.cumprod([1.0, 2.0, 3.0], 0)
    Tensor([1., 2., 6.])
    """
    x = x if dtype is None else x.astype(dtype)
    if x.ndim == 0:
        return x.copy(), lambda dy: dy
    rows = np.moveaxis(x, dim, -1)  # (..., T)
    y = np.cumprod(rows, -1, dtype=rows.dtype)

    def vjp(dy):
        # dy_t/dx_s is the product of all x up to t but x_s: run backwards through the chain y_t = y_{t-1} x_t
        up = np.moveaxis(dy, dim, -1)
        dx = np.zeros_like(rows)
        carry = np.zeros(rows.shape[:-1], rows.dtype)
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
