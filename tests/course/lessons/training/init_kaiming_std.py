"""init.kaiming_std: what its mutants are tried on, and why some survive."""

from __future__ import annotations

from typing import Any

import numpy as np


def some_weight(rng: np.random.Generator) -> tuple[Any, ...]:
    shape = tuple(int(n) for n in rng.integers(1, 40, size=rng.integers(2, 6)))
    args = shape, float(rng.uniform(0.1, 3))
    return args if rng.random() < 0.2 else (*args, str(rng.choice(["fan_in", "fan_out"])))


BROAD = some_weight
EXPLAINED = {
    "fan = points * (inputs if mode <= 'fan_in' else neurons)": (
        "There are two modes, and 'fan_out' comes later in the alphabet."
    ),
}
