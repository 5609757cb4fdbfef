"""What several exercises of lesson 04 share: the inputs that their checks draw."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlite.course.checks import strategies as st

dtypes = st.sampled_from([np.float64, np.float32])
rates = st.sampled_from([0.5, 0.25, 1.0])


def whole(draw: Any, *shape: int, most: int = 3) -> Any:
    """An array of small whole numbers: easy to read, exact in every dtype."""
    size = int(np.prod(shape))
    return np.array(draw(st.lists(st.integers(-most, most), min_size=size, max_size=size)), float).reshape(shape)


@st.composite
def problems(draw: Any, answers: tuple[int, ...] = (1, -1), most: int = 3, points: tuple[int, ...] = (1, 2, 3)) -> Any:
    """A few weights, points and answers, in one float dtype."""
    n, d, dtype = draw(st.sampled_from(points)), draw(st.integers(1, 3)), draw(dtypes)
    y = np.array([draw(st.sampled_from(answers)) for _ in range(n)], dtype)
    return whole(draw, d, most=most).astype(dtype), whole(draw, n, d, most=most).astype(dtype), y


def sigmoid(net: Any) -> Any:
    """The sigmoid, without overflow: for the wrong answers."""
    return (1 + np.tanh(net / 2)) / 2
