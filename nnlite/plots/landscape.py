"""The loss as a landscape: paths that optimizers take on a plane, and the surroundings of a network's weights.

A network has thousands of weights, so two directions must be chosen. They are random, and each neuron's part of a
direction is made as long as that neuron's weights (Li et al. 2018): otherwise a network with large weights would look
flat only because a step is small beside them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure

from nnlite.arguments import Array, float_array, shape_is
from nnlite.contracts import function, instance, integer, number, rng, takes
from nnlite.nn import Module
from nnlite.plots.style import COLORS, INK, INTENSITY, ORANGE, canvas, figure, quiet_space, styled
from nnlite.random import generator
from nnlite.tensor import no_grad


@styled
def descent_paths(
    height: Callable[[Array, Array], Any],
    paths: Mapping[str, Any],
    xlim: tuple[float, float] = (-2.0, 2.0),
    ylim: tuple[float, float] = (-2.0, 2.0),
    title: str = "",
    ax: Axes | None = None,
) -> Figure:
    """Draw a function of two weights as a map, and the ways that optimizers take on it.

    Parameters
    ----------
    height : function
        ``height(w1, w2)`` of two arrays of one shape: the loss, positive.
    paths : mapping from str to array_like of shape (T, 2)
        The weights one after the other, all from the same start, by the name of the optimizer.
    xlim, ylim : (float, float)
        What part of the plane is shown.
    title : str
        What is written above.
    ax : matplotlib.axes.Axes, optional
        Where to draw.

    Raises
    ------
    ValueError
        If there is no path, or one does not lie in the plane.

    Examples
    --------
    >>> from nnlite.plots.landscape import descent_paths
    >>> fig = descent_paths(lambda a, b: a**2 + 9 * b**2 + 1, {"SGD": [[2, 1], [1, 0.5]]})
    >>> [text.get_text() for text in fig.axes[0].get_legend().get_texts()]
    ['SGD, 1 step']
    """
    if not paths:
        raise ValueError("descent_paths: paths is empty, expected at least one path")
    ways = {name: float_array(path, f"descent_paths: {name}", ndim=2) for name, path in paths.items()}
    for name, way in ways.items():
        shape_is(way, f"descent_paths: {name}", (len(way), 2), "weights (w1, w2) one after the other")
    fig, ax = canvas(ax, 6.4, 4.2)
    w1, w2 = np.meshgrid(np.linspace(*xlim, 201), np.linspace(*ylim, 201))
    _map(ax, w1, w2, np.asarray(height(w1, w2), np.float64), alpha=0.4)
    for k, (name, way) in enumerate(ways.items()):
        steps = len(way) - 1
        label = f"{name}, {steps} step{'s' * (steps != 1)}"
        ax.plot(*way.T, color=COLORS[k + 1], linewidth=1.3, marker="o", markersize=2.6, label=label)
        ax.plot(*way[-1], "o", color=COLORS[k + 1], markeredgecolor="white", markersize=8)
    start = next(iter(ways.values()))[0]
    ax.plot(*start, "o", color="white", markeredgecolor=INK, markersize=7)
    ax.set(xlim=xlim, ylim=ylim, xlabel="w1", ylabel="w2", title=title)
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return fig


@styled
def loss_landscape(
    model: Module,
    loss: Callable[[Module], float],
    extent: float = 1.0,
    resolution: int = 31,
    title: str = "",
    rng: np.random.Generator | int | None = None,
) -> Figure:
    """Draw the loss around the weights of a network along two random directions, as a surface and as a map.

    Parameters
    ----------
    model : nnlite.nn.Module
        The network; its weights are in the middle of the picture, and are the same afterwards.
    loss : function
        Called with the model, returns the loss, positive; always of the same points.
    extent : float
        How far to go in each direction; with 1 every neuron is changed by as much as its weights are long.
    resolution : int
        At how many points along each direction the loss is computed.
    title : str
        What is written above.
    rng : numpy.random.Generator, int or None
        Draws the directions.

    Raises
    ------
    TypeError
        If `model` is not a Module.
    ValueError
        If a number is out of range, or the model has no weights.

    References
    ----------
    Li, Xu, Taylor, Studer, Goldstein 2018, "Visualizing the loss landscape of neural nets", section 4.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite import nn, functional as F
    >>> from nnlite.plots.landscape import loss_landscape
    >>> model = nn.Linear(2, 1, rng=0)
    >>> x, y = np.ones((4, 2), np.float32), np.zeros((4, 1), np.float32)
    >>> fig = loss_landscape(model, lambda m: F.mse_loss(m(x), y).item(), resolution=5, rng=0)
    >>> len(fig.axes)
    2
    """
    ticks, height = heights(model, loss, extent, resolution, rng)
    fig = figure(8.2, 3.7)
    surface: Any = fig.add_subplot(1, 2, 1, projection="3d")
    plan = fig.add_subplot(1, 2, 2)
    a, b = np.meshgrid(ticks, ticks)
    # On a logarithmic axis the bottom of the valley and its walls are both seen.
    finite = np.where(np.isfinite(height), height, np.max(height, where=np.isfinite(height), initial=1e-12))
    finite = np.maximum(finite, 1e-12)
    levels = np.log10(finite)
    surface.plot_surface(a, b, levels, cmap=INTENSITY, rstride=1, cstride=1, linewidth=0.25, edgecolor=INK, alpha=0.95)
    surface.plot([0], [0], [levels[len(ticks) // 2, len(ticks) // 2]], "o", color=ORANGE, markersize=6, zorder=10)
    surface.set(xlabel="first direction", zlabel="log10 of the loss", title=title)
    surface.set_ylabel("second direction")
    surface.view_init(38, -62)
    quiet_space(surface)
    _map(plan, a, b, finite)
    plan.plot(0, 0, "o", color=ORANGE, markeredgecolor="white", markersize=8)
    plan.set(xlabel="first direction", ylabel="second direction", aspect="equal", title="the same from above")
    return fig


@takes(
    "loss_landscape",
    model=instance(Module, "an nn.Module"),
    loss=function(),
    extent=number(0),
    resolution=integer(3),
    rng=rng,
)
def heights(
    model: Module, loss: Callable[[Module], float], extent: float = 1.0, resolution: int = 31, rng: Any = None
) -> tuple[Array, Array]:
    """Return the ticks (n,) along both directions and the loss (n, n) there, the second direction along the rows.

    Parameters
    ----------
    model, loss, extent, resolution, rng
        As for :func:`loss_landscape`.

    Examples
    --------
    >>> from nnlite import nn
    >>> from nnlite.plots.landscape import heights
    >>> model = nn.Linear(1, 1, bias=False, rng=0)
    >>> ticks, height = heights(model, lambda m: abs(m.weight.item()), extent=1.0, resolution=3, rng=0)
    >>> ticks, bool(height[1, 1] == abs(model.weight.item()))
    (array([-1.,  0.,  1.]), True)
    """
    params = list(model.parameters())
    if not params:
        raise ValueError("loss_landscape: model has no weights, expected at least one")
    rng = generator(rng)
    first, second = directions(model, rng), directions(model, rng)
    ticks = np.linspace(-extent, extent, resolution)
    height = np.empty((resolution, resolution))
    before = [p.data.copy() for p in params]
    try:
        with no_grad(), np.errstate(all="ignore"):
            for i, b in enumerate(ticks):
                for k, a in enumerate(ticks):
                    for p, w, d1, d2 in zip(params, before, first, second):
                        p.data[...] = w + a * d1 + b * d2
                        p.changed_in_place()
                    height[i, k] = float(loss(model))
    finally:
        for p, w in zip(params, before):
            p.data[...] = w
            p.changed_in_place()
    return ticks, height


def directions(model: Module, rng: np.random.Generator | int | None = None) -> list[Array]:
    """Return a random direction in the space of weights: in each neuron as long as its weights, 0 in the biases.

    Parameters
    ----------
    model : nnlite.nn.Module
        The network.
    rng : numpy.random.Generator, int or None
        Draws the direction.

    Returns
    -------
    list of numpy.ndarray
        One array for each parameter, of its shape and dtype.

    References
    ----------
    Li et al. 2018, equation 1 ("filter normalization").

    Examples
    --------
    >>> from nnlite import nn
    >>> from nnlite.plots.landscape import directions
    >>> weight, bias = directions(nn.Linear(3, 2, rng=0), rng=0)
    >>> weight.shape, bias
    ((2, 3), array([0., 0.], dtype=float32))
    """
    rng = generator(rng)
    found = []
    for p in model.parameters():
        if p.ndim < 2:
            found.append(np.zeros_like(p.data))
            continue
        rows = rng.standard_normal((len(p.data), p.data[0].size if len(p.data) else 0))
        length = np.linalg.norm(p.data.reshape(rows.shape), axis=1, keepdims=True)
        rows *= length / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
        found.append(rows.reshape(p.shape).astype(p.dtype))
    return found


def _map(ax: Axes, x: Array, y: Array, height: Array, alpha: float = 0.75) -> None:
    """A map with lines of equal height, closer in value where it is low."""
    low, high = max(float(height.min()), 1e-12), float(height.max())
    levels = np.geomspace(low, max(high, low * (1 + 1e-6)), 16)
    ax.contourf(x, y, height, levels=levels, cmap=INTENSITY, norm=LogNorm(low, levels[-1]), alpha=alpha, extend="both")
    ax.contour(x, y, height, levels=levels, colors=["white"], linewidths=0.6)
