"""Mini-batches: the data in handfuls, in a new random order each time round."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from nnlite import contracts
from nnlite.arguments import Array
from nnlite.contracts import Checked, flag, function, integer, rng
from nnlite.random import generator
from nnlite.tensor import as_plain

_ORDER = 3  # so that an order shares no bits with what else is drawn from the same seed


class DataLoader(Checked):
    """Iterate over one array, over several side by side, or over a data set of items, in batches.

    Parameters
    ----------
    data : array_like, tuple of array_like, or data set
        One array, or several of equal length N; or whatever has a length and items by their number, a list of pairs
        ``(x, y)`` for instance. (A list of numbers, lists or arrays counts as one array.)
    batch_size : int
        The number of points in a batch, >= 1; the last batch may be smaller.
    shuffle : bool
        Whether each pass goes through the data in a new random order.
    drop_last : bool
        Whether to leave out a last batch that is not full.
    rng : numpy.random.Generator, int or None
        Where the orders come from.
    collate_fn : function, optional
        Makes a batch of a list of items; of arrays side by side an item is a tuple of their rows. :func:`collate` by
        default.

    Raises
    ------
    TypeError
        If `batch_size` is not an integer, `data` is no data set, or `collate_fn` no function.
    ValueError
        If there is no data, the lengths differ, or `drop_last` would leave nothing.

    Notes
    -----
    A batch is a copy: what is done to it leaves the data alone.

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

    Sentences of different lengths are made equal by a function of yours:

    >>> words = [([5, 2], 1), ([7, 1, 4], 0)]
    >>> def padded(items):
    ...     longest = max(len(ids) for ids, _ in items)
    ...     return np.array([ids + [0] * (longest - len(ids)) for ids, _ in items]), np.array([y for _, y in items])
    >>> for x, y in DataLoader(words, batch_size=2, collate_fn=padded):
    ...     print(x.tolist(), y)
    [[5, 2, 0], [7, 1, 4]] [1 0]
    """

    takes = dict(batch_size=integer(1), shuffle=flag, drop_last=flag, rng=rng, collate_fn=function() | None)

    def __init__(
        self,
        data: Any,
        batch_size: int = 32,
        shuffle: bool = False,
        drop_last: bool = False,
        rng: np.random.Generator | int | None = None,
        collate_fn: Callable[[list[Any]], Any] | None = None,
    ) -> None:
        self.collate_fn = collate_fn
        self.items: Any = data if _has_items(data) else None
        self.single = not isinstance(data, tuple)
        given = () if self.items is not None else (data,) if self.single else data
        self.arrays: list[Array] = [_array(a) for a in given]
        lengths = [len(a) for a in self.arrays] if self.items is None else [len(data)]
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
            stop = min(start + self.batch_size, self.n)
            if self.items is not None or self.collate_fn is not None:
                numbers = range(start, stop) if order is None else order[start:stop].tolist()
                yield (self.collate_fn or collate)([self._item(i) for i in numbers])
                continue
            chosen: Any = slice(start, stop) if order is None else order[start:stop]
            batch = tuple(a[chosen] for a in self.arrays)
            if order is None:
                batch = tuple(view.copy("K") for view in batch)  # what is done to a batch leaves the data alone
            yield batch[0] if self.single else batch

    def _item(self, i: int) -> Any:
        if self.items is not None:
            return self.items[i]
        rows = tuple(np.array(a[i]) if a.ndim > 1 else a[i] for a in self.arrays)
        return rows[0] if self.single else rows

    def __repr__(self) -> str:
        return f"DataLoader: {self.n} points in {len(self)} batches of {self.batch_size}"


def collate(items: Sequence[Any]) -> Any:
    """Make a batch of items that are alike: numbers and arrays are stacked, tuples and dictionaries part by part.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite.data.loader import collate
    >>> x, y = collate([(np.zeros(2), 7), (np.ones(2), 8)])
    >>> x.shape, y
    ((2, 2), array([7, 8]))
    """
    first = items[0]
    if isinstance(first, tuple | list | Mapping):
        if any(type(item) is not type(first) or len(item) != len(first) for item in items):
            raise ValueError("DataLoader: items are not alike, expected tuples of one length; or give collate_fn=")
        if isinstance(first, Mapping):
            return {key: collate([item[key] for item in items]) for key in first}
        return tuple(collate(parts) for parts in zip(*items))
    if isinstance(first, str):
        return list(items)
    arrays = [np.asarray(as_plain(item)) for item in items]
    shapes = {a.shape: None for a in arrays}
    if len(shapes) > 1:
        raise ValueError(
            f"DataLoader: items have shapes {', '.join(map(str, shapes))}, expected one; or give collate_fn="
        )
    return np.stack(arrays)


def _has_items(data: Any) -> bool:
    """Whether data are items by their number, rather than an array or several."""
    if isinstance(data, list):
        return bool(data) and isinstance(data[0], tuple | Mapping)
    plain = isinstance(data, tuple | str | bytes | Mapping) or hasattr(data, "__array__")
    return not plain and hasattr(data, "__getitem__") and hasattr(data, "__len__")


def _array(value: Any) -> Array:
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise ValueError("DataLoader: data is ragged, expected rows of one length") from error
    if array.ndim == 0:
        raise TypeError(
            f"DataLoader: data is a {type(value).__name__}, expected an array of points, a tuple of arrays or items"
        )
    return array
