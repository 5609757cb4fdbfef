"""What the pictures of a neuron show."""

import numpy as np
import pytest

from nnlite.models.neurons.neuron import ACTIVATIONS, Neuron
from nnlite.plots import activation, activations, response, tangent
from nnlite.plots.style import ORANGE


def curve(fig, label):
    (line,) = [line for line in fig.axes[0].lines if line.get_label() == label]
    x, y = line.get_data()
    return x[np.isfinite(y)], y[np.isfinite(y)]


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_the_curves_are_the_function_and_its_derivative(name):
    fig = activation(name)
    for label, f in zip(("f(net)", "f ′(net)"), ACTIVATIONS[name]):
        x, y = curve(fig, label)
        assert len(x) > 700 and np.allclose(y, f(x))


def test_a_jump_is_drawn_as_a_jump():
    _, y = activation("step").axes[0].lines[3].get_data()
    assert np.isnan(y).sum() >= 1  # no vertical stroke
    dots = [line for line in activation("sign").axes[0].lines if line.get_marker() == "o"]
    assert sorted(float(dot.get_ydata()[0]) for dot in dots) == [-1, 0, 1]


def test_there_is_one_panel_per_activation():
    assert [ax.get_title("left") for ax in activations().axes] == list(ACTIVATIONS)


def test_the_response_is_the_neurons_answer_and_the_line_is_where_net_is_zero():
    neuron = Neuron([-0.5, 1.0, 2.0], "sigmoid")
    ax = response(neuron, limit=3).axes[0]
    shown = ax.images[0].get_array()
    assert shown[0, 0] == pytest.approx(float(neuron([-3, -3])), rel=1e-5)
    assert shown[0, -1] == pytest.approx(float(neuron([3, -3])), rel=1e-5)
    assert shown[-1, 0] == pytest.approx(float(neuron([-3, 3])), rel=1e-5)
    (line,) = ax.lines
    for point in (line.get_xy1(), line.get_xy2()):
        assert neuron.net(point) == pytest.approx(0, abs=1e-6)
    (arrow, _) = ax.texts
    step = np.subtract(arrow.xy, arrow.get_position())
    assert step[1] / step[0] == pytest.approx(2)  # along w, hence across the line
    assert step[0] > 0


@pytest.mark.parametrize("name", ["sigmoid", "tanh", "relu", "linear"])
def test_the_tangent_touches_the_curve_and_is_as_steep_as_the_derivative_says(name):
    above, below = tangent(name, 0.7).axes
    f, derivative = ACTIVATIONS[name]
    (touching,) = [line for line in above.lines if len(line.get_xdata()) == 2 and line.get_color() == ORANGE]
    x, y = touching.get_data()
    assert np.mean(x) == pytest.approx(0.7) and np.mean(y) == pytest.approx(float(f(0.7)), rel=1e-5)
    assert np.diff(y) / np.diff(x) == pytest.approx(float(derivative(0.7)), rel=1e-5)
    (dot,) = [line for line in below.lines if line.get_marker() == "o"]
    assert dot.get_xdata()[0] == 0.7 and dot.get_ydata()[0] == pytest.approx(float(derivative(0.7)))
    assert f"{float(derivative(0.7)):.3g}" in below.get_title("left")


def test_bad_input_is_named():
    with pytest.raises(ValueError, match="tangent: net is 5"):
        tangent("tanh", 5)
    with pytest.raises(ValueError, match="tangent: name is 'than'"):
        tangent("than")
    with pytest.raises(ValueError, match="response: neuron has 1 inputs, expected 2"):
        response(Neuron([1, 2]))
    with pytest.raises(ValueError, match="activation: name is 'than'"):
        activation("than")
    with pytest.raises(ValueError, match="activations: names is empty"):
        activations([])
