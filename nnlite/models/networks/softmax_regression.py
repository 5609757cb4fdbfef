"""Softmax regression: one neuron for each class, and they compete.

Cox, "Some procedures connected with the logistic qualitative response curve" (1966); the name softmax: Bridle (1990).
Each class k has weights w_k, the rows of W. The nets of all classes become probabilities that sum to 1, and the loss
is the surprise at the right class y::

    z_k = w_k^T x      p_k = e^z_k / sum_j e^z_j      loss(W) = mean of -log p_y

    dL/dz_k = p_k - [k = y]      gradient = mean of (p - onehot(y)) x^T      W  <-  W - rate gradient

With two classes it is the logistic neuron, with w = w_1 - w_0.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlite import functional as F
from nnlite.arguments import Array
from nnlite.contracts import floats, integers
from nnlite.models.descent_classifier import DescentClassifier
from nnlite.registry import exercise

POINTS = dict(
    X=floats("N>0 D>0", finite=True),
    W=floats("K>0 D", finite=True, hint="with_bias adds the bias column"),
    y=integers("N", below="K"),
)


@exercise("softmax_regression.loss", takes=POINTS)
def loss(W: Array, X: Array, y: Array) -> float:
    """Return the mean cross-entropy: the average surprise at the right classes, -log p_y.

    Parameters
    ----------
    W : numpy.ndarray, shape (K, D)
        The weights, one row for each class.
    X : numpy.ndarray, shape (N, D)
        The points, one per row, the column of ones for the bias already among them.
    y : numpy.ndarray of int, shape (N,)
        The right classes, 0 to K - 1.

    Returns
    -------
    float
        The mean surprise, finite for all finite nets.

    Raises
    ------
    TypeError
        If `W` or `X` does not hold real numbers or `y` integers.
    ValueError
        If the shapes do not fit, `X` is empty, a value is NaN or infinite, or `y` names a class that `W` has not.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite.models.networks.softmax_regression import loss
    >>> round(loss(np.zeros((3, 2)), np.ones((1, 2)), np.array([2])), 4)  # log 3
    1.0986
    """
    log_p, _ = F.log_softmax.value_and_vjp(X @ W.T, 1)  # (N, K)
    return float(-log_p[np.arange(len(y)), y].mean())


@exercise("softmax_regression.gradient", takes=POINTS)
def gradient(W: Array, X: Array, y: Array) -> Array:
    """Return the gradient of the mean cross-entropy at `W`: the mean of (p - onehot(y)) x^T over the points.

    For one point, z_k = w_k^T x is the net of class k and p_k = e^z_k / sum_j e^z_j its probability; onehot(y) is 1
    at the right class and 0 at the others. Row k of the gradient is the mean of (p_k - onehot(y)_k) x. Nets of 10000
    must not overflow: subtracting the largest net of a point from all its nets changes no probability.

    Parameters
    ----------
    W : numpy.ndarray, shape (K, D)
        The weights, one row for each class.
    X : numpy.ndarray, shape (N, D)
        The points, one per row, the column of ones for the bias already among them.
    y : numpy.ndarray of int, shape (N,)
        The right classes, 0 to K - 1.

    Returns
    -------
    numpy.ndarray, shape (K, D)
        The gradient, in the dtype of the points. It points uphill.

    Raises
    ------
    TypeError, ValueError
        As :func:`loss`.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite.models.networks.softmax_regression import gradient
    >>> gradient(np.zeros((2, 2)), np.array([[1.0, 4.0]]), np.array([1]))  # p = 1/2 for both
    array([[ 0.5,  2. ],
           [-0.5, -2. ]])
    """
    Z = X @ W.T  # (N, K)
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    P = E / E.sum(axis=1, keepdims=True)
    P[np.arange(len(y)), y] -= 1  # P - onehot(y)
    return P.T @ X / len(y)


class SoftmaxRegression(DescentClassifier):
    """Softmax regression as an estimator of any number of classes, by gradient descent.

    Trained to the end it has the weights of ``sklearn.linear_model.LogisticRegression`` with C = 1 / (l2 N), if there
    are three classes or more.

    Parameters
    ----------
    l2 : float
        How much large weights cost, >= 0: the loss is the mean cross-entropy plus l2 / 2 times the sum of the squared
        weights, the biases left out.
    max_iter : int
        The largest number of epochs.
    learning_rate : float, optional
        The length of a step, > 0; by default the longest that is safe everywhere, 1 / (curvature / 2 + l2), where
        for mini-batches |x|^2 of the longest point stands for the curvature.
    batch_size : int, optional
        How many points each step looks at, in random order; by default all of them.
    momentum : float
        The share of each step that is taken again in the next, from 0 to 1.
    fit_intercept : bool
        Whether to add the virtual input 1 for the biases.
    tol : float
        Where each step looks at all points, the training ends when no component of the gradient is larger.
    rng : numpy.random.Generator, int or None
        Draws the mini-batches.

    Attributes
    ----------
    classes_ : numpy.ndarray, shape (K,)
        The classes.
    coef_ : numpy.ndarray, shape (K, n)
        The weights of each class.
    intercept_ : numpy.ndarray, shape (K,)
        Its bias.
    W_ : numpy.ndarray, shape (K, 1 + n)
        All of them, the bias first (shape (K, n) without an intercept).
    n_iter_ : int
        The number of epochs run.
    loss_per_epoch_ : numpy.ndarray, shape (n_iter_,)
        The loss after each epoch, the penalty for large weights included.
    n_features_in_ : int
        n.

    Examples
    --------
    >>> from nnlite.models import SoftmaxRegression
    >>> from nnlite.data import blobs
    >>> X, y = blobs(90, centers=[(0, 0), (6, 0), (0, 6)], rng=0)
    >>> round(SoftmaxRegression().fit(X, y).score(X, y), 2)
    0.99
    """

    loss, gradient = loss, gradient
    curvature_bound = 1 / 2  # for each class: Böhning, "Multinomial logistic regression algorithm" (1992)

    def _keep(self, classes: Array, w: Array) -> None:
        super()._keep(classes, w)
        self.W_ = w

    def nets(self, X: Any) -> Array:
        """Return the net of each class for points `X` (N, n): (N, K)."""
        return self._nets(X)

    def predict_proba(self, X: Any) -> Array:
        """Return the probability of each class for each point of `X` (N, n): (N, K)."""
        return F.softmax.value_and_vjp(self.nets(X), 1)[0]
