"""The house style is used inside and leaves nothing behind."""

import subprocess
import sys

import matplotlib
import numpy as np
import pytest

from nnlite import plots
from nnlite.models.neurons.neuron import Neuron
from nnlite.plots.style import INK, Picture, figure, frame, styled


def test_settings_are_ours_inside_and_as_they_were_outside_even_after_an_error():
    before = dict(matplotlib.rcParams)

    @styled
    def fails():
        assert matplotlib.rcParams["text.color"] == INK
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails()
    plots.activations()
    assert dict(matplotlib.rcParams) == before


def test_a_picture_shows_itself_and_needs_no_pyplot():
    assert figure(2, 1)._repr_png_().startswith(b"\x89PNG")
    code = (
        "import sys; from nnlite import plots; plots.activation('tanh').savefig(sys.stdout.buffer);"
        "sys.exit('matplotlib.pyplot' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True)
    assert done.returncode == 0 and done.stdout.startswith(b"\x89PNG")


def test_every_function_draws_into_the_axes_it_is_given():
    X, y = np.array([[0.0, 1], [1, -2], [2, 2]]), np.array([1, -1, 1])
    history = np.array([[0.0, 0, 0], [1, 0, 1]])
    draws = {
        "activation": lambda ax: plots.activation("relu", ax=ax),
        "response": lambda ax: plots.response(Neuron([0, 1, 1]), ax=ax),
        "line_moving": lambda ax: plots.line_moving(history, X, y, ax=ax),
        "loss_map": lambda ax: plots.loss_map(X, y, ax=ax),
        "curves": lambda ax: plots.curves([1, 2], ax=ax),
        "bars": lambda ax: plots.bars({"a": 1}, ax=ax),
    }
    for name, draw in draws.items():
        fig = figure()
        ax = fig.add_subplot()
        assert draw(ax) is fig, name
        assert ax.has_data(), name


def test_a_frame_leaves_the_same_air_on_all_sides():
    """Eight wide and four high, a tenth of that on either side."""
    X = np.array([[-3.0, 2.0], [5.0, 4.0], [0.0, 0.0]])
    np.testing.assert_allclose(frame(X, margin=0.1), [(-3.8, 5.8), (-0.4, 4.4)])


def test_the_same_picture_is_the_same_file():
    pictures = [plots.curves({"a": [3, 1, 2]})._repr_png_() for _ in range(2)]
    assert pictures[0] == pictures[1]
    assert isinstance(plots.curves([1, 2]), Picture)
