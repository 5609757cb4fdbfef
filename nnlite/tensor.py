"""Reverse-mode automatic differentiation, the whole of it.

A :class:`Tensor` is an array that remembers how it was computed. Each differentiable function returns its value and
its vjp, the function that maps the gradient of the loss with respect to the value to the gradients with respect to
the inputs (a vector-Jacobian product). :mod:`nnlite.differentiable` records that vjp in a :class:`Node`;
``backward()`` visits the nodes from the latest to the earliest and lets each pass its gradient on (Linnainmaa 1970;
Rumelhart, Hinton, Williams 1986)::

    dL/dx = sum over the uses y of x of  (dy/dx)^T dL/dy

Nodes carry a sequence number, so that walking them in falling order is a topological order and needs no recursion.
"""

from __future__ import annotations

import contextlib
import functools
import heapq
import inspect
import itertools
import threading
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from nnlite.arguments import Array, real_array
from nnlite.graph import topological_order
from nnlite.memory import Memory, kept, nobody_else_holds, owner

_sequence = itertools.count()
_recording = threading.local()
_accumulating = threading.Lock()
_walking = threading.local()
_hook_number = itertools.count()


class Node:
    """One step of the computation.

    Parameters
    ----------
    inputs : list of Node, Tensor or None
        Where its inputs came from; None where no gradient is wanted.
    vjp : function
        Turns the gradient of the output into those of the inputs.
    name : str
        What was computed.
    shape : tuple of int
        The shape of the output.

    Attributes
    ----------
    given : list of weak references
        The Tensors it was computed from, as far as anything still holds them.
    watched : list
        Of each memory that the vjp may keep: how often it had been changed, and the ``id`` of the array that owns it.
    hooks : list of functions
        They are called with the gradient that arrives here.
    """

    __slots__ = ("given", "hooks", "inputs", "name", "sequence", "shape", "vjp", "watched")

    def __init__(self, inputs: list[Node | Tensor | None], vjp: Callable[..., Any], name: str, shape: Any) -> None:
        self.sequence = next(_sequence)
        self.inputs: tuple[Node | Tensor | None, ...] = tuple(inputs)
        self.vjp: Callable[..., Any] | None = vjp
        self.name = name
        self.shape = shape
        self.given: list[weakref.ref[Tensor]] = []
        self.watched: list[tuple[Memory, int, int]] = []
        self.hooks: dict[int, Callable[..., Any]] | None = None

    def refuse_changes(self, asked_by: str) -> None:
        """Raise a ``RuntimeError`` if something that the vjp keeps was changed in place since."""
        for memory, changes, whose in self.watched:
            if memory.changes != changes:
                for array in kept(self.vjp):
                    if id(owner(array)) == whose:
                        raise RuntimeError(
                            f"{asked_by}: a Tensor of shape {array.shape} that {self.name!r} needs was changed in "
                            "place after it was used; compute the loss again after the change"
                        )


class Hook:
    """A function that a Tensor or a Module calls; ``remove()`` takes it out again.

    Parameters
    ----------
    hooks : dict
        Where its owner keeps its hooks.
    function : function
        What is called.
    """

    def __init__(self, hooks: dict[int, Callable[..., Any]], function: Callable[..., Any]) -> None:
        if not callable(function):
            raise TypeError(f"hook: {function!r} is a {type(function).__name__}, expected a function")
        self._hooks, self._key = hooks, next(_hook_number)
        hooks[self._key] = function

    def remove(self) -> None:
        """Take the function out; a second time does nothing."""
        self._hooks.pop(self._key, None)


