"""From a formula on arrays to a function of Tensors.

A formula computes a value and its vjp, on plain NumPy arrays, and knows nothing of Tensors. :func:`differentiable`
lifts it: it brings the inputs to one dtype, holds them against the contract, runs the formula or its compiled twin,
undoes broadcasting, and records the vjp where a gradient is wanted::

    @differentiable
    def cube(x):
        return x**3, lambda dy: dy * 3 * x**2
"""

from __future__ import annotations

import functools
import inspect
import numbers
import operator
import weakref
from collections.abc import Callable, Mapping
from types import NoneType
from typing import Any

import numpy as np

from nnlite.arguments import Array, fits, real_array
from nnlite.contracts import Contract, Kind, Signature, anything, floats, given, integer_tuple, several
from nnlite.memory import Memory, owner
from nnlite.registry import REGISTRY, Entry, exercise
from nnlite.tensor import Node, Tensor, as_plain, as_tensor, is_recording


def as_tensors(name: str, optional: tuple[str, ...] = (), same_dtype: bool = False, **values: Any) -> list[Any]:
    """Return the inputs of the function called `name` as Tensors; plain numbers take a Tensor's dtype.

    Those that are `optional` may be None, and stay so; with `same_dtype` two Tensors of different float dtypes are an
    error.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite import Tensor
    >>> from nnlite.differentiable import as_tensors
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


def _refuse_other_shape(grad: Array, shape: tuple[int, ...]) -> None:
    fits(np.broadcast_to(0.0, shape), "autodiff.unbroadcast: shape", grad.shape)  # of that shape, without the memory


@exercise(
    "autodiff.unbroadcast",
    takes=dict(grad=floats("...", own_dtype=True), shape=integer_tuple(0)),
    also=_refuse_other_shape,
)
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
    >>> import numpy as np
    >>> from nnlite.differentiable import unbroadcast
    >>> unbroadcast(np.ones((4, 3)), (1, 3))
    array([[4., 4., 4.]])
    """
    added = grad.ndim - len(shape)
    stretched = tuple(i + added for i, n in enumerate(shape) if n == 1)
    return grad.sum(axis=(*range(added), *stretched)).reshape(shape)


