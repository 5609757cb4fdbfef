"""Reductions against PyTorch: every way of naming the axes, ties, empty arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from oracle import agrees_with_torch

from nnlite import Tensor
from nnlite import functional as F

DIMS = [None, 0, 1, -1, (0, 2), (-1, 0), (0, 1, 2)]


@pytest.mark.parametrize("name", ["sum", "mean", "amax", "amin", "logsumexp", "var", "std"])
@pytest.mark.parametrize("dim", DIMS, ids=str)
@pytest.mark.parametrize("keepdim", [False, True], ids=["drop", "keep"])
def test_reduction(name: str, dim: Any, keepdim: bool, dtype: str, rng: Any) -> None:
    x = (rng.standard_normal((2, 3, 4)) * 3).astype(dtype)
    axes = (0, 1, 2) if dim is None else dim
    agrees_with_torch(
        lambda x: getattr(F, name)(x, dim=dim, keepdim=keepdim),
        lambda torch, x: getattr(torch, name)(x, dim=axes, keepdim=keepdim),
        x,
    )


@pytest.mark.parametrize("correction", [0, 1, 2])
def test_correction_of_the_variance(correction: int, dtype: str, rng: Any) -> None:
    x = rng.standard_normal((3, 5)).astype(dtype)
    for name in ("var", "std"):
        agrees_with_torch(
            lambda x, n=name: getattr(F, n)(x, dim=1, correction=correction),
            lambda torch, x, n=name: getattr(torch, n)(x, dim=1, correction=correction),
            x,
        )


def test_variance_far_from_zero_keeps_its_precision() -> None:
    """The mean square minus the square of the mean would lose every digit here."""
    x = np.array([10000.0, 10001.0, 10002.0], np.float32)
    assert F.var(x).item() == pytest.approx(1.0, rel=1e-6)


@pytest.mark.parametrize("name", ["max", "min"])
@pytest.mark.parametrize("dim", [0, 1, -1])
@pytest.mark.parametrize("keepdim", [False, True], ids=["drop", "keep"])
def test_extreme_along_an_axis(name: str, dim: int, keepdim: bool, dtype: str, rng: Any) -> None:
    torch = pytest.importorskip("torch")
    x = rng.standard_normal((2, 3, 4)).astype(dtype)
    agrees_with_torch(
        lambda x: getattr(F, name)(x, dim, keepdim).values,
        lambda torch, x: getattr(torch, name)(x, dim, keepdim).values,
        x,
    )
    ours, theirs = getattr(F, name)(x, dim, keepdim), getattr(torch, name)(torch.tensor(x), dim, keepdim)
    np.testing.assert_array_equal(ours.indices.data, theirs.indices.numpy(), strict=True)


@pytest.mark.parametrize("name", ["amax", "amin"])
def test_ties_share_the_gradient(name: str) -> None:
    x = np.array([[1.0, 2.0, 2.0], [1.0, 1.0, 1.0]])
    for dim in (0, 1):
        agrees_with_torch(
            lambda x, d=dim: getattr(F, name)(x, d), lambda torch, x, d=dim: getattr(torch, name)(x, dim=d), x
        )
    agrees_with_torch(lambda x: getattr(F, name[1:])(x), lambda torch, x: getattr(torch, name[1:])(x), x)


@pytest.mark.parametrize(("dim", "keepdim"), [(None, False), (0, False), (-1, True)])
def test_argmax(dim: Any, keepdim: bool, rng: Any) -> None:
    torch = pytest.importorskip("torch")
    x = rng.integers(0, 3, (4, 5)).astype(np.float32)
    wanted = torch.tensor(x).argmax() if dim is None else torch.tensor(x).argmax(dim, keepdim)
    got = F.argmax(x, dim, keepdim)
    assert got.shape == tuple(wanted.shape)
    np.testing.assert_array_equal(np.take(x, got.data), np.take(x, wanted.numpy()))


def test_sums_over_nothing() -> None:
    """The empty sum is 0, the empty mean is undefined, the log of the empty sum is -inf."""
    empty = np.zeros((2, 0), np.float32)
    np.testing.assert_array_equal(F.sum(empty, 1).data, [0, 0])
    assert np.isnan(F.mean(empty, 1).data).all()
    assert np.isneginf(F.logsumexp(empty, 1).data).all()
    x = Tensor(empty, requires_grad=True)
    x.mean().backward()
    assert x.grad.shape == (2, 0)


def test_logsumexp_of_extreme_numbers(dtype: str) -> None:
    x = np.array([[1e4, 1e4], [-1e4, -1e4], [1e4, -1e4], [-np.inf, 3.0]], dtype)
    agrees_with_torch(lambda x: F.logsumexp(x, 1), lambda torch, x: torch.logsumexp(x, 1), x)
    assert np.isneginf(F.logsumexp(np.array([-np.inf, -np.inf])).item())
    assert F.logsumexp(np.array([np.inf, 0.0])).item() == np.inf
    assert np.isnan(F.logsumexp(np.array([np.nan, 0.0])).item())


def test_nan_reaches_every_reduction() -> None:
    x = np.array([1.0, np.nan, 3.0])
    for name in ("sum", "mean", "var", "std", "amax", "amin", "max", "min", "logsumexp"):
        assert np.isnan(getattr(F, name)(x).item()), name
    x = Tensor(x, requires_grad=True)
    x.amax().backward()
    assert np.isnan(x.grad).any()


def test_a_tensor_without_axes_is_its_own_sum() -> None:
    for name in ("sum", "mean", "amax", "amin", "logsumexp"):
        x = Tensor(np.array(2.0), requires_grad=True)
        y = getattr(F, name)(x)
        assert y.item() == pytest.approx(2.0)
        y.backward()
        assert x.grad == 1


def test_sum_of_integers_is_an_integer() -> None:
    assert Tensor(np.array([1, 2])).sum().dtype == np.int64
    assert Tensor([True, True]).sum().item() == 2


@pytest.mark.parametrize("dtype", [bool, np.uint8, np.int8, np.int32])
@pytest.mark.parametrize("name", ["sum", "cumsum", "prod"])
def test_narrow_integers_do_not_overflow(name: str, dtype: Any) -> None:
    """Catches a sum that is kept in the dtype of its terms: 100 + 100 is -56 in int8."""
    x = np.array([1, 0, 1], bool) if dtype is bool else np.array([100, 100, 2], dtype)
    y = getattr(Tensor(x), name)(0)
    assert y.dtype.itemsize == 8
    np.testing.assert_array_equal(y.data, getattr(np, name)(x.astype(np.int64), axis=0))
