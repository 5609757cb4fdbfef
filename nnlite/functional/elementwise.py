"""Arithmetic, element by element: each function beside its derivative.

With y = f(a, b, ...) the vjp multiplies the upstream gradient ``dy`` by the partial derivatives,
``da = dy * df/da``. Broadcasting needs no thought here: the decorator sums over the stretched axes. Nor do the edges:
where a result is too large or undefined it is infinite or NaN, as IEEE 754 says, without a warning.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from nnlite.arguments import Array, any_array, broadcastable
from nnlite.contracts import anything, axes, flag, given, integer, number, real_dtype, word
from nnlite.differentiable import composed, differentiable
from nnlite.tensor import Tensor, as_tensor, is_recording


def _broadcast(name: str) -> Any:
    return lambda x, other: broadcastable(name, x=x, other=other)


def _check_sum(name: str) -> Any:
    def check(x: Array, other: Array, alpha: float) -> None:
        broadcastable(name, x=x, other=other)
        kinds = {x.dtype.kind, other.dtype.kind}
        if name == "sub" and kinds == {"b"}:
            raise TypeError("sub: x and other have dtype bool, expected numbers; != says where they differ")
        if alpha != 1 and "f" not in kinds and (kinds == {"b"} or not alpha.is_integer()):
            raise TypeError(
                f"{name}: alpha is {alpha:g}, expected 1 beside booleans and a whole number beside integers"
            )

    return check


TERMS = dict(x=given(), other=given(), alpha=number())


@differentiable(takes=TERMS, method="__add__ __radd__ add", integers=True, also=_check_sum("add"))
def add(x: Array, other: Array, alpha: float = 1):
    """Return ``x + alpha * other``.

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.add([1.0, 2.0], 3.0)
    Tensor([4., 5.])
    """
    if alpha == 1:
        return x + other, lambda dy, needs: (dy, dy)
    return x + _scaled(other, alpha), lambda dy, needs: (dy, alpha * dy if needs[1] else None)


@differentiable(takes=TERMS, method="__sub__ __rsub__ sub", integers=True, also=_check_sum("sub"))
def sub(x: Array, other: Array, alpha: float = 1):
    """Return ``x - alpha * other``.

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.sub([1.0, 2.0], 3.0)
    Tensor([-2., -1.])
    """
    if alpha == 1:
        return x - other, lambda dy, needs: (dy, -dy if needs[1] else None)
    return x - _scaled(other, alpha), lambda dy, needs: (dy, -alpha * dy if needs[1] else None)


def _scaled(x: Array, alpha: float) -> Array:
    return x * (alpha if x.dtype.kind == "f" else np.asarray(alpha, x.dtype if alpha.is_integer() else float))


@differentiable(method="__mul__ __rmul__ mul", integers=True, also=_broadcast("mul"), spares=dict(x="x", other="other"))
def mul(x: Array, other: Array):
    """Return ``x * other``, element by element.

    Parameters
    ----------
    x, other : arrays of any shapes that broadcast
        The factors.

    Returns
    -------
    y : array
        The product, of the shape to which the two broadcast.
    vjp : function
        ``vjp(dy, needs)`` maps the gradient dL/dy of a loss L to the pair (dL/dx, dL/dother). `needs` is a pair of
        booleans: where it says False, that gradient is not wanted, and None stands in its place. Both gradients have
        the shape of `y`, also where a factor was broadcast: the engine sums them to the factor's shape afterwards.

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.mul([1.0, 2.0], 3.0)
    Tensor([3., 6.])
    """

    def vjp(dy, needs):
        dx = dy * other if needs[0] else None
        dother = dy * x if needs[1] else None
        return dx, dother

    return x * other, vjp


def _refuse_zero_among_integers(name: str, other: Array) -> None:
    if not np.all(other):
        raise ZeroDivisionError(f"{name}: other holds 0, expected none: integers know no infinity")


def _refuse_zeros(x: Array, other: Array, rounding_mode: str | None) -> None:
    broadcastable("div", x=x, other=other)
    if rounding_mode is not None and "f" not in {x.dtype.kind, other.dtype.kind}:
        if x.dtype.kind == other.dtype.kind == "b":
            raise TypeError("div: x and other have dtype bool, expected numbers")
        _refuse_zero_among_integers("div", other)


@differentiable(
    takes=dict(x=given(), other=given(), rounding_mode=word("trunc", "floor") | None),
    method="__truediv__ __rtruediv__ div",
    integers=True,
    also=_refuse_zeros,
    spares=dict(x="x"),
)
def div(x: Array, other: Array, rounding_mode: str | None = None):
    """Return ``x / other``; division by zero gives infinity or NaN, as IEEE 754 says.

    With ``rounding_mode="floor"`` it is rounded down, with ``"trunc"`` towards 0: then integers stay integers, and the
    derivative is 0.

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.div([1.0, 2.0], 4.0)
    Tensor([0.25, 0.5 ])
    """
    if rounding_mode is not None:
        return _rounded_ratio(x, other, rounding_mode), lambda dy, needs: (np.zeros_like(dy), np.zeros_like(dy))
    if "f" not in {x.dtype.kind, other.dtype.kind}:
        x, other = x.astype(np.float32), other.astype(np.float32)

    def vjp(dy, needs):
        return dy / other if needs[0] else None, -dy * (x / other) / other if needs[1] else None

    return x / other, vjp


def _rounded_ratio(x: Array, other: Array, rounding_mode: str) -> Array:
    if "f" in {x.dtype.kind, other.dtype.kind}:
        return np.floor_divide(x, other) if rounding_mode == "floor" else np.trunc(x / other)
    down, rest = np.divmod(x, other)
    return down if rounding_mode == "floor" else down + ((down < 0) & (rest != 0)).astype(down.dtype)


@differentiable(method="__pow__ __rpow__ pow", also=_broadcast("pow"))
def pow_(x: Array, exponent: Array):
    """Return ``x ** exponent``; the gradient with respect to `exponent` is 0 where x is 0 and the exponent >= 0.

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.pow([2.0, 3.0], 2)
    Tensor([4., 9.])
    """
    y = np.power(x, exponent)

    def vjp(dy, needs):
        dx = dexponent = None
        if needs[0]:
            dx = np.where(exponent == 0, 0, dy * exponent * np.power(x, exponent - 1))
        if needs[1]:
            dexponent = np.where((x == 0) & (exponent >= 0), 0, dy * y * np.log(x))
        return dx, dexponent

    return y, vjp


def _refuse_boolean(name: str) -> Any:
    def refuse(x: Array) -> None:
        if x.dtype.kind == "b":
            raise TypeError(f"{name}: x has dtype bool, expected numbers")

    return refuse


@differentiable(method="__neg__ neg", integers=True, also=_refuse_boolean("neg"))
def neg(x: Array):
    """Return ``-x``.

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.neg([1.0])
    Tensor([-1.])
    """
    return -x, lambda dy: -dy


@differentiable(method="__abs__ abs", integers=True)
def abs_(x: Array):
    """Return ``|x|``, with derivative 0 at 0, and NaN at NaN (where PyTorch says 0).

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.abs([-1.0, 2.0])
    Tensor([1., 2.])
    """
    return np.abs(x), lambda dy: dy * np.sign(x)


@differentiable(method="sqrt")
def sqrt(x: Array):
    """Return the square root; NaN below 0.

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.sqrt([4.0])
    Tensor([2.])
    """
    y = np.sqrt(x)
    return y, lambda dy: dy / (2 * y)


@differentiable(method="rsqrt")
def rsqrt(x: Array):
    """Return ``1 / sqrt(x)``.

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.rsqrt([4.0])
    Tensor([0.5])
    """
    y = 1 / np.sqrt(x)
    return y, lambda dy: dy * y * y * y / -2


@differentiable(method="exp")
def exp(x: Array):
    """Return ``e ** x``.

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.exp([0.0])
    Tensor([1.])
    """
    y = np.exp(x)
    return y, lambda dy: dy * y


@differentiable(method="expm1")
def expm1(x: Array):
    """Return ``e ** x - 1``, exact for small `x`.

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.expm1([0.0])
    Tensor([0.])
    """
    y = np.expm1(x)
    return y, lambda dy: dy * np.exp(x)  # y + 1 would lose the digits of small exponentials


@differentiable(method="log")
def log(x: Array):
    """Return the natural logarithm; -inf at 0 and NaN below.

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.log([1.0])
    Tensor([0.])
    """
    y = np.log(x)
    return y, lambda dy: dy / x


@differentiable(method="log1p")
def log1p(x: Array):
    """Return ``log(1 + x)``, exact for small `x`.

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.log1p([0.0])
    Tensor([0.])
    """
    y = np.log1p(x)
    return y, lambda dy: dy / (1 + x)


@differentiable(method="log2")
def log2(x: Array):
    """Return the logarithm to base 2; -inf at 0 and NaN below.

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.log2([8.0])
    Tensor([3.])
    """
    y = np.log2(x)
    return y, lambda dy: dy / (x * math.log(2))


@differentiable(method="sin")
def sin(x: Array):
    """Return the sine of angles in radians.

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.sin([0.0])
    Tensor([0.])
    """
    y, slope = np.sin(x), np.cos(x)
    return y, lambda dy: dy * slope


@differentiable(method="cos")
def cos(x: Array):
    """Return the cosine of angles in radians.

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.cos([0.0])
    Tensor([1.])
    """
    y, slope = np.cos(x), -np.sin(x)
    return y, lambda dy: dy * slope


@differentiable(method="tan")
def tan(x: Array):
    """Return the tangent of angles in radians.

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.tan([0.0])
    Tensor([0.])
    """
    y = np.tan(x)
    return y, lambda dy: dy * (1 + y * y)


@differentiable(method="sign", integers=True, also=_refuse_boolean("sign"))
def sign(x: Array):
    """Return -1, 0 or 1, and NaN at NaN (where PyTorch says 0); the derivative is 0 everywhere.

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.sign([-2.0, 0.0, 3.0])
    Tensor([-1.,  0.,  1.])
    """
    return np.sign(x), lambda dy: np.zeros_like(dy)


@differentiable(method="floor", integers=True, also=_refuse_boolean("floor"))
def floor(x: Array):
    """Return the largest integer <= `x`, in the dtype of `x`; the derivative is 0.

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.floor([-1.5, 2.5])
    Tensor([-2.,  2.])
    """
    return np.floor(x).astype(x.dtype), lambda dy: np.zeros_like(dy)


@differentiable(method="ceil", integers=True, also=_refuse_boolean("ceil"))
def ceil(x: Array):
    """Return the smallest integer >= `x`, in the dtype of `x`; the derivative is 0.

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.ceil([-1.5, 2.5])
    Tensor([-1.,  3.])
    """
    return np.ceil(x).astype(x.dtype), lambda dy: np.zeros_like(dy)


@differentiable(
    takes=dict(x=given(), decimals=integer()),
    method="round",
    integers=True,
    also=lambda x, decimals: _refuse_boolean("round")(x),
)
def round_(x: Array, decimals: int = 0):
    """Return `x` rounded to so many decimals, halves to the even number; the derivative is 0.

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.round([0.5, 1.5, 2.567])
    Tensor([0., 2., 3.])
    """
    return np.round(x, decimals), lambda dy: np.zeros_like(dy)


@differentiable(method="square", integers=True)
def square(x: Array):
    """Return ``x * x``.

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.square([3.0])
    Tensor([9.])
    """
    return x * x, lambda dy: 2 * dy * x


@differentiable(method="reciprocal")
def reciprocal(x: Array):
    """Return ``1 / x``.

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.reciprocal([4.0])
    Tensor([0.25])
    """
    y = 1 / x
    return y, lambda dy: -dy * y * y


@differentiable(method="erf")
def erf(x: Array):
    """Return the error function ``2/sqrt(pi) * integral of exp(-t^2) from 0 to x``.

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.erf([0.0])
    Tensor([0.])
    """
    y = error_function(x)
    return y, lambda dy: dy * (2 / math.sqrt(math.pi)) * np.exp(-x * x)


def error_function(x: Array) -> Array:
    """Return erf(x) of an array, in its dtype; NumPy has none, so the C library's is mapped over the elements.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite.functional.elementwise import error_function
    >>> float(error_function(np.array(0.0)))
    0.0
    """
    return np.asarray(_erf(x), dtype=float).astype(x.dtype)


_erf = np.frompyfunc(math.erf, 1, 1)


def _extreme(choose: Any, loses: Any, x: Array, other: Array) -> Any:

    def vjp(dy, needs):
        # torch's convention: where both are equal each gets half, and beside NaN nobody loses
        tie = 0.5 * (x == other).astype(dy.dtype)
        shares = 1 - loses(x, other) - tie, 1 - loses(other, x) - tie
        dx, dother = (np.where(share == 0, 0, dy * share).astype(dy.dtype) for share in shares)  # not infinity times 0
        return dx, dother

    return choose(x, other), vjp


@differentiable(method="maximum", integers=True, also=_broadcast("maximum"))
def maximum(x: Array, other: Array):
    """Return the larger of the two, element by element; NaN if either is. Equal elements share the gradient.

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.maximum([1.0, 5.0], 3.0)
    Tensor([3., 5.])
    """
    return _extreme(np.maximum, np.less, x, other)


@differentiable(method="minimum", integers=True, also=_broadcast("minimum"))
def minimum(x: Array, other: Array):
    """Return the smaller of the two, element by element; NaN if either is. Equal elements share the gradient.

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.minimum([1.0, 5.0], 3.0)
    Tensor([1., 3.])
    """
    return _extreme(np.minimum, np.greater, x, other)


def _refuse_condition(condition: Any, x: Array, other: Array) -> None:
    condition = any_array(condition, "where: condition")
    if condition.dtype.kind != "b":
        raise TypeError(f"where: condition has dtype {condition.dtype}, expected booleans")
    broadcastable("where", condition=condition, x=x, other=other)


@differentiable(takes=dict(condition=anything(), x=given(), other=given()), also=_refuse_condition, integers=True)
def where(condition: Any, x: Array, other: Array):
    """Return `x` where `condition` holds and `other` elsewhere.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite import functional as F
    >>> F.where(np.array([True, False]), [1.0, 2.0], 0.0)
    Tensor([1., 0.])
    """
    condition = np.asarray(condition, bool)

    def vjp(dy, needs):
        return (
            np.where(condition, dy, 0).astype(dy.dtype) if needs[0] else None,
            np.where(condition, 0, dy).astype(dy.dtype) if needs[1] else None,
        )

    return np.where(condition, x, other), vjp


def _refuse_mask(x: Array, mask: Any, value: Array) -> None:
    mask = any_array(mask, "masked_fill: mask")
    if mask.dtype.kind != "b":
        raise TypeError(f"masked_fill: mask has dtype {mask.dtype}, expected booleans")
    broadcastable("masked_fill", x=x, mask=mask)


@differentiable(
    takes=dict(x=given(), mask=anything(), value=given("")), also=_refuse_mask, integers=True, method="masked_fill"
)
def masked_fill(x: Array, mask: Any, value: Array):
    """Return `x` with `value`, a number or a Tensor without axes, wherever `mask` is True.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite import functional as F
    >>> F.masked_fill([1.0, 2.0], np.array([True, False]), 0.0)
    Tensor([0., 2.])
    """
    return where.value_and_vjp(~np.asarray(mask), x, value)


def _refuse_bounds(x: Array, min: Array | None, max: Array | None) -> None:
    if min is None and max is None:
        raise ValueError("clamp: min and max are both None, expected at least one bound")
    broadcastable("clamp", **{name: a for name, a in (("x", x), ("min", min), ("max", max)) if a is not None})


@differentiable(
    takes=dict(x=given(), min=given() | None, max=given() | None), method="clamp", integers=True, also=_refuse_bounds
)
def clamp(x: Array, min: Array | None = None, max: Array | None = None):
    """Return `x` cut off below `min` and above `max`, which are numbers or arrays that broadcast.

    Where it was cut the gradient goes to the bound. Where the bounds are crossed `max` wins.

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.clamp([-2.0, 0.5, 2.0], -1, 1)
    Tensor([-1. ,  0.5,  1. ])
    """
    y, inside, low, high = x, *(np.asarray(passes) for passes in (True, False, False))
    if min is not None:
        y, inside, low = np.maximum(y, min), x >= min, x < min
    if max is not None:
        y, inside, high = np.minimum(y, max), inside & (x <= max), x > max
    if min is not None and max is not None:
        low, high = low & (min < max), high | (max < min)

    def vjp(dy, needs):
        zero = dy.dtype.type(0)  # chosen, not multiplied with: NaN times 0 is NaN
        return [np.where(where, dy, zero) if need else None for where, need in zip((inside, low, high), needs)]

    return y, vjp


def _compared(name: str, compare: Any, x: Any, other: Any) -> Tensor:
    x, other = as_tensor(x, f"{name}: x").data, as_tensor(other, f"{name}: other").data
    broadcastable(name, x=x, other=other)
    return Tensor(np.asarray(compare(x, other)))


def eq(x: Any, other: Any) -> Tensor:
    """Return where the two are equal, element by element: booleans, without a gradient. NaN equals nothing.

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.eq([1.0, 2.0], 2.0)
    Tensor([False,  True], dtype=bool)
    """
    return _compared("eq", np.equal, x, other)


def ne(x: Any, other: Any) -> Tensor:
    """Return where the two differ, element by element: booleans, without a gradient. NaN differs from all.

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.ne([1.0, 2.0], 2.0)
    Tensor([ True, False], dtype=bool)
    """
    return _compared("ne", np.not_equal, x, other)


def lt(x: Any, other: Any) -> Tensor:
    """Return where `x` is less than `other`, element by element: booleans, without a gradient.

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.lt([1.0, 2.0], 2.0)
    Tensor([ True, False], dtype=bool)
    """
    return _compared("lt", np.less, x, other)


def le(x: Any, other: Any) -> Tensor:
    """Return where `x` is at most `other`, element by element: booleans, without a gradient.

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.le([1.0, 2.0, 3.0], 2.0)
    Tensor([ True,  True, False], dtype=bool)
    """
    return _compared("le", np.less_equal, x, other)


def gt(x: Any, other: Any) -> Tensor:
    """Return where `x` is greater than `other`, element by element: booleans, without a gradient.

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.gt([1.0, 3.0], 2.0)
    Tensor([False,  True], dtype=bool)
    """
    return _compared("gt", np.greater, x, other)


def ge(x: Any, other: Any) -> Tensor:
    """Return where `x` is at least `other`, element by element: booleans, without a gradient.

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.ge([1.0, 2.0, 3.0], 2.0)
    Tensor([False,  True,  True], dtype=bool)
    """
    return _compared("ge", np.greater_equal, x, other)


def _operator(function: Any) -> Any:
    def method(self: Tensor, other: Any) -> Any:
        if not isinstance(other, Tensor | np.ndarray | list | tuple | int | float | np.generic):
            return NotImplemented
        return function(self, other)

    method.__name__ = f"__{function.__name__}__"
    method.__doc__ = function.__doc__
    return method


for _function in (eq, ne, lt, le, gt, ge):
    setattr(Tensor, _function.__name__, _function)
    setattr(Tensor, f"__{_function.__name__}__", _operator(_function))
Tensor.__hash__ = object.__hash__  # type: ignore[method-assign]


@differentiable(takes=dict(x=given(), dtype=real_dtype()), integers=True, method="astype")
def cast(x: Array, dtype: Any):
    """Return `x` as another dtype; the gradient is cast back.

    Examples
    --------
    >>> from nnlite import Tensor
    >>> Tensor([1.0]).astype("float64").dtype
    dtype('float64')
    """
    return x.astype(dtype), lambda dy: dy


@differentiable(integers=True, method="clone")
def clone(x: Array):
    """Return a copy of `x` with memory of its own; the gradient passes through.

    Examples
    --------
    >>> from nnlite import Tensor
    >>> x = Tensor([1.0])
    >>> y = x.clone()
    >>> y[0] = 5.0; x
    Tensor([1.])
    """
    return x.copy(), lambda dy: dy


def _refuse_zero(name: str) -> Any:
    def check(x: Array, other: Array) -> None:
        broadcastable(name, x=x, other=other)
        for argument, array in (("x", x), ("other", other)):
            if array.dtype.kind == "b":
                raise TypeError(f"{name}: {argument} has dtype bool, expected numbers")
        if x.dtype.kind in "iu" and other.dtype.kind in "iu":
            _refuse_zero_among_integers(name, other)

    return check


@differentiable(method="__floordiv__ __rfloordiv__ floor_divide", integers=True, also=_refuse_zero("floor_divide"))
def floor_divide(x: Array, other: Array):
    """Return ``x / other`` rounded down; the derivative is 0 everywhere (PyTorch has none).

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.floor_divide([7.0, -7.0], 2.0)
    Tensor([ 3., -4.])
    """
    y = np.floor_divide(x, other)
    return y, lambda dy, needs: (np.zeros_like(dy), np.zeros_like(dy))


@differentiable(
    method="__mod__ __rmod__ remainder", integers=True, also=_refuse_zero("remainder"), spares=dict(x="x other")
)
def remainder(x: Array, other: Array):
    """Return ``x - floor(x / other) * other``, which has the sign of `other`.

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.remainder([7.0, -7.0], 3.0)
    Tensor([1., 2.])
    """
    return np.remainder(x, other), lambda dy, needs: (dy, -dy * np.floor_divide(x, other) if needs[1] else None)


@composed(takes=dict(x=given()), method="__invert__ logical_not")
def logical_not(x: Any) -> Tensor:
    """Return where `x` is False: booleans, without a gradient.

    Examples
    --------
    >>> from nnlite import Tensor
    >>> ~Tensor([True, False])
    Tensor([False,  True], dtype=bool)
    """
    if x.dtype.kind != "b":
        raise TypeError(f"logical_not: x has dtype {x.dtype}, expected booleans; x == 0 compares numbers")
    return Tensor(np.asarray(~x.data))


@composed(takes=dict(x=given(), dim=axes(), keepdim=flag), method="any")
def any_(x: Any, dim: Any = None, keepdim: bool = False) -> Tensor:
    """Return whether any element along `dim` is True, or not 0: booleans, without a gradient.

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.any([[1.0, 0.0], [0.0, 0.0]], dim=1)
    Tensor([ True, False], dtype=bool)
    """
    return Tensor(np.asarray(np.any(x.data, axis=_along(dim, x.ndim), keepdims=keepdim)))


@composed(takes=dict(x=given(), dim=axes(), keepdim=flag), method="all")
def all_(x: Any, dim: Any = None, keepdim: bool = False) -> Tensor:
    """Return whether all elements along `dim` are True, or not 0: booleans, without a gradient.

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.all([[1.0, 0.0], [2.0, 3.0]], dim=1)
    Tensor([False,  True], dtype=bool)
    """
    return Tensor(np.asarray(np.all(x.data, axis=_along(dim, x.ndim), keepdims=keepdim)))


def _along(dim: Any, ndim: int) -> Any:
    return tuple(dim) if isinstance(dim, list) else None if ndim == 0 else dim


def _in_place(name: str, function: Any) -> Any:
    """The method behind ``x += other``: x itself changes, unless a gradient has to flow through it."""

    def method(self: Tensor, other: Any) -> Any:
        if self.requires_grad and self.is_leaf and is_recording():
            raise RuntimeError(
                f"Tensor: {name}= would change a leaf that requires a gradient; do so inside no_grad(), or write "
                f"x = x {name} ..."
            )
        y = function(self, other)
        if y.requires_grad:
            return y
        if y.shape != self.shape:
            raise ValueError(f"Tensor: {name}= gives shape {y.shape}, expected {self.shape} as what is changed has")
        if not np.can_cast(y.dtype, self.dtype, "same_kind"):
            raise TypeError(f"Tensor: {name}= gives {y.dtype}, which does not fit into {self.dtype}")
        self.data[...] = y.data
        self.changed_in_place()
        return self

    method.__name__ = f"__i{function.__name__.strip('_')}__"
    method.__doc__ = f"Do ``x = x {name} other`` in the memory of x; where a gradient is recorded, in a new Tensor."
    return method


for _name, _sign, _function in (
    ("add", "+", add),
    ("sub", "-", sub),
    ("mul", "*", mul),
    ("truediv", "/", div),
    ("floordiv", "//", floor_divide),
    ("mod", "%", remainder),
    ("pow", "**", pow_),
):
    setattr(Tensor, f"__i{_name}__", _in_place(_sign, _function))
