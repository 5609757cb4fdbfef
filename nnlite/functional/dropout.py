"""Dropout: silence each number with probability p while training, and scale the others by 1/(1-p) so that the
expected value stays the same (Srivastava et al. 2014)."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlite.arguments import Array
from nnlite.contracts import flag, floats, given, number, rng
from nnlite.differentiable import differentiable
from nnlite.random import generator
from nnlite.registry import exercise

DROPOUT = dict(p=number(0, 1), training=flag, rng=rng)


@exercise(
    "functional.inverted_dropout",
    takes=dict(x=floats("..."), u=floats(broadcasts="...", own_dtype=True), p=number(0, 1)),
)
def inverted_dropout(x: Array, u: Array, p: float) -> Any:
    """Silence the elements of `x` whose random number is below `p`, and divide the others by ``1 - p``.

    The division keeps the expected value of every element as it was, so that nothing need be scaled when the network
    is used. With ``p = 1`` everything falls silent.

    Parameters
    ----------
    x : array of any shape
        The activations.
    u : array of the shape of `x`, or one that broadcasts to it
        Random numbers, drawn evenly from [0, 1): an element is kept where ``u >= p``.
    p : float
        The probability that an element falls silent, from 0 to 1.

    Returns
    -------
    y : array of the shape and dtype of `x`
    vjp : function
        ``vjp(dy)`` maps the gradient with respect to `y` to the gradient with respect to `x`.

    Raises
    ------
    TypeError
        If an argument does not hold real numbers.
    ValueError
        If `u` does not broadcast to `x` or `p` is out of range.

    References
    ----------
    Srivastava et al. 2014, "Dropout: a simple way to prevent neural networks from overfitting", section 10.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite.functional.dropout import inverted_dropout
    >>> y, vjp = inverted_dropout(np.array([1.0, 2.0, 3.0]), np.array([0.1, 0.6, 0.9]), 0.5)
    >>> y
    array([0., 4., 6.])
    >>> vjp(np.array([1.0, 1.0, 10.0]))
    array([ 0.,  2., 20.])
    """
    keep = (u >= p).astype(x.dtype)
    if p < 1:
        keep /= 1 - p

    def vjp(dy):
        return dy * keep

    return x * keep, vjp


@differentiable(takes=dict(x=given(), **DROPOUT))
def dropout(x: Array, p: float = 0.5, training: bool = True, rng: np.random.Generator | int | None = None):
    """Return `x` with each element set to 0 with probability `p` and the others divided by ``1 - p``.

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.dropout([1.0, 1.0], training=False)
    Tensor([1., 1.])
    """
    if not training or p == 0:
        return x.copy(), lambda dy: dy
    return inverted_dropout(x, generator(rng).random(x.shape, np.float32), p)


@differentiable(takes=dict(x=given("N C L ..."), **DROPOUT))
def dropout1d(x: Array, p: float = 0.5, training: bool = True, rng: np.random.Generator | int | None = None):
    """Silence whole channels of sequences (N, C, L): neighbours along L say much the same (Tompson et al. 2014).

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite import functional as F
    >>> F.dropout1d(np.ones((1, 2, 3)), training=False).shape
    (1, 2, 3)
    """
    return _drop_channels(x, p, training, rng)


@differentiable(takes=dict(x=given("N C H W ..."), **DROPOUT))
def dropout2d(x: Array, p: float = 0.5, training: bool = True, rng: np.random.Generator | int | None = None):
    """Silence whole channels of pictures (N, C, H, W).

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite import functional as F
    >>> F.dropout2d(np.ones((1, 2, 3, 3)), training=False).shape
    (1, 2, 3, 3)
    """
    return _drop_channels(x, p, training, rng)


def _drop_channels(x: Array, p: float, training: bool, rng: Any) -> Any:
    if not training or p == 0:
        return x.copy(), lambda dy: dy
    u = generator(rng).random(x.shape[:2], np.float32)
    return inverted_dropout(x, u.reshape(*u.shape, *(1,) * (x.ndim - 2)), p)
