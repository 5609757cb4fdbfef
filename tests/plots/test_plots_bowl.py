"""The valley of a loss: its surface is as high as the loss, and the path lies on it."""

import numpy as np
import pytest

from nnlite.models import adaline, logistic, perceptron
from nnlite.plots.bowl import _disc, bowl, three_losses


def valley(w):
    return w[0] ** 2 + 4 * w[1] ** 2 + w[0]


def test_the_surface_is_as_high_as_the_function_on_a_disc_around_the_center():
    w1, w2, z = _disc(valley, np.array([1.0, -2.0]), 0.5)
    np.testing.assert_allclose(z, w1**2 + 4 * w2**2 + w1)
    np.testing.assert_allclose(np.hypot(w1 - 1, w2 + 2)[:, -1], 0.5)
    assert np.hypot(w1 - 1, w2 + 2).min() == 0


def test_the_path_lies_on_the_surface_and_ends_where_it_leaves_the_piece():
    path = [[0.5, 0.5], [0.2, 0.1], [0.0, 0.0], [2.0, 0.0], [0.0, 0.0]]
    ax = bowl(valley, path).axes[0]
    line = next(line for line in ax.lines if len(line.get_data_3d()[0]) == 3)
    x, y, z = line.get_data_3d()
    np.testing.assert_allclose(np.stack([x, y], axis=1), path[:3])
    np.testing.assert_allclose(z, [valley(w) for w in path[:3]])


def test_a_path_that_has_overflowed_is_drawn_as_far_as_it_goes():
    ax = bowl(valley, [[0.5, 0.5], [np.inf, np.nan]]).axes[0]
    assert any(line.get_data_3d()[0].tolist() == [0.5] for line in map(_as_arrays, ax.lines))


def _as_arrays(line):
    line.set_data_3d(*map(np.asarray, line.get_data_3d()))
    return line


def dots(ax):
    """The points that are marked as lowest."""
    return [np.ravel(line.get_data_3d()) for line in ax.lines if line.get_color() == "#4b9b7d"]


def test_each_of_the_three_losses_has_its_lowest_point_marked():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(20, 2)), rng.choice([-1, 1], 20)
    fig = three_losses(X, y, radius=5.0)
    (tip,), (bottom,), (fit,) = map(dots, fig.axes)
    assert tip.tolist() == [0, 0, 0] and perceptron.loss(tip[:2], X, y) == 0
    np.testing.assert_allclose(logistic.gradient(bottom[:2], X, y == 1), 0, atol=1e-4)
    np.testing.assert_allclose(adaline.gradient(fit[:2], X, y), 0, atol=1e-12)
    assert bottom[2] == pytest.approx(logistic.loss(bottom[:2], X, y == 1))
    assert fit[2] == pytest.approx(adaline.loss(fit[:2], X, y))


def test_where_a_line_separates_only_the_bowl_has_a_bottom():
    fig = three_losses([[1, 2], [-1, 1], [2, -1]], [1, -1, 1])
    assert [len(dots(ax)) for ax in fig.axes] == [0, 0, 1]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: bowl(3), TypeError, "bowl: height is a int, expected a function"),
        (lambda: bowl(valley, radius=0), ValueError, "bowl: radius is 0"),
        (lambda: bowl(valley, [[1, 2, 3]]), ValueError, r"bowl: path has shape \(1, 3\)"),
        (lambda: bowl(valley, center=[0]), ValueError, r"bowl: center has shape \(1,\)"),
        (lambda: three_losses([[1, 2], [2, 1]], [0, 1]), ValueError, "expected labels -1 and \\+1"),
        (lambda: three_losses([[1, 2, 3]], [1]), ValueError, "points in the plane"),
    ],
)
def test_bad_arguments_are_named(call, error, message):
    with pytest.raises(error, match=message):
        call()
