"""The ladder: one paper, one file, each readable next to its paper.

``from nnlite.models import Perceptron, perceptron`` finds the estimator and the module with its functions, wherever on
the ladder they stand.
"""

from __future__ import annotations

import importlib
from typing import Any

#: each module by its last name, with the names that are taught from it
_TAUGHT = {
    "nnlite.models.neurons.neuron": ("Neuron", "with_bias"),
    "nnlite.models.neurons.perceptron": ("Perceptron",),
    "nnlite.models.neurons.pocket": ("train_pocket",),
    "nnlite.models.neurons.averaged": ("train_averaged",),
    "nnlite.models.neurons.multiclass": ("MulticlassPerceptron",),
    "nnlite.models.neurons.mark1": ("Mark1", "SingleLayerPerceptron"),
    "nnlite.models.neurons.adaline": ("Adaline",),
    "nnlite.models.neurons.logistic": ("LogisticNeuron",),
    "nnlite.models.networks.softmax_regression": ("SoftmaxRegression",),
    "nnlite.models.networks.mlp": ("MLP", "MLPClassifier"),
    "nnlite.models.sequences.transformer": ("Transformer", "TransformerEncoderLayer", "positional_encoding"),
    "nnlite.training.descent": (),
}
_MODULES = {module.rpartition(".")[2]: module for module in _TAUGHT}
_NAMES = {name: module for module, names in _TAUGHT.items() for name in names}

__all__ = sorted([*_MODULES, *_NAMES])


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return importlib.import_module(_MODULES[name])
    if name in _NAMES:
        return getattr(importlib.import_module(_NAMES[name]), name)
    raise AttributeError(f"module 'nnlite.models' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
