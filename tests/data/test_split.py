"""Facts about putting a test sample aside, once or fold by fold."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nnlite
from nnlite.data import k_fold, train_test_split
from nnlite.data.split import folds


@given(st.integers(2, 60), st.floats(0.01, 0.99), st.integers(0, 100), st.booleans())
def test_every_point_is_on_exactly_one_side_and_rows_stay_together(n, share, seed, stratified):
    X, y = np.arange(n), np.arange(n) % 3
    stratify = y if stratified else None
    X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=share, stratify=stratify, rng=seed)
    assert sorted([*X_train, *X_test]) == list(range(n))
    assert len(X_train) and len(X_test)
    assert np.array_equal(X_train % 3, y_train) and np.array_equal(X_test % 3, y_test)
    if not stratified:
        assert abs(len(X_test) - share * n) <= 1


def test_strata_keep_their_shares():
    y = np.repeat([0, 1], [90, 10])
    _, test = train_test_split(y, test_size=0.2, stratify=y, rng=0)
    assert np.bincount(test).tolist() == [18, 2]


def test_the_choice_is_random_and_repeatable():
    a, b, c = (train_test_split(np.arange(50), rng=seed)[1].tolist() for seed in (0, 0, 1))
    assert a == b != c


def test_bad_input_is_named():
    with pytest.raises(ValueError, match=r"lengths \[3, 4\], expected equal"):
        train_test_split(np.zeros(3), np.zeros(4))
    with pytest.raises(ValueError, match=r"test_size is 1"):
        train_test_split(np.zeros(3), test_size=1)
    with pytest.raises(ValueError, match=r"length 0"):
        train_test_split([])
    with pytest.raises(ValueError, match=r"no array"):
        train_test_split()
    with pytest.raises(ValueError, match=r"stratify has shape \(2,\), expected \(3,\)"):
        train_test_split(np.zeros(3), stratify=[0, 1])


# Fold by fold


@given(st.integers(2, 60), st.integers(2, 8), st.integers(1, 4), st.integers(0, 100))
def test_each_point_is_judged_by_once_and_classes_are_spread_evenly(n, k, classes, seed):
    k = min(k, n)
    y = np.random.default_rng(seed).integers(0, classes, n)
    for stratify in (None, y):
        splits = k_fold(n, k, stratify=stratify, rng=seed)
        assert len(splits) == k
        assert sorted(np.concatenate([test for _, test in splits])) == list(range(n))
        for train, test in splits:
            assert sorted([*train, *test]) == list(range(n))
            assert (np.diff(train) > 0).all() and (np.diff(test) > 0).all()
        sizes = [len(test) for _, test in splits]
        assert max(sizes) - min(sizes) <= 1
    for c in range(classes):  # the last splits are the stratified ones
        held = [int((y[test] == c).sum()) for _, test in splits]
        assert max(held) - min(held) <= 1


@given(st.integers(2, 40), st.integers(2, 8), st.integers(0, 100))
def test_folds_are_dealt_like_cards(n, k, seed):
    k = min(k, n)
    rng = np.random.default_rng(seed)
    y, order = rng.integers(0, 3, n), rng.permutation(n)
    cards = [i for c in range(3) for i in order if y[i] == c]
    expected = np.empty(n, np.int64)
    for place, i in enumerate(cards):
        expected[i] = place % k
    fold = folds(y, order, k)
    assert np.array_equal(fold, expected) and fold.dtype == np.int64


def test_folds_have_the_sizes_of_scikit_learns():
    selection = pytest.importorskip("sklearn.model_selection")
    y = np.repeat([0, 1, 2], [20, 7, 30])
    theirs = selection.KFold(5, shuffle=True, random_state=0).split(y)
    assert sorted(len(test) for _, test in k_fold(57, 5, rng=0)) == sorted(len(test) for _, test in theirs)
    theirs = selection.StratifiedKFold(5, shuffle=True, random_state=0).split(y, y)
    per_class = sorted(tuple(sorted(np.bincount(y[test], minlength=3))) for _, test in theirs)
    ours = sorted(tuple(sorted(np.bincount(y[test], minlength=3))) for _, test in k_fold(57, 5, stratify=y, rng=0))
    assert np.abs(np.array(ours) - np.array(per_class)).max() <= 1


def test_folds_are_shuffled_and_repeatable():
    a, b, c = (k_fold(50, 5, rng=seed)[0][1].tolist() for seed in (0, 0, 1))
    assert a == b != c
    assert a != list(range(10)) and a != list(range(0, 50, 5))


def test_replaced_folds_are_those_that_are_used():
    with nnlite.substitute({"split.folds": lambda y, order, k: np.arange(len(y)) % k}) as calls:
        assert k_fold(6, 3, rng=0)[1][1].tolist() == [1, 4]
    assert calls["split.folds"] == 1


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: k_fold(5, 6), ValueError, "k_fold: k is 6, expected a number >= 2 and <= 5"),
        (lambda: k_fold(5, 1), ValueError, "k_fold: k is 1"),
        (lambda: k_fold(1), ValueError, "k_fold: n is 1"),
        (lambda: k_fold(5.0), TypeError, "k_fold: n is 5.0"),
        (lambda: k_fold(5, 2, stratify=[0, 1]), ValueError, r"k_fold: stratify has shape \(2,\), expected \(5,\)"),
        (lambda: folds([0, 1], [0, 0], 2), ValueError, "split.folds: order names a point twice"),
        (lambda: folds([0, 1], [0, 2], 2), ValueError, "split.folds: order holds 2"),
        (lambda: folds([0, 1], [0], 2), ValueError, r"split.folds: order has shape \(1,\)"),
        (lambda: folds([0, 1], [0, 1], 3), ValueError, "split.folds: k is 3"),
        (lambda: folds([0], [0], 2), ValueError, r"split.folds: y has shape \(1,\), expected \(N,\) with N > 1"),
        (lambda: folds([0, 1], [0.5, 1], 2), TypeError, "split.folds: order has dtype float64, expected integers"),
        (lambda: folds([0, 1], [0, 1], 2.0), TypeError, "split.folds: k is 2.0"),
        (lambda: folds(3, [0, 1], 2), TypeError, "split.folds: y is 3, expected a list or an array of classes"),
        (lambda: folds([[0, 1]], [0, 1], 2), ValueError, r"split.folds: y has shape \(1, 2\)"),
    ],
)
def test_bad_folds_are_named(call, error, message):
    with pytest.raises(error, match=message):
        call()
