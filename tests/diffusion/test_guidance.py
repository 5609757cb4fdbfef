"""Guidance: a line through two predictions."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnlite.diffusion.guidance import guide, guided
from nnlite.tensor import Tensor


@given(st.floats(-3, 3), st.floats(-3, 3), st.floats(0, 9))
def test_guidance_is_a_line_from_without_to_with(a, b, scale):
    a, b = np.array([a]), np.array([b])
    np.testing.assert_allclose(guide(a, b, 0), b)
    np.testing.assert_allclose(guide(a, b, 1), a, atol=1e-12)
    np.testing.assert_allclose(guide(a, b, scale) - b, scale * (a - b), atol=1e-9)
    np.testing.assert_allclose(guide(a, a, scale), a)


def test_guiding_scores_sharpens_a_gaussian():
    """With prompt N(2, 1), without N(0, 1): guided by w the score is that of N(2 w, 1)."""
    x = np.linspace(-3, 3, 7)
    np.testing.assert_allclose(guide(-(x - 2), -x, 3.0), -(x - 6))


class Network:
    """Answers with the first token, and remembers how it was asked."""

    def __init__(self):
        self.calls = []

    def __call__(self, x, t, tokens):
        self.calls.append(len(x))
        return Tensor(x * 0 + tokens[:, :1] + t[:, None])


@pytest.mark.parametrize("scale, expected, batch", [(1, 5.5, 2), (3, 11.5, 4), (0, 2.5, 4)])
def test_guided_asks_for_both_captions_in_one_batch(scale, expected, batch):
    network = Network()
    predict = guided(network, np.array([[5], [5]]), np.array([[2], [2]]), scale)
    np.testing.assert_allclose(predict(np.zeros((2, 3), np.float32), np.full(2, 0.5, np.float32)), expected)
    assert network.calls == [batch]


@pytest.mark.parametrize("scale, error", [(-1, ValueError), (math.nan, ValueError), ("3", TypeError)])
def test_bad_guidance(scale, error):
    with pytest.raises(error, match="guidance"):
        guided(Network(), np.ones((1, 1)), np.ones((1, 1)), scale)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((np.ones((2, 3)), np.ones(3), 1), ValueError, r"without_prompt has shape \(3,\), expected \(2, 3\)"),
        (("cat", np.ones(3), 1), TypeError, "with_prompt has dtype"),
        ((np.ones(3), np.ones(3), -1), ValueError, "scale is -1.0, expected a number >= 0"),
        ((np.ones(3), np.ones(3), np.ones(3)), TypeError, "scale is"),
    ],
)
def test_what_guide_does_not_take_is_named(arguments, error, message):
    with pytest.raises(error, match=f"guidance.guide: {message}"):
        guide(*arguments)
