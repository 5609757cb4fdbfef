"""Schedules: how long the steps are, and when. Call ``step()`` after each ``optimizer.step()``.

Long steps find the way, short ones the bottom: most schedules fall. A rise at the start (warm-up) spares weights that
are still random, and moments that are still empty, from steps that are too long.
"""

from __future__ import annotations

import bisect
import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from nnlite.arguments import real_array
from nnlite.contracts import instance, integer, number, tuple_of, unchecked
from nnlite.optim.optimizer import Optimizer
from nnlite.optim.schedule import OPTIMIZER, Schedule, one_for_each_group
from nnlite.registry import exercise


def _rises_before_it_falls(t: int, total: int, warmup: int, final: float) -> None:
    if total <= warmup:
        raise ValueError(f"optim.cosine: total is {total}, expected a number > warmup={warmup}")


@exercise(
    "optim.cosine",
    takes=dict(t=integer(0), warmup=integer(0), total=integer(1), final=number(0, 1)),
    also=_rises_before_it_falls,
)
def cosine(t: int, total: int, warmup: int = 0, final: float = 0.0) -> float:
    """Return the fraction of the learning rate at step `t`: a linear rise, then half a cosine down to `final`.

    During the warm-up, the steps 0 to warmup - 1, the fraction is ``(t + 1) / warmup``. At step `warmup` it is 1,
    and from there it falls along the first half of a cosine, until it reaches `final` at step `total`, where it stays.

    Parameters
    ----------
    t : int
        The number of the step, from 0.
    total : int
        The step at which the fall ends; more than `warmup`.
    warmup : int
        The length of the rise.
    final : float
        The fraction at the end, from 0 to 1.

    Returns
    -------
    float
        The fraction, from 0 to 1.

    Raises
    ------
    TypeError, ValueError
        If a number is of the wrong kind or out of range.

    References
    ----------
    Loshchilov and Hutter 2016, "SGDR", equation 5; warm-up: Goyal et al. 2017.

    Examples
    --------
    >>> from nnlite.optim import cosine
    >>> [round(cosine(t, total=6, warmup=2), 2) for t in range(8)]
    [0.5, 1.0, 1.0, 0.85, 0.5, 0.15, 0.0, 0.0]
    """
    if t < warmup:
        return (t + 1) / warmup
    done = min((t - warmup) / (total - warmup), 1.0)
    return final + (1 - final) * 0.5 * (1 + math.cos(math.pi * done))


class CosineSchedule(Schedule):
    """Warm up linearly, then fall along half a cosine to ``final`` times the learning rate.

    Parameters
    ----------
    optimizer : Optimizer
        Whose learning rate is changed.
    total_steps : int
        The step at which the fall ends; afterwards the rate stays.
    warmup_steps : int
        The length of the rise in steps; at most `total_steps`.
    final : float
        The fraction of the learning rate at the end, from 0 to 1.

    References
    ----------
    Loshchilov and Hutter 2016, "SGDR", equation 5; warm-up: Goyal et al. 2017.

    Examples
    --------
    >>> from nnlite import Tensor, optim
    >>> o = optim.SGD([Tensor([1.0], requires_grad=True)], lr=1.0)
    >>> s = optim.CosineSchedule(o, total_steps=2)
    >>> s.step(); round(o.lr, 3)
    0.5
    """

    takes = dict(optimizer=OPTIMIZER, total_steps=integer(1), warmup_steps=integer(0), final=number(0, 1))

    def __init__(self, optimizer: Optimizer, total_steps: int, warmup_steps: int = 0, final: float = 0.0) -> None:
        if warmup_steps > total_steps:
            raise ValueError(
                f"CosineSchedule: warmup_steps is {warmup_steps}, expected a number <= total_steps={total_steps}"
            )
        self.total_steps, self.warmup_steps, self.final = total_steps, warmup_steps, final
        super().__init__(optimizer)

    @unchecked
    def factor(self, t: int) -> float:
        """Return the fraction of the learning rate at step `t`."""
        total = max(self.total_steps, self.warmup_steps + 1)
        return cosine(t, total, self.warmup_steps, self.final)


class WarmupSchedule(Schedule):
    """Rise linearly over ``warmup_steps`` steps, then stay.

    Parameters
    ----------
    optimizer : Optimizer
        Whose learning rate is changed.
    warmup_steps : int
        The length of the rise in steps.

    Examples
    --------
    >>> from nnlite import Tensor, optim
    >>> o = optim.SGD([Tensor([1.0], requires_grad=True)], lr=1.0)
    >>> s = optim.WarmupSchedule(o, 4); o.lr
    0.25
    """

    takes = dict(optimizer=OPTIMIZER, warmup_steps=integer(1))

    def __init__(self, optimizer: Optimizer, warmup_steps: int) -> None:
        self.warmup_steps = warmup_steps
        super().__init__(optimizer)

    def factor(self, t: int) -> float:
        """Return the fraction of the learning rate at step `t`."""
        return min((t + 1) / self.warmup_steps, 1.0)


