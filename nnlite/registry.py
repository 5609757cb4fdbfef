"""The functions that can be replaced: one registry, looked up at every call.

An :class:`Entry` stands where the function stood. It knows the formula (the definition, in NumPy), the
compiled twin if there is one, and whether a student's function has been put in its place::

    with nnlite.substitute({"perceptron.loss": mine}) as calls:
        ...                              # every caller in the library now reaches `mine`
    calls["perceptron.loss"]             # how often

A call passes the door first: the contract (``takes=``) checks and converts the arguments. Calls made inside a formula
do not, for what reaches a formula has been checked.

A substituted function switches off its own twin and the twin of every function built from it, for such a twin
would compute the replaced part by itself: a function says so with ``fuses=``.
"""

from __future__ import annotations

import difflib
import functools
import importlib
import threading
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Any

import numpy as np

from nnlite import kernels
from nnlite.contracts import Contract, Kind, Signature, distrusting, run_unchecked, trusted

#: every replaceable function by its name, for instance "perceptron.loss" or "functional.softmax"
REGISTRY: dict[str, Entry] = {}


class Entry:
    """One replaceable function: its formula, its compiled twin, and what stands in its place now.

    Parameters
    ----------
    name : str
        Its name in the registry.
    formula : function
        The definition, on plain arrays.
    takes, also, compiled, fuses
        As :func:`exercise` describes them.
    """

    def __init__(
        self,
        name: str,
        formula: Callable[..., Any],
        *,
        takes: Mapping[str, Kind] | None = None,
        also: Callable[..., Any] | None = None,
        compiled: str | None = None,
        fuses: tuple[str, ...] = (),
    ) -> None:
        if name in REGISTRY:
            raise ValueError(f"registry: {name!r} is registered twice")
        takes = takes or {}
        optional = [argument for argument, kind in takes.items() if kind.missing is not None]
        self.name = name
        self.formula = formula
        self.compiled = compiled
        self.fuses = tuple(part if "." in part else f"functional.{part}" for part in fuses)
        self.signature = Signature(formula, optional)
        self.contract = Contract(self._called(), takes, self.signature, also)
        self._trusted = formula.__module__.startswith("nnlite.")  # one of a user's may call with anything
        self.substitute: Callable[..., Any] | None = None
        self._twin: Callable[..., Any] | None = None
        self._parts: list[Entry] | None = None
        functools.update_wrapper(self, formula)
        REGISTRY[name] = self

    def _called(self) -> str:
        """What messages call it."""
        return self.name

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Check the arguments, then run whatever stands here now."""
        values = self.signature.complete(self.name, args, kwargs)
        return self._run(values if trusted() else self.contract.hold(values))

    def _run(self, values: Sequence[Any]) -> Any:
        """Run the student's function, the twin or the formula on checked, plain arguments."""
        if self.substitute is not None:
            return self.substitute(*values)
        if self.compiled is not None and self.twin_applies(values):
            result = self.twin(*values)
            if result is not NotImplemented:  # a twin may leave rare options to the formula
                return result
        if self._trusted:
            return run_unchecked(self.formula, values)
        return distrusting(self.formula)(*values)

    def twin_applies(self, values: Sequence[Any]) -> bool:
        """Say whether the twin may run: kernels on, nothing it fuses replaced, floats of one dtype it knows."""
        if not kernels.kernels_enabled():
            return False
        for part in self.parts():
            if part.substitute is not None:
                return False
        found = None
        for value in values:
            if isinstance(value, np.ndarray):
                dtype = value.dtype
                if dtype is found or dtype.kind != "f":
                    continue
                if found is None:
                    found = dtype
                elif dtype != found:
                    return False
        return found in _TWIN_DTYPES

    @property
    def twin(self) -> Callable[..., Any]:
        """The compiled twin, imported at the first call."""
        if self._twin is None:
            assert self.compiled is not None
            self._twin = kernels.twin(self.compiled)
        return self._twin

    def parts(self) -> list[Entry]:
        """The functions this one is built from, and theirs."""
        if self._parts is None:
            self._parts = [part for name in self.fuses for part in (REGISTRY[name], *REGISTRY[name].parts())]
        return self._parts

    def __reduce__(self) -> Any:
        """Copied or pickled it is the registered function itself, wherever that is."""
        return _registered, (self.formula.__module__, self.name)

    def __repr__(self) -> str:
        return f"<{self.name}{' (substituted)' if self.substitute else ''}>"


