"""Convolutions, forward and backward to the input, the weight and the bias, batches of 8 images."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.timing import Row, against_torch, normal, there_and_back
from nnlite import functional as F

CASES = (
    # name, channels in, channels out, side, kernel, options, floor
    ("3x3, 32 to 32, 16 x 16", 32, 32, 16, 3, {"padding": 1}, 1.3),
    ("3x3, 64 to 64, 16 x 16", 64, 64, 16, 3, {"padding": 1}, 1.3),
    ("3x3, 32 to 32, 32 x 32", 32, 32, 32, 3, {"padding": 1}, 1.3),
    ("3x3 stride 2, 32 to 64, 32 x 32", 32, 64, 32, 3, {"padding": 1, "stride": 2}, 1.0),
    ("1x1, 64 to 64, 16 x 16", 64, 64, 16, 1, {}, 1.0),
    ("3x3 depthwise, 64, 16 x 16", 64, 64, 16, 3, {"padding": 1, "groups": 64}, None),
)


def rows() -> Iterator[Row]:
    """Against PyTorch eager."""
    for name, c, m, side, k, options, floor in CASES:
        arrays = [normal(8, c, side, side), normal(m, c // options.get("groups", 1), k, k, seed=1), normal(m, seed=2)]
        yield from against_torch(
            f"conv {name}",
            lambda torch, arrays=arrays, options=options: there_and_back(
                lambda x, w, b: F.conv2d(x, w, b, **options),
                lambda x, w, b: torch.nn.functional.conv2d(x, w, b, **options),
                arrays,
            ),
            floor,
        )
    arrays = [normal(8, 64, 8, 8), normal(64, 32, 4, 4, seed=1), normal(32, seed=2)]
    yield from against_torch(
        "transposed conv 4x4 stride 2, 64 to 32, 8 x 8",
        lambda torch: there_and_back(
            lambda x, w, b: F.conv_transpose2d(x, w, b, stride=2, padding=1),
            lambda x, w, b: torch.nn.functional.conv_transpose2d(x, w, b, stride=2, padding=1),
            arrays,
        ),
        1.0,
    )
