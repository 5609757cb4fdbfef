"""One training step of a multilayer network on a tape."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np

from benchmarks.timing import Pair, Row, against_torch, normal
from nnlite import functional as F
from nnlite import nn, optim

SIZES = (784, 128, 64, 10)


def rows() -> Iterator[Row]:
    """Against PyTorch eager, with its fused Adam and its plain one."""
    for fused in (True, False):
        yield from against_torch(
            "MLP 784-128-64-10, batch 64, Adam step",
            lambda torch, fused=fused: pair(torch, fused),
            2.5,
            ", fused" if fused else "",
        )


def pair(torch: Any, fused: bool) -> Pair:
    """Ours and torch's, from the same weights on the same batch."""
    x, y = normal(64, 784), np.random.default_rng(0).integers(10, size=64)
    model = nn.Sequential(*layers(nn, rng=0))
    optimizer = optim.Adam(model.parameters(), lr=1e-3)

    def ours() -> None:
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        optimizer.step()

    tx, ty = torch.tensor(x), torch.tensor(y)
    theirs_model = torch.nn.Sequential(*layers(torch.nn))
    theirs_model.load_state_dict({key: torch.tensor(value) for key, value in model.state_dict().items()})
    theirs_optimizer = torch.optim.Adam(theirs_model.parameters(), lr=1e-3, fused=fused)

    def theirs() -> None:
        theirs_optimizer.zero_grad()
        torch.nn.functional.cross_entropy(theirs_model(tx), ty).backward()
        theirs_optimizer.step()

    return ours, theirs


def layers(library: Any, **options: Any) -> Iterator[Any]:
    """Linear layers with ReLU between them, of either library."""
    for i, (k, m) in enumerate(itertools.pairwise(SIZES)):
        if i:
            yield library.ReLU()
        yield library.Linear(k, m, **options)
