"""Losses as layers: a function of the output and the target, with its options fixed.

The formulas stand beside the functions in ``functional``. Weights of classes or elements are buffers: saved with the
layer, never trained.
"""

from __future__ import annotations

from typing import Any

from nnlite import functional as F
from nnlite.contracts import flag, floats, integer, number, word
from nnlite.nn.module import Stateless

_REDUCTION = word("mean", "sum", "none")
_WEIGHTS = floats(own_dtype=True) | None


class Loss(Stateless):
    """What all losses share.

    Parameters
    ----------
    reduction : {"mean", "sum", "none"}
        Whether to return the mean over all elements, their sum, or each.
    """

    def __init__(self, reduction: str = "mean") -> None:
        self.reduction = reduction


class MSELoss(Loss):
    """``(x - target)^2`` for `x` and a target of one shape.

    Parameters
    ----------
    reduction : {"mean", "sum", "none"}
        Whether to return the mean over all elements, their sum, or each.

    Examples
    --------
    >>> from nnlite import nn
    >>> nn.MSELoss()([1.0, 2.0], [1.0, 4.0])
    Tensor(2.)
    """

    function, takes = staticmethod(F.mse_loss), dict(reduction=_REDUCTION)


class L1Loss(Loss):
    """``|x - target|`` for `x` and a target of one shape.

    Parameters
    ----------
    reduction : {"mean", "sum", "none"}
        Whether to return the mean over all elements, their sum, or each.
    """

    function, takes = staticmethod(F.l1_loss), dict(reduction=_REDUCTION)


class HuberLoss(Loss):
    """Half the square of small differences, linear beyond `delta` (Huber 1964).

    Parameters
    ----------
    reduction : {"mean", "sum", "none"}
        Whether to return the mean over all elements, their sum, or each.
    delta : float
        The difference, above 0, from which on the loss is linear.
    """

    function, takes = staticmethod(F.huber_loss), dict(reduction=_REDUCTION, delta=number(above=0))

    def __init__(self, reduction: str = "mean", delta: float = 1.0) -> None:
        self.reduction, self.delta = reduction, delta


class SmoothL1Loss(Loss):
    """The Huber loss divided by its threshold `beta`; the L1 loss if that is 0.

    Parameters
    ----------
    reduction : {"mean", "sum", "none"}
        Whether to return the mean over all elements, their sum, or each.
    beta : float
        The difference, at least 0, from which on the loss is linear.
    """

    function, takes = staticmethod(F.smooth_l1_loss), dict(reduction=_REDUCTION, beta=number(0))

    def __init__(self, reduction: str = "mean", beta: float = 1.0) -> None:
        self.reduction, self.beta = reduction, beta


class CrossEntropyLoss(Loss):
    """``-log softmax(logits)[target]``, for logits (N, C), (C,) or (N, C, ...).

    The target holds labels (N,), () or (N, ...), or class probabilities of the shape of the logits.

    Parameters
    ----------
    weight : array_like (C,), optional
        How much each class counts; the mean is weighted too.
    ignore_index : int
        Labels with this value do not count.
    reduction : {"mean", "sum", "none"}
        Whether to return the mean over all labels, the sum, or the loss of each.
    label_smoothing : float
        The probability, from 0 to 1, that is spread evenly over all classes.

    Examples
    --------
    >>> from nnlite import nn
    >>> nn.CrossEntropyLoss()([[0.0, 0.0]], [1])
    Tensor(0.6931)
    """

    function = staticmethod(F.cross_entropy)
    takes = dict(weight=_WEIGHTS, ignore_index=integer(), reduction=_REDUCTION, label_smoothing=number(0, 1))

    def __init__(
        self, weight: Any = None, ignore_index: int = -100, reduction: str = "mean", label_smoothing: float = 0.0
    ) -> None:
        self.register_buffer("weight", weight)
        self.ignore_index, self.reduction, self.label_smoothing = ignore_index, reduction, label_smoothing


class NLLLoss(Loss):
    """``-log_p[target]``, for logarithms of probabilities (N, C), (C,) or (N, C, ...) and labels (N,), () or (N, ...).

    Parameters
    ----------
    weight : array_like (C,), optional
        How much each class counts; the mean is weighted too.
    ignore_index : int
        Labels with this value do not count.
    reduction : {"mean", "sum", "none"}
        Whether to return the mean over all labels, the sum, or the loss of each.
    """

    function = staticmethod(F.nll_loss)
    takes = dict(weight=_WEIGHTS, ignore_index=integer(), reduction=_REDUCTION)

    def __init__(self, weight: Any = None, ignore_index: int = -100, reduction: str = "mean") -> None:
        self.register_buffer("weight", weight)
        self.ignore_index, self.reduction = ignore_index, reduction


class KLDivLoss(Loss):
    """``target (log target - x)``, for logarithms of probabilities `x` and a target of its shape.

    Parameters
    ----------
    reduction : {"mean", "sum", "none", "batchmean"}
        Whether to return the mean over all elements, their sum, each, or the sum divided by the length of the first
        axis, which is the divergence of the mathematics.
    log_target : bool
        Whether the target holds logarithms too.
    """

    function = staticmethod(F.kl_div)
    takes = dict(reduction=word("mean", "sum", "none", "batchmean"), log_target=flag)

    def __init__(self, reduction: str = "mean", log_target: bool = False) -> None:
        self.reduction, self.log_target = reduction, log_target


