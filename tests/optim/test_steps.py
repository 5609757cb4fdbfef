"""The functions that optimizers and schedules are made of, called by themselves."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnlite import optim


@given(nesterov=st.booleans(), momentum=st.floats(0.1, 0.99), seed=st.integers(0, 2**32 - 1))
def test_momentum_equals_torchs(nesterov: bool, momentum: float, seed: int) -> None:
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(seed)
    w, v = rng.standard_normal((3, 2)), np.zeros((3, 2))
    theirs = torch.tensor(w.copy(), requires_grad=True)
    optimizer = torch.optim.SGD([theirs], lr=0.1, momentum=momentum, nesterov=nesterov)
    for _ in range(5):
        grad = rng.standard_normal((3, 2))
        theirs.grad = torch.tensor(grad)
        optimizer.step()
        assert optim.momentum_step(w, grad, v, 0.1, momentum, nesterov) is w
    np.testing.assert_allclose(w, theirs.detach().numpy(), rtol=1e-12)
    np.testing.assert_allclose(v, optimizer.state[theirs]["momentum_buffer"].numpy(), rtol=1e-12)


def test_on_a_parabola_momentum_swings_with_the_root_of_mu() -> None:
    """Below critical damping the amplitude falls by sqrt(mu) a step (Polyak 1964): catches a velocity that leaks."""
    w, v, path = np.ones(1), np.zeros(1), []
    for _ in range(400):
        optim.momentum_step(w, w.copy(), v, 0.5, 0.9)
        path.append(abs(float(w[0])))
    early, late = max(path[100:140]), max(path[300:340])
    assert (late / early) ** (1 / 200) == pytest.approx(0.9**0.5, rel=1e-3)


@pytest.mark.parametrize(
    ("changed", "error", "words"),
    [
        ({"w": [1.0]}, TypeError, "momentum_step: w is a list"),
        ({"v": np.zeros(3)}, ValueError, r"momentum_step: v has shape \(3,\)"),
        ({"grad": np.zeros(2, np.float32)}, TypeError, "grad has dtype float32, expected float64"),
        ({"lr": -1}, ValueError, "momentum_step: lr is -1"),
        ({"momentum": "a"}, TypeError, "momentum_step: momentum"),
        ({"nesterov": 2}, TypeError, "momentum_step: nesterov"),
    ],
)
def test_a_step_refuses_bad_input_and_changes_nothing(changed: Any, error: Any, words: str) -> None:
    given_ = {"w": np.ones(2), "grad": np.ones(2), "v": np.ones(2), "lr": 0.1, "momentum": 0.9, "nesterov": False}
    with pytest.raises(error, match=words):
        optim.momentum_step(**(given_ | changed))
    assert (np.asarray(given_["w"]) == 1).all() and (np.asarray(given_["v"]) == 1).all()


@given(warmup=st.integers(0, 20), length=st.integers(1, 50), final=st.floats(0, 1))
def test_the_cosine_falls_from_one_to_its_end(warmup: int, length: int, final: float) -> None:
    """Rising, then never rising; 1 at the top, `final` at the end and after; halfway down at half time."""
    total = warmup + length
    values = [optim.cosine(t, total, warmup, final) for t in range(total + 5)]
    assert (np.diff(values[:warmup]) > 0).all()
    assert values[warmup] == 1
    assert (np.diff(values[warmup:]) <= 0).all()
    np.testing.assert_allclose(values[total:], final, atol=1e-12)
    if length % 2 == 0:
        assert values[warmup + length // 2] == pytest.approx((1 + final) / 2)


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ((-1, 5), "cosine: t"),
        ((0, 3, 3), "cosine: total is 3"),
        ((0, 3, -1), "cosine: warmup"),
        ((0, 3, 0, 2), "final"),
    ],
)
def test_the_cosine_refuses_what_is_out_of_range(args: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        optim.cosine(*args)
