"""The delta rule, point after point."""

from __future__ import annotations

import numpy as np

from nnlite.arguments import Array
from nnlite.kernels.compile import contiguous, kernel


def train_online(w: Array, X: Array, y: Array, order: Array, learning_rate: float = 0.01) -> Array:
    w = np.array(w, order="C")
    _train(w, contiguous(X), contiguous(y), contiguous(order, np.int64), w.dtype.type(learning_rate))
    return w


@kernel
def _train(w, X, y, order, learning_rate):
    for k in range(len(order)):
        i = order[k]
        x = X[i]
        net = w.dtype.type(0)
        for j in range(len(w)):
            net += w[j] * x[j]
        step = learning_rate * (y[i] - net)
        for j in range(len(w)):
            w[j] += step * x[j]
