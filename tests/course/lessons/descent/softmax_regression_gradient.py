"""softmax_regression.gradient: what its mutants are tried on, and why some survive."""

from __future__ import annotations

from typing import Any

import numpy as np

from lessons.descent.drawn import some_points

_LAST = "The last of two axes is axis 1."
_COUNT = "As many as there are points: whatever has one entry or row for each point is as long."


def some_classes(rng: np.random.Generator) -> tuple[Any, ...]:
    w, X, _ = some_points(rng)
    k = rng.integers(1, 5)
    W = rng.normal(size=(k, len(w))).astype(w.dtype)
    return W, X * X.dtype.type(rng.choice([1, 100, 10000])), rng.integers(0, k, len(X))


BROAD = some_classes
EXPLAINED = {
    "E = np.exp(Z - Z.max(axis=-1, keepdims=True))": _LAST,
    "P = E / E.sum(axis=-1, keepdims=True)": _LAST,
}
for _other in ("E", "P", "X", "Z", "np.ones_like(y)"):
    EXPLAINED[f"return P.T @ X / len({_other})"] = _COUNT
    EXPLAINED[f"P[np.arange(len({_other})), y] -= 1"] = _COUNT
