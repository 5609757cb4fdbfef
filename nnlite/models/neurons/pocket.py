"""The pocket algorithm: the online rule, answered by the best weights that it met on the way.

Gallant, "Perceptron-based learning algorithms" (1990). Where no line separates the classes the weights never come to
rest, and the last ones may be poor. So the best are kept in the pocket: weights that were right about more points in a
row than those in it, and that are right about more points of the whole set::

    w  <-  w + y x   if x is misclassified          pocket  <-  w   if the run of w is longer and w is right about more
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlite.arguments import Array
from nnlite.contracts import floats
from nnlite.models.neurons.perceptron import RULES, TRAINING, Online, ordered_net, update
from nnlite.registry import exercise


@exercise(
    "perceptron.train_pocket",
    takes=dict(**TRAINING, pocket=floats("D", finite=True, follows=True, missing=(np.asarray, "w"))),
    compiled="perceptron.train_pocket",
    fuses=("perceptron.update",),
)
def train_pocket(
    w: Array, X: Array, y: Array, epochs: int, order: Array, learning_rate: float = 1.0, pocket: Any = None
) -> tuple[Array, Array, Array]:
    """Apply the online rule, and keep the best weights met so far in the pocket.

    Weights that answer more points in a row than those in the pocket once did are worth a closer look: they replace
    them if they are right about more points of the whole set. (That second question is the ratchet: because of it the
    pocket never gets worse.) The training ends after an epoch at whose end the pocket is right about all.

    Parameters
    ----------
    w, X, y, epochs, order, learning_rate
        As in :func:`~nnlite.models.neurons.perceptron.train_online`. Gallant draws each point at random, so that a
        row of `order` may hold one twice and another not at all: cycling through the points in a fixed order can cycle
        the weights too.
    pocket : numpy.ndarray, shape (D,), optional
        The weights in the pocket at the start, by default `w`.

    Returns
    -------
    W : numpy.ndarray, shape (E, D)
        The wandering weights after each epoch.
    mistakes : numpy.ndarray of int64, shape (E,)
        The number of their mistakes in each epoch.
    pockets : numpy.ndarray, shape (E, D)
        What is in the pocket after each epoch.

    Raises
    ------
    TypeError, ValueError
        As :func:`~nnlite.models.neurons.perceptron.train_online`.

    Notes
    -----
    Gallant, *Perceptron-based learning algorithms* (1990), the pocket algorithm with ratchet.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite.models.neurons.neuron import with_bias
    >>> from nnlite.models.neurons.pocket import train_pocket
    >>> X = with_bias(np.array([[-1.0, -1.0], [-1.0, 1.0], [1.0, -1.0], [1.0, 1.0]]))
    >>> y = np.array([-1, 1, 1, -1])  # XOR: three of four is the best that a line can do
    >>> drawn = np.random.default_rng(0).integers(4, size=(10, 4))
    >>> _, mistakes, pockets = train_pocket(np.zeros(3), X, y, 10, drawn)
    >>> y * (X @ pockets[-1]) > 0
    array([ True, False,  True,  True])
    """
    right = np.count_nonzero(y * ordered_net(pocket, X) > 0)
    run = record = 0  # right answers in a row: now, and when the pocket was filled
    W, mistakes, pockets = [], [], []
    for epoch in range(epochs):
        wrong = 0
        for i in order[epoch % len(order)]:
            if y[i] * ordered_net(w, X[i]) <= 0:
                wrong += 1
                run = 0
            else:
                run += 1
                if run == record + 1:
                    found = np.count_nonzero(y * ordered_net(w, X) > 0)
                    if found > right:
                        pocket, right, record = w, found, run
            w = update(w, X[i], y[i], learning_rate)
        W.append(w)
        mistakes.append(wrong)
        pockets.append(pocket)
        if right == len(X):
            break
    return np.array(W), np.array(mistakes, np.int64), np.array(pockets)


class Pocket(Online):
    """The rule "pocket" of :class:`~nnlite.models.neurons.perceptron.Perceptron`.

    Parameters
    ----------
    w, X, y, learning_rate
        As for :class:`~nnlite.models.neurons.perceptron.Online`.
    """

    def __init__(self, w: Array, X: Array, y: Array, learning_rate: float) -> None:
        super().__init__(w, X, y, learning_rate)
        self.pocket = w

    def order(self, epochs: int, shuffle: bool, rng: np.random.Generator) -> Array:
        """Draw as many points as there are for each epoch, some of them twice."""
        return rng.integers(len(self.X), size=(epochs, len(self.X)))

    def train(self, epochs: int, order: Array) -> tuple[Array, Array, Array]:
        """Go on for so many epochs; the answer after each is what is in the pocket."""
        W, mistakes, path = train_pocket(self.w, self.X, self.y, epochs, order, self.learning_rate, self.pocket)
        self.pocket = path[-1]
        return W, mistakes, path

    def has_converged(self, mistakes: int) -> bool:
        """Say whether what is in the pocket is right about all points."""
        return bool((self.y * ordered_net(self.pocket, self.X) > 0).all())


RULES["pocket"] = Pocket
