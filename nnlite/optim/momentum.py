"""Momentum: a step goes where the last ones went, and a little where the gradient says now.

    v <- mu v + g        w <- w - lr v                  (Polyak 1964)
                         w <- w - lr (g + mu v)         (Nesterov 1983, as in Sutskever et al. 2013)

Across a ravine the gradients change their sign and cancel out in v; along it they add up.
"""

from __future__ import annotations

from typing import Any

from nnlite.arguments import Array, refuse_unlike
from nnlite.contracts import flag, number
from nnlite.registry import exercise


def _alike(w: Any, grad: Any, v: Any, *options: Any) -> None:
    refuse_unlike("optim.momentum_step", w=w, grad=grad, v=v)


@exercise("optim.momentum_step", takes=dict(lr=number(0), momentum=number(0), nesterov=flag), also=_alike)
def momentum_step(w: Array, grad: Array, v: Array, lr: float, momentum: float, nesterov: bool = False) -> Array:
    """Take one step of gradient descent with momentum, in place: first the velocity `v`, then the weights `w`.

    The velocity keeps the fraction `momentum` of what it was and takes the gradient in: ``v <- momentum v + grad``.
    The weights follow the velocity, ``w <- w - lr v``. With Nesterov's variant they follow it as it will be after one
    more step with the same gradient: ``w <- w - lr (grad + momentum v)``, where v is already the new one.

    "In place" means that the arrays themselves change: ``v *= 2`` or ``v[...] = 2 * v`` does that, ``v = 2 * v`` makes
    a new array of the same name, and the caller's stays as it was. The gradient stays as it is.

    Parameters
    ----------
    w : array of any shape
        The weights; changed.
    grad : array of the shape of `w`
        The gradient at `w`.
    v : array of the shape of `w`
        The velocity, zero before the first step; changed.
    lr : float
        The learning rate.
    momentum : float
        How much of the velocity is kept, mostly 0.9; with 0 this is plain gradient descent.
    nesterov : bool
        Whether to look ahead.

    Returns
    -------
    numpy.ndarray
        The changed `w`.

    Raises
    ------
    TypeError, ValueError
        If the arrays are not floats of one dtype and shape, or a number is negative.

    References
    ----------
    Polyak 1964, "Some methods of speeding up the convergence of iteration methods"; Sutskever et al. 2013, "On the
    importance of initialization and momentum in deep learning", equations 1 to 4.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite.optim import momentum_step
    >>> w, v = np.array([1.0]), np.array([0.0])
    >>> momentum_step(w, np.array([2.0]), v, 0.1, 0.9)
    array([0.8])
    >>> momentum_step(w, np.array([2.0]), v, 0.1, 0.9).round(2)
    array([0.42])
    >>> v
    array([3.8])
    """
    v *= momentum
    v += grad
    w -= lr * (grad + momentum * v if nesterov else v)
    return w
