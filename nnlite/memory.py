"""Which memory a function keeps: what must not change between a computation and ``backward()``.

A vjp keeps arrays that the gradient needs: a factor, the result of ``exp``, an index. If one of them is written into
before the gradient is computed, the gradient is silently wrong. So Tensors that share memory count its changes
together, in one :class:`Memory`, and each step of the graph remembers what the count was.

A leaf keeps the first gradient that arrives. It may take over the memory only of an array that nobody else holds.
"""

from __future__ import annotations

import functools
import sys
from collections import deque
from collections.abc import Iterator
from types import CellType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

from nnlite.arguments import Array


class Memory:
    """What Tensors that share memory have in common: how often it was changed in place."""

    __slots__ = ("changes",)

    def __init__(self) -> None:
        self.changes = 0


def owner(array: Array) -> Any:
    """Return the array whose memory it is.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite.memory import owner
    >>> x = np.arange(6)
    >>> owner(x[1:].reshape(5, 1)) is x
    True
    """
    base = array.base
    while base is not None:
        if not isinstance(base, np.ndarray):  # what stands between an array and a view with strides of its own
            base = getattr(base, "base", None)
            if not isinstance(base, np.ndarray):
                break
        array, base = base, base.base
    return array


def kept(function: Any) -> Iterator[Array]:
    """Yield every array that a function keeps: in its closure, its defaults, and in what these hold in their turn.

    Not seen is what only globals, iterators and the ``__slots__`` of objects hold.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite.memory import kept
    >>> def scale(x, pair):
    ...     return lambda dy: dy * x + pair[0].sum()
    >>> sorted(array.shape for array in kept(scale(np.arange(3), (np.zeros(2), "a word"))))
    [(2,), (3,)]
    """
    seen: set[int] = set()
    waiting = [function]
    while waiting:
        value = waiting.pop()
        if isinstance(value, np.ndarray):
            yield value
            continue
        if id(value) in seen:
            continue
        seen.add(id(value))
        waiting += reversed(_parts(value))


def _parts(value: Any) -> list[Any]:
    """What an object holds that a function may compute with."""
    if isinstance(value, FunctionType):
        cells = [_content(cell) for cell in value.__closure__ or ()]
        return [*cells, *(value.__defaults__ or ()), *(value.__kwdefaults__ or {}).values()]
    if isinstance(value, tuple | list | set | frozenset | deque):
        return list(value)
    if isinstance(value, dict):
        return list(value.values())
    if isinstance(value, functools.partial):
        return [value.func, *value.args, *value.keywords.values()]
    if isinstance(value, MethodType):
        return [value.__func__, value.__self__]
    if isinstance(getattr(value, "data", None), np.ndarray):  # a Tensor
        return [value.data]
    compiled = type(value).__module__.startswith(("numba", "llvmlite"))  # keeps no array of anybody's
    opaque = compiled or isinstance(value, type | ModuleType)
    return [] if opaque else list(getattr(value, "__dict__", {}).values())


def _content(cell: CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # a variable that was never assigned
        return None


def nobody_else_holds(grad: Array) -> bool:
    """Whether the caller's variable is all that refers to an array of contiguous, writable memory.

    Python counts the references to every object. A gradient that a vjp has just made, and keeps nowhere, has only
    those of the caller and of this call; then a leaf may take its memory over instead of copying it.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite.memory import nobody_else_holds
    >>> x = np.ones(3)
    >>> row = x[1:]
    >>> nobody_else_holds(x)
    False
    """
    if sys.getrefcount(grad) != _REFERENCES_OF_THE_CALL or type(grad) is not np.ndarray:
        return False
    if grad.base is None:
        own = grad.flags.owndata
    else:  # a view of an array that only it refers to; a base may also be a memoryview that lends its memory
        own = sys.getrefcount(grad.base) == _REFERENCES_OF_AN_ATTRIBUTE and type(grad.base) is np.ndarray
        own = own and grad.base.size == grad.size and grad.base.flags.owndata
    return own and grad.flags.c_contiguous and grad.flags.writeable


def _references(grad: Array) -> tuple[int, int]:
    """What ``sys.getrefcount`` says, one call down, of an array and of the one it is a view of."""
    return sys.getrefcount(grad), sys.getrefcount(grad.base)


def _references_to_a_fresh_view() -> tuple[int, int]:
    grad = np.empty((1, 1)).T
    return _references(grad)


def _calibrated() -> tuple[int, int]:
    """The counts of an array that nobody else holds; where they are not known for sure, ones that no array has.

    CPython 3.11 to 3.13 count the variable, the argument and that of ``getrefcount``; 3.14 counts the variable alone,
    for the others are borrowed from it. Later versions are not known, builds without the global lock count otherwise,
    and a debugger that looks at the variables while this module is imported adds its own: then all gradients are
    copied.
    """
    if sys.implementation.name == "cpython" and sys.version_info < (3, 15):
        counts_all = getattr(sys, "_is_gil_enabled", bool)() or sys.version_info < (3, 13)
        expected = (3, 2) if sys.version_info < (3, 14) else (1, 2)
        if counts_all and _references_to_a_fresh_view() == expected:
            return expected
    return -1, -1


_REFERENCES_OF_THE_CALL, _REFERENCES_OF_AN_ATTRIBUTE = _calibrated()
