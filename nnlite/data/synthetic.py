"""Small worlds of points in the plane: the classical toy problems, each with its answer known.

All return ``(X, y)``: points X of shape (n, 2), float32, and classes y of shape (n,), int64, in random order.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from nnlite.arguments import Array
from nnlite.contracts import floats, integer, number, rng, takes
from nnlite.random import generator

Rng = np.random.Generator | int | None

POINTS: dict[str, Any] = dict(n=integer(1), noise=number(0), rng=rng)


@takes("blobs", n=integer(1), centers=floats("K>0 D", finite=True), spread=number(0), rng=rng)
def blobs(n: int = 200, centers: Any = ((-2.0, -1.0), (2.0, 1.0)), spread: float = 1.0, rng: Rng = None) -> Any:
    """Draw round Gaussian clouds, one class each.

    Parameters
    ----------
    n : int
        The number of points, shared out evenly.
    centers : array_like, shape (K, D)
        The middle of each cloud.
    spread : float
        The standard deviation along each axis, >= 0.
    rng : numpy.random.Generator, int or None
        Where chance comes from.

    Returns
    -------
    X : numpy.ndarray of float32, shape (n, D)
    y : numpy.ndarray of int64, shape (n,)

    Examples
    --------
    >>> from nnlite.data import blobs
    >>> X, y = blobs(6, centers=[(0, 0), (5, 5), (0, 5)], rng=0)
    >>> sorted(y.tolist())
    [0, 0, 1, 1, 2, 2]
    """
    rng = generator(rng)
    y = _classes(n, len(centers), rng)
    return _as_data(centers[y], y, spread, rng)


@takes("moons", **POINTS)
def moons(n: int = 200, noise: float = 0.1, rng: Rng = None) -> tuple[Array, Array]:
    """Draw two half circles that reach into each other.

    Parameters
    ----------
    n : int
        The number of points.
    noise : float
        The standard deviation of what is added to each coordinate, >= 0.
    rng : numpy.random.Generator, int or None
        Where chance comes from.

    Returns
    -------
    X : numpy.ndarray of float32, shape (n, 2)
    y : numpy.ndarray of int64, shape (n,)

    Examples
    --------
    >>> from nnlite.data import moons
    >>> X, y = moons(100, noise=0, rng=0)
    >>> bool((X[y == 0, 1] >= 0).all())
    True
    """
    rng = generator(rng)
    y = _classes(n, 2, rng)
    angle = rng.uniform(0, math.pi, n)
    upper = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    lower = np.stack([1 - np.cos(angle), 0.5 - np.sin(angle)], axis=1)
    return _as_data(np.where(y[:, None] == 0, upper, lower), y, noise, rng)


@takes("circles", **POINTS, inner=number(0, 1))
def circles(n: int = 200, noise: float = 0.05, inner: float = 0.5, rng: Rng = None) -> tuple[Array, Array]:
    """Draw a circle of radius 1 (class 0) around one of radius `inner` (class 1).

    Parameters
    ----------
    n : int
        The number of points.
    noise : float
        The standard deviation of what is added to each coordinate, >= 0.
    inner : float
        The radius of the inner circle, 0 to 1.
    rng : numpy.random.Generator, int or None
        Where chance comes from.

    Returns
    -------
    X : numpy.ndarray of float32, shape (n, 2)
    y : numpy.ndarray of int64, shape (n,)

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite.data import circles
    >>> X, y = circles(100, noise=0, rng=0)
    >>> bool(np.allclose((X**2).sum(axis=1), np.where(y == 0, 1, 0.25)))
    True
    """
    rng = generator(rng)
    y = _classes(n, 2, rng)
    angle = rng.uniform(0, 2 * math.pi, n)
    radius = np.where(y == 0, 1, inner)
    return _as_data(radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1), y, noise, rng)


@takes("spirals", **POINTS, turns=number(0), radius=number(0))
def spirals(
    n: int = 400, noise: float = 0.1, turns: float = 1.75, radius: float = 6.5, rng: Rng = None
) -> tuple[Array, Array]:
    """Draw two spirals wound into each other around the origin.

    Parameters
    ----------
    n : int
        The number of points.
    noise : float
        The standard deviation of what is added to each coordinate, >= 0.
    turns : float
        How often each spiral goes around.
    radius : float
        How far out they reach.
    rng : numpy.random.Generator, int or None
        Where chance comes from.

    Returns
    -------
    X : numpy.ndarray of float32, shape (n, 2)
    y : numpy.ndarray of int64, shape (n,)

    Notes
    -----
    After the problem that Lang and Witbrock, "Learning to tell two spirals apart" (1988), made a benchmark.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite.data import spirals
    >>> X, y = spirals(100, rng=0)
    >>> X.shape, np.bincount(y).tolist()
    ((100, 2), [50, 50])
    """
    rng = generator(rng)
    y = _classes(n, 2, rng)
    # The square root spreads the points evenly along the arm rather than crowding them in the middle.
    along = np.sqrt(rng.uniform(0.01, 1, n))
    angle = 2 * math.pi * turns * along + math.pi * y
    return _as_data(radius * along[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1), y, noise, rng)


@takes("xor", **POINTS)
def xor(n: int = 200, noise: float = 0.2, rng: Rng = None) -> tuple[Array, Array]:
    """Draw four clouds at the corners (+-1, +-1); the class is 1 where the two signs differ.

    Parameters
    ----------
    n : int
        The number of points.
    noise : float
        The standard deviation of each cloud, >= 0; with 0 there are only the four corners.
    rng : numpy.random.Generator, int or None
        Where chance comes from.

    Returns
    -------
    X : numpy.ndarray of float32, shape (n, 2)
    y : numpy.ndarray of int64, shape (n,)

    Examples
    --------
    >>> from nnlite.data import xor
    >>> X, y = xor(100, noise=0, rng=0)
    >>> bool((y == (X[:, 0] * X[:, 1] < 0)).all())
    True
    """
    rng = generator(rng)
    corner = _classes(n, 4, rng)
    X = np.stack([2.0 * (corner & 1) - 1, 2.0 * (corner >> 1) - 1], axis=1)
    return _as_data(X, (corner & 1) ^ (corner >> 1), noise, rng)


def _classes(n: int, classes: int, rng: np.random.Generator) -> Array:
    return rng.permutation(np.arange(n) % classes)


def _as_data(X: Array, y: Array, noise: float, rng: np.random.Generator) -> tuple[Array, Array]:
    return (X + rng.normal(0, noise, X.shape)).astype(np.float32), y.astype(np.int64)