class Tensor:
    """An array with a gradient.

    Parameters
    ----------
    data
        Numbers in any nesting, an array or a Tensor. Lists and Python numbers become float32; an array keeps its
        dtype (and is shared, not copied).
    requires_grad
        Whether ``backward()`` fills ``grad``. Only floating dtypes can.

    Attributes
    ----------
    data : numpy.ndarray
        The values. Writing into this array directly is not noticed by the graph: say so with
        :meth:`changed_in_place`.
    grad : numpy.ndarray or None
        The gradient that ``backward()`` accumulated, of the same shape and dtype as ``data``.

    Examples
    --------
    >>> from nnlite import Tensor
    >>> x = Tensor([1.0, 2.0, 3.0], requires_grad=True)
    >>> (x * x).sum().backward()
    >>> x.grad
    array([2., 4., 6.], dtype=float32)
    """

    __slots__ = ("__weakref__", "data", "grad", "hooks", "memory", "node", "requires_grad")
    __array_ufunc__ = None  # so that array + Tensor asks the Tensor

    def __init__(self, data: Any, requires_grad: bool = False) -> None:
        self.data: Array = data.data if isinstance(data, Tensor) else real_array(data, "Tensor: data")
        if requires_grad and self.data.dtype.kind != "f":
            raise TypeError(f"Tensor: data has dtype {self.data.dtype}, expected a float dtype to require a gradient")
        self.grad: Array | None = None
        self.requires_grad = bool(requires_grad)
        self.node: Node | None = None
        self.hooks: dict[int, Callable[..., Any]] | None = None  # of a leaf; a node has its own
        self.memory = data.memory if isinstance(data, Tensor) else Memory()

    # What it holds

    @property
    def shape(self) -> tuple[int, ...]:
        """The length of each axis."""
        return self.data.shape

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return self.data.ndim

    @property
    def dtype(self) -> np.dtype[Any]:
        """The NumPy dtype."""
        return self.data.dtype

    @property
    def is_leaf(self) -> bool:
        """Whether it was made by the user rather than computed."""
        return self.node is None

    def size(self, dim: int | None = None) -> Any:
        """Return the shape, or the length of axis `dim`."""
        return self.shape if dim is None else self.shape[dim]

    def numel(self) -> int:
        """Return the number of elements."""
        return self.data.size

    def item(self) -> float:
        """Return the only element as a Python number."""
        if self.data.size != 1:
            raise ValueError(f"item: the Tensor has shape {self.shape}, expected exactly one element")
        return self.data.item()

    def numpy(self) -> Array:
        """Return the values as a plain array that shares memory with the Tensor."""
        return self.data

    def tolist(self) -> Any:
        """Return the values as nested Python lists."""
        return self.data.tolist()

    def detach(self) -> Tensor:
        """Return a Tensor with the same data that the graph does not know."""
        return Tensor(self)

    def __getstate__(self) -> Any:
        if self.node is not None:
            raise RuntimeError(
                f"Tensor: this one was computed by {self.node.name!r}, and only leaves can be copied with copy or "
                "pickled; use detach() or clone()"
            )
        _, slots = super().__getstate__()  # type: ignore[misc]
        return None, {**slots, "hooks": None}

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        return np.array(self.data, dtype=dtype, copy=copy) if copy else np.asarray(self.data, dtype=dtype)

    def __len__(self) -> int:
        if self.ndim == 0:
            raise TypeError("len: the Tensor has no axes")
        return len(self.data)

    def __iter__(self) -> Iterator[Tensor]:
        return (self[i] for i in range(len(self)))

    def __bool__(self) -> bool:
        if self.data.size != 1:
            raise ValueError(f"the truth of a Tensor of shape {self.shape} is ambiguous, expected one element")
        return bool(self.data.item())

    def __float__(self) -> float:
        return float(self.item())

    def __int__(self) -> int:
        return int(self.item())

    def __format__(self, spec: str) -> str:
        return format(self.item(), spec) if spec else repr(self)

    def __setitem__(self, index: Any, value: Any) -> None:
        if self.requires_grad and is_recording():
            raise RuntimeError("Tensor: an element that requires a gradient was assigned; do so inside no_grad()")
        index = tuple(as_plain(i) for i in index) if isinstance(index, tuple) else as_plain(index)
        if isinstance(value, Tensor) and value.requires_grad and is_recording():
            raise RuntimeError(
                "Tensor: a value that requires a gradient was assigned, but no gradient comes back through an "
                "assignment; build the result with F.where, F.scatter or F.cat, or assign value.detach()"
            )
        self.data[index] = as_plain(value)
        self.changed_in_place()

    @property
    def version(self) -> int:
        """How often the memory was changed in place, through this Tensor or another that shares it."""
        return self.memory.changes

    def changed_in_place(self) -> None:
        """Say that ``data`` was written into, so that ``backward()`` does not compute with what is no longer there."""
        self.memory.changes += 1

    def __repr__(self) -> str:
        body = np.array2string(self.data, separator=", ", precision=4, threshold=60, edgeitems=3, prefix="Tensor(")
        notes = [] if self.dtype == np.float32 else [f"dtype={self.dtype}"]
        if self.node is not None:
            notes.append(f"from {self.node.name}")
        elif self.requires_grad:
            notes.append("requires_grad")
        return f"Tensor({', '.join([body, *notes])})"

    # The gradient

    def backward(self, gradient: Any = None, retain_graph: bool = False) -> None:
        """Add the gradient of this Tensor with respect to every leaf that requires one to the leaf's ``grad``.

        Parameters
        ----------
        gradient
            dL/d(this Tensor), of the same shape; 1 if the Tensor has one element.
        retain_graph
            Keep the graph for another ``backward()``; otherwise it is freed as it is walked.

        Raises
        ------
        RuntimeError
            If nothing here requires a gradient, if the graph was walked before, or if an input of the graph was
            changed in place since it was used.
        ValueError
            If `gradient` is missing for a Tensor with several elements or has the wrong shape.
        """
        if not self.requires_grad:
            raise RuntimeError("backward: no gradient can be computed, for nothing it depends on requires one")
        advice = "; reduce it with .sum() or .mean(), or give gradient="
        gradient = upstream(self, gradient, "backward: the Tensor", "backward: gradient", advice)
        walk([(self, gradient)], retain_graph, Leaves(), "backward")

    def register_hook(self, hook: Callable[[Array], Any]) -> Hook:
        """Call ``hook(gradient)`` when ``backward()`` knows the whole gradient of this Tensor.

        Parameters
        ----------
        hook
            Gets the gradient, an array that it must not change. What it returns, unless None, takes its place: an
            array of the same shape.

        Returns
        -------
        Hook
            Its ``remove()`` takes the hook out again.

        Raises
        ------
        RuntimeError
            If this Tensor does not require a gradient.

        Examples
        --------
        >>> from nnlite import Tensor
        >>> x = Tensor([1.0, 2.0], requires_grad=True)
        >>> hook = x.register_hook(lambda gradient: gradient * 10)
        >>> (x * 3).sum().backward()
        >>> x.grad
        array([30., 30.], dtype=float32)
        """
        if not self.requires_grad:
            raise RuntimeError("register_hook: this Tensor requires no gradient, so that none will come")
        place = self if self.node is None else self.node
        if place.hooks is None:
            place.hooks = {}
        return Hook(place.hooks, hook)

    def requires_grad_(self, requires_grad: bool = True) -> Tensor:
        """Say in place whether a leaf wants a gradient."""
        if self.node is not None:
            raise RuntimeError("requires_grad_: this Tensor was computed, expected a leaf; use detach() first")
        if requires_grad and self.dtype.kind != "f":
            raise TypeError(f"requires_grad_: dtype is {self.dtype}, expected a float dtype")
        self.requires_grad = requires_grad
        return self

    def zero_grad(self) -> None:
        """Set the gradient to None."""
        self.grad = None


