"""split.folds: the folds of cross-validation."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlite.course.checks import drawn, same
from nnlite.course.checks import strategies as st
from nnlite.course.exercise import Exercise

EXERCISE = Exercise(
    "split.folds",
    module="nnlite.data.split",
    minutes=25,
    points=3,
    teaches="k-fold cross-validation with the classes spread evenly; writing to places named by an index array",
    presumes=("argsort", "index arrays"),
    hints=(
        "First lay the cards out, then deal them. If all points were of one class, the i-th card laid out is "
        "the point order[i], and its fold is i modulo k.",
        "To lay them out class after class, sort by class, but keep the points of one class as they stand in "
        "order. y[order] are the classes in that order; a stable argsort sorts them and keeps equals in order.",
        'dealt = order[np.argsort(y[order], kind="stable")] are the cards. The i-th of them gets fold i % k: '
        "write fold[dealt] = np.arange(N) % k into an empty array of int64.",
    ),
    returns=("the folds",),
)


@st.composite
def decks(draw: Any) -> Any:
    """A few points of up to three classes, in any order, and a number of folds."""
    n = draw(st.integers(2, 7))
    y = np.array(draw(st.lists(st.sampled_from([0, 1, -1]), min_size=n, max_size=n)))
    return y, np.array(draw(st.permutations(range(n)))), draw(st.integers(2, min(n, 4)))


def dealt(y: Any, order: Any, k: int) -> Any:
    """Card by card."""
    fold, i = np.empty(len(y), np.int64), 0
    for c in sorted(set(y.tolist())):
        for point in order:
            if y[point] == c:
                fold[point] = i % k
                i += 1
    return fold


@EXERCISE.check
class TestFolds:
    """The folds of cross-validation."""

    @drawn(deck=decks(), examples=50)
    def test_dealt_like_cards(self, student, deck):
        """The i-th point of those laid out, class after class and as order names them, goes to fold i modulo k."""
        y, order, k = deck
        same(student(y, order, k), dealt(y, order, k), "the folds")

    @drawn(deck=decks(), examples=15)
    def test_without_classes(self, student, deck):
        """When all points are of one class, the i-th point that order names goes to fold i modulo k."""
        y, order, k = deck
        expected = np.empty(len(y), np.int64)
        for i, point in enumerate(order):
            expected[point] = i % k
        same(student(np.zeros_like(y), order, k), expected, "the folds")

    @drawn(deck=decks(), examples=25)
    def test_every_fold_is_like_the_whole(self, student, deck):
        """Two folds differ by at most one point, and by at most one point of each class."""
        y, order, k = deck
        fold = student(y, order, k)
        for points in (y >= -1, *(y == c for c in (-1, 0, 1))):
            held = [int((fold[points] == i).sum()) for i in range(k)]
            even = sorted((points.sum() + i) // k for i in range(k))
            same(np.sort(held), np.array(even), "the folds", f"The folds hold {held} points of {points.sum()}.")

    @drawn(seed=st.integers(0, 99), examples=3)
    def test_many_points(self, student, seed):
        """The same holds for 200 points of 10 classes, dealt out to 7 folds."""
        rng = np.random.default_rng(seed)
        y, order = rng.integers(0, 10, 200), rng.permutation(200)
        same(student(y, order, 7), dealt(y, order, 7), "the folds")


@EXERCISE.mistake("You take the classes to be 0, 1, 2, …: they may be -1 and +1 as well (np.unique finds them).")
def folds_classes_from_zero(y, order, k):
    fold, i = np.zeros(len(y), np.int64), 0
    for c in range(y.max() + 1):
        points = order[y[order] == c]
        fold[points] = (i + np.arange(len(points))) % k
        i += len(points)
    return fold


@EXERCISE.mistake("You deal the points as order names them, whatever their class: lay them out class after class.")
def folds_without_classes(y, order, k):
    fold = np.empty(len(y), np.int64)
    fold[order] = np.arange(len(y)) % k
    return fold


@EXERCISE.mistake("You ignore order: inside a class the points are dealt in the order that it names.")
def folds_without_order(y, order, k):
    fold = np.empty(len(y), np.int64)
    fold[np.argsort(y, kind="stable")] = np.arange(len(y)) % k
    return fold


@EXERCISE.mistake("You cut the row of points into k blocks: deal them round, one to each fold in turn.")
def folds_of_blocks(y, order, k):
    fold = np.empty(len(y), np.int64)
    fold[order[np.argsort(y[order], kind="stable")]] = np.arange(len(y)) * k // len(y)
    return fold


@EXERCISE.mistake("You start afresh with fold 0 for each class: the round goes on from class to class.")
def folds_afresh_for_each_class(y, order, k):
    fold = np.empty(len(y), np.int64)
    for c in np.unique(y):
        points = order[y[order] == c]
        fold[points] = np.arange(len(points)) % k
    return fold


@EXERCISE.mistake("You read where you should write: fold[dealt] = numbers, not numbers[dealt].")
def folds_reads_for_writes(y, order, k):
    return (np.arange(len(y), dtype=np.int64) % k)[order[np.argsort(y[order], kind="stable")]]


@EXERCISE.mistake("You sort y and not y[order]: argsort then speaks of other places than order does.")
def folds_sorts_y_itself(y, order, k):
    fold = np.empty(len(y), np.int64)
    fold[order[np.argsort(y, kind="stable")]] = np.arange(len(y)) % k
    return fold


@EXERCISE.mistake("You begin with the largest class: the classes come in ascending order.")
def folds_descending(y, order, k):
    fold = np.empty(len(y), np.int64)
    fold[order[np.argsort(-y[order], kind="stable")]] = np.arange(len(y)) % k
    return fold


@EXERCISE.mistake("You count the folds from 1: the first is fold 0.")
def folds_from_one(y, order, k):
    fold = np.empty(len(y), np.int64)
    fold[order[np.argsort(y[order], kind="stable")]] = np.arange(len(y)) % k + 1
    return fold


@EXERCISE.mistake("You return the points in the order in which they are dealt: return the fold of each point.")
def folds_returns_the_cards(y, order, k):
    return order[np.argsort(y[order], kind="stable")]


@EXERCISE.mistake("You deal the points of a class backwards: keep them as order names them.")
def folds_backwards(y, order, k):
    back = order[::-1]
    fold = np.empty(len(y), np.int64)
    fold[back[np.argsort(y[back], kind="stable")]] = np.arange(len(y)) % k
    return fold
