"""Points to learn from, and weights, that several of these tests share."""

import numpy as np

from nnlite.data import blobs
from nnlite.models import with_bias


def separable(seed, n=40, d=4, gap=0.05, dtype=np.float64):
    """Points with the bias column, labels, and weights that separate them by at least `gap`."""
    rng = np.random.default_rng(seed)
    w = rng.normal(size=d + 1) * np.array([0.3, *[1] * d])
    w /= np.linalg.norm(w)
    X = with_bias(rng.normal(size=(4 * n, d)).astype(dtype))
    X = X[np.abs(X @ w) > gap][:n]
    return X, np.where(X @ w > 0, 1, -1), w


def twice_labelled(seed, n=40, d=2):
    """Points of two classes that no line separates: every point is there once more, with the other label."""
    rng = np.random.default_rng(seed)
    X = with_bias(rng.integers(-4, 5, (n, d)).astype(float))
    y = np.where(X @ rng.normal(size=d + 1) + rng.normal(size=n) > 0, 1, -1)
    return np.concatenate([X, X[:3]]), np.concatenate([y, -y[:3]])


def slow_online(X, y, order):
    """The weights after each point, one by one, as Rosenblatt would have written them down."""
    w, path = [0.0] * X.shape[1], []
    for row in order:
        for i in row:
            if y[i] * sum(a * b for a, b in zip(w, X[i])) <= 0:
                w = [a + y[i] * b for a, b in zip(w, X[i])]
            path.append(w)
    return np.array(path)


def two_class_problem(seed, n=30, d=4, dtype=np.float64):
    """Weights, points with the bias column, and labels 0 and 1."""
    rng = np.random.default_rng(seed)
    X = with_bias(rng.normal(size=(n, d - 1)))
    return rng.normal(size=d).astype(dtype), X.astype(dtype), rng.integers(0, 2, n).astype(dtype)


def two_clouds(seed, n=80):
    """Points of two classes, 0 and 1, that overlap."""
    X, y = blobs(n, centers=[(-1, 0), (1, 0.5)], spread=1.0, rng=seed)
    return X.astype(np.float64), y


def many_class_problem(seed, n=20, d=3, k=4, dtype=np.float64):
    """Weights of several classes, points with the bias column, and the numbers of their classes."""
    rng = np.random.default_rng(seed)
    X = with_bias(rng.normal(size=(n, d - 1)))
    return rng.normal(size=(k, d)).astype(dtype), X.astype(dtype), rng.integers(0, k, n)


def three_clouds(seed, n=120):
    """Points of three classes that overlap."""
    X, y = blobs(n, centers=[(0, 0), (2, 0), (0, 2)], spread=1.0, rng=seed)
    return X.astype(np.float64), y


def a_network(sizes, seed):
    """Random weights, points, and an upstream gradient."""
    n, d, m, k = sizes
    rng = np.random.default_rng(seed)
    shapes = [(m, d), (m,), (k, m), (k,), (n, d), (n, k)]
    return [rng.normal(size=shape) for shape in shapes]
