"""Cross-validation: a learner is scored on points that it has not learnt from, several times.

:func:`cross_validate` judges by each of k folds in turn (Stone, "Cross-validatory choice and assessment of statistical
predictions", 1974). :func:`learning_curve` does so after learning from few points, then from more: it shows whether
more examples would help. Both take any estimator by scikit-learn's convention, ours or theirs, and leave it as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from nnlite.arguments import Array, integer
from nnlite.data.split import k_fold
from nnlite.random import generator


def cross_validate(estimator: Any, X: Any, y: Any, k: int = 5, rng: np.random.Generator | int | None = None) -> Array:
    """Return the test score of each of k folds: a new estimator learns from all others and is judged by this one.

    Parameters
    ----------
    estimator : estimator
        What is to be judged: it has ``fit``, ``score`` and ``get_params``. It is not fitted itself; new ones are made
        with its parameters.
    X : array_like, shape (N, ...)
        The points.
    y : array_like, shape (N,)
        Their classes; each fold holds them in nearly equal shares.
    k : int
        The number of folds, 2 to N.
    rng : numpy.random.Generator, int or None
        Shuffles the points.

    Returns
    -------
    numpy.ndarray, shape (k,)
        The scores.

    Raises
    ------
    TypeError
        If `estimator` is none, or `k` is not an integer.
    ValueError
        If `X` and `y` have different lengths or `k` is out of range.

    Examples
    --------
    >>> from nnlite.data import blobs
    >>> from nnlite.models import Perceptron
    >>> from nnlite.training import cross_validate
    >>> X, y = blobs(60, centers=[(-3, 0), (3, 0)], rng=0)
    >>> cross_validate(Perceptron(), X, y, k=3, rng=0)
    array([1., 1., 1.])
    """
    X, y = _data("cross_validate", estimator, X, y)
    scores = []
    for train, test in k_fold(len(y), k, stratify=y, rng=rng):
        learner = _new(estimator).fit(X[train], y[train])
        scores.append(learner.score(X[test], y[test]))
    return np.array(scores)


def learning_curve(
    estimator: Any, X: Any, y: Any, sizes: Sequence[int], k: int = 5, rng: np.random.Generator | int | None = None
) -> tuple[Array, Array]:
    """Return the scores after learning from few points, then from more: on these points, and on a test sample.

    For each of k folds, which is the test sample, the other points are laid out in a random order in which all classes
    come round in turn; the learner gets the first `size` of them. So a larger sample holds the smaller one.

    Parameters
    ----------
    estimator, X, y, k, rng
        As for :func:`cross_validate`.
    sizes : sequence of int
        The numbers of points to learn from, each at most what k - 1 folds hold.

    Returns
    -------
    train : numpy.ndarray, shape (len(sizes), k)
        The scores on the points that were learnt from.
    test : numpy.ndarray, shape (len(sizes), k)
        The scores on the test sample.

    Raises
    ------
    TypeError, ValueError
        As :func:`cross_validate`, and if `sizes` is empty or one is out of range.

    Examples
    --------
    >>> from nnlite.data import blobs
    >>> from nnlite.models import Perceptron
    >>> from nnlite.training import learning_curve
    >>> X, y = blobs(60, spread=1, rng=0)
    >>> train, test = learning_curve(Perceptron(max_iter=50), X, y, sizes=[4, 20, 40], k=3, rng=0)
    >>> train.shape, test.shape
    ((3, 3), (3, 3))
    """
    name = "learning_curve"
    X, y = _data(name, estimator, X, y)
    rng = generator(rng)
    splits = k_fold(len(y), k, stratify=y, rng=rng)
    most = min(len(train) for train, _ in splits)
    sizes = [integer(size, f"{name}: sizes", low=2, high=most) for size in sizes]
    if not sizes:
        raise ValueError(f"{name}: sizes is empty, expected at least one number of points")
    scores = np.empty((2, len(sizes), len(splits)))
    for j, (train, test) in enumerate(splits):
        order = train[_in_turn(y[train], rng)]
        for i, size in enumerate(sizes):
            few = order[:size]
            learner = _new(estimator).fit(X[few], y[few])
            scores[:, i, j] = learner.score(X[few], y[few]), learner.score(X[test], y[test])
    return scores[0], scores[1]


def _in_turn(y: Array, rng: np.random.Generator) -> Array:
    """A random order of the points in which the classes come round in turn."""
    place = np.empty(len(y), np.int64)  # the first of its class, the second, ...
    for c in np.unique(y):
        place[y == c] = rng.permutation(np.count_nonzero(y == c))
    return np.lexsort((rng.random(len(y)), place))


def _new(estimator: Any) -> Any:
    return type(estimator)(**estimator.get_params(deep=False))


def _data(name: str, estimator: Any, X: Any, y: Any) -> tuple[Array, Array]:
    if isinstance(estimator, type) or not all(hasattr(estimator, m) for m in ("fit", "score", "get_params")):
        raise TypeError(f"{name}: estimator is {estimator!r}, expected an object with fit, score and get_params")
    X, y = np.asarray(X), np.asarray(y)
    if X.ndim == 0 or y.shape != X.shape[:1]:
        raise ValueError(f"{name}: y has shape {y.shape}, expected one class for each row of X {X.shape}")
    return X, y
