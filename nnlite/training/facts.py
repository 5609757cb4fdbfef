"""What a run is: what can be seen of all that decides its bits, beside weights and randomness, as a tree of words.

A checkpoint keeps it, so that a run called again can be compared with the one that was begun. Arrays stand there as
their checksums, functions as their name, a checksum of their code, and the values that they read: defaults, the
variables around them and globals. Not seen are attributes whose name begins with ``_``, the insides of other programs'
objects, and what a batch generator yields.
"""

from __future__ import annotations

import dataclasses
import dis
import enum
import functools
import hashlib
import inspect
import math
import sys
from collections.abc import Iterator, Sized
from types import BuiltinFunctionType, CodeType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

from nnlite.data import DataLoader
from nnlite.differentiable import Differentiable
from nnlite.kernels import get_num_threads, kernels_enabled
from nnlite.memory import _content
from nnlite.nn import Module
from nnlite.nn.module import Buffer, Parameter
from nnlite.optim import Optimizer, ReduceLROnPlateau, Schedule
from nnlite.tensor import Tensor, as_plain
from nnlite.training.run import Run

#: what is no option: the counters of optimizers and schedules, and what has a place of its own. Momentum is an option,
#: although some schedules change it: what the run itself has changed is left out when two runs are compared
CHANGING = {"lr", "steps", "step", "t", "best", "bad_steps", "cooling", "optimizer"}

#: the functions of a class that decide nothing: its options are compared, and its weights come from the checkpoint
_ASIDE = {"__init__", "__repr__", "__str__", "_repr_html_"}

_DEEPEST = 8  # levels of objects in objects
_LONGEST = 100  # entries of a list or dict that are told one by one
_MOST = 1000  # entries that are told of one with others in it
_PLAIN = {str, int, float, bool, type(None)}  # what is told by itself
_HOOKS = ("_pre_hooks", "_hooks", "_backward_hooks")

#: what stands where one of two trees has nothing
MISSING = object()


def of_run(run: Run) -> dict[str, Any]:
    """Return what a run begins with and keeps."""
    schedule, batches, known = run.schedule, run.batches, _parts_of(run)
    return {
        "the model": of_model(run.model, known),
        "the loss": described(run.loss, known),
        "the optimizer": type(run.optimizer).__name__,
        "the optimizer's parameters": [list(p.shape) for p in run.optimizer.params],
        "the optimizer's options": of_optimizer(run.optimizer),
        "the optimizer's code": _code_of(type(run.optimizer), known, 0),
        "the learning rate": [group["lr"] for group in run.optimizer.param_groups],
        "the schedule": None if schedule is None else type(schedule).__name__,
        "the schedule's options": None if schedule is None else _of_schedule(schedule, known),
        "clip": described(run.clip),
        "patience": run.patience,
        "keep_best": bool(run.keep_best),
        "the score": described(run.score, known),
        "the number of batches": len(batches) if isinstance(batches, Sized) else None,
        "the number of threads (nnlite.set_num_threads)": get_num_threads(),
        "the use of kernels (nnlite.use_kernels)": kernels_enabled(),
    }


def _parts_of(run: Run) -> dict[int, str]:
    """The parts of a run by their ids: a loss or a score that refers to one of them says just which."""
    named = [(f"extra {name}", part) for name, part in run.extra.items()]
    named.append(("the data", run.batches))
    for prefix, module in run.model.named_modules():
        inside = [(f"{prefix}.{name}".lstrip("."), value) for name, value in vars(module).items()]
        apart = [(name, value) for name, value in inside if isinstance(value, Parameter | Buffer)]
        named += [(f"the model's {name}", value) for name, value in [(prefix, module), *apart]]
    return {id(part): name for name, part in named}


def of_model(model: Module, known: dict[int, Any] | None = None) -> dict[str, Any]:
    """Return kind and options of every module, and which weights are frozen, by their dotted names.

    Examples
    --------
    >>> from nnlite import nn
    >>> from nnlite.training.facts import of_model
    >>> of_model(nn.Sequential(nn.LeakyReLU(0.2)))["0"]
    {'kind': 'LeakyReLU', 'negative_slope': 0.2}
    """
    known = {} if known is None else known
    return {name: _of_object(module, known, 0) for name, module in model.named_modules()}


def _of_object(thing: Any, known: dict[int, Any], depth: int) -> dict[str, Any]:
    """The kind of an object, the code of its class if it is the user's, and its attributes."""
    options: dict[str, Any] = {"kind": type(thing).__name__, **_code_of(type(thing), known, depth)}
    for name, value in vars(thing).items():
        if isinstance(thing, Module):
            if isinstance(value, Parameter):
                options[f"{name}.requires_grad"] = value.requires_grad
            if isinstance(value, Buffer) and not value.persistent:
                options[name] = described(value)
            if name == "training" or isinstance(value, Parameter | Buffer | Module | np.random.Generator):
                continue  # these have a place of their own
        if not name.startswith("_"):
            options[name] = described(value, known, depth + 1)
    for kind in _HOOKS if isinstance(thing, Module) else ():
        for i, hook in enumerate(vars(thing).get(kind, {}).values()):
            options[f"{kind.strip('_')}.{i}"] = described(hook, known, depth + 1)
    return options


