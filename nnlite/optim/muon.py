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

from nnlite.arguments import Array
from nnlite.contracts import flag, floats, integer, number, takes, tuple_of, word
from nnlite.optim.optimizer import Optimizer
from nnlite.optim.optimizers import BETAS, adam_update
from nnlite.tensor import Tensor

#: of the polynomial a x + b x^3 + c x^5, chosen by Jordan to be steep at 0 and stay near 1 (between 0.7 and 1.2)
COEFFICIENTS = (3.4445, -4.7750, 2.0315)


@takes(
    "newton_schulz", G=floats("rows columns"), steps=integer(1, 99), coefficients=tuple_of(number(), 3), eps=number(0)
)
def newton_schulz(
    G: Array, steps: int = 5, coefficients: tuple[float, float, float] = COEFFICIENTS, eps: float = 1e-7
) -> Array:
    """Return a matrix with the singular vectors of `G` whose singular values are all about 1.

    Parameters
    ----------
    G : (rows, columns)
    steps : int
        How often the polynomial ``a x + b x^3 + c x^5`` is applied to the singular values.
    coefficients : (float, float, float)
        a, b, c.
    eps : float
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
    >>> import numpy as np
    >>> from nnlite.optim import newton_schulz
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
    params : iterable of Tensor, or iterable of dict
        Matrices, or groups. A group with ``"use_muon": False`` follows AdamW, with its own ``lr``, ``betas``,
        ``weight_decay`` and ``eps``. Of a tensor with more axes, all but the first count as one.
    lr : float
        The learning rate.
    weight_decay : float
        Times the learning rate and the weights, taken off at each step.
    momentum : float
        How much of the mean of the gradients is kept; below 1.
    nesterov : bool
        Whether to look ahead.
    ns_coefficients : (float, float, float)
        The coefficients of :func:`newton_schulz`.
    eps : float
        That of :func:`newton_schulz`; AdamW's is 1e-8 unless a group says otherwise.
    ns_steps : int
        The steps of :func:`newton_schulz`.
    adjust_lr_fn : {"original", "match_rms_adamw"}, optional
        How the learning rate depends on the shape: times sqrt(max(1, rows / columns)) (Jordan; the default), or
        0.2 sqrt(max(rows, columns)), which makes steps as long as AdamW's (Liu et al. 2025).
    betas : (float, float)
        Those of AdamW.
    maximize : bool
        Whether to climb: the gradient counts with the opposite sign.

    Examples
    --------
    >>> from nnlite import nn, optim
    >>> model = nn.Linear(3, 2, rng=0)
    >>> rest = {"params": [model.bias], "use_muon": False, "lr": 3e-4}
    >>> optim.Muon([{"params": [model.weight]}, rest], lr=0.02)
    Muon(lr=0.02, 1 tensor; lr=0.0003, 1 tensor)
    """

    options = dict(
        lr=number(0),
        weight_decay=number(0),
        momentum=number(0, below=1),
        nesterov=flag,
        ns_coefficients=tuple_of(number(), 3),
        eps=number(0),
        ns_steps=integer(1, 99),
        adjust_lr_fn=word("original", "match_rms_adamw") | None,
        use_muon=flag,
        betas=BETAS,
    )

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
        *,
        maximize: bool = False,
    ) -> None:
        options: dict[str, Any] = dict(lr=lr, weight_decay=weight_decay, momentum=momentum, nesterov=nesterov)
        options |= dict(ns_coefficients=ns_coefficients, eps=eps, ns_steps=ns_steps, adjust_lr_fn=adjust_lr_fn)
        super().__init__(params, dict(**options, use_muon=True, betas=betas, maximize=maximize))

    def add_param_group(self, group: Any) -> None:
        """Add parameters with their own options; with ``"use_muon": False`` they follow AdamW."""
        if isinstance(group, dict) and group.get("use_muon") is False:
            group = {"eps": 1e-8, **group}
        super().add_param_group(group)

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
