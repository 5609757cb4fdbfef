"""split.folds: what its mutants are tried on, and why some survive."""

from __future__ import annotations

from typing import Any

import numpy as np

_SAME_LENGTH = "y, order and the points dealt are all N long."


def some_deck(rng: np.random.Generator) -> tuple[Any, ...]:
    n = int(rng.integers(2, 25))
    return rng.integers(-2, 3, n), rng.permutation(n), int(rng.integers(2, n + 1))


BROAD = some_deck
EXPLAINED = {
    "fold = np.empty(len(dealt), np.int64)": _SAME_LENGTH,
    "fold = np.empty(len(order), np.int64)": _SAME_LENGTH,
    "fold = np.empty(len(np.ones_like(y)), np.int64)": _SAME_LENGTH,
    "fold[dealt] = np.arange(len(dealt)) % k": _SAME_LENGTH,
    "fold[dealt] = np.arange(len(fold)) % k": _SAME_LENGTH,
    "fold[dealt] = np.arange(len(order)) % k": _SAME_LENGTH,
    "fold[dealt] = np.arange(len(np.ones_like(y))) % k": _SAME_LENGTH,
}
