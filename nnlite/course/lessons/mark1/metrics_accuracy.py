"""metrics.accuracy: the accuracy."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlite.course.checks import drawn, same
from nnlite.course.checks import strategies as st
from nnlite.course.exercise import Exercise
from nnlite.course.lessons.mark1.drawn import FLOATS, table

EXERCISE = Exercise(
    "metrics.accuracy",
    module="nnlite.training.metrics",
    minutes=15,
    points=2,
    teaches="the share that is right, and what to do with a NaN",
    presumes=("argmax",),
    hints=(
        "The answer of a row is the place of its largest score. Which function of NumPy gives that place for each row?",
        "scores.argmax(axis=1) == labels tells which rows are right. Now find the rows that hold a NaN: argmax "
        "takes a NaN for the largest of all.",
        "np.isnan(scores).any(axis=1) marks the rows with a NaN. Right are the rows whose answer is the label "
        "and that are not marked; the accuracy is their mean, as a float.",
    ),
    returns=("the accuracy",),
)


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


@EXERCISE.check
class TestAccuracy:
    """The accuracy."""

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


@EXERCISE.mistake("You count the right rows: divide by the number of all rows.")
def accuracy_count(scores, labels):
    return float(((scores.argmax(1) == labels) & ~np.isnan(scores).any(1)).sum())


@EXERCISE.mistake("This is the share of wrong rows: you want the right ones.")
def accuracy_error_rate(scores, labels):
    return 1 - float(((scores.argmax(1) == labels) & ~np.isnan(scores).any(1)).mean())


@EXERCISE.mistake("Your answer is the place of the smallest score: take the largest.")
def accuracy_argmin(scores, labels):
    return float(((scores.argmin(1) == labels) & ~np.isnan(scores).any(1)).mean())


@EXERCISE.mistake("You compare the largest score itself with the label: compare its place, argmax.")
def accuracy_compares_the_score(scores, labels):
    return float((scores.max(1) == labels).mean())


@EXERCISE.mistake("You did nothing about NaN: argmax takes a NaN for the largest score.")
def accuracy_trusts_nan(scores, labels):
    return float((scores.argmax(1) == labels).mean())


@EXERCISE.mistake("You left the rows with a NaN out of the mean: they are wrong, not absent.")
def accuracy_drops_nan(scores, labels):
    known = ~np.isnan(scores).any(1)
    return float((scores.argmax(1) == labels)[known].mean()) if known.any() else 0.0


@EXERCISE.mistake("You look past the NaN in a row: with a NaN among them nobody knows the largest score.")
def accuracy_skips_nan(scores, labels):
    return float((np.where(np.isnan(scores), -np.inf, scores).argmax(1) == labels).mean())


@EXERCISE.mistake("You threw out the rows with an infinite score: only NaN makes a row wrong (np.isnan).")
def accuracy_only_finite(scores, labels):
    return float(((scores.argmax(1) == labels) & np.isfinite(scores).all(1)).mean())


@EXERCISE.mistake("Of equal scores you take the last: take the first, as argmax does.")
def accuracy_last_of_equals(scores, labels):
    last = scores.shape[1] - 1 - scores[:, ::-1].argmax(1)
    return float(((last == labels) & ~np.isnan(scores).any(1)).mean())


@EXERCISE.mistake("You answer in percent: the accuracy is a share, from 0 to 1.")
def accuracy_percent(scores, labels):
    return 100 * float(((scores.argmax(1) == labels) & ~np.isnan(scores).any(1)).mean())
