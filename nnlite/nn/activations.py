"""Activation functions as layers, for ``nn.Sequential``: each maps any shape to the same shape, unless it says more.

The formulas stand beside the functions of the same name in ``functional``.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlite import functional as F
from nnlite.arguments import integer, number, one_of
from nnlite.nn.module import Module, Parameter, Stateless
from nnlite.tensor import Tensor


class ReLU(Stateless):
    """``max(x, 0)``."""

    function = staticmethod(F.relu)


class ReLU6(Stateless):
    """``min(max(x, 0), 6)``."""

    function = staticmethod(F.relu6)


class LeakyReLU(Stateless):
    """``x``, times `negative_slope` where it is negative."""

    function, options = staticmethod(F.leaky_relu), ("negative_slope",)

    def __init__(self, negative_slope: float = 0.01) -> None:
        self.negative_slope = number(negative_slope, "LeakyReLU: negative_slope")


class PReLU(Module):
    """A leaky ReLU whose slope is learnt, one for all channels or one for each (He et al. 2015).

    Examples
    --------
    >>> PReLU()([-1.0, 2.0])
    Tensor([-0.25,  2.  ], from prelu)
    """

    def __init__(self, num_parameters: int = 1, init: float = 0.25) -> None:
        self.num_parameters = integer(num_parameters, "PReLU: num_parameters", low=1)
        self.weight = Parameter(np.full(num_parameters, number(init, "PReLU: init"), np.float32))

    def forward(self, x: Any) -> Tensor:
        """Map (N, num_parameters, ...) to the same shape."""
        return F.prelu(x, self.weight)

    def extra_repr(self) -> str:
        """Return the number of slopes."""
        return f"num_parameters={self.num_parameters}"


class ELU(Stateless):
    """``x``, or ``alpha (exp(x) - 1)`` where it is negative."""

    function, options = staticmethod(F.elu), ("alpha",)

    def __init__(self, alpha: float = 1.0) -> None:
        self.alpha = number(alpha, "ELU: alpha")


class SELU(Stateless):
    """A scaled ELU that keeps mean 0 and variance 1 from layer to layer."""

    function = staticmethod(F.selu)


class GELU(Stateless):
    """``x * P(X <= x)`` for a normal X, or its approximation by tanh."""

    function, options = staticmethod(F.gelu), ("approximate",)

    def __init__(self, approximate: str = "none") -> None:
        self.approximate = one_of(approximate, "GELU: approximate", ("none", "tanh"))


class SiLU(Stateless):
    """``x * sigmoid(x)``."""

    function = staticmethod(F.silu)


class Mish(Stateless):
    """``x * tanh(softplus(x))``."""

    function = staticmethod(F.mish)


class Softplus(Stateless):
    """``log(1 + exp(beta x)) / beta``, and `x` itself where ``beta x > threshold``."""

    function, options = staticmethod(F.softplus), ("beta", "threshold")

    def __init__(self, beta: float = 1.0, threshold: float = 20.0) -> None:
        self.beta = number(beta, "Softplus: beta")
        self.threshold = number(threshold, "Softplus: threshold")
        if self.beta == 0:
            raise ValueError("Softplus: beta is 0, expected another number")


class Softsign(Stateless):
    """``x / (1 + |x|)``."""

    function = staticmethod(F.softsign)


class Tanh(Stateless):
    """The hyperbolic tangent."""

    function = staticmethod(F.tanh)


class Hardtanh(Stateless):
    """``x`` cut off below `min_val` and above `max_val`."""

    function, options = staticmethod(F.hardtanh), ("min_val", "max_val")

    def __init__(self, min_val: float = -1.0, max_val: float = 1.0) -> None:
        self.min_val, self.max_val = number(min_val, "Hardtanh: min_val"), number(max_val, "Hardtanh: max_val")
        if self.min_val >= self.max_val:
            raise ValueError(f"Hardtanh: min_val is {min_val}, expected less than max_val={max_val}")


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
    """What the activations share that look along one axis, the last unless `dim` says otherwise."""

    options = ("dim",)

    def __init__(self, dim: int = -1) -> None:
        self.dim = integer(dim, f"{type(self).__name__}: dim")


class GLU(AlongAxis):
    """``a * sigmoid(b)`` for the two halves of the input along `dim`, which becomes half as long."""

    function = staticmethod(F.glu)


class SwiGLU(AlongAxis):
    """``silu(a) * b`` for the two halves of the input along `dim`, which becomes half as long."""

    function = staticmethod(F.swiglu)


class Softmax(AlongAxis):
    """Scores to probabilities that add up to 1 along `dim`."""

    function = staticmethod(F.softmax)


class LogSoftmax(AlongAxis):
    """The logarithm of the softmax along `dim`."""

    function = staticmethod(F.log_softmax)


class Softmin(AlongAxis):
    """The softmax of ``-x`` along `dim`."""

    function = staticmethod(F.softmin)
