"""Activation functions, forward and backward."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.timing import Row, against_torch, normal, there_and_back
from nnlite import functional as F


def rows() -> Iterator[Row]:
    """Against PyTorch eager."""
    x = normal(512, 512)
    for name, floor in (("gelu", 1.2), ("silu", 1.2), ("relu", None), ("sigmoid", None)):
        yield from against_torch(
            f"{name}, 512 x 512",
            lambda torch, name=name: there_and_back(
                getattr(F, name), getattr(torch.nn.functional, name, None) or getattr(torch, name), [x]
            ),
            floor,
        )
    scores = normal(4096, 64)
    yield from against_torch(
        "softmax, 4096 x 64", lambda torch: there_and_back(F.softmax, lambda x: torch.softmax(x, -1), [scores])
    )
