"""Curves over time: losses, accuracies, mistakes; and bars to compare a few numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from nnlite.arguments import Array, float_array, integer
from nnlite.plots.style import COLORS, INK, canvas, lighter, styled


@styled
def curves(
    series: Mapping[str, Any] | Any,
    xlabel: str = "epoch",
    ylabel: str = "",
    title: str = "",
    log: bool = False,
    smooth: int = 1,
    start: int = 1,
    ax: Axes | None = None,
) -> Figure:
    """Draw one or several sequences of numbers, each named at its end.

    Parameters
    ----------
    series : mapping from str to array_like of shape (T,), or one array_like
        The curves.
    xlabel, ylabel, title : str
        What is written at the axes and above.
    log : bool
        Whether the vertical axis is logarithmic.
    smooth : int
        Draw the mean of so many neighbours in full colour, and the curve itself palely behind it.
    start : int
        The number of the first entry.
    ax : matplotlib.axes.Axes, optional
        Where to draw.

    Raises
    ------
    TypeError
        If a curve does not hold real numbers.
    ValueError
        If there is no curve or one is empty.

    Examples
    --------
    >>> from nnlite.plots import curves
    >>> fig = curves({"train": [3, 2, 1], "test": [3, 2.5, 2.2]}, ylabel="loss")
    >>> [text.get_text() for text in fig.axes[0].texts]
    ['train', 'test']
    """
    named: dict[str, Any] = dict(series) if isinstance(series, Mapping) else {"": series}
    if not named:
        raise ValueError("curves: series is empty, expected at least one curve")
    values = {name: float_array(value, f"curves: {name or 'series'}", ndim=1) for name, value in named.items()}
    for name, value in values.items():
        if len(value) == 0:
            raise ValueError(f"curves: {name or 'series'} is empty, expected at least one number")
    smooth = integer(smooth, "curves: smooth", low=1)
    fig, ax = canvas(ax)
    ends: list[tuple[float, float, str, str]] = []
    for k, (name, value) in enumerate(values.items()):
        color = COLORS[k % len(COLORS)]
        x = np.arange(start, start + len(value))
        if smooth > 1 and len(value) > smooth:
            ax.plot(x, value, color=lighter(color, 0.7), linewidth=0.8)
            x, value = x[smooth - 1 :], running_mean(value, smooth)
        ax.plot(x, value, color=color, marker="o" if len(value) == 1 else None)
        ends.append((float(x[-1]), float(value[-1]), name, color))
    if log:
        ax.set_yscale("log")
    ax.grid(axis="y")
    ax.set(xlabel=xlabel, ylabel=ylabel, title=title)
    ax.margins(x=0.02)
    name_ends(ax, [end for end in ends if end[2]])
    return fig


@styled
def bars(values: Mapping[str, float], xlabel: str = "", title: str = "", ax: Axes | None = None) -> Figure:
    """Draw a few named numbers as horizontal bars, the first on top, each with its value.

    Parameters
    ----------
    values : mapping from str to float
        The numbers.
    xlabel, title : str
        What is written below and above.
    ax : matplotlib.axes.Axes, optional
        Where to draw.

    Examples
    --------
    >>> from nnlite.plots import bars
    >>> len(bars({"nnlite": 6.1, "scikit-learn": 1.0}).axes[0].patches)
    2
    """
    if not values:
        raise ValueError("bars: values is empty, expected at least one number")
    fig, ax = canvas(ax, 5.6, 0.38 * len(values) + 0.9)
    drawn = ax.barh(list(values), [float(v) for v in values.values()], color=COLORS[0], height=0.62)
    ax.bar_label(drawn, fmt="%.3g", padding=4, color=INK)
    ax.invert_yaxis()
    ax.spines["left"].set_visible(False)
    ax.tick_params(axis="y", length=0)
    ax.margins(x=0.12)
    ax.set(xlabel=xlabel, title=title)
    return fig


def running_mean(values: Array, n: int) -> Array:
    """Return the means of `n` neighbours, len(values) - n + 1 of them.

    Examples
    --------
    >>> from nnlite.plots.curves import running_mean
    >>> running_mean([1.0, 3.0, 5.0], 2)
    array([2., 4.])
    """
    total = np.cumsum(np.concatenate([[0.0], values]))
    return (total[n:] - total[:-n]) / n


def name_ends(ax: Axes, ends: list[tuple[float, float, str, str]]) -> None:
    """Write each name at the end of its curve, moved apart where two would overlap."""
    ax.get_figure().draw_without_rendering()  # type: ignore[union-attr]
    heights = {end: float(ax.transData.transform((end[0], end[1]))[1]) for end in ends}
    line = 13 * ax.get_figure().dpi / 72  # type: ignore[union-attr]
    taken = -np.inf
    placed = {}
    for end in sorted(ends, key=heights.__getitem__):
        taken = max(heights[end], taken + line)
        placed[end] = taken
    right = max((end[0] for end in ends), default=0)
    for end in ends:
        x, y, name, color = end
        x = x if x < 0.8 * right else right  # a curve that stops early is named where it stops
        lift = (placed[end] - heights[end]) * 72 / ax.get_figure().dpi  # type: ignore[union-attr]
        ax.annotate(name, (x, y), xytext=(6, lift), textcoords="offset points", color=color, va="center")
