"""exp and its relatives in float32, against float64 over the whole range."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

pytest.importorskip("numba")
import numba

from nnlite.kernels import mathematics


def mapped(function: Any, x: np.ndarray) -> np.ndarray:
    @numba.njit(error_model="numpy")
    def loop(x, y):  # type: ignore[no-untyped-def]
        for i in range(x.size):
            y[i] = function(x[i])

    y = np.empty_like(x)
    loop(x, y)
    return y


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_decay(dtype: Any) -> None:
    """exp for x <= 0, and a little above: the last bits of 1.5 * 2^23 + 127 + n must become the exponent of 2^n."""
    x = np.linspace(-87.3, 60, 200_001).astype(dtype)
    np.testing.assert_allclose(mapped(mathematics.decay, x), np.exp(x.astype(np.float64)), rtol=4e-7)
    edges = np.array([0, -0.0, -1e-30, -87.4, -110, -1e4, -3e38, -np.inf, np.nan], dtype)
    np.testing.assert_allclose(mapped(mathematics.decay, edges), np.exp(edges), rtol=4e-7, atol=1.2e-38)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_tanh(dtype: Any) -> None:
    """Relative error, near 0 too, where 2 sigmoid(2x) - 1 has no digits left; and never beyond 1."""
    x = np.concatenate([np.geomspace(1e-37, 20, 100_001), np.linspace(7.8, 8, 1001)]).astype(dtype)
    x = np.concatenate([-x, x])
    y = mapped(mathematics.tanh, x)
    np.testing.assert_allclose(y, np.tanh(x.astype(np.float64)), rtol=4e-7 if dtype == np.float32 else 1e-15)
    assert np.abs(y).max() == 1
    edges = np.array([0, -0.0, np.inf, -np.inf, np.nan], dtype)
    np.testing.assert_array_equal(mapped(mathematics.tanh, edges), np.tanh(edges))
    assert np.signbit(mapped(mathematics.tanh, edges)[1])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_sigmoid(dtype: Any) -> None:
    """Relative error, in the lower tail too."""
    x = np.linspace(-87, 87, 100_001).astype(dtype)
    wanted = 1 / (1 + np.exp(-x.astype(np.float64)))
    np.testing.assert_allclose(mapped(mathematics.sigmoid, x), wanted, rtol=6e-7)
    edges = np.array([0, -0.0, -1e4, 1e4, -np.inf, np.inf, np.nan], dtype)
    np.testing.assert_allclose(mapped(mathematics.sigmoid, edges), [0.5, 0.5, 0, 1, 0, 1, np.nan], atol=1e-38)


@numba.njit
def cdf(x):  # type: ignore[no-untyped-def]
    return mathematics.normal(x)[0]


@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float32, 5e-7), (np.float64, 1e-14)])
def test_normal(dtype: Any, tolerance: float) -> None:
    """Relative to float64's erfc in the lower tail too, where 1 - erf would leave no digits."""
    x = np.linspace(-9, 9, 20_001).astype(dtype)
    wanted = np.array([0.5 * math.erfc(-v / math.sqrt(2)) for v in x.astype(np.float64)])
    got = mapped(cdf, x)
    np.testing.assert_allclose(got, wanted, rtol=20 * tolerance)
    np.testing.assert_allclose(got[x > -3], wanted[x > -3], rtol=4 * tolerance)
    edges = np.array([0, -np.inf, np.inf, np.nan, 40, -40], dtype)
    np.testing.assert_allclose(mapped(cdf, edges), [0.5, 0, 1, np.nan, 1, 0], atol=1e-37)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_largest(dtype: Any) -> None:
    """The maximum of a row, read as integers: negative numbers, both zeros, infinities, one element."""

    @numba.njit
    def call(row):  # type: ignore[no-untyped-def]
        return mathematics.largest(row)

    rng = np.random.default_rng(0)
    rows = [rng.standard_normal(n).astype(dtype) * scale for n in (1, 2, 7, 64, 65) for scale in (1, 1e30, 1e-30)]
    rows += [-np.abs(row) for row in rows]
    rows += [np.array(r, dtype) for r in ([-np.inf, -5], [np.inf, 1], [-0.0, -1], [-np.inf, -np.inf])]
    for row in rows:
        assert call(row) == row.max()