def _code_of(kind: type, known: dict[int, Any], depth: int) -> dict[str, Any]:
    """The functions and values of a class, by name, as far as the user wrote it."""
    found = {}
    for parent in reversed(kind.__mro__):
        for name, value in vars(parent).items() if _is_the_users(parent) else ():
            # in a staticmethod, a property, a cached property, a cache
            inside = [value, *(getattr(value, inner, None) for inner in ("__func__", "fget", "func", "__wrapped__"))]
            function = next((part for part in inside if isinstance(part, FunctionType)), None)
            if function is not None:
                value = function
            elif name.startswith("_"):
                continue
            if name not in _ASIDE:
                found[name] = described(value, known, depth + 1)
    return found


def _is_the_users(kind: type | FunctionType) -> bool:
    """Whether a class or a function comes neither with Python nor with nnlite nor from an installed package."""
    package = (kind.__module__ or "").partition(".")[0]
    file = getattr(sys.modules.get(kind.__module__), "__file__", None) or ""
    installed = "site-packages" in file or "dist-packages" in file
    return not installed and package != "nnlite" and package not in sys.stdlib_module_names


def _of_schedule(schedule: Schedule | ReduceLROnPlateau, known: dict[int, Any], depth: int = 0) -> dict[str, Any]:
    options = {k: described(v, known, depth + 1) for k, v in vars(schedule).items() if k not in CHANGING}
    return {"kind": type(schedule).__name__, **_code_of(type(schedule), known, depth), **options}


def of_optimizer(optimizer: Optimizer) -> list[dict[str, Any]]:
    """Return the options of each group."""
    return [
        {key: described(value) for key, value in group.items() if key != "params" and key not in CHANGING}
        for group in optimizer.param_groups
    ]


def of_data(batches: Any) -> dict[str, Any]:
    """Return what can be known of the batches without going through them: of a DataLoader or a list, all of it."""
    kind: dict[str, Any] = {"kind": type(batches).__name__}
    code = _code_of(type(batches), {}, 0)
    if isinstance(batches, DataLoader):
        apart = {"arrays", "items", "rng", "collate_fn"}
        options = {key: described(value) for key, value in vars(batches).items() if key not in apart}
        if batches.items is not None:
            options["items"] = _of_items(batches.items)
        if batches.collate_fn is not None:
            options["collate_fn"] = described(inspect.unwrap(batches.collate_fn))
        return {**kind, **code, **options, "arrays": [_of_array(array) for array in batches.arrays]}
    if isinstance(batches, list | tuple):
        digest = hashlib.sha256()
        for leaf in _leaves(batches):
            digest.update(repr(described(leaf)).encode())
        kind["content"] = digest.hexdigest()[:16]
        return kind
    return {**kind, **code, **_arrays_of(batches)}


def _arrays_of(thing: Any) -> dict[str, Any]:
    """The arrays among the attributes of an object; others may be counters."""
    attributes = getattr(thing, "__dict__", {})
    return {name: described(value) for name, value in attributes.items() if isinstance(value, np.ndarray | Tensor)}


def _of_items(items: Any) -> dict[str, Any]:
    """What can be known of a data set: of a list all of it, of another its length, its code and its arrays."""
    if isinstance(items, list):
        return of_data(items)
    code = getattr(type(items), "__getitem__", None)
    return {"kind": type(items).__name__, "length": len(items), "code": described(code), **_arrays_of(items)}


