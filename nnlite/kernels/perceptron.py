"""The perceptron's online rule, epoch after epoch.

A decision needs only the sign of net. So net is first summed in whatever order is fastest; where it lies
so near to zero that rounding could have turned its sign, it is summed again from left to right, as the
formula does. The decisions, and with them the weights, are therefore those of the formula to the last
bit.
"""

from __future__ import annotations

import numpy as np

from nnlite.arguments import Array
from nnlite.kernels.compile import contiguous, kernel


def train_online(
    w: Array, X: Array, y: Array, epochs: int, order: Array | None = None, learning_rate: float = 1.0
) -> tuple[Array, Array]:
    w, X, y = contiguous(w).copy(), contiguous(X), contiguous(y)
    if order is None:
        order = np.arange(len(X))[None]
    W = np.empty((epochs, len(w)), w.dtype)  # the weights after each epoch
    mistakes = np.empty(epochs, np.int64)
    rounding = w.dtype.type(2 * (len(w) + 2) * np.finfo(w.dtype).eps)
    done = _train(w, X, y, contiguous(order, np.int64), w.dtype.type(learning_rate), rounding, W, mistakes)
    return W[:done], mistakes[:done]


@kernel
def _fast_net(w, x):
    """w^T x in any order, and the sum of the magnitudes, which bounds the rounding."""
    net = w.dtype.type(0)
    size = w.dtype.type(0)
    for j in range(len(w)):
        product = w[j] * x[j]
        net += product
        size += abs(product)
    return net, size


@kernel(exact=True)
def _train(w, X, y, order, learning_rate, rounding, W, mistakes):
    for epoch in range(len(W)):
        wrong = 0
        row = order[epoch % len(order)]
        for k in range(len(row)):
            i = row[k]
            x = X[i]
            net, size = _fast_net(w, x)
            if not abs(net) > rounding * size:
                net = w[0] * x[0]
                for j in range(1, len(w)):
                    net += w[j] * x[j]
            if y[i] * net <= 0:
                wrong += 1
                step = learning_rate * y[i]
                for j in range(len(w)):
                    w[j] += step * x[j]
        mistakes[epoch] = wrong
        W[epoch] = w
        if wrong == 0:
            return epoch + 1
    return len(W)
