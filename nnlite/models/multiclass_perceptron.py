"""The perceptron with more than two classes: one neuron for each, and the loudest wins.

Each class k has weights w_k, and a point x = (1, x1, ..., xn) is given to the class with the largest
net_k = w_k^T x. If its own class does not win, the rule raises the one that should have won and lowers the strongest
of its rivals r::

    w_k  <-  w_k + x          w_r  <-  w_r - x

This is Rosenblatt's rule in a larger space (Kesler's construction, in Nilsson, "Learning Machines", 1965): put all
w_k into one long vector, and for each rival r a point that is x at the place of k, -x at the place of r and 0
elsewhere. So the convergence theorem holds here too. As one of a family of such rules: Crammer and Singer,
"Ultraconservative online algorithms for multiclass problems" (2003).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlite.arguments import Array, float_array, integer, integer_array, shape_is
from nnlite.models.estimator import Classifier
from nnlite.models.neuron import with_bias
from nnlite.models.perceptron import _EPOCHS_AT_ONCE, _learning_rate, _net, _order
from nnlite.random import generator
from nnlite.registry import exercise


def _weights(name: str, W: Any) -> Array:
    W = float_array(W, f"{name}: W", ndim=2, finite=True)
    if len(W) < 2 or W.shape[1] == 0:
        raise ValueError(f"{name}: W has shape {W.shape}, expected weights (K, D) of at least two classes")
    return W


def _update_arguments(W: Any, x: Any, label: Any, learning_rate: float = 1.0) -> tuple[Array, Array, int, float]:
    name = "perceptron.multiclass_update"
    W = _weights(name, W)
    x = float_array(x, f"{name}: x", ndim=1, finite=True)
    shape_is(x, f"{name}: x", (W.shape[1],), f"one input per column of W {W.shape}")
    dtype = np.result_type(W, x)
    label = integer(label, f"{name}: label", low=0, high=len(W) - 1)
    return W.astype(dtype, copy=False), x.astype(dtype, copy=False), label, _learning_rate(learning_rate, name)


def _training_arguments(
    W: Any, X: Any, labels: Any, epochs: int, order: Any = None, learning_rate: float = 1.0
) -> tuple[Array, Array, Array, int, Array, float]:
    name = "perceptron.train_multiclass"
    W = _weights(name, W)
    X = float_array(X, f"{name}: X", ndim=2, finite=True)
    shape_is(X, f"{name}: X", (len(X), W.shape[1]), f"one column per column of W {W.shape}")
    if len(X) == 0:
        raise ValueError(f"{name}: X has shape {X.shape}, expected at least one row")
    labels = integer_array(labels, f"{name}: labels", low=0, high=len(W))
    shape_is(labels, f"{name}: labels", (len(X),), "one label per row of X")
    epochs = integer(epochs, f"{name}: epochs", low=1)
    order = _order(name, order, len(X), epochs)
    dtype = np.result_type(W, X)
    rate = _learning_rate(learning_rate, name)
    return W.astype(dtype, copy=False), X.astype(dtype, copy=False), labels, epochs, order, rate


@exercise("perceptron.multiclass_update", prepare=_update_arguments)
def multiclass_update(W: Array, x: Array, label: int, learning_rate: float = 1.0) -> Array:
    """Learn from one point: if its class does not win, raise that class and lower its strongest rival.

    The score of a class is net = w^T x, with its row of `W` as w. The strongest rival is the class with the largest
    score among all the others; of several that are equally strong, the first. The answer is right when the right
    class scores more than this rival; a tie is undecided, hence not right. Then the right class gains
    learning_rate x, the rival loses as much, and no other class changes.

    Parameters
    ----------
    W : numpy.ndarray, shape (K, D)
        The weights, one row for each class; K is at least 2.
    x : numpy.ndarray, shape (D,)
        One point.
    label : int
        The number of its right class, from 0 to K - 1.
    learning_rate : float
        The length of the step, > 0.

    Returns
    -------
    numpy.ndarray, shape (K, D)
        The new weights, in a new array: the one given as `W` is never written to.

    Raises
    ------
    TypeError
        If an argument does not hold real numbers, or `label` is not an integer.
    ValueError
        If the shapes do not fit, a value is NaN or infinite, `label` is no class or `learning_rate` is not > 0.

    Notes
    -----
    Kesler's construction: Nilsson, *Learning Machines* (1965); Duda, Hart, *Pattern Classification and Scene
    Analysis* (1973), section 5.12.

    Examples
    --------
    >>> W = np.array([[0.0, 1.0], [0.0, 3.0], [0.0, 2.0]])
    >>> multiclass_update(W, np.array([1.0, 1.0]), 2)
    array([[ 0.,  1.],
           [-1.,  2.],
           [ 1.,  3.]])
    """
    scores = _net(W, x)  # (K,)
    rivals = np.where(np.arange(len(W)) == label, -np.inf, scores)
    rival = rivals.argmax()
    W = W.copy()
    if scores[label] <= scores[rival]:
        W[label] += learning_rate * x
        W[rival] -= learning_rate * x
    return W


@exercise(
    "perceptron.train_multiclass",
    compiled="perceptron.train_multiclass",
    fuses=("perceptron.multiclass_update",),
    prepare=_training_arguments,
)
def train_multiclass(
    W: Array, X: Array, labels: Array, epochs: int, order: Array, learning_rate: float = 1.0
) -> tuple[Array, Array]:
    """Apply :func:`multiclass_update` to point after point, until an epoch brings no mistake.

    Parameters
    ----------
    W : numpy.ndarray, shape (K, D)
        The weights to start from.
    X : numpy.ndarray, shape (N, D)
        The points, one per row, the column of ones for the bias already among them.
    labels : numpy.ndarray of int, shape (N,)
        The number of the right class of each, from 0 to K - 1.
    epochs, order, learning_rate
        As in :func:`nnlite.models.perceptron.train_online`.

    Returns
    -------
    W : numpy.ndarray, shape (K, D)
        The weights at the end.
    mistakes : numpy.ndarray of int64, shape (E,)
        The number of mistakes in each epoch.

    Raises
    ------
    TypeError, ValueError
        If the arguments are not as described.

    Examples
    --------
    >>> X = with_bias(np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, -1.0]]))
    >>> W, mistakes = train_multiclass(np.zeros((3, 3)), X, [0, 1, 2], epochs=9)
    >>> (X @ W.T).argmax(axis=1).tolist(), mistakes.tolist()
    ([0, 1, 2], [3, 0])
    """
    mistakes = []
    for epoch in range(epochs):
        wrong = 0
        for i in order[epoch % len(order)]:
            new = multiclass_update.run(W, X[i], labels[i], learning_rate)
            scores = _net(W, X[i])
            wrong += scores[labels[i]] <= np.delete(scores, labels[i]).max()
            W = new
        mistakes.append(wrong)
        if wrong == 0:
            break
    return W, np.array(mistakes, np.int64)


class MulticlassPerceptron(Classifier):
    """The perceptron for any number of classes: fit, predict, score.

    With two classes it makes the same mistakes at the same points as
    :class:`nnlite.models.perceptron.Perceptron` does.

    Parameters
    ----------
    max_iter : int
        The largest number of epochs.
    learning_rate : float
        The length of a step, > 0.
    fit_intercept : bool
        Whether to add the virtual input 1 for the bias.
    shuffle : bool
        Whether the points are shown in a new random order in each epoch.
    rng : numpy.random.Generator, int or None
        The source of the orders when shuffling.

    Attributes
    ----------
    classes_ : numpy.ndarray, shape (K,)
        The classes, sorted.
    coef_ : numpy.ndarray, shape (K, n)
        The weights w1 ... wn of each class.
    intercept_ : numpy.ndarray, shape (K,)
        The bias of each class.
    n_iter_ : int
        The number of epochs run.
    converged_ : bool
        Whether the last epoch brought no mistake.
    mistakes_per_epoch_ : numpy.ndarray of int64, shape (n_iter_,)
        The mistakes made during each epoch.
    n_features_in_ : int
        n.

    Examples
    --------
    >>> p = MulticlassPerceptron().fit([[0, 1], [1, 0], [-1, -1]], ["north", "east", "south"])
    >>> p.predict([[0.2, 2]])
    array(['north'], dtype='<U5')
    """

    def __init__(
        self,
        max_iter: int = 1000,
        learning_rate: float = 1.0,
        fit_intercept: bool = True,
        shuffle: bool = False,
        rng: np.random.Generator | int | None = None,
    ) -> None:
        self.max_iter = max_iter
        self.learning_rate = learning_rate
        self.fit_intercept = fit_intercept
        self.shuffle = shuffle
        self.rng = rng

    def fit(self, X: Any, y: Any) -> MulticlassPerceptron:
        """Learn from points `X` (N, n) and their classes `y` (N,), of which there must be at least two.

        Raises
        ------
        TypeError
            If `X` does not hold real numbers or a constructor argument has the wrong type.
        ValueError
            If `X` is empty or holds NaN or infinity, `y` does not match or has only one class, or a constructor
            argument is out of range.
        """
        max_iter = integer(self.max_iter, "MulticlassPerceptron: max_iter", low=1)
        learning_rate = _learning_rate(self.learning_rate, "MulticlassPerceptron")
        rng = generator(self.rng)
        X, classes, codes = self._checked_data(X, y)
        points = with_bias(X) if self.fit_intercept else X

        W = np.zeros((len(classes), points.shape[1]), points.dtype)
        mistakes: list[int] = []
        while len(mistakes) < max_iter and (not mistakes or mistakes[-1]):
            epochs = min(_EPOCHS_AT_ONCE, max_iter - len(mistakes))
            order = np.arange(len(X))[None]
            if self.shuffle:
                order = rng.permuted(np.repeat(order, epochs, axis=0), axis=1)
            W, wrong = train_multiclass.run(W, points, codes, epochs, order, learning_rate)
            mistakes.extend(wrong.tolist())

        if not np.isfinite(W).all():
            raise FloatingPointError(
                f"MulticlassPerceptron.fit: the weights have overflowed with learning_rate {learning_rate:g}; "
                "scale X, or take a smaller one"
            )
        self.classes_ = classes
        self.n_features_in_ = X.shape[1]
        self.coef_ = W[:, 1:] if self.fit_intercept else W
        self.intercept_ = W[:, 0] if self.fit_intercept else np.zeros(len(W), W.dtype)
        self.n_iter_ = len(mistakes)
        self.converged_ = mistakes[-1] == 0
        self.mistakes_per_epoch_ = np.array(mistakes, np.int64)
        return self

    def decision_function(self, X: Any) -> Array:
        """Return the score of each class for points `X` (N, n): (N, K), or for two classes their difference (N,)."""
        X = self._checked_points(X)
        scores = X @ self.coef_.T + self.intercept_
        return scores[:, 1] - scores[:, 0] if len(self.classes_) == 2 else scores

    def predict(self, X: Any) -> Array:
        """Return the class of each point of `X` (N, n)."""
        scores = self.decision_function(X)
        return self.classes_[(scores > 0).astype(np.intp) if scores.ndim == 1 else scores.argmax(axis=1)]
