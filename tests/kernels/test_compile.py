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
    before = sorted(sources.rglob("*.nbc"))
    assert run(NUMBA_CACHE_DIR=str(tmp_path)) == ["0", "1"]
    assert run(NUMBA_CACHE_DIR=str(tmp_path)) == ["1", "0"]
    assert sorted(sources.rglob("*.nbc")) == before


def test_a_cache_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    """A file stands where the folder should be: the next folder is taken."""
    (tmp_path / "file").write_text("")
    assert run(NUMBA_CACHE_DIR=str(tmp_path / "file"), XDG_CACHE_HOME=str(tmp_path / "cache")) == ["0", "1"]
    assert list((tmp_path / "cache").rglob("*.nbc"))


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


owned = pytest.mark.skipif(not hasattr(os, "getuid"), reason="folders have owners")


@owned
@pytest.mark.parametrize("mode", [0o777, 0o775, 0o757])
@pytest.mark.parametrize("depth", [0, 1, 2], ids=["the folder", "its parent", "its grandparent"])
def test_a_folder_that_others_can_write_anywhere_above_is_not_trusted(tmp_path: Path, mode: int, depth: int) -> None:
    (folder := tmp_path / "a" / "b" / "c").mkdir(parents=True, mode=0o700)
    for part in (tmp_path / "a", tmp_path / "a" / "b", folder):
        part.chmod(0o755)
    assert compiling._is_safe(folder)
    [folder, *folder.parents][depth].chmod(mode)
    assert not compiling._is_safe(folder)


@owned
def test_a_sticky_folder_for_all_is_trusted_above_ours_but_not_as_ours(tmp_path: Path) -> None:
    """As /tmp: others may put files there, but not move or replace what is ours."""
    (ours := tmp_path / "tmp" / "ours").mkdir(parents=True, mode=0o700)
    (tmp_path / "tmp").chmod(0o1777)
    assert compiling._is_safe(ours)
    assert not compiling._is_safe(tmp_path / "tmp")


@owned
@pytest.mark.skipif(hasattr(os, "getuid") and os.getuid() != 0, reason="only root can give a folder away")
def test_a_folder_of_somebody_else_is_not_trusted(tmp_path: Path) -> None:
    (ours := tmp_path / "theirs" / "ours").mkdir(parents=True, mode=0o700)
    assert compiling._is_safe(ours)
    os.chown(tmp_path / "theirs", 12345, 12345)
    assert not compiling._is_safe(ours)
    (tmp_path / "theirs").chmod(0o1777)  # a sticky folder lets its owner move everything
    assert not compiling._is_safe(ours)
    os.chown(tmp_path / "theirs", 0, 0)
    os.chown(ours, 12345, 12345)
    assert not compiling._is_safe(ours)


@owned
def test_machine_code_that_others_could_have_planted_is_not_run(tmp_path: Path) -> None:
    """The fingerprint's folder exists already and everybody may write beside it: the next folder is taken."""
    (tmp_path / "a" / "nnlite" / compiling._cache_folders()[0].name).mkdir(parents=True)
    (tmp_path / "a").chmod(0o777)
    assert run(NUMBA_CACHE_DIR=str(tmp_path / "a"), XDG_CACHE_HOME=str(tmp_path / "b")) == ["0", "1"]
    assert list((tmp_path / "b").rglob("*.nbc"))
    assert not list((tmp_path / "a").rglob("*.nbc"))


@owned
def test_what_is_kept_is_ours_alone_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        assert run(NUMBA_CACHE_DIR=str(tmp_path / "x")) == ["0", "1"]
        assert run(NUMBA_CACHE_DIR=str(tmp_path / "x")) == ["1", "0"]
    finally:
        os.umask(before)
    for path in (tmp_path / "x").rglob("*"):
        assert not path.stat().st_mode & 0o077


