"""perceptron.multiclass_update: what its mutants are tried on, and why some survive."""

from __future__ import annotations

from typing import Any

import numpy as np

from lessons.perceptron.drawn import some_points


def one_point_of_many_classes(rng: np.random.Generator) -> tuple[Any, ...]:
    _, W, _ = some_points(rng)
    W = np.concatenate([W, W[:1]])
    x = rng.normal(size=W.shape[1]).round(rng.integers(0, 3)).astype(W.dtype)
    rate = float(rng.choice([1.0, 0.3, 2.0]))
    return (W * rng.integers(0, 2), x, int(rng.integers(len(W)))) + ((rate,) if rng.random() < 0.8 else ())


BROAD = one_point_of_many_classes
EXPLAINED = {
    "if scores[label] <= rivals[rival]:": (
        "Only the right class differs between scores and rivals, and the rival is another."
    ),
    "rivals = np.where(np.arange(len(scores)) == label, -np.inf, scores)": "There are as many scores as classes.",
    "rivals = np.where(np.arange(len(np.ones_like(W))) == label, -np.inf, scores)": (
        "Ones like W have as many rows as W."
    ),
}
