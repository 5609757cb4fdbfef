"""Schedules against PyTorch step by step, and what they promise."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from nnlite import Tensor, optim


def rates(optimizer: Any, schedule: Any, steps: int) -> list[float]:
    seen = []
    for _ in range(steps):
        seen.append(optimizer.lr if hasattr(optimizer, "lr") else optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    return seen


def sgd(lr: float = 0.5) -> optim.SGD:
    return optim.SGD([Tensor([1.0], requires_grad=True)], lr=lr)


def one_milestone_for_one() -> optim.SequentialLR:
    o = sgd()
    return optim.SequentialLR(o, [optim.StepLR(o, 1)], [2])


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


SCHEDULES: dict[str, Callable[[Any, Any], Any]] = {
    "StepLR": lambda m, o: m.StepLR(o, 3, gamma=0.5),
    "MultiStepLR": lambda m, o: m.MultiStepLR(o, [2, 5, 6], gamma=0.3),
    "ExponentialLR": lambda m, o: m.ExponentialLR(o, 0.9),
    "ConstantLR": lambda m, o: m.ConstantLR(o, 0.5, total_iters=4),
    "LinearLR": lambda m, o: m.LinearLR(o, 0.25, total_iters=6),
    "LinearLR down": lambda m, o: m.LinearLR(o, 1.0, end_factor=0.1, total_iters=6),
    "LambdaLR": lambda m, o: m.LambdaLR(o, lambda t: 1 / (1 + t)),
    "LambdaLR for each": lambda m, o: m.LambdaLR(o, [lambda t: 0.5**t, lambda t: 1 - t / 20]),
    "CosineAnnealingLR": lambda m, o: m.CosineAnnealingLR(o, 8, eta_min=0.01),
    "OneCycleLR": lambda m, o: m.OneCycleLR(o, 0.8, total_steps=15),
    "OneCycleLR linear": lambda m, o: m.OneCycleLR(
        o, [0.8, 0.5], epochs=3, steps_per_epoch=5, pct_start=0.4, anneal_strategy="linear", div_factor=5.0
    ),
    "OneCycleLR in three phases": lambda m, o: m.OneCycleLR(
        o, 0.8, 15, three_phase=True, base_momentum=0.5, max_momentum=0.9, final_div_factor=10.0
    ),
    "OneCycleLR without momentum": lambda m, o: m.OneCycleLR(o, 0.8, 15, cycle_momentum=False),
    "SequentialLR": lambda m, o: m.SequentialLR(
        o,
        [m.LinearLR(o, 0.1, total_iters=3), m.CosineAnnealingLR(o, 6), m.StepLR(o, 2, gamma=0.5)],
        milestones=[3, 8],
    ),
    "ChainedScheduler": lambda m, o: m.ChainedScheduler(
        [m.ConstantLR(o, 0.1, total_iters=2), m.ExponentialLR(o, 0.9), m.MultiStepLR(o, [3, 7], gamma=0.5)]
    ),
    "ChainedScheduler with a cosine": lambda m, o: m.ChainedScheduler(
        [m.LinearLR(o, 0.25, total_iters=3), m.CosineAnnealingLR(o, 5, eta_min=0.01)]
    ),
    "CosineAnnealingWarmRestarts": lambda m, o: m.CosineAnnealingWarmRestarts(o, 4, eta_min=0.01),
    "CosineAnnealingWarmRestarts, longer": lambda m, o: m.CosineAnnealingWarmRestarts(o, 2, T_mult=2),
    "CyclicLR": lambda m, o: m.CyclicLR(o, 0.1, [0.5, 0.8], step_size_up=3),
    "CyclicLR, lower each time": lambda m, o: m.CyclicLR(o, 0.1, 0.5, 3, 2, mode="triangular2"),
    "CyclicLR, exponential": lambda m, o: m.CyclicLR(
        o, [0.1, 0.2], 0.5, 2, mode="exp_range", gamma=0.9, base_momentum=0.5, max_momentum=0.8
    ),
    "CyclicLR with a function": lambda m, o: m.CyclicLR(
        o, 0.1, 0.5, 3, scale_fn=lambda t: 1 / (1 + t), scale_mode="iterations", cycle_momentum=False
    ),
}


def two_groups(module: Any, make: Any, name: str) -> Any:
    a, b = make(), make()
    return getattr(module, name)([{"params": [a], "lr": 0.4}, {"params": [b]}], lr=0.1)


def seen(optimizer: Any, schedule: Any, steps: int) -> list[list[float]]:
    rows = []
    for _ in range(steps):
        row = []
        for group in optimizer.param_groups:
            row += [group["lr"], group.get("momentum", 0), *group.get("betas", ())]
        rows.append(row)
        optimizer.step()
        schedule.step()
    return rows


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("optimizer", ["SGD", "AdamW"])
@pytest.mark.parametrize("make", SCHEDULES.values(), ids=SCHEDULES.keys())
def test_rates_and_momenta_equal_torchs(make: Any, optimizer: str) -> None:
    torch = pytest.importorskip("torch")
    ours = two_groups(optim, lambda: Tensor([1.0], requires_grad=True), optimizer)
    theirs = two_groups(torch.optim, lambda: torch.ones(1, requires_grad=True), optimizer)
    a, b = make(optim, ours), make(torch.optim.lr_scheduler, theirs)
    np.testing.assert_allclose(seen(ours, a, 14), seen(theirs, b, 14), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("make", SCHEDULES.values(), ids=SCHEDULES.keys())
def test_every_schedule_goes_on_after_loading(make: Any) -> None:
    a, b = (two_groups(optim, lambda: Tensor([1.0], requires_grad=True), "SGD") for _ in range(2))
    first, second = make(optim, a), make(optim, b)
    seen(a, first, 5)
    second.load_state_dict(first.state_dict())
    assert seen(a, first, 8) == seen(b, second, 8)
    assert repr(first).startswith(type(first).__name__ + "(step 13, lr=")


PARTS: dict[str, Callable[[Any, Any], Any]] = {
    name: make for name, make in SCHEDULES.items() if name.split()[0] not in {"SequentialLR", "ChainedScheduler"}
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("second", PARTS)
@pytest.mark.parametrize("first", PARTS)
def test_two_schedules_on_one_optimizer_equal_torchs(first: str, second: str) -> None:
    """Neither wins silently: what they do multiplies, unless the second sets the rate in PyTorch too."""
    torch = pytest.importorskip("torch")
    tables = []
    for module, schedules, leaf in (
        (optim, optim, lambda: Tensor([1.0], requires_grad=True)),
        (torch.optim, torch.optim.lr_scheduler, lambda: torch.ones(1, requires_grad=True)),
    ):
        optimizer = two_groups(module, leaf, "SGD")
        a, b = PARTS[first](schedules, optimizer), PARTS[second](schedules, optimizer)
        rows = []
        for _ in range(14):
            rows.append([[g["lr"], g.get("momentum", 0)] for g in optimizer.param_groups])
            optimizer.step()
            a.step()
            b.step()
        tables.append(rows)
    if second.startswith("CyclicLR"):  # PyTorch's knows base_lr only from its second step on, if it is not the first
        tables = [rows[1:] for rows in tables]
    np.testing.assert_allclose(*tables, rtol=1e-9, atol=1e-12)


def test_a_step_and_an_exponential_schedule_multiply() -> None:
    o = sgd(1.0)
    schedules = [optim.StepLR(o, 1, gamma=0.5), optim.ExponentialLR(o, 0.9)]
    for schedule in schedules:
        schedule.step()
    assert o.lr == pytest.approx(0.45, rel=1e-15)


def test_a_chain_after_its_milestone() -> None:
    """PyTorch's SequentialLR cannot begin a ChainedScheduler; ours begins it from the learning rate of the start."""
    o = sgd(1.0)
    chain = optim.ChainedScheduler([optim.ExponentialLR(o, 0.9), optim.StepLR(o, 2, gamma=0.5)])
    s = optim.SequentialLR(o, [optim.ConstantLR(o, 0.5, 9), chain], milestones=[2])
    np.testing.assert_allclose(rates(o, s, 6), [0.5, 0.5, 1, 0.9, 0.81 * 0.5, 0.729 * 0.5])


