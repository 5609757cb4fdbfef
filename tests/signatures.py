"""What the twins call the kernels with; ``python tests/signatures.py`` writes it into the library's table.

Every twin is run, there and back, on the samples of the property tests; what Numba was asked to compile is read off.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from samples import SAMPLES, Die

from nnlite import optim
from nnlite.data import cats
from nnlite.differentiable import Differentiable
from nnlite.kernels import warmup
from nnlite.models import adaline, perceptron
from nnlite.models.neurons.multiclass import MulticlassPerceptron
from nnlite.registry import REGISTRY
from nnlite.tensor import Tensor


def there_and_back(name: str, dtype: Any = np.float32, examples: int = 40) -> None:
    """Run one differentiable function and its gradient on a few samples."""
    entry: Any = REGISTRY[name]
    for seed in range(examples):
        given = SAMPLES[name](Die(seed, dtype))
        args = [*given, *entry.signature.defaults[len(given) :]]
        floats = [isinstance(a, np.ndarray) and a.dtype.kind == "f" for a in args]
        y = entry(*[Tensor(a, requires_grad=True) if f else a for a, f in zip(args, floats)])
        for part in y if isinstance(y, tuple) else (y,):
            if isinstance(part, Tensor) and part.requires_grad:
                part.backward(np.ones(part.shape, part.dtype), retain_graph=True)


def a_perceptron(dtype: Any) -> None:
    X = np.array([[1, 1, 0], [1, 0, 1], [1, 1, 1]], dtype)
    y = np.array([1, -1, 1])
    perceptron.train_online(np.zeros(3, dtype), X, y.astype(dtype), 2, np.array([[0, 1, 2]]))
    perceptron.losses(np.zeros((2, 3), dtype), X, y.astype(dtype))
    perceptron.Perceptron().fit(X[:, 1:], y)
    perceptron.Perceptron(rule="averaged").fit(X[:, 1:], y)
    perceptron.Perceptron(rule="pocket", rng=0).fit(X[:, 1:], y)
    MulticlassPerceptron().fit(X[:, 1:], y)


def an_adaline(dtype: Any) -> None:
    X, y = np.array([[1, 1, 0], [1, 0, 1]], dtype), np.array([1, -1], dtype)
    adaline.train_online(np.zeros(3, dtype), X, y, np.array([0, 1]))
    adaline.Adaline(max_iter=1).fit(X[:, 1:], y)


def a_step_of_adam(dtype: Any) -> None:
    w = Tensor(np.ones(3, dtype), requires_grad=True)
    w.grad = np.ones(3, dtype)
    optim.AdamW([w]).step()


def a_cat(dtype: Any) -> None:
    cats.draw(cats.sample(rng=0), size=8, rng=0)


#: the twins of functions that are not differentiable
OTHERS: list[Callable[[Any], None]] = [a_perceptron, an_adaline, a_step_of_adam, a_cat]


def collect(dtype: str = "float32") -> list[str]:
    """Return the lines of the table, sorted."""
    kernels = warmup.all_kernels()
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        for name, entry in REGISTRY.items():
            if entry.compiled and isinstance(entry, Differentiable) and name in SAMPLES:
                there_and_back(name, np.dtype(dtype).type)
        for other in OTHERS:
            other(np.dtype(dtype).type)
    helpers = called_by_kernels(kernels)
    return sorted(
        {
            " ".join([name, *(warmup.code(argument, dtype) for argument in signature)])
            for name, dispatcher in kernels.items()
            if dispatcher.py_func not in helpers
            for signature in dispatcher.signatures
        }
    )


def called_by_kernels(kernels: dict[str, Any]) -> set[Any]:
    """The functions that are compiled as a part of another kernel."""
    called = set()
    for dispatcher in kernels.values():
        function = dispatcher.py_func
        for name in function.__code__.co_names:
            part = function.__globals__.get(name)
            if hasattr(part, "py_func"):
                called.add(part.py_func)
    return called


if __name__ == "__main__":
    warmup.TABLE.write_text("\n".join(collect()) + "\n", encoding="utf-8")
