"""Schedules that rise and fall again and again."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from nnlite.contracts import flag, integer, number, word
from nnlite.optim.optimizer import Optimizer
from nnlite.optim.schedule import OPTIMIZER, Schedule, needs_momentum, one_for_each_group, set_momentum


class CosineAnnealingWarmRestarts(Schedule):
    """Fall along half a cosine in `T_0` steps, begin anew at the top, and fall `T_mult` times as long each time.

    Parameters
    ----------
    optimizer : Optimizer
        Whose learning rate is changed.
    T_0 : int
        How many steps the first fall takes.
    T_mult : int
        By how much each fall is longer than the one before.
    eta_min : float
        The learning rate at the end of each.

    References
    ----------
    Loshchilov and Hutter 2016, "SGDR: Stochastic Gradient Descent with Warm Restarts".

    Examples
    --------
    >>> from nnlite import Tensor, optim
    >>> o = optim.SGD([Tensor([1.0], requires_grad=True)], lr=1.0)
    >>> s = optim.CosineAnnealingWarmRestarts(o, T_0=2)
    >>> s.step(); round(o.lr, 3)
    0.5
    >>> s.step(); o.lr
    1.0
    """

    takes = dict(optimizer=OPTIMIZER, T_0=integer(1), T_mult=integer(1), eta_min=number(0))
    chainable = False

    def __init__(self, optimizer: Optimizer, T_0: int, T_mult: int = 1, eta_min: float = 0.0) -> None:
        self.T_0, self.T_mult, self.eta_min = T_0, T_mult, eta_min
        super().__init__(optimizer)

    def rates(self, t: int) -> list[float]:
        """Return the learning rate of each group at step `t`."""
        length = self.T_0
        if self.T_mult == 1:
            t %= length
        while t >= length:
            t -= length
            length *= self.T_mult
        height = (1 + math.cos(math.pi * t / length)) / 2
        first = [group["initial_lr"] for group in self.optimizer.param_groups]
        return [self.eta_min + (lr - self.eta_min) * height for lr in first]


class CyclicLR(Schedule):
    """Rise from `base_lr` to `max_lr` and fall back in straight lines, again and again (Smith 2015).

    Parameters
    ----------
    optimizer : Optimizer
        Whose learning rate, and momentum or first beta, is changed.
    base_lr, max_lr : float or sequence of float
        The lowest and the highest rate, for all groups or one for each.
    step_size_up : int
        How many steps a rise takes.
    step_size_down : int, optional
        How many a fall takes; as many as a rise by default.
    mode : {"triangular", "triangular2", "exp_range"}
        Whether all cycles are of one height, each is half as high as the one before, or the height at step t is that of
        the first times ``gamma**t``.
    gamma : float
        The factor of "exp_range".
    scale_fn : function, optional
        Returns the height, as a fraction of the first; takes the place of `mode`.
    scale_mode : {"cycle", "iterations"}
        Whether `scale_fn` is called with the number of the cycle, from 1, or of the step, from 0.
    cycle_momentum : bool
        Whether the momentum falls from `max_momentum` to `base_momentum` while the rate rises, and back.
    base_momentum, max_momentum : float or sequence of float
        The lowest and the highest momentum, for all groups or one for each.

    References
    ----------
    Smith 2015, "Cyclical Learning Rates for Training Neural Networks".

    Examples
    --------
    >>> from nnlite import Tensor, optim
    >>> o = optim.SGD([Tensor([1.0], requires_grad=True)], lr=1.0)
    >>> s = optim.CyclicLR(o, base_lr=0.1, max_lr=0.5, step_size_up=2); o.lr
    0.1
    >>> s.step(); s.step(); o.lr
    0.5
    """

    takes = dict(
        optimizer=OPTIMIZER,
        step_size_up=integer(1),
        step_size_down=integer(1) | None,
        mode=word("triangular", "triangular2", "exp_range"),
        gamma=number(),
        scale_mode=word("cycle", "iterations"),
        cycle_momentum=flag,
    )
    chainable = False

    def __init__(
        self,
        optimizer: Optimizer,
        base_lr: float | Sequence[float],
        max_lr: float | Sequence[float],
        step_size_up: int = 2000,
        step_size_down: int | None = None,
        mode: str = "triangular",
        gamma: float = 1.0,
        scale_fn: Callable[[int], float] | None = None,
        scale_mode: str = "cycle",
        cycle_momentum: bool = True,
        base_momentum: float | Sequence[float] = 0.8,
        max_momentum: float | Sequence[float] = 0.9,
    ) -> None:
        if scale_fn is not None and not callable(scale_fn):
            raise TypeError(f"CyclicLR: scale_fn is {scale_fn!r}, expected a function of the cycle or the step")
        if cycle_momentum:
            needs_momentum(optimizer, "CyclicLR")

        def for_each(value: float | Sequence[float], name: str, what: str) -> list[float]:
            values = one_for_each_group(optimizer, value, f"CyclicLR: {name}", what)
            return [number(0).convert(v, f"CyclicLR: {name}") for v in values]

        self.lowest, self.highest = for_each(base_lr, "base_lr", "rates"), for_each(max_lr, "max_lr", "rates")
        momenta = zip(
            for_each(base_momentum, "base_momentum", "momenta"), for_each(max_momentum, "max_momentum", "momenta")
        )
        self.up, self.down = step_size_up, step_size_up if step_size_down is None else step_size_down
        self.mode, self.gamma, self.scale_fn, self.scale_mode = mode, gamma, scale_fn, scale_mode
        self.momenta = list(momenta) if cycle_momentum else None
        for group, lowest in zip(optimizer.param_groups, self.lowest):
            group["lr"] = lowest
        super().__init__(optimizer)

    def height(self, t: int) -> float:
        """Return how high step `t` stands between the lowest rate, 0, and the highest of the first cycle, 1."""
        length = self.up + self.down
        cycle = 1 + t // length
        place = t / length + 1 - cycle
        turn = self.up / length
        height = place / turn if place <= turn else (place - 1) / (turn - 1)
        if self.scale_fn is not None:
            at = cycle if self.scale_mode == "cycle" else t
            return height * number().convert(self.scale_fn(at), f"CyclicLR: scale_fn({at})")
        if self.mode == "exp_range":
            return height * self.gamma**t
        return height / 2 ** (cycle - 1) if self.mode == "triangular2" else height

    def rates(self, t: int) -> list[float]:
        """Return the learning rate of each group at step `t`."""
        height = self.height(t)
        return [low + (high - low) * height for low, high in zip(self.lowest, self.highest)]

    def apply(self, t: int) -> None:
        """Give the optimizer the learning rate and momentum of step `t`."""
        super().apply(t)
        if self.momenta is not None:
            height = self.height(t)
            for group, (low, high) in zip(self.optimizer.param_groups, self.momenta):
                set_momentum(group, high - (high - low) * height)
