"""Lesson 04: inputs broader than those of the checks, for several exercises."""

from __future__ import annotations

from typing import Any

import numpy as np

_NUMBER = "A NumPy number is one number as well."


def some_points(rng: np.random.Generator, answers: tuple[float, ...] = (-1, 1, 0.3)) -> tuple[Any, ...]:
    n, d = rng.integers(1, 8), rng.integers(1, 6)
    dtype = rng.choice([np.float32, np.float64])
    X = rng.normal(size=(n, d)).round(rng.integers(0, 3)).astype(dtype)
    w = rng.normal(size=d).round(rng.integers(0, 3)).astype(dtype)
    return w, X, rng.choice(answers, n).astype(dtype)


def some_labelled_points(rng: np.random.Generator) -> tuple[Any, ...]:
    w, X, y = some_points(rng, (0, 1))
    return w, X * X.dtype.type(rng.choice([1, 100, 10000])), y
