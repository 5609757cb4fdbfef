"""mark1.associate: what its mutants are tried on, and why some survive."""

from __future__ import annotations

from typing import Any

import numpy as np

_SAME_DTYPE = "S, C and net have one dtype."


def some_machine(rng: np.random.Generator) -> tuple[Any, ...]:
    n, s, a = rng.integers(1, 8, 3)
    dtype = rng.choice([np.float32, np.float64])
    C, S = rng.integers(-1, 2, (s, a)).astype(dtype), rng.integers(0, 2, (n, s)).astype(dtype)
    return (C, S) if rng.random() < 0.3 else (C, S, float(rng.integers(-3, 4)))


BROAD = some_machine
EXPLAINED = {
    "return (net >= threshold).astype(C.dtype)": _SAME_DTYPE,
    "return (net >= threshold).astype(net.dtype)": _SAME_DTYPE,
    "return (net >= threshold).astype(np.ones_like(S).dtype)": _SAME_DTYPE,
}
