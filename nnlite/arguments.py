"""What bad input gets: an exception of the right type, before anything is computed, that names the argument.

Every function here takes the argument's full name, for instance ``"perceptron.loss: X"``, returns the
checked value and raises ``TypeError`` (wrong kind of thing) or ``ValueError`` (right kind, wrong value)
with what was given and what was expected.
"""

from __future__ import annotations

import difflib
import math
import numbers
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def real_array(value: Any, name: str, *, ndim: int | tuple[int, ...] | None = None, finite: bool = False) -> Array:
    """Return `value` as an array of real numbers, with as many axes as `ndim` says.

    Lists and Python numbers become float32, arrays keep their dtype, anything with ``__array__`` is welcome.

    Raises
    ------
    TypeError
        If the values are not real numbers (text, objects, complex numbers).
    ValueError
        If the rows are ragged, the number of axes is wrong, or `finite` is asked for and a value is NaN or infinite.

    Examples
    --------
    >>> real_array([[1, 2]], "f: x", ndim=2).dtype
    dtype('float32')
    """
    array = any_array(value, name)
    if array.dtype.kind not in "fiub":
        raise TypeError(f"{name} has dtype {array.dtype}, expected real numbers (got {type(value).__name__})")
    if not hasattr(value, "__array__") and array.dtype.kind != "b":
        with np.errstate(over="ignore"):  # what is too large for float32 is infinite
            array = array.astype(np.float32)
    if ndim is not None:
        allowed = (ndim,) if isinstance(ndim, int) else ndim
        if array.ndim not in allowed:
            wanted = " or ".join(str(n) for n in allowed)
            raise ValueError(f"{name} has shape {array.shape}, expected {wanted} axes")
    if finite and array.dtype.kind == "f" and not np.isfinite(array).all():
        where = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
        raise ValueError(f"{name} holds {array[where]} at index {where}, expected finite numbers")
    return array


def any_array(value: Any, name: str) -> Array:
    """Return `value` as the array that NumPy makes of it: lists of integers stay integers.

    The bytes of each number are put in the order of this machine.

    Raises
    ------
    TypeError
        If it is a masked array.
    ValueError
        If the rows are ragged.

    Examples
    --------
    >>> any_array([0, 1], "f: target")
    array([0, 1])
    """
    if not isinstance(value, np.ndarray):
        try:
            value = np.asarray(value)
        except (ValueError, OverflowError) as error:
            raise ValueError(f"{name} is ragged: its rows have different lengths, expected a regular array") from error
    elif type(value) is not np.ndarray:
        if isinstance(value, np.ma.MaskedArray):
            raise TypeError(
                f"{name} is a masked array, whose mask would be ignored; give an array, as .filled(0) makes"
            )
        value = np.asarray(value)
    if not value.dtype.isnative:  # the bytes of another machine, as some files hold them
        value = value.astype(value.dtype.newbyteorder("="))
    return value


def float_array(value: Any, name: str, *, ndim: int | tuple[int, ...] | None = None, finite: bool = False) -> Array:
    """Like :func:`real_array`, but integers and booleans become float32 and the result is always floating.

    Examples
    --------
    >>> float_array(np.array([1, 2]), "f: x").dtype
    dtype('float32')
    """
    array = real_array(value, name, ndim=ndim, finite=finite)
    return array if array.dtype.kind == "f" else array.astype(np.float32)


def integer_array(value: Any, name: str, *, low: int | None = None, high: int | None = None) -> Array:
    """Return `value` as an integer array whose entries lie in ``low <= entry < high``.

    Raises
    ------
    TypeError
        If the values are not integers.
    ValueError
        If an entry lies outside the range.

    Examples
    --------
    >>> integer_array([0, 2], "f: labels", low=0, high=3)
    array([0, 2])
    """
    array = any_array(value, name)
    if array.dtype.kind not in "iu":
        if array.size == 0 and array.dtype.kind in "fb":
            return array.astype(np.int64)
        raise TypeError(f"{name} has dtype {array.dtype}, expected integers")
    if array.size == 0 or (low is None and high is None):
        return array
    least, most = array.min(), array.max()
    if (low is not None and least < low) or (high is not None and most >= high):
        wanted = f"integers >= {low}" if high is None else f"integers < {high}"
        if low is not None and high is not None:
            wanted = f"integers from {low} to {high - 1}"
        raise ValueError(f"{name} holds {least if low is not None and least < low else most}, expected {wanted}")
    return array


