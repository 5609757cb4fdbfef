"""The perceptron's loss as the solid it is: a crystal with flat facets, standing on its tip.

Without a bias the loss of a weight vector twice as long is twice as high, so that every facet is a wedge that starts
at w = 0; two facets meet where a point changes sides.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from nnlite.arguments import Array, number
from nnlite.models.neurons.perceptron import loss
from nnlite.plots.decision import _plane
from nnlite.plots.style import GREEN, GREY, INK, INTENSITY, ORANGE, PALE, figure, lighter, styled


@styled
def loss_facets(X: Any, y: Any, path: Any = None, azimuth: float | None = None, elevation: float = 32.0) -> Figure:
    """Draw the perceptron's loss over the plane of two weights (no bias) as a solid.

    Parameters
    ----------
    X : array_like, shape (N, 2)
        The points.
    y : array_like, shape (N,)
        Their labels, -1 or +1.
    path : array_like, shape (T, 2), optional
        Weights one after the other, drawn on the surface.
    azimuth, elevation : float, optional
        Where one looks from, in degrees; by default so that the valley opens towards the right.

    Raises
    ------
    ValueError
        If the shapes do not fit or `y` holds anything but -1 and +1.

    Examples
    --------
    >>> fig = loss_facets([[1, 2], [-1, 1]], [1, -1])
    >>> len(fig.axes[0].collections)                                          # one facet between any two kinks
    4
    """
    X, y = _plane(X, y, "loss_facets")
    X = X.astype(np.float64)
    if azimuth is None:
        downhill = y @ X
        azimuth = math.degrees(math.atan2(downhill[1], downhill[0])) - 75
    azimuth, elevation = number(azimuth, "loss_facets: azimuth"), number(elevation, "loss_facets: elevation")
    steps = np.zeros((0, 2)) if path is None else np.asarray(path, np.float64).reshape(-1, 2)
    radius = 1.2 * max(float(np.linalg.norm(steps, axis=1).max(initial=0)), 1.0)

    fig = figure(5.4, 4.0)
    ax: Any = fig.add_subplot(projection="3d", computed_zorder=False)
    found = facets(X, y, radius)
    steepest = max(max(slope for _, slope in found), 1e-9)
    eye = np.array([math.cos(math.radians(azimuth)), math.sin(math.radians(azimuth))])
    # The painter's order: what lies farther from the eye first.
    found.sort(key=lambda facet: float(facet[0][:, :2].mean(axis=0) @ eye))
    for order, (corners, slope) in enumerate(found):
        color = lighter(GREEN, 0.55) if slope == 0 else INTENSITY(0.12 + 0.7 * slope / steepest)
        ax.add_collection3d(_polygon(corners, color, order))
    if len(steps):
        height = np.array([loss(w, X, y) for w in steps])
        ax.plot(*steps.T, height, color=ORANGE, marker="o", markersize=3.5, linewidth=1.5, zorder=len(found))
    ax.set(xlim=(-radius, radius), ylim=(-radius, radius), xlabel="w1", ylabel="w2", zlabel="loss")
    ax.set_zlim(0, radius * steepest)
    ax.set_box_aspect((1, 1, 0.7))
    fig.set_layout_engine("none")  # it does not see the labels of three axes
    ax.set_position((0.02, 0.06, 0.88, 0.98))
    ax.view_init(elevation, azimuth)
    for axis in (ax.xaxis, ax.yaxis, ax.zaxis):
        axis.pane.set(facecolor="white", edgecolor=PALE)
        axis.line.set_color(GREY)
        axis._axinfo["grid"].update(color=PALE, linewidth=0.6)
    return fig


def facets(X: Array, y: Array, radius: float) -> list[tuple[Array, float]]:
    """Return every facet out to `radius`: its corners (w1, w2, loss), the tip first, and how steep it is.

    Examples
    --------
    >>> [slope for _, slope in facets(np.array([[0.0, 2.0]]), np.array([1]), 1.0)]
    [0.0, 2.0]
    """
    kinks = _kinks(X)
    found = []
    for a, b in pairwise(kinks):
        angles = np.linspace(a, b, 2 + int((b - a) * 20))
        rim = radius * np.stack([np.cos(angles), np.sin(angles)], axis=1)
        corners = np.concatenate([np.zeros((1, 2)), rim])
        height = np.array([loss(w, X, y) for w in corners])
        slope = float(np.linalg.norm(_slope(X, y, (a + b) / 2)))
        found.append((np.concatenate([corners, height[:, None]], axis=1), slope))
    return found


def _kinks(X: Array) -> list[float]:
    """The directions of w at right angles to a point, where that point changes sides, once around."""
    towards = np.arctan2(X[:, 1], X[:, 0])[np.any(X != 0, axis=1)]
    angles = np.unique(np.round(np.concatenate([towards + math.pi / 2, towards - math.pi / 2]) % (2 * math.pi), 12))
    if len(angles) == 0:
        return [0.0, 2 * math.pi]
    return [*angles.tolist(), float(angles[0]) + 2 * math.pi]


def _slope(X: Array, y: Array, direction: float) -> Array:
    """The gradient of the loss at the weights that point in this direction."""
    wrong = y * (X @ np.array([math.cos(direction), math.sin(direction)])) < 0
    return -(y[wrong] @ X[wrong])


def _polygon(corners: Array, color: Any, order: int) -> Any:
    from mpl_toolkits.mplot3d.art3d import Poly3DCollection

    return Poly3DCollection([corners], facecolors=[color], edgecolors=INK, linewidths=0.6, zorder=order)
