"""Where a number that is not finite came from: the first module whose output holds one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from nnlite.nn import Module
from nnlite.tensor import as_plain, no_grad


def first_cause(model: Module, inputs: list[Any], target: Any) -> str:
    """Run the model once more and say where the first NaN or infinity appears.

    Parameters
    ----------
    model
        The model.
    inputs, target
        The batch whose loss was not finite.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite import nn
    >>> from nnlite.training.finite import first_cause
    >>> model = nn.Sequential(nn.Linear(1, 1, rng=0), nn.ReLU())
    >>> model[0].bias.data[:] = np.inf
    >>> first_cause(model, [np.ones((1, 1))], np.ones((1, 1)))
    "the weight '0.bias' was not finite before this step"
    """
    for i, x in enumerate(inputs):
        if not _is_finite(x):
            return f"input {i} of the batch is not finite"
    for name, parameter in model.named_parameters():
        if not _is_finite(parameter):
            return f"the weight {name!r} was not finite before this step"
    found: list[str] = []
    hooks = []

    def watch(name: str) -> Any:
        def hook(module: Module, args: Any, output: Any) -> None:
            if not found and not all(map(_is_finite, _leaves(output))):
                where = f"module {name!r} ({type(module).__name__})" if name else f"the model ({type(module).__name__})"
                found.append(f"{where} is the first whose output is not finite")

        return hook

    for name, module in model.named_modules():
        hooks.append(module.register_forward_hook(watch(name)))
    try:
        with no_grad(), np.errstate(all="ignore"):
            model(*inputs)
    finally:
        for hook in hooks:
            hook.remove()
    if found:
        return found[0]
    if not _is_finite(target):
        return "the target of the batch is not finite"
    return "every module's output is finite: it came about in the loss function"


def first_gradient(model: Module) -> str:
    """Return the name of the first weight whose gradient is not finite."""
    for name, parameter in model.named_parameters():
        if parameter.grad is not None and not np.isfinite(parameter.grad).all():
            return f"the weight {name!r} is the first with a gradient that is not finite"
    return "the gradients are finite, but their norm is not"


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, tuple | list):
        for item in value:
            yield from _leaves(item)
    elif isinstance(value, dict):
        yield from _leaves(list(value.values()))
    else:
        yield value


def _is_finite(value: Any) -> bool:
    array = as_plain(value)
    return not isinstance(array, np.ndarray) or array.dtype.kind != "f" or bool(np.isfinite(array).all())
