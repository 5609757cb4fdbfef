"""Samplers with exact predictions: they must return the distribution that the predictions belong to."""

import itertools
import math

import numpy as np
import pytest

from nnlite.diffusion import samplers
from nnlite.diffusion.process import DDPM, cosine_betas, linear_betas

MEAN = np.array([1.0, -0.5])
COVARIANCE = np.array([[0.5, 0.3], [0.3, 0.4]])


def exact_noise(chain, x, t):
    """E[eps | x_t] for data N(MEAN, COVARIANCE), from the score of N(sqrt(a) MEAN, a COVARIANCE + (1 - a) I)."""
    a = chain.alpha_bar[round(float(t[0]) * chain.steps)]
    spread = a * COVARIANCE + (1 - a) * np.eye(2)
    return math.sqrt(1 - a) * (x - math.sqrt(a) * MEAN) @ np.linalg.inv(spread)


def exact_velocity(x, t):
    """E[eps - x0 | x_t] for the same data on the straight path."""
    t = float(t[0])
    spread = (1 - t) ** 2 * COVARIANCE + t**2 * np.eye(2)
    toward = (x - (1 - t) * MEAN) @ np.linalg.inv(spread)
    return t * toward - (MEAN + (1 - t) * toward @ COVARIANCE)


@pytest.mark.parametrize("betas", [linear_betas(1000), cosine_betas(1000)], ids=["linear", "cosine"])
def test_ancestral_sampling_with_the_exact_score_recovers_mean_and_covariance(betas):
    chain = DDPM(betas)
    noise = np.random.default_rng(0).standard_normal((5000, 2))
    x = samplers.ancestral(chain, lambda x, t: exact_noise(chain, x, t), noise, rng=1)
    np.testing.assert_allclose(x.mean(0), MEAN, atol=0.04)
    np.testing.assert_allclose(np.cov(x.T), COVARIANCE, atol=0.04)


def test_few_ancestral_steps_spread_too_little():
    """The variance of q(x_{t-1} | x_t, x_0) leaves out what is not known of x_0; the error falls with the steps."""
    missing = []
    for steps in (25, 50, 100):
        chain = DDPM(linear_betas(steps))
        noise = np.random.default_rng(0).standard_normal((20_000, 2))
        x = samplers.ancestral(chain, lambda x, t, c=chain: exact_noise(c, x, t), noise, rng=1)
        missing.append(1 - np.trace(np.cov(x.T)) / np.trace(COVARIANCE))
    assert 0.03 < missing[2] < missing[1] < missing[0]


def test_ancestral_sampling_recovers_a_mixture():
    """Two clouds with weights 0.3 and 0.7, which no linear prediction can separate."""
    chain, centers, weights, s = DDPM(linear_betas(100)), np.array([-2.0, 1.0]), np.array([0.3, 0.7]), 0.2

    def noise(x, t):
        a = chain.alpha_bar[round(float(t[0]) * 100)]
        variance, pull = a * s**2 + 1 - a, x - math.sqrt(a) * centers
        p = weights * np.exp(-(pull**2) / (2 * variance) + (pull**2).min(1, keepdims=True) / (2 * variance))
        return math.sqrt(1 - a) * (p * pull).sum(1, keepdims=True) / p.sum(1, keepdims=True) / variance

    x = samplers.ancestral(chain, noise, np.random.default_rng(0).standard_normal((5000, 1)), rng=1)
    left, right = x[x < -0.5], x[x >= -0.5]
    assert len(left) / 5000 == pytest.approx(0.3, abs=0.03)
    assert (left.mean(), right.mean()) == pytest.approx((-2, 1), abs=0.03)
    assert (left.std(), right.std()) == pytest.approx((s, s), abs=0.03)


def test_an_ancestral_step_is_the_posterior_given_x0():
    """Equation 7 of the paper: the mean of q(x_{t-1} | x_t, x_0), with x_0 from the noise."""
    rng, chain, t = np.random.default_rng(0), DDPM(cosine_betas(10)), 6
    x, eps = rng.normal(size=(2, 5))
    beta, a, before = chain.betas[t], chain.alpha_bar[t], chain.alpha_bar[t - 1]
    x0 = (x - math.sqrt(1 - a) * eps) / math.sqrt(a)
    mean = math.sqrt(before) * beta / (1 - a) * x0 + math.sqrt(1 - beta) * (1 - before) / (1 - a) * x
    step = [samplers.ancestral_step(x, eps, beta, a, before, fresh) for fresh in (np.zeros(5), np.ones(5))]
    np.testing.assert_allclose(step[0], mean, rtol=1e-10)
    np.testing.assert_allclose((step[1] - step[0]) ** 2, beta * (1 - before) / (1 - a), rtol=1e-10)


def test_the_last_ancestral_step_adds_no_noise():
    chain = DDPM([0.3])
    x = np.random.default_rng(0).normal(size=(4, 2))
    results = [samplers.ancestral(chain, lambda x, t: 0 * x, x, rng=seed) for seed in (0, 1)]
    np.testing.assert_array_equal(*results)


