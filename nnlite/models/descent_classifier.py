"""A classifier by gradient descent: what the logistic neuron and softmax regression share.

Both add to their mean loss a price for large weights, w_0 (the bias) left out, and go down::

    L(w) = loss(w) + l2 / 2  sum_i w_i^2          w  <-  w - rate (gradient(w) + l2 w)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from nnlite.arguments import Array
from nnlite.contracts import above, flag, integer, number, rng, trust_ours, unchecked
from nnlite.models.estimator import LinearClassifier
from nnlite.models.neurons.neuron import with_bias
from nnlite.random import generator
from nnlite.training.descent import curvature, largest_squared_norm, minimise, safe_rate


@dataclass(repr=False, eq=False)
class DescentClassifier(LinearClassifier):
    """A classifier that goes down a smooth loss of its own: what the logistic neuron and softmax regression share.

    A subclass brings its ``loss`` and ``gradient``, functions of weights, points and targets; ``curvature_bound``, an
    upper bound on d²loss/dnet²; what a class is turned into for the loss; and where the weights begin.

    Parameters
    ----------
    l2, max_iter, learning_rate, batch_size, momentum, fit_intercept, tol, rng
        As :class:`~nnlite.models.neurons.logistic.LogisticNeuron` describes them.
    """

    loss: ClassVar[Any]
    gradient: ClassVar[Any]
    curvature_bound: ClassVar[float]
    options: ClassVar = dict(
        l2=number(0),
        tol=number(0),
        max_iter=integer(1),
        learning_rate=above(0) | None,
        batch_size=integer(1) | None,
        momentum=number(0, 1),
        fit_intercept=flag,
        rng=rng,
    )

    l2: float = 0.0
    max_iter: int = 1000
    learning_rate: float | None = None
    batch_size: int | None = None
    momentum: float = 0.0
    fit_intercept: bool = True
    tol: float = 1e-4
    rng: np.random.Generator | int | None = None

    def _targets(self, codes: Array, dtype: Any) -> Array:
        """What the loss wants to hear of the classes, by default their numbers."""
        return codes

    def _start(self, classes: int, inputs: int, dtype: Any) -> Array:
        """The weights to begin with, by default a row of zeros for each class."""
        return np.zeros((classes, inputs), dtype)

    @unchecked
    def fit(self, X: Any, y: Any) -> Any:
        """Learn from points `X` (N, n) and their classes `y` (N,).

        Raises
        ------
        TypeError
            If `X` does not hold real numbers or a constructor argument has the wrong type.
        ValueError
            If `X` is empty or holds NaN or infinity, `y` does not match or has too few or too many classes, or a
            constructor argument is out of range.
        FloatingPointError
            If the learning rate is so large that the weights grow without bound.
        """
        options, rng = self._checked_options(), generator(self.rng)
        X, classes, codes = self._checked_data(X, y)
        points = with_bias(X) if self.fit_intercept else X
        steepest = curvature(points) if options.batch_size is None else largest_squared_norm(points)
        w = self._start(len(classes), points.shape[1], points.dtype)
        decay = np.full_like(w, options.l2)
        if self.fit_intercept:
            decay[..., 0] = 0

        loss, gradient = trust_ours(self.loss), trust_ours(self.gradient)

        def penalised_loss(w: Array, X: Array, y: Array) -> float:
            return loss(w, X, y) + float((decay * w**2).sum()) / 2

        def penalised_gradient(w: Array, X: Array, y: Array) -> Array:
            return gradient(w, X, y) + decay * w

        w, losses = minimise(
            penalised_loss,
            penalised_gradient,
            w,
            points,
            self._targets(codes, X.dtype),
            learning_rate=options.learning_rate or safe_rate(steepest * self.curvature_bound + options.l2),
            epochs=options.max_iter,
            batch_size=options.batch_size,
            momentum=options.momentum,
            tol=options.tol,
            rng=rng,
        )
        self._keep(classes, w)
        self.n_iter_ = len(losses)
        self.loss_per_epoch_ = losses
        return self
