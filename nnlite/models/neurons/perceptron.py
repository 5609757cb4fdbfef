"""Rosenblatt's perceptron: a neuron that learns from its mistakes, and only from them.

Rosenblatt, "The perceptron" (1958); convergence: Novikoff, "On convergence proofs on perceptrons" (1962). With
labels y = +1 or -1 and points x = (1, x1, ..., xn), it decides by the sign of net = w^T x. Its loss counts the
wrong answers alone, each by how wrong it is; a step against its subgradient at one point is the learning rule::

    loss(w) = sum over the misclassified x of  -y w^T x          w  <-  w + y x   if x is misclassified

A point with net = 0 is not decided and so not right: it adds nothing to the loss, but the rule does act on it.

Where no line separates the classes the weights never come to rest; :mod:`~nnlite.models.neurons.pocket` and
:mod:`~nnlite.models.neurons.averaged` are remedies. For more classes see :mod:`~nnlite.models.neurons.multiclass`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from nnlite.arguments import Array
from nnlite.contracts import above, flag, floats, integer, integers, rng, run_unchecked, signs, takes, unchecked, word
from nnlite.models.estimator import LinearClassifier
from nnlite.models.neurons.neuron import WEIGHTS, with_bias
from nnlite.random import generator
from nnlite.registry import exercise
from nnlite.training.descent import refuse_overflow

POINTS: dict[str, Any] = dict(X=floats("N>0 D>0", finite=True), w=WEIGHTS, y=signs("N"))
ORDER = integers("N", "1 N", "E N", below="N", missing=(np.arange, "N"), as_rows=True)
TRAINING: dict[str, Any] = dict(**POINTS, epochs=integer(1, letter="E"), order=ORDER, learning_rate=above(0))


@exercise("perceptron.loss", takes=POINTS)
def loss(w: Array, X: Array, y: Array) -> float:
    """Sum -y w^T x over the misclassified points: the perceptron's piecewise-linear loss.

    Only the wrong answers count, each by its distance from being right. As a function of `w` the loss is
    convex and piecewise linear, never negative, and zero exactly when no point lies on the wrong side.

    Parameters
    ----------
    w : numpy.ndarray, shape (D,)
        The weights.
    X : numpy.ndarray, shape (N, D)
        The points, one per row, the column of ones for the bias already among them.
    y : numpy.ndarray, shape (N,)
        The right answers, each -1 or +1.

    Returns
    -------
    float
        The loss, >= 0.

    Raises
    ------
    TypeError
        If an argument does not hold real numbers.
    ValueError
        If the shapes do not fit, `X` is empty, a value is NaN or infinite, or `y` holds anything but -1
        and +1.

    Notes
    -----
    Rosenblatt (1958); as a criterion function: Duda, Hart, *Pattern Classification and Scene Analysis*
    (1973), section 5.5.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite.models.neurons.perceptron import loss
    >>> X = np.array([[1.0, 2.0], [1.0, -3.0], [1.0, -1.0]])
    >>> loss(np.array([0.0, 1.0]), X, np.array([1, 1, -1]))
    3.0
    """
    margin = y * (X @ w)  # (N,), negative where the answer is wrong
    return float((-margin[margin < 0]).sum())


def ordered_net(w: Array, x: Array) -> Any:
    """Return w^T x along the last axis, summed from left to right as the compiled loops do, so that both decide alike.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite.models.neurons.perceptron import ordered_net
    >>> ordered_net(np.array([1.0, 2.0]), np.array([[1.0, 1.0], [1.0, -1.0]]))
    array([ 3., -1.])
    """
    return np.add.accumulate(w * x, axis=-1)[..., -1]


@exercise("perceptron.subgradient", takes=POINTS)
def subgradient(w: Array, X: Array, y: Array) -> Array:
    """Sum -y x over the points with y w^T x <= 0: a subgradient of :func:`loss` at `w`.

    These are the points that are not right. The loss is differentiable wherever no point lies on the line net = 0, and
    there this is its gradient. On a kink any vector between the slopes of both sides would do; counting net = 0 as a
    mistake, this returns the one that lets a descent leave w = 0.

    Parameters
    ----------
    w : numpy.ndarray, shape (D,)
        The weights.
    X : numpy.ndarray, shape (N, D)
        The points, one per row.
    y : numpy.ndarray, shape (N,)
        The right answers, each -1 or +1.

    Returns
    -------
    numpy.ndarray, shape (D,)
        The subgradient, in the dtype of the points.

    Raises
    ------
    TypeError, ValueError
        As :func:`loss`.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite.models.neurons.perceptron import subgradient
    >>> X = np.array([[1.0, 2.0], [1.0, -3.0], [1.0, -1.0]])
    >>> subgradient(np.array([0.0, 1.0]), X, np.array([1, 1, -1]))
    array([-1.,  3.])
    """
    wrong = y * (X @ w) <= 0  # (N,)
    return -(y[wrong] @ X[wrong])


@exercise(
    "perceptron.update",
    takes=dict(x=floats("D>0", finite=True), w=WEIGHTS, y=signs(""), learning_rate=above(0)),
)
def update(w: Array, x: Array, y: Any, learning_rate: float = 1.0) -> Array:
    """Learn from one point: w + learning_rate y x if the answer is not right, else `w` unchanged.

    The answer is right when y w^T x > 0; net = 0 is undecided, hence not right.

    Parameters
    ----------
    w : numpy.ndarray, shape (D,)
        The weights.
    x : numpy.ndarray, shape (D,)
        One point.
    y : int
        Its right answer, -1 or +1.
    learning_rate : float
        The length of the step, > 0. Starting from w = 0 it only scales the weights and changes no decision.

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
    The error-correction procedure of Rosenblatt, *Principles of Neurodynamics* (1962).

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite.models.neurons.perceptron import update
    >>> update(np.array([0.0, 0.0]), np.array([1.0, 2.0]), -1)
    array([-1., -2.])
    """
    if y * ordered_net(w, x) <= 0:
        return w + learning_rate * y * x
    return w


@exercise(
    "perceptron.losses",
    takes=dict(X=POINTS["X"], W=floats("E>0 D", finite=True), y=signs("N")),
    compiled="perceptron.losses",
    fuses=("perceptron.loss",),
)
def losses(W: Array, X: Array, y: Array) -> Array:
    """Return :func:`loss` for each row of `W` (E, D): the loss along the path of the weights.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite.models.neurons.perceptron import losses
    >>> losses(np.array([[0.0, 1.0], [0.0, -1.0]]), np.array([[1.0, 2.0]]), np.array([-1.0]))
    array([2., 0.])
    """
    return np.array([loss(w, X, y) for w in W])


@exercise("perceptron.train_online", takes=TRAINING, compiled="perceptron.train_online", fuses=("perceptron.update",))
def train_online(
    w: Array, X: Array, y: Array, epochs: int, order: Array, learning_rate: float = 1.0
) -> tuple[Array, Array]:
    """Apply the online rule to point after point, epoch after epoch, until an epoch brings no mistake.

    Parameters
    ----------
    w : numpy.ndarray, shape (D,)
        The weights to start from.
    X : numpy.ndarray, shape (N, D)
        The points, one per row, the column of ones for the bias already among them.
    y : numpy.ndarray, shape (N,)
        The right answers, each -1 or +1.
    epochs : int
        How often the points are shown at most, >= 1.
    order : numpy.ndarray of int, shape (N,) or (epochs, N), optional
        The numbers of the points in the order of showing, one row per epoch or the same for all; by
        default as they stand in `X`.
    learning_rate : float
        The length of each step, > 0.

    Returns
    -------
    W : numpy.ndarray, shape (E, D)
        The weights after each epoch; E < epochs if an epoch without a mistake ended the training.
    mistakes : numpy.ndarray of int64, shape (E,)
        The number of mistakes in each epoch.

    Raises
    ------
    TypeError, ValueError
        As :func:`update`, and if `epochs` or `order` is not as described.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite.models.neurons.neuron import with_bias
    >>> from nnlite.models.neurons.perceptron import train_online
    >>> X = with_bias(np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]))
    >>> W, mistakes = train_online(np.zeros(3), X, np.array([-1, -1, -1, 1]), epochs=100)
    >>> W[-1]
    array([-4.,  3.,  2.])
    >>> mistakes
    array([2, 3, 3, 2, 2, 3, 2, 1, 0])
    """
    W, mistakes = [], []
    for epoch in range(epochs):
        wrong = 0
        for i in order[epoch % len(order)]:
            wrong += y[i] * ordered_net(w, X[i]) <= 0
            w = update(w, X[i], y[i], learning_rate)
        W.append(w)
        mistakes.append(wrong)
        if wrong == 0:
            break
    return np.array(W), np.array(mistakes, np.int64)


@takes("perceptron.steps_online", **TRAINING)
def steps_online(
    w: Any, X: Any, y: Any, epochs: int, order: Any = None, learning_rate: float = 1.0
) -> Iterator[tuple[int, Array]]:
    """Yield ``(i, w)``, the point and the new weights, each time the online rule changes the weights.

    The parameters are those of :func:`train_online`; this is its slow motion, for pictures.

    Examples
    --------
    >>> from nnlite.models.neurons.perceptron import steps_online
    >>> [(int(i), w.tolist()) for i, w in steps_online([0, 0], [[1, 2], [1, -1]], [1, -1], epochs=9)]
    [(0, [1.0, 2.0])]
    """
    for epoch in range(epochs):
        moved = False
        for i in order[epoch % len(order)]:
            new = run_unchecked(update, (w, X[i], y[i], learning_rate))
            if not np.array_equal(new, w):
                w, moved = new, True
                yield int(i), w
        if not moved:
            return


@takes("perceptron.train_batch", **POINTS, epochs=integer(1), learning_rate=above(0))
@unchecked
def train_batch(w: Any, X: Any, y: Any, epochs: int, learning_rate: float = 1.0) -> tuple[Array, Array]:
    """Descend along the batch subgradient, all points at once, until all are right.

    Parameters
    ----------
    w, X, y, epochs, learning_rate
        As in :func:`train_online`.

    Returns
    -------
    W : numpy.ndarray, shape (E, D)
        The weights after each step.
    mistakes : numpy.ndarray of int64, shape (E,)
        The number of points that were not right before each step; the last is 0 if the descent ended early.

    Raises
    ------
    TypeError, ValueError
        As :func:`train_online`.

    Examples
    --------
    >>> from nnlite.models.neurons.perceptron import train_batch
    >>> W, mistakes = train_batch([0, 0], [[1, 2], [1, -1]], [1, -1], epochs=9)
    >>> W[-1], mistakes
    (array([0., 3.], dtype=float32), array([2, 0]))
    """
    W, mistakes = [], []
    for _ in range(epochs):
        mistakes.append(np.count_nonzero(y * (X @ w) <= 0))
        if mistakes[-1]:
            w = w - learning_rate * subgradient(w, X, y)
        W.append(w)
        if not mistakes[-1]:
            break
    return np.array(W), np.array(mistakes, np.int64)


@takes("margin", **POINTS)
def margin(w: Any, X: Any, y: Any) -> float:
    """Return gamma, the distance of the nearest point from the plane w^T x = 0; negative if one is on the wrong side.

    Parameters
    ----------
    w, X, y
        As in :func:`loss`; `w` must not be zero.

    Examples
    --------
    >>> from nnlite.models.neurons.perceptron import margin
    >>> margin([0.0, 2.0], [[1.0, 3.0], [1.0, -1.0]], [1, -1])
    1.0
    """
    length = float(np.linalg.norm(w))
    if length == 0:
        raise ValueError("margin: w is zero, expected weights that define a plane")
    return float((y * (X @ w)).min()) / length


def _separates(w: Array, X: Array, y: Array) -> None:
    gamma = margin(w, X, y)
    if gamma <= 0:
        raise ValueError(
            f"perceptron.mistake_bound: w has the margin {gamma:.4g}, expected weights that separate the points"
        )


@exercise("perceptron.mistake_bound", takes=POINTS, also=_separates)
def mistake_bound(w: Array, X: Array, y: Array) -> float:
    """Return (R / gamma)^2: from zero weights the online rule makes no more mistakes than this, in whatever order.

    R is the length of the longest point. The margin gamma is the distance of the nearest point from the plane that
    `w` defines: the smallest y w^T x, divided by the length of `w`.

    Parameters
    ----------
    w : numpy.ndarray, shape (D,)
        Weights of any length that separate the points; those with the widest margin give the smallest bound.
    X : numpy.ndarray, shape (N, D)
        The points, one per row, the column of ones for the bias already among them.
    y : numpy.ndarray, shape (N,)
        The right answers, each -1 or +1.

    Returns
    -------
    float
        The bound. `w` separates the points, so gamma > 0.

    Raises
    ------
    TypeError
        If an argument does not hold real numbers.
    ValueError
        As :func:`loss`, and if `w` does not separate the points.

    Notes
    -----
    Novikoff, *On convergence proofs on perceptrons* (1962), theorem 1.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite.models.neurons.perceptron import mistake_bound
    >>> X = np.array([[1.0, 2.0], [1.0, -1.0]])
    >>> round(mistake_bound(np.array([0.0, 3.0]), X, np.array([1, -1])), 3)
    5.0
    """
    gamma = (y * (X @ w)).min() / np.linalg.norm(w)
    R = np.linalg.norm(X, axis=1).max()
    return float((R / gamma) ** 2)


def showing(n: int, epochs: int, shuffle: bool, rng: np.random.Generator) -> Array:
    """Return the order in which `n` points are shown: one row for all epochs, or if shuffled one for each.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite.models.neurons.perceptron import showing
    >>> showing(3, 2, False, np.random.default_rng(0)), showing(3, 2, True, np.random.default_rng(0)).shape
    (array([[0, 1, 2]]), (2, 3))
    """
    order = np.arange(n)[None]
    return rng.permuted(np.repeat(order, epochs, axis=0), axis=1) if shuffle else order


class Online:
    """The rule "online" of :class:`Perceptron`, and what is asked of every rule; one is made for each training.

    Parameters
    ----------
    w : numpy.ndarray, shape (D,)
        The weights to start from.
    X, y
        The points and their signs.
    learning_rate : float
        The length of a step.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite.models.neurons.perceptron import Online
    >>> rule = Online(np.zeros(1), np.ones((1, 1)), np.array([-1]), 1.0)
    >>> rule.train(9, np.array([[0]]))
    (array([[-1.],
           [-1.]]), array([1, 0]), array([[-1.],
           [-1.]]))
    """

    def __init__(self, w: Array, X: Array, y: Array, learning_rate: float) -> None:
        self.w, self.X, self.y, self.learning_rate = w, X, y, learning_rate

    def order(self, epochs: int, shuffle: bool, rng: np.random.Generator) -> Array:
        """Return the order in which the points are shown, one row per epoch or one for all."""
        return showing(len(self.X), epochs, shuffle, rng)

    def train(self, epochs: int, order: Array) -> tuple[Array, Array, Array]:
        """Go on for so many epochs; after each: the weights, their mistakes, the weights that would be the answer."""
        W, mistakes = train_online(self.w, self.X, self.y, epochs, order, self.learning_rate)
        return W, mistakes, W

    def has_converged(self, mistakes: int) -> bool:
        """Say whether nothing is left to learn after an epoch with so many mistakes."""
        return mistakes == 0

    def changes(self, W: Array, mistakes: Array, order: Array) -> Iterator[tuple[int | None, Array]]:
        """Yield every change in the epochs that led to `W`: the point that caused it and the new weights."""
        w = self.w
        for epoch in range(len(W)):
            row = order[epoch % len(order)][None]
            for i, w in steps_online(w, self.X, self.y, 1, row, self.learning_rate):  # noqa: B020
                yield i, w


class Batch(Online):
    """The rule "batch": all points at once, so no single point causes a change.

    Parameters
    ----------
    w, X, y, learning_rate
        As for :class:`Online`.
    """

    def train(self, epochs: int, order: Array) -> tuple[Array, Array, Array]:
        """Descend so many steps."""
        W, mistakes = train_batch(self.w, self.X, self.y, epochs, self.learning_rate)
        return W, mistakes, W

    def changes(self, W: Array, mistakes: Array, order: Array) -> Iterator[tuple[int | None, Array]]:
        """Yield the weights after every step that found a mistake."""
        for w in W[mistakes > 0]:
            yield None, w


#: the rules of the estimator by name; the files that build on this one add theirs
RULES: dict[str, type[Online]] = {"online": Online, "batch": Batch}

#: the estimator trains so many epochs in one call: their orders are drawn together when shuffling
EPOCHS_AT_ONCE = 32


@dataclass(repr=False, eq=False)
class Perceptron(LinearClassifier):
    """Rosenblatt's perceptron as an estimator: fit, predict, score.

    With ``shuffle=False`` it follows the same path as ``sklearn.linear_model.Perceptron`` with
    ``shuffle=False`` and ``tol=None``, except that it stops after an epoch without a mistake, when
    nothing would change any more.

    Parameters
    ----------
    max_iter : int
        The largest number of epochs.
    learning_rate : float
        The length of a step, > 0.
    rule : {"online", "batch", "pocket", "averaged"}
        Learn from point after point, or descend along the batch subgradient. "pocket" and "averaged" learn as "online"
        does and then answer with the best weights met on the way, or with the mean of all of them.
    fit_intercept : bool
        Whether to add the virtual input 1 for the bias.
    shuffle : bool
        Whether the points are shown in a new random order in each epoch. "batch" needs no order; "pocket" always draws
        N points at random in each epoch, some of them twice.
    keep_history : bool
        Whether to keep the weights after every single change (slower, for pictures).
    rng : numpy.random.Generator, int or None
        The source of what is random.

    Attributes
    ----------
    classes_ : numpy.ndarray, shape (2,)
        The two classes; the second is the one with net > 0.
    coef_ : numpy.ndarray, shape (1, n)
        The weights w1 ... wn.
    intercept_ : numpy.ndarray, shape (1,)
        The bias w0.
    w_ : numpy.ndarray, shape (1 + n,)
        All of them, the bias first (shape (n,) without an intercept): the last weights, or those in the pocket, or
        the mean.
    n_iter_ : int
        The number of epochs run.
    converged_ : bool
        Whether the last epoch brought no mistake; with a pocket, whether what is in it makes none.
    mistakes_per_epoch_ : numpy.ndarray of int64, shape (n_iter_,)
        The mistakes made during each epoch.
    loss_per_epoch_ : numpy.ndarray, shape (n_iter_,)
        The loss after each epoch, of the weights that would be the answer then.
    history_ : numpy.ndarray, shape (1 + changes, 1 + n)
        The weights from zero on, after every change (only with ``keep_history=True``).
    history_points_ : numpy.ndarray of int64, shape (changes,)
        The number of the point that caused each change (only with ``keep_history=True``, empty
        with "batch").
    n_features_in_ : int
        n.

    Examples
    --------
    >>> from nnlite.models import Perceptron
    >>> X, y = [[0, 0], [0, 1], [1, 0], [1, 1]], ["no", "no", "no", "yes"]
    >>> p = Perceptron().fit(X, y)
    >>> p.predict([[1, 1], [0, 1]])
    array(['yes', 'no'], dtype='<U3')
    >>> p.score(X, y), p.n_iter_
    (1.0, 9)
    """

    binary_only = True
    options: ClassVar = dict(
        max_iter=integer(1),
        learning_rate=above(0),
        rule=word("online", "batch", "pocket", "averaged"),
        fit_intercept=flag,
        shuffle=flag,
        keep_history=flag,
        rng=rng,
    )

    max_iter: int = 1000
    learning_rate: float = 1.0
    rule: str = "online"
    fit_intercept: bool = True
    shuffle: bool = False
    keep_history: bool = False
    rng: np.random.Generator | int | None = None

    @unchecked
    def fit(self, X: Any, y: Any) -> Perceptron:
        """Learn from points `X` (N, n) and their classes `y` (N,), of which there must be two.

        Raises
        ------
        TypeError
            If `X` does not hold real numbers or a constructor argument has the wrong type.
        ValueError
            If `X` is empty or holds NaN or infinity, `y` does not match or has not exactly two classes, or a
            constructor argument is out of range.
        FloatingPointError
            If the learning rate is so large that the weights overflow.
        """
        options, rng = self._checked_options(), generator(self.rng)
        X, classes, codes = self._checked_data(X, y)
        signs = np.where(codes == 1, 1, -1).astype(X.dtype)
        points = with_bias(X) if self.fit_intercept else X

        start = np.zeros(points.shape[1], points.dtype)
        rule = RULES[options.rule](start, points, signs, options.learning_rate)
        answers: list[Array] = []
        mistakes: list[int] = []
        changes: list[tuple[int | None, Array]] = []
        converged = False
        while len(mistakes) < options.max_iter and not converged:
            epochs = min(EPOCHS_AT_ONCE, options.max_iter - len(mistakes))
            order = rule.order(epochs, self.shuffle, rng)
            W, wrong, path = rule.train(epochs, order)
            if self.keep_history:
                changes += rule.changes(W, wrong, order)
            rule.w = W[-1]
            answers.append(path)
            mistakes += wrong.tolist()
            converged = rule.has_converged(mistakes[-1])
        path = np.concatenate(answers)  # the answer after each epoch
        refuse_overflow(path[-1], options.learning_rate, "Perceptron.fit")
        self.loss_per_epoch_ = losses(path, points, signs)

        self._keep(classes, path[-1])
        self.n_iter_ = len(mistakes)
        self.converged_ = bool(converged)
        self.mistakes_per_epoch_ = np.array(mistakes, np.int64)
        if self.keep_history:
            self.history_ = np.array([start, *(w for _, w in changes)])
            self.history_points_ = np.array([i for i, _ in changes if i is not None], np.int64)
        return self
