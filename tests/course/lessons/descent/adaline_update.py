"""adaline.update: what its mutants are tried on, and why some survive."""

from __future__ import annotations

from typing import Any

import numpy as np

from lessons.descent.drawn import some_points


def some_updates(rng: np.random.Generator) -> tuple[Any, ...]:
    w, X, y = some_points(rng)
    return (w, X[0], y[0]) if rng.random() < 0.2 else (w, X[0], y[0], float(rng.uniform(0, 2)))


BROAD = some_updates
EXPLAINED: dict[str, str] = {}
