"""The one schedule that looks at how the training goes: shorter steps when a score no longer becomes better."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from nnlite.contracts import Checked, integer, number, word
from nnlite.optim.optimizer import Optimizer
from nnlite.optim.schedule import OPTIMIZER, one_for_each_group


class ReduceLROnPlateau(Checked):
    """Multiply the learning rate by `factor` when a score has not become better for `patience` steps.

    This one is no :class:`Schedule`: its ``step(score)`` is called once an epoch with what is watched.

    Parameters
    ----------
    optimizer : Optimizer
        Whose learning rate is changed.
    mode : {"min", "max"}
        Whether a smaller or a larger score is better.
    factor : float
        What the learning rate is multiplied by; below 1.
    patience : int
        How many steps without improvement to wait.
    threshold : float
        By how much a score must be better than the best to count as better.
    threshold_mode : {"rel", "abs"}
        Whether `threshold` is a fraction of the best score, or a difference.
    cooldown : int
        How many steps to wait after a reduction before counting again.
    min_lr : float or sequence of float
        The smallest rate, for all groups or one for each.
    eps : float
        Changes smaller than this are not made.

    Examples
    --------
    >>> from nnlite import Tensor, optim
    >>> o = optim.SGD([Tensor([1.0], requires_grad=True)], lr=1.0)
    >>> s = optim.ReduceLROnPlateau(o, factor=0.5, patience=0)
    >>> s.step(1.0); s.step(1.0); o.lr
    0.5
    """

    takes = dict(
        optimizer=OPTIMIZER,
        mode=word("min", "max"),
        factor=number(0, below=1),
        patience=integer(0),
        threshold=number(0),
        threshold_mode=word("rel", "abs"),
        cooldown=integer(0),
        eps=number(0),
    )

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
        self.optimizer, self.mode, self.factor, self.patience = optimizer, mode, factor, patience
        self.threshold, self.threshold_mode, self.cooldown, self.eps = threshold, threshold_mode, cooldown, eps
        floors = one_for_each_group(optimizer, min_lr, "ReduceLROnPlateau: min_lr", "rates")
        self.min_lrs = [number(0).convert(lr, "ReduceLROnPlateau: min_lr") for lr in floors]
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
            integer(0).convert(saved[key], f"load_state_dict: {key}") for key in ("t", "bad_steps", "cooling")
        )
        self.t, self.bad_steps, self.cooling, self.best = t, bad, cooling, float(saved["best"])
