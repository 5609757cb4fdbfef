"""How a training went: its loss, its score and its learning rate, one below the other over the same steps."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from nnlite.plots.curves import curves
from nnlite.plots.style import COLORS, GREY, INK, figure, styled
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