def described(value: Any, known: dict[int, Any] | None = None, depth: int = 0) -> Any:
    """Return numbers, words and lists and dicts of them, which are the same for two objects that do the same.

    Parameters
    ----------
    value
        Anything.
    known
        What has been described already, by ids; functions and objects are added.
    depth
        In how many others it lies.

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
    if isinstance(value, enum.Enum):
        return str(value)
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, bytes | complex | range | slice):
        return repr(value)
    if isinstance(value, Differentiable):
        return value.name
    if isinstance(value, type):
        return value.__qualname__
    if isinstance(value, np.ufunc | BuiltinFunctionType):
        return value.__name__
    known = {} if known is None else known
    if id(value) in known:
        return known[id(value)]
    if isinstance(value, np.ndarray | Tensor):
        return _of_array(np.asarray(as_plain(value)))
    if depth >= _DEEPEST:
        return type(value).__name__
    inside = functools.partial(described, known=known, depth=depth + 1)
    if isinstance(value, list | tuple | set | frozenset | dict):
        if isinstance(value, list | dict):  # which can refer to themselves, and to each other many times
            known[id(value)] = type(value).__name__
        short = _short(_entries(value, inside))
        if isinstance(value, list | dict):
            known[id(value)] = short
        return short
    if isinstance(value, MethodType):
        return {"kind": "method", "function": inside(value.__func__), "object": inside(value.__self__)}
    if isinstance(value, functools.partial):
        parts = {"kind": "partial", "function": value.func, "arguments": value.args, "keywords": value.keywords}
        return {name: inside(part) for name, part in parts.items()}
    if isinstance(value, Schedule | ReduceLROnPlateau):
        return _of_schedule(value, known, depth)
    if isinstance(value, DataLoader):
        return of_data(value)
    known[id(value)] = type(value).__name__  # for what refers to itself
    known[id(value)] = (_of_function if isinstance(value, FunctionType) else _of_rest)(value, known, depth)
    return known[id(value)]


def _entries(value: Any, inside: Any) -> Any:
    """What a list, tuple, set or dict holds, each entry described."""
    if isinstance(value, dict):
        plain = len(value) > _LONGEST and _PLAIN.issuperset(map(type, value.values()))
        return {str(key): item if plain else inside(item) for key, item in value.items()}
    if isinstance(value, set | frozenset):
        return sorted(repr(inside(item)) for item in value)
    plain = len(value) > _LONGEST and _PLAIN.issuperset(map(type, value))
    return list(value) if plain else [inside(item) for item in value]


def _short(tree: Any) -> Any:
    """The entries themselves if they are few, else their number and checksum."""
    if len(tree) <= _LONGEST and _size(tree) <= _MOST:
        return tree
    words = sorted(map(repr, tree.items())) if isinstance(tree, dict) else tree
    return f"{len(tree)} entries {_checksum(repr(words).encode())}"


def _size(tree: Any) -> int:
    if isinstance(tree, dict):
        return sum(map(_size, tree.values()))
    return sum(map(_size, tree)) if isinstance(tree, list) else 1


def _of_rest(value: Any, known: dict[int, Any], depth: int) -> Any:
    """Modules, and objects that are the user's own, can be called or are mere records, with what is in them."""
    if isinstance(value, Module):
        kept = {name: part for name, part in vars(value).items() if isinstance(part, Parameter | Buffer | Module)}
        return {**_of_object(value, known, depth), **{k: described(v, known, depth + 1) for k, v in kept.items()}}
    record = dataclasses.is_dataclass(value) or callable(value) or _is_the_users(type(value))
    if record and hasattr(value, "__dict__") and not hasattr(value, "load_state_dict"):  # which is there to be changed
        return _of_object(value, known, depth)
    return type(value).__name__


def _of_array(array: np.ndarray[Any, Any]) -> str:
    content = repr(array.tolist()).encode() if array.dtype.hasobject else np.ascontiguousarray(array).tobytes()
    return f"{array.dtype} {array.shape} {_checksum(content)}"


def _checksum(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]


def _of_function(function: FunctionType, known: dict[int, Any], depth: int) -> Any:
    """Its name with a checksum of its code; then, where it keeps values, those by the names of their variables."""
    digest, code = hashlib.sha256(), function.__code__
    _add_code(code, digest)
    name = f"{function.__qualname__.rsplit('.', 1)[-1]} with code {digest.hexdigest()[:8]}"
    defaults = function.__defaults__ or ()
    values = dict(zip(code.co_varnames[code.co_argcount - len(defaults) : code.co_argcount], defaults))
    values.update(function.__kwdefaults__ or {})
    values.update({variable: _content(cell) for variable, cell in zip(code.co_freevars, function.__closure__ or ())})
    values.pop("__class__", None)  # what super() needs
    if _is_the_users(function):
        values.update(_globals_of(function))
    kept = {variable: described(value, known, depth + 1) for variable, value in values.items()}
    return {"code": name, "": kept} if kept else name


def _globals_of(function: FunctionType) -> dict[str, Any]:
    """The global variables that a function reads, and those inside it; modules and names that are missing are not."""
    found, names = function.__globals__, sorted(_global_names(function.__code__))
    return {name: found[name] for name in names if name in found and not isinstance(found[name], ModuleType)}


def _global_names(code: CodeType) -> set[str]:
    names = {step.argval for step in dis.get_instructions(code) if step.opname == "LOAD_GLOBAL"}
    return names.union(*(_global_names(inner) for inner in code.co_consts if isinstance(inner, CodeType)))


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
    """Yield each place where two trees differ: its name, what stands in the one and what in the other, or MISSING.

    A list that has become longer or shorter is one place.

    Examples
    --------
    >>> from nnlite.training.facts import differing
    >>> list(differing({"0": {"p": 0.1}}, {"0": {"p": 0.2}}, "the model"))
    [("the model's 0.p", 0.1, 0.2)]
    """
    a, b = there, here
    if isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        a, b = dict(enumerate(a)), dict(enumerate(b))
    if not (isinstance(a, dict) and isinstance(b, dict)) or (a and b and not a.keys() & b.keys()):
        if there != here:
            yield path, there, here
        return
    for key in dict.fromkeys([*a, *b]):
        inner = f"{path}.{key}" if "'s " in path else f"{path}'s {key}"
        yield from differing(a.get(key, MISSING), b.get(key, MISSING), path if key == "" else inner)
