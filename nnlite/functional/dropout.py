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


def _check_channels(name: str, least: int) -> Any:
    def check(x: Array, p: float, training: bool, rng: Any) -> None:
        number(p, f"{name}: p", low=0, high=1)
        generator(rng)
        if x.ndim < least:
            raise ValueError(
                f"{name}: x has shape {x.shape}, expected (N, C{', ...' * (least > 2)}) with at least {least} axes"
            )

    return check


def _drop_channels(x: Array, p: float, training: bool, rng: Any) -> Any:
    if not training or p == 0:
        return x.copy(), lambda dy: dy
    keep = (generator(rng).random(x.shape[:2], np.float32) >= p).astype(x.dtype)
    if p < 1:
        keep /= 1 - p
    keep = keep.reshape(*x.shape[:2], *(1,) * (x.ndim - 2))
    return x * keep, lambda dy: dy * keep


@differentiable(check=_check_channels("dropout1d", 3))
def dropout1d(x: Array, p: float = 0.5, training: bool = True, rng: np.random.Generator | int | None = None):
    """Silence whole channels of sequences (N, C, L): neighbours along L say much the same (Tompson et al. 2014).

    Examples
    --------
    >>> dropout1d(np.ones((1, 2, 3)), training=False).shape
    (1, 2, 3)
    """
    return _drop_channels(x, p, training, rng)


@differentiable(check=_check_channels("dropout2d", 4))
def dropout2d(x: Array, p: float = 0.5, training: bool = True, rng: np.random.Generator | int | None = None):
    """Silence whole channels of pictures (N, C, H, W).

    Examples
    --------
    >>> dropout2d(np.ones((1, 2, 3, 3)), training=False).shape
    (1, 2, 3, 3)
    """
    return _drop_channels(x, p, training, rng)
