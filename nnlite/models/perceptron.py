"""Rosenblatt's perceptron: a neuron that learns from its mistakes, and only from them.

Rosenblatt, "The perceptron" (1958); convergence: Novikoff, "On convergence proofs on perceptrons" (1962). With
labels y = +1 or -1 and points x = (1, x1, ..., xn), it decides by the sign of net = w^T x. Its loss counts the
wrong answers alone, each by how wrong it is; a step against its subgradient at one point is the learning rule::

    loss(w) = sum over the misclassified x of  -y w^T x          w  <-  w + y x   if x is misclassified

A point with net = 0 is not decided and so not right: it adds nothing to the loss, but the rule does act
on it.

Where no line separates the classes the weights wander for ever. Two remedies go by how long weights survive between
two mistakes: the pocket algorithm (Gallant 1990) keeps the best it has met, the averaged perceptron (Freund and
Schapire 1999) takes the mean of all. For more than two classes see :mod:`nnlite.models.multiclass_perceptron`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from nnlite.arguments import Array, float_array, integer, integer_array, number, one_of, real_array, shape_is
from nnlite.models.estimator import Classifier
from nnlite.models.neuron import with_bias
from nnlite.random import generator
from nnlite.registry import exercise


def _labels(y: Any, name: str, shape: tuple[int, ...]) -> Array:
    y = real_array(y, name)
    shape_is(y, name, shape, "one label per row of X" if shape else "one label")
    strange = y[(y != 1) & (y != -1)]
    if strange.size:
        raise ValueError(f"{name} holds {strange.flat[0]}, expected labels -1 and +1 only")
    return y


def _points(name: str, w: Any, X: Any, y: Any) -> tuple[Array, Array, Array]:
    """Check w (D,), X (N, D) and y (N,), and bring them to one float dtype."""
    X = float_array(X, f"{name}: X", ndim=2, finite=True)
    w = float_array(w, f"{name}: w", ndim=1, finite=True)
    if X.size == 0:
        raise ValueError(f"{name}: X has shape {X.shape}, expected at least one row and one column")
    shape_is(
        w,
        f"{name}: w",
        (X.shape[1],),
        f"one weight per column of X {X.shape} (with_bias adds the bias column)",
    )
    dtype = np.result_type(w, X)
    y = _labels(y, f"{name}: y", (len(X),))
    return w.astype(dtype, copy=False), X.astype(dtype, copy=False), y.astype(dtype, copy=False)


def _loss_arguments(w: Any, X: Any, y: Any) -> tuple[Array, Array, Array]:
    return _points("perceptron.loss", w, X, y)


def _subgradient_arguments(w: Any, X: Any, y: Any) -> tuple[Array, Array, Array]:
    return _points("perceptron.subgradient", w, X, y)


def _update_arguments(w: Any, x: Any, y: Any, learning_rate: float = 1.0) -> tuple[Array, Array, Any, float]:
    x = float_array(x, "perceptron.update: x", ndim=1, finite=True)
    label = _labels(y, "perceptron.update: y", ())
    w, X, _ = _points("perceptron.update", w, x[None], label[None])
    return w, X[0], int(label), _learning_rate(learning_rate, "perceptron.update")


def _training(
    name: str, w: Any, X: Any, y: Any, epochs: int, order: Any, learning_rate: float
) -> tuple[Array, Array, Array, int, Array, float]:
    w, X, y = _points(name, w, X, y)
    epochs = integer(epochs, f"{name}: epochs", low=1)
    return w, X, y, epochs, _order(name, order, len(X), epochs), _learning_rate(learning_rate, name)


def _order(name: str, order: Any, n: int, epochs: int) -> Array:
    order = np.arange(n) if order is None else integer_array(order, f"{name}: order", low=0, high=n)
    if order.shape not in ((n,), (1, n), (epochs, n)):
        raise ValueError(f"{name}: order has shape {order.shape}, expected ({n},) or ({epochs}, {n})")
    return np.atleast_2d(order)


def _online_arguments(
    w: Any, X: Any, y: Any, epochs: int, order: Any = None, learning_rate: float = 1.0
) -> tuple[Array, Array, Array, int, Array, float]:
    return _training("perceptron.train_online", w, X, y, epochs, order, learning_rate)


def _averaged_arguments(
    w: Any, X: Any, y: Any, epochs: int, order: Any = None, learning_rate: float = 1.0
) -> tuple[Array, Array, Array, int, Array, float]:
    return _training("perceptron.train_averaged", w, X, y, epochs, order, learning_rate)


def _pocket_arguments(
    w: Any, X: Any, y: Any, epochs: int, order: Any = None, learning_rate: float = 1.0, pocket: Any = None
) -> tuple[Array, Array, Array, int, Array, float, Array]:
    name = "perceptron.train_pocket"
    w, X, y, epochs, order, learning_rate = _training(name, w, X, y, epochs, order, learning_rate)
    pocket = w if pocket is None else float_array(pocket, f"{name}: pocket", ndim=1, finite=True)
    shape_is(pocket, f"{name}: pocket", w.shape, "as w")
    return w, X, y, epochs, order, learning_rate, pocket.astype(w.dtype, copy=False)


def _mistake_bound_arguments(w: Any, X: Any, y: Any) -> tuple[Array, Array, Array]:
    gamma = margin(w, X, y)
    if gamma <= 0:
        raise ValueError(
            f"perceptron.mistake_bound: w has the margin {gamma:.4g}, expected weights that separate the points"
        )
    return _points("perceptron.mistake_bound", w, X, y)


def _learning_rate(value: Any, name: str) -> float:
    value = number(value, f"{name}: learning_rate")
    if value <= 0:
        raise ValueError(f"{name}: learning_rate is {value}, expected a number > 0")
    return value


@exercise("perceptron.loss", prepare=_loss_arguments)
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
    >>> X = np.array([[1.0, 2.0], [1.0, -3.0], [1.0, -1.0]])
    >>> loss(np.array([0.0, 1.0]), X, np.array([1, 1, -1]))
    3.0
    """
    margin = y * (X @ w)  # (N,), negative where the answer is wrong
    return float((-margin[margin < 0]).sum())


