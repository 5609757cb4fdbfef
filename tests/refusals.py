"""What is wrong, for each kind of argument: with what a contract's promise to refuse is held against the library.

A contract says what an argument may be. Here it is written again, from the outside, what it may then not be: text for
a number, 1.1 for a number up to 1, a matrix with a column too many. The two must agree, wherever there is a contract.
"""

from __future__ import annotations

import importlib
import inspect
import math
import pkgutil
import re
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import fuzz
import numpy as np
from samples import INITIALISERS, SAMPLES, Die, made_of

import nnlite
import nnlite.data.cats
import nnlite.diffusion
import nnlite.tasks
from nnlite import Tensor
from nnlite.contracts import Contract
from nnlite.differentiable import Differentiable
from nnlite.optim import Optimizer

RAGGED = [[1.0], [1.0, 2.0]]
NO_NUMBERS: list[Any] = ["text", object(), np.array(["a"]), np.array([1j]), RAGGED, np.array([None])]
NO_NUMBER: list[Any] = ["text", None, True, math.nan, -math.inf, 1j, (1, 2), np.ones(2), object()]
NO_INTEGER: list[Any] = ["text", None, True, 0.5, math.nan, 1j, (1, 2), np.ones(2, int), 10**30]


def outside(kind: Any) -> list[Any]:
    """Numbers just out of the range of a kind."""
    least = {"integer": 1, "pair": 1, "integer_tuple": 1}.get(type(kind).__name__, 1e-6)
    low, high = getattr(kind, "low", None), getattr(kind, "high", None)
    bounds = [getattr(kind, "above", None), getattr(kind, "below", None)]
    low_step, high_step = (least if type(n) is int else max(least, abs(n or 0) * 1e-6) for n in (low, high))
    beyond = [None if low is None else low - low_step, None if high is None else high + high_step]
    return [n for n in [*beyond, *bounds] if n is not None]


def not_the_axis(ndim: int) -> list[Any]:
    return ["text", True, 0.5, max(ndim, 1), -max(ndim, 1) - 1, (0.5,), ("a",), {}]


#: what is wrong whatever the other arguments are, by the class of the kind; `ndim` is that of the array an axis is of
WRONG: dict[str, Callable[[Any, int], list[Any]]] = {
    "given": lambda kind, ndim: [*NO_NUMBERS, None],
    "several": lambda kind, ndim: [3, None, [], np.ones(2), ["text"], [None], [1j], [RAGGED]],
    "floats": lambda kind, ndim: [*NO_NUMBERS, None],
    "reals": lambda kind, ndim: [*NO_NUMBERS, None],
    "signs": lambda kind, ndim: [*NO_NUMBERS, None],
    "integers": lambda kind, ndim: [*NO_NUMBERS, None, 0.5, [0.5], np.array([True])],
    "number": lambda kind, ndim: [*NO_NUMBER, *([] if getattr(kind, "infinite", False) else [math.inf]),
                                  *outside(kind)],
    "integer": lambda kind, ndim: [*NO_INTEGER, *outside(kind)],
    "_Flag": lambda kind, ndim: ["True", None, 1, 0, 0.5, np.array([True, False]), object()],
    "_Generator": lambda kind, ndim: ["text", 0.5, -1, True, object(), np.ones(2)],
    "word": lambda kind, ndim: ["nonsense", None, 1, True, "", b"mean", ("a",), kind.allowed[0].upper() + "?"],
    "pair": lambda kind, ndim: ["text", None, True, 0.5, (), ("a",) * kind.count, (0.5,) * kind.count,
                                *outside(kind), *((n,) * kind.count for n in outside(kind)),
                                ((kind.low or 1),) * (kind.count + 1)],
    "integer_tuple": lambda kind, ndim: ["text", None, True, 0.5, ("a",), (0.5,), (True,), *outside(kind),
                                         *((n,) for n in outside(kind))],
    "tuple_of": lambda kind, ndim: [3, None, "text", object()],
    "axis": lambda kind, ndim: [*not_the_axis(ndim), (0,), None],
    "axes": lambda kind, ndim: [*not_the_axis(ndim), (0, 0), (0, -max(ndim, 1)), (max(ndim, 1),), (None,)],
    "function": lambda kind, ndim: [3, "text", None, [len]],
    "instance": lambda kind, ndim: [3, "text", None, object()],
    "anything": lambda kind, ndim: [],
    "real_dtype": lambda kind, ndim: ["nonsense", 3, None, "U3", "complex64", object, object()],
    "classes": lambda kind, ndim: ["text", None, 3, RAGGED, object()],
    # the kinds of one room
    "_Weight": lambda kind, ndim: ["text", None, 3, [1.0], object()],
    "_Correction": lambda kind, ndim: [wrong for wrong in NO_NUMBER if wrong is not True] + outside(kind),
    "_Power": lambda kind, ndim: NO_NUMBER,
    "_Sizes": lambda kind, ndim: ["text", True, 1j, math.nan, object(), ("a",)],
    "_Graph": lambda kind, ndim: ["text", None, 3, object()],
    "_Lengths": lambda kind, ndim: ["text", True, 0.5, ("a",), (0.5,), (True,), object()],
}  # fmt: skip
#: what is wrong inside an array that is otherwise right: values to put in the place of its first
SPOTS: dict[str, Callable[[Any, dict[str, Any]], list[Any]]] = {
    "signs": lambda kind, known: [0, 0.5, 2, math.nan],
    "bits": lambda kind, known: [-1, 0.5, 2, math.nan],
    "integers": lambda kind, known: [n for n in [None if kind.low is None else kind.low - 1, below(kind, known)]
                                     if n is not None],
}  # fmt: skip


