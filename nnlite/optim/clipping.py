"""Gradient clipping: one huge gradient should not undo what a thousand steps have learnt (Pascanu et al. 2012)."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from nnlite.arguments import Array
from nnlite.contracts import Kind, flag, instance, number, takes, tuple_of
from nnlite.tensor import Tensor


class _Tensors(tuple_of):
    """Tensors, or one."""

    def convert(self, value: Any, name: str) -> Any:
        return super().convert([value] if isinstance(value, Tensor) else value, name)


class _Power(Kind):
    """A number above 0, or infinity."""

    def convert(self, value: Any, name: str) -> float:
        infinite = isinstance(value, float | np.floating) and value == math.inf
        return float(value) if infinite else number(above=0).convert(value, name)


_TENSORS = _Tensors(instance(Tensor, "a Tensor"))


@takes("clip_grad_norm_", params=_TENSORS, max_norm=number(0), norm_type=_Power(), error_if_nonfinite=flag)
def clip_grad_norm_(
    params: Iterable[Any], max_norm: float, norm_type: float = 2.0, error_if_nonfinite: bool = False
) -> float:
    """Scale all gradients together so that their norm is at most `max_norm`; return the norm before.

    Parameters
    ----------
    params : iterable of Tensor, or Tensor
        Whose gradients are scaled; those without one are left out.
    max_norm : float
        The largest norm of all gradients taken as one vector.
    norm_type : float
        p of ``(sum |g|^p)^(1/p)``; ``math.inf`` for the largest element.
    error_if_nonfinite : bool
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
    >>> from nnlite import Tensor, optim
    >>> w = Tensor([3.0, 4.0], requires_grad=True)
    >>> (w * w).sum().backward()
    >>> optim.clip_grad_norm_([w], 1.0)
    10.0
    """
    grads = [p.grad for p in params if p.grad is not None]
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


@takes("clip_grad_value_", params=_TENSORS, clip_value=number(0))
def clip_grad_value_(params: Iterable[Any], clip_value: float) -> None:
    """Cut every element of every gradient off below ``-clip_value`` and above `clip_value`.

    Parameters
    ----------
    params : iterable of Tensor, or Tensor
        Whose gradients are cut off.
    clip_value : float
        The largest absolute value.

    Raises
    ------
    ValueError
        If `clip_value` is negative.

    Examples
    --------
    >>> from nnlite import Tensor, optim
    >>> w = Tensor([3.0, 0.1], requires_grad=True)
    >>> (w * w).sum().backward()
    >>> optim.clip_grad_value_([w], 1.0); w.grad
    array([1. , 0.2], dtype=float32)
    """
    for p in params:
        if p.grad is not None:
            np.clip(p.grad, -clip_value, clip_value, out=p.grad)
