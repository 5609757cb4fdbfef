"""optim.cosine: what its mutants are tried on, and why some survive."""

from __future__ import annotations

from typing import Any

import numpy as np

ZERO = "0 is 0.0."


def some_time(rng: np.random.Generator) -> tuple[Any, ...]:
    warmup = int(rng.integers(0, 50))
    total = warmup + int(rng.integers(1, 100))
    args = int(rng.integers(0, total + 50)), total
    return args if rng.random() < 0.2 else (*args, warmup, float(rng.uniform(0, 1)))


BROAD = some_time
EXPLAINED = {
    "def cosine(t, total, warmup=0, final=-0.0):": ZERO,
    "def cosine(t, total, warmup=0, final=0):": ZERO,
}
