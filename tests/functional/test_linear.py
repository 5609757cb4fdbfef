"""Matrix products, the linear layer and the embedding against PyTorch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from oracle import agrees_with_torch

from nnlite import Tensor
from nnlite import functional as F

PRODUCTS = [
    ((3, 4), (4, 5)),
    ((4,), (4,)),
    ((4,), (4, 5)),
    ((3, 4), (4,)),
    ((2, 3, 4), (4, 5)),
    ((2, 3, 4), (2, 4, 5)),
    ((3, 4), (2, 4, 5)),
    ((2, 1, 3, 4), (5, 4, 2)),
    ((4,), (2, 4, 3)),
    ((2, 3, 4), (4,)),
    ((0, 4), (4, 5)),
    ((3, 0), (0, 5)),
    ((2, 0, 3), (3, 1)),
]


@pytest.mark.parametrize("shapes", PRODUCTS, ids=str)
def test_matmul(shapes: Any, dtype: str, rng: Any) -> None:
    a, b = (rng.standard_normal(s).astype(dtype) for s in shapes)
    agrees_with_torch(F.matmul, lambda torch, a, b: a @ b, a, b)


@pytest.mark.parametrize("shapes", [((3, 4), (4, 5)), ((1, 4), (4, 1)), ((0, 4), (4, 2)), ((3, 0), (0, 5))], ids=str)
def test_mm(shapes: Any, dtype: str, rng: Any) -> None:
    a, b = (rng.standard_normal(s).astype(dtype) for s in shapes)
    agrees_with_torch(F.mm, lambda torch, a, b: torch.mm(a, b), a, b)


@pytest.mark.parametrize("shape", [(4,), (3, 4), (2, 3, 4), (0, 4), (2, 0, 4)], ids=str)
@pytest.mark.parametrize("bias", [True, False])
def test_linear(shape: Any, bias: bool, dtype: str, rng: Any) -> None:
    arrays = [rng.standard_normal(s).astype(dtype) for s in (shape, (5, 4), (5,))]
    agrees_with_torch(F.linear, lambda torch, *arrays: torch.nn.functional.linear(*arrays), *arrays[: 3 if bias else 2])


@pytest.mark.parametrize("shape", [(6,), (2, 3), (), (0,), (2, 2, 2)], ids=str)
def test_embedding_adds_the_gradients_of_repeated_rows(shape: Any, dtype: str, both_ways: bool, rng: Any) -> None:
    indices, weight = rng.integers(0, 4, shape), rng.standard_normal((4, 3)).astype(dtype)
    agrees_with_torch(
        lambda w: F.embedding(indices, w),
        lambda torch, w: torch.nn.functional.embedding(torch.tensor(indices), w),
        weight,
    )


def test_embedding_is_a_linear_layer_on_one_hot_vectors(rng: Any) -> None:
    indices, weight = rng.integers(0, 5, (2, 3)), rng.standard_normal((5, 4))
    one_hot = F.one_hot(indices, 5).data.astype(float)
    np.testing.assert_allclose(F.embedding(indices, weight).data, one_hot @ weight)


def test_embedding_takes_indices_in_a_tensor_or_a_list() -> None:
    weight = np.eye(3, dtype=np.float32)
    for indices in ([2, 0], np.array([2, 0], np.uint8), Tensor(np.array([2, 0]))):
        np.testing.assert_array_equal(F.embedding(indices, weight).data, weight[[2, 0]])
