"""Adaline: a linear neuron that learns from every answer, by how far it was off.

Widrow and Hoff, "Adaptive switching circuits" (1960). The perceptron compares its decision with the right one; Adaline
compares the net itself, before any threshold, with the wanted answer y (+1 or -1 for two classes). The mean of the
squared errors is a bowl over the space of weights, and a step against its slope at one point is the *delta rule*::

    net = w^T x        error = y - net        loss(w) = mean of error^2 / 2        w  <-  w + rate error x

The bottom of the bowl is the least-squares fit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from nnlite.arguments import Array
from nnlite.contracts import above, flag, floats, integer, integers, number, rng, scalar, unchecked, word
from nnlite.models.estimator import LinearClassifier
from nnlite.models.neurons.neuron import WEIGHTS, with_bias
from nnlite.random import generator
from nnlite.registry import exercise
from nnlite.training.descent import curvature, largest_squared_norm, refuse_overflow, safe_rate

POINTS = dict(X=floats("N>0 D>0", finite=True), w=WEIGHTS, y=floats("N", finite=True, follows=True))


@exercise("adaline.loss", takes=POINTS)
def loss(w: Array, X: Array, y: Array) -> float:
    """Return half the mean squared error of the nets: a bowl over the space of weights.

    The error of a point is y - w^T x, how far the net lies from the wanted answer. Every point counts, also one on
    its right side: a net of 3 where 1 is wanted is an error of -2.

    Parameters
    ----------
    w : numpy.ndarray, shape (D,)
        The weights.
    X : numpy.ndarray, shape (N, D)
        The points, one per row, the column of ones for the bias already among them.
    y : numpy.ndarray, shape (N,)
        The wanted answers; +1 and -1 for two classes.

    Returns
    -------
    float
        The mean of error^2 over the points, divided by 2.

    Raises
    ------
    TypeError
        If an argument does not hold real numbers.
    ValueError
        If the shapes do not fit, `X` is empty, or a value is NaN or infinite.

    Notes
    -----
    Widrow and Hoff (1960). The half is there so that the gradient needs no 2.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite.models.neurons.adaline import loss
    >>> X = np.array([[1.0, 2.0], [1.0, -3.0]])
    >>> loss(np.array([0.0, 1.0]), X, np.array([1.0, -1.0]))  # the errors are -1 and 2
    1.25
    """
    error = y - X @ w  # (N,)
    return float((error**2).mean() / 2)


@exercise("adaline.gradient", takes=POINTS)
def gradient(w: Array, X: Array, y: Array) -> Array:
    """Return the gradient of :func:`loss` at `w`: the mean of -error x over the points.

    Parameters
    ----------
    w, X, y
        As for :func:`loss`.

    Returns
    -------
    numpy.ndarray, shape (D,)

    Raises
    ------
    TypeError, ValueError
        As :func:`loss`.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite.models.neurons.adaline import gradient
    >>> X = np.array([[1.0, 2.0], [1.0, -3.0]])
    >>> gradient(np.array([0.0, 1.0]), X, np.array([1.0, -1.0]))
    array([-0.5,  4. ])
    """
    error = y - X @ w  # (N,)
    return -(error @ X) / len(y)


@exercise("adaline.train_batch", takes=dict(**POINTS, steps=integer(0), learning_rate=above(0)))
def train_batch(w: Array, X: Array, y: Array, steps: int, learning_rate: float = 0.1) -> Array:
    """Descend into the bowl, all points at once: w <- w - learning_rate * gradient, again and again.

    The gradient is that of half the mean squared error: the mean of -error x over the points, where the error of a
    point is y - w^T x at the weights of that moment.

    Parameters
    ----------
    w : numpy.ndarray, shape (D,)
        The weights to start from.
    X : numpy.ndarray, shape (N, D)
        The points, one per row, the column of ones for the bias already among them.
    y : numpy.ndarray, shape (N,)
        The wanted answers; +1 and -1 for two classes.
    steps : int
        How many steps to take, >= 0.
    learning_rate : float
        The length of a step for a slope of 1, > 0.

    Returns
    -------
    numpy.ndarray, shape (steps + 1, D)
        The path: the first row is the `w` given, the last the weights after all steps.

    Raises
    ------
    TypeError, ValueError
        As :func:`loss`, and if `steps` or `learning_rate` is not as described.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite.models.neurons.adaline import train_batch
    >>> train_batch(np.array([0.0]), np.array([[1.0], [1.0]]), np.array([3.0, 5.0]), steps=3, learning_rate=0.5)
    array([[0. ],
           [2. ],
           [3. ],
           [3.5]])
    """
    W = [w]
    for _ in range(steps):
        w = w - learning_rate * gradient(w, X, y)
        W.append(w)
    return np.array(W)


@exercise("adaline.update", takes=dict(x=floats("D>0", finite=True), y=scalar(), w=WEIGHTS, learning_rate=above(0)))
def update(w: Array, x: Array, y: float, learning_rate: float = 0.01) -> Array:
    """Learn from one point by the delta rule: w + learning_rate * error * x, where error = y - w^T x.

    The larger the error, the larger the correction. A point whose net is exactly the wanted answer changes nothing.

    Parameters
    ----------
    w : numpy.ndarray, shape (D,)
        The weights.
    x : numpy.ndarray, shape (D,)
        One point.
    y : float
        Its wanted answer; +1 or -1 for two classes.
    learning_rate : float
        The length of the step, > 0.

    Returns
    -------
    numpy.ndarray, shape (D,)
        The new weights; the array given as `w` is never written to.

    Raises
    ------
    TypeError, ValueError
        As :func:`loss`, and if `learning_rate` is not a number > 0.

    Notes
    -----
    Widrow and Hoff (1960), also called the LMS (least mean squares) rule.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite.models.neurons.adaline import update
    >>> update(np.array([0.0, 1.0]), np.array([1.0, 2.0]), 3.0, learning_rate=0.5)
    array([0.5, 2. ])
    """
    error = y - w @ x
    return w + learning_rate * error * x


@exercise(
    "adaline.train_online",
    takes=dict(**POINTS, order=integers("N", "T", below="N", missing=(np.arange, "N")), learning_rate=above(0)),
    compiled="adaline.train_online",
    fuses=("adaline.update",),
)
def train_online(w: Array, X: Array, y: Array, order: Array, learning_rate: float = 0.01) -> Array:
    """Apply the delta rule to one point after the other.

    Parameters
    ----------
    w : numpy.ndarray, shape (D,)
        The weights to start from.
    X, y
        As for :func:`loss`.
    order : numpy.ndarray of int, shape (T,), optional
        The numbers of the points in the order of showing; by default each once, as they stand in `X`.
    learning_rate : float
        The length of each step, > 0.

    Returns
    -------
    numpy.ndarray, shape (D,)
        The weights at the end.

    Raises
    ------
    TypeError, ValueError
        As :func:`update`, and if `order` holds anything but numbers of points.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite.models.neurons.adaline import train_online
    >>> X, y = np.array([[1.0, 0.0], [1.0, 1.0]]), np.array([1.0, -1.0])
    >>> train_online(np.zeros(2), X, y, order=np.array([0, 1] * 200), learning_rate=0.5).round(4)
    array([ 1., -2.])
    """
    for i in order:
        w = update(w, X[i], y[i], learning_rate)
    return w


@dataclass(repr=False, eq=False)
class Adaline(LinearClassifier):
    """Widrow and Hoff's adaptive linear neuron as an estimator of two classes: fit, predict, score.

    Parameters
    ----------
    max_iter : int
        The largest number of epochs.
    learning_rate : float, optional
        The length of a step, > 0. By default 1 / curvature of the bowl with the batch rule, where twice that would
        be the limit, and a tenth of 1 / |x|^2 for the longest point with the online rule, which otherwise is thrown
        about by every single point.
    rule : {"online", "batch"}
        Learn from point after point by the delta rule, or descend along the gradient over all points.
    fit_intercept : bool
        Whether to add the virtual input 1 for the bias.
    shuffle : bool
        Whether the online rule sees the points in a new random order in each epoch.
    tol : float
        The training ends when no component of the gradient is larger; the online rule, whose weights never
        quite come to rest, rarely gets there.
    rng : numpy.random.Generator, int or None
        The source of the orders when shuffling.

    Attributes
    ----------
    classes_ : numpy.ndarray, shape (2,)
        The two classes; the first is wanted as -1, the second as +1.
    coef_ : numpy.ndarray, shape (1, n)
        The weights w1 ... wn.
    intercept_ : numpy.ndarray, shape (1,)
        The bias w0.
    w_ : numpy.ndarray, shape (1 + n,)
        All of them, the bias first (shape (n,) without an intercept).
    n_iter_ : int
        The number of epochs run.
    loss_per_epoch_ : numpy.ndarray, shape (n_iter_,)
        The loss after each epoch.
    n_features_in_ : int
        n.

    Examples
    --------
    >>> from nnlite.models import Adaline
    >>> X, y = [[0, 0], [0, 1], [1, 0], [1, 1]], ["no", "no", "no", "yes"]
    >>> Adaline(rule="batch", max_iter=1000, tol=1e-6).fit(X, y).w_.round(2)
    array([-1.5,  1. ,  1. ], dtype=float32)
    """

    binary_only = True

    options: ClassVar = dict(
        max_iter=integer(1),
        tol=number(0),
        learning_rate=above(0) | None,
        rule=word("online", "batch"),
        fit_intercept=flag,
        shuffle=flag,
        rng=rng,
    )

    max_iter: int = 100
    learning_rate: float | None = None
    rule: str = "online"
    fit_intercept: bool = True
    shuffle: bool = True
    tol: float = 1e-4
    rng: np.random.Generator | int | None = None

    @unchecked
    def fit(self, X: Any, y: Any) -> Adaline:
        """Learn from points `X` (N, n) and their classes `y` (N,), of which there must be two.

        Raises
        ------
        TypeError
            If `X` does not hold real numbers or a constructor argument has the wrong type.
        ValueError
            If `X` is empty or holds NaN or infinity, `y` does not match or has not exactly two classes, or a
            constructor argument is out of range.
        FloatingPointError
            If the learning rate is so large that the weights grow without bound.
        """
        options, rng = self._checked_options(), generator(self.rng)
        X, classes, codes = self._checked_data(X, y)
        wanted = np.where(codes == 1, 1, -1).astype(X.dtype)
        points = with_bias(X) if self.fit_intercept else X
        w = np.zeros(points.shape[1], points.dtype)

        online, rate = options.rule == "online", options.learning_rate
        if rate is None:
            rate = 0.1 * safe_rate(largest_squared_norm(points)) if online else safe_rate(curvature(points))
        order, losses = np.arange(len(X)), []
        with np.errstate(over="ignore", invalid="ignore"):
            for _ in range(options.max_iter):
                if online:
                    w = train_online(w, points, wanted, rng.permutation(order) if self.shuffle else order, rate)
                else:
                    w = train_batch(w, points, wanted, 1, rate)[-1]
                losses.append(loss(w, points, wanted))
                slope = gradient(w, points, wanted)
                refuse_overflow(w, rate, "Adaline.fit")
                if np.abs(slope).max() <= options.tol:
                    break

        self._keep(classes, w)
        self.n_iter_ = len(losses)
        self.loss_per_epoch_ = np.array(losses)
        return self
