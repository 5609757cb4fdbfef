"""The one schedule that looks at how the training goes: shorter steps when a score no longer becomes better."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from nnlite.arguments import integer, number, one_of
from nnlite.optim.optimizer import Optimizer
from nnlite.optim.schedule import checked_optimizer


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
        self.optimizer = checked_optimizer(name, optimizer)
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
