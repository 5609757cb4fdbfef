"""What all schedules share: a learning rate that is a function of the step alone.

It is computed from the learning rate ``initial_lr`` that a group had before its first schedule; so a schedule that is
saved and loaded goes on exactly where it was.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from nnlite.arguments import integer, number
from nnlite.optim.optimizer import Optimizer


class Schedule:
    """A learning rate that depends on the step: ``lr(t) = factor(t) * the optimizer's lr at the start``.

    Call ``step()`` after each ``optimizer.step()``. A subclass writes ``factor``, or ``rates`` if groups differ.
    """

    def __init__(self, optimizer: Optimizer) -> None:
        self.optimizer = checked_optimizer(type(self).__name__, optimizer)
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


def listed(value: Any, name: str) -> list[Any]:
    """Return a list of what `value` holds, or raise if it holds nothing.

    Examples
    --------
    >>> listed((30, 80), "MultiStepLR: milestones")
    [30, 80]
    """
    if not isinstance(value, Iterable) or isinstance(value, str):
        raise TypeError(f"{name} is {value!r}, expected a list")
    return list(value)


def checked_optimizer(name: str, optimizer: Any) -> Optimizer:
    """Return `optimizer` if it is one, or raise for the schedule called `name`.

    Examples
    --------
    >>> checked_optimizer("StepLR", 3)
    Traceback (most recent call last):
    TypeError: StepLR: optimizer is a int, expected an Optimizer
    """
    if not isinstance(optimizer, Optimizer):
        raise TypeError(f"{name}: optimizer is a {type(optimizer).__name__}, expected an Optimizer")
    return optimizer
