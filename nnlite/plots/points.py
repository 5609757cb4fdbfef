"""What many pictures share: points in the plane, each class in its colour and shape, and the line of a neuron."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from nnlite.arguments import Array, float_array, shape_is
from nnlite.plots.style import COLORS, GREY

MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<", ">", "h")


def points_in_plane(X: Any, y: Any, name: str) -> tuple[Array, Array]:
    """Return points (N, 2) and their classes (N,) as arrays, or raise for the picture called `name`.

    Examples
    --------
    >>> from nnlite.plots.points import points_in_plane
    >>> points_in_plane([[1, 2, 3]], [1], "decision")
    Traceback (most recent call last):
    ValueError: decision: X has shape (1, 3), expected (N, 2), points in the plane
    """
    X = float_array(X, f"{name}: X", ndim=2, finite=True)
    y = np.asarray(y)
    if X.shape[1] != 2 or len(X) == 0:
        raise ValueError(f"{name}: X has shape {X.shape}, expected (N, 2), points in the plane")
    shape_is(y, f"{name}: y", (len(X),), "one class per row of X")
    return X, y


def draw_points(ax: Axes, X: Array, y: Array, classes: Array, size: float = 26.0) -> None:
    """Draw the points, each class in its colour and shape."""
    for k, label in enumerate(classes):
        chosen = y == label
        ax.scatter(
            X[chosen, 0],
            X[chosen, 1],
            s=size,
            marker=MARKERS[k % len(MARKERS)],
            color=COLORS[k % len(COLORS)],
            edgecolor="white",
            linewidth=0.6,
            label=str(label),
            zorder=3,
        )


def draw_line(ax: Axes, w: Any, **options: Any) -> None:
    """Draw the line w0 + w1 x1 + w2 x2 = 0 right across `ax`; without a direction there is nothing to draw."""
    w0, w1, w2 = (float(v) for v in w)
    options = {"color": GREY, "linewidth": 1.8, **options}
    length2 = w1 * w1 + w2 * w2
    if length2 > 0:
        foot = (-w0 * w1 / length2, -w0 * w2 / length2)
        ax.axline(foot, (foot[0] - w2, foot[1] + w1), **options)
