"""The house style: one palette, one typeface, quiet axes, and no setting left behind.

:func:`styled` wraps a function that draws; inside it matplotlib's settings are ours, outside they are as they were.
:func:`figure` makes a :class:`Picture`, a matplotlib Figure that a notebook shows by itself.
"""

from __future__ import annotations

import functools
import io
from collections.abc import Callable
from typing import Any, TypeVar

import matplotlib
import numpy as np
from cycler import cycler
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from nnlite.arguments import Array

F = TypeVar("F", bound=Callable[..., Any])

INK = "#2b303a"
GREY = "#8b93a1"
PALE = "#e4e7ec"
BLUE = "#3a6ea5"
ORANGE = "#dd7a3c"
GREEN = "#4b9b7d"
VIOLET = "#7d6bb3"
GOLD = "#c9a13b"
RED = "#c44e52"

#: the colour of class 0, 1, 2, ... and of the first, second, ... curve
COLORS = (BLUE, ORANGE, GREEN, VIOLET, GOLD, RED, "#5aa9c4", "#9c7a5b", "#b5679a", GREY)

#: from paper to a deep blue, for quantities that are never negative
INTENSITY = LinearSegmentedColormap.from_list("nnlite.intensity", ["#ffffff", "#d3e0ee", "#86acd0", BLUE, "#1d3d63"])

#: blue below zero, white at zero, orange above, for signed quantities
SIGNED = LinearSegmentedColormap.from_list("nnlite.signed", ["#1f4e80", BLUE, "#f7f7f7", ORANGE, "#a8511c"])

SETTINGS: Any = {
    "font.family": "DejaVu Sans",
    "font.size": 9.5,
    "text.color": INK,
    "figure.facecolor": "white",
    "figure.dpi": 110,
    "figure.titlesize": 11,
    "figure.constrained_layout.w_pad": 0.12,
    "figure.constrained_layout.h_pad": 0.1,
    "axes.facecolor": "white",
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.8,
    "axes.titlesize": 10.5,
    "axes.titlelocation": "left",
    "axes.titlepad": 8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": False,
    "axes.axisbelow": True,
    "axes.prop_cycle": cycler(color=COLORS),
    "grid.color": PALE,
    "grid.linewidth": 0.8,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 8.5,
    "legend.frameon": False,
    "legend.fontsize": 9,
    "lines.linewidth": 1.8,
    "lines.solid_capstyle": "round",
    "image.interpolation": "nearest",
    "svg.hashsalt": "nnlite",  # so that the same picture is the same file
}


class Picture(Figure):
    """A matplotlib Figure that draws itself in a notebook, with no pyplot behind it.

    Parameters
    ----------
    *args, **kwargs
        Those of :class:`matplotlib.figure.Figure`.
    """

    def _repr_png_(self) -> bytes:
        stream = io.BytesIO()
        self.savefig(stream, format="png", dpi=self.get_dpi())
        return stream.getvalue()


def styled(function: F) -> F:
    """Draw in the house style, and leave matplotlib's settings as they were.

    Examples
    --------
    >>> import matplotlib
    >>> from nnlite.plots.style import INK, styled
    >>> @styled
    ... def ink():
    ...     return matplotlib.rcParams["text.color"]
    >>> ink() == INK, matplotlib.rcParams["text.color"] == INK
    (True, False)
    """

    @functools.wraps(function)
    def drawn(*args: Any, **kwargs: Any) -> Any:
        with matplotlib.rc_context(SETTINGS):
            return function(*args, **kwargs)

    return drawn  # type: ignore[return-value]


@styled
def figure(width: float = 5.6, height: float = 3.8) -> Picture:
    """Return an empty figure.

    Parameters
    ----------
    width, height : float
        Its size in inches.

    Examples
    --------
    >>> from nnlite.plots import figure
    >>> figure(6, 4).get_size_inches().tolist()
    [6.0, 4.0]
    """
    return Picture(figsize=(width, height), layout="constrained")


def quiet_space(ax: Any) -> None:
    """Make the walls of axes in space white and their lines pale."""
    for axis in (ax.xaxis, ax.yaxis, ax.zaxis):
        axis.pane.set(facecolor="white", edgecolor=PALE)
        axis.line.set_color(GREY)
        axis._axinfo["grid"].update(color=PALE, linewidth=0.6)


def canvas(ax: Axes | None, width: float = 5.6, height: float = 3.8) -> tuple[Figure, Axes]:
    """Return the figure of `ax` and `ax`, or a new figure with one pair of axes; call it from a styled function."""
    if ax is None:
        new = figure(width, height)
        return new, new.add_subplot()
    found = ax.get_figure()
    assert isinstance(found, Figure)
    return found, ax


def frame(X: Array, margin: float = 0.12) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return limits for both axes that show all points of `X` (N, 2) with some air around them."""
    low, high = X.min(axis=0), X.max(axis=0)
    air = margin * np.maximum(high - low, 1e-9)
    return (float(low[0] - air[0]), float(high[0] + air[0])), (float(low[1] - air[1]), float(high[1] + air[1]))


def tiles(n: int, most: int) -> tuple[int, int]:
    """Return how many rows and columns `n` panels take, with at most so many in a row."""
    columns = min(n, most)
    return -(-n // columns), columns


def lighter(color: str, share: float = 0.8) -> tuple[float, float, float]:
    """Mix a colour with white; `share` says how much white."""
    r, g, b = (share + (1 - share) * c for c in matplotlib.colors.to_rgb(color))
    return r, g, b
