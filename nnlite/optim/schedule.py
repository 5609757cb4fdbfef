"""What all schedules share: a learning rate that is a function of the step alone.

It is computed from the learning rate ``initial_lr`` that a group had before its first schedule; so a schedule that is
saved and loaded goes on exactly where it was.
"""

from __future__ import annotations

from typing import Any

from nnlite.contracts import Checked, instance, integer, number
from nnlite.optim.optimizer import Optimizer

OPTIMIZER = instance(Optimizer, "an Optimizer")


class Schedule(Checked):
    """A learning rate that depends on the step: ``lr(t) = factor(t) * the optimizer's lr at the start``.

    Call ``step()`` after each ``optimizer.step()``. A subclass writes ``factor``, or ``rates`` if groups differ.

    Parameters
    ----------
    optimizer : Optimizer
        Whose learning rate is changed.
    """

    takes = dict(optimizer=OPTIMIZER)

    def __init__(self, optimizer: Optimizer) -> None:
        self.optimizer = optimizer
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
        """Give the optimizer what it should have at step `t`."""
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
        t = integer(0).convert(saved["t"], "load_state_dict: t")
        for group, rate in zip(groups, [number(0).convert(r, "load_state_dict: initial_lr") for r in rates]):
            group["initial_lr"] = rate
        self.t = t
        self.apply(t)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(step {self.t}, lr={', '.join(f'{lr:g}' for lr in self.get_last_lr())})"


def one_for_each_group(optimizer: Optimizer, value: Any, name: str, what: str) -> list[Any]:
    """Return the `value` of each group: that of all groups, or the items of a list with one for each.

    Examples
    --------
    >>> from nnlite import Tensor, optim
    >>> from nnlite.optim.schedule import one_for_each_group
    >>> o = optim.SGD([{"params": [Tensor([1.0])]}, {"params": [Tensor([2.0])]}])
    >>> one_for_each_group(o, 0.1, "OneCycleLR: max_lr", "rates")
    [0.1, 0.1]
    """
    groups = len(optimizer.param_groups)
    values = list(value) if isinstance(value, list | tuple) else [value] * groups
    if len(values) != groups:
        raise ValueError(f"{name} has {len(values)} {what}, expected {groups}, one for each group")
    return values
