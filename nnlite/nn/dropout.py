"""Dropout layers: silence numbers, or whole channels, at random while training (Srivastava et al. 2014)."""

from __future__ import annotations

from typing import Any

from nnlite import functional as F
from nnlite.arguments import number
from nnlite.nn.module import Module
from nnlite.random import generator
from nnlite.tensor import Tensor


class Dropout(Module):
    """Silence each number with probability `p` while training.

    Examples
    --------
    >>> Dropout(0.5).eval()([1.0, 2.0])
    Tensor([1., 2.])
    """

    function = staticmethod(F.dropout)

    def __init__(self, p: float = 0.5, rng: Any = None) -> None:
        self.p = number(p, f"{type(self).__name__}: p", low=0, high=1)
        self.rng = None if rng is None else generator(rng, f"{type(self).__name__}: rng")

    def forward(self, x: Any) -> Tensor:
        """Map any shape to the same shape."""
        return self.function(x, self.p, self.training, self.rng)

    def extra_repr(self) -> str:
        """Return the probability."""
        return f"p={self.p}"


class Dropout1d(Dropout):
    """Silence whole channels of sequences (N, C, L) (Tompson et al. 2014)."""

    function = staticmethod(F.dropout1d)


class Dropout2d(Dropout):
    """Silence whole channels of pictures (N, C, H, W)."""

    function = staticmethod(F.dropout2d)