def kept(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.nbc"))


@pytest.mark.parametrize(
    "damage",
    [
        "flipped",
        *(pytest.param(d, marks=pytest.mark.full) for d in ("cut", "folder")),
        *(pytest.param(d, marks=pytest.mark.slow) for d in ("empty", "text")),
    ],
)
def test_a_damaged_file_is_compiled_anew(tmp_path: Path, damage: str) -> None:
    """And is whole again for the process after."""
    assert run(NUMBA_CACHE_DIR=str(tmp_path)) == ["0", "1"]
    for path in kept(tmp_path):
        whole = bytearray(path.read_bytes())
        if damage == "flipped":
            whole[len(whole) // 2] ^= 1
        content = {"empty": b"", "cut": whole[: len(whole) // 2], "flipped": whole, "text": b"a shopping list"}
        if damage == "folder":
            path.unlink()
            path.mkdir()
        else:
            path.write_bytes(content[damage])
    assert run(NUMBA_CACHE_DIR=str(tmp_path)) == ["0", "1"]
    assert run(NUMBA_CACHE_DIR=str(tmp_path)) == (["0", "1"] if damage == "folder" else ["1", "0"])


def test_no_changed_bit_is_loaded(tmp_path: Path, scratch: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiling, "_cache_folder", lambda: tmp_path)

    @kernel
    def double(x):  # type: ignore[no-untyped-def]
        return x + x

    assert double(2.0) == 4.0
    (path,) = kept(tmp_path)
    whole = path.read_bytes()
    cache = double._cache
    (signature,) = double.signatures
    key = cache._index_key(signature, double.targetctx.codegen())
    assert cache._cache_file.load(key) is not None
    dice = np.random.default_rng(0)
    for trial in range(300):
        damaged = bytearray(whole)
        start = int(dice.integers(len(whole)))
        if trial % 3 == 0:
            damaged[start] ^= 1 << int(dice.integers(8))
        elif trial % 3 == 1:
            damaged[start : start + 64] = bytes(len(damaged[start : start + 64]))
        else:
            del damaged[start:]
        path.write_bytes(damaged)
        path.chmod(0o600)
        assert (cache._cache_file.load(key) is None) == (damaged != whole)
        assert path.exists() == (damaged == whole)
    path.write_bytes(whole)
    path.chmod(0o644)
    assert cache._cache_file.load(key) is not None
    path.chmod(0o664)
    assert cache._cache_file.load(key) is None


def test_the_file_of_another_signature_is_not_loaded(
    tmp_path: Path, scratch: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compiling, "_cache_folder", lambda: tmp_path)

    @kernel
    def double(x):  # type: ignore[no-untyped-def]
        return x + x

    assert (double(2.0), double(2)) == (4.0, 4)
    first, second = kept(tmp_path)
    first.write_bytes(second.read_bytes())
    codegen, files = double.targetctx.codegen(), double._cache._cache_file
    loaded = [files.load(double._cache._index_key(signature, codegen)) for signature in double.signatures]
    assert sorted(found is None for found in loaded) == [False, True]


def test_numba_may_be_forbidden_to_compile() -> None:
    """``NUMBA_DISABLE_JIT=1`` in the environment: the formulas run, and a kernel that is called is a Python loop."""
    code = (
        "import numpy as np, nnlite\nfrom nnlite import functional as F\n"
        "x = nnlite.Tensor(np.ones((2, 3), np.float32), requires_grad=True)\n"
        "F.softmax(x).sum().backward()\n"
        "from nnlite.kernels.warmup import all_kernels\n"
        "print(nnlite.kernels_enabled(), len(all_kernels()))\n"
        "from nnlite.kernels.compile import kernel\nprint(kernel(lambda x: x + x)(2.0), nnlite.use_kernels(True))\n"
    )
    env = {**os.environ, "NUMBA_DISABLE_JIT": "1"}
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, env=env)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "False 0\n4.0 kernels are off\n"


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
