"""What several exercises of lesson 03 share: the inputs that their checks draw."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlite.course.checks import strategies as st

FLOATS = st.sampled_from([np.float64, np.float32])


def table(draw: Any, rows: int, columns: int, entry: Any, dtype: Any) -> Any:
    """Draw an array (rows, columns)."""
    return np.array(
        draw(st.lists(st.lists(entry, min_size=columns, max_size=columns), min_size=rows, max_size=rows)), dtype
    )
