"""All kernels compiled ahead of time, and the line that says what is being compiled."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import time
import types
from pathlib import Path
from typing import Any

import pytest

import nnlite
from nnlite.cli import main

pytest.importorskip("numba")
if not nnlite.kernels_enabled():
    pytest.skip("kernels are switched off", allow_module_level=True)

import signatures

from nnlite.kernels import progress, warmup


def test_the_table_is_what_the_twins_ask_for() -> None:
    """In a process of its own, for other tests call kernels in other ways."""
    done = subprocess.run(
        [sys.executable, "-c", "import signatures; print(*signatures.collect(), sep='\\n')"],
        cwd=Path(signatures.__file__).parent,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == warmup.TABLE.read_text().splitlines(), "run `python tests/signatures.py`"


def test_every_kernel_is_in_the_table() -> None:
    kernels = warmup.all_kernels()
    named = {name for name, _ in warmup.read()}
    helpers = signatures.called_by_kernels(kernels)
    ours = {name for name, k in kernels.items() if k.py_func.__module__.startswith("nnlite.kernels")}
    assert ours - {n for n, k in kernels.items() if k.py_func in helpers} == named & ours
    assert named <= kernels.keys()


def test_the_command_compiles_all(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["warmup"]) == 0
    captured = capsys.readouterr()
    assert captured.out.startswith(f"{len(warmup.read())} kernels are ready")
    assert "compiling" in captured.err
    assert all(k.signatures for name, k in warmup.all_kernels().items() if name in dict(warmup.read()))


def test_without_kernels_there_is_nothing_to_compile(capsys: pytest.CaptureFixture[str]) -> None:
    with nnlite.use_kernels(False):
        with pytest.raises(RuntimeError, match="warmup: kernels are switched off"):
            warmup.warmup(verbose=False)
        assert main(["warmup"]) == 2
    assert "nothing to compile" in capsys.readouterr().err


def test_a_sloppy_array_is_no_signature() -> None:
    from numba import types

    assert warmup.code(types.Array(types.float32, 2, "C"), "float32") == "f[2]"
    assert warmup.code(types.Array(types.float64, 2, "C"), "float32") == "float64[2]"
    for sloppy in (types.Array(types.float32, 1, "A"), types.Array(types.float32, 1, "C", readonly=True)):
        with pytest.raises(TypeError, match="expected a writable array in C order"):
            warmup.code(sloppy, "float32")


# The line


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Asked:
    """What Numba tells when it begins to compile."""

    def __init__(self) -> None:
        import numba

        def _gelu(x: Any) -> None: ...

        _gelu.__module__ = "nnlite.kernels.activations"
        dispatcher = type("Dispatcher", (), {"py_func": staticmethod(_gelu)})()
        self.data = {"dispatcher": dispatcher, "args": (numba.types.Array(numba.float32, 1, "C"),)}


@pytest.mark.parametrize("seconds", [0.0, 0.3])
def test_a_line_is_shown_when_it_takes_long_and_wiped_away(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    monkeypatch.setattr(sys, "stderr", stream := Terminal())
    monkeypatch.setattr(progress, "PATIENCE", 0.1)
    line, asked = progress._Line(), Asked()
    line.on_start(asked)
    line.on_start(asked)  # a function that it calls
    line.on_end(asked)
    time.sleep(seconds)
    line.on_end(asked)
    time.sleep(0.15)
    text = "nnlite: compiling activations.gelu for float32 (once)"
    assert stream.getvalue() == (f"\r{text}\r{' ' * len(text)}\r" if seconds else "")


def test_a_notebook_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its output is no terminal, and yet somebody waits before it."""
    monkeypatch.setitem(sys.modules, "ipykernel", types.ModuleType("ipykernel"))
    notebook = type("OutStream", (io.StringIO,), {"__module__": "ipykernel.iostream"})
    for stream, looks in [(notebook(), True), (io.StringIO(), False)]:
        monkeypatch.setattr(sys, "stderr", stream)
        assert progress._someone_looks() == looks


@pytest.mark.parametrize("stream", [io.StringIO(), None])
def test_nothing_is_shown_where_nobody_looks(monkeypatch: pytest.MonkeyPatch, stream: Any) -> None:
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setattr(progress, "PATIENCE", 0.01)
    line, asked = progress._Line(), Asked()
    line.on_start(asked)
    time.sleep(0.05)
    line.on_end(asked)
    assert stream is None or not stream.getvalue()


LOOK = """
import sys
class Terminal:
    text = ""
    def isatty(self): return True
    def flush(self): pass
    def write(self, text): Terminal.text += text
sys.stderr = Terminal()
import nnlite.kernels
from nnlite.kernels.activations import gelu
from nnlite.kernels import progress
progress.PATIENCE = 0.05
import numpy as np
gelu(np.ones(3, np.float32))
print(repr(Terminal.text))
"""


def test_numba_tells_us(tmp_path: Path) -> None:
    """A twin called for the first time in a new process with an empty cache."""
    done = subprocess.run(
        [sys.executable, "-c", LOOK],
        capture_output=True,
        text=True,
        timeout=300,
        env={**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)},
    )
    text = "nnlite: compiling activations.gelu for float32 (once)"
    assert done.stdout.strip() == repr(f"\r{text}\r{' ' * len(text)}\r"), done.stderr
