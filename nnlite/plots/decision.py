"""Pictures of deciding: regions and the line between them, and the line that moves."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from nnlite.arguments import shape_is
from nnlite.contracts import integer, integers, takes
from nnlite.plots.points import POINTS, WEIGHTS, draw_line, draw_points, draw_regions
from nnlite.plots.style import GREY, INK, canvas, figure, frame, lighter, styled, tiles


@styled
@takes("decision", **POINTS, resolution=integer(2))
def decision(classifier: Any, X: Any, y: Any, ax: Axes | None = None, resolution: int = 240) -> Figure:
    """Draw the points, the regions in which a classifier decides for each class, and a ring around each error.

    Parameters
    ----------
    classifier : estimator
        Anything fitted with ``predict`` and ``classes_``.
    X : array_like, shape (N, 2)
        The points.
    y : array_like, shape (N,)
        Their classes.
    ax : matplotlib.axes.Axes, optional
        Where to draw.
    resolution : int
        How many points along each axis the classifier is asked about.

    Raises
    ------
    ValueError
        If the points do not lie in the plane or `y` does not match.

    Examples
    --------
    >>> from nnlite.data import blobs
    >>> from nnlite.models.neurons.perceptron import Perceptron
    >>> from nnlite.plots import decision
    >>> X, y = blobs(60, rng=0)
    >>> len(decision(Perceptron().fit(X, y), X, y).axes[0].collections) >= 2
    True
    """
    fig, ax = canvas(ax, 4.8, 4)
    classes = np.asarray(classifier.classes_)
    xlim, ylim = frame(X)
    x1, x2 = np.meshgrid(np.linspace(*xlim, resolution), np.linspace(*ylim, resolution))
    grid = np.stack([x1.ravel(), x2.ravel()], axis=1).astype(X.dtype)
    regions = np.searchsorted(classes, classifier.predict(grid)).reshape(x1.shape)
    draw_regions(ax, x1, x2, regions, len(classes))
    if len(classes) == 2 and hasattr(classifier, "decision_function"):
        height = np.asarray(classifier.decision_function(grid)).reshape(x1.shape)  # smoother than the regions' rim
        if height.min() < 0 < height.max():
            ax.contour(x1, x2, height, levels=[0], colors=[INK], linewidths=1.2)
    else:
        for k in range(len(classes)):
            if 0 < np.count_nonzero(regions == k) < regions.size:
                ax.contour(x1, x2, regions == k, levels=[0.5], colors=[INK], linewidths=0.8)
    draw_points(ax, X, y, classes)
    wrong = classifier.predict(X) != y
    if wrong.any():
        ax.scatter(X[wrong, 0], X[wrong, 1], s=90, facecolor="none", edgecolor=INK, linewidth=1.1, zorder=4)
    right = len(y) - int(wrong.sum())
    ax.set(title=f"{right} of {len(y)} right", xlabel="x1", ylabel="x2", xlim=xlim, ylim=ylim)
    return fig


@styled
@takes("line_moving", **POINTS, history=WEIGHTS)
def line_moving(history: Any, X: Any, y: Any, ax: Axes | None = None) -> Figure:
    """Draw every line a perceptron has tried, the older the paler, and the last one in ink.

    Parameters
    ----------
    history : array_like, shape (T, 3)
        The weights (w0, w1, w2) one after the other: ``Perceptron(keep_history=True).fit(X, y).history_``.
    X : array_like, shape (N, 2)
        The points.
    y : array_like, shape (N,)
        Their classes.
    ax : matplotlib.axes.Axes, optional
        Where to draw.

    Raises
    ------
    ValueError
        If the shapes do not fit.

    Examples
    --------
    >>> from nnlite.plots import line_moving
    >>> fig = line_moving([[0, 0, 0], [1, 0, 1], [0, 1, 1]], [[0, 1], [1, -2]], [1, 0])
    >>> len(fig.axes[0].lines)
    2
    """
    fig, ax = canvas(ax, 4.8, 4)
    lines = [w for w in history if np.any(w[1:])]
    for age, w in enumerate(lines[:-1], start=1):
        draw_line(ax, w, color=lighter(GREY, 0.75 * (1 - age / len(lines))), linewidth=1)
    if lines:
        draw_line(ax, lines[-1], color=INK, linewidth=2.2)
    draw_points(ax, X, y, np.unique(y))
    xlim, ylim = frame(X)
    changes = len(history) - 1
    ax.set(title=f"{changes} correction{'s' * (changes != 1)}", xlabel="x1", ylabel="x2", xlim=xlim, ylim=ylim)
    return fig


@styled
@takes("mistakes", **POINTS, history=WEIGHTS, points=integers("M", below="N"), panels=integer(1))
def mistakes(history: Any, points: Any, X: Any, y: Any, panels: int = 6) -> Figure:
    """Draw the line before (dashed) and after (ink) a mistake, with a ring around the point that caused it.

    Parameters
    ----------
    history : array_like, shape (T, 3)
        The weights, starting with those before the first mistake: ``Perceptron.history_``.
    points : array_like of int, shape (M,), M = T - 1
        The number of the point of each mistake: ``Perceptron.history_points_``.
    X, y
        As for :func:`line_moving`.
    panels : int
        How many mistakes to show, evenly spread from the first to the last.

    Raises
    ------
    ValueError
        If the shapes do not fit or there was no mistake.

    Examples
    --------
    >>> from nnlite.plots import mistakes
    >>> fig = mistakes([[0, 0, 0], [1, 0, 1], [0, 1, 1]], [0, 1], [[0, 1], [1, -2]], [1, 0])
    >>> [ax.get_title("left") for ax in fig.axes]
    ['mistake 1', 'mistake 2']
    """
    shape_is(points, "mistakes: points", (len(history) - 1,), "one point per change of the weights")
    if len(points) == 0:
        raise ValueError("mistakes: points is empty, expected at least one mistake")
    shown = np.unique(np.linspace(0, len(points) - 1, panels).round().astype(int))
    rows, columns = tiles(len(shown), 3)
    fig = figure(2.7 * columns, 2.5 * rows)
    xlim, ylim = frame(X)
    for panel, t in enumerate(shown, start=1):
        ax = fig.add_subplot(rows, columns, panel)
        draw_line(ax, history[t], color=GREY, linewidth=1.4, linestyle=(0, (4, 3)))
        draw_line(ax, history[t + 1], color=INK, linewidth=2)
        draw_points(ax, X, y, np.unique(y), size=16)
        ringed = X[points[t]]
        ax.scatter(ringed[0], ringed[1], s=120, facecolor="none", edgecolor=INK, linewidth=1.3, zorder=4)
        ax.set(title=f"mistake {t + 1}", xlim=xlim, ylim=ylim, xticks=[], yticks=[])
    return fig
