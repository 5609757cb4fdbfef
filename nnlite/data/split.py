"""A test sample: points put aside before learning, by which alone the learner is judged."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlite.arguments import Array, number
from nnlite.random import generator


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
    test_size = number(test_size, "train_test_split: test_size")
    if not 0 < test_size < 1:
        raise ValueError(f"train_test_split: test_size is {test_size}, expected a share between 0 and 1")
    groups = [np.arange(n)]
    if stratify is not None:
        classes = np.asarray(stratify)
        if classes.shape != (n,):
            raise ValueError(f"train_test_split: stratify has shape {classes.shape}, expected ({n},)")
        groups = [np.nonzero(classes == c)[0] for c in np.unique(classes)]
    rng = generator(rng)
    aside = np.zeros(n, bool)
    for group in groups:
        aside[rng.permutation(group)[: round(test_size * len(group))]] = True
    if aside.all() or not aside.any():
        aside[rng.integers(n)] ^= True
    return [half for a in parts for half in (a[~aside], a[aside])]
