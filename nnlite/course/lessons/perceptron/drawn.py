"""What several exercises of lesson 02 share: the inputs that their checks draw."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlite.course.checks import strategies as st


@st.composite
def problems(draw: Any) -> Any:
    """A few weights, points and labels, small whole numbers, in one float dtype."""
    n, d = draw(st.integers(1, 4)), draw(st.integers(1, 3))
    dtype = draw(st.sampled_from([np.float64, np.float32]))
    entry = st.integers(-4, 4)
    w = np.array(draw(st.lists(entry, min_size=d, max_size=d)), dtype)
    X = np.array([draw(st.lists(entry, min_size=d, max_size=d)) for _ in range(n)], dtype)
    y = np.array([draw(st.sampled_from([1, -1])) for _ in range(n)], dtype)
    return w, X, y
