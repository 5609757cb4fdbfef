"""What the picture of a graph shows: every step once, its value, and the gradient that backward() computes."""

import numpy as np
import pytest
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

import nnlite
from nnlite import Tensor
from nnlite import functional as F
from nnlite.plots import graph


def boxes(fig):
    """The texts of each box, by the box's first line: title, value, gradient."""
    found, title, lines = {}, "", [t.get_text() for t in fig.axes[0].texts]
    places = [t.get_position() for t in fig.axes[0].texts]
    for i, (text, place) in enumerate(zip(lines, places)):
        if i and places[i - 1][0] == place[0] and places[i - 1][1] - place[1] < 0.2 and place[1] < places[i - 1][1]:
            found[title].append(text)
        else:
            title = text
            found[title] = []
    return found


def test_each_step_has_its_value_and_the_gradient_that_backward_computes():
    x, w = Tensor([1.0, 2.0]), Tensor([0.5, -1.0], requires_grad=True)
    net = w @ x
    y = net.tanh()
    loss = y * y
    found = boxes(graph(loss, x=x, w=w, net=net, y=y))
    loss.backward()
    tanh = np.tanh(-1.5)
    slope = 2 * tanh * (1 - tanh**2)
    assert found == {
        "×": [f"{tanh**2:.4g}", "1"],
        "y: tanh": [f"{tanh:.4g}", f"{2 * tanh:.4g}"],
        "net: @": ["-1.5", f"{slope:.4g}"],
        "w": ["[0.5, -1]", f"[{w.grad[0]:.4g}, {w.grad[1]:.4g}]"],
        "x": ["[1, 2]"],
    }


def test_a_leaf_used_many_times_is_one_box_and_its_gradient_the_sum():
    a = Tensor(3.0, requires_grad=True)
    fig = graph(a * a * a + a, a=a)
    assert boxes(fig)["a"] == ["3", "28"]
    kinds = [sum(isinstance(p, kind) for p in fig.axes[0].patches) for kind in (FancyBboxPatch, FancyArrowPatch)]
    assert kinds == [4, 6]
    ends = [p._path_original.vertices[-1].tolist() for p in fig.axes[0].patches if isinstance(p, FancyArrowPatch)]
    assert len({tuple(end) for end in ends}) == 4  # the two arrows of a * a lie side by side
    assert a.grad is None


def test_every_arrow_points_to_the_right_and_runs_into_no_box():
    rng = np.random.default_rng(0)
    made = [Tensor(rng.normal(), requires_grad=True) for _ in range(3)]
    for _ in range(12):
        i, j = rng.integers(0, len(made), 2)
        made.append(made[i] * made[j] if rng.random() < 0.5 else (made[i] + made[j]).tanh())
    ax = graph(sum(made)).axes[0]
    rectangles = [p.get_path().get_extents() for p in ax.patches if isinstance(p, FancyBboxPatch)]
    for arrow in (p for p in ax.patches if isinstance(p, FancyArrowPatch)):
        path = arrow._path_original
        assert (np.diff(path.vertices[:, 0]) >= -1e-9).all() and path.vertices[-1, 0] > path.vertices[0, 0]
        points = path.interpolated(1).to_polygons(closed_only=False)[0][1:-1]
        for box in rectangles:
            inside = (points[:, 0] > box.x0 + 0.02) & (points[:, 0] < box.x1 - 0.02)
            inside &= (points[:, 1] > box.y0 + 0.02) & (points[:, 1] < box.y1 - 0.02)
            assert not inside.any()
    for a in rectangles:
        assert sum(a.overlaps(b) for b in rectangles) == 1  # only itself


def test_without_its_tensor_a_step_shows_its_shape_and_plain_numbers_are_said():
    w = Tensor(np.ones((2, 3)), requires_grad=True)
    found = boxes(graph((2 * w).sum(), w=w))
    assert found == {
        "sum": ["12", "1"],
        "× number": ["shape (2, 3)", "[[1, 1, 1], [1, 1, 1]]"],
        "w": ["[[1, 1, 1], [1, 1, 1]]", "[[2, 2, 2], [2, 2, 2]]"],
    }
    assert boxes(graph(w * 2))["× number"] == ["[[2, 2, 2], [2, 2, 2]]"]  # many results: no gradient


def test_after_backward_the_graph_must_have_been_retained():
    w = Tensor(1.5, requires_grad=True)
    y = w * w
    y.backward(retain_graph=True)
    assert boxes(graph(y, w=w))["w"] == ["1.5", "3"]
    y.backward()
    with pytest.raises(RuntimeError, match=r"graph: the graph is freed at 'mul'.*backward\(retain_graph=True\)"):
        graph(y)


def test_the_order_is_that_of_whoever_takes_its_place():
    w = Tensor(2.0, requires_grad=True)
    wanted = boxes(graph(w * w + w, w=w))
    with nnlite.substitute({"autodiff.topological_order": lambda inputs: [0, 1, 2]}) as calls:
        found = boxes(graph(w * w + w, w=w))
    assert found == wanted
    assert calls["autodiff.topological_order"] == 1


def test_bad_input_is_named():
    w = Tensor(1.0, requires_grad=True)
    with pytest.raises(TypeError, match="graph: tensor is a float, expected a Tensor"):
        graph(1.0)
    with pytest.raises(TypeError, match="graph: w is a ndarray, expected a Tensor"):
        graph(w * 2, w=np.ones(2))
    with pytest.raises(ValueError, match="graph: tensor has no graph"):
        graph(w)
    with pytest.raises(ValueError, match="graph: v is not part of the graph"):
        graph(w * 2, v=Tensor(1.0))
    long = w
    for _ in range(61):
        long = F.tanh(long)
    with pytest.raises(ValueError, match="graph: the graph has more than 60 nodes"):
        graph(long)
    y = w * w
    with nnlite.no_grad():
        w[...] = 3.0
    with pytest.raises(RuntimeError, match=r"graph: a Tensor of shape \(\) that 'mul' needs was changed in place"):
        graph(y)