def upstream(y: Tensor, gradient: Any, name: str, gradient_name: str, advice: str) -> Array:
    """Return the gradient with which a walk begins at `y`: the one given, as an array, or 1 for a single element."""
    if gradient is None:
        if y.data.size != 1:
            raise ValueError(f"{name} has shape {y.shape}, expected one element{advice}")
        return np.ones(y.shape, y.dtype)
    gradient = np.asarray(as_plain(gradient), y.dtype)
    if gradient.shape != y.shape:
        raise ValueError(f"{gradient_name} has shape {gradient.shape}, expected {y.shape}")
    return gradient


def _renumber(last: list[Node]) -> None:
    """Number the nodes anew, as the function in the place of ``autodiff.topological_order`` says."""
    numbers = {node: i for i, node in enumerate(dict.fromkeys(last))}
    nodes = list(numbers)
    for node in nodes:
        for source in node.inputs:
            if isinstance(source, Node) and source not in numbers:
                numbers[source] = len(nodes)
                nodes.append(source)
    inputs = tuple(tuple(numbers[s] for s in node.inputs if isinstance(s, Node)) for node in nodes)
    for number in reversed(topological_order(inputs)):
        nodes[number].sequence = next(_sequence)


class Leaves:
    """Where gradients end: the leaves add them up. :func:`nnlite.autograd.grad` puts its own in the place of this."""

    def __init__(self) -> None:
        self.whole: dict[int, tuple[Tensor, Array]] = {}  # what waits until it is whole, for the hooks of its leaf

    def need(self, source: Node | Tensor | None) -> bool:
        """Say whether an input of a node gets a gradient."""
        return source is not None

    def pass_on(self, node: Node, gradient: Array) -> bool:
        """Say whether the gradient of a node, now whole, goes on to its inputs."""
        return True

    def take(self, leaf: Tensor, grad: Array, may_be_kept: bool = False) -> None:
        """Take one of the gradients that arrive at a leaf."""
        if leaf.hooks:
            self.gather(leaf, grad)
        else:
            _accumulate(leaf, grad, may_be_kept)

    def gather(self, leaf: Tensor, grad: Array) -> None:
        """Add a gradient to those that wait."""
        self.whole[id(leaf)] = (leaf, self.whole[id(leaf)][1] + grad if id(leaf) in self.whole else grad)

    def finish(self) -> None:
        """Give the leaves what has waited."""
        for leaf, grad in self.whole.values():
            _accumulate(leaf, hooked(leaf, grad))


