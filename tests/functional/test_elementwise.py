"""Arithmetic against PyTorch, and where IEEE 754 and conventions decide."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from oracle import agrees_with_torch, close

from nnlite import Tensor
from nnlite import functional as F

UNARY = ["neg", "abs", "sqrt", "rsqrt", "exp", "log", "log1p", "sin", "cos", "square", "reciprocal", "erf"]
SHAPES = [((3, 4), (3, 4)), ((3, 1), (1, 4)), ((2, 3, 4), (4,)), ((), (2, 2)), ((0, 3), (1, 3)), ((1,), (5, 1, 1))]


@pytest.mark.parametrize("name", UNARY)
def test_unary(name: str, dtype: str, rng: Any) -> None:
    x = rng.uniform(0.2, 3, (3, 5)).astype(dtype)
    agrees_with_torch(getattr(F, name), lambda torch, x: getattr(torch, name)(x), x)


@pytest.mark.parametrize("name", UNARY)
def test_unary_at_the_edges(name: str, dtype: str) -> None:
    """0, infinities, NaN and arguments outside the domain: IEEE 754's answers, and no warning."""
    x = np.array([0.0, -0.0, 1e-30, -1.5, 60.0, -60.0, 1e18, np.inf, -np.inf, np.nan], dtype)
    if name == "abs":
        x = x[~np.isnan(x)]  # torch's gradient of |NaN| is 0, ours NaN
    agrees_with_torch(getattr(F, name), lambda torch, x: getattr(torch, name)(x), x)


@pytest.mark.parametrize("name", ["add", "sub", "mul", "div", "pow", "maximum", "minimum"])
@pytest.mark.parametrize("shapes", SHAPES, ids=str)
def test_binary_broadcasts(name: str, shapes: Any, dtype: str, rng: Any) -> None:
    a, b = (rng.uniform(0.5, 3, s).astype(dtype) for s in shapes)
    agrees_with_torch(getattr(F, name), lambda torch, a, b: getattr(torch, name)(a, b), a, b)
    agrees_with_torch(getattr(F, name), lambda torch, a, b: getattr(torch, name)(a, b), b, a)


def test_division_by_zero() -> None:
    a, b = np.array([1.0, -1.0, 0.0]), np.array([0.0, 0.0, 0.0])
    agrees_with_torch(F.div, lambda torch, a, b: a / b, a, b)


def test_power_of_negative_numbers_and_zero() -> None:
    x = np.array([-2.0, -1.0, 0.0, 0.0, 3.0])
    for exponent in (0, 1, 2, 3, -1, 0.5, 2.5):
        agrees_with_torch(lambda x, e=exponent: x**e, lambda torch, x, e=exponent: x**e, x)
    exponent = np.array([2.0, 3.0, 0.0, 2.0, -1.0])
    agrees_with_torch(lambda e: Tensor(np.abs(x)) ** e, lambda torch, e: torch.tensor(np.abs(x)) ** e, exponent)


def test_equal_elements_share_the_gradient_of_the_extreme() -> None:
    a, b = np.array([1.0, 2.0, 3.0]), np.array([1.0, 3.0, 2.0])
    agrees_with_torch(F.maximum, lambda torch, a, b: torch.maximum(a, b), a, b)
    agrees_with_torch(F.minimum, lambda torch, a, b: torch.minimum(a, b), a, b)


def test_nan_wins_an_extreme() -> None:
    a, b = np.array([np.nan, 1.0]), np.array([1.0, np.nan])
    assert np.isnan(F.maximum(a, b).data).all()
    assert np.isnan(F.minimum(a, b).data).all()


@pytest.mark.parametrize("bounds", [(-1, 1), (None, 0.5), (0.0, None), (1.0, -1.0)], ids=str)
def test_clamp(bounds: Any, dtype: str, rng: Any) -> None:
    """Also at the bounds themselves, where the gradient passes."""
    x = np.concatenate([rng.uniform(-3, 3, 20), [-1, 0.5, 1]]).astype(dtype)
    agrees_with_torch(lambda x: F.clamp(x, *bounds), lambda torch, x: torch.clamp(x, *bounds), x)


def test_where_broadcasts_its_condition(dtype: str, rng: Any) -> None:
    a, b = rng.standard_normal((3, 1)).astype(dtype), rng.standard_normal(4).astype(dtype)
    mask = rng.random((2, 3, 4)) < 0.5
    agrees_with_torch(lambda a, b: F.where(mask, a, b), lambda torch, a, b: torch.where(torch.tensor(mask), a, b), a, b)
    np.testing.assert_array_equal(F.where(Tensor(mask), a, b).data, np.where(mask, a, b))


def test_where_lets_no_gradient_of_the_other_branch_through() -> None:
    """The classic trap: where(x > 0, log(x), 0) has a finite gradient at x <= 0 only if the mask stops it."""
    x = Tensor(np.array([-1.0, 2.0]), requires_grad=True)
    F.where(x > 0, x * 3, 0.0).sum().backward()
    np.testing.assert_array_equal(x.grad, [0, 3])


def test_error_function_is_the_c_librarys(rng: Any) -> None:
    x = rng.uniform(-6, 6, 50)
    close(F.erf(x).data, np.array([math.erf(v) for v in x]), 1e-15)


@pytest.mark.parametrize("name", ["add", "sub", "mul", "div", "pow", "maximum", "minimum", "clamp"])
@pytest.mark.parametrize("dtypes", [("float32", "float64"), ("float64", "float32")])
@pytest.mark.parametrize("shapes", [((), (3,)), ((3,), ()), ((), ()), ((1,), (3,))])
def test_a_tensor_without_axes_has_no_say_in_the_dtype(name: str, dtypes: Any, shapes: Any) -> None:
    """As in PyTorch: beside a Tensor with axes it is like a Python number; and its gradient has its own dtype."""
    torch = pytest.importorskip("torch")
    arrays = [np.full(s, 1.5 + i, d) for i, (s, d) in enumerate(zip(shapes, dtypes))]
    ours, theirs = (
        [Tensor(a, requires_grad=True) for a in arrays],
        [torch.tensor(a, requires_grad=True) for a in arrays],
    )
    y, z = getattr(F, name)(*ours), getattr(torch, name)(*theirs)
    assert y.dtype == z.detach().numpy().dtype
    y.backward(np.ones(y.shape))
    assert [t.grad.dtype for t in ours] == [a.dtype for a in arrays]


def test_numbers_in_another_byte_order_are_converted() -> None:
    """Files of other machines hold them; beside a Tensor they follow it, alone they keep their width."""
    big = np.array([1.0, 2.0], ">f4")
    assert Tensor(big).dtype == np.dtype("float32")
    assert Tensor(big).dtype.isnative
    np.testing.assert_array_equal((Tensor(np.ones(2, np.float32)) + big).data, [2, 3])
    np.testing.assert_array_equal(
        F.mm(Tensor(np.eye(2, dtype=np.float32)), np.array([[1, 2], [3, 4]], ">f8")).data[0], [1, 2]
    )
    np.testing.assert_array_equal(F.embedding(np.array([1, 0], ">i4"), [[1.0], [2.0]]).data, [[2], [1]])
