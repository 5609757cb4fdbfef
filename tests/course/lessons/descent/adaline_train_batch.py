"""adaline.train_batch: what its mutants are tried on, and why some survive."""

from __future__ import annotations

from typing import Any

import numpy as np

from lessons.descent.drawn import some_points


def some_descents(rng: np.random.Generator) -> tuple[Any, ...]:
    steps = int(rng.integers(0, 6))
    return (*some_points(rng), steps) if rng.random() < 0.2 else (*some_points(rng), steps, float(rng.uniform(0, 0.3)))


BROAD = some_descents
EXPLAINED: dict[str, str] = {}