def below(kind: Any, known: dict[str, Any]) -> int | None:
    return known.get(kind.below) if isinstance(kind.below, str) else kind.below


def of_kind(table: dict[str, Any], kind: Any) -> Any:
    """The entry for the nearest class of the kind that has one."""
    names = [c.__name__ for c in type(kind).__mro__]
    found = next((table[name] for name in names if name in table), None)
    if found is None and table is not SPOTS:
        raise KeyError(f"refusals.py knows nothing of the kind {names[0]}: say there what is wrong and what is right")
    return found


@dataclass
class Door:
    """Where arguments come in: a function or a class with a contract, and right arguments for it."""

    name: str
    call: Callable[[dict[str, Any]], Any]
    kinds: dict[str, Any]
    parameters: list[str]
    right: Callable[[int], dict[str, Any]]
    docstring: str
    batched_ndim: int = 0


# Lengths: which shapes go together


def lengths(axis: Any, n: int, known: dict[str, Any]) -> dict[str, Any] | None:
    """What is known once one word of a shape has met a length; None if they do not agree."""
    if not axis.name:
        return known if n == axis.times else None
    if n % axis.times or n // axis.times <= axis.above:
        return None
    return known | {axis.name: n // axis.times} if known.get(axis.name, n // axis.times) == n // axis.times else None


def agree(shapes: list[tuple[Any, tuple[int, ...]]], known: dict[str, Any]) -> dict[str, Any] | None:
    """Hold shapes against their kinds, trying every alternative: what the letters stand for, or None."""
    if not shapes:
        return known
    (kind, shape), *others = shapes
    for words in kind.shapes:
        axes = list(words.axes)
        at = next((i for i, axis in enumerate(axes) if axis.name in {"...", "*"}), None)
        found: dict[str, Any] | None = known
        rest = shape
        if at is not None:
            more = len(shape) - len(axes) + 1
            group = shape[at : at + more]
            if more < 0 or (axes[at].name == "..." and known.get("...", group) != group):
                continue
            found = known if axes[at].name == "*" else known | {"...": group}
            rest = shape[:at] + shape[at + more :]
            del axes[at]
        if len(rest) != len(axes):
            continue
        for axis, n in zip(axes, rest):
            found = None if found is None else lengths(axis, n, found)
        found = None if found is None else agree(others, found)
        if found is not None:
            return found
    return None


def letters_of(door: Door, arguments: dict[str, Any], changed: str = "", shape: tuple[int, ...] = ()) -> Any:
    """What the letters stand for in a call, or None; with the shape of one argument changed."""
    known = {kind.letter: arguments[a] for a, kind in door.kinds.items() if kind.letter}
    if isinstance(known.get("..."), int):
        known["..."] = (known["..."],)
    shapes = []
    for argument, kind in door.kinds.items():
        if kind.shapes and arguments[argument] is not None and type(kind).__name__ != "several":
            own = shape if argument == changed else np.shape(arguments[argument])
            first = argument == next(iter(door.kinds))
            shapes.append((kind, (1, *own) if first and len(own) == door.batched_ndim - 1 else own))
    return agree(shapes, known)


def misshapen(shape: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    """The neighbours of a shape: an axis more or less, one longer, twice as long, or empty."""
    yield from [(2, *shape), (*shape, 2), shape[1:], shape[:-1]]
    for i, n in enumerate(shape):
        yield from ((*shape[:i], m, *shape[i + 1 :]) for m in (n + 1, 2 * n, 0))


def wrongs(door: Door, arguments: dict[str, Any], argument: str) -> Iterator[Any]:
    """Everything that one argument may not be, all others being as they are."""
    kind, value = door.kinds[argument], arguments[argument]
    array_of = arguments.get(getattr(kind, "of", ""), 0.0)
    for wrong in of_kind(WRONG, kind)(kind, np.ndim(array_of)):
        if wrong is not None or not (kind.optional or kind.missing is not None):
            yield wrong
    if not isinstance(value, np.ndarray | Tensor):
        return
    known = letters_of(door, arguments) or {}
    if kind.shapes:
        for shape in misshapen(value.shape):
            if letters_of(door, arguments, argument, shape) is None:
                yield np.resize(value, shape)
    if kind.broadcasts is not None and value.ndim:
        target = [known.get(axis.name, axis.times) for axis in kind.broadcasts.axes]
        last = target[-1][-1:] if isinstance(target[-1], tuple) else target[-1:]
        yield np.resize(value, (*value.shape[:-1], sum(last) + 2))
    spots = (of_kind(SPOTS, kind) or (lambda *_: []))(kind, known)
    spots += [math.nan, math.inf] if getattr(kind, "examine", None).__class__.__name__ == "function" else []
    for spot in spots if value.size else []:
        spoilt = np.array(value, float if isinstance(spot, float) else None)
        spoilt.flat[0] = spot
        yield spoilt


def said(value: Any) -> set[str]:
    """The words in which a message may say what was given: itself, its type, shape, dtype or a value in it."""
    words = {str(value), repr(value), type(value).__name__}
    if hasattr(value, "shape"):
        words |= {str(value.shape), str(value.dtype), *map(str, value.ravel()[:20])}
    elif isinstance(value, list | tuple):
        words |= {"ragged", str(len(value)), *map(str, value), *(type(v).__name__ for v in value)}
        words |= {"empty"} if not value else set()
    else:
        words.add(str(np.asarray(value).dtype))
    return words


def refuses(door: Door, arguments: dict[str, Any], argument: str, wrong: Any) -> str:
    """Call with one argument wrong: what is not as it should be, or nothing at all."""
    arguments = {**arguments, argument: wrong}
    what = fuzz.described(door.name, arguments)
    before = {a: v.tobytes() for a, v in arguments.items() if isinstance(v, np.ndarray) and v.dtype != object}
    try:
        door.call(arguments)
    except (TypeError, ValueError) as error:
        message = str(error)
        if type(error) not in {TypeError, ValueError}:
            return f"{what}: {type(error).__name__}: {message}"
        if "nnlite" not in traceback.extract_tb(error.__traceback__)[-1].filename:
            return f"{what}: not nnlite's own message: {message}"
        if not message.startswith(f"{door.name}: "):
            return f"{what}: the message does not begin with {door.name}: {message}"
        # shapes that do not agree may be told of any argument that has one
        others = [a for a, kind in door.kinds.items() if kind.shapes and hasattr(wrong, "shape")]
        if not any(a in message for a in [argument, *others]):
            return f"{what}: the message does not name {argument}: {message}"
        shapes = {str(np.shape(v)) for v in arguments.values() if isinstance(v, np.ndarray)}
        if not any(word and word in message for word in said(wrong) | (shapes if hasattr(wrong, "shape") else set())):
            return f"{what}: the message does not say what was given: {message}"
    except Exception as error:
        return f"{what}: {type(error).__name__}: {error}"
    else:
        return f"{what}: accepted"
    after = {a: arguments[a].tobytes() for a in before}
    return "" if before == after else f"{what}: refused, but an argument is changed"


# The letters of a docstring


def shapes_told(docstring: str) -> dict[str, set[tuple[str, ...]]]:
    """The shapes that the section Parameters of a docstring gives for each argument, as tuples of words.

    ``x : (N, C) or (C,)`` has two; ``w_ih, w_hh : (4H, I), (4H, H)`` is one for each of two arguments.
    """
    section = re.search(r"^Parameters\n-+\n(.*?)(?=^\S[^\n]*\n-+\n|\Z)", docstring, re.S | re.M)
    told: dict[str, set[tuple[str, ...]]] = {}
    for names, text in re.findall(r"^(\S[^:\n]*?) : (.*)", section[1] if section else "", re.M):
        shapes = []
        for inside in re.findall(r"\(([^()]*)\)", text):
            words = [word.strip() for word in inside.split(",") if word.strip()]
            if all(re.fullmatch(r"\.\.\.|\*?\w+", word) for word in words):
                shapes.append(tuple("..." if word[0] == "*" else word for word in words))
        arguments = [name.strip() for name in names.split(",")]
        if len(shapes) == len(arguments) and " or " not in text:
            told.update({argument: {shape} for argument, shape in zip(arguments, shapes)})
        else:
            told.update({argument: set(shapes) for argument in arguments})
    return told


def shapes_taken(kind: Any) -> set[tuple[str, ...]]:
    """The shapes that a contract gives, in the same form."""
    return {tuple(str(n) for n in words.lengths({})) for words in kind.shapes}


# Who has a contract, and what is right for it


def modules() -> Iterator[Any]:
    for module in pkgutil.walk_packages(nnlite.__path__, "nnlite."):
        if not module.name.endswith("__main__"):
            yield importlib.import_module(module.name)


def made_up(contract_name: str, kinds: dict[str, Any], defaults: dict[str, Any]) -> Callable[[int], dict[str, Any]]:
    """Right arguments from a contract alone: every letter gets a length of its own, every option something allowed."""

    def right(seed: int) -> dict[str, Any]:
        rng = np.random.default_rng(seed)
        free = iter([5, 3, 2, 4, 7, 6, 8, 9])
        known: dict[str, Any] = {"...": (2,)}
        arguments = dict(defaults)
        for argument, kind in kinds.items():
            if kind.letter and kind.letter != "...":
                known[kind.letter] = next(free)
                arguments[argument] = known[kind.letter]
        arguments |= {argument: make(rng) for argument, make in RIGHT.get(contract_name, {}).items()}
        for argument, kind in kinds.items():
            if argument in RIGHT.get(contract_name, {}):
                found = agree([(kind, np.shape(arguments[argument]))], known) if kind.shapes else None
                known = known if found is None else found
            elif kind.shapes or kind.broadcasts is not None:
                words = kind.shapes[seed % len(kind.shapes)] if kind.shapes else kind.broadcasts
                shape: tuple[int, ...] = ()
                for axis in words.axes:
                    if axis.name and axis.name not in known:
                        known[axis.name] = next(free)
                    shape += known["..."] if axis.name == "..." else (axis.times * known.get(axis.name, 1),)
                arguments[argument] = of_kind(VALUES, kind)(kind, rng, shape, known)
            elif not kind.letter and arguments[argument] is inspect.Parameter.empty:
                arguments[argument] = of_kind(VALUES, kind)(kind, rng, (), known)
        return arguments

    return right


def something_between(kind: Any) -> float:
    low = next((b for b in (kind.low, kind.above) if b is not None), -1)
    high = next((b for b in (kind.high, kind.below) if b is not None), low + 2)
    return (low + high) / 2


VALUES: dict[str, Callable[..., Any]] = {
    "floats": lambda kind, rng, shape, known: rng.uniform(0.1, 0.9, shape),
    "reals": lambda kind, rng, shape, known: rng.uniform(0.1, 0.9, shape),
    "given": lambda kind, rng, shape, known: rng.uniform(0.1, 0.9, shape),
    "signs": lambda kind, rng, shape, known: rng.choice([-1.0, 1.0], shape),
    "integers": lambda kind, rng, shape, known: rng.integers(kind.low or 0, below(kind, known) or 3, shape),
    "number": lambda kind, *_: something_between(kind),
    "integer": lambda kind, *_: (kind.low or 0) + 1,
    "_Flag": lambda *_: True,
    "_Generator": lambda *_: 0,
    "word": lambda kind, *_: kind.allowed[0],
    "pair": lambda kind, *_: kind.low + 1,
    "integer_tuple": lambda kind, *_: (),
    "axis": lambda *_: 0,
    "bits": lambda kind, rng, shape, known: rng.choice([0.0, 1.0], shape),
    "function": lambda *_: np.sin,
    "classes": lambda kind, rng, shape, known: np.arange(int(np.prod(shape))).reshape(shape),
}
#: right arguments that a contract does not tell, because they depend on each other, or are functions
RIGHT: dict[str, dict[str, Callable[[Any], Any]]] = {
    "split.folds": {"order": lambda rng: rng.permutation(5), "y": lambda rng: np.array([0, 1, 0, 1, 1])},
    "k_fold": {"n": lambda rng: 5, "stratify": lambda rng: np.array([0, 1, 0, 1, 1])},
    "transformer.positional_encoding": {"d_model": lambda rng: 4},
    "drawing.paint": {
        "rows": lambda rng: rng.uniform(0.1, 0.9, (3, 24)).round(1) * ([1] * 23 + [0]) - ([0] * 23 + [1])
    },
    "metrics.accuracy": {"scores": lambda rng: rng.normal(size=(5, 3)), "labels": lambda rng: rng.integers(0, 3, 5)},
    "metrics.confusion_matrix": {
        "y": lambda rng: rng.integers(0, 3, 5),
        "predicted": lambda rng: rng.integers(0, 3, 5),
        "classes": lambda rng: np.arange(3),
    },
    "euler": {"velocity": lambda rng: lambda x, t: x},
    "ancestral": {"process": lambda rng: nnlite.diffusion.DDPM([0.1, 0.2]), "noise": lambda rng: lambda x, t: x},
    "predict": {"model": lambda rng: nnlite.nn.Identity(), "x": lambda rng: np.ones((3, 2))},
    "draw": {"cat": lambda rng: nnlite.data.cats.Cat()},
    "train": {
        "pipeline": lambda rng: nnlite.diffusion.TextToImage.small(size=4, dim=16, depth=1, rng=0),
        "pictures": lambda rng: rng.uniform(size=(2, 3, 4, 4)),
        "captions": lambda rng: ["a cat", "a red cat"],
        "steps": lambda rng: 1,
        "batch_size": lambda rng: 2,
        "verbose": lambda rng: False,
    },
    **{
        name: {
            "model": lambda rng: nnlite.nn.Linear(1, 1, rng=0),
            "batches": lambda rng: [(np.ones((2, 1)), np.ones((2, 1)))],
            "loss": lambda rng: nnlite.functional.mse_loss,
            "verbose": lambda rng: False,
            "optimizer": lambda rng: nnlite.optim.SGD([Tensor([1.0], requires_grad=True)]),
        }
        for name in ("fit",)
    },
    "learn": {
        "task": lambda rng: nnlite.tasks.Recall(2, 3),
        "steps": lambda rng: 1,
        "verbose": lambda rng: False,
        "model": lambda rng: nnlite.models.sequences.Transformer(6, 8, 2, 1, 8, 6, rng=0),
    },
    "points_and_arrows": {
        "model": lambda rng: nnlite.diffusion.train_points(rng.normal(size=(9, 2)), steps=1, verbose=False),
        "data": lambda rng: rng.normal(size=(9, 2)),
        "moments": lambda rng: (1, 0),
    },
    "folding": {
        "parameters": lambda rng: [rng.normal(size=n) for n in ((2, 2), 2, (2, 2), 2)],
        "X": lambda rng: rng.normal(size=(4, 2)),
        "y": lambda rng: np.array([0, 1, 0, 1]),
    },
    "approximation": {
        "parameters": lambda rng: [rng.normal(size=n) for n in ((3, 1), 3, (1, 3), 1)],
        "low": lambda rng: 0.0,
        "high": lambda rng: 1.0,
    },
    "train_points": {"steps": lambda rng: 1, "verbose": lambda rng: False},
    "train_cats": {"steps": lambda rng: 1, "examples": lambda rng: 2, "verbose": lambda rng: False},
    "attribute_accuracy": {
        "pipeline": lambda rng: lambda prompts, **_: np.zeros((len(prompts), 3, 16, 16)),
        "n": lambda rng: 2,
    },
    "decision": {
        "classifier": lambda rng: nnlite.models.Perceptron().fit([[0, 1], [1, 0]], [0, 1]),
        "X": lambda rng: rng.normal(size=(4, 2)),
        "y": lambda rng: np.array([0, 1, 0, 1]),
    },
    "mistakes": {
        "X": lambda rng: rng.normal(size=(4, 2)),
        "y": lambda rng: np.array([0, 1, 0, 1]),
        "history": lambda rng: rng.normal(size=(3, 3)),
        "points": lambda rng: np.array([0, 3]),
    },
    "response": {"neuron": lambda rng: nnlite.models.Neuron([0.1, 0.2, 0.3])},
    "loss_3d": {"loss": lambda rng: lambda w: float(w @ w)},
    "loss_map": {"X": lambda rng: rng.normal(size=(4, 2)), "y": lambda rng: np.array([1, -1, 1, -1])},
    "three_losses": {"X": lambda rng: rng.normal(size=(4, 2)), "y": lambda rng: np.array([1, -1, 1, -1])},
    "loss_landscape": {
        "model": lambda rng: nnlite.nn.Linear(2, 1, rng=0),
        "loss": lambda rng: lambda m: 1.0,
        "resolution": lambda rng: 3,
    },
    "sheet": {
        "pictures": lambda rng: rng.uniform(size=(3, 5, 5)),
        "labels": lambda rng: np.array([0, 1, 2]),
        "predicted": lambda rng: np.array([0, 2, 2]),
    },
    "perceptron.mistake_bound": {
        "w": lambda rng: np.array([0.0, 1, 0]),
        "X": lambda rng: np.column_stack([np.ones(5), [1, 2, -1, -2, 3], rng.uniform(-1, 1, 5)]),
        "y": lambda rng: np.array([1, 1, -1, -1, 1]),
    },
    "mlp.staircase": {"low": lambda rng: 0.0, "high": lambda rng: 1.0},
    "autodiff.topological_order": {"inputs": lambda rng: [[], [0]]},
    "init.kaiming_std": {"shape": lambda rng: (3, 4)},
    "optim.momentum_step": {name: lambda rng: rng.uniform(0.1, 0.9, 3) for name in ("w", "grad", "v")},
    "optim.adam_step": {name: lambda rng: rng.uniform(0.1, 0.9, 3) for name in ("w", "grad", "m", "v")},
    **{
        name: {"params": lambda rng: [Tensor([1.0], requires_grad=True)]}
        for name in ("clip_grad_norm_", "clip_grad_value_")
    },
    **{name: {"tensor": lambda rng: np.ones((2, 2))} for name in INITIALISERS},
}


def functions() -> Iterator[Door]:
    """Every function of nnlite with a contract."""
    seen = set()
    for module in modules():
        for value in vars(module).values():
            contract = getattr(value, "contract", None)
            if not isinstance(contract, Contract) or id(value) in seen or not contract.takes:
                continue
            seen.add(id(value))
            target = value.formula if hasattr(value, "formula") else value
            parameters = inspect.signature(target).parameters
            defaults = {name: p.default for name, p in parameters.items()}
            short = contract.name
            if fuzz.FUNCTIONS.get(short) is value:
                call = lambda arguments, short=short: fuzz.call(short, arguments)  # noqa: E731
                right = lambda seed, short=short: fuzz.right(Die(seed), short)  # noqa: E731
            else:
                call = lambda arguments, value=value: value(**arguments)  # noqa: E731
                right = made_up(contract.name, contract.takes, defaults)
                if isinstance(value, Differentiable) and value.name in SAMPLES:
                    right = lambda seed, value=value: dict(  # noqa: E731
                        zip(value.signature.names, SAMPLES[value.name](Die(seed)) + value.signature.defaults)
                    )
            docstring = inspect.getdoc(target) or ""
            yield Door(
                short, call, contract.takes, list(parameters), right, docstring, getattr(value, "batched_ndim", 0)
            )


#: what others inherit from, and nobody makes or fits
ABSTRACT = {"DescentClassifier", "SAR", "Averaging", "Schedule", "Optimizer", "_Moments"}


def made(value: Any, arguments: dict[str, Any]) -> Any:
    """Make an object. An estimator stores what it is given untouched, and looks at it when it learns."""
    new = value(**arguments)
    if not hasattr(new, "fit"):
        return new
    points = np.eye(4).reshape(4, 2, 2) if "Mark1" in value.__name__ else np.eye(4)  # pictures, or points
    return new.fit(points, list("abab"))


def classes() -> Iterator[Door]:
    """Every class of nnlite whose constructor has a contract."""
    seen = set()
    for module in modules():
        for value in vars(module).values():
            kinds = getattr(value, "takes", None) or getattr(value, "options", None)
            if not inspect.isclass(value) or value in seen or not isinstance(kinds, dict) or not kinds:
                continue
            seen.add(value)
            if value.__name__ in ABSTRACT:
                continue
            if issubclass(value, Optimizer):
                kinds = {**Optimizer.options, **kinds}
            parameters = inspect.signature(value).parameters
            yield Door(
                value.__name__,
                lambda arguments, value=value: made(value, arguments),
                {argument: kind for argument, kind in kinds.items() if argument in parameters},
                list(parameters),
                lambda seed, value=value: made_of(value),
                inspect.getdoc(value) or "",
            )
