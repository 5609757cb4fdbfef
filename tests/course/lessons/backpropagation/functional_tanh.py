"""functional.tanh: what its mutants are tried on, and why some survive."""

from __future__ import annotations

from typing import Any

import numpy as np

from lessons.backpropagation.drawn import _arrays


def some_activations(rng: np.random.Generator) -> tuple[Any, ...]:
    (x,) = _arrays(rng, tuple(rng.integers(1, 5, size=rng.integers(1, 4))))
    return (x,)


BROAD = some_activations
EXPLAINED: dict[str, str] = {}
