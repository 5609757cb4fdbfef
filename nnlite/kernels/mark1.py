"""One epoch of the Mark I: its response units are perceptrons that see the same points, so each runs by itself."""

from __future__ import annotations

import numpy as np

from nnlite.arguments import Array
from nnlite.kernels.perceptron import train_online


def train_epoch(w: Array, A: Array, Y: Array, order: Array) -> tuple[Array, int]:
    after, mistakes = np.empty_like(w), 0
    for r in range(len(w)):
        path, wrong = train_online(w[r], A, Y[:, r], 1, order[None])
        after[r] = path[0]
        mistakes += int(wrong[0])
    return after, mistakes
