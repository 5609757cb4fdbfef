"""One function for every exercise, on all the processors there are: half of the time on two."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

import pytest

from nnlite.course import lessons


def spread(function: Callable[[str], Any], request: pytest.FixtureRequest) -> dict[str, Any]:
    """Return ``function(name)`` by the name of each exercise that the chosen tests speak of."""
    tests = " ".join(item.name for item in request.session.items if item.path == request.path)
    names = [name for name in lessons.EXERCISES if name in tests]
    # Not forked: a check may have left threads behind.
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        return dict(zip(names, pool.map(function, names)))
