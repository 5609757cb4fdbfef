"""How the fuzz is made: right arguments for every function, and ways of making one of them wrong.

Every call of a public function must end in a result or in a TypeError or ValueError of nnlite's own, whose message
names the function and the argument: :func:`answers` is that rule, :func:`spoilt` draws what it is held against.
"""

from __future__ import annotations

import inspect
import math
import numbers
import re
import traceback
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import strategies as st
from samples import SAMPLES, Pen

from nnlite import Tensor
from nnlite import functional as F
from nnlite.differentiable import Differentiable

HUGE = 10**30
FUNCTIONS: dict[str, Callable[..., Any]] = {
    name: value
    for name, value in vars(F).items()
    if callable(value) and not inspect.isclass(value) and not name.startswith("_")
}
#: right arguments for the functions that are written with others: those that are differentiable have theirs in samples
PLAIN: dict[str, Callable[[Pen], list[Any]]] = {
    **dict.fromkeys(["glu", "swiglu"], lambda p: [p.array((3, 4)), p.one_of(-1, 1)]),
    **dict.fromkeys(["softmin", "unsqueeze"], lambda p: [p.array((3, 4)), p.one_of(-1, 1, 0)]),
    "sort": lambda p: [p.array((3, 4)), p.one_of(0, -1), p.boolean(), p.boolean()],
    "topk": lambda p: [p.array((3, 4)), p.integer(0, 3), p.one_of(0, -1), p.boolean(), p.boolean()],
    "conv_transpose1d": lambda p: [p.array(p.one_of((2, 4, 6), (4, 6))), p.array((4, 2, 3)), p.array((4,)), 2,
                                   p.one_of(0, 1), 1, 2, p.one_of(1, 2)],
    "triplet_margin_loss": lambda p: [p.array((3, 4)), p.array((3, 4)), p.array((3, 4)), 1.0, p.one_of(1, 2), 1e-6,
                                      p.boolean(), p.one_of("mean", "none")],
    "logical_not": lambda p: [p.array((2, 3)) > 0],
    **dict.fromkeys(["any", "all"], lambda p: [p.array((2, 3)), p.one_of(None, 1, (0, 1)), p.boolean()]),
    **dict.fromkeys(["argmax", "argmin", "max", "min"], lambda p: [p.array((2, 3)), p.one_of(None, 1), p.boolean()]),
    **dict.fromkeys(["eq", "ne", "lt", "le", "gt", "ge"], lambda p: [p.array((2, 3)), p.array(p.one_of((3,), (2, 1)))]),
    **dict.fromkeys(["adaptive_avg_pool1d", "adaptive_max_pool1d"], lambda p: [p.array((2, 3, 5)), p.one_of(1, (2,))]),
    **dict.fromkeys(["dot", "outer"], lambda p: [p.array((4,)), p.array((4,))]),
    "mm": lambda p: [p.array((2, 3)), p.array((3, 4))],
    "bmm": lambda p: [p.array((2, 3, 4)), p.array((2, 4, 2))],
    "mv": lambda p: [p.array((3, 4)), p.array((4,))],
    "einsum": lambda p: [p.one_of("ij,jk->ik", "ij,jk", "...j,jk->k"), p.array((2, 3)), p.array((3, 4))],
    "conv1d": lambda p: [p.array(p.one_of((2, 4, 6), (4, 6))), p.array((2, 2, 3)), p.array((2,)), 1, p.one_of(0, 1),
                         p.one_of(1, 2), 2],
    "cosine_similarity": lambda p: [p.array((2, 3)), p.array((2, 3)), p.one_of(1, 0, -1), 1e-8],
    "normalize": lambda p: [p.array((2, 3)), p.one_of(2.0, 1), p.one_of(1, (0, 1)), 1e-12],
    "instance_norm": lambda p: [p.array((2, 3, 4)), p.array((3,)), p.array((3,), 0.5, 2), p.array((3,)), p.array((3,)),
                                p.boolean(), 0.1, 1e-5],
    "avg_pool1d": lambda p: [p.array(p.one_of((2, 3, 7), (3, 7))), 3, p.one_of(None, 2), p.one_of(0, 1), p.boolean(),
                             p.boolean()],
    "max_pool1d": lambda p: [p.array((2, 3, 7)), 3, p.one_of(None, 2), p.one_of(0, 1), p.one_of(1, 2), p.boolean()],
    "pixel_shuffle": lambda p: [p.array(p.one_of((1, 8, 2, 3), (4, 2, 2))), 2],
    "pixel_unshuffle": lambda p: [p.array(p.one_of((1, 2, 4, 6), (1, 2, 2))), 2],
    "std": lambda p: [p.array((3, 4)), p.one_of(None, 1, (0, 1)), p.one_of(0, 1, 0.5), p.boolean()],
    "chunk": lambda p: [p.array((5, 3)), p.one_of(1, 2, 7), p.one_of(0, -1)],
    "unflatten": lambda p: [p.array((4, 6, 4)), p.one_of(0, -1), p.one_of((2, 2), (4, -1))],
    "flatten": lambda p: [p.array((2, 3, 4)), p.one_of(0, 1), p.one_of(-1, 1)],
    "index_select": lambda p: [p.array((3, 4)), p.one_of(0, -1), p.rng.integers(0, 3, 5)],
    "take_along_dim": lambda p: [p.array((3, 4)), p.rng.integers(0, 3, (3, 2)), p.one_of(1, None)],
    "one_hot": lambda p: [p.rng.integers(0, 3, (2, 2)), p.one_of(-1, 3, 5)],
    "split": lambda p: [p.array((5, 3)), p.one_of(2, 7, [2, 3], (5, 0)), 0],
    "squeeze": lambda p: [p.array((1, 3, 1)), p.one_of(None, 0, -1, (0, 1))],
    "stack": lambda p: [[p.array((2, 3)), p.array((2, 3))], p.one_of(0, 2, -1)],
}  # fmt: skip


