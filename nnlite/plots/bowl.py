"""A loss of two weights as the valley it is, seen from above its rim, and the way that goes down into it."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from nnlite.arguments import Array, float_array, number, shape_is
from nnlite.models import adaline, logistic
from nnlite.plots.decision import _plane
from nnlite.plots.facets import _polygon, facets
from nnlite.plots.style import GREEN, GREY, INK, INTENSITY, ORANGE, PALE, figure, lighter, styled


@styled
def bowl(
    height: Callable[[Array], Any],
    path: Any = None,
    center: Any = (0.0, 0.0),
    radius: float = 1.0,
    title: str = "",
    labels: tuple[str, str] = ("w1", "w2"),
    azimuth: float = -60.0,
    elevation: float = 34.0,
    ax: Any = None,
) -> Figure:
    """Draw a function of two weights as a surface over a round piece of their plane, and a path on it.

    Parameters
    ----------
    height : function
        From weights, shape (2,), to one number, the loss.
    path : array_like, shape (T, 2), optional
        Weights one after the other. What leaves the piece that is shown is left out.
    center : array_like, shape (2,)
        The middle of the piece, best the lowest point.
    radius : float
        Its radius, > 0.
    title : str
        What is written above.
    labels : (str, str)
        What the two weights are called.
    azimuth, elevation : float
        Where one looks from, in degrees.
    ax : mpl_toolkits.mplot3d.axes3d.Axes3D, optional
        Where to draw.

    Raises
    ------
    TypeError
        If `height` is no function.
    ValueError
        If the path or the center do not lie in the plane, or `radius` is not > 0.

    Examples
    --------
    >>> fig = bowl(lambda w: w[0] ** 2 + 3 * w[1] ** 2, path=[[0.5, 0.5], [0.3, 0.1]])
    >>> len(fig.axes[0].lines)  # the rim, the path and its end
    3
    """
    if not callable(height):
        raise TypeError(f"bowl: height is a {type(height).__name__}, expected a function of two weights")
    center = float_array(center, "bowl: center", ndim=1, finite=True)
    shape_is(center, "bowl: center", (2,), "the two weights in the middle")
    radius = number(radius, "bowl: radius", low=0)
    if radius == 0:
        raise ValueError("bowl: radius is 0.0, expected a number > 0")
    fig, ax = _space(ax, azimuth, elevation, labels, title)
    w1, w2, z = _disc(height, center, radius)
    floor, top = float(np.nanmin(z)), float(np.nanmax(z))
    rise = max(top - floor, 1e-12)
    ax.plot_surface(
        w1, w2, z, facecolors=INTENSITY(0.06 + 0.74 * (z - floor) / rise), rstride=1, cstride=1, shade=False,
        linewidth=0, antialiased=True, alpha=0.92, zorder=1,
    )  # fmt: skip
    # Rings of equal height, drawn where they are.
    ax.contour(w1, w2, z, levels=floor + rise * np.linspace(0.02, 0.98, 10), colors=["white"], linewidths=0.7, zorder=2)
    ax.plot(w1[:, -1], w2[:, -1], z[:, -1], color=INK, linewidth=0.9, zorder=3)
    if path is not None:
        path = float_array(path, "bowl: path", ndim=2)
        shape_is(path, "bowl: path", (len(path), 2), "weights (w1, w2) one after the other")
        with np.errstate(all="ignore"):
            inside = np.hypot(*(path - center).T) <= radius * 1.001
        way = path[: len(path) if inside.all() else int(np.argmin(inside))]
        if len(way):
            heights = [float(height(w)) for w in way]
            ax.plot(*way.T, heights, color=ORANGE, marker="o", markersize=3.6, linewidth=1.6, zorder=5)
            ax.plot(*way[-1:].T, heights[-1:], "o", color=ORANGE, markeredgecolor="white", markersize=8, zorder=6)
    ax.set(xlim=(center[0] - radius, center[0] + radius), ylim=(center[1] - radius, center[1] + radius))
    ax.set_zlim(floor, top)
    return fig


@styled
def three_losses(X: Any, y: Any, radius: float = 3.0, azimuth: float | None = None) -> Figure:
    """Draw the losses of the perceptron, the logistic neuron and Adaline over the same two weights, side by side.

    The green dot is the lowest point, where there is one. Without a bias the perceptron's is at w = 0, or a whole facet
    if a line through the origin separates the points; then the logistic loss falls for ever.

    Parameters
    ----------
    X : array_like, shape (N, 2)
        The points.
    y : array_like, shape (N,)
        Their labels, -1 or +1.
    radius : float
        How far from w = 0 to look, > 0.
    azimuth : float, optional
        Where one looks from, in degrees.

    Raises
    ------
    ValueError
        If the shapes do not fit or `y` holds anything but -1 and +1.

    Examples
    --------
    >>> fig = three_losses([[1, 2], [-1, 1]], [1, -1])
    >>> [ax.get_title() for ax in fig.axes]
    ['perceptron', 'logistic neuron', 'Adaline']
    """
    X, y = _plane(X, y, "three_losses")
    X, radius = X.astype(np.float64), number(radius, "three_losses: radius", low=1e-9)
    corners = facets(X, y, radius)  # refuses other labels than -1 and +1
    zeros = (y == 1).astype(np.float64)
    if azimuth is None:
        downhill = y @ X
        azimuth = math.degrees(math.atan2(downhill[1], downhill[0])) - 75
    azimuth = number(azimuth, "three_losses: azimuth")

    fig = figure(9.6, 3.5)
    crystal, hollow, round_one = (fig.add_subplot(1, 3, k, projection="3d", computed_zorder=False) for k in (1, 2, 3))
    _crystal(crystal, corners, azimuth, radius)
    view: dict[str, Any] = {"radius": radius, "azimuth": azimuth, "elevation": 30.0}
    bowl(lambda w: logistic.loss(w, X, zeros), title="logistic neuron", ax=hollow, **view)
    bowl(lambda w: adaline.loss(w, X, y), title="Adaline", ax=round_one, **view)
    separable = any(slope == 0 for _, slope in corners)
    if not separable:
        _lowest(crystal, np.zeros(2), 0.0)
        neuron = logistic.LogisticNeuron(fit_intercept=False, max_iter=5000, tol=1e-6).fit(X, zeros)
        _lowest(hollow, neuron.w_, logistic.loss(neuron.w_, X, zeros), radius)
    best = np.linalg.lstsq(X, y.astype(np.float64), rcond=None)[0]
    _lowest(round_one, best, adaline.loss(best, X, y), radius)
    fig.set_layout_engine("none")
    for k, ax in enumerate((crystal, hollow, round_one)):
        ax.set_position((-0.01 + k * 0.335, -0.06, 0.35, 1.0))
        ax.set(xticklabels=[], yticklabels=[], zticklabels=[], zlabel="loss" if k == 0 else "")
        ax.xaxis.labelpad = ax.yaxis.labelpad = ax.zaxis.labelpad = -10
    return fig


def _crystal(ax: Any, corners: list[tuple[Array, float]], azimuth: float, radius: float) -> None:
    _look(ax, azimuth, 30.0, ("w1", "w2"), "perceptron")
    steepest = max(max(slope for _, slope in corners), 1e-9)
    eye = np.array([math.cos(math.radians(azimuth)), math.sin(math.radians(azimuth))])
    corners = sorted(corners, key=lambda facet: float(facet[0][:, :2].mean(axis=0) @ eye))
    for order, (corner, slope) in enumerate(corners):
        color = lighter(GREEN, 0.55) if slope == 0 else INTENSITY(0.12 + 0.7 * slope / steepest)
        ax.add_collection3d(_polygon(corner, color, order))
    top = max(float(corner[:, 2].max()) for corner, _ in corners)
    ax.set(xlim=(-radius, radius), ylim=(-radius, radius))
    ax.set_zlim(0, max(top, 1e-12))


def _lowest(ax: Any, w: Array, z: float, radius: float = math.inf) -> None:
    if np.hypot(*w) <= radius:
        ax.plot([w[0]], [w[1]], [z], "o", color=GREEN, markeredgecolor="white", markersize=8, zorder=100)


def _disc(height: Callable[[Array], Any], center: Array, radius: float) -> tuple[Array, Array, Array]:
    """The height over rings of points around the center, the outermost last: three arrays (angles, rings)."""
    angle, distance = np.meshgrid(np.linspace(0, 2 * math.pi, 73), radius * np.linspace(0, 1, 25), indexing="ij")
    w1, w2 = center[0] + distance * np.cos(angle), center[1] + distance * np.sin(angle)
    z = np.array([float(height(w)) for w in np.stack([w1.ravel(), w2.ravel()], axis=1)])
    return w1, w2, z.reshape(w1.shape)


def _space(ax: Any, azimuth: float, elevation: float, labels: tuple[str, str], title: str) -> tuple[Figure, Any]:
    azimuth, elevation = number(azimuth, "bowl: azimuth"), number(elevation, "bowl: elevation")
    fig: Any
    if ax is None:
        fig = figure(5.0, 4.0)
        ax = fig.add_subplot(projection="3d", computed_zorder=False)
        fig.set_layout_engine("none")  # it does not see the labels of three axes
        ax.set_position((0.02, 0.04, 0.88, 0.94))
    else:
        fig = ax.get_figure()
    _look(ax, azimuth, elevation, labels, title)
    return fig, ax


def _look(ax: Any, azimuth: float, elevation: float, labels: tuple[str, str], title: str) -> None:
    ax.view_init(elevation, azimuth)
    ax.set_box_aspect((1, 1, 0.7))
    ax.set(xlabel=labels[0], ylabel=labels[1], zlabel="loss", title=title)
    for axis in (ax.xaxis, ax.yaxis, ax.zaxis):
        axis.pane.set(facecolor="white", edgecolor=PALE)
        axis.line.set_color(GREY)
        axis._axinfo["grid"].update(color=PALE, linewidth=0.6)
        axis.set_tick_params(labelsize=7)
