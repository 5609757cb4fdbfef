"""Normalisation against PyTorch, and the invariances that are its purpose."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from oracle import agrees_with_torch, close

from nnlite import Tensor
from nnlite import functional as F

SHAPES = [((4, 6), 6), ((6,), 6), ((2, 3, 5), (3, 5)), ((2, 3, 5), 5), ((0, 4), 4), ((3, 1), 1), ((2, 3), [3])]


@pytest.mark.parametrize(("shape", "last"), SHAPES, ids=str)
@pytest.mark.parametrize("parameters", [0, 1, 2])
@pytest.mark.parametrize("eps", [1e-5, 0.1])
def test_layer_norm(shape: Any, last: Any, parameters: int, eps: float, dtype: str, both_ways: bool, rng: Any) -> None:
    axes = [last] if isinstance(last, int) else list(last)
    arrays = [rng.normal(1, 2, s).astype(dtype) for s in (shape, axes, axes)][: 1 + parameters]
    agrees_with_torch(
        lambda x, *wb: F.layer_norm(x, last, *wb, eps=eps),
        lambda torch, x, *wb: torch.nn.functional.layer_norm(x, axes, *wb, eps=eps),
        *arrays,
        tolerance=1e-4 if dtype == "float32" and shape == (3, 1) else None,  # 0 * 1/sqrt(eps): rounding, enlarged
    )


@pytest.mark.parametrize(("shape", "last"), [s for s in SHAPES if s[0] != (3, 1)], ids=str)
@pytest.mark.parametrize("weighted", [False, True])
def test_rms_norm(shape: Any, last: Any, weighted: bool, dtype: str, rng: Any) -> None:
    axes = [last] if isinstance(last, int) else list(last)
    arrays = [rng.normal(1, 2, s).astype(dtype) for s in (shape, axes)][: 1 + weighted]
    agrees_with_torch(
        lambda x, *w: F.rms_norm(x, last, *w, eps=1e-5),
        lambda torch, x, *w: torch.nn.functional.rms_norm(x, axes, *w, eps=1e-5),
        *arrays,
    )


@pytest.mark.parametrize(
    ("shape", "groups"), [((2, 6, 5), 3), ((2, 6, 3, 4), 1), ((3, 4, 2, 2), 4), ((1, 4), 2), ((0, 4, 3), 2)], ids=str
)
@pytest.mark.parametrize("parameters", [0, 1, 2])
def test_group_norm(shape: Any, groups: int, parameters: int, dtype: str, rng: Any) -> None:
    arrays = [rng.normal(1, 2, s).astype(dtype) for s in (shape, shape[1], shape[1])][: 1 + parameters]
    agrees_with_torch(
        lambda x, *wb: F.group_norm(x, groups, *wb),
        lambda torch, x, *wb: torch.nn.functional.group_norm(x, groups, *wb),
        *arrays,
    )


def test_mean_zero_and_variance_one(dtype: str, both_ways: bool, rng: Any) -> None:
    y = F.layer_norm(rng.normal(100, 5, (4, 64)).astype(dtype), 64).data
    np.testing.assert_allclose(y.mean(-1), 0, atol=1e-5)
    np.testing.assert_allclose(y.var(-1), 1, rtol=1e-4)


def test_layer_norm_ignores_shift_and_scale(dtype: str, both_ways: bool, rng: Any) -> None:
    x = rng.standard_normal((3, 16)).astype(dtype)
    close(F.layer_norm(5 * x - 7, 16, eps=0.0).data, F.layer_norm(x, 16, eps=0.0).data)


def test_each_position_is_normalised_by_itself(both_ways: bool, rng: Any) -> None:
    x = rng.standard_normal((5, 8))
    close(F.layer_norm(x, 8).data[3], F.layer_norm(x[3], 8).data)
    x = rng.standard_normal((5, 4, 3))
    close(F.group_norm(x, 2).data[3:4], F.group_norm(x[3:4], 2).data)


def test_a_constant_row_becomes_zero(dtype: str, both_ways: bool) -> None:
    np.testing.assert_allclose(F.layer_norm(np.full((2, 8), 3.0, dtype), 8).data, 0, atol=1e-6)


def test_nan_stays_in_its_row(dtype: str, both_ways: bool) -> None:
    x = np.arange(12.0).reshape(2, 6).astype(dtype)
    x[0, 1] = np.nan
    y = F.layer_norm(x, 6).data
    assert np.isnan(y[0]).all()
    assert np.isfinite(y[1]).all()


def test_infinite_weights_of_group_norm(both_ways: bool) -> None:
    """dy * weight is infinite with both signs, so that its mean, and with it the gradient, is NaN."""
    x = Tensor(np.array([[[1.0, 2, 4]]]), requires_grad=True)
    with np.errstate(all="ignore"):
        F.group_norm(x, 1, np.array([np.inf])).backward(np.array([[[1.0, -1, 1]]]))
    assert np.isnan(x.grad).all()
