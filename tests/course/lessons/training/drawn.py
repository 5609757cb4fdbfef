"""Lesson 07: inputs broader than those of the checks, for several exercises."""

from __future__ import annotations

from typing import Any

import numpy as np


def some_step(rng: np.random.Generator, arrays: int) -> list[Any]:
    shape = tuple(rng.integers(1, 5, size=rng.integers(1, 4)))
    dtype = rng.choice([np.float32, np.float64])
    return [rng.normal(size=shape).astype(dtype) for _ in range(arrays)]
