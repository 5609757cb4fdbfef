"""Every kernel, compiled so that an index outside its array is an error, at work on every sample: does any read or
write where it should not?

Numba checks the indices of arrays (``NUMBA_BOUNDSCHECK``), but not addresses, with which the tiles of
``kernels/tiles.py`` compute. So here an address is an array together with a place in it, and a tile is a plain loop
over these that checks each index. That the true tile touches no more than this loop is found out between two pages
of memory that nobody may touch.

A negative index counts from the end, in Numba as in NumPy. Only one that lies before the first number is found.

This needs a process of its own, in which no kernel was compiled before: ``python tests/bounds.py [part ...]``.
"""

from __future__ import annotations

import ctypes
import itertools
import mmap
import os
import sys
import time
import traceback
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

Case = tuple[str, Callable[[], object]]  # what it is called, and what is done

DTYPES = (np.float32, np.float64)


def check_kernels() -> None:
    """Have all kernels compiled with checks, here and now: what is on disk has none."""
    os.environ["NUMBA_BOUNDSCHECK"] = "1"
    from nnlite.kernels import compile, tiles

    compile._cache_folder = lambda: None  # type: ignore[assignment]
    tiles.true_at, tiles.true_tile = tiles.at, tiles.tile  # type: ignore[attr-defined]
    tiles.at, tiles.tile = _checked_tile()


def _checked_tile() -> tuple[Any, Any]:
    """``tiles.at`` and ``tiles.tile`` with arrays and places instead of addresses."""
    import numba

    from nnlite.kernels.tiles import ROWS, width

    @numba.njit
    def at(array, place):  # type: ignore[no-untyped-def]
        return array, np.int64(place)

    @numba.njit
    def inside(array, place):  # type: ignore[no-untyped-def]
        if place < 0 or place >= len(array):
            raise IndexError("index is out of bounds")
        return place

    @numba.njit(error_model="numpy", nogil=True)
    def tile(c, c_step, a, a_rows, b, b_rows, k, add):  # type: ignore[no-untyped-def]
        (c, c0), (a, a0), (rows, r0), (b, b0), (places, p0) = c, a, a_rows, b, b_rows
        step = rows[inside(rows, r0 + ROWS)]
        sums = np.zeros((ROWS, width(c)), c.dtype)
        for r in range(ROWS):
            start = a0 + rows[inside(rows, r0 + r)]
            for t in range(k):
                x, row = a[inside(a, start + t * step)], b0 + places[inside(places, p0 + t)]
                for l in range(width(c)):
                    sums[r, l] += x * b[inside(b, row + l)]
        for r in range(ROWS):
            for l in range(width(c)):
                place = inside(c, c0 + r * c_step + l)
                c[place] = sums[r, l] + (c[place] if add else c.dtype.type(0))

    return at, tile


# Memory between two pages that nobody may touch


