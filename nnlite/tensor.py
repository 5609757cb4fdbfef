"""Reverse-mode automatic differentiation, the whole of it.

A :class:`Tensor` is an array that remembers how it was computed. Each differentiable function returns its value and
its vjp, the function that maps the gradient of the loss with respect to the value to the gradients with respect to
the inputs (a vector-Jacobian product). :func:`differentiable` records that vjp in a :class:`Node`; ``backward()``
visits the nodes from the latest to the earliest and lets each pass its gradient on (Linnainmaa 1970; Rumelhart,
Hinton, Williams 1986)::

    dL/dx = sum over the uses y of x of  (dy/dx)^T dL/dy

Nodes carry a sequence number, so that walking them in falling order is a topological order and needs no recursion.
"""

from __future__ import annotations

import contextlib
import heapq
import inspect
import itertools
import numbers
import sys
import threading
import weakref
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from nnlite.arguments import Array, real_array
from nnlite.graph import topological_order
from nnlite.registry import REGISTRY, Entry, exercise

_sequence = itertools.count()
_recording = threading.local()


class Node:
    """One step of the computation: where its inputs came from, and its vjp."""

    __slots__ = ("inputs", "name", "sequence", "shape", "versions", "vjp")

    def __init__(self, inputs: list[Node | Tensor | None], vjp: Callable[..., Any], name: str, shape: Any) -> None:
        self.sequence = next(_sequence)
        self.inputs: tuple[Node | Tensor | None, ...] = tuple(inputs)
        self.vjp: Callable[..., Any] | None = vjp
        self.name = name
        self.shape = shape
        self.versions: list[tuple[weakref.ref[Tensor], int]] = []


class Tensor:
    """An array with a gradient.

    Parameters
    ----------
    data
        Numbers in any nesting, an array or a Tensor. Lists and Python numbers become float32; an array keeps its
        dtype (and is shared, not copied).
    requires_grad
        Whether ``backward()`` shall fill ``grad``. Only floating dtypes can.

    Attributes
    ----------
    data : numpy.ndarray
        The values. Writing into this array directly is not noticed by the graph.
    grad : numpy.ndarray or None
        The gradient that ``backward()`` accumulated, of the same shape and dtype as ``data``.

    Examples
    --------
    >>> x = Tensor([1.0, 2.0, 3.0], requires_grad=True)
    >>> (x * x).sum().backward()
    >>> x.grad
    array([2., 4., 6.], dtype=float32)
    """

    __slots__ = ("__weakref__", "data", "grad", "node", "requires_grad", "version")
    __array_ufunc__ = None  # so that array + Tensor asks the Tensor

    def __init__(self, data: Any, requires_grad: bool = False) -> None:
        self.data: Array = data.data if isinstance(data, Tensor) else real_array(data, "Tensor: data")
        if requires_grad and self.data.dtype.kind != "f":
            raise TypeError(f"Tensor: data has dtype {self.data.dtype}, expected a float dtype to require a gradient")
        self.grad: Array | None = None
        self.requires_grad = bool(requires_grad)
        self.node: Node | None = None
        self.version = 0  # counts in-place changes, so that backward() notices them

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
        return Tensor(self.data)

    def astype(self, dtype: Any) -> Tensor:
        """Return a Tensor of another dtype; the gradient flows back through the cast."""
        return cast(self, dtype)

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
        self.data[index] = as_plain(value)
        self.version += 1

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
        if gradient is None:
            if self.data.size != 1:
                raise ValueError(
                    f"backward: the Tensor has shape {self.shape}, expected one element; "
                    "reduce it with .sum() or .mean(), or give gradient="
                )
            gradient = np.ones(self.shape, self.dtype)
        gradient = np.asarray(as_plain(gradient), self.dtype)
        if gradient.shape != self.shape:
            raise ValueError(f"backward: gradient has shape {gradient.shape}, expected {self.shape}")
        if self.node is None:
            _accumulate(self, gradient)
        else:
            if topological_order.substitute is not None:
                _renumber(self.node)
            with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
                _walk(self.node, gradient, retain_graph)

    def requires_grad_(self, requires_grad: bool = True) -> Tensor:
        """Say in place whether a leaf wants a gradient."""
        if self.node is not None:
            raise RuntimeError("requires_grad_: this Tensor was computed, expected a leaf; use detach() first")
        if requires_grad and self.dtype.kind != "f":
            raise TypeError(f"requires_grad_: dtype is {self.dtype}, expected a float dtype")
        self.requires_grad = requires_grad
        return self

    def zero_grad(self) -> None:
        """Forget the gradient."""
        self.grad = None