class Differentiable(Entry):
    """A function of Tensors, made by :func:`differentiable` from one on arrays.

    Parameters
    ----------
    name : str
        Its name in the registry.
    formula : function
        What computes the value and its vjp, on arrays.
    takes, integers, same_dtype, batched_ndim, spares
        As :func:`differentiable` describes them.
    **options
        Those of :class:`~nnlite.registry.Entry`.
    """

    def __init__(
        self,
        name: str,
        formula: Callable[..., Any],
        *,
        takes: Mapping[str, Kind] | None = None,
        integers: bool = False,
        same_dtype: bool = False,
        batched_ndim: int = 0,
        spares: Mapping[str, str] | None = None,
        **options: Any,
    ) -> None:
        self.short_name = name.rsplit(".", 1)[-1]
        if takes is None:
            parameters = inspect.signature(formula).parameters.values()
            takes = {p.name: given() for p in parameters if p.default is inspect.Parameter.empty}
        super().__init__(name, formula, takes=takes, **options)
        self.integers = integers
        self.same_dtype = same_dtype
        self.batched_ndim = batched_ndim
        kinds = [takes.get(parameter) for parameter in self.signature.names]
        self.sequence = next((i for i, kind in enumerate(kinds) if isinstance(kind, several)), None)
        self.inputs = [i for i, kind in enumerate(kinds) if kind is not None and kind.is_input and i != self.sequence]
        if self.sequence is None and not self.inputs:
            raise TypeError(f"differentiable: {name} has no input, expected a parameter without a default or a given()")
        names = [self.signature.names[i] for i in (self.inputs if self.sequence is None else [self.sequence])]
        #: for each input the inputs whose values its gradient does without; of a sequence each does without itself
        self.spared = {
            names.index(name): {names.index(other) for other in others.split()}
            for name, others in (spares or {}).items()
        }
        self._spares: dict[tuple[bool, ...], frozenset[int]] = {}
        self.optional = {i for i in self.inputs if kinds[i].optional}  # type: ignore[union-attr]
        self.changed = {i for i, kind in enumerate(kinds) if isinstance(kind, anything) and kind.changed}
        self.maybe_input = next((i for i, k in enumerate(kinds) if isinstance(k, anything) and k.maybe_input), None)
        #: options whose kind does not convert them
        self._loose = [
            i
            for i, kind in enumerate(kinds)
            if i not in self.inputs and i != self.sequence and (kind is None or type(kind).convert is Kind.convert)
        ]
        self.__doc__ = f"{inspect.getdoc(formula)}\n\n{_ABOUT_TENSORS}"

    def _called(self) -> str:
        return self.short_name

    def __call__(self, *args: Any, **kwargs: Any) -> Tensor:
        """Run on Tensors or arrays, record the vjp if a gradient is wanted, and return a Tensor."""
        values = self.signature.complete(self.short_name, args, kwargs)
        asked = values.copy()
        if self.sequence is None:
            inputs = [values[i] for i in self.inputs]
            arrays = self._coerce(inputs)
            for i, array in zip(self.inputs, arrays):
                values[i] = array
        else:
            inputs = self._members(values[self.sequence])
            values[self.sequence] = arrays = self._coerce(inputs)
        if self.maybe_input is not None:
            inputs.append(values[self.maybe_input])
        for i in self._loose:
            value = values[i]
            if isinstance(value, Tensor):
                values[i] = value.data
            elif isinstance(value, np.floating):  # a NumPy float64 would promote a float32 formula
                values[i] = float(value)
            elif isinstance(value, np.bool_):
                values[i] = bool(value)
        unbatched = arrays[0].ndim == self.batched_ndim - 1
        if unbatched:
            values[self.inputs[0]] = arrays[0][None]
        if self.contract.checks:
            self.contract.hold(values)
        needs: tuple[bool, ...] = ()
        watched: list[Any] = []
        if is_recording():
            needs = tuple([isinstance(t, Tensor) and t.requires_grad for t in inputs])
            if True in needs:
                watched = self._guard(asked, values, inputs, needs)
        with np.errstate(divide="ignore", over="ignore", invalid="ignore"):  # IEEE 754's answer, without a word
            y, vjp = self.value_and_vjp(*values)
        if unbatched:
            y, vjp = y[0], _with_batch_axis(vjp)
        out = Tensor.__new__(Tensor)
        out.data = y if isinstance(y, np.ndarray) else np.asarray(y)
        out.grad = out.node = out.hooks = None
        out.requires_grad = False
        out.memory = _memory(out.data, inputs)
        if True in needs and out.data.dtype.kind == "f":
            out.requires_grad = True
            out.node = self._record(inputs, needs, vjp, out.data.shape)
            watched.append(_watch(out.memory, out.data))
            out.node.watched = watched
        return out

    def value_and_vjp(self, *args: Any) -> tuple[Array, Callable[..., Any]]:
        """Run on checked, plain arrays and return ``(y, vjp)``: what one formula calls of another."""
        values = args if len(args) == len(self.signature.names) else self.signature.complete(self.short_name, args, {})
        result = self._run(values)
        if self.substitute is not None and not (isinstance(result, tuple) and len(result) == 2 and callable(result[1])):
            raise TypeError(f"{self.name} (substituted) returned {type(result).__name__}, expected (y, vjp)")
        return result

    def _members(self, given: Any) -> list[Any]:
        """The items of the one argument that is a sequence of inputs."""
        assert self.sequence is not None
        name = f"{self.short_name}: {self.signature.names[self.sequence]}"
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
            common: Any = first.data.dtype
            arrays: list[Any] = []
            for t in given:
                if not isinstance(t, Tensor) or t.data.dtype != common:
                    break
                arrays.append(t.data)
            else:
                return arrays
        arrays = []
        tensor_dtype = array_dtype = None
        settled, mixed = True, False
        for i, value in enumerate(given):
            if isinstance(value, Tensor):
                array = value.data
                if array.dtype.kind == "f":
                    if tensor_dtype is None:
                        tensor_dtype = array.dtype
                    elif tensor_dtype != array.dtype:
                        mixed = True
                    if tensor_dtype != array.dtype and self.same_dtype:
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
        if mixed:
            tensor_dtype = self._demote(arrays, given) or tensor_dtype
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

    @staticmethod
    def _demote(arrays: list[Any], given: list[Any]) -> Any:
        """Among Tensors of several float dtypes, those without axes take that of the others, as Python numbers do."""
        floats = [i for i, t in enumerate(given) if isinstance(t, Tensor) and t.data.dtype.kind == "f"]
        dtypes = [arrays[i].dtype for i in floats if arrays[i].ndim]
        if not dtypes:
            return None
        common = np.result_type(*dtypes)
        for i in floats:
            if arrays[i].ndim == 0 and arrays[i].dtype != common:
                arrays[i] = arrays[i].astype(common)
        return common

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
            return f"{self.signature.names[self.sequence]}[{i}]"
        return self.signature.names[self.inputs[i]]

    def _record(
        self,
        given: list[Any],
        needs: tuple[bool, ...],
        vjp: Callable[..., Any],
        shape: Any,
    ) -> Node:
        """Make the node: its vjp computes what is needed, undoes broadcasting and returns the inputs' dtypes."""
        sources = [(t.node or t) if need else None for t, need in zip(given, needs)]
        like = [(t.data.shape, t.data.dtype) if need else None for t, need in zip(given, needs)]
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
                    grad = unbroadcast._run((grad, shape))
                out.append(grad if grad.dtype == dtype else grad.astype(dtype))
            return out

        node = Node(sources, node_vjp, self.short_name, shape)
        node.given = [weakref.ref(t) for t in given if isinstance(t, Tensor)]
        return node

    def _guard(
        self, asked: list[Any], values: list[Any], inputs: list[Any], needs: tuple[bool, ...]
    ) -> list[tuple[Memory, int, int]]:
        """See to it that what the vjp keeps stays as it is: arrays of the caller's are copied, Tensors watched.

        A Tensor is watched unless every wanted gradient does without it. Whether the vjp keeps it is looked at only if
        it was changed.
        """
        spare, watched = self._spare(needs), []
        for i, value in enumerate(asked):
            if type(value) in _HOLDS_NOTHING or (i in spare and self.sequence is None):
                continue
            if isinstance(value, Tensor):
                data = value.data
                watched.append(_watch(value.memory, data))
                if data.dtype.kind in "iu":  # a kernel may index with these
                    values[i] = _own(values[i], data)
            elif i not in self.changed:
                values[i] = _own(values[i], value) if isinstance(value, np.ndarray) else _own_items(values[i], value)
        if self.sequence is not None:
            members = values[self.sequence]
            for i, value in enumerate(inputs):
                if isinstance(value, np.ndarray):
                    members[i] = _own(members[i], value)
                elif isinstance(value, Tensor) and i not in spare:
                    watched.append(_watch(value.memory, value.data))
        return watched

    def _spare(self, needs: tuple[bool, ...]) -> frozenset[int]:
        """Return which arguments, or members of the sequence, no gradient that is wanted needs."""
        found = self._spares.get(needs)
        if found is None:
            wanted = [i for i, need in enumerate(needs) if need]
            if self.sequence is not None:
                found = frozenset(wanted if self.spared and len(wanted) == 1 else ())
            else:
                both = set.intersection(*[self.spared.get(i, set()) for i in wanted])
                found = frozenset(self.inputs[i] for i in both)
            self._spares[needs] = found
        return found


