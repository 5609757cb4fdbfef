"""How a kernel is compiled: plain Numba, cached on disk under nnlite's version, one signature per dtype.

``@kernel`` marks a loop over C-contiguous, writable arrays and scalars. It is compiled when first called, and
a twin makes sure (with :func:`contiguous`) that the layouts it is called with are always the same, so that
float32 costs one compilation and float64 a second, never more.

``error_model="numpy"`` is needed for vectorisation. The fast-math flags are those that keep NaN and infinity;
``exact=True`` forbids them all (no re-association, no fused multiply-add), where the formula's very bits are wanted.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba
import numpy as np

from nnlite.arguments import Array
from nnlite.kernels import progress, threads
from nnlite.version import __version__

progress.listen()

#: every kernel by its full name, for counting signatures and compiling ahead of time
KERNELS: dict[str, Any] = {}


def kernel(function: Callable[..., Any] | None = None, *, exact: bool = False, parallel: bool = False) -> Any:
    """Compile `function` with Numba at its first call, and keep the machine code on disk.

    Several Python threads may call kernels at once: Numba compiles under a lock, and a kernel releases the
    interpreter. One with ``parallel=True`` runs one at a time; it can be called from Python only, not by a kernel.
    """
    if function is None:
        return lambda f: kernel(f, exact=exact, parallel=parallel)
    flags = set() if exact else {"reassoc", "contract", "nsz", "arcp"}
    dispatcher: Any = numba.njit(error_model="numpy", fastmath=flags, parallel=parallel, nogil=True)(function)
    _cache_on_disk(dispatcher)
    if parallel:
        dispatcher = _Parallel(dispatcher)
    KERNELS[f"{function.__module__.rsplit('.', 1)[-1]}.{function.__name__}"] = dispatcher
    return dispatcher


class _Parallel:
    """A kernel whose loops are divided among threads: on no more than allowed, and never two such kernels at once."""

    def __init__(self, dispatcher: Any) -> None:
        self._dispatcher = dispatcher

    def __call__(self, *args: Any) -> Any:
        with threads.parallel_lock:
            most = numba.config.NUMBA_NUM_THREADS  # type: ignore[attr-defined]
            numba.set_num_threads(min(threads.cap() or most, most))
            return self._dispatcher(*args)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._dispatcher, name)


def contiguous(array: Array, dtype: Any = None) -> Array:
    """Return `array` itself if it is C-contiguous, writable and of `dtype`, else a copy that is.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite.kernels.compile import contiguous
    >>> contiguous(np.ones((2, 3)).T).flags.c_contiguous
    True
    """
    flags = array.flags
    if flags.c_contiguous and flags.writeable and flags.aligned and (dtype is None or array.dtype == dtype):
        return array
    return np.array(array, dtype=dtype, order="C")


def _cache_on_disk(dispatcher: Any) -> None:
    """Keep the machine code in our own folder; Numba, left to itself, would write beside the sources."""
    folder = _cache_folder()
    if folder is None:
        return
    config: Any = numba.config
    with _config_lock:  # two threads may import two files of kernels at once
        before = config.CACHE_DIR
        try:
            config.CACHE_DIR = str(folder)
            dispatcher.enable_caching()
        finally:
            config.CACHE_DIR = before
    cache = dispatcher._cache
    # A full disk, a folder that vanished, a damaged file: compile, and go on.
    cache.load_overload = _forgiving(cache.load_overload, Exception)
    cache.save_overload = _forgiving(cache.save_overload, OSError)


_config_lock = threading.Lock()


def _forgiving(function: Callable[..., Any], errors: type[Exception]) -> Callable[..., Any]:
    def call(*args: Any) -> Any:
        with contextlib.suppress(errors):
            return function(*args)
        return None

    return call


@functools.cache
def _cache_folder() -> Path | None:
    """The first folder that can be written; without one kernels are compiled in every process."""
    for folder in _cache_folders():
        with contextlib.suppress(OSError):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not _only_ours(folder):
                continue
            with tempfile.TemporaryFile(dir=folder):
                return folder
    return None


def _only_ours(folder: Path) -> bool:
    """Machine code is run as it is found, so nobody else may be able to put some there."""
    if not hasattr(os, "getuid"):
        return True
    status = folder.stat()
    return status.st_uid == os.getuid() and not status.st_mode & 0o002


def _cache_folders() -> list[Path]:
    """The user's cache folder, then a temporary one; NUMBA_CACHE_DIR, if set, comes before both."""
    name = f"{__version__}-{_fingerprint()}"
    folders = [Path(tempfile.gettempdir()) / f"nnlite-{os.environ.get('USER', 'user')}" / name]
    with contextlib.suppress(RuntimeError):  # a user without a home folder
        if sys.platform == "win32":
            base = Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local"))
        elif sys.platform == "darwin":
            base = Path.home() / "Library" / "Caches"
        else:
            base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
        folders.insert(0, base / "nnlite" / name)
    if os.environ.get("NUMBA_CACHE_DIR"):
        folders.insert(0, Path(os.environ["NUMBA_CACHE_DIR"]) / "nnlite" / name)
    return folders


_stamp: list[str] = []


def _fingerprint() -> str:
    """Eight letters that change when any kernel's source does: kernels call each other across files."""
    if not _stamp:
        digest = hashlib.sha256()
        for file in sorted(Path(__file__).parent.glob("*.py")):
            digest.update(file.read_bytes())
        _stamp.append(digest.hexdigest()[:8])
    return _stamp[0]
