"""How weights begin: random, of a size that keeps signals neither growing nor fading from layer to layer."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from nnlite.arguments import Array
from nnlite.random import generator


def uniform(shape: tuple[int, ...], bound: float, rng: Any = None) -> Array:
    """Return float32 numbers drawn evenly from [-bound, bound).

    Examples
    --------
    >>> uniform((2, 3), 0.5, rng=0).dtype
    dtype('float32')
    """
    return generator(rng).uniform(-bound, bound, shape).astype(np.float32)


def normal(shape: tuple[int, ...], std: float, rng: Any = None) -> Array:
    """Return float32 numbers drawn from a normal distribution with mean 0.

    Examples
    --------
    >>> normal((2, 3), 1.0, rng=0).shape
    (2, 3)
    """
    return (generator(rng).standard_normal(shape) * std).astype(np.float32)


def fan_in_uniform(shape: tuple[int, ...], fan_in: int, rng: Any = None) -> Array:
    """Return weights with bound 1/sqrt(fan_in), PyTorch's default for linear and convolution layers.

    Examples
    --------
    >>> bool(np.abs(fan_in_uniform((100, 4), 4, rng=0)).max() <= 0.5)
    True
    """
    return uniform(shape, 1 / math.sqrt(fan_in) if fan_in > 0 else 0.0, rng)


def xavier_uniform(shape: tuple[int, int], rng: Any = None) -> Array:
    """Return weights with bound sqrt(6 / (fan_in + fan_out)) (Glorot and Bengio 2010).

    Examples
    --------
    >>> bool(np.abs(xavier_uniform((3, 3), rng=0)).max() <= 1)
    True
    """
    return uniform(shape, math.sqrt(6 / (shape[0] + shape[1])), rng)
