"""Gradient clipping against PyTorch, and the average of the weights."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnlite import Tensor, optim

SHAPES = [(3, 17), (5,), ()]


def weights(rng: Any) -> list[np.ndarray]:
    return [np.asarray(rng.standard_normal(s)) for s in SHAPES]


@given(seed=st.integers(0, 2**32 - 1), limit=st.floats(0.01, 100))
def test_clipping_equals_torchs(seed: int, limit: float) -> None:
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(seed)
    ours, theirs = [], []
    for w in [*weights(rng), np.ones(2)]:
        p, q = Tensor(w, requires_grad=True), torch.tensor(w, requires_grad=True)
        if w.shape != (2,):  # the last one has no gradient
            p.grad = rng.standard_normal(w.shape) * 10 ** rng.uniform(-2, 2)
            p.grad = np.asarray(p.grad)
            q.grad = torch.tensor(p.grad)
        ours.append(p)
        theirs.append(q)
    norm = optim.clip_grad_norm_(iter(ours), limit)
    assert norm == pytest.approx(float(torch.nn.utils.clip_grad_norm_(theirs, limit)), rel=1e-9)
    for p, q in zip(ours, theirs):
        if p.grad is not None:
            np.testing.assert_allclose(p.grad, q.grad.numpy(), rtol=1e-5, atol=1e-12)
    assert optim.clip_grad_norm_(ours, limit) <= limit * (1 + 1e-6)


@pytest.mark.parametrize("norm_type", [1.0, 2.0, 3.5, math.inf])
def test_every_norm_equals_torchs(norm_type: float, rng: Any) -> None:
    torch = pytest.importorskip("torch")
    for limit in (0.1, 100.0):
        w = Tensor(rng.standard_normal((4, 3)), requires_grad=True)
        q = torch.tensor(w.data, requires_grad=True)
        w.grad = rng.standard_normal((4, 3))
        q.grad = torch.tensor(w.grad)
        wanted = float(torch.nn.utils.clip_grad_norm_([q], limit, norm_type))
        assert optim.clip_grad_norm_(w, limit, norm_type) == pytest.approx(wanted)
        np.testing.assert_allclose(w.grad, q.grad.numpy(), rtol=1e-5)


def test_a_norm_whose_square_float32_cannot_hold() -> None:
    w = Tensor(np.zeros(2, np.float32), requires_grad=True)
    w.grad = np.array([3e30, 4e30], np.float32)
    assert optim.clip_grad_norm_([w], 1.0) == pytest.approx(5e30)
    np.testing.assert_allclose(w.grad, [0.6, 0.8], rtol=1e-5)


@pytest.mark.parametrize("bad", [math.inf, math.nan])
def test_a_gradient_that_is_not_finite(bad: float) -> None:
    """An error if asked for, and the gradient as it was; otherwise NaN, which nobody can overlook."""
    w = Tensor(np.zeros(2), requires_grad=True)
    w.grad = np.array([bad, 1.0])
    with pytest.raises(FloatingPointError, match="norm of the gradients"):
        optim.clip_grad_norm_([w], 1.0, error_if_nonfinite=True)
    assert w.grad[1] == 1
    assert not math.isfinite(optim.clip_grad_norm_([w], 1.0))
    assert math.isnan(w.grad[0])


def test_values_are_cut_as_by_torch(rng: Any) -> None:
    torch = pytest.importorskip("torch")
    w, empty = (Tensor(np.zeros((5, 4), np.float32), requires_grad=True) for _ in range(2))
    q = torch.zeros(5, 4, requires_grad=True)
    w.grad = rng.standard_normal((5, 4)).astype(np.float32)
    q.grad = torch.tensor(w.grad)
    optim.clip_grad_value_([w, empty], 0.5)
    torch.nn.utils.clip_grad_value_([q], 0.5)
    np.testing.assert_array_equal(w.grad, q.grad.numpy())
    assert empty.grad is None


# The average of the weights


def test_the_average_is_the_weighted_sum_of_what_was_seen(rng: Any) -> None:
    """average_T = d^T w_0 + (1 - d) sum_t d^(T - t) w_t."""
    w = Tensor(rng.standard_normal(4), requires_grad=True)
    first = w.data.copy()
    ema = optim.EMA([w], decay=0.8)
    path = rng.standard_normal((6, 4))
    for row in path:
        w.data[...] = row
        ema.update()
    share = 0.2 * 0.8 ** np.arange(5, -1, -1)
    np.testing.assert_allclose(ema.averages[0], 0.8**6 * first + share @ path)
    assert ema.steps == 6


def test_the_warm_up_forgets_the_random_start() -> None:
    w = Tensor(np.full(1, 100.0), requires_grad=True)
    quick, slow = optim.EMA([w], 0.999, warmup=True), optim.EMA([w], 0.999)
    w.data[...] = 0
    for _ in range(20):
        quick.update()
        slow.update()
    assert quick.averages[0][0] < 1 < 90 < slow.averages[0][0]


def test_averages_stand_in_and_give_way_even_after_an_error(rng: Any) -> None:
    w = Tensor(rng.standard_normal(3), requires_grad=True)
    ema = optim.EMA([w], decay=0.5)
    array, before = w.data, w.data.copy()
    w.data += 1
    ema.update()
    with pytest.raises(RuntimeError), ema.applied():
        np.testing.assert_allclose(w.data, before + 0.5)
        raise RuntimeError
    assert w.data is array
    np.testing.assert_allclose(w.data, before + 1)
    ema.copy_to()
    np.testing.assert_allclose(w.data, before + 0.5)


def test_an_average_that_was_never_updated_can_be_saved() -> None:
    a, b = optim.EMA([Tensor([1.0])]), optim.EMA([Tensor([2.0])])
    b.load_state_dict(a.state_dict())
    assert (b.steps, b.averages[0].item()) == (0, 1)


def test_a_saved_average_goes_on(rng: Any) -> None:
    w = Tensor(rng.standard_normal(3), requires_grad=True)
    a = optim.EMA([w], 0.9, warmup=True)
    w.data += 1
    a.update()
    b = optim.EMA([w], 0.9, warmup=True)
    b.load_state_dict(a.state_dict())
    for ema in (a, b):
        ema.update()
    np.testing.assert_array_equal(a.averages[0], b.averages[0])
    assert repr(b) == "EMA(decay=0.9, 1 tensor, 2 updates)"


# Bad input

LEAF = Tensor([1.0], requires_grad=True)
BAD: list[tuple[Callable[[], Any], type[Exception], list[str]]] = [
    (lambda: optim.clip_grad_norm_([LEAF], -1), ValueError, ["clip_grad_norm_", "max_norm", "-1"]),
    (lambda: optim.clip_grad_norm_([LEAF], 1, 0), ValueError, ["clip_grad_norm_", "norm_type", "0"]),
    (lambda: optim.clip_grad_norm_([np.ones(2)], 1), TypeError, ["clip_grad_norm_", "params[0]", "ndarray"]),
    (lambda: optim.clip_grad_value_([LEAF], -1), ValueError, ["clip_grad_value_", "clip_value", "-1"]),
    (lambda: optim.EMA(LEAF), TypeError, ["EMA", "params", "model.parameters()"]),
    (lambda: optim.EMA(None), TypeError, ["EMA", "params", "NoneType"]),
    (lambda: optim.EMA([]), ValueError, ["EMA", "params", "empty"]),
    (lambda: optim.EMA([1.0]), TypeError, ["EMA", "params[0]", "float"]),
    (lambda: optim.EMA([LEAF], 1.5), ValueError, ["EMA", "decay", "1.5"]),
    (lambda: optim.EMA([LEAF], warmup=3), TypeError, ["EMA", "warmup", "3"]),
    (
        lambda: optim.EMA([LEAF]).load_state_dict({"steps": 0, "averages": [np.ones(2)]}),
        ValueError,
        ["averages[0]", "(2,)", "(1,)"],
    ),
    (lambda: optim.EMA([LEAF]).load_state_dict({"steps": 0, "averages": []}), ValueError, ["0 averages", "1"]),
]


@pytest.mark.parametrize(("call", "error", "words"), BAD, ids=[f"{i}-{w[0]}" for i, (_, _, w) in enumerate(BAD)])
def test_bad_input(call: Callable[[], Any], error: type[Exception], words: list[str]) -> None:
    with pytest.raises(error) as caught:
        call()
    missing = [word for word in words if word not in str(caught.value)]
    assert not missing, f"the message lacks {missing}: {caught.value}"


@pytest.mark.parametrize("infinity", [float("inf"), np.float32("inf"), np.float64("inf")])
def test_any_infinity_asks_for_the_largest_gradient(infinity):
    w = Tensor(np.zeros(3), requires_grad=True)
    w.grad = np.array([1.0, -7.0, 2.0])
    assert float(optim.clip_grad_norm_([w], 100.0, infinity)) == 7
