"""Pictures of diffusion: sheets of samples, a picture emerging from noise, points and the arrows that move them."""

from __future__ import annotations

import textwrap
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from nnlite.arguments import Array, float_array, integer
from nnlite.contracts import floats, number, takes, tuple_of
from nnlite.plots.style import BLUE, GREY, INK, ORANGE, figure, frame, styled, tiles


@styled
def contact_sheet(pictures: Any, captions: Any = None, columns: int = 8, title: str = "") -> Figure:
    """Draw pictures in rows, each with its caption below.

    Parameters
    ----------
    pictures : nnlite.diffusion.Pictures or array_like of shape (N, 3, H, W)
        Red, green and blue from 0 to 1.
    captions : sequence of str, optional
        What to write below; by default the captions the pictures were made from.
    columns : int
        How many in a row.
    title : str
        What is written above.

    Raises
    ------
    ValueError
        If there are no pictures, or not one caption for each.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite.plots.diffusion import contact_sheet
    >>> len(contact_sheet(np.zeros((3, 3, 4, 4)), ["a", "b", "c"]).axes)
    3
    """
    captions = getattr(pictures, "captions", None) if captions is None else list(captions)
    array = float_array(pictures, "contact_sheet: pictures", ndim=4)
    if not len(array) or (captions is not None and len(captions) != len(array)):
        raise ValueError(
            f"contact_sheet: captions has length {len(captions or [])} and pictures {len(array)}, expected one caption "
            "per picture, and at least one picture"
        )
    rows, columns = tiles(len(array), integer(columns, "contact_sheet: columns", low=1))
    fig, axes = _grid(rows, columns, array.shape[2:], below=0.42 if captions else 0.0, title=title)
    for k, ax in enumerate(axes):
        if k >= len(array):
            ax.remove()
            continue
        _show(ax, array[k])
        if captions:
            ax.set_xlabel("\n".join(textwrap.wrap(captions[k], 24)[:3]), fontsize=6.2, color=INK, labelpad=3)
    return fig


@styled
def emerging(pictures: Any, frames: int = 8, title: str = "") -> Figure:
    """Draw pictures as they emerge from noise, one row each, time running to the right.

    Parameters
    ----------
    pictures : nnlite.diffusion.Pictures
        Made with ``keep=True``.
    frames : int
        How many moments to show, the noise and the finished picture among them.
    title : str
        What is written above.

    Raises
    ------
    ValueError
        If the steps were not kept.

    Examples
    --------
    >>> from nnlite.diffusion import TextToImage
    >>> from nnlite.plots.diffusion import emerging
    >>> pipeline = TextToImage.small(size=8, dim=16, depth=1, rng=0)
    >>> len(emerging(pipeline("a cat", steps=4, rng=0, keep=True), frames=3).axes)
    3
    """
    steps = getattr(pictures, "steps", None)
    if steps is None:
        raise ValueError("emerging: pictures has no steps, expected what a pipeline returns with keep=True")
    frames = min(integer(frames, "emerging: frames", low=2), len(steps))
    last = len(steps) - 1
    chosen = np.round(last * (1 - np.linspace(1, 0, frames) ** 1.6)).astype(int)  # denser towards the end
    n = steps.shape[1]
    fig, axes = _grid(n, frames, steps.shape[3:], below=0.3, title=title)
    for k, ax in enumerate(axes):
        i, step = k // frames, chosen[k % frames]
        _show(ax, steps[step, i])
        if k % frames == 0:
            ax.text(0, -0.06, pictures.captions[i], transform=ax.transAxes, fontsize=8, va="top")
        if i == 0:
            ax.set_title(f"t = {1 - step / last:.2f}", fontsize=7.5, color=GREY, pad=4)
    return fig


