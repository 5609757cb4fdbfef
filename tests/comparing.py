"""How near nnlite and PyTorch must be: as near as rounding lets them.

How much rounding matters is measured. PyTorch computes the same in the other precision too: what changes thereby is
what this computation makes of errors in its numbers. That estimate can be too small by chance, of a single number for
instance. So a program that seems to disagree is judged again, by what changes in PyTorch when it begins with numbers
that are off by a rounding, each time others.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

EPS = {"float32": float(np.finfo(np.float32).eps), "float64": float(np.finfo(np.float64).eps)}
Seen = list[tuple[str, "np.ndarray | None"]]  # what can be seen in a program, each with its name


def plain(value: Any) -> np.ndarray:
    """Return a copy as an array: what is written into later must not change it."""
    value = getattr(value, "detach", lambda: value)()
    return np.array(value.numpy() if hasattr(value, "numpy") else value)


def jiggled(array: np.ndarray, dtype: str, jiggle: Any) -> np.ndarray:
    """Return a copy: real numbers in `dtype`, and off by a rounding or two of float32 if `jiggle` is a generator."""
    if array.dtype.kind != "f":
        return array.copy()
    if jiggle is not None:
        array = array * (1 + 2 * EPS["float32"] * jiggle.uniform(-1, 1, array.shape))
    return array.astype(dtype)


def disagreement(ours: Seen, theirs: Seen, oracle: Callable[..., Seen], dtype: str) -> str:
    """Return what differs first, empty if nothing; ``oracle(dtype, jiggle)`` lets PyTorch compute it again."""
    others = [oracle("float64" if dtype == "float32" else "float32")]
    if not _first_difference(ours, theirs, others, dtype):
        return ""
    others += [oracle("float32", np.random.default_rng(k)) for k in range(12)]
    return _first_difference(ours, theirs, others, dtype)


def _first_difference(ours: Seen, theirs: Seen, others: list[Seen], dtype: str) -> str:
    for k, ((name, a), (_, b)) in enumerate(zip(ours, theirs, strict=True)):
        if a is None or b is None:
            if a is not b:
                return f"{name}: ours is {a}, PyTorch's {b}"
        elif a.shape != b.shape or a.dtype != b.dtype:
            return f"{name}: ours has {a.shape} {a.dtype}, PyTorch's {b.shape} {b.dtype}"
        else:
            near = _allowed(b, [other[k][1] for other in others], dtype)
            if not np.allclose(a, b, rtol=0, atol=near, equal_nan=True):
                return f"{name}: ours {a.tolist()}, PyTorch's {b.tolist()}, expected them within {near:.1g}"
    return ""


def _allowed(b: np.ndarray, others: list[Any], dtype: str) -> float:
    """Return how far from `b` a right result may be, where `others` are what small errors make of it."""
    largest, moved = 0.0, 0.0
    for c in others:
        both = np.isfinite(b) & np.isfinite(c)
        largest = float(np.abs(b[both]).max(initial=largest))
        with np.errstate(over="ignore"):
            moved = float(np.abs(b[both].astype(float) - c[both]).max(initial=moved))
    return EPS[dtype] * (64 * max(1.0, largest) + 16 * moved / EPS["float32"])
