"""mlp.backward: what its mutants are tried on, and why some survive."""

from __future__ import annotations

from typing import Any

import numpy as np

from lessons.backpropagation.drawn import _arrays


def some_backward_pass(rng: np.random.Generator) -> tuple[Any, ...]:
    n, d, m, k = rng.integers(1, 7, 4)
    W2, X, A, dZ = _arrays(rng, (k, m), (n, d), (n, m), (n, k))
    return W2, X, np.tanh(A), dZ


BROAD = some_backward_pass
EXPLAINED: dict[str, str] = {}
