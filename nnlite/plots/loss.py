"""The loss over the plane of two weights, in three dimensions and as a map, with the path of a descent."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import PowerNorm
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from nnlite.arguments import Array
from nnlite.contracts import above, floats, number, takes, word
from nnlite.models import adaline, logistic, perceptron
from nnlite.models.neurons.neuron import with_bias
from nnlite.plots.facets import facets
from nnlite.plots.points import POINTS, WEIGHTS, draw_line
from nnlite.plots.style import GREEN, INK, INTENSITY, ORANGE, canvas, figure, lighter, quiet_space, styled


@styled
@takes(
    "loss_3d",
    kind=word("valley", "crystal"),
    center=floats("2", finite=True, own_dtype=True),
    path=floats("T 2", own_dtype=True, hint="weights w1, w2 one after the other") | None,
    radius=above(0) | None,
    azimuth=number() | None,
    elevation=number(),
)
def loss_3d(
    loss: Any,
    path: Any = None,
    *,
    kind: str = "valley",
    center: Any = (0.0, 0.0),
    radius: float | None = None,
    title: str = "",
    labels: tuple[str, str] = ("w1", "w2"),
    azimuth: float | None = None,
    elevation: float = 34.0,
    ax: Any = None,
) -> Figure:
    """Draw a loss of two weights as a solid over a round piece of their plane, and a path on it.

    Parameters
    ----------
    loss : function, or (X, y)
        For a valley the loss: a function from weights, shape (2,), to one number. For a crystal the points (N, 2) and
        their labels, -1 or +1, of a perceptron without a bias.
    path : array_like, shape (T, 2), optional
        Weights one after the other. It is drawn until it leaves the piece that is shown.
    kind : str
        "valley", a smooth surface with rings of equal height, or "crystal", the flat facets of the perceptron's loss.
    center : array_like, shape (2,)
        The middle of a valley, best its lowest point. A crystal stands on its tip at 0.
    radius : float, optional
        The radius of the piece, > 0; by default 1, and for a crystal so that the path is seen.
    title : str
        What is written above.
    labels : (str, str)
        What the two weights are called.
    azimuth, elevation : float, optional
        Where one looks from, in degrees; by default a crystal opens towards the right.
    ax : mpl_toolkits.mplot3d.axes3d.Axes3D, optional
        Where to draw.

    Raises
    ------
    TypeError
        If `loss` is no function where a valley is asked for, or no pair where a crystal is.
    ValueError
        If `kind` is unknown, the points, the path or the center do not lie in the plane, or `radius` is not > 0.

    Examples
    --------
    >>> from nnlite.plots import loss_3d
    >>> fig = loss_3d(lambda w: w[0] ** 2 + 3 * w[1] ** 2, path=[[0.5, 0.5], [0.3, 0.1]])
    >>> len(fig.axes[0].lines)  # the rim, the path and its end
    3
    >>> fig = loss_3d(([[1, 2], [-1, 1]], [1, -1]), kind="crystal")
    >>> len(fig.axes[0].collections)  # one facet between any two kinks
    4
    """
    if kind == "crystal":
        if not isinstance(loss, tuple | list) or len(loss) != 2:
            raise TypeError(f"loss_3d: loss is a {type(loss).__name__}, expected the points and labels (X, y)")
        X, y = _points(*loss)
        X = X.astype(np.float64)
        azimuth = _downhill(X, y) if azimuth is None else azimuth
        if radius is None:
            reached = np.linalg.norm(np.zeros((1, 2)) if path is None else path, axis=1)
            radius = 1.2 * max(float(reached.max(where=np.isfinite(reached), initial=0)), 1.0)
    elif not callable(loss):
        raise TypeError(f"loss_3d: loss is a {type(loss).__name__}, expected a function of two weights")
    radius = 1.0 if radius is None else radius
    azimuth = -60.0 if azimuth is None else azimuth
    fig, ax = _space(ax, azimuth, elevation, labels, title)
    if kind == "crystal":
        height: Callable[[Array], Any] = lambda w: perceptron.loss(w, X, y)  # noqa: E731
        center = np.zeros(2)
        _crystal(ax, facets(X, y, radius), azimuth)
    else:
        height = loss
        _valley(ax, height, center, radius)
    if path is not None:
        with np.errstate(all="ignore"):
            inside = np.hypot(*(path - center).T) <= radius * 1.001
        way = path[: len(path) if inside.all() else int(np.argmin(inside))]
        if len(way):
            heights = [float(height(w)) for w in way]
            ax.plot(*way.T, heights, color=ORANGE, marker="o", markersize=3.6, linewidth=1.6, zorder=100)
            ax.plot(*way[-1:].T, heights[-1:], "o", color=ORANGE, markeredgecolor="white", markersize=8, zorder=101)
    ax.set(xlim=(center[0] - radius, center[0] + radius), ylim=(center[1] - radius, center[1] + radius))
    return fig


@takes("loss_3d: loss", **POINTS)
def _points(X: Any, y: Any) -> tuple[Array, Array]:
    return X, y


def _valley(ax: Any, height: Callable[[Array], Any], center: Array, radius: float) -> None:
    w1, w2, z = disc(height, center, radius)
    floor, top = float(np.nanmin(z)), float(np.nanmax(z))
    rise = max(top - floor, 1e-12)
    ax.plot_surface(
        w1, w2, z, facecolors=INTENSITY(0.06 + 0.74 * (z - floor) / rise), rstride=1, cstride=1, shade=False,
        linewidth=0, antialiased=True, alpha=0.92, zorder=1,
    )  # fmt: skip
    # Rings of equal height, drawn where they are.
    ax.contour(w1, w2, z, levels=floor + rise * np.linspace(0.02, 0.98, 10), colors=["white"], linewidths=0.7, zorder=2)
    ax.plot(w1[:, -1], w2[:, -1], z[:, -1], color=INK, linewidth=0.9, zorder=3)
    ax.set_zlim(floor, top)


def _crystal(ax: Any, corners: list[tuple[Array, float]], azimuth: float) -> None:
    from mpl_toolkits.mplot3d.art3d import Poly3DCollection

    steepest = max(max(slope for _, slope in corners), 1e-9)
    eye = np.array([math.cos(math.radians(azimuth)), math.sin(math.radians(azimuth))])
    # The painter's order: what lies farther from the eye first.
    corners = sorted(corners, key=lambda facet: float(facet[0][:, :2].mean(axis=0) @ eye))
    for order, (corner, slope) in enumerate(corners):
        color = lighter(GREEN, 0.55) if slope == 0 else INTENSITY(0.12 + 0.7 * slope / steepest)
        ax.add_collection3d(
            Poly3DCollection([corner], facecolors=[color], edgecolors=INK, linewidths=0.6, zorder=order)
        )
    ax.set_zlim(0, max(float(max(corner[:, 2].max() for corner, _ in corners)), 1e-12))


def disc(height: Callable[[Array], Any], center: Array, radius: float) -> tuple[Array, Array, Array]:
    """Return w1, w2 and the height on rings around the center, the outermost last: three arrays (angles, rings)."""
    angle, distance = np.meshgrid(np.linspace(0, 2 * math.pi, 73), radius * np.linspace(0, 1, 25), indexing="ij")
    w1, w2 = center[0] + distance * np.cos(angle), center[1] + distance * np.sin(angle)
    z = np.array([float(height(w)) for w in np.stack([w1.ravel(), w2.ravel()], axis=1)])
    return w1, w2, z.reshape(w1.shape)


def _downhill(X: Array, y: Array) -> float:
    """From where to look, in degrees, so that the valley of the perceptron's loss opens towards the right."""
    w1, w2 = y @ X
    return math.degrees(math.atan2(w2, w1)) - 75


