"""What several exercises of lesson 01 share: the inputs that their checks draw."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from nnlite.course.checks import strategies as st

dtypes = st.sampled_from([np.float64, np.float32])


def entries(draw: Any, shape: tuple[int, ...], dtype: Any, first: int = 2) -> Any:
    """An array of small whole numbers; the first to be tried is one that no wrong answer gets right by chance."""
    size = math.prod(shape)
    values = draw(st.lists(st.sampled_from([first, 2, -2, 3, -3, 1, -1, 4, -4, 0]), min_size=size, max_size=size))
    return np.array(values, dtype).reshape(shape)


@st.composite
def sums(draw: Any, size: int = 1) -> Any:
    """Nets up to two times `size`, in halves of it: none, one or two axes of them."""
    shape = draw(st.sampled_from([(1,), (2,), (3,), (2, 2), (1, 3), ()]))
    dtype = draw(dtypes)
    return np.asarray(entries(draw, shape, dtype) * dtype(size / 2))


def slowly(function: Any, net: Any) -> Any:
    """Apply a function of one Python number to every entry."""
    return np.array([function(float(z)) for z in net.ravel()]).reshape(net.shape)


def sigmoid(z: float) -> float:
    """The sigmoid of one number, without overflow."""
    e = math.exp(-abs(z))
    return 1 / (1 + e) if z >= 0 else e / (1 + e)
