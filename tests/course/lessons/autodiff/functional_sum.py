"""functional.sum: what its mutants are tried on, and why some survive."""

from __future__ import annotations

from typing import Any

import numpy as np


def some_sum(rng: np.random.Generator) -> tuple[Any, ...]:
    shape = tuple(rng.integers(1, 4, size=rng.integers(1, 5)))
    x = rng.normal(size=shape).astype(rng.choice([np.float32, np.float64]))
    axes = tuple(int(d) for d in rng.permutation(len(shape))[: rng.integers(1, len(shape) + 1)])
    dim = [None, axes[0], axes[0] - len(shape), axes][rng.integers(4)]
    return (x,) if rng.random() < 0.1 else (x, dim, bool(rng.random() < 0.5))


BROAD = some_sum
EXPLAINED = {
    "y = np.sum(x, axis=dim, keepdims=keepdim)": "NumPy understands the same axes.",
    "over, shape = (_axes(x, dim), np.ones_like(x).shape)": "Only the shape is asked for.",
    "over, shape = (_axes(np.ones_like(x), dim), x.shape)": "Only the number of axes is asked for.",
}
