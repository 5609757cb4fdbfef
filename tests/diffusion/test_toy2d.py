"""Diffusion in the plane."""

import numpy as np
import pytest

from nnlite.data import moons
from nnlite.diffusion import DDPM, PointDiffusion, linear_betas, train_points
from nnlite.tensor import Tensor


class Exact:
    """The best estimate of the noise for standard normal data."""

    def __init__(self, chain):
        self.chain = chain

    def __call__(self, x, t):
        a = self.chain.alpha_bar[np.round(t * self.chain.steps).astype(int)]
        return Tensor((np.sqrt(1 - a)[:, None] * x).astype(np.float32))


def test_the_score_and_the_samples_of_a_gaussian():
    """Data N(mean, scale²): noised, it keeps its variance, so the score is -(x - mean) / scale² at every step."""
    chain = DDPM(linear_betas(1000))
    model = PointDiffusion(chain, Exact(chain), mean=np.array([3.0, -1.0]), scale=2.0)
    points = np.random.default_rng(0).normal(size=(7, 2)) * 3
    for step in (1, 300, 1000):
        np.testing.assert_allclose(model.score(points, step), -(points - model.mean) / 4, rtol=1e-4, atol=1e-5)
    x = model.sample(4000, rng=0)
    np.testing.assert_allclose(x.mean(0), [3, -1], atol=0.12)
    np.testing.assert_allclose(np.cov(x.T), 4 * np.eye(2), atol=0.25)


def test_a_seed_trains_and_draws_the_same():
    X, _ = moons(50, rng=0)
    a, b = (train_points(X, steps=5, rng=1, verbose=False).sample(4, rng=2, keep=True) for _ in range(2))
    assert a.shape == (101, 4, 2)
    np.testing.assert_array_equal(a, b)


def test_the_chain_that_is_given_is_the_one_that_is_learnt():
    chain = DDPM(linear_betas(7))
    model = train_points(np.eye(2), steps=1, process=chain, rng=0, verbose=False)
    assert model.process is chain
    assert model.sample(3, rng=0, keep=True).shape == (8, 3, 2)


def test_bad_points_are_named():
    with pytest.raises(ValueError, match=r"shape \(3, 4\)"):
        train_points(np.ones((3, 4)))
    with pytest.raises(ValueError, match="finite"):
        train_points([[np.nan, 1.0]])
    with pytest.raises(ValueError, match="step is 0"):
        train_points(np.eye(2), steps=1, verbose=False).score(np.eye(2), 0)


@pytest.mark.slow
def test_two_moons_are_learnt_in_seconds():
    X, _ = moons(2000, noise=0.06, rng=0)
    model = train_points(X, rng=0, verbose=False)
    drawn = model.sample(1000, rng=1)
    distances = np.linalg.norm(X[:, None] - drawn[None], axis=-1)
    assert np.quantile(distances.min(0), 0.95) < 0.1  # what is drawn lies on the moons
    assert np.quantile(distances.min(1), 0.95) < 0.15  # and every part of them is drawn
    assert np.mean(model.history.loss[-100:]) < 0.45


def test_an_empty_batch_is_refused():
    with pytest.raises(ValueError, match="batch_size is 0"):
        train_points(np.zeros((4, 2)), steps=1, batch_size=0, verbose=False)