def _renumber(last: Node) -> None:
    """Number the nodes anew, as the function in the place of ``autodiff.topological_order`` says."""
    nodes, numbers = [last], {last: 0}
    for node in nodes:
        for source in node.inputs:
            if isinstance(source, Node) and source not in numbers:
                numbers[source] = len(nodes)
                nodes.append(source)
    inputs = tuple(tuple(numbers[s] for s in node.inputs if isinstance(s, Node)) for node in nodes)
    for number in reversed(topological_order.run(inputs)):
        nodes[number].sequence = next(_sequence)


def _walk(last: Node, gradient: Array, retain_graph: bool) -> None:
    """Pass the gradient on from `last` to every leaf, latest node first."""
    pending = {last.sequence: gradient}
    ours: set[int] = set()  # the sums that were made here and may be added to in place
    heap = [(-last.sequence, last)]
    while heap:
        _, node = heapq.heappop(heap)
        gradient = pending.pop(node.sequence)
        if node.vjp is None:
            raise RuntimeError(
                f"backward: the graph was already walked at {node.name!r} and is freed; compute the loss again, "
                "or call backward(retain_graph=True) the first time"
            )
        for reference, version in node.versions:
            tensor = reference()
            if tensor is not None and tensor.version != version:
                raise RuntimeError(
                    f"backward: a Tensor of shape {tensor.shape} that {node.name!r} needs was changed in place after "
                    "it was used; compute the loss again after the change"
                )
        grads = node.vjp(gradient)
        for i, source in enumerate(node.inputs):
            if source is None:
                continue
            grad = grads[i]
            if isinstance(source, Tensor):
                grads[i] = None
                fresh = sys.getrefcount(grad) == _ALONE and _owns_its_memory(grad)
                _accumulate(source, grad, fresh)
            elif source.sequence not in pending:
                pending[source.sequence] = grad
                heapq.heappush(heap, (-source.sequence, source))
            elif source.sequence in ours:
                pending[source.sequence] += grad
            else:
                pending[source.sequence] = pending[source.sequence] + grad
                ours.add(source.sequence)
        if not retain_graph:
            node.vjp, node.inputs, node.versions = None, (), []


def _accumulate(leaf: Tensor, grad: Array, fresh: bool = False) -> None:
    """The first gradient overwrites, later ones add; the leaf owns the memory: that of `grad` if nobody else has it."""
    if leaf.grad is not None:
        leaf.grad += grad
    else:
        leaf.grad = grad if fresh else np.array(grad, copy=True)


def _owns_its_memory(grad: Array) -> bool:
    """Whether an array, or the whole of one that only it is a view of, is contiguous memory that can be written."""
    if type(grad) is not np.ndarray:
        return False
    if grad.base is None:
        own = grad.flags.owndata
    else:  # a base is not always an array: a memoryview or another library may lend its memory
        own = sys.getrefcount(grad.base) == _ALONE and type(grad.base) is np.ndarray
        own = own and grad.base.size == grad.size and grad.base.flags.owndata
    return own and grad.flags.c_contiguous and grad.flags.writeable


def _references_to_a_fresh_array() -> int:
    """What ``sys.getrefcount`` says of an array that nothing but one variable holds."""
    grad = np.empty(0)
    return sys.getrefcount(grad)


_ALONE = _references_to_a_fresh_array()


class no_grad(contextlib.ContextDecorator):
    """While the block (or the decorated function) runs, nothing is recorded.

    Examples
    --------
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
    >>> as_tensor([1.0, 2.0], "glu: x").shape
    (2,)
    """
    return value if isinstance(value, Tensor) else Tensor(real_array(value, name))


