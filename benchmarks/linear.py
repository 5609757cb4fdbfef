"""Linear layers, with and without an activation, and the embedding, forward and backward."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from benchmarks.timing import Row, against_torch, normal, there_and_back
from nnlite import functional as F


def rows() -> Iterator[Row]:
    """Against PyTorch eager."""
    for n, k, m in ((64, 784, 128), (1024, 128, 512)):
        arrays = [normal(n, k), normal(m, k, seed=1), normal(m, seed=2)]
        yield from against_torch(
            f"linear, {n} x {k} to {m}",
            lambda torch, arrays=arrays: there_and_back(F.linear, torch.nn.functional.linear, arrays),
        )
        for name in ("relu", "gelu"):
            yield from against_torch(
                f"linear + {name}, {n} x {k} to {m}",
                lambda torch, arrays=arrays, name=name: there_and_back(
                    lambda x, w, b: F.linear_activation(x, w, b, name),
                    lambda x, w, b: getattr(torch.nn.functional, name)(torch.nn.functional.linear(x, w, b)),
                    arrays,
                ),
            )
    tokens = np.random.default_rng(0).integers(1000, size=(16, 128))
    table = normal(1000, 64)
    yield from against_torch(
        "embedding, 16 x 128 of 1000 x 64",
        lambda torch: there_and_back(
            lambda w, i: F.embedding(i, w),
            lambda w, i: torch.nn.functional.embedding(i, w),
            [table, tokens],
            constants=1,
        ),
    )
