"""The multilayer perceptron with one hidden layer, and backpropagation written out by hand.

Rumelhart, Hinton, Williams, "Learning representations by back-propagating errors" (1986). The input layer only
distributes the signals; the hidden neurons bend the space, so that the output neurons can separate in it what no
line separates (Cybenko 1989: with enough hidden neurons, any continuous function)::

    H = tanh(X W1^T + b1)      Z = H W2^T + b2      P = softmax(Z)      loss = -mean log P[n, y_n]

    dZ = (P - onehot(y)) / N    dW2 = dZ^T H    db2 = sum_n dZ_n
    dA = (dZ W2) (1 - H^2)      dW1 = dA^T X    db1 = sum_n dA_n        w <- w - rate dw, with momentum

:class:`MLP` is the same network on Tensor, where the two lines of gradients are not needed any more.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from nnlite import functional as F
from nnlite import nn
from nnlite.arguments import Array, float_array, integer, integer_array, number, shape_is
from nnlite.data.loader import DataLoader
from nnlite.models.estimator import Classifier
from nnlite.random import generator
from nnlite.registry import exercise
from nnlite.tensor import Tensor


def _forward_arguments(W1: Any, b1: Any, W2: Any, b2: Any, X: Any) -> tuple[Array, Array, Array, Array, Array]:
    name = "mlp.forward"
    W1, W2 = float_array(W1, f"{name}: W1", ndim=2), float_array(W2, f"{name}: W2", ndim=2)
    X = float_array(X, f"{name}: X", ndim=2)
    hidden, inputs = W1.shape
    shape_is(X, f"{name}: X", (len(X), inputs), f"to match W1 {W1.shape}")
    shape_is(W2, f"{name}: W2", (len(W2), hidden), f"to match W1 {W1.shape}")
    b1, b2 = float_array(b1, f"{name}: b1", ndim=1), float_array(b2, f"{name}: b2", ndim=1)
    shape_is(b1, f"{name}: b1", (hidden,), f"to match W1 {W1.shape}")
    shape_is(b2, f"{name}: b2", (len(W2),), f"to match W2 {W2.shape}")
    dtype = np.result_type(W1, W2)
    return tuple(a.astype(dtype, copy=False) for a in (W1, b1, W2, b2, X))


def _backward_arguments(W2: Any, X: Any, H: Any, dZ: Any) -> tuple[Array, Array, Array, Array]:
    name = "mlp.backward"
    W2, X = float_array(W2, f"{name}: W2", ndim=2), float_array(X, f"{name}: X", ndim=2)
    H, dZ = float_array(H, f"{name}: H", ndim=2), float_array(dZ, f"{name}: dZ", ndim=2)
    classes, hidden = W2.shape
    shape_is(H, f"{name}: H", (len(X), hidden), f"to match X {X.shape} and W2 {W2.shape}")
    shape_is(dZ, f"{name}: dZ", (len(X), classes), f"to match X {X.shape} and W2 {W2.shape}")
    return W2, X, H, dZ


@exercise("mlp.forward", prepare=_forward_arguments)
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
    >>> Z, H = forward(np.ones((1, 2)), np.zeros(1), np.ones((1, 1)), np.ones(1), np.zeros((1, 2)))
    >>> Z, H
    (array([[1.]]), array([[0.]]))
    """
    H = np.tanh(X @ W1.T + b1)  # (N, M)
    Z = H @ W2.T + b2  # (N, K)
    return Z, H


