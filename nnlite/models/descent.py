"""Gradient descent: feel which way the ground falls, take a step that way, and feel again.

Cauchy, "Méthode générale pour la résolution des systèmes d'équations simultanées" (1847); on a few examples at a
time, Robbins and Monro, "A stochastic approximation method" (1951); with momentum, Polyak, "Some methods of speeding
up the convergence of iteration methods" (1964). For a loss L with the gradient g and weights w::

    w  <-  w - rate g(w)             with momentum     v  <-  momentum v + g(w),     w  <-  w - rate v

The neurons that learn this way, :mod:`~nnlite.models.adaline`, :mod:`~nnlite.models.logistic` and
:mod:`~nnlite.models.softmax_regression`, each bring their own loss and gradient.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from nnlite.arguments import Array, float_array, integer, number, real_array, shape_is
from nnlite.models.estimator import Classifier
from nnlite.models.neuron import with_bias
from nnlite.optim.momentum import momentum_step
from nnlite.random import generator


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
    >>> descend(lambda w: 2 * w, np.array([8.0]), learning_rate=0.25, steps=3).ravel().tolist()
    [8.0, 4.0, 2.0, 1.0]
    """
    if not callable(gradient):
        raise TypeError(f"descend: gradient is a {type(gradient).__name__}, expected a function of the weights")
    w = float_array(w, "descend: w", finite=True)
    learning_rate = positive(learning_rate, "descend: learning_rate")
    steps, momentum = integer(steps, "descend: steps", low=0), share(momentum, "descend: momentum")
    path, velocity = np.empty((steps + 1, *w.shape), w.dtype), np.zeros_like(w)
    path[0] = w
    with np.errstate(over="ignore", invalid="ignore"):
        for t in range(steps):
            slope = _real(gradient(path[t].copy()), "descend: gradient(w)")
            shape_is(slope, "descend: gradient(w)", w.shape, "that of w")
            path[t + 1] = momentum_step.run(path[t].copy(), slope, velocity, learning_rate, momentum)
    return path


def numerical_gradient(f: Callable[[Array], Any], w: Any, eps: float = 1e-5) -> Array:
    """Return the gradient of `f` at `w` by trying: a little forward and a little back along each axis.

    It needs two calls of `f` for each weight, and no idea of what `f` is. That is far too slow to learn by, and just
    right to find out whether a gradient written by hand is the gradient.

    Parameters
    ----------
    f : function
        From weights to one number.
    w : array_like
        Where to feel the slope; it is taken as float64, for the difference of two nearly equal numbers is wanted.
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
    >>> numerical_gradient(lambda w: w[0] ** 2 + 3 * w[1], [2.0, 5.0]).round(6)
    array([4., 3.])
    """
    if not callable(f):
        raise TypeError(f"numerical_gradient: f is a {type(f).__name__}, expected a function of the weights")
    w = float_array(w, "numerical_gradient: w", finite=True).astype(np.float64)
    eps = positive(eps, "numerical_gradient: eps")
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
    >>> curvature([[3.0, 0.0], [0.0, 1.0]])
    4.5
    """
    X = float_array(X, "curvature: X", ndim=2, finite=True).astype(np.float64)
    if X.size == 0:
        raise ValueError(f"curvature: X has shape {X.shape}, expected at least one row and one column")
    with np.errstate(over="ignore"):
        products = (X.T @ X if len(X) >= X.shape[1] else X @ X.T) / len(X)  # both have these eigenvalues
    _not_too_large(products, X)
    return max(float(np.linalg.eigvalsh(products)[-1]), 0.0)


def longest(X: Array) -> float:
    """Return |x|^2 of the longest row of `X` (N, D): no mini-batch makes a bowl with more :func:`curvature`.

    Examples
    --------
    >>> longest(np.array([[3.0, 0.0], [0.0, 1.0]]))
    9.0
    """
    with np.errstate(over="ignore"):
        squares = (X.astype(np.float64) ** 2).sum(axis=1)
    _not_too_large(squares, X)
    return float(squares.max())


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
    >>> w, losses = minimise(
    ...     lambda w, X, y: float(((X @ w - y) ** 2).mean() / 2), lambda w, X, y: X.T @ (X @ w - y) / len(y),
    ...     np.zeros(1), np.array([[1.0], [1.0]]), np.array([2.0, 4.0]), learning_rate=1.0, epochs=9)
    >>> w, losses[-1]
    (array([3.]), np.float64(0.5))
    """
    w, velocity, losses, rng = w.copy(), np.zeros_like(w), [], generator(rng)
    for _ in range(epochs):
        for rows in _batches(len(X), batch_size, rng):
            with np.errstate(over="ignore", invalid="ignore"):
                slope = gradient(w, X[rows], y[rows])
                w = momentum_step.run(w, slope, velocity, learning_rate, momentum)
        with np.errstate(over="ignore", invalid="ignore"):
            losses.append(loss(w, X, y))
        bounded(w, learning_rate)
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


# What the three systems check alike


def bounded(w: Array, learning_rate: float) -> None:
    """Raise unless the weights are finite: a step too long makes them grow without bound.

    Examples
    --------
    >>> bounded(np.zeros(3), 0.1)
    """
    if not np.isfinite(w).all():
        raise FloatingPointError(
            f"the weights have overflowed with learning_rate {learning_rate:g}; take a smaller one, or scale X"
        )


