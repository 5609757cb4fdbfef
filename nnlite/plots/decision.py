"""Pictures of deciding: regions and the line between them, the line that moves, the loss it runs down."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap, PowerNorm
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from nnlite.arguments import Array, float_array, integer, shape_is
from nnlite.models.neurons.neuron import with_bias
from nnlite.models.neurons.perceptron import loss
from nnlite.plots.neuron import draw_line
from nnlite.plots.style import COLORS, GREY, INK, INTENSITY, ORANGE, canvas, figure, frame, lighter, styled

_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<", ">", "h")


def draw_points(ax: Axes, X: Array, y: Array, classes: Array, size: float = 26.0) -> None:
    """Draw the points, each class in its colour and shape."""
    for k, label in enumerate(classes):
        chosen = y == label
        ax.scatter(
            X[chosen, 0],
            X[chosen, 1],
            s=size,
            marker=_MARKERS[k % len(_MARKERS)],
            color=COLORS[k % len(COLORS)],
            edgecolor="white",
            linewidth=0.6,
            label=str(label),
            zorder=3,
        )


@styled
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
    >>> X, y = blobs(60, rng=0)
    >>> len(decision(Perceptron().fit(X, y), X, y).axes[0].collections) >= 2
    True
    """
    X, y = _plane(X, y, "decision")
    resolution = integer(resolution, "decision: resolution", low=2)
    fig, ax = canvas(ax, 4.8, 4)
    classes = np.asarray(classifier.classes_)
    xlim, ylim = frame(X)
    x1, x2 = np.meshgrid(np.linspace(*xlim, resolution), np.linspace(*ylim, resolution))
    grid = np.stack([x1.ravel(), x2.ravel()], axis=1).astype(X.dtype)
    regions = np.searchsorted(classes, classifier.predict(grid)).reshape(x1.shape)
    colors = ListedColormap([lighter(COLORS[k % len(COLORS)]) for k in range(len(classes))])
    ax.pcolormesh(x1, x2, regions, cmap=colors, vmin=-0.5, vmax=len(classes) - 0.5, shading="nearest", rasterized=True)
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
    >>> fig = line_moving([[0, 0, 0], [1, 0, 1], [0, 1, 1]], [[0, 1], [1, -2]], [1, 0])
    >>> len(fig.axes[0].lines)
    2
    """
    X, y = _plane(X, y, "line_moving")
    history = _history(history, "line_moving")
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
def mistakes(history: Any, points: Any, X: Any, y: Any, panels: int = 6) -> Figure:
    """Draw the line before (dashed) and after (ink) a mistake, with a ring around the point that caused it.

    Parameters
    ----------
    history : array_like, shape (1 + T, 3)
        The weights, starting with those before the first mistake: ``Perceptron.history_``.
    points : array_like of int, shape (T,)
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
    >>> fig = mistakes([[0, 0, 0], [1, 0, 1], [0, 1, 1]], [0, 1], [[0, 1], [1, -2]], [1, 0])
    >>> [ax.get_title("left") for ax in fig.axes]
    ['mistake 1', 'mistake 2']
    """
    X, y = _plane(X, y, "mistakes")
    history = _history(history, "mistakes")
    points = np.asarray(points)
    shape_is(points, "mistakes: points", (len(history) - 1,), "one point per change of the weights")
    panels = integer(panels, "mistakes: panels", low=1)
    if len(points) == 0:
        raise ValueError("mistakes: points is empty, expected at least one mistake")
    shown = np.unique(np.linspace(0, len(points) - 1, panels).round().astype(int))
    columns = min(3, len(shown))
    rows = -(-len(shown) // columns)
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


@styled
def loss_surface(
    X: Any, y: Any, history: Any = None, bias: float | None = None, limit: float | None = None, ax: Axes | None = None
) -> Figure:
    """Draw the perceptron's loss over the plane of two weights, its kinks, and the path of the weights.

    Each point contributes one kink: the line of the weights for which it lies exactly on the decision line. Between
    the kinks the loss is flat like a facet of a crystal.

    Parameters
    ----------
    X : array_like, shape (N, 2)
        The points.
    y : array_like, shape (N,)
        Their labels, -1 or +1.
    history : array_like, shape (T, 3), optional
        A path of weights (w0, w1, w2) to draw; w0 is not shown.
    bias : float, optional
        The weight w0 that is kept fixed; by default that at the end of the path, or 0.
    limit : float, optional
        Both weights run from -limit to limit; by default so that the path is seen.
    ax : matplotlib.axes.Axes, optional
        Where to draw.

    Raises
    ------
    ValueError
        If the shapes do not fit or `y` holds anything but -1 and +1.

    Examples
    --------
    >>> loss_surface([[1, 2], [-1, 1]], [1, -1]).axes[0].get_xlabel()
    'w1'
    """
    X, y = _plane(X, y, "loss_surface")
    path = None
    if history is not None:
        history = _history(history, "loss_surface")
        path = history[:, 1:]
    if bias is None:
        bias = 0.0 if history is None else float(history[-1, 0])
    if limit is None:
        limit = 2.0 if path is None or not path.any() else 1.25 * float(np.abs(path).max())
    fig, ax = canvas(ax, 5.2, 4)
    ticks = np.linspace(-limit, limit, 121)
    points = with_bias(X)
    w1, w2 = (w.ravel() for w in np.meshgrid(ticks, ticks))
    W = np.stack([np.full_like(w1, bias), w1, w2], axis=1).astype(X.dtype)
    height = np.array([loss(w, points, y) for w in W]).reshape(len(ticks), -1)
    # Levels closer together near zero, where the path ends.
    levels = max(float(height.max()), 1e-9) * np.linspace(0, 1, 15) ** 2
    filled = ax.contourf(ticks, ticks, height, levels=levels, cmap=INTENSITY, norm=PowerNorm(0.5), alpha=0.95)
    bar = fig.colorbar(filled, ax=ax, label="loss", ticks=MaxNLocator(5), spacing="proportional")
    bar.outline.set_visible(False)
    for x in X:
        draw_line(ax, (bias, *x), color="white", linewidth=0.6, alpha=0.7)
    worst = (y * (W @ points.T)).min(axis=1).reshape(height.shape)
    perfect = worst > 0
    if perfect.any():
        ax.contour(ticks, ticks, worst, levels=[0], colors=[INK], linewidths=1.2)
    if path is not None:
        ax.plot(*path.T, color=ORANGE, linewidth=1.5, marker="o", markersize=3.5)
        ax.plot(*path[-1], "o", color=ORANGE, markeredgecolor="white", markersize=8)
    ax.set(xlabel="w1", ylabel="w2", xlim=(-limit, limit), ylim=(-limit, limit), aspect="equal")
    ax.set_title("the perceptron's loss" + ("; inside the ink line all are right" if perfect.any() else ""))
    return fig


def _plane(X: Any, y: Any, name: str) -> tuple[Array, Array]:
    X = float_array(X, f"{name}: X", ndim=2, finite=True)
    y = np.asarray(y)
    if X.shape[1] != 2 or len(X) == 0:
        raise ValueError(f"{name}: X has shape {X.shape}, expected (N, 2), points in the plane")
    shape_is(y, f"{name}: y", (len(X),), "one class per row of X")
    return X, y


def _history(history: Any, name: str) -> Array:
    history = float_array(history, f"{name}: history", ndim=2, finite=True)
    shape_is(history, f"{name}: history", (len(history), 3), "weights (w0, w1, w2)")
    return history
