"""Wrong answers to the perceptron's exercises."""

from __future__ import annotations

import numpy as np

from nnlite.course.mistakes import mistake


@mistake("perceptron.loss", "The sign is flipped: a wrong point has y wᵀx < 0, so that -y wᵀx is what you add up.")
def loss_sign_flipped(w, X, y):
    margin = y * (X @ w)
    return float(margin[margin < 0].sum())


@mistake("perceptron.loss", "You count the correct points too: only misclassified points belong in the sum.")
def loss_counts_correct_points(w, X, y):
    return float(-(y * (X @ w)).sum())


@mistake("perceptron.loss", "You count the correct points too, by their distance: a right answer costs nothing.")
def loss_absolute_value(w, X, y):
    return float(np.abs(X @ w).sum())


@mistake("perceptron.loss", "You sum over the correctly classified points: turn the comparison round.")
def loss_sums_correct_points(w, X, y):
    margin = y * (X @ w)
    return float(margin[margin > 0].sum())


@mistake(
    "perceptron.loss", "You sum over the correctly classified points, and with a minus: turn the comparison round."
)
def loss_sums_correct_points_negated(w, X, y):
    margin = y * (X @ w)
    return float(-margin[margin > 0].sum())


@mistake("perceptron.loss", "You took the mean over all points instead of the sum.")
def loss_mean_instead_of_sum(w, X, y):
    return float(np.maximum(-y * (X @ w), 0).mean())


@mistake("perceptron.loss", "You took the mean over the misclassified points instead of the sum.")
def loss_mean_over_the_wrong(w, X, y):
    margin = y * (X @ w)
    return float(-margin[margin < 0].mean()) if (margin < 0).any() else 0.0


@mistake("perceptron.loss", "You counted the mistakes: each wrong point should weigh as much as it is wrong, -y wᵀx.")
def loss_counts_mistakes(w, X, y):
    return float((y * (X @ w) < 0).sum())


@mistake(
    "perceptron.loss", "You counted the mistakes, net = 0 among them: each wrong point should weigh -y wᵀx, not 1."
)
def loss_counts_mistakes_and_ties(w, X, y):
    return float((y * (X @ w) <= 0).sum())


@mistake("perceptron.loss", "This is the hinge loss, max(0, 1 - y wᵀx): the perceptron asks for no margin of 1.")
def loss_hinge(w, X, y):
    return float(np.maximum(0, 1 - y * (X @ w)).sum())


@mistake("perceptron.loss", "You squared the distances: the perceptron's loss is piecewise linear.")
def loss_squared(w, X, y):
    return float((np.minimum(y * (X @ w), 0) ** 2).sum())


@mistake("perceptron.loss", "You left out the label y: whether net wᵀx is wrong depends on it.")
def loss_without_label(w, X, y):
    net = X @ w
    return float(-net[net < 0].sum())


@mistake("perceptron.loss", "You did not sum over the points: the loss is one number for all of them.")
def loss_not_summed(w, X, y):
    return np.maximum(-y * (X @ w), 0)


@mistake("perceptron.loss", "You only took the worst point: the loss is the sum over all misclassified ones.")
def loss_worst_point(w, X, y):
    return float(np.maximum(-y * (X @ w), 0).max())
