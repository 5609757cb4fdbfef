"""Lesson 02: what its mutants are tried on, and why some survive."""

from __future__ import annotations

from typing import Any

import numpy as np


def some_points(rng: np.random.Generator) -> tuple[Any, ...]:
    n, d = rng.integers(1, 8), rng.integers(1, 6)
    dtype = rng.choice([np.float32, np.float64])
    scale = rng.choice([1.0, 100.0])
    X = (scale * rng.normal(size=(n, d))).round(rng.integers(0, 3)).astype(dtype)
    w = rng.normal(size=d).round(rng.integers(0, 3)).astype(dtype)
    return w, X, rng.choice([-1, 1], n).astype(dtype)


def one_point(rng: np.random.Generator) -> tuple[Any, ...]:
    w, X, y = some_points(rng)
    rate = float(rng.choice([1.0, 0.3, 2.0]))
    return (w * rng.integers(0, 2), X[0], int(y[0])) + ((rate,) if rng.random() < 0.8 else ())


def separated_points(rng: np.random.Generator) -> tuple[Any, ...]:
    w, X, _ = some_points(rng)
    w[w == 0] = 1
    X[np.abs(X @ w) < 0.1] = w
    return w, X, np.where(X @ w > 0, 1, -1).astype(X.dtype)


def one_point_of_many_classes(rng: np.random.Generator) -> tuple[Any, ...]:
    _, W, _ = some_points(rng)
    W = np.concatenate([W, W[:1]])
    x = rng.normal(size=W.shape[1]).round(rng.integers(0, 3)).astype(W.dtype)
    rate = float(rng.choice([1.0, 0.3, 2.0]))
    return (W * rng.integers(0, 2), x, int(rng.integers(len(W)))) + ((rate,) if rng.random() < 0.8 else ())


BROAD = {
    "perceptron.loss": some_points,
    "perceptron.update": one_point,
    "perceptron.subgradient": some_points,
    "perceptron.mistake_bound": separated_points,
    "perceptron.multiclass_update": one_point_of_many_classes,
}

EXPLAINED = {
    ("perceptron.update", "return w + learning_rate / y * x"): "y is +1 or -1: to divide by it is to multiply by it.",
    ("perceptron.mistake_bound", "return (R / gamma) ** 2"): "A NumPy number is one number as well.",
    ("perceptron.mistake_bound", "R = np.linalg.norm(X, axis=-1).max()"): "Of two axes the last is the second.",
    (
        "perceptron.multiclass_update",
        "if scores[label] <= rivals[rival]:",
    ): "Only the right class differs between scores and rivals, and the rival is another.",
    (
        "perceptron.multiclass_update",
        "rivals = np.where(np.arange(len(scores)) == label, -np.inf, scores)",
    ): "There are as many scores as classes.",
    (
        "perceptron.multiclass_update",
        "rivals = np.where(np.arange(len(np.ones_like(W))) == label, -np.inf, scores)",
    ): "Ones like W have as many rows as W.",
    ("perceptron.loss", "return (-margin[margin < 0]).sum()"): "A NumPy number is one number as well.",
    (
        "perceptron.loss",
        "return float((-margin[margin <= 0]).sum())",
    ): "A point with net = 0 adds nothing, counted or not.",
}
