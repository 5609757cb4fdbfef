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


def test_a_pass_by_number_depends_on_seed_and_number_alone():
    """Whatever was drawn before, wherever it begins; and another number or seed is another order."""
    loader = DataLoader(np.arange(23), 4, shuffle=True, rng=5)
    whole = [b.tolist() for b in loader.epoch(2, seed=1)]
    list(loader)
    assert [b.tolist() for b in loader.epoch(2, seed=1, start=3)] == whole[3:]
    assert [b.tolist() for b in DataLoader(np.arange(23), 4, shuffle=True).epoch(2, seed=1)] == whole
    assert sorted(np.concatenate(whole)) == list(range(23))
    for other in (loader.epoch(3, seed=1), loader.epoch(2, seed=2), loader.epoch(1, seed=2)):
        assert [b.tolist() for b in other] != whole
    assert not list(loader.epoch(0, seed=0, start=6))
    still = DataLoader(np.arange(5), 2)
    assert [b.tolist() for b in still.epoch(7, seed=7)] == [[0, 1], [2, 3], [4]]
    before = DataLoader(np.arange(9), 3, shuffle=True, rng=0)
    after = DataLoader(np.arange(9), 3, shuffle=True, rng=0)
    list(after.epoch(0, seed=0))
    assert np.array_equal(list(before), list(after))


@pytest.mark.parametrize("shuffle", [False, True])
def test_what_is_done_to_a_batch_leaves_the_data_alone(shuffle):
    X, y = np.ones((7, 2)), np.ones(7)
    loader = DataLoader((X, y), 3, shuffle=shuffle)
    for x, t in [*loader, *loader.epoch(0, seed=0)]:
        x *= 0
        t[:] = 0
    assert (X == 1).all() and (y == 1).all()


def test_a_batch_has_the_layout_of_the_data():
    """A copy in another order of axes would change the last bits of a product."""
    (batch,) = DataLoader(np.asfortranarray(np.ones((4, 3))), 9)
    assert batch.flags.f_contiguous and not batch.flags.c_contiguous


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
