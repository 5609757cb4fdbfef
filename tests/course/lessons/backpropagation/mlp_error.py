"""mlp.error: what its mutants are tried on, and why some survive."""

from __future__ import annotations

from typing import Any

import numpy as np

from lessons.backpropagation.drawn import _arrays

LAST_AXIS = "Nets have two axes: the last one is axis 1."


ROWS = "y, Z, log_P and dZ have one entry or one row for each point: all lengths are N."


def some_nets(rng: np.random.Generator) -> tuple[Any, ...]:
    n, k = rng.integers(1, 7, 2)
    (Z,) = _arrays(rng, (n, k))
    return rng.choice([1, 30, 1000]).astype(Z.dtype) * Z, rng.integers(0, k, n)


BROAD = some_nets
EXPLAINED = {
    "Z = Z - Z.max(axis=-1, keepdims=True)": LAST_AXIS,
    "log_P = Z - np.log(np.exp(Z).sum(axis=-1, keepdims=True))": LAST_AXIS,
    "return (-log_P[right].mean(), dZ / len(y))": "A NumPy number is one number as well.",
    "right = (np.arange(len(Z)), y)": ROWS,
    "right = (np.arange(len(log_P)), y)": ROWS,
    "right = (np.arange(len(np.ones_like(y))), y)": ROWS,
    "return (float(-log_P[right].mean()), dZ / len(Z))": ROWS,
    "return (float(-log_P[right].mean()), dZ / len(dZ))": ROWS,
    "return (float(-log_P[right].mean()), dZ / len(log_P))": ROWS,
    "return (float(-log_P[right].mean()), dZ / len(np.ones_like(y)))": ROWS,
}