class BCELoss(Loss):
    """``-target log x - (1 - target) log(1 - x)``, for probabilities `x` and a target of its shape.

    Parameters
    ----------
    weight : array_like, optional
        How much each element counts; of a shape that broadcasts to that of `x`.
    reduction : {"mean", "sum", "none"}
        Whether to return the mean over all elements, their sum, or each.
    """

    function = staticmethod(F.binary_cross_entropy)
    takes = dict(weight=_WEIGHTS, reduction=_REDUCTION)

    def __init__(self, weight: Any = None, reduction: str = "mean") -> None:
        self.register_buffer("weight", weight)
        self.reduction = reduction


class BCEWithLogitsLoss(Loss):
    """The binary cross-entropy of ``sigmoid(x)``, for scores `x` and a target of their shape.

    Parameters
    ----------
    weight : array_like, optional
        How much each element counts; of a shape that broadcasts to that of `x`.
    reduction : {"mean", "sum", "none"}
        Whether to return the mean over all elements, their sum, or each.
    pos_weight : array_like, optional
        How much the positive class counts; of a shape that broadcasts to that of `x`.
    """

    function = staticmethod(F.binary_cross_entropy_with_logits)
    takes = dict(weight=_WEIGHTS, reduction=_REDUCTION, pos_weight=_WEIGHTS)

    def __init__(self, weight: Any = None, reduction: str = "mean", pos_weight: Any = None) -> None:
        self.register_buffer("weight", weight)
        self.register_buffer("pos_weight", pos_weight)
        self.reduction = reduction


class GaussianNLLLoss(Loss):
    """``(log var + (x - target)^2 / var) / 2``, called with `x`, a target of its shape and the variance.

    Parameters
    ----------
    full : bool
        Whether to add the constant ``log(2 pi) / 2``.
    eps : float
        The least variance: smaller ones count as this.
    reduction : {"mean", "sum", "none"}
        Whether to return the mean over all elements, their sum, or each.
    """

    function = staticmethod(F.gaussian_nll_loss)
    takes = dict(full=flag, eps=number(0), reduction=_REDUCTION)

    def __init__(self, *, full: bool = False, eps: float = 1e-6, reduction: str = "mean") -> None:
        self.full, self.eps, self.reduction = full, eps, reduction


class HingeEmbeddingLoss(Loss):
    """``x`` where the target is +1, ``max(0, margin - x)`` where it is -1; both of one shape.

    Parameters
    ----------
    margin : float
        Where the target is -1, an `x` above this costs nothing.
    reduction : {"mean", "sum", "none"}
        Whether to return the mean over all elements, their sum, or each.
    """

    function = staticmethod(F.hinge_embedding_loss)
    takes = dict(margin=number(), reduction=_REDUCTION)

    def __init__(self, margin: float = 1.0, reduction: str = "mean") -> None:
        self.margin, self.reduction = margin, reduction


class MarginRankingLoss(Loss):
    """``max(0, -target (x1 - x2) + margin)``, called with x1, x2 and the target -1 or +1, all of one shape.

    Parameters
    ----------
    margin : float
        By how much the right one of the two should be larger.
    reduction : {"mean", "sum", "none"}
        Whether to return the mean over all elements, their sum, or each.
    """

    function = staticmethod(F.margin_ranking_loss)
    takes = dict(margin=number(), reduction=_REDUCTION)

    def __init__(self, margin: float = 0.0, reduction: str = "mean") -> None:
        self.margin, self.reduction = margin, reduction


class SoftMarginLoss(Loss):
    """``log(1 + exp(-target x))`` for `x` and a target of its shape that is -1 or +1.

    Parameters
    ----------
    reduction : {"mean", "sum", "none"}
        Whether to return the mean over all elements, their sum, or each.
    """

    function, takes = staticmethod(F.soft_margin_loss), dict(reduction=_REDUCTION)


class MultiMarginLoss(Loss):
    """The hinge loss of several classes, for scores (N, C) or (C,) and labels (N,) or ().

    Parameters
    ----------
    p : {1, 2}
        The power of each shortfall.
    margin : float
        By how much every wrong score should stay below the right one.
    weight : array_like (C,), optional
        How much each class counts.
    reduction : {"mean", "sum", "none"}
        Whether to return the mean over all rows, their sum, or each.
    """

    function = staticmethod(F.multi_margin_loss)
    takes = dict(p=integer(1, 2), margin=number(), weight=_WEIGHTS, reduction=_REDUCTION)

    def __init__(self, p: int = 1, margin: float = 1.0, weight: Any = None, reduction: str = "mean") -> None:
        self.register_buffer("weight", weight)
        self.p, self.margin, self.reduction = p, margin, reduction


class PerceptronLoss(Loss):
    """``max(0, -target x)``, the loss of Rosenblatt's perceptron, for `x` and a target of its shape, -1 or +1.

    Parameters
    ----------
    reduction : {"mean", "sum", "none"}
        Whether to return the mean over all elements, their sum, or each.
    """

    function, takes = staticmethod(F.perceptron_loss), dict(reduction=_REDUCTION)
