"""Scaled dot-product attention against PyTorch, and what its masks promise."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from oracle import agrees_with_torch, close

import nnlite
from nnlite import Tensor
from nnlite import functional as F
from nnlite.registry import REGISTRY

SHAPES = [((5, 4), (7, 4), (7, 3)), ((2, 3, 5, 4), (2, 3, 5, 4), (2, 3, 5, 4)), ((2, 1, 1), (2, 6, 1), (2, 6, 2))]


def torch_attention(torch: Any, *arrays: Any, **options: Any) -> Any:
    from torch.nn.attention import SDPBackend, sdpa_kernel

    with sdpa_kernel(SDPBackend.MATH):
        return torch.nn.functional.scaled_dot_product_attention(*arrays, **options)


def three(rng: Any, shapes: Any, dtype: str = "float64") -> list[Any]:
    return [rng.standard_normal(s).astype(dtype) for s in shapes]


@pytest.mark.parametrize("shapes", SHAPES, ids=str)
@pytest.mark.parametrize("scale", [None, 0.3])
def test_plain(shapes: Any, scale: Any, dtype: str, both_ways: bool, rng: Any) -> None:
    agrees_with_torch(
        lambda *a: F.scaled_dot_product_attention(*a, scale=scale),
        lambda torch, *a: torch_attention(torch, *a, scale=scale),
        *three(rng, shapes, dtype),
    )


@pytest.mark.parametrize(("t", "s"), [(6, 6), (4, 7), (7, 4), (1, 5)])
def test_causal(t: int, s: int, dtype: str, both_ways: bool, rng: Any) -> None:
    agrees_with_torch(
        lambda *a: F.scaled_dot_product_attention(*a, is_causal=True),
        lambda torch, *a: torch_attention(torch, *a, is_causal=True),
        *three(rng, ((2, t, 3), (2, s, 3), (2, s, 5)), dtype),
    )


@pytest.mark.parametrize("shape", [(5, 7), (1, 7), (2, 1, 5, 7), (2, 3, 5, 7)], ids=str)
@pytest.mark.parametrize("kind", ["booleans", "numbers"])
def test_masks(shape: Any, kind: str, dtype: str, both_ways: bool, rng: Any) -> None:
    mask = rng.random(shape) < 0.6 if kind == "booleans" else rng.standard_normal(shape).astype(dtype)
    if kind == "booleans":
        mask[..., 2] = True
    agrees_with_torch(
        lambda *a: F.scaled_dot_product_attention(*a, attn_mask=mask),
        lambda torch, *a: torch_attention(torch, *a, attn_mask=torch.tensor(mask)),
        *three(rng, ((2, 3, 5, 4), (2, 3, 7, 4), (2, 3, 7, 4)), dtype),
    )


@pytest.mark.parametrize("kind", ["booleans", "numbers"])
@pytest.mark.parametrize("shared", [False, True])
def test_masks_of_more_queries_than_one_block(kind: str, shared: bool, both_ways: bool, rng: Any) -> None:
    """Each query has its own row of the mask, in the second block too."""
    shape = (130, 70) if shared else (2, 3, 130, 70)
    mask = rng.random(shape) < 0.6 if kind == "booleans" else rng.standard_normal(shape)
    mask[..., 0] = True
    for causal in (False, True):
        band = np.tri(130, 70, dtype=bool) if causal else np.ones((130, 70), bool)
        whole = mask & band if kind == "booleans" else np.where(band, mask, -np.inf)
        agrees_with_torch(
            lambda *a, c=causal: F.scaled_dot_product_attention(*a, attn_mask=mask, is_causal=c),
            lambda torch, *a, w=whole: torch_attention(torch, *a, attn_mask=torch.tensor(w)),
            *three(rng, ((2, 3, 130, 4), (2, 3, 70, 4), (2, 3, 70, 3))),
        )


def test_many_queries_and_keys(both_ways: bool, rng: Any) -> None:
    """Long enough that a kernel that works in blocks has several, whole and cut."""
    shapes = ((1, 300, 8), (1, 517, 8), (1, 517, 8))
    for causal in (False, True):
        agrees_with_torch(
            lambda *a, c=causal: F.scaled_dot_product_attention(*a, is_causal=c),
            lambda torch, *a, c=causal: torch_attention(torch, *a, is_causal=c),
            *three(rng, shapes, "float32"),
            tolerance=5e-5,
        )


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("more", [-1, 0, 1])
def test_both_sides_of_each_block(more: int, causal: bool, dtype: str, rng: Any) -> None:
    """So many queries, and so many keys, as the kernel takes at a time; one fewer, and one more."""
    pytest.importorskip("numba")
    from nnlite.kernels.attention import _KEYS, _QUERIES

    for t, s in [(_QUERIES, _KEYS), (_QUERIES + more, _KEYS), (_QUERIES, _KEYS + more), (2 * _QUERIES + more, 5)]:
        agrees_with_torch(
            lambda *a: F.scaled_dot_product_attention(*a, is_causal=causal),
            lambda torch, *a: torch_attention(torch, *a, is_causal=causal),
            *three(rng, ((2, t, 3), (2, s, 3), (2, s, 2)), dtype),
            **({"tolerance": 5e-5} if dtype == "float32" else {}),
        )


def test_extreme_scores_pick_one_value(dtype: str, both_ways: bool) -> None:
    """With scores of 10^4 softmax is a choice: no overflow, no NaN, and no gradient to the scores."""
    q = Tensor(np.array([[100.0]], dtype), requires_grad=True)
    k, v = np.array([[100.0], [-100.0], [90.0]], dtype), np.array([[1.0], [2.0], [3.0]], dtype)
    y = F.scaled_dot_product_attention(q, k, v)
    assert y.item() == 1
    y.backward()
    assert q.grad[0, 0] == 0


def test_an_answer_is_an_average_of_the_values(both_ways: bool, rng: Any) -> None:
    q, k, v = three(rng, SHAPES[0])
    y = F.scaled_dot_product_attention(q, k, v).data
    assert (y <= v.max(0)).all()
    assert (y >= v.min(0)).all()
    close(F.scaled_dot_product_attention(q, k, np.ones_like(v)).data, np.ones((5, 3)))


def test_the_order_of_keys_does_not_matter_the_order_of_queries_does(both_ways: bool, rng: Any) -> None:
    q, k, v = three(rng, SHAPES[0])
    order = rng.permutation(7)
    y = F.scaled_dot_product_attention(q, k, v).data
    close(F.scaled_dot_product_attention(q, k[order], v[order]).data, y)
    close(F.scaled_dot_product_attention(q[::-1], k, v).data, y[::-1])


def test_the_future_has_no_influence(both_ways: bool, rng: Any) -> None:
    """Under a causal mask y[t] and its gradients do not change when anything after t does."""
    q, k, v = three(rng, ((6, 4), (6, 4), (6, 3)))
    y = F.scaled_dot_product_attention(q, k, v, is_causal=True).data
    k2, v2 = k.copy(), v.copy()
    k2[4:], v2[4:] = 50.0, -50.0
    np.testing.assert_array_equal(F.scaled_dot_product_attention(q, k2, v2, is_causal=True).data[:4], y[:4])
    value = Tensor(v, requires_grad=True)
    F.scaled_dot_product_attention(q, k, value, is_causal=True)[:4].sum().backward()
    np.testing.assert_array_equal(value.grad[4:], 0)


def test_nan_reaches_every_position_that_sees_it(dtype: str, both_ways: bool, rng: Any) -> None:
    for poisoned in range(3):
        arrays = three(rng, ((6, 4), (6, 4), (6, 3)), dtype)
        arrays[poisoned][2, 0] = np.nan
        y = F.scaled_dot_product_attention(*arrays, is_causal=True).data
        assert np.isnan(y[2:] if poisoned else y[2]).any(-1).all()


def test_a_query_that_may_look_nowhere_gets_nan(both_ways: bool, rng: Any) -> None:
    mask = np.array([[True, False], [False, False]])
    y = F.scaled_dot_product_attention(*three(rng, ((2, 3), (2, 3), (2, 3))), attn_mask=mask).data
    assert np.isfinite(y[0]).all()
    assert np.isnan(y[1]).all()


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("window", [1, 3, 100])
def test_a_window_is_a_band_of_the_mask(causal: bool, window: int, dtype: str, both_ways: bool, rng: Any) -> None:
    """Query i sees keys i - window + 1 to i, and as many after it unless it is causal; lengths cross whole blocks."""
    t = 150
    i, j = np.indices((t, t))
    band = (j > i - window) & (j <= i if causal else j < i + window)
    agrees_with_torch(
        lambda *a: F.scaled_dot_product_attention(*a, is_causal=causal, window=window),
        lambda torch, *a: torch_attention(torch, *a, attn_mask=torch.tensor(band)),
        *three(rng, ((2, t, 5), (2, t, 5), (2, t, 3)), dtype),
        **({"tolerance": 5e-5} if dtype == "float32" else {}),
    )


def test_a_window_beyond_the_last_key_sees_nothing(both_ways: bool, rng: Any) -> None:
    """With 3 keys and a window of 2 queries 0 to 3 see something; the softmax of nothing is NaN."""
    y = F.scaled_dot_product_attention(*three(rng, ((6, 4), (3, 4), (3, 2))), window=2).data
    assert np.isfinite(y[:4]).all()
    assert np.isnan(y[4:]).all()


@pytest.mark.parametrize("shape", [(1, 7), (5, 7), (2, 1, 1, 7), (2, 1, 5, 7), (3, 1, 7)], ids=str)
def test_a_mask_and_causality_hide_what_either_hides(shape: Any, dtype: str, both_ways: bool, rng: Any) -> None:
    mask = rng.random(shape) < 0.5
    mask[..., 0] = True
    agrees_with_torch(
        lambda *a: F.scaled_dot_product_attention(*a, attn_mask=mask, is_causal=True),
        lambda torch, *a: torch_attention(torch, *a, attn_mask=torch.tensor(mask & np.tri(5, 7, dtype=bool))),
        *three(rng, ((2, 3, 5, 4), (2, 3, 7, 4), (2, 3, 7, 4)), dtype),
    )


@pytest.mark.parametrize("p", [0.2, 1.0])
def test_dropout_is_the_same_with_and_without_kernels(p: float, rng: Any) -> None:
    """The twin draws its random numbers block by block; the formula's bits, and the same ones in the backward pass."""
    if not nnlite.kernels_enabled():
        pytest.skip("kernels are switched off")
    entry: Any = REGISTRY["functional.scaled_dot_product_attention"]
    q, k, v, dy = rng.standard_normal((4, 2, 600, 6))
    ours, our_vjp = entry.twin(q, k, v, dropout_p=p, is_causal=True, rng=5)
    y, vjp = entry.formula(q, k, v, dropout_p=p, is_causal=True, rng=5)
    np.testing.assert_allclose(ours, y, atol=1e-12)
    for _ in range(2):  # a second time gives the same
        for mine, theirs in zip(our_vjp(dy, (True,) * 3), vjp(dy, (True,) * 3)):
            np.testing.assert_allclose(mine, theirs, atol=1e-11)
    a, b = np.random.default_rng(1), np.random.default_rng(1)
    entry.twin(q, k, v, dropout_p=p, rng=a)
    entry.formula(q, k, v, dropout_p=p, rng=b)
    assert a.random() == b.random()  # what is drawn afterwards is the same too


