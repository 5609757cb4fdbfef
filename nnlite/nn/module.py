"""Module and Parameter: thin objects that own weights.

A Module's attributes that are Parameters are its weights, those that are Buffers are what it keeps beside them (the
running mean of a batch norm, for instance), those that are Modules are its parts; everything else (listing, saving,
switching between training and evaluation) follows from walking this tree.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from nnlite import functional as F
from nnlite.arguments import Array, boolean, real_array
from nnlite.contracts import Checked, Shape
from nnlite.memory import Memory
from nnlite.tensor import Hook, Tensor, afterwards, as_plain, is_recording


class Parameter(Tensor):
    """A Tensor that a Module owns and an optimizer changes.

    Parameters
    ----------
    data : array_like
        The values at the start.
    requires_grad : bool
        Whether it wants a gradient; False freezes it.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite.nn import Parameter
    >>> Parameter(np.zeros(2, np.float32)).requires_grad
    True
    """

    __slots__ = ()

    def __init__(self, data: Any, requires_grad: bool = True) -> None:
        super().__init__(data, requires_grad)


class Buffer(Tensor):
    """A Tensor that a Module keeps beside its weights, but that no optimizer changes.

    Parameters
    ----------
    data : array_like
        The values at the start.
    persistent : bool
        Whether ``state_dict`` saves it.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite.nn import Buffer
    >>> Buffer(np.zeros(2, np.float32)).requires_grad
    False
    """

    __slots__ = ("persistent",)

    def __init__(self, data: Any, persistent: bool = True) -> None:
        super().__init__(data)
        self.persistent = boolean(persistent, "Buffer: persistent")


class IncompatibleKeys(NamedTuple):
    """What ``load_state_dict`` found missing, and what it did not know.

    Attributes
    ----------
    missing_keys : list of str
        The parameters and buffers that it found no array for.
    unexpected_keys : list of str
        The arrays that belong to none.
    """

    missing_keys: list[str]
    unexpected_keys: list[str]


class Module(Checked):
    """The base of all layers and models: assign Parameters and Modules as attributes, write ``forward``.

    The layers here name in the attribute ``takes`` what their constructor takes; yours may, and need not (see
    :class:`nnlite.contracts.Checked`).

    Examples
    --------
    >>> from nnlite.nn import Module, Parameter
    >>> class Scale(Module):
    ...     def __init__(self):
    ...         self.factor = Parameter([2.0])
    ...     def forward(self, x):
    ...         return x * self.factor
    >>> Scale()([3.0])
    Tensor([6.], from mul)
    """

    training: bool = True

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the output; every subclass writes its own."""
        raise NotImplementedError(f"{type(self).__name__} has no forward(); write one")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run ``forward``; plain float arrays are first cast to the dtype of the weights."""
        if any(isinstance(a, np.ndarray) and a.dtype.kind == "f" for a in args):
            dtype = next((p.dtype for p in self.parameters()), None)
            if dtype is not None:
                args = tuple(
                    a.astype(dtype, copy=False) if isinstance(a, np.ndarray) and a.dtype.kind == "f" else a
                    for a in args
                )
        own = self.__dict__
        if "_pre_hooks" in own:
            for hook in tuple(own["_pre_hooks"].values()):
                changed = hook(self, args)
                if changed is not None:
                    args = changed if isinstance(changed, tuple) else (changed,)
        if own.get("_backward_hooks"):
            output = self._hooked_backward(tuple(own["_backward_hooks"].values()), args, kwargs)
        else:
            output = self.forward(*args, **kwargs)
        if "_hooks" in own:
            for hook in tuple(own["_hooks"].values()):
                changed = hook(self, args, output)
                output = output if changed is None else changed
        return output

    @property
    def is_watched(self) -> bool:
        """Whether a hook looks at what goes in or comes out, forward or backward."""
        return any(self.__dict__.get(kind) for kind in ("_hooks", "_pre_hooks", "_backward_hooks"))

    def register_forward_hook(self, hook: Callable[..., Any]) -> Hook:
        """Call ``hook(module, args, output)`` after every ``forward``; what it returns, unless None, is the output.

        Examples
        --------
        >>> from nnlite import nn
        >>> layer = nn.ReLU()
        >>> hook = layer.register_forward_hook(lambda module, args, output: print(output.shape))
        >>> y = layer([1.0, 2.0])
        (2,)
        >>> hook.remove()
        """
        return Hook(self.__dict__.setdefault("_hooks", {}), hook)

    def register_forward_pre_hook(self, hook: Callable[..., Any]) -> Hook:
        """Call ``hook(module, args)`` before every ``forward``; what it returns, unless None, are the arguments."""
        return Hook(self.__dict__.setdefault("_pre_hooks", {}), hook)

    def register_full_backward_hook(self, hook: Callable[..., Any]) -> Hook:
        """Call ``hook(module, grad_input, grad_output)`` at the end of a ``backward()`` that came through here.

        They are tuples of arrays, one for each positional argument and each output of ``forward``; None stands where
        no gradient came. The hook looks only, and returns None: a hook on a Tensor can change a gradient.

        Examples
        --------
        >>> from nnlite import Tensor, nn
        >>> layer = nn.ReLU()
        >>> hook = layer.register_full_backward_hook(lambda module, grad_input, grad_output: print(grad_input))
        >>> layer(Tensor([-1.0, 2.0], requires_grad=True)).sum().backward()
        (array([0., 1.], dtype=float32),)
        """
        return Hook(self.__dict__.setdefault("_backward_hooks", {}), hook)

    def _hooked_backward(self, hooks: tuple[Any, ...], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Run ``forward`` between steps that do nothing but show the gradients that pass."""
        grads: tuple[dict[int, Array], dict[int, Array]] = {}, {}  # of the arguments, of the outputs

        def shown(side: int, values: tuple[Any, ...]) -> tuple[Any, ...]:
            seen = list(values)
            for i, value in enumerate(values):
                if isinstance(value, Tensor) and value.requires_grad and is_recording():
                    seen[i] = F.reshape(value, value.shape)
                    seen[i].register_hook(functools.partial(arrived, side, i))
            return tuple(seen)

        def arrived(side: int, i: int, gradient: Array) -> None:
            grads[side][i] = gradient
            afterwards(shown, all_arrived)

        def all_arrived() -> None:
            known = [tuple(found.get(i) for i in range(n)) for found, n in zip(grads, (len(args), len(outputs)))]
            for found in grads:  # another backward begins anew
                found.clear()
            for hook in hooks:
                if hook(self, *known) is not None:
                    raise TypeError(f"{type(self).__name__}: a backward hook returned something, expected None")

        output = self.forward(*shown(0, args), **kwargs)
        outputs = output if isinstance(output, tuple) else (output,)
        outputs = shown(1, outputs)
        return outputs if isinstance(output, tuple) else outputs[0]

    # The tree

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """Yield the name and the Module of each part, in the order of assignment."""
        for name, value in vars(self).items():
            if isinstance(value, Module):
                yield name, value

    def children(self) -> Iterator[Module]:
        """Yield each part, in the order of assignment."""
        return (child for _, child in self.named_children())

    def named_modules(self, prefix: str = "") -> Iterator[tuple[str, Module]]:
        """Yield this Module (under the name `prefix`) and all below it."""
        yield prefix, self
        for name, child in self.named_children():
            yield from child.named_modules(f"{prefix}.{name}" if prefix else name)

    def modules(self) -> Iterator[Module]:
        """Yield this Module and all below it."""
        return (module for _, module in self.named_modules())

    def named_parameters(self) -> Iterator[tuple[str, Parameter]]:
        """Yield each Parameter once, with its dotted name."""
        seen: set[int] = set()
        for prefix, module in self.named_modules():
            for name, value in vars(module).items():
                if isinstance(value, Parameter) and id(value) not in seen:
                    seen.add(id(value))
                    yield (f"{prefix}.{name}" if prefix else name), value

    def parameters(self) -> Iterator[Parameter]:
        """Yield each Parameter once."""
        return (parameter for _, parameter in self.named_parameters())

    def register_buffer(self, name: str, value: Any, persistent: bool = True) -> None:
        """Keep `value` (an array, a Tensor or None) as the attribute `name`, a Buffer; saved if `persistent`.

        Raises
        ------
        ValueError
            If the name is no plain word or is taken.
        """
        _check_name(self, "register_buffer: name", name)
        setattr(self, name, None if value is None else Buffer(value, persistent))

    def named_buffers(self) -> Iterator[tuple[str, Buffer]]:
        """Yield each Buffer once, with its dotted name."""
        seen: set[int] = set()
        for prefix, module in self.named_modules():
            for name, value in vars(module).items():
                if isinstance(value, Buffer) and id(value) not in seen:
                    seen.add(id(value))
                    yield (f"{prefix}.{name}" if prefix else name), value

    def buffers(self) -> Iterator[Buffer]:
        """Yield each Buffer once."""
        return (buffer for _, buffer in self.named_buffers())

    def apply(self, function: Callable[[Module], Any]) -> Module:
        """Call `function` with every part, then with this Module, which is returned: for initialising weights."""
        for child in self.children():
            child.apply(function)
        function(self)
        return self

    # Modes

    def train(self, mode: bool = True) -> Module:
        """Switch to training (dropout is active, batch norm uses the batch); returns the Module."""
        mode = boolean(mode, "train: mode")
        for module in self.modules():
            module.training = mode
        return self

    def eval(self) -> Module:
        """Switch to evaluation; returns the Module."""
        return self.train(False)

    def zero_grad(self) -> None:
        """Set all gradients to None."""
        for parameter in self.parameters():
            parameter.grad = None

    def requires_grad_(self, requires_grad: bool = True) -> Module:
        """Freeze (False) or unfreeze (True) all weights; returns the Module."""
        for parameter in self.parameters():
            parameter.requires_grad_(requires_grad)
        return self

    # Saving

    def state_dict(self) -> dict[str, Array]:
        """Return copies of all weights and buffers by dotted name, in PyTorch's names and layout.

        A weight that two parts share stands under both names.
        """
        return {name: tensor.data.copy() for name, tensor in self._named_state()}

    def _named_state(self) -> Iterator[tuple[str, Tensor]]:
        for prefix, module in self.named_modules():
            for name, value in vars(module).items():
                if isinstance(value, Parameter) or (isinstance(value, Buffer) and value.persistent):
                    yield (f"{prefix}.{name}" if prefix else name), value

    def double(self) -> Module:
        """Turn all floating-point weights and buffers into float64; returns the Module.

        Make optimizers afterwards: the moments of one made before keep the old dtype.
        """
        return self._cast(np.float64)

    def float(self) -> Module:
        """Turn all floating-point weights and buffers into float32; returns the Module.

        Make optimizers afterwards: the moments of one made before keep the old dtype.
        """
        return self._cast(np.float32)

    def _cast(self, dtype: Any) -> Module:
        for tensor in (*self.parameters(), *self.buffers()):
            if tensor.dtype.kind == "f" and tensor.dtype != dtype:
                tensor.data, tensor.memory = tensor.data.astype(dtype), Memory()
                tensor.grad = None if tensor.grad is None else tensor.grad.astype(dtype)
        return self

    def load_state_dict(self, state: Mapping[str, Any], strict: bool = True) -> IncompatibleKeys:
        """Copy weights and buffers in; all names, shapes and dtypes are checked before the first is changed.

        Parameters
        ----------
        state : mapping of str to array
            What :meth:`state_dict` returned.
        strict : bool
            Whether each weight must be there, and nothing else. Otherwise those that have a name in common are copied;
            their shapes must agree all the same.

        Returns
        -------
        IncompatibleKeys
            The names that were missing, and those that were not known.

        Raises
        ------
        KeyError
            If a weight is missing or unknown, and `strict`.
        TypeError
            If the values are not numbers, or are fractions for a whole number.
        ValueError
            If a shape differs.
        """
        own = dict(self._named_state())
        missing, unknown = sorted(own.keys() - state.keys()), sorted(state.keys() - own.keys())
        if boolean(strict, "load_state_dict: strict") and (missing or unknown):
            raise KeyError(f"load_state_dict: missing {missing}, unknown {unknown}; expected exactly {sorted(own)}")
        arrays = {}
        own = {name: tensor for name, tensor in own.items() if name in state}
        for name, tensor in own.items():
            array = np.asarray(as_plain(state[name]))
            if array.shape != tensor.shape:
                raise ValueError(f"load_state_dict: {name} has shape {array.shape}, expected {tensor.shape}")
            if array.dtype.kind not in "fiub":
                raise TypeError(f"load_state_dict: {name} has dtype {array.dtype}, expected numbers")
            if array.dtype.kind == "f" and tensor.dtype.kind != "f":
                raise TypeError(f"load_state_dict: {name} has dtype {array.dtype}, expected {tensor.dtype}")
            arrays[name] = array
        for name, tensor in own.items():
            np.copyto(tensor.data, arrays[name], casting="unsafe")
            tensor.changed_in_place()
        return IncompatibleKeys(missing, unknown)

    # Looking

    def extra_repr(self) -> str:
        """Return what the repr says in the parentheses."""
        return ""

    def __repr__(self) -> str:
        lines = [f"  ({name}): " + repr(child).replace("\n", "\n  ") for name, child in self.named_children()]
        head = f"{type(self).__name__}({self.extra_repr()}"
        return head + ("\n" + "\n".join(lines) + "\n)" if lines else ")")


