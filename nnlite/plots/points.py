"""What many pictures share: points in the plane, each class in its colour and shape, and the line of a neuron."""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap

from nnlite.arguments import Array
from nnlite.contracts import classes, floats
from nnlite.plots.style import COLORS, GREY, lighter

#: points in the plane and their classes; and the weights of a neuron with two inputs, one after the other
POINTS: dict[str, Any] = dict(X=floats("N>0 2", finite=True, hint="points in the plane"), y=classes("N"))
WEIGHTS = floats("T 3", finite=True, own_dtype=True, hint="weights w0, w1, w2")

MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<", ">", "h")


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


def draw_regions(ax: Axes, x1: Array, x2: Array, winner: Array, n: int, zorder: float = 1) -> None:
    """Fill the plane with the pale colour of the class, of `n`, that wins at each place."""
    colors = ListedColormap([lighter(COLORS[k % len(COLORS)]) for k in range(n)])
    mesh = ax.pcolormesh(x1, x2, winner, cmap=colors, vmin=-0.5, vmax=n - 0.5, shading="nearest", rasterized=True)
    mesh.set_zorder(zorder)


def draw_line(ax: Axes, w: Any, **options: Any) -> None:
    """Draw the line w0 + w1 x1 + w2 x2 = 0 right across `ax`; without a direction there is nothing to draw."""
    w0, w1, w2 = (float(v) for v in w)
    options = {"color": GREY, "linewidth": 1.8, **options}
    length2 = w1 * w1 + w2 * w2
    if length2 > 0:
        foot = (-w0 * w1 / length2, -w0 * w2 / length2)
        ax.axline(foot, (foot[0] - w2, foot[1] + w1), **options)
