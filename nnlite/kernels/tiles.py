"""A small matrix product that stays in the processor's registers: what attention and convolution are built from.

    c[r, l] = sum over t < k of  a[r, t] * b[t, l]        for  r < ROWS  and  l < width(c)

A tile of c is held in vector registers while k numbers of each row of a and k rows of b stream past, so every number
that is loaded takes part in many multiplications (Goto and van de Geijn 2008, "Anatomy of high-performance matrix
multiplication"). BLAS does the same for large matrices; called thousands of times for small ones it spends its time
elsewhere. The rows of a and b may lie anywhere: two tables say where, so that a convolution needs no copy of the
patches it looks at.

There are no tails here: who calls pads, to multiples of ROWS and of the width.
"""

from __future__ import annotations

from typing import Any

import llvmlite.binding
import numba
import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, overload

# The tile fills the vector registers: 8 x 2 vectors of 64 bytes with AVX-512, 4 x 2 of 32 elsewhere. A row of a tile
# has a multiple of ROWS numbers.
_WIDE = bool(llvmlite.binding.get_host_cpu_features().get("avx512f"))
ROWS = 8 if _WIDE else 4
_VECTORS = 2
_BYTES = 64 if _WIDE else 32
WIDTH32, WIDTH64 = _VECTORS * _BYTES // 4, _VECTORS * _BYTES // 8


def width(array):
    """Return how many numbers of the array's dtype are in a row of a tile."""
    return WIDTH32 if array.dtype == np.float32 else WIDTH64


@overload(width)
def _width(array):
    n = WIDTH32 if array.dtype == types.float32 else WIDTH64
    return lambda array: n


@intrinsic
def _apart(typing_context: Any) -> Any:
    """Keep the function that says so from being copied into those that call it: it is compiled once, and fast."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        builder.function.attributes.add("noinline")
        return context.get_dummy_value()

    return types.void(), generate


@intrinsic
def _at(typing_context: Any, array: Any, place: Any) -> Any:
    """Return the address of an element of a flat array."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        start = context.make_array(signature.args[0])(context, builder, args[0]).data
        return builder.gep(start, [args[1]])

    return types.CPointer(array.dtype)(array, types.int64), generate


@intrinsic
def _tile(typing_context: Any, c: Any, c_step: Any, a: Any, a_rows: Any, b: Any, b_rows: Any, k: Any, add: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        c, c_step, a, a_rows, b, b_rows, k, add = args
        int64, int32 = ir.IntType(64), ir.IntType(32)
        number, size = context.get_value_type(kind.dtype), kind.dtype.bitwidth // 8
        lanes = _BYTES // size
        vector = ir.VectorType(number, lanes)
        zero, anything = ir.Constant(vector, [0.0] * lanes), ir.Constant(vector, ir.Undefined)
        everywhere = ir.Constant(ir.VectorType(int32, lanes), [0] * lanes)

        def at(pointer: Any, place: Any) -> Any:
            return builder.gep(pointer, [int64(place) if isinstance(place, int) else place])

        def load(pointer: Any) -> Any:
            return builder.load(builder.bitcast(pointer, vector.as_pointer()), align=size)

        def multiply_add(x: Any, y: Any, z: Any) -> Any:
            return builder.fadd(z, builder.fmul(x, y, flags=("contract",)), flags=("contract",))

        a_row = [at(a, builder.load(at(a_rows, r))) for r in range(ROWS)]
        a_step = builder.load(at(a_rows, ROWS))
        sums = [[cgutils.alloca_once_value(builder, zero) for _ in range(_VECTORS)] for _ in range(ROWS)]
        with cgutils.for_range(builder, k, intp=int64) as loop:
            b_row = at(b, builder.load(at(b_rows, loop.index)))
            y = [load(at(b_row, v * lanes)) for v in range(_VECTORS)]
            along = builder.mul(loop.index, a_step)
            for r in range(ROWS):
                one = builder.insert_element(anything, builder.load(at(a_row[r], along)), int32(0))
                x = builder.shuffle_vector(one, anything, everywhere)
                for v in range(_VECTORS):
                    builder.store(multiply_add(x, y[v], builder.load(sums[r][v])), sums[r][v])
        c_row = [at(c, builder.mul(c_step, int64(r))) for r in range(ROWS)]
        places = [(r, v, at(c_row[r], v * lanes)) for r in range(ROWS) for v in range(_VECTORS)]
        with builder.if_then(add):
            for r, v, place in places:
                builder.store(builder.fadd(builder.load(sums[r][v]), load(place)), sums[r][v])
        for r, v, place in places:
            builder.store(builder.load(sums[r][v]), builder.bitcast(place, vector.as_pointer()), align=size)
        return context.get_dummy_value()

    kind, int64, table = c, types.int64, types.CPointer(types.int64)
    return types.void(kind, int64, kind, table, kind, table, int64, types.boolean), generate


apart: Any = _apart
at: Any = _at
_product: Any = _tile


@numba.njit(error_model="numpy", nogil=True)
def tile(c, c_step, a, a_rows, b, b_rows, k, add):
    """Set (or add to, if `add`) the tile of c; all but the numbers are addresses, see :func:`at`.

    c[r, l] is at c + r * c_step + l, a[r, t] at a + a_rows[r] + t * a_rows[ROWS], and b[t, l] at b + b_rows[t] + l.
    """
    apart()
    _product(c, c_step, a, a_rows, b, b_rows, k, add)


@numba.njit(error_model="numpy", nogil=True)
def table(n, step):
    """Return 0, step, 2 step, ...: where rows lie that follow each other."""
    places = np.empty(n, np.int64)
    for i in range(n):
        places[i] = i * step
    return places


@numba.njit(error_model="numpy", nogil=True)
def strides(row, step):
    """Return the table of ``a_rows`` where rows lie `row` apart and the numbers of a row `step`."""
    places = np.empty(ROWS + 1, np.int64)
    for i in range(ROWS):
        places[i] = i * row
    places[ROWS] = step
    return places
