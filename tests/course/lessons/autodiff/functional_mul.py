"""functional.mul: what its mutants are tried on, and why some survive."""

from __future__ import annotations

from typing import Any

import numpy as np


def some_factors(rng: np.random.Generator) -> tuple[Any, ...]:
    shape = tuple(rng.integers(1, 4, size=rng.integers(1, 4)))
    dtype = rng.choice([np.float32, np.float64])
    narrow = tuple(n if rng.random() < 0.6 else 1 for n in shape[rng.integers(0, len(shape) + 1) :])
    factors = [rng.normal(size=shape).astype(dtype), np.asarray(rng.normal(size=narrow)).astype(dtype)]
    return tuple(factors[:: rng.choice([1, -1])])


BROAD = some_factors
EXPLAINED = {
    "dother = dy * x if needs[-1] else None": "Of two, the last is the second.",
}
