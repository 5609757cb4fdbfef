"""autodiff.unbroadcast: what its mutants are tried on, and why some survive."""

from __future__ import annotations

from typing import Any

import numpy as np


def some_stretching(rng: np.random.Generator) -> tuple[Any, ...]:
    shape = tuple(int(n) for n in rng.integers(1, 4, size=rng.integers(2, 5)))
    narrow = tuple(n if rng.random() < 0.6 else 1 for n in shape[rng.integers(0, len(shape)) :])
    grad = rng.normal(size=shape).astype(rng.choice([np.float32, np.float64]))
    return grad, narrow if narrow != shape else (1,)


BROAD = some_stretching
EXPLAINED = {
    "stretched = (i + added for i, n in enumerate(shape) if n == 1)": "It is unpacked once, so a generator will do.",
    "stretched = tuple((i + added for i, n in enumerate(shape) if n <= 1))": (
        "An axis of length 0 is never stretched, and its sum over nothing does not come up."
    ),
    "added = np.ones_like(grad).ndim - len(shape)": "Only the number of axes is asked for.",
    "added = grad.ndim - len(np.ones_like(shape))": "Only the number of axes is asked for.",
}
