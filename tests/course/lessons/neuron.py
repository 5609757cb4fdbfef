"""Lesson 01: what its mutants are tried on, and why some survive."""

from __future__ import annotations

from typing import Any

import numpy as np


def some_points(rng: np.random.Generator) -> tuple[Any, ...]:
    shape = tuple(rng.integers(1, 5, size=rng.integers(1, 4)))
    return (rng.normal(size=shape).astype(rng.choice([np.float32, np.float64])),)


def some_weights_and_points(rng: np.random.Generator) -> tuple[Any, ...]:
    shape = tuple(rng.integers(1, 7, size=rng.integers(1, 3)))
    dtype = rng.choice([np.float32, np.float64])
    return rng.normal(size=shape[-1]).astype(dtype), rng.normal(size=shape).astype(dtype)


def some_nets(rng: np.random.Generator) -> tuple[Any, ...]:
    shape = tuple(rng.integers(1, 5, size=rng.integers(1, 4)))
    net = rng.choice([1.0, 30.0, 2000.0]) * rng.normal(size=shape)
    return (net.astype(rng.choice([np.float32, np.float64])),)


BROAD = {
    "neuron.with_bias": some_points,
    "neuron.net": some_weights_and_points,
    "neuron.sigmoid": some_nets,
    "neuron.sigmoid_derivative": some_nets,
}

EXPLAINED = {
    (
        "neuron.with_bias",
        "ones = np.ones((*X.shape[:-1], 1), np.ones_like(X).dtype)",
    ): "Ones like X have the dtype of X.",
    (
        "neuron.with_bias",
        "ones = np.ones((*np.ones_like(X).shape[:-1], 1), X.dtype)",
    ): "Ones like X have the shape of X.",
    ("neuron.with_bias", "return np.concatenate([np.ones_like(ones), X], axis=-1)"): "Ones are ones.",
    (
        "neuron.sigmoid",
        "return np.where(net > 0, 1, e) / (1 + e)",
    ): "Where net is 0, e is 1: both sides give the same.",
}
