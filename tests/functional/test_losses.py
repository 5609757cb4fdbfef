"""Losses against PyTorch in every combination of options, and what cross-entropy means."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from oracle import agrees_with_torch, close

from nnlite import Tensor
from nnlite import functional as F


@pytest.mark.parametrize("name", ["mse_loss", "l1_loss"])
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("shape", [(), (4,), (3, 5)], ids=str)
def test_elementwise_loss(name: str, reduction: str, shape: Any, dtype: str, rng: Any) -> None:
    x, target = (np.asarray(rng.standard_normal(shape), dtype) for _ in range(2))
    agrees_with_torch(
        lambda x, t: getattr(F, name)(x, t, reduction=reduction),
        lambda torch, x, t: getattr(torch.nn.functional, name)(x, t, reduction=reduction),
        x,
        target,
    )


OPTIONS = list(itertools.product(["mean", "sum", "none"], [0.0, 0.1, 1.0], [False, True]))


def compare(logits: Any, target: Any, weight: Any, **options: Any) -> None:
    def theirs(torch: Any, logits: Any) -> Any:
        w = None if weight is None else torch.tensor(weight)
        return torch.nn.functional.cross_entropy(logits, torch.tensor(target), weight=w, **options)

    agrees_with_torch(lambda x: F.cross_entropy(x, target, weight=weight, **options), theirs, logits)


@pytest.mark.parametrize(("reduction", "smoothing", "weighted"), OPTIONS)
def test_labels(reduction: str, smoothing: float, weighted: bool, both_ways: bool, rng: Any) -> None:
    for shape in [(6, 4), (4,), (2, 4, 3), (2, 4, 3, 2)]:
        labels = rng.integers(0, 4, () if len(shape) == 1 else (shape[0], *shape[2:]))
        for dtype in ("float32", "float64"):
            logits = (rng.standard_normal(shape) * 3).astype(dtype)
            weight = rng.uniform(0.2, 2, 4).astype(dtype) if weighted else None
            compare(logits, labels, weight, reduction=reduction, label_smoothing=smoothing)


@pytest.mark.parametrize(("reduction", "smoothing", "weighted"), OPTIONS)
def test_ignored_labels(reduction: str, smoothing: float, weighted: bool, both_ways: bool, rng: Any) -> None:
    weight = rng.uniform(0.2, 2, 4) if weighted else None
    for ignore in (-100, 2):
        target = np.array([0, ignore, 3, 1, ignore])
        options = {"reduction": reduction, "label_smoothing": smoothing, "ignore_index": ignore}
        compare(rng.standard_normal((5, 4)), target, weight, **options)


@pytest.mark.parametrize(("reduction", "smoothing", "weighted"), OPTIONS)
def test_probabilities(reduction: str, smoothing: float, weighted: bool, dtype: str, rng: Any) -> None:
    for shape in [(5, 4), (4,), (2, 4, 3)]:
        target = rng.random(shape).astype(dtype)
        weight = rng.uniform(0.2, 2, 4).astype(dtype) if weighted else None
        logits = rng.standard_normal(shape).astype(dtype)
        compare(logits, target, weight, reduction=reduction, label_smoothing=smoothing)


def test_extreme_logits(dtype: str, both_ways: bool) -> None:
    logits = np.array([[1e4, 0, -1e4], [-1e4, 1e4, 0], [0, 0, 1e30], [88.0, 89.0, 90.0]], dtype)
    compare(logits, np.array([0, 0, 2, 1]), None, reduction="none")


def test_impossible_classes_cost_nothing_unless_they_are_the_answer(both_ways: bool) -> None:
    """A masked class has logit -inf: p log p is 0 there, and so is its gradient."""
    x = Tensor(np.array([[0.0, -np.inf, 0.0]]), requires_grad=True)
    y = F.cross_entropy(x, np.array([0]))
    assert y.item() == pytest.approx(np.log(2))
    y.backward()
    np.testing.assert_allclose(x.grad, [[-0.5, 0, 0.5]])


def test_a_common_shift_changes_nothing(both_ways: bool, rng: Any) -> None:
    """In float32 too, where the integers up to 2^20 and their sums are exact."""
    x, labels = rng.integers(-5, 5, (6, 7)).astype(np.float32), rng.integers(0, 7, 6)
    for reduction in ("mean", "none"):
        shifted = F.cross_entropy(x + np.float32(2**20), labels, reduction=reduction)
        close(shifted.data, F.cross_entropy(x, labels, reduction=reduction).data, 1e-6)


def test_the_most_useful_line_of_the_field(both_ways: bool, rng: Any) -> None:
    """The gradient of the summed cross-entropy is p - target."""
    x = Tensor(rng.standard_normal((6, 4)), requires_grad=True)
    labels = rng.integers(0, 4, 6)
    F.cross_entropy(x, labels, reduction="sum").backward()
    np.testing.assert_allclose(x.grad, F.softmax(x.data).data - np.eye(4)[labels], atol=1e-12)


def test_ignorance_costs_the_logarithm_of_the_number_of_classes(both_ways: bool) -> None:
    assert F.cross_entropy(np.zeros((3, 10)), np.array([1, 5, 9])).item() == pytest.approx(np.log(10))


def test_the_mean_over_only_ignored_labels_is_nan(both_ways: bool) -> None:
    x = Tensor(np.zeros((2, 3)), requires_grad=True)
    assert np.isnan(F.cross_entropy(x, np.array([-100, -100])).item())
    assert F.cross_entropy(x, np.array([-100, -100]), reduction="sum").item() == 0


def test_nan_in_an_ignored_row_does_not_count(both_ways: bool) -> None:
    x = np.array([[np.nan, 0.0], [0.0, 0.0]])
    assert F.cross_entropy(x, np.array([-100, 1])).item() == pytest.approx(np.log(2))
    assert np.isnan(F.cross_entropy(x, np.array([0, 1])).item())


def test_labels_of_any_integer_kind(both_ways: bool) -> None:
    x = np.random.default_rng(0).standard_normal((3, 4))
    wanted = F.cross_entropy(x, np.array([3, 0, 1])).item()
    array = np.array([3, 0, 1])
    for labels in ([3, 0, 1], array.astype(np.uint8), array.astype(np.int32), Tensor(array)):
        assert F.cross_entropy(x, labels).item() == wanted
