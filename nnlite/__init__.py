"""nnlite: every idea of modern neural networks, written from scratch, small enough to read, fast enough to use.

>>> import nnlite
>>> from nnlite import nn, optim, functional as F
"""

from __future__ import annotations

import importlib
from typing import Any

from nnlite import functional
from nnlite.kernels import get_num_threads, kernels_enabled, set_num_threads, use_kernels
from nnlite.random import manual_seed
from nnlite.registry import substitute
from nnlite.tensor import Tensor, no_grad
from nnlite.version import __version__

__all__ = [
    "Tensor",
    "__version__",
    "functional",
    "get_num_threads",
    "kernels_enabled",
    "manual_seed",
    "no_grad",
    "set_num_threads",
    "substitute",
    "use_kernels",
]

_lazy = {"autograd", "course", "data", "diffusion", "models", "nn", "optim", "plots", "tasks", "tour", "training"}


def __getattr__(name: str) -> Any:
    if name in _lazy:
        return importlib.import_module(f"nnlite.{name}")
    raise AttributeError(f"module 'nnlite' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*__all__, *_lazy})
