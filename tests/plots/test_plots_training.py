"""What the picture of a training shows."""

import numpy as np
import pytest

from nnlite.plots import history
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
