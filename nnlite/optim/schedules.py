"""Schedules: how long the steps are, and when. Call ``step()`` after each ``optimizer.step()``.

Long steps find the way, short ones the bottom: most schedules fall. A rise at the start (warm-up) spares weights that
are still random, and moments that are still empty, from steps that are too long.
"""

from __future__ import annotations

import bisect
import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from nnlite.arguments import integer, number
from nnlite.optim.optimizer import Optimizer
from nnlite.optim.schedule import Schedule, checked_optimizer, listed
from nnlite.registry import exercise


def _cosine_arguments(t: int, total: int, warmup: int = 0, final: float = 0.0) -> tuple[Any, ...]:
    t = integer(t, "cosine: t", low=0)
    warmup = integer(warmup, "cosine: warmup", low=0)
    total = integer(total, "cosine: total", low=warmup + 1)
    return t, total, warmup, number(final, "cosine: final", low=0, high=1)


@exercise("optim.cosine", prepare=_cosine_arguments)
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
    optimizer
        Whose learning rate is changed.
    total_steps
        When the fall ends; afterwards the rate stays.
    warmup_steps
        The length of the rise.
    final
        The fraction of the learning rate at the end.

    References
    ----------
    Loshchilov and Hutter 2016, "SGDR", equation 5; warm-up: Goyal et al. 2017.

    Examples
    --------
    >>> from nnlite import optim, Tensor
    >>> o = optim.SGD([Tensor([1.0], requires_grad=True)], lr=1.0)
    >>> s = CosineSchedule(o, total_steps=2)
    >>> s.step(); round(o.lr, 3)
    0.5
    """

    def __init__(self, optimizer: Optimizer, total_steps: int, warmup_steps: int = 0, final: float = 0.0) -> None:
        self.total_steps = integer(total_steps, "CosineSchedule: total_steps", low=1)
        self.warmup_steps = integer(warmup_steps, "CosineSchedule: warmup_steps", low=0, high=total_steps)
        self.final = number(final, "CosineSchedule: final", low=0, high=1)
        super().__init__(optimizer)

    def factor(self, t: int) -> float:
        """Return the fraction of the learning rate at step `t`."""
        total = max(self.total_steps, self.warmup_steps + 1)
        return cosine.run(t, total, self.warmup_steps, self.final)


class WarmupSchedule(Schedule):
    """Rise linearly over ``warmup_steps`` steps, then stay.

    Examples
    --------
    >>> from nnlite import optim, Tensor
    >>> o = optim.SGD([Tensor([1.0], requires_grad=True)], lr=1.0)
    >>> s = WarmupSchedule(o, 4); o.lr
    0.25
    """

    def __init__(self, optimizer: Optimizer, warmup_steps: int) -> None:
        self.warmup_steps = integer(warmup_steps, "WarmupSchedule: warmup_steps", low=1)
        super().__init__(optimizer)

    def factor(self, t: int) -> float:
        """Return the fraction of the learning rate at step `t`."""
        return min((t + 1) / self.warmup_steps, 1.0)


class LambdaLR(Schedule):
    """The learning rate times ``lr_lambda(t)``, a function of your own, or one for each group.

    Examples
    --------
    >>> from nnlite import optim, Tensor
    >>> o = optim.SGD([Tensor([1.0], requires_grad=True)], lr=1.0)
    >>> s = LambdaLR(o, lambda t: 0.5**t); s.step(); o.lr
    0.5
    """

    def __init__(self, optimizer: Optimizer, lr_lambda: Callable[[int], float] | Sequence[Any]) -> None:
        groups = len(checked_optimizer("LambdaLR", optimizer).param_groups)
        functions = list(lr_lambda) if isinstance(lr_lambda, list | tuple) else [lr_lambda] * groups
        if len(functions) != groups:
            raise ValueError(
                f"LambdaLR: lr_lambda has {len(functions)} functions, expected {groups}, one for each group"
            )
        for function in functions:
            if not callable(function):
                raise TypeError(f"LambdaLR: lr_lambda is {function!r}, expected a function of the step")
        self.lr_lambdas: list[Any] = functions
        super().__init__(optimizer)

    def rates(self, t: int) -> list[float]:
        """Return the learning rate of each group at step `t`."""
        return [group["initial_lr"] * f(t) for group, f in zip(self.optimizer.param_groups, self.lr_lambdas)]


class StepLR(Schedule):
    """The learning rate times `gamma` after every `step_size` steps.

    Examples
    --------
    >>> from nnlite import optim, Tensor
    >>> o = optim.SGD([Tensor([1.0], requires_grad=True)], lr=1.0)
    >>> s = StepLR(o, 1, gamma=0.5); s.step(); o.lr
    0.5
    """

    def __init__(self, optimizer: Optimizer, step_size: int, gamma: float = 0.1) -> None:
        self.step_size = integer(step_size, "StepLR: step_size", low=1)
        self.gamma = number(gamma, "StepLR: gamma", low=0)
        super().__init__(optimizer)

    def factor(self, t: int) -> float:
        """Return the fraction of the learning rate at step `t`."""
        return self.gamma ** (t // self.step_size)


class MultiStepLR(Schedule):
    """The learning rate times `gamma` at each of the steps `milestones`.

    Examples
    --------
    >>> from nnlite import optim, Tensor
    >>> o = optim.SGD([Tensor([1.0], requires_grad=True)], lr=1.0)
    >>> s = MultiStepLR(o, [1, 5], gamma=0.5); s.step(); o.lr
    0.5
    """

    def __init__(self, optimizer: Optimizer, milestones: Iterable[int], gamma: float = 0.1) -> None:
        self.milestones = sorted(
            integer(m, "MultiStepLR: milestones", low=0) for m in listed(milestones, "MultiStepLR: milestones")
        )
        self.gamma = number(gamma, "MultiStepLR: gamma", low=0)
        super().__init__(optimizer)

    def factor(self, t: int) -> float:
        """Return the fraction of the learning rate at step `t`."""
        return self.gamma ** bisect.bisect_right(self.milestones, t)


class ExponentialLR(Schedule):
    """The learning rate times `gamma` at every step.

    Examples
    --------
    >>> from nnlite import optim, Tensor
    >>> o = optim.SGD([Tensor([1.0], requires_grad=True)], lr=1.0)
    >>> s = ExponentialLR(o, 0.5); s.step(); o.lr
    0.5
    """

    def __init__(self, optimizer: Optimizer, gamma: float) -> None:
        self.gamma = number(gamma, "ExponentialLR: gamma", low=0)
        super().__init__(optimizer)

    def factor(self, t: int) -> float:
        """Return the fraction of the learning rate at step `t`."""
        return self.gamma**t


class LinearLR(Schedule):
    """From `start_factor` to `end_factor` times the learning rate in `total_iters` equal steps: a warm-up.

    Examples
    --------
    >>> from nnlite import optim, Tensor
    >>> o = optim.SGD([Tensor([1.0], requires_grad=True)], lr=1.0)
    >>> s = LinearLR(o, 0.5, total_iters=2); s.step(); o.lr
    0.75
    """

    def __init__(
        self, optimizer: Optimizer, start_factor: float = 1 / 3, end_factor: float = 1.0, total_iters: int = 5
    ) -> None:
        self.start_factor = number(start_factor, "LinearLR: start_factor", low=0, high=1)
        if self.start_factor == 0:
            raise ValueError("LinearLR: start_factor is 0, expected a number > 0 and <= 1")
        self.end_factor = number(end_factor, "LinearLR: end_factor", low=0, high=1)
        self.total_iters = integer(total_iters, "LinearLR: total_iters", low=1)
        super().__init__(optimizer)

    def factor(self, t: int) -> float:
        """Return the fraction of the learning rate at step `t`."""
        return self.start_factor + (self.end_factor - self.start_factor) * min(t / self.total_iters, 1)


class ConstantLR(Schedule):
    """`factor` times the learning rate for `total_iters` steps, then the learning rate itself.

    Examples
    --------
    >>> from nnlite import optim, Tensor
    >>> o = optim.SGD([Tensor([1.0], requires_grad=True)], lr=1.0)
    >>> s = ConstantLR(o, 0.5, total_iters=2); o.lr
    0.5
    """

    def __init__(self, optimizer: Optimizer, factor: float = 1 / 3, total_iters: int = 5) -> None:
        self.first_factor = number(factor, "ConstantLR: factor", low=0, high=1)
        self.total_iters = integer(total_iters, "ConstantLR: total_iters", low=0)
        super().__init__(optimizer)

    def factor(self, t: int) -> float:
        """Return the fraction of the learning rate at step `t`."""
        return self.first_factor if t < self.total_iters else 1.0


class CosineAnnealingLR(Schedule):
    """Fall along half a cosine from the learning rate to `eta_min` in `T_max` steps (and rise again afterwards).

    References
    ----------
    Loshchilov and Hutter 2016, "SGDR", equation 5.

    Examples
    --------
    >>> from nnlite import optim, Tensor
    >>> o = optim.SGD([Tensor([1.0], requires_grad=True)], lr=1.0)
    >>> s = CosineAnnealingLR(o, T_max=2); s.step(); round(o.lr, 3)
    0.5
    """

    def __init__(self, optimizer: Optimizer, T_max: int, eta_min: float = 0.0) -> None:
        self.T_max = integer(T_max, "CosineAnnealingLR: T_max", low=1)
        self.eta_min = number(eta_min, "CosineAnnealingLR: eta_min", low=0)
        super().__init__(optimizer)

    def rates(self, t: int) -> list[float]:
        """Return the learning rate of each group at step `t`."""
        height = 0.5 * (1 + math.cos(math.pi * t / self.T_max))
        first = [group["initial_lr"] for group in self.optimizer.param_groups]
        return [self.eta_min + (lr - self.eta_min) * height for lr in first]


class SequentialLR(Schedule):
    """Schedules one after the other; each begins at its milestone as if it were step 0.

    Examples
    --------
    >>> from nnlite import optim, Tensor
    >>> o = optim.SGD([Tensor([1.0], requires_grad=True)], lr=1.0)
    >>> rise, fall = LinearLR(o, 0.5, total_iters=2), CosineAnnealingLR(o, T_max=8)
    >>> s = SequentialLR(o, [rise, fall], milestones=[2]); o.lr
    0.5
    """

    def __init__(self, optimizer: Optimizer, schedulers: Sequence[Schedule], milestones: Sequence[int]) -> None:
        schedulers = listed(schedulers, "SequentialLR: schedulers")
        milestones = listed(milestones, "SequentialLR: milestones")
        for i, s in enumerate(schedulers):
            if not isinstance(s, Schedule):
                raise TypeError(f"SequentialLR: schedulers[{i}] is a {type(s).__name__}, expected a Schedule")
            if s.optimizer is not optimizer:
                raise ValueError(f"SequentialLR: schedulers[{i}] has another optimizer, expected the same")
        if not schedulers or len(milestones) != len(schedulers) - 1:
            raise ValueError(
                f"SequentialLR: {len(schedulers)} schedulers and {len(milestones)} milestones, expected one less"
            )
        self.milestones = [integer(m, "SequentialLR: milestones", low=1) for m in milestones]
        if self.milestones != sorted(set(self.milestones)):
            raise ValueError(f"SequentialLR: milestones is {milestones}, expected rising numbers")
        self.schedulers = schedulers
        super().__init__(optimizer)

    def apply(self, t: int) -> None:
        """Give the optimizer what the schedule of step `t` says."""
        k = bisect.bisect_right(self.milestones, t)
        start = self.milestones[k - 1] if k else 0
        self.schedulers[k].apply(t - start)
