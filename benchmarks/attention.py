"""Causal attention, forward and backward, for 8 heads of 32 numbers."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.timing import Row, against_torch, normal, there_and_back
from nnlite import functional as F


def rows() -> Iterator[Row]:
    """Against PyTorch's fused attention."""
    for length in (128, 1024):
        arrays = [normal(1, 8, length, 32, seed=i) for i in range(3)]
        yield from against_torch(
            f"causal attention, T={length}",
            lambda torch, arrays=arrays: there_and_back(
                lambda q, k, v: F.scaled_dot_product_attention(q, k, v, is_causal=True),
                lambda q, k, v: torch.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True),
                arrays,
            ),
            1.4,
        )
