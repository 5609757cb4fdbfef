"""The perceptron's loss as the solid it is: a crystal with flat facets, standing on its tip.

Without a bias the loss of a weight vector twice as long is twice as high, so that every facet is a wedge that starts
at w = 0; two facets meet where a point changes sides.
"""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np

from nnlite.arguments import Array
from nnlite.models.neurons.perceptron import loss


def facets(X: Array, y: Array, radius: float) -> list[tuple[Array, float]]:
    """Return every facet out to `radius`: its corners (w1, w2, loss), the tip first, and how steep it is.

    Parameters
    ----------
    X : numpy.ndarray, shape (N, 2)
        The points.
    y : numpy.ndarray, shape (N,)
        Their labels, -1 or +1.
    radius : float
        The length of the longest weights.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite.plots.facets import facets
    >>> [slope for _, slope in facets(np.array([[0.0, 2.0]]), np.array([1]), 1.0)]
    [0.0, 2.0]
    """
    kinks = _kinks(X)
    found = []
    for a, b in pairwise(kinks):
        angles = np.linspace(a, b, 2 + int((b - a) * 20))
        rim = radius * np.stack([np.cos(angles), np.sin(angles)], axis=1)
        corners = np.concatenate([np.zeros((1, 2)), rim])
        height = np.array([loss(w, X, y) for w in corners])
        slope = float(np.linalg.norm(_slope(X, y, (a + b) / 2)))
        found.append((np.concatenate([corners, height[:, None]], axis=1), slope))
    return found


def _kinks(X: Array) -> list[float]:
    """The directions of w at right angles to a point, where that point changes sides, once around."""
    towards = np.arctan2(X[:, 1], X[:, 0])[np.any(X != 0, axis=1)]
    angles = np.unique(np.round(np.concatenate([towards + math.pi / 2, towards - math.pi / 2]) % (2 * math.pi), 12))
    if len(angles) == 0:
        return [0.0, 2 * math.pi]
    return [*angles.tolist(), float(angles[0]) + 2 * math.pi]


def _slope(X: Array, y: Array, direction: float) -> Array:
    """The gradient of the loss at the weights that point in this direction."""
    wrong = y * (X @ np.array([math.cos(direction), math.sin(direction)])) < 0
    return -(y[wrong] @ X[wrong])
