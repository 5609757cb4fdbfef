"""Recurrent layers over whole sequences, and the gated diagonal scan, forward and backward."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from benchmarks.timing import Pair, Row, against_torch, normal, there_and_back
from nnlite import functional as F
from nnlite import nn


def rows() -> Iterator[Row]:
    """Against PyTorch's whole-sequence layers; the scan against a loop over time, for it has none."""
    for name in ("LSTM", "GRU"):
        yield from against_torch(
            f"{name}, batch 16, T=64, 64 to 128", lambda torch, name=name: recurrent(torch, name), 1.1
        )
    arrays = [1 / (1 + abs(normal(8, 256, 128))), normal(8, 256, 128, seed=1)]

    def loop(torch: Any, a: Any, b: Any) -> Any:
        h, states = torch.zeros_like(b[:, 0]), []
        for t in range(a.shape[1]):
            h = a[:, t] * h + b[:, t]
            states.append(h)
        return torch.stack(states, 1)

    yield from against_torch(
        "diagonal scan, 8 x T=256 x 128",
        lambda torch: there_and_back(F.linear_recurrence, lambda a, b: loop(torch, a, b), arrays),
        8,
    )


def recurrent(torch: Any, name: str) -> Pair:
    """Ours and torch's layer with the same weights."""
    ours = getattr(nn, name)(64, 128, batch_first=True, rng=0)
    theirs = getattr(torch.nn, name)(64, 128, batch_first=True)
    theirs.load_state_dict({key: torch.tensor(value) for key, value in ours.state_dict().items()})

    def forget(*modules: Any) -> None:
        for module in modules:
            for p in module.parameters():
                p.grad = None

    def mine(x: Any) -> Any:
        forget(ours)
        return ours(x)[0]

    def yours(x: Any) -> Any:
        forget(theirs)
        return theirs(x)[0]

    return there_and_back(mine, yours, [normal(16, 64, 64)])
