"""Random programs, each run twice: with nnlite and with PyTorch.

A program is drawn from one seed and written down as plain steps, so that both libraries do the same: leaves of several
shapes (some without axes, some with an axis of length 0), operations on what is there already, views of it, changes in
place inside ``no_grad``, and gradients that are switched off on the way. What comes out are the values, the gradients
of all leaves, or the word that ``backward()`` refused because something was changed in place.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

import nnlite
from nnlite import Tensor
from nnlite import functional as F

REFUSED = "refused"


class Step(NamedTuple):
    """``results.append(kind(*results at these places, options))``."""

    kind: str
    places: tuple[int, ...]
    options: tuple[Any, ...] = ()

    def __str__(self) -> str:
        return f"{self.kind}({', '.join(f't{i}' for i in self.places)}{''.join(f', {o!r}' for o in self.options)})"


class Program(NamedTuple):
    """Leaves, whether each wants a gradient, and the steps."""

    seed: int
    dtype: str
    leaves: list[np.ndarray]
    wants: list[bool]
    steps: list[Step]

    def __str__(self) -> str:
        lines = [f"seed {self.seed}, {self.dtype}"]
        lines += [f"t{i} = leaf{a.shape}{' wants' * w}" for i, (a, w) in enumerate(zip(self.leaves, self.wants))]
        return "\n".join([*lines, *(f"t{len(self.leaves) + i} = {step}" for i, step in enumerate(self.steps))])


SHAPES: list[tuple[int, ...]] = [(), (1,), (3,), (4,), (0,), (2, 3), (3, 3), (3, 4), (1, 3), (3, 1), (2, 0), (2, 3, 4)]
UNARY = ("neg", "exp", "tanh", "sigmoid", "relu", "abs", "square", "sin", "cos", "silu", "softplus", "clone", "gelu")
BINARY = ("add", "sub", "mul", "div", "maximum", "minimum")
IN_PLACE = ("set", "set row", "iadd", "imul", "detached set")


def draw(seed: int) -> Program:
    """Write a program down."""
    rng = np.random.default_rng(seed)
    dtype = ("float32", "float64")[int(rng.integers(2))]
    leaves = [np.asarray(rng.uniform(-2, 2, SHAPES[rng.integers(len(SHAPES))])) for _ in range(rng.integers(2, 5))]
    wants = [bool(rng.random() < 0.75) for _ in leaves]
    wants[0] = True
    shapes = [a.shape for a in leaves]
    steps: list[Step] = []

    def any_of(fits: Any = lambda shape: True) -> int | None:
        found = [i for i, shape in enumerate(shapes) if shape is not None and fits(shape)]
        if not found:
            return None
        return int(found[-1 - min(int(rng.exponential(2)), len(found) - 1)])  # rather the latest

    def take(kind: str, places: tuple[int, ...], *options: Any, shape: Any) -> None:
        steps.append(Step(kind, places, options))
        shapes.append(shape)

    for _ in range(int(rng.integers(3, 12))):
        choice = rng.random()
        i = any_of()
        shape = shapes[i]
        if choice < 0.25:
            take(str(rng.choice(UNARY)), (i,), shape=shape)
        elif choice < 0.5:
            j = any_of(lambda other, shape=shape: _common(shape, other) is not None)
            take(str(rng.choice(BINARY)), (i, j), shape=_common(shape, shapes[j]))
        elif choice < 0.62:
            _reduce(rng, take, i, shape)
        elif choice < 0.78:
            _view(rng, take, i, shape)
        elif choice < 0.84:
            j = any_of(lambda other, shape=shape: len(shape) >= 1 and len(other) == 2 and other[0] == shape[-1])
            if j is not None and shape[-1]:
                take("matmul", (i, j), shape=(*shape[:-1], shapes[j][1]))
        elif choice < 0.88 and len(shape):
            take("cat", (i, any_of(lambda other, shape=shape: other == shape), i), shape=(3 * shape[0], *shape[1:]))
        elif choice < 0.92:
            k, on = int(rng.integers(len(leaves))), bool(rng.random() < 0.5)
            used = any(k in step.places for step in steps)  # a view there begins to want a gradient with its base
            take("toggle", (k,), on and not used, shape=None)
        elif rng.random() < 0.7:
            take(str(rng.choice(IN_PLACE)), (i,), float(np.round(rng.uniform(-2, 2), 2)), shape=None)
    return Program(seed, dtype, [np.asarray(a, dtype) for a in leaves], wants, steps)


def _common(a: tuple[int, ...], b: tuple[int, ...]) -> Any:
    try:
        return np.broadcast_shapes(a, b)
    except ValueError:
        return None


def _reduce(rng: Any, take: Any, i: int, shape: tuple[int, ...]) -> None:
    if len(shape) and shape[-1] and rng.random() < 0.7:
        kind = str(rng.choice(["sum", "mean", "amax", "softmax", "log_softmax", "cumsum", "logsumexp"]))
        keep = bool(rng.integers(2))
        after = shape if kind in {"softmax", "log_softmax", "cumsum"} else (*shape[:-1], 1) if keep else shape[:-1]
        take(kind, (i,), -1, *([] if after is shape else [keep]), shape=after)
    else:
        take("sum", (i,), shape=())


def _view(rng: Any, take: Any, i: int, shape: tuple[int, ...]) -> None:
    kind = str(rng.choice(["row", "slice", "reshape", "transpose", "unsqueeze", "expand", "index", "detach", "mask"]))
    if kind == "detach":
        take(kind, (i,), shape=shape)
    elif kind == "reshape":
        take(kind, (i,), (int(np.prod(shape, dtype=int)),), shape=(int(np.prod(shape, dtype=int)),))
    elif kind == "unsqueeze":
        take(kind, (i,), 0, shape=(1, *shape))
    elif kind == "expand":
        take(kind, (i,), (2, *shape), shape=(2, *shape))
    elif kind == "transpose" and len(shape) >= 2:
        take(kind, (i,), 0, 1, shape=(shape[1], shape[0], *shape[2:]))
    elif len(shape) and shape[0]:
        if kind == "row":
            take(kind, (i,), int(rng.integers(shape[0])), shape=shape[1:])
        elif kind == "slice":
            start = int(rng.integers(shape[0] + 1))
            take(kind, (i,), start, shape=(shape[0] - start, *shape[1:]))
        elif kind == "index":
            where = tuple(int(k) for k in rng.integers(0, shape[0], 3))
            take(kind, (i,), where, shape=(3, *shape[1:]))
        elif kind == "mask":
            where = tuple(bool(k) for k in rng.integers(0, 2, shape[0]))
            take(kind, (i,), where, shape=(sum(where), *shape[1:]))


def _step(step: Step, given: list[Any], library: Any, no_grad: Any) -> Any:
    """One step in either library: what is spelt alike in both is written once."""
    kind, x, options = step.kind, given[0], step.options
    torch = library if library is not F else None
    if kind in {"row", "slice", "index", "mask"}:
        part: Any = slice(options[0], None) if kind == "slice" else options[0]
        if kind in {"index", "mask"}:
            part = torch.tensor(part) if torch else np.array(part)
        return x[part]
    if kind == "detach":
        return x.detach()
    if kind == "toggle":
        x.requires_grad_(options[0])
        return None
    if kind in IN_PLACE:
        with no_grad():
            if kind == "set":
                x[...] = options[0]
            elif kind == "set row":
                x[(0,) if len(x.shape) and x.shape[0] else ...] = options[0]
            elif kind == "iadd":
                x += options[0]
            elif kind == "imul":
                x *= options[0]
            else:
                x.detach()[...] = options[0]
        return None
    if kind == "cat":
        return library.cat(given, 0)
    if kind == "matmul":
        return x @ given[1]
    if kind in {"silu", "softplus", "gelu", "relu"} and torch:
        return getattr(torch.nn.functional, kind)(x)
    if kind in BINARY:
        return getattr(library, kind)(*given)
    if hasattr(x, kind):
        return getattr(x, kind)(*options)
    return getattr(library, kind)(*given, *options)


def run(program: Program, torch: Any = None, keeps_copies: bool = False, unwritable: Any = None) -> Any:
    """The values of all steps and the gradients of all leaves; without `torch` by nnlite.

    Steps that write into what cannot be written are left out and put into the set `unwritable`, as are those in it.
    PyTorch that `keeps_copies` of all that its gradients need refuses nothing: it has what was there before a change.
    """
    if keeps_copies:
        with torch.autograd.graph.saved_tensors_hooks(lambda t: t.clone(), lambda t: t):
            return run(program, torch, unwritable=unwritable)
    unwritable = set() if unwritable is None else unwritable
    library, no_grad = (torch, torch.no_grad) if torch else (F, nnlite.no_grad)
    results: list[Any] = []
    for array, want in zip(program.leaves, program.wants):
        leaf = torch.tensor(array.copy()) if torch else Tensor(array.copy())
        results.append(leaf.requires_grad_(want))
    for step in program.steps:
        if step in unwritable:
            results.append(None)
            continue
        with np.errstate(all="ignore"):
            try:
                results.append(_step(step, [results[i] for i in step.places], library, no_grad))
            except (RuntimeError, ValueError) as error:
                if step.kind in IN_PLACE and _is_expanded(error):  # elements that share memory cannot be written
                    unwritable.add(step)
                    results.append(None)
                    continue
                raise
    values = [None if r is None else _plain(r) for r in results]
    outputs = [r for r in results[len(program.leaves) :] if r is not None and r.requires_grad]
    total = None
    for y in outputs[-3:]:
        total = y.sum() if total is None else total + y.sum()
    if total is None or not total.requires_grad:
        return values, None
    try:
        with np.errstate(all="ignore"):
            total.backward()
    except RuntimeError as error:
        assert "inplace" in str(error) or "in place" in str(error), error
        return values, REFUSED
    grads = [None if t.grad is None else _plain(t.grad) for t in results[: len(program.leaves)]]
    return values, grads


def _is_expanded(error: Exception) -> bool:
    return "single memory location" in str(error) or "read-only" in str(error)


def _plain(value: Any) -> np.ndarray:
    """A copy as an array: what is written into later must not change it."""
    value = getattr(value, "detach", lambda: value)()
    return np.array(value.numpy() if hasattr(value, "numpy") else value)


def difference(program: Program, torch: Any) -> str:
    """What the two libraries disagree on; empty where they agree."""
    unwritable: set[Step] = set()  # a row of an expanded Tensor can be written there and not here
    run(program, unwritable=unwritable)
    run(program, torch, unwritable=unwritable)
    ours, our_grads = run(program, unwritable=unwritable)
    theirs, their_grads = run(program, torch, unwritable=unwritable)
    tolerance = 2e-4 if program.dtype == "float32" else 1e-9
    for i, (a, b) in enumerate(zip(ours, theirs)):
        if why := _unlike(a, b, tolerance):
            return f"t{i}: {why}"
    if their_grads is REFUSED and isinstance(
        our_grads, list
    ):  # right all the same, if nothing that we keep was changed
        _, their_grads = run(program, torch, keeps_copies=True, unwritable=unwritable)
    if isinstance(our_grads, str) or isinstance(their_grads, str):
        if our_grads is None or their_grads is None or isinstance(our_grads, str) != isinstance(their_grads, str):
            return f"backward: ours {_said(our_grads)}, PyTorch {_said(their_grads)}"
        return ""
    if (our_grads is None) != (their_grads is None):
        return f"backward: ours {_said(our_grads)}, PyTorch {_said(their_grads)}"
    for i, (a, b) in enumerate(zip(our_grads or [], their_grads or [])):
        if why := _unlike(a, b, tolerance):
            return f"gradient of t{i}: {why}"
    return ""


def _said(grads: Any) -> str:
    return grads if isinstance(grads, str) else "has nothing to do" if grads is None else "computes"


def _unlike(a: Any, b: Any, tolerance: float) -> str:
    if a is None or b is None:
        return "" if a is b else f"ours is {a}, PyTorch's {b}"
    if a.shape != b.shape or a.dtype != b.dtype:
        return f"ours has {a.shape} {a.dtype}, PyTorch's {b.shape} {b.dtype}"
    scale = max(1.0, float(np.abs(b[np.isfinite(b)]).max(initial=0)))
    if np.allclose(a, b, rtol=tolerance, atol=tolerance * scale, equal_nan=True):
        return ""
    return f"ours {a.tolist()}, PyTorch's {b.tolist()}"
