"""The perceptron with more than two classes: one neuron for each, and the loudest wins.

Each class k has weights w_k, and a point x = (1, x1, ..., xn) is given to the class with the largest net_k = w_k^T x.
If its own class does not win, the rule raises that one and lowers the strongest of its rivals r::

    w_k  <-  w_k + x          w_r  <-  w_r - x

This is Rosenblatt's rule in a larger space (Kesler's construction, in Nilsson, "Learning Machines", 1965): put all
w_k into one long vector, and for each rival r a point that is x at the place of k, -x at the place of r and 0
elsewhere. So the convergence theorem holds here too. One of a family: Crammer and Singer, "Ultraconservative online
algorithms for multiclass problems" (2003).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from nnlite.arguments import Array
from nnlite.contracts import above, flag, floats, integer, integers, rng, unchecked
from nnlite.models.estimator import LinearClassifier
from nnlite.models.neurons.neuron import with_bias
from nnlite.models.neurons.perceptron import EPOCHS_AT_ONCE, ORDER, ordered_net, showing
from nnlite.random import generator
from nnlite.registry import exercise
from nnlite.training.descent import refuse_overflow

POINT = dict(W=floats("K>1 D>0", finite=True), x=floats("D", finite=True), label=integers("", below="K"))


@exercise("perceptron.multiclass_update", takes=dict(**POINT, learning_rate=above(0)))
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
    >>> import numpy as np
    >>> from nnlite.models.neurons.multiclass import multiclass_update
    >>> W = np.array([[0.0, 1.0], [0.0, 3.0], [0.0, 2.0]])
    >>> multiclass_update(W, np.array([1.0, 1.0]), 2)
    array([[ 0.,  1.],
           [-1.,  2.],
           [ 1.,  3.]])
    """
    scores = ordered_net(W, x)  # (K,)
    rivals = np.where(np.arange(len(W)) == label, -np.inf, scores)
    rival = rivals.argmax()
    W = W.copy()
    if scores[label] <= scores[rival]:
        W[label] += learning_rate * x
        W[rival] -= learning_rate * x
    return W


@exercise(
    "perceptron.train_multiclass",
    takes=dict(
        W=POINT["W"],
        X=floats("N>0 D", finite=True),
        labels=integers("N", below="K"),
        epochs=integer(1, letter="E"),
        order=ORDER,
        learning_rate=above(0),
    ),
    compiled="perceptron.train_multiclass",
    fuses=("perceptron.multiclass_update",),
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
        As in :func:`nnlite.models.neurons.perceptron.train_online`.

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
    >>> import numpy as np
    >>> from nnlite.models.neurons.neuron import with_bias
    >>> from nnlite.models.neurons.multiclass import train_multiclass
    >>> X = with_bias(np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, -1.0]]))
    >>> W, mistakes = train_multiclass(np.zeros((3, 3)), X, [0, 1, 2], epochs=9)
    >>> (X @ W.T).argmax(axis=1).tolist(), mistakes.tolist()
    ([0, 1, 2], [3, 0])
    """
    mistakes = []
    for epoch in range(epochs):
        wrong = 0
        for i in order[epoch % len(order)]:
            new = multiclass_update(W, X[i], labels[i], learning_rate)
            scores = ordered_net(W, X[i])
            wrong += scores[labels[i]] <= np.delete(scores, labels[i]).max()
            W = new
        mistakes.append(wrong)
        if wrong == 0:
            break
    return W, np.array(mistakes, np.int64)


@dataclass(repr=False, eq=False)
class MulticlassPerceptron(LinearClassifier):
    """The perceptron for any number of classes: fit, predict, score.

    With two classes it makes the same mistakes at the same points as
    :class:`nnlite.models.neurons.perceptron.Perceptron` does.

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
    >>> from nnlite.models import MulticlassPerceptron
    >>> p = MulticlassPerceptron().fit([[0, 1], [1, 0], [-1, -1]], ["north", "east", "south"])
    >>> p.predict([[0.2, 2]])
    array(['north'], dtype='<U5')
    """

    options: ClassVar = dict(max_iter=integer(1), learning_rate=above(0), fit_intercept=flag, shuffle=flag, rng=rng)

    max_iter: int = 1000
    learning_rate: float = 1.0
    fit_intercept: bool = True
    shuffle: bool = False
    rng: np.random.Generator | int | None = None

    @unchecked
    def fit(self, X: Any, y: Any) -> MulticlassPerceptron:
        """Learn from points `X` (N, n) and their classes `y` (N,), of which there must be at least two.

        Raises
        ------
        TypeError
            If `X` does not hold real numbers or a constructor argument has the wrong type.
        ValueError
            If `X` is empty or holds NaN or infinity, `y` does not match or has only one class, or a constructor
            argument is out of range.
        FloatingPointError
            If the learning rate is so large that the weights overflow.
        """
        options, rng = self._checked_options(), generator(self.rng)
        X, classes, codes = self._checked_data(X, y)
        points = with_bias(X) if self.fit_intercept else X

        W = np.zeros((len(classes), points.shape[1]), points.dtype)
        mistakes: list[int] = []
        while len(mistakes) < options.max_iter and (not mistakes or mistakes[-1]):
            epochs = min(EPOCHS_AT_ONCE, options.max_iter - len(mistakes))
            order = showing(len(X), epochs, self.shuffle, rng)
            W, wrong = train_multiclass(W, points, codes, epochs, order, options.learning_rate)
            mistakes += wrong.tolist()
        refuse_overflow(W, options.learning_rate, "MulticlassPerceptron.fit")

        self._keep(classes, W)
        self.n_iter_ = len(mistakes)
        self.converged_ = mistakes[-1] == 0
        self.mistakes_per_epoch_ = np.array(mistakes, np.int64)
        return self
