"""metrics.accuracy: what its mutants are tried on, and why some survive."""

from __future__ import annotations

from typing import Any

import numpy as np


def some_scores(rng: np.random.Generator) -> tuple[Any, ...]:
    n, c = rng.integers(1, 8, 2)
    scores = rng.normal(size=(n, c)).round(rng.integers(0, 3)).astype(rng.choice([np.float32, np.float64]))
    if rng.random() < 0.3:
        scores[rng.random((n, c)) < 0.2] = rng.choice([np.nan, np.inf, -np.inf])
    return scores, rng.integers(0, c, n)


BROAD = some_scores
EXPLAINED = {
    "best = scores.argmax(axis=-1)": "Of two axes the last is axis 1.",
    "known = ~np.isnan(scores).any(axis=-1)": "Of two axes the last is axis 1.",
    "return np.mean((best == labels) & known)": "A NumPy number is one number as well.",
}