def _check_name(owner: Module, what: str, name: Any) -> None:
    """Refuse a name that cannot be an attribute, or that is one already."""
    if not isinstance(name, str):
        raise TypeError(f"{what} is {name!r}, expected a word")
    if not name or "." in name:
        raise ValueError(f"{what} is {name!r}, expected a word without a dot")
    if hasattr(owner, name):
        raise ValueError(f"{what} is {name!r}, which {type(owner).__name__} already has")


def shape_of(x: Any, name: str) -> tuple[int, ...]:
    """Return the shape of a Tensor, an array or numbers in any nesting, or raise for what is none of them.

    Examples
    --------
    >>> from nnlite.nn.module import shape_of
    >>> shape_of([[1.0, 2.0]], "Linear: x")
    (1, 2)
    """
    return x.shape if isinstance(x, Tensor) else real_array(x, name).shape


def check_shape(x: Any, name: str, *words: str, **known: int) -> tuple[int, ...]:
    """Return the shape of `x`, or raise unless it is one of those in `words`, in which some lengths are known.

    Examples
    --------
    >>> from nnlite.nn.module import check_shape
    >>> check_shape([[1.0, 2.0]], "BatchNorm1d: x", "N C", "N C L", C=2)
    (1, 2)
    """
    shape = shape_of(x, name)
    wanted = _misfit(shape, words, tuple(known.items()))
    if wanted:
        raise ValueError(f"{name} has shape {shape}, expected {wanted}")
    return shape


