"""Calling a function that may never return, print without end, or end the program.

The call runs in a thread of its own. When its time is up, an exception is raised inside that thread, which ends any
loop written in Python, on every operating system. Compiled code (one giant NumPy call, a sleep) cannot be reached so:
then the thread is left behind and the caller goes on. Nobody answers the questions it asks with ``input()``, and
afterwards the current folder is what it was.
"""

from __future__ import annotations

import contextlib
import contextvars
import ctypes
import io
import os
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any


class TimedOut(BaseException):
    """The time is up. Not an Exception, so that no search for a smaller counterexample begins."""

    def __init__(self, seconds: float, stopped: bool) -> None:
        super().__init__(f"stopped after {seconds:g} s")
        self.seconds = seconds
        self.stopped = stopped  # False: the thread could not be ended and still runs


class _Interrupt(SystemExit):
    """Raised inside the thread; a SystemExit, because threads end on that without a word."""


class Printed(io.TextIOBase):
    """What a function printed: its first characters and how many there were."""

    keep = 1000

    def __init__(self) -> None:
        self.text = ""
        self.size = 0

    def write(self, text: str) -> int:
        """Count `text`, and keep it while there is room."""
        self.size += len(text)
        if len(self.text) < self.keep:
            self.text += text[: self.keep - len(self.text)]
        return len(text)


class _Nobody(io.TextIOBase):
    """What stands in the place of the keyboard."""

    def readline(self, *size: Any) -> str:  # type: ignore[override]
        raise EOFError("nobody can answer here: take the values from the arguments, not from input()")

    read = readline


@contextlib.contextmanager
def _apart(printed: Printed) -> Iterator[None]:
    """Keep what is printed, answer no question, and come back to the current folder."""
    keyboard, folder = sys.stdin, None
    with contextlib.suppress(OSError):
        folder = os.getcwd()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        sys.stdin = _Nobody()
        try:
            yield
        finally:
            sys.stdin = keyboard
            if folder is not None:
                with contextlib.suppress(OSError):
                    os.chdir(folder)


def call(
    function: Callable[..., Any], args: tuple[Any, ...], seconds: float, printed: Printed
) -> tuple[Any, BaseException | None]:
    """Return ``(function(*args), None)``, or ``(None, error)`` if it raised.

    Raises
    ------
    TimedOut
        After `seconds`.
    """
    result: list[Any] = []
    error: list[BaseException] = []

    def run() -> None:
        try:
            result.append(function(*args))
        except BaseException as raised:
            error.append(raised)

    context = contextvars.copy_context()
    thread = threading.Thread(target=context.run, args=(run,), daemon=True)
    with _apart(printed):
        try:
            thread.start()
        except RuntimeError:  # a browser has no threads: there nothing can be stopped
            run()
        try:
            if thread.ident is not None:
                thread.join(min(max(seconds, 0.0), threading.TIMEOUT_MAX))
            if thread.is_alive():
                raise TimedOut(seconds, stopped=_interrupt(thread))
        except KeyboardInterrupt:
            _interrupt(thread)
            raise
    return (None, error[0]) if error else (result[0], None)


def _interrupt(thread: threading.Thread) -> bool:
    """Raise in `thread` until it ends; say whether it did. Code that catches everything is asked again."""
    for _ in range(20):
        if not thread.is_alive():
            return True
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident or 0), ctypes.py_object(_Interrupt))
        thread.join(0.05)
    return not thread.is_alive()
