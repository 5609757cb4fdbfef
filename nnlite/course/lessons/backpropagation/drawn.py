"""What several exercises of lesson 05 share: the inputs that their checks draw."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from nnlite.course.checks import strategies as st

dtypes = st.sampled_from([np.float64, np.float32])


def halves(draw: Any, shape: tuple[int, ...], dtype: Any, most: int = 4) -> Any:
    """An array of small halves: easy to read, exact in every dtype."""
    size = math.prod(shape)
    values = draw(st.lists(st.integers(-most, most), min_size=size, max_size=size))
    return (np.array(values).reshape(shape) / 2).astype(dtype)
