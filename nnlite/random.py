"""Where every random number comes from.

Each function that draws takes ``rng=``: a ``numpy.random.Generator``, a seed, or None for the default
generator, which :func:`manual_seed` seeds. The same seed gives the same bits, run after run.
"""

from __future__ import annotations

import contextlib
import numbers
import reprlib
import threading
from collections.abc import Iterator

import numpy as np

_default = np.random.default_rng()
_last_seed = 0
_here = threading.local()  # the key of the block that this thread is in, and the generator made from it


def manual_seed(seed: int) -> np.random.Generator:
    """Seed the default generator and return it.

    Raises
    ------
    TypeError, ValueError
        If `seed` is not an integer >= 0.

    Examples
    --------
    >>> import nnlite
    >>> _ = nnlite.manual_seed(0)
    """
    global _default, _last_seed
    _default = generator(checked_seed(seed))
    _last_seed = int(seed)
    return _default


def last_seed() -> int:
    """Return what :func:`manual_seed` was last given, 0 if it was never called.

    Examples
    --------
    >>> from nnlite.random import last_seed, manual_seed
    >>> _ = manual_seed(7)
    >>> last_seed()
    7
    """
    return _last_seed


@contextlib.contextmanager
def derived(*key: int) -> Iterator[None]:
    """While the block runs, this thread's default generator is one that depends on `key` alone.

    It is made when first asked for, so that a block that draws nothing costs nothing.

    Examples
    --------
    >>> from nnlite.random import derived, generator
    >>> with derived(0, 5):
    ...     a = generator().random()
    >>> with derived(0, 5):
    ...     a == generator().random()
    True
    """
    before = getattr(_here, "key", None), getattr(_here, "made", None)
    _here.key, _here.made = key, None
    try:
        yield
    finally:
        _here.key, _here.made = before


def generator(rng: np.random.Generator | int | None = None, name: str = "rng") -> np.random.Generator:
    """Return the generator that `rng` names: itself, one seeded with an integer, or the default one.

    `name` is what a message calls it, for instance ``"dropout: rng"``.

    Examples
    --------
    >>> from nnlite.random import generator
    >>> int(generator(7).integers(10)) == int(generator(7).integers(10))
    True
    """
    if rng is None:
        key = getattr(_here, "key", None)
        if key is None:
            return _default
        if _here.made is None:
            _here.made = np.random.default_rng(key)
        return _here.made
    if isinstance(rng, np.random.Generator):
        return rng
    return np.random.default_rng(checked_seed(rng, name))


def checked_seed(seed: object, name: str = "rng") -> int:
    """Return a seed as an int, or raise.

    Examples
    --------
    >>> from nnlite.random import checked_seed
    >>> checked_seed(7)
    7
    """
    if isinstance(seed, bool) or not isinstance(seed, numbers.Integral):
        raise TypeError(f"{name} is {reprlib.repr(seed)}, expected a numpy.random.Generator, an integer seed or None")
    if seed < 0:
        raise ValueError(f"{name} is {seed}, expected a seed >= 0")
    return int(seed)
