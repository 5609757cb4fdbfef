"""Optimizers and schedules against PyTorch step by step, and what they promise."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nnlite
from nnlite import Tensor, optim
from nnlite.optim import adam_step

OPTIMIZERS = {
    "SGD": ("SGD", {"lr": 0.1}),
    "SGD momentum": ("SGD", {"lr": 0.1, "momentum": 0.9}),
    "SGD weight decay": ("SGD", {"lr": 0.1, "weight_decay": 0.1}),
    "SGD all": ("SGD", {"lr": 0.1, "momentum": 0.8, "weight_decay": 0.1}),
    "SGD nesterov": ("SGD", {"lr": 0.1, "momentum": 0.8, "nesterov": True, "weight_decay": 0.01}),
    "Adam": ("Adam", {"lr": 0.1}),
    "Adam all": ("Adam", {"lr": 0.1, "betas": (0.8, 0.95), "eps": 1e-3, "weight_decay": 0.1}),
    "AdamW": ("AdamW", {"lr": 0.1}),
    "AdamW all": ("AdamW", {"lr": 0.1, "betas": (0.8, 0.95), "eps": 1e-3, "weight_decay": 0.3}),
}
every_optimizer = pytest.mark.parametrize("case", OPTIMIZERS.values(), ids=OPTIMIZERS.keys())
SHAPES = [(3, 17), (5,), ()]


def weights(rng: Any, dtype: str = "float64") -> list[np.ndarray]:
    return [np.asarray(rng.standard_normal(s), dtype) for s in SHAPES]


@every_optimizer
def test_ten_steps_equal_torchs(case: Any, dtype: str, both_ways: bool, rng: Any) -> None:
    """On random gradients; the second weight gets none in every third step and must stay where it is."""
    torch = pytest.importorskip("torch")
    name, options = case
    start = weights(rng, dtype)
    ours = [Tensor(w.copy(), requires_grad=True) for w in start]
    theirs = [torch.tensor(w, requires_grad=True) for w in start]
    optimizer = getattr(optim, name)(ours, **options)
    optimizer_torch = getattr(torch.optim, name)(theirs, **options)
    for step in range(10):
        optimizer.zero_grad()
        optimizer_torch.zero_grad()
        for k, (p, q) in enumerate(zip(ours, theirs)):
            if k == 1 and step % 3 == 2:
                continue
            p.grad = np.asarray(rng.standard_normal(p.shape), dtype)
            q.grad = torch.tensor(p.grad)
        optimizer.step()
        optimizer_torch.step()
        for p, q in zip(ours, theirs):
            tolerance = 1e-5 if dtype == "float32" else 1e-12
            assert p.dtype == dtype
            np.testing.assert_allclose(p.data, q.detach().numpy(), rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@given(seed=st.integers(0, 2**32 - 1), size=st.sampled_from([0, 1, 2, 7, 33]), strided=st.booleans())
def test_adam_kernel_equals_formula(dtype: Any, seed: int, size: int, strided: bool) -> None:
    if not nnlite.kernels_enabled():
        pytest.skip("kernels are switched off")
    rng = np.random.default_rng(seed)
    w, grad, m = (rng.standard_normal(size).astype(dtype) for _ in range(3))
    v = rng.random(size).astype(dtype)
    grad = np.repeat(grad, 2)[::2] if strided else grad
    options = (0.01, 0.9, 0.99, 1e-8, *rng.choice([0, 0.1], 2), 0.5, 0.1)
    formula, twin = [w.copy(), m.copy(), v.copy()], [w.copy(), m.copy(), v.copy()]
    before = grad.copy()
    adam_step.formula(formula[0], grad, *formula[1:], *options)
    assert adam_step.twin(twin[0], grad, *twin[1:], *options) is twin[0]
    np.testing.assert_array_equal(grad, before)
    for a, b in zip(twin, formula):
        np.testing.assert_allclose(a, b, rtol=1e-5 if dtype == np.float32 else 1e-12, atol=1e-7)


def test_weights_that_are_not_contiguous_are_updated_too(both_ways: bool) -> None:
    """A weight that is a transposed view must change itself, not a copy of itself."""
    data = np.ones((3, 4)).T
    w = Tensor(data, requires_grad=True)
    w.grad = np.ones((4, 3))
    optim.Adam([w], lr=0.5).step()
    np.testing.assert_allclose(data, 0.5)


def test_adams_first_step_has_the_length_of_the_learning_rate(both_ways: bool) -> None:
    """The bias correction: m' = g and v' = g^2 at t = 1, whatever the size of the gradient."""
    for size in (1e-3, 1.0, 1e3):
        w = Tensor(np.zeros(1), requires_grad=True)
        w.grad = np.full(1, size)
        optim.Adam([w], lr=0.1).step()
        assert w.data[0] == pytest.approx(-0.1, rel=1e-4)


def test_decoupled_decay_shrinks_weights_whatever_the_gradient(both_ways: bool) -> None:
    """AdamW: w is multiplied by 1 - lr * decay. Adam: the decay is part of the gradient, and is normalised away."""
    decayed = {}
    for name in ("Adam", "AdamW"):
        w = Tensor(np.full(1, 10.0), requires_grad=True)
        w.grad = np.zeros(1)
        getattr(optim, name)([w], lr=0.1, weight_decay=0.1).step()
        decayed[name] = w.data[0]
    assert decayed["AdamW"] == pytest.approx(10 * (1 - 0.01))
    assert decayed["Adam"] == pytest.approx(10 - 0.1, rel=1e-4)


@every_optimizer
def test_each_finds_the_minimum_of_a_bowl(case: Any, both_ways: bool) -> None:
    name, options = case
    w = Tensor(np.array([3.0, -2.0]), requires_grad=True)
    optimizer = getattr(optim, name)([w], **{**options, "weight_decay": 0.0})
    for _ in range(300):
        optimizer.zero_grad()
        (w * w).sum().backward()
        optimizer.step()
    assert np.abs(w.data).max() < 0.05


@every_optimizer
def test_a_saved_state_continues_as_if_never_interrupted(case: Any, both_ways: bool, rng: Any) -> None:
    name, options = case
    grads = [weights(rng) for _ in range(6)]

    def run(interrupt: bool) -> list[np.ndarray]:
        params = [Tensor(w, requires_grad=True) for w in weights(np.random.default_rng(1))]
        optimizer = getattr(optim, name)(params, **options)
        for t, step in enumerate(grads):
            if interrupt and t == 3:
                saved = optimizer.state_dict()
                params = [Tensor(p.data.copy(), requires_grad=True) for p in params]
                optimizer = getattr(optim, name)(params, **{**options, "lr": 99.0})
                optimizer.load_state_dict(saved)
            for p, g in zip(params, step):
                p.grad = g.copy()
            optimizer.step()
        return [p.data for p in params]

    for a, b in zip(run(False), run(True)):
        np.testing.assert_array_equal(a, b)


def test_the_gradient_itself_is_not_changed(both_ways: bool) -> None:
    for name, options in OPTIMIZERS.values():
        w = Tensor(np.ones(3), requires_grad=True)
        optimizer = getattr(optim, name)([w], **options)
        for _ in range(2):
            w.grad = np.arange(3.0)
            optimizer.step()
            np.testing.assert_array_equal(w.grad, [0, 1, 2])


# Schedules


def rates(optimizer: Any, schedule: Any, steps: int) -> list[float]:
    seen = []
    for _ in range(steps):
        seen.append(optimizer.lr if hasattr(optimizer, "lr") else optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    return seen


def sgd(lr: float = 0.5) -> optim.SGD:
    return optim.SGD([Tensor([1.0], requires_grad=True)], lr=lr)


@pytest.mark.parametrize(("total", "final"), [(10, 0.0), (7, 0.1), (1, 0.0)])
def test_cosine_equals_torchs(total: int, final: float) -> None:
    torch = pytest.importorskip("torch")
    theirs = torch.optim.SGD([torch.ones(1, requires_grad=True)], lr=0.5)
    wanted = rates(theirs, torch.optim.lr_scheduler.CosineAnnealingLR(theirs, total, eta_min=0.5 * final), total + 1)
    ours = sgd()
    np.testing.assert_allclose(
        rates(ours, optim.CosineSchedule(ours, total, final=final), total + 1), wanted, atol=1e-12
    )


def test_warmup_equals_torchs() -> None:
    torch = pytest.importorskip("torch")
    theirs = torch.optim.SGD([torch.ones(1, requires_grad=True)], lr=0.5)
    linear = torch.optim.lr_scheduler.LinearLR(theirs, start_factor=1 / 4, end_factor=1.0, total_iters=3)
    wanted = rates(theirs, linear, 8)
    ours = sgd()
    np.testing.assert_allclose(rates(ours, optim.WarmupSchedule(ours, 4), 8), wanted)


def test_cosine_with_warmup_rises_then_falls_then_stays() -> None:
    ours = sgd(1.0)
    seen = rates(ours, optim.CosineSchedule(ours, 10, warmup_steps=4, final=0.2), 15)
    np.testing.assert_allclose(seen[:4], [0.25, 0.5, 0.75, 1.0])
    assert (np.diff(seen[4:]) <= 0).all()
    assert seen[7] == pytest.approx(0.2 + 0.8 * 0.5 * (1 + math.cos(math.pi * 3 / 6)))
    np.testing.assert_allclose(seen[10:], 0.2)


def test_a_schedule_continues_after_loading() -> None:
    a, b = sgd(), sgd()
    first, second = optim.CosineSchedule(a, 10), optim.CosineSchedule(b, 10)
    for _ in range(4):
        first.step()
    second.load_state_dict(first.state_dict())
    assert b.lr == a.lr
    first.step()
    second.step()
    assert b.lr == a.lr


# Clipping


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


# Bad input

LEAF = Tensor([1.0], requires_grad=True)
BAD: list[tuple[Callable[[], Any], type[Exception], list[str]]] = [
    (lambda: optim.SGD(LEAF, 0.1), TypeError, ["SGD", "params", "Tensor", "model.parameters()"]),
    (lambda: optim.SGD([], 0.1), ValueError, ["SGD", "params", "empty"]),
    (lambda: optim.Adam([np.ones(2)], 0.1), TypeError, ["Adam", "params[0]", "ndarray", "Tensor"]),
    (lambda: optim.Adam([LEAF * 2], 0.1), ValueError, ["Adam", "params[0]", "'mul'", "leaf"]),
    (lambda: optim.SGD([LEAF], -0.1), ValueError, ["SGD", "lr", "-0.1", ">= 0"]),
    (lambda: optim.SGD([LEAF], float("nan")), ValueError, ["SGD", "lr", "nan"]),
    (lambda: optim.SGD([LEAF], "fast"), TypeError, ["SGD", "lr", "'fast'", "number"]),
    (lambda: optim.SGD([LEAF], 0.1, momentum=-1), ValueError, ["SGD", "momentum", "-1"]),
    (lambda: optim.SGD([LEAF], 0.1, nesterov=True), ValueError, ["SGD", "nesterov", "momentum"]),
    (lambda: optim.SGD([LEAF], 0.1, weight_decay=-1), ValueError, ["SGD", "weight_decay", "-1"]),
    (lambda: optim.Adam([LEAF], betas=(0.9, 1.0)), ValueError, ["Adam", "betas", "1.0", "below 1"]),
    (lambda: optim.Adam([LEAF], betas=(-0.1, 0.9)), ValueError, ["Adam", "betas[0]", "-0.1"]),
    (lambda: optim.AdamW([LEAF], eps=-1), ValueError, ["AdamW", "eps", "-1"]),
    (lambda: optim.CosineSchedule(LEAF, 10), TypeError, ["CosineSchedule", "optimizer", "Tensor"]),
    (lambda: optim.CosineSchedule(sgd(), 0), ValueError, ["CosineSchedule", "total_steps", "0"]),
    (lambda: optim.CosineSchedule(sgd(), 5, 6), ValueError, ["CosineSchedule", "warmup_steps", "6", "<= 5"]),
    (lambda: optim.CosineSchedule(sgd(), 5, final=2), ValueError, ["CosineSchedule", "final", "2"]),
    (lambda: optim.WarmupSchedule(sgd(), 0), ValueError, ["WarmupSchedule", "warmup_steps", "0"]),
    (lambda: optim.clip_grad_norm_([LEAF], -1), ValueError, ["clip_grad_norm_", "max_norm", "-1"]),
    (
        lambda: sgd().load_state_dict({"lr": 1.0, "steps": 1, "state": []}),
        ValueError,
        ["load_state_dict", "0 parameters", "1"],
    ),
    (
        lambda: sgd().load_state_dict({"lr": 1.0, "steps": 1, "state": [{"momentum_buffer": np.ones(3)}]}),
        ValueError,
        ["momentum_buffer", "(3,)", "(1,)"],
    ),
]


@pytest.mark.parametrize(("call", "error", "words"), BAD, ids=[f"{i}-{w[0]}" for i, (_, _, w) in enumerate(BAD)])
def test_bad_input(call: Callable[[], Any], error: type[Exception], words: list[str]) -> None:
    with pytest.raises(error) as caught:
        call()
    missing = [word for word in words if word not in str(caught.value)]
    assert not missing, f"the message lacks {missing}: {caught.value}"