def _losses_arguments(W: Any, X: Any, y: Any) -> tuple[Array, Array, Array]:
    W = float_array(W, "perceptron.losses: W", ndim=2, finite=True)
    if len(W) == 0:
        raise ValueError(f"perceptron.losses: W has shape {W.shape}, expected at least one row of weights")
    _, X, y = _points("perceptron.losses", W[0], X, y)
    return W.astype(X.dtype, copy=False), X, y


@exercise("perceptron.losses", compiled="perceptron.losses", fuses=("perceptron.loss",), prepare=_losses_arguments)
def losses(W: Array, X: Array, y: Array) -> Array:
    """Return :func:`loss` for each row of `W` (E, D): the loss along the path of the weights.

    Examples
    --------
    >>> losses(np.array([[0.0, 1.0], [0.0, -1.0]]), np.array([[1.0, 2.0]]), np.array([-1.0]))
    array([2., 0.])
    """
    return np.array([loss.run(w, X, y) for w in W])


@exercise("perceptron.subgradient", prepare=_subgradient_arguments)
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
    >>> X = np.array([[1.0, 2.0], [1.0, -3.0], [1.0, -1.0]])
    >>> subgradient(np.array([0.0, 1.0]), X, np.array([1, 1, -1]))
    array([-1.,  3.])
    """
    wrong = y * (X @ w) <= 0  # (N,)
    return -(y[wrong] @ X[wrong])


def _net(w: Array, x: Array) -> Any:
    """w^T x along the last axis, summed from left to right as the compiled loops do, so that both decide alike."""
    return np.add.accumulate(w * x, axis=-1)[..., -1]


@exercise("perceptron.update", prepare=_update_arguments)
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
    >>> update(np.array([0.0, 0.0]), np.array([1.0, 2.0]), -1)
    array([-1., -2.])
    """
    if y * _net(w, x) <= 0:
        return w + learning_rate * y * x
    return w


