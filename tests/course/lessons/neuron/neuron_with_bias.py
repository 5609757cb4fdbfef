"""neuron.with_bias: what its mutants are tried on, and why some survive."""

from __future__ import annotations

from typing import Any

import numpy as np


def some_points(rng: np.random.Generator) -> tuple[Any, ...]:
    shape = tuple(rng.integers(1, 5, size=rng.integers(1, 4)))
    return (rng.normal(size=shape).astype(rng.choice([np.float32, np.float64])),)


BROAD = some_points
EXPLAINED = {
    "ones = np.ones((*X.shape[:-1], 1), np.ones_like(X).dtype)": "Ones like X have the dtype of X.",
    "ones = np.ones((*np.ones_like(X).shape[:-1], 1), X.dtype)": "Ones like X have the shape of X.",
    "return np.concatenate([np.ones_like(ones), X], axis=-1)": "Ones are ones.",
}
