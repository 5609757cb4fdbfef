"""Associative recall: pairs of key and value are shown, then keys are asked for their values.

The task that separates memories (Arora et al. 2023, "Zoology"): ``k3 v7  k9 v1 ...  k9 -> v1``. The values are drawn
anew for every sequence, so nothing can be learnt but looking back.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlite.arguments import Array, integer
from nnlite.random import generator


def associative_recall(n: int, pairs: int = 8, keys: int = 32, rng: Any = None) -> tuple[Array, Array]:
    """Draw `n` sequences.

    Parameters
    ----------
    n
        How many sequences.
    pairs
        How many pairs each shows; all its keys differ, and each is asked for once, in another order.
    keys
        How many keys there are (symbols 0 ... keys-1), and as many values (keys ... 2 keys - 1).
    rng
        Generator, seed or None.

    Returns
    -------
    tokens : integers (n, 3 * pairs)
        ``2 * pairs`` symbols of pairs, then ``pairs`` keys that are asked for.
    answers : integers (n, pairs)
        The value of each key asked for.

    Raises
    ------
    ValueError
        If there are fewer keys than pairs.

    Examples
    --------
    >>> tokens, answers = associative_recall(2, pairs=3, keys=5, rng=0)
    >>> tokens.shape, answers.shape
    ((2, 9), (2, 3))
    """
    n = integer(n, "associative_recall: n", low=1)
    pairs = integer(pairs, "associative_recall: pairs", low=1)
    if integer(keys, "associative_recall: keys", low=1) < pairs:
        raise ValueError(f"associative_recall: keys is {keys}, expected at least as many as pairs={pairs}")
    rng = generator(rng)
    shown = rng.random((n, keys)).argsort(1)[:, :pairs]  # different keys, in any order
    values = keys + rng.integers(keys, size=(n, pairs))
    asked = rng.random((n, pairs)).argsort(1)
    tokens = np.concatenate(
        [np.stack([shown, values], 2).reshape(n, 2 * pairs), np.take_along_axis(shown, asked, 1)], axis=1
    )
    return tokens, np.take_along_axis(values, asked, 1)
