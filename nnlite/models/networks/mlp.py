"""The multilayer perceptron with one hidden layer, and backpropagation written out by hand.

Rumelhart, Hinton, Williams, "Learning representations by back-propagating errors" (1986). The input layer only
distributes the signals; the hidden neurons bend the space, so that the output neurons can separate in it what no
line separates (Cybenko 1989: with enough hidden neurons, any continuous function)::

    H = tanh(X W1^T + b1)      Z = H W2^T + b2      P = softmax(Z)      loss = -mean log P[n, y_n]

    dZ = (P - onehot(y)) / N    dW2 = dZ^T H    db2 = sum_n dZ_n
    dA = (dZ W2) (1 - H^2)      dW1 = dA^T X    db1 = sum_n dA_n        w <- w - rate dw, with momentum

:class:`MLP` is the same network on Tensor, which finds the gradients by itself.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from nnlite import functional as F
from nnlite import nn
from nnlite.arguments import Array, float_array, shape_is
from nnlite.contracts import above, flag, floats, function, integer, integers, number, rng, unchecked
from nnlite.data.loader import DataLoader
from nnlite.models.estimator import Classifier, lead
from nnlite.random import generator
from nnlite.registry import exercise
from nnlite.tensor import Tensor

WEIGHTS = dict(W1=floats("M D"), b1=floats("M", follows=True), W2=floats("K M"), b2=floats("K", follows=True))


@exercise("mlp.forward", takes=dict(**WEIGHTS, X=floats("N D", follows=True)))
def forward(W1: Array, b1: Array, W2: Array, b2: Array, X: Array) -> tuple[Array, Array]:
    """Send the points through both layers: H = tanh(X W1^T + b1), Z = H W2^T + b2.

    Parameters
    ----------
    W1 : numpy.ndarray, shape (M, D)
        The weights of the M hidden neurons.
    b1 : numpy.ndarray, shape (M,)
        Their biases.
    W2 : numpy.ndarray, shape (K, M)
        The weights of the K output neurons.
    b2 : numpy.ndarray, shape (K,)
        Their biases.
    X : numpy.ndarray, shape (N, D)
        The points, one per row.

    Returns
    -------
    Z : numpy.ndarray, shape (N, K)
        The nets of the output neurons.
    H : numpy.ndarray, shape (N, M)
        What the hidden neurons answered; the backward pass needs it.

    Raises
    ------
    TypeError
        If an argument does not hold real numbers.
    ValueError
        If the shapes do not fit.

    Notes
    -----
    Rumelhart, Hinton, Williams (1986), equations 1 and 2, with tanh for the logistic function.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite.models.networks.mlp import forward
    >>> Z, H = forward(np.ones((1, 2)), np.zeros(1), np.ones((1, 1)), np.ones(1), np.zeros((1, 2)))
    >>> Z, H
    (array([[1.]]), array([[0.]]))
    """
    H = np.tanh(X @ W1.T + b1)  # (N, M)
    Z = H @ W2.T + b2  # (N, K)
    return Z, H


@exercise(
    "mlp.backward",
    takes=dict(
        W2=floats("K M", own_dtype=True),
        X=floats("N D", own_dtype=True),
        H=floats("N M", own_dtype=True),
        dZ=floats("N K", own_dtype=True),
    ),
)
def backward(W2: Array, X: Array, H: Array, dZ: Array) -> tuple[Array, Array, Array, Array]:
    """Send the gradient dL/dZ back through both layers: the gradients of all weights and biases.

    Parameters
    ----------
    W2 : numpy.ndarray, shape (K, M)
        The weights of the output neurons.
    X : numpy.ndarray, shape (N, D)
        The points.
    H : numpy.ndarray, shape (N, M)
        What the hidden neurons answered, from :func:`forward`.
    dZ : numpy.ndarray, shape (N, K)
        The gradient of the loss with respect to the output nets.

    Returns
    -------
    dW1 : numpy.ndarray, shape (M, D)
    db1 : numpy.ndarray, shape (M,)
    dW2 : numpy.ndarray, shape (K, M)
    db2 : numpy.ndarray, shape (K,)
        The gradients of the loss with respect to W1, b1, W2, b2.

    Raises
    ------
    TypeError
        If an argument does not hold real numbers.
    ValueError
        If the shapes do not fit.

    Notes
    -----
    Rumelhart, Hinton, Williams (1986), equations 4 to 7.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite.models.networks.mlp import backward
    >>> W2, X, H, dZ = (np.full((1, 1), value) for value in (3.0, 2.0, 0.5, 1.0))
    >>> [float(d.item()) for d in backward(W2, X, H, dZ)]
    [4.5, 2.25, 0.5, 1.0]
    """
    dW2 = dZ.T @ H  # (K, M)
    db2 = dZ.sum(axis=0)  # (K,)
    dH = dZ @ W2  # (N, M)
    dA = dH * (1 - H * H)  # (N, M), through tanh: its derivative is 1 - tanh^2
    dW1 = dA.T @ X  # (M, D)
    db1 = dA.sum(axis=0)  # (M,)
    return dW1, db1, dW2, db2


@exercise("mlp.error", takes=dict(Z=floats("N>0 K"), y=integers("N", below="K")))
def error(Z: Array, y: Array) -> tuple[float, Array]:
    """Measure how wrong the nets are: the mean cross-entropy of P = softmax(Z), and its gradient dL/dZ.

    ``P[n, k] = exp(Z[n, k]) / sum_j exp(Z[n, j])`` is the probability that the network gives class k for point n. The
    loss is its mean surprise at the right classes, ``-mean_n log P[n, y_n]``, and the chain rule through both leaves
    ``dZ = (P - onehot(y)) / N``. Nets of 1000 do not overflow, and a probability too small for the dtype does not make
    the loss infinite: ``log P[n, k] = Z[n, k] - log sum_j exp(Z[n, j])``, the largest net of each row subtracted first.

    Parameters
    ----------
    Z : numpy.ndarray, shape (N, K)
        The nets of the output neurons.
    y : numpy.ndarray of int, shape (N,)
        The right classes, 0 to K - 1.

    Returns
    -------
    loss : float
        >= 0.
    dZ : numpy.ndarray, shape (N, K)
        The gradient of the loss with respect to the nets.

    Raises
    ------
    TypeError
        If `Z` does not hold real numbers or `y` does not hold integers.
    ValueError
        If the shapes do not fit, `Z` has no row, or a class is not one of 0 to K - 1.

    Notes
    -----
    Bridle (1990), "Probabilistic interpretation of feedforward classification network outputs".

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite.models.networks.mlp import error
    >>> loss, dZ = error(np.zeros((1, 2)), np.array([1]))
    >>> round(loss, 4), dZ
    (0.6931, array([[ 0.5, -0.5]]))
    """
    Z = Z - Z.max(axis=1, keepdims=True)  # the same probabilities, and exp cannot overflow
    log_P = Z - np.log(np.exp(Z).sum(axis=1, keepdims=True))  # (N, K)
    right = (np.arange(len(y)), y)  # the entry of the right class in each row
    dZ = np.exp(log_P)
    dZ[right] -= 1
    return float(-log_P[right].mean()), dZ / len(y)


@exercise(
    "mlp.update",
    takes=dict(
        w=floats("..."),
        dw=floats("...", follows=True),
        v=floats("...", follows=True),
        rate=number(0),
        momentum=number(0, 1),
    ),
)
def update(w: Array, dw: Array, v: Array, rate: float, momentum: float) -> tuple[Array, Array]:
    """Take one step downhill with momentum: v <- momentum v - rate dw, then w <- w + v.

    The step v remembers a part of the step before it, as a rolling ball does: where the gradient keeps its direction
    the steps grow longer, where it swings to and fro they cancel.

    Parameters
    ----------
    w : numpy.ndarray, any shape
        Weights or biases.
    dw : numpy.ndarray, shape of `w`
        The gradient of the loss with respect to `w`.
    v : numpy.ndarray, shape of `w`
        The last step, zeros at the start.
    rate : float
        The learning rate, >= 0.
    momentum : float
        How much of the last step is taken again, 0 to 1.

    Returns
    -------
    w : numpy.ndarray
        The weights after the step, a new array.
    v : numpy.ndarray
        The step, a new array.

    Raises
    ------
    TypeError
        If an argument does not hold real numbers.
    ValueError
        If the shapes do not fit or a number is out of range.

    Notes
    -----
    Rumelhart, Hinton, Williams (1986), equation 9.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite.models.networks.mlp import update
    >>> update(np.array([1.0]), np.array([3.0]), np.array([2.0]), 0.1, 0.5)
    (array([1.7]), array([0.7]))
    """
    v = momentum * v - rate * dw
    return w + v, v


#: W1, b1, W2, b2
Parameters = tuple[Array, Array, Array, Array]


def _staircase_stands(f: Callable[[Array], Any], low: float, high: float, hidden: int, steepness: float) -> None:
    if not low < high:
        raise ValueError(f"mlp.staircase: low is {low} and high is {high}, expected low < high")
    height = float_array(f(np.linspace(low, high, hidden + 1)), "mlp.staircase: f(x)", ndim=1, finite=True)
    shape_is(height, "mlp.staircase: f(x)", (hidden + 1,), "one number for each x")


@exercise(
    "mlp.staircase",
    takes=dict(f=function(), low=number(), high=number(), hidden=integer(1), steepness=above(0)),
    also=_staircase_stands,
)
def staircase(f: Callable[[Array], Any], low: float, high: float, hidden: int, steepness: float = 2.0) -> Parameters:
    """Choose weights by hand so that the network follows the curve `f` from `low` to `high`.

    Each hidden neuron is a soft step in the middle of one of `hidden` equal pieces, as high as `f` rises over that
    piece. What the network answers is then a mean of values of `f` close by: it never leaves their range, and for a
    curve nowhere steeper than L it is wrong by at most L times the length of a piece. So enough hidden neurons follow
    any continuous curve as closely as one likes.

    Parameters
    ----------
    f : function
        Maps numbers (N,) to numbers (N,).
    low, high : float
        The ends of the curve, ``low < high``.
    hidden : int
        M, the number of hidden neurons and of pieces.
    steepness : float
        > 0. How steep a step is, compared with the length of its piece; beyond 20 the steps have corners. The bound
        holds from 1.4 on.

    Returns
    -------
    W1, b1, W2, b2 : numpy.ndarray, shapes (M, 1), (M,), (1, M), (1,)
        Weights for :func:`forward`, whose nets Z are the curve.

    Raises
    ------
    TypeError
        If `f` cannot be called, or an argument has the wrong type.
    ValueError
        If a number is out of range, or `f` does not answer with one finite number for each.

    Notes
    -----
    The idea, for one input and by hand, of Cybenko (1989), "Approximation by superpositions of a sigmoidal function",
    and Hornik, Stinchcombe, White (1989), "Multilayer feedforward networks are universal approximators".

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite.models.networks.mlp import forward
    >>> from nnlite.models.networks.mlp import staircase
    >>> Z, _ = forward(*staircase(np.sin, 0, 6, hidden=100), np.array([[1.0], [2.0]]))
    >>> bool(np.allclose(Z[:, 0], np.sin([1, 2]), atol=0.01))
    True
    """
    edges = np.linspace(low, high, hidden + 1)
    middle = (edges[1:] + edges[:-1]) / 2
    height = np.asarray(f(edges), np.float64)
    slope = steepness * hidden / (high - low)
    W1, b1 = np.full((hidden, 1), slope), -slope * middle
    W2 = np.diff(height)[None, :] / 2  # (1, M): tanh rises by 2, from -1 to 1
    b2 = np.array([(height[0] + height[-1]) / 2])
    return W1, b1, W2, b2


@dataclass(repr=False, eq=False)
class MLPClassifier(Classifier):
    """A network with one hidden layer as an estimator, trained by the functions above.

    Parameters
    ----------
    hidden : int
        M, the number of hidden neurons.
    epochs : int
        How often to go through the data.
    batch_size : int
        The points in a mini-batch.
    learning_rate : float
        The length of the first step, > 0; it falls linearly to zero over the training.
    momentum : float
        How much of the last step is taken again, 0 to 1.
    verbose : bool
        Whether to show a progress bar.
    rng : numpy.random.Generator, int or None
        Draws the first weights and the order of the points.

    Attributes
    ----------
    classes_ : numpy.ndarray, shape (K,)
        The classes.
    coefs_ : list of numpy.ndarray
        W1 (M, D) and W2 (K, M): rows are neurons, as in PyTorch.
    intercepts_ : list of numpy.ndarray
        b1 (M,) and b2 (K,).
    loss_per_epoch_ : numpy.ndarray, shape (epochs,)
        The mean loss of the mini-batches of each epoch.
    n_features_in_ : int
        D.

    Examples
    --------
    >>> from nnlite.data import xor
    >>> from nnlite.models import MLPClassifier
    >>> X, y = xor(200, rng=0)
    >>> MLPClassifier(hidden=8, epochs=30, verbose=False, rng=0).fit(X, y).score(X, y)
    1.0
    """

    options: ClassVar = dict(
        hidden=integer(1),
        epochs=integer(1),
        batch_size=integer(1),
        momentum=number(0, 1),
        learning_rate=above(0),
        verbose=flag,
        rng=rng,
    )

    hidden: int = 64
    epochs: int = 30
    batch_size: int = 32
    learning_rate: float = 0.1
    momentum: float = 0.9
    verbose: bool = True
    rng: np.random.Generator | int | None = None

    @unchecked
    def fit(self, X: Any, y: Any) -> MLPClassifier:
        """Learn from points `X` (N, D) and their classes `y` (N,).

        Raises
        ------
        TypeError
            If `X` does not hold real numbers or a constructor argument has the wrong type.
        ValueError
            If `X` is empty or holds NaN or infinity, `y` does not match or holds fewer than two classes, or a
            constructor argument is out of range.
        FloatingPointError
            If the loss stops being finite; a smaller `learning_rate` helps.
        """
        from threadpoolctl import threadpool_limits
        from tqdm.auto import tqdm

        options, rng = self._checked_options(), generator(self.rng)
        X, classes, codes = self._checked_data(X, y)

        parameters = [
            *_first_weights(X.shape[1], options.hidden, X.dtype, rng),
            *_first_weights(options.hidden, len(classes), X.dtype, rng),
        ]
        velocities = [np.zeros_like(w) for w in parameters]
        batches = DataLoader((X, codes), options.batch_size, shuffle=True, rng=rng)
        steps = options.epochs * len(batches)
        step, losses = 0, []
        bar = tqdm(range(options.epochs), desc="MLPClassifier", unit="epoch", disable=not self.verbose, leave=False)
        # So small a batch waits longer for a second thread than it saves.
        with threadpool_limits(1, user_api="blas"):
            for _ in bar:
                total = 0.0
                for x, right in batches:
                    Z, H = forward(*parameters, x)
                    loss, dZ = error(Z, right)
                    if not math.isfinite(loss):
                        raise FloatingPointError(
                            f"MLPClassifier: the loss is {loss} after {step} steps; try a smaller learning_rate "
                            f"than {self.learning_rate}"
                        )
                    gradients = backward(parameters[2], x, H, dZ)
                    rate = options.learning_rate * (1 - step / steps)
                    for i, dw in enumerate(gradients):
                        parameters[i], velocities[i] = update(parameters[i], dw, velocities[i], rate, options.momentum)
                    total += loss
                    step += 1
                losses.append(total / len(batches))

        self.classes_ = classes
        self.n_features_in_ = X.shape[1]
        self.coefs_ = [parameters[0], parameters[2]]
        self.intercepts_ = [parameters[1], parameters[3]]
        self.loss_per_epoch_ = np.array(losses)
        return self

    @unchecked
    def nets(self, X: Any) -> Array:
        """Return the nets of the output neurons for points `X` (N, D): (N, K)."""
        X = self._checked_points(X)
        (W1, W2), (b1, b2) = self.coefs_, self.intercepts_
        return forward(W1, b1, W2, b2, X.astype(W1.dtype, copy=False))[0]

    def decision_function(self, X: Any) -> Array:
        """Return the nets (N, K); for two classes how far the second is ahead of the first, (N,)."""
        return lead(self.nets(X))

    def predict_proba(self, X: Any) -> Array:
        """Return the probability of each class for each point of `X` (N, D): (N, K)."""
        return F.softmax.value_and_vjp(self.nets(X), -1)[0]


class MLP(nn.Module):
    """The same network on Tensor: no gradient is written down, autodiff finds them all.

    Parameters
    ----------
    inputs, hidden, classes : int
        D, M and K.
    rng : numpy.random.Generator, int or None
        Draws the first weights.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite.models import MLP
    >>> MLP(2, 8, 3, rng=0)(np.zeros((5, 2))).shape
    (5, 3)
    """

    def __init__(self, inputs: int, hidden: int, classes: int, rng: np.random.Generator | int | None = None) -> None:
        rng = generator(rng)
        self.hidden = nn.Linear(inputs, hidden, rng=rng)
        self.output = nn.Linear(hidden, classes, rng=rng)

    def forward(self, x: Any) -> Tensor:
        """Return the output nets (N, classes) for points (N, inputs)."""
        return self.output(F.tanh(self.hidden(x)))


def _first_weights(inputs: int, outputs: int, dtype: Any, rng: np.random.Generator) -> tuple[Array, Array]:
    """Weights as Glorot and Bengio (2010) draw them, so that signals keep their size in both directions.

    The biases are drawn too, so that the hidden neurons bend the space in different places from the start.
    """
    width, shift = math.sqrt(6 / (inputs + outputs)), 1 / math.sqrt(inputs)
    W, b = rng.uniform(-width, width, (outputs, inputs)), rng.uniform(-shift, shift, outputs)
    return W.astype(dtype), b.astype(dtype)
