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
    w, X, y, order, rate, rounding, W, mistakes = _made_ready(w, X, y, epochs, order, learning_rate)
    done = _train(w, X, y, order, rate, rounding, W, mistakes, np.empty((0, 0), w.dtype))
    return W[:done], mistakes[:done]


def train_averaged(
    w: Array, X: Array, y: Array, epochs: int, order: Array, learning_rate: float = 1.0
) -> tuple[Array, Array, Array]:
    w, X, y, order, rate, rounding, W, mistakes = _made_ready(w, X, y, epochs, order, learning_rate)
    means = np.empty_like(W)
    done = _train(w, X, y, order, rate, rounding, W, mistakes, means)
    return W[:done], mistakes[:done], means[:done]


def train_pocket(
    w: Array, X: Array, y: Array, epochs: int, order: Array, learning_rate: float, pocket: Array
) -> tuple[Array, Array, Array]:
    w, X, y, order, rate, rounding, W, mistakes = _made_ready(w, X, y, epochs, order, learning_rate)
    pockets = np.empty_like(W)
    done = _train_pocket(w, contiguous(pocket).copy(), X, y, order, rate, rounding, W, mistakes, pockets)
    return W[:done], mistakes[:done], pockets[:done]


def losses(W: Array, X: Array, y: Array) -> Array:
    out = np.zeros(len(W))
    _losses(contiguous(W), contiguous(X), contiguous(y), out)
    return out


def train_multiclass(
    W: Array, X: Array, labels: Array, epochs: int, order: Array, learning_rate: float = 1.0
) -> tuple[Array, Array]:
    W = contiguous(W).copy()
    mistakes = np.empty(epochs, np.int64)
    labels, order = contiguous(labels, np.int64), contiguous(order, np.int64)
    done = _train_multiclass(W, contiguous(X), labels, order, W.dtype.type(learning_rate), mistakes)
    return W, mistakes[:done]


def _made_ready(w: Array, X: Array, y: Array, epochs: int, order: Array, learning_rate: float) -> tuple:
    w, X, y, order = contiguous(w).copy(), contiguous(X), contiguous(y), contiguous(order, np.int64)
    # Twice the rounding of either sum, to be on the safe side.
    rounding = w.dtype.type(2 * (len(w) + 2) * np.finfo(w.dtype).eps)
    W = np.empty((epochs, len(w)), w.dtype)  # the weights after each epoch
    return w, X, y, order, w.dtype.type(learning_rate), rounding, W, np.empty(epochs, np.int64)


@kernel
def _dot(a, b):
    total = a.dtype.type(0)
    for j in range(len(a)):
        total += a[j] * b[j]
    return total


@kernel
def _longest(X):
    longest = X.dtype.type(0)
    for i in range(len(X)):
        longest = max(longest, _dot(X[i], X[i]))
    return math.sqrt(longest)


@kernel(exact=True)
def _left_to_right(w, x):
    net = w[0] * x[0]
    for j in range(1, len(w)):
        net += w[j] * x[j]
    return net


@kernel(exact=True)
def _train(w, X, y, order, learning_rate, rounding, W, mistakes, means):
    rounding *= _longest(X)
    doubtful = rounding * math.sqrt(_dot(w, w))  # a net nearer to zero than this is summed again
    averaged = len(means) > 0
    total = np.zeros(len(w))
    for epoch in range(len(W)):
        wrong = since = 0  # the place of the last mistake
        total[:] = 0
        row = order[epoch % len(order)]
        for k in range(len(row)):
            i = row[k]
            x = X[i]
            net = _dot(w, x)
            if not abs(net) > doubtful:
                net = _left_to_right(w, x)
            if y[i] * net <= 0:
                if averaged:
                    for j in range(len(w)):
                        total[j] += (k - since) * w[j]
                    since = k
                wrong += 1
                step = learning_rate * y[i]
                for j in range(len(w)):
                    w[j] += step * x[j]
                doubtful = rounding * math.sqrt(_dot(w, w))
        mistakes[epoch] = wrong
        for j in range(len(w)):
            W[epoch, j] = w[j]
            if averaged:
                means[epoch, j] = (total[j] + (len(row) - since) * w[j]) / len(row)
        if wrong == 0:
            return epoch + 1
    return len(W)


@kernel(exact=True)
def _right(w, X, y, rounding):
    doubtful = rounding * math.sqrt(_dot(w, w))
    right = 0
    for i in range(len(X)):
        net = _dot(w, X[i])
        if not abs(net) > doubtful:
            net = _left_to_right(w, X[i])
        if y[i] * net > 0:
            right += 1
    return right


@kernel(exact=True)
def _train_pocket(w, pocket, X, y, order, learning_rate, rounding, W, mistakes, pockets):
    rounding *= _longest(X)
    doubtful = rounding * math.sqrt(_dot(w, w))
    right = _right(pocket, X, y, rounding)
    run = record = 0
    for epoch in range(len(W)):
        wrong = 0
        row = order[epoch % len(order)]
        for k in range(len(row)):
            i = row[k]
            x = X[i]
            net = _dot(w, x)
            if not abs(net) > doubtful:
                net = _left_to_right(w, x)
            if y[i] * net <= 0:
                wrong += 1
                run = 0
                step = learning_rate * y[i]
                for j in range(len(w)):
                    w[j] += step * x[j]
                doubtful = rounding * math.sqrt(_dot(w, w))
            else:
                run += 1
                if run == record + 1:
                    found = _right(w, X, y, rounding)
                    if found > right:
                        pocket[:] = w
                        right = found
                        record = run
        mistakes[epoch] = wrong
        for j in range(len(w)):
            W[epoch, j] = w[j]
            pockets[epoch, j] = pocket[j]
        if right == len(X):
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


@kernel(exact=True)
def _train_multiclass(W, X, labels, order, learning_rate, mistakes):
    for epoch in range(len(mistakes)):
        wrong = 0
        row = order[epoch % len(order)]
        for k in range(len(row)):
            x = X[row[k]]
            label = labels[row[k]]
            own = best = W.dtype.type(0)
            rival = -1
            for c in range(len(W)):
                net = _left_to_right(W[c], x)
                if c == label:
                    own = net
                elif rival < 0 or net > best:
                    best = net
                    rival = c
            if own <= best:
                wrong += 1
                for j in range(len(x)):
                    W[label, j] += learning_rate * x[j]
                    W[rival, j] -= learning_rate * x[j]
        mistakes[epoch] = wrong
        if wrong == 0:
            return epoch + 1
    return len(mistakes)