def shape_is(array: Array, name: str, expected: tuple[int, ...], why: str = "") -> None:
    """Raise ``ValueError`` unless ``array.shape == expected``; `why` ends the message.

    Examples
    --------
    >>> shape_is(np.zeros(3), "f: w", (3,))
    """
    if np.shape(array) != tuple(expected):
        reason = f" {why}" if why else ""
        raise ValueError(f"{name} has shape {np.shape(array)}, expected {tuple(expected)}{reason}")


def _shown(value: Any) -> str:
    """What a message says of a value: its repr, cut off, and its type."""
    text = " ".join(repr(value).split())
    return f"{text if len(text) <= 80 else text[:77] + '...'} ({type(value).__name__})"


def integer(value: Any, name: str, *, low: int | None = None, high: int | None = None) -> int:
    """Return `value` as an int with ``low <= value <= high``; booleans, fractions and over 64 bits are refused.

    Examples
    --------
    >>> integer(3, "fit: epochs", low=1)
    3
    """
    if type(value) is int and (0 if low is None else low) <= value <= (2**31 if high is None else high):
        return value  # the usual case, at once
    if isinstance(value, bool | np.bool_) or not isinstance(value, numbers.Integral):
        raise TypeError(f"{name} is {_shown(value)}, expected an integer")
    _in_range(int(value), name, low, high)
    if not -(2**63) <= int(value) < 2**63:
        raise ValueError(f"{name} is {value}, expected an integer of at most 64 bits")
    return int(value)


def boolean(value: Any, name: str) -> bool:
    """Return `value` if it is True or False; 0, 1, None and words are refused.

    Examples
    --------
    >>> boolean(True, "Linear: bias")
    True
    """
    if not isinstance(value, bool | np.bool_):
        raise TypeError(f"{name} is {_shown(value)}, expected True or False")
    return bool(value)


def number(value: Any, name: str, *, low: float | None = None, high: float | None = None) -> float:
    """Return `value` as a finite float with ``low <= value <= high``.

    Examples
    --------
    >>> number(0.5, "dropout: p", low=0, high=1)
    0.5
    """
    if isinstance(value, bool | np.bool_) or not isinstance(value, numbers.Real):
        raise TypeError(f"{name} is {_shown(value)}, expected a number")
    try:
        finite = math.isfinite(value)
    except OverflowError:  # an integer of hundreds of digits
        finite = False
    if not finite:
        raise ValueError(f"{name} is {value}, expected a finite number")
    _in_range(float(value), name, low, high)
    return float(value)


def _in_range(value: float, name: str, low: float | None, high: float | None) -> None:
    if (low is not None and value < low) or (high is not None and value > high):
        bounds = [f">= {low}"] * (low is not None) + [f"<= {high}"] * (high is not None)
        raise ValueError(f"{name} is {value}, expected a number {' and '.join(bounds)}")


