"""The averaged perceptron: the online rule, answered by the mean of all weights that it went through.

Freund and Schapire, "Large margin classification using the perceptron algorithm" (1999). Weights that survive long
between two mistakes count as often as they were right, so the mean is dominated by good ones, also where no line
separates the classes and the weights themselves never come to rest::

    w  <-  w + y x   if x is misclassified          mean  =  the sum of the w after each point, divided by their number
"""

from __future__ import annotations

import numpy as np

from nnlite.arguments import Array
from nnlite.models.neurons.perceptron import RULES, TRAINING, Online, ordered_net, update
from nnlite.registry import exercise


@exercise(
    "perceptron.train_averaged", takes=TRAINING, compiled="perceptron.train_averaged", fuses=("perceptron.update",)
)
def train_averaged(
    w: Array, X: Array, y: Array, epochs: int, order: Array, learning_rate: float = 1.0
) -> tuple[Array, Array, Array]:
    """Apply the online rule, and note the mean of the weights: those that survive long weigh the most.

    Parameters
    ----------
    w, X, y, epochs, order, learning_rate
        As in :func:`~nnlite.models.neurons.perceptron.train_online`.

    Returns
    -------
    W : numpy.ndarray, shape (E, D)
        The weights after each epoch, as the online rule leaves them.
    mistakes : numpy.ndarray of int64, shape (E,)
        The number of mistakes in each epoch.
    means : numpy.ndarray, shape (E, D)
        The mean of the weights in each epoch, taken over its N points after the rule has seen each; the averaged
        perceptron decides by the mean of these.

    Raises
    ------
    TypeError, ValueError
        As :func:`~nnlite.models.neurons.perceptron.train_online`.

    Notes
    -----
    Freund and Schapire, *Large margin classification using the perceptron algorithm* (1999), section 2.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite.models.neurons.averaged import train_averaged
    >>> X, y = np.array([[1.0, 2.0], [1.0, -1.0]]), np.array([-1, 1])
    >>> W, mistakes, means = train_averaged(np.zeros(2), X, y, epochs=2)
    >>> W.tolist(), mistakes.tolist(), means.tolist()
    ([[-1.0, -2.0], [-1.0, -2.0]], [1, 0], [[-1.0, -2.0], [-1.0, -2.0]])
    """
    W, mistakes, means = [], [], []
    for epoch in range(epochs):
        wrong, total = 0, np.zeros(len(w))
        for i in order[epoch % len(order)]:
            wrong += y[i] * ordered_net(w, X[i]) <= 0
            w = update(w, X[i], y[i], learning_rate)
            total += w
        W.append(w)
        mistakes.append(wrong)
        means.append(total / len(X))
        if wrong == 0:
            break
    return np.array(W), np.array(mistakes, np.int64), np.array(means, w.dtype)


class Averaged(Online):
    """The rule "averaged" of :class:`~nnlite.models.neurons.perceptron.Perceptron`.

    Parameters
    ----------
    w, X, y, learning_rate
        As for :class:`~nnlite.models.neurons.perceptron.Online`.
    """

    def __init__(self, w: Array, X: Array, y: Array, learning_rate: float) -> None:
        super().__init__(w, X, y, learning_rate)
        self.total, self.epochs = np.zeros(len(w)), 0  # of the means so far

    def train(self, epochs: int, order: Array) -> tuple[Array, Array, Array]:
        """Go on for so many epochs; the answer after each is the mean of the means so far."""
        W, mistakes, means = train_averaged(self.w, self.X, self.y, epochs, order, self.learning_rate)
        totals = self.total + np.cumsum(means, axis=0, dtype=np.float64)
        counts = self.epochs + np.arange(1, len(W) + 1)
        self.total, self.epochs = totals[-1], int(counts[-1])
        return W, mistakes, (totals / counts[:, None]).astype(W.dtype)


RULES["averaged"] = Averaged
