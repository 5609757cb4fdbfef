"""The perceptron's online rule, 10 epochs over 10,000 points of 100 dimensions."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from benchmarks.timing import Row, compare, missing, version
from nnlite.models.neurons.perceptron import Perceptron

NAME = "perceptron, 10,000 x 100, 10 epochs"


def rows() -> Iterator[Row]:
    """Against scikit-learn, and against a loop in pure Python that a textbook would print."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((10_000, 100))
    y = np.where(X @ rng.standard_normal(100) + 3 * rng.standard_normal(10_000) > 0, 1, -1)
    if missing("sklearn"):
        yield Row(NAME, "scikit-learn", 1, None)
    else:
        from sklearn.linear_model import Perceptron as Theirs

        theirs = Theirs(max_iter=10, tol=None, shuffle=False)
        for dtype in (np.float32, np.float64):
            points = X.astype(dtype)
            yield compare(
                f"{NAME}, {np.dtype(dtype)}",
                version("scikit-learn"),
                lambda points=points: Perceptron(max_iter=10).fit(points, y),
                lambda points=points: theirs.fit(points, y),
            )

    small = X[:500].tolist(), y[:500].tolist()
    yield compare(
        "perceptron, 500 x 100, 10 epochs",
        "pure Python",
        lambda: Perceptron(max_iter=10).fit(X[:500], y[:500]),
        lambda: pure_python(*small),
        rounds=5,
    )


def pure_python(X: list[list[float]], y: list[int], epochs: int = 10) -> list[float]:
    """The rule in lists and loops, stopping as ours does when an epoch has no mistake."""
    w = [0.0] * (len(X[0]) + 1)
    for _ in range(epochs):
        mistakes = 0
        for x, label in zip(X, y):
            net = w[0] + sum(weight * value for weight, value in zip(w[1:], x))
            if label * net <= 0:
                mistakes += 1
                w[0] += label
                for j, value in enumerate(x):
                    w[j + 1] += label * value
        if mistakes == 0:
            break
    return w
