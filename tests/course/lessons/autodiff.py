"""Lesson 06: what its mutants are tried on, and why some survive."""

from __future__ import annotations

from typing import Any

import numpy as np


def some_scores(rng: np.random.Generator) -> tuple[Any, ...]:
    shape = tuple(rng.integers(1, 5, size=rng.integers(1, 5)))
    x = (rng.choice([1.0, 30.0, 2000.0]) * rng.normal(size=shape)).astype(rng.choice([np.float32, np.float64]))
    if shape[-1] > 1 and rng.random() < 0.2:
        x[..., 0] = -np.inf
    return (x,) if rng.random() < 0.2 else (x, int(rng.integers(-len(shape), len(shape))))


def some_factors(rng: np.random.Generator) -> tuple[Any, ...]:
    shape = tuple(rng.integers(1, 4, size=rng.integers(1, 4)))
    dtype = rng.choice([np.float32, np.float64])
    narrow = tuple(n if rng.random() < 0.6 else 1 for n in shape[rng.integers(0, len(shape) + 1) :])
    factors = [rng.normal(size=shape).astype(dtype), np.asarray(rng.normal(size=narrow)).astype(dtype)]
    return tuple(factors[:: rng.choice([1, -1])])


def some_graph(rng: np.random.Generator) -> tuple[Any, ...]:
    n = int(rng.integers(1, 12))
    place = rng.permutation(n).tolist()
    inputs: list[tuple[int, ...]] = [()] * n
    for i in range(1, n):
        inputs[place[i]] = tuple(place[j] for j in rng.integers(0, i, size=rng.integers(0, 4)))
    return (tuple(inputs),)


def some_sum(rng: np.random.Generator) -> tuple[Any, ...]:
    shape = tuple(rng.integers(1, 4, size=rng.integers(1, 5)))
    x = rng.normal(size=shape).astype(rng.choice([np.float32, np.float64]))
    axes = tuple(int(d) for d in rng.permutation(len(shape))[: rng.integers(1, len(shape) + 1)])
    dim = [None, axes[0], axes[0] - len(shape), axes][rng.integers(4)]
    return (x,) if rng.random() < 0.1 else (x, dim, bool(rng.random() < 0.5))


def some_stretching(rng: np.random.Generator) -> tuple[Any, ...]:
    shape = tuple(int(n) for n in rng.integers(1, 4, size=rng.integers(2, 5)))
    narrow = tuple(n if rng.random() < 0.6 else 1 for n in shape[rng.integers(0, len(shape)) :])
    grad = rng.normal(size=shape).astype(rng.choice([np.float32, np.float64]))
    return grad, narrow if narrow != shape else (1,)


def some_matrices(rng: np.random.Generator) -> tuple[Any, ...]:
    n, k, m = rng.integers(1, 5, size=3)
    dtype = rng.choice([np.float32, np.float64])
    return rng.normal(size=(n, k)).astype(dtype), rng.normal(size=(k, m)).astype(dtype)


BROAD = {
    "functional.mul": some_factors,
    "autodiff.topological_order": some_graph,
    "functional.sum": some_sum,
    "autodiff.unbroadcast": some_stretching,
    "functional.mm": some_matrices,
    "functional.softmax": some_scores,
}

EXPLAINED = {
    ("functional.mul", "dother = dy * x if needs[-1] else None"): "Of two, the last is the second.",
    ("functional.mm", "dother = x.T @ dy if needs[-1] else None"): "Of two, the last is the second.",
    (
        "autodiff.topological_order",
        "ready = [node for node in range(len(inputs)) if uses[node] <= 0]",
    ): "A count of uses is never below 0.",
    ("autodiff.topological_order", "if uses[source] <= 0:"): "A count of uses is never below 0.",
    (
        "autodiff.topological_order",
        "ready = [node for node in range(len(uses)) if uses[node] == 0]",
    ): "There is one count for each node.",
    ("functional.sum", "over = _axes(np.ones_like(x), dim)"): "Only the number of axes is asked for.",
    ("functional.sum", "y = np.sum(x, axis=dim, keepdims=keepdim)"): "NumPy understands the same axes.",
    ("functional.sum", "return np.broadcast_to(kept, np.ones_like(x).shape)"): "Only the shape is asked for.",
    (
        "autodiff.unbroadcast",
        "stretched = (i + added for i, n in enumerate(shape) if n == 1)",
    ): "It is unpacked once, so a generator will do.",
    (
        "autodiff.unbroadcast",
        "stretched = tuple((i + added for i, n in enumerate(shape) if n <= 1))",
    ): "An axis of length 0 is never stretched, and its sum over nothing does not come up.",
    ("autodiff.unbroadcast", "added = np.ones_like(grad).ndim - len(shape)"): "Only the number of axes is asked for.",
    ("autodiff.unbroadcast", "added = grad.ndim - len(np.ones_like(shape))"): "Only the number of axes is asked for.",
    (
        "functional.softmax",
        "e = np.exp(x - np.max(x, axis=dim, keepdims=True))",
    ): "initial= only matters along an axis of length 0, which no student is asked about.",
}
