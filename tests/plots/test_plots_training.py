"""What the picture of a training shows."""

import numpy as np
import pytest

from nnlite.plots import history
from nnlite.plots.training import rate_test, signals
from nnlite.training import History


def past(losses, scores=(), rates=None):
    made = History()
    per_epoch = len(losses) // max(len(scores), 1)
    for i, loss in enumerate(losses):
        made.add_step(loss, 0.1 if rates is None else rates[i])
        if scores and (i + 1) % per_epoch == 0:
            made.add_epoch(scores[i // per_epoch])
    return made


def test_only_what_there_is_gets_a_panel():
    labels = lambda fig: [ax.get_ylabel() for ax in fig.axes]  # noqa: E731
    assert labels(history(past([3, 2, 1]))) == ["loss"]
    assert labels(history(past([3, 2, 1], [0.5]))) == ["loss", "score"]
    assert labels(history(past([3, 2], rates=[0.2, 0.1]))) == ["loss", "learning rate"]
    fig = history(past([3, 2], [0.5], [0.2, 0.1]), "two steps")
    assert labels(fig) == ["loss", "score", "learning rate"]
    assert fig.axes[0].get_title("left") == "two steps"
    assert fig.axes[-1].get_xlabel() == "step"


def test_the_numbers_stand_at_their_steps_and_the_best_score_is_named():
    fig = history(past([4.0, 3.0, 2.0, 1.5, 1.0, 0.9], [0.5, 0.75, float("nan")]))
    loss, score = fig.axes
    assert loss.lines[0].get_xdata().tolist() == [1, 2, 3, 4, 5, 6]
    assert loss.lines[0].get_ydata().tolist() == [4, 3, 2, 1.5, 1, 0.9]
    assert score.lines[0].get_xdata().tolist() == [2, 4, 6]
    assert [text.get_text() for text in score.texts] == ["0.75"]
    assert (score.lines[1].get_xdata()[0], score.lines[1].get_ydata()[0]) == (4, 0.75)


def test_a_loss_that_falls_far_gets_a_logarithmic_axis_unless_it_is_negative():
    assert history(past(np.geomspace(1, 0.01, 50))).axes[0].get_yscale() == "log"
    assert history(past(np.linspace(1, 0.5, 50))).axes[0].get_yscale() == "linear"
    assert history(past(np.linspace(1, -3, 50))).axes[0].get_yscale() == "linear"


def test_bad_input_is_named():
    with pytest.raises(ValueError, match="history has no steps"):
        history(History())
    with pytest.raises(TypeError, match="history is a list"):
        history([1.0, 2.0])


def test_signals_are_histograms_of_each_layer():
    """Catches panels of different scales, layers in another order, and numbers beyond the rim that are lost."""
    layers = {"a": [[0.0, 0.0, 1.0, 5.0], [0.0, 0.0, 0.0, 0.0]], "b": [[-1.0, -1.0], [1.0, 1.0], [0.5, -0.5]]}
    fig = signals(layers, limit=2.0, bins=5)
    a, b = fig.axes
    assert [ax.get_title("left") for ax in fig.axes] == ["a: 0", "b: 0.5"]
    np.testing.assert_allclose(a.images[0].get_array() ** 2, np.array([[0, 0, 0.5, 0.25, 0.25], [0, 0, 1, 0, 0]]).T)
    assert b.images[0].get_array().shape == (5, 3)
    assert a.images[0].get_extent() == [0.5, 2.5, -2, 2]


def test_signals_that_are_never_negative_begin_at_zero():
    assert signals({"a": [[0.0, 3.0]]}).axes[0].images[0].get_extent() == [0.5, 1.5, 0, 3]


@pytest.mark.parametrize("layers", [{}, {"a": []}, {"a": [[]]}])
def test_no_signals(layers):
    with pytest.raises(ValueError, match="layers is empty"):
        signals(layers)


def test_rate_test_marks_the_lowest_loss():
    fig = rate_test(past([3, 2, 1, 9], rates=[1e-3, 1e-2, 1e-1, 1.0]))
    assert fig.axes[0].lines[0].get_xdata().tolist() == [1e-3, 1e-2, 1e-1, 1.0]
    assert fig.axes[0].lines[1].get_xdata().tolist() == [1e-1]
    assert fig.axes[0].texts[0].get_text() == "lowest at 0.1"
    assert fig.axes[0].get_ylim()[1] < 9


def test_rate_test_smooths_without_moving_the_rates():
    """A mean of n steps stands at the last of them: catches an off-by-one between rates and losses."""
    fig = rate_test(past([4, 2, 0, 6], rates=[1, 2, 4, 8]), smooth=2)
    assert fig.axes[0].lines[1].get_xdata().tolist() == [2, 4, 8]
    assert fig.axes[0].lines[1].get_ydata().tolist() == [3, 1, 3]


def test_rate_test_refuses_what_is_no_history():
    with pytest.raises(TypeError, match="history is a list"):
        rate_test([1.0])
    with pytest.raises(ValueError, match="history has 1 steps"):
        rate_test(past([1.0]))
