"""The perceptron's online rule, epoch after epoch, and its loss for many weights at once.

A decision needs only the sign of net. So net is first summed in whatever order is fastest; where it lies so near
to zero that rounding could have turned its sign, it is summed again from left to right, as the formula does.
Rounding moves a sum of D products by less than about D times the machine precision times |w| |x|. The decisions,
and with them the weights, are therefore those of the formula to the last bit.
"""

from __future__ import annotations

import math

import numpy as np

from nnlite.arguments import Array
from nnlite.kernels.compile import contiguous, kernel


def train_online(
    w: Array, X: Array, y: Array, epochs: int, order: Array, learning_rate: float = 1.0
) -> tuple[Array, Array]:
    w, X, y = contiguous(w).copy(), contiguous(X), contiguous(y)
    W = np.empty((epochs, len(w)), w.dtype)  # the weights after each epoch
    mistakes = np.empty(epochs, np.int64)
    # Twice the rounding of either sum, to be on the safe side.
    rounding = w.dtype.type(2 * (len(w) + 2) * np.finfo(w.dtype).eps)
    done = _train(w, X, y, contiguous(order, np.int64), w.dtype.type(learning_rate), rounding, W, mistakes)
    return W[:done], mistakes[:done]


def losses(W: Array, X: Array, y: Array) -> Array:
    out = np.zeros(len(W))
    _losses(contiguous(W), contiguous(X), contiguous(y), out)
    return out


@kernel
def _dot(a, b):
    total = a.dtype.type(0)
    for j in range(len(a)):
        total += a[j] * b[j]
    return total


@kernel(exact=True)
def _train(w, X, y, order, learning_rate, rounding, W, mistakes):
    longest = w.dtype.type(0)
    for i in range(len(X)):
        longest = max(longest, _dot(X[i], X[i]))
    rounding *= math.sqrt(longest)
    doubtful = rounding * math.sqrt(_dot(w, w))  # a net nearer to zero than this is summed again
    for epoch in range(len(W)):
        wrong = 0
        row = order[epoch % len(order)]
        for k in range(len(row)):
            i = row[k]
            x = X[i]
            net = _dot(w, x)
            if not abs(net) > doubtful:
                net = w[0] * x[0]
                for j in range(1, len(w)):
                    net += w[j] * x[j]
            if y[i] * net <= 0:
                wrong += 1
                step = learning_rate * y[i]
                for j in range(len(w)):
                    w[j] += step * x[j]
                doubtful = rounding * math.sqrt(_dot(w, w))
        mistakes[epoch] = wrong
        for j in range(len(w)):
            W[epoch, j] = w[j]
        if wrong == 0:
            return epoch + 1
    return len(W)


@kernel
def _losses(W, X, y, out):
    for i in range(len(X)):
        x = X[i]
        for epoch in range(len(W)):
            margin = y[i] * _dot(W[epoch], x)
            if margin < 0:
                out[epoch] -= margin
