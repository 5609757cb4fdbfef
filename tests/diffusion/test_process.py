"""The forward process against its closed forms."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples import examples

from nnlite.diffusion import process as p
from nnlite.tensor import Tensor

betas_strategy = st.lists(st.floats(1e-4, 0.5), min_size=1, max_size=30)


@given(betas_strategy, st.floats(-2, 2))
@examples(40)
def test_the_closed_form_is_the_chain_walked_step_by_step(betas, x0):
    """x_t = sqrt(1 - beta_t) x_{t-1} + sqrt(beta_t) eps: its mean and variance, one step after the other."""
    chain = p.DDPM(betas)
    mean, variance = x0, 0.0
    for t, beta in enumerate(betas, start=1):
        mean, variance = math.sqrt(1 - beta) * mean, (1 - beta) * variance + beta
        at = np.array([t])
        assert chain.add_noise(np.array([x0]), np.zeros(1), at)[0] == pytest.approx(mean, abs=1e-12)
        assert chain.add_noise(np.zeros(1), np.ones(1), at)[0] ** 2 == pytest.approx(variance, abs=1e-12)


def test_at_time_zero_nothing_has_happened():
    x0, noise = np.random.default_rng(0).normal(size=(2, 3, 4))
    np.testing.assert_array_equal(p.DDPM(p.linear_betas(10)).add_noise(x0, noise, np.zeros(3, int)), x0)
    np.testing.assert_array_equal(p.RectifiedFlow().add_noise(x0, noise, np.zeros(3)), x0)
    np.testing.assert_array_equal(p.RectifiedFlow().add_noise(x0, noise, np.ones(3)), noise)


def test_the_linear_schedule_is_the_paper_s():
    betas = p.linear_betas(1000)
    assert betas[0] == pytest.approx(1e-4) and betas[-1] == pytest.approx(0.02) and len(betas) == 1000
    np.testing.assert_allclose(np.diff(betas), np.diff(betas)[0])
    assert np.cumprod(1 - betas)[-1] == pytest.approx(4.04e-5, rel=0.01)
    for steps in (50, 100, 400):
        assert np.cumprod(1 - p.linear_betas(steps))[-1] < 1e-4


@pytest.mark.parametrize("steps", [10, 100, 1000])
def test_the_cosine_schedule_is_a_squared_cosine(steps):
    """Equation 17 of Nichol and Dhariwal, up to where beta is capped."""
    alpha_bar = p.DDPM(p.cosine_betas(steps)).alpha_bar
    t = np.arange(steps) / steps
    f = np.cos((t + 0.008) / 1.008 * math.pi / 2) ** 2
    np.testing.assert_allclose(alpha_bar[:-1], f / f[0], rtol=1e-9)
    assert 0 < alpha_bar[-1] < 1e-2
    assert (np.diff(alpha_bar) < 0).all()


def test_the_flow_s_target_is_the_derivative_of_its_path():
    rng = np.random.default_rng(0)
    x0, noise, t = rng.normal(size=(4, 3)), rng.normal(size=(4, 3)), rng.uniform(0.1, 0.9, 4)
    flow, h = p.RectifiedFlow(), 1e-6
    slope = (flow.add_noise(x0, noise, t + h) - flow.add_noise(x0, noise, t - h)) / (2 * h)
    np.testing.assert_allclose(flow.target(x0, noise), slope, rtol=1e-6, atol=1e-8)


def test_ddpm_s_target_is_the_noise():
    noise = np.random.default_rng(0).normal(size=(2, 3))
    assert p.DDPM([0.1]).target(np.ones((2, 3)), noise) is noise


def test_flow_times_are_logistic_normal_and_stratified():
    t = p.RectifiedFlow().draw_times(4000, np.random.default_rng(0))
    assert t.dtype == np.float32 and t.min() > 0 and t.max() < 1
    logits = np.sort(np.log(t / (1 - t)))
    assert abs(logits.mean()) < 0.01 and logits.std() == pytest.approx(1, abs=0.01)
    few = np.sort(p.RectifiedFlow().draw_times(4, np.random.default_rng(1)))
    assert (np.searchsorted(1 / (1 + np.exp([0.6745, 0.0, -0.6745])), few) == [0, 1, 2, 3]).all()


def test_ddpm_times_are_uniform_over_all_steps():
    t = p.DDPM(p.linear_betas(5)).draw_times(5000, np.random.default_rng(0))
    assert set(t) == {1, 2, 3, 4, 5} and np.bincount(t)[1:].min() > 850
    np.testing.assert_allclose(p.DDPM(p.linear_betas(5)).clock(np.array([1, 5])), [0.2, 1.0], rtol=1e-6)


@pytest.mark.parametrize("scale", [0.3, 2.0])
def test_no_prediction_has_a_smaller_loss_than_the_conditional_mean(scale):
    """For data N(0, s²) it is sqrt(1 - a) / (a s² + 1 - a) x_t, which leaves the variance a s² / (a s² + 1 - a)."""
    chain = p.DDPM(p.cosine_betas(20))
    a = chain.alpha_bar[1:]
    x0 = scale * np.random.default_rng(0).standard_normal((20_000, 4)).astype(np.float32)

    def best(x, t, factor=1.0):
        a = chain.alpha_bar[np.round(t * 20).astype(int)].astype(np.float32)[:, None]
        return Tensor((factor * np.sqrt(1 - a) / (a * scale**2 + 1 - a) * x).astype(np.float32))

    expected = np.mean(a * scale**2 / (a * scale**2 + 1 - a))
    smallest = p.denoising_loss(chain, best, x0, rng=1).item()
    assert smallest == pytest.approx(expected, rel=0.02)
    for factor in (0.9, 1.1):
        assert p.denoising_loss(chain, lambda x, t, f=factor: best(x, t, f), x0, rng=1).item() > smallest * 1.001


def test_the_best_velocity_for_gaussian_data_is_linear():
    """For data N(0, s²): E[eps - x0 | x_t] = (t - (1 - t) s²) / (t² + (1 - t)² s²) x_t."""
    rng, s, t = np.random.default_rng(0), 0.7, 0.4
    flow, x0, noise = p.RectifiedFlow(), s * rng.normal(size=200_000), rng.normal(size=200_000)
    x = flow.add_noise(x0[:, None], noise[:, None], np.full(200_000, t))[:, 0]
    slope = (x * flow.target(x0, noise)).mean() / (x * x).mean()
    assert slope == pytest.approx((t - (1 - t) * s**2) / (t**2 + (1 - t) ** 2 * s**2), abs=0.01)


def test_the_loss_has_a_gradient_and_a_seed():
    w = Tensor([0.5], requires_grad=True)
    x0 = np.ones((8, 2), np.float32)
    losses = [p.denoising_loss(p.RectifiedFlow(), lambda x, t: w * x, x0, rng=s) for s in (3, 3, 4)]
    assert losses[0].item() == losses[1].item() != losses[2].item()
    losses[0].backward()
    assert w.grad is not None and w.grad[0] != 0


def test_dtypes_are_kept():
    for dtype in (np.float32, np.float64):
        x = np.ones((2, 3), dtype)
        assert p.DDPM(p.linear_betas(9)).add_noise(x, x, np.array([1, 9])).dtype == dtype
        assert p.interpolate(x, x, np.array([0.1, 0.2], dtype)).dtype == dtype


@pytest.mark.parametrize(
    "bad, message", [([], "is empty"), ([0.1, 1.0], "holds 1"), ([0.0], "holds 0"), ([[0.1]], "1 axes")]
)
def test_bad_betas(bad, message):
    with pytest.raises(ValueError, match=message):
        p.DDPM(np.array(bad))


def test_bad_steps():
    for schedule in (p.linear_betas, p.cosine_betas):
        with pytest.raises(ValueError, match="steps is 0"):
            schedule(0)


X = np.zeros((2, 3))


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: p.interpolate(X, X, np.zeros(3)), ValueError, "interpolate: t has shape (3,), expected (2,): N = 2"),
        (lambda: p.interpolate(X, X[:1], np.zeros(2)), ValueError, "interpolate: noise has shape (1, 3), expected (2"),
        (lambda: p.interpolate(X, X, 0.5), ValueError, "interpolate: t has shape (), expected (2,)"),
        (lambda: p.interpolate(X, X, np.array([0, 1.5])), ValueError, "interpolate: t holds 1.5, expected numbers"),
        (lambda: p.interpolate(X, X, np.array([0, np.nan])), ValueError, "interpolate: t holds nan"),
        (lambda: p.interpolate("x", X, np.zeros(2)), TypeError, "interpolate: x0 has dtype"),
        (lambda: p.interpolate(np.zeros(()), np.zeros(()), 0), ValueError, "interpolate: x0 has shape (), expected"),
        (lambda: p.diffuse(X, X, np.array([-0.1, 1])), ValueError, "diffuse: alpha_bar holds -0.1, expected"),
        (lambda: p.diffuse(X, X.T, np.zeros(2)), ValueError, "diffuse: noise has shape (3, 2), expected (2, 3)"),
        (lambda: p.diffuse(X, X, ["a", "b"]), TypeError, "diffuse: alpha_bar has dtype <U1"),
        (lambda: p.linear_betas(2.5), TypeError, "linear_betas: steps is 2.5 (float), expected an integer"),
        (lambda: p.cosine_betas(5, -0.1), ValueError, "cosine_betas: s is -0.1, expected a number >= 0"),
        (lambda: p.cosine_betas(5, None), TypeError, "cosine_betas: s is None"),
    ],
)  # fmt: skip
def test_bad_input_is_named(call, error, message):
    with pytest.raises(error) as caught:
        call()
    assert str(caught.value).startswith(f"process.{message}")
