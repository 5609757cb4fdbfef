"""Lesson 04: what its mutants are tried on, and why some survive."""

from __future__ import annotations

from typing import Any

import numpy as np


def some_points(rng: np.random.Generator, answers: tuple[float, ...] = (-1, 1, 0.3)) -> tuple[Any, ...]:
    n, d = rng.integers(1, 8), rng.integers(1, 6)
    dtype = rng.choice([np.float32, np.float64])
    X = rng.normal(size=(n, d)).round(rng.integers(0, 3)).astype(dtype)
    w = rng.normal(size=d).round(rng.integers(0, 3)).astype(dtype)
    return w, X, rng.choice(answers, n).astype(dtype)


def some_descents(rng: np.random.Generator) -> tuple[Any, ...]:
    steps = int(rng.integers(0, 6))
    return (*some_points(rng), steps) if rng.random() < 0.2 else (*some_points(rng), steps, float(rng.uniform(0, 0.3)))


def some_updates(rng: np.random.Generator) -> tuple[Any, ...]:
    w, X, y = some_points(rng)
    return (w, X[0], y[0]) if rng.random() < 0.2 else (w, X[0], y[0], float(rng.uniform(0, 2)))


def some_labelled_points(rng: np.random.Generator) -> tuple[Any, ...]:
    w, X, y = some_points(rng, (0, 1))
    return w, X * X.dtype.type(rng.choice([1, 100, 10000])), y


def some_classes(rng: np.random.Generator) -> tuple[Any, ...]:
    w, X, _ = some_points(rng)
    k = rng.integers(1, 5)
    W = rng.normal(size=(k, len(w))).astype(w.dtype)
    return W, X * X.dtype.type(rng.choice([1, 100, 10000])), rng.integers(0, k, len(X))


BROAD = {
    "adaline.loss": some_points,
    "adaline.train_batch": some_descents,
    "adaline.update": some_updates,
    "logistic.loss": some_labelled_points,
    "logistic.gradient": some_labelled_points,
    "softmax_regression.gradient": some_classes,
}

_NUMBER = "A NumPy number is one number as well."
_COUNT = "As many as there are points: whatever has one entry or row for each point is as long."
_LAST = "The last of two axes is axis 1."

EXPLAINED = {
    ("adaline.loss", "return (error ** 2).mean() / 2"): _NUMBER,
    ("logistic.loss", "return np.logaddexp(0, wrong_way).mean()"): _NUMBER,
    ("softmax_regression.gradient", "E = np.exp(Z - Z.max(axis=-1, keepdims=True))"): _LAST,
    ("softmax_regression.gradient", "P = E / E.sum(axis=-1, keepdims=True)"): _LAST,
}
for _other in ("X", "p", "np.ones_like(y)"):
    EXPLAINED["logistic.gradient", f"return (p - y) @ X / len({_other})"] = _COUNT
for _other in ("E", "P", "X", "Z", "np.ones_like(y)"):
    EXPLAINED["softmax_regression.gradient", f"return P.T @ X / len({_other})"] = _COUNT
    EXPLAINED["softmax_regression.gradient", f"P[np.arange(len({_other})), y] -= 1"] = _COUNT