class LambdaLR(Schedule):
    """The learning rate times ``lr_lambda(t)``, a function of your own, or one for each group.

    Parameters
    ----------
    optimizer : Optimizer
        Whose learning rate is changed.
    lr_lambda : function or sequence of functions
        Returns the fraction of the learning rate at a step; one for all groups or one for each.

    Examples
    --------
    >>> from nnlite import Tensor, optim
    >>> o = optim.SGD([Tensor([1.0], requires_grad=True)], lr=1.0)
    >>> s = optim.LambdaLR(o, lambda t: 0.5**t); s.step(); o.lr
    0.5
    """

    takes = dict(optimizer=OPTIMIZER)
    chainable = False

    def __init__(self, optimizer: Optimizer, lr_lambda: Callable[[int], float] | Sequence[Any]) -> None:
        self.lr_lambdas = one_for_each_group(optimizer, lr_lambda, "LambdaLR: lr_lambda", "functions")
        for function in self.lr_lambdas:
            if not callable(function):
                raise TypeError(f"LambdaLR: lr_lambda is {function!r}, expected a function of the step")
        super().__init__(optimizer)

    def rates(self, t: int) -> list[float]:
        """Return the learning rate of each group at step `t`."""
        factors = [f(t) for f in self.lr_lambdas]
        for factor in factors:
            real_array(factor, f"LambdaLR: lr_lambda({t})", ndim=0)
        return [group["initial_lr"] * factor for group, factor in zip(self.optimizer.param_groups, factors)]


