"""metrics.confusion_matrix: the confusion matrix."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlite.course.checks import drawn, same
from nnlite.course.checks import strategies as st
from nnlite.course.exercise import Exercise

EXERCISE = Exercise(
    "metrics.confusion_matrix",
    module="nnlite.training.metrics",
    minutes=20,
    points=2,
    teaches="which class is taken for which; counting with a product of two tables of 0 and 1",
    presumes=("comparison of arrays", "broadcasting"),
    hints=(
        "Begin with zeros of shape (K, K) and dtype int64. Which cell does one point count in? Its row is the "
        "place of its right class among the classes.",
        "A loop over i and j is right: M[i, j] = how often y == classes[i] and predicted == classes[j] hold "
        "together. Can it be done without a loop? y[:, None] == classes is a table (N, K).",
        "right = (y[:, None] == classes).astype(np.int64) and given, the same of predicted, hold a single 1 in "
        "each row. right.T @ given counts where both ones meet.",
    ),
    returns=("the confusion matrix",),
)


@st.composite
def answers(draw: Any) -> Any:
    """A few classes in any order, right answers and given ones."""
    classes = draw(st.permutations([2, 4, -1, 9]))[: draw(st.integers(2, 4))]
    n = draw(st.integers(1, 5))
    y, predicted = (np.array(draw(st.lists(st.sampled_from(classes), min_size=n, max_size=n))) for _ in range(2))
    return y, predicted, np.array(classes)


def counted(y: Any, predicted: Any, classes: Any) -> Any:
    """Cell by cell."""
    return np.array([[sum((y == c) & (predicted == d)) for d in classes] for c in classes])


@EXERCISE.check
class TestConfusionMatrix:
    """The confusion matrix."""

    @drawn(answer=answers(), examples=50)
    def test_counts_pairs(self, student, answer):
        """M[i, j] is the number of points of class i, counted in the order of classes, that were given class j."""
        y, predicted, classes = answer
        same(student(y, predicted, classes), counted(y, predicted, classes), "the confusion matrix")

    @drawn(answer=answers(), examples=15)
    def test_all_right(self, student, answer):
        """When every answer is right, all points stand on the diagonal and nothing beside it."""
        y, _, classes = answer
        same(student(y, y.copy(), classes), np.diag([sum(y == c) for c in classes]), "the confusion matrix")

    @drawn(seed=st.integers(0, 99), examples=3)
    def test_many_points(self, student, seed):
        """The same holds for 300 points of 26 classes."""
        rng = np.random.default_rng(seed)
        y, predicted = rng.integers(0, 26, (2, 300))
        classes = np.arange(26)
        same(student(y, predicted, classes), counted(y, predicted, classes), "the confusion matrix")


@EXERCISE.mistake("Rows and columns are exchanged: the right answer names the row.")
def confusion_matrix_transposed(y, predicted, classes):
    return (predicted[:, None] == classes).astype(np.int64).T @ (y[:, None] == classes)


@EXERCISE.mistake("M[rows, columns] += 1 counts a cell that is named several times only once.")
def confusion_matrix_counts_once(y, predicted, classes):
    M = np.zeros((len(classes), len(classes)), np.int64)
    M[(y[:, None] == classes).argmax(1), (predicted[:, None] == classes).argmax(1)] += 1
    return M


@EXERCISE.mistake("You divided by the points of each class: the matrix holds counts, whole numbers.")
def confusion_matrix_shares(y, predicted, classes):
    M = (y[:, None] == classes).astype(np.int64).T @ (predicted[:, None] == classes)
    return M / np.maximum(M.sum(1, keepdims=True), 1)


@EXERCISE.mistake("Your counts are floats: begin with zeros of dtype np.int64.")
def confusion_matrix_floats(y, predicted, classes):
    return (y[:, None] == classes).astype(float).T @ (predicted[:, None] == classes)


@EXERCISE.mistake("You sorted the classes: rows and columns follow the order of the argument classes.")
def confusion_matrix_sorted(y, predicted, classes):
    classes = np.sort(classes)
    return (y[:, None] == classes).astype(np.int64).T @ (predicted[:, None] == classes)


@EXERCISE.mistake("You left the right answers out: they stand on the diagonal.")
def confusion_matrix_mistakes_only(y, predicted, classes):
    M = (y[:, None] == classes).astype(np.int64).T @ (predicted[:, None] == classes)
    return M - np.diag(np.diag(M))


@EXERCISE.mistake("You only counted the right answers: the mistakes belong beside the diagonal.")
def confusion_matrix_diagonal_only(y, predicted, classes):
    M = (y[:, None] == classes).astype(np.int64).T @ (predicted[:, None] == classes)
    return np.diag(np.diag(M))


@EXERCISE.mistake("You use a class itself as the number of its row: its row is its place in classes.")
def confusion_matrix_class_as_row(y, predicted, classes):
    M = np.zeros((len(classes), len(classes)), np.int64)
    for i, j in zip(y, predicted):
        M[i, j] += 1
    return M


@EXERCISE.mistake(
    "You look classes up in a table by their own number: a class of -1 then means the table's last entry."
)
def confusion_matrix_table(y, predicted, classes):
    place = np.zeros(classes.max() + 1, np.int64)
    place[classes] = np.arange(len(classes))
    M = np.zeros((len(classes), len(classes)), np.int64)
    np.add.at(M, (place[y], place[predicted]), 1)
    return M