@exercise("mlp.backward", prepare=_backward_arguments)
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
    >>> dW1, db1, dW2, db2 = backward(np.full((1, 1), 3.0), np.full((1, 1), 2.0), np.full((1, 1), 0.5), np.ones((1, 1)))
    >>> [float(d.item()) for d in (dW1, db1, dW2, db2)]
    [4.5, 2.25, 0.5, 1.0]
    """
    dW2 = dZ.T @ H  # (K, M)
    db2 = dZ.sum(axis=0)  # (K,)
    dH = dZ @ W2  # (N, M)
    dA = dH * (1 - H * H)  # (N, M), through tanh: its derivative is 1 - tanh^2
    dW1 = dA.T @ X  # (M, D)
    db1 = dA.sum(axis=0)  # (M,)
    return dW1, db1, dW2, db2


def error(Z: Array, y: Array) -> tuple[float, Array]:
    """Return the mean cross-entropy of softmax(Z) and its gradient dZ = (P - onehot(y)) / N.

    Parameters
    ----------
    Z : numpy.ndarray, shape (N, K)
        The nets of the output neurons.
    y : numpy.ndarray of int, shape (N,)
        The right classes, 0 to K - 1.

    Returns
    -------
    loss : float
        -mean log P[n, y_n]. A probability too small for the dtype counts as the smallest the dtype has.
    dZ : numpy.ndarray, shape (N, K)

    Examples
    --------
    >>> loss, dZ = error(np.zeros((1, 2)), np.array([1]))
    >>> round(loss, 4), dZ
    (0.6931, array([[ 0.5, -0.5]]))
    """
    Z = float_array(Z, "error: Z", ndim=2)
    y = integer_array(y, "error: y", low=0, high=Z.shape[1])
    shape_is(y, "error: y", (len(Z),), "one class per row of Z")
    if len(Z) == 0:
        raise ValueError(f"error: Z has shape {Z.shape}, expected at least one row")
    P, _ = F.softmax.value_and_vjp(Z, -1)
    right = (np.arange(len(y)), y)
    loss = -np.log(np.maximum(P[right], np.finfo(P.dtype).tiny)).mean()
    dZ = P / P.dtype.type(len(y))
    dZ[right] -= P.dtype.type(1 / len(y))
    return float(loss), dZ


def update(
    parameters: list[Array], gradients: list[Array], velocities: list[Array], rate: float, momentum: float
) -> None:
    """Move each parameter, in place, against its gradient: v <- momentum v - rate dw, w <- w + v.

    Examples
    --------
    >>> w, v = np.array([1.0]), np.array([2.0])
    >>> update([w], [np.array([3.0])], [v], rate=0.1, momentum=0.5)
    >>> w, v
    (array([1.7]), array([0.7]))
    """
    for w, dw, v in zip(parameters, gradients, velocities):
        v *= momentum
        v -= rate * dw
        w += v


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
    >>> X, y = xor(200, rng=0)
    >>> MLPClassifier(hidden=8, epochs=30, verbose=False, rng=0).fit(X, y).score(X, y)
    1.0
    """

    def __init__(
        self,
        hidden: int = 64,
        epochs: int = 30,
        batch_size: int = 32,
        learning_rate: float = 0.1,
        momentum: float = 0.9,
        verbose: bool = True,
        rng: np.random.Generator | int | None = None,
    ) -> None:
        self.hidden = hidden
        self.epochs = epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.momentum = momentum
        self.verbose = verbose
        self.rng = rng

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

        hidden = integer(self.hidden, "MLPClassifier: hidden", low=1)
        epochs = integer(self.epochs, "MLPClassifier: epochs", low=1)
        batch_size = integer(self.batch_size, "MLPClassifier: batch_size", low=1)
        momentum = number(self.momentum, "MLPClassifier: momentum", low=0, high=1)
        first_rate = number(self.learning_rate, "MLPClassifier: learning_rate", low=0)
        if first_rate == 0:
            raise ValueError("MLPClassifier: learning_rate is 0, expected a number > 0")
        rng = generator(self.rng)
        X, classes, codes = self._checked_data(X, y)

        parameters = [
            *_first_weights(X.shape[1], hidden, X.dtype, rng),
            *_first_weights(hidden, len(classes), X.dtype, rng),
        ]
        velocities = [np.zeros_like(w) for w in parameters]
        batches = DataLoader((X, codes), batch_size, shuffle=True, rng=rng)
        steps = epochs * len(batches)
        step, losses = 0, []
        bar = tqdm(range(epochs), desc="MLPClassifier", unit="epoch", disable=not self.verbose, leave=False)
        with threadpool_limits(1, user_api="blas"):  # so small a batch waits longer for a second thread than it saves
            for _ in bar:
                total = 0.0
                for x, right in batches:
                    Z, H = forward.run(*parameters, x)
                    loss, dZ = error(Z, right)
                    if not math.isfinite(loss):
                        raise FloatingPointError(
                            f"MLPClassifier: the loss is {loss} after {step} steps; try a smaller learning_rate "
                            f"than {self.learning_rate}"
                        )
                    gradients = backward.run(parameters[2], x, H, dZ)
                    update(parameters, list(gradients), velocities, first_rate * (1 - step / steps), momentum)
                    total += loss
                    step += 1
                losses.append(total / len(batches))

        self.classes_ = classes
        self.n_features_in_ = X.shape[1]
        self.coefs_ = [parameters[0], parameters[2]]
        self.intercepts_ = [parameters[1], parameters[3]]
        self.loss_per_epoch_ = np.array(losses)
        return self

    def nets(self, X: Any) -> Array:
        """Return the nets of the output neurons for points `X` (N, D): (N, K)."""
        X = self._checked_points(X)
        (W1, W2), (b1, b2) = self.coefs_, self.intercepts_
        return forward.run(W1, b1, W2, b2, X.astype(W1.dtype, copy=False))[0]

    def decision_function(self, X: Any) -> Array:
        """Return the nets (N, K); for two classes how far the second is ahead of the first, (N,)."""
        Z = self.nets(X)
        return Z[:, 1] - Z[:, 0] if len(self.classes_) == 2 else Z

    def predict_proba(self, X: Any) -> Array:
        """Return the probability of each class for each point of `X` (N, D): (N, K)."""
        return F.softmax.value_and_vjp(self.nets(X), -1)[0]

    def predict(self, X: Any) -> Array:
        """Return the most probable class of each point of `X` (N, D)."""
        best = self.nets(X).argmax(axis=1)
        return self.classes_[best]


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
