"""Valid arguments for every differentiable function, away from its kinks, and for every class: what the tests draw.

``arguments("functional.softmax", np.float64)`` is a hypothesis strategy of complete argument lists, in the order of the
formula's signature. The shapes include odd, empty and one-element ones, the arrays come transposed, strided,
reversed and read-only as well as contiguous. Values stay away from where the function is not differentiable (0
for the absolute value, ties for the maximum), because there a finite difference says nothing.
"""

from __future__ import annotations

import inspect
import math
import random
from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st

from nnlite import Tensor, nn, optim
from nnlite.registry import REGISTRY

SAMPLES: dict[str, Callable[[Pen], list[Any]]] = {}


def examples(count: int) -> settings:
    """So many examples in the full profile, in the quick one as many fewer as that draws fewer (see conftest.py)."""
    return settings(max_examples=max(2, count * settings().max_examples // 15))


@st.composite
def arguments(draw: Any, name: str, dtype: Any) -> list[Any]:
    """Draw the arguments of the function called `name`, with float inputs of `dtype`; defaults are filled in."""
    given = SAMPLES[name](Pen(draw, dtype))
    return [*given, *REGISTRY[name].signature.defaults[len(given) :]]


def inputs(entry: Any, args: list[Any]) -> list[Any]:
    """The arguments that may want a gradient; None where there is none or it cannot."""
    if entry.sequence is not None:
        return list(args[entry.sequence])
    arrays = [args[i] for i in entry.inputs]
    if entry.maybe_input is not None:
        arrays.append(args[entry.maybe_input] if args[entry.maybe_input].dtype.kind == "f" else None)
    return arrays


def with_inputs(entry: Any, args: list[Any], new: list[Any]) -> list[Any]:
    args = list(args)
    if entry.sequence is not None:
        args[entry.sequence] = new
    else:
        for i, value in zip(entry.inputs, new):
            args[i] = value
        if entry.maybe_input is not None and new[-1] is not None:
            args[entry.maybe_input] = new[-1]
    return args


class Pen:
    """Draws shapes and options with hypothesis, and fills the arrays from one drawn seed, which is fast."""

    def __init__(self, draw: Any, dtype: Any) -> None:
        self.draw = draw
        self.dtype = np.dtype(dtype)
        self.rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))

    def one_of(self, *options: Any) -> Any:
        return self.draw(st.sampled_from(options))

    def integer(self, low: int, high: int) -> int:
        return self.draw(st.integers(low, high))

    def boolean(self) -> bool:
        return self.draw(st.booleans())

    def length(self, empty: bool = True) -> int:
        return self.one_of(1, 2, 3, 5, 8, 17, *([0] if empty else []))

    def shape(self, fewest: int = 0, most: int = 3, empty: bool = True) -> tuple[int, ...]:
        shape = [self.length(empty) for _ in range(self.integer(fewest, most))]
        while math.prod(shape) > 400:
            shape[int(np.argmax(shape))] = 3
        return tuple(shape)

    def narrowed(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """A shape that broadcasts to `shape`: some lengths become 1, some leading axes are left out."""
        shape = tuple(1 if self.boolean() else n for n in shape)
        return shape[self.integer(0, len(shape)) :]

    def array(self, shape: tuple[int, ...], low: float = -3.0, high: float = 3.0) -> np.ndarray:
        return self.laid_out(self.rng.uniform(low, high, shape))

    def away_from_zero(self, shape: tuple[int, ...]) -> np.ndarray:
        return self.laid_out(self.rng.uniform(0.1, 3, shape) * self.rng.choice([-1, 1], shape))

    def distinct(self, shape: tuple[int, ...]) -> np.ndarray:
        return self.laid_out(0.1 * self.rng.permutation(math.prod(shape)).reshape(shape) - 1)

    def spread(self, rows: int, n: int, shape: tuple[int, ...]) -> np.ndarray:
        """Rows of numbers that are never nearly equal: 1/std of such a row has no useful derivative."""
        values = self.rng.permuted(np.tile(np.linspace(-2, 3, n), (rows, 1)), axis=1)
        return self.laid_out((values + self.rng.uniform(-0.3, 0.3, values.shape) / n).reshape(shape))

    def laid_out(self, values: Any) -> np.ndarray:
        """The same values at other places in memory."""
        values = np.asarray(values, self.dtype)
        layout = self.one_of("contiguous", "transposed", "strided", "reversed", "read-only")
        if layout == "transposed":
            return values.T.copy().T
        if layout == "strided" and values.ndim:
            return np.repeat(values, 2, axis=-1)[..., ::2]
        if layout == "reversed" and values.ndim:
            return values[::-1].copy()[::-1]
        if layout == "read-only":
            values.flags.writeable = False
        return values


class Die(Pen):
    """A pen that draws without hypothesis: the same for the same seed, and quick."""

    def __init__(self, seed: int, dtype: Any = np.float64) -> None:
        self.random, self.rng, self.dtype = random.Random(seed), np.random.default_rng(seed), np.dtype(dtype)

    def one_of(self, *options: Any) -> Any:
        return self.random.choice(options)

    def integer(self, low: int, high: int) -> int:
        return self.random.randint(low, high)

    def boolean(self) -> bool:
        return self.random.random() < 0.5


def sample(*names: str) -> Any:
    """Register how the arguments of some functions are drawn."""

    def register(make: Callable[[Pen], list[Any]]) -> Callable[[Pen], list[Any]]:
        SAMPLES.update({f"functional.{name}": make for name in names})
        return make

    return register


@sample(
    "neg", "exp", "expm1", "sin", "cos", "square", "erf", "sigmoid", "tanh", "silu", "softplus", "logsigmoid", "mish"
)
def _anywhere(pen: Pen) -> list[Any]:
    return [pen.array(pen.shape())]


@sample("sqrt", "rsqrt", "log", "log1p", "log2")
def _positive(pen: Pen) -> list[Any]:
    return [pen.array(pen.shape(), 0.5, 4)]


@sample("abs", "reciprocal", "relu", "sign", "selu", "softsign")
def _kink_at_zero(pen: Pen) -> list[Any]:
    return [pen.away_from_zero(pen.shape())]


@sample("leaky_relu")
def _leaky_relu(pen: Pen) -> list[Any]:
    return [pen.away_from_zero(pen.shape()), pen.one_of(0.01, 0.5, -1.0)]


@sample("gelu")
def _gelu(pen: Pen) -> list[Any]:
    return [pen.array(pen.shape()), pen.one_of("none", "tanh")]


@sample("floor", "ceil")
def _between_steps(pen: Pen) -> list[Any]:
    shape = pen.shape()
    return [pen.laid_out(pen.rng.integers(-3, 3, shape) + pen.rng.uniform(0.1, 0.9, shape))]


@sample("round")
def _round(pen: Pen) -> list[Any]:
    shape = pen.shape()
    tenths = pen.rng.integers(-30, 30, shape) / 10  # away from where a rounding, to either place, changes
    return [pen.laid_out(tenths + pen.rng.uniform(0.01, 0.03, shape)), pen.one_of(0, 1)]


@sample("masked_fill")
def _masked_fill(pen: Pen) -> list[Any]:
    shape = pen.shape()
    return [pen.array(shape), pen.rng.random(pen.narrowed(shape)) < 0.5, pen.array(())]


@sample("celu")
def _celu(pen: Pen) -> list[Any]:
    return [pen.away_from_zero(pen.shape()), pen.one_of(1.0, 0.5, -1.0)]


@sample("hardshrink", "softshrink")
def _shrink(pen: Pen) -> list[Any]:
    shape = pen.shape()
    return [pen.laid_out(pen.rng.choice([-2, 0.1, 2], shape) + pen.rng.uniform(-0.2, 0.2, shape)), pen.one_of(0.5, 1.0)]


@sample("threshold")
def _threshold(pen: Pen) -> list[Any]:
    return [pen.away_from_zero(pen.shape()), 0.0, pen.one_of(-1.0, 20.0)]


@sample("cast")
def _cast(pen: Pen) -> list[Any]:
    return [pen.array(pen.shape()), pen.dtype]


@sample("add", "sub")
def _sum_of_two(pen: Pen) -> list[Any]:
    return [*_two(pen), pen.one_of(1, 1, 0.5, -2)]


@sample("mul")
def _two(pen: Pen) -> list[Any]:
    shape = pen.shape()
    two = [pen.array(shape), pen.array(pen.narrowed(shape))]
    return two[::-1] if pen.boolean() else two


@sample("div")
def _div(pen: Pen) -> list[Any]:
    shape = pen.shape()
    mode = pen.one_of(None, None, "floor", "trunc")
    if mode is None:
        return [pen.array(pen.narrowed(shape)), pen.away_from_zero(shape), None]
    other = pen.rng.choice([-1, 1], shape)  # the quotient is between two steps
    return [pen.laid_out(pen.rng.integers(-3, 3, shape) + pen.rng.uniform(0.1, 0.9, shape)), pen.laid_out(other), mode]


@sample("pow")
def _pow(pen: Pen) -> list[Any]:
    shape = pen.shape()
    return [pen.array(shape, 0.5, 2), pen.array(pen.narrowed(shape))]


@sample("maximum", "minimum")
def _no_ties(pen: Pen) -> list[Any]:
    shape = pen.shape()
    other = pen.narrowed(shape)
    return [
        pen.laid_out(pen.rng.integers(-2, 3, shape) + pen.rng.uniform(0, 0.3, shape)),
        pen.laid_out(pen.rng.integers(-2, 3, other) + pen.rng.uniform(0.5, 0.8, other)),
    ]


@sample("where")
def _where(pen: Pen) -> list[Any]:
    shape = pen.shape()
    condition = pen.rng.random(pen.narrowed(shape)) < 0.5
    return [condition, pen.array(shape), pen.array(pen.narrowed(shape))]


@sample("clamp")
def _clamp(pen: Pen) -> list[Any]:
    shape = pen.shape()
    values = pen.rng.choice([-2, -0.5, 0.5, 2], shape) + pen.rng.uniform(-0.2, 0.2, shape)
    bounds = pen.one_of((-1, 1), (None, 1), (-1, None), (1, -1))
    return [
        pen.laid_out(values),
        *(None if b is None else pen.laid_out(np.full(pen.narrowed(shape), b)) for b in bounds),
    ]


def _dim(pen: Pen, ndim: int, several: bool = True) -> Any:
    """None, an axis or some axes, counted from either end."""
    if ndim == 0:
        return None
    one = pen.integer(-ndim, ndim - 1)
    if not several:
        return one
    order = pen.rng.permutation(ndim)[: pen.integer(1, ndim)]
    some = tuple(int(d) - ndim * pen.boolean() for d in order)
    return pen.one_of(None, one, some)


@sample("sum")
def _sum(pen: Pen) -> list[Any]:
    shape = pen.shape()
    return [pen.array(shape), _dim(pen, len(shape)), pen.boolean()]


@sample("mean", "logsumexp")
def _reduction(pen: Pen) -> list[Any]:
    shape = pen.shape(empty=False)
    return [pen.array(shape), _dim(pen, len(shape)), pen.boolean()]


@sample("amax", "amin")
def _extreme(pen: Pen) -> list[Any]:
    shape = pen.shape(empty=False)
    return [pen.distinct(shape), _dim(pen, len(shape)), pen.boolean()]


@sample("var", "std")
def _var(pen: Pen) -> list[Any]:
    shape = tuple(n + 1 for n in pen.shape(1, empty=False))
    if pen.boolean():
        return [pen.array(shape), _dim(pen, len(shape)), 1, pen.boolean(), pen.boolean()]
    return [pen.array(shape), _dim(pen, len(shape)), pen.one_of(1, 0, 0.5, True, False), pen.boolean()]


@sample("cumsum", "cumprod")
def _running(pen: Pen) -> list[Any]:
    return [*_softmax(pen), pen.one_of(None, pen.dtype)]


@sample("softmax", "log_softmax")
def _softmax(pen: Pen) -> list[Any]:
    shape = pen.shape(1)
    return [pen.array(shape), _dim(pen, len(shape), several=False)]


@sample("reshape")
def _reshape(pen: Pen) -> list[Any]:
    shape = pen.shape()
    n = math.prod(shape)
    return [pen.array(shape), pen.one_of((n,), (1, n), (n, 1, 1), -1 if n else (0, 3))]


@sample("permute")
def _permute(pen: Pen) -> list[Any]:
    shape = pen.shape()
    return [pen.array(shape), tuple(int(d) - len(shape) * pen.boolean() for d in pen.rng.permutation(len(shape)))]


@sample("transpose")
def _transpose(pen: Pen) -> list[Any]:
    shape = pen.shape(1)
    return [pen.array(shape), _dim(pen, len(shape), False), _dim(pen, len(shape), False)]


@sample("expand")
def _expand(pen: Pen) -> list[Any]:
    shape = pen.shape()
    x = pen.array(pen.narrowed(shape))
    kept = [-1 if k >= len(shape) - x.ndim and pen.boolean() else n for k, n in enumerate(shape)]
    return [x, tuple(kept)]


@sample("cat")
def _cat(pen: Pen) -> list[Any]:
    shape = pen.shape(1)
    dim = _dim(pen, len(shape), several=False)
    lengths = [pen.length() for _ in range(pen.integer(1, 3))]
    d = dim % len(shape)
    parts = [pen.array((*shape[:d], n, *shape[d + 1 :])) for n in lengths]
    if pen.boolean():
        parts.insert(pen.integer(0, len(parts)), pen.array((0,)))  # goes with any
    return [parts, dim]


@sample("index")
def _index(pen: Pen) -> list[Any]:
    x = pen.array((4, 3, 5))
    rows = pen.rng.integers(-4, 4, (2, 3))
    index = pen.one_of(
        1,
        slice(None, None, -2),
        (slice(1, 3), Ellipsis, None, -1),
        (0, 1, 2),
        (0, slice(2, 2)),
        rows,
        (rows, slice(None), rows % 2),
        pen.rng.random((4, 3)) < 0.5,
        [0, 0, 2],
        (slice(None), [2, 2]),
        (1, slice(None), [2, 0]),
        ([3, 3], Ellipsis, 0),
        (np.array(-1), rows % 2),
    )
    return [x, index]


@sample("gather")
def _gather(pen: Pen) -> list[Any]:
    if pen.integer(0, 4) == 0:
        return [pen.array(pen.one_of((), (1,))), pen.one_of(0, -1), np.zeros(pen.one_of((), (1,), (3,)), int)]
    shape = pen.shape(1, empty=False)
    dim = _dim(pen, len(shape), several=False)
    taken = list(shape)
    taken[dim] = pen.length()
    return [pen.array(shape), dim, pen.rng.integers(0, shape[dim], taken)]


@sample("pad")
def _pad(pen: Pen) -> list[Any]:
    shape = pen.shape()
    mode = pen.one_of("constant", "constant", "reflect", "replicate", "circular")
    most = {"constant": lambda n: 2, "reflect": lambda n: n - 1, "replicate": lambda n: 3, "circular": lambda n: n}[
        mode
    ]
    padded = shape[::-1][: pen.integer(0, len(shape))]
    few = [min(most(n), 3) if n or mode == "constant" else 0 for n in padded]
    widths = tuple(pen.integer(0, k) for k in few for _ in range(2))
    return [pen.array(shape), widths, mode, pen.one_of(0.0, -1.5)]


@sample("tril", "triu")
def _triangle(pen: Pen) -> list[Any]:
    return [pen.array(pen.shape(2)), pen.integer(-2, 2)]


@sample("matmul")
def _matmul(pen: Pen) -> list[Any]:
    k, batch = pen.length(), pen.shape(0, 2, empty=False)[:2]
    x = pen.one_of((k,), (*pen.narrowed(batch), pen.length(), k))
    other = pen.one_of((k,), (k, pen.length()), (*batch, k, 3))
    return [pen.array(x), pen.array(other)]


@sample("mm")
def _mm(pen: Pen) -> list[Any]:
    k = pen.length()
    return [pen.array((pen.length(), k)), pen.array((k, pen.length()))]


@sample("linear")
def _linear(pen: Pen) -> list[Any]:
    x, features = pen.shape(1), pen.length()
    bias = pen.array((features,)) if pen.boolean() else None
    return [pen.array(x), pen.array((features, x[-1])), bias]


@sample("linear_activation")
def _linear_activation(pen: Pen) -> list[Any]:
    x, features = pen.shape(1), pen.length()
    signs = pen.rng.choice([-1, 1], features)  # each neuron's net is clearly above or below the kink of ReLU
    weight = pen.rng.uniform(0.1, 2, (features, x[-1])) * signs[:, None]
    bias = pen.laid_out(pen.rng.uniform(0.5, 1, features) * signs) if pen.boolean() or x[-1] == 0 else None
    return [pen.array(x, 0.1, 2), pen.laid_out(weight), bias, pen.one_of("relu", "gelu", "silu")]


@sample("embedding")
def _embedding(pen: Pen) -> list[Any]:
    rows = pen.length(empty=False)
    return [pen.rng.integers(0, rows, pen.shape(0, 2)), pen.array((rows, pen.length()))]


@sample("conv2d")
def _conv2d(pen: Pen) -> list[Any]:
    groups, kernel = pen.one_of(1, 2), (pen.integer(1, 3), pen.integer(1, 3))
    stride = pen.one_of(1, 2, (2, 1), (1, 3))
    padding, dilation = pen.one_of(0, 1, (0, 2)), pen.one_of(1, 2, (2, 1))
    if pen.integer(0, 3) == 0:
        stride, padding = pen.one_of((1, "same"), (2, "valid"))
    channels, out = groups * pen.integer(1, 3), groups * pen.integer(1, 3)
    x = pen.array((pen.integer(0, 3), channels, pen.integer(5, 7), pen.integer(5, 7)))
    bias = pen.array((out,)) if pen.boolean() else None
    return [x, pen.array((out, channels // groups, *kernel)), bias, stride, padding, dilation, groups]


@sample("layer_norm", "rms_norm")
def _over_last(pen: Pen) -> list[Any]:
    first = pen.shape(0, 2)
    last = pen.one_of(pen.length(empty=False) + 1, (3,), (2, 3), (17,))
    shape = last if isinstance(last, tuple) else (last,)
    x = pen.spread(math.prod(first), math.prod(shape), (*first, *shape))
    return [x, last, pen.array(shape) if pen.boolean() else None]


@sample("layer_norm")
def _layer_norm(pen: Pen) -> list[Any]:
    x, last, weight = _over_last(pen)
    shape = last if isinstance(last, tuple) else (last,)
    bias = pen.array(shape) if pen.boolean() else None
    return [x, last, weight, bias, pen.one_of(1e-5, 0.1)]


@sample("group_norm")
def _group_norm(pen: Pen) -> list[Any]:
    groups = pen.integer(1, 3)
    channels = groups * pen.integer(1, 3)
    n, length = pen.integer(0, 3), 2 * pen.length(empty=False)
    x = pen.spread(n * groups, channels // groups * length, (n, channels, length))
    weight = pen.array((channels,)) if pen.boolean() else None
    bias = pen.array((channels,)) if pen.boolean() else None
    return [x, groups, weight, bias, pen.one_of(1e-5, 0.1)]


@sample("dropout")
def _dropout(pen: Pen) -> list[Any]:
    return [pen.array(pen.shape()), pen.one_of(0.0, 0.3, 0.9, 1.0), pen.boolean(), pen.integer(0, 9)]


@sample("mse_loss", "l1_loss")
def _elementwise_loss(pen: Pen) -> list[Any]:
    reduction = pen.one_of("mean", "sum", "none")
    shape = pen.shape(empty=reduction != "mean")
    x = pen.array(shape)
    return [x, pen.laid_out(x + pen.away_from_zero(shape)), reduction]


@sample("cross_entropy")
def _cross_entropy(pen: Pen) -> list[Any]:
    reduction = pen.one_of("mean", "sum", "none")
    n, c = pen.length(empty=reduction != "mean"), pen.length(empty=False)
    shape = pen.one_of((n, c), (c,), (n, c, 2))
    rows = shape[:1] + shape[2:] if len(shape) > 1 else ()
    if pen.boolean():
        target: Any = pen.rng.integers(0, c, rows)
        ignored = -100 if pen.boolean() else 0
        if pen.boolean() and target.size > 1:
            target.flat[1:][pen.rng.random(target.size - 1) < 0.5] = ignored
        if target.size:
            target.flat[0] = c - 1  # one that counts, or the mean is over nothing
        if c == 1:
            ignored = -100
    else:
        target, ignored = pen.rng.dirichlet(np.ones(c), rows).astype(pen.dtype), -100
        target = np.moveaxis(target, -1, 0 if len(shape) == 1 else 1)
    weight = pen.rng.uniform(0.5, 2, c).astype(pen.dtype) if pen.boolean() else None
    return [pen.array(shape), target, weight, ignored, reduction, pen.one_of(0.0, 0.1)]


@sample("scaled_dot_product_attention")
def _attention(pen: Pen) -> list[Any]:
    batch = pen.one_of((), (2,), (2, 3), (0, 2))
    t, s = pen.one_of(1, 3, 8, 17, 70, 0), pen.one_of(1, 3, 8, 17, 40)
    d, e = pen.one_of(1, 4, 5), pen.one_of(1, 4, 5)
    window = pen.one_of(None, None, max(t - s, 0) + 1, max(t - s, 0) + 4, t + s)
    kind = pen.one_of("none", "booleans", "numbers")
    mask: Any = None
    if kind == "booleans":  # each query sees something: the first key, or one that is near
        mask = pen.rng.random(pen.one_of((t, s), (1, s), (*batch, t, s))) < 0.6
        near = np.arange(s) == np.minimum(np.arange(t), s - 1)[:, None]
        mask |= np.arange(s) == 0 if window is None else near if mask.shape[-2] == t else near.any(0)
    elif kind == "numbers":
        mask = pen.array(pen.one_of((t, s), (*batch, 1, s)))
    one, two, three, shared = batch, batch, batch, False
    if len(batch) == 2 and pen.boolean():  # leading axes that broadcast, or heads that are shared
        shared = pen.boolean()
        one, two, three = ((2, 6), (2, 3), (2, 3)) if shared else ((2, 3), pen.one_of((3,), (1, 3), ()), (2, 1))
        mask = None if mask is not None and mask.ndim == 4 else mask
    return [
        pen.array((*one, t, d)),
        pen.array((*two, s, d)),
        pen.array((*three, s, e)),
        mask,
        pen.one_of(0.0, 0.0, 0.4),
        pen.boolean(),
        pen.one_of(None, 0.7),
        pen.integer(0, 9),
        window,
        shared,
    ]


@sample("tan")
def _tan(pen: Pen) -> list[Any]:
    return [pen.array(pen.shape(), -1, 1)]


@sample("elu")
def _elu(pen: Pen) -> list[Any]:
    return [pen.away_from_zero(pen.shape()), pen.one_of(1.0, 0.5, -1.0)]


@sample("relu6", "hardtanh", "hardsigmoid", "hardswish")
def _flat_outside(pen: Pen) -> list[Any]:
    shape = pen.shape()
    return [pen.laid_out(pen.rng.choice([-5, -2, 0.5, 2, 4.5, 8], shape) + pen.rng.uniform(-0.2, 0.2, shape))]


@sample("prelu")
def _prelu(pen: Pen) -> list[Any]:
    shape = pen.shape(1)
    channels = shape[1] if len(shape) > 1 else 1
    return [pen.away_from_zero(shape), pen.array((pen.one_of(1, channels),))]


@sample("prod")
def _prod(pen: Pen) -> list[Any]:
    shape = tuple(min(n, 5) for n in pen.shape())
    x = pen.array(shape)
    if x.size and pen.boolean() and x.flags.writeable:
        x.flat[0] = 0  # the derivative at a zero is the product of the others
    return [x, _dim(pen, len(shape), several=False) if pen.boolean() else None, pen.boolean()]


@sample("flip")
def _flip(pen: Pen) -> list[Any]:
    shape = pen.shape(1)
    dim = _dim(pen, len(shape))
    return [pen.array(shape), tuple(range(len(shape))) if dim is None else dim]


@sample("roll")
def _roll(pen: Pen) -> list[Any]:
    shape = pen.shape(2, 3)
    return [pen.array(shape), *pen.one_of((2, None), (-1, 0), ((1, -4), (0, 1)))]


@sample("einsum")
def _einsum(pen: Pen) -> list[Any]:
    sizes = {c: pen.length() for c in "abcd"}
    equation = pen.one_of(
        "ab,bc->ac", "ab->ba", "ab->", "ab->a", "aa->a", "ab,ab", "a,b->ab", "ab,bc,cd->da", "...a,ab", "abc,cb->b"
    )
    terms = equation.partition("->")[0].split(",")
    shapes = [tuple(sizes[c] for c in term.replace("...", "dc")) for term in terms]
    return [equation, [pen.array(shape) for shape in shapes]]


@sample("bilinear")
def _bilinear(pen: Pen) -> list[Any]:
    batch, i, j, o = pen.shape(0, 2), pen.length(False), pen.length(False), pen.length(False)
    bias = pen.array((o,)) if pen.boolean() else None
    return [pen.array((*batch, i)), pen.array((*batch, j)), pen.array((o, i, j)), bias]


@sample("conv_transpose2d")
def _conv_transpose2d(pen: Pen) -> list[Any]:
    groups, kernel = pen.one_of(1, 2), (pen.integer(2, 3), pen.integer(2, 3))
    channels, out = groups * pen.integer(1, 2), pen.integer(1, 3)
    stride, padding = pen.one_of(1, 2, (2, 1)), pen.one_of(0, 1, (0, 1))
    dilation = pen.one_of(1, (1, 2), 3)
    extra = pen.one_of(0, (1, 0)) if stride != 1 else 0
    extra = pen.one_of(extra, (2, 1)) if dilation == 3 else extra  # may be more than the stride
    x = pen.array((pen.integer(0, 2), channels, pen.integer(2, 4), pen.integer(2, 4)))
    bias = pen.array((out * groups,)) if pen.boolean() else None
    return [x, pen.array((channels, out, *kernel)), bias, stride, padding, extra, groups, dilation]


@sample("unfold")
def _unfold(pen: Pen) -> list[Any]:
    x = pen.array((pen.integer(0, 2), pen.integer(1, 2), pen.integer(4, 5), pen.integer(4, 6)))
    return [x, pen.one_of(2, (1, 3)), pen.one_of(1, (2, 1)), pen.one_of(0, 1, (0, 2)), pen.one_of(1, 2, (2, 3))]


@sample("max_pool2d")
def _max_pool2d(pen: Pen) -> list[Any]:
    shape = (pen.integer(0, 2), pen.integer(1, 3), pen.integer(5, 7), pen.integer(5, 7))
    padding = pen.one_of(0, 1)
    kernel = pen.one_of(2, 3, (2, 3), (2,))
    if pen.integer(0, 4) == 0:  # larger than the picture
        return [pen.distinct(shape), shape[2] + 1, shape[2] + 1, padding, 1, True]
    return [pen.distinct(shape), kernel, pen.one_of(None, 1, (2, 1), 3), padding, pen.one_of(1, 2), pen.boolean()]


@sample("avg_pool2d")
def _avg_pool2d(pen: Pen) -> list[Any]:
    shape = (pen.integer(0, 2), pen.integer(1, 3), pen.integer(5, 7), pen.integer(5, 7))
    options = [pen.one_of(2, 3, (2, 3)), pen.one_of(None, 1, (2, 1), 3), pen.one_of(0, 1)]
    return [pen.array(shape), *options, pen.boolean(), pen.boolean(), pen.one_of(None, None, 3)]


@sample("adaptive_avg_pool2d", "adaptive_max_pool2d")
def _adaptive(pen: Pen) -> list[Any]:
    shape = (pen.integer(0, 2), pen.integer(1, 3), pen.integer(1, 7), pen.integer(1, 7))
    return [pen.distinct(shape), pen.one_of(1, 2, (3, 5), (None, 2), 8)]


@sample("interpolate")
def _interpolate(pen: Pen) -> list[Any]:
    dims = pen.integer(1, 3)
    shape = (pen.integer(0, 2), pen.integer(1, 3), *(pen.integer(1, 6) for _ in range(dims)))
    modes = {1: ("linear",), 2: ("bilinear", "bicubic"), 3: ("trilinear",)}[dims]
    mode = pen.one_of("nearest", "nearest-exact", "area", *modes, *modes)
    size, scale = pen.one_of((3, None), ((1, 7, 2)[:dims], None), (None, 2), (None, (1.5, 2.5, 1.0)[:dims]))
    return [pen.array(shape), size, scale, mode, mode in modes and pen.boolean()]


@sample("batch_norm")
def _batch_norm(pen: Pen) -> list[Any]:
    training = pen.boolean()
    channels = pen.integer(1, 4)
    x = pen.laid_out(pen.rng.normal(0.5, 2, (pen.integer(2, 4), channels, *pen.shape(0, 2, empty=False))))
    running = [pen.array((channels,)), pen.array((channels,), 0.5, 2)] if not training else [None, None]
    affine = [pen.array((channels,)) if pen.boolean() else None for _ in range(2)]
    return [x, *running, *affine, training, 0.1, pen.one_of(1e-5, 0.1)]


@sample("norm")
def _norm(pen: Pen) -> list[Any]:
    shape = pen.shape(empty=False)
    return [pen.away_from_zero(shape), pen.one_of(2.0, 1, 3.0, 0), _dim(pen, len(shape)), pen.boolean()]


@sample("dropout1d", "dropout2d")
def _drop_channels(pen: Pen) -> list[Any]:
    return [pen.array((2, 3, 2, 2)), pen.one_of(0.0, 0.3, 1.0), pen.boolean(), pen.integer(0, 9)]


@sample("huber_loss", "smooth_l1_loss")
def _bent_loss(pen: Pen) -> list[Any]:
    x, _, reduction = _elementwise_loss(pen)
    difference = pen.rng.choice([-2, -0.3, 0.3, 2], x.shape) + pen.rng.uniform(-0.1, 0.1, x.shape)
    return [x, np.asarray(x + difference, pen.dtype), reduction, pen.one_of(1.0, 0.6)]


@sample("kl_div")
def _kl_div(pen: Pen) -> list[Any]:
    x, _, reduction = _elementwise_loss(pen)
    logs = pen.boolean()
    target = pen.array(x.shape) if logs else pen.array(x.shape, 0.1, 1)
    return [x, target, "batchmean" if pen.boolean() and x.size else reduction, logs]


@sample("nll_loss")
def _nll_loss(pen: Pen) -> list[Any]:
    x, target, weight, ignored, reduction, _ = _cross_entropy(pen)
    if target.dtype.kind == "f":
        axis = 0 if x.ndim == 1 else 1
        target, ignored = target.argmax(axis), -100
    return [x, target, weight, ignored, reduction]


@sample("binary_cross_entropy")
def _bce(pen: Pen) -> list[Any]:
    x, _, reduction = _elementwise_loss(pen)
    weight = pen.array(pen.narrowed(x.shape), 0.5, 2) if pen.boolean() else None
    return [pen.array(x.shape, 0.1, 0.9), pen.array(x.shape, 0, 1), weight, reduction]


@sample("binary_cross_entropy_with_logits")
def _bce_with_logits(pen: Pen) -> list[Any]:
    x, target, weight, reduction = _bce(pen)
    positive = pen.array(pen.narrowed(x.shape), 0.5, 2) if pen.boolean() else None
    return [pen.away_from_zero(x.shape), target, weight, reduction, positive]


@sample("gaussian_nll_loss")
def _gaussian(pen: Pen) -> list[Any]:
    x, target, reduction = _elementwise_loss(pen)
    if pen.boolean():
        target = pen.array(pen.narrowed(x.shape))
    var = x.shape[:-1] if pen.boolean() and x.ndim else pen.narrowed(x.shape)
    return [x, target, pen.array(var, 0.5, 2), pen.boolean(), 1e-6, reduction]


@sample("poisson_nll_loss")
def _poisson(pen: Pen) -> list[Any]:
    x, _, reduction = _elementwise_loss(pen)
    logs = pen.boolean()
    target = pen.rng.integers(0, 4, x.shape) + pen.rng.uniform(0.1, 0.9, x.shape)
    return [x if logs else pen.array(x.shape, 0.5, 3), pen.laid_out(target), logs, pen.boolean(), 1e-8, reduction]


@sample("cosine_embedding_loss")
def _cosine_embedding(pen: Pen) -> list[Any]:
    first, width = pen.one_of((), (1,), (4,)), pen.one_of(2, 3, 7)
    x1 = pen.array((*first, width))
    if pen.boolean():  # well on one side of the margin
        x2 = pen.laid_out(x1 + pen.rng.uniform(0.05, 0.1, x1.shape))
    else:
        x2 = pen.laid_out(-x1 + pen.rng.uniform(0.05, 0.1, x1.shape))
    return [x1, x2, pen.rng.choice([-1, 1], first), pen.one_of(0.0, 0.2), pen.one_of("mean", "sum", "none")]


@sample("hinge_embedding_loss", "soft_margin_loss", "perceptron_loss")
def _signed(pen: Pen) -> list[Any]:
    shape = pen.shape(empty=False)
    signs = pen.rng.choice([-1, 1], shape)
    return [pen.laid_out(pen.rng.choice([-2, 0.5, 3], shape) + pen.rng.uniform(-0.2, 0.2, shape)), signs]


@sample("margin_ranking_loss")
def _ranking(pen: Pen) -> list[Any]:
    x, signs = _signed(pen)
    return [x, np.asarray(x + pen.away_from_zero(x.shape), pen.dtype), signs]


@sample("multi_margin_loss")
def _multi_margin(pen: Pen) -> list[Any]:
    n, c = pen.length(empty=False), pen.length(empty=False)
    weight = pen.rng.uniform(0.5, 2, c).astype(pen.dtype) if pen.boolean() else None
    shape = pen.one_of((n, c), (c,))
    target = pen.rng.integers(0, c, shape[:-1])
    return [
        pen.array(shape),
        target,
        pen.one_of(1, 2),
        pen.one_of(1.0, 0.35),
        weight,
        pen.one_of("mean", "sum", "none"),
    ]


@sample("linear_recurrence")
def _linear_recurrence(pen: Pen) -> list[Any]:
    batch, width = pen.shape(0, 2), pen.length()
    shape = (*batch, pen.length(), width)
    return [pen.array(shape, -1, 1), pen.array(shape), pen.array((*batch, width)) if pen.boolean() else None]


def _cell(pen: Pen, gates: int, states: int) -> list[Any]:
    t, n, i, h = pen.one_of(1, 2, 5), pen.one_of(1, 3, 0), pen.one_of(1, 3), pen.one_of(1, 2, 5)
    biases = [pen.array((gates * h,)) if pen.boolean() else None for _ in range(2)]
    weights = [pen.array((gates * h, i), -1, 1), pen.array((gates * h, h), -1, 1)]
    return [pen.array((t, n, i)), *(pen.array((n, h)) for _ in range(states)), *weights, *biases]


@sample("rnn")
def _rnn(pen: Pen) -> list[Any]:
    return _cell(pen, 1, 1)


@sample("lstm")
def _lstm(pen: Pen) -> list[Any]:
    return _cell(pen, 4, 2)


@sample("gru")
def _gru(pen: Pen) -> list[Any]:
    return _cell(pen, 3, 1)


@sample("clone")
def _clone(pen: Pen) -> list[Any]:
    return [pen.array(pen.shape())]


@sample("floor_divide", "remainder")
def _division_with_rest(pen: Pen) -> list[Any]:
    """Quotients in the middle between two whole numbers, which no small step leaves."""
    shape = pen.shape()
    other = pen.away_from_zero(shape)
    whole = pen.rng.integers(-3, 4, shape)
    return [pen.laid_out((whole + 0.5) * other), other]


@sample("repeat")
def _repeat(pen: Pen) -> list[Any]:
    shape = pen.shape(0, 2)
    return [pen.array(shape), tuple(pen.integer(0, 3) for _ in range(len(shape) + pen.integer(0, 1)))]


@sample("scatter")
def _scatter(pen: Pen) -> list[Any]:
    shape = pen.shape(0, 3, empty=False)
    dim = pen.integer(-len(shape), len(shape) - 1) if shape else 0
    d = dim % max(len(shape), 1)
    sizes = [pen.integer(0, n) for n in shape]
    grid = np.argsort(pen.rng.random(shape), axis=d) if shape else np.zeros((), int)  # each place at most once
    index = grid[tuple(slice(n) for n in sizes)]
    src = pen.array(tuple(n + pen.integer(0, 1) for n in sizes) if pen.boolean() else ())
    return [pen.array(shape), dim, index, src]


# Classes: layers, optimizers, schedules and initialisers


#: layers that take other layers
CONTAINERS = {"Module", "Identity", "Sequential", "ModuleList", "ModuleDict", "ParameterList"}
LAYERS: dict[str, Any] = {
    name: value
    for name, value in vars(nn).items()
    if inspect.isclass(value) and issubclass(value, nn.Module) and name not in CONTAINERS
}
OPTIMIZERS = ["SGD", "Adagrad", "RMSprop", "Adam", "AdamW", "NAdam", "RAdam", "Muon", "EMA"]
SCHEDULES: dict[str, dict[str, Any]] = {
    "StepLR": {"step_size": 1}, "MultiStepLR": {"milestones": [1]}, "ExponentialLR": {"gamma": 0.5},
    "CosineAnnealingLR": {"T_max": 3}, "CosineSchedule": {"total_steps": 3}, "WarmupSchedule": {"warmup_steps": 3},
    "OneCycleLR": {"max_lr": 0.1, "total_steps": 5}, "LambdaLR": {"lr_lambda": abs}, "LinearLR": {}, "ConstantLR": {},
    "ReduceLROnPlateau": {}, "CosineAnnealingWarmRestarts": {"T_0": 3}, "CyclicLR": {"base_lr": 0.1, "max_lr": 0.5},
}  # fmt: skip
INITIALISERS = [name for name in vars(nn.init) if name.endswith("_") and name[0] != "_"]
#: what each layer is rightly made of, and called with; those that are not here need nothing, and take a matrix
_LAYER: dict[str, tuple[tuple[Any, ...], Callable[[Pen], list[Any]]]] = {
    "Linear": ((3, 2), lambda p: [p.array((4, 3))]),
    "Bilinear": ((3, 4, 2), lambda p: [p.array((5, 3)), p.array((5, 4))]),
    "Embedding": ((4, 3), lambda p: [p.rng.integers(0, 4, (2, 3))]),
    "MultiheadAttention": ((4, 2), lambda p: [p.array((2, 3, 4)), p.array((2, 5, 4)), p.array((2, 5, 4))]),
    "GroupNorm": ((1, 3), lambda p: [p.array((2, 3, 4))]),
    **dict.fromkeys(["Conv1d", "ConvTranspose1d"], ((3, 4, 2), lambda p: [p.array(p.one_of((2, 3, 6), (3, 6)))])),
    "Unflatten": ((1, (3, 2)), lambda p: [p.array((2, 6))]),
    **dict.fromkeys(["Conv2d", "ConvTranspose2d"], ((3, 4, 2), lambda p: [p.array(p.one_of((2, 3, 5, 5), (3, 5, 5)))])),
    **dict.fromkeys(["RNN", "GRU"], ((3, 4), lambda p: [p.array((5, 2, 3)), p.array((1, 2, 4))])),
    "LSTM": ((3, 4), lambda p: [p.array((5, 2, 3)), (p.array((1, 2, 4)), p.array((1, 2, 4)))]),
    **dict.fromkeys(["RNNCell", "GRUCell"], ((3, 4), lambda p: [p.array((2, 3)), p.array((2, 4))])),
    "LSTMCell": ((3, 4), lambda p: [p.array((2, 3)), (p.array((2, 4)), p.array((2, 4)))]),
    "BatchNorm1d": ((3,), lambda p: [p.array(p.one_of((4, 3), (2, 3, 5)))]),
    "InstanceNorm1d": ((3,), lambda p: [p.array(p.one_of((2, 3, 5), (3, 5)))]),
    **dict.fromkeys(["BatchNorm2d", "InstanceNorm2d", "BatchNorm", "InstanceNorm"],
                    ((3,), lambda p: [p.array((2, 3, 4, 4))])),
    **dict.fromkeys(["LayerNorm", "RMSNorm"], ((3,), lambda p: [p.array((2, 3))])),
    "Upsample": ((2,), lambda p: [p.array((2, 3, 4, 4))]),
    "Dropout1d": ((), lambda p: [p.array((2, 3, 4))]),
    "Dropout2d": ((), lambda p: [p.array((2, 3, 4, 4))]),
    **{name: ((2,), lambda p: [p.array((2, 3, 6))]) for name in LAYERS if "Pool1d" in name},
    **{name: ((2,), lambda p: [p.array((2, 4, 6, 6))]) for name in LAYERS if "Pool2d" in name or "Pixel" in name},
}  # fmt: skip


#: right arguments for the systems and what feeds them, which are no layers
_SYSTEM: dict[str, tuple[Any, ...]] = {
    "DataLoader": (np.arange(6),),
    "TextEncoder": (8, 5, 8, 2),
    "Transformer": (5, 8, 2, 1, 8, 6),
    "TransformerEncoderLayer": (8, 2, 8),
}


def made_of(make: Any) -> dict[str, Any]:
    """Right arguments for a layer, optimizer, schedule or initialiser, made anew, the defaults filled in."""
    name = make.__name__
    parameters = inspect.signature(make).parameters
    right = {parameter: p.default for parameter, p in parameters.items() if p.default is not p.empty}
    if name in OPTIMIZERS:
        return {**right, "params": [Tensor(np.ones((2, 2)), requires_grad=True)]}
    if name in SCHEDULES:
        return {**right, "optimizer": optim.SGD([Tensor([1.0], requires_grad=True)]), **SCHEDULES[name]}
    if name in INITIALISERS:
        return {**right, "tensor": np.ones((2, 2)), **({"val": 1.0} if name == "constant_" else {})}
    if "verbose" in right:
        right["verbose"] = False
    if name == "Mark1":
        right["wires"] = 2
    if name in {"SequentialLR", "ChainedScheduler"}:
        steps = optim.SGD([Tensor([1.0], requires_grad=True)])
        both = {"optimizer": steps, "schedulers": [optim.StepLR(steps, 1), optim.StepLR(steps, 2)]}
        return {**both, "milestones": [3]} if name == "SequentialLR" else both
    return {**right, **dict(zip(parameters, _SYSTEM.get(name) or _LAYER.get(name, ((), None))[0]))}


def called_with(name: str, pen: Pen) -> list[Any]:
    """Right arguments for a call of the layer called `name`; those of a loss are those of its function."""
    if not name.endswith("Loss"):
        return _LAYER[name][1](pen) if name in _LAYER else [pen.array((2, 4))]
    function = LAYERS[name].function
    names, given = function.signature.names, SAMPLES[function.name](pen)
    return [v for p, v in zip(names, given) if p not in inspect.signature(LAYERS[name]).parameters]
