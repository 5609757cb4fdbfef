"""What the pictures of the loss as a landscape show."""

import numpy as np
import pytest

from nnlite import functional as F
from nnlite import nn
from nnlite.plots.landscape import descent_paths, directions, heights, loss_landscape


def network(rng=0):
    return nn.Sequential(nn.Conv2d(2, 3, 2, rng=rng), nn.ReLU(), nn.Flatten(), nn.Linear(12, 4, rng=rng))


def test_each_neuron_of_a_direction_is_as_long_as_its_weights():
    """Catches a direction normalised as a whole or layer by layer, and one that moves the biases."""
    model = network()
    model[0].weight.data[1] *= 10
    for p, d in zip(model.parameters(), directions(model, rng=1)):
        assert d.shape == p.shape and d.dtype == p.dtype
        if p.ndim == 1:
            np.testing.assert_array_equal(d, 0)
        else:
            length = np.linalg.norm(p.data.reshape(len(p), -1), axis=1)
            np.testing.assert_allclose(np.linalg.norm(d.reshape(len(d), -1), axis=1), length, rtol=1e-5)


def test_a_neuron_without_weights_does_not_move():
    model = nn.Linear(3, 2, rng=0)
    nn.init.zeros_(model.weight)
    assert not directions(model, rng=0)[0].any()


def test_the_middle_is_the_loss_and_the_weights_come_back():
    model, x, y = network(), np.ones((5, 2, 3, 3), np.float32), np.zeros(5, int)
    before = model.state_dict()
    loss = lambda m: F.cross_entropy(m(x), y).item()  # noqa: E731
    ticks, height = heights(model, loss, 0.5, 5, rng=0)
    assert ticks.tolist() == [-0.5, -0.25, 0, 0.25, 0.5]
    assert height[2, 2] == loss(model)
    assert np.ptp(height) > 0
    for name, value in model.state_dict().items():
        np.testing.assert_array_equal(value, before[name])


def test_a_linear_loss_is_a_tilted_plane():
    """Rows belong to the second direction, columns to the first: catches axes that are swapped."""
    model = nn.Linear(6, 1, bias=False, rng=0)
    rng = np.random.default_rng(4)
    first, second = directions(model, rng)[0], directions(model, rng)[0]
    ticks, height = heights(model, lambda m: float(m.weight.data.sum()), 2.0, 5, rng=np.random.default_rng(4))
    wanted = model.weight.data.sum() + ticks[None, :] * first.sum() + ticks[:, None] * second.sum()
    np.testing.assert_allclose(height, wanted, rtol=1e-5, atol=1e-5)


def test_the_weights_come_back_after_an_error():
    model = nn.Linear(2, 2, rng=0)
    before = model.weight.data.copy()

    def loss(m):
        raise RuntimeError("no loss")

    with pytest.raises(RuntimeError, match="no loss"):
        loss_landscape(model, loss, resolution=3)
    np.testing.assert_array_equal(model.weight.data, before)


def test_a_landscape_with_holes_is_drawn():
    model = nn.Linear(2, 1, rng=0)
    values = iter([1.0, np.nan, np.inf, 2.0, 0.0] * 5)
    fig = loss_landscape(model, lambda m: next(values), resolution=5, title="holes")
    assert fig.axes[0].get_title() == "holes" or fig.axes[0].get_title("left") == "holes"


def test_paths_are_drawn_from_their_start_and_named_with_their_length():
    paths = {"SGD": [[1, 1], [0.5, 0.5], [0, 0]], "Adam": [[1, 1], [0, 0]]}
    fig = descent_paths(lambda a, b: a**2 + b**2 + 0.1, paths, title="two ways")
    ax = fig.axes[0]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["SGD, 2 steps", "Adam, 1 step"]
    assert ax.lines[0].get_xydata().tolist() == paths["SGD"]
    assert ax.lines[-1].get_xydata().tolist() == [[1, 1]]


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: loss_landscape(3, len), TypeError, "model is a int, expected an nn.Module"),
        (lambda: loss_landscape(nn.ReLU(), len), ValueError, "model has no weights"),
        (lambda: loss_landscape(nn.Linear(1, 1), len, extent=-1), ValueError, "extent is -1"),
        (lambda: loss_landscape(nn.Linear(1, 1), len, resolution=2), ValueError, "resolution is 2"),
        (lambda: descent_paths(max, {}), ValueError, "paths is empty"),
        (lambda: descent_paths(max, {"a": [[1, 2, 3]]}), ValueError, r"a has shape \(1, 3\)"),
    ],
)
def test_bad_input_is_named(call, error, words):
    with pytest.raises(error, match=words):
        call()
