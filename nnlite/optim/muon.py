"""Muon: momentum whose every matrix is made orthogonal before it is followed (Jordan et al. 2024).

    B <- B + (1 - mu) (g - B)      O = NewtonSchulz(g + mu (B - g))      W <- W - lr sqrt(max(1, rows / columns)) O

If B = U S V^T, then O is about U V^T: all directions are followed equally far, also those in which the gradient is
always small. Biases, norms, embeddings and the last layer are no such matrices; they follow AdamW in a group of theirs.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from nnlite.arguments import Array, boolean, integer, number, one_of
from nnlite.optim.optimizer import Optimizer
from nnlite.optim.optimizers import adam_update, at_least_zero, below_one, two_betas
from nnlite.tensor import Tensor

#: of the polynomial a x + b x^3 + c x^5, chosen by Jordan to be steep at 0 and stay near 1 (between .7 and 1.2)
COEFFICIENTS = (3.4445, -4.7750, 2.0315)


def newton_schulz(
    G: Array, steps: int = 5, coefficients: tuple[float, float, float] = COEFFICIENTS, eps: float = 1e-7
) -> Array:
    """Return a matrix with the singular vectors of `G` whose singular values are all about 1.

    Parameters
    ----------
    G : (rows, columns)
    steps
        How often the polynomial ``a x + b x^3 + c x^5`` is applied to the singular values.
    coefficients
        a, b, c.
    eps
        The least length that `G` is divided by first.

    Returns
    -------
    (rows, columns)

    References
    ----------
    Jordan et al. 2024, "Muon: an optimizer for hidden layers in neural networks"; the iteration is that of Kovarik
    1970 and of Bjorck and Bowie 1971.

    Examples
    --------
    >>> O = newton_schulz(np.diag([100.0, 1.0]))
    >>> bool((abs(O.diagonal() - 1) < 0.35).all())
    True
    """
    a, b, c = coefficients
    X = G.T if G.shape[0] > G.shape[1] else G
    X = X / max(float(np.linalg.norm(X)), eps)  # so that no singular value is above 1
    for _ in range(steps):
        A = X @ X.T
        X = a * X + (b * A + c * A @ A) @ X
    return X.T if G.shape[0] > G.shape[1] else X


class Muon(Optimizer):
    """Orthogonalised momentum on matrices, AdamW on the rest.

    Parameters
    ----------
    params
        Matrices, or groups. A group with ``"use_muon": False`` follows AdamW, with its own ``lr``, ``betas``,
        ``weight_decay`` and ``eps``. Of a tensor with more axes, all but the first count as one.
    lr
        The learning rate.
    weight_decay
        Times lr and the weights, taken off at each step.
    momentum, nesterov
        How much of the mean of the gradients is kept; whether to look ahead.
    ns_coefficients, eps, ns_steps
        Those of :func:`newton_schulz`; AdamW's `eps` is 1e-8 unless a group says otherwise.
    adjust_lr_fn : {"original", "match_rms_adamw"}, optional
        How lr depends on the shape: times sqrt(max(1, rows / columns)) (Jordan), or .2 sqrt(max(rows, columns)), which
        makes steps as long as AdamW's (Liu et al. 2025).
    betas
        Those of AdamW.

    Examples
    --------
    >>> from nnlite import nn
    >>> model = nn.Linear(3, 2, rng=0)
    >>> rest = {"params": [model.bias], "use_muon": False, "lr": 3e-4}
    >>> Muon([{"params": [model.weight]}, rest], lr=0.02)
    Muon(lr=0.02, 1 parameters; lr=0.0003, 1 parameters)
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        weight_decay: float = 0.1,
        momentum: float = 0.95,
        nesterov: bool = True,
        ns_coefficients: tuple[float, float, float] = COEFFICIENTS,
        eps: float = 1e-7,
        ns_steps: int = 5,
        adjust_lr_fn: str | None = None,
        betas: tuple[float, float] = (0.9, 0.999),
    ) -> None:
        options: dict[str, Any] = {"lr": lr, "weight_decay": weight_decay, "momentum": momentum, "nesterov": nesterov}
        options |= {"ns_coefficients": ns_coefficients, "eps": eps, "ns_steps": ns_steps, "adjust_lr_fn": adjust_lr_fn}
        super().__init__(params, {**options, "use_muon": True, "betas": betas})

    def add_param_group(self, group: Any) -> None:
        """Add parameters with their own options; with ``"use_muon": False`` they follow AdamW."""
        if isinstance(group, dict) and group.get("use_muon") is False:
            group = {"eps": 1e-8, **group}
        super().add_param_group(group)

    def _checked(self, options: dict[str, Any]) -> dict[str, Any]:
        at_least_zero("Muon", options, "lr", "weight_decay", "eps")
        options["momentum"] = below_one("Muon", "momentum", options["momentum"])
        options["betas"] = two_betas("Muon", options["betas"])
        for key in ("nesterov", "use_muon"):
            options[key] = boolean(options[key], f"Muon: {key}")
        numbers = options["ns_coefficients"]
        if not isinstance(numbers, tuple | list) or len(numbers) != 3:
            raise TypeError(f"Muon: ns_coefficients is {numbers!r}, expected three numbers")
        options["ns_coefficients"] = tuple(number(n, "Muon: ns_coefficients") for n in numbers)
        options["ns_steps"] = integer(options["ns_steps"], "Muon: ns_steps", low=1, high=99)
        if options["adjust_lr_fn"] is not None:
            one_of(options["adjust_lr_fn"], "Muon: adjust_lr_fn", ("original", "match_rms_adamw"))
        return options

    def _fits(self, params: list[Tensor], options: dict[str, Any], which: str) -> None:
        for i, p in enumerate(params):
            if options["use_muon"] and p.ndim < 2:
                raise ValueError(
                    f"Muon: {which}params[{i}] has shape {p.shape}, expected a matrix; put the others in a group of "
                    "theirs, {'params': [...], 'use_muon': False, 'lr': 3e-4}, which follows AdamW"
                )

    def _update(self, p: Tensor, grad: Array, state: dict[str, Any], group: dict[str, Any]) -> None:
        if not group["use_muon"]:
            adam_update(p, grad, state, {**group, "amsgrad": False, "decoupled_weight_decay": True})
            return
        if "momentum_buffer" not in state:
            state["momentum_buffer"] = np.zeros_like(p.data)
        momentum, B = group["momentum"], state["momentum_buffer"]
        B += (1 - momentum) * (grad - B)
        followed = grad + momentum * (B - grad) if group["nesterov"] else B
        rows, columns = p.shape[0], math.prod(p.shape[1:])
        matrix = followed.reshape(rows, columns)
        O = newton_schulz(matrix, group["ns_steps"], group["ns_coefficients"], group["eps"])
        if group["adjust_lr_fn"] == "match_rms_adamw":
            scale = 0.2 * math.sqrt(max(rows, columns))
        else:
            scale = math.sqrt(max(1, rows / max(columns, 1)))
        p.data *= 1 - group["lr"] * group["weight_decay"]
        p.data -= group["lr"] * scale * O.reshape(p.shape)