def test_euler_with_the_exact_velocity_transports_noise_to_data():
    x = samplers.euler(exact_velocity, np.random.default_rng(0).standard_normal((20_000, 2)), steps=100)
    np.testing.assert_allclose(x.mean(0), MEAN, atol=0.03)
    np.testing.assert_allclose(np.cov(x.T), COVARIANCE, atol=0.03)


def test_euler_is_of_first_order():
    noise = np.random.default_rng(0).standard_normal((50, 2))
    fine = samplers.euler(exact_velocity, noise, steps=2048)
    errors = [np.abs(samplers.euler(exact_velocity, noise, steps=n) - fine).max() for n in (16, 32, 64)]
    for coarse, finer in itertools.pairwise(errors):
        assert 1.7 < coarse / finer < 2.4


def test_euler_needs_one_step_where_paths_are_straight():
    target = np.array([[3.0, -1.0, 0.5]])
    x = np.random.default_rng(0).standard_normal((4, 3))
    for steps in (1, 7):
        np.testing.assert_allclose(
            samplers.euler(lambda x, t: (x - target) / t[:, None], x, steps=steps), target.repeat(4, 0), atol=1e-12
        )


def test_every_step_is_seen_and_dtypes_are_kept():
    seen = []
    x = samplers.euler(lambda x, t: x, np.ones((2, 3), np.float32), steps=4, on_step=seen.append)
    assert len(seen) == 4 and seen[-1] is x and x.dtype == np.float32
    chain, seen = DDPM(linear_betas(6)), []
    x = samplers.ancestral(chain, lambda x, t: x, np.ones((2, 3), np.float32), rng=0, on_step=seen.append)
    assert len(seen) == 6 and seen[-1] is x and x.dtype == np.float32


def test_the_clock_runs_backwards():
    times = []
    samplers.euler(lambda x, t: times.append(t[0]) or x, np.ones((1, 1)), steps=4)
    assert times == [1, 0.75, 0.5, 0.25]
    times.clear()
    samplers.ancestral(DDPM(linear_betas(4)), lambda x, t: times.append(float(t[0])) or x, np.ones((1, 1)), rng=0)
    assert times == [1, 0.75, 0.5, 0.25]


def test_bad_steps():
    with pytest.raises(ValueError, match="steps is 0"):
        samplers.euler(lambda x, t: x, np.ones((1, 1)), steps=0)


X = np.ones((2, 3))
STEP = dict(x=X, noise_estimate=X, beta=0.1, alpha_bar=0.5, alpha_bar_before=0.6, fresh=X)


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        ({"noise_estimate": X[0]}, ValueError, "noise_estimate has shape (3,), expected (2, 3), the shape of x"),
        ({"fresh": X[:1]}, ValueError, "fresh has shape (1, 3), expected (2, 3), the shape of x"),
        ({"x": "noise"}, TypeError, "x has dtype"),
        ({"beta": 1}, ValueError, "beta is 1, expected a number below 1"),
        ({"beta": -0.1}, ValueError, "beta is -0.1, expected a number >= 0"),
        ({"alpha_bar": 1.0}, ValueError, "alpha_bar is 1.0, expected a number below 1"),
        ({"alpha_bar_before": 1.5}, ValueError, "alpha_bar_before is 1.5, expected a number >= 0 and <= 1"),
        ({"alpha_bar_before": X}, TypeError, "alpha_bar_before is"),
    ],
)
def test_what_an_ancestral_step_does_not_take_is_named(wrong, error, message):
    with pytest.raises(error) as caught:
        samplers.ancestral_step(**{**STEP, **wrong})
    assert str(caught.value).startswith(f"samplers.ancestral_step: {message}")


CHAIN = DDPM([0.1])


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: samplers.euler_step(X, X[:, :1], 0.1), ValueError, "samplers.euler_step: velocity has shape (2, 1)"),
        (lambda: samplers.euler_step(X, X, "0.1"), TypeError, "samplers.euler_step: dt is '0.1'"),
        (lambda: samplers.euler_step(X, X, np.nan), ValueError, "samplers.euler_step: dt is nan"),
        (lambda: samplers.euler_step(X, None, 0.1), TypeError, "samplers.euler_step: velocity has dtype object"),
        (lambda: samplers.euler(lambda x, t: x[0], X), ValueError, "samplers.euler_step: velocity has shape (3,)"),
        (lambda: samplers.euler(X, X), TypeError, "euler: velocity is a ndarray, expected a function"),
        (lambda: samplers.euler(lambda x, t: x, 1.0), ValueError, "euler: x has shape (), expected (N, ...)"),
        (lambda: samplers.ancestral([0.1], lambda x, t: x, X), TypeError, "ancestral: process is a list, expected"),
        (lambda: samplers.ancestral(CHAIN, lambda x, t: x, X, rng=-1), ValueError, "ancestral: rng is -1"),
    ],
)  # fmt: skip
def test_bad_input_is_named(call, error, message):
    with pytest.raises(error) as caught:
        call()
    assert str(caught.value).startswith(message)
