"""The graph of a computation as plain numbers: in which order can the gradients be passed back?

Each node is a number, and ``inputs[node]`` holds the numbers of the nodes it was computed from. A node may pass its
gradient on only when it has all of it, that is after every node that uses it. An order with this property is called
topological; Kahn's way to find one (*Communications of the ACM* 5, 1962, 558-562) counts the uses that are still to
come.

``backward()`` finds its order more cheaply: nodes are numbered as they are made, and falling numbers are a topological
order. Put another function in the place of :func:`topological_order`, and ``backward()`` follows that one.
"""

from __future__ import annotations

import graphlib
from collections.abc import Sequence
from typing import Any

from nnlite.arguments import integer
from nnlite.contracts import Kind
from nnlite.registry import exercise


class _Graph(Kind):
    """For each node the nodes it came from, without cycles."""

    def convert(self, value: Any, name: str) -> tuple[tuple[int, ...], ...]:
        """Return tuples, or raise."""
        try:
            graph = tuple(tuple(sources) for sources in value)
        except TypeError:
            raise TypeError(f"{name} is {value!r}, expected for each node a list of the nodes it came from") from None
        for node, sources in enumerate(graph):
            for source in sources:
                integer(source, f"{name}[{node}]", low=0, high=len(graph) - 1)
        try:
            graphlib.TopologicalSorter(dict(enumerate(graph))).prepare()
        except graphlib.CycleError as error:
            raise ValueError(
                f"{name} holds the cycle {' <- '.join(map(str, error.args[1]))}, expected a graph without cycles"
            ) from None
        return graph


@exercise("autodiff.topological_order", takes=dict(inputs=_Graph()))
def topological_order(inputs: Sequence[Sequence[int]]) -> list[int]:
    """Put the nodes of a graph in an order in which every node comes after all the nodes that use it.

    This is the order in which gradients are passed back: from the result to the leaves, and no node before it has
    collected its whole gradient.

    Parameters
    ----------
    inputs : tuple of tuples of int
        For each node the numbers of the nodes it was computed from, so that ``inputs[node]`` are the nodes that `node`
        uses. A leaf has none; a node that uses another twice, as in x * x, names it twice. There are no cycles. The
        numbers themselves say nothing about the order. A chain may be thousands of nodes long, too long for a function
        that calls itself once for each.

    Returns
    -------
    list of int
        Every node exactly once. Where several orders are possible, any of them.

    Raises
    ------
    TypeError, ValueError
        If `inputs` is no such graph.

    Examples
    --------
    Node 1 is the result; it was computed from 0 and 2, and 0 from 2:

    >>> from nnlite.graph import topological_order
    >>> topological_order(((2,), (0, 2), ()))
    [1, 0, 2]
    """
    uses = [0] * len(inputs)  # of each node: how many are still to come
    for sources in inputs:
        for source in sources:
            uses[source] += 1
    ready = [node for node in range(len(inputs)) if uses[node] == 0]
    order = []
    while ready:
        node = ready.pop()
        order.append(node)
        for source in inputs[node]:
            uses[source] -= 1
            if uses[source] == 0:
                ready.append(source)
    return order
