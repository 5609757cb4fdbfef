"""autodiff.topological_order: the order in which gradients are passed back."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlite.course.checks import drawn
from nnlite.course.checks import strategies as st
from nnlite.course.exercise import Exercise
from nnlite.course.student import Mismatch, describe

EXERCISE = Exercise(
    "autodiff.topological_order",
    module="nnlite.graph",
    minutes=30,
    points=3,
    teaches="in which order gradients are passed back, and why; a graph without recursion",
    presumes=("lists and loops in Python",),
    hints=(
        "Which node may come first? One that no other uses. And which next? One whose uses are all in the "
        "order already.",
        "Count for each node how often it is used. Keep a list of the nodes that are ready, those with no use "
        "to come. Put a ready node into the order, and take its uses of its inputs off their counts.",
        "while ready: node = ready.pop(); order.append(node); for source in inputs[node]: uses[source] -= 1, "
        "and when that makes it 0, ready.append(source).",
    ),
    returns=("the order",),
)


@st.composite
def graphs(draw: Any) -> Any:
    """A graph of a few nodes with up to two inputs each, whose numbers say nothing about the order."""
    n = draw(st.integers(1, 6))
    place = draw(st.permutations(range(n)))
    inputs: list[tuple[int, ...]] = [()] * n
    for i in range(1, n):
        inputs[place[i]] = tuple(place[j] for j in draw(st.lists(st.integers(0, i - 1), max_size=2)))
    return tuple(inputs)


def an_order(inputs: Any) -> list[int]:
    """One right order, by its definition: again and again, a node that no other of the rest uses."""
    rest, order = set(range(len(inputs))), []
    while rest:
        order.append(min(rest - {source for node in rest for source in inputs[node]}))
        rest.remove(order[-1])
    return order


def is_node(value: Any, inputs: Any) -> bool:
    """Say whether a value is the number of a node."""
    return isinstance(value, int | np.integer) and not isinstance(value, bool) and bool(0 <= value < len(inputs))


@EXERCISE.check
class TestTopologicalOrder:
    """The order in which gradients are passed back."""

    @drawn(inputs=graphs(), examples=30)
    def test_every_node_once(self, student, inputs):
        """Every node stands in the order, and stands there once."""
        order = student(inputs)
        if len(order) > len(inputs):
            sentence = f"The order has {len(order)} entries, expected {len(inputs)}: each node once."
            raise Mismatch(sentence, an_order(inputs), order[:20], "the order")
        for node in order:
            if not is_node(node, inputs):
                sentence = f"The order holds {describe(node)}, which is no node."
                raise Mismatch(sentence, an_order(inputs), order, "the order")
        for node in range(len(inputs)):
            if order.count(node) != 1:
                often = f"stands in the order {order.count(node)} times" if node in order else "is not in the order"
                raise Mismatch(f"Node {node} {often}, expected once.", an_order(inputs), order, "the order")

    @drawn(inputs=graphs(), examples=60)
    def test_after_all_its_uses(self, student, inputs):
        """Every node comes after all the nodes that use it."""
        order = student(inputs)
        order = order[: 2 * len(inputs)]
        for place, source in enumerate(order):
            for node in order[place + 1 :]:
                if is_node(node, inputs) and source in inputs[node]:
                    raise Mismatch(
                        f"Node {source} comes before node {node}, which uses it.", an_order(inputs), order, "the order"
                    )

    def test_long_chain(self, student):
        """A chain of thousands of nodes, each the square of the next, is put in order as well."""
        n = 4000
        chain = (*((node + 1, node + 1) for node in range(n - 1)), ())
        order = student(chain)
        if len(order) != n or any(not is_node(node, chain) or node != i for i, node in enumerate(order)):
            raise Mismatch("The nodes of a long chain are not in order.", list(range(n)), order[:n], "the order")


def _uses(inputs):
    uses = [0] * len(inputs)
    for sources in inputs:
        for source in sources:
            uses[source] += 1
    return uses


def _order(inputs, uses):
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


@EXERCISE.mistake("Your order runs the wrong way, from the leaves to the result: turn it round.")
def order_from_the_leaves(inputs):
    return _order(inputs, _uses(inputs))[::-1]


@EXERCISE.mistake("You took the numbers for the order: they say nothing about it.")
def order_by_number(inputs):
    return list(range(len(inputs)))


@EXERCISE.mistake("You took falling numbers for the order: here they say nothing about it.")
def order_by_falling_number(inputs):
    return list(range(len(inputs)))[::-1]


@EXERCISE.mistake("You placed each node at its first use (breadth first): it must wait for the last of its uses.")
def order_breadth_first(inputs):
    uses = _uses(inputs)
    order = [node for node in range(len(inputs)) if uses[node] == 0]
    seen = set(order)
    for node in order:
        for source in inputs[node]:
            if source not in seen:
                seen.add(source)
                order.append(source)
    return order


@EXERCISE.mistake("You placed each node at its first use (depth first): it must wait for the last of its uses.")
def order_depth_first(inputs):
    uses = _uses(inputs)
    stack = [node for node in range(len(inputs)) if uses[node] == 0]
    order, seen = [], set()
    while stack:
        node = stack.pop()
        if node not in seen:
            seen.add(node)
            order.append(node)
            stack.extend(inputs[node])
    return order


@EXERCISE.mistake("You began at one node only: there may be several that no other uses.")
def order_from_one_result(inputs):
    uses = _uses(inputs)
    last = uses.index(0)
    return _order(inputs, [1 if n == 0 and node != last else n for node, n in enumerate(uses)])


@EXERCISE.mistake("You placed a node once for each of its uses: once is enough, after the last.")
def order_once_per_use(inputs):
    uses = _uses(inputs)
    return [node for node in _order(inputs, _uses(inputs)) for _ in range(max(uses[node], 1))]


@EXERCISE.mistake(
    "You counted x * x as two uses of x but took off only one: the same node may be named twice among the inputs."
)
def order_forgets_the_second_of_two(inputs):
    uses = _uses(inputs)
    ready = [node for node in range(len(inputs)) if uses[node] == 0]
    order = []
    while ready:
        node = ready.pop()
        order.append(node)
        for source in set(inputs[node]):
            uses[source] -= 1
            if uses[source] == 0:
                ready.append(source)
    return order


@EXERCISE.mistake("You left out the nodes that use nothing: the leaves belong into the order too.")
def order_without_leaves(inputs):
    return [node for node in _order(inputs, _uses(inputs)) if inputs[node]]


@EXERCISE.mistake(
    "Your function calls itself for each node, too often for a long chain: keep a list of what is to do instead."
)
def order_by_recursion(inputs):
    done, seen = [], set()

    def visit(node):
        if node not in seen:
            seen.add(node)
            for source in inputs[node]:
                visit(source)
            done.append(node)

    for node in range(len(inputs)):
        visit(node)
    return done[::-1]


@EXERCISE.mistake("You returned an array: expected a list of the numbers.")
def order_as_an_array(inputs):
    return np.array(_order(inputs, _uses(inputs)))
