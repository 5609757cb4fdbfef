"""Schedules: how long the steps are, and when.

Each schedule is a function of the step alone, ``lr(t)``, computed from the learning rate ``initial_lr`` that a group
had before its first schedule; so a schedule that is saved and loaded goes on exactly where it was. Call ``step()``
after each ``optimizer.step()``. Only :class:`ReduceLROnPlateau` looks at how the training goes.
"""

from __future__ import annotations

import bisect
import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from nnlite.arguments import boolean, integer, number, one_of
from nnlite.optim.optimizer import Optimizer


class Schedule:
    """A learning rate that depends on the step: ``lr(t) = factor(t) * the optimizer's lr at the start``.

    Call ``step()`` after each ``optimizer.step()``. A subclass writes ``factor``, or ``rates`` if groups differ.
    """

    def __init__(self, optimizer: Optimizer) -> None:
        self.optimizer = _optimizer(type(self).__name__, optimizer)
        self.t = 0
        for group in optimizer.param_groups:
            group.setdefault("initial_lr", group["lr"])
        self.apply(0)

    def factor(self, t: int) -> float:
        """Return what the learning rate is multiplied with at step `t`."""
        raise NotImplementedError

    def rates(self, t: int) -> list[float]:
        """Return the learning rate of each group at step `t`."""
        return [group["initial_lr"] * self.factor(t) for group in self.optimizer.param_groups]

    def apply(self, t: int) -> None:
        """Give the optimizer what it shall have at step `t`."""
        for group in self.optimizer.param_groups:
            group.setdefault("initial_lr", group["lr"])
        for group, lr in zip(self.optimizer.param_groups, self.rates(t)):
            group["lr"] = lr

    def step(self) -> None:
        """Go one step further."""
        self.apply(self.t + 1)
        self.t += 1

    def get_last_lr(self) -> list[float]:
        """Return the learning rate of each group."""
        return [group["lr"] for group in self.optimizer.param_groups]

    def state_dict(self) -> dict[str, Any]:
        """Return the step, and the learning rate of each group at the start."""
        return {"t": self.t, "initial_lr": [group["initial_lr"] for group in self.optimizer.param_groups]}

    def load_state_dict(self, saved: dict[str, Any]) -> None:
        """Take over what :meth:`state_dict` returned."""
        rates, groups = saved["initial_lr"], self.optimizer.param_groups
        if len(rates) != len(groups):
            raise ValueError(f"load_state_dict: initial_lr of {len(rates)} groups, expected {len(groups)}")
        t = integer(saved["t"], "load_state_dict: t", low=0)
        for group, rate in zip(groups, [number(r, "load_state_dict: initial_lr", low=0) for r in rates]):
            group["initial_lr"] = rate
        self.t = t
        self.apply(t)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(step {self.t}, lr={', '.join(f'{lr:g}' for lr in self.get_last_lr())})"


def _optimizer(name: str, optimizer: Any) -> Optimizer:
    if not isinstance(optimizer, Optimizer):
        raise TypeError(f"{name}: optimizer is a {type(optimizer).__name__}, expected an Optimizer")
    return optimizer


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
        if t < self.warmup_steps:
            return (t + 1) / self.warmup_steps
        done = min((t - self.warmup_steps) / max(self.total_steps - self.warmup_steps, 1), 1.0)
        return self.final + (1 - self.final) * 0.5 * (1 + math.cos(math.pi * done))


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
        groups = len(_optimizer("LambdaLR", optimizer).param_groups)
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
        self.milestones = sorted(integer(m, "MultiStepLR: milestones", low=0) for m in milestones)
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


