"""Files that are never half-written: a temporary name first, then one rename; and locks, for one writer at a time."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import stat
import sys
import time
from collections.abc import Iterator
from pathlib import Path

#: what the system says when it takes no more: the disk is full, a quota or the size of a file is reached
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


@contextlib.contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Yield a temporary path beside `path`; rename it onto `path` when the block ends well, delete it otherwise.

    A process killed at any moment leaves the old file or the new one, never half of either. A file that was there keeps
    its permissions, and a symbolic link its place: what it points to is replaced.

    Raises
    ------
    OSError
        If the folder cannot be written, the disk is full, or `path` is something else than a file, such as a pipe.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> from nnlite.files import replacing
    >>> target = pathlib.Path(tempfile.mkdtemp()) / "note.txt"
    >>> with replacing(target) as temporary:
    ...     _ = temporary.write_text("whole")
    >>> target.read_text()
    'whole'
    """
    target = _behind_links(path)
    old = _status(target)
    temporary, mode = _temporary(target, old)
    try:
        yield temporary
        if old is not None:
            mode = stat.S_IMODE(old.st_mode) & 0o777
            _keep_owner(temporary, old)
        with open(temporary, "rb+") as file:
            os.fsync(file.fileno())
        temporary.chmod(mode)
        os.replace(temporary, target)
    except BaseException as error:
        with contextlib.suppress(OSError):
            temporary.unlink()
        if isinstance(error, OSError) and error.errno in _FULL:
            raise _sentence(
                error, f"{str(target)!r} could not be written ({error.strerror}); it is as before"
            ) from error
        raise


def remove_leftovers(path: str | os.PathLike[str]) -> None:
    """Delete the temporary files that processes killed inside ``replacing(path)`` have left.

    Those of other files stay, also where their names begin alike. Call it while you hold the lock of `path`, or a
    process that is still writing loses its file.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> from nnlite.files import remove_leftovers
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> for name in (".run.71-0123abcd.tmp", ".run.best.72-0123abcd.tmp"):
    ...     folder.joinpath(name).touch()
    >>> remove_leftovers(folder / "run")
    >>> [file.name for file in folder.iterdir()]
    ['.run.best.72-0123abcd.tmp']
    """
    target = _behind_links(path)
    ours = re.compile(rf"\.{re.escape(target.name)}\.[0-9]+-[0-9a-f]{{8}}\.tmp")
    for file in target.parent.iterdir():
        if ours.fullmatch(file.name):
            with contextlib.suppress(OSError):
                file.unlink()


def _behind_links(path: str | os.PathLike[str]) -> Path:
    """The file itself, from the root on: it stays the same one if the process changes its folder."""
    return Path(os.path.realpath(path)) if os.path.islink(path) else Path(path).absolute()


def _status(target: Path) -> os.stat_result | None:
    """What is there already: an ordinary file, or nothing."""
    try:
        status = target.stat()
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(status.st_mode):
        kind = "a folder" if stat.S_ISDIR(status.st_mode) else "a pipe, a device or the like"
        error = IsADirectoryError if stat.S_ISDIR(status.st_mode) else OSError
        raise error(f"{str(target)!r} is {kind}, which cannot be replaced; expected a file")
    return status


def _temporary(target: Path, old: os.stat_result | None) -> tuple[Path, int]:
    """Make an empty file that no other process makes, and return it with the permissions that a new file has here."""
    mode = 0o666 if old is None else 0o600  # the system takes from 0666 what the user's umask forbids
    while True:
        temporary = target.with_name(f".{target.name}.{os.getpid()}-{os.urandom(4).hex()}.tmp")
        try:
            handle = os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_RDWR, mode)
        except FileExistsError:
            continue
        try:
            return temporary, stat.S_IMODE(os.fstat(handle).st_mode)
        finally:
            os.close(handle)


def _keep_owner(temporary: Path, old: os.stat_result) -> None:
    now = temporary.stat()
    if hasattr(os, "chown") and (now.st_uid, now.st_gid) != (old.st_uid, old.st_gid):
        with contextlib.suppress(OSError):  # only root can give a file away
            os.chown(temporary, old.st_uid, old.st_gid)


def _sentence(error: OSError, text: str) -> OSError:
    said = type(error)(text)
    said.errno = error.errno
    return said


_held: set[int] = set()  # the handles of the locks of this process


@contextlib.contextmanager
def locked(path: str | os.PathLike[str], wait: float | None = None) -> Iterator[None]:
    """Hold the lock of `path`, which only one process, and in it one block, can hold at a time.

    The lock is a file ``.name.lock`` beside `path`, which the system frees when its process ends, in whatever way;
    a child that it has forked does not keep it.
    Where a file system knows no locks, nothing is locked.

    Parameters
    ----------
    path
        The file; it need not exist, but its folder must.
    wait
        For how many seconds to wait for another that holds the lock; None for as long as it takes.

    Raises
    ------
    BlockingIOError
        If another still holds the lock.

    Examples
    --------
    >>> import tempfile
    >>> from nnlite.files import locked
    >>> path = tempfile.mkdtemp() + "/results"
    >>> with locked(path):
    ...     with locked(path, wait=0):
    ...         pass
    Traceback (most recent call last):
    BlockingIOError: ... is locked already
    """
    target = _behind_links(path)
    file = target.with_name(f".{target.name}.lock")
    deadline = None if wait is None else time.monotonic() + wait
    while (handle := _take(file)) is None:
        if deadline is not None and time.monotonic() >= deadline:
            raise BlockingIOError(f"{str(target)!r} is locked already")
        time.sleep(0.02)
    _held.add(handle)
    try:
        yield
    finally:
        if handle in _held:  # not so in a child
            _held.remove(handle)
            if sys.platform == "win32":
                os.close(handle)
            with contextlib.suppress(OSError):
                file.unlink()  # while the lock is held, so that nobody else's is taken away
            if sys.platform != "win32":
                os.close(handle)


def _let_go() -> None:
    """A child is not the one that holds a lock: were its copy open, the lock would outlive the parent."""
    while _held:
        os.close(_held.pop())


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_let_go)


def _take(file: Path) -> int | None:
    """Open and lock a file; None if another has locked it, or has just deleted it."""
    read = os.O_RDWR if sys.platform == "win32" else os.O_RDONLY
    handle = os.open(file, os.O_CREAT | read | getattr(os, "O_NOFOLLOW", 0), 0o666)
    with contextlib.suppress(FileNotFoundError):
        if _lock(handle) and os.path.samestat(os.fstat(handle), os.stat(file)):
            return handle
    os.close(handle)
    return None


def _lock(handle: int) -> bool:
    if sys.platform == "win32":
        import msvcrt

        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
    import fcntl

    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True  # a file system without locks
    return True
