"""Activation functions as layers, for ``nn.Sequential``: each maps any shape to the same shape, unless it says more.

The formulas stand beside the functions of the same name in ``functional``.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlite import functional as F
from nnlite.contracts import integer, number, word
from nnlite.nn.module import Module, Parameter, Stateless
from nnlite.tensor import Tensor

LARGEST = float(np.finfo(np.float32).max)  # that a weight can be


class ReLU(Stateless):
    """``max(x, 0)``."""

    function = staticmethod(F.relu)


class ReLU6(Stateless):
    """``min(max(x, 0), 6)``."""

    function = staticmethod(F.relu6)


class LeakyReLU(Stateless):
    """``x``, times `negative_slope` where it is negative.

    Parameters
    ----------
    negative_slope : float
        The slope below 0.
    """

    function, takes = staticmethod(F.leaky_relu), dict(negative_slope=number())

    def __init__(self, negative_slope: float = 0.01) -> None:
        self.negative_slope = negative_slope


class PReLU(Module):
    """A leaky ReLU whose slope is learnt, one for all channels or one for each (He et al. 2015).

    Parameters
    ----------
    num_parameters : int
        How many slopes there are: 1, or as many as the input has channels.
    init : float
        Their value at the start.

    Examples
    --------
    >>> from nnlite import nn
    >>> nn.PReLU()([-1.0, 2.0])
    Tensor([-0.25,  2.  ], from prelu)
    """

    takes = dict(num_parameters=integer(1), init=number(-LARGEST, LARGEST))

    def __init__(self, num_parameters: int = 1, init: float = 0.25) -> None:
        self.num_parameters = num_parameters
        self.weight = Parameter(np.full(num_parameters, init, np.float32))

    def forward(self, x: Any) -> Tensor:
        """Map (N, num_parameters, ...) to the same shape."""
        return F.prelu(x, self.weight)

    def extra_repr(self) -> str:
        """Return the number of slopes."""
        return f"num_parameters={self.num_parameters}"


class ELU(Stateless):
    """``x``, or ``alpha (exp(x) - 1)`` where it is negative.

    Parameters
    ----------
    alpha : float
        The output far below 0 is ``-alpha``.
    """

    function, takes = staticmethod(F.elu), dict(alpha=number())

    def __init__(self, alpha: float = 1.0) -> None:
        self.alpha = alpha


class SELU(Stateless):
    """A scaled ELU that keeps mean 0 and variance 1 from layer to layer."""

    function = staticmethod(F.selu)


class GELU(Stateless):
    """``x * P(X <= x)`` for a normal X.

    Parameters
    ----------
    approximate : {"none", "tanh"}
        Whether to compute an approximation by tanh instead.
    """

    function, takes = staticmethod(F.gelu), dict(approximate=word("none", "tanh"))

    def __init__(self, approximate: str = "none") -> None:
        self.approximate = approximate


class SiLU(Stateless):
    """``x * sigmoid(x)``."""

    function = staticmethod(F.silu)


class Mish(Stateless):
    """``x * tanh(softplus(x))``."""

    function = staticmethod(F.mish)


class Softplus(Stateless):
    """``log(1 + exp(beta x)) / beta``, and `x` itself where ``beta x > threshold``.

    Parameters
    ----------
    beta : float
        How sharp the bend at 0 is; any number but 0.
    threshold : float
        Above it the function is the straight line.
    """

    function, takes = staticmethod(F.softplus), dict(beta=number(), threshold=number())

    def __init__(self, beta: float = 1.0, threshold: float = 20.0) -> None:
        if beta == 0:
            raise ValueError("Softplus: beta is 0, expected another number")
        self.beta, self.threshold = beta, threshold


class Softsign(Stateless):
    """``x / (1 + |x|)``."""

    function = staticmethod(F.softsign)


class Tanh(Stateless):
    """The hyperbolic tangent."""

    function = staticmethod(F.tanh)


class Hardtanh(Stateless):
    """``x`` cut off below `min_val` and above `max_val`.

    Parameters
    ----------
    min_val, max_val : float
        The smallest and the largest output.
    """

    function, takes = staticmethod(F.hardtanh), dict(min_val=number(), max_val=number())

    def __init__(self, min_val: float = -1.0, max_val: float = 1.0) -> None:
        if min_val >= max_val:
            raise ValueError(f"Hardtanh: min_val is {min_val:g}, expected less than max_val={max_val:g}")
        self.min_val, self.max_val = min_val, max_val


class Hardswish(Stateless):
    """``x * hardsigmoid(x)``."""

    function = staticmethod(F.hardswish)


class Hardsigmoid(Stateless):
    """``x / 6 + 1/2`` cut off below 0 and above 1."""

    function = staticmethod(F.hardsigmoid)


class Sigmoid(Stateless):
    """``1 / (1 + exp(-x))``."""

    function = staticmethod(F.sigmoid)


class LogSigmoid(Stateless):
    """``log(sigmoid(x))``."""

    function = staticmethod(F.logsigmoid)


class AlongAxis(Stateless):
    """What the activations share that look along one axis.

    Parameters
    ----------
    dim : int
        The axis.
    """

    def __init__(self, dim: int = -1) -> None:
        self.dim = dim


class GLU(AlongAxis):
    """``a * sigmoid(b)`` for the two halves of the input along `dim`, which becomes half as long.

    Parameters
    ----------
    dim : int
        The axis that is halved.
    """

    function, takes = staticmethod(F.glu), dict(dim=integer())


class SwiGLU(AlongAxis):
    """``silu(a) * b`` for the two halves of the input along `dim`, which becomes half as long.

    Parameters
    ----------
    dim : int
        The axis that is halved.
    """

    function, takes = staticmethod(F.swiglu), dict(dim=integer())


class Softmax(AlongAxis):
    """Scores to probabilities that add up to 1 along `dim`.

    Parameters
    ----------
    dim : int
        The axis of the classes.
    """

    function, takes = staticmethod(F.softmax), dict(dim=integer())


class LogSoftmax(AlongAxis):
    """The logarithm of the softmax along `dim`.

    Parameters
    ----------
    dim : int
        The axis of the classes.
    """

    function, takes = staticmethod(F.log_softmax), dict(dim=integer())


class Softmin(AlongAxis):
    """The softmax of ``-x`` along `dim`.

    Parameters
    ----------
    dim : int
        The axis of the classes.
    """

    function, takes = staticmethod(F.softmin), dict(dim=integer())
