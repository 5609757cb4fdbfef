"""Dropout: silence each number with probability p while training, and scale the others by 1/(1-p) so that the
expected value stays the same (Srivastava et al. 2014)."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlite.arguments import Array, number
from nnlite.random import generator
from nnlite.tensor import differentiable


def _check_dropout(x: Array, p: float, training: bool, rng: Any) -> None:
    number(p, "dropout: p", low=0, high=1)
    generator(rng)


@differentiable(check=_check_dropout)
def dropout(x: Array, p: float = 0.5, training: bool = True, rng: np.random.Generator | int | None = None):
    """Return `x` with each element set to 0 with probability `p` and the others divided by ``1 - p``.

    Examples
    --------
    >>> dropout([1.0, 1.0], training=False)
    Tensor([1., 1.])
    """
    if not training or p == 0:
        return x.copy(), lambda dy: dy
    keep = (generator(rng).random(x.shape, np.float32) >= p).astype(x.dtype)
    if p < 1:
        keep /= 1 - p
    return x * keep, lambda dy: dy * keep
