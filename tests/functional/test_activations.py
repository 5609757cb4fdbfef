"""Activation functions against PyTorch, from everyday to extreme numbers, on kernels and on formulas."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracle import agrees_with_torch, close

import nnlite
from nnlite import Tensor
from nnlite import functional as F

CASES = {
    "relu": (F.relu, lambda torch, x: torch.relu(x)),
    "leaky_relu": (lambda x: F.leaky_relu(x, 0.2), lambda torch, x: torch.nn.functional.leaky_relu(x, 0.2)),
    "sigmoid": (F.sigmoid, lambda torch, x: torch.sigmoid(x)),
    "tanh": (F.tanh, lambda torch, x: torch.tanh(x)),
    "silu": (F.silu, lambda torch, x: torch.nn.functional.silu(x)),
    "gelu": (F.gelu, lambda torch, x: torch.nn.functional.gelu(x)),
    "gelu_tanh": (
        lambda x: F.gelu(x, "tanh"),
        lambda torch, x: torch.nn.functional.gelu(x, approximate="tanh"),
    ),
    "softplus": (F.softplus, lambda torch, x: torch.nn.functional.softplus(x)),
    "softplus steep": (lambda x: F.softplus(x, 3.0, 2.0), lambda torch, x: torch.nn.functional.softplus(x, 3.0, 2.0)),
    "glu": (F.glu, lambda torch, x: torch.nn.functional.glu(x)),
}
every_case = pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())


@every_case
@pytest.mark.parametrize("shape", [(4,), (3, 34), (2, 3, 6), (0, 2)], ids=str)
def test_everyday_numbers(case: Any, shape: Any, dtype: str, both_ways: bool, rng: Any) -> None:
    agrees_with_torch(*case, rng.uniform(-6, 6, shape).astype(dtype))


@every_case
def test_extreme_numbers(case: Any, dtype: str, both_ways: bool) -> None:
    """Neither exp(1000) nor its square may turn into NaN: each function has a limit at both ends."""
    x = np.array([0, -0.0, 1e-30, -1e-30, 1e-3, 10, -10, 50, -50, 95, -95, 800, -800, 1e4, -1e4], dtype)
    agrees_with_torch(*case, np.concatenate([x, x]))


@pytest.mark.parametrize("name", ["relu", "sigmoid", "tanh"])
def test_infinities_have_their_limits(name: str, dtype: str, both_ways: bool) -> None:
    agrees_with_torch(*CASES[name], np.array([np.inf, -np.inf], dtype))


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("name", ["relu", "relu6", "hardtanh", "hardsigmoid", "hardswish", "threshold", "clamp"])
def test_where_a_function_is_flat_no_gradient_passes_not_even_nan(name: str, bad: float, both_ways: bool) -> None:
    """A product with the slope 0 would make NaN of it."""
    options = {"clamp": (-3.0, 3.0), "threshold": (-3.0, 0.0)}.get(name, ())
    x = nnlite.Tensor([-5.0, 1.0], requires_grad=True)
    getattr(F, name)(x, *options).backward(np.full(2, bad, np.float32))
    assert x.grad[0] == 0
    assert name == "hardtanh" or not np.isfinite(x.grad[1])


@pytest.mark.parametrize("name", ["sigmoid", "silu", "gelu"])
def test_precision_across_the_float32_range(name: str, both_ways: bool) -> None:
    """Each value is within a few units in the last place of float64's: no cancellation anywhere."""
    x = np.linspace(-80, 80, 4001, dtype=np.float32)
    with nnlite.use_kernels(False):
        wanted = CASES[name][0](x.astype(np.float64)).data
    got = CASES[name][0](x).data
    tail = name == "gelu"  # x * Phi(x) underflows with erfc; there only the absolute error counts
    np.testing.assert_allclose(got, wanted, rtol=2e-6, atol=4e-7 if tail else 1e-37)


# softmax


@pytest.mark.parametrize(
    ("shape", "dim"), [((5,), 0), ((3, 4), -1), ((3, 4), 0), ((2, 3, 7), 1), ((2, 0), -1), ((0, 3), 1)]
)
@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
def test_softmax(name: str, shape: Any, dim: int, dtype: str, both_ways: bool, rng: Any) -> None:
    x = (rng.standard_normal(shape) * 5).astype(dtype)
    agrees_with_torch(
        lambda x: getattr(F, name)(x, dim), lambda torch, x: getattr(torch.nn.functional, name)(x, dim=dim), x
    )


@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
def test_softmax_of_extreme_scores(name: str, dtype: str, both_ways: bool) -> None:
    x = np.array([[1e4, 0, -1e4], [88, 89, 90], [-1e30, 0, 1e30], [0, -np.inf, 1], [-200, -201, -202]], dtype)
    agrees_with_torch(lambda x: getattr(F, name)(x), lambda torch, x: getattr(torch.nn.functional, name)(x, dim=-1), x)


@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
@given(seed=st.integers(0, 2**32 - 1))
def test_softmax_ignores_a_common_shift(name: str, both_ways: bool, seed: int) -> None:
    """softmax(x + c) = softmax(x): in float32 too, where the integers up to 2^20 and their sums are exact."""
    x = np.random.default_rng(seed).integers(-5, 5, (3, 7)).astype(np.float32)
    function = getattr(F, name)
    close(function(x + np.float32(2**20)).data, function(x).data, 1e-6)


@given(seed=st.integers(0, 2**32 - 1))
def test_probabilities_add_up_to_one_and_keep_the_order(seed: int) -> None:
    x = np.random.default_rng(seed).standard_normal((4, 9)).astype(np.float32) * 10
    p = F.softmax(x).data
    assert (p >= 0).all()
    np.testing.assert_allclose(p.sum(-1), 1, rtol=1e-6)
    np.testing.assert_array_equal(p.argmax(-1), x.argmax(-1))
    np.testing.assert_allclose(F.log_softmax(x).data, np.log(p.astype(np.float64)), rtol=1e-4, atol=1e-4)


@given(seed=st.integers(0, 2**32 - 1))
def test_gradient_of_softmax_adds_up_to_zero(seed: int) -> None:
    """The probabilities always add up to one, so no change of the scores changes their sum."""
    rng = np.random.default_rng(seed)
    x = Tensor(rng.standard_normal((4, 9)), requires_grad=True)
    F.softmax(x).backward(rng.standard_normal((4, 9)))
    np.testing.assert_allclose(x.grad.sum(-1), 0, atol=1e-14)


def test_softmax_of_nan_is_nan_in_its_row_only(dtype: str, both_ways: bool) -> None:
    x = np.zeros((2, 5), dtype)
    x[0, 3] = np.nan
    for name in ("softmax", "log_softmax"):
        y = getattr(F, name)(x).data
        assert np.isnan(y[0]).all()
        assert np.isfinite(y[1]).all()
