"""autodiff.topological_order: what its mutants are tried on, and why some survive."""

from __future__ import annotations

from typing import Any

import numpy as np


def some_graph(rng: np.random.Generator) -> tuple[Any, ...]:
    n = int(rng.integers(1, 12))
    place = rng.permutation(n).tolist()
    inputs: list[tuple[int, ...]] = [()] * n
    for i in range(1, n):
        inputs[place[i]] = tuple(place[j] for j in rng.integers(0, i, size=rng.integers(0, 4)))
    return (tuple(inputs),)


BROAD = some_graph
EXPLAINED = {
    "ready = [node for node in range(len(inputs)) if uses[node] <= 0]": "A count of uses is never below 0.",
    "if uses[source] <= 0:": "A count of uses is never below 0.",
    "ready = [node for node in range(len(uses)) if uses[node] == 0]": "There is one count for each node.",
}