def test_two_schedules_go_on_after_loading() -> None:
    def pair() -> Any:
        o = sgd(1.0)
        return o, [optim.StepLR(o, 3, gamma=0.5), optim.CosineAnnealingLR(o, 9, eta_min=0.01)]

    def go(optimizer: Any, schedules: Any) -> list[float]:
        rates = []
        for _ in range(6):
            for schedule in schedules:
                schedule.step()
            rates.append(optimizer.lr)
        return rates

    a, b = pair(), pair()
    go(*a)
    for from_, to in zip(a[1], b[1]):
        to.load_state_dict(from_.state_dict())
    assert go(*a) == go(*b)


def test_a_rate_changed_by_hand_in_a_group_is_multiplied() -> None:
    o = sgd(1.0)
    schedule = optim.ExponentialLR(o, 0.5)
    schedule.step()
    o.param_groups[0]["lr"] = 0.2
    schedule.step()
    assert o.lr == pytest.approx(0.1)


def test_a_state_without_the_present_rate_is_that_of_a_schedule_alone() -> None:
    o = sgd(1.0)
    schedule = optim.ExponentialLR(o, 0.5)
    schedule.load_state_dict({"t": 2, "initial_lr": [1.0]})
    assert o.lr == 0.25


PLATEAUS = {
    "min": {"patience": 1},
    "max": {"mode": "max", "factor": 0.5, "patience": 0},
    "absolute": {"threshold": 0.3, "threshold_mode": "abs", "patience": 1},
    "max absolute": {"mode": "max", "threshold": 0.3, "threshold_mode": "abs", "patience": 1},
    "cooldown": {"factor": 0.5, "patience": 0, "cooldown": 2},
    "floor": {"factor": 0.5, "patience": 0, "min_lr": [0.15, 0.05]},
    "eps": {"factor": 0.9, "patience": 0, "eps": 0.03},
}


