"""mark1.update: what its mutants are tried on, and why some survive."""

from __future__ import annotations

from typing import Any

import numpy as np


def some_lesson(rng: np.random.Generator) -> tuple[Any, ...]:
    r, d = rng.integers(1, 6, 2)
    dtype = rng.choice([np.float32, np.float64])
    w = rng.integers(-4, 5, (r, d)).astype(dtype)
    return w, rng.integers(0, 2, d).astype(dtype), rng.choice([-1, 1], r).astype(dtype)


BROAD = some_lesson
EXPLAINED = {
    "return w + np.outer(wrong / y, a)": "y is +1 or -1, and so is 1 / y.",
}