@exercise(
    "perceptron.train_online",
    compiled="perceptron.train_online",
    fuses=("perceptron.update",),
    prepare=_online_arguments,
)
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
            wrong += y[i] * _net(w, X[i]) <= 0
            w = update.run(w, X[i], y[i], learning_rate)
        W.append(w)
        mistakes.append(wrong)
        if wrong == 0:
            break
    return np.array(W), np.array(mistakes, np.int64)


def steps_online(
    w: Any, X: Any, y: Any, epochs: int, order: Any = None, learning_rate: float = 1.0
) -> Iterator[tuple[int, Array]]:
    """Yield ``(i, w)``, the point and the new weights, each time the online rule changes the weights.

    The parameters are those of :func:`train_online`; this is its slow motion, for pictures.

    Examples
    --------
    >>> [(int(i), w.tolist()) for i, w in steps_online([0, 0], [[1, 2], [1, -1]], [1, -1], epochs=9)]
    [(0, [1.0, 2.0])]
    """
    w, X, y, epochs, order, learning_rate = _training("perceptron.steps_online", w, X, y, epochs, order, learning_rate)
    for epoch in range(epochs):
        moved = False
        for i in order[epoch % len(order)]:
            new = update.run(w, X[i], y[i], learning_rate)
            if not np.array_equal(new, w):
                w, moved = new, True
                yield int(i), w
        if not moved:
            return


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
    >>> W, mistakes = train_batch([0, 0], [[1, 2], [1, -1]], [1, -1], epochs=9)
    >>> W[-1], mistakes
    (array([0., 3.], dtype=float32), array([2, 0]))
    """
    w, X, y, epochs, _, learning_rate = _training("perceptron.train_batch", w, X, y, epochs, None, learning_rate)
    W, mistakes = [], []
    for _ in range(epochs):
        mistakes.append(np.count_nonzero(y * (X @ w) <= 0))
        if mistakes[-1]:
            w = w - learning_rate * subgradient.run(w, X, y)
        W.append(w)
        if not mistakes[-1]:
            break
    return np.array(W), np.array(mistakes, np.int64)


@exercise(
    "perceptron.train_averaged",
    compiled="perceptron.train_averaged",
    fuses=("perceptron.update",),
    prepare=_averaged_arguments,
)
def train_averaged(
    w: Array, X: Array, y: Array, epochs: int, order: Array, learning_rate: float = 1.0
) -> tuple[Array, Array, Array]:
    """Apply the online rule, and note the mean of the weights: those that survive long weigh the most.

    Parameters
    ----------
    w, X, y, epochs, order, learning_rate
        As in :func:`train_online`.

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
        As :func:`train_online`.

    Notes
    -----
    Freund and Schapire, *Large margin classification using the perceptron algorithm* (1999), section 2.

    Examples
    --------
    >>> X, y = np.array([[1.0, 2.0], [1.0, -1.0]]), np.array([-1, 1])
    >>> W, mistakes, means = train_averaged(np.zeros(2), X, y, epochs=2)
    >>> W.tolist(), mistakes.tolist(), means.tolist()
    ([[-1.0, -2.0], [-1.0, -2.0]], [1, 0], [[-1.0, -2.0], [-1.0, -2.0]])
    """
    W, mistakes, means = [], [], []
    for epoch in range(epochs):
        wrong, total = 0, np.zeros(len(w))
        for i in order[epoch % len(order)]:
            wrong += y[i] * _net(w, X[i]) <= 0
            w = update.run(w, X[i], y[i], learning_rate)
            total += w
        W.append(w)
        mistakes.append(wrong)
        means.append(total / len(X))
        if wrong == 0:
            break
    return np.array(W), np.array(mistakes, np.int64), np.array(means, w.dtype)


@exercise(
    "perceptron.train_pocket",
    compiled="perceptron.train_pocket",
    fuses=("perceptron.update",),
    prepare=_pocket_arguments,
)
def train_pocket(
    w: Array, X: Array, y: Array, epochs: int, order: Array, learning_rate: float, pocket: Array
) -> tuple[Array, Array, Array]:
    """Apply the online rule, and keep the best weights met so far in the pocket.

    Weights that answer more points in a row than those in the pocket once did are worth a closer look: they replace
    them if they are right about more points of the whole set. (That second question is the ratchet: because of it the
    pocket never gets worse.) The training ends after an epoch at whose end the pocket is right about all.

    Parameters
    ----------
    w, X, y, epochs, order, learning_rate
        As in :func:`train_online`. Gallant draws each point at random, so that a row of `order` may hold one twice
        and another not at all; where all come round again and again, so may the same weights.
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
        As :func:`train_online`.

    Notes
    -----
    Gallant, *Perceptron-based learning algorithms* (1990), the pocket algorithm with ratchet.

    Examples
    --------
    >>> X = with_bias(np.array([[-1.0, -1.0], [-1.0, 1.0], [1.0, -1.0], [1.0, 1.0]]))
    >>> y = np.array([-1, 1, 1, -1])  # XOR: three of four is the best that a line can do
    >>> drawn = np.random.default_rng(0).integers(4, size=(10, 4))
    >>> _, mistakes, pockets = train_pocket(np.zeros(3), X, y, 10, drawn)
    >>> y * (X @ pockets[-1]) > 0
    array([ True, False,  True,  True])
    """
    right = np.count_nonzero(y * _net(pocket, X) > 0)
    run = record = 0  # right answers in a row: now, and when the pocket was filled
    W, mistakes, pockets = [], [], []
    for epoch in range(epochs):
        wrong = 0
        for i in order[epoch % len(order)]:
            if y[i] * _net(w, X[i]) <= 0:
                wrong += 1
                run = 0
            else:
                run += 1
                if run == record + 1:
                    found = np.count_nonzero(y * _net(w, X) > 0)
                    if found > right:
                        pocket, right, record = w, found, run
            w = update.run(w, X[i], y[i], learning_rate)
        W.append(w)
        mistakes.append(wrong)
        pockets.append(pocket)
        if right == len(X):
            break
    return np.array(W), np.array(mistakes, np.int64), np.array(pockets)


def margin(w: Any, X: Any, y: Any) -> float:
    """Return gamma, the distance of the nearest point from the plane w^T x = 0; negative if one is on the
    wrong side.

    Parameters
    ----------
    w, X, y
        As in :func:`loss`; `w` must not be zero.

    Examples
    --------
    >>> margin([0.0, 2.0], [[1.0, 3.0], [1.0, -1.0]], [1, -1])
    1.0
    """
    w, X, y = _points("margin", w, X, y)
    length = float(np.linalg.norm(w))
    if length == 0:
        raise ValueError("margin: w is zero, expected weights that define a plane")
    return float((y * (X @ w)).min()) / length


@exercise("perceptron.mistake_bound", prepare=_mistake_bound_arguments)
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
    >>> X = np.array([[1.0, 2.0], [1.0, -1.0]])
    >>> round(mistake_bound(np.array([0.0, 3.0]), X, np.array([1, -1])), 3)
    5.0
    """
    gamma = (y * (X @ w)).min() / np.linalg.norm(w)
    R = np.linalg.norm(X, axis=1).max()
    return float((R / gamma) ** 2)


