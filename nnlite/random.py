"""Where every random number comes from.

Each function that draws takes ``rng=``: a ``numpy.random.Generator``, a seed, or None for the default
generator, which :func:`manual_seed` seeds. The same seed gives the same bits, run after run.
"""

from __future__ import annotations

import numbers

import numpy as np

_default = np.random.default_rng()


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
    global _default
    _default = generator(_checked(seed))
    return _default


def generator(rng: np.random.Generator | int | None = None) -> np.random.Generator:
    """Return the generator that `rng` names: itself, one seeded with an integer, or the default one.

    Examples
    --------
    >>> int(generator(7).integers(10)) == int(generator(7).integers(10))
    True
    """
    if rng is None:
        return _default
    if isinstance(rng, np.random.Generator):
        return rng
    return np.random.default_rng(_checked(rng))


def _checked(seed: object) -> int:
    if isinstance(seed, bool) or not isinstance(seed, numbers.Integral):
        raise TypeError(f"rng is {seed!r}, expected a numpy.random.Generator, an integer seed or None")
    if seed < 0:
        raise ValueError(f"rng is {seed}, expected a seed >= 0")
    return int(seed)
