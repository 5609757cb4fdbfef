"""Picture of a computation: the graph behind a Tensor, each step with its value and its gradient.

The result stands on the right. Each node's layer is the longest way from it to the result, so that every arrow points
to the right; an arrow over several layers gets a place in each of them, and in each layer the nodes are put where
their neighbours are on average (Sugiyama, Tagawa, Toda 1981, "Methods for visual understanding of hierarchical system
structures").
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch
from matplotlib.path import Path

from nnlite.arguments import Array
from nnlite.graph import topological_order
from nnlite.plots.style import BLUE, GREEN, GREY, INK, ORANGE, canvas, lighter, styled
from nnlite.tensor import Node, Tensor

MOST = 60  # nodes in one picture

SIGNS = {"add": "+", "sub": "-", "mul": "×", "div": "/", "neg": "-", "matmul": "@", "mm": "@", "pow": "**"}

LINE, LETTER, GAP = 0.19, 0.078, 0.5  # inches: between two lines of text, of one letter, between two layers


@dataclass
class Step:
    """One node of the picture.

    Parameters
    ----------
    kind
        "leaf", "constant" or "step".
    title
        What is written in its first line.
    inputs
        The numbers of the nodes it was computed from.
    shape, value, grad
        The shape; value and gradient where they are known.
    layer
        The longest way from it to the result.
    """

    kind: str
    title: str
    inputs: list[int] = field(default_factory=list)
    shape: tuple[int, ...] = ()
    value: Array | None = None
    grad: Array | None = None
    layer: int = 0

    @property
    def lines(self) -> list[tuple[str, str]]:
        """The lines of text in its box, each with its colour."""
        found = [(self.title, INK)]
        if self.value is not None:
            found.append((_short(self.value), BLUE))
        elif self.shape:
            found.append((f"shape {self.shape}", BLUE))
        return found if self.grad is None else [*found, (_short(self.grad), ORANGE)]

    @property
    def size(self) -> tuple[float, float]:
        """Width and height of its box in inches."""
        return 0.24 + LETTER * max(len(text) for text, _ in self.lines), 0.14 + LINE * len(self.lines)


@styled
def graph(tensor: Tensor, *, ax: Axes | None = None, **names: Tensor) -> Figure:
    """Draw how a Tensor was computed: each step, its value (blue) and the gradient of the result (orange).

    Leaves that require a gradient are blue, constants grey, and the result is green. The gradients are worked out
    for the picture, from the result back to the leaves; no ``grad`` is changed, and none is needed. They are shown if
    the result has one element.

    Parameters
    ----------
    tensor : Tensor
        The result. Draw it before ``backward()``, or after ``backward(retain_graph=True)``: otherwise the graph is no
        longer there.
    ax : matplotlib.axes.Axes, optional
        Where to draw.
    **names : Tensor
        What to call the leaves, and steps if you like: ``w=w, net=net``. The value of a step is known as long as
        a variable holds its Tensor; of others the shape is shown.

    Raises
    ------
    TypeError
        If `tensor` or one of the names is not a Tensor.
    ValueError
        If `tensor` was not computed from anything that requires a gradient, if the graph has more than 60 nodes, or
        if a name is not part of it.
    RuntimeError
        If the graph was freed by ``backward()``, or a Tensor in it was changed in place.

    Examples
    --------
    >>> from nnlite import Tensor
    >>> from nnlite.plots import graph
    >>> w = Tensor(2.0, requires_grad=True)
    >>> net = 3 * w
    >>> [text.get_text() for text in graph(net.tanh(), w=w, net=net).axes[0].texts][:3]
    ['tanh', '1', '1']
    """
    for name, value in {"tensor": tensor, **names}.items():
        if not isinstance(value, Tensor):
            raise TypeError(f"graph: {name} is a {type(value).__name__}, expected a Tensor")
    if tensor.node is None:
        raise ValueError("graph: tensor has no graph, expected one computed from a Tensor with requires_grad=True")
    steps, nodes = _collect(tensor, names)
    order = topological_order(tuple(tuple(step.inputs) for step in steps))
    for i in order:
        for source in steps[i].inputs:
            steps[source].layer = max(steps[source].layer, steps[i].layer + 1)
    if tensor.data.size == 1:
        _pass_back(steps, nodes, order)
    return _draw(steps, ax)


def _collect(tensor: Tensor, names: dict[str, Tensor]) -> tuple[list[Step], dict[int, Node]]:
    """The steps in the order in which they are met from the result on, and the nodes of those that have one."""
    called = {id(value.node or value): name for name, value in names.items()}
    values = {id(value.node or value): value.data for value in (tensor, *names.values())}
    known: list[Node | Tensor] = [tensor.node or tensor]  # also keeps them alive, so that no id is used twice
    numbers = {id(known[0]): 0}
    steps: list[Step] = []
    nodes: dict[int, Node] = {}
    for i, node in enumerate(known):
        if isinstance(node, Tensor):
            kind = "leaf" if node.requires_grad else "constant"
            steps.append(Step(kind, called.get(id(node), kind), [], node.shape, node.data))
            continue
        if node.vjp is None:
            raise RuntimeError(
                f"graph: the graph is freed at {node.name!r}, expected one that is still there; draw it before "
                "backward(), or call backward(retain_graph=True)"
            )
        used = [tensor for tensor in _still_there(node) if tensor.node is not None or not tensor.requires_grad]
        values |= {id(tensor.node or tensor): tensor.data for tensor in used}
        sources = [source for source in node.inputs if source is not None]
        sources += [tensor for tensor in used if not tensor.requires_grad and all(tensor is not s for s in sources)]
        title = SIGNS.get(node.name, node.name)
        if node.name in SIGNS and len(sources) < len(node.inputs):
            title += " number"  # a plain number or array leaves no trace
        name = called.get(id(node))
        steps.append(Step("step", f"{name}: {title}" if name else title, [], tuple(node.shape)))
        nodes[i] = node
        for source in sources:
            if id(source) not in numbers:
                numbers[id(source)] = len(known)
                known.append(source)
            steps[i].inputs.append(numbers[id(source)])
        if len(known) > MOST:
            raise ValueError(f"graph: the graph has more than {MOST} nodes, expected a small expression")
    for i, node in enumerate(known):
        steps[i].value = values.get(id(node), steps[i].value)
    for name, value in names.items():
        if id(value.node or value) not in numbers:
            raise ValueError(f"graph: {name} is not part of the graph, expected a Tensor that the result depends on")
    return steps, nodes


def _still_there(node: Node) -> list[Tensor]:
    """The Tensors a node was computed from, as far as anything holds them."""
    node.refuse_changes("graph")
    return [tensor for reference in node.given if (tensor := reference()) is not None]


def _pass_back(steps: list[Step], nodes: dict[int, Node], order: list[int]) -> None:
    """Backpropagation, in ten lines: every step passes its gradient on once it has all of it."""
    assert steps[0].value is not None
    steps[0].grad = np.ones_like(steps[0].value)
    for i in order:
        if i not in nodes:
            continue
        grads = nodes[i].vjp(steps[i].grad)  # type: ignore[misc]
        for source, grad in zip(steps[i].inputs, (grad for grad in grads if grad is not None)):
            before = steps[source].grad
            steps[source].grad = grad if before is None else before + grad


def _short(a: Array) -> str:
    """A number, a few numbers or, if there are many, the shape."""
    write: Any = {"float_kind": "{:.4g}".format}
    text = f"{a.item():.4g}" if a.size == 1 else " ".join(np.array2string(a, separator=", ", formatter=write).split())
    return text if len(text) <= 26 else f"shape {a.shape}"


def _draw(steps: list[Step], ax: Axes | None) -> Figure:
    places, ways = _layout(steps)
    sizes = [step.size for step in steps]
    left, right = (
        side(x + sign * w / 2 for (x, _), (w, _) in zip(places, sizes)) for side, sign in ((min, -1), (max, 1))
    )
    heights = [y for _, way in ways for _, y in way] + [y for _, y in places]
    fig, ax = canvas(ax, max(right - left + 0.2, 3.5), max(heights) - min(heights) + 1.2)
    ax.set(xlim=(left - 0.1, right + 0.1), ylim=(min(heights) - 0.45, max(heights) + 0.45), aspect="equal")
    ax.axis("off")
    known = "blue: the value; orange: the gradient of the result" if steps[0].grad is not None else "blue: the value"
    ax.set_title(known, fontsize=8.5, color=GREY)
    for source, way in ways:
        color = lighter(GREY, 0.5) if steps[source].kind == "constant" else GREY
        ax.add_patch(
            FancyArrowPatch(
                path=_curve(way), arrowstyle="-|>", mutation_scale=9, shrinkA=0, shrinkB=0, color=color, linewidth=1
            )
        )
    for i, (step, (x, y), (w, h)) in enumerate(zip(steps, places, sizes)):
        color = GREEN if i == 0 else {"leaf": BLUE, "constant": GREY, "step": INK}[step.kind]
        fill = "white" if step.kind == "step" and i else lighter(color, 0.85)
        box = FancyBboxPatch(
            (x - w / 2 + 0.06, y - h / 2 + 0.06),
            w - 0.12,
            h - 0.12,
            boxstyle="round,pad=0.06",
            facecolor=fill,
            edgecolor=lighter(color, 0.3),
            linewidth=1,
        )
        ax.add_patch(box)
        for k, (text, ink) in enumerate(step.lines):
            height = y + LINE * ((len(step.lines) - 1) / 2 - k)
            weight = "bold" if k == 0 else "normal"
            ax.text(x, height, text, color=ink, fontsize=8.5, weight=weight, ha="center", va="center_baseline")
    return fig


def _layout(steps: list[Step]) -> tuple[list[tuple[float, float]], list[tuple[int, list[Any]]]]:
    """The centre of each box; and of each arrow where it comes from, and its corners; in inches."""
    # A chain for each arrow: the source, a place in every layer on the way, the step.
    spots = [step.layer for step in steps]
    chains = []
    for i, step in enumerate(steps):
        for source in step.inputs:
            between = range(steps[source].layer - 1, step.layer, -1)
            chains.append([source, *range(len(spots), len(spots) + len(between)), i])
            spots += between
    neighbours: list[list[int]] = [[] for _ in spots]
    for chain in chains:
        for a, b in pairwise(chain):
            neighbours[a].append(b)
            neighbours[b].append(a)
    layers = [[i for i, layer in enumerate(spots) if layer == depth] for depth in range(max(spots) + 1)]
    height = np.zeros(len(spots))
    for layer in layers:
        height[layer] = _spread(len(layer))
    for sweep in range(12):
        for layer in layers if sweep % 2 == 0 else layers[::-1]:
            side = [[j for j in neighbours[i] if (spots[j] < spots[i]) == (sweep % 2 == 0)] for i in layer]
            mean = [np.mean(height[s]) if s else height[i] for i, s in zip(layer, side)]
            layer[:] = [layer[k] for k in np.argsort(mean, kind="stable")]
            centre = np.mean(mean) if len(layers) > 1 else 0.0
            height[layer] = centre + _spread(len(layer))
    widths = [max((steps[i].size[0] for i in layer if i < len(steps)), default=0.2) for layer in layers]
    x = -np.cumsum([0.0, *((a + b) / 2 + GAP for a, b in pairwise(widths))])
    row = max(step.size[1] for step in steps) + 0.2
    at = [(float(x[layer]), float(row * h)) for layer, h in zip(spots, height)]
    ways = []
    for chain in chains:
        source, target = chain[0], chain[-1]
        way = []
        for i in chain:  # level across each layer, so that no arrow runs into a box; up and down in the gaps
            half = widths[spots[i]] / 2
            way += [(at[i][0] - half, at[i][1]), (at[i][0] + half, at[i][1])]
        twins = [c for c in chains if (c[0], c[-1]) == (source, target)]  # x * x: two arrows side by side
        shift = 0.14 * (next(k for k, c in enumerate(twins) if c is chain) - (len(twins) - 1) / 2)
        way[0] = (at[source][0] + steps[source].size[0] / 2, at[source][1])
        way[-1] = (at[target][0] - steps[target].size[0] / 2, at[target][1])
        way = [(a, b + shift) for a, b in way]
        ways.append((source, [p for p, before in zip(way, [None, *way]) if p != before]))
    return at[: len(steps)], ways


def _spread(n: int) -> Array:
    """Heights one apart, around 0."""
    return (n - 1) / 2 - np.arange(n, dtype=float)[::-1]


def _curve(way: list[tuple[float, float]]) -> Path:
    """A smooth line through the points that leaves and arrives level."""
    points, codes = [way[0]], [Path.MOVETO]
    for (x0, y0), (x1, y1) in pairwise(way):
        middle = (x0 + x1) / 2
        points += [(middle, y0), (middle, y1), (x1, y1)]
        codes += [Path.CURVE4] * 3
    return Path(points, codes)
