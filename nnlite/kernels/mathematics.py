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
_SMALLEST = np.float32(-87.33654)
_C2, _C3, _C4, _C5, _C6 = (np.float32(1 / math.factorial(k)) for k in range(2, 7))
_ONE = np.float32(1)
# 1.5 * 2^23: adding it leaves no bits for a fraction; and the bias of a float's exponent
_ROUND_TO_EXPONENT = np.float32(12582912 + 127)


@_exact
def log_probability(x, m, log_total):
    """Return (x - m) - log_total in that order: m + log_total would round away log_total where m is large."""
    return (x - m) - log_total


@_exact
def surprise(x, m, log_total):
    """Return the negative of :func:`log_probability`; negated outside, it would be put in another order."""
    return log_total - (x - m)


@_exact
def _decay32(x):
    inside = _SMALLEST if x < _SMALLEST else x  # NaN is not smaller and stays
    t = inside * _LOG2E + _ROUND_TO_EXPONENT
    n = t - _ROUND_TO_EXPONENT
    r = (inside - n * _LOG2_HIGH) - n * _LOG2_LOW
    p = _ONE + r * (_ONE + r * (_C2 + r * (_C3 + r * (_C4 + r * (_C5 + r * _C6)))))
    y = p * _bits(np.int32(_bits(t) << 23))  # the last bits of t are n + 127: moved up, they are the float 2^n
    return np.float32(0) if x < _SMALLEST else y


def decay(x):
    """Return e^x for x <= 0, a vectorisable polynomial in float32: without the upper end half the work."""
    return math.exp(x)


@overload(decay, jit_options={"error_model": "numpy"})
def _decay(x):
    if x == types.float32:
        return lambda x: _decay32(x)
    return lambda x: math.exp(x)


@_exact
def _sigmoid32(x):
    e = _decay32(-abs(x))
    r = _ONE / (_ONE + e)
    return e * r if x < 0 else r


def sigmoid(x):
    """Return 1 / (1 + e^-x), whose digits are right in the lower tail too."""
    e = math.exp(-abs(x))
    return e / (1 + e) if x < 0 else 1 / (1 + e)


@overload(sigmoid, jit_options={"error_model": "numpy"})
def _sigmoid(x):
    if x == types.float32:
        return lambda x: _sigmoid32(x)

    def in_double(x):
        e = math.exp(-abs(x))
        return e / (1 + e) if x < 0 else 1 / (1 + e)

    return in_double


# tanh(x) = x p(x^2) / q(x^2), fitted (by Eigen's authors) for the smallest relative error up to 7.905;
# beyond, 1 is returned, which is too much by 2.8e-7 at most
_TANH_END = np.float32(7.90531110763549805)
_P0, _P1, _P2, _P3, _P4, _P5, _P6 = (
    np.float32(c)
    for c in (
        4.89352455891786e-03,
        6.37261928875436e-04,
        1.48572235717979e-05,
        5.12229709037114e-08,
        -8.60467152213735e-11,
        2.00018790482477e-13,
        -2.76076847742355e-16,
    )
)
_D0, _D1, _D2, _D3 = (
    np.float32(c) for c in (4.89352518554385e-03, 2.26843463243900e-03, 1.18534705686654e-04, 1.19825839466702e-06)
)


@_exact
def _tanh32(x):
    end = _ONE if x > 0 else -_ONE
    beyond = abs(x) > _TANH_END  # NaN is not, and stays
    inside = _TANH_END if beyond else x
    s = inside * inside
    p = _P0 + s * (_P1 + s * (_P2 + s * (_P3 + s * (_P4 + s * (_P5 + s * _P6)))))
    y = inside * (p / (_D0 + s * (_D1 + s * (_D2 + s * _D3))))
    return end if beyond else y


def tanh(x):
    """Return the hyperbolic tangent, a vectorisable quotient of polynomials in float32: right for small x too."""
    return math.tanh(x)


@overload(tanh, jit_options={"error_model": "numpy"})
def _tanh(x):
    if x == types.float32:
        return lambda x: _tanh32(x)
    return lambda x: math.tanh(x)


# exp(z^2) erfc(z) for z >= 0 as a polynomial in t = 1 / (1 + 0.4 z), fitted for the smallest relative error, 1.2e-7
_Q0, _Q1, _Q2, _Q3, _Q4, _Q5, _Q6, _Q7, _Q8 = (
    np.float32(c)
    for c in (
        7.08619295e-05,
        0.224122151,
        0.24021145,
        0.131684738,
        0.414412897,
        -0.366332479,
        0.666137166,
        -0.380976613,
        0.070669712,
    )
)
_HALF, _STRETCH = np.float32(0.5), np.float32(0.4 * math.sqrt(0.5))


@_exact
def _normal32(x):
    e = _decay32(-_HALF * x * x)
    t = _ONE / (_ONE + _STRETCH * abs(x))
    p = _Q4 + t * (_Q5 + t * (_Q6 + t * (_Q7 + t * _Q8)))
    p = _Q0 + t * (_Q1 + t * (_Q2 + t * (_Q3 + t * p)))
    tail = _HALF * e * p
    return tail if x < 0 else _ONE - tail, e


def normal(x):
    """Return P(X <= x) for a standard normal X, and exp(-x^2 / 2)."""
    return 0.5 * math.erfc(-x * math.sqrt(0.5)), math.exp(-0.5 * x * x)


@overload(normal, jit_options={"error_model": "numpy"})
def _normal(x):
    if x == types.float32:
        return lambda x: _normal32(x)
    return lambda x: (0.5 * math.erfc(-x * math.sqrt(0.5)), math.exp(-0.5 * x * x))


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