@styled
@takes("points_and_arrows", data=floats("N 2", finite=True), moments=tuple_of(number(0, 1)))
def points_and_arrows(
    model: Any, data: Any, states: Array | None = None, moments: Any = (1.0, 0.5, 0.2, 0.05, 0.0), title: str = ""
) -> Figure:
    """Draw points on their way from noise to data, and the learned score that moves them.

    Parameters
    ----------
    model : nnlite.diffusion.PointDiffusion
        Its ``score`` gives the arrows.
    data : array_like of shape (N, 2)
        What it was trained on, drawn palely.
    states : array of shape (T + 1, n, 2), optional
        What ``model.sample(n, keep=True)`` returned; by default 500 new points.
    moments : sequence of float
        The times to show, from 1 (noise) to 0 (data).
    title : str
        What is written above.

    Examples
    --------
    >>> from nnlite.data import moons
    >>> from nnlite.diffusion import train_points
    >>> from nnlite.plots.diffusion import points_and_arrows
    >>> X, _ = moons(50, rng=0)
    >>> model = train_points(X, steps=1, rng=0, verbose=False)
    >>> len(points_and_arrows(model, X, moments=(1, 0)).axes)
    2
    """
    states = model.sample(500, rng=0, keep=True) if states is None else states
    total = len(states) - 1
    noise = np.concatenate([data, model.mean + 1.6 * model.scale * np.array([[-1.0, -1.0], [1.0, 1.0]])])
    xlim, ylim = frame(noise, 0.06)
    grid = np.stack(np.meshgrid(np.linspace(*xlim, 15)[1:-1], np.linspace(*ylim, 15)[1:-1]), -1).reshape(-1, 2)
    fig = figure(2.3 * len(moments), 2.3 * (ylim[1] - ylim[0]) / (xlim[1] - xlim[0]) + (0.75 if title else 0.5))
    for k, t in enumerate(moments):
        ax = fig.add_subplot(1, len(moments), k + 1)
        ax.scatter(data[:, 0], data[:, 1], s=1.5, color="#d3d8df", linewidth=0)
        left = round(t * total)
        arrows = model.score(grid, max(left, 1))
        lengths = np.linalg.norm(arrows, axis=1, keepdims=True)
        arrows = arrows / np.maximum(lengths, 1e-9) * np.sqrt(lengths / max(float(lengths.max()), 1e-9))
        ax.quiver(
            grid[:, 0],
            grid[:, 1],
            arrows[:, 0],
            arrows[:, 1],
            color=ORANGE,
            alpha=0.75,
            width=0.006,
            scale=16,
            headwidth=4.5,
        )
        x = states[total - left]
        ax.scatter(x[:, 0], x[:, 1], s=3, color=BLUE, alpha=0.7, linewidth=0)
        ax.set(xlim=xlim, ylim=ylim, aspect="equal", xticks=[], yticks=[])
        ax.set_title(f"t = {t:g}", fontsize=9)
        ax.spines[:].set_visible(False)
    if title:
        fig.suptitle(title, x=0.01, ha="left")
    return fig


def _grid(rows: int, columns: int, shape: tuple[int, ...], below: float, title: str) -> tuple[Figure, list[Any]]:
    """A figure of equal cells, each a picture of so many pixels with some inches of room `below` it for words."""
    gap, above = 0.1, 0.45 if title else 0.25
    width, height = 1.2, 1.2 * shape[0] / shape[1]
    fig = figure(columns * (width + gap) + gap, rows * (height + below + gap) + above)
    fig.set_layout_engine("none")
    w, h = fig.get_size_inches()
    axes = []
    for k in range(rows * columns):
        left = gap + (k % columns) * (width + gap)
        top = above + (k // columns) * (height + below + gap)
        axes.append(fig.add_axes((left / w, 1 - (top + height) / h, width / w, height / h)))
    if title:
        fig.text(gap / w, 1 - 0.1 / h, title, va="top", fontsize=11)
    return fig, axes


def _show(ax: Any, picture: Array) -> None:
    ax.imshow(np.clip(np.asarray(picture).transpose(1, 2, 0), 0, 1), interpolation="nearest")
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set_visible(False)