class OneCycleLR(Schedule):
    """Rise to `max_lr`, then fall far below the start, with a momentum that does the opposite (Smith and Topin 2017).

    Parameters
    ----------
    optimizer
        Whose learning rate, and momentum or first beta, is changed.
    max_lr
        The highest rate, for all groups or one for each.
    total_steps, epochs, steps_per_epoch
        How many steps there are, or how many epochs of how many steps.
    pct_start
        The share of the steps that rise.
    anneal_strategy : {"cos", "linear"}
        The shape of rise and fall.
    cycle_momentum, base_momentum, max_momentum
        Whether the momentum falls from the highest to the lowest while the rate rises, and back.
    div_factor, final_div_factor
        The rate begins at ``max_lr / div_factor`` and ends at that divided by `final_div_factor`.
    three_phase
        Whether the fall back to the start is as long as the rise, and the fall below it comes after.

    Examples
    --------
    >>> from nnlite import optim, Tensor
    >>> o = optim.SGD([Tensor([1.0], requires_grad=True)], lr=1.0)
    >>> s = OneCycleLR(o, max_lr=1.0, total_steps=11); round(o.lr, 3)
    0.04
    """

    def __init__(
        self,
        optimizer: Optimizer,
        max_lr: float | Sequence[float],
        total_steps: int | None = None,
        epochs: int | None = None,
        steps_per_epoch: int | None = None,
        pct_start: float = 0.3,
        anneal_strategy: str = "cos",
        cycle_momentum: bool = True,
        base_momentum: float = 0.85,
        max_momentum: float = 0.95,
        div_factor: float = 25.0,
        final_div_factor: float = 1e4,
        three_phase: bool = False,
    ) -> None:
        name = "OneCycleLR"
        groups = _optimizer(name, optimizer).param_groups
        if total_steps is not None:
            self.total_steps = integer(total_steps, f"{name}: total_steps", low=1)
        elif epochs is None or steps_per_epoch is None:
            raise ValueError(f"{name}: total_steps is None, expected it, or epochs and steps_per_epoch")
        else:
            epochs, steps_per_epoch = (
                integer(epochs, f"{name}: epochs", low=1),
                integer(steps_per_epoch, f"{name}: steps_per_epoch", low=1),
            )
            self.total_steps = epochs * steps_per_epoch
        self.pct_start = number(pct_start, f"{name}: pct_start", low=0, high=1)
        self.anneal_strategy = one_of(anneal_strategy, f"{name}: anneal_strategy", ("cos", "linear"))
        self.three_phase = boolean(three_phase, f"{name}: three_phase")
        self.momenta = number(max_momentum, f"{name}: max_momentum"), number(base_momentum, f"{name}: base_momentum")
        self.cycle_momentum = boolean(cycle_momentum, f"{name}: cycle_momentum")
        if cycle_momentum and not {"momentum", "betas"} & optimizer.defaults.keys():
            raise ValueError(f"{name}: cycle_momentum is True, expected False for {type(optimizer).__name__}")
        for argument, value in (("div_factor", div_factor), ("final_div_factor", final_div_factor)):
            if number(value, f"{name}: {argument}", low=0) == 0:
                raise ValueError(f"{name}: {argument} is 0, expected a number > 0")
        rates = list(max_lr) if isinstance(max_lr, list | tuple) else [max_lr] * len(groups)
        if len(rates) != len(groups):
            raise ValueError(f"{name}: max_lr has {len(rates)} rates, expected {len(groups)}, one for each group")
        for group, rate in zip(groups, [number(r, f"{name}: max_lr", low=0) for r in rates]):
            first = rate / div_factor
            group.update(initial_lr=first, max_lr=rate, min_lr=first / final_div_factor)
        super().__init__(optimizer)

    def _phase(self, t: int) -> tuple[int, float]:
        """In which phase step `t` is (0 rises, 1 falls, 2 falls below), and how far through it, from 0 to 1."""
        up = self.pct_start * self.total_steps - 1
        ends = [up, *([2 * up] if self.three_phase else []), self.total_steps - 1]
        start = 0.0
        for k, end in enumerate(ends):
            if t <= end or k == len(ends) - 1:
                return k, (t - start) / (end - start) if end != start else 1.0
            start = end
        raise AssertionError

    def _between(self, start: float, end: float, share: float) -> float:
        if self.anneal_strategy == "linear":
            return start + (end - start) * share
        return end + (start - end) / 2 * (1 + math.cos(math.pi * share))

    def rates(self, t: int) -> list[float]:
        """Return the learning rate of each group at step `t`."""
        if t > self.total_steps:
            raise ValueError(f"OneCycleLR: step {t} lies beyond total_steps={self.total_steps}")
        k, share = self._phase(t)
        names = ["initial_lr", "max_lr", *(["initial_lr"] if self.three_phase else []), "min_lr"]
        return [self._between(g[names[k]], g[names[k + 1]], share) for g in self.optimizer.param_groups]

    def apply(self, t: int) -> None:
        """Give the optimizer the learning rate and momentum of step `t`."""
        super().apply(t)
        if self.cycle_momentum:
            high, low = self.momenta
            k, share = self._phase(t)
            path = [high, low, high, high]
            momentum = self._between(path[k], path[k + 1], share)
            for group in self.optimizer.param_groups:
                if "betas" in group and "momentum" not in group:
                    group["betas"] = (momentum, *group["betas"][1:])
                else:
                    group["momentum"] = momentum


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
        schedulers, milestones = list(schedulers), list(milestones)
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


