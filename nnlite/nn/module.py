"""Module and Parameter: thin objects that own weights.

A Module's attributes that are Parameters are its weights, those that are Modules are its parts; everything else
(listing, saving, switching between training and evaluation) follows from walking this tree.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from nnlite.arguments import Array
from nnlite.tensor import Tensor, as_plain


class Parameter(Tensor):
    """A Tensor that a Module owns and an optimizer changes.

    Examples
    --------
    >>> Parameter(np.zeros(2, np.float32)).requires_grad
    True
    """

    __slots__ = ()

    def __init__(self, data: Any, requires_grad: bool = True) -> None:
        super().__init__(data, requires_grad)


class Module:
    """The base of all layers and models: assign Parameters and Modules as attributes, write ``forward``.

    Examples
    --------
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
        return self.forward(*args, **kwargs)

    # The tree

    def children(self) -> Iterator[tuple[str, Module]]:
        """Yield the name and the Module of each part, in the order of assignment."""
        for name, value in vars(self).items():
            if isinstance(value, Module):
                yield name, value

    def named_modules(self, prefix: str = "") -> Iterator[tuple[str, Module]]:
        """Yield this Module (under the name `prefix`) and all below it."""
        yield prefix, self
        for name, child in self.children():
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

    # Modes

    def train(self, mode: bool = True) -> Module:
        """Switch to training (dropout is active); returns the Module."""
        for module in self.modules():
            module.training = mode
        return self

    def eval(self) -> Module:
        """Switch to evaluation; returns the Module."""
        return self.train(False)

    def zero_grad(self) -> None:
        """Forget all gradients."""
        for parameter in self.parameters():
            parameter.grad = None

    def requires_grad_(self, requires_grad: bool = True) -> Module:
        """Freeze (False) or unfreeze (True) all weights; returns the Module."""
        for parameter in self.parameters():
            parameter.requires_grad_(requires_grad)
        return self

    # Saving

    def state_dict(self) -> dict[str, Array]:
        """Return copies of all weights by dotted name, in PyTorch's names and layout.

        A weight that two parts share stands under both names.
        """
        return {name: tensor.data.copy() for name, tensor in self._named_state()}

    def _named_state(self) -> Iterator[tuple[str, Tensor]]:
        for prefix, module in self.named_modules():
            for name, value in vars(module).items():
                if isinstance(value, Tensor):
                    yield (f"{prefix}.{name}" if prefix else name), value

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Copy weights in; all names and shapes are checked before the first is changed.

        Raises
        ------
        KeyError
            If a weight is missing or unknown.
        ValueError
            If a shape differs.
        """
        own = dict(self._named_state())
        missing, unknown = sorted(own.keys() - state.keys()), sorted(state.keys() - own.keys())
        if missing or unknown:
            raise KeyError(f"load_state_dict: missing {missing}, unknown {unknown}; expected exactly {sorted(own)}")
        arrays = {}
        for name, tensor in own.items():
            array = np.asarray(as_plain(state[name]))
            if array.shape != tensor.shape:
                raise ValueError(f"load_state_dict: {name} has shape {array.shape}, expected {tensor.shape}")
            if array.dtype.kind not in "fiub":
                raise TypeError(f"load_state_dict: {name} has dtype {array.dtype}, expected numbers")
            arrays[name] = array
        for name, tensor in own.items():
            np.copyto(tensor.data, arrays[name], casting="same_kind")
            tensor.version += 1

    # Looking

    def extra_repr(self) -> str:
        """Return what the repr says in the parentheses."""
        return ""

    def __repr__(self) -> str:
        lines = [f"  ({name}): " + repr(child).replace("\n", "\n  ") for name, child in self.children()]
        head = f"{type(self).__name__}({self.extra_repr()}"
        return head + ("\n" + "\n".join(lines) + "\n)" if lines else ")")


class Sequential(Module):
    """Modules one after the other; the output of each is the input of the next.

    Examples
    --------
    >>> from nnlite import nn
    >>> len(nn.Sequential(nn.Linear(2, 3), nn.ReLU()))
    2
    """

    def __init__(self, *modules: Module) -> None:
        _add_all(self, modules)

    def forward(self, x: Any) -> Any:
        """Apply all in order."""
        for _, module in self.children():
            x = module(x)
        return x

    def __len__(self) -> int:
        return len(list(self.children()))

    def __getitem__(self, i: int) -> Module:
        return list(self.children())[i][1]

    def __iter__(self) -> Iterator[Module]:
        return (module for _, module in self.children())


class ModuleList(Sequential):
    """A list of Modules whose weights are found; how they are called is yours to write."""

    def __init__(self, modules: Any = ()) -> None:
        _add_all(self, tuple(modules))

    def forward(self, *args: Any) -> Any:
        """Raise: a list has no order of calling."""
        raise NotImplementedError("ModuleList cannot be called; loop over it")

    def append(self, module: Module) -> ModuleList:
        """Add a Module at the end; returns the list."""
        _add_all(self, (module,))
        return self


def _add_all(owner: Module, modules: tuple[Any, ...]) -> None:
    start = len(list(owner.children()))
    for i, module in enumerate(modules):
        if not isinstance(module, Module):
            raise TypeError(
                f"{type(owner).__name__}: item {i} is a {type(module).__name__}, "
                "expected a Module (nn.ReLU(), not F.relu)"
            )
        setattr(owner, str(start + i), module)
