"""A map of the kinds of networks: how the neurons are joined, and whether somebody tells them the right answer."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patches import Circle, FancyArrowPatch, FancyBboxPatch
from matplotlib.textpath import TextPath

from nnlite.arguments import one_of
from nnlite.plots.style import BLUE, GREEN, GREY, INK, ORANGE, PALE, figure, lighter, styled

Point = tuple[float, float]

DEEP = "#a8511c"
COLOR = {"With a teacher": BLUE, "Without a teacher": GREEN, "": GREY}

ROWS = {
    "Single-layer": "one layer of\nneurons learns",
    "Multilayer": "layer feeds layer,\nand all of them learn",
    "Recurrent": "what comes out\ngoes back in",
}
COLUMNS = {
    "With a teacher": "each example comes with its right answer",
    "Without a teacher": "only examples: find order in them, or guess a part from the rest",
}


class Pen:
    """Draws circles and arrows around one place of the map, in inches, in the colours of one network.

    Parameters
    ----------
    ax
        Where to draw.
    x, y
        The place.
    color
        The colour of its column.
    lit, any_lit
        Whether this network is lit up, and whether any is.
    """

    def __init__(self, ax: Axes, x: float, y: float, color: str, lit: bool, any_lit: bool) -> None:
        self.ax, self.x, self.y, self.lit = ax, x, y, lit
        self.line = GREY if any_lit and not lit else INK
        self.fill: Any = ORANGE if lit else "white" if any_lit else lighter(color, 0.6)
        self.strong: Any = DEEP if lit else PALE if any_lit else color  # for a winner, a memory, a gate

    def at(self, point: Point) -> Point:
        """Where a point of the little drawing lies on the map."""
        return self.x + point[0], self.y + point[1]

    def neurons(self, points: Sequence[Point], r: float = 0.07, strong: Sequence[int] = ()) -> None:
        """Neurons: circles. Those whose numbers are in `strong` stand out."""
        for k, point in enumerate(points):
            color = self.strong if k in strong else self.fill
            self.ax.add_patch(Circle(self.at(point), r, facecolor=color, edgecolor=self.line, linewidth=0.9, zorder=3))

    def answering(self, points: Sequence[Point], r: float, length: float) -> None:
        """Neurons, each with an arrow to the right that ends at so great a distance from its centre."""
        self.neurons(points, r)
        for x, y in points:
            self.arrow((x + r, y), (x + length, y))

    def inputs(self, points: Sequence[Point], r: float = 0.028) -> None:
        """Inputs: dots. They compute nothing."""
        for point in points:
            self.ax.add_patch(Circle(self.at(point), r, facecolor=self.line, edgecolor="none", zorder=3))

    def wire(self, start: Point, end: Point, width: float = 0.6, **options: Any) -> None:
        """A line from centre to centre, below the circles."""
        (x0, y0), (x1, y1) = self.at(start), self.at(end)
        options = {"color": self.line, "alpha": 0.75, "zorder": 2, **options}
        self.ax.plot([x0, x1], [y0, y1], linewidth=width, **options)

    def wires(self, starts: Sequence[Point], ends: Sequence[Point], width: float = 0.6) -> None:
        """Every start with every end."""
        for start in starts:
            for end in ends:
                self.wire(start, end, width)

    def arrow(self, start: Point, end: Point, bend: float = 0.0, width: float = 0.9, style: str = "-|>") -> None:
        """An arrow, straight or bent."""
        self.ax.add_patch(
            FancyArrowPatch(
                self.at(start),
                self.at(end),
                arrowstyle=style,
                mutation_scale=6,
                shrinkA=0,
                shrinkB=0,
                connectionstyle=f"arc3,rad={bend}",
                color=self.line,
                linewidth=width,
                zorder=2.5,
            )
        )

    def loop(self, point: Point, r: float = 0.07, width: float = 0.9) -> None:
        """An arrow over a neuron, from its output back to its input."""
        x, y = point
        turn = np.linspace(-50, 205, 60) * math.pi / 180
        size = 0.95 * r
        px, py = x + size * np.cos(turn), y + 1.55 * r + size * np.sin(turn)
        self.ax.plot(self.x + px[:-4], self.y + py[:-4], color=self.line, linewidth=width, zorder=2)
        self.arrow((px[-9], py[-9]), (px[-1] + 0.012, py[-1] - 0.02), width=width)

    def curve(self, point: Point, x: Sequence[float], y: Sequence[float], size: float) -> None:
        """A little curve inside a neuron: its activation function."""
        color = "white" if self.lit else self.line
        px, py = self.x + point[0] + size * np.array(x), self.y + point[1] + size * np.array(y)
        self.ax.plot(px, py, color=color, linewidth=1.3, zorder=4, solid_capstyle="round")

    def box(self, low: Point, high: Point) -> None:
        """A rounded frame."""
        (x0, y0), (x1, y1) = self.at(low), self.at(high)
        shape = "round,pad=0,rounding_size=0.06"
        self.ax.add_patch(
            FancyBboxPatch((x0, y0), x1 - x0, y1 - y0, shape, fc="none", ec=self.line, linewidth=0.7, zorder=2)
        )


def spread(x: float, n: int, step: float = 0.2, y: float = 0.0) -> list[Point]:
    """Return `n` points in a column at `x`, `step` apart, centred at `y`."""
    return [(x, y + step * ((n - 1) / 2 - i)) for i in range(n)]


def row(y: float, n: int, step: float = 0.22, x: float = 0.0) -> list[Point]:
    """Return `n` points in a row at `y`, `step` apart, centred at `x`."""
    return [(x + step * (i - (n - 1) / 2), y) for i in range(n)]


# The little drawings, about one inch wide and 0.7 high


def _one_neuron(pen: Pen, x: Sequence[float], y: Sequence[float]) -> None:
    inputs, r = spread(-0.4, 3, 0.24), 0.17
    pen.inputs(inputs)
    for point in inputs:
        length = math.hypot(*point)
        pen.arrow((point[0] + 0.03, point[1]), (point[0] * (r + 0.01) / length, point[1] * (r + 0.01) / length))
    pen.answering([(0, 0)], r, 0.45)
    pen.curve((0, 0), x, y, r)


def _neuron(pen: Pen) -> None:
    _one_neuron(pen, [], [])
    color = "white" if pen.lit else pen.line
    pen.ax.text(pen.x, pen.y - 0.005, "Σ, f", ha="center", va="center", fontsize=8.5, color=color, zorder=4)
    for text, place in (("x", (-0.52, -0.02)), ("w", (-0.2, 0.22)), ("y", (0.52, -0.02))):
        pen.ax.text(*pen.at(place), text, ha="center", va="center", fontsize=8.5, style="italic", color=pen.line)


def _perceptron(pen: Pen) -> None:
    _one_neuron(pen, [-0.6, 0, 0, 0.6], [-0.4, -0.4, 0.4, 0.4])


def _adaline(pen: Pen) -> None:
    _one_neuron(pen, [-0.5, 0.5], [-0.5, 0.5])


def _logistic(pen: Pen) -> None:
    x = np.linspace(-0.62, 0.62, 40)
    _one_neuron(pen, list(x), list(0.45 * np.tanh(5 * x)))


def _softmax(pen: Pen) -> None:
    inputs, neurons = spread(-0.36, 3, 0.24), spread(0.16, 3, 0.24)
    pen.inputs(inputs)
    pen.wires(inputs, neurons)
    pen.answering(neurons, 0.085, 0.3)


def _mark1(pen: Pen) -> None:
    rng = np.random.default_rng(3)
    retina = [(-0.46 + 0.09 * i, 0.18 - 0.09 * j) for i in range(4) for j in range(5)]
    units = spread(0.07, 5, 0.15)
    pen.inputs(retina, 0.024)
    for unit in units:
        for s in rng.choice(len(retina), 3, replace=False):
            pen.wire(retina[s], unit, 0.5)
    answers = spread(0.4, 3, 0.22)
    pen.wires(units, answers, 0.7)
    pen.neurons(units, 0.05)
    pen.neurons(answers, strong=range(3))


def _hebbian(pen: Pen) -> None:
    inputs, neurons = spread(-0.36, 3, 0.24), spread(0.16, 2, 0.3)
    pen.inputs(inputs)
    for (i, j), width in zip([(0, 0), (1, 0), (2, 0), (0, 1), (1, 1), (2, 1)], (2.6, 2.0, 0.5, 0.5, 0.6, 2.6)):
        pen.wire(inputs[i], neurons[j], width)
    pen.answering(neurons, 0.095, 0.3)


def _competitive(pen: Pen) -> None:
    inputs, neurons = spread(-0.36, 3, 0.24), spread(0.14, 3, 0.24)
    pen.inputs(inputs)
    pen.wires(inputs, neurons)
    pen.neurons(neurons, 0.085, strong=[1])
    bow = np.linspace(-math.pi / 2, math.pi / 2, 30)
    for side in (1, -1):  # the winner holds the others down
        x, y = pen.at((0.245, 0.13 * side))
        pen.ax.plot(x + 0.13 * np.cos(bow), y + 0.1 * np.sin(bow), color=pen.line, linewidth=0.9, zorder=2)
        pen.wire((0.245, 0.18 * side), (0.245, 0.28 * side), 1.4, alpha=1)


def _som(pen: Pen) -> None:
    lattice = [[(-0.44 + 0.19 * i + 0.1 * j, 0.27 - 0.15 * (3 - j)) for j in range(4)] for i in range(4)]
    inputs = row(-0.36, 2, 0.2, -0.06)
    best = lattice[1][1]
    for k in range(4):
        for i in range(3):
            pen.wire(lattice[i][k], lattice[i + 1][k], 0.8)
            pen.wire(lattice[k][i], lattice[k][i + 1], 0.8)
    pen.inputs(inputs)
    for point in inputs:
        pen.wire(point, best, 0.6, linestyle=(0, (3, 2)))
    near = {(1, 1), (0, 1), (2, 1), (1, 0), (1, 2)}
    for i in range(4):
        for j in range(4):
            pen.neurons([lattice[i][j]], 0.058 if (i, j) in near else 0.045, strong=[0] if i == j == 1 else [])


def _layers(pen: Pen, sizes: Sequence[int], xs: Sequence[float], step: float, r: float) -> list[list[Point]]:
    layers = [spread(x, n, step) for x, n in zip(xs, sizes)]
    for before, after in pairwise(layers):
        pen.wires(before, after)
    pen.inputs(layers[0])
    for layer in layers[1:]:
        pen.neurons(layer, r)
    return layers


def _mlp(pen: Pen) -> None:
    for x, y in _layers(pen, (3, 4, 4, 2), (-0.55, -0.18, 0.18, 0.52), 0.2, 0.07)[-1]:
        pen.arrow((x + 0.07, y), (x + 0.22, y))


def _convnet(pen: Pen) -> None:
    picture = {(i, j): (-0.72 + 0.1 * i, 0.25 - 0.1 * j) for i in range(6) for j in range(6)}
    features = {(i, j): (0.02 + 0.11 * i, 0.165 - 0.11 * j) for i in range(4) for j in range(4)}
    pen.inputs(list(picture.values()), 0.024)
    (left, top), (right, bottom) = picture[1, 1], picture[3, 3]
    pen.box((left - 0.045, bottom - 0.045), (right + 0.045, top + 0.045))
    for corner in ((right + 0.045, top + 0.045), (right + 0.045, bottom - 0.045)):
        pen.wire(corner, features[1, 1], 0.8)
    answers = spread(0.64, 3, 0.22)
    pen.wires([features[3, j] for j in range(4)], answers)
    pen.neurons(list(features.values()), 0.042, strong=[list(features).index((1, 1))])
    pen.neurons(answers)


def _attention(pen: Pen, causal: bool, x: float = 0.0) -> tuple[list[Point], list[Point]]:
    words, looking, after = (row(y, 4, 0.24, x) for y in (-0.32, 0.0, 0.25))
    rng = np.random.default_rng(1)
    for i, end in enumerate(looking):
        for j, start in enumerate(words):
            if j <= i or not causal:
                pen.wire(start, end, float(rng.choice([0.4, 0.6, 1.6], p=[0.4, 0.35, 0.25])))
        pen.wire(end, after[i], 0.9)
    pen.inputs(words, 0.034)
    pen.neurons(looking + after, 0.065)
    return words, after


def _transformer(pen: Pen) -> None:
    _attention(pen, causal=False)


def _gpt(pen: Pen) -> None:
    words, after = _attention(pen, causal=True, x=-0.1)
    (x, y), (left, low) = after[-1], words[-1]
    pen.inputs([(left + 0.24, low)], 0.034)  # what it writes is the next thing it reads
    pen.arrow((x + 0.065, y), (left + 0.24, low + 0.045), bend=-0.35)


def _autoencoder(pen: Pen) -> None:
    _layers(pen, (4, 2, 4), (-0.38, 0, 0.38), 0.2, 0.075)


def _diffusion(pen: Pen) -> None:
    rng = np.random.default_rng(0)
    cat = ("#...#", "#####", "#.#.#", "#####", ".###.")  # seen from afar
    hidden = spread(0, 3, 0.2, 0.05)
    for i in range(5):
        for j in range(5):
            noisy, clean = (-0.5 + 0.075 * i, 0.2 - 0.075 * j), (0.2 + 0.075 * i, 0.2 - 0.075 * j)
            pen.inputs([noisy], float(rng.uniform(0.006, 0.034)))
            pen.inputs([clean], 0.031 if cat[j][i] == "#" else 0.008)
    for y in (0.2, 0.125, 0.05, -0.025, -0.1):
        for point in hidden:
            pen.wire((-0.17, y), point, 0.45)
            pen.wire(point, (0.17, y), 0.45)
    pen.neurons(hidden, 0.065)
    pen.arrow((0.35, -0.17), (-0.35, -0.17), bend=-0.3)


def _rnn(pen: Pen) -> None:
    inputs, hidden, answer = spread(-0.38, 2, 0.36), spread(0, 2, 0.36), (0.36, 0.0)
    pen.inputs(inputs)
    pen.wires(inputs, hidden)
    pen.wires(hidden, [answer])
    pen.neurons([*hidden, answer], 0.08)
    for point in hidden:
        pen.loop(point, 0.08)


def _lstm(pen: Pen) -> None:
    cell = (0.0, -0.06)
    pen.inputs([(-0.46, -0.06)])
    pen.arrow((-0.43, -0.06), (-0.13, -0.06))
    pen.arrow((0.13, -0.06), (0.46, -0.06))
    pen.neurons([cell], 0.13)
    pen.curve(cell, [-0.5, 0.5], [-0.5, 0.5], 0.13)
    turn = np.linspace(-35, 215, 80) * math.pi / 180
    px, py = 0.15 * np.cos(turn), 0.13 + 0.17 * np.sin(turn)
    pen.ax.plot(pen.x + px, pen.y + py, color=pen.line, linewidth=1.8, zorder=2)
    pen.arrow((px[-6], py[-6]), (px[-1] + 0.02, py[-1] - 0.03))
    pen.neurons([(-0.27, -0.06), (0.0, 0.3), (0.28, -0.06)], 0.05, strong=range(3))


def _bahdanau(pen: Pen) -> None:
    words, states, decoder = row(-0.36, 4, 0.25), row(-0.12, 4, 0.25), row(0.27, 3, 0.25)
    for (x, y), (x1, y1), width in zip(words, states, (0.7, 0.5, 2.4, 1.3)):
        pen.wire((x, y), (x1, y1), 0.7)
        pen.wire((x1, y1), decoder[1], width)
    for (x, y), (x1, _) in pairwise(states):
        pen.arrow((x + 0.065, y), (x1 - 0.065, y), style="<|-|>", width=0.7)
    for (x, y), (x1, _) in pairwise(decoder):
        pen.arrow((x + 0.065, y), (x1 - 0.065, y), width=0.8)
    pen.inputs(words)
    pen.neurons(states, 0.065)
    pen.neurons(decoder, 0.065, strong=[1])


def _mamba(pen: Pen) -> None:
    words, states, answers = row(-0.32, 4, 0.27), row(0.0, 4, 0.27), row(0.3, 4, 0.27)
    pen.inputs(words)
    pen.neurons(states, 0.075)
    for (x, y), (x1, _) in pairwise(states):
        pen.arrow((x + 0.07, y), (x1 - 0.07, y), width=1.8)
    for word, state, answer in zip(words, states, answers):
        pen.wire(word, state, 0.8)
        pen.arrow((state[0], 0.07), (answer[0], 0.3))
        if state != states[0]:  # the input opens or closes the way from the state before
            pen.wire((word[0], word[1]), (state[0] - 0.135, 0.0), 0.5, linestyle=(0, (2, 1.5)))


def _rmt(pen: Pen) -> None:
    for x in (-0.29, 0.29):
        pen.box((x - 0.25, -0.3), (x + 0.25, 0.14))
        below, above = row(-0.2, 4, 0.125, x), row(0.04, 4, 0.125, x)
        for i, end in enumerate(above):
            for start in below[: i + 1]:
                pen.wire(start, end, 0.45)
        pen.inputs(below[1:])
        pen.neurons([below[0], *above], 0.045, strong=[0, 4])
    start, end = row(0.04, 4, 0.125, -0.29)[3], row(-0.2, 4, 0.125, 0.29)[0]
    pen.arrow((start[0] + 0.045, start[1]), (end[0] - 0.045, end[1]), width=1.3)


def _hopfield(pen: Pen) -> None:
    ring = [(0.33 * math.cos(a), 0.33 * math.sin(a)) for a in np.arange(6) * math.pi / 3 + math.pi / 6]
    for i, start in enumerate(ring):
        for end in ring[i + 1 :]:
            pen.wire(start, end, 0.8)
    pen.neurons(ring, 0.075, strong=[0, 2, 3])


@dataclass(frozen=True)
class Kind:
    """A kind of network.

    Parameters
    ----------
    row, column
        Its place on the map.
    draw
        Draws it.
    systems
        The systems of nnlite of that kind: by the name of the module, what is written under the drawing.
    """

    row: str
    column: str
    draw: Callable[[Pen], None]
    systems: dict[str, str]


_SINGLE, _MULTI, _RECURRENT = ROWS
_TEACHER, _ALONE = COLUMNS

KINDS = [
    Kind("", "", _neuron, {"neuron": "Neuron"}),
    Kind(_SINGLE, _TEACHER, _perceptron, {"perceptron": "Perceptron"}),
    Kind(_SINGLE, _TEACHER, _adaline, {"adaline": "Adaline"}),
    Kind(_SINGLE, _TEACHER, _logistic, {"logistic": "Logistic neuron"}),
    Kind(_SINGLE, _TEACHER, _softmax, {"softmax_regression": "Softmax\nregression"}),
    Kind(_SINGLE, _TEACHER, _mark1, {"mark1": "Mark I"}),
    Kind(_SINGLE, _ALONE, _hebbian, {"hebbian": "Hebb, Oja,\nSanger"}),
    Kind(_SINGLE, _ALONE, _competitive, {"competitive": "Competitive\nlearning"}),
    Kind(_SINGLE, _ALONE, _som, {"som": "Kohonen's map\n(SOM)"}),
    Kind(_MULTI, _TEACHER, _mlp, {"mlp": "MLP"}),
    Kind(_MULTI, _TEACHER, _convnet, {"convnet": "ConvNet"}),
    Kind(_MULTI, _TEACHER, _transformer, {"transformer": "Transformer"}),
    Kind(_MULTI, _ALONE, _autoencoder, {"autoencoder": "Autoencoder"}),
    Kind(_MULTI, _ALONE, _gpt, {"gpt": "GPT"}),
    Kind(_MULTI, _ALONE, _diffusion, {"diffusion": "Diffusion"}),
    Kind(_RECURRENT, _TEACHER, _rnn, {"rnn": "RNN"}),
    Kind(_RECURRENT, _TEACHER, _lstm, {"lstm": "LSTM", "gru": "GRU", "xlstm": "xLSTM"}),
    Kind(_RECURRENT, _TEACHER, _bahdanau, {"bahdanau": "Bahdanau's\nattention"}),
    Kind(_RECURRENT, _TEACHER, _mamba, {"mamba": "Mamba", "rwkv": "RWKV", "griffin": "Griffin"}),
    Kind(_RECURRENT, _TEACHER, _rmt, {"rmt": "Memory\nTransformer"}),
    Kind(_RECURRENT, _ALONE, _hopfield, {"hopfield": "Hopfield"}),
]

#: the names that ``network_map(highlight=)`` knows, each that of its module
SYSTEMS = tuple(name for kind in KINDS for name in kind.systems)


@styled
def network_map(highlight: str | Sequence[str] | None = None) -> Figure:
    """Draw the map of the kinds of networks, and fill those that are being spoken of.

    From top to bottom the neurons are joined in other ways: in a single layer, in several, or in a circle. From
    left to right they learn in other ways: with a teacher who knows the right answers, or without.

    Parameters
    ----------
    highlight : str or sequence of str, optional
        What to fill: names in :data:`SYSTEMS`, or as they stand on the map; capital letters do not matter.

    Raises
    ------
    TypeError
        If `highlight` is not made of names.
    ValueError
        If a name is not on the map.

    Examples
    --------
    >>> from nnlite.plots import network_map
    >>> fig = network_map(["perceptron", "mark1"])
    >>> [text.get_text() for text in fig.axes[0].texts if text.get_fontweight() == "bold"][-2:]
    ['Perceptron', 'Mark I']
    """
    lit = _names(highlight)
    left, slot, header, height, footer = 1.38, 1.2, 1.0, 1.4, 0.32
    widths = {_TEACHER: 5 * slot, _ALONE: 3 * slot}
    gap = 0.1
    total_width = left + sum(widths.values()) + 2 * gap
    total_height = header + 3 * height + 3 * gap + footer
    fig = figure(total_width, total_height)
    fig.set_layout_engine("none")
    ax = fig.add_axes((0, 0, 1, 1))
    ax.set(xlim=(0, total_width), ylim=(0, total_height), aspect="equal")
    ax.set_axis_off()

    starts, x = {}, left
    for column, lesson in COLUMNS.items():
        starts[column] = x
        ax.text(x + 0.08, total_height - 0.52, column, fontsize=11.5, fontweight="bold")
        ax.text(x + 0.08, total_height - 0.74, lesson, fontsize=8, color=GREY, va="center")
        x += widths[column] + gap
    floors = {}
    for i, (name, meaning) in enumerate(ROWS.items()):
        y = total_height - header - (i + 1) * height - i * gap
        floors[name] = y
        ax.text(0.08, y + height - 0.3, name, fontsize=10.5, fontweight="bold", va="top")
        ax.text(0.08, y + height - 0.52, meaning, fontsize=8, color=GREY, va="top", linespacing=1.3)
        for column in COLUMNS:
            corner, shape = (starts[column], y), "round,pad=0,rounding_size=0.08"
            ax.add_patch(FancyBboxPatch(corner, widths[column], height, shape, fc="#f7f8fa", ec=PALE, zorder=0))

    for place in [("", ""), *((r, c) for r in ROWS for c in COLUMNS)]:
        here = [kind for kind in KINDS if (kind.row, kind.column) == place]
        for i, kind in enumerate(here):
            if kind.row:
                share = widths[kind.column] / len(here)
                x, y = starts[kind.column] + share * (i + 0.5), floors[kind.row] + 0.85
            else:
                x, y = 0.64, total_height - 0.4
            _draw(ax, kind, x, y, lit)

    words = ["dot: an input, computes nothing", "circle: a neuron", "line: a weight, signals run to the right or up"]
    ax.text(starts[_TEACHER] + 0.08, 0.13, "     ".join(words), fontsize=8, color=GREY, va="center")
    return fig


def _draw(ax: Axes, kind: Kind, x: float, y: float, lit: set[str]) -> None:
    kind.draw(Pen(ax, x, y, COLOR[kind.column], bool(lit & kind.systems.keys()), bool(lit)))
    fonts = {name: FontProperties(size=8.5, weight="bold" if name in lit else "normal") for name in kind.systems}
    labels = [label + "," for label in kind.systems.values()]
    labels[-1] = labels[-1][:-1]
    space = 0.05
    widths = [_width(label, font) for label, font in zip(labels, fonts.values())]
    x -= (sum(widths) + space * (len(widths) - 1)) / 2
    for (name, font), label, width in zip(fonts.items(), labels, widths):
        for i, line in enumerate(label.split("\n")):
            bottom = y - (0.6 if kind.row else 0.5) - 0.145 * i
            color = DEEP if name in lit else INK
            ax.text(x + width / 2, bottom, line, fontproperties=font, ha="center", va="baseline", color=color)
        x += width + space


def _width(label: str, font: FontProperties) -> float:
    """The width of a label in inches."""
    return max(float(TextPath((0, 0), line, prop=font).get_extents().width) for line in label.split("\n")) / 72


def _names(highlight: Any) -> set[str]:
    if highlight is None:
        return set()
    wanted = [highlight] if isinstance(highlight, str) or not isinstance(highlight, Iterable) else list(highlight)
    for name in wanted:
        if not isinstance(name, str):
            raise TypeError(f"network_map: highlight holds {name!r}, expected names of networks")
    spelt = {label.replace("\n", " ").casefold(): name for kind in KINDS for name, label in kind.systems.items()}
    return {spelt.get(name.casefold()) or one_of(name.casefold(), "network_map: highlight", SYSTEMS) for name in wanted}
