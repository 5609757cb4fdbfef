"""What several exercises of lesson 06 share: the inputs that their checks draw."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlite.course.checks import same
from nnlite.course.checks import strategies as st
from nnlite.course.student import Mismatch

dtypes = st.sampled_from([np.float64, np.float32])

# The simplest first: a counterexample is shrunk towards the beginning.
shapes = [(1,), (2,), (3,), (1, 2), (2, 1), (2, 2), (2, 3), (3, 2), (1, 2, 3), (3, 1, 2), (2, 2, 2)]
halves = st.integers(-6, 6)


def arrays(draw: Any, shape: tuple[int, ...], dtype: Any, entries: Any = halves) -> Any:
    """An array of small halves: easy to read, exact in every dtype."""
    size = int(np.prod(shape))
    values = draw(st.lists(entries, min_size=size, max_size=size))
    return np.asarray(np.array(values).reshape(shape) / 2, dtype)


# Which of two inputs want a gradient.
wanted = st.sampled_from([(True, True), (True, False), (False, True)])


def same_if_needed(grads: Any, expected: Any, needs: tuple[bool, bool], sentence: str = "") -> None:
    """Compare the gradients that are needed; in the place of the others stands None."""
    for i, (grad, right, need) in enumerate(zip(grads, expected, needs)):
        label = f"vjp(dy, needs)[{i}]"
        if need:
            same(grad, right, label, sentence)
        elif grad is not None:
            raise Mismatch(f"{label} was not needed (needs is {needs}), expected None in its place.", None, grad, label)


@st.composite
def scores(draw: Any) -> Any:
    """Scores with one to three axes, one of the axes, and an upstream gradient."""
    shape = draw(st.sampled_from(shapes))
    dtype = draw(dtypes)
    x = arrays(draw, shape, dtype)
    dim = draw(st.sampled_from([-1, *range(len(shape)), *range(-len(shape), -1)]))
    return x, dim, arrays(draw, shape, dtype)
