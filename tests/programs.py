"""Random programs, each run twice: with nnlite and with PyTorch.

A program is drawn from one seed and written down as plain steps, so that both libraries do the same: leaves of several
shapes (some without axes, some with an axis of length 0), operations on what is there already, views of it, changes in
place inside ``no_grad``, and gradients that are switched off on the way. What comes out are the values, the gradients
of all leaves, and whether ``backward()`` refused because something was changed in place.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from comparing import Seen, disagreement, jiggled, plain

from nnlite import Tensor, no_grad
from nnlite import functional as F

NOTHING, REFUSED, COMPUTED = "has nothing to do", "refuses", "computes"  # what becomes of backward()


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
UNARY = ("neg", "exp", "tanh", "sigmoid", "relu", "abs", "square", "sin", "cos", "silu", "softplus", "clone", "gelu",
         "erf", "elu", "mish", "hardtanh", "floor", "round")  # fmt: skip
BINARY = ("add", "sub", "mul", "div", "maximum", "minimum")
ALONG = ("sum", "mean", "prod", "var", "std", "amax", "amin", "max", "min", "logsumexp")
KEEPING = ("softmax", "log_softmax", "cumsum", "cumprod", "sort")
PARTS = ("row", "slice", "index", "mask")
VIEWS = ("detach", "reshape", "unsqueeze", "expand", "transpose", "squeeze")
ARRANGED = ("cat", "stack", "flip", "roll", "repeat", "clamp", "masked_fill", "where", "pad", "index_select", "gather",
            "split")  # fmt: skip
PRODUCTS = ("matmul", "einsum", "outer")
IN_PLACE = ("set", "set row", "iadd", "imul", "detached set")


def draw(seed: int) -> Program:
    """Write a program down."""
    rng = np.random.default_rng(seed)

    def one(*choices: Any) -> Any:
        return choices[int(rng.integers(len(choices)))]

    dtype = one("float32", "float64")
    leaves = [np.asarray(rng.uniform(-2, 2, one(*SHAPES)), dtype) for _ in range(int(rng.integers(2, 5)))]
    wants = [True, *(bool(rng.random() < 0.75) for _ in leaves[1:])]
    shapes: list[Any] = [a.shape for a in leaves]
    steps: list[Step] = []

    def latest(fits: Any = lambda shape: True) -> int | None:
        """The place of a Tensor whose shape fits, rather one of the latest."""
        found = [i for i, shape in enumerate(shapes) if shape is not None and fits(shape)]
        return found[-1 - min(int(rng.exponential(2)), len(found) - 1)] if found else None

    for _ in range(int(rng.integers(3, 12))):
        i = latest()
        shape = shapes[i]
        kinds = (UNARY, UNARY, BINARY, BINARY, ALONG, KEEPING, PARTS, PARTS, VIEWS, VIEWS, ARRANGED, ARRANGED, PRODUCTS)
        kind = one(*one(*kinds, ("toggle",), IN_PLACE))
        step: Step | None = None
        if kind in UNARY:
            step = Step(kind, (i,))
        elif kind in BINARY or kind == "where":
            step = Step(kind, (i, latest(lambda other, shape=shape: _fit(shape, other))))
        elif kind in PRODUCTS:
            step = _product(kind, i, shape, latest)
        elif kind in {"cat", "stack"}:
            if shape or kind == "stack":
                step = Step(kind, (i, latest(lambda other, shape=shape: other == shape), i), (one(0, -1),))
        elif kind in IN_PLACE:
            step = Step(kind, (i,), (float(np.round(rng.uniform(-2, 2), 2)),))
        elif kind == "toggle":
            k = int(rng.integers(len(leaves)))
            used = any(k in step.places for step in steps)  # a view there begins to want a gradient with its base
            step = Step(kind, (k,), (one(True, False) and not used,))
        else:
            options = _options(rng, one, kind, shape)
            step = None if options is None else Step(kind, (i,), options)
        if step is not None:
            steps.append(step)
            shapes.append(_shape_after(step, shapes))
    return Program(seed, dtype, leaves, wants, steps)


def _fit(a: tuple[int, ...], b: tuple[int, ...]) -> bool:
    return all(n == m or 1 in {n, m} for n, m in zip(a[::-1], b[::-1]))


def _product(kind: str, i: int, shape: tuple[int, ...], latest: Any) -> Step | None:
    if kind == "matmul":
        j = latest(lambda other: bool(shape) and len(other) in {1, 2} and other[0] == shape[-1])
        return None if j is None else Step(kind, (i, j))
    if len(shape) != {"einsum": 2, "outer": 1}[kind]:
        return None
    j = latest(lambda other: len(other) == 1 if kind == "outer" else len(other) == 2 and other[1] == shape[1])
    return Step(kind, (i, j), ("ij,kj->ki",) if kind == "einsum" else ())


def _options(rng: Any, one: Any, kind: str, shape: tuple[int, ...]) -> tuple[Any, ...] | None:
    """Right options for a function of one Tensor of this shape; None if there are none."""
    axes = len(shape)
    dim = one(*range(-axes, axes)) if axes else None
    n = shape[dim] if axes else None
    if kind in ALONG:
        if kind in {"sum", "mean", "prod"} and rng.random() < 0.3:
            return ()
        least = {"sum": 0, "mean": 0, "prod": 0, "var": 2, "std": 2}.get(kind, 1)
        if kind == "sum" and axes >= 2 and one(True, False):
            return (0, -1), one(True, False)
        unbiased = (True,) if kind in {"var", "std"} else ()
        return (dim, *unbiased, one(True, False)) if axes and n >= least else None
    if kind in {"detach", "squeeze", "repeat", "unsqueeze", "expand", "reshape", "clamp", "masked_fill"}:
        return {
            "squeeze": (),
            "repeat": ((2, *(1 for _ in shape)),),
            "unsqueeze": (one(0, -1),),
            "expand": ((2, *shape),),
            "reshape": (one((int(np.prod(shape)),), shape[::-1]),),
            "clamp": one((-0.5, 0.5), (0.0, None)),
            "masked_fill": (np.asarray(rng.random(shape) < 0.5), 1.5),
        }.get(kind, ())
    if not axes:
        return None
    if kind == "transpose":
        return dim, one(*range(axes))
    if kind in {*KEEPING, "flip"}:
        return ((dim,),) if kind == "flip" else (dim,)
    if kind == "roll":
        return 1, dim
    if kind == "pad":
        return (one((1, 2), (0, 1)),)
    if kind == "split":
        return (max(1, n // 2), dim) if n else None
    if kind == "slice":
        return (int(rng.integers(shape[0] + 1)),)
    if kind == "mask":
        return (rng.random(shape[0]) < 0.5,)
    if not shape[0] or not n:
        return None
    if kind == "row":
        return (int(rng.integers(shape[0])),)
    if kind == "index":
        return (rng.integers(0, shape[0], 3),)
    return dim, rng.integers(0, n, 3 if kind == "index_select" else shape)


def _shape_after(step: Step, shapes: list[Any]) -> Any:
    with no_grad(), np.errstate(all="ignore"):
        given = [Tensor(np.zeros(shapes[i])) for i in step.places]
        return None if step.kind in {"toggle", *IN_PLACE} else _step(step, given, None).shape


def _step(step: Step, given: list[Any], torch: Any) -> Any:
    """One step in either library: what is spelt alike in both is written once."""
    kind, x = step.kind, given[0]
    options = [torch.tensor(o) if torch and isinstance(o, np.ndarray) else o for o in step.options]
    if kind in PARTS:
        return x[options[0] :] if kind == "slice" else x[options[0]]
    if kind == "toggle":
        x.requires_grad_(options[0])
        return None
    if kind in IN_PLACE:
        with torch.no_grad() if torch else no_grad():
            _write(kind, x, options[0])
        return None
    if kind in {"detach", "expand", "reshape", "repeat", "squeeze", "unsqueeze", "transpose", "split", "var", "std"}:
        y = getattr(x, kind)(*options)
        if kind == "reshape":  # one library's is a view where the other's result lies in another order and is copied
            return y.clone()
        if kind != "split":
            return y
        kind, given, options = "cat", y[::-1], options[1:]
    if kind in {"cat", "stack"}:
        given, options = [given], options[:1]
    if kind == "where":
        given = [x > 0, *given]
    if kind == "einsum":
        given, options = [*options, *given], []
    room = (torch if hasattr(torch, kind) else torch.nn.functional) if torch else F
    y = getattr(room, kind)(*given, *options)
    return y[0] if isinstance(y, tuple) else y  # of sorted values and their places


def _write(kind: str, x: Any, value: float) -> None:
    if kind == "set":
        x[...] = value
    elif kind == "set row":
        x[(0,) if len(x.shape) and x.shape[0] else ...] = value
    elif kind == "iadd":
        x += value
    elif kind == "imul":
        x *= value
    else:
        x.detach()[...] = value


def run(
    program: Program,
    torch: Any = None,
    *,
    keeps_copies: bool = False,
    unwritable: Any = None,
    dtype: str = "",
    jiggle: Any = None,
) -> tuple[Seen, str]:
    """Return the values of all steps and the gradients of all leaves, and what became of ``backward()``.

    By nnlite, or by `torch`; in another precision, or from leaves off by a rounding if `jiggle` is a generator.
    Steps that write into what cannot be written are left out and put into the set `unwritable`, as are those in it.
    PyTorch that `keeps_copies` of all that its gradients need refuses nothing: it has what was there before a change.
    """
    if keeps_copies:
        with torch.autograd.graph.saved_tensors_hooks(lambda t: t.clone(), lambda t: t):
            return run(program, torch, unwritable=unwritable, dtype=dtype, jiggle=jiggle)
    unwritable = set() if unwritable is None else unwritable
    results: list[Any] = []
    for array, want in zip(program.leaves, program.wants):
        array = jiggled(array, dtype or program.dtype, jiggle)
        results.append((torch.tensor(array) if torch else Tensor(array)).requires_grad_(want))
    for k, step in enumerate(program.steps):
        given = [results[i] for i in step.places]
        result = None
        if k not in unwritable:
            with np.errstate(all="ignore"):
                try:
                    result = _step(step, given, torch)
                except (RuntimeError, ValueError) as error:
                    if step.kind not in IN_PLACE or not _is_expanded(error):
                        raise
                    unwritable.add(k)
        results.append(result)
    seen: Seen = [(f"t{i}", None if r is None else plain(r)) for i, r in enumerate(results)]
    outputs = [r for r in results[len(program.leaves) :] if r is not None and r.requires_grad]
    total = None
    for y in outputs[-3:]:
        total = y.sum() if total is None else total + y.sum()
    if total is None or not total.requires_grad:
        return seen, NOTHING
    try:
        with np.errstate(all="ignore"):
            total.backward()
    except RuntimeError as error:
        assert "inplace" in str(error) or "in place" in str(error), error
        return seen, REFUSED
    grads = [(f"gradient of t{i}", leaf.grad) for i, leaf in enumerate(results[: len(program.leaves)])]
    return seen + [(name, None if grad is None else plain(grad)) for name, grad in grads], COMPUTED


def _is_expanded(error: Exception) -> bool:
    return "single memory location" in str(error) or "read-only" in str(error)


def difference(program: Program, torch: Any) -> str:
    """What the two libraries disagree on first; empty where they agree."""
    unwritable: set[int] = set()  # a row of an expanded Tensor can be written there and not here
    run(program, unwritable=unwritable)
    run(program, torch, unwritable=unwritable)
    ours, became = run(program, unwritable=unwritable)
    theirs, became_there = run(program, torch, unwritable=unwritable)
    copies = became == COMPUTED and became_there == REFUSED  # right all the same, if nothing that we keep was changed

    def oracle(dtype: str = program.dtype, jiggle: Any = None) -> Seen:
        return run(program, torch, keeps_copies=copies, unwritable=unwritable, dtype=dtype, jiggle=jiggle)[0]

    if became != became_there and not copies:
        return f"backward: ours {became}, PyTorch's {became_there}"
    return disagreement(ours, oracle() if copies else theirs, oracle, program.dtype)
