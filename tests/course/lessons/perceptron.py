"""Lesson 02: what its mutants are tried on, and why some survive."""

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


BROAD = {"perceptron.loss": some_points}

EXPLAINED = {
    ("perceptron.loss", "return (-margin[margin < 0]).sum()"): "A NumPy number is one number as well.",
    (
        "perceptron.loss",
        "return float((-margin[margin <= 0]).sum())",
    ): "A point with net = 0 adds nothing, counted or not.",
}
