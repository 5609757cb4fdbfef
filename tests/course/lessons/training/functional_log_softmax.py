"""functional.log_softmax: what its mutants are tried on, and why some survive."""

from __future__ import annotations

from typing import Any

import numpy as np

WARNINGS = "errstate only silences warnings about slices of -inf, which no student is asked about."


def some_scores(rng: np.random.Generator) -> tuple[Any, ...]:
    shape = tuple(rng.integers(1, 5, size=rng.integers(1, 5)))
    x = (rng.choice([1.0, 30.0, 2000.0]) * rng.normal(size=shape)).astype(rng.choice([np.float32, np.float64]))
    return (x,) if rng.random() < 0.2 else (x, int(rng.integers(-len(shape), len(shape))))


BROAD = some_scores
EXPLAINED = {
    "shifted = x - np.max(x, axis=dim, keepdims=True)": (
        "initial= only matters along an axis of length 0, which no student is asked about."
    ),
    "with np.errstate(invalid='ignore'):": WARNINGS,
    "with np.errstate(divide='ignore'):": WARNINGS,
}
