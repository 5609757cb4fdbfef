"""What all schedules share: a factor that depends on the step alone.

A schedule that is alone on an optimizer sets the learning rate to ``initial_lr * factor(t)``, where ``initial_lr`` is
what the group had before its first schedule; so one that is saved and loaded goes on exactly where it was. Where the
rate is not what it set, because another schedule or a hand has changed it, it multiplies what it finds by
``factor(t + 1) / factor(t)``, as PyTorch's schedules do.
"""

from __future__ import annotations

from collections.abc import MutableMapping
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

    Attributes
    ----------
    chainable : bool
        Whether several such schedules on one optimizer multiply; one that is not sets the rate whatever it was.
    """

    takes = dict(optimizer=OPTIMIZER)
    chainable = True

    def __init__(self, optimizer: Optimizer) -> None:
        self.optimizer = optimizer
        self.t = 0
        self.start()

    def start(self) -> None:
        """Give the optimizer the learning rate of step 0, times what other schedules have made of it."""
        groups = self.optimizer.param_groups
        found = [group["lr"] for group in groups]
        self.apply(0)
        for group, lr in zip(groups, found):
            if self.chainable and lr != group["initial_lr"]:
                group["lr"] = self.chained(lr, group["initial_lr"], group["lr"])

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

    def chained(self, lr: float, old: float, new: float) -> float:
        """Return what becomes of `lr`, which others have changed too, when this schedule alone goes from old to new."""
        return lr * (new / old) if old else new

    def advance(self, t: int) -> None:
        """Change what the optimizer has at step `t` into what it should have at step ``t + 1``."""
        groups = self.optimizer.param_groups
        if not self.chainable or all("initial_lr" not in group for group in groups):
            self.apply(t + 1)
            return
        for group in groups:
            group.setdefault("initial_lr", group["lr"])  # a group that came later falls from here on
        for group, old, new in zip(groups, self.rates(t), self.rates(t + 1)):
            lr = group["lr"]
            group["lr"] = new if lr == old else self.chained(lr, old, new)

    def step(self) -> None:
        """Go one step further."""
        self.advance(self.t)
        self.t += 1

    def get_last_lr(self) -> list[float]:
        """Return the learning rate of each group."""
        return [group["lr"] for group in self.optimizer.param_groups]

    def state_dict(self) -> dict[str, Any]:
        """Return the step, and the learning rate of each group at the start and now."""
        first = [group.get("initial_lr", group["lr"]) for group in self.optimizer.param_groups]
        return {"t": self.t, "initial_lr": first, "lr": self.get_last_lr()}

    def load_state_dict(self, saved: dict[str, Any]) -> None:
        """Take over what :meth:`state_dict` returned."""
        groups = self.optimizer.param_groups
        rates = {key: list(saved[key]) for key in ("initial_lr", "lr") if key in saved or key == "initial_lr"}
        for key, values in rates.items():
            if len(values) != len(groups):
                raise ValueError(f"load_state_dict: {key} of {len(values)} groups, expected {len(groups)}")
            kind = number(0) if key == "initial_lr" else number()  # chained schedules can go a little below 0
            rates[key] = [kind.convert(value, f"load_state_dict: {key}") for value in values]
        t = integer(0).convert(saved["t"], "load_state_dict: t")
        for group, rate in zip(groups, rates["initial_lr"]):
            group["initial_lr"] = rate
        self.t = t
        self.apply(t)
        for group, rate in zip(groups, rates.get("lr", [])):
            group["lr"] = rate

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


def set_momentum(group: MutableMapping[str, Any], momentum: float) -> None:
    """Give a group of parameters a momentum, or a first beta where that is its momentum."""
    if "betas" in group and "momentum" not in group:
        group["betas"] = (momentum, *group["betas"][1:])
    else:
        group["momentum"] = momentum


def needs_momentum(optimizer: Optimizer, name: str) -> None:
    """Raise unless the optimizer has a momentum, or betas, that can be cycled."""
    if not {"momentum", "betas"} & optimizer.defaults.keys():
        raise ValueError(f"{name}: cycle_momentum is True, expected False for {type(optimizer).__name__}")
