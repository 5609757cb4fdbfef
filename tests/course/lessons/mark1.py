"""Lesson 03: what its mutants are tried on, and why some survive."""

from __future__ import annotations

from typing import Any

import numpy as np


def some_machine(rng: np.random.Generator) -> tuple[Any, ...]:
    n, s, a = rng.integers(1, 8, 3)
    dtype = rng.choice([np.float32, np.float64])
    C, S = rng.integers(-1, 2, (s, a)).astype(dtype), rng.integers(0, 2, (n, s)).astype(dtype)
    return (C, S) if rng.random() < 0.3 else (C, S, float(rng.integers(-3, 4)))


def some_lesson(rng: np.random.Generator) -> tuple[Any, ...]:
    r, d = rng.integers(1, 6, 2)
    dtype = rng.choice([np.float32, np.float64])
    w = rng.integers(-4, 5, (r, d)).astype(dtype)
    return w, rng.integers(0, 2, d).astype(dtype), rng.choice([-1, 1], r).astype(dtype)


def some_scores(rng: np.random.Generator) -> tuple[Any, ...]:
    n, c = rng.integers(1, 8, 2)
    scores = rng.normal(size=(n, c)).round(rng.integers(0, 3)).astype(rng.choice([np.float32, np.float64]))
    if rng.random() < 0.3:
        scores[rng.random((n, c)) < 0.2] = rng.choice([np.nan, np.inf, -np.inf])
    return scores, rng.integers(0, c, n)


def some_answers(rng: np.random.Generator) -> tuple[Any, ...]:
    classes = rng.permutation(20)[: rng.integers(1, 8)] - 5
    y, predicted = rng.choice(classes, (2, rng.integers(1, 30)))
    return y, predicted, classes


def some_deck(rng: np.random.Generator) -> tuple[Any, ...]:
    n = int(rng.integers(2, 25))
    return rng.integers(-2, 3, n), rng.permutation(n), int(rng.integers(2, n + 1))


BROAD = {
    "mark1.associate": some_machine,
    "mark1.update": some_lesson,
    "metrics.accuracy": some_scores,
    "metrics.confusion_matrix": some_answers,
    "split.folds": some_deck,
}

_SAME_LENGTH = "y, order and the points dealt are all N long."
_SAME_DTYPE = "S, C and net have one dtype."

EXPLAINED = {
    ("mark1.associate", "return (net >= threshold).astype(C.dtype)"): _SAME_DTYPE,
    ("mark1.associate", "return (net >= threshold).astype(net.dtype)"): _SAME_DTYPE,
    ("mark1.associate", "return (net >= threshold).astype(np.ones_like(S).dtype)"): _SAME_DTYPE,
    ("mark1.update", "return w + np.outer(wrong / y, a)"): "y is +1 or -1, and so is 1 / y.",
    ("metrics.accuracy", "best = scores.argmax(axis=-1)"): "Of two axes the last is axis 1.",
    ("metrics.accuracy", "known = ~np.isnan(scores).any(axis=-1)"): "Of two axes the last is axis 1.",
    ("metrics.accuracy", "return np.mean((best == labels) & known)"): "A NumPy number is one number as well.",
    ("split.folds", "fold = np.empty(len(dealt), np.int64)"): _SAME_LENGTH,
    ("split.folds", "fold = np.empty(len(order), np.int64)"): _SAME_LENGTH,
    ("split.folds", "fold = np.empty(len(np.ones_like(y)), np.int64)"): _SAME_LENGTH,
    ("split.folds", "fold[dealt] = np.arange(len(dealt)) % k"): _SAME_LENGTH,
    ("split.folds", "fold[dealt] = np.arange(len(fold)) % k"): _SAME_LENGTH,
    ("split.folds", "fold[dealt] = np.arange(len(order)) % k"): _SAME_LENGTH,
    ("split.folds", "fold[dealt] = np.arange(len(np.ones_like(y))) % k"): _SAME_LENGTH,
}
