"""The valley of a loss: its surface is as high as the loss, and the path lies on it."""

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from nnlite.models import adaline, logistic, perceptron
from nnlite.models.neurons.neuron import with_bias
from nnlite.plots.loss import disc, loss_3d, loss_map, three_losses
from nnlite.plots.style import GREEN, lighter


@pytest.fixture
def points(rng):
    X = rng.standard_normal((7, 2))
    return X, np.where(X @ [1.0, -0.5] > 0, 1, -1)


def valley(w):
    return w[0] ** 2 + 4 * w[1] ** 2 + w[0]


def test_the_surface_is_as_high_as_the_function_on_a_disc_around_the_center():
    w1, w2, z = disc(valley, np.array([1.0, -2.0]), 0.5)
    np.testing.assert_allclose(z, w1**2 + 4 * w2**2 + w1)
    np.testing.assert_allclose(np.hypot(w1 - 1, w2 + 2)[:, -1], 0.5)
    assert np.hypot(w1 - 1, w2 + 2).min() == 0


def test_the_path_lies_on_the_surface_and_ends_where_it_leaves_the_piece():
    path = [[0.5, 0.5], [0.2, 0.1], [0.0, 0.0], [2.0, 0.0], [0.0, 0.0]]
    ax = loss_3d(valley, path).axes[0]
    line = next(line for line in ax.lines if len(line.get_data_3d()[0]) == 3)
    x, y, z = line.get_data_3d()
    np.testing.assert_allclose(np.stack([x, y], axis=1), path[:3])
    np.testing.assert_allclose(z, [valley(w) for w in path[:3]])


def test_a_path_that_has_overflowed_is_drawn_as_far_as_it_goes():
    ax = loss_3d(valley, [[0.5, 0.5], [np.inf, np.nan]]).axes[0]
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
        (lambda: loss_3d(3), TypeError, "loss_3d: loss is a int, expected a function"),
        (lambda: loss_3d(valley, radius=0), ValueError, "loss_3d: radius is 0"),
        (lambda: loss_3d(valley, [[1, 2, 3]]), ValueError, r"loss_3d: path has shape \(1, 3\)"),
        (lambda: loss_3d(valley, center=[0]), ValueError, r"loss_3d: center has shape \(1,\)"),
        (lambda: loss_3d(valley, kind="solid"), ValueError, "loss_3d: kind is 'solid'"),
        (lambda: loss_3d(valley, kind="crystal"), TypeError, r"loss_3d: loss is a function, expected .*\(X, y\)"),
        (lambda: loss_3d(([[1, 2], [2, 1]], [0, 1]), kind="crystal"), ValueError, "expected labels -1 and \\+1"),
        (lambda: loss_3d(([[1, 2, 3]], [1]), kind="crystal"), ValueError, "points in the plane"),
        (lambda: loss_map([[1, 2], [2, 1]], [0, 1]), ValueError, "perceptron.loss: y holds 0"),
        (lambda: three_losses([[1, 2], [2, 1]], [0, 1]), ValueError, "expected labels -1 and \\+1"),
        (lambda: three_losses([[1, 2, 3]], [1]), ValueError, "points in the plane"),
    ],
)
def test_bad_arguments_are_named(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_the_crystal_has_every_facet_and_the_path(points):
    ax = loss_3d(points, path=[[0, 0], [1, 0], [1, 1]], kind="crystal").axes[0]
    assert len(ax.collections) == 2 * len(points[0])
    assert len(ax.lines[0].get_xdata()) == 3
    assert ax.get_xlim()[1] > np.sqrt(2)  # all of the path is seen


def test_where_no_point_is_mistaken_the_crystal_is_flat_and_green(points):
    """The points can be separated, so that the loss is 0 on one facet, and slopes down to it on all others."""
    colors = [tuple(facet.get_facecolor()[0][:3]) for facet in loss_3d(points, kind="crystal").axes[0].collections]
    assert colors.count(to_rgb(lighter(GREEN, 0.55))) == 1


def test_the_map_is_the_loss_and_every_point_has_its_kink(points):
    X, y = points
    ax = loss_map(X, y, bias=0.5, limit=2).axes[0]
    assert len(ax.lines) == len(X)
    for line, x in zip(ax.lines, X):
        for w in (line.get_xy1(), line.get_xy2()):
            assert 0.5 + np.dot(w, x) == pytest.approx(0, abs=1e-5)
    corners = [(w1, w2) for w1 in (-2, 2) for w2 in (-2, 2)]
    most = max(perceptron.loss([0.5, *w], with_bias(X), y) for w in corners)  # a convex loss peaks at a corner
    filled = ax.collections[0]
    assert filled.levels[-1] == pytest.approx(most, rel=1e-5)
