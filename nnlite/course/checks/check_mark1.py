"""Checks of the Mark I's functions and of those that judge a learner."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from nnlite.course.checks import drawn, same

FLOATS = st.sampled_from([np.float64, np.float32])


def table(draw: Any, rows: int, columns: int, entry: Any, dtype: Any) -> Any:
    """Draw an array (rows, columns)."""
    return np.array(
        draw(st.lists(st.lists(entry, min_size=columns, max_size=columns), min_size=rows, max_size=rows)), dtype
    )


@st.composite
def machines(draw: Any) -> Any:
    """A few wires and a few pictures."""
    n, s, a = (draw(st.integers(1, 3)) for _ in range(3))
    dtype = draw(FLOATS)
    return table(draw, s, a, st.sampled_from([1, -1, 0]), dtype), table(draw, n, s, st.sampled_from([1, 0]), dtype)


def fires(C: Any, S: Any, threshold: float) -> Any:
    """Each A-unit by itself."""
    return np.array([[float(sum(s * wire) >= threshold) for wire in C.T] for s in S])


class TestAssociate:
    """The association units."""

    exercise = "mark1.associate"

    @drawn(machine=machines(), threshold=st.sampled_from([1, 0, 2, -1, 0.5, 1.5]), examples=40)
    def test_fires_from_the_threshold_on(self, student, machine, threshold):
        """An A-unit is 1 where the sum over its wires is at least the threshold, else 0."""
        C, S = machine
        same(student(C, S, float(threshold)), fires(C, S, threshold), "the A-units")

    @drawn(machine=machines(), examples=15)
    def test_threshold_of_one(self, student, machine):
        """Called without a threshold, it is 1: the unit fires when more wires excite it than inhibit it."""
        C, S = machine
        same(student(C, S), fires(C, S, 1), "the A-units")

    @drawn(seed=st.integers(0, 99), examples=3)
    def test_a_retina(self, student, seed):
        """The same holds for 26 pictures on a retina of 100 S-units, wired to 40 A-units."""
        rng = np.random.default_rng(seed)
        C, S = rng.integers(-1, 2, (100, 40)).astype(np.float32), rng.integers(0, 2, (26, 100)).astype(np.float32)
        same(student(C, S), fires(C, S, 1), "the A-units")


@st.composite
def lessons(draw: Any) -> Any:
    """A few R-units, the A-units they see, and what they should say."""
    r, d = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    dtype = draw(FLOATS)
    w = table(draw, r, d, st.integers(-3, 3), dtype)
    a = np.array([1, *draw(st.lists(st.sampled_from([1, 0]), min_size=d - 1, max_size=d - 1))], dtype)
    return w, a, np.array(draw(st.lists(st.sampled_from([1, -1]), min_size=r, max_size=r)), dtype)


def corrected(w: Any, a: Any, y: Any) -> Any:
    """Each R-unit by itself."""
    return np.array([row if label * (row @ a) > 0 else row + label * a for row, label in zip(w, y)])


class TestUpdate:
    """The error correction of the response units."""

    exercise = "mark1.update"

    @drawn(lesson=lessons(), examples=40)
    def test_wrong_units_add_y_a(self, student, lesson):
        """Each R-unit with y net <= 0 gains y a; the others stay as they are."""
        w, a, y = lesson
        same(student(w, a, y), corrected(w, a, y), "the new weights")

    @drawn(lesson=lessons(), examples=15)
    def test_a_net_of_zero_is_wrong(self, student, lesson):
        """From weights 0, where every net is 0, each R-unit gains y a."""
        w, a, y = lesson
        same(student(np.zeros_like(w), a, y), np.array([label * a for label in y]), "the new weights")

    @drawn(lesson=lessons(), examples=15)
    def test_right_units_stay(self, student, lesson):
        """When all R-units are right, no weight changes."""
        w, a, _ = lesson
        w[w @ a == 0, 0] += 1
        same(student(w, a, np.sign(w @ a)), w, "the new weights")

    @drawn(seed=st.integers(0, 99), examples=3)
    def test_many_units(self, student, seed):
        """The same holds for 26 R-units and 100 A-units."""
        rng = np.random.default_rng(seed)
        w, a = rng.integers(-5, 6, (26, 101)).astype(np.float32), rng.integers(0, 2, 101).astype(np.float32)
        y = rng.choice([-1, 1], 26).astype(np.float32)
        same(student(w, a, y), corrected(w, a, y), "the new weights")


@st.composite
def judgements(draw: Any) -> Any:
    """A few scores, small whole numbers with ties, and labels."""
    n, c = draw(st.integers(1, 4)), draw(st.integers(2, 4))
    scores = table(draw, n, c, st.integers(-3, 3), draw(FLOATS))
    return scores, np.array(draw(st.lists(st.integers(0, c - 1), min_size=n, max_size=n)))


def share_right(scores: Any, labels: Any) -> float:
    """Row by row: right where the label's score is larger than all before it and none after is larger."""
    right = [all(row[k] > row[:k]) and all(row[k] >= row[k:]) for row, k in zip(scores, labels)]
    return sum(right) / len(right)


class TestAccuracy:
    """The accuracy."""

    exercise = "metrics.accuracy"

    @drawn(judgement=judgements(), examples=40)
    def test_share_of_right_rows(self, student, judgement):
        """The accuracy is the number of rows whose largest score stands at the label, divided by all rows."""
        scores, labels = judgement
        same(student(scores, labels), share_right(scores, labels), "the accuracy")

    @drawn(judgement=judgements(), examples=10)
    def test_the_first_of_equals(self, student, judgement):
        """Where all scores of a row are equal, the first one counts."""
        scores, labels = judgement
        same(student(np.full_like(scores, 2), labels), float(np.mean(labels == 0)), "the accuracy")

    @drawn(judgement=judgements(), place=st.integers(0, 3), examples=25)
    def test_a_row_with_nan_is_wrong(self, student, judgement, place):
        """A row that holds a NaN is never right, and is counted among all rows."""
        scores, labels = judgement
        scores[:, place % scores.shape[1]] = np.nan
        clean = np.eye(2, scores.shape[1], dtype=scores.dtype)
        scores, labels = np.concatenate([scores, clean]), np.append(labels, [0, 0])  # one more right, one more wrong
        same(student(scores, labels), share_right(scores, labels), "the accuracy")

    @drawn(judgement=judgements(), place=st.integers(0, 3), size=st.sampled_from([-np.inf, np.inf]), examples=15)
    def test_an_infinite_score(self, student, judgement, place, size):
        """A score of inf or -inf is compared like any other."""
        scores, labels = judgement
        scores[:, place % scores.shape[1]] = size
        same(student(scores, labels), share_right(scores, labels), "the accuracy")

    @drawn(seed=st.integers(0, 99), examples=3)
    def test_many_rows(self, student, seed):
        """The same holds for 200 rows of 10 scores."""
        rng = np.random.default_rng(seed)
        scores, labels = rng.normal(size=(200, 10)), rng.integers(0, 10, 200)
        scores[np.arange(0, 200, 2), labels[::2]] += 2
        same(student(scores, labels), share_right(scores, labels), "the accuracy")


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


class TestConfusionMatrix:
    """The confusion matrix."""

    exercise = "metrics.confusion_matrix"

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


class TestFolds:
    """The folds of cross-validation."""

    exercise = "split.folds"

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
