"""mlp.forward: what its mutants are tried on, and why some survive."""

from __future__ import annotations

from typing import Any

import numpy as np

from lessons.backpropagation.drawn import _arrays


def some_network(rng: np.random.Generator) -> tuple[Any, ...]:
    n, d, m, k = rng.integers(1, 7, 4)
    return tuple(_arrays(rng, (m, d), (m,), (k, m), (k,), (n, d)))


BROAD = some_network
EXPLAINED: dict[str, str] = {}