@functools.lru_cache(512)
def _misfit(shape: tuple[int, ...], words: tuple[str, ...], lengths: tuple[tuple[str, int], ...]) -> str:
    """What was expected where the shape is another; empty where it fits."""
    shapes, known = [Shape(w) for w in words], dict(lengths)
    if any(s.fit(shape, known) is not None for s in shapes):
        return ""
    return " or ".join(s.shown(known) for s in shapes)


class Stateless(Module):
    """A layer without weights: one ``function``, whose options are the attributes named in ``takes``, in its order."""

    function: Callable[..., Any]

    def forward(self, *inputs: Any, **named: Any) -> Any:
        """Map the input to one of the same shape, unless the class says otherwise; a loss also takes the target.

        Inputs may be given by the names that they have in the function.
        """
        if named:
            return self.function(*inputs, **named, **{name: getattr(self, name) for name in self.takes})
        return self.function(*inputs, *[getattr(self, name) for name in self.takes])

    def extra_repr(self) -> str:
        """Return the options."""
        return ", ".join(f"{name}={getattr(self, name)!r}" for name in self.takes if _is_short(getattr(self, name)))


def _is_short(value: Any) -> bool:
    return value is not None and not isinstance(value, Tensor)


class Identity(Module):
    """A layer that changes nothing and returns its input.

    Parameters
    ----------
    *args, **kwargs
        Anything; ignored, so that it can stand in the place of any layer.

    Examples
    --------
    >>> from nnlite import nn
    >>> nn.Identity(54, unused=0.1)(3)
    3
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        pass

    def forward(self, x: Any) -> Any:
        """Return `x` itself."""
        return x