@pytest.mark.parametrize("options", PLATEAUS.values(), ids=PLATEAUS.keys())
def test_plateau_equals_torchs(options: Any, rng: Any) -> None:
    """A falling score with noise, of both signs, NaN among them."""
    torch = pytest.importorskip("torch")
    scores = [*(2 - 0.2 * np.arange(12) + 0.5 * rng.standard_normal(12)), math.nan, -1.0, -1.0, -1.0]
    ours = two_groups(optim, lambda: Tensor([1.0], requires_grad=True), "SGD")
    theirs = two_groups(torch.optim, lambda: torch.ones(1, requires_grad=True), "SGD")
    a = optim.ReduceLROnPlateau(ours, **options)
    b = torch.optim.lr_scheduler.ReduceLROnPlateau(theirs, **options)
    for t, score in enumerate(scores):
        if t == 7:
            saved, a = a.state_dict(), optim.ReduceLROnPlateau(ours, **options)
            a.load_state_dict(saved)
        a.step(Tensor(np.array(score)))
        b.step(score)
        np.testing.assert_allclose(a.get_last_lr(), [g["lr"] for g in theirs.param_groups])


def test_a_rate_set_by_hand_is_where_the_next_schedule_begins() -> None:
    o = sgd(1.0)
    optim.ExponentialLR(o, 0.5).step()
    assert o.lr == 0.5
    o.lr = 0.2
    optim.ExponentialLR(o, 0.5).step()
    assert o.lr == pytest.approx(0.1)