class ReduceLROnPlateau:
    """Multiply the learning rate with `factor` when a score has not become better for `patience` steps.

    This one is no :class:`Schedule`: its ``step(score)`` is called once an epoch with what is watched.

    Parameters
    ----------
    optimizer
        Whose learning rate is changed.
    mode : {"min", "max"}
        Whether a smaller or a larger score is better.
    factor
        What the learning rate is multiplied with, below 1.
    patience
        How many steps without improvement are borne.
    threshold, threshold_mode : {"rel", "abs"}
        By how much a score must be better than the best, relative to it or absolutely.
    cooldown
        How many steps to wait after a reduction before counting again.
    min_lr
        The smallest rate, for all groups or one for each.
    eps
        Changes smaller than this are not made.

    Examples
    --------
    >>> from nnlite import optim, Tensor
    >>> o = optim.SGD([Tensor([1.0], requires_grad=True)], lr=1.0)
    >>> s = ReduceLROnPlateau(o, factor=0.5, patience=0)
    >>> s.step(1.0); s.step(1.0); o.lr
    0.5
    """

    def __init__(
        self,
        optimizer: Optimizer,
        mode: str = "min",
        factor: float = 0.1,
        patience: int = 10,
        threshold: float = 1e-4,
        threshold_mode: str = "rel",
        cooldown: int = 0,
        min_lr: float | Sequence[float] = 0.0,
        eps: float = 1e-8,
    ) -> None:
        name = "ReduceLROnPlateau"
        self.optimizer = _optimizer(name, optimizer)
        self.mode = one_of(mode, f"{name}: mode", ("min", "max"))
        if number(factor, f"{name}: factor", low=0) >= 1:
            raise ValueError(f"{name}: factor is {factor}, expected a number below 1")
        self.factor = factor
        self.patience = integer(patience, f"{name}: patience", low=0)
        self.threshold = number(threshold, f"{name}: threshold", low=0)
        self.threshold_mode = one_of(threshold_mode, f"{name}: threshold_mode", ("rel", "abs"))
        self.cooldown = integer(cooldown, f"{name}: cooldown", low=0)
        groups = len(optimizer.param_groups)
        floors = list(min_lr) if isinstance(min_lr, list | tuple) else [min_lr] * groups
        if len(floors) != groups:
            raise ValueError(f"{name}: min_lr has {len(floors)} rates, expected {groups}, one for each group")
        self.min_lrs = [number(lr, f"{name}: min_lr", low=0) for lr in floors]
        self.eps = number(eps, f"{name}: eps", low=0)
        self.best = math.inf if mode == "min" else -math.inf
        self.bad_steps = self.cooling = self.t = 0

    def is_better(self, score: float) -> bool:
        """Say whether `score` is better than the best so far, by more than the threshold."""
        sign = 1 if self.mode == "min" else -1
        if self.threshold_mode == "abs":
            return sign * score < sign * self.best - self.threshold
        return sign * score < sign * self.best * (1 - sign * self.threshold)

    def step(self, score: Any) -> None:
        """Take note of a score, a number or what holds one, and reduce the learning rate if it is time."""
        score = float(score)
        self.t += 1
        if self.is_better(score):
            self.best, self.bad_steps = score, 0
        else:
            self.bad_steps += 1
        if self.cooling > 0:
            self.cooling -= 1
            self.bad_steps = 0
        if self.bad_steps > self.patience:
            for group, least in zip(self.optimizer.param_groups, self.min_lrs):
                new = max(group["lr"] * self.factor, least)
                if group["lr"] - new > self.eps:
                    group["lr"] = new
            self.cooling, self.bad_steps = self.cooldown, 0

    def get_last_lr(self) -> list[float]:
        """Return the learning rate of each group."""
        return [group["lr"] for group in self.optimizer.param_groups]

    def state_dict(self) -> dict[str, Any]:
        """Return what has been counted; the learning rates themselves are the optimizer's."""
        return {"t": self.t, "best": self.best, "bad_steps": self.bad_steps, "cooling": self.cooling}

    def load_state_dict(self, saved: dict[str, Any]) -> None:
        """Take over what :meth:`state_dict` returned."""
        t, bad, cooling = (
            integer(saved[key], f"load_state_dict: {key}", low=0) for key in ("t", "bad_steps", "cooling")
        )
        self.t, self.bad_steps, self.cooling, self.best = t, bad, cooling, float(saved["best"])
