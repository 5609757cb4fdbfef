"""Mini-batches: the data in handfuls, in a new random order each time round."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from nnlite import contracts
from nnlite.arguments import Array
from nnlite.contracts import Checked, flag, integer, rng
from nnlite.random import generator

_ORDER = 3  # so that an order shares no bits with what else is drawn from the same seed


class DataLoader(Checked):
    """Iterate over one array, or over several side by side, in batches.

    Parameters
    ----------
    data : array_like or tuple of array_like
        One array, or several of equal length N. (A list counts as one array.)
    batch_size : int
        The number of points in a batch, >= 1; the last batch may be smaller.
    shuffle : bool
        Whether each pass goes through the data in a new random order.
    drop_last : bool
        Whether to leave out a last batch that is not full.
    rng : numpy.random.Generator, int or None
        Where the orders come from.

    Raises
    ------
    TypeError
        If `batch_size` is not an integer.
    ValueError
        If there is no data, the lengths differ, or `drop_last` would leave nothing.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite.data import DataLoader
    >>> loader = DataLoader((np.arange(5), np.arange(5) ** 2), batch_size=2)
    >>> for x, y in loader:
    ...     print(x, y)
    [0 1] [0 1]
    [2 3] [4 9]
    [4] [16]
    >>> loader
    DataLoader: 5 points in 3 batches of 2
    """

    takes = dict(batch_size=integer(1), shuffle=flag, drop_last=flag, rng=rng)

    def __init__(
        self,
        data: Any,
        batch_size: int = 32,
        shuffle: bool = False,
        drop_last: bool = False,
        rng: np.random.Generator | int | None = None,
    ) -> None:
        self.single = not isinstance(data, tuple)
        self.arrays: list[Array] = [_array(a) for a in ((data,) if self.single else data)]
        lengths = [len(a) for a in self.arrays]
        if not lengths or max(lengths) == 0:
            raise ValueError("DataLoader: data is empty, expected at least one point")
        if len(set(lengths)) > 1:
            raise ValueError(f"DataLoader: data has arrays of lengths {lengths}, expected equal lengths")
        self.n = lengths[0]
        self.batch_size = batch_size
        self.drop_last = drop_last
        if drop_last and self.batch_size > self.n:
            raise ValueError(
                f"DataLoader: batch_size is {batch_size} but data has {self.n} points, expected at most "
                f"{self.n} with drop_last=True"
            )
        self.shuffle = shuffle
        self.rng = generator(rng)

    def __len__(self) -> int:
        """Return the number of batches in a pass."""
        return self.n // self.batch_size if self.drop_last else -(-self.n // self.batch_size)

    def __iter__(self) -> Iterator[Any]:
        """Yield each batch: an array, or a tuple of arrays if `data` was a tuple."""
        return self._batches(self.rng.permutation(self.n) if self.shuffle else None)

    @contracts.takes("DataLoader.epoch", number=integer(0), seed=integer(0), start=integer(0))
    def epoch(self, number: int, seed: int, start: int = 0) -> Iterator[Any]:
        """Yield the batches of one pass whose order depends on `seed` and `number` alone, not on the passes before.

        Parameters
        ----------
        number
            Which pass, from 0.
        seed
            An integer >= 0; the loader's own generator is not used.
        start
            How many batches to leave out.

        Examples
        --------
        >>> import numpy as np
        >>> from nnlite.data import DataLoader
        >>> loader = DataLoader(np.arange(6), batch_size=2, shuffle=True)
        >>> whole = list(loader.epoch(3, seed=0))
        >>> rest = list(loader.epoch(3, seed=0, start=1))
        >>> [bool((a == b).all()) for a, b in zip(whole[1:], rest)]
        [True, True]
        """
        order = np.random.default_rng([seed, _ORDER, number]).permutation(self.n) if self.shuffle else None
        return self._batches(order, start)

    def _batches(self, order: Array | None, first: int = 0) -> Iterator[Any]:
        for start in range(first * self.batch_size, len(self) * self.batch_size, self.batch_size):
            chosen: Any = slice(start, start + self.batch_size)
            if order is not None:
                chosen = order[chosen]
            batch = tuple(a[chosen] for a in self.arrays)
            if order is None:
                batch = tuple(view.copy("K") for view in batch)  # what is done to a batch leaves the data alone
            yield batch[0] if self.single else batch

    def __repr__(self) -> str:
        return f"DataLoader: {self.n} points in {len(self)} batches of {self.batch_size}"


def _array(value: Any) -> Array:
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise ValueError("DataLoader: data is ragged, expected rows of one length") from error
    if array.ndim == 0:
        raise TypeError(
            f"DataLoader: data is a {type(value).__name__}, expected an array of points or a tuple of arrays"
        )
    return array
