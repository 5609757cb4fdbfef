"""Normalisations, forward and backward to the input, the weight and the bias."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.timing import Row, against_torch, normal, there_and_back
from nnlite import functional as F


def rows() -> Iterator[Row]:
    """Against PyTorch eager."""
    for d in (128, 256):
        x, w, b = normal(4096, d), normal(d, seed=1), normal(d, seed=2)
        yield from against_torch(
            f"layer norm, 4096 x {d}",
            lambda torch, x=x, w=w, b=b, d=d: there_and_back(
                lambda x, w, b: F.layer_norm(x, d, w, b),
                lambda x, w, b: torch.nn.functional.layer_norm(x, (d,), w, b),
                [x, w, b],
            ),
            1.5,
        )
    x, w, b = normal(4096, 256), normal(256, seed=1), normal(256, seed=2)
    yield from against_torch(
        "RMS norm, 4096 x 256",
        lambda torch: there_and_back(
            lambda x, w: F.rms_norm(x, 256, w), lambda x, w: torch.nn.functional.rms_norm(x, (256,), w), [x, w]
        ),
        1.5,
    )
    images, w, b = normal(16, 64, 16, 16), normal(64, seed=1), normal(64, seed=2)
    yield from against_torch(
        "group norm + SiLU, 16 x 64 x 16 x 16",
        lambda torch: there_and_back(
            lambda x, w, b: F.silu(F.group_norm(x, 8, w, b)),
            lambda x, w, b: torch.nn.functional.silu(torch.nn.functional.group_norm(x, 8, w, b)),
            [images, w, b],
        ),
        1.5,
    )
