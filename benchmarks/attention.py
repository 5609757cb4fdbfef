"""Causal attention, forward and backward, for 8 heads of 32 numbers."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from benchmarks.timing import Row, compare, missing, version
from nnlite import Tensor
from nnlite import functional as F


def rows() -> Iterator[Row]:
    """Against PyTorch's fused attention, on one and on two threads."""
    for length in (128, 1024):
        name = f"causal attention, T={length}, forward + backward"
        if missing("torch"):
            yield Row(name, "torch", 1, None)
            continue
        import torch

        rng = np.random.default_rng(0)
        q, k, v, dy = rng.standard_normal((4, 1, 8, length, 32)).astype(np.float32)
        inputs = [Tensor(a, requires_grad=True) for a in (q, k, v)]
        torch_inputs = [torch.tensor(a, requires_grad=True) for a in (q, k, v)]
        torch_dy = torch.tensor(dy)

        def ours(inputs: list[Tensor] = inputs, dy: np.ndarray = dy) -> None:
            for t in inputs:
                t.grad = None
            F.scaled_dot_product_attention(*inputs, is_causal=True).backward(dy)

        def theirs(inputs: list[torch.Tensor] = torch_inputs, dy: torch.Tensor = torch_dy) -> None:
            for t in inputs:
                t.grad = None
            torch.nn.functional.scaled_dot_product_attention(*inputs, is_causal=True).backward(dy)

        for n in (1, 2):
            yield compare(name, version("torch"), ours, theirs, n)