def test_a_group_added_later_follows_the_schedule() -> None:
    o = sgd(1.0)
    schedule = optim.ExponentialLR(o, 0.5)
    schedule.step()
    o.add_param_group({"params": [Tensor([1.0], requires_grad=True)], "lr": 0.8})
    assert schedule.state_dict()["initial_lr"] == [1.0, 0.8]
    schedule.step()
    assert schedule.get_last_lr() == [0.25, pytest.approx(0.4)]


@pytest.mark.parametrize(
    "name, options", [("StepLR", (1, 0.5)), ("LinearLR", (0.5, 1.0, 4)), ("CosineAnnealingLR", (6,))]
)
def test_a_group_added_later_falls_from_there_on_as_torchs(name: str, options: Any) -> None:
    torch = pytest.importorskip("torch")
    found = []
    for kind, module, leaf in (
        (optim.SGD, optim, lambda: Tensor([1.0], requires_grad=True)),
        (torch.optim.SGD, torch.optim.lr_scheduler, lambda: torch.ones(1, requires_grad=True)),
    ):
        o = kind([leaf()], lr=0.1)
        schedule = getattr(module, name)(o, *options)
        for step in range(5):
            if step == 2:
                o.add_param_group({"params": [leaf()], "lr": 0.1})
            o.step()
            schedule.step()
            found.append(schedule.get_last_lr())
    for ours, theirs in zip(found[:5], found[5:]):
        np.testing.assert_allclose(ours, theirs, rtol=1e-6)


def chain(o: Any) -> optim.Schedule:
    """A sequence within a chain."""
    rise = [optim.LinearLR(o, 0.5), optim.CosineAnnealingLR(o, 9)]
    return optim.ChainedScheduler([optim.ExponentialLR(o, 0.9), optim.SequentialLR(o, rise, [2])])


NESTED = {
    "a sequence in a chain": chain,
    "that in a sequence": lambda o: optim.SequentialLR(o, [optim.ConstantLR(o, 0.5, 2), chain(o)], [3]),
    "that in a chain": lambda o: optim.ChainedScheduler([optim.StepLR(o, 2, 0.7), chain(o)]),
    "a cycle in a chain": lambda o: optim.ChainedScheduler(
        [optim.CyclicLR(o, 0.1, 0.5, 2), optim.ExponentialLR(o, 0.9)]
    ),
    "a chain in a chain": lambda o: optim.ChainedScheduler(
        [optim.ChainedScheduler([optim.ExponentialLR(o, 0.9), optim.StepLR(o, 2, 0.7)]), optim.LinearLR(o, 0.5)]
    ),
}


@pytest.mark.parametrize("make", NESTED.values(), ids=NESTED.keys())
@pytest.mark.parametrize("stop", [0, 1, 3, 5])
def test_schedules_in_schedules_go_on_where_they_were(make: Any, stop: int) -> None:
    """Saved, applied at a step (as when the options have changed), and compared with one that never stopped."""

    def new() -> Any:
        o = optim.SGD([Tensor([1.0], requires_grad=True)], lr=0.5, momentum=0.9)
        return o, make(o)

    def seen(o: Any) -> tuple[float, float]:
        return o.lr, o.param_groups[0]["momentum"]

    whole, steady = new()
    wanted = [seen(whole)]
    for _ in range(8):
        steady.step()
        wanted.append(seen(whole))
    assert len(set(wanted)) >= 5
    _, schedule = new()
    for _ in range(stop):
        schedule.step()
    second, again = new()
    again.load_state_dict(schedule.state_dict())
    assert seen(second) == wanted[stop]
    second.lr, second.param_groups[0]["initial_lr"] = 7.0, 0.5
    again.apply(stop)
    assert seen(second) == pytest.approx(wanted[stop])
    for k in range(stop + 1, 9):
        again.step()
        assert seen(second) == pytest.approx(wanted[k])


def test_a_rate_that_chained_schedules_bring_below_0_is_loaded() -> None:
    def new() -> Any:
        o = sgd(0.1)
        return o, optim.ChainedScheduler([optim.StepLR(o, 2, gamma=0.01), optim.CosineAnnealingLR(o, 6, eta_min=0.01)])

    (o, schedule), (other, again) = new(), new()
    while o.lr >= 0:
        schedule.step()
    other.load_state_dict(o.state_dict())
    again.load_state_dict(schedule.state_dict())
    assert other.lr == o.lr < 0
    schedule.step(), again.step()
    assert other.lr == o.lr