MEMORY = """
import resource
import numpy as np
from nnlite import Tensor
from nnlite import functional as F
T = {length}
q, k, v = (Tensor(a, requires_grad=True) for a in np.random.default_rng(0).standard_normal((3, 1, 2, T, 8), np.float32))
padding = np.arange(T) < T - 5

def run(n):
    cut = [Tensor(x.data[:, :, :n], requires_grad=True) for x in (q, k, v)]
    for options in ({{"is_causal": True}}, {{"attn_mask": padding[:n]}}, {{"dropout_p": 0.1, "rng": 0}}):
        F.scaled_dot_product_attention(*cut, **options).sum().backward()

run(64)  # compiles
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
run(T)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def test_memory_is_proportional_to_the_length() -> None:
    """All that a process takes from the machine, there and back: the scores of 2 heads alone would be 134 MB."""
    pytest.importorskip("resource")
    if not nnlite.kernels_enabled():
        pytest.skip("kernels are switched off")
    done = subprocess.run(
        [sys.executable, "-c", MEMORY.format(length=4096)], capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    kilobytes = int(done.stdout) / (1024 if sys.platform == "darwin" else 1)
    assert kilobytes < 24_000


def test_dropout_of_weights_keeps_the_expectation(both_ways: bool, rng: Any) -> None:
    q, k, v = three(rng, ((1, 4), (6, 4), (6, 3)))
    y = F.scaled_dot_product_attention(q, k, v).data
    mean = np.mean([F.scaled_dot_product_attention(q, k, v, dropout_p=0.5, rng=i).data for i in range(2000)], 0)
    np.testing.assert_allclose(mean, y, atol=0.1)
    twice = [F.scaled_dot_product_attention(q, k, v, dropout_p=0.5, rng=7).data for _ in range(2)]
    np.testing.assert_array_equal(*twice)


def test_the_default_generator_serves_dropout(both_ways: bool, rng: Any) -> None:
    arrays = three(rng, SHAPES[0])
    nnlite.manual_seed(3)
    a = F.scaled_dot_product_attention(*arrays, dropout_p=0.5).data
    nnlite.manual_seed(3)
    np.testing.assert_array_equal(F.scaled_dot_product_attention(*arrays, dropout_p=0.5).data, a)


@pytest.mark.parametrize(("d", "e"), [(0, 1), (1, 0), (1, 1), (2, 0), (1, 64), (64, 2)])
@pytest.mark.parametrize("causal", [False, True])
def test_heads_wider_than_one_tile(d: int, e: int, causal: bool, dtype: str, rng: Any) -> None:
    """The kernel works in tiles: on both sides of each boundary it is the formula, and PyTorch's function.

    `d` and `e` are 64, or so many more than the width of one tile. Catches what is wrong in the second tile only.
    """
    if not nnlite.kernels_enabled():
        pytest.skip("kernels are switched off")
    from nnlite.kernels.tiles import ROWS, width

    wide = width(np.empty(0, dtype))
    d, e = (n if n == 64 else wide + n for n in (d, e))
    arrays = three(rng, ((2, ROWS + 1, d), (2, 2 * ROWS + 1, d), (2, 2 * ROWS + 1, e)), dtype)
    results = []
    for on in (True, False):
        with nnlite.use_kernels(on):
            tensors = [Tensor(a, requires_grad=True) for a in arrays]
            y = F.scaled_dot_product_attention(*tensors, is_causal=causal)
            y.backward(np.random.default_rng(1).standard_normal(y.shape).astype(dtype))
            results.append([y.data, *(t.grad for t in tensors)])
    for ours, formula in zip(*results):
        close(ours, formula)


@pytest.mark.parametrize("extra", [0, 1])
def test_heads_wider_than_one_tile_against_torch(extra: int, dtype: str, rng: Any) -> None:
    pytest.importorskip("numba")
    from nnlite.kernels.tiles import width

    wide = width(np.empty(0, dtype)) + extra
    for d, e in [(wide, 64), (64, wide)]:
        agrees_with_torch(
            F.scaled_dot_product_attention, torch_attention, *three(rng, ((9, d), (11, d), (11, e)), dtype)
        )
