"""Losses as layers: a function of the output and the target, with its options fixed.

The formulas stand beside the functions in ``functional``. ``reduction`` is "mean", "sum" or "none" everywhere. Weights
of classes or elements are buffers: saved with the layer, never trained.
"""

from __future__ import annotations

from typing import Any

from nnlite import functional as F
from nnlite.arguments import boolean, float_array, integer, number, one_of
from nnlite.nn.module import Stateless
from nnlite.tensor import as_plain


class Loss(Stateless):
    """What all losses share: the reduction, and the optional weights as buffers.

    Examples
    --------
    >>> MSELoss()([1.0, 2.0], [1.0, 4.0])
    Tensor(2.)
    """

    options: tuple[str, ...] = ("reduction",)
    reductions: tuple[str, ...] = ("mean", "sum", "none")

    def __init__(self, reduction: str = "mean") -> None:
        self.reduction = one_of(reduction, f"{type(self).__name__}: reduction", self.reductions)

    def _weights(self, **weights: Any) -> None:
        for name, value in weights.items():
            if value is not None:
                value = float_array(as_plain(value), f"{type(self).__name__}: {name}")
            self.register_buffer(name, value)


class MSELoss(Loss):
    """``(x - target)^2``."""

    function = staticmethod(F.mse_loss)


class L1Loss(Loss):
    """``|x - target|``."""

    function = staticmethod(F.l1_loss)


class HuberLoss(Loss):
    """Half the square of small differences, linear beyond `delta` (Huber 1964)."""

    function, options = staticmethod(F.huber_loss), ("reduction", "delta")

    def __init__(self, reduction: str = "mean", delta: float = 1.0) -> None:
        super().__init__(reduction)
        self.delta = number(delta, "HuberLoss: delta", low=0)
        if self.delta == 0:
            raise ValueError("HuberLoss: delta is 0, expected a number > 0")


class SmoothL1Loss(Loss):
    """The Huber loss divided by its threshold `beta`; the L1 loss if that is 0."""

    function, options = staticmethod(F.smooth_l1_loss), ("reduction", "beta")

    def __init__(self, reduction: str = "mean", beta: float = 1.0) -> None:
        super().__init__(reduction)
        self.beta = number(beta, "SmoothL1Loss: beta", low=0)


class CrossEntropyLoss(Loss):
    """``-log softmax(logits)[target]`` for labels or class probabilities.

    Examples
    --------
    >>> CrossEntropyLoss()([[0.0, 0.0]], [1])
    Tensor(0.6931)
    """

    function = staticmethod(F.cross_entropy)
    options = ("weight", "ignore_index", "reduction", "label_smoothing")

    def __init__(
        self, weight: Any = None, ignore_index: int = -100, reduction: str = "mean", label_smoothing: float = 0.0
    ) -> None:
        super().__init__(reduction)
        self._weights(weight=weight)
        self.ignore_index = integer(ignore_index, "CrossEntropyLoss: ignore_index")
        self.label_smoothing = number(label_smoothing, "CrossEntropyLoss: label_smoothing", low=0, high=1)


class NLLLoss(Loss):
    """``-log_p[target]`` for logarithms of probabilities and labels."""

    function, options = staticmethod(F.nll_loss), ("weight", "ignore_index", "reduction")

    def __init__(self, weight: Any = None, ignore_index: int = -100, reduction: str = "mean") -> None:
        super().__init__(reduction)
        self._weights(weight=weight)
        self.ignore_index = integer(ignore_index, "NLLLoss: ignore_index")


class KLDivLoss(Loss):
    """``target (log target - x)`` for logarithms `x`; the reduction "batchmean" is the one of the mathematics."""

    function, options = staticmethod(F.kl_div), ("reduction", "log_target")
    reductions = (*Loss.reductions, "batchmean")

    def __init__(self, reduction: str = "mean", log_target: bool = False) -> None:
        super().__init__(reduction)
        self.log_target = boolean(log_target, "KLDivLoss: log_target")


class BCELoss(Loss):
    """``-target log x - (1 - target) log(1 - x)`` for probabilities `x`."""

    function, options = staticmethod(F.binary_cross_entropy), ("weight", "reduction")

    def __init__(self, weight: Any = None, reduction: str = "mean") -> None:
        super().__init__(reduction)
        self._weights(weight=weight)


class BCEWithLogitsLoss(Loss):
    """The binary cross-entropy of ``sigmoid(x)``; `pos_weight` weighs the positive class."""

    function, options = staticmethod(F.binary_cross_entropy_with_logits), ("weight", "reduction", "pos_weight")

    def __init__(self, weight: Any = None, reduction: str = "mean", pos_weight: Any = None) -> None:
        super().__init__(reduction)
        self._weights(weight=weight, pos_weight=pos_weight)


class GaussianNLLLoss(Loss):
    """``(log var + (x - target)^2 / var) / 2``, called with `x`, the target and the variance."""

    function, options = staticmethod(F.gaussian_nll_loss), ("full", "eps", "reduction")

    def __init__(self, *, full: bool = False, eps: float = 1e-6, reduction: str = "mean") -> None:
        super().__init__(reduction)
        self.full, self.eps = boolean(full, "GaussianNLLLoss: full"), number(eps, "GaussianNLLLoss: eps", low=0)


class HingeEmbeddingLoss(Loss):
    """``x`` where the target is +1, ``max(0, margin - x)`` where it is -1."""

    function, options = staticmethod(F.hinge_embedding_loss), ("margin", "reduction")

    def __init__(self, margin: float = 1.0, reduction: str = "mean") -> None:
        super().__init__(reduction)
        self.margin = number(margin, "HingeEmbeddingLoss: margin")


class MarginRankingLoss(Loss):
    """``max(0, -target (x1 - x2) + margin)``, called with x1, x2 and the target."""

    function, options = staticmethod(F.margin_ranking_loss), ("margin", "reduction")

    def __init__(self, margin: float = 0.0, reduction: str = "mean") -> None:
        super().__init__(reduction)
        self.margin = number(margin, "MarginRankingLoss: margin")


class SoftMarginLoss(Loss):
    """``log(1 + exp(-target x))``."""

    function = staticmethod(F.soft_margin_loss)


class MultiMarginLoss(Loss):
    """The hinge loss of several classes: every wrong score shall stay `margin` below the right one."""

    function, options = staticmethod(F.multi_margin_loss), ("p", "margin", "weight", "reduction")

    def __init__(self, p: int = 1, margin: float = 1.0, weight: Any = None, reduction: str = "mean") -> None:
        super().__init__(reduction)
        self.p = integer(p, "MultiMarginLoss: p", low=1, high=2)
        self.margin = number(margin, "MultiMarginLoss: margin")
        self._weights(weight=weight)


class PerceptronLoss(Loss):
    """``max(0, -target x)``, the loss of Rosenblatt's perceptron."""

    function = staticmethod(F.perceptron_loss)