def _watch(memory: Memory, data: Array) -> tuple[Memory, int, int]:
    """What tells later whether memory that a vjp may keep was changed since."""
    return memory, memory.changes, id(data if data.base is None else owner(data))


#: types of arguments in which no array is
_HOLDS_NOTHING = frozenset([NoneType, bool, int, float, str])


def _own(array: Any, theirs: Array) -> Any:
    """A copy of `array`, if it is the same memory as one of the caller's."""
    if array is theirs or (isinstance(array, np.ndarray) and owner(array) is owner(theirs)):
        return np.array(array)
    return array


def _own_items(value: Any, theirs: Any) -> Any:
    """The same list, tuple or slice, as far as it is the caller's, with copies of the arrays in it."""
    if isinstance(value, slice):
        return slice(*(None if end is None else operator.index(end) for end in (value.start, value.stop, value.step)))
    if value is not theirs or not isinstance(value, list | tuple):
        return value
    items = [_own(v, v) if isinstance(v, np.ndarray) else _own_items(v, v) for v in value]
    return tuple(items) if isinstance(value, tuple) else items


def _memory(y: Array, inputs: list[Any]) -> Memory:
    """The memory of the input that `y` is, or is a view of, or one of its own."""
    whose = y if y.base is None else owner(y)
    for t in inputs:
        if isinstance(t, Tensor) and (t.data is whose or (t.data.base is not None and owner(t.data) is whose)):
            return t.memory
    return Memory()


def _with_batch_axis(vjp: Callable[..., Any]) -> Callable[..., Any]:
    """The vjp of a batch as that of its only member; the axis is taken off again where broadcasting is undone."""
    return lambda dy, *needs: vjp(dy[None], *needs)


_ABOUT_TENSORS = (
    "Called through nnlite it takes Tensors, arrays or numbers and returns a Tensor; ``.formula`` is the function on "
    "plain arrays described above, which returns ``(y, vjp)``."
)


