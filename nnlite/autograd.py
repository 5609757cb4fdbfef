"""Gradients as values: ``grad(loss, [w, h])`` returns them and leaves every ``.grad`` alone."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlite.arguments import Array, boolean
from nnlite.tensor import Leaves, Node, Tensor, hooked, upstream, walk


def grad(
    outputs: Any,
    inputs: Any,
    grad_outputs: Any = None,
    retain_graph: bool = False,
    create_graph: bool = False,
    allow_unused: bool = False,
) -> tuple[Array | None, ...]:
    """Return the gradients of the sum of `outputs` with respect to `inputs`, leaves or computed.

    Parameters
    ----------
    outputs : Tensor, or sequence of Tensor
        What is differentiated.
    inputs : Tensor, or sequence of Tensor
        With respect to what.
    grad_outputs : array, or sequence of arrays, optional
        The gradient of the loss with respect to each output; 1 where it is missing and the output has one element.
    retain_graph : bool
        Keep the graph for another walk.
    create_graph : bool
        Must be False. A vjp computes on plain arrays, so that a gradient has no graph of its own; differences of two
        gradients, ``(grad(x + h v) - grad(x - h v)) / 2h``, give second derivatives along v.
    allow_unused : bool
        Whether None stands for an input that the outputs do not depend on; otherwise that is an error.

    Returns
    -------
    tuple of numpy.ndarray
        One for each input, of its shape and dtype.

    Raises
    ------
    NotImplementedError
        If `create_graph` is True.
    RuntimeError
        If an output requires no gradient, an input is not used, or the graph was walked before.

    Examples
    --------
    >>> from nnlite import Tensor
    >>> from nnlite.autograd import grad
    >>> w = Tensor([2.0, 3.0], requires_grad=True)
    >>> h = w * w
    >>> grad((h * h).sum(), [w, h])
    (array([ 32., 108.], dtype=float32), array([ 8., 18.], dtype=float32))
    >>> w.grad is None
    True
    """
    if boolean(create_graph, "grad: create_graph"):
        raise NotImplementedError(
            "grad: create_graph is True, but gradients are plain arrays without a graph; for second derivatives take "
            "the difference of two gradients, (grad(x + h v) - grad(x - h v)) / 2h"
        )
    outputs, inputs = _tensors(outputs, "outputs"), _tensors(inputs, "inputs")
    if grad_outputs is None:
        given = [None] * len(outputs)
    else:
        given = list(grad_outputs) if isinstance(grad_outputs, list | tuple) else [grad_outputs]
    if len(given) != len(outputs):
        raise ValueError(f"grad: grad_outputs has {len(given)} items, expected {len(outputs)}, one for each output")
    starts = []
    for i, (y, gradient) in enumerate(zip(outputs, given)):
        if not y.requires_grad:
            raise RuntimeError(f"grad: outputs[{i}] depends on nothing that requires a gradient")
        names = f"grad: outputs[{i}]", f"grad: grad_outputs[{i}]"
        starts.append((y, upstream(y, gradient, *names, ", or grad_outputs to be given")))
    for i, x in enumerate(inputs):
        if not x.requires_grad:
            raise RuntimeError(f"grad: inputs[{i}] requires no gradient")
    wanted = _Wanted(outputs, inputs)
    walk(starts, retain_graph, wanted, "grad")
    found = tuple([wanted.gradients[id(x.node or x)] for x in inputs])
    for i, gradient in enumerate(found):
        if gradient is None and not allow_unused:
            raise RuntimeError(f"grad: inputs[{i}] is not used in the outputs; allow_unused=True gives None for it")
    return tuple([None if g is None else np.array(g) for g in found])


class _Wanted(Leaves):
    """Keeps the gradients of some nodes and leaves, walks only where these are, and changes no leaf."""

    def __init__(self, outputs: list[Tensor], inputs: list[Tensor]) -> None:
        super().__init__()
        self.gradients: dict[int, Array | None] = {id(x.node or x): None for x in inputs}
        self._leads_there = _leading(outputs, self.gradients)

    def need(self, source: Node | Tensor | None) -> bool:
        return id(source) in self.gradients or id(source) in self._leads_there

    def pass_on(self, node: Node, gradient: Array) -> bool:
        if id(node) in self.gradients:
            self.gradients[id(node)] = gradient
        return id(node) in self._leads_there

    def take(self, leaf: Tensor, grad: Array, may_be_kept: bool = False) -> None:
        self.gather(leaf, grad)

    def finish(self) -> None:
        for leaf, grad in self.whole.values():
            self.gradients[id(leaf)] = hooked(leaf, grad)


def _leading(outputs: list[Tensor], wanted: dict[int, Any]) -> set[int]:
    """The ``id`` of each node whose vjp leads to something wanted, or might have before it was freed."""
    nodes = {id(y.node): y.node for y in outputs if y.node is not None}
    waiting = list(nodes.values())
    while waiting:
        for source in waiting.pop().inputs:
            if isinstance(source, Node) and id(source) not in nodes:
                nodes[id(source)] = source
                waiting.append(source)
    leading: set[int] = set()
    for node in sorted(nodes.values(), key=lambda node: node.sequence):
        if node.vjp is None or any(id(source) in wanted or id(source) in leading for source in node.inputs):
            leading.add(id(node))
    return leading


def _tensors(value: Any, name: str) -> list[Tensor]:
    if not isinstance(value, Tensor | list | tuple):
        raise TypeError(f"grad: {name} is a {type(value).__name__}, expected a Tensor or a list of them")
    tensors = [value] if isinstance(value, Tensor) else list(value)
    for i, t in enumerate(tensors):
        if not isinstance(t, Tensor):
            raise TypeError(f"grad: {name}[{i}] is a {type(t).__name__}, expected a Tensor")
    return tensors
