"""neuron.net: what its mutants are tried on, and why some survive."""

from __future__ import annotations

from typing import Any

import numpy as np


def some_weights_and_points(rng: np.random.Generator) -> tuple[Any, ...]:
    shape = tuple(rng.integers(1, 7, size=rng.integers(1, 3)))
    dtype = rng.choice([np.float32, np.float64])
    return rng.normal(size=shape[-1]).astype(dtype), rng.normal(size=shape).astype(dtype)


BROAD = some_weights_and_points
EXPLAINED: dict[str, str] = {}
