"""Gradient clipping: one huge gradient shall not undo what a thousand steps have learnt (Pascanu et al. 2012)."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from nnlite.arguments import Array, boolean, number
from nnlite.tensor import Tensor


def _gradients(name: str, params: Iterable[Any]) -> list[Array]:
    tensors = [params] if isinstance(params, Tensor) else list(params)
    for i, p in enumerate(tensors):
        if not isinstance(p, Tensor):
            raise TypeError(f"{name}: params[{i}] is a {type(p).__name__}, expected a Tensor")
    return [p.grad for p in tensors if p.grad is not None]


def clip_grad_norm_(
    params: Iterable[Any], max_norm: float, norm_type: float = 2.0, error_if_nonfinite: bool = False
) -> float:
    """Scale all gradients together so that their norm is at most `max_norm`; return the norm before.

    Parameters
    ----------
    params
        Tensors, or one.
    max_norm
        The largest norm of all gradients taken as one vector.
    norm_type
        p of ``(sum |g|^p)^(1/p)``; ``math.inf`` for the largest element.
    error_if_nonfinite
        Whether a norm that is infinite or not a number is an error; otherwise the gradients become NaN.

    Raises
    ------
    ValueError
        If `max_norm` is negative or `norm_type` not positive.
    FloatingPointError
        If the norm is not finite and that is an error.

    References
    ----------
    Pascanu, Mikolov, Bengio 2012, "On the difficulty of training recurrent neural networks".

    Examples
    --------
    >>> w = Tensor([3.0, 4.0], requires_grad=True)
    >>> (w * w).sum().backward()
    >>> clip_grad_norm_([w], 1.0)
    10.0
    """
    max_norm = number(max_norm, "clip_grad_norm_: max_norm", low=0)
    if norm_type != math.inf and number(norm_type, "clip_grad_norm_: norm_type") <= 0:
        raise ValueError(f"clip_grad_norm_: norm_type is {norm_type}, expected a number > 0 or math.inf")
    boolean(error_if_nonfinite, "clip_grad_norm_: error_if_nonfinite")
    grads = _gradients("clip_grad_norm_", params)
    norm = _norm(grads, norm_type)
    if not math.isfinite(norm) and error_if_nonfinite:
        raise FloatingPointError(f"clip_grad_norm_: the norm of the gradients is {norm}, expected a finite number")
    if not norm <= max_norm:
        scale = max_norm / (norm + 1e-6)
        with np.errstate(invalid="ignore"):
            for g in grads:
                g *= scale
    return norm


def _norm(grads: list[Array], p: float) -> float:
    if p == math.inf:
        return max((float(np.abs(g).max(initial=0)) for g in grads), default=0.0)
    if p == 2:
        with np.errstate(over="ignore"):
            squares = [float(np.vdot(g, g)) for g in grads]
        if math.isinf(sum(squares)):  # a square that float32 cannot hold, perhaps
            squares = [float(np.vdot(wide, wide)) for wide in (g.astype(np.float64) for g in grads)]
        return math.sqrt(sum(squares))
    return float(sum(float((np.abs(g).astype(np.float64) ** p).sum()) for g in grads) ** (1 / p))


def clip_grad_value_(params: Iterable[Any], clip_value: float) -> None:
    """Cut every element of every gradient off below ``-clip_value`` and above `clip_value`.

    Raises
    ------
    ValueError
        If `clip_value` is negative.

    Examples
    --------
    >>> w = Tensor([3.0, 0.1], requires_grad=True)
    >>> (w * w).sum().backward()
    >>> clip_grad_value_([w], 1.0); w.grad
    array([1. , 0.2], dtype=float32)
    """
    clip_value = number(clip_value, "clip_grad_value_: clip_value", low=0)
    for g in _gradients("clip_grad_value_", params):
        np.clip(g, -clip_value, clip_value, out=g)
