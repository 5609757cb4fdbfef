"""What a hidden layer does: it folds the plane until a line can separate it, and it adds up steps to a curve."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from nnlite.arguments import Array, float_array, shape_is
from nnlite.contracts import function, integer, number, takes
from nnlite.models.networks.mlp import forward
from nnlite.plots.points import POINTS, draw_line, draw_points, draw_regions
from nnlite.plots.style import BLUE, GREY, INK, ORANGE, PALE, figure, frame, lighter, styled


@styled
@takes("folding", **POINTS, lines=integer(0))
def folding(parameters: Sequence[Any], X: Any, y: Any, title: str = "", lines: int = 17) -> Figure:
    """Draw the plane twice: as it comes in, and as two hidden neurons see it.

    On the left each hidden neuron has its line, where its net is 0. On the right its answer, from -1 to 1, is an axis:
    the same points and the same net of thin lines, moved to where the hidden layer puts them. There the output neurons
    have nothing but a straight line; seen from the left it is bent.

    Parameters
    ----------
    parameters : W1 (2, 2), b1 (2,), W2 (K, 2), b2 (K,)
        A network with two inputs and two hidden neurons, as for :func:`nnlite.models.networks.mlp.forward`.
    X : array_like, shape (N, 2)
        The points.
    y : array_like of int, shape (N,)
        Their classes, 0 to K - 1.
    title : str
        What is written above.
    lines : int
        How many thin lines cross the plane, in each direction.

    Raises
    ------
    TypeError
        If something does not hold real numbers.
    ValueError
        If the shapes do not fit, or there are not two inputs and two hidden neurons.

    Examples
    --------
    >>> from nnlite.plots.hidden import folding
    >>> W1, b1 = [[2, 2], [-2, -2]], [1, 1]
    >>> fig = folding((W1, b1, [[-1, -1], [1, 1]], [0, 0]), [[-1, -1], [1, -1], [-1, 1], [1, 1]], [0, 1, 1, 0])
    >>> [ax.get_title("left") for ax in fig.axes]
    ['what comes in', 'what the hidden neurons make of it']
    """
    W1, b1, W2, b2 = _network(parameters, "folding")
    if W1.shape != (2, 2):
        raise ValueError(f"folding: W1 has shape {W1.shape}, expected (2, 2): two hidden neurons with two inputs")
    fig = figure(8.2, 3.9)
    before, after = fig.subplots(1, 2)
    xlim, ylim = frame(X)

    _regions(before, lambda x: forward(W1, b1, W2, b2, x)[0], xlim, ylim)
    _regions(after, lambda h: h @ W2.T + b2, (-1.12, 1.12), (-1.12, 1.12))
    along = np.linspace(0, 1, 200)
    for share in np.linspace(0, 1, lines):
        for a, b in ((np.full_like(along, share), along), (along, np.full_like(along, share))):
            x = np.stack([xlim[0] + a * (xlim[1] - xlim[0]), ylim[0] + b * (ylim[1] - ylim[0])], axis=1)
            before.plot(*x.T, color=lighter(GREY, 0.45), linewidth=0.5, zorder=1)
            after.plot(*forward(W1, b1, W2, b2, x)[1].T, color=lighter(GREY, 0.2), linewidth=0.5, zorder=1)
    for neuron, (w, b) in enumerate(zip(W1, b1)):
        draw_line(before, (b, *w), color=INK, linewidth=1.3, linestyle=((0, (5, 3)), (0, (1, 2)))[neuron])
    classes = np.arange(len(W2))
    draw_points(before, X, y, classes)
    draw_points(after, forward(W1, b1, W2, b2, X)[1], y, classes)
    before.set(title="what comes in", xlabel="x1", ylabel="x2", xlim=xlim, ylim=ylim)
    after.set(title="what the hidden neurons make of it", xlabel="h1", ylabel="h2")
    after.set(xlim=(-1.12, 1.12), ylim=(-1.12, 1.12), xticks=[-1, 0, 1], yticks=[-1, 0, 1])
    if title:
        fig.suptitle(title, x=0.01, ha="left", color=INK)
    return fig


@styled
@takes("approximation", f=function(), low=number(), high=number())
def approximation(parameters: Sequence[Any], f: Callable[[Array], Any], low: float, high: float) -> Figure:
    """Draw a curve and the network that follows it; below, how much each hidden neuron rises or falls from `low` on.

    Parameters
    ----------
    parameters : W1 (M, 1), b1 (M,), W2 (1, M), b2 (1,)
        A network with one input and one output, as for :func:`nnlite.models.networks.mlp.forward`.
    f : function
        The curve: maps numbers (N,) to numbers (N,).
    low, high : float
        Where it is drawn.

    Raises
    ------
    TypeError
        If something does not hold real numbers, or `f` cannot be called.
    ValueError
        If the shapes do not fit or ``low >= high``.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite.models.networks.mlp import staircase
    >>> from nnlite.plots.hidden import approximation
    >>> fig = approximation(staircase(np.sin, 0, 6, hidden=5), np.sin, 0, 6)
    >>> len(fig.axes[1].lines)                                        # one for each hidden neuron, and the zero line
    6
    """
    W1, b1, W2, b2 = _network(parameters, "approximation")
    if W1.shape[1] != 1 or len(W2) != 1:
        raise ValueError(
            f"approximation: W1 has shape {W1.shape} and W2 {W2.shape}, expected (M, 1) and (1, M): one input, one "
            "output"
        )
    if not low < high:
        raise ValueError(f"approximation: low is {low} and high is {high}, expected low < high")
    x = np.linspace(low, high, 800)
    wanted = float_array(f(x), "approximation: f(x)", ndim=1)
    shape_is(wanted, "approximation: f(x)", x.shape, "one number for each x")
    Z, H = forward(W1, b1, W2, b2, x[:, None])

    fig = figure(6.4, 4.6)
    above, below = fig.subplots(2, 1, sharex=True, height_ratios=[3, 2])
    above.plot(x, wanted, color=lighter(ORANGE, 0.35), linewidth=5, label="the curve")
    above.plot(x, Z[:, 0], color=BLUE, linewidth=1.6, label="the network")
    above.legend(loc="best", ncols=2)
    many = len(W1) > 30
    below.axhline(0, color=PALE, linewidth=1)
    for w, h in zip(W2[0], H.T):
        below.plot(x, w * (h - h[0]), color=lighter(BLUE, 0.4), linewidth=0.5 if many else 1)
    furthest = float(np.abs(Z[:, 0] - wanted).max())
    neurons = f"{len(W1)} hidden neuron{'s' * (len(W1) != 1)}"
    above.set(title=f"{neurons}, at most {furthest:.2g} beside the curve")
    below.set(title="how each of them rises or falls on the way", xlabel="x", xlim=(low, high))
    return fig


def _network(parameters: Sequence[Any], name: str) -> tuple[Array, Array, Array, Array]:
    parameters = tuple(parameters)
    if len(parameters) != 4:
        raise ValueError(f"{name}: parameters holds {len(parameters)} arrays, expected W1, b1, W2, b2")
    W1, b1, W2, b2 = (
        float_array(value, f"{name}: {label}", ndim=ndim, finite=True).astype(np.float64)
        for value, label, ndim in zip(parameters, ("W1", "b1", "W2", "b2"), (2, 1, 2, 1))
    )
    shape_is(b1, f"{name}: b1", (len(W1),), f"to match W1 {W1.shape}")
    shape_is(W2, f"{name}: W2", (len(W2), len(W1)), f"to match W1 {W1.shape}")
    shape_is(b2, f"{name}: b2", (len(W2),), f"to match W2 {W2.shape}")
    return W1, b1, W2, b2


def _regions(ax: Axes, nets: Callable[[Array], Array], xlim: tuple[float, float], ylim: tuple[float, float]) -> None:
    """Colour the plane by the class with the largest net, with a line where two are equally large."""
    a, b = np.meshgrid(np.linspace(*xlim, 160), np.linspace(*ylim, 160))
    Z = nets(np.stack([a.ravel(), b.ravel()], axis=1))
    draw_regions(ax, a, b, Z.argmax(axis=1).reshape(a.shape), Z.shape[1], zorder=0)
    for k in range(Z.shape[1]):
        ahead = (Z[:, k] - np.delete(Z, k, axis=1).max(axis=1, initial=-np.inf)).reshape(a.shape)
        if ahead.min() < 0 < ahead.max() and (k or Z.shape[1] > 2):  # of two classes one says it all
            ax.contour(a, b, ahead, levels=[0], colors=[INK], linewidths=1.6, zorder=2)
