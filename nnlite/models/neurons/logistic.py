"""The logistic neuron: it answers with a probability, and learns from how surprised it was.

Cox, "The regression analysis of binary sequences" (1958), Berkson (1944) before him. The net becomes a probability
by the sigmoid; the loss is the surprise at the right answer y, 1 or 0, called *cross-entropy*::

    p = 1 / (1 + e^-net)      loss(w) = mean of -log p  where y = 1,  of -log(1 - p)  where y = 0

    gradient = mean of (p - y) x                          w  <-  w - rate gradient

The gradient is Adaline's with p in the place of net. A point that is clearly right has p - y near 0 and no longer
pulls; that is all the difference, and it is why a far outlier on the right side does no harm.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlite.arguments import Array
from nnlite.contracts import bits, floats
from nnlite.models.descent_classifier import DescentClassifier
from nnlite.models.neurons.neuron import WEIGHTS, sigmoid
from nnlite.registry import exercise

POINTS = dict(X=floats("N>0 D>0", finite=True), w=WEIGHTS, y=bits("N"))


@exercise("logistic.loss", takes=POINTS)
def loss(w: Array, X: Array, y: Array) -> float:
    """Return the mean cross-entropy: how surprised the neuron is, on average, at the right answers.

    With net = w^T x and p = 1 / (1 + e^-net), the surprise is -log p for a point with y = 1 and -log(1 - p) for one
    with y = 0. Written with net these are log(1 + e^-net) and log(1 + e^net), and so they must be computed: p itself
    rounds to 0 or 1 for large nets, and log 0 is infinite. A net of 10000 on the wrong side costs 10000, no more.

    Parameters
    ----------
    w : numpy.ndarray, shape (D,)
        The weights.
    X : numpy.ndarray, shape (N, D)
        The points, one per row, the column of ones for the bias already among them.
    y : numpy.ndarray, shape (N,)
        The right answers, each 0 or 1.

    Returns
    -------
    float
        The mean surprise over the points, finite for every finite net.

    Raises
    ------
    TypeError
        If an argument does not hold real numbers.
    ValueError
        If the shapes do not fit, `X` is empty, a value is NaN or infinite, or `y` holds anything but 0 and 1.

    Notes
    -----
    ``np.logaddexp(a, b)`` is log(e^a + e^b) without overflow.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite.models.neurons.logistic import loss
    >>> X = np.array([[1.0, 0.0], [1.0, 10000.0]])
    >>> loss(np.array([0.0, 1.0]), X, np.array([1, 1])) * 2  # log 2 for a net of 0, and nothing
    0.6931471805599453
    >>> loss(np.array([0.0, 1.0]), X[1:], np.array([0]))
    10000.0
    """
    wrong_way = (1 - 2 * y) * (X @ w)  # (N,): -net where y = 1, net where y = 0
    return float(np.logaddexp(0, wrong_way).mean())


@exercise("logistic.gradient", takes=POINTS)
def gradient(w: Array, X: Array, y: Array) -> Array:
    """Return the gradient of the mean cross-entropy at `w`: the mean of (p - y) x over the points.

    Here p = 1 / (1 + e^-net), with net = w^T x, is the probability that the neuron gives to the answer 1.

    Parameters
    ----------
    w : numpy.ndarray, shape (D,)
        The weights.
    X : numpy.ndarray, shape (N, D)
        The points, one per row, the column of ones for the bias already among them.
    y : numpy.ndarray, shape (N,)
        The right answers, each 0 or 1.

    Returns
    -------
    numpy.ndarray, shape (D,)
        The gradient, in the dtype of the points. It points uphill.

    Raises
    ------
    TypeError, ValueError
        As :func:`loss`.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite.models.neurons.logistic import gradient
    >>> X = np.array([[1.0, 2.0], [1.0, -4.0]])
    >>> gradient(np.array([0.0, 0.0]), X, np.array([1.0, 0.0]))  # p = 1/2 for both
    array([ 0. , -1.5])
    """
    p = sigmoid(X @ w)  # (N,)
    return (p - y) @ X / len(y)


class LogisticNeuron(DescentClassifier):
    """A logistic neuron as an estimator of two classes: logistic regression by gradient descent.

    Trained to the end it has the weights of ``sklearn.linear_model.LogisticRegression`` with C = 1 / (l2 N).

    Parameters
    ----------
    l2 : float
        How much large weights cost, >= 0: the loss is the mean cross-entropy plus l2 / 2 times the sum of the squared
        weights, the bias left out. Without it, the weights of classes that a line separates grow for ever.
    max_iter : int
        The largest number of epochs.
    learning_rate : float, optional
        The length of a step, > 0; by default the longest that is safe everywhere, 1 / (curvature / 4 + l2), where
        for mini-batches |x|^2 of the longest point stands for the curvature.
    batch_size : int, optional
        How many points each step looks at, in random order; by default all of them.
    momentum : float
        The share of each step that is taken again in the next, from 0 to 1.
    fit_intercept : bool
        Whether to add the virtual input 1 for the bias.
    tol : float
        Where each step looks at all points, the training ends when no component of the gradient is larger.
    rng : numpy.random.Generator, int or None
        Draws the mini-batches.

    Attributes
    ----------
    classes_ : numpy.ndarray, shape (2,)
        The two classes; the neuron answers with the probability of the second.
    coef_ : numpy.ndarray, shape (1, n)
        The weights w1 ... wn.
    intercept_ : numpy.ndarray, shape (1,)
        The bias w0.
    w_ : numpy.ndarray, shape (1 + n,)
        All of them, the bias first (shape (n,) without an intercept).
    n_iter_ : int
        The number of epochs run.
    loss_per_epoch_ : numpy.ndarray, shape (n_iter_,)
        The loss after each epoch, the penalty for large weights included.
    n_features_in_ : int
        n.

    Examples
    --------
    >>> from nnlite.models import LogisticNeuron
    >>> X, y = [[-2.0], [-1.0], [1.0], [2.0]], ["cold", "cold", "warm", "warm"]
    >>> neuron = LogisticNeuron(l2=0.1).fit(X, y)
    >>> neuron.predict([[0.5], [-3.0]])
    array(['warm', 'cold'], dtype='<U4')
    >>> neuron.predict_proba([[0.0]]).round(3)
    array([[0.5, 0.5]], dtype=float32)
    """

    binary_only = True
    loss, gradient = loss, gradient
    curvature_bound = 1 / 4  # the sigmoid is nowhere steeper

    def _targets(self, codes: Array, dtype: Any) -> Array:
        return codes.astype(dtype)

    def _start(self, classes: int, inputs: int, dtype: Any) -> Array:
        return np.zeros(inputs, dtype)

    def predict_proba(self, X: Any) -> Array:
        """Return the probabilities of both classes for each point of `X` (N, n): (N, 2)."""
        net = self.decision_function(X)
        return np.stack([sigmoid(-net), sigmoid(net)], axis=1)
