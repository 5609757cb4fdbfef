"""Softmax and cross-entropy in one: the loss and its gradient."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from benchmarks.timing import Pair, Row, against_torch, normal
from nnlite import Tensor
from nnlite import functional as F


def rows() -> Iterator[Row]:
    """Against PyTorch eager."""
    for n, classes in ((64, 10), (512, 1000)):
        yield from against_torch(
            f"softmax + cross-entropy, {n} x {classes}",
            lambda torch, n=n, classes=classes: pair(torch, n, classes),
            2,
        )


def pair(torch, n: int, classes: int) -> Pair:
    """Ours and torch's, on the same logits and labels."""
    logits, labels = normal(n, classes), np.random.default_rng(0).integers(classes, size=n)
    x, tx, t_labels = Tensor(logits, requires_grad=True), torch.tensor(logits, requires_grad=True), torch.tensor(labels)

    def ours() -> None:
        x.grad = None
        F.cross_entropy(x, labels).backward()

    def theirs() -> None:
        tx.grad = None
        torch.nn.functional.cross_entropy(tx, t_labels).backward()

    return ours, theirs
