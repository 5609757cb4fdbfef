"""What the pictures of deciding show."""

import numpy as np
import pytest

from nnlite.data import blobs
from nnlite.models.neurons.neuron import net, with_bias
from nnlite.models.neurons.perceptron import Perceptron
from nnlite.plots import decision, line_moving, mistakes


@pytest.fixture(scope="module")
def data():
    return blobs(40, [(-0.5, -1.5), (1.0, 1.5)], rng=1)


@pytest.fixture(scope="module")
def fitted(data):
    return Perceptron(keep_history=True, max_iter=200).fit(*data)


def test_every_point_is_drawn_and_every_error_ringed(data):
    X, y = data
    for classifier in (Perceptron(max_iter=1).fit(X, y), Perceptron(max_iter=1).fit(X, 1 - y)):
        ax = decision(classifier, X, y).axes[0]
        wrong = int((classifier.predict(X) != y).sum())
        assert ax.get_title("left") == f"{40 - wrong} of 40 right"
        points = [c for c in ax.collections if c.get_offsets().shape[0] in (20, wrong) and c.get_zorder() >= 3]
        assert sum(len(c.get_offsets()) for c in points) == 40 + wrong


def test_the_boundary_is_where_the_decision_function_is_zero(data, fitted):
    ax = decision(fitted, *data).axes[0]
    (contour,) = [c for c in ax.collections if c.get_zorder() == 2 and c.get_paths()]
    vertices = np.concatenate([path.vertices for path in contour.get_paths()])
    assert len(vertices) and np.allclose(fitted.decision_function(vertices), 0, atol=1e-3)


def test_three_classes_have_three_regions():
    class Nearest:
        classes_ = np.array(["a", "b", "c"])

        def predict(self, X):
            return self.classes_[((X[:, None] - np.eye(3)[:, :2] * 4) ** 2).sum(2).argmin(1)]

    X = np.eye(3)[:, :2] * 4
    mesh = decision(Nearest(), X, np.array(["a", "b", "c"]), resolution=30).axes[0].collections[0]
    assert set(np.unique(mesh.get_array())) == {0, 1, 2}


def test_one_line_for_every_weight_vector_that_has_one(data, fitted):
    ax = line_moving(fitted.history_, *data).axes[0]
    assert len(ax.lines) == len(fitted.history_) - 1  # the zero vector draws no line
    last = ax.lines[-1]
    assert net(fitted.w_, with_bias(np.array(last.get_xy1(), np.float32))) == pytest.approx(0, abs=1e-4)
    assert ax.get_title("left") == f"{len(fitted.history_) - 1} corrections"


def test_each_panel_shows_a_mistake_the_first_and_the_last_among_them(data, fitted):
    X, _ = data
    count = len(fitted.history_points_)
    fig = mistakes(fitted.history_, fitted.history_points_, *data, panels=4)
    titles = [ax.get_title("left") for ax in fig.axes]
    assert len(titles) == min(4, count)
    assert titles[0] == "mistake 1" and titles[-1] == f"mistake {count}"
    ring = fig.axes[0].collections[-1].get_offsets()
    assert np.allclose(ring, X[fitted.history_points_[0]])


def test_bad_input_is_named(data, fitted):
    X, y = data
    with pytest.raises(ValueError, match=r"decision: X has shape \(40, 3\), expected \(N, 2\)"):
        decision(fitted, with_bias(X), y)
    with pytest.raises(ValueError, match=r"line_moving: history has shape \(4, 2\), expected \(T, 3\)"):
        line_moving(np.zeros((4, 2)), X, y)
    with pytest.raises(ValueError, match="mistakes: points has shape"):
        mistakes(np.zeros((4, 3)), [1], X, y)
    with pytest.raises(ValueError, match="mistakes: points is empty"):
        mistakes(np.zeros((1, 3)), [], X, y)
