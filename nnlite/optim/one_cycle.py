"""The one-cycle policy: one rise, one long fall, and a momentum that does the opposite (Smith and Topin 2017)."""

from __future__ import annotations

import math
from collections.abc import Sequence

from nnlite.contracts import flag, integer, number, word
from nnlite.optim.optimizer import Optimizer
from nnlite.optim.schedule import OPTIMIZER, Schedule, needs_momentum, one_for_each_group, set_momentum


class OneCycleLR(Schedule):
    """Rise to `max_lr`, then fall far below the start, with a momentum that does the opposite (Smith and Topin 2017).

    Parameters
    ----------
    optimizer : Optimizer
        Whose learning rate, and momentum or first beta, is changed.
    max_lr : float or sequence of float
        The highest rate, for all groups or one for each.
    total_steps : int, optional
        How many steps there are.
    epochs, steps_per_epoch : int, optional
        How many epochs there are, of how many steps, if `total_steps` is None.
    pct_start : float
        The fraction of the steps that rise, from 0 to 1.
    anneal_strategy : {"cos", "linear"}
        The shape of rise and fall.
    cycle_momentum : bool
        Whether the momentum falls from `max_momentum` to `base_momentum` while the rate rises, and back.
    base_momentum, max_momentum : float
        The lowest and the highest momentum.
    div_factor : float
        The rate begins at ``max_lr / div_factor``.
    final_div_factor : float
        It ends at the rate of the start divided by this.
    three_phase : bool
        Whether the fall back to the start is as long as the rise, and the fall below it comes after.

    Examples
    --------
    >>> from nnlite import Tensor, optim
    >>> o = optim.SGD([Tensor([1.0], requires_grad=True)], lr=1.0)
    >>> s = optim.OneCycleLR(o, max_lr=1.0, total_steps=11); round(o.lr, 3)
    0.04
    """

    takes = dict(
        optimizer=OPTIMIZER,
        total_steps=integer(1) | None,
        epochs=integer(1) | None,
        steps_per_epoch=integer(1) | None,
        pct_start=number(0, 1),
        anneal_strategy=word("cos", "linear"),
        cycle_momentum=flag,
        base_momentum=number(),
        max_momentum=number(),
        div_factor=number(above=0),
        final_div_factor=number(above=0),
        three_phase=flag,
    )
    chainable = False

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
        if total_steps is None:
            if epochs is None or steps_per_epoch is None:
                raise ValueError("OneCycleLR: total_steps is None, expected it, or epochs and steps_per_epoch")
            total_steps = epochs * steps_per_epoch
        if cycle_momentum:
            needs_momentum(optimizer, "OneCycleLR")
        self.total_steps, self.pct_start, self.anneal_strategy = total_steps, pct_start, anneal_strategy
        self.three_phase, self.cycle_momentum, self.momenta = three_phase, cycle_momentum, (max_momentum, base_momentum)
        rates = one_for_each_group(optimizer, max_lr, "OneCycleLR: max_lr", "rates")
        rates = [number(0).convert(rate, "OneCycleLR: max_lr") for rate in rates]
        for group, rate in zip(optimizer.param_groups, rates):
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

    def _between(self, start: float, end: float, fraction: float) -> float:
        if self.anneal_strategy == "linear":
            return start + (end - start) * fraction
        return end + (start - end) / 2 * (1 + math.cos(math.pi * fraction))

    def rates(self, t: int) -> list[float]:
        """Return the learning rate of each group at step `t`."""
        if t > self.total_steps:
            raise ValueError(f"OneCycleLR: step {t} lies beyond total_steps={self.total_steps}")
        k, fraction = self._phase(t)
        names = ["initial_lr", "max_lr", *(["initial_lr"] if self.three_phase else []), "min_lr"]
        return [self._between(g[names[k]], g[names[k + 1]], fraction) for g in self.optimizer.param_groups]

    def apply(self, t: int) -> None:
        """Give the optimizer the learning rate and momentum of step `t`."""
        super().apply(t)
        if self.cycle_momentum:
            high, low = self.momenta
            k, fraction = self._phase(t)
            path = [high, low, high, high]
            momentum = self._between(path[k], path[k + 1], fraction)
            for group in self.optimizer.param_groups:
                set_momentum(group, momentum)