def right(pen: Pen, name: str) -> dict[str, Any]:
    """Right arguments for ``F.name``, by parameter; for einsum the operands are one list."""
    function = FUNCTIONS[name]
    parameters = parameters_of(function)
    given = (PLAIN[name] if name in PLAIN else SAMPLES[function.name])(pen)  # type: ignore[attr-defined]
    if name == "einsum":
        given = [given[0], given[1:]]
    defaults = [v.default for v in inspect.signature(plain(function)).parameters.values()]
    return dict(zip(parameters, [*given, *defaults[len(given) :]]))


def plain(function: Any) -> Callable[..., Any]:
    return function.formula if isinstance(function, Differentiable) else function


def parameters_of(function: Any) -> list[str]:
    return list(inspect.signature(plain(function)).parameters)


#: the names of the arguments of every function
ARGUMENTS: dict[str, set[str]] = {name: set(parameters_of(function)) for name, function in FUNCTIONS.items()}


def call(name: str, arguments: dict[str, Any]) -> Any:
    if name == "einsum" and isinstance(arguments["operands"], list):
        return F.einsum(arguments["equation"], *arguments["operands"])
    return FUNCTIONS[name](*arguments.values())


# What an option may be that no contract speaks of. Whatever else is given must be refused.


def integer(value: Any) -> bool:
    return isinstance(value, numbers.Integral) and not isinstance(value, bool | np.bool_)


def number(value: Any) -> bool:
    return isinstance(value, numbers.Real) and not isinstance(value, bool | np.bool_) and math.isfinite(value)


def all_of(allowed: Callable[[Any], bool]) -> Callable[[Any], bool]:
    """One of them, or several in a tuple or list."""
    return lambda value: all(map(allowed, value)) if isinstance(value, tuple | list) else allowed(value)