def guarded(values: np.ndarray, at_the_end: bool) -> np.ndarray:
    """A copy of flat `values` that begins where a forbidden page ends, or ends where one begins."""
    page, size = mmap.PAGESIZE, values.nbytes
    pages = max(1, -(-size // page))
    memory = mmap.mmap(-1, (pages + 2) * page)
    first = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    for forbidden in (first, first + (pages + 1) * page):
        if ctypes.CDLL(None).mprotect(ctypes.c_void_p(forbidden), ctypes.c_size_t(page), 0):
            raise OSError("mprotect failed")
    array = np.frombuffer(memory, values.dtype, values.size, page + (pages * page - size if at_the_end else 0))
    array[:] = values
    return array


def touch(end: str) -> None:
    """Read the number before or after guarded memory: the process dies."""
    array = guarded(np.ones(3), end == "after")
    ctypes.string_at(array.ctypes.data + (array.nbytes if end == "after" else -1), 1)


def true_tile() -> Iterator[Case]:
    """The tile that is used, on arrays exactly as long as the checked one needs them; both give the same."""
    import numba

    from nnlite.kernels import tiles
    from nnlite.kernels.tiles import ROWS, width

    at, product, checked_at, checked = tiles.true_at, tiles.true_tile, tiles.at, tiles.tile  # type: ignore[attr-defined]

    @numba.njit
    def true(c, c_step, a, a_rows, b, b_rows, k, add):  # type: ignore[no-untyped-def]
        product(at(c, 0), c_step, at(a, 0), at(a_rows, 0), at(b, 0), at(b_rows, 0), k, add)

    @numba.njit
    def wanted(c, c_step, a, a_rows, b, b_rows, k, add):  # type: ignore[no-untyped-def]
        c, a, a_rows = checked_at(c, 0), checked_at(a, 0), checked_at(a_rows, 0)
        checked(c, c_step, a, a_rows, checked_at(b, 0), checked_at(b_rows, 0), k, add)

    def one(dtype: Any, k: int, add: bool, at_the_end: bool) -> None:
        rng = np.random.default_rng(k)
        w = width(np.empty(0, dtype))
        c_step, a_step = w + int(rng.integers(0, 9)), int(rng.integers(1, 4))
        a_rows = np.append(rng.permutation(ROWS) * 7, a_step)
        b_rows = rng.integers(0, 50, k)
        a = rng.standard_normal(7 * (ROWS - 1) + (k - 1) * a_step + 1 if k else 0).astype(dtype)
        b = rng.standard_normal(b_rows.max() + w if k else 0).astype(dtype)
        c = rng.standard_normal((ROWS - 1) * c_step + w).astype(dtype)
        expected = c.copy()
        wanted(expected, c_step, a, a_rows, b, b_rows, k, add)
        c, *rest = (guarded(x, at_the_end) for x in (c, a, a_rows, b, b_rows))
        true(c, c_step, rest[0], rest[1], rest[2], rest[3], k, add)
        np.testing.assert_allclose(c, expected, rtol=1e-4, atol=1e-4)

    for case in itertools.product(DTYPES, (0, 1, 2, 3, 17), (False, True), (False, True)):
        yield f"tile {case}", lambda case=case: one(*case)


# What the kernels are given to do


def there_and_back(function: Any, *inputs: Any, **options: Any) -> None:
    """Run a function and its gradient."""
    from nnlite import Tensor

    floats = [isinstance(x, np.ndarray) and x.dtype.kind == "f" for x in inputs]
    y = function(*[Tensor(x, requires_grad=True) if f else x for x, f in zip(inputs, floats)], **options)
    waiting = [y]
    while waiting:
        part = waiting.pop()
        if isinstance(part, tuple | list):
            waiting += part
        elif isinstance(part, Tensor) and part.requires_grad:
            part.backward(np.ones(part.shape, part.dtype), retain_graph=True)


def functions() -> Iterator[Case]:
    """Every sample of the property tests."""
    from samples import SAMPLES, Die

    from nnlite.registry import REGISTRY

    def one(name: str, dtype: Any, seed: int) -> None:
        entry: Any = REGISTRY[name]
        given = SAMPLES[name](Die(seed, dtype))
        there_and_back(entry, *given, *entry.signature.defaults[len(given) :])

    for name in SAMPLES:
        for dtype, seed in itertools.product(DTYPES, range(60 if REGISTRY[name].compiled else 4)):
            yield f"{name} {np.dtype(dtype)} {seed}", lambda case=(name, dtype, seed): one(*case)


def rare() -> Iterator[Case]:
    """What samples seldom hold: labels that are ignored, infinite weights."""
    from nnlite import functional as F

    for dtype, n, reduction in itertools.product(DTYPES, (1, 2, 9), ("mean", "sum", "none")):
        x, labels = np.ones((n, 5), dtype), np.arange(n) % 2 * 104 - 100  # -100 and 4
        case = (F.cross_entropy, x, labels, None, -100, reduction)
        yield f"cross_entropy {np.dtype(dtype)} {n} {reduction}", lambda case=case: there_and_back(*case)
    for dtype, channels in itertools.product(DTYPES, (2, 6)):
        x, w = np.ones((3, channels, 7), dtype), np.full(channels, np.inf, dtype)
        yield f"group_norm {np.dtype(dtype)} {channels}", lambda x=x, w=w: there_and_back(F.group_norm, x, 2, w, w)
        x, w = np.ones((3, channels, 7, 7), dtype), np.full((4, channels // 2, 3, 3), np.inf, dtype)
        yield f"conv2d {np.dtype(dtype)} {channels}", lambda x=x, w=w: there_and_back(F.conv2d, x, w, groups=2)


def spoilt() -> Iterator[Case]:
    """Samples with something wrong: refused or not, nothing outside an array is touched."""
    from fuzz import FUNCTIONS, call, right
    from fuzz import spoilt as wrong
    from samples import Die

    from nnlite import Tensor

    def one(name: str, dtype: Any, seed: int) -> None:
        pen = Die(seed, dtype)
        arguments = right(pen, name)
        parameter = pen.one_of(*arguments)
        arguments[parameter] = wrong(pen, arguments[parameter], parameter)
        for p, value in arguments.items():
            if isinstance(value, np.ndarray) and value.dtype.kind == "f" and not p.startswith("running"):
                arguments[p] = Tensor(value, requires_grad=True)
        try:
            y = call(name, arguments)
            if isinstance(y, Tensor) and y.requires_grad:
                y.backward(np.ones(y.shape))
        except IndexError as error:
            if is_from_a_kernel(error):
                raise
        except Exception:
            pass  # how a wrong argument is refused is told elsewhere

    for name, function in FUNCTIONS.items():
        for dtype, seed in itertools.product(DTYPES, range(60 if getattr(function, "compiled", None) else 0)):
            yield f"spoilt {name} {np.dtype(dtype)} {seed}", lambda case=(name, dtype, seed): one(*case)


def is_from_a_kernel(error: BaseException) -> bool:
    """NumPy's own errors name the index."""
    return isinstance(error, IndexError) and str(error) == "index is out of bounds"


def layers() -> Iterator[Case]:
    """Every layer, as it trains and as it is used."""
    from samples import LAYERS, Die, called_with, made_of

    def one(name: str, dtype: Any, seed: int) -> None:
        layer = LAYERS[name](**made_of(LAYERS[name]))
        if dtype is np.float64:
            layer.double()
        inputs = called_with(name, Die(seed, dtype))
        for mode in (layer.train, layer.eval):
            mode()
            if name == "LSTM" or name == "LSTMCell":
                there_and_back(lambda x, h, c, layer=layer: layer(x, (h, c)), inputs[0], *inputs[1])
            else:
                there_and_back(layer, *inputs)

    for name, dtype, seed in itertools.product(LAYERS, DTYPES, range(3)):
        yield f"{name} {np.dtype(dtype)} {seed}", lambda case=(name, dtype, seed): one(*case)


def optimizers() -> Iterator[Case]:
    """Three steps of every optimizer, on weights of several shapes."""
    from samples import OPTIMIZERS, made_of

    from nnlite import Tensor, optim

    def one(name: str, dtype: Any, shape: tuple[int, ...]) -> None:
        make = getattr(optim, name)
        w = Tensor(np.ones(shape, dtype), requires_grad=True)
        optimizer = make(**{**made_of(make), "params": [w]})
        for _ in range(3):
            w.grad = np.ones(shape, dtype)
            optimizer.update() if name == "EMA" else optimizer.step()

    for name, dtype, shape in itertools.product(OPTIMIZERS, DTYPES, [(0,), (1,), (17,), (5, 3), (2, 0), (2, 3, 2, 2)]):
        if name != "Muon" or len(shape) == 2:
            yield f"{name} {np.dtype(dtype)} {shape}", lambda case=(name, dtype, shape): one(*case)


def systems() -> Iterator[Case]:
    """The training loops of the models, the Transformer and the diffusion model, and the drawing of cats."""
    from nnlite import diffusion, optim
    from nnlite.data import cats
    from nnlite.data.drawing import Drawing, plane
    from nnlite.models import (
        Adaline,
        LogisticNeuron,
        Mark1,
        MLPClassifier,
        MulticlassPerceptron,
        Perceptron,
        SingleLayerPerceptron,
        SoftmaxRegression,
        Transformer,
    )

    makes: dict[str, Callable[[], Any]] = {
        **{f"Perceptron {rule}": lambda rule=rule: Perceptron(rule=rule, rng=0) for rule in ("online", "averaged")},
        "Perceptron pocket": lambda: Perceptron(rule="pocket", rng=0),
        "MulticlassPerceptron": lambda: MulticlassPerceptron(rng=0),
        "Adaline": lambda: Adaline(max_iter=3),
        "LogisticNeuron": lambda: LogisticNeuron(max_iter=3),
        "SoftmaxRegression": lambda: SoftmaxRegression(max_iter=3),
        "MLPClassifier": lambda: MLPClassifier(hidden=5, epochs=2, verbose=False, rng=0),
    }

    def fitted(name: str, dtype: Any, n: int, features: int, classes: int) -> None:
        rng = np.random.default_rng(n)
        X, y = rng.standard_normal((n, features)).astype(dtype), np.arange(n) % classes
        model = makes[name]().fit(X, y)
        model.predict(X)

    for name, dtype, (n, features, classes) in itertools.product(
        makes, DTYPES, [(2, 1, 2), (7, 3, 2), (9, 17, 2), (70, 8, 2), (8, 3, 4)]
    ):
        if classes == 2 or name in {"MulticlassPerceptron", "SoftmaxRegression", "MLPClassifier"}:
            case = (name, dtype, n, features, classes)
            yield f"{name} {np.dtype(dtype)} {case[2:]}", lambda case=case: fitted(*case)

    def early(make: Any) -> None:
        pictures = np.random.default_rng(0).integers(0, 2, (6, 4, 4))
        make().fit(pictures, np.arange(6) % 3)

    yield "Mark1", lambda: early(lambda: Mark1(n_associations=20, wires=2, max_iter=3, verbose=False, rng=0))
    yield "SingleLayerPerceptron", lambda: early(lambda: SingleLayerPerceptron(max_iter=3, verbose=False, rng=0))

    def translated(dtype: Any, length: int) -> None:
        model = Transformer(5, 8, 2, 1, 8, length)
        if dtype is np.float64:
            model.double()
        optimizer = optim.AdamW(model.parameters())
        for _ in range(2):
            model(np.arange(2 * length).reshape(2, length) % 5).sum().backward()
            optimizer.step()

    for dtype, length in itertools.product(DTYPES, (1, 7, 33)):
        yield f"Transformer {np.dtype(dtype)} {length}", lambda case=(dtype, length): translated(*case)

    def painted() -> None:
        pipeline = diffusion.train_cats(steps=2, examples=8, verbose=False)
        pipeline("a red cat", guidance=3, steps=2, rng=0)

    yield "train_cats", painted
    yield (
        "train_points",
        lambda: diffusion.train_points(np.random.default_rng(0).standard_normal((50, 2)), steps=2, verbose=False),
    )
    for size in (1, 3, 4, 5, 8, 17):
        yield f"cat {size}", lambda size=size: cats.draw(cats.sample(rng=size), size=size, rng=0)

    def drawn(height: int, width: int) -> None:
        drawing = Drawing()
        drawing.fill(plane(0, 1, 0), (0.5, 0.5, 1.0))
        drawing.paint(height, width)

    for height, width in itertools.product((1, 3, 4, 5, 9), repeat=2):
        yield f"drawing {height} x {width}", lambda case=(height, width): drawn(*case)


def attention() -> Iterator[Case]:
    """Lengths and widths on both sides of where a tile or a block ends, with masks, windows and dropout."""
    from samples import Die

    from nnlite import functional as F
    from nnlite.kernels import attention, threads
    from nnlite.kernels.tiles import ROWS, width

    enough = threads.ENOUGH
    attention._DRAWN = 1  # as few random numbers at a time as there may be

    def near(*ends: int) -> list[int]:
        return sorted({n for end in ends for n in (end - 1, end, end + 1) if n > 0})

    def one(dtype: Any, seed: int) -> None:
        pen = Die(seed, dtype)
        w = width(np.empty(0, dtype))
        threads.ENOUGH = pen.one_of(1, enough)  # for another thread
        lengths = near(1, ROWS, attention._QUERIES, attention._KEYS, 2 * attention._KEYS, 64)
        t, s = pen.one_of(*lengths), pen.one_of(*lengths)
        s = t if pen.boolean() else s
        d, e = pen.one_of(*near(1, ROWS, w, 2 * w)), pen.one_of(*near(1, ROWS, w))
        first = pen.one_of((), (1,), (2,), (2, 2))
        mask = None
        if pen.boolean():
            shape = pen.one_of((t, s), (1, s), (t, 1), (*first, t, s), (*(1 for _ in first), t, s))
            mask = pen.rng.random(shape) < 0.8 if pen.boolean() else pen.array(shape)
        options = dict(
            attn_mask=mask,
            dropout_p=pen.one_of(0.0, 0.0, 0.3, 1.0),
            is_causal=pen.boolean(),
            window=pen.one_of(None, None, 1, 2, *near(ROWS, attention._QUERIES, attention._KEYS)),
            rng=0,
        )
        q, k, v = (pen.array((*first, *shape)) for shape in ((t, d), (s, d), (s, e)))
        there_and_back(F.scaled_dot_product_attention, q, k, v, **options)

    for dtype, seed in itertools.product(DTYPES, range(400)):
        yield f"attention {np.dtype(dtype)} {seed}", lambda case=(dtype, seed): one(*case)


def convolution() -> Iterator[Case]:
    """Channels, pixels and pictures on both sides of where a tile, a sum or a chunk ends."""
    from samples import Die

    from nnlite import functional as F
    from nnlite.kernels import convolution, threads
    from nnlite.kernels.tiles import ROWS, width

    chunk, enough = convolution._CHUNK, threads.ENOUGH

    def one(dtype: Any, seed: int) -> None:
        pen = Die(seed, dtype)
        w = width(np.empty(0, dtype))
        convolution._CHUNK = pen.one_of(1, 300, 2000, chunk)  # how many pictures are laid out at a time
        convolution._plan.cache_clear()
        threads.ENOUGH = pen.one_of(1, enough)  # for another thread
        n, groups = pen.one_of(1, 2, 3, 5), pen.one_of(1, 1, 2, 3)
        c_in, c_out = pen.one_of(1, 2, 3, ROWS, ROWS + 1), pen.one_of(1, 2, 3, ROWS - 1, ROWS, ROWS + 1, w, w + 1)
        pairs = [tuple(pen.integer(low, high) for _ in range(2)) for low, high in ((1, 5), (1, 4), (0, 5), (1, 3))]
        taps, stride, padding, dilation = pairs
        least = [max(1, (k - 1) * step + 1 - 2 * p) for k, step, p in zip(taps, dilation, padding)]
        h, wide = (low + pen.one_of(0, 0, 1, 2, 3, 7, 13) for low in least)
        options: dict[str, Any] = dict(stride=stride, padding=padding, dilation=dilation, groups=groups)
        x, bias = pen.array((n, groups * c_in, h, wide)), pen.array((groups * c_out,)) if pen.boolean() else None
        there_and_back(F.conv2d, x, pen.array((groups * c_out, c_in, *taps)), bias, **options)
        extra = tuple(pen.integer(0, max(s, step) - 1) for s, step in zip(stride, dilation))
        sizes = zip((h, wide), taps, stride, padding, dilation, extra)
        if all((m - 1) * s - 2 * p + step * (k - 1) + more + 1 > 0 for m, k, s, p, step, more in sizes):
            weight = pen.array((groups * c_in, c_out, *taps))
            there_and_back(F.conv_transpose2d, x, weight, bias, output_padding=extra, **options)

    for dtype, seed in itertools.product(DTYPES, range(400)):
        yield f"convolution {np.dtype(dtype)} {seed}", lambda case=(dtype, seed): one(*case)

    def long(dtype: Any, channels: int, results: int, pixels: int, taps: int) -> None:
        convolution._CHUNK = chunk
        convolution._plan.cache_clear()
        pen = Die(pixels, dtype)
        x, weight = pen.array((2, channels, 1, pixels)), pen.array((results, channels, 1, taps))
        there_and_back(F.conv2d, x, weight, None, padding=(0, taps // 2))

    for ends in (convolution._TAPS, convolution._PIXELS):
        for dtype, results, n in itertools.product(DTYPES, (1, 3), (ends - 1, ends, ends + 1, 2 * ends, 2 * ends + 1)):
            yield f"{n} channels", lambda case=(dtype, n, results, 5, 1): long(*case)
            yield f"{n} pixels", lambda case=(dtype, 3, results, n, 3): long(*case)


def few() -> Iterator[Case]:
    """A small part, which is quick to compile."""
    from nnlite import functional as F

    for n in (1, 3, 17):
        x = np.ones((n, 5), np.float32)
        yield f"softmax {n}", lambda x=x: there_and_back(F.softmax, x)
        yield f"relu {n}", lambda x=x: there_and_back(F.relu, x)
        yield f"embedding {n}", lambda x=x: there_and_back(F.embedding, np.arange(len(x)), x)


PARTS = [true_tile, functions, rare, spoilt, layers, optimizers, systems, attention, convolution]


def planted() -> None:
    """Two kernels that go one too far, in an array and in a tile, are found; or else nothing else would be."""
    from nnlite.kernels import compile, tiles

    @compile.kernel
    def too_far(x):  # type: ignore[no-untyped-def]
        for i in range(x.size + 1):
            x[i] = 0

    at, tile = tiles.at, tiles.tile

    @compile.kernel
    def tile_too_far(c, rows):  # type: ignore[no-untyped-def]
        tile(at(c, 1), len(c) // tiles.ROWS, at(c, 0), at(rows, 0), at(c, 0), at(rows, 0), 1, True)

    w = tiles.width(np.empty(0, np.float32))
    for name, call in (
        ("in an array", lambda: too_far(np.ones(3))),
        ("in a tile", lambda: tile_too_far(np.ones(tiles.ROWS * w, np.float32), np.zeros(tiles.ROWS + 1, np.int64))),
    ):
        try:
            call()
        except IndexError as error:
            assert is_from_a_kernel(error), error
        else:
            raise SystemExit(f"a planted index {name} was not found: the kernels are not checked")
    for name in ("too_far", "tile_too_far"):
        compile.KERNELS.pop(f"{__name__}.{name}")


def not_run() -> list[str]:
    """The lines of the table of kernels that were not called, in float32 or float64."""
    from nnlite.kernels import warmup

    kernels = warmup.all_kernels()
    return [
        f"{name} {np.dtype(dtype)}"
        for dtype in DTYPES
        for name, codes in warmup.read()
        if tuple(warmup._type(code, str(np.dtype(dtype))) for code in codes) not in kernels[name].signatures
    ]


def main(names: list[str]) -> int:
    check_kernels()
    import nnlite
    from nnlite.kernels import threads

    threads._cap = 2
    planted()
    parts = [part for part in [*PARTS, few] if part.__name__ in names] if names else PARTS
    failed = 0
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        for part in parts:
            start, count = time.perf_counter(), 0
            for name, run in part():
                nnlite.manual_seed(0)
                count += 1
                try:
                    run()
                except Exception as error:
                    failed += 1
                    print(f"{name}: {type(error).__name__}: {error}")
                    if failed <= 3:
                        traceback.print_exc(file=sys.stdout)
            print(f"{part.__name__}: {count} cases, {time.perf_counter() - start:.0f} s", flush=True)
    missing = [] if names else not_run()
    for line in missing:
        print(f"{line} was not called")
    return 1 if failed or missing else 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["touch"]:
        touch(sys.argv[2])
    else:
        sys.exit(main(sys.argv[1:]))