def weights_and_points(name: str, w: Any, X: Any, axes: int = 1) -> tuple[Array, Array]:
    """Check weights (D,), or (K, D) with two axes, and points X (N, D), and bring them to one float dtype.

    Examples
    --------
    >>> w, X = weights_and_points("f", [0, 1], np.ones((3, 2)))
    >>> w.dtype, X.dtype
    (dtype('float64'), dtype('float64'))
    """
    letter = "w" if axes == 1 else "W"
    X = float_array(X, f"{name}: X", ndim=2, finite=True)
    w = float_array(w, f"{name}: {letter}", ndim=axes, finite=True)
    if X.size == 0:
        raise ValueError(f"{name}: X has shape {X.shape}, expected at least one row and one column")
    why = f"one weight per column of X {X.shape} (with_bias adds the bias column)"
    shape_is(w, f"{name}: {letter}", (*w.shape[:-1], X.shape[1]), why)
    dtype = np.result_type(w, X)
    return w.astype(dtype, copy=False), X.astype(dtype, copy=False)


def positive(value: Any, name: str) -> float:
    """Return `value` as a float if it is a number > 0.

    Examples
    --------
    >>> positive(1, "f: learning_rate")
    1.0
    """
    value = number(value, name)
    if value <= 0:
        raise ValueError(f"{name} is {value}, expected a number > 0")
    return value


def share(value: Any, name: str) -> float:
    """Return `value` as a float if it is a number from 0 to 1.

    Examples
    --------
    >>> share(0.9, "f: momentum")
    0.9
    """
    return number(value, name, low=0, high=1)


def safe_rate(curvature: float) -> float:
    """Return 1 / curvature: half of what a bowl that bends so sharply allows, and 1 where nothing bends.

    Examples
    --------
    >>> safe_rate(4.0)
    0.25
    """
    return 1 / curvature if curvature > 1e-300 else 1.0


class DescentClassifier(Classifier):
    """A classifier that goes down a smooth loss of its own: what the logistic neuron and softmax regression share.

    A subclass brings its ``loss`` and ``gradient``, functions of weights, points and targets; ``bend``, by which the
    loss bends at most as much as half the mean square of the nets; what a class is turned into for the loss; where
    the weights begin; and where they end up.
    """

    loss: Any
    gradient: Any
    bend: float

    def __init__(
        self,
        l2: float = 0.0,
        max_iter: int = 1000,
        learning_rate: float | None = None,
        batch_size: int | None = None,
        momentum: float = 0.0,
        fit_intercept: bool = True,
        tol: float = 1e-4,
        rng: np.random.Generator | int | None = None,
    ) -> None:
        self.l2 = l2
        self.max_iter = max_iter
        self.learning_rate = learning_rate
        self.batch_size = batch_size
        self.momentum = momentum
        self.fit_intercept = fit_intercept
        self.tol = tol
        self.rng = rng

    def _targets(self, codes: Array, dtype: Any) -> Array:
        raise NotImplementedError

    def _start(self, classes: int, inputs: int, dtype: Any) -> Array:
        raise NotImplementedError

    def _keep(self, w: Array) -> None:
        raise NotImplementedError

    def fit(self, X: Any, y: Any) -> Any:
        """Learn from points `X` (N, n) and their classes `y` (N,).

        Raises
        ------
        TypeError
            If `X` does not hold real numbers or a constructor argument has the wrong type.
        ValueError
            If `X` is empty or holds NaN or infinity, `y` does not match or has too few or too many classes, or a
            constructor argument is out of range.
        FloatingPointError
            If the learning rate is so large that the weights grow without bound.
        """
        name = type(self).__name__
        l2, tol = number(self.l2, f"{name}: l2", low=0), number(self.tol, f"{name}: tol", low=0)
        max_iter = integer(self.max_iter, f"{name}: max_iter", low=1)
        rate = None if self.learning_rate is None else positive(self.learning_rate, f"{name}: learning_rate")
        batch_size = None if self.batch_size is None else integer(self.batch_size, f"{name}: batch_size", low=1)
        momentum, rng = share(self.momentum, f"{name}: momentum"), generator(self.rng)
        X, classes, codes = self._checked_data(X, y)
        points = with_bias(X) if self.fit_intercept else X
        steepest = curvature(points) if batch_size is None else longest(points)
        w = self._start(len(classes), points.shape[1], points.dtype)
        decay = np.full_like(w, l2)
        if self.fit_intercept:
            decay[..., 0] = 0

        def penalised_loss(w: Array, X: Array, y: Array) -> float:
            return self.loss.run(w, X, y) + float((decay * w**2).sum()) / 2

        def penalised_gradient(w: Array, X: Array, y: Array) -> Array:
            return self.gradient.run(w, X, y) + decay * w

        w, losses = minimise(
            penalised_loss,
            penalised_gradient,
            w,
            points,
            self._targets(codes, X.dtype),
            learning_rate=rate or safe_rate(steepest * self.bend + l2),
            epochs=max_iter,
            batch_size=batch_size,
            momentum=momentum,
            tol=tol,
            rng=rng,
        )
        self.classes_ = classes
        self.n_features_in_ = X.shape[1]
        self._keep(w)
        self.n_iter_ = len(losses)
        self.loss_per_epoch_ = losses
        return self
