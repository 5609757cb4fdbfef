"""How weights begin: distributions, and the signal they keep."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nnlite.nn import init


@pytest.mark.parametrize(
    ("draw", "std"),
    [
        (lambda rng: init.uniform((200, 100), 0.5, rng), 0.5 / np.sqrt(3)),
        (lambda rng: init.normal((200, 100), 0.3, rng), 0.3),
        (lambda rng: init.fan_in_uniform((200, 100), 100, rng), 0.1 / np.sqrt(3)),
        (lambda rng: init.xavier_uniform((200, 100), rng), np.sqrt(2 / 300)),
    ],
)
def test_mean_and_spread(draw: Any, std: float) -> None:
    w = draw(0)
    assert w.dtype == np.float32
    assert abs(w.mean()) < 5 * std / np.sqrt(w.size)
    assert w.std() == pytest.approx(std, rel=0.02)
    np.testing.assert_array_equal(w, draw(0))


def test_xavier_keeps_the_variance_of_a_signal() -> None:
    """Through ten linear layers of width 256 the variance neither grows nor fades tenfold."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((64, 256)).astype(np.float32)
    for _ in range(10):
        x = x @ init.xavier_uniform((256, 256), rng).T
    assert 0.1 < x.var() < 10
