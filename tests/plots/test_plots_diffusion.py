"""Pictures of diffusion."""

import io

import numpy as np
import pytest

from nnlite.data import moons
from nnlite.diffusion import Pictures, train_points
from nnlite.plots import diffusion as plots


@pytest.fixture
def pictures():
    rng = np.random.default_rng(0)
    return Pictures(rng.random((3, 3, 4, 6)), ["a red cat", "a cat at night", "a cat"], rng.random((5, 3, 3, 4, 6)))


def test_a_contact_sheet_shows_each_picture_above_its_caption(pictures):
    fig = plots.contact_sheet(pictures, columns=2, title="cats")
    assert len(fig.axes) == 3
    for ax, picture, text in zip(fig.axes, pictures.array, pictures.captions):
        np.testing.assert_allclose(ax.images[0].get_array(), picture.transpose(1, 2, 0))
        assert ax.get_xlabel() == text
    boxes = [ax.get_position() for ax in fig.axes]
    assert boxes[0].x1 < boxes[1].x0 and boxes[2].y1 < boxes[0].y0
    fig.savefig(io.BytesIO(), format="png")


def test_a_picture_emerges_from_first_step_to_last(pictures):
    fig = plots.emerging(pictures, frames=3)
    assert len(fig.axes) == 9
    np.testing.assert_allclose(fig.axes[0].images[0].get_array(), pictures.steps[0, 0].transpose(1, 2, 0))
    np.testing.assert_allclose(fig.axes[8].images[0].get_array(), pictures.steps[-1, 2].transpose(1, 2, 0))
    assert fig.axes[0].get_title(loc="left") == "t = 1.00" and fig.axes[2].get_title(loc="left") == "t = 0.00"


def test_points_end_where_the_samples_end():
    X, _ = moons(30, rng=0)
    model = train_points(X, steps=1, rng=0, verbose=False)
    states = model.sample(20, rng=0, keep=True)
    fig = plots.points_and_arrows(model, X, states, moments=(1, 0))
    for ax, state in zip(fig.axes, (states[0], states[-1])):
        np.testing.assert_allclose(ax.collections[-1].get_offsets(), state)


def test_bad_input_is_named(pictures):
    with pytest.raises(ValueError, match="keep=True"):
        plots.emerging(Pictures(np.zeros((1, 3, 2, 2)), ["a"]))
    with pytest.raises(ValueError, match="captions has length 1 and pictures 3, expected one caption per picture"):
        plots.contact_sheet(pictures, ["a"])
    with pytest.raises(ValueError, match="at least one picture"):
        plots.contact_sheet(np.zeros((0, 3, 2, 2)))
