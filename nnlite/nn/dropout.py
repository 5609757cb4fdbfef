"""Dropout layers: silence numbers, or whole channels, at random while training (Srivastava et al. 2014)."""

from __future__ import annotations

from typing import Any

from nnlite import functional as F
from nnlite.contracts import number, rng
from nnlite.nn.module import Module
from nnlite.random import generator
from nnlite.tensor import Tensor


class Dropout(Module):
    """Silence each number with probability `p` while training, and divide the others by ``1 - p``.

    Parameters
    ----------
    p : float
        The probability, from 0 to 1.
    rng : numpy.random.Generator, int or None
        The source of randomness, or its seed; None draws from the default generator.

    Examples
    --------
    >>> from nnlite import nn
    >>> nn.Dropout(0.5).eval()([1.0, 2.0])
    Tensor([1., 2.])
    """

    function, takes = staticmethod(F.dropout), dict(p=number(0, 1), rng=rng)

    def __init__(self, p: float = 0.5, rng: Any = None) -> None:
        self.p = p
        self.rng = None if rng is None else generator(rng)

    def forward(self, x: Any) -> Tensor:
        """Map any shape to the same shape."""
        return self.function(x, self.p, self.training, self.rng)

    def extra_repr(self) -> str:
        """Return the probability."""
        return f"p={self.p}"


class Dropout1d(Dropout):
    """Silence whole channels of sequences (N, C, L) (Tompson et al. 2014).

    Parameters
    ----------
    p : float
        The probability, from 0 to 1.
    rng : numpy.random.Generator, int or None
        The source of randomness, or its seed; None draws from the default generator.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite import nn
    >>> nn.Dropout1d(0.5)(np.ones((2, 3, 4))).shape
    (2, 3, 4)
    """

    function = staticmethod(F.dropout1d)


class Dropout2d(Dropout):
    """Silence whole channels of pictures (N, C, H, W).

    Parameters
    ----------
    p : float
        The probability, from 0 to 1.
    rng : numpy.random.Generator, int or None
        The source of randomness, or its seed; None draws from the default generator.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite import nn
    >>> nn.Dropout2d(0.5)(np.ones((2, 3, 4, 4))).shape
    (2, 3, 4, 4)
    """

    function = staticmethod(F.dropout2d)