_TWIN_DTYPES = {np.dtype(np.float32), np.dtype(np.float64)}


def exercise(
    name: str,
    *,
    takes: Mapping[str, Kind] | None = None,
    also: Callable[..., Any] | None = None,
    compiled: str | None = None,
    fuses: tuple[str, ...] = (),
) -> Callable[[Callable[..., Any]], Entry]:
    """Make a plain function replaceable under `name`, for instance ``"perceptron.loss"``.

    Parameters
    ----------
    name : str
        Its name in the registry.
    takes : mapping of str to Kind
        The contract: for each argument what it may be, in the order of checking (see :mod:`nnlite.contracts`). The
        formula, the twin or a student's function are called with checked and converted arguments.
    also : function, optional
        What the arguments must hold together, where shapes cannot say it: called with all of them, it raises.
    compiled : str, optional
        The twin in ``kernels/``.
    fuses : tuple of str
        The registered functions that the twin computes by itself.

    Examples
    --------
    >>> from nnlite.contracts import floats
    >>> from nnlite.registry import exercise
    >>> @exercise("example.total", takes=dict(x=floats("N")))
    ... def total(x):
    ...     return float(x.sum())
    >>> total([1, 2, 3])
    6.0
    """
    return lambda formula: Entry(name, formula, takes=takes, also=also, compiled=compiled, fuses=fuses)


def _registered(module: str, name: str) -> Entry:
    """The function called `name`, which `module` registers."""
    if name not in REGISTRY:
        importlib.import_module(module)
    return find(name)


def find(name: str) -> Entry:
    """Return the entry called `name`, or raise a ``KeyError`` that names the nearest one."""
    if name in REGISTRY:
        return REGISTRY[name]
    near = difflib.get_close_matches(str(name), REGISTRY, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    raise KeyError(f"no function is registered as {name!r}{hint}")


class substitute:
    """Put other functions in the place of the library's, for every caller, while the block runs.

    Parameters
    ----------
    functions
        Replacements by the name of what they replace. A differentiable function is replaced by one on plain
        arrays that returns ``(y, vjp)``.

    Raises
    ------
    KeyError
        If a name is not registered.
    TypeError
        If a replacement cannot be called.

    Examples
    --------
    >>> import numpy as np, nnlite
    >>> from nnlite.models import perceptron
    >>> X, y, w = np.ones((1, 2)), np.array([1]), np.zeros(2)
    >>> with nnlite.substitute({"perceptron.loss": lambda w, X, y: 42.0}) as calls:
    ...     perceptron.loss(w, X, y)
    42.0
    >>> calls["perceptron.loss"]
    1
    """

    def __init__(self, functions: Mapping[str, Callable[..., Any]]) -> None:
        if not isinstance(functions, Mapping):
            raise TypeError(f"substitute: functions is a {type(functions).__name__}, expected a mapping of names")
        self._functions = {}
        for name, function in functions.items():
            find(name)
            if not callable(function):
                raise TypeError(f"substitute: {name!r} is replaced by {function!r}, expected a function")
            self._functions[name] = function
        self.calls = dict.fromkeys(self._functions, 0)
        self._before: dict[str, Callable[..., Any] | None] = {}

    def __enter__(self) -> dict[str, int]:
        for name, function in self._functions.items():
            self._before[name] = REGISTRY[name].substitute
            REGISTRY[name].substitute = self._counting(name, function)
        return self.calls

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for name, function in self._before.items():
            REGISTRY[name].substitute = function

    def _counting(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        inside = threading.local()

        function = distrusting(function)

        @functools.wraps(function)
        def counted(*args: Any, **kwargs: Any) -> Any:
            if getattr(inside, "now", False):  # a replacement that calls what it replaces reaches the original
                return REGISTRY[name].formula(*args, **kwargs)
            self.calls[name] += 1
            inside.now = True
            try:
                return function(*args, **kwargs)
            finally:
                inside.now = False

        return counted