def as_tensors(name: str, optional: tuple[str, ...] = (), same_dtype: bool = False, **values: Any) -> list[Any]:
    """Return the inputs of the function called `name` as Tensors; plain numbers take a Tensor's dtype.

    Those that are `optional` may be None, and stay so; with `same_dtype` two Tensors of different float dtypes are an
    error.

    Examples
    --------
    >>> [t.dtype.name for t in as_tensors("dot", x=Tensor([1.0]), other=np.ones(1))]
    ['float32', 'float32']
    """
    given = [
        None if v is None and argument in optional else as_tensor(v, f"{name}: {argument}")
        for argument, v in values.items()
    ]
    floats = [(t, v) for t, v in zip(given, values.values()) if t is not None and t.dtype.kind == "f"]
    plain = np.result_type(*(t.dtype for t, _ in floats)) if floats else np.dtype(np.float32)
    dtype = next((t.dtype for t, v in floats if t is v), plain)
    for argument, t in zip(values, given):
        if same_dtype and t is values[argument] and t is not None and t.dtype.kind == "f" and t.dtype != dtype:
            raise TypeError(f"{name}: {argument} is {t.dtype} beside {dtype}, expected one float dtype")
    return [t if t is None or t is v else Tensor(t.data.astype(dtype)) for t, v in zip(given, values.values())]


@exercise("autodiff.unbroadcast")
def unbroadcast(grad: Array, shape: tuple[int, ...]) -> Array:
    """Undo broadcasting: sum `grad` over the axes that were added or stretched from `shape`.

    Where NumPy broadcasts an array it uses each of its elements several times, and the gradient of an element is the
    sum over all its uses. Broadcasting adds axes on the left and stretches axes of length 1. The engine calls this
    only where the two shapes differ.

    Parameters
    ----------
    grad : numpy.ndarray
        The gradient with respect to the broadcast array.
    shape : tuple of int
        The shape before broadcasting.

    Returns
    -------
    numpy.ndarray
        The gradient with respect to the array before broadcasting, of shape `shape`.

    Examples
    --------
    >>> unbroadcast(np.ones((4, 3)), (1, 3))
    array([[4., 4., 4.]])
    """
    added = grad.ndim - len(shape)
    stretched = tuple(i + added for i, n in enumerate(shape) if n == 1)
    return grad.sum(axis=(*range(added), *stretched)).reshape(shape)


