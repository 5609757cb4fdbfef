"""optim.momentum_step: what its mutants are tried on, and why some survive."""

from __future__ import annotations

from typing import Any

import numpy as np

from lessons.training.drawn import some_step


def some_momentum_step(rng: np.random.Generator) -> tuple[Any, ...]:
    args = *some_step(rng, 3), float(rng.uniform(0, 2)), float(rng.uniform(0, 1))
    return args if rng.random() < 0.2 else (*args, bool(rng.random() < 0.5))


BROAD = some_momentum_step
EXPLAINED: dict[str, str] = {}
