"""The same numbers in another arrangement: reshaping, joining, picking.

None of these computes anything, so each vjp only carries the gradient back to where the number came from. The gradients
of a number that was used twice add up.
"""

from __future__ import annotations

import itertools
import math
import numbers
from collections.abc import Sequence
from typing import Any

import numpy as np

from nnlite import contracts
from nnlite.arguments import Array, axes, axis, integer, integer_array
from nnlite.contracts import given, integer_tuple, integers, several, takes, word
from nnlite.differentiable import composed, differentiable
from nnlite.tensor import Tensor, as_plain, as_tensor


def _check_reshape(x: Array, shape: tuple[int, ...]) -> None:
    known = math.prod(n for n in shape if n != -1)
    unknown = shape.count(-1)
    fits = x.size == known if unknown == 0 else unknown == 1 and known > 0 and x.size % known == 0
    if not fits or any(n < -1 for n in shape):
        raise ValueError(f"reshape: shape is {shape}, expected one that holds the {x.size} elements of x {x.shape}")


@differentiable(takes=dict(x=given(), shape=integer_tuple()), also=_check_reshape, integers=True)
def reshape(x: Array, shape: Any):
    """Return the elements, in order, in another shape; one length may be -1.

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.reshape([1.0, 2.0, 3.0, 4.0], (2, -1)).shape
    (2, 2)
    """
    before = x.shape
    return x.reshape(shape), lambda dy: dy.reshape(before)


def flatten(x: Any, start_dim: int = 0, end_dim: int = -1) -> Tensor:
    """Return `x` with the axes from `start_dim` to `end_dim` merged into one.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite import functional as F
    >>> F.flatten(np.zeros((2, 3, 4)), 1).shape
    (2, 12)
    """
    x = as_tensor(x, "flatten: x")
    shape = x.shape
    first, last = (
        axis(start_dim, len(shape), "flatten: start_dim"),
        axis(end_dim, len(shape), "flatten: end_dim"),
    )
    if first > last:
        raise ValueError(f"flatten: start_dim is {start_dim}, expected an axis not after end_dim {end_dim}")
    return reshape(x, (*shape[:first], math.prod(shape[first : last + 1]), *shape[last + 1 :]))


def _check_unflatten(x: Tensor, dim: int, sizes: tuple[int, ...]) -> None:
    known, unknown = math.prod(n for n in sizes if n != -1), sizes.count(-1)
    fits = x.ndim > 0 and len(sizes) > 0
    if fits:
        n = x.shape[dim]
        fits = n == known if unknown == 0 else unknown == 1 and known > 0 and n % known == 0
    if not fits:
        raise ValueError(f"unflatten: sizes is {sizes}, expected lengths that make axis {dim} of x {x.shape}")