class Differentiable(Entry):
    """A function of Tensors, made by :func:`differentiable` from one on arrays."""

    def __init__(self, name: str, formula: Callable[..., Any], **options: Any) -> None:
        self.check: Callable[..., None] | None = options.pop("check")
        self.integers: bool = options.pop("integers")
        self.same_dtype: bool = options.pop("same_dtype")
        self.batch: int = options.pop("batch")
        super().__init__(name, formula, **options)
        parameters = list(inspect.signature(formula).parameters.values())
        self.parameters = [p.name for p in parameters]
        self.defaults = [p.default for p in parameters]
        annotated = [_annotation(p.annotation) for p in parameters]
        self.sequence = next((i for i, a in enumerate(annotated) if a == "Sequence[Array]"), None)
        self.inputs = [i for i, a in enumerate(annotated) if a in {"Array", "Array | None"}]
        if self.sequence is None and not self.inputs:
            raise TypeError(f"differentiable: {name} has no parameter annotated Array, expected at least one")
        self.options = [i for i in range(len(parameters)) if i not in self.inputs and i != self.sequence]
        self.optional = {i for i, a in enumerate(annotated) if a == "Array | None"}
        self.sometimes = next((i for i, a in enumerate(annotated) if a == "Array | Any"), None)
        self.required = sum(p.default is inspect.Parameter.empty for p in parameters)
        self.short_name = name.rsplit(".", 1)[-1]
        self.__doc__ = f"{inspect.getdoc(formula)}\n\n{_ABOUT_TENSORS}"

    def __call__(self, *args: Any, **kwargs: Any) -> Tensor:
        """Run on Tensors or arrays, record the vjp if a gradient is wanted, and return a Tensor."""
        if kwargs or not self.required <= len(args) <= len(self.parameters):
            values = self._complete(args, kwargs)
        else:
            values = [*args, *self.defaults[len(args) :]]
        if self.sequence is None:
            given = [values[i] for i in self.inputs]
            arrays = self._coerce(given)
            for i, array in zip(self.inputs, arrays):
                values[i] = array
        else:
            given = self._members(values[self.sequence])
            values[self.sequence] = arrays = self._coerce(given)
        if self.sometimes is not None:
            given.append(values[self.sometimes])
        for i in self.options:
            value = values[i]
            if isinstance(value, Tensor):
                values[i] = value.data
            elif isinstance(value, np.floating):  # a NumPy float64 would promote a float32 formula
                values[i] = float(value)
            elif isinstance(value, np.bool_):
                values[i] = bool(value)
        alone = arrays[0].ndim == self.batch - 1
        if alone:
            values[self.inputs[0]] = arrays[0][None]
        if self.check is not None:
            self.check(*values)
        with np.errstate(divide="ignore", over="ignore", invalid="ignore"):  # IEEE 754's answer, without a word
            y, vjp = self.value_and_vjp(*values)
        if alone:
            y, vjp = y[0], _with_batch_axis(vjp)
        out = Tensor.__new__(Tensor)
        out.data = y if isinstance(y, np.ndarray) else np.asarray(y)
        out.grad = out.node = None
        out.version = 0
        out.requires_grad = False
        if is_recording():
            needs = tuple([isinstance(t, Tensor) and t.requires_grad for t in given])
            if True in needs and out.data.dtype.kind == "f":
                out.requires_grad = True
                out.node = self._record(given, needs, vjp, out.data.shape)
        return out

    def value_and_vjp(self, *args: Any) -> tuple[Array, Callable[..., Any]]:
        """Run on checked, plain arrays and return ``(y, vjp)``: what one formula calls of another."""
        result = self.run(*args)
        if self.substitute is not None and not (isinstance(result, tuple) and len(result) == 2 and callable(result[1])):
            raise TypeError(f"{self.name} (substituted) returned {type(result).__name__}, expected (y, vjp)")
        return result

    def _complete(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> list[Any]:
        """All arguments in the order of the signature, defaults filled in."""
        values = [*args, *self.defaults[len(args) :]]
        if len(args) > len(self.parameters):
            raise TypeError(f"{self.short_name}: {len(args)} arguments given, expected at most {len(self.parameters)}")
        for name, value in kwargs.items():
            if name not in self.parameters:
                wanted = ", ".join(self.parameters)
                raise TypeError(f"{self.short_name}: unknown argument {name!r}, expected one of {wanted}")
            i = self.parameters.index(name)
            if i < len(args):
                raise TypeError(f"{self.short_name}: argument {name!r} is given twice")
            values[i] = value
        for name, value in zip(self.parameters, values):
            if value is inspect.Parameter.empty:
                raise TypeError(f"{self.short_name}: argument {name!r} is missing")
        return values

    def _members(self, given: Any) -> list[Any]:
        """The items of the one argument that is a sequence of inputs."""
        assert self.sequence is not None
        name = f"{self.short_name}: {self.parameters[self.sequence]}"
        if isinstance(given, Tensor | np.ndarray) or not hasattr(given, "__iter__"):
            raise TypeError(f"{name} is a {type(given).__name__}, expected a list or tuple of Tensors or arrays")
        given = list(given)
        if not given:
            raise ValueError(f"{name} is empty, expected at least one Tensor or array")
        return given

    def _coerce(self, given: list[Any]) -> list[Any]:
        """Turn the inputs into arrays that go together: the one place where dtypes are settled.

        Beside a Tensor a plain float array takes the Tensor's dtype; Python numbers take the dtype of what they
        meet; integers become floats unless the function is one of the few that make sense on integers.
        """
        first = given[0]
        if isinstance(first, Tensor) and first.data.dtype.kind == "f":  # the usual case: Tensors of one float dtype
            dtype = first.data.dtype
            if all(isinstance(t, Tensor) and t.data.dtype == dtype for t in given):
                return [t.data for t in given]
        arrays: list[Any] = []
        tensor_dtype = array_dtype = None
        settled = True
        for i, value in enumerate(given):
            if isinstance(value, Tensor):
                array = value.data
                if array.dtype.kind == "f":
                    if tensor_dtype is None:
                        tensor_dtype = array.dtype
                    elif tensor_dtype != array.dtype and self.same_dtype:
                        raise TypeError(
                            f"{self.short_name}: {self._input_name(i)} is {array.dtype} beside {tensor_dtype}, "
                            f"expected one float dtype; cast with .astype({str(tensor_dtype)!r})"
                        )
                else:
                    settled = False
                arrays.append(array)
            elif value is None and self.sequence is None and self.inputs[i] in self.optional:
                arrays.append(None)
            else:
                settled = False
                if isinstance(value, numbers.Real):
                    arrays.append(value)
                    continue
                array = real_array(value, f"{self.short_name}: {self._input_name(i)}")
                if array.dtype.kind == "f" and array_dtype is None:
                    array_dtype = array.dtype
                arrays.append(array)
        if settled:
            return arrays
        dtype = tensor_dtype or array_dtype
        fractional = any(isinstance(a, numbers.Real) and not isinstance(a, numbers.Integral) for a in arrays)
        if dtype is None and (fractional or not self.integers):
            dtype = np.dtype(np.float32)
        for i, (array, value) in enumerate(zip(arrays, given)):
            if array is None or (isinstance(value, Tensor) and array.dtype.kind == "f"):
                continue
            if isinstance(array, numbers.Real):
                arrays[i] = self._number(array, dtype or self._integer_dtype(arrays), self._input_name(i))
            elif dtype is not None and (array.dtype.kind != "f" or tensor_dtype is not None):
                arrays[i] = array.astype(dtype, copy=False)
        return arrays

    def _number(self, value: Any, dtype: Any, argument: str) -> Array:
        """A Python number as an array: infinite where it is too large for a float, an error where for an integer."""
        try:
            with np.errstate(over="ignore"):
                return np.asarray(value, dtype)
        except OverflowError:
            raise ValueError(f"{self.short_name}: {argument} is {value}, expected a number that fits {dtype}") from None

    @staticmethod
    def _integer_dtype(arrays: list[Any]) -> Any:
        return next(
            (a.dtype for a in arrays if isinstance(a, np.ndarray) and a.dtype.kind in "iu"),
            np.dtype(np.int64),
        )

    def _input_name(self, i: int) -> str:
        if self.sequence is not None:
            return f"{self.parameters[self.sequence]}[{i}]"
        return self.parameters[self.inputs[i]]

    def _record(
        self,
        given: list[Any],
        needs: tuple[bool, ...],
        vjp: Callable[..., Any],
        shape: Any,
    ) -> Node:
        """Make the node: its vjp computes what is needed, undoes broadcasting and returns the inputs' dtypes."""
        sources = [(t.node or t) if need else None for t, need in zip(given, needs)]
        like = [(t.shape, t.dtype) if need else None for t, need in zip(given, needs)]
        single = len(needs) == 1 and self.sequence is None

        def node_vjp(dy: Array) -> list[Array | None]:
            grads = (vjp(dy),) if single else vjp(dy, needs)
            out: list[Array | None] = []
            for grad, wanted in zip(grads, like):
                if wanted is None:
                    out.append(None)
                    continue
                shape, dtype = wanted
                if grad.shape != shape:
                    grad = unbroadcast.run(grad, shape)
                out.append(grad if grad.dtype == dtype else grad.astype(dtype))
            return out

        node = Node(sources, node_vjp, self.short_name, shape)
        node.versions = [(weakref.ref(t), t.version) for t in given if isinstance(t, Tensor)]
        return node


def _with_batch_axis(vjp: Callable[..., Any]) -> Callable[..., Any]:
    """The vjp of a batch as that of its only member; the axis is taken off again where broadcasting is undone."""
    return lambda dy, *needs: vjp(dy[None], *needs)


def _annotation(annotation: Any) -> str:
    """How an input is annotated, whether or not annotations are kept as text."""
    if isinstance(annotation, str):
        return "Sequence[Array]" if annotation.startswith("Sequence[Array]") else annotation
    kinds = {
        "Array": Array,
        "Array | None": Array | None,
        "Array | Any": Array | Any,
        "Sequence[Array]": Sequence[Array],
    }
    for text, meant in kinds.items():
        if annotation == meant:
            return text
    return ""


_ABOUT_TENSORS = (
    "Called through nnlite it takes Tensors, arrays or numbers and returns a Tensor; ``.formula`` is the function on "
    "plain arrays described above, which returns ``(y, vjp)``."
)


def differentiable(
    formula: Callable[..., Any] | None = None,
    *,
    compiled: str | None = None,
    fuses: tuple[str, ...] = (),
    check: Callable[..., Any] | None = None,
    method: str = "",
    integers: bool = False,
    same_dtype: bool = False,
    batch: int = 0,
) -> Any:
    """Lift a function on arrays that returns ``(y, vjp)`` to a function on Tensors.

    Its parameters annotated ``Array`` (or ``Array | None``, or one ``Sequence[Array]``) are the inputs that may want a
    gradient; all others are options. One annotated ``Array | Any`` is an option, passed on as it is, that may want a
    gradient where it is a float Tensor (class probabilities instead of labels). The vjp of a function with one input
    is ``vjp(dy)`` and returns ``dx``; with several it is ``vjp(dy, needs)``, where `needs` says which inputs want a
    gradient, and returns one for each (None where none is needed). Broadcasting is undone here, so a vjp may return a
    gradient of the broadcast shape.

    Parameters
    ----------
    compiled
        The twin in ``kernels/``, for instance ``"normalization.layer_norm"``.
    fuses
        The differentiable functions that the twin computes by itself.
    check
        Called with the plain arguments before anything is computed; raises on bad ones.
    method
        Names, separated by spaces, under which Tensor gets it: ``"__sub__ __rsub__ sub"``.
    integers
        Whether it makes sense on integers; otherwise they become floats.
    same_dtype
        Whether two Tensors of different float dtypes are an error.
    batch
        How many axes the first input has; one axis less is a batch of one, and the result has one axis less too.
    """

    def lift(formula: Callable[..., Any]) -> Differentiable:
        ours = formula.__module__.startswith("nnlite.")
        name = f"functional.{formula.__name__.strip('_')}" if ours else f"{formula.__module__}.{formula.__name__}"
        if not ours:
            REGISTRY.pop(name, None)  # a cell of a notebook may run twice
        function = Differentiable(
            name,
            formula,
            compiled=compiled,
            fuses=fuses,
            check=check,
            integers=integers,
            same_dtype=same_dtype,
            batch=batch,
        )
        for name in method.split():
            setattr(Tensor, name, _as_method(function, reverse=name.startswith("__r") and name != "__rshift__"))
        return function

    return lift if formula is None else lift(formula)


def _as_method(function: Differentiable, reverse: bool) -> Callable[..., Any]:
    if reverse:

        def method(self: Tensor, other: Any) -> Any:
            return function(other, self)
    else:

        def method(self: Tensor, *args: Any, **kwargs: Any) -> Any:  # type: ignore[misc]
            return function(self, *args, **kwargs)

    method.__name__ = function.short_name
    method.__doc__ = f"See :func:`nnlite.functional.{function.short_name}`."
    return method


def _check_cast(x: Array, dtype: Any) -> None:
    try:
        kind = np.dtype(dtype).kind
    except TypeError:
        kind = ""
    if kind not in {*"fiub"} or dtype is None:
        raise TypeError(f"cast: dtype is {dtype!r}, expected one of real numbers such as 'float32'")


@differentiable(integers=True, check=_check_cast)
def cast(x: Array, dtype: Any) -> tuple[Array, Callable[[Array], Array]]:
    """Return `x` as another dtype; the gradient is cast back."""
    return x.astype(dtype), lambda dy: dy
