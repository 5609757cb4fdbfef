"""Convolution against PyTorch and against its definition written with six loops."""

from __future__ import annotations

import itertools
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from oracle import agrees_with_torch

import nnlite
from nnlite import functional as F
from nnlite.registry import REGISTRY

GRID = [
    dict(zip(("stride", "padding", "dilation"), values))
    for values in itertools.product([1, 2, (2, 3)], [0, 1, (0, 2)], [1, 2, (1, 2)])
]


@pytest.mark.parametrize("options", GRID, ids=lambda o: "-".join(map(str, o.values())))
@pytest.mark.parametrize("groups", [1, 2])
def test_options(options: dict[str, Any], groups: int, both_ways: bool, rng: Any) -> None:
    arrays = [rng.standard_normal(s) for s in ((2, 4, 7, 8), (6, 4 // groups, 3, 2), (6,))]
    agrees_with_torch(
        lambda *a: F.conv2d(*a, **options, groups=groups),
        lambda torch, *a: torch.nn.functional.conv2d(*a, **options, groups=groups),
        *arrays,
    )


@pytest.mark.parametrize(
    ("x", "weight"),
    [
        ((1, 1, 1, 1), (1, 1, 1, 1)),
        ((2, 3, 5, 5), (4, 3, 1, 1)),
        ((2, 3, 5, 5), (4, 3, 5, 5)),
        ((0, 3, 5, 5), (4, 3, 3, 3)),
        ((3, 2, 9, 4), (1, 2, 3, 4)),
        ((5, 40, 9, 9), (37, 40, 3, 3)),
        ((3, 4, 90, 90), (3, 4, 2, 2)),
        ((2, 3, 1, 70), (9, 3, 1, 1)),
    ],
    ids=str,
)
def test_shapes(x: Any, weight: Any, dtype: str, both_ways: bool, rng: Any) -> None:
    arrays = [rng.standard_normal(s).astype(dtype) for s in (x, weight)]
    agrees_with_torch(F.conv2d, lambda torch, *a: torch.nn.functional.conv2d(*a), *arrays)


def boundaries() -> list[tuple[Any, Any]]:
    """Pictures and weights on both sides of each size at which the kernel begins another tile, sum or chunk."""
    if not nnlite.kernels_enabled():
        return []
    from nnlite.kernels.convolution import _CHUNK, _FEW, _PIXELS, _TAPS
    from nnlite.kernels.tiles import ROWS, width

    wide, cases = width(np.empty(0)), []
    for channels in (1, _FEW, _FEW + 1, ROWS, ROWS + 1, wide, wide + 1):
        cases += [((2, 2, 4, 5), (channels, 2, 2, 2)), ((2, channels, 4, 5), (2, channels, 2, 2))]
    for n in (-1, 0, 1):
        cases += [((1, _TAPS + n, 2, 3), (3, _TAPS + n, 1, 1)), ((1, 3, 2, 3), (_TAPS + n, 3, 1, 1))]
        cases += [((2, 1, 1, _PIXELS + n), (3, 1, 1, 1)), ((2, 1, _PIXELS // 4 + n, 4), (3, 1, 1, 1))]
        cases += [((4 + n, 4, _CHUNK // 256, 16), (3, 4, 1, 1))]  # four such pictures are one chunk
    return cases


@pytest.mark.parametrize(("x", "weight"), boundaries(), ids=str)
def test_both_sides_of_each_boundary_of_the_kernel(x: Any, weight: Any, rng: Any) -> None:
    """Catches what is wrong in the second tile only, or in the part of one that is left over."""
    for options in ({}, {"stride": 2, "padding": 1}):
        agrees_with_torch(
            lambda *a, o=options: F.conv2d(*a, **o),
            lambda torch, *a, o=options: torch.nn.functional.conv2d(*a, **o),
            *(rng.standard_normal(s) for s in (x, weight, weight[:1])),
        )


def test_depthwise(dtype: str, both_ways: bool, rng: Any) -> None:
    arrays = [rng.standard_normal(s).astype(dtype) for s in ((2, 4, 6, 6), (8, 1, 3, 3))]
    agrees_with_torch(
        lambda *a: F.conv2d(*a, padding=1, groups=4),
        lambda torch, *a: torch.nn.functional.conv2d(*a, padding=1, groups=4),
        *arrays,
    )


def test_the_definition(rng: Any) -> None:
    """y[n, o, i, j] = b[o] + the sum over c, u, v of weight[o, c, u, v] x[n, c, i + u, j + v]: no flip."""
    x, weight, b = rng.standard_normal((1, 2, 4, 4)), rng.standard_normal((3, 2, 2, 2)), rng.standard_normal(3)
    wanted = np.zeros((1, 3, 3, 3))
    for o, i, j in itertools.product(range(3), range(3), range(3)):
        wanted[0, o, i, j] = b[o]
        for c, u, v in itertools.product(range(2), range(2), range(2)):
            wanted[0, o, i, j] += weight[o, c, u, v] * x[0, c, i + u, j + v]
    np.testing.assert_allclose(F.conv2d(x, weight, b).data, wanted)


MEMORY = """
import resource
import numpy as np
from nnlite import Tensor
from nnlite import functional as F
rng = np.random.default_rng(0)

def run(n):
    x, w = (Tensor(rng.standard_normal(s, np.float32), requires_grad=True) for s in ((n, 16, 64, 64), (16, 16, 3, 3)))
    F.conv2d(x, w, padding=1).sum().backward()

run(1)  # compiles
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
run(32)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def test_memory_is_that_of_pictures_not_of_patches() -> None:
    """x, y and their gradients have 8 MB each; all patches would have 75 MB, and so would their gradients."""
    pytest.importorskip("resource")
    if not nnlite.kernels_enabled():
        pytest.skip("kernels are switched off")
    done = subprocess.run([sys.executable, "-c", MEMORY], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) / (1024 if sys.platform == "darwin" else 1) < 60_000


def test_one_pixel_is_spread_over_four(both_ways: bool) -> None:
    """The transposed convolution of a 1x1 picture: only the bias reaches the row and column of output_padding."""
    y = F.conv_transpose2d(np.full((1, 1, 1, 1), 3.0), np.full((1, 1, 1, 1), 2.0), np.ones(1), 2, output_padding=1)
    np.testing.assert_array_equal(y.data, [[[[7, 1], [1, 1]]]])


@pytest.mark.parametrize("kernel", [2, 4, (4, 2)])
@pytest.mark.parametrize("kind", ["max", "avg"])
def test_a_padding_of_exactly_half_the_kernel_is_allowed(kernel: Any, kind: str, both_ways: bool, rng: Any) -> None:
    padding = tuple(k // 2 for k in kernel) if isinstance(kernel, tuple) else kernel // 2
    x = rng.standard_normal((2, 3, 8, 6))
    ours = getattr(F, f"{kind}_pool2d")
    assert ours(x, kernel, 1, padding).shape[:2] == (2, 3)
    agrees_with_torch(
        lambda x: ours(x, kernel, 1, padding),
        lambda torch, x: getattr(torch.nn.functional, f"{kind}_pool2d")(x, kernel, 1, padding),
        x,
    )


@pytest.mark.parametrize("name", ["conv2d", "conv_transpose2d"])
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_is_not_finite_stays_where_it_is(name: str, bad: float, rng: Any) -> None:
    """Value and gradients of the kernel are NaN just where those of the formula are, whatever stands at the borders."""
    function = REGISTRY[f"functional.{name}"]
    for stride, padding, dilation, groups in itertools.product([1, 2], [0, 1], [1, 2], [1, 2]):
        x = rng.standard_normal((2, 4, 5, 6)).astype(np.float32)
        weight = rng.standard_normal((4, 4 // groups, 3, 2)).astype(np.float32)
        steps = (stride,) * 2, (padding,) * 2
        rest = (groups, (dilation,) * 2) if name == "conv_transpose2d" else ((dilation,) * 2, groups)
        rest = ((0, 0), *rest) if name == "conv_transpose2d" else rest
        for spoiled in (x, weight):
            place = int(rng.integers(spoiled.size))
            before, spoiled.flat[place] = spoiled.flat[place], bad
            with np.errstate(all="ignore"):
                found = []
                for kernels in (True, False):
                    with nnlite.use_kernels(kernels):
                        y, vjp = function.value_and_vjp(x, weight, None, *steps, *rest)
                        dy = np.ones(y.shape, np.float32)
                        found.append((y, *vjp(dy, (True, True, False))[:2]))
            spoiled.flat[place] = before
            for ours, wanted in zip(*found):
                np.testing.assert_allclose(ours, wanted, rtol=1e-4, atol=1e-5)
