"""perceptron.update: what its mutants are tried on, and why some survive."""

from __future__ import annotations

from typing import Any

import numpy as np

from lessons.perceptron.drawn import some_points


def one_point(rng: np.random.Generator) -> tuple[Any, ...]:
    w, X, y = some_points(rng)
    rate = float(rng.choice([1.0, 0.3, 2.0]))
    return (w * rng.integers(0, 2), X[0], int(y[0])) + ((rate,) if rng.random() < 0.8 else ())


BROAD = one_point
EXPLAINED = {
    "return w + learning_rate / y * x": "y is +1 or -1: to divide by it is to multiply by it.",
}
