"""Every function that PyTorch has too, row by row: equal values, and equal gradients for a random upstream gradient.

A row is a call. It runs in both float dtypes and, where there is a compiled twin, on the kernel and on the formula.
Rows of edges hold what breaks formulas: zeros of both signs, tiny and huge numbers, infinities, NaN. NaN equals NaN.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest

import nnlite
from nnlite import Tensor
from nnlite import functional as F

torch = pytest.importorskip("torch")
torch.set_num_threads(1)
TF = torch.nn.functional

RTOL = {"float32": 1e-5, "float64": 1e-9}
#: PyTorch multiplies by 1/6 as float32 has it, here and in float64 too
ROUNDED = {"hardsigmoid": 1e-7}
RNG = np.random.default_rng(0)
EDGES = np.array([0, -0.0, 1e-30, -1e-30, 1e-3, 0.5, -0.5, 1, -1, 2, -2, 3, -3, 6, -6, 20, 31, -31, 88, -88, 110, -110,
                  1e4, -1e4, 1e30, -1e30, np.inf, -np.inf, np.nan])  # fmt: skip
FEW = np.array([0, -0.0, 1e-30, 0.5, 1, -1, 3, -2, 1e30, -1e30, np.inf, -np.inf, np.nan])


class Row(NamedTuple):
    """``F.name(*arrays, **options)``, or what `call` makes of it; `exact` measures each element, not by the largest."""

    name: str
    arrays: tuple[Any, ...]
    options: dict[str, Any]
    call: Callable[..., Any] | None = None
    exact: bool = False
    kind: str = ""

    def __str__(self) -> str:
        shapes = "x".join(str(np.shape(_values(a))).replace(" ", "") for a in self.arrays)
        options = ",".join(f"{k}={v}" for k, v in self.options.items())
        return f"{self.name}-{self.kind or shapes}{'-' * bool(options)}{options}"


class Fixed(NamedTuple):
    """Floats that want no gradient: weights of classes, masks, signs."""

    values: np.ndarray


ROWS: list[Row] = []


def row(name: str, *arrays: Any, call: Any = None, exact: bool = False, kind: str = "", **options: Any) -> None:
    """Add a row; a shape stands for random numbers. Integers and booleans are passed on as they are."""
    made = tuple(RNG.standard_normal(a) if type(a) is tuple else a for a in arrays)
    ROWS.append(Row(name, made, options, call, exact, kind))


def _values(array: Any) -> np.ndarray:
    return array.values if isinstance(array, Fixed) else np.asarray(array)


def ints(high: int, *shape: int) -> np.ndarray:
    return RNG.integers(0, high, shape)


def between(low: float, high: float, *shape: int) -> np.ndarray:
    return RNG.uniform(low, high, shape)


def signs(*shape: int) -> Fixed:
    return Fixed(RNG.choice([-1.0, 1.0], shape))


def weights(*shape: int) -> Fixed:
    return Fixed(RNG.uniform(0.5, 2, shape))


# one array to one of the same shape

UNARY: dict[str, list[dict[str, Any]]] = {
    **{
        name: [{}]
        for name in (
            *("neg", "abs", "sqrt", "rsqrt", "exp", "expm1", "log", "log1p", "log2", "sin", "cos", "tan", "sign"),
            *("square", "reciprocal", "erf", "relu", "sigmoid", "tanh", "silu", "relu6", "selu", "mish", "softsign"),
            *("hardsigmoid", "hardswish", "logsigmoid", "floor", "ceil"),
        )
    },
    "leaky_relu": [{}, {"negative_slope": 0.3}, {"negative_slope": -1.0}],
    "gelu": [{}, {"approximate": "tanh"}],
    "softplus": [{}, {"beta": 3.0, "threshold": 2.0}, {"beta": -1.0}],
    "round": [{}, {"decimals": 2}, {"decimals": -1}],
    "elu": [{}, {"alpha": 0.5}, {"alpha": 2.0}],
    "celu": [{}, {"alpha": 0.5}, {"alpha": 2.0}],
    "hardshrink": [{}, {"lambd": 1.0}],
    "softshrink": [{}, {"lambd": 1.0}, {"lambd": 0.0}],
    "threshold": [{"threshold": 0.5, "value": 20.0}, {"threshold": 0.0, "value": -1.0}],
    "hardtanh": [{}, {"min_val": -2.0, "max_val": 0.5}],
    "clamp": [{"min": -0.5}, {"max": 1}, {"min": -1.0, "max": 1.0}, {"min": 1.0, "max": -1.0}],
}  # fmt: skip
#: where PyTorch rounds or overflows (softsign subtracts nearly equal numbers, gelu adds 1 and erf, expm1 takes its
#: derivative as y + 1) and ours does not
LEAVE_OUT = {
    "softsign": [1e4, -1e4, 1e30, -1e30, np.inf, -np.inf],
    "gelu": [v for v in EDGES if abs(v) > 6],
    "expm1": [v for v in EDGES if v < -3],
}
for name, options in UNARY.items():
    for option, shape in itertools.product(options, [(), (1,), (0,), (2, 0, 3), (4, 7)]):
        row(name, shape, **option)
    x = EDGES[np.isin(EDGES, LEAVE_OUT.get(name, []), invert=True)]
    for option in options:
        row(name, x, exact=name != "gelu", kind="edges", **option)
row("prelu", (2, 3, 4), np.array([0.25]))
row("prelu", (2, 3, 4), (3,))
row("prelu", (5,), np.array([-0.5]))
row("prelu", EDGES, np.array([0.25]), exact=True, kind="edges")

# two arrays that broadcast

PAIRS = [
    ((3, 4), (3, 4)),
    ((3, 1), (1, 4)),
    ((2, 3, 4), (4,)),
    ((), (2, 2)),
    ((0, 3), (1, 3)),
    ((1,), (5, 1, 1)),
    ((), ()),
]
for name in ("add", "sub", "mul", "div", "pow", "maximum", "minimum", "eq", "ne", "lt", "le", "gt", "ge"):
    for a, b in PAIRS:
        row(name, np.abs(RNG.standard_normal(a)) + 0.1 if name == "pow" else a, b)
        row(name, np.abs(RNG.standard_normal(b)) + 0.1 if name == "pow" else b, a)
    row(name, FEW[:, None] * np.ones_like(FEW), FEW * np.ones((len(FEW), 1)), exact=True, kind="edges")
    row(name, FEW[:, None], FEW, kind="edges broadcast")
for a, b in PAIRS:
    for alpha in (2, -0.5):
        row("add", a, b, alpha=alpha)
        row("sub", a, b, alpha=alpha)
    for mode in ("floor", "trunc"):
        row("div", a, b, rounding_mode=mode)
    row("max", a, b)
    row("min", a, b, call=lambda f, x, y: f(x, other=y))
    row("clamp", a, b, call=lambda f, x, low: f(x, low))
    row("clamp", a, b, call=lambda f, x, high: f(x, max=high))
    row("clamp", a, b, call=lambda f, x, y: f(x, y, 2 * y), kind="crossed where negative")
    row("masked_fill", a, RNG.random(a) < 0.5, np.array(2.5))
for mode in ("floor", "trunc"):
    row("div", ints(9, 5) - 4, np.array([1, 2, -2, 3, -3]), rounding_mode=mode, kind="integers")
    few = FEW[np.isfinite(FEW)]
    row("div", few[:, None] * np.ones_like(few), few * np.ones((len(few), 1)), rounding_mode=mode, kind="edges")
row("add", ints(9, 5), ints(9, 5), alpha=-2, kind="integers")
row("clamp", EDGES, EDGES[::-1].copy(), np.roll(EDGES, 3), exact=True, kind="edges")
row("masked_fill", (3, 4), RNG.random(4) < 0.5, call=lambda f, x, m: f(x, m, -math.inf))
for a, b in PAIRS:
    row("where", a, b, call=lambda f, x, y: f(x > y, x, y))
row("where", EDGES, EDGES[::-1].copy(), call=lambda f, x, y: f(x > 0.5, x, y), exact=True, kind="edges")

# reductions and what looks along an axis

SOME = [((5,), None), ((2, 3, 4), None), ((2, 3, 4), 0), ((2, 3, 4), -1), ((3, 1), 1), ((), None), ((1, 1), -2)]
ROW_EDGES = [
    [0, -0.0, 1e-30, 0.5, 2], [1e15, 1, 2, 3, 4], [np.inf, 1, 2, 3, 4], [-np.inf, 1, 2, 3, 4],
    [np.inf, -np.inf, 1, 2, 3], [np.nan, 1, 2, 3, 4], [np.inf, np.inf, 1, 2, 3], [-np.inf] * 5, [7.0] * 5,
    [1e-30] * 5, [0.0] * 5, [88.0, 89, 90, -100, -1000],
]  # fmt: skip


def edges(name: str, *more: Any, call: Any = None, only: str = "", **options: Any) -> None:
    """Each row of ROW_EDGES by itself, so that the largest element of one hides nothing of another."""
    for values in ROW_EDGES:
        x = np.array(values)
        if (only == "finite" and not np.isfinite(x).all()) or (only == "numbers" and np.isnan(x).any()):
            continue
        row(name, x, *more, call=call, kind=f"{x[0]:g} {x[1]:g}...", **options)


for name in ("sum", "mean", "amax", "amin", "logsumexp", "var", "std", "norm"):
    for (shape, dim), keepdim in itertools.product([*SOME, ((2, 3, 4), (0, 2)), ((2, 3, 4), (-1, 0))], [False, True]):
        if not (name in {"var", "std"} and shape in {(), (1, 1), (3, 1)}):
            row(name, shape, dim=tuple(range(len(shape))) if dim is None else dim, keepdim=keepdim)
    edges(name, dim=0, only={"norm": "numbers", "logsumexp": "finite"}.get(name, ""))
for name in ("sum", "mean", "logsumexp", "norm", "prod"):
    row(name, (2, 0), dim=1)
    row(name, (0, 3), dim=0, keepdim=True)
row("norm", np.array([[0, 2.0, 3], [0, 0, 1]]), p=0, dim=1)
for p in (1, 0.5, 3.0, math.inf):
    row("norm", (3, 4), p=p, dim=1)
    edges("norm", p=p, dim=0, only="numbers")
for correction in (0, 1, 2, 3):
    row("var", (3, 3), dim=1, correction=correction)
    row("std", (3, 3), dim=1, correction=correction)
for unbiased in (False, True):
    row("var", (3, 4), unbiased=unbiased)
    row("std", (3, 4), dim=1, unbiased=unbiased)
    row("std", (3, 4), call=lambda f, x, unbiased: f(x, 1, unbiased), unbiased=unbiased, kind="in its place")
for name in ("prod", "cumsum", "cumprod"):
    for values in (np.array([[1.5, 2.5], [3.0, -2.0]]), ints(4, 2, 3)):
        wider = {"ours": np.float64, "theirs": torch.float64}
        row(
            name,
            values,
            call=lambda f, x, ours, theirs: f(x, 0, dtype=theirs if f.__module__ == "torch" else ours),
            **wider,
        )
for (shape, dim), descending in itertools.product(SOME, [False, True]):
    if dim is not None:
        row("sort", shape, call=lambda f, x, **options: f(x, **options)[0], dim=dim, descending=descending)
        row("sort", shape, call=lambda f, x, **options: f(x, **options)[1], dim=dim, descending=descending)
        k = shape[dim] - shape[dim] // 2
        row("topk", shape, call=lambda f, x, **o: f(x, **o)[0], k=k, dim=dim, largest=descending)
        row("topk", shape, call=lambda f, x, **o: f(x, **o)[1], k=k, dim=dim, largest=descending)
row("sort", (), call=lambda f, x: f(x)[0])
row("topk", (), call=lambda f, x: f(x, 1)[0])
row("topk", (0, 3), call=lambda f, x: f(x, 0, 0)[0])
for descending in (False, True):
    row("sort", EDGES, call=lambda f, x, **o: f(x, stable=True, **o)[0], descending=descending, kind="edges")
    row("sort", EDGES, call=lambda f, x, **o: f(x, stable=True, **o)[1], descending=descending, kind="edges places")
for (shape, dim), keepdim in itertools.product(SOME, [False, True]):
    if dim is not None:
        row("max", shape, call=lambda f, x, **options: f(x, **options).values, dim=dim, keepdim=keepdim)
        row("min", shape, call=lambda f, x, **options: f(x, **options).values, dim=dim, keepdim=keepdim)
        row("max", shape, call=lambda f, x, **options: f(x, **options).indices, dim=dim, keepdim=keepdim)
        row("argmax", shape, dim=dim, keepdim=keepdim)
        row("argmin", shape, dim=dim, keepdim=keepdim)
        row("prod", shape, dim=dim, keepdim=keepdim)
for name in ("max", "min", "argmax", "argmin", "prod"):
    row(name, (2, 3, 4))
    row(name, ())
    # the derivative of a product at infinity is the product of the others; PyTorch divides, and has NaN
    only = "finite" if name == "prod" else ""
    edges(name, call=(lambda f, x: f(x, 0).values) if name in {"max", "min"} else lambda f, x: f(x, 0), only=only)
row("prod", np.array([[0.0, 2, 3], [0, 0, 3], [1, 2, 3]]), dim=1)
row("var", (0,))
row("std", (2, 0), dim=1)
for name in ("softmax", "log_softmax", "softmin", "cumsum", "cumprod"):
    for shape, dim in [
        ((5,), 0),
        ((2, 3, 4), 0),
        ((2, 3, 4), 1),
        ((2, 3, 4), -1),
        ((3, 1), 1),
        ((2, 0), 1),
        ((0, 2), 1),
    ]:
        row(name, shape, dim=dim)
    edges(name, dim=0, only="finite" if name == "cumprod" else "")
row("cumprod", np.array([[0.0, 2, 3], [2, 0, 3], [0, 0, 3]]), dim=1)
row("glu", (3, 4))
row("glu", (4, 3), dim=0)
row("glu", (2, 0))
row("glu", np.stack([EDGES[:-1], EDGES[:-1][::-1]]), dim=0, exact=True, kind="edges")
for p, dim in [(2.0, 1), (1, 0), (3.0, -1), (2.0, (0, 1)), (0, 1)]:
    row("normalize", (3, 4), p=p, dim=dim)
row("normalize", np.zeros((2, 3)), kind="zeros")
edges("normalize", dim=0, only="numbers")
for a, b, dim in [
    ((3, 4), (3, 4), 1),
    ((3, 4), (4,), -1),
    ((2, 3, 4), (3, 1), 1),
    ((4,), (4,), 0),
    ((1, 4), (5, 4), 1),
]:
    row("cosine_similarity", a, b, dim=dim)
row("cosine_similarity", np.zeros((2, 3)), (2, 3), kind="zeros")

# rearrangements

for name, shape, call in [
    ("reshape", (2, 6), lambda f, x: f(x, (3, -1))),
    ("reshape", (1,), lambda f, x: f(x, ())),
    ("reshape", (0, 3), lambda f, x: f(x, (3, 0, 2))),
    ("flatten", (2, 3, 4), lambda f, x: f(x, 1)),
    ("flatten", (), lambda f, x: f(x)),
    ("unflatten", (2, 6), lambda f, x: f(x, -1, (3, -1))),
    ("unflatten", (6, 0, 2), lambda f, x: f(x, 0, [2, 3])),
    ("unflatten", (2, 0), lambda f, x: f(x, 1, (-1, 5))),
    ("permute", (2, 3, 4), lambda f, x: f(x, (-1, 0, 1))),
    ("transpose", (2, 3, 4), lambda f, x: f(x, 0, -1)),
    ("transpose", (), lambda f, x: f(x, 0, -1)),
    ("squeeze", (1, 3, 1), lambda f, x: f(x)),
    ("squeeze", (1, 3, 1), lambda f, x: f(x, (0, -1))),
    ("squeeze", (1, 3, 1), lambda f, x: f(x, 1)),
    ("squeeze", (), lambda f, x: f(x, 0)),
    ("unsqueeze", (2, 3), lambda f, x: f(x, -1)),
    ("unsqueeze", (), lambda f, x: f(x, 0)),
    ("expand", (3, 1), lambda f, x: f(x, (2, -1, 4))),
    ("expand", (), lambda f, x: f(x, (2, 3))),
    ("expand", (1, 3), lambda f, x: f(x, (0, 3))),
    ("split", (5, 2), lambda f, x: f(x, 2)[1]),
    ("split", (5, 2), lambda f, x: f(x, [1, 4], 0)[1]),
    ("chunk", (5, 2), lambda f, x: f(x, 3)[2]),
    ("flip", (2, 3, 4), lambda f, x: f(x, (0, -1))),
    ("roll", (2, 3), lambda f, x: f(x, 2)),
    ("roll", (2, 3), lambda f, x: f(x, (-1, 4), (0, 1))),
    ("roll", (0, 3), lambda f, x: f(x, 1, 0)),
    ("tril", (3, 4), lambda f, x: f(x, 1)),
    ("triu", (2, 3, 3), lambda f, x: f(x, -1)),
    ("pad", (2, 3), lambda f, x: f(x, (1, 2), value=3.0)),
    ("pad", (2, 3, 4), lambda f, x: f(x, (0, 1, 2, 0))),
    ("pad", (0, 2), lambda f, x: f(x, (1, 1, 1, 1))),
    *[
        ("pad", shape, lambda f, x, widths=widths, mode=mode: f(x, widths, mode))
        for mode in ("reflect", "replicate", "circular")
        for shape, widths in [
            ((2, 5), (2, 3)),
            ((2, 3, 4), (3, 1)),
            ((2, 3, 4), (1, 2, 2, 0)),
            ((2, 1, 3, 4), (0, 3, 2, 2)),
            ((2, 2, 3, 2, 3), (1, 2, 0, 1, 2, 1)),
            ((3, 2, 4), (0, 0)),
        ]
    ],
    ("pad", (2, 3), lambda f, x: f(x, (7, 9), "replicate")),
    ("index_select", (), lambda f, x: f(x, 0, np.array([0]) if isinstance(x, Tensor) else torch.tensor([0]))),
    ("index_select", (3,), lambda f, x: f(x, 0, np.array(1) if isinstance(x, Tensor) else torch.tensor(1))),
]:
    row(name, shape, call=call)
for dim, shapes in [(0, [(2, 3), (1, 3), (0, 3)]), (-1, [(2, 3), (2, 1)]), (1, [(2, 3, 1), (2, 0, 1), (2, 1, 1)])]:
    row("cat", *shapes, call=lambda f, *a, dim: f(a, dim), dim=dim)
for dim in (0, 1, -1):
    row("stack", (2, 3), (2, 3), call=lambda f, *a, dim: f(a, dim), dim=dim)
row("gather", (3, 4), ints(4, 3, 2), call=lambda f, x, i: f(x, 1, i))
row("gather", (3, 4), ints(3, 2, 2), call=lambda f, x, i: f(x, 0, i))
row("gather", (), np.array(0), call=lambda f, x, i: f(x, 0, i))
row("gather", (), np.array([0, 0, 0]), call=lambda f, x, i: f(x, -1, i))
row("gather", (3,), np.array(2), call=lambda f, x, i: f(x, 0, i))
row("take_along_dim", (3, 4), ints(12, 7), call=lambda f, x, i: f(x, i))
row("take_along_dim", (3, 4), ints(12, 2, 2), call=lambda f, x, i: f(x, i))
row("cat", (2, 3), (0,), (2, 1), call=lambda f, *a: f(a, 1))
row("cat", (0,), (2, 3), call=lambda f, *a: f(a))
row("cat", (0,), (0,), call=lambda f, *a: f(a))
row("cat", (0,), (2,), call=lambda f, *a: f(a))
row("index_select", (3, 4), ints(4, 6), call=lambda f, x, i: f(x, -1, i))
row("take_along_dim", (3, 4), ints(4, 1, 5), call=lambda f, x, i: f(x, i, 1))
for labels, classes in [(ints(3, 4), 3), (ints(2, 2, 3), 5), (ints(3, 5), -1)]:
    row("one_hot", labels, num_classes=classes)

# products and convolutions

PRODUCTS = [
    ((3, 4), (4, 5)), ((4,), (4,)), ((4,), (4, 5)), ((3, 4), (4,)), ((2, 1, 3, 4), (5, 4, 2)), ((2, 0, 3), (3, 1)),
    ((4,), (2, 4, 3)), ((0, 4), (4, 5)), ((3, 0), (0, 5)), ((1, 1), (1, 1)),
]  # fmt: skip
for a, b in PRODUCTS:
    row("matmul", a, b)
row("matmul", FEW[:, None], FEW[None], exact=True, kind="edges")
row("bmm", (2, 3, 4), (2, 4, 5))
row("mm", (3, 4), (4, 5))
row("mv", (3, 4), (4,))
row("dot", (4,), (4,))
row("dot", (0,), (0,))
row("outer", (3,), (0,))
row("outer", (3,), (4,))
EINSUMS: dict[str, list[Any]] = {
    "ij,jk->ik": [(2, 3), (3, 4)], "ij->": [(2, 3)], "ii->i": [(3, 3)], "ij,ij": [(2, 3), (2, 3)], "ij->ji": [(1, 3)],
    "...i,ij->...j": [(2, 4, 3), (3, 5)], "i,j,k->ijk": [(2,), (3,), (4,)], "bij,bjk->bik": [(2, 3, 1), (2, 1, 4)],
    "ij,jk": [(2, 0), (0, 4)],
}  # fmt: skip
for equation, shapes in EINSUMS.items():
    row("einsum", *shapes, call=lambda f, *a, equation: f(equation, *a), equation=equation)
for shape in [(4,), (3, 4), (2, 3, 4), (0, 4)]:
    row("linear", shape, (5, 4), (5,))
    row("linear", shape, (5, 4))
row("bilinear", (5, 3), (5, 4), (2, 3, 4), (2,))
row("embedding", ints(4, 2, 5), (4, 3))
row("embedding", ints(4), (4, 3))
CONV: list[tuple[Any, Any, dict[str, Any]]] = [
    ((2, 3, 7), (4, 3, 3), {}),
    ((3, 7), (4, 3, 3), {"padding": 2}),
    ((2, 4, 8), (6, 2, 3), {"groups": 2, "stride": 2, "dilation": 2, "padding": 1}),
    ((0, 3, 7), (4, 3, 3), {}),
    ((1, 1, 1), (1, 1, 1), {}),
]
for x, weight, options in CONV:
    row("conv1d", x, weight, weight[:1], **options)
    row("conv1d", x, weight, **options)
    wider, taps = (*x, 6), (*weight, 2 if weight[-1] > 1 else 1)
    row("conv2d", wider, taps, weight[:1], **options)
    row("conv2d", wider, taps, **options)
    groups = options.get("groups", 1)
    back = (weight[1] * groups, weight[0] // groups, *taps[2:])
    row("conv_transpose2d", wider, back, (weight[0],), **options)
for padding, dilation, groups in itertools.product(["same", "valid"], [1, 2], [1, 3]):
    for taps in (1, 2, 3, 4):
        row("conv1d", (2, 3, 8), (6, 3 // groups, taps), (6,), padding=padding, dilation=dilation, groups=groups)
        row("conv2d", (2, 3, 7, 8), (6, 3 // groups, taps, 3), padding=padding, dilation=(1, dilation), groups=groups)
row("conv2d", (3, 7, 8), (2, 3, 2, 2), padding="same")
row("conv2d", (2, 3, 7, 8), (2, 3, 2, 2), padding="valid", stride=2)
for stride, dilation, groups in itertools.product([1, 2, (2, 1)], [1, 2, 3, (1, 3)], [1, 2]):
    most = np.maximum(np.broadcast_to(stride, 2), dilation) - 1
    for extra in itertools.product(*(range(m + 1) for m in most)):
        for padding in (0, 1):
            row("conv_transpose2d", (2, 4, 3, 2), (4, 3, 2, 3), (3 * groups,), stride=stride, padding=padding,
                output_padding=extra, groups=groups, dilation=dilation)  # fmt: skip
            if type(stride) is type(dilation) is int:
                row("conv_transpose1d", (2, 4, 3), (4, 3, 3), (3 * groups,), stride=stride, padding=padding,
                    output_padding=extra[0], groups=groups, dilation=dilation)  # fmt: skip
row("conv_transpose1d", (4, 3), (4, 3, 3))
row("conv_transpose2d", (1, 1, 1, 1), (1, 1, 2, 2), stride=2, output_padding=1)
for shape in [(2, 3, 5, 6), (3, 5, 6), (0, 3, 5, 6)]:
    for options in [{"kernel_size": 2}, {"kernel_size": (2, 3), "padding": (0, 1), "stride": (2, 1)},
                    {"kernel_size": 2, "dilation": 2, "padding": 1, "stride": 2}]:  # fmt: skip
        row("unfold", shape, **options)
row("conv2d", (3, 5, 6), (2, 3, 2, 3), stride=(2, 1), padding=(0, 2), dilation=(1, 2))
row("conv_transpose2d", (2, 3, 4, 4), (3, 2, 3, 3), stride=2, padding=1, output_padding=1)
row("conv_transpose2d", (3, 4, 4), (3, 2, 3, 2), stride=(2, 1), dilation=(1, 2))

# attention

for batch, t, s in [((), 3, 4), ((2,), 5, 5), ((2, 3), 1, 4), ((2, 2), 4, 1), ((0,), 3, 3)]:
    shapes = [(*batch, t, 4), (*batch, s, 4), (*batch, s, 3)]
    row("scaled_dot_product_attention", *shapes)
    row("scaled_dot_product_attention", *shapes, is_causal=True)
    row("scaled_dot_product_attention", *shapes, scale=0.3)
    seen = RNG.random((t, s)) < 0.7
    seen[:, 0] = True
    row("scaled_dot_product_attention", *shapes, seen)
    row("scaled_dot_product_attention", *shapes, Fixed(RNG.standard_normal((t, s))))

for shapes in [
    [(2, 3, 5, 4), (3, 6, 4), (1, 1, 6, 2)],
    [(5, 4), (2, 6, 4), (6, 3)],
    [(2, 1, 5, 4), (1, 3, 6, 4), (6, 3)],
]:
    row("scaled_dot_product_attention", *shapes)
    row("scaled_dot_product_attention", *shapes, Fixed(RNG.standard_normal((5, 6))))
    row("scaled_dot_product_attention", *shapes, RNG.random((5, 6)) < 0.9)
for shapes in [
    [(2, 6, 5, 4), (2, 2, 6, 4), (2, 2, 6, 3)],
    [(4, 5, 4), (1, 6, 4), (1, 6, 3)],
    [(4, 5, 4), (4, 6, 4), (4, 6, 3)],
]:
    row("scaled_dot_product_attention", *shapes, enable_gqa=True)
    row("scaled_dot_product_attention", *shapes, is_causal=True, enable_gqa=True)
    row("scaled_dot_product_attention", *shapes, Fixed(RNG.standard_normal((5, 6))), enable_gqa=True)

# normalisation

for shape, last in [((4, 6), (6,)), ((2, 3, 5), (3, 5)), ((6,), (6,)), ((0, 4), (4,)), ((2, 3, 4), (4,))]:
    for parameters in ([], [last], [last, last]):
        row("layer_norm", shape, *parameters, call=lambda f, x, *wb, n: f(x, n, *wb), n=last)
    row("rms_norm", shape, last, call=lambda f, x, w, n: f(x, n, w, 1e-5), n=last)
    row("rms_norm", shape, call=lambda f, x, n: f(x, n, eps=1e-5), n=last)
edges("layer_norm", call=lambda f, x: f(x, (5,)))
edges("rms_norm", call=lambda f, x: f(x, (5,), eps=1e-5))
for shape, groups in [((2, 6, 5), 3), ((2, 6, 3, 4), 1), ((3, 4, 2, 2), 4), ((1, 4), 2)]:
    row(
        "group_norm", shape, (shape[1],), (shape[1],), call=lambda f, x, w, b, groups: f(x, groups, w, b), groups=groups
    )
    apart = 4 * np.arange(shape[1]).reshape(-1, *[1] * (len(shape) - 2))  # of near neighbours PyTorch knows few digits
    row("group_norm", RNG.standard_normal(shape) + apart, num_groups=groups)
edges("group_norm", call=lambda f, x: f(x.reshape(1, 1, 5), 1))
for shape in [(4, 3), (2, 3, 5), (2, 3, 4, 4)]:
    row("batch_norm", shape, (3,), (3,), call=lambda f, x, w, b: f(x, None, None, w, b, True))
    row("batch_norm", shape, Fixed(RNG.standard_normal(3)), weights(3))
for shape in [(2, 3, 5), (2, 3, 4, 4)]:
    row("instance_norm", shape)
    row("instance_norm", shape, (3,), (3,), call=lambda f, x, w, b: f(x, None, None, w, b))

# pooling and resizing

for lead in [(2, 3), (3,), (0, 3)]:
    for options in [
        {},
        {"stride": 2},
        {"stride": 1, "padding": 1},
        {"stride": 2, "ceil_mode": True},
        {"padding": 1, "ceil_mode": True},
    ]:
        for kernel in (2, 3):
            row("max_pool1d", (*lead, 7), kernel_size=kernel, **options)
            row("avg_pool1d", (*lead, 7), kernel_size=kernel, **options)
            row("max_pool2d", (*lead, 7, 6), kernel_size=kernel, **options)
            row("avg_pool2d", (*lead, 7, 6), kernel_size=kernel, **options)
            row("avg_pool2d", (*lead, 7, 6), kernel_size=kernel, **options, count_include_pad=False)
    for kernel, stride, padding in [(8, 8, 0), (9, 3, 0), (8, 8, 4), (10, 3, 2)]:  # larger than the pictures
        options = {"kernel_size": kernel, "stride": stride, "padding": padding, "ceil_mode": True}
        row("max_pool1d", (*lead, 7), **options)
        row("avg_pool1d", (*lead, 7), **options)
        row("max_pool2d", (*lead, 7, 7), **options)
        row("avg_pool2d", (*lead, 7, 7), **options)
        row("avg_pool2d", (*lead, 7, 7), **options, count_include_pad=False)
    row("max_pool2d", (*lead, 7, 6), kernel_size=(2,), stride=(1,), padding=(1,), dilation=(1,))
    row("avg_pool2d", (*lead, 7, 6), kernel_size=(2,), stride=(1,), padding=(1,))
    row("avg_pool1d", (*lead, 7), kernel_size=(2,), stride=(1,), padding=(1,))
    row("max_pool2d", (*lead, 7, 6), kernel_size=(2, 3), dilation=(2, 1))
    row("avg_pool2d", (*lead, 7, 6), kernel_size=2, divisor_override=3)
    for size in (1, 2, 5):
        row("adaptive_avg_pool1d", (*lead, 7), output_size=size)
        row("adaptive_max_pool1d", (*lead, 7), output_size=size)
        row("adaptive_avg_pool2d", (*lead, 7, 6), output_size=(size, None))
        row("adaptive_max_pool2d", (*lead, 7, 6), output_size=size)
for lead in [(2,), (), (3, 2)]:  # torch fails on an empty batch
    row("pixel_shuffle", (*lead, 8, 3, 2), call=lambda f, x: f(x, 2))
    row("pixel_unshuffle", (*lead, 2, 4, 6), call=lambda f, x: f(x, 2))
row("max_pool1d", np.array([[[1, np.nan, 2, np.inf, -np.inf, -np.inf, 3, 3]]]), kernel_size=2, kind="edges")
row(
    "max_pool2d",
    np.array([[[[1, np.nan], [2, 3]], [[-np.inf, -np.inf], [-np.inf, -np.inf]]]]),
    kernel_size=2,
    kind="edges",
)
row("adaptive_max_pool2d", np.array([[[[1, np.nan], [2, 3]], [[5, 5], [5, 5]]]]), output_size=1, kind="edges")
row("avg_pool1d", np.array([[[1, np.nan, 2, np.inf, -np.inf, 1e30, 3, 3]]]), kernel_size=2, kind="edges")
row("adaptive_avg_pool1d", np.array([[[1, np.nan, 2, np.inf, -np.inf, 1e30, 3, 3]]]), output_size=4, kind="edges")
for mode, options in itertools.product(
    ["nearest", "bilinear"], [{"size": 3}, {"size": (1, 9)}, {"scale_factor": 2}, {"scale_factor": (1.5, 0.5)}]
):
    row("interpolate", (2, 3, 5, 4), mode=mode, **options)
    if mode == "bilinear":
        row("interpolate", (2, 3, 5, 4), mode=mode, align_corners=True, **options)

LENGTHS: list[dict[str, Any]] = [
    {"size": 3}, {"size": 11}, {"size": (1,)}, {"scale_factor": 2}, {"scale_factor": (0.5,)}, {"scale_factor": 1.7},
]  # fmt: skip
for options in LENGTHS:
    for mode in ("nearest", "nearest-exact", "area"):
        for shape in [(2, 3, 5), (2, 3, 5, 4), (1, 2, 3, 4, 5)]:
            several = len(shape) == 3 or not isinstance(next(iter(options.values())), tuple)
            if several:
                row("interpolate", shape, mode=mode, **options)
    for mode, shape in [("linear", (2, 3, 5)), ("bicubic", (2, 3, 5, 4)), ("trilinear", (1, 2, 3, 4, 5))]:
        if len(shape) > 3 and isinstance(next(iter(options.values())), tuple):
            continue
        row("interpolate", shape, mode=mode, **options)
        row("interpolate", shape, mode=mode, align_corners=True, **options)

# losses

for reduction, shape in itertools.product(["mean", "sum", "none"], [(), (4,), (3, 5), (1, 1), (0, 3)]):
    r = {"reduction": reduction}
    for name in ("mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss"):
        row(name, shape, shape, **r)
    row("smooth_l1_loss", shape, shape, beta=0.3, **r)
    row("smooth_l1_loss", shape, shape, beta=0.0, **r)
    row("huber_loss", shape, shape, delta=0.3, **r)
    row("kl_div", shape, between(0, 1, *shape), **r)
    row("kl_div", shape, shape, log_target=True, **r)
    row("binary_cross_entropy", between(0, 1, *shape), between(0, 1, *shape), **r)
    row("binary_cross_entropy_with_logits", shape, between(0, 1, *shape), **r)
    row("gaussian_nll_loss", shape, shape, between(0.1, 2, *shape), **r)
    row("soft_margin_loss", shape, signs(*shape), **r)
    row("hinge_embedding_loss", shape, signs(*shape), **r)
    row("margin_ranking_loss", shape, shape, signs(*shape), margin=0.3, **r)
    for log_input, full in itertools.product([False, True], repeat=2):
        row("poisson_nll_loss", between(0.5, 2, *shape), between(0, 4, *shape), log_input=log_input, full=full, **r)
    if shape:
        for options in [{}, {"p": 1.0, "margin": 0.3}, {"swap": True, "margin": 3.0}, {"p": 3.0, "eps": 0.1}]:
            row("triplet_margin_loss", shape, shape, shape, **options, **r)
for reduction, shape, margin in itertools.product(["mean", "sum", "none"], [(3,), (4, 3), (0, 3)], [0.0, 0.4, -0.5]):
    row("cosine_embedding_loss", shape, shape, signs(*shape[:-1]), margin=margin, reduction=reduction)
row("cosine_embedding_loss", np.zeros((2, 3)), (2, 3), Fixed(np.array([1.0, -1])), kind="zeros")
for reduction, target, var in itertools.product(
    ["mean", "sum", "none"], [(3, 3), (1, 3), (3, 1)], [(3, 3), (3,), (3, 1)]
):
    row("gaussian_nll_loss", (3, 3), target, between(0.1, 2, *var), reduction=reduction)
row("poisson_nll_loss", np.array([0.0, 1, 2]), Fixed(np.array([0.0, 1, 5])), full=True, kind="counts")
row("kl_div", (3, 5), between(0, 1, 3, 5), reduction="batchmean")
row("kl_div", (3,), Fixed(np.array([0, 1, 0.5])), kind="zeros")
row("gaussian_nll_loss", (3, 5), (3, 5), np.array([[0.0], [1e-9], [2.0]]), full=True, kind="floor")
r = {"reduction": "none"}
row("binary_cross_entropy", np.array([0.0, 1, 0.5]), Fixed(np.array([0.0, 1, 1])), kind="edges", **r)
row("binary_cross_entropy_with_logits", EDGES, np.linspace(0, 1, len(EDGES)), exact=True, kind="edges", **r)
row("binary_cross_entropy_with_logits", (3, 4), between(0, 1, 3, 4), weights(4), weights(4),
    call=lambda f, x, y, w, p: f(x, y, weight=w, pos_weight=p))  # fmt: skip
for name in ("mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss"):
    row(name, EDGES, np.zeros_like(EDGES), exact=True, kind="edges", **r)
    row(name, EDGES, EDGES[::-1].copy(), exact=True, kind="edges reversed", **r)
x = EDGES[np.abs(EDGES) < 89]  # beyond, torch's is infinite
row("soft_margin_loss", x, Fixed(np.ones(x.shape)), exact=True, kind="edges", **r)
for reduction, shape in itertools.product(["mean", "sum", "none"], [(3,), (4, 3), (2, 3, 2), (2, 1)]):
    classes = shape[0] if len(shape) == 1 else shape[1]
    labels = ints(classes, *(shape[:1] + shape[2:] if len(shape) > 1 else ()))
    ignored = labels.copy()
    ignored.flat[0] = -100
    for smoothing in (0.0, 0.2):
        options = {"reduction": reduction, "label_smoothing": smoothing}
        row("cross_entropy", shape, labels, **options)
        row("cross_entropy", shape, ignored, kind=f"ignored{shape}", **options)
        row("cross_entropy", shape, labels, weights(classes), **options)
        row("cross_entropy", shape, between(0, 1, *shape), weights(classes), **options)
    r = {"reduction": reduction}
    row("nll_loss", shape, labels, **r)
    row("nll_loss", shape, ignored, weights(classes), **r)
    if len(shape) < 3:
        for p in (1, 2):
            row("multi_margin_loss", shape, labels, weights(classes),
                call=lambda f, x, y, w, **options: f(x, y, weight=w, **options), p=p, margin=0.7, **r)  # fmt: skip
edges("cross_entropy", np.array(0), only="numbers")
edges("cross_entropy", np.array(3), only="numbers")

# copies, rests, truths, and what is written at an index

for shape in [(), (3,), (0, 2), (2, 3, 4)]:
    row("clone", shape)
    row("repeat", shape, (2,) * (len(shape) + 1), call=lambda f, x, sizes: f(x, tuple(sizes.shape)))
    for keepdim in (False, True):
        truths = RNG.integers(0, 2, shape).astype(bool)
        for name in ("any", "all"):
            row(name, truths)
            row(name, truths.astype(np.float64), call=lambda f, x, **o: f(x, **o), kind=f"floats{shape}")
            row(name, truths, dim=-1, keepdim=keepdim)
    row("logical_not", RNG.integers(0, 2, shape).astype(bool))
for a, b in PAIRS:
    for name in ("floor_divide", "remainder"):
        row(name, a, np.asarray(RNG.uniform(0.5, 2, b) * RNG.choice([-1, 1], b)))
        row(name, ints(9, *a) - 4, ints(3, *b) + 1)
row("remainder", np.array([7.5, -7.5, 0.0, 1e30, np.inf, np.nan]), np.array([2.0]), kind="edges")
for shape, dim, cut in [
    ((3, 4), 0, (2, 4)),
    ((3, 4), 1, (3, 2)),
    ((3, 4), -1, (2, 3)),
    ((5,), 0, (0,)),
    ((2, 3, 4), 1, (2, 2, 3)),
]:
    places = np.argsort(RNG.random(shape), axis=dim)[tuple(slice(n) for n in cut)].copy()
    row("scatter", shape, places, cut, call=lambda f, x, i, y, dim: f(x, dim, i, y), dim=dim)
    row("scatter", shape, places, call=lambda f, x, i, dim: f(x, dim, i, 2.5), dim=dim, kind=f"number{shape}{dim}")

THEIRS: dict[str, Callable[..., Any]] = {
    "repeat": lambda x, sizes: x.repeat(sizes),
    "floor_divide": lambda x, y: torch.div(x, y, rounding_mode="floor"),
    "expand": lambda x, shape: x.expand(shape),
    "masked_fill": lambda x, mask, value: x.masked_fill(mask, value),
    "norm": lambda x, p=2.0, dim=None, keepdim=False: torch.linalg.vector_norm(x, p, dim, keepdim),
}


#: where NaN is given, and our answer is NaN or follows the formula: see the docstrings
NAN_DIFFERS = {"abs", "sign", "relu", "relu6", "elu", "selu", "celu", "hardtanh", "hardswish", "l1_loss"}


def same(ours: Any, theirs: Any, dtype: str, exact: bool, what: str, given: Any = True) -> None:
    """Equal up to rounding: of each element if `exact`, else of the largest; `given` says which elements count."""
    theirs = theirs.detach().numpy()
    assert np.shape(ours) == theirs.shape, f"{what}: shape {np.shape(ours)}, torch {theirs.shape}"
    if theirs.dtype.kind != "f":
        np.testing.assert_array_equal(ours, theirs, err_msg=what)
        return
    assert ours.dtype == theirs.dtype, what
    ours, theirs = np.where(given, ours, 0), np.where(given, theirs, 0)
    finite = np.abs(theirs[np.isfinite(theirs)])
    rtol = max(RTOL[dtype], ROUNDED.get(what.split(" ")[0], 0))
    tiny = 1e-36 if dtype == "float32" else 1e-300
    atol = tiny if exact else rtol * max(1, finite.max(initial=0))
    np.testing.assert_allclose(ours, theirs, rtol=rtol, atol=atol, err_msg=what)


def compare(r: Row, dtype: str) -> None:
    ours = getattr(F, r.name)
    theirs = THEIRS.get(r.name) or getattr(TF, r.name, None) or getattr(torch, r.name)
    call = r.call or (lambda f, *arrays, **options: f(*arrays, **options))
    arrays = [v.astype(dtype) if v.dtype.kind == "f" else v for v in map(_values, r.arrays)]
    wanted = [a.dtype.kind == "f" and not isinstance(given, Fixed) for a, given in zip(arrays, r.arrays)]
    mine = [Tensor(a.copy(), requires_grad=True) if want else a for a, want in zip(arrays, wanted)]
    other = [torch.tensor(a, requires_grad=want) for a, want in zip(arrays, wanted)]
    with np.errstate(all="ignore"):
        y, z = call(ours, *mine, **r.options), call(theirs, *other, **r.options)
        given = True
        if r.name in NAN_DIFFERS:
            given = ~np.isnan(sum(arrays))
        same(y.data, z, dtype, r.exact, f"{r.name} value", given)
        if y.dtype.kind != "f" or not z.requires_grad:
            return
        dy = np.random.default_rng(1).uniform(0.5, 2, y.shape).astype(dtype)
        y.backward(dy)
        z.backward(torch.tensor(dy))
    for i, (a, b) in enumerate(zip(mine, other)):
        if b.grad is not None:
            same(a.grad, b.grad, dtype, r.exact, f"{r.name} gradient {i}", given)


@pytest.mark.filterwarnings("ignore:.*(degrees of freedom|reduction. .mean.|padding='same'):UserWarning")
@pytest.mark.parametrize("r", ROWS, ids=str)
def test_row(r: Row) -> None:
    twin = getattr(getattr(F, r.name), "compiled", None) and nnlite.kernels_enabled()
    for kernels in [True, False] if twin else [nnlite.kernels_enabled()]:
        with nnlite.use_kernels(kernels):
            for dtype in ("float32", "float64"):
                compare(r, dtype)


#: what torch has not, what draws, and what tests/nn/test_recurrent_layers.py compares layer by layer
ELSEWHERE = {"swiglu", "perceptron_loss", "linear_recurrence", "linear_activation", "rnn", "gru", "lstm",
             "dropout", "dropout1d", "dropout2d"}  # fmt: skip


def test_the_table_holds_every_function_that_torch_has() -> None:
    functions = {name for name, value in vars(F).items() if callable(value) and name[0] != "_"}
    assert functions - ELSEWHERE == {r.name for r in ROWS}
