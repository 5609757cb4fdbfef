"""Gradient descent: a step against the gradient, again and again.

Cauchy, "Méthode générale pour la résolution des systèmes d'équations simultanées" (1847); on a few examples at a
time, Robbins and Monro, "A stochastic approximation method" (1951); with momentum, Polyak, "Some methods of speeding
up the convergence of iteration methods" (1964). For a loss L with the gradient g and weights w::

    w  <-  w - rate g(w)             with momentum     v  <-  momentum v + g(w),     w  <-  w - rate v

The systems that learn this way, ``adaline``, ``logistic`` and ``softmax_regression`` in :mod:`nnlite.models`, each
bring their own loss and gradient.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from nnlite.arguments import Array, real_array, shape_is
from nnlite.contracts import above, floats, function, integer, number, takes, unchecked
from nnlite.optim.momentum import momentum_step
from nnlite.random import generator


@takes(
    "descend",
    gradient=function(),
    w=floats(finite=True),
    learning_rate=above(0),
    steps=integer(0),
    momentum=number(0, 1),
)
@unchecked
def descend(gradient: Callable[[Array], Any], w: Any, learning_rate: float, steps: int, momentum: float = 0.0) -> Array:
    """Go downhill from `w` and return every place on the way.

    Parameters
    ----------
    gradient : function
        From weights to the gradient there, of the same shape.
    w : array_like
        Where to start.
    learning_rate : float
        The length of a step for a slope of 1, > 0.
    steps : int
        How many steps, >= 0.
    momentum : float
        The share of each step that is taken again in the next, from 0 to 1.

    Returns
    -------
    numpy.ndarray, shape (steps + 1, ...)
        The weights before the first step and after each. Too long a step makes them grow without bound.

    Raises
    ------
    TypeError
        If `gradient` is no function or a number is none.
    ValueError
        If a number is out of range or the gradient has another shape than the weights.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite.training.descent import descend
    >>> descend(lambda w: 2 * w, np.array([8.0]), learning_rate=0.25, steps=3).ravel().tolist()
    [8.0, 4.0, 2.0, 1.0]
    """
    path, velocity = np.empty((steps + 1, *w.shape), w.dtype), np.zeros_like(w)
    path[0] = w
    with np.errstate(over="ignore", invalid="ignore"):
        for t in range(steps):
            slope = _real(gradient(path[t].copy()), "descend: gradient(w)")
            shape_is(slope, "descend: gradient(w)", w.shape, "that of w")
            path[t + 1] = momentum_step(path[t].copy(), slope, velocity, learning_rate, momentum)
    return path


@takes("numerical_gradient", f=function(), w=floats(finite=True), eps=above(0))
def numerical_gradient(f: Callable[[Array], Any], w: Any, eps: float = 1e-5) -> Array:
    """Return the gradient of `f` at `w` by central differences along each axis.

    It calls `f` twice for each weight: too slow to learn by, but good for checking a gradient written by hand.

    Parameters
    ----------
    f : function
        From weights to one number.
    w : array_like
        Where; taken as float64, because two nearly equal numbers are subtracted.
    eps : float
        How far to go to either side, > 0. The error falls like eps^2, until rounding takes over.

    Returns
    -------
    numpy.ndarray of float64, of the shape of `w`
        (f(w + eps e_i) - f(w - eps e_i)) / (2 eps) for each axis i.

    Raises
    ------
    TypeError
        If `f` is no function or does not return one number.
    ValueError
        If `w` is not finite or `eps` not > 0.

    Examples
    --------
    >>> from nnlite.training.descent import numerical_gradient
    >>> numerical_gradient(lambda w: w[0] ** 2 + 3 * w[1], [2.0, 5.0]).round(6)
    array([4., 3.])
    """
    w = w.astype(np.float64)
    slopes = np.empty_like(w)
    for i in np.ndindex(w.shape):
        ahead, behind = w.copy(), w.copy()
        ahead[i] += eps
        behind[i] -= eps
        high, low = _real(f(ahead), "numerical_gradient: f(w)"), _real(f(behind), "numerical_gradient: f(w)")
        if high.size != 1 or low.size != 1:
            raise TypeError(f"numerical_gradient: f(w) has shape {high.shape}, expected one number")
        slopes[i] = (high.item() - low.item()) / (ahead[i] - behind[i])
    return slopes


def _real(value: Any, name: str) -> Array:
    """What a function returned as an array; its numbers in float64, unlike those that a person writes down."""
    return real_array(np.asarray(value), name)


@takes("curvature", X=floats("N>0 D>0", finite=True))
def curvature(X: Any) -> float:
    """Return the largest eigenvalue of X^T X / N: how sharply Adaline's bowl bends where it is narrowest.

    A descent in the bowl converges for learning rates below 2 / curvature and grows without bound above.

    Parameters
    ----------
    X : array_like, shape (N, D)
        The points, one per row.

    Raises
    ------
    TypeError
        If `X` does not hold real numbers.
    ValueError
        If `X` is empty, not finite, or so large that squares overflow.

    Examples
    --------
    >>> from nnlite.training.descent import curvature
    >>> curvature([[3.0, 0.0], [0.0, 1.0]])
    4.5
    """
    X = X.astype(np.float64)
    with np.errstate(over="ignore"):
        products = (X.T @ X if len(X) >= X.shape[1] else X @ X.T) / len(X)  # both have these eigenvalues
    _not_too_large(products, X)
    return max(float(np.linalg.eigvalsh(products)[-1]), 0.0)


def largest_squared_norm(X: Array) -> float:
    """Return |x|^2 of the longest row of `X` (N, D): no mini-batch makes a bowl with more :func:`curvature`.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite.training.descent import largest_squared_norm
    >>> largest_squared_norm(np.array([[3.0, 0.0], [0.0, 1.0]]))
    9.0
    """
    with np.errstate(over="ignore"):
        squares = (X.astype(np.float64) ** 2).sum(axis=1)
    _not_too_large(squares, X)
    return float(squares.max())


@unchecked
def minimise(
    loss: Callable[[Array, Array, Array], float],
    gradient: Callable[[Array, Array, Array], Array],
    w: Array,
    X: Array,
    y: Array,
    *,
    learning_rate: float,
    epochs: int,
    batch_size: int | None = None,
    momentum: float = 0.0,
    tol: float = 0.0,
    rng: np.random.Generator | int | None = None,
) -> tuple[Array, Array]:
    """Make the loss over the points `X` and answers `y` small: what the estimators of this lesson share.

    Parameters
    ----------
    loss, gradient : function
        Of the weights, points and answers.
    w : numpy.ndarray
        The weights to start from.
    X : numpy.ndarray, shape (N, D)
    y : numpy.ndarray, shape (N,)
    learning_rate, momentum : float
        As for :func:`descend`.
    epochs : int
        How often to go through the points at most.
    batch_size : int, optional
        How many points each step looks at, in a new random order in each epoch; by default all of them.
    tol : float
        Where each step looks at all points, stop when no component of the gradient is larger.
    rng : numpy.random.Generator, int or None
        Draws the orders.

    Returns
    -------
    w : numpy.ndarray
        The weights at the end.
    losses : numpy.ndarray, shape (E,)
        The loss after each epoch.

    Raises
    ------
    FloatingPointError
        If the weights grow without bound.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite.training.descent import minimise
    >>> w, losses = minimise(
    ...     lambda w, X, y: float(((X @ w - y) ** 2).mean() / 2), lambda w, X, y: X.T @ (X @ w - y) / len(y),
    ...     np.zeros(1), np.array([[1.0], [1.0]]), np.array([2.0, 4.0]), learning_rate=1.0, epochs=9)
    >>> w, losses[-1]
    (array([3.]), np.float64(0.5))
    """
    w, velocity, losses, rng = w.copy(), np.zeros_like(w), [], generator(rng)
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(epochs):
            for rows in _batches(len(X), batch_size, rng):
                slope = gradient(w, X[rows], y[rows])
                w = momentum_step(w, slope, velocity, learning_rate, momentum)
            losses.append(loss(w, X, y))
            refuse_overflow(w, learning_rate)
            if batch_size is None and np.abs(slope).max() <= tol:
                break
    return w, np.array(losses)


def _not_too_large(squares: Array, X: Array) -> None:
    if not np.isfinite(squares).all():
        raise ValueError(f"X holds numbers up to {np.abs(X).max():.3g}, whose squares overflow, expected smaller ones")


def _batches(n: int, size: int | None, rng: np.random.Generator) -> Iterator[Any]:
    if size is None:
        yield slice(None)
        return
    order = rng.permutation(n)
    for start in range(0, n, size):
        yield order[start : start + size]


def refuse_overflow(w: Array, learning_rate: float, name: str = "descent") -> None:
    """Raise unless the weights are finite: a step too long makes them grow without bound.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite.training.descent import refuse_overflow
    >>> refuse_overflow(np.zeros(3), 0.1)
    """
    if not np.isfinite(w).all():
        raise FloatingPointError(
            f"{name}: the weights have overflowed with learning_rate {learning_rate:g}; take a smaller one, or scale X"
        )


def safe_rate(curvature: float) -> float:
    """Return 1 / curvature: half of what a bowl that bends so sharply allows, and 1 where nothing bends.

    Examples
    --------
    >>> from nnlite.training.descent import safe_rate
    >>> safe_rate(4.0)
    0.25
    """
    return 1 / curvature if curvature > 1e-300 else 1.0
