"""Modules that hold Modules: a chain, a list, a dictionary. Their parts' names are numbers or the keys."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from nnlite import functional as F
from nnlite.nn.activations import GELU, ReLU, SiLU
from nnlite.nn.linear import Linear
from nnlite.nn.module import Module, Parameter, _check_name
from nnlite.tensor import Tensor


class Sequential(Module):
    """Modules one after the other; the output of each is the input of the next.

    Parameters
    ----------
    *modules : Module
        The Modules one by one, or one dictionary that names them.

    Examples
    --------
    >>> from nnlite import nn
    >>> len(nn.Sequential(nn.Linear(2, 3), nn.ReLU()))
    2
    """

    def __init__(self, *modules: Any) -> None:
        if len(modules) == 1 and isinstance(modules[0], Mapping):
            for name, module in modules[0].items():
                _check_name(self, "Sequential: name", name)
                setattr(self, name, _module(self, name, module))
        else:
            _add_all(self, modules)

    def forward(self, x: Any) -> Any:
        """Apply all in order; a Linear and the activation behind it are one step."""
        modules: list[Any] = [module for _, module in self.named_children()]
        done = False
        for module, following in zip(modules, [*modules[1:], None]):
            if done:
                done = False
            elif fused := _fused(module, following):
                x, done = F.linear_activation(x, module.weight, module.bias, fused), True
            else:
                x = module(x)
        return x

    def __len__(self) -> int:
        return sum(1 for _ in self.named_children())

    def __getitem__(self, i: Any) -> Any:
        modules = [module for _, module in self.named_children()]
        if isinstance(i, slice):
            return type(self)(modules[i]) if isinstance(self, ModuleList) else type(self)(*modules[i])
        if not -len(modules) <= i < len(modules):
            raise IndexError(f"{type(self).__name__}: index is {i}, expected one of its {len(modules)} modules")
        return modules[i]

    def __iter__(self) -> Iterator[Any]:
        return (module for _, module in self.named_children())

    def append(self, module: Module) -> Sequential:
        """Add a Module at the end; returns the whole."""
        _add_all(self, (module,))
        return self


def _fused(module: Module, following: Any) -> str:
    """The activation that one function computes together with the Linear before it, if nobody looks in between."""
    if type(module) is not Linear or not (_is_plain(module) and _is_plain(following)):
        return ""
    if getattr(following, "approximate", "none") != "none":
        return ""
    return _ACTIVATIONS.get(type(following), "")


_ACTIVATIONS: dict[Any, str] = {ReLU: "relu", GELU: "gelu", SiLU: "silu"}
_FORWARD: dict[Any, Any] = {kind: kind.forward for kind in (Linear, *_ACTIVATIONS)}


def _is_plain(module: Module | None) -> bool:
    """Whether it is one of these layers, without a hook and without another ``forward`` in the place of its own."""
    if module is None or type(module) not in _FORWARD or module.is_watched:
        return False
    return getattr(module.forward, "__func__", None) is _FORWARD[type(module)]


class ModuleList(Sequential):
    """A list of Modules whose weights are found; how they are called is yours to write.

    Parameters
    ----------
    modules : iterable of Module
        What stands in the list at first.

    Examples
    --------
    >>> from nnlite import nn
    >>> len(nn.ModuleList(nn.Linear(4, 4) for _ in range(3)))
    3
    """

    def __init__(self, modules: Iterable[Module] = ()) -> None:
        _add_all(self, tuple(modules))

    def forward(self, *args: Any) -> Any:
        """Raise: a list has no order of calling."""
        raise NotImplementedError("ModuleList cannot be called; loop over it")

    def extend(self, modules: Iterable[Module]) -> ModuleList:
        """Add several Modules at the end; returns the list."""
        _add_all(self, tuple(modules))
        return self


class ParameterList(Module):
    """A list of Parameters, which are found under their numbers.

    Parameters
    ----------
    values : iterable of Tensor or array
        What stands in the list at first; what is no Parameter becomes one.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite import nn
    >>> weights = nn.ParameterList([np.zeros((2, 3), np.float32), np.ones(2, np.float32)])
    >>> list(weights.state_dict()), len(weights)
    (['0', '1'], 2)
    """

    def __init__(self, values: Iterable[Any] = ()) -> None:
        self.extend(values)

    def forward(self, *args: Any) -> Any:
        """Raise: a list of weights computes nothing."""
        raise NotImplementedError("ParameterList cannot be called; loop over it")

    def append(self, value: Any) -> ParameterList:
        """Add a Parameter at the end; returns the list."""
        return self.extend([value])

    def extend(self, values: Iterable[Any]) -> ParameterList:
        """Add several Parameters at the end; returns the list."""
        if isinstance(values, Tensor) or not isinstance(values, Iterable) or isinstance(values, str | Mapping):
            raise TypeError(f"ParameterList: values is a {type(values).__name__}, expected a list of Tensors or arrays")
        made = [v if isinstance(v, Parameter) else Parameter(v) for v in values]
        start = len(self)
        for i, parameter in enumerate(made):
            setattr(self, str(start + i), parameter)
        return self

    def _own(self) -> list[Parameter]:
        return [value for value in vars(self).values() if isinstance(value, Parameter)]

    def __len__(self) -> int:
        return len(self._own())

    def __iter__(self) -> Iterator[Parameter]:
        return iter(self._own())

    def __getitem__(self, i: Any) -> Any:
        own = self._own()
        if isinstance(i, slice):
            return ParameterList(own[i])
        if not -len(own) <= i < len(own):
            raise IndexError(f"ParameterList: index is {i}, expected one of its {len(own)} parameters")
        return own[i]

    def __setitem__(self, i: int, value: Any) -> None:
        self[i]  # raises where there is none
        setattr(self, str(i % len(self)), value if isinstance(value, Parameter) else Parameter(value))

    def extra_repr(self) -> str:
        """Return the shapes."""
        return ", ".join(str(p.shape) for p in self)


class ModuleDict(Module):
    """A dictionary of Modules whose weights are found under their keys.

    Parameters
    ----------
    modules : mapping of str to Module, or iterable of pairs
        What stands in the dictionary at first.

    Examples
    --------
    >>> from nnlite import nn
    >>> parts = nn.ModuleDict({"encoder": nn.Linear(4, 2), "decoder": nn.Linear(2, 4)})
    >>> list(parts.state_dict())
    ['encoder.weight', 'encoder.bias', 'decoder.weight', 'decoder.bias']
    """

    def __init__(self, modules: Mapping[str, Module] | Iterable[tuple[str, Module]] = ()) -> None:
        self.update(modules)

    def forward(self, *args: Any) -> Any:
        """Raise: a dictionary has no order of calling."""
        raise NotImplementedError("ModuleDict cannot be called; call its entries")

    def update(self, modules: Mapping[str, Module] | Iterable[tuple[str, Module]]) -> None:
        """Add or replace several Modules."""
        for name, module in modules.items() if isinstance(modules, Mapping) else modules:
            self[name] = module

    def __setitem__(self, name: str, module: Module) -> None:
        if name not in self:
            _check_name(self, "ModuleDict: key", name)
        setattr(self, name, _module(self, name, module))

    def __getitem__(self, name: str) -> Module:
        return dict(self.named_children())[name]

    def __delitem__(self, name: str) -> None:
        delattr(self, name) if name in self else self[name]

    def __contains__(self, name: object) -> bool:
        return name in dict(self.named_children())

    def __len__(self) -> int:
        return sum(1 for _ in self.named_children())

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys())

    def keys(self) -> list[str]:
        """Return the names."""
        return [name for name, _ in self.named_children()]

    def values(self) -> list[Module]:
        """Return the Modules."""
        return [module for _, module in self.named_children()]

    def items(self) -> list[tuple[str, Module]]:
        """Return names and Modules."""
        return list(self.named_children())


def _module(owner: Module, i: Any, module: Any) -> Module:
    if not isinstance(module, Module):
        raise TypeError(
            f"{type(owner).__name__}: item {i} is a {type(module).__name__}, expected a Module (nn.ReLU(), not F.relu)"
        )
    return module


def _add_all(owner: Module, modules: tuple[Any, ...]) -> None:
    start = sum(1 for _ in owner.named_children())
    for i, module in enumerate([_module(owner, i, module) for i, module in enumerate(modules)]):
        setattr(owner, str(start + i), module)
