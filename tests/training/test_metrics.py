"""Facts about accuracy and the confusion matrix."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nnlite
from nnlite import training
from nnlite.training.metrics import accuracy, confusion_matrix

labels = st.lists(st.integers(0, 4), min_size=1, max_size=30)


@given(labels, st.integers(0, 99))
def test_accuracy_is_the_trace_of_the_confusion_matrix(y, seed):
    scores = np.random.default_rng(seed).normal(size=(len(y), 5))
    M = confusion_matrix(y, scores.argmax(1), np.arange(5))
    assert M.shape == (5, 5) and M.sum() == len(y)
    assert accuracy(scores, y) == pytest.approx(np.trace(M) / len(y))
    assert M.sum(axis=1).tolist() == np.bincount(y, minlength=5).tolist()  # each row: the points of a class


@given(st.data(), st.booleans(), st.booleans())
def test_it_is_scikit_learns_confusion_matrix(data, words, given_classes):
    metrics = pytest.importorskip("sklearn.metrics")
    n = data.draw(st.integers(1, 30))
    names = np.array(["dog", "ant", "cat", "emu"]) if words else np.array([7, 3, -2, 0])
    y, predicted = (names[data.draw(st.lists(st.integers(0, 3), min_size=n, max_size=n))] for _ in range(2))
    classes = names[data.draw(st.permutations(range(4)))] if given_classes else None
    ours = confusion_matrix(y, predicted, classes)
    assert np.array_equal(ours, metrics.confusion_matrix(y, predicted, labels=classes))
    assert ours.dtype == np.int64


@given(st.data())
def test_it_is_scikit_learns_accuracy(data):
    metrics = pytest.importorskip("sklearn.metrics")
    y = np.array(data.draw(labels))
    scores = np.random.default_rng(data.draw(st.integers(0, 99))).normal(size=(len(y), 5))
    expected = metrics.top_k_accuracy_score(y, scores, k=1, labels=np.arange(5))
    assert accuracy(scores, y) == pytest.approx(expected)


def test_the_first_of_equal_scores_counts_and_a_row_with_nan_is_never_right():
    scores = np.array([[1.0, 1.0], [1.0, 1.0], [np.nan, 1.0], [0.0, np.nan]])
    assert accuracy(scores, [0, 1, 1, 1]) == 0.25
    assert accuracy(nnlite.Tensor(scores), nnlite.Tensor([0, 1, 1, 1])) == 0.25


def test_both_can_be_replaced():
    with nnlite.substitute({"metrics.accuracy": lambda s, y: 7.0, "metrics.confusion_matrix": lambda *a: 8}) as calls:
        assert training.accuracy([[1.0]], [0]) == 7.0
        assert training.confusion_matrix([0], [0]) == 8
    assert calls == {"metrics.accuracy": 1, "metrics.confusion_matrix": 1}


@pytest.mark.parametrize(
    ("args", "error", "message"),
    [
        (([0, 1], [0]), ValueError, r"predicted has shape \(1,\), expected \(2,\): N = 2 as in y"),
        (([], []), ValueError, r"y has shape \(0,\)"),
        (([0, 1], [0, 2], [0, 1]), ValueError, r"predicted holds 2, expected one of classes \[0, 1\]"),
        (([0, 3], [0, 1], [0, 1]), ValueError, "y holds 3"),
        (([0, 1], [0, 1], [0, 1, 1]), ValueError, r"classes is \[0, 1, 1\], expected each class once"),
        ((3, 3), TypeError, "y is 3, expected a list or an array of classes"),
        (([0, 1], [0, 1], [[0, 1]]), ValueError, r"classes has shape \(1, 2\), expected \(K,\)"),
        (([0, 1], ["0", "1"]), TypeError, "predicted has dtype <U1"),
    ],
)
def test_bad_input_of_the_confusion_matrix_is_named(args, error, message):
    with pytest.raises(error, match=f"metrics.confusion_matrix: {message}"):
        confusion_matrix(*args)


def test_bad_input_of_the_accuracy_is_named():
    with pytest.raises(ValueError, match=r"metrics.accuracy: labels holds 2, expected integers from 0 to 1"):
        accuracy(np.zeros((2, 2)), [0, 2])
    with pytest.raises(ValueError, match=r"metrics.accuracy: labels holds 0.5"):
        accuracy(np.zeros((2, 2)), [0.5, 1])
    with pytest.raises(
        ValueError, match=r"metrics.accuracy: labels has shape \(1,\), expected \(2,\): N = 2 as in scores"
    ):
        accuracy(np.zeros((2, 2)), [0])
    with pytest.raises(TypeError, match=r"metrics.accuracy: labels has dtype <U1"):
        accuracy(np.zeros((2, 2)), ["a", "b"])
    with pytest.raises(ValueError, match=r"metrics.accuracy: scores has shape \(2, 0\)"):
        accuracy(np.zeros((2, 0)), [0, 0])
    with pytest.raises(TypeError, match=r"metrics.accuracy: scores has dtype"):
        accuracy([["a"]], [0])
