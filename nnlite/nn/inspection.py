"""Looking inside a network: the output of each module, and a table of its modules.

:func:`watch` hangs a hook on every module while a block runs; :func:`summary` runs the network once and lists what
came by.
"""

from __future__ import annotations

import difflib
import html
from collections.abc import Iterable
from types import TracebackType
from typing import Any

import numpy as np

from nnlite.nn.module import Hook, Module, Parameter
from nnlite.tensor import Tensor, no_grad


class Activations(dict[str, Any]):
    """The output of each module, as plain arrays by dotted name; the whole network's name is ``""``."""

    def __repr__(self) -> str:
        rows: list[tuple[str, ...]] = [("name", "shape", "mean", "std", "zeros")]
        for name, value in self.items():
            for array in _arrays(value):
                if not array.size:
                    rows.append((name or "(all)", _shapes(array), "", "", ""))
                    continue
                zeros = np.mean(array == 0)
                rows.append(
                    (name or "(all)", _shapes(array), f"{array.mean():.3g}", f"{array.std():.3g}", f"{zeros:.0%}")
                )
        return _text(rows, "ll")

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(repr(self))}</pre>"


class watch:
    """Keep the output of each module of a network while the block runs.

    Parameters
    ----------
    model : Module
        The network.
    names : iterable of str, optional
        The dotted names of the modules to watch; all by default.

    Returns
    -------
    Activations
        A dictionary from dotted names to arrays (a tuple of arrays where a module returns several), in the order in
        which the modules finished. One that runs twice is there with its last output.

    Raises
    ------
    TypeError
        If `model` is no Module.
    KeyError
        If no module has one of the names.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite import nn
    >>> model = nn.Sequential(nn.Linear(2, 3, rng=0), nn.ReLU())
    >>> with nn.watch(model) as activations:
    ...     y = model(np.ones((4, 2)))
    >>> {name: a.shape for name, a in activations.items()}
    {'0': (4, 3), '1': (4, 3), '': (4, 3)}
    """

    def __init__(self, model: Module, names: Iterable[str] | None = None) -> None:
        _check_module("watch", model)
        parts = dict(model.named_modules())
        if isinstance(names, str):
            raise TypeError(f"watch: names is the word {names!r}, expected several, such as [{names!r}]")
        self._parts = parts if names is None else {}
        for name in names or ():
            if name not in parts:
                near = difflib.get_close_matches(str(name), parts, n=1)
                raise KeyError(f"watch: there is no part {name!r}" + (f"; did you mean {near[0]!r}?" if near else ""))
            self._parts[name] = parts[name]
        self._hooks: list[Hook] = []

    def __enter__(self) -> Activations:
        activations = Activations()

        def keep(name: str) -> Any:
            def hook(module: Module, args: Any, output: Any) -> None:
                activations.pop(name, None)
                activations[name] = _plain(output)

            return hook

        self._hooks = [part.register_forward_hook(keep(name)) for name, part in self._parts.items()]
        return activations

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for hook in self._hooks:
            hook.remove()


class Summary:
    """The table that :func:`summary` returns.

    Parameters
    ----------
    rows : list of tuple
        For each module its name, type, output shape and the number of its own parameters.
    total, trainable : int
        The number of all parameters, and of those that want a gradient.
    """

    def __init__(self, rows: list[tuple[str, str, str, int]], total: int, trainable: int) -> None:
        self.rows = rows
        self.total = total
        self.trainable = trainable

    def _cells(self) -> list[tuple[str, ...]]:
        head = ("name", "type", "output shape", "parameters")
        return [head, *((name, kind, shape, f"{n:,}" if n else "") for name, kind, shape, n in self.rows)]

    def _total(self) -> str:
        frozen = self.total - self.trainable
        return f"{self.total:,} parameters" + (f", {frozen:,} of them frozen" if frozen else "")

    def __repr__(self) -> str:
        return _text(self._cells(), "lll") + f"\n{self._total()}"

    def _repr_html_(self) -> str:
        head, *rows = self._cells()
        sides = ["left", "left", "left", "right"]

        def line(cells: tuple[str, ...], tag: str) -> str:
            words = (html.escape(c).replace("  ", "&nbsp;&nbsp;") for c in cells)
            return (
                "<tr>" + "".join(f'<{tag} style="text-align:{s}">{w}</{tag}>' for s, w in zip(sides, words)) + "</tr>"
            )

        body = "".join(line(row, "td") for row in rows)
        return f"<table><thead>{line(head, 'th')}</thead><tbody>{body}</tbody></table><p>{self._total()}</p>"


def summary(model: Module, *inputs: Any) -> Summary:
    """Run a network once, in evaluation mode, and list its modules.

    Parameters
    ----------
    model : Module
        The network; it is left as it was.
    inputs
        What the model is called with.

    Returns
    -------
    Summary
        A table with the name, type and output shape of each module and the number of its own parameters (those of the
        modules inside it stand in their own rows, and a shared weight in the first).

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite import nn
    >>> nn.summary(nn.Sequential(nn.Linear(2, 3), nn.ReLU()), np.ones((4, 2)))
    name  type        output shape  parameters
          Sequential  (4, 3)
    0       Linear    (4, 3)                 9
    1       ReLU      (4, 3)
    9 parameters
    """
    _check_module("summary", model)
    if not inputs:
        raise TypeError("summary: inputs are missing, expected what the model is called with")
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        with no_grad(), watch(model) as activations:
            model(*inputs)
    finally:
        for module, training in modes:
            module.training = training
    rows: list[tuple[str, str, str, int]] = []
    seen: set[int] = set()
    for name, module in model.named_modules():
        own = {id(p): p.numel() for p in vars(module).values() if isinstance(p, Parameter) and id(p) not in seen}
        seen.update(own)
        depth = name.count(".") + 1 if name else 0
        shape = _shapes(activations[name]) if name in activations else ""
        rows.append((name, "  " * depth + type(module).__name__, shape, sum(own.values())))
    parameters = list(model.parameters())
    trainable = sum(p.numel() for p in parameters if p.requires_grad)
    return Summary(rows, sum(p.numel() for p in parameters), trainable)


def _check_module(name: str, model: Any) -> None:
    if not isinstance(model, Module):
        raise TypeError(f"{name}: model is a {type(model).__name__}, expected a Module")


def _plain(value: Any) -> Any:
    if isinstance(value, Tensor):
        return value.data
    if isinstance(value, tuple | list):
        return tuple(_plain(v) for v in value)
    return value


def _arrays(value: Any) -> list[Any]:
    if isinstance(value, tuple):
        return [a for v in value for a in _arrays(v)]
    return [value] if isinstance(value, np.ndarray) else []


def _shapes(value: Any) -> str:
    return ", ".join(str(a.shape) for a in _arrays(value))


def _text(rows: list[tuple[str, ...]], left: str) -> str:
    """Columns of equal width; the first ``len(left)`` are set flush left, the others flush right."""
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = [c.ljust(w) if k < len(left) else c.rjust(w) for k, (c, w) in enumerate(zip(row, widths))]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)