class StepLR(Schedule):
    """The learning rate times `gamma` after every `step_size` steps.

    Parameters
    ----------
    optimizer : Optimizer
        Whose learning rate is changed.
    step_size : int
        After how many steps the rate is multiplied, again and again.
    gamma : float
        The factor.

    Examples
    --------
    >>> from nnlite import Tensor, optim
    >>> o = optim.SGD([Tensor([1.0], requires_grad=True)], lr=1.0)
    >>> s = optim.StepLR(o, 1, gamma=0.5); s.step(); o.lr
    0.5
    """

    takes = dict(optimizer=OPTIMIZER, step_size=integer(1), gamma=number(0))

    def __init__(self, optimizer: Optimizer, step_size: int, gamma: float = 0.1) -> None:
        self.step_size, self.gamma = step_size, gamma
        super().__init__(optimizer)

    def factor(self, t: int) -> float:
        """Return the fraction of the learning rate at step `t`."""
        return self.gamma ** (t // self.step_size)


class MultiStepLR(Schedule):
    """The learning rate times `gamma` at each of the steps `milestones`.

    Parameters
    ----------
    optimizer : Optimizer
        Whose learning rate is changed.
    milestones : iterable of int
        The steps.
    gamma : float
        The factor.

    Examples
    --------
    >>> from nnlite import Tensor, optim
    >>> o = optim.SGD([Tensor([1.0], requires_grad=True)], lr=1.0)
    >>> s = optim.MultiStepLR(o, [1, 5], gamma=0.5); s.step(); o.lr
    0.5
    """

    takes = dict(optimizer=OPTIMIZER, milestones=tuple_of(integer(0)), gamma=number(0))

    def __init__(self, optimizer: Optimizer, milestones: Iterable[int], gamma: float = 0.1) -> None:
        self.milestones, self.gamma = sorted(milestones), gamma
        super().__init__(optimizer)

    def factor(self, t: int) -> float:
        """Return the fraction of the learning rate at step `t`."""
        return self.gamma ** bisect.bisect_right(self.milestones, t)


class ExponentialLR(Schedule):
    """The learning rate times `gamma` at every step.

    Parameters
    ----------
    optimizer : Optimizer
        Whose learning rate is changed.
    gamma : float
        The factor.

    Examples
    --------
    >>> from nnlite import Tensor, optim
    >>> o = optim.SGD([Tensor([1.0], requires_grad=True)], lr=1.0)
    >>> s = optim.ExponentialLR(o, 0.5); s.step(); o.lr
    0.5
    """

    takes = dict(optimizer=OPTIMIZER, gamma=number(0))

    def __init__(self, optimizer: Optimizer, gamma: float) -> None:
        self.gamma = gamma
        super().__init__(optimizer)

    def factor(self, t: int) -> float:
        """Return the fraction of the learning rate at step `t`."""
        return self.gamma**t


class LinearLR(Schedule):
    """From `start_factor` to `end_factor` times the learning rate in `total_iters` equal steps: a warm-up.

    Parameters
    ----------
    optimizer : Optimizer
        Whose learning rate is changed.
    start_factor, end_factor : float
        The fractions of the learning rate at the start, above 0, and at the end; at most 1.
    total_iters : int
        How many steps the change takes.

    Examples
    --------
    >>> from nnlite import Tensor, optim
    >>> o = optim.SGD([Tensor([1.0], requires_grad=True)], lr=1.0)
    >>> s = optim.LinearLR(o, 0.5, total_iters=2); s.step(); o.lr
    0.75
    """

    takes = dict(
        optimizer=OPTIMIZER, start_factor=number(high=1, above=0), end_factor=number(0, 1), total_iters=integer(1)
    )

    def __init__(
        self, optimizer: Optimizer, start_factor: float = 1 / 3, end_factor: float = 1.0, total_iters: int = 5
    ) -> None:
        self.start_factor, self.end_factor, self.total_iters = start_factor, end_factor, total_iters
        super().__init__(optimizer)

    def factor(self, t: int) -> float:
        """Return the fraction of the learning rate at step `t`."""
        return self.start_factor + (self.end_factor - self.start_factor) * min(t / self.total_iters, 1)


class ConstantLR(Schedule):
    """`factor` times the learning rate for `total_iters` steps, then the learning rate itself.

    Parameters
    ----------
    optimizer : Optimizer
        Whose learning rate is changed.
    factor : float
        The fraction of the learning rate at first, from 0 to 1.
    total_iters : int
        For how many steps.

    Examples
    --------
    >>> from nnlite import Tensor, optim
    >>> o = optim.SGD([Tensor([1.0], requires_grad=True)], lr=1.0)
    >>> s = optim.ConstantLR(o, 0.5, total_iters=2); o.lr
    0.5
    """

    takes = dict(optimizer=OPTIMIZER, factor=number(0, 1), total_iters=integer(0))

    def __init__(self, optimizer: Optimizer, factor: float = 1 / 3, total_iters: int = 5) -> None:
        self.first_factor, self.total_iters = factor, total_iters
        super().__init__(optimizer)

    def factor(self, t: int) -> float:
        """Return the fraction of the learning rate at step `t`."""
        return self.first_factor if t < self.total_iters else 1.0


class CosineAnnealingLR(Schedule):
    """Fall along half a cosine from the learning rate to `eta_min` in `T_max` steps (and rise again afterwards).

    Parameters
    ----------
    optimizer : Optimizer
        Whose learning rate is changed.
    T_max : int
        How many steps the fall takes.
    eta_min : float
        The learning rate at its end.

    References
    ----------
    Loshchilov and Hutter 2016, "SGDR", equation 5.

    Examples
    --------
    >>> from nnlite import Tensor, optim
    >>> o = optim.SGD([Tensor([1.0], requires_grad=True)], lr=1.0)
    >>> s = optim.CosineAnnealingLR(o, T_max=2); s.step(); round(o.lr, 3)
    0.5
    """

    takes = dict(optimizer=OPTIMIZER, T_max=integer(1), eta_min=number(0))

    def __init__(self, optimizer: Optimizer, T_max: int, eta_min: float = 0.0) -> None:
        self.T_max, self.eta_min = T_max, eta_min
        super().__init__(optimizer)

    def rates(self, t: int) -> list[float]:
        """Return the learning rate of each group at step `t`."""
        height = 0.5 * (1 + math.cos(math.pi * t / self.T_max))
        first = [group["initial_lr"] for group in self.optimizer.param_groups]
        return [self.eta_min + (lr - self.eta_min) * height for lr in first]

    def chained(self, lr: float, old: float, new: float) -> float:
        """Return what becomes of a rate that others have changed: its height above `eta_min` is multiplied."""
        if old == self.eta_min:
            return lr + (new - old)
        return self.eta_min + (lr - self.eta_min) * ((new - self.eta_min) / (old - self.eta_min))


class SequentialLR(Schedule):
    """Schedules one after the other; each begins at its milestone as if it were step 0.

    Parameters
    ----------
    optimizer : Optimizer
        Whose learning rate is changed.
    schedulers : sequence of Schedule
        The schedules, all of this optimizer.
    milestones : sequence of int
        The steps at which the second one begins, the third, and so on.

    Examples
    --------
    >>> from nnlite import Tensor, optim
    >>> o = optim.SGD([Tensor([1.0], requires_grad=True)], lr=1.0)
    >>> rise, fall = optim.LinearLR(o, 0.5, total_iters=2), optim.CosineAnnealingLR(o, T_max=8)
    >>> s = optim.SequentialLR(o, [rise, fall], milestones=[2]); o.lr
    0.5
    """

    takes = dict(
        optimizer=OPTIMIZER, schedulers=tuple_of(instance(Schedule, "a Schedule")), milestones=tuple_of(integer(1))
    )
    chainable = False

    def __init__(self, optimizer: Optimizer, schedulers: Sequence[Schedule], milestones: Sequence[int]) -> None:
        _of_one_optimizer(schedulers, optimizer, "SequentialLR")
        if not schedulers or len(milestones) != len(schedulers) - 1:
            raise ValueError(
                f"SequentialLR: {len(schedulers)} schedulers and {len(milestones)} milestones, expected one less"
            )
        if list(milestones) != sorted(set(milestones)):
            raise ValueError(f"SequentialLR: milestones is {milestones}, expected rising numbers")
        self.schedulers, self.milestones = list(schedulers), list(milestones)
        super().__init__(optimizer)

    def _at(self, t: int) -> tuple[Schedule, int]:
        """Whose turn it is at step `t`, and which step it is for that one."""
        k = bisect.bisect_right(self.milestones, t)
        return self.schedulers[k], t - (self.milestones[k - 1] if k else 0)

    def rates(self, t: int) -> list[float]:
        """Return the learning rate of each group that the schedule of step `t` sets when it is alone."""
        schedule, own = self._at(t)
        return schedule.rates(own)

    def apply(self, t: int) -> None:
        """Give the optimizer what the schedule of step `t` says."""
        schedule, own = self._at(t)
        schedule.apply(own)

    def advance(self, t: int) -> None:
        """Let the schedule whose turn it is go one step further, or begin."""
        schedule, own = self._at(t + 1)
        if own == 0:
            schedule.apply(0)
        else:
            schedule.advance(own - 1)


class ChainedScheduler(Schedule):
    """Schedules at the same time: each goes one step further, and what they do to the learning rate multiplies.

    Parameters
    ----------
    schedulers : sequence of Schedule
        The schedules, all of one optimizer.
    optimizer : Optimizer, optional
        That optimizer.

    Examples
    --------
    >>> from nnlite import Tensor, optim
    >>> o = optim.SGD([Tensor([1.0], requires_grad=True)], lr=1.0)
    >>> s = optim.ChainedScheduler([optim.StepLR(o, 1, gamma=0.5), optim.ExponentialLR(o, 0.9)])
    >>> s.step(); o.lr
    0.45
    """

    takes = dict(schedulers=tuple_of(instance(Schedule, "a Schedule")), optimizer=OPTIMIZER | None)

    def __init__(self, schedulers: Sequence[Schedule], optimizer: Optimizer | None = None) -> None:
        if not schedulers:
            raise ValueError("ChainedScheduler: schedulers is empty, expected at least one Schedule")
        _of_one_optimizer(schedulers, optimizer or schedulers[0].optimizer, "ChainedScheduler")
        self.schedulers = list(schedulers)
        self.optimizer, self.t = schedulers[0].optimizer, 0  # they have started already

    def start(self) -> None:
        """Let each schedule start from what those before it have made of the learning rate."""
        for schedule in self.schedulers:
            schedule.start()

    def rates(self, t: int) -> list[float]:
        """Return the learning rate of each group when every schedule is at step `t`."""
        rates = first = [group["initial_lr"] for group in self.optimizer.param_groups]
        for schedule in self.schedulers:
            rates = [schedule.chained(lr, a, b) for lr, a, b in zip(rates, first, schedule.rates(t))]
        return rates

    def apply(self, t: int) -> None:
        """Give the optimizer what it has after `t` steps; where a schedule sets the rate, each step is taken again."""
        if all(s.chainable and not isinstance(s, ChainedScheduler) for s in self.schedulers):
            super().apply(t)
            return
        for group in self.optimizer.param_groups:
            group["lr"] = group.setdefault("initial_lr", group["lr"])
        self.start()
        for k in range(t):
            self.advance(k)

    def advance(self, t: int) -> None:
        """Let every schedule go from step `t` to the next."""
        for schedule in self.schedulers:
            schedule.advance(t)

    def step(self) -> None:
        """Let every schedule go one step further."""
        for schedule in self.schedulers:
            schedule.step()
        self.t += 1

    def state_dict(self) -> dict[str, Any]:
        """Return the state of each, and the learning rates."""
        return {**super().state_dict(), "schedulers": [schedule.state_dict() for schedule in self.schedulers]}

    def load_state_dict(self, saved: dict[str, Any]) -> None:
        """Take over what :meth:`state_dict` returned."""
        states = saved["schedulers"]
        if len(states) != len(self.schedulers):
            raise ValueError(f"load_state_dict: {len(states)} schedulers, expected {len(self.schedulers)}")
        for schedule, state in zip(self.schedulers, states):
            schedule.load_state_dict(state)
        super().load_state_dict(saved)


def _of_one_optimizer(schedulers: Sequence[Schedule], optimizer: Optimizer, name: str) -> None:
    for i, s in enumerate(schedulers):
        if s.optimizer is not optimizer:
            raise ValueError(f"{name}: schedulers[{i}] has another optimizer, expected the same")