#: the estimator trains so many epochs in one call: their orders are drawn together when shuffling
_EPOCHS_AT_ONCE = 32


class Perceptron(Classifier):
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
    >>> X, y = [[0, 0], [0, 1], [1, 0], [1, 1]], ["no", "no", "no", "yes"]
    >>> p = Perceptron().fit(X, y)
    >>> p.predict([[1, 1], [0, 1]])
    array(['yes', 'no'], dtype='<U3')
    >>> p.score(X, y), p.n_iter_
    (1.0, 9)
    """

    binary_only = True

    def __init__(
        self,
        max_iter: int = 1000,
        learning_rate: float = 1.0,
        rule: str = "online",
        fit_intercept: bool = True,
        shuffle: bool = False,
        keep_history: bool = False,
        rng: np.random.Generator | int | None = None,
    ) -> None:
        self.max_iter = max_iter
        self.learning_rate = learning_rate
        self.rule = rule
        self.fit_intercept = fit_intercept
        self.shuffle = shuffle
        self.keep_history = keep_history
        self.rng = rng

    def fit(self, X: Any, y: Any) -> Perceptron:
        """Learn from points `X` (N, n) and their classes `y` (N,), of which there must be two.

        Raises
        ------
        TypeError
            If `X` does not hold real numbers or a constructor argument has the wrong type.
        ValueError
            If `X` is empty or holds NaN or infinity, `y` does not match or has not exactly two classes, or a
            constructor argument is out of range.
        """
        max_iter = integer(self.max_iter, "Perceptron: max_iter", low=1)
        learning_rate = _learning_rate(self.learning_rate, "Perceptron")
        one_of(self.rule, "Perceptron: rule", ("online", "batch", "pocket", "averaged"))
        rng = generator(self.rng)
        X, classes, codes = self._checked_data(X, y)
        signs = np.where(codes == 1, 1, -1).astype(X.dtype)
        points = with_bias(X) if self.fit_intercept else X

        w = pocket = np.zeros(points.shape[1], points.dtype)
        total = np.zeros(points.shape[1])  # of the means
        history, history_points = [w], []
        paths: list[Array] = []
        mistakes: list[int] = []
        converged = False
        while len(mistakes) < max_iter and not converged:
            epochs = min(_EPOCHS_AT_ONCE, max_iter - len(mistakes))
            order = np.arange(len(X))[None]
            if self.rule == "pocket":
                order = rng.integers(len(X), size=(epochs, len(X)))
            elif self.shuffle:
                order = rng.permuted(np.repeat(order, epochs, axis=0), axis=1)
            if self.rule == "batch":
                W, wrong = train_batch(w, points, signs, epochs, learning_rate)
                history.extend(W[wrong > 0])
                path = W
            elif self.rule == "pocket":
                W, wrong, path = train_pocket.run(w, points, signs, epochs, order, learning_rate, pocket)
                pocket = path[-1]
            elif self.rule == "averaged":
                W, wrong, means = train_averaged.run(w, points, signs, epochs, order, learning_rate)
                totals = total + np.cumsum(means, axis=0, dtype=np.float64)
                total = totals[-1]
                number_of = np.arange(len(mistakes) + 1, len(mistakes) + len(W) + 1)
                path = (totals / number_of[:, None]).astype(w.dtype)
            else:
                W, wrong = train_online.run(w, points, signs, epochs, order, learning_rate)
                path = W
            if self.keep_history and self.rule != "batch":
                for row in np.broadcast_to(order, (epochs, len(X)))[: len(W)]:
                    for i, changed in steps_online(history[-1], points, signs, 1, row, learning_rate):
                        history.append(changed)
                        history_points.append(i)
            w = W[-1]
            paths.append(path)
            mistakes.extend(wrong.tolist())
            converged = bool((signs * _net(pocket, points) > 0).all()) if self.rule == "pocket" else wrong[-1] == 0

        w = paths[-1][-1]
        if not np.isfinite(w).all():
            raise FloatingPointError(
                f"Perceptron.fit: the weights have overflowed with learning_rate {learning_rate:g}; "
                "scale X, or take a smaller one"
            )
        self.classes_ = classes
        self.n_features_in_ = X.shape[1]
        self.w_ = w
        self.coef_ = w[None, 1:] if self.fit_intercept else w[None]
        self.intercept_ = w[:1] if self.fit_intercept else np.zeros(1, w.dtype)
        self.n_iter_ = len(mistakes)
        self.converged_ = bool(converged)
        self.mistakes_per_epoch_ = np.array(mistakes, np.int64)
        self.loss_per_epoch_ = losses.run(np.concatenate(paths), points, signs)
        if self.keep_history:
            self.history_ = np.array(history)
            self.history_points_ = np.array(history_points, np.int64)
        return self

    def decision_function(self, X: Any) -> Array:
        """Return net for each point of `X` (N, n): positive where the second class is predicted."""
        X = self._checked_points(X)
        return X @ self.coef_[0] + self.intercept_[0]

    def predict(self, X: Any) -> Array:
        """Return the class of each point of `X` (N, n)."""
        positive = self.decision_function(X) > 0
        return self.classes_[positive.astype(np.intp)]
