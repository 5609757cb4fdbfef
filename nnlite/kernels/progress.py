"""A line that says what is being compiled, for as long as it takes longer than a second.

It is written to stderr and wiped away afterwards, and only where someone looks: in a terminal or in a notebook.
"""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Iterator
from typing import Any

from numba.core import event

PATIENCE = 1.0  # seconds

_silent = threading.local()


class _Line(event.Listener):
    """Listens to Numba, which compiles one function at a time, and within it the functions that it calls."""

    def __init__(self) -> None:
        self.depth = 0
        self.width = 0  # of the line that is shown
        self.lock = threading.Lock()
        self.timer: threading.Timer | None = None

    def on_start(self, event: Any) -> None:
        self.depth += 1
        if self.depth == 1 and not getattr(_silent, "on", False) and _someone_looks():
            text = describe(event.data["dispatcher"], event.data["args"])
            self.timer = threading.Timer(PATIENCE, self.show, [text])
            self.timer.daemon = True
            self.timer.start()

    def on_end(self, event: Any) -> None:
        self.depth -= 1
        if self.depth == 0 and self.timer is not None:
            with self.lock:
                self.timer.cancel()
                self.timer = None
                if self.width:
                    self.write("\r" + " " * self.width + "\r")
                    self.width = 0

    def show(self, text: str) -> None:
        with self.lock:
            if self.timer is not None:
                self.width = len(text)
                self.write("\r" + text)

    def write(self, text: str) -> None:
        with contextlib.suppress(OSError, ValueError):  # a stream that is closed meanwhile
            sys.stderr.write(text)
            sys.stderr.flush()


def describe(dispatcher: Any, args: Any) -> str:
    """Return the line, for instance ``nnlite: compiling activations.gelu for float32 (once)``."""
    function = dispatcher.py_func
    name = f"{function.__module__.rsplit('.', 1)[-1]}.{function.__name__.lstrip('_')}"
    dtypes = [str(arg.dtype) for arg in args if hasattr(arg, "dtype") and "float" in str(arg.dtype)]
    return f"nnlite: compiling {name}{' for ' + dtypes[0] if dtypes else ''} (once)"


def _someone_looks() -> bool:
    if sys.stderr is None:
        return False
    in_notebook = "ipykernel" in sys.modules and type(sys.stderr).__module__.startswith("ipykernel")
    with contextlib.suppress(ValueError):
        return in_notebook or sys.stderr.isatty()
    return False


@contextlib.contextmanager
def silence() -> Iterator[None]:
    """Show no line while the block runs: something else, a bar, is shown."""
    before = getattr(_silent, "on", False)
    _silent.on = True
    try:
        yield
    finally:
        _silent.on = before


def listen() -> None:
    """Have Numba tell us what it compiles, from now on."""
    event.register("numba:compile", _Line())
