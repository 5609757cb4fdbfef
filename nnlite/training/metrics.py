"""What a model answers, and how often it is right."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlite.arguments import Array, integer
from nnlite.nn import Module
from nnlite.tensor import as_plain, no_grad


def predict(model: Module, x: Any, batch_size: int = 256) -> Array:
    """Run the model in evaluation mode without recording, batch by batch; return one array.

    Examples
    --------
    >>> from nnlite import nn
    >>> predict(nn.Linear(2, 3, rng=0), np.ones((5, 2))).shape
    (5, 3)
    """
    batch_size = integer(batch_size, "predict: batch_size", low=1)
    x = as_plain(x)
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        with no_grad():
            outputs = [model(x[i : i + batch_size]).data for i in range(0, max(len(x), 1), batch_size)]
    finally:
        for module, training in modes:
            module.training = training
    return np.concatenate(outputs)


def accuracy(scores: Any, labels: Any) -> float:
    """Return the share of rows whose largest score stands at the label.

    Parameters
    ----------
    scores : (N, C)
    labels : integers (N,)

    Examples
    --------
    >>> accuracy([[0.1, 0.9], [0.8, 0.2]], np.array([1, 1]))
    0.5
    """
    scores, labels = np.asarray(as_plain(scores)), np.asarray(as_plain(labels))
    if scores.ndim != 2 or labels.shape != scores.shape[:1]:
        raise ValueError(
            f"accuracy: labels has shape {labels.shape}, expected one for each row of scores {scores.shape}"
        )
    if not len(labels):
        raise ValueError("accuracy: labels is empty, expected at least one")
    # the largest of numbers with a NaN among them is not known, so such a row is wrong
    return float(((scores.argmax(1) == labels) & ~np.isnan(scores.max(1))).mean())
