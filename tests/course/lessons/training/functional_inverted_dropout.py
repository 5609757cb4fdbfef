"""functional.inverted_dropout: what its mutants are tried on, and why some survive."""

from __future__ import annotations

from typing import Any

import numpy as np

from lessons.training.drawn import some_step


def some_activations(rng: np.random.Generator) -> tuple[Any, ...]:
    (x,) = some_step(rng, 1)
    u = rng.random(x.shape if rng.random() < 0.8 else (*x.shape[:-1], 1)).astype(rng.choice([np.float32, np.float64]))
    return x, u, float(rng.choice([0.0, rng.random(), 1.0]))


BROAD = some_activations
EXPLAINED = {
    "if p != 1:": "A probability is never more than 1.",
    "keep = (u >= p).astype(np.ones_like(x).dtype)": "The dtype stays that of x.",
}
