"""Dropout: how much falls silent, and what stays the same."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nnlite
from nnlite import Tensor
from nnlite import functional as F
from nnlite.functional.dropout import inverted_dropout


@given(p=st.floats(0, 0.95), seed=st.integers(0, 2**32 - 1))
def test_each_element_is_silent_or_scaled(p: float, seed: int) -> None:
    """Values are 0 or x / (1 - p), and the gradient went through the same mask."""
    x = Tensor(np.full(2000, 3.0), requires_grad=True)
    y = F.dropout(x, p, rng=seed)
    kept = y.data != 0
    np.testing.assert_allclose(y.data[kept], 3 / (1 - p))
    assert abs(kept.mean() - (1 - p)) < 5 * np.sqrt(0.25 / 2000)
    y.sum().backward()
    np.testing.assert_allclose(x.grad, kept / (1 - p))


def test_probability_one_silences_all_without_nan() -> None:
    x = Tensor([1.0, 2.0], requires_grad=True)
    y = F.dropout(x, 1.0)
    y.sum().backward()
    np.testing.assert_array_equal(y.data, 0)
    np.testing.assert_array_equal(x.grad, 0)


@pytest.mark.parametrize("options", [{"p": 0.0}, {"p": 0.7, "training": False}])
def test_without_dropout_nothing_changes(options: dict[str, float]) -> None:
    x = np.random.default_rng(0).standard_normal(10)
    np.testing.assert_array_equal(F.dropout(x, **options).data, x)


@pytest.mark.parametrize("options", [{"p": 0.0}, {"p": 0.7, "training": False}])
@pytest.mark.parametrize("drop", [F.dropout, F.dropout1d, F.dropout2d])
def test_what_is_not_silenced_is_a_copy_all_the_same(drop: Any, options: dict[str, float]) -> None:
    """In training or not, who changes the answer does not change the input."""
    x = Tensor(np.ones((2, 3, 4, 5)), requires_grad=True)
    y = drop(x, **options)
    y.detach()[...] = 7
    np.testing.assert_array_equal(x.data, 1)


def test_the_seed_decides() -> None:
    x = np.ones(100, np.float32)
    np.testing.assert_array_equal(F.dropout(x, rng=5).data, F.dropout(x, rng=5).data)
    assert (F.dropout(x, rng=5).data != F.dropout(x, rng=6).data).any()
    nnlite.manual_seed(1)
    first = F.dropout(x).data
    assert (F.dropout(x).data != first).any()
    nnlite.manual_seed(1)
    np.testing.assert_array_equal(F.dropout(x).data, first)


def test_the_mask_is_that_of_float64_too() -> None:
    """The dtype does not change which elements fall silent."""
    x = np.ones(100)
    np.testing.assert_array_equal(F.dropout(x, rng=5).data > 0, F.dropout(x.astype(np.float32), rng=5).data > 0)


def test_the_mean_over_all_random_numbers_is_the_input() -> None:
    """Why the survivors are scaled: over u = 0, 1/8, ... 7/8 each element is its own mean, forwards and backwards."""
    x, dy = np.array([[1.0, -2.0], [0.5, 3.0]]), np.array([[2.0, 1.0], [-1.0, 4.0]])
    for p in (0.0, 0.25, 0.5, 0.875):
        results = [inverted_dropout(x, np.full((2, 2), k / 8), p) for k in range(8)]
        np.testing.assert_allclose(np.mean([y for y, _ in results], 0), x)
        np.testing.assert_allclose(np.mean([vjp(dy) for _, vjp in results], 0), dy)


@pytest.mark.parametrize(
    ("args", "error", "words"),
    [
        (([1.0], [0.5, 0.5], 0.5), ValueError, r"inverted_dropout: u has shape \(2,\)"),
        (([1.0, 2.0], [0.5], 1.5), ValueError, "inverted_dropout: p is 1.5"),
        ((["a"], [0.5], 0.5), TypeError, "inverted_dropout: x"),
    ],
)
def test_inverted_dropout_refuses_bad_input(args: tuple, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        inverted_dropout(*args)