@composed(
    takes=dict(x=given(), dim=contracts.axis(), sizes=integer_tuple(-1)), also=_check_unflatten, method="unflatten"
)
def unflatten(x: Any, dim: int, sizes: Any) -> Tensor:
    """Return `x` with the axis `dim` cut into several, of lengths `sizes`; one of these may be -1.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite import functional as F
    >>> F.unflatten(np.zeros((2, 12)), 1, (3, -1)).shape
    (2, 3, 4)
    """
    before, length, after = x.shape[: dim % x.ndim], x.shape[dim], x.shape[dim % x.ndim :][1:]
    sizes = tuple(length // -math.prod(sizes) if n == -1 else n for n in sizes)
    return reshape(x, (*before, *sizes, *after))


def _check_permute(x: Array, dims: tuple[int, ...]) -> None:
    if len(dims) != x.ndim:
        raise ValueError(f"permute: dims is {dims}, expected each of the {x.ndim} axes of x {x.shape} once")
    axes(dims, x.ndim, "permute: dims")


@differentiable(takes=dict(x=given(), dims=integer_tuple()), also=_check_permute, integers=True)
def permute(x: Array, dims: Any):
    """Return `x` with its axes in the order `dims`.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite import functional as F
    >>> F.permute(np.zeros((2, 3, 4)), (2, 0, 1)).shape
    (4, 2, 3)
    """
    back = np.argsort([d % x.ndim for d in dims])
    return x.transpose(dims), lambda dy: dy.transpose(back)


@differentiable(takes=dict(x=given(), dim0=contracts.axis(), dim1=contracts.axis()), integers=True, method="transpose")
def transpose(x: Array, dim0: int, dim1: int):
    """Return `x` with two axes exchanged.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite import functional as F
    >>> F.transpose(np.zeros((2, 3, 4)), 0, -1).shape
    (4, 3, 2)
    """
    if x.ndim == 0:
        return x, lambda dy: dy
    return x.swapaxes(dim0, dim1), lambda dy: dy.swapaxes(dim0, dim1)


def squeeze(x: Any, dim: int | tuple[int, ...] | None = None) -> Tensor:
    """Return `x` without its axes of length 1, or without those of `dim` that have length 1.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite import functional as F
    >>> F.squeeze(np.zeros((1, 3, 1))).shape
    (3,)
    """
    x = as_tensor(x, "squeeze: x")
    shape = x.shape
    gone = {d for d in axes(dim, len(shape), "squeeze: dim") if shape and shape[d] == 1}
    return reshape(x, tuple(n for d, n in enumerate(shape) if d not in gone))


def unsqueeze(x: Any, dim: int) -> Tensor:
    """Return `x` with a new axis of length 1 at `dim`.

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.unsqueeze([1.0, 2.0], -1).shape
    (2, 1)
    """
    x = as_tensor(x, "unsqueeze: x")
    shape = x.shape
    d = axis(dim, len(shape) + 1, "unsqueeze: dim")
    return reshape(x, (*shape[:d], 1, *shape[d:]))


def _expanded(x: Array, shape: tuple[int, ...]) -> tuple[int, ...]:
    added = len(shape) - x.ndim
    old = (1,) * added + x.shape
    new = tuple(b if n == -1 else n for n, b in zip(shape, old))
    if added < 0 or -1 in shape[:added] or any(n != b != 1 for n, b in zip(new, old)):
        raise ValueError(f"expand: shape is {shape}, expected one that x {x.shape} broadcasts to")
    return new


@differentiable(takes=dict(x=given(), shape=integer_tuple(-1)), also=_expanded, integers=True)
def expand(x: Array, shape: Any):
    """Return `x` with axes of length 1 repeated to `shape` (-1 keeps a length), without copying.

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.expand([[1.0], [2.0]], (2, 3)).shape
    (2, 3)
    """
    return np.broadcast_to(x, _expanded(x, shape)), lambda dy: dy  # the decorator sums over the stretched axes


def _check_cat(tensors: Sequence[Array], dim: int) -> None:
    first = next((t for t in tensors if np.shape(t) != (0,)), tensors[0])
    if np.ndim(first) == 0:
        raise ValueError("cat: tensors[0] has shape (), expected at least 1 axis; stack() makes a new one")
    d = axis(dim, first.ndim, "cat: dim")
    for i, t in enumerate(tensors):
        if np.shape(t) == (0,):
            continue
        if np.ndim(t) != first.ndim or any(a != b for k, (a, b) in enumerate(zip(t.shape, first.shape)) if k != d):
            raise ValueError(
                f"cat: tensors[{i}] has shape {t.shape}, expected {first.shape} as tensors[0], except along dim {dim}"
            )


@differentiable(takes=dict(tensors=several()), also=_check_cat, integers=True)
def cat(tensors: Sequence[Array], dim: int = 0):
    """Return the tensors joined along an axis that they have; a vector of no elements goes with any.

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.cat([[1.0], [2.0, 3.0]])
    Tensor([1., 2., 3.])
    """
    joined = [t.shape != (0,) for t in tensors]
    if not any(joined):
        joined[0] = True
    parts = [t for t, inside in zip(tensors, joined) if inside]
    ends = np.cumsum([t.shape[dim] for t in parts])[:-1]

    def vjp(dy, needs):
        pieces = iter(np.split(dy, ends, axis=dim))
        return [next(pieces) if inside else np.zeros(0, dy.dtype) for inside in joined]

    return np.concatenate(parts, axis=dim).astype(np.result_type(*tensors), copy=False), vjp


def stack(tensors: Any, dim: int = 0) -> Tensor:
    """Return tensors of one shape joined along a new axis.

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.stack([[1.0, 2.0], [3.0, 4.0]], dim=1)
    Tensor([[1., 3.],
            [2., 4.]])
    """
    if isinstance(tensors, Tensor | np.ndarray) or not hasattr(tensors, "__iter__"):
        raise TypeError(f"stack: tensors is a {type(tensors).__name__}, expected a list or tuple of Tensors or arrays")
    tensors = list(tensors)
    if not tensors:
        raise ValueError("stack: tensors is empty, expected at least one Tensor or array")
    tensors = [as_tensor(t, f"stack: tensors[{i}]") for i, t in enumerate(tensors)]
    for i, t in enumerate(tensors):
        if t.shape != tensors[0].shape:
            raise ValueError(f"stack: tensors[{i}] has shape {t.shape}, expected {tensors[0].shape} as tensors[0]")
    axis(dim, tensors[0].ndim + 1, "stack: dim")
    return cat([unsqueeze(t, dim) for t in tensors], dim)


@composed(takes=dict(x=given("N ..."), dim=contracts.axis()))
def split(x: Any, split_size_or_sections: int | Sequence[int], dim: int = 0) -> tuple[Tensor, ...]:
    """Return `x` cut along `dim` into pieces of one size (the last may be smaller) or of the sizes given.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite import functional as F
    >>> [piece.shape for piece in F.split(np.zeros((5, 2)), 2)]
    [(2, 2), (2, 2), (1, 2)]
    """
    length = x.shape[dim]
    if isinstance(split_size_or_sections, list | tuple):
        sizes = [integer(n, "split: split_size_or_sections", low=0) for n in split_size_or_sections]
        if sum(sizes) != length:
            raise ValueError(f"split: the sections {sizes} add up to {sum(sizes)}, expected {length} along dim {dim}")
    else:
        size = integer(split_size_or_sections, "split: split_size_or_sections", low=1)
        sizes = [min(size, length - start) for start in range(0, length, size)] or [0]
    starts = np.cumsum([0, *sizes])
    before = (slice(None),) * (dim % x.ndim)
    return tuple(x[(*before, slice(int(a), int(b)))] for a, b in itertools.pairwise(starts))


@composed(takes=dict(x=given("N ..."), chunks=contracts.integer(1), dim=contracts.axis()))
def chunk(x: Any, chunks: int, dim: int = 0) -> tuple[Tensor, ...]:
    """Return `x` cut along `dim` into at most `chunks` pieces of equal length (the last may be smaller).

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite import functional as F
    >>> [piece.shape for piece in F.chunk(np.zeros((2, 6)), 3, dim=-1)]
    [(2, 2), (2, 2), (2, 2)]
    """
    return split(x, max(-(-x.shape[dim] // chunks), 1), dim)


def _check_index(x: Array, index: Any) -> None:
    try:
        np.broadcast_to(np.zeros((), bool), x.shape)[index]
    except IndexError as error:
        raise IndexError(f"index: {index!r} does not fit x of shape {x.shape}: {error}") from None


def _plain_index(index: Any) -> Any:
    return tuple(as_plain(i) for i in index) if isinstance(index, tuple) else as_plain(index)


def _in_two_steps(index: tuple[Any, ...]) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """The numbers and slices of an index, and after them its arrays, which find each axis in its place.

    ``x[0, :, [0, 1]]`` becomes ``x[0, :, :][:, [0, 1]]``.
    """
    first: list[Any] = []
    then: list[Any] = []
    for part in index:
        if _is_number(part):
            first.append(int(part))
        elif part is None or part is Ellipsis or isinstance(part, slice):
            first.append(part)
            then.append(part if part is Ellipsis else slice(None))
        else:
            array = np.asarray(part)
            axes_taken = array.ndim if array.dtype.kind == "b" else 1
            first += [slice(None)] * axes_taken
            then.append(part)
    return tuple(first), tuple(then)


def _is_number(part: Any) -> bool:
    if isinstance(part, np.ndarray):
        return part.ndim == 0 and part.dtype.kind in "iu"
    return isinstance(part, int | np.integer) and not isinstance(part, bool)


@differentiable(takes=dict(x=given()), also=_check_index, integers=True)
def index_(x: Array, index: Any):
    """Return ``x[index]`` for any NumPy index: numbers, slices, arrays of integers, boolean masks.

    The axes come as in PyTorch: numbers and slices pick first, and arrays then from what is left. So
    ``x[0, :, [0, 1]]`` is ``x[0][:, [0, 1]]``, whose axes NumPy has the other way round.

    Examples
    --------
    >>> from nnlite.functional.shapes import index_
    >>> index_([1.0, 2.0, 3.0], slice(1, None))
    Tensor([2., 3.])
    """
    shape, parts = x.shape, index if isinstance(index, tuple) else (index,)
    picks_once = all(p is None or p is Ellipsis or isinstance(p, slice) or _is_number(p) for p in parts)
    if picks_once and Ellipsis not in parts:
        index = (*parts, ...)  # so that a single element is a view too, as in PyTorch, and no copy
    first, then = (index, ()) if picks_once else _in_two_steps(parts)

    def vjp(dy):
        dx = np.zeros(shape, dy.dtype)
        if picks_once:
            dx[index] = dy
        else:
            np.add.at(dx[first], then, dy)  # dx[first] is a view
        return dx

    return x[index] if picks_once else x[first][then], vjp


def _check_gather(x: Array, dim: int, index: Array) -> None:
    d = dim % max(x.ndim, 1)
    integer_array(index, "gather: index", low=0, high=x.shape[d] if x.ndim else 1)
    outside = any(i > n for k, (i, n) in enumerate(zip(index.shape, x.shape)) if k != d)
    if max(index.ndim, 1) != max(x.ndim, 1) or outside:
        raise ValueError(f"gather: index has shape {index.shape}, expected one that fits x {x.shape} outside dim {dim}")


@differentiable(
    takes=dict(x=given(), dim=contracts.axis(), index=integers(low=None)),
    also=_check_gather,
    integers=True,
    method="gather",
)
def gather(x: Array, dim: int, index: Any):
    """Return ``y[i, j, ...] = x[i, index[i, j, ...], ...]``, picking along `dim`.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite import functional as F
    >>> F.gather([[1.0, 2.0], [3.0, 4.0]], 1, np.array([[1], [0]]))
    Tensor([[2.],
            [3.]])
    """
    index, shape = np.array(index, np.int64), x.shape
    d = dim % max(x.ndim, 1)
    rows = index.reshape(index.shape or 1)  # what has no axes is a vector of one element
    where = tuple(rows if k == d else grid for k, grid in enumerate(np.indices(rows.shape, sparse=True)))

    def vjp(dy):
        dx = np.zeros(shape or 1, dy.dtype)
        np.add.at(dx, where, dy.reshape(rows.shape))
        return dx.reshape(shape)

    return x.reshape(shape or 1)[where].reshape(index.shape), vjp


def _check_pad(x: Array, pad: Any, mode: str, value: float) -> None:
    if not isinstance(pad, tuple | list):
        raise TypeError(f"pad: pad is {pad!r}, expected a tuple such as (before, after)")
    widths = tuple(integer(n, "pad: pad") for n in pad)
    if min(widths, default=0) < 0:
        raise ValueError(f"pad: pad is {widths}, expected widths >= 0; an index such as x[..., 1:] cuts off")
    if not isinstance(value, numbers.Real):
        raise TypeError(f"pad: value is {value!r} ({type(value).__name__}), expected a number")
    if len(widths) % 2 or len(widths) > 2 * x.ndim:
        raise ValueError(
            f"pad: pad is {widths}, expected an even number of widths, at most {2 * x.ndim}, last axis first"
        )
    most = {"constant": math.inf, "reflect": -1, "circular": 0, "replicate": math.inf}[mode]
    for k, n in zip(range(0, len(widths), 2), x.shape[::-1]):
        before_and_after = widths[k : k + 2]
        if any(before_and_after) and mode != "constant" and (n == 0 or max(before_and_after) > n + most):
            raise ValueError(f"pad: pad is {widths}, expected less for mode {mode!r} of x {x.shape}")


@differentiable(
    takes=dict(x=given(), mode=word("constant", "reflect", "replicate", "circular")), also=_check_pad, integers=True
)
def pad(x: Array, pad: Any, mode: str = "constant", value: float = 0.0):
    """Return `x` with more numbers around it.

    Parameters
    ----------
    x : array of any shape
    pad : tuple of int
        How many numbers before and after the last axis, then the axis before it, ... None is negative: an index cuts
        off, where PyTorch takes -1.
    mode : {"constant", "reflect", "replicate", "circular"}
        What they are: `value`, the numbers inside as a mirror on the first and last one shows them, the first and last
        one again and again, or those of the other end.
    value : float
        For "constant" only.

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.pad([1.0, 2.0], (1, 0))
    Tensor([0., 1., 2.])
    >>> F.pad([1.0, 2.0, 3.0], (2, 1), "reflect")
    Tensor([3., 2., 1., 2., 3., 2.])
    """
    pairs = [(int(a), int(b)) for a, b in zip(pad[::2], pad[1::2])]
    widths = [(0, 0)] * (x.ndim - len(pairs)) + pairs[::-1]
    shape = x.shape
    inner = tuple(slice(a, a + n) for (a, _), n in zip(widths, shape))
    if mode == "constant":
        return np.pad(x, widths or 0, constant_values=value), lambda dy: dy[inner]
    sources = [_SOURCES[mode](np.arange(-a, n + b), n) for (a, b), n in zip(widths, shape)]
    y = x[np.ix_(*sources)] if sources else x.copy()

    def vjp(dy):
        dx = np.zeros(shape, dy.dtype)
        np.add.at(dx, np.ix_(*sources), dy)
        return dx

    return y, vjp


#: which of n numbers stands at a place, from before the first to after the last
_SOURCES: dict[str, Any] = {
    "reflect": lambda place, n: n - 1 - np.abs(n - 1 - np.abs(place)),
    "replicate": lambda place, n: np.clip(place, 0, n - 1),
    "circular": lambda place, n: place % n,
}


@differentiable(
    takes=dict(x=given(), dims=integer_tuple()),
    also=lambda x, dims: axes(dims, x.ndim, "flip: dims"),
    integers=True,
    method="flip",
)
def flip(x: Array, dims: Any):
    """Return `x` with the order along `dims` reversed, as a copy.

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.flip([1.0, 2.0, 3.0], 0)
    Tensor([3., 2., 1.])
    """
    over = axes(dims, x.ndim, "flip: dims") if x.ndim else ()
    return np.flip(x, over).copy(), lambda dy: np.flip(dy, over)  # so that writing into one leaves the other alone


def _check_roll(x: Array, shifts: tuple[int, ...], dims: tuple[int, ...] | None) -> None:
    if dims is None and len(shifts) != 1:
        raise ValueError(f"roll: shifts is {shifts}, expected one shift when dims is None")
    if dims is not None and len(dims) != len(shifts):
        raise ValueError(f"roll: shifts is {shifts} and dims {dims}, expected as many of one as of the other")
    for d in dims or ():
        axis(d, x.ndim, "roll: dims")


@differentiable(
    takes=dict(x=given(), shifts=integer_tuple(), dims=integer_tuple() | None),
    also=_check_roll,
    integers=True,
    method="roll",
)
def roll(x: Array, shifts: Any, dims: Any = None):
    """Return `x` moved by `shifts` along `dims`; what leaves at one end comes back at the other.

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.roll([1.0, 2.0, 3.0], 1)
    Tensor([3., 1., 2.])
    """
    back = tuple(-n for n in shifts)
    return np.roll(x, shifts, dims), lambda dy: np.roll(dy, back, dims)


def index_select(x: Any, dim: int, index: Any) -> Tensor:
    """Return the slices of `x` along `dim` that `index`, a vector or one number, names, in its order.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite import functional as F
    >>> F.index_select([[1.0, 2.0, 3.0]], 1, np.array([2, 0]))
    Tensor([[3., 1.]])
    """
    x = as_tensor(x, "index_select: x")
    shape = x.shape
    d = axis(dim, len(shape), "index_select: dim")
    index = integer_array(as_plain(index), "index_select: index", low=0, high=shape[d] if shape else 1)
    if index.ndim > 1 or (not shape and index.size != 1):
        raise ValueError(
            f"index_select: index has shape {index.shape}, expected {'a vector' if shape else 'one number'}"
        )
    if not shape:
        return reshape(x, ())
    index = np.atleast_1d(index)
    return index_(x, (*(slice(None),) * d, index))


def take_along_dim(x: Any, indices: Any, dim: int | None = None) -> Tensor:
    """Return ``x[i, indices[i, j], ...]`` along `dim`, as ``gather``, with the other axes broadcast.

    Without `dim` both are taken as vectors.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite import functional as F
    >>> F.take_along_dim([[3.0, 1.0, 2.0]], np.array([[1, 2, 0]]), 1)
    Tensor([[1., 2., 3.]])
    """
    x = as_tensor(x, "take_along_dim: x")
    if dim is None:
        indices = integer_array(as_plain(indices), "take_along_dim: indices", low=0, high=x.data.size)
        return gather(reshape(x, -1), 0, indices.ravel())
    shape = x.shape
    d = axis(dim, len(shape), "take_along_dim: dim")
    indices = integer_array(as_plain(indices), "take_along_dim: indices", low=0, high=shape[d] if shape else 1)
    if indices.ndim != len(shape):
        raise ValueError(f"take_along_dim: indices has shape {indices.shape}, expected {len(shape)} axes as x {shape}")
    try:
        common = np.broadcast_shapes(*((*s[:d], 1, *s[d + 1 :]) for s in (shape, indices.shape)))
    except ValueError:
        raise ValueError(
            f"take_along_dim: indices {indices.shape} and x {shape} do not broadcast outside {dim}"
        ) from None
    x = expand(x, (*common[:d], shape[d], *common[d + 1 :]))
    return gather(x, d, np.broadcast_to(indices, (*common[:d], indices.shape[d], *common[d + 1 :])))


TRIANGLE = dict(x=given("... N M"), diagonal=contracts.integer())


@differentiable(takes=TRIANGLE, integers=True, method="tril")
def tril(x: Array, diagonal: int = 0):
    """Return the lower triangle of the last two axes, zeros above.

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.tril([[1.0, 2.0], [3.0, 4.0]])
    Tensor([[1., 0.],
            [3., 4.]])
    """
    return np.tril(x, diagonal), lambda dy: np.tril(dy, diagonal)


@differentiable(takes=TRIANGLE, integers=True, method="triu")
def triu(x: Array, diagonal: int = 0):
    """Return the upper triangle of the last two axes, zeros below.

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.triu([[1.0, 2.0], [3.0, 4.0]])
    Tensor([[1., 2.],
            [0., 4.]])
    """
    return np.triu(x, diagonal), lambda dy: np.triu(dy, diagonal)


@takes("one_hot", labels=integers(), num_classes=contracts.integer(-1))
def one_hot(labels: Any, num_classes: int = -1) -> Tensor:
    """Return integer vectors with a 1 at each label; ``num_classes=-1`` takes the largest label plus one.

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.one_hot([0, 2])
    Tensor([[1, 0, 0],
            [0, 0, 1]], dtype=int64)
    """
    if num_classes == -1:
        if labels.size == 0:
            raise ValueError("one_hot: labels is empty, expected num_classes to be given then")
        num_classes = int(labels.max()) + 1
    integer_array(labels, "one_hot: labels", low=0, high=integer(num_classes, "one_hot: num_classes", low=1))
    return Tensor((labels[..., None] == np.arange(num_classes)).astype(np.int64))


def _check_repeat(x: Array, sizes: tuple[int, ...]) -> None:
    if len(sizes) < x.ndim:
        raise ValueError(f"repeat: sizes is {sizes}, expected at least {x.ndim}, one for each axis of x {x.shape}")


@differentiable(takes=dict(x=given(), sizes=integer_tuple(0)), also=_check_repeat, integers=True)
def repeat(x: Array, sizes: Any):
    """Return `x` side by side so many times along each axis; more sizes than axes make new ones in front.

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.repeat([1.0, 2.0], (2, 2))
    Tensor([[1., 2., 1., 2.],
            [1., 2., 1., 2.]])
    """
    shape = (1,) * (len(sizes) - x.ndim) + x.shape
    cut = tuple(length for pair in zip(sizes, shape) for length in pair)  # (times, length) of each axis
    return np.tile(x, sizes), lambda dy: dy.reshape(cut).sum(tuple(range(0, len(cut), 2)))


def _check_scatter(x: Array, dim: int, index: Array, src: Array) -> None:
    d = dim % max(x.ndim, 1)
    integer_array(index, "scatter: index", low=0, high=x.shape[d] if x.ndim else 1)
    if index.ndim != x.ndim or any(i > n for k, (i, n) in enumerate(zip(index.shape, x.shape)) if k != d):
        raise ValueError(
            f"scatter: index has shape {index.shape}, expected one that fits x {x.shape} outside dim {dim}"
        )
    if src.ndim and (src.ndim != x.ndim or any(i > n for i, n in zip(index.shape, src.shape))):
        raise ValueError(f"scatter: src has shape {src.shape}, expected at least {index.shape} as index, or a number")


@differentiable(
    takes=dict(x=given(), dim=contracts.axis(), index=integers(low=None), src=given()),
    also=_check_scatter,
    integers=True,
    method="scatter",
)
def scatter(x: Array, dim: int, index: Any, src: Array):
    """Return `x` with ``y[i, index[i, j, ...], ...] = src[i, j, ...]`` written along `dim`; `src` may be a number.

    Where `index` names a place twice, one of the two is written, and both get the gradient, as in PyTorch.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite import functional as F
    >>> F.scatter(np.zeros((1, 3)), 1, np.array([[2, 0]]), np.array([[5.0, 6.0]]))
    Tensor([[6., 0., 5.]], dtype=float64)
    """
    index = np.asarray(index, np.int64)
    where = tuple(
        index if k == dim % max(x.ndim, 1) else grid for k, grid in enumerate(np.indices(index.shape, sparse=True))
    )
    part = tuple(slice(n) for n in index.shape) if src.ndim else ()
    y, shape = x.copy(), src.shape
    y[where] = src[part]

    def vjp(dy, needs):
        dx = dsrc = None
        if needs[0]:
            dx = dy.copy()
            dx[where] = 0
        if needs[1]:
            dsrc = np.zeros(shape, dy.dtype)
            dsrc[part] = dy[where] if shape else dy[where].sum()
        return dx, dsrc

    return y, vjp


def _sizes(sizes: tuple[Any, ...]) -> Any:
    return sizes[0] if len(sizes) == 1 and isinstance(sizes[0], tuple | list) else sizes


def _getitem(self: Tensor, index: Any) -> Tensor:
    """Return ``self[index]`` for any NumPy index; see :func:`index_`."""
    return index_(self, _plain_index(index))


def _reshape(self: Tensor, *shape: Any) -> Tensor:
    """Return the elements in another shape, given as a tuple or one by one; see :func:`reshape`."""
    return reshape(self, _sizes(shape))


def _permute(self: Tensor, *dims: Any) -> Tensor:
    """Return the axes in another order, given as a tuple or one by one; see :func:`permute`."""
    return permute(self, _sizes(dims))


def _expand(self: Tensor, *shape: Any) -> Tensor:
    """Return axes of length 1 repeated to a shape, given as a tuple or one by one; see :func:`expand`."""
    return expand(self, _sizes(shape))


def _repeat(self: Tensor, *sizes: Any) -> Tensor:
    """Return it side by side so many times along each axis, given as a tuple or one by one; see :func:`repeat`."""
    return repeat(self, _sizes(sizes))


for _name, _method in {
    "repeat": _repeat,
    "reshape": _reshape,
    "view": _reshape,
    "permute": _permute,
    "expand": _expand,
    "flatten": flatten,
    "squeeze": squeeze,
    "unsqueeze": unsqueeze,
    "index_select": index_select,
    "split": split,
    "chunk": chunk,
    "__getitem__": _getitem,
    "T": property(lambda self: permute(self, tuple(range(self.ndim))[::-1]), doc="All axes in reverse order."),
    "mT": property(lambda self: transpose(self, -1, -2), doc="The last two axes exchanged."),
}.items():
    setattr(Tensor, _name, _method)
