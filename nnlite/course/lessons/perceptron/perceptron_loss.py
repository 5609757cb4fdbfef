"""perceptron.loss: the perceptron's piecewise-linear loss."""

from __future__ import annotations

import numpy as np

from nnlite.course.checks import drawn, same
from nnlite.course.checks import strategies as st
from nnlite.course.exercise import Exercise
from nnlite.course.lessons.perceptron.drawn import problems

EXERCISE = Exercise(
    "perceptron.loss",
    module="nnlite.models.neurons.perceptron",
    minutes=15,
    points=2,
    teaches="the perceptron's piecewise-linear loss; a mask in place of a loop",
    presumes=("net = wᵀx",),
    hints=(
        "A point is misclassified when its label y and its net wᵀx have different signs. "
        "Which single number tells you that?",
        "y * (X @ w) holds one number per point: positive where the answer is right, negative where "
        "it is wrong. Only the negative ones count.",
        "margin = y * (X @ w); then margin[margin < 0] are the wrong points' margins, and the loss is minus their sum.",
    ),
    returns=("the loss",),
)


@EXERCISE.check
class TestLoss:
    """The perceptron's piecewise-linear loss."""

    @drawn(problem=problems(), examples=50)
    def test_sum_over_the_misclassified(self, student, problem):
        """The loss is the sum of -y wᵀx over the misclassified points."""
        w, X, y = problem
        wrong = [(x, label) for x, label in zip(X, y) if label * (w @ x) < 0]
        same(student(w, X, y), float(sum(-label * (w @ x) for x, label in wrong)), "the loss")

    @drawn(problem=problems(), examples=20)
    def test_zero_when_all_are_right(self, student, problem):
        """When every point is on its right side the loss is 0, however far from the line they lie."""
        w, X, _ = problem
        y = np.where(X @ w >= 0, 1, -1).astype(X.dtype)
        same(student(w, X, y), 0.0, "the loss")

    @drawn(problem=problems(), factor=st.integers(2, 50), examples=20)
    def test_grows_with_the_weights(self, student, problem, factor):
        """Weights twice as long give twice the loss: it is linear along every ray from w = 0."""
        w, X, y = problem
        same(student(factor * w, X, y), factor * np.maximum(-y * (X @ w), 0).sum(), "the loss")

    @drawn(seed=st.integers(0, 99), examples=5)
    def test_many_points(self, student, seed):
        """The same holds for two hundred points with ten features."""
        rng = np.random.default_rng(seed)
        w, X, y = rng.normal(size=10), rng.normal(size=(200, 10)), rng.choice([-1.0, 1.0], 200)
        same(student(w, X, y), np.maximum(-y * (X @ w), 0).sum(), "the loss")


@EXERCISE.mistake("The sign is flipped: a wrong point has y wᵀx < 0, so that -y wᵀx is what you add up.")
def loss_sign_flipped(w, X, y):
    margin = y * (X @ w)
    return float(margin[margin < 0].sum())


@EXERCISE.mistake("You count the correct points too: only misclassified points belong in the sum.")
def loss_counts_correct_points(w, X, y):
    return float(-(y * (X @ w)).sum())


@EXERCISE.mistake("You count the correct points too, by their distance: a right answer costs nothing.")
def loss_absolute_value(w, X, y):
    return float(np.abs(X @ w).sum())


@EXERCISE.mistake("You sum over the correctly classified points: turn the comparison round.")
def loss_sums_correct_points(w, X, y):
    margin = y * (X @ w)
    return float(margin[margin > 0].sum())


@EXERCISE.mistake("You sum over the correctly classified points, and with a minus: turn the comparison round.")
def loss_sums_correct_points_negated(w, X, y):
    margin = y * (X @ w)
    return float(-margin[margin > 0].sum())


@EXERCISE.mistake("You took the mean over all points instead of the sum.")
def loss_mean_instead_of_sum(w, X, y):
    return float(np.maximum(-y * (X @ w), 0).mean())


@EXERCISE.mistake("You took the mean over the misclassified points instead of the sum.")
def loss_mean_over_the_wrong(w, X, y):
    margin = y * (X @ w)
    return float(-margin[margin < 0].mean()) if (margin < 0).any() else 0.0


@EXERCISE.mistake("You counted the mistakes: each wrong point should weigh as much as it is wrong, -y wᵀx.")
def loss_counts_mistakes(w, X, y):
    return float((y * (X @ w) < 0).sum())


@EXERCISE.mistake("You counted the mistakes, net = 0 among them: each wrong point should weigh -y wᵀx, not 1.")
def loss_counts_mistakes_and_ties(w, X, y):
    return float((y * (X @ w) <= 0).sum())


@EXERCISE.mistake("This is the hinge loss, max(0, 1 - y wᵀx): the perceptron asks for no margin of 1.")
def loss_hinge(w, X, y):
    return float(np.maximum(0, 1 - y * (X @ w)).sum())


@EXERCISE.mistake("You squared the distances: the perceptron's loss is piecewise linear.")
def loss_squared(w, X, y):
    return float((np.minimum(y * (X @ w), 0) ** 2).sum())


@EXERCISE.mistake("You left out the label y: whether net wᵀx is wrong depends on it.")
def loss_without_label(w, X, y):
    net = X @ w
    return float(-net[net < 0].sum())


@EXERCISE.mistake("You did not sum over the points: the loss is one number for all of them.")
def loss_not_summed(w, X, y):
    return np.maximum(-y * (X @ w), 0)


@EXERCISE.mistake("You only took the worst point: the loss is the sum over all misclassified ones.")
def loss_worst_point(w, X, y):
    return float(np.maximum(-y * (X @ w), 0).max())
