"""Lesson 05: what its mutants are tried on, and why some survive."""

from __future__ import annotations

from typing import Any

import numpy as np


def _arrays(rng: np.random.Generator, *shapes: tuple[int, ...]) -> list[Any]:
    dtype = rng.choice([np.float32, np.float64])
    scale = rng.choice([0.1, 1.0, 5.0])
    return [(scale * rng.normal(size=shape)).astype(dtype) for shape in shapes]


def some_network(rng: np.random.Generator) -> tuple[Any, ...]:
    n, d, m, k = rng.integers(1, 7, 4)
    return tuple(_arrays(rng, (m, d), (m,), (k, m), (k,), (n, d)))


def some_nets(rng: np.random.Generator) -> tuple[Any, ...]:
    n, k = rng.integers(1, 7, 2)
    (Z,) = _arrays(rng, (n, k))
    return rng.choice([1, 30, 1000]).astype(Z.dtype) * Z, rng.integers(0, k, n)


def some_activations(rng: np.random.Generator) -> tuple[Any, ...]:
    (x,) = _arrays(rng, tuple(rng.integers(1, 5, size=rng.integers(1, 4))))
    return (x,)


def some_backward_pass(rng: np.random.Generator) -> tuple[Any, ...]:
    n, d, m, k = rng.integers(1, 7, 4)
    W2, X, A, dZ = _arrays(rng, (k, m), (n, d), (n, m), (n, k))
    return W2, X, np.tanh(A), dZ


def some_step(rng: np.random.Generator) -> tuple[Any, ...]:
    shape = tuple(rng.integers(1, 5, size=rng.integers(1, 4)))
    return *_arrays(rng, shape, shape, shape), float(rng.random()), float(rng.random())


BROAD = {
    "mlp.forward": some_network,
    "mlp.error": some_nets,
    "functional.tanh": some_activations,
    "mlp.backward": some_backward_pass,
    "mlp.update": some_step,
}

LAST_AXIS = "Nets have two axes: the last one is axis 1."
ROWS = "y, Z, log_P and dZ have one entry or one row for each point: all lengths are N."

EXPLAINED = {
    ("mlp.error", "Z = Z - Z.max(axis=-1, keepdims=True)"): LAST_AXIS,
    ("mlp.error", "log_P = Z - np.log(np.exp(Z).sum(axis=-1, keepdims=True))"): LAST_AXIS,
    ("mlp.error", "return (-log_P[right].mean(), dZ / len(y))"): "A NumPy number is one number as well.",
    ("mlp.error", "right = (np.arange(len(Z)), y)"): ROWS,
    ("mlp.error", "right = (np.arange(len(log_P)), y)"): ROWS,
    ("mlp.error", "right = (np.arange(len(np.ones_like(y))), y)"): ROWS,
    ("mlp.error", "return (float(-log_P[right].mean()), dZ / len(Z))"): ROWS,
    ("mlp.error", "return (float(-log_P[right].mean()), dZ / len(dZ))"): ROWS,
    ("mlp.error", "return (float(-log_P[right].mean()), dZ / len(log_P))"): ROWS,
    ("mlp.error", "return (float(-log_P[right].mean()), dZ / len(np.ones_like(y)))"): ROWS,
}
