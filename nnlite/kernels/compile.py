"""How a kernel is compiled: plain Numba, cached on disk under nnlite's version, one signature per dtype.

``@kernel`` marks a loop over C-contiguous, writable arrays and scalars. It is compiled when first called, and
a twin makes sure (with :func:`contiguous`) that the layouts it is called with are always the same, so that
float32 costs one compilation and float64 a second, never more.

Machine code is run as it is found, so the cache is used only in a folder in which nobody else can write, and each of
its files carries a checksum: one that is damaged is thrown away and compiled anew.

``error_model="numpy"`` is needed for vectorisation. The fast-math flags are those that keep NaN and infinity;
``exact=True`` forbids them all (no re-association, no fused multiply-add), where the formula's very bits are wanted.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import pickle
import stat
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba
import numpy as np
from numba.core.caching import IndexDataCacheFile

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
    Where ``NUMBA_DISABLE_JIT`` forbids to compile, the loop runs in Python as it stands.
    """
    if function is None:
        return lambda f: kernel(f, exact=exact, parallel=parallel)
    flags = set() if exact else {"reassoc", "contract", "nsz", "arcp"}
    dispatcher: Any = numba.njit(error_model="numpy", fastmath=flags, parallel=parallel, nogil=True)(function)
    if numba.config.DISABLE_JIT:  # type: ignore[attr-defined]
        return dispatcher
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
    files = cache._cache_file
    with contextlib.suppress(OSError):
        os.chmod(files._cache_path, 0o700)
    cache._cache_file = _CacheFiles(files._cache_path, files._index_name.removesuffix(".nbi"), files._source_stamp)
    # A full disk, a folder that vanished, a file of another Numba: compile, and go on.
    cache.load_overload = _forgiving(cache.load_overload)
    cache.save_overload = _forgiving(cache.save_overload)


_config_lock = threading.Lock()


def _forgiving(function: Callable[..., Any]) -> Callable[..., Any]:
    def call(*args: Any) -> Any:
        with contextlib.suppress(Exception):
            return function(*args)
        return None

    return call


class _CacheFiles(IndexDataCacheFile):
    """The cache of one kernel: a file for each signature, its name made of the signature, with a checksum in front.

    Numba's own has an index, which may point to the wrong file when a bit in it has changed, and no checksums. Numba
    keeps machine code pickled, so reading a file runs what stands in it; as with any program, what counts is who could
    have written it. So a file is read only if it is ours, in a folder where nobody else can write, and whole.
    """

    def _path(self, key: Any) -> Path:
        whose = repr((self._version, self._source_stamp, key)).encode()
        return Path(
            self._data_path(f"{self._index_name.removesuffix('.nbi')}.{hashlib.sha256(whose).hexdigest()[:16]}.nbc")
        )

    def save(self, key: Any, data: Any) -> None:
        """Write what was compiled for a signature."""
        content = self._dump((key, data))
        with self._open_for_write(str(self._path(key))) as file:
            if hasattr(os, "fchmod"):
                os.fchmod(file.fileno(), 0o600)  # whatever the user's umask lets others do
            file.write(hashlib.sha256(content).digest() + content)

    def load(self, key: Any) -> Any:
        """Return what was compiled for a signature; None, and no file any more, if it is damaged."""
        path = self._path(key)
        try:
            with open(path, "rb") as file:
                if not _only_ours(os.fstat(file.fileno())):
                    return None
                content = file.read()
        except OSError:
            return None
        if hashlib.sha256(content[32:]).digest() == content[:32]:
            written_for, data = pickle.loads(content[32:])
            if written_for == key:
                return data
        path.unlink(missing_ok=True)
        return None


@functools.cache
def _cache_folder() -> Path | None:
    """The first folder that can be written, by us alone; without one kernels are compiled in every process."""
    for folder in _cache_folders():
        with contextlib.suppress(OSError):
            folder = Path(os.path.realpath(folder))
            for parent in (*reversed(folder.parents), folder):
                parent.mkdir(mode=0o700, exist_ok=True)
            if not _is_safe(folder):
                continue
            with tempfile.TemporaryFile(dir=folder):
                return folder
    return None


def _is_safe(folder: Path) -> bool:
    """Whether nobody else can put a file into `folder`, nor another folder into its place: all the way up to the root.

    In a folder for all, such as ``/tmp``, the sticky bit keeps what is ours from being moved.
    """
    if not hasattr(os, "getuid"):
        return True
    if not _only_ours(folder.stat()):
        return False
    for parent in folder.parents:
        status = parent.stat()
        sticky = status.st_mode & stat.S_ISVTX and status.st_uid in {0, os.getuid()}
        if not (_only_ours(status, root=True) or sticky):
            return False
    return True


def _only_ours(status: os.stat_result, root: bool = False) -> bool:
    """Whether a file or folder is ours, or root's where that will do, and nobody else's to write."""
    if not hasattr(os, "getuid"):
        return True
    owners = {os.getuid(), 0} if root else {os.getuid()}
    return status.st_uid in owners and not status.st_mode & 0o022


def _cache_folders() -> list[Path]:
    """The user's cache folder, then a temporary one; NUMBA_CACHE_DIR, if set, comes before both."""
    name = f"{__version__}-{_fingerprint()}"
    folders = [Path(tempfile.gettempdir()) / f"nnlite-{_user()}" / name]
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


def _user() -> str:
    return str(os.getuid()) if hasattr(os, "getuid") else os.environ.get("USERNAME", "user")


_stamp: list[str] = []


def _fingerprint() -> str:
    """Eight letters that change when any kernel's source does: kernels call each other across files."""
    if not _stamp:
        digest = hashlib.sha256()
        for file in sorted(Path(__file__).parent.glob("*.py")):
            digest.update(file.read_bytes())
        _stamp.append(digest.hexdigest()[:8])
    return _stamp[0]
