"""Lesson 05: inputs broader than those of the checks, for several exercises."""

from __future__ import annotations

from typing import Any

import numpy as np


def _arrays(rng: np.random.Generator, *shapes: tuple[int, ...]) -> list[Any]:
    dtype = rng.choice([np.float32, np.float64])
    scale = rng.choice([0.1, 1.0, 5.0])
    return [(scale * rng.normal(size=shape)).astype(dtype) for shape in shapes]
