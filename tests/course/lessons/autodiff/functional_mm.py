"""functional.mm: what its mutants are tried on, and why some survive."""

from __future__ import annotations

from typing import Any

import numpy as np


def some_matrices(rng: np.random.Generator) -> tuple[Any, ...]:
    n, k, m = rng.integers(1, 5, size=3)
    dtype = rng.choice([np.float32, np.float64])
    return rng.normal(size=(n, k)).astype(dtype), rng.normal(size=(k, m)).astype(dtype)


BROAD = some_matrices
EXPLAINED = {
    "dother = x.T @ dy if needs[-1] else None": "Of two, the last is the second.",
}
