"""How a training went: its loss, its score and its learning rate, one below the other over the same steps.

And what is looked at before one begins: how large the signals are in each layer, and which learning rates do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from nnlite.arguments import float_array
from nnlite.plots.curves import curves, running_mean
from nnlite.plots.style import COLORS, GREY, INK, INTENSITY, canvas, figure, lighter, styled, tiles
from nnlite.training import History


@styled
def history(history: History, title: str = "") -> Figure:
    """Draw what ``training.fit`` returned.

    The loss of each step stands pale behind its running mean, on a logarithmic axis where it falls by more than a
    factor of ten. Below it the score after each epoch, the best one marked, and the learning rate if it changes.

    Parameters
    ----------
    history : nnlite.training.History
        With at least one step.
    title : str
        What is written above.

    Raises
    ------
    TypeError
        If `history` is not a History.
    ValueError
        If it has no steps.

    Examples
    --------
    >>> from nnlite.plots import history
    >>> from nnlite.training import History
    >>> past = History()
    >>> for loss in (3.0, 2.0, 1.5):
    ...     past.add_step(loss, 0.1)
    >>> past.add_epoch(0.9)
    >>> [ax.get_ylabel() for ax in history(past).axes]
    ['loss', 'score']
    """
    if not isinstance(history, History):
        raise TypeError(f"history: history is a {type(history).__name__}, expected what training.fit returned")
    if len(history) == 0:
        raise ValueError("history: history has no steps, expected at least one")
    loss, rate, score = history.loss, history.learning_rate, history.score
    names = ["loss", *["score"] * bool(len(score)), *["learning rate"] * bool(np.ptp(rate))]
    heights = {"loss": 2.6, "score": 1.4, "learning rate": 1.15}
    fig = figure(5.6, 0.6 + sum(heights[name] for name in names))
    panels = fig.subplots(len(names), sharex=True, squeeze=False, height_ratios=[heights[name] for name in names])
    axes = dict(zip(names, panels.flat))
    smooth = max(len(loss) // 40, 1)
    log = bool(loss.min() > 0 and loss[-smooth:].mean() < loss[:smooth].mean() / 10)
    curves(loss, xlabel="", ylabel="loss", title=title, log=log, smooth=smooth, ax=axes["loss"])
    if "score" in axes:
        ends = history.epoch_ends[: len(score)]
        best = int(np.nanargmax(score)) if np.isfinite(score).any() else 0
        ax = axes["score"]
        ax.plot(ends, score, color=COLORS[1], marker="o" if len(score) < 20 else None, markersize=3.5)
        ax.plot(ends[best], score[best], "o", color=COLORS[1], markersize=7)
        ax.annotate(
            f"{score[best]:.4g}", (ends[best], score[best]), xytext=(0, -9),
            textcoords="offset points", color=INK, ha="center", va="top",
        )  # fmt: skip
        ax.set_ylabel("score")
        ax.grid(axis="y")
        ax.margins(y=0.2)
    if "learning rate" in axes:
        axes["learning rate"].plot(np.arange(1, len(rate) + 1), rate, color=GREY)
        axes["learning rate"].set_ylabel("learning rate")
        axes["learning rate"].set_ylim(bottom=0)
    axes[names[-1]].set_xlabel("step")
    fig.align_ylabels(list(axes.values()))
    return fig


@styled
def signals(layers: Mapping[str, Sequence[Any]], limit: float | None = None, bins: int = 61) -> Figure:
    """Draw how the activations of a network are spread in each layer, one panel for each network.

    Each column is a histogram, dark where many activations lie. Written above is the standard deviation in the last
    layer. A column that is one dark line at 0 is a dead signal, one that is dark at both rims a saturated one.

    Parameters
    ----------
    layers : mapping from str to sequence of array_like
        By the name of a network, its activations layer by layer, each of any shape.
    limit : float, optional
        The histograms run from -limit to limit, or from 0 where nothing is negative; what lies beyond is counted at
        the rim. By default the largest activation of all.
    bins : int
        How many steps each histogram has.

    Raises
    ------
    ValueError
        If there is no network, or one without layers.

    Examples
    --------
    >>> from nnlite.plots.training import signals
    >>> fig = signals({"a": [[0.0, 1.0], [0.5, 0.5]], "b": [[1.0, -1.0], [2.0, -2.0]]})
    >>> [ax.get_title("left") for ax in fig.axes]
    ['a: 0', 'b: 2']
    """
    named = {
        name: [float_array(a, f"signals: {name}[{i}]").ravel() for i, a in enumerate(arrays)]
        for name, arrays in layers.items()
    }
    if not named or not all(named.values()) or not all(len(a) for arrays in named.values() for a in arrays):
        raise ValueError("signals: layers is empty, expected at least one network with at least one layer")
    if limit is None:
        limit = max(float(np.abs(a).max()) for arrays in named.values() for a in arrays) or 1.0
    low = -limit if min(float(a.min()) for arrays in named.values() for a in arrays) < 0 else 0.0
    rows, columns = tiles(len(named), 3)
    fig = figure(2.75 * columns if columns > 1 else 4.6, 2.2 * rows if columns > 1 else 2.6)
    panels = fig.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
    edges = np.linspace(low, limit, bins + 1)
    for ax, (name, arrays) in zip(panels.flat, named.items()):
        density = np.stack([np.histogram(np.clip(a, low, limit), edges)[0] / len(a) for a in arrays], axis=1)
        extent = (0.5, len(arrays) + 0.5, low, limit)
        ax.imshow(density**0.5, cmap=INTENSITY, vmin=0, vmax=0.7, origin="lower", extent=extent, aspect="auto")
        ax.set_title(f"{name}: {float(np.std(arrays[-1])):.2g}")
    for ax in panels.flat[len(named) :]:
        ax.set_visible(False)
    for ax in panels[-1]:
        ax.set_xlabel("layer")
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    for ax in panels[:, 0]:
        ax.set_ylabel("activation")
    return fig


@styled
def rate_test(history: History, smooth: int = 1, ax: Axes | None = None) -> Figure:
    """Draw the loss over the learning rate, of a training in which the learning rate rose from step to step.

    The learning rate to take lies on the slope: well above where the loss begins to fall, well below where it rises.

    Parameters
    ----------
    history : nnlite.training.History
        With at least two steps.
    smooth : int
        Draw the mean of so many steps, and the losses themselves palely behind it.
    ax : matplotlib.axes.Axes, optional
        Where to draw.

    Raises
    ------
    TypeError
        If `history` is not a History.
    ValueError
        If it has fewer than two steps.

    References
    ----------
    Smith 2015, "Cyclical learning rates for training neural networks", section 3.3.

    Examples
    --------
    >>> from nnlite.plots.training import rate_test
    >>> from nnlite.training import History
    >>> past = History()
    >>> for loss, rate in ((2.0, 0.001), (1.0, 0.01), (5.0, 0.1)):
    ...     past.add_step(loss, rate)
    >>> rate_test(past).axes[0].get_xscale()
    'log'
    """
    if not isinstance(history, History):
        raise TypeError(f"rate_test: history is a {type(history).__name__}, expected what training.fit returned")
    if len(history) < 2:
        raise ValueError(f"rate_test: history has {len(history)} steps, expected at least two")
    rate, loss = history.learning_rate, history.loss
    fig, ax = canvas(ax, 5.6, 3.2)
    start = float(loss[: max(smooth, 1)].mean())
    if smooth > 1 and len(loss) > smooth:
        ax.plot(rate, loss, color=lighter(COLORS[0], 0.7), linewidth=0.8)
        rate, loss = rate[smooth - 1 :], running_mean(loss, smooth)
    ax.plot(rate, loss, color=COLORS[0])
    best = int(np.nanargmin(loss))
    ax.plot(rate[best], loss[best], "o", color=COLORS[1], markersize=6)
    ax.annotate(
        f"lowest at {rate[best]:.2g}", (rate[best], loss[best]), xytext=(-8, 0),
        textcoords="offset points", color=INK, ha="right", va="center",
    )  # fmt: skip
    ax.set(xscale="log", xlabel="learning rate", ylabel="loss", ylim=(0, 1.6 * start))
    ax.minorticks_off()
    ax.grid(axis="y")
    return fig
