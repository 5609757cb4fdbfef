"""How weights begin: distributions, and the signal they keep."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from nnlite import nn
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


# In place, beside PyTorch's of the same name

SHAPES = [(60, 50), (40, 6, 3, 3)]
DRAWS = [
    "uniform_(w, -0.5, 2.0)",
    "normal_(w, 1.0, 0.3)",
    "trunc_normal_(w)",
    "trunc_normal_(w, 1.0, 2.0, 0.5, 1.5)",
    "trunc_normal_(w, 0.0, 0.1, -5.0, 5.0)",
    "xavier_uniform_(w)",
    "xavier_normal_(w, 2.0)",
    "kaiming_uniform_(w)",
    "kaiming_uniform_(w, 0.5, 'fan_out')",
    "kaiming_normal_(w, nonlinearity='relu')",
    "kaiming_normal_(w, 0.2, 'fan_out', 'leaky_relu')",
    "kaiming_normal_(w, nonlinearity='tanh')",
]
EXACT = ["constant_(w, 0.3)", "zeros_(w)", "ones_(w)"]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("call", DRAWS)
def test_the_distribution_is_torchs(call: str, shape: Any) -> None:
    """The quantiles of 3000 draws, and of 40 times as many there."""
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    w = nn.Parameter(np.zeros(shape, np.float32))
    assert eval(f"init.{call[:-1]}, rng=0)", {"init": init, "w": w}) is w
    many = []
    for _ in range(40):
        v = torch.zeros(shape)
        eval(f"torch.nn.init.{call}", {"torch": torch, "w": v})
        many.append(v.numpy().ravel())
    wanted, got = np.concatenate(many), w.data.ravel()
    at = np.linspace(0.02, 0.98, 13)
    spread = wanted.std()
    assert got.std() == pytest.approx(spread, rel=0.08)
    np.testing.assert_allclose(np.quantile(got, at), np.quantile(wanted, at), atol=0.2 * spread)
    assert got.min() >= wanted.min() - 0.5 * spread
    assert got.max() <= wanted.max() + 0.5 * spread


def test_a_window_far_out_in_the_tail() -> None:
    """There E[z] is density over mass, 4.2256; drawing again and again from the whole would take minutes."""
    z = init.trunc_normal_(np.zeros(20000), 0.0, 1.0, 4.0, 9.0, rng=0)
    mean = math.exp(-8) / math.sqrt(2 * math.pi) / (0.5 * math.erfc(4 / math.sqrt(2)))
    assert z.min() >= 4
    assert z.mean() == pytest.approx(mean, abs=5 * z.std() / math.sqrt(len(z)))


@pytest.mark.parametrize("call", EXACT)
def test_constants_equal_torchs(call: str) -> None:
    torch = pytest.importorskip("torch")
    w, v = np.full((3, 4), 9, np.float32), torch.zeros(3, 4)
    eval(f"init.{call}", {"init": init, "w": w})
    eval(f"torch.nn.init.{call}", {"torch": torch, "w": v})
    np.testing.assert_array_equal(w, v.numpy())


def test_eye() -> None:
    np.testing.assert_array_equal(init.eye_(np.ones((2, 3))), [[1, 0, 0], [0, 1, 0]])


@pytest.mark.parametrize("name", init.GAINS)
def test_gains_equal_torchs(name: str) -> None:
    torch = pytest.importorskip("torch")
    assert init.calculate_gain(name) == pytest.approx(torch.nn.init.calculate_gain(name))


def test_the_gain_of_a_slope_equals_torchs() -> None:
    torch = pytest.importorskip("torch")
    assert init.calculate_gain("leaky_relu", 0.3) == pytest.approx(torch.nn.init.calculate_gain("leaky_relu", 0.3))


@pytest.mark.parametrize("shape", [(5, 8), (8, 5), (4, 4), (3, 2, 2, 2)])
def test_orthogonal_rows_or_columns(shape: Any) -> None:
    w = init.orthogonal_(np.zeros(shape), gain=2.0, rng=0).reshape(shape[0], -1)
    gram = w @ w.T if w.shape[0] <= w.shape[1] else w.T @ w
    np.testing.assert_allclose(gram, 4 * np.eye(len(gram)), atol=1e-12)


def test_orthogonal_matrices_are_drawn_evenly() -> None:
    """No direction is preferred: each element has mean 0 (bare QR would make the diagonal of R positive)."""
    mean = np.mean([init.orthogonal_(np.zeros((2, 2)), rng=seed) for seed in range(400)], 0)
    assert np.abs(mean).max() < 0.15


def test_filling_is_a_change_in_place_that_a_graph_notices() -> None:
    w = nn.Parameter(np.ones((2, 2), np.float32))
    loss = (w * w).sum()
    array = w.data
    init.zeros_(w)
    assert w.data is array
    with pytest.raises(RuntimeError, match="changed in place"):
        loss.backward()


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: init.zeros_([1.0]), TypeError, ["zeros_", "tensor", "list"]),
        (lambda: init.ones_(np.zeros(2, int)), TypeError, ["ones_", "tensor", "int64"]),
        (lambda: init.zeros_(nn.Parameter([1.0]) * 2), ValueError, ["zeros_", "'mul'", "leaf"]),
        (lambda: init.constant_(np.zeros(2), "a"), TypeError, ["constant_", "val", "'a'"]),
        (lambda: init.eye_(np.zeros(2)), ValueError, ["eye_", "(2,)"]),
        (lambda: init.uniform_(np.zeros(2), 1, 0), ValueError, ["uniform_", "a is 1", "b=0"]),
        (lambda: init.normal_(np.zeros(2), std=-1), ValueError, ["normal_", "std", "-1"]),
        (lambda: init.trunc_normal_(np.zeros(2), std=0), ValueError, ["trunc_normal_", "std", "0"]),
        (lambda: init.trunc_normal_(np.zeros(2), a=3), ValueError, ["trunc_normal_", "a is 3", "b=2"]),
        (lambda: init.xavier_uniform_(np.zeros(2)), ValueError, ["xavier_uniform_", "(2,)", "two axes"]),
        (lambda: init.xavier_normal_(np.zeros((2, 2)), -1), ValueError, ["xavier_normal_", "gain", "-1"]),
        (lambda: init.kaiming_uniform_(np.zeros((2, 2)), mode="in"), ValueError, ["mode", "'in'", "'fan_in'"]),
        (lambda: init.kaiming_normal_(np.zeros((2, 2)), nonlinearity="x"), ValueError, ["nonlinearity", "'x'"]),
        (lambda: init.orthogonal_(np.zeros(2)), ValueError, ["orthogonal_", "(2,)"]),
        (lambda: init.constant_(np.zeros(2, "f4"), 1e39), ValueError, ["constant_", "val is 1e+39", "float32"]),
        (lambda: init.uniform_(np.zeros(9, "f4"), -1e39, 1e39), ValueError, ["uniform_", "a is -1e+39", "b is 1e+39"]),
        (lambda: init.uniform_(np.zeros(2), -1e308, 1e308), ValueError, ["uniform_", "a is -1e+308"]),
        (lambda: init.normal_(np.zeros(2, "f4"), 1e39), ValueError, ["normal_", "mean is 1e+39", "std is 1"]),
        (lambda: init.trunc_normal_(np.zeros(2), 1e200), ValueError, ["trunc_normal_", "mean is 1e+200", "[-2.0"]),
        (lambda: init.xavier_uniform_(np.zeros((9, 9), "f4"), 1e40), ValueError, ["xavier_uniform_", "gain is 1e+40"]),
        (lambda: init.xavier_normal_(np.zeros((9, 9), "f4"), 1e40), ValueError, ["xavier_normal_", "gain is 1e+40"]),
        (lambda: init.orthogonal_(np.zeros((2, 2), "f4"), 1e40), ValueError, ["orthogonal_", "gain is 1e+40"]),
        (lambda: init.kaiming_normal_(np.zeros((2, 2)), 1e200), ValueError, ["kaiming_normal_", "a is 1e+200"]),
        (lambda: init.calculate_gain("leaky_relu", 1e200), ValueError, ["calculate_gain", "param is 1e+200"]),
        (lambda: nn.PReLU(init=1e39), ValueError, ["PReLU", "init is 1e+39"]),
        (lambda: init.calculate_gain("rely"), ValueError, ["calculate_gain", "'rely'", "'relu'"]),
    ],
)
def test_bad_input(call: Any, error: type[Exception], words: list[str]) -> None:
    with pytest.raises(error) as caught:
        call()
    assert all(word in str(caught.value) for word in words), caught.value


@pytest.mark.parametrize("shape", [(3, 5), (8, 2, 3), (4, 6, 3, 5), (2, 3, 2, 2, 2)])
@pytest.mark.parametrize("mode", ["fan_in", "fan_out"])
def test_the_kaiming_deviation_counts_fans_as_torch_does(shape: Any, mode: str) -> None:
    torch = pytest.importorskip("torch")
    fans = torch.nn.init._calculate_fan_in_and_fan_out(torch.empty(shape))
    assert init.kaiming_std(shape, 1.5, mode) == pytest.approx(1.5 / math.sqrt(fans[mode == "fan_out"]))


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (((3,), 1.0), r"kaiming_std: shape is \(3,\)"),
        (((3, 0), 1.0), r"kaiming_std: shape\[1\]"),
        (((3, 2), -1.0), "kaiming_std: gain"),
        (((3, 2), 1.0, "fan"), "kaiming_std: mode"),
    ],
)
def test_the_kaiming_deviation_refuses_bad_input(args: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        init.kaiming_std(*args)
