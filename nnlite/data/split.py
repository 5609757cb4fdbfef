"""A test sample: points put aside before learning, by which alone the learner is judged.

One test sample leaves much to chance. In k-fold cross-validation (Stone, "Cross-validatory choice and assessment of
statistical predictions", 1974) the points are dealt out to k folds, and each fold is the test sample once.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlite import arguments
from nnlite.arguments import Array
from nnlite.contracts import classes, integer, integers, number, rng, takes
from nnlite.random import generator
from nnlite.registry import exercise


def train_test_split(
    *arrays: Any, test_size: float = 0.2, stratify: Any = None, rng: np.random.Generator | int | None = None
) -> list[Array]:
    """Split arrays of equal length at random into a part to learn from and a part to be judged by.

    Parameters
    ----------
    *arrays : array_like
        Arrays of equal length N.
    test_size : float
        The share to put aside, between 0 and 1; rounded to whole points, at least one on either side.
    stratify : array_like, shape (N,), optional
        Classes; each is then split by itself, so that both parts hold them in nearly equal shares.
    rng : numpy.random.Generator, int or None
        Where the choice comes from.

    Returns
    -------
    list of numpy.ndarray
        For each array its training part and its test part: ``X_train, X_test, y_train, y_test``. Both
        keep the order of the points.

    Raises
    ------
    ValueError
        If there is no array, the lengths differ, there are fewer than two points, or `test_size` is out
        of range.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite.data import train_test_split
    >>> X_train, X_test, y_train, y_test = train_test_split(np.arange(10), np.arange(10) % 2, test_size=0.3, rng=0)
    >>> len(X_train), len(X_test)
    (7, 3)
    >>> sorted([*X_train, *X_test]) == list(range(10))
    True
    """
    if not arrays:
        raise ValueError("train_test_split: no array is given, expected at least one")
    parts = [np.asarray(a) for a in arrays]
    lengths = [len(a) if a.ndim else 0 for a in parts]
    if len(set(lengths)) > 1:
        raise ValueError(f"train_test_split: the arrays have lengths {lengths}, expected equal lengths")
    n = lengths[0]
    if n < 2:
        raise ValueError(f"train_test_split: the arrays have length {n}, expected at least two points")
    test_size = number(above=0, below=1).convert(test_size, "train_test_split: test_size")
    groups = [np.arange(n)]
    if stratify is not None:
        stratify = np.asarray(stratify)
        arguments.shape_is(stratify, "train_test_split: stratify", (n,))
        groups = [np.nonzero(stratify == c)[0] for c in np.unique(stratify)]
    rng = generator(rng)
    aside = np.zeros(n, bool)
    for group in groups:
        aside[rng.permutation(group)[: round(test_size * len(group))]] = True
    if aside.all() or not aside.any():
        aside[rng.integers(n)] ^= True
    return [half for a in parts for half in (a[~aside], a[aside])]


def _refuse_repeated(y: Array, order: Array, k: int) -> None:
    arguments.integer(k, "split.folds: k", low=2, high=len(y))
    if len(np.unique(order)) < len(order):
        raise ValueError("split.folds: order names a point twice, expected each point once")


@exercise(
    "split.folds", takes=dict(y=classes("N>1"), order=integers("N", below="N"), k=integer(2)), also=_refuse_repeated
)
def folds(y: Array, order: Array, k: int) -> Array:
    """Deal points out to k folds, so that each fold holds nearly the same number of points of every class.

    They are dealt like cards. Lay the points out class after class, the classes in ascending order, and the points of
    one class in the order in which `order` names them. Then deal them round: the first to fold 0, the next to fold 1,
    and after fold k - 1 comes fold 0 again. The round goes on from one class to the next and does not start afresh. So
    two folds differ by at most one point in all, and by at most one point of any class.

    Parameters
    ----------
    y : numpy.ndarray, shape (N,)
        The class of each point; all the same where classes do not matter.
    order : numpy.ndarray of int, shape (N,)
        The numbers of the points, 0 to N - 1, in any order, for instance a random one.
    k : int
        The number of folds, 2 to N.

    Returns
    -------
    numpy.ndarray of int64, shape (N,)
        For each point the number of its fold, 0 to k - 1.

    Raises
    ------
    TypeError
        If `order` or `k` is not made of integers.
    ValueError
        If `y` is not one class for each of at least two points, `order` does not name each point once, or `k` is out
        of range.

    Examples
    --------
    Points 1 and 3 are of class 0, points 0, 2 and 4 of class 1. With this order they are dealt as 3, 1, then 4, 2, 0:

    >>> import numpy as np
    >>> from nnlite.data.split import folds
    >>> folds(np.array([1, 0, 1, 0, 1]), np.array([4, 3, 2, 1, 0]), k=2)
    array([0, 1, 1, 0, 0])
    """
    dealt = order[np.argsort(y[order], kind="stable")]  # (N,), class after class
    fold = np.empty(len(y), np.int64)
    fold[dealt] = np.arange(len(y)) % k
    return fold


@takes(
    "k_fold",
    n=integer(2, letter="N"),
    k=integer(2),
    stratify=classes("N") | None,
    rng=rng,
    also=lambda n, k, *_: arguments.integer(k, "k_fold: k", low=2, high=n),
)
def k_fold(
    n: int, k: int = 5, stratify: Any = None, rng: np.random.Generator | int | None = None
) -> list[tuple[Array, Array]]:
    """Split `n` points k times into points to learn from and points to be judged by; each is judged by once.

    Parameters
    ----------
    n : int
        The number of points N, at least 2.
    k : int
        The number of folds, 2 to `n`.
    stratify : array_like, shape (N,), optional
        Classes; then each fold holds them in nearly equal shares.
    rng : numpy.random.Generator, int or None
        Shuffles the points before they are dealt out by :func:`folds`.

    Returns
    -------
    list of (train, test)
        k pairs of index arrays, each in ascending order.

    Raises
    ------
    TypeError
        If `n` or `k` is not an integer.
    ValueError
        If `n` or `k` is out of range or `stratify` does not hold one class per point.

    Examples
    --------
    >>> from nnlite.data import k_fold
    >>> for train, test in k_fold(6, k=3, rng=1):
    ...     print(train, test)
    [0 2 3 5] [1 4]
    [1 2 3 4] [0 5]
    [0 1 4 5] [2 3]
    """
    y = np.zeros(n) if stratify is None else stratify
    fold = folds(y, generator(rng).permutation(n), k)
    return [(np.nonzero(fold != i)[0], np.nonzero(fold == i)[0]) for i in range(k)]