def or_none(allowed: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: value is None or allowed(value)


def of_dtype(kinds: str) -> Callable[[Any], bool]:
    """In any nesting, an array or a Tensor; nothing at all has no kind."""

    def allowed(value: Any) -> bool:
        try:
            array = value.data if isinstance(value, Tensor) else np.asarray(value)
        except ValueError:
            return False
        return array.dtype.kind in kinds or array.size == 0

    return allowed


def real(value: Any) -> bool:
    return isinstance(value, numbers.Real) or of_dtype("fiub")(value)


ALLOWED: dict[str, Callable[[Any], bool]] = {
    **dict.fromkeys(["start_dim", "end_dim"], integer),
    **dict.fromkeys(["pad", "split_size_or_sections"], all_of(integer)),
    **dict.fromkeys(["dim", "size"], or_none(all_of(integer))),
    "output_size": all_of(or_none(integer)),
    "scale_factor": or_none(all_of(number)),
    "equation": lambda value: isinstance(value, str),
    **dict.fromkeys(["index", "indices"], of_dtype("iu")),
    "condition": of_dtype("b"),
    **dict.fromkeys(["x", "other", "target"], real),
    **dict.fromkeys(["running_mean", "running_var"], or_none(of_dtype("fiub"))),
    **dict.fromkeys(["max.dim", "min.dim"], lambda v: v is None or integer(v) or isinstance(v, np.ndarray | Tensor)),
    **dict.fromkeys(["max.other", "min.other", "clamp.min", "clamp.max"], or_none(real)),
    **dict.fromkeys(["masked_fill.value", "anchor", "positive", "negative"], real),
    **dict.fromkeys(["mask", "logical_not.x"], of_dtype("b")),
    "dtype": lambda v: True,
}
#: what is drawn large here is allocated: no more than this
MODEST = {"padding", "output_size", "size", "scale_factor", "pad", "num_classes", "stride", "output_padding",
          "dilation", "shape", "kernel_size", "decimals"}  # fmt: skip

STRANGE: list[Any] = [
    None, "x", "mean", b"a", True, False, -1, 0, 1, 2, 3, -7, 10**6, HUGE, -HUGE, 0.5, 1.0, -1.5, math.nan, math.inf,
    -math.inf, 1e300, 1j, np.int64(2), np.int8(-1), np.float32(0.5), np.float64(2), np.bool_(True), np.array(1),
    np.array(0.5), (), (1,), (0,), (-1,), (2, 3), (0, 0), (1, 2, 3), (None,), (1, None), ("a",), (1.5,), (True,),
    (HUGE,), [1], [1.0, 2.0], [[1.0], [1.0, 2.0]], [None], ["a"], [[]], {}, {"a": 1}, {1, 2}, object(), range(3), print,
    slice(1), ..., np.array("a"), np.array([None, 1]), np.array([1j]), np.array(["2020-01-01"], "datetime64[D]"),
]  # fmt: skip
SHAPES = [(), (0,), (1,), (3,), (2, 3), (0, 3), (3, 0), (2, 3, 4), (2, 3, 4, 4), (2, 0, 3, 3), (1, 2, 1, 2, 1)]


def spoilt(pen: Pen, value: Any, parameter: str) -> Any:
    """Another value in the place of a right one: of another kind, or of the same kind with something changed."""
    wrong = _wrong(pen, value)
    return -1 if parameter in MODEST and _large(wrong) else wrong


def _wrong(pen: Pen, value: Any) -> Any:
    if isinstance(value, list) and value and isinstance(value[0], np.ndarray) and pen.boolean():
        i = pen.integer(0, len(value) - 1)
        return pen.one_of([*value[:i], _wrong(pen, value[i]), *value[i + 1 :]], value[:i], tuple(value), value[i])
    if isinstance(value, np.ndarray) and pen.integer(0, 3):
        return _changed(pen, value)
    kind = pen.integer(0, 4)
    if kind == 0:
        array = pen.rng.uniform(-2, 3, pen.one_of(*SHAPES)).astype(pen.one_of("f4", "f8", "f2", "i8", "u1", "?"))
        return Tensor(array) if pen.boolean() else array
    if kind == 1 and isinstance(value, tuple | list) and value:
        i = pen.integer(0, len(value) - 1)
        return pen.one_of((*value[:i], pen.one_of(*STRANGE), *value[i + 1 :]), value[:i], (*value, 1), value[::-1])
    if kind == 2 and isinstance(value, str) and len(value) > 1:
        return pen.one_of(value[:-1], value.upper(), value + " ", value[1:], value + value)
    return pen.one_of(*STRANGE)


def _large(value: Any) -> bool:
    if isinstance(value, tuple | list):
        return any(map(_large, value))
    return isinstance(value, numbers.Real) and abs(value) > 100


def _changed(pen: Pen, x: np.ndarray) -> Any:
    """A right array with another shape, dtype or content."""
    how = pen.integer(0, 13)
    if how == 0:
        return x[None]
    if how == 1:
        return x[..., None]
    if how == 2:
        return x[0] if x.ndim and len(x) else x.astype(complex)
    if how == 3 and x.ndim:
        d = pen.integer(0, x.ndim - 1)
        return np.concatenate([x, x], d) if pen.boolean() else np.take(x, range(x.shape[d] // 2), d)
    if how == 4:
        return x.T
    if how == 5:
        return x.astype(pen.one_of("i8", "i4", "u1", "?", "f2", "f4", "f8", "c8", object))
    if how == 6:
        return x.astype(str)
    if how == 7:
        return x.tolist()
    if how == 8:
        return x * pen.one_of(-1, 0, 2, 1000)
    if how == 9:
        return np.full(x.shape, pen.one_of(math.nan, math.inf, -math.inf, 1e30, -1e30, 1e-30, 0.0), pen.dtype)
    if how == 10:
        return Tensor(x)
    if how == 11:
        return x.ravel()
    if how == 12:
        return np.ones((1,) * x.ndim, x.dtype)
    return [*x.tolist(), None] if x.ndim else None


def answers(run: Callable[[], Any], named: dict[str, set[str]], refused: bool, what: str) -> Any:
    """Run; the outcome is a result (unless it must be `refused`) or an error that names function and argument.

    `named` says which functions may be named, and the arguments of each.
    """
    __tracebackhide__ = True
    with warnings.catch_warnings(), np.errstate(divide="warn", over="warn", invalid="warn"):
        warnings.simplefilter("error")
        try:
            result = run()
        except (TypeError, ValueError) as error:
            message, kind = str(error), type(error)
            last = traceback.extract_tb(error.__traceback__)[-1]
            assert kind in {TypeError, ValueError}, f"{what}: {kind.__name__}: {message}"
            assert "nnlite" in last.filename, f"{what}: not nnlite's own message: {message}"
            words = set(re.findall(r"\w+", message))
            functions = words & named.keys()
            assert functions, f"{what}: the message does not name the function: {message}"
            parameters = set().union(*(named[name] for name in functions))
            assert words & parameters, f"{what}: the message does not name the argument: {message}"
            return None
        except Exception as error:
            last = traceback.extract_tb(error.__traceback__)[-1]
            raise AssertionError(f"{what}: {type(error).__name__} at {last.filename}:{last.lineno}: {error}") from error
    assert not refused, f"{what}: gave {result!r}, expected it to be refused"
    return result


def described(name: str, arguments: dict[str, Any]) -> str:
    def short(value: Any) -> str:
        if isinstance(value, Tensor):
            return f"Tensor({short(value.data)})"
        if isinstance(value, np.ndarray):
            return f"{value.dtype}{value.shape}"
        if isinstance(value, list) and value and isinstance(value[0], np.ndarray | Tensor):
            return f"[{', '.join(map(short, value))}]"
        return repr(value)[:60]

    return f"{name}({', '.join(f'{p}={short(v)}' for p, v in arguments.items())})"


@st.composite
def pens(draw: Any) -> Pen:
    return Pen(draw, draw(st.sampled_from([np.float32, np.float64])))
