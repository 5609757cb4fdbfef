"""How kernels are compiled: layouts made equal, NaN kept, machine code kept on disk."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("numba")
from nnlite.kernels import compile as compiling
from nnlite.kernels.compile import KERNELS, contiguous, kernel


@pytest.fixture
def scratch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget the kernels that the test makes."""
    monkeypatch.setattr(compiling, "KERNELS", dict(KERNELS))


def test_contiguous_copies_only_what_needs_it() -> None:
    a = np.arange(6.0).reshape(2, 3)
    assert contiguous(a) is a
    frozen = a.copy()
    frozen.flags.writeable = False
    for odd in (a.T, a[:, ::2], a[::-1], np.broadcast_to(a[0], (4, 3)), frozen):
        made = contiguous(odd)
        assert made.flags.c_contiguous
        assert made.flags.writeable
        assert not np.shares_memory(made, odd)
        np.testing.assert_array_equal(made, odd)
    assert contiguous(a, np.float32).dtype == np.float32


def test_fast_math_keeps_nan_and_infinity(scratch: None) -> None:
    """The flags that let the compiler forget NaN would make `x == x` always true."""

    @kernel
    def is_a_number(x, y):  # type: ignore[no-untyped-def]
        for i in range(x.size):
            y[i] = 1.0 if x[i] == x[i] and x[i] - x[i] == 0 else 0.0

    y = np.empty(3)
    is_a_number(np.array([1.0, np.nan, np.inf]), y)
    np.testing.assert_array_equal(y, [1, 0, 0])


def test_division_by_zero_is_infinity(scratch: None) -> None:
    """As in NumPy: Python's exception would keep the compiler from using vector instructions."""

    @kernel
    def reciprocal(x, y):  # type: ignore[no-untyped-def]
        for i in range(x.size):
            y[i] = 1.0 / x[i]

    y = np.empty(2)
    reciprocal(np.array([0.0, 2.0]), y)
    np.testing.assert_array_equal(y, [np.inf, 0.5])


def test_exact_forbids_another_order_of_a_sum(scratch: None) -> None:
    @kernel(exact=True)
    def total(x):  # type: ignore[no-untyped-def]
        s = 0.0
        for i in range(x.size):
            s += x[i]
        return s

    x = np.random.default_rng(0).standard_normal(1001) * 10.0 ** np.random.default_rng(1).integers(-8, 8, 1001)
    wanted = 0.0
    for v in x:
        wanted += v
    assert total(x) == wanted


CODE = """
import numpy as np, nnlite
from nnlite import functional as F
F.silu(np.ones((2, 3), np.float32))
from nnlite.kernels.activations import _silu
print(sum(_silu.stats.cache_hits.values()), sum(_silu.stats.cache_misses.values()))
"""


def run(**environment: str) -> list[str]:
    env = {k: v for k, v in os.environ.items() if k not in {"NUMBA_CACHE_DIR", "NNLITE_KERNELS"}} | environment
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, env=env, timeout=300)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_machine_code_is_kept_on_disk(tmp_path: Path) -> None:
    """The first process compiles, the second finds the code; nothing is written beside the sources."""
    sources = Path(compiling.__file__).parent
    before = sorted(sources.rglob("*.nbi"))
    assert run(NUMBA_CACHE_DIR=str(tmp_path)) == ["0", "1"]
    assert run(NUMBA_CACHE_DIR=str(tmp_path)) == ["1", "0"]
    assert sorted(sources.rglob("*.nbi")) == before


def test_a_cache_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    """A file stands where the folder should be: the next folder is taken."""
    (tmp_path / "file").write_text("")
    assert run(NUMBA_CACHE_DIR=str(tmp_path / "file"), XDG_CACHE_HOME=str(tmp_path / "cache")) == ["0", "1"]
    assert list((tmp_path / "cache").rglob("*.nbi"))


def test_no_cache_at_all_is_no_error(tmp_path: Path) -> None:
    """A file stands where every folder should be, the temporary one too: compiled anew, silently."""
    (tmp_path / "file").write_text("")
    below = str(tmp_path / "file" / "folder")
    code = (
        "import sys, tempfile; tempfile.tempdir = sys.argv[1]\nimport warnings; warnings.simplefilter('error')\n" + CODE
    )
    env = {k: v for k, v in os.environ.items() if k != "NNLITE_KERNELS"}
    env |= dict.fromkeys(("NUMBA_CACHE_DIR", "XDG_CACHE_HOME", "HOME", "LOCALAPPDATA"), below)
    done = subprocess.run([sys.executable, "-c", code, below], capture_output=True, text=True, env=env, timeout=300)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.split() == ["0", "1"]


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="folders have owners")
def test_machine_code_that_others_could_have_planted_is_not_run(tmp_path: Path) -> None:
    """The fingerprint's folder exists already and everybody may write into it: the next folder is taken."""
    (open_to_all := tmp_path / "a" / "nnlite" / compiling._cache_folders()[0].name).mkdir(parents=True)
    open_to_all.chmod(0o777)
    assert run(NUMBA_CACHE_DIR=str(tmp_path / "a"), XDG_CACHE_HOME=str(tmp_path / "b")) == ["0", "1"]
    assert list((tmp_path / "b").rglob("*.nbi"))
    assert not list((tmp_path / "a").rglob("*.nbi"))


def test_a_cache_that_breaks_later_is_no_error(tmp_path: Path, scratch: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk is full, or a file is damaged: compile, and go on."""
    monkeypatch.setattr(compiling, "_cache_folder", lambda: tmp_path)

    @kernel
    def double(x):  # type: ignore[no-untyped-def]
        return x + x

    def fails(*args: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(double._cache._cache_file, "save", fails)
    monkeypatch.setattr(double._cache._cache_file, "load", fails)
    assert double(2.0) == 4.0


def test_the_cache_folder_names_the_version_and_the_sources() -> None:
    import nnlite

    for folder in compiling._cache_folders():
        assert folder.name.startswith(nnlite.__version__)
        assert folder.name.endswith(compiling._fingerprint())
