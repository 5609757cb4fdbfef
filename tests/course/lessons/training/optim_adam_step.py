"""optim.adam_step: what its mutants are tried on, and why some survive."""

from __future__ import annotations

from typing import Any

import numpy as np

from lessons.training.drawn import some_step


def some_adam_step(rng: np.random.Generator) -> tuple[Any, ...]:
    w, grad, m, v = some_step(rng, 4)
    beta1, beta2 = rng.uniform(0.1, 0.99, 2).tolist()
    t = int(rng.integers(1, 50))
    lr, eps, l2, decay = rng.uniform(0, 1, 4).tolist()
    return w, grad, m, v * v, lr, beta1, beta2, eps, l2, decay, 1 - beta1**t, 1 - beta2**t


BROAD = some_adam_step
EXPLAINED: dict[str, str] = {}