def differentiable(
    formula: Callable[..., Any] | None = None,
    *,
    takes: Mapping[str, Kind] | None = None,
    also: Callable[..., Any] | None = None,
    compiled: str | None = None,
    fuses: tuple[str, ...] = (),
    method: str = "",
    integers: bool = False,
    same_dtype: bool = False,
    batched_ndim: int = 0,
    spares: Mapping[str, str] | None = None,
) -> Any:
    """Lift a function on arrays that returns ``(y, vjp)`` to a function on Tensors.

    The inputs, which may want a gradient, are those whose kind in ``takes`` is ``given``; without a contract, the
    parameters that have no default. All others are options. The vjp of a function with one input is ``vjp(dy)`` and
    returns ``dx``; with several it is ``vjp(dy, needs)``, where `needs` says which inputs want a gradient, and returns
    one for each (None where none is needed). Broadcasting is undone here, so a vjp may return a gradient of the
    broadcast shape.

    Parameters
    ----------
    takes : mapping of str to Kind
        The contract: for each argument what it may be, in the order of checking (see :mod:`nnlite.contracts`).
    also : function
        What the arguments must hold together: called with all of them, plain, it raises.
    compiled : str
        The twin in ``kernels/``, for instance ``"normalization.layer_norm"``.
    fuses : tuple of str
        The differentiable functions that the twin computes by itself.
    method : str
        Names, separated by spaces, under which Tensor gets it: ``"__sub__ __rsub__ sub"``.
    integers : bool
        Whether it makes sense on integers; otherwise they become floats.
    same_dtype : bool
        Whether two Tensors of different float dtypes are an error.
    batched_ndim : int
        How many axes the first input has; one axis less is a batch of one, and the result has one axis less too.
    spares : mapping of str to str
        For an input the names, separated by spaces, of the inputs whose values its gradient does without, although the
        vjp keeps them for other gradients: ``dict(x="x", other="other")`` of a product. A sequence that names itself
        is one where the gradient of each member does without that member.

    Examples
    --------
    >>> from nnlite import Tensor
    >>> from nnlite.differentiable import differentiable
    >>> cube = differentiable(lambda x: (x**3, lambda dy: dy * 3 * x**2))
    >>> x = Tensor([1.0, 2.0], requires_grad=True)
    >>> cube(x).sum().backward()
    >>> x.grad
    array([ 3., 12.], dtype=float32)
    """

    def lift(formula: Callable[..., Any]) -> Differentiable:
        ours = formula.__module__.startswith("nnlite.")
        name = f"functional.{formula.__name__.strip('_')}" if ours else f"{formula.__module__}.{formula.__name__}"
        if not ours:
            REGISTRY.pop(name, None)  # a cell of a notebook may run twice
        function = Differentiable(
            name,
            formula,
            takes=takes,
            also=also,
            compiled=compiled,
            fuses=fuses,
            integers=integers,
            same_dtype=same_dtype,
            batched_ndim=batched_ndim,
            spares=spares,
        )
        for name in method.split():
            setattr(Tensor, name, _as_method(function, reverse=name.startswith("__r") and name != "__rshift__"))
        return function

    return lift if formula is None else lift(formula)


def composed(
    *,
    takes: Mapping[str, Kind],
    also: Callable[..., Any] | None = None,
    method: str = "",
    same_dtype: bool = False,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Put a contract at the door of a function that is written with differentiable ones.

    The function is called with Tensors for its inputs, which are those whose kind in ``takes`` is ``given``, and needs
    no vjp of its own. The parameters are those of :func:`differentiable`.

    Examples
    --------
    >>> from nnlite.contracts import given, number
    >>> from nnlite.differentiable import composed
    >>> @composed(takes=dict(x=given("N"), scale=number(above=0)))
    ... def scaled(x, scale=2.0):
    ...     return x * scale
    >>> scaled([1.0, 2.0])
    Tensor([2., 4.])
    """

    def lift(target: Callable[..., Any]) -> Callable[..., Any]:
        name = target.__name__.strip("_")
        signature = Signature(target)
        contract = Contract(name, takes, signature, also)
        places = [(i, argument) for i, argument in enumerate(signature.names) if isinstance(takes.get(argument), given)]
        optional = tuple(argument for _, argument in places if takes[argument].optional)
        loose = [i for i, a in enumerate(signature.names) if a not in takes]
        only, full = places[0][0], f"{name}: {places[0][1]}"

        @functools.wraps(target)
        def checked(*args: Any, **kwargs: Any) -> Any:
            values = signature.complete(name, args, kwargs)
            if len(places) == 1:
                values[only] = as_tensor(values[only], full)
            else:
                tensors = as_tensors(name, optional, same_dtype, **{argument: values[i] for i, argument in places})
                for (i, _), tensor in zip(places, tensors):
                    values[i] = tensor
            for i in loose:
                values[i] = as_plain(values[i])
            return target(*contract.hold(values))

        checked.contract = contract  # type: ignore[attr-defined]
        for tensor_method in method.split():
            setattr(Tensor, tensor_method, checked)
        return checked

    return lift


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
