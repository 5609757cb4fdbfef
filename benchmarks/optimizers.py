"""One step of AdamW over four parameters."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from benchmarks.timing import Pair, Row, against_torch, normal
from nnlite import Tensor, optim


def rows() -> Iterator[Row]:
    """Against PyTorch's fused AdamW and its plain one."""
    for total in (110_000, 790_000):
        for fused in (True, False):
            yield from against_torch(
                f"AdamW, {total // 1000},000 weights",
                lambda torch, total=total, fused=fused: pair(torch, total, fused),
                2,
                ", fused" if fused else "",
            )


def pair(torch: Any, total: int, fused: bool) -> Pair:
    """Ours and torch's, with the same weights and gradients."""
    shapes = [(total * 9 // 1000, 100), (total // 20,), (total // 40,), (total // 40,)]
    mine = [Tensor(normal(*shape), requires_grad=True) for shape in shapes]
    yours = [torch.tensor(p.data, requires_grad=True) for p in mine]
    for p, q in zip(mine, yours):
        p.grad = normal(*p.shape, seed=1)
        q.grad = torch.tensor(p.grad)
    return optim.AdamW(mine).step, torch.optim.AdamW(yours, fused=fused).step
