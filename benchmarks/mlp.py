"""One training step of a multilayer network 784-128-64-10 on a tape, batch 64, Adam."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from benchmarks.timing import Row, compare, missing, version
from nnlite import functional as F
from nnlite import nn, optim

NAME = "MLP 784-128-64-10, batch 64, Adam step"


def rows() -> Iterator[Row]:
    """Against PyTorch eager with its fused Adam, on one and on two threads."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((64, 784)).astype(np.float32)
    y = rng.integers(10, size=64)
    model = nn.Sequential(
        nn.Linear(784, 128, rng=rng), nn.ReLU(), nn.Linear(128, 64, rng=rng), nn.ReLU(), nn.Linear(64, 10, rng=rng)
    )
    optimizer = optim.Adam(model.parameters(), lr=1e-3)

    def ours() -> None:
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        optimizer.step()

    if missing("torch"):
        yield Row(NAME, "torch, fused Adam", 1, None)
        return
    import torch

    tx, ty = torch.tensor(x), torch.tensor(y)
    theirs_model = torch.nn.Sequential(
        torch.nn.Linear(784, 128), torch.nn.ReLU(), torch.nn.Linear(128, 64), torch.nn.ReLU(), torch.nn.Linear(64, 10)
    )
    theirs_optimizer = torch.optim.Adam(theirs_model.parameters(), lr=1e-3, fused=True)

    def theirs() -> None:
        theirs_optimizer.zero_grad()
        torch.nn.functional.cross_entropy(theirs_model(tx), ty).backward()
        theirs_optimizer.step()

    for n in (1, 2):
        yield compare(NAME, version("torch") + ", fused", ours, theirs, n)