def one_of(value: Any, name: str, allowed: Iterable[str]) -> str:
    """Return `value` if it is one of the `allowed` words, else raise ``ValueError`` with the nearest one.

    Examples
    --------
    >>> one_of("mean", "mse_loss: reduction", ("none", "mean", "sum"))
    'mean'
    """
    allowed = list(allowed)
    if isinstance(value, str) and value in allowed:
        return value
    near = difflib.get_close_matches(str(value), allowed, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    shown = repr(value) if isinstance(value, str) else _shown(value)
    raise ValueError(f"{name} is {shown}, expected one of {', '.join(map(repr, allowed))}{hint}")


def axes(dim: Any, ndim: int, name: str) -> tuple[int, ...]:
    """Return `dim` (None for all, an axis or several, negative from the end) as a tuple of axes >= 0.

    Raises
    ------
    TypeError, ValueError
        If an axis is not an integer, does not exist or is named twice.

    Examples
    --------
    >>> axes((-1, 0), 3, "sum: dim")
    (2, 0)
    """
    if dim is None:
        return tuple(range(ndim))
    given = tuple(dim) if isinstance(dim, tuple | list) else (dim,)
    found = tuple(axis(d, ndim, name) for d in given)
    if len(set(found)) != len(found):
        raise ValueError(f"{name} is {dim}, expected each axis once")
    return found


def axis(dim: Any, ndim: int, name: str) -> int:
    """Return one axis, counted from 0, of an array with `ndim` axes.

    Examples
    --------
    >>> axis(-1, 3, "softmax: dim")
    2
    """
    d = integer(dim, name)
    span = max(ndim, 1)
    if not -span <= d < span:
        raise ValueError(f"{name} is {d}, expected an axis from {-span} to {span - 1} of an array with {ndim} axes")
    return d % span


def fits(array: Any, name: str, shape: tuple[int, ...], why: str = "") -> None:
    """Raise ``ValueError`` unless `array` broadcasts to exactly `shape`; `why` ends the message.

    Examples
    --------
    >>> fits(np.zeros(3), "mse: weight", (2, 3))
    """
    given = np.shape(array)
    try:
        if np.broadcast_shapes(given, shape) == shape:
            return
    except ValueError:
        pass
    raise ValueError(f"{name} has shape {given}, expected one that broadcasts to {shape}{why}")


def refuse_unlike(function: str, **arrays: Any) -> None:
    """Raise unless all are arrays of floats, of the shape and the dtype of the first.

    Examples
    --------
    >>> refuse_unlike("sgd_step", w=np.zeros(3), grad=np.ones(3))
    """
    (first, like), *_ = arrays.items()
    for name, array in arrays.items():
        if not isinstance(array, np.ndarray) or array.dtype.kind != "f":
            raise TypeError(f"{function}: {name} is a {type(array).__name__}, expected an array of floats")
        shape_is(array, f"{function}: {name}", like.shape, f"to match {first}")
        if array.dtype != like.dtype:
            raise TypeError(f"{function}: {name} has dtype {array.dtype}, expected {like.dtype} as {first}")


def dim_exists(name: str) -> Callable[[Array, int], None]:
    """Return a check that the function called `name` is given one axis of its input.

    Examples
    --------
    >>> dim_exists("softmax")(np.zeros((2, 3)), -1)
    """

    def check(x: Array, dim: int) -> None:
        axis(dim, x.ndim, f"{name}: dim")

    return check


def broadcastable(name: str, **arrays: Any) -> tuple[int, ...]:
    """Return the common shape of the arrays, or raise a ``ValueError`` that names them and their shapes.

    Examples
    --------
    >>> broadcastable("add", x=np.zeros((3, 1)), other=np.zeros(2))
    (3, 2)
    """
    shapes = [np.shape(a) for a in arrays.values()]
    if all(s == shapes[0] for s in shapes):
        return shapes[0]
    try:
        return np.broadcast_shapes(*shapes)
    except ValueError:
        given = " and ".join(f"{n} {s}" for n, s in zip(arrays, shapes))
        raise ValueError(
            f"{name}: {given} do not broadcast; aligned at the right, lengths must agree or be 1"
        ) from None


def several(value: Any, name: str, low: int, count: int) -> tuple[int, ...]:
    """Return `value` as `count` integers >= `low`: itself (or its only item) so many times, or its items.

    Examples
    --------
    >>> from nnlite.arguments import several
    >>> several(3, "conv2d: stride", 1, 2), several((3,), "conv1d: stride", 1, 1)
    ((3, 3), (3,))
    """
    items = tuple(value) if isinstance(value, tuple | list) else (value,)
    items = items * count if len(items) == 1 else items
    if len(items) != count:
        raise ValueError(f"{name} is {value}, expected an integer{('', ' or two', ' or three')[count - 1]}")
    return tuple(integer(item, name, low=low) for item in items)
