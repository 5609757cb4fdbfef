"""Lesson 07: what its mutants are tried on, and why some survive."""

from __future__ import annotations

from typing import Any

import numpy as np


def some_scores(rng: np.random.Generator) -> tuple[Any, ...]:
    shape = tuple(rng.integers(1, 5, size=rng.integers(1, 5)))
    x = (rng.choice([1.0, 30.0, 2000.0]) * rng.normal(size=shape)).astype(rng.choice([np.float32, np.float64]))
    return (x,) if rng.random() < 0.2 else (x, int(rng.integers(-len(shape), len(shape))))


def some_weight(rng: np.random.Generator) -> tuple[Any, ...]:
    shape = tuple(int(n) for n in rng.integers(1, 40, size=rng.integers(2, 6)))
    args = shape, float(rng.uniform(0.1, 3))
    return args if rng.random() < 0.2 else (*args, str(rng.choice(["fan_in", "fan_out"])))


def some_step(rng: np.random.Generator, arrays: int) -> list[Any]:
    shape = tuple(rng.integers(1, 5, size=rng.integers(1, 4)))
    dtype = rng.choice([np.float32, np.float64])
    return [rng.normal(size=shape).astype(dtype) for _ in range(arrays)]


def some_momentum_step(rng: np.random.Generator) -> tuple[Any, ...]:
    args = *some_step(rng, 3), float(rng.uniform(0, 2)), float(rng.uniform(0, 1))
    return args if rng.random() < 0.2 else (*args, bool(rng.random() < 0.5))


def some_adam_step(rng: np.random.Generator) -> tuple[Any, ...]:
    w, grad, m, v = some_step(rng, 4)
    beta1, beta2 = rng.uniform(0.1, 0.99, 2).tolist()
    t = int(rng.integers(1, 50))
    lr, eps, l2, decay = rng.uniform(0, 1, 4).tolist()
    return w, grad, m, v * v, lr, beta1, beta2, eps, l2, decay, 1 - beta1**t, 1 - beta2**t


def some_time(rng: np.random.Generator) -> tuple[Any, ...]:
    warmup = int(rng.integers(0, 50))
    total = warmup + int(rng.integers(1, 100))
    args = int(rng.integers(0, total + 50)), total
    return args if rng.random() < 0.2 else (*args, warmup, float(rng.uniform(0, 1)))


def some_activations(rng: np.random.Generator) -> tuple[Any, ...]:
    (x,) = some_step(rng, 1)
    u = rng.random(x.shape if rng.random() < 0.8 else (*x.shape[:-1], 1)).astype(rng.choice([np.float32, np.float64]))
    return x, u, float(rng.choice([0.0, rng.random(), 1.0]))


BROAD = {
    "functional.log_softmax": some_scores,
    "init.kaiming_std": some_weight,
    "optim.momentum_step": some_momentum_step,
    "optim.adam_step": some_adam_step,
    "optim.cosine": some_time,
    "functional.inverted_dropout": some_activations,
}

WARNINGS = "errstate only silences warnings about slices of -inf, which no student is asked about."
ZERO = "0 is 0.0."

EXPLAINED = {
    (
        "functional.log_softmax",
        "shifted = x - np.max(x, axis=dim, keepdims=True)",
    ): "initial= only matters along an axis of length 0, which no student is asked about.",
    ("functional.log_softmax", "with np.errstate(invalid='ignore'):"): WARNINGS,
    ("functional.log_softmax", "with np.errstate(divide='ignore'):"): WARNINGS,
    (
        "init.kaiming_std",
        "fan = points * (inputs if mode <= 'fan_in' else neurons)",
    ): "There are two modes, and 'fan_out' comes later in the alphabet.",
    ("optim.cosine", "def cosine(t, total, warmup=0, final=-0.0):"): ZERO,
    ("optim.cosine", "def cosine(t, total, warmup=0, final=0):"): ZERO,
    ("functional.inverted_dropout", "if p != 1:"): "A probability is never more than 1.",
    ("functional.inverted_dropout", "keep = (u >= p).astype(np.ones_like(x).dtype)"): "The dtype stays that of x.",
}
