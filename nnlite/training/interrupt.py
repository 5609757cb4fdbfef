"""Ctrl-C between two steps, never in the middle of one."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from typing import Any


class DeferInterrupt:
    """While a ``with`` block of this object runs, Ctrl-C waits for its end; outside it comes at once, as always.

    Only the main thread receives Ctrl-C, and a program that handles it by itself is left alone.

    Examples
    --------
    >>> from nnlite.training.interrupt import DeferInterrupt
    >>> whole = DeferInterrupt()
    >>> with whole.installed():
    ...     with whole:
    ...         done = "a step that Ctrl-C cannot cut in two"
    """

    def __init__(self) -> None:
        self._depth = 0
        self._waiting = False

    @contextlib.contextmanager
    def installed(self) -> Iterator[None]:
        """Handle Ctrl-C while the block runs."""
        ours = (
            threading.current_thread() is threading.main_thread()
            and signal.getsignal(signal.SIGINT) is signal.default_int_handler
        )
        if not ours:
            yield
            return
        signal.signal(signal.SIGINT, self._handle)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, signal.default_int_handler)

    def _handle(self, number: int, frame: Any) -> None:
        if not self._depth:
            raise KeyboardInterrupt
        self._waiting = True

    def __enter__(self) -> None:
        self._depth += 1

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        self._depth -= 1
        if self._waiting and not self._depth and kind is None:
            self._waiting = False
            raise KeyboardInterrupt
