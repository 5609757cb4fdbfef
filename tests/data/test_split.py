"""Facts about putting a test sample aside."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnlite.data import train_test_split


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
