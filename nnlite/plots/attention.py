"""Who looks at whom: the weights of an attention as a map."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from nnlite.arguments import float_array
from nnlite.plots.style import GREY, INTENSITY, canvas, styled


@styled
def attention_map(
    weights: Any,
    queries: Sequence[str] | None = None,
    keys: Sequence[str] | None = None,
    title: str = "",
    ax: Axes | None = None,
) -> Figure:
    """Draw attention weights, a row for each position that looks, a column for each that is looked at.

    Parameters
    ----------
    weights : array_like, shape (T, S)
        Rows that add up to 1.
    queries, keys : sequences of str, optional
        What stands at the T and the S positions.
    title : str
        What is written above.
    ax : matplotlib.axes.Axes, optional
        Where to draw.

    Raises
    ------
    ValueError
        If `weights` is not a matrix, or the names do not match it.

    Examples
    --------
    >>> from nnlite.plots.attention import attention_map
    >>> fig = attention_map([[0.9, 0.1], [0.2, 0.8]], queries=["a", "b"])
    >>> fig.axes[0].get_images()[0].get_array().shape
    (2, 2)
    """
    weights = float_array(weights, "attention_map: weights", ndim=2)
    rows, columns = weights.shape
    for name, words, n in (("queries", queries, rows), ("keys", keys, columns)):
        if words is not None and len(words) != n:
            raise ValueError(f"attention_map: {name} has {len(words)} names, expected {n} to match {weights.shape}")
    fig, ax = canvas(ax, 0.36 * columns + 1.2, 0.36 * rows + 1.1)
    ax.imshow(weights, cmap=INTENSITY, vmin=0, vmax=1, aspect="equal")
    ax.set_xticks(range(columns), keys if keys is not None else [str(i) for i in range(columns)])
    ax.set_yticks(range(rows), queries if queries is not None else [str(i) for i in range(rows)])
    ax.tick_params(length=0)
    for spine in ax.spines.values():
        spine.set(visible=True, color=GREY, linewidth=0.6)
    ax.set(xlabel="is looked at", ylabel="looks", title=title)
    return fig
