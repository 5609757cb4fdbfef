"""Lesson 02: inputs broader than those of the checks, for several exercises."""

from __future__ import annotations

from typing import Any

import numpy as np


def some_points(rng: np.random.Generator) -> tuple[Any, ...]:
    n, d = rng.integers(1, 8), rng.integers(1, 6)
    dtype = rng.choice([np.float32, np.float64])
    scale = rng.choice([1.0, 100.0])
    X = (scale * rng.normal(size=(n, d))).round(rng.integers(0, 3)).astype(dtype)
    w = rng.normal(size=d).round(rng.integers(0, 3)).astype(dtype)
    return w, X, rng.choice([-1, 1], n).astype(dtype)
