"""Facts about mini-batches."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnlite import Tensor
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


class Squares:
    """A data set: a length, and items by their number."""

    def __len__(self):
        return 5

    def __getitem__(self, i):
        return np.array([i, i + 0.5]), i * i


PAIRS = [(np.array([i, i + 0.5]), i * i) for i in range(5)]
X, Y = np.array([x for x, _ in PAIRS]), np.array([y for _, y in PAIRS])


@pytest.mark.parametrize("data", [PAIRS, Squares(), [(Tensor(x), y) for x, y in PAIRS]], ids=["list", "set", "Tensors"])
@pytest.mark.parametrize("shuffle", [False, True])
def test_items_come_as_the_same_batches_as_arrays(data, shuffle):
    options = dict(batch_size=2, shuffle=shuffle, rng=3)
    items, arrays = DataLoader(data, **options), DataLoader((X, Y), **options)
    assert len(items) == len(arrays) == 3
    for ours in (lambda loader: list(loader), lambda loader: list(loader.epoch(2, seed=1, start=1))):
        for (x, y), (a, b) in zip(ours(items), ours(arrays), strict=True):
            np.testing.assert_array_equal(x, a)
            np.testing.assert_array_equal(y, b)
    assert len(list(DataLoader(data, 2, drop_last=True))) == 2


NESTED = [
    [(1.5, 2), (2.5, 3), (0.5, 4)],
    [(np.ones(2), (1, np.zeros((2, 1)))), (np.zeros(2), (2, np.ones((2, 1))))],
    [{"x": np.ones(3), "y": 1}, {"x": np.zeros(3), "y": 0}],
    [("a", 1), ("b", 2)],
]


@pytest.mark.parametrize("data", NESTED, ids=["numbers", "nested", "dictionaries", "words"])
def test_default_batches_are_pytorchs(data):
    torch = pytest.importorskip("torch")

    def same(a, b):
        if isinstance(b, dict):
            assert a.keys() == b.keys() and all(same(a[key], b[key]) for key in b)
        elif isinstance(b, torch.Tensor):
            assert isinstance(a, np.ndarray) and a.dtype == b.numpy().dtype
            np.testing.assert_array_equal(a, b.numpy())
        elif isinstance(b, list | tuple) and not isinstance(b[0], str):
            assert len(a) == len(b) and all(map(same, a, b))
        else:
            assert list(a) == list(b)
        return True

    theirs = torch.utils.data.DataLoader(data, batch_size=2)
    for a, b in zip(DataLoader(data, 2), theirs, strict=True):
        same(a, b)


def test_collate_fn_makes_the_batch_of_a_list_of_items():
    """Called with what PyTorch's is called with, in the order of the batch; what it returns is the batch."""
    torch = pytest.importorskip("torch")
    for data, items in ((PAIRS, PAIRS), ((X, Y), PAIRS), (Y, list(Y)), (Squares(), PAIRS)):
        ours = list(DataLoader(data, 2, collate_fn=lambda items: items))
        theirs = list(torch.utils.data.DataLoader(items, batch_size=2, collate_fn=lambda items: items))
        assert [len(batch) for batch in ours] == [len(batch) for batch in theirs] == [2, 2, 1]
        for a, b in zip(itertools.chain(*ours), itertools.chain(*theirs), strict=True):
            assert type(a) is type(b)
            for u, v in zip(a, b) if isinstance(b, tuple) else [(a, b)]:
                np.testing.assert_array_equal(u, v)
    order = DataLoader(np.arange(9), 4, shuffle=True, collate_fn=lambda items: items)
    plain = DataLoader(np.arange(9), 4, shuffle=True)
    assert [b.tolist() for b in plain.epoch(1, seed=5)] == list(order.epoch(1, seed=5))


def test_what_collate_fn_does_to_its_items_leaves_the_data_alone():
    X = np.ones((4, 2))

    def spoil(items):
        for x in items:
            x *= 0
        return items

    list(DataLoader(X, 2, collate_fn=spoil))
    assert (X == 1).all()


def test_a_list_of_lists_is_one_array():
    (batch,) = DataLoader([[1, 2], [3, 4]], 2)
    assert batch.tolist() == [[1, 2], [3, 4]]
    assert [b.tolist() for b in DataLoader(range(3), 2)] == [[0, 1], [2]]


def test_items_that_are_not_alike_are_named():
    with pytest.raises(ValueError, match=r"items have shapes \(2,\), \(3,\), expected one; or give collate_fn="):
        list(DataLoader([(np.zeros(2), 1), (np.zeros(3), 1)], 2))
    with pytest.raises(ValueError, match="items are not alike"):
        list(DataLoader([(1, 2), (1, 2, 3)], 2))
    with pytest.raises(ValueError, match="data is empty"):
        DataLoader(type("Nothing", (), {"__len__": lambda self: 0, "__getitem__": None})())
    with pytest.raises(TypeError, match="collate_fn is a int, expected a function"):
        DataLoader(X, collate_fn=3)
    for nothing in ("abc", {"x": X}, 3, None):
        with pytest.raises((TypeError, ValueError), match="DataLoader: data is"):
            DataLoader(nothing)


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
