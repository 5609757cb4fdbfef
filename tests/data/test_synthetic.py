"""Facts about the toy problems."""

import numpy as np
import pytest

from nnlite.data import blobs, circles, moons, spirals, xor

WORLDS = [blobs, moons, circles, spirals, xor]


@pytest.mark.parametrize("world", WORLDS)
def test_shapes_dtypes_balance_and_seeds(world):
    X, y = world(101, rng=3)
    assert X.shape == (101, 2) and X.dtype == np.float32 and np.isfinite(X).all()
    assert y.shape == (101,) and y.dtype == np.int64
    assert abs(np.bincount(y)[0] - np.bincount(y)[1]) <= 2
    assert not np.array_equal(y, np.sort(y))
    again, _ = world(101, rng=3)
    other, _ = world(101, rng=4)
    assert np.array_equal(X, again) and not np.array_equal(X, other)


def test_blobs_lie_around_their_centres():
    centers = np.array([[0.0, 10.0, 0.0], [5.0, 0.0, 1.0]])
    X, y = blobs(2000, centers, spread=0.5, rng=0)
    for k in (0, 1):
        assert np.allclose(X[y == k].mean(axis=0), centers[k], atol=0.1)
        assert np.allclose(X[y == k].std(axis=0), 0.5, atol=0.05)


def test_moons_are_half_circles():
    X, y = moons(300, noise=0, rng=0)
    middle = np.where(y[:, None] == 0, [0, 0], [1, 0.5])
    assert np.allclose(np.linalg.norm(X - middle, axis=1), 1, atol=1e-6)
    assert (X[y == 1, 1] <= 0.5 + 1e-6).all()


def test_a_cloud_has_the_spread_asked_for_or_else_1():
    for options, spread in [({}, 1), ({"spread": 0.2}, 0.2)]:
        X, _ = blobs(4000, centers=[(0.0, 0.0)], rng=0, **options)
        np.testing.assert_allclose(X.std(axis=0), spread, rtol=0.05)


def test_the_arms_of_a_spiral_are_equally_dense_everywhere():
    """An arm is as long as the square of the distance it reaches: each fifth of it has a fifth of the points."""
    X, _ = spirals(5000, noise=0, radius=2.0, rng=0)
    counts, _ = np.histogram((X**2).sum(axis=1), np.linspace(0.04, 4, 6))
    np.testing.assert_allclose(counts, 1000, atol=110)


def test_spirals_are_each_other_turned_by_half():
    X, y = spirals(400, noise=0, turns=1.0, radius=1.0, rng=0)
    angle = np.arctan2(X[:, 1], X[:, 0]) - np.pi * y
    assert np.allclose(np.cos(angle - 2 * np.pi * np.linalg.norm(X, axis=1)), 1, atol=1e-5)


def test_no_line_separates_exclusive_or():
    X, y = xor(40, noise=0, rng=0)
    assert len(np.unique(X, axis=0)) == 4
    A = np.concatenate([np.ones((40, 1)), X], axis=1)
    w = np.linalg.lstsq(A, 2.0 * y - 1, rcond=None)[0]
    assert np.allclose(w, 0, atol=1e-6)


@pytest.mark.parametrize("world", WORLDS)
def test_bad_input_is_named(world):
    with pytest.raises(ValueError, match=f"{world.__name__}: n is 0"):
        world(0)
    with pytest.raises(TypeError, match=f"{world.__name__}: n is 2.5"):
        world(2.5)
    with pytest.raises(TypeError, match=r"rng is 'a'"):
        world(10, rng="a")
