"""exp and its relatives, written so that the compiler can use vector instructions.

    exp(x) = 2^n * exp(r)   with  n = round(x / log 2),  r = x - n log 2  in  [-0.35, 0.35]

(Cody and Waite 1980: log 2 is subtracted in two parts so that r keeps its bits.) In float32 exp(r) is a polynomial of
degree 6 and 2^n is made by writing n into the exponent's bits; float64, which only gradient checks need, calls the
C library.
"""

from __future__ import annotations

import math
from typing import Any

import numba
import numpy as np
from numba import types
from numba.extending import intrinsic, overload

_exact = numba.njit(error_model="numpy", fastmath={"contract"}, nogil=True)


_SAME_SIZE = {
    types.int32: types.float32,
    types.int64: types.float64,
    types.float32: types.int32,
    types.float64: types.int64,
}


@intrinsic
def _reinterpret(typing_context: Any, value: Any) -> Any:
    """Read an integer as the float with the same bits, or a float as the integer."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.bitcast(args[0], context.get_value_type(signature.return_type))

    result: Any = _SAME_SIZE[value]
    return result(value), generate


_bits: Any = _reinterpret
_LOG2E = np.float32(1.4426950408889634)
_LOG2_HIGH = np.float32(0.693359375)
_LOG2_LOW = np.float32(-2.12194440e-4)
_SMALLEST, _LARGEST = np.float32(-87.33654), np.float32(88.722839)
_C2, _C3, _C4, _C5, _C6 = (np.float32(1 / math.factorial(k)) for k in range(2, 7))
_ONE = np.float32(1)
_ROUND = np.float32(12582912)  # 1.5 * 2^23: adding it leaves no bits for a fraction


@_exact
def log_probability(x, m, log_total):
    """Return (x - m) - log_total in that order: m + log_total would round away log_total where m is large."""
    return (x - m) - log_total


@_exact
def surprise(x, m, log_total):
    """Return the negative of :func:`log_probability`; negated outside, it would be put in another order."""
    return log_total - (x - m)


@_exact
def _exp32(x):
    inside = min(max(x, _SMALLEST), _LARGEST)
    n = (inside * _LOG2E + _ROUND) - _ROUND
    r = (inside - n * _LOG2_HIGH) - n * _LOG2_LOW
    p = _ONE + r * (_ONE + r * (_C2 + r * (_C3 + r * (_C4 + r * (_C5 + r * _C6)))))
    half = np.int32(n) >> 1  # 2^n in two factors, for 2^128 is no float32
    rest = np.int32(n) - half
    y = p * _bits(np.int32((half + 127) << 23)) * _bits(np.int32((rest + 127) << 23))
    y = np.float32(np.inf) if x > _LARGEST else y
    y = np.float32(0) if x < _SMALLEST else y
    return y if x == x else x


def exp(x):
    """Return e^x: a vectorisable polynomial in float32, the C library's in float64."""
    return math.exp(x)


@overload(exp, jit_options={"error_model": "numpy"})
def _exp(x):
    if x == types.float32:
        return lambda x: _exp32(x)
    return lambda x: math.exp(x)


# erfc(z) = t * exp(-z^2 + polynomial in t), t = 1 / (1 + z/2), z >= 0: a Chebyshev fit with relative error 1.2e-7
_ERFC = tuple(
    np.float32(c)
    for c in (
        -1.26551223,
        1.00002368,
        0.37409196,
        0.09678418,
        -0.18628806,
        0.27886807,
        -1.13520398,
        1.48851587,
        -0.82215223,
        0.17087277,
    )
)
_E0, _E1, _E2, _E3, _E4, _E5, _E6, _E7, _E8, _E9 = _ERFC
_HALF, _TWO, _SQRT_HALF = np.float32(0.5), np.float32(2), np.float32(math.sqrt(0.5))


@_exact
def _normal_cdf32(x):
    z = abs(x) * _SQRT_HALF
    t = _ONE / (_ONE + _HALF * z)
    p = _E5 + t * (_E6 + t * (_E7 + t * (_E8 + t * _E9)))
    p = _E0 + t * (_E1 + t * (_E2 + t * (_E3 + t * (_E4 + t * p))))
    tail = _HALF * t * _exp32(p - z * z)
    return tail if x < 0 else _ONE - tail


def normal_cdf(x):
    """Return P(X <= x) for a standard normal X."""
    return 0.5 * math.erfc(-x * math.sqrt(0.5))


@overload(normal_cdf, jit_options={"error_model": "numpy"})
def _normal_cdf(x):
    if x == types.float32:
        return lambda x: _normal_cdf32(x)
    return lambda x: 0.5 * math.erfc(-x * math.sqrt(0.5))


def largest(row):
    """Return the maximum of a row of numbers.

    Comparing floats does not vectorise, for NaN has no order; comparing integers does. Read as integers, positive
    floats are in order and negative ones in reverse, so the bits of the negative ones are flipped first. A NaN may
    or may not come out: the sums that follow carry it anyway.
    """
    return max(row)


@overload(largest, jit_options={"error_model": "numpy"})
def _largest(row):
    integer, shift = (np.int32, 31) if row.dtype == types.float32 else (np.int64, 63)
    magnitude = np.iinfo(integer).max

    def in_order(row):
        top = integer(_bits(row[0]))
        top = integer(top ^ (integer(top >> shift) & magnitude))
        for j in range(1, len(row)):
            key = integer(_bits(row[j]))
            key = integer(key ^ (integer(key >> shift) & magnitude))
            top = max(top, key)
        return _bits(integer(top ^ (integer(top >> shift) & magnitude)))

    return in_order
