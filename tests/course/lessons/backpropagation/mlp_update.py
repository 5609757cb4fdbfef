"""mlp.update: what its mutants are tried on, and why some survive."""

from __future__ import annotations

from typing import Any

import numpy as np

from lessons.backpropagation.drawn import _arrays


def some_step(rng: np.random.Generator) -> tuple[Any, ...]:
    shape = tuple(rng.integers(1, 5, size=rng.integers(1, 4)))
    return *_arrays(rng, shape, shape, shape), float(rng.random()), float(rng.random())


BROAD = some_step
EXPLAINED: dict[str, str] = {}