def _space(ax: Any, azimuth: float, elevation: float, labels: tuple[str, str], title: str) -> tuple[Figure, Any]:
    if ax is None:
        fig = figure(5.0, 4.0)
        ax = fig.add_subplot(projection="3d", computed_zorder=False)
        fig.set_layout_engine("none")  # it does not see the labels of three axes
        ax.set_position((0.02, 0.04, 0.88, 0.94))
    ax.view_init(elevation, azimuth)
    ax.set_box_aspect((1, 1, 0.7))
    ax.set(xlabel=labels[0], ylabel=labels[1], zlabel="loss", title=title)
    quiet_space(ax)
    for axis in (ax.xaxis, ax.yaxis, ax.zaxis):
        axis.set_tick_params(labelsize=7)
    return ax.get_figure(), ax


@styled
@takes("three_losses", **POINTS, radius=number(1e-9), azimuth=number() | None)
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
    >>> from nnlite.plots.loss import three_losses
    >>> fig = three_losses([[1, 2], [-1, 1]], [1, -1])
    >>> [ax.get_title() for ax in fig.axes]
    ['perceptron', 'logistic neuron', 'Adaline']
    """
    X = X.astype(np.float64)
    separable = any(slope == 0 for _, slope in facets(X, y, radius))  # refuses other labels than -1 and +1
    zeros = (y == 1).astype(np.float64)
    azimuth = _downhill(X, y) if azimuth is None else azimuth

    fig = figure(9.6, 3.5)
    crystal, hollow, bowl = (fig.add_subplot(1, 3, k, projection="3d", computed_zorder=False) for k in (1, 2, 3))
    view: dict[str, Any] = {"radius": radius, "azimuth": azimuth, "elevation": 30.0}
    loss_3d((X, y), kind="crystal", title="perceptron", ax=crystal, **view)
    loss_3d(lambda w: logistic.loss(w, X, zeros), title="logistic neuron", ax=hollow, **view)
    loss_3d(lambda w: adaline.loss(w, X, y), title="Adaline", ax=bowl, **view)
    if not separable:
        _lowest(crystal, np.zeros(2), 0.0)
        neuron = logistic.LogisticNeuron(fit_intercept=False, max_iter=5000, tol=1e-6).fit(X, zeros)
        _lowest(hollow, neuron.w_, logistic.loss(neuron.w_, X, zeros), radius)
    best = np.linalg.lstsq(X, y.astype(np.float64), rcond=None)[0]
    _lowest(bowl, best, adaline.loss(best, X, y), radius)
    fig.set_layout_engine("none")
    for k, ax in enumerate((crystal, hollow, bowl)):
        ax.set_position((-0.01 + k * 0.335, -0.06, 0.35, 1.0))
        ax.set(xticklabels=[], yticklabels=[], zticklabels=[], zlabel="loss" if k == 0 else "")
        ax.xaxis.labelpad = ax.yaxis.labelpad = ax.zaxis.labelpad = -10
    return fig


def _lowest(ax: Any, w: Array, z: float, radius: float = math.inf) -> None:
    if np.hypot(*w) <= radius:
        ax.plot([w[0]], [w[1]], [z], "o", color=GREEN, markeredgecolor="white", markersize=8, zorder=100)


@styled
@takes("loss_map", **POINTS, history=WEIGHTS | None, bias=number() | None, limit=above(0) | None)
def loss_map(
    X: Any, y: Any, history: Any = None, bias: float | None = None, limit: float | None = None, ax: Axes | None = None
) -> Figure:
    """Draw the perceptron's loss over the plane of two weights as a map, its kinks, and the path of the weights.

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
    >>> from nnlite.plots import loss_map
    >>> loss_map([[1, 2], [-1, 1]], [1, -1]).axes[0].get_xlabel()
    'w1'
    """
    path = None if history is None else history[:, 1:]
    if bias is None:
        bias = 0.0 if history is None else float(history[-1, 0])
    if limit is None:
        limit = 2.0 if path is None or not path.any() else 1.25 * float(np.abs(path).max())
    fig, ax = canvas(ax, 5.2, 4)
    ticks = np.linspace(-limit, limit, 121)
    points = with_bias(X)
    w1, w2 = (w.ravel() for w in np.meshgrid(ticks, ticks))
    W = np.stack([np.full_like(w1, bias), w1, w2], axis=1).astype(X.dtype)
    height = np.array([perceptron.loss(w, points, y) for w in W]).reshape(len(ticks), -1)
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
