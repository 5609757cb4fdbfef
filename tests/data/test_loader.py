"""Facts about mini-batches."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnlite.data import DataLoader


@given(st.integers(1, 40), st.integers(1, 45), st.booleans(), st.booleans())
def test_a_pass_shows_every_point_once(n, batch_size, shuffle, drop_last):
    if drop_last and batch_size > n:
        batch_size = n
    X, y = np.arange(n), np.arange(n) * 2.0
    loader = DataLoader((X, y), batch_size, shuffle=shuffle, drop_last=drop_last, rng=0)
    for _ in range(2):
        batches = list(loader)
        assert len(batches) == len(loader)
        assert all(np.array_equal(2 * x, z) for x, z in batches)
        seen = np.concatenate([x for x, _ in batches])
        assert len(set(seen)) == len(seen)
        assert len(seen) == (n - n % batch_size if drop_last else n)
        assert all(len(x) == batch_size for x, _ in batches[:-1])
        if not shuffle:
            assert np.array_equal(seen, X[: len(seen)])


def test_each_pass_has_its_own_order_and_seeds_repeat_the_whole_story():
    def story():
        loader = DataLoader(np.arange(100), 10, shuffle=True, rng=5)
        return [np.concatenate(list(loader)).tolist() for _ in range(3)]

    first = story()
    assert first == story()
    assert first[0] != first[1] != first[2] and sorted(first[0]) == list(range(100))


def test_one_array_comes_as_arrays_a_tuple_as_tuples():
    (batch,) = DataLoader(np.zeros((3, 2)), 5)
    assert batch.shape == (3, 2)
    ((batch,),) = DataLoader((np.zeros((3, 2)),), 5)
    assert batch.shape == (3, 2)


def test_bad_input_is_named():
    with pytest.raises(ValueError, match=r"DataLoader: data is empty"):
        DataLoader(np.zeros((0, 4)))
    with pytest.raises(ValueError, match=r"DataLoader: data is empty"):
        DataLoader(())
    with pytest.raises(ValueError, match=r"lengths \[3, 2\], expected equal lengths"):
        DataLoader((np.zeros(3), np.zeros(2)))
    with pytest.raises(ValueError, match=r"batch_size is 0"):
        DataLoader(np.zeros(3), 0)
    with pytest.raises(ValueError, match=r"batch_size is 4 but data has 3 points"):
        DataLoader(np.zeros(3), 4, drop_last=True)
