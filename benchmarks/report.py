"""The results as a page and a bar chart."""

from __future__ import annotations

import os
import platform
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import numpy as np
from matplotlib.figure import Figure

from benchmarks.timing import Row
from nnlite.files import replacing
from nnlite.version import __version__

BETTER, WORSE = "#2f6db3", "#d9782d"


def write(rows: list[Row], folder: Path) -> None:
    """Write ``results.md`` and ``results.png`` into `folder`."""
    rows = [row for row in rows if row.ratio is not None]
    with replacing(folder / "results.png") as path:
        chart(rows).savefig(path, format="png", dpi=110)
    with replacing(folder / "results.md") as path:
        Path(path).write_text(page(rows), encoding="utf-8")


def page(rows: list[Row]) -> str:
    """The table in Markdown, with what it was measured on."""
    lines = [
        "# How fast nnlite is",
        "",
        "Ratio = the peer's time / nnlite's, forward and backward unless the row says otherwise; above 1 we win.",
        "Both are run turn about in one process; the ratio is the median of neighbours, with its quartiles. Memory is",
        "by how much the process grew at most in one call, ours and the peer's. Written by `python -m benchmarks`.",
        "",
        f"nnlite {__version__}, Python {platform.python_version()}, NumPy {np.__version__}, {platform.machine()},",
        f"{os.cpu_count()} cores, {platform.system()}.",
        "",
        "![The ratios as bars](results.png)",
        "",
        "| row | peer | threads | ratio | quartiles | aim | ours | peak memory |",
        "|---|---|--:|--:|--:|--:|--:|--:|",
    ]
    for row in rows:
        aim = "" if row.floor is None else f"{row.floor:g}"
        memory = "" if row.memory is None else f"{row.memory[0]:.1f} / {row.memory[1]:.1f} MB"
        lines.append(
            f"| {row.name} | {row.peer} | {row.threads} | **{row.ratio:.2f}** "
            f"| {row.spread[0]:.2f}–{row.spread[1]:.2f} | {aim} | {row.milliseconds:.3f} ms | {memory} |"
        )
    return "\n".join(lines) + "\n"


def chart(rows: list[Row]) -> Figure:
    """One bar a row on a logarithmic scale, from 1 to the right where nnlite is faster; a tick where we aim."""
    fig = Figure(figsize=(9, 0.23 * len(rows) + 1), layout="constrained")
    ax = fig.add_subplot()
    places = np.arange(len(rows))
    ratios = np.array([row.ratio for row in rows], float)
    ax.barh(
        places,
        np.log2(ratios),
        height=0.75,
        color=[BETTER if ratio >= 1 else WORSE for ratio in ratios],
    )
    for place, row in zip(places, rows):
        assert row.ratio is not None
        ax.annotate(
            f"{row.ratio:.2f}",
            (np.log2(row.ratio), place),
            (4 if row.ratio >= 1 else -4, 0),
            textcoords="offset points",
            va="center",
            ha="left" if row.ratio >= 1 else "right",
            fontsize=7,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.5},
        )
        if row.floor is not None:
            ax.plot([np.log2(row.floor)] * 2, [place - 0.45, place + 0.45], color="black", linewidth=1.5)
    threads = {1: "1 thread", 2: "2 threads"}
    ax.set_yticks(places, [f"{row.name}  ({row.peer}, {threads[row.threads]})" for row in rows], fontsize=7)
    ticks = np.array([0.5, 1, 2, 4, 8, 16, 32, 64, 128])
    ticks = ticks[(ticks >= 2 ** np.floor(np.log2(ratios.min()))) & (ticks <= 2 ** np.ceil(np.log2(ratios.max())))]
    ax.set_xticks(np.log2(ticks), [f"{t:g}" for t in ticks])
    ax.axvline(0, color="black", linewidth=0.8)
    ax.invert_yaxis()
    ax.margins(x=0.08, y=0.01)
    ax.spines[["top", "right", "left"]].set_visible(False)
    ax.tick_params(left=False)
    ax.set_title("times as fast as the peer (logarithmic; black tick: the aim)", fontsize=9)
    return fig
