"""Pictures of one neuron: its activation function and its slope, and its response over the plane of two inputs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from nnlite import arguments
from nnlite.contracts import instance, number, takes, word
from nnlite.models.neurons.neuron import ACTIVATIONS, Neuron
from nnlite.plots.points import draw_line
from nnlite.plots.style import BLUE, GREY, INK, INTENSITY, ORANGE, PALE, SIGNED, canvas, figure, styled, tiles


@styled
@takes("activation", name=word(*ACTIVATIONS), limit=number(0))
def activation(name: str, limit: float = 4.0, ax: Axes | None = None) -> Figure:
    """Draw an activation function (blue) and its derivative (orange).

    Parameters
    ----------
    name : str
        A name in :data:`nnlite.models.neurons.neuron.ACTIVATIONS`.
    limit : float
        net runs from -limit to limit.
    ax : matplotlib.axes.Axes, optional
        Where to draw.

    Examples
    --------
    >>> from nnlite.plots import activation
    >>> len(activation("tanh").axes[0].lines)
    4
    """
    f, derivative = ACTIVATIONS[name]
    fig, ax = canvas(ax, 4, 3)
    net = np.linspace(-limit, limit, 801)
    y, slope = f(net), derivative(net)
    jump = np.abs(np.diff(y, prepend=y[0])) > 0.2
    kink = np.abs(np.diff(slope, prepend=slope[0])) > 0.2
    ax.axhline(0, color=PALE, linewidth=1)
    ax.axvline(0, color=PALE, linewidth=1)
    ax.plot(net, np.where(kink, np.nan, slope), color=ORANGE, linewidth=1.5, label="f ′(net)")
    ax.plot(net, np.where(jump, np.nan, y), color=BLUE, linewidth=2.2, label="f(net)")
    if jump.any():
        ax.plot([0], [f(0.0)], "o", color=BLUE, markersize=4.5)
        for side in {float(y[0]), float(y[-1])} - {float(f(0.0))}:
            ax.plot([0], [side], "o", color=BLUE, markerfacecolor="white", markersize=4.5)
    ax.set(title=name, xlim=(-limit, limit), ylim=(-1.35, 1.35 if np.max(y) <= 1 else 2.2))
    ax.set_yticks([-1, 0, 1])
    return fig


@styled
def activations(names: Sequence[str] = tuple(ACTIVATIONS)) -> Figure:
    """Draw several activation functions side by side, each with its derivative.

    Parameters
    ----------
    names : sequence of str
        Names in :data:`nnlite.models.neurons.neuron.ACTIVATIONS`.

    Examples
    --------
    >>> from nnlite.plots import activations
    >>> len(activations(["step", "relu"]).axes)
    2
    """
    names = list(names)
    if not names:
        raise ValueError("activations: names is empty, expected at least one activation")
    rows, columns = tiles(len(names), 3)
    fig = figure(2.7 * columns, 2.15 * rows + 0.3)
    for i, name in enumerate(names, start=1):
        ax = fig.add_subplot(rows, columns, i)
        activation(name, ax=ax)
        if i > len(names) - columns:
            ax.set_xlabel("net")
    handles = [line for line in fig.axes[0].lines if not str(line.get_label()).startswith("_")]
    fig.legend(handles=handles[::-1], loc="outside upper right", ncols=2)
    return fig


def _refuse_beyond(name: str, net: float, limit: float) -> None:
    arguments.number(net, "tangent: net", low=-limit, high=limit)


@styled
@takes("tangent", name=word(*ACTIVATIONS), limit=number(0), net=number(), also=_refuse_beyond)
def tangent(name: str, net: float = 1.0, limit: float = 4.0) -> Figure:
    """Draw an activation function with its tangent at one place, and below it the derivative: how steep it is there.

    Parameters
    ----------
    name : str
        A name in :data:`nnlite.models.neurons.neuron.ACTIVATIONS`.
    net : float
        Where the tangent touches, from -limit to limit.
    limit : float
        net runs from -limit to limit.

    Examples
    --------
    >>> from nnlite.plots import tangent
    >>> [ax.get_title("left") for ax in tangent("sigmoid", 0.0).axes]
    ['sigmoid: at net = 0 it is 0.5', 'its slope there is 0.25']
    """
    f, derivative = ACTIVATIONS[name]
    y, slope = float(f(net)), float(derivative(net))
    fig = figure(4.6, 5)
    above, below = fig.subplots(2, 1, sharex=True, height_ratios=(3, 2))
    activation(name, limit, ax=above)
    curve, dashes = (next(line for line in above.lines if line.get_label() == f"{what}(net)") for what in ("f", "f ′"))
    below.plot(*dashes.get_data(), color=ORANGE)
    dashes.remove()
    reach = 0.35 * limit
    above.plot([net - reach, net + reach], [y - slope * reach, y + slope * reach], color=ORANGE, linewidth=1.8)
    above.plot([net], [y], "o", color=INK, markersize=6, zorder=4)
    below.axhline(0, color=PALE, linewidth=1, zorder=0)
    below.plot([net, net], [0, slope], color=GREY, linewidth=1)
    below.plot([net], [slope], "o", color=INK, markersize=6, zorder=4)
    above.set(title=f"{name}: at net = {net:.3g} it is {y:.3g}", ylabel="f(net)")
    below.set(title=f"its slope there is {slope:.3g}", ylabel="f ′(net)", xlabel="net", ylim=(-0.1, 1.15))
    curve.set_zorder(3)
    return fig


@styled
@takes("response", neuron=instance(Neuron, "a Neuron"), limit=number(0))
def response(neuron: Neuron, limit: float = 2.0, ax: Axes | None = None) -> Figure:
    """Draw what a neuron with two inputs answers over the plane, with the line net = 0 and the weight vector.

    Parameters
    ----------
    neuron : Neuron
        A neuron with two inputs (three weights).
    limit : float
        Both inputs run from -limit to limit.
    ax : matplotlib.axes.Axes, optional
        Where to draw.

    Raises
    ------
    ValueError
        If the neuron has not exactly two inputs.

    Examples
    --------
    >>> from nnlite.models.neurons.neuron import Neuron
    >>> from nnlite.plots import response
    >>> response(Neuron([-0.5, 1, 1], "sigmoid")).axes[0].get_title("left")
    'sigmoid(-0.5 + x1 + x2)'
    """
    if len(neuron.w) != 3:
        raise ValueError(f"response: neuron has {len(neuron.w) - 1} inputs, expected 2")
    fig, ax = canvas(ax, 4.6, 3.8)
    ticks = np.linspace(-limit, limit, 241)
    x1, x2 = np.meshgrid(ticks, ticks)
    y = neuron(np.stack([x1.ravel(), x2.ravel()], axis=1)).reshape(x1.shape)
    signed = y.min() < 0
    most = float(np.abs(y).max()) or 1.0
    image = ax.imshow(
        y,
        extent=(-limit, limit, -limit, limit),
        origin="lower",
        cmap=SIGNED if signed else INTENSITY,
        vmin=-most if signed else 0,
        vmax=most,
        alpha=0.9,
    )
    fig.colorbar(image, ax=ax, shrink=0.85, label="y").outline.set_visible(False)
    draw_line(ax, neuron.w, color=INK)
    length = float(np.hypot(*neuron.w[1:]))
    if length > 0:
        # The weight vector stands on the line, at the point of it nearest to the origin.
        foot = -neuron.w[0] * neuron.w[1:] / length**2
        tip = foot + neuron.w[1:] / length * 0.4 * limit
        color = INK if signed else ORANGE
        ax.annotate("", tip, foot, arrowprops={"arrowstyle": "-|>", "color": color, "linewidth": 2})
        ax.annotate("w", tip, color=color, xytext=(4, 4), textcoords="offset points")
    ax.set(title=repr(neuron).removeprefix("Neuron: "), xlabel="x1", ylabel="x2")
    ax.set(xlim=(-limit, limit), ylim=(-limit, limit), aspect="equal")
    return fig