# Bad input

LEAF = Tensor([1.0], requires_grad=True)
BAD: list[tuple[Callable[[], Any], type[Exception], list[str]]] = [
    (lambda: optim.CosineSchedule(LEAF, 10), TypeError, ["CosineSchedule", "optimizer", "Tensor"]),
    (lambda: optim.CosineSchedule(sgd(), 0), ValueError, ["CosineSchedule", "total_steps", "0"]),
    (
        lambda: optim.CosineSchedule(sgd(), 5, 6),
        ValueError,
        ["CosineSchedule", "warmup_steps", "6", "<= total_steps=5"],
    ),
    (lambda: optim.CosineSchedule(sgd(), 5, final=2), ValueError, ["CosineSchedule", "final", "2"]),
    (lambda: optim.WarmupSchedule(sgd(), 0), ValueError, ["WarmupSchedule", "warmup_steps", "0"]),
    (lambda: optim.StepLR(sgd(), 0), ValueError, ["StepLR", "step_size", "0"]),
    (lambda: optim.StepLR(sgd(), 1, gamma=-1), ValueError, ["StepLR", "gamma", "-1"]),
    (lambda: optim.MultiStepLR(sgd(), [1.5]), TypeError, ["MultiStepLR", "milestones", "1.5"]),
    (lambda: optim.ExponentialLR(sgd(), "fast"), TypeError, ["ExponentialLR", "gamma", "'fast'"]),
    (lambda: optim.LinearLR(sgd(), start_factor=0), ValueError, ["LinearLR", "start_factor", "0"]),
    (lambda: optim.LinearLR(sgd(), end_factor=2), ValueError, ["LinearLR", "end_factor", "2"]),
    (lambda: optim.ConstantLR(sgd(), factor=2), ValueError, ["ConstantLR", "factor", "2"]),
    (lambda: optim.CosineAnnealingLR(sgd(), 0), ValueError, ["CosineAnnealingLR", "T_max", "0"]),
    (lambda: optim.LambdaLR(sgd(), 0.5), TypeError, ["LambdaLR", "lr_lambda", "0.5"]),
    (lambda: optim.LambdaLR(sgd(), lambda t: None), TypeError, ["LambdaLR", "lr_lambda(0)", "NoneType"]),
    (lambda: optim.LambdaLR(sgd(), lambda t: [1, 2]), ValueError, ["LambdaLR", "lr_lambda(0)", "(2,)"]),
    (lambda: optim.MultiStepLR(sgd(), np.array(1)), TypeError, ["MultiStepLR", "milestones", "array(1)"]),
    (lambda: optim.LambdaLR(sgd(), [abs, abs]), ValueError, ["LambdaLR", "2 functions", "1"]),
    (lambda: optim.OneCycleLR(sgd(), 0.1), ValueError, ["OneCycleLR", "total_steps", "None", "epochs"]),
    (lambda: optim.OneCycleLR(sgd(), [0.1, 0.2], 10), ValueError, ["OneCycleLR", "max_lr", "2 rates", "1"]),
    (lambda: optim.OneCycleLR(sgd(), 0.1, 10, pct_start=2), ValueError, ["OneCycleLR", "pct_start", "2"]),
    (lambda: optim.OneCycleLR(sgd(), 0.1, 10, anneal_strategy="cosine"), ValueError, ["anneal_strategy", "'cos'"]),
    (lambda: optim.OneCycleLR(sgd(), 0.1, 10, div_factor=0), ValueError, ["OneCycleLR", "div_factor", "0"]),
    (lambda: optim.OneCycleLR(optim.RMSprop([LEAF]), 0.1, 10, div_factor=0), ValueError, ["div_factor"]),
    (lambda: optim.OneCycleLR(optim.Adagrad([LEAF]), 0.1, 10), ValueError, ["OneCycleLR", "cycle_momentum", "Adagrad"]),
    (lambda: [s.step() for s in [optim.OneCycleLR(sgd(), 0.1, 1)] for _ in range(2)], ValueError, ["total_steps=1"]),
    (lambda: optim.SequentialLR(sgd(), [1], []), TypeError, ["SequentialLR", "schedulers[0]", "int"]),
    (lambda: optim.SequentialLR(sgd(), [optim.StepLR(sgd(), 1)], []), ValueError, ["schedulers[0]", "optimizer"]),
    (lambda: optim.SequentialLR(sgd(), [], []), ValueError, ["SequentialLR", "0 schedulers"]),
    (lambda: one_milestone_for_one(), ValueError, ["SequentialLR", "1 schedulers and 1 milestones", "one less"]),
    (lambda: optim.ChainedScheduler([]), ValueError, ["ChainedScheduler", "schedulers", "empty"]),
    (lambda: optim.ChainedScheduler([1]), TypeError, ["ChainedScheduler", "schedulers[0]", "int"]),
    (
        lambda: optim.ChainedScheduler([optim.StepLR(sgd(), 1), optim.StepLR(sgd(), 1)]),
        ValueError,
        ["ChainedScheduler", "schedulers[1]", "optimizer"],
    ),
    (lambda: optim.CosineAnnealingWarmRestarts(sgd(), 0), ValueError, ["WarmRestarts", "T_0", "0"]),
    (lambda: optim.CosineAnnealingWarmRestarts(sgd(), 1, 0), ValueError, ["WarmRestarts", "T_mult", "0"]),
    (lambda: optim.CyclicLR(sgd(), [0.1, 0.2], 1), ValueError, ["CyclicLR", "base_lr", "2 rates", "1"]),
    (lambda: optim.CyclicLR(sgd(), 0.1, 1, mode="square"), ValueError, ["CyclicLR", "mode", "'square'"]),
    (lambda: optim.CyclicLR(sgd(), 0.1, 1, scale_fn=2), TypeError, ["CyclicLR", "scale_fn", "2"]),
    (lambda: optim.CyclicLR(optim.Adagrad([LEAF]), 0.1, 1), ValueError, ["CyclicLR", "cycle_momentum", "Adagrad"]),
    (lambda: optim.ReduceLROnPlateau(LEAF), TypeError, ["ReduceLROnPlateau", "optimizer", "Tensor"]),
    (lambda: optim.ReduceLROnPlateau(sgd(), "least"), ValueError, ["ReduceLROnPlateau", "mode", "'least'"]),
    (lambda: optim.ReduceLROnPlateau(sgd(), factor=1.0), ValueError, ["ReduceLROnPlateau", "factor", "below 1"]),
    (lambda: optim.ReduceLROnPlateau(sgd(), patience=-1), ValueError, ["ReduceLROnPlateau", "patience", "-1"]),
    (lambda: optim.ReduceLROnPlateau(sgd(), min_lr=[0, 0]), ValueError, ["ReduceLROnPlateau", "min_lr", "2 rates"]),
    (lambda: optim.StepLR(sgd(), 1).load_state_dict({"t": 1, "initial_lr": []}), ValueError, ["initial_lr", "0", "1"]),
    (lambda: optim.StepLR(sgd(), 1).load_state_dict({"t": -1, "initial_lr": [1.0]}), ValueError, ["t is -1"]),
]


@pytest.mark.parametrize(("call", "error", "words"), BAD, ids=[f"{i}-{w[0]}" for i, (_, _, w) in enumerate(BAD)])
def test_bad_input(call: Callable[[], Any], error: type[Exception], words: list[str]) -> None:
    with pytest.raises(error) as caught:
        call()
    missing = [word for word in words if word not in str(caught.value)]
    assert not missing, f"the message lacks {missing}: {caught.value}"