def walk(starts: list[tuple[Tensor, Array]], retain_graph: bool, leaves: Leaves, asked_by: str) -> None:
    """Pass gradients on from Tensors to every leaf, latest node first.

    Parameters
    ----------
    starts : list of (Tensor, array)
        Where to begin, and with which gradient.
    retain_graph : bool
        Whether the graph stays for another walk.
    leaves : Leaves
        What takes the gradients in the end.
    asked_by : str
        Who walks, for the messages of errors.
    """
    if topological_order.substitute is not None:
        _renumber([start.node for start, _ in starts if start.node is not None])
    outer, _walking.calls = getattr(_walking, "calls", None), {}
    try:
        with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
            _pass_on(starts, retain_graph, leaves, asked_by)
        for call in _walking.calls.values():
            call()
    finally:
        _walking.calls = outer


def _pass_on(starts: list[tuple[Tensor, Array]], retain_graph: bool, leaves: Leaves, asked_by: str) -> None:
    """Go from node to node, latest first: each is called once, when its gradient is whole."""
    pending: dict[int, Array] = {}
    ours: set[int] = set()  # the sums that were made here and may be added to in place
    heap: list[tuple[int, Node]] = []

    def add(node: Node, grad: Array) -> None:
        number = node.sequence
        if number not in pending:
            pending[number] = grad
            heapq.heappush(heap, (-number, node))
        elif number in ours:
            pending[number] += grad
        else:
            pending[number] = pending[number] + grad
            ours.add(number)

    for start, gradient in starts:
        if start.node is None:
            leaves.take(start, gradient)
        else:
            add(start.node, gradient)
    while heap:
        _, node = heapq.heappop(heap)
        gradient = pending.pop(node.sequence)
        if node.hooks:
            gradient = hooked(node, gradient)
        if not leaves.pass_on(node, gradient):
            continue
        if node.vjp is None:
            raise RuntimeError(
                f"{asked_by}: the graph was already walked at {node.name!r} and is freed; compute the loss again, "
                f"or call {asked_by} with retain_graph=True the first time"
            )
        node.refuse_changes(asked_by)
        grads = node.vjp(gradient)
        for i, source in enumerate(node.inputs):
            if leaves.need(source):
                grad, grads[i] = grads[i], None
                if isinstance(source, Node):
                    add(source, grad)
                else:
                    may_be_kept = nobody_else_holds(grad)
                    leaves.take(source, grad, may_be_kept)
        if not retain_graph:
            node.vjp, node.inputs, node.watched = None, (), []
    leaves.finish()


