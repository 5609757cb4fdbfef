"""Associative recall: pairs of key and value are shown, then keys are asked for their values.

The task that separates memories (Arora et al. 2023, "Zoology"): ``k3 v7  k9 v1 ...  k9 -> v1``. The values are drawn
anew for every sequence, so nothing can be learnt but looking back.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlite import contracts
from nnlite import functional as F
from nnlite.arguments import Array
from nnlite.contracts import Checked, integer, rng
from nnlite.random import generator
from nnlite.tensor import Tensor


class Recall(Checked):
    """Sequences of pairs, then of keys that are asked for.

    Parameters
    ----------
    pairs : int
        How many pairs a sequence shows; all its keys differ, and each is asked for once, in another order.
    keys : int
        How many keys there are (symbols 0 ... keys - 1), and as many values (keys ... 2 keys - 1).

    Attributes
    ----------
    symbols : int
        The number of different symbols, 2 keys.
    length : int
        The length of a sequence, 3 pairs.

    Raises
    ------
    ValueError
        If there are fewer keys than pairs.

    Examples
    --------
    >>> from nnlite.tasks import Recall
    >>> task = Recall(pairs=3, keys=5)
    >>> tokens, answers = task.draw(2, rng=0)
    >>> tokens.shape, answers.shape
    ((2, 9), (2, 3))
    """

    name = "associative recall"
    takes = dict(pairs=integer(1), keys=integer(1))

    def __init__(self, pairs: int = 8, keys: int = 32) -> None:
        self.pairs, self.keys = pairs, keys
        if keys < pairs:
            raise ValueError(f"Recall: keys is {keys}, expected at least as many as pairs={pairs}")
        self.symbols, self.length = 2 * self.keys, 3 * self.pairs

    @contracts.takes("Recall", n=integer(1), rng=rng)
    def draw(self, n: int, rng: np.random.Generator | int | None = None) -> tuple[Array, Array]:
        """Draw `n` sequences.

        Parameters
        ----------
        n
            The number of sequences.
        rng
            Generator, seed or None.

        Returns
        -------
        tokens : integers (n, 3 * pairs)
            ``2 * pairs`` symbols of pairs, then ``pairs`` keys that are asked for.
        answers : integers (n, pairs)
            The value of each key asked for.
        """
        rng = generator(rng)
        shown = rng.random((n, self.keys)).argsort(1)[:, : self.pairs]  # different keys, in any order
        values = self.keys + rng.integers(self.keys, size=(n, self.pairs))
        asked = rng.random((n, self.pairs)).argsort(1)
        pairs = np.stack([shown, values], 2).reshape(n, 2 * self.pairs)
        tokens = np.concatenate([pairs, np.take_along_axis(shown, asked, 1)], axis=1)
        return tokens, np.take_along_axis(values, asked, 1)

    def loss(self, scores: Tensor, answers: Array) -> Tensor:
        """Return the cross-entropy of the scores (n, length, symbols) where keys are asked for."""
        return F.cross_entropy(scores[:, -self.pairs :].reshape(-1, self.symbols), answers.reshape(-1))

    def score(self, scores: Any, answers: Array) -> float:
        """Return the share of keys whose value has the highest score."""
        return float((scores[:, -self.pairs :].argmax(-1) == answers).mean())

    def __repr__(self) -> str:
        return f"Recall(pairs={self.pairs}, keys={self.keys})"
