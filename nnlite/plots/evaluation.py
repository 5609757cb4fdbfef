"""Pictures of how well a learner does: which class it takes for which, and what more examples would bring."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from nnlite import contracts
from nnlite.arguments import Array
from nnlite.contracts import floats, integers, takes
from nnlite.data.letters import ALPHABET
from nnlite.plots.curves import name_ends
from nnlite.plots.style import BLUE, GREY, INK, ORANGE, PALE, canvas, lighter, styled

SCORES = floats("S", "S k", own_dtype=True)
#: the most classes whose numbers are written into the cells
_WRITTEN = 40


@styled
@takes(
    "confusion",
    matrix=integers("K>0 K", hint="a row and a column for each class"),
    classes=contracts.classes("K") | None,
)
def confusion(matrix: Any, classes: Any = None, title: str = "", ax: Axes | None = None) -> Figure:
    """Draw a confusion matrix: the right answers blue on the diagonal, the mistakes orange beside it.

    A cell is as dark as its share of the row, that is of all points of the class.

    Parameters
    ----------
    matrix : array_like of int, shape (K, K)
        What :func:`nnlite.training.confusion_matrix` returned: a row for each right answer, a column for each given.
    classes : sequence, optional
        The names of the classes; by default A to Z for 26 classes, else numbers.
    title : str
        What is written above; by default how many were right.
    ax : matplotlib.axes.Axes, optional
        Where to draw.

    Raises
    ------
    TypeError
        If `matrix` does not hold integers.
    ValueError
        If it is not square, empty or holds negative numbers, or there is not one name for each class.

    Examples
    --------
    >>> from nnlite.plots import confusion
    >>> fig = confusion([[8, 2], [1, 9]], ["cat", "dog"])
    >>> [text.get_text() for text in fig.axes[0].texts]
    ['8', '2', '1', '9']
    """
    k = len(matrix)
    if classes is None:
        classes = np.array(list(ALPHABET) if k == 26 else range(k))
    names = [str(c) for c in classes.tolist()]
    side = min(8.6, max(3.2, 1.2 + (0.27 if k > 12 else 0.45) * k))
    fig, ax = canvas(ax, side, side)
    ax.imshow(_shaded(matrix), interpolation="nearest")
    for edge in np.arange(k + 1) - 0.5:
        ax.axhline(edge, color=PALE, linewidth=0.5)
        ax.axvline(edge, color=PALE, linewidth=0.5)
    if k <= _WRITTEN:
        rows = np.maximum(matrix.sum(axis=1), 1)
        for i, j in np.argwhere(matrix):
            dark = matrix[i, j] / rows[i] > 0.6
            color, size = ("white" if dark else INK), 9 if k <= 12 else 7
            ax.text(j, i, str(matrix[i, j]), color=color, ha="center", va="center", fontsize=size)
    small = 9 if k <= 12 else 7.5
    ax.set_xticks(range(k), names, fontsize=small)
    ax.set_yticks(range(k), names, fontsize=small)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    total, right = int(matrix.sum()), int(np.trace(matrix))
    ax.set(xlabel="given answer", ylabel="right answer", title=title or f"{right} of {total} right")
    return fig


def _shaded(matrix: Array) -> Array:
    """White to blue on the diagonal, white to orange elsewhere, by the share of the row; (K, K, 3)."""
    share = (matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1))[..., None]
    share = np.where(share > 0, 0.15 + 0.85 * share, 0)  # so that a single mistake is seen
    full = np.where(np.eye(len(matrix), dtype=bool)[..., None], to_rgb(BLUE), to_rgb(ORANGE))
    return 1 - share * (1 - full)


@styled
@takes("learning_curve", sizes=floats("S>0", finite=True, own_dtype=True), train=SCORES, test=SCORES)
def learning_curve(
    sizes: Any, train: Any, test: Any, xlabel: str = "examples learnt from", title: str = "", ax: Axes | None = None
) -> Figure:
    """Draw the scores on the examples learnt from and on the test sample, over the number of examples.

    Lines join the means over the folds; a band reaches from the worst fold to the best.

    Parameters
    ----------
    sizes : array_like, shape (S,)
        The numbers of examples.
    train, test : array_like, shape (S,) or (S, k)
        The scores, as :func:`nnlite.training.evaluation.learning_curve` returns them.
    xlabel, title : str
        What is written at the axis and above.
    ax : matplotlib.axes.Axes, optional
        Where to draw.

    Raises
    ------
    TypeError
        If an argument does not hold real numbers.
    ValueError
        If there is no size, or not one row of scores for each.

    Examples
    --------
    >>> from nnlite.plots import learning_curve
    >>> fig = learning_curve([10, 20], [[1.0, 1.0], [1.0, 0.9]], [[0.5, 0.6], [0.7, 0.8]])
    >>> [text.get_text() for text in fig.axes[0].texts]
    ['learnt', 'test']
    """
    fig, ax = canvas(ax)
    ends = []
    for name, scores, color in (("train", train, GREY), ("test", test, BLUE)):
        scores = scores.reshape(len(scores), -1)
        mean = scores.mean(axis=1)
        ax.fill_between(sizes, scores.min(axis=1), scores.max(axis=1), color=lighter(color, 0.8), linewidth=0)
        ax.plot(sizes, mean, color=color, marker="o", markersize=4)
        ends.append((float(sizes[-1]), float(mean[-1]), "learnt" if name == "train" else "test", color))
    ax.grid(axis="y")
    ax.set(xlabel=xlabel, ylabel="share right", title=title, ylim=(None, 1.03))
    name_ends(ax, ends)
    return fig