def afterwards(key: Any, call: Callable[[], Any]) -> None:
    """Have something called when all gradients of the walk that goes on have arrived; the last for a key counts."""
    _walking.calls.pop(key, None)
    _walking.calls[key] = call


def hooked(place: Node | Tensor, gradient: Array) -> Array:
    """Return the gradient that arrives somewhere, after all hooks there have seen it."""
    for hook in tuple((place.hooks or {}).values()):
        changed = hook(gradient)
        if changed is not None:
            changed = np.asarray(as_plain(changed), gradient.dtype)
            if changed.shape != gradient.shape:
                raise ValueError(f"backward: a hook returned shape {changed.shape}, expected {gradient.shape}")
            gradient = changed
    return gradient


def _accumulate(leaf: Tensor, grad: Array, may_be_kept: bool = False) -> None:
    """The first gradient is kept or copied, so that the leaf owns its memory; later ones are added to it."""
    if not leaf.requires_grad:  # frozen since it was used
        return
    with _accumulating:  # two threads may share a leaf
        if leaf.grad is not None:
            leaf.grad += grad
        else:
            leaf.grad = grad if may_be_kept else np.array(grad, copy=True)


class no_grad(contextlib.ContextDecorator):
    """While the block (or the decorated function) runs, nothing is recorded.

    Examples
    --------
    >>> from nnlite import Tensor
    >>> from nnlite.tensor import no_grad
    >>> x = Tensor([1.0], requires_grad=True)
    >>> with no_grad():
    ...     (x * 2).requires_grad
    False
    """

    def __enter__(self) -> no_grad:
        _recording.depth = getattr(_recording, "depth", 0) + 1
        return self

    def __exit__(self, *_: object) -> None:
        _recording.depth -= 1

    def __call__(self, function: Any) -> Any:
        """Return `function` such that it records nothing; of a generator, while it runs and not while it waits."""
        if not inspect.isgeneratorfunction(function):
            return super().__call__(function)

        @functools.wraps(function)
        def generator(*args: Any, **kwargs: Any) -> Any:
            running = function(*args, **kwargs)
            resume, given = running.send, (None,)
            try:
                while True:
                    with self:
                        value = resume(*given)
                    try:
                        resume, given = running.send, ((yield value),)
                    except GeneratorExit:
                        raise
                    except BaseException as error:  # thrown in by the caller
                        resume, given = running.throw, (error,)
            except StopIteration as end:
                return end.value
            finally:
                with self:
                    running.close()

        return generator


def is_recording() -> bool:
    """Say whether computations are being recorded in this thread."""
    return getattr(_recording, "depth", 0) == 0


def as_plain(value: Any) -> Any:
    """Return the array inside a Tensor, anything else unchanged."""
    return value.data if isinstance(value, Tensor) else value


def as_tensor(value: Any, name: str) -> Tensor:
    """Return a Tensor unchanged and anything else in one; `name` stands in the message if it holds no numbers.

    Examples
    --------
    >>> from nnlite.tensor import as_tensor
    >>> as_tensor([1.0, 2.0], "glu: x").shape
    (2,)
    """
    return value if isinstance(value, Tensor) else Tensor(real_array(value, name))
