"""The order in which gradients are passed back: every node after all that use it, and backward() follows it."""

from __future__ import annotations

import graphlib
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nnlite
from nnlite import Tensor
from nnlite.graph import topological_order
from nnlite.registry import REGISTRY


@st.composite
def graphs(draw: st.DrawFn) -> tuple[tuple[int, ...], ...]:
    """A graph without cycles whose numbers say nothing about its order."""
    n = draw(st.integers(0, 12))
    place = draw(st.permutations(range(n)))
    inputs: list[tuple[int, ...]] = [()] * n
    for i in range(n):
        inputs[place[i]] = tuple(place[j] for j in draw(st.lists(st.integers(0, i - 1), max_size=4))) if i else ()
    return tuple(inputs)


@given(inputs=graphs())
def test_every_node_comes_once_and_after_all_that_use_it(inputs: tuple[tuple[int, ...], ...]) -> None:
    order = topological_order(inputs)
    assert sorted(order) == list(range(len(inputs)))
    for node, sources in enumerate(inputs):
        assert all(order.index(node) < order.index(source) for source in sources)


def test_a_long_chain_needs_no_recursion() -> None:
    n = 50_000
    assert topological_order([[i + 1] for i in range(n - 1)] + [[]]) == list(range(n))


def test_bad_graphs_are_named() -> None:
    with pytest.raises(ValueError, match=r"topological_order: inputs holds the cycle (0 <- 1 <- 0|1 <- 0 <- 1)"):
        topological_order([[1], [0]])
    with pytest.raises(ValueError, match=r"topological_order: inputs\[0\] is 2, expected a number >= 0 and <= 1"):
        topological_order([[2], []])
    with pytest.raises(TypeError, match=r"topological_order: inputs\[0\] is 0.5"):
        topological_order([[0.5]])
    for bad in (3, [1, 2], None):
        with pytest.raises(TypeError, match="topological_order: inputs is"):
            topological_order(bad)


def other_way(inputs: tuple[tuple[int, ...], ...]) -> list[int]:
    """Another topological order than the library's, from Python's own library."""
    return list(graphlib.TopologicalSorter(dict(enumerate(inputs))).static_order())[::-1]


def gradients(seed: int) -> list[np.ndarray]:
    """Those of a random graph in which nodes are used many times."""
    rng = np.random.default_rng(seed)
    leaves = [Tensor(rng.uniform(0.5, 1, 3), requires_grad=True) for _ in range(3)]
    made = list(leaves)
    for _ in range(20):
        a, b = (made[i] for i in rng.integers(0, len(made), 2))
        made.append((a * b).tanh() if rng.random() < 0.5 else a + b * 0.5)
    sum(made[1:], made[0]).sum().backward()
    return [leaf.grad for leaf in leaves]


@given(seed=st.integers(0, 2**32 - 1))
def test_backward_follows_the_order_of_whoever_takes_its_place(seed: int) -> None:
    wanted = gradients(seed)
    with nnlite.substitute({"autodiff.topological_order": other_way}) as calls:
        got = gradients(seed)
    assert calls == {"autodiff.topological_order": 1}
    np.testing.assert_allclose(got, wanted, rtol=1e-12)


@pytest.mark.parametrize("first", ["sin", "cos"])
def test_backward_visits_the_nodes_in_that_very_order(first: str) -> None:
    """Two branches of which either may come first: the one that the replacement puts first does."""
    x = Tensor([1.0], requires_grad=True)
    branches = [x.sin(), x.cos()]
    y = branches[0] + branches[1]
    visited: list[str] = []
    for node in (branch.node for branch in branches):
        node.vjp = lambda dy, node=node, vjp=node.vjp: visited.append(node.name) or vjp(dy)
    order = [0, 1, 2] if first == "sin" else [0, 2, 1]
    with nnlite.substitute({"autodiff.topological_order": lambda inputs: order}):
        y.backward()
    assert visited[0] == first and len(visited) == 2


def test_a_graph_renumbered_once_is_walked_rightly_ever_after() -> None:
    x = Tensor([2.0], requires_grad=True)
    y = x * x
    one, two = (y * 3).sum(), (y * 5 + y).sum()
    with nnlite.substitute({"autodiff.topological_order": other_way}):
        one.backward(retain_graph=True)
    two.backward(retain_graph=True)
    assert x.grad.item() == (3 + 6) * 2 * 2.0


def test_left_alone_backward_does_not_ask() -> None:
    called = []
    entry = REGISTRY["autodiff.topological_order"]
    formula, entry.formula = entry.formula, lambda inputs: called.append(inputs)
    try:
        gradients(0)
    finally:
        entry.formula = formula
    assert not called


def test_grad_asks_as_backward_does_also_with_several_outputs() -> None:
    """Catches a walk that goes on in its own order where ``autograd.grad`` begins it."""
    x = Tensor([2.0], requires_grad=True)
    y = x * x
    asked = []

    def watched(inputs: Any) -> list[int]:
        asked.append(inputs)
        return other_way(inputs)

    with nnlite.substitute({"autodiff.topological_order": watched}):
        (found,) = nnlite.autograd.grad([y * 3, y * 5 + y], [x])
    assert len(asked) == 1
    assert found.item() == (3 + 6) * 2 * 2.0
