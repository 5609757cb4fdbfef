"""What the pictures of a hidden layer show."""

import numpy as np
import pytest

from nnlite.data import xor
from nnlite.models.networks.mlp import forward, staircase
from nnlite.plots.hidden import approximation, folding


@pytest.fixture
def network():
    rng = np.random.default_rng(3)
    return [3 * rng.normal(size=shape) for shape in ((2, 2), (2,), (2, 2), (2,))]


def lines_between(ax):
    return np.concatenate([path.vertices for c in ax.collections if c.get_zorder() == 2 for path in c.get_paths()])


def test_the_points_are_drawn_where_they_come_in_and_where_the_hidden_layer_puts_them(network):
    X, y = xor(40, rng=0)
    before, after = folding(network, X, y).axes
    _, H = forward(*network, X)
    for ax, wanted in ((before, X), (after, H)):
        points = np.concatenate([c.get_offsets() for c in ax.collections if c.get_zorder() == 3])
        assert np.allclose(points, np.concatenate([wanted[y == 0], wanted[y == 1]]), atol=1e-6)


def test_the_border_is_where_both_nets_are_equal_and_a_straight_line_for_the_output_neurons(network):
    X, y = xor(40, rng=0)
    before, after = folding(network, X, y).axes
    Z, _ = forward(*network, lines_between(before))
    assert np.allclose(Z[:, 0], Z[:, 1], atol=0.05)
    W2, b2 = network[2:]
    h = lines_between(after)
    assert np.allclose(h @ (W2[1] - W2[0]) + b2[1] - b2[0], 0, atol=1e-6)


def test_each_hidden_neuron_has_its_line(network):
    X, y = xor(40, rng=0)
    before = folding(network, X, y).axes[0]
    drawn = [line for line in before.lines if hasattr(line, "get_xy1")]
    assert len(drawn) == 2
    for line, w, b in zip(drawn, network[0], network[1]):
        assert w @ np.array(line.get_xy1()) + b == pytest.approx(0, abs=1e-9)
        assert w @ np.array(line.get_xy2()) + b == pytest.approx(0, abs=1e-9)


def test_the_thin_lines_on_the_right_are_those_on_the_left_after_the_hidden_layer(network):
    X, y = xor(40, rng=0)
    before, after = folding(network, X, y, lines=5).axes
    left = [line for line in before.lines if line.get_zorder() == 1]
    right = [line for line in after.lines if line.get_zorder() == 1]
    assert len(left) == len(right) == 10
    for a, b in zip(left, right):
        assert np.allclose(forward(*network, a.get_xydata())[1], b.get_xydata())


def test_three_classes_have_three_regions(network):
    rng = np.random.default_rng(0)
    network[2:] = rng.normal(size=(3, 2)), np.zeros(3)
    X, y = rng.normal(size=(30, 2)), rng.integers(0, 3, 30)
    after = folding(network, X, y).axes[1]
    assert set(np.unique(after.collections[0].get_array())) == {0, 1, 2}


def test_the_network_is_drawn_over_the_curve_and_its_steps_add_up_to_it():
    network = staircase(np.sin, 0, 6, hidden=7)
    above, below = approximation(network, np.sin, 0, 6).axes
    curve, net = above.lines
    assert np.allclose(curve.get_ydata(), np.sin(curve.get_xdata()))
    steps = [line.get_ydata() for line in below.lines if len(line.get_ydata()) > 2]
    assert len(steps) == 7
    assert np.allclose(np.sum(steps, axis=0), net.get_ydata() - net.get_ydata()[0])
    furthest = abs(net.get_ydata() - curve.get_ydata()).max()
    assert above.get_title("left") == f"7 hidden neurons, at most {furthest:.2g} beside the curve"


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda n: folding(n[:3], [[0, 1]], [0]), ValueError, "folding: parameters holds 3 arrays"),
        (lambda n: folding((np.ones((3, 2)), *n[1:]), [[0, 1]], [0]), ValueError, "folding: b1 has shape"),
        (lambda n: folding(staircase(np.sin, 0, 1, 2), [[0, 1]], [0]), ValueError, "folding: W1 has shape"),
        (lambda n: folding(n, [[0, 1, 2]], [0]), ValueError, "folding: X has shape"),
        (lambda n: approximation(n, np.sin, 0, 1), ValueError, "approximation: W1 has shape"),
        (lambda n: approximation(staircase(np.sin, 0, 1, 2), 3, 0, 1), TypeError, "approximation: f is a int"),
        (lambda n: approximation(staircase(np.sin, 0, 1, 2), np.sin, 1, 0), ValueError, "expected low < high"),
        (lambda n: approximation(staircase(np.sin, 0, 1, 2), np.diff, 0, 1), ValueError, r"f\(x\) has shape \(799,\)"),
    ],
)
def test_bad_input_is_named(network, call, error, message):
    with pytest.raises(error, match=message):
        call(network)
