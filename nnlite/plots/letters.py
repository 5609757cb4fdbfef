"""A sheet of pictures, letters or digits, with what was read under those that were read wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from nnlite.contracts import classes, floats, integer, takes
from nnlite.data.letters import ALPHABET
from nnlite.plots.style import GREY, INK, PALE, RED, figure, styled, tiles


@styled
@takes(
    "sheet",
    pictures=floats("N>0 H W", finite=True),
    labels=classes("N") | None,
    predicted=classes("N") | None,
    columns=integer(1),
)
def sheet(
    pictures: Any,
    labels: Any = None,
    predicted: Any = None,
    names: Sequence[str] | None = None,
    columns: int = 26,
) -> Figure:
    """Draw pictures in rows; those read wrong stand in red, with what was read below them.

    Parameters
    ----------
    pictures : array_like, shape (N, H, W)
        The pictures, 0 for paper to 1 for ink.
    labels : array_like of int, shape (N,), optional
        What they are.
    predicted : array_like of int, shape (N,), optional
        What was read; needs `labels`.
    names : sequence of str, optional
        The name of class 0, 1, ...; by default A to Z where there are at most 26 classes and some lie above 9, else
        numbers.
    columns : int
        The pictures in a row.

    Raises
    ------
    ValueError
        If the shapes do not fit or `predicted` is given without `labels`.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite.data import load_letters
    >>> from nnlite.plots import sheet
    >>> pictures, labels = load_letters("cmr10")
    >>> read = np.where(labels == 14, 16, labels)
    >>> [text.get_text() for text in sheet(pictures, labels, read).axes[0].texts]
    ['Q']
    """
    n, height, width = pictures.shape
    wrong = np.zeros(n, bool)
    if predicted is not None:
        if labels is None:
            raise ValueError("sheet: predicted is given without labels, expected both")
        wrong = labels != predicted
        if names is None:
            most = max(int(labels.max()), int(predicted.max()))
            names = ALPHABET if 9 < most < 26 else [str(k) for k in range(most + 1)]
    rows, columns = tiles(n, columns)
    gap, caption = max(2, width // 6), height // 2 if wrong.any() else 0
    cell_height, cell_width = height + gap + caption, width + gap
    paper = np.ones((rows * cell_height, columns * cell_width, 3))
    ink = {True: np.array(to_rgb(RED)), False: np.array(to_rgb(INK))}
    fig = figure(*_size(rows * cell_height, columns * cell_width))
    ax = fig.add_subplot()
    for i in range(n):
        top, left = i // columns * cell_height + gap // 2, i % columns * cell_width + gap // 2
        amount = np.clip(pictures[i], 0, 1)[..., None]
        paper[top : top + height, left : left + width] = 1 - amount * (1 - ink[bool(wrong[i])])
        if wrong[i]:
            ax.add_patch(
                Rectangle((left - 1, top - 1), width + 1, height + 1, fill=False, edgecolor=RED, linewidth=0.8)
            )
            ax.text(
                left + width / 2,
                top + height + caption / 2 + 0.5,
                str(names[int(predicted[i])]) if names is not None else str(predicted[i]),
                color=RED,
                ha="center",
                va="center",
                fontsize=7.5,
            )
    ax.imshow(paper, interpolation="nearest")
    ax.set(xticks=[], yticks=[])
    for spine in ax.spines.values():
        spine.set(visible=True, color=PALE)
    if predicted is not None:
        ax.set_title(f"{n - int(wrong.sum())} of {n} read right", color=INK)
        if wrong.any():
            ax.set_xlabel("in red: read wrong, and as what", color=GREY, loc="left")
    return fig


def _size(height: int, width: int) -> tuple[float, float]:
    """Inches for so many points of picture: the wider side 9 inches, small sheets smaller."""
    scale = min(9.0 / width, 9.0 / height, 1 / 26)
    return max(3.0, width * scale), max(1.6, height * scale + 0.7)
