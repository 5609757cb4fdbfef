"""perceptron.mistake_bound: what its mutants are tried on, and why some survive."""

from __future__ import annotations

from typing import Any

import numpy as np

from lessons.perceptron.drawn import some_points


def separated_points(rng: np.random.Generator) -> tuple[Any, ...]:
    w, X, _ = some_points(rng)
    w[w == 0] = 1
    X[np.abs(X @ w) < 0.1] = w
    return w, X, np.where(X @ w > 0, 1, -1).astype(X.dtype)


BROAD = separated_points
EXPLAINED = {
    "return (R / gamma) ** 2": "A NumPy number is one number as well.",
    "R = np.linalg.norm(X, axis=-1).max()": "Of two axes the last is the second.",
}
