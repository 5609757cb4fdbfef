"""Scaled dot-product attention against PyTorch, and what its masks promise."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from oracle import agrees_with_torch, close

import nnlite
from nnlite import Tensor
from nnlite import functional as F

SHAPES = [((5, 4), (7, 4), (7, 3)), ((2, 3, 5, 4), (2, 3, 5, 4), (2, 3, 5, 4)), ((2, 1, 1), (2, 6, 1), (2, 6, 2))]


def torch_attention(torch: Any, *arrays: Any, **options: Any) -> Any:
    from torch.nn.attention import SDPBackend, sdpa_kernel

    with sdpa_kernel(SDPBackend.MATH):
        return torch.nn.functional.scaled_dot_product_attention(*arrays, **options)


def three(rng: Any, shapes: Any, dtype: str = "float64") -> list[Any]:
    return [rng.standard_normal(s).astype(dtype) for s in shapes]


@pytest.mark.parametrize("shapes", SHAPES, ids=str)
@pytest.mark.parametrize("scale", [None, 0.3])
def test_plain(shapes: Any, scale: Any, dtype: str, both_ways: bool, rng: Any) -> None:
    agrees_with_torch(
        lambda *a: F.scaled_dot_product_attention(*a, scale=scale),
        lambda torch, *a: torch_attention(torch, *a, scale=scale),
        *three(rng, shapes, dtype),
    )


@pytest.mark.parametrize(("t", "s"), [(6, 6), (4, 7), (7, 4), (1, 5)])
def test_causal(t: int, s: int, dtype: str, both_ways: bool, rng: Any) -> None:
    agrees_with_torch(
        lambda *a: F.scaled_dot_product_attention(*a, is_causal=True),
        lambda torch, *a: torch_attention(torch, *a, is_causal=True),
        *three(rng, ((2, t, 3), (2, s, 3), (2, s, 5)), dtype),
    )


@pytest.mark.parametrize("shape", [(5, 7), (1, 7), (2, 1, 5, 7), (2, 3, 5, 7)], ids=str)
@pytest.mark.parametrize("kind", ["booleans", "numbers"])
def test_masks(shape: Any, kind: str, dtype: str, both_ways: bool, rng: Any) -> None:
    mask = rng.random(shape) < 0.6 if kind == "booleans" else rng.standard_normal(shape).astype(dtype)
    if kind == "booleans":
        mask[..., 2] = True
    agrees_with_torch(
        lambda *a: F.scaled_dot_product_attention(*a, attn_mask=mask),
        lambda torch, *a: torch_attention(torch, *a, attn_mask=torch.tensor(mask)),
        *three(rng, ((2, 3, 5, 4), (2, 3, 7, 4), (2, 3, 7, 4)), dtype),
    )


def test_many_queries_and_keys(both_ways: bool, rng: Any) -> None:
    """Long enough that a kernel that works in blocks has several, whole and cut."""
    shapes = ((1, 300, 8), (1, 517, 8), (1, 517, 8))
    for causal in (False, True):
        agrees_with_torch(
            lambda *a, c=causal: F.scaled_dot_product_attention(*a, is_causal=c),
            lambda torch, *a, c=causal: torch_attention(torch, *a, is_causal=c),
            *three(rng, shapes, "float32"),
            tolerance=5e-5,
        )


def test_extreme_scores_pick_one_value(dtype: str, both_ways: bool) -> None:
    """With scores of 10^4 softmax is a choice: no overflow, no NaN, and no gradient to the scores."""
    q = Tensor(np.array([[100.0]], dtype), requires_grad=True)
    k, v = np.array([[100.0], [-100.0], [90.0]], dtype), np.array([[1.0], [2.0], [3.0]], dtype)
    y = F.scaled_dot_product_attention(q, k, v)
    assert y.item() == 1
    y.backward()
    assert q.grad[0, 0] == 0


def test_an_answer_is_an_average_of_the_values(both_ways: bool, rng: Any) -> None:
    q, k, v = three(rng, SHAPES[0])
    y = F.scaled_dot_product_attention(q, k, v).data
    assert (y <= v.max(0)).all()
    assert (y >= v.min(0)).all()
    close(F.scaled_dot_product_attention(q, k, np.ones_like(v)).data, np.ones((5, 3)))


def test_the_order_of_keys_does_not_matter_the_order_of_queries_does(both_ways: bool, rng: Any) -> None:
    q, k, v = three(rng, SHAPES[0])
    order = rng.permutation(7)
    y = F.scaled_dot_product_attention(q, k, v).data
    close(F.scaled_dot_product_attention(q, k[order], v[order]).data, y)
    close(F.scaled_dot_product_attention(q[::-1], k, v).data, y[::-1])


def test_the_future_has_no_influence(both_ways: bool, rng: Any) -> None:
    """Under a causal mask y[t] and its gradients do not change when anything after t does."""
    q, k, v = three(rng, ((6, 4), (6, 4), (6, 3)))
    y = F.scaled_dot_product_attention(q, k, v, is_causal=True).data
    k2, v2 = k.copy(), v.copy()
    k2[4:], v2[4:] = 50.0, -50.0
    np.testing.assert_array_equal(F.scaled_dot_product_attention(q, k2, v2, is_causal=True).data[:4], y[:4])
    value = Tensor(v, requires_grad=True)
    F.scaled_dot_product_attention(q, k, value, is_causal=True)[:4].sum().backward()
    np.testing.assert_array_equal(value.grad[4:], 0)


def test_nan_reaches_every_position_that_sees_it(dtype: str, both_ways: bool, rng: Any) -> None:
    for poisoned in range(3):
        arrays = three(rng, ((6, 4), (6, 4), (6, 3)), dtype)
        arrays[poisoned][2, 0] = np.nan
        y = F.scaled_dot_product_attention(*arrays, is_causal=True).data
        assert np.isnan(y[2:] if poisoned else y[2]).any(-1).all()


def test_a_query_that_may_look_nowhere_gets_nan(both_ways: bool, rng: Any) -> None:
    mask = np.array([[True, False], [False, False]])
    y = F.scaled_dot_product_attention(*three(rng, ((2, 3), (2, 3), (2, 3))), attn_mask=mask).data
    assert np.isfinite(y[0]).all()
    assert np.isnan(y[1]).all()


def test_dropout_of_weights_keeps_the_expectation(both_ways: bool, rng: Any) -> None:
    q, k, v = three(rng, ((1, 4), (6, 4), (6, 3)))
    y = F.scaled_dot_product_attention(q, k, v).data
    mean = np.mean([F.scaled_dot_product_attention(q, k, v, dropout_p=0.5, rng=i).data for i in range(2000)], 0)
    np.testing.assert_allclose(mean, y, atol=0.1)
    twice = [F.scaled_dot_product_attention(q, k, v, dropout_p=0.5, rng=7).data for _ in range(2)]
    np.testing.assert_array_equal(*twice)


def test_the_default_generator_serves_dropout(both_ways: bool, rng: Any) -> None:
    arrays = three(rng, SHAPES[0])
    nnlite.manual_seed(3)
    a = F.scaled_dot_product_attention(*arrays, dropout_p=0.5).data
    nnlite.manual_seed(3)
    np.testing.assert_array_equal(F.scaled_dot_product_attention(*arrays, dropout_p=0.5).data, a)
