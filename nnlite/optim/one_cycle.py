"""The one-cycle policy: one rise, one long fall, and a momentum that does the opposite (Smith and Topin 2017)."""

from __future__ import annotations

import math
from collections.abc import Sequence

from nnlite.arguments import boolean, integer, number, one_of
from nnlite.optim.optimizer import Optimizer
from nnlite.optim.schedule import Schedule, checked_optimizer


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
        groups = checked_optimizer(name, optimizer).param_groups
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
