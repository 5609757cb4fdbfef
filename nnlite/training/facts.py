"""What a run is: everything beside weights and randomness that decides its bits, as a tree of numbers and words.

A checkpoint keeps it, so that a run called again can be compared with the one that was begun. Arrays stand there as
their checksums, functions as their names and a checksum of their code.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import inspect
import math
from collections.abc import Iterator, Sized
from types import CodeType, FunctionType, MethodType
from typing import Any

import numpy as np

from nnlite.data import DataLoader
from nnlite.differentiable import Differentiable
from nnlite.kernels import get_num_threads, kernels_enabled
from nnlite.nn import Module
from nnlite.nn.module import Buffer, Parameter
from nnlite.optim import Optimizer, ReduceLROnPlateau, Schedule
from nnlite.tensor import Tensor, as_plain
from nnlite.training.run import Run

#: what an optimizer or a schedule changes while it runs
CHANGING = {"lr", "steps", "step", "t", "best", "bad_steps", "cooling", "optimizer"}

_DEEPEST = 8  # levels of objects in objects


def of_run(run: Run) -> dict[str, Any]:
    """Return what a run begins with and keeps."""
    schedule, batches = run.schedule, run.batches
    return {
        "the model": of_model(run.model),
        "the loss": described(run.loss, with_closure=True),
        "the optimizer": type(run.optimizer).__name__,
        "the optimizer's parameters": [list(p.shape) for p in run.optimizer.params],
        "the optimizer's options": of_optimizer(run.optimizer),
        "the learning rate": run.optimizer.lr,
        "the schedule": None if schedule is None else type(schedule).__name__,
        "the schedule's options": None if schedule is None else described(schedule),
        "clip": described(run.clip),
        "patience": run.patience,
        "keep_best": bool(run.keep_best),
        "the score": described(run.score),
        "the number of batches": len(batches) if isinstance(batches, Sized) else None,
        "the number of threads (nnlite.set_num_threads)": get_num_threads(),
        "the use of kernels (nnlite.use_kernels)": kernels_enabled(),
        "extra": sorted(run.extra),
        "the generators in the model": sorted(run.generators.state_dict()),
    }


def of_model(model: Module) -> dict[str, Any]:
    """Return kind and options of every module, and which weights are frozen, by their dotted names.

    Examples
    --------
    >>> from nnlite import nn
    >>> from nnlite.training.facts import of_model
    >>> of_model(nn.Sequential(nn.LeakyReLU(0.2)))["0"]
    {'kind': 'LeakyReLU', 'negative_slope': 0.2}
    """
    return {name: _of_module(module) for name, module in model.named_modules()}


def _of_module(module: Module) -> dict[str, Any]:
    options: dict[str, Any] = {"kind": type(module).__name__}
    if not type(module).__module__.startswith("nnlite."):
        options["forward"] = described(type(module).forward)
    for name, value in vars(module).items():
        if isinstance(value, Parameter) and not value.requires_grad:
            options[f"{name}.requires_grad"] = False
        apart = isinstance(value, Parameter | Buffer | Module | np.random.Generator)  # has a place of its own
        if name != "training" and not name.startswith("_") and not apart:
            options[name] = described(value)
    return options


def of_optimizer(optimizer: Optimizer) -> list[dict[str, Any]]:
    """Return the options of each group."""
    return [
        {key: described(value) for key, value in group.items() if key != "params" and key not in CHANGING}
        for group in optimizer.param_groups
    ]


def of_data(batches: Any) -> dict[str, Any]:
    """Return what can be known of the batches without going through them: of a DataLoader or a list, all of it."""
    kind: dict[str, Any] = {"kind": type(batches).__name__}
    if isinstance(batches, DataLoader):
        apart = {"arrays", "items", "rng", "collate_fn"}
        options = {key: described(value) for key, value in vars(batches).items() if key not in apart}
        if batches.items is not None:
            options["items"] = _of_items(batches.items)
        if batches.collate_fn is not None:
            options["collate_fn"] = described(inspect.unwrap(batches.collate_fn), with_closure=True)
        return {**kind, **options, "arrays": [_of_array(array) for array in batches.arrays]}
    if isinstance(batches, list | tuple):
        digest = hashlib.sha256()
        for leaf in _leaves(batches):
            digest.update(repr(described(leaf)).encode())
        kind["content"] = digest.hexdigest()[:16]
    return kind


def _of_items(items: Any) -> dict[str, Any]:
    """What can be known of a data set: of a list all of it, of another its length, its code and its arrays."""
    if isinstance(items, list):
        return of_data(items)
    arrays = {k: v for k, v in getattr(items, "__dict__", {}).items() if isinstance(v, np.ndarray | Tensor)}
    code = getattr(type(items), "__getitem__", None)
    return {"kind": type(items).__name__, "length": len(items), "code": described(code), **described(arrays)}


def described(value: Any, depth: int = 0, with_closure: bool = False) -> Any:
    """Return numbers, words and lists and dicts of them, which are the same for two objects that do the same.

    Examples
    --------
    >>> from nnlite import functional as F, nn
    >>> from nnlite.training.facts import described
    >>> described(F.relu), described(nn.CrossEntropyLoss(label_smoothing=0.1))["label_smoothing"]
    ('functional.relu', 0.1)
    """
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and math.isnan(value):
        return "nan"
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Differentiable):
        return value.name
    if isinstance(value, type):
        return value.__qualname__
    if isinstance(value, np.ndarray | Tensor):
        return _of_array(np.asarray(as_plain(value)))
    if isinstance(value, FunctionType):
        return _of_function(value, with_closure)
    if depth >= _DEEPEST:
        return type(value).__name__
    inside = functools.partial(described, depth=depth + 1)
    if isinstance(value, MethodType):
        return [inside(value.__func__), inside(value.__self__)]
    if isinstance(value, functools.partial):
        return [inside(value.func, with_closure=with_closure), inside(value.args), inside(value.keywords)]
    if isinstance(value, list | tuple):
        return [inside(item) for item in value]
    if isinstance(value, dict):
        return {str(key): inside(item) for key, item in value.items()}
    if isinstance(value, Module):
        weights = {name: inside(p) for name, p in vars(value).items() if isinstance(p, Parameter | Buffer)}
        parts = {name: inside(part) for name, part in value.named_children()}
        return {**_of_module(value), **weights, **parts}
    if isinstance(value, Schedule | ReduceLROnPlateau):
        options = {key: inside(item) for key, item in vars(value).items() if key not in CHANGING}
        return {"kind": type(value).__name__, **options}
    if dataclasses.is_dataclass(value):
        return {"kind": type(value).__name__, **inside(vars(value))}
    return type(value).__name__


def _of_array(array: np.ndarray[Any, Any]) -> str:
    content = repr(array.tolist()).encode() if array.dtype.hasobject else np.ascontiguousarray(array).tobytes()
    return f"{array.dtype} {array.shape} {hashlib.sha256(content).hexdigest()[:16]}"


def _of_function(function: FunctionType, with_closure: bool) -> Any:
    digest = hashlib.sha256()
    _add_code(function.__code__, digest)
    digest.update(repr(described(function.__defaults__)).encode() + repr(described(function.__kwdefaults__)).encode())
    if with_closure:
        for cell in function.__closure__ or ():
            value = cell.cell_contents
            if isinstance(value, bool | int | float | str | np.generic | FunctionType | Differentiable):
                digest.update(repr(described(value)).encode())
    return f"{function.__qualname__.rsplit('.', 1)[-1]} with code {digest.hexdigest()[:8]}"


def _add_code(code: CodeType, digest: Any) -> None:
    digest.update(code.co_code + repr((code.co_names, code.co_varnames)).encode())
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            _add_code(constant, digest)
        elif isinstance(constant, frozenset):
            digest.update(repr(sorted(map(repr, constant))).encode())
        else:
            digest.update(repr(constant).encode())


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, list | tuple):
        for item in value:
            yield from _leaves(item)
    else:
        yield value


def differing(there: Any, here: Any, path: str) -> Iterator[tuple[str, Any, Any]]:
    """Yield each place where two trees differ: its name, what stands in the one and what in the other.

    Examples
    --------
    >>> from nnlite.training.facts import differing
    >>> list(differing({"0": {"p": 0.1}}, {"0": {"p": 0.2}}, "the model"))
    [("the model's 0.p", 0.1, 0.2)]
    """
    a, b = (dict(enumerate(t)) if isinstance(t, list) else t for t in (there, here))
    if not (isinstance(a, dict) and isinstance(b, dict)):
        if there != here:
            yield path, there, here
        return
    for key in dict.fromkeys([*a, *b]):
        inner = f"{path}.{key}" if "'s " in path else f"{path}'s {key}"
        yield from differing(a.get(key), b.get(key), path if key == "" else inner)
