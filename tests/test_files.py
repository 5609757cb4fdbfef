"""A file is the old one or the new one, never half of either."""

from __future__ import annotations

import concurrent.futures
import contextlib
import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from nnlite import files
from nnlite.files import locked, replacing


def test_the_new_file_replaces_the_old_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "note.txt"
    path.write_text("old")
    with replacing(path) as temporary:
        temporary.write_text("new")
        assert path.read_text() == "old"
        assert temporary.parent == path.parent
    assert path.read_text() == "new"
    assert os.listdir(tmp_path) == ["note.txt"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_an_exception_leaves_the_old_file_and_no_rubbish(tmp_path: Path, error: type[BaseException]) -> None:
    path = tmp_path / "note.txt"
    path.write_text("old")
    with pytest.raises(error), replacing(path) as temporary:
        temporary.write_text("ne")
        raise error
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["note.txt"]


def test_a_killed_process_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "note.txt"
    path.write_text("old")
    code = (
        "import os, sys; from nnlite.files import replacing\n"
        "with replacing(sys.argv[1]) as t:\n    t.write_text('ne'); os._exit(9)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], timeout=60)
    assert done.returncode == 9
    assert path.read_text() == "old"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no permission bits")
def test_the_file_has_ordinary_permissions(tmp_path: Path) -> None:
    """A temporary file is private; what it becomes must be readable as any other new file is."""
    (tmp_path / "plain").write_text("")
    with replacing(tmp_path / "made") as temporary:
        temporary.write_text("")
    assert (tmp_path / "made").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_a_folder_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), replacing(tmp_path / "nowhere" / "note.txt"):
        pass


posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no permission bits, links and pipes of this kind")


@posix
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o400, 0o755])
def test_a_file_keeps_its_permissions(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "secret"
    path.write_text("old")
    path.chmod(mode)
    with replacing(path) as temporary:
        assert not temporary.stat().st_mode & 0o077  # nobody else reads it meanwhile
        temporary.write_text("new")
    assert path.stat().st_mode & 0o777 == mode
    assert path.read_text() == "new"


@posix
@pytest.mark.skipif(hasattr(os, "getuid") and os.getuid() != 0, reason="only root can give a file away")
def test_a_file_keeps_its_owner(tmp_path: Path) -> None:
    """Root writes into the file of a user, who can go on using it."""
    path = tmp_path / "theirs"
    path.write_text("old")
    os.chown(path, 12345, 54321)
    with replacing(path) as temporary:
        temporary.write_text("new")
    assert (path.stat().st_uid, path.stat().st_gid) == (12345, 54321)


@posix
def test_the_umask_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It belongs to the whole process: another thread would make files that all can write."""
    before = os.umask(0o027)
    try:
        monkeypatch.setattr(os, "umask", None)
        with replacing(tmp_path / "made") as temporary:
            temporary.write_text("")
        assert (tmp_path / "made").stat().st_mode & 0o777 == 0o640
    finally:
        monkeypatch.undo()
        os.umask(before)


@posix
@pytest.mark.parametrize("there", [True, False])
def test_a_symbolic_link_stays_one(tmp_path: Path, there: bool) -> None:
    (tmp_path / "far").mkdir()
    if there:
        (tmp_path / "far" / "real").write_text("old")
    (tmp_path / "link").symlink_to(tmp_path / "far" / "real")
    (tmp_path / "second").symlink_to("link")
    with replacing(tmp_path / "second") as temporary:
        temporary.write_text("new")
    assert (tmp_path / "link").is_symlink() and (tmp_path / "second").is_symlink()
    assert (tmp_path / "far" / "real").read_text() == "new"
    assert os.listdir(tmp_path / "far") == ["real"]


@posix
def test_what_is_no_file_is_not_replaced(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="is a pipe, a device or the like, which cannot"), replacing(tmp_path / "pipe"):
        pass
    with pytest.raises(IsADirectoryError, match="is a folder"), replacing(tmp_path):
        pass
    assert os.listdir(tmp_path) == ["pipe"]


def test_a_lock_is_held_by_one(tmp_path: Path) -> None:
    """Within a process and between two; a killed process holds none; nothing stays behind."""
    path = tmp_path / "run"
    code = (
        "import sys, time; from nnlite.files import locked\n"
        "with locked(sys.argv[1]):\n    print('mine', flush=True); time.sleep(60)"
    )
    with locked(path), pytest.raises(BlockingIOError, match="is locked already"), locked(path, wait=0):
        pass
    other = subprocess.Popen([sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE, text=True)
    assert other.stdout is not None and other.stdout.readline() == "mine\n"
    with pytest.raises(BlockingIOError), locked(path, wait=0.1):
        pass
    other.kill()
    other.wait()
    with locked(path, wait=5):
        assert os.listdir(tmp_path) == [".run.lock"]
    assert os.listdir(tmp_path) == []


def test_a_lock_that_is_waited_for_is_never_held_twice(tmp_path: Path) -> None:
    """Each deletes the lock's file at its end, while others wait for it."""
    inside, most = [0], [0]

    def work(_: int) -> None:
        for _ in range(20):
            with locked(tmp_path / "run"):
                inside[0] += 1
                most[0] = max(most[0], inside[0])
                time.sleep(0.0005)
                inside[0] -= 1

    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        list(pool.map(work, range(6)))
    assert most == [1]


@posix
def test_a_lock_on_a_file_that_is_no_longer_there_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between opening the lock's file and locking it, who had it may have deleted it, and a third made another."""
    found = files._lock

    def too_late(handle: int) -> bool:
        monkeypatch.undo()  # once
        (tmp_path / ".run.lock").unlink()
        third.enter_context(locked(tmp_path / "run"))
        return found(handle)

    with contextlib.ExitStack() as third:
        monkeypatch.setattr(files, "_lock", too_late)
        with pytest.raises(BlockingIOError), locked(tmp_path / "run", wait=0):
            pass
        assert os.listdir(tmp_path) == [".run.lock"]


@pytest.mark.parametrize(("number", "full"), [(errno.ENOSPC, True), (errno.EDQUOT, True), (errno.EIO, False)])
def test_a_full_disk_is_named(tmp_path: Path, number: int, full: bool) -> None:
    (tmp_path / "a").write_text("old")
    with pytest.raises(OSError) as caught, replacing(tmp_path / "a"):
        raise OSError(number, os.strerror(number))
    assert ("could not be written" in str(caught.value)) == full
    assert caught.value.errno == number and (tmp_path / "a").read_text() == "old"


@posix
def test_a_link_and_its_file_have_one_lock(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "run")
    with locked(tmp_path / "link"), pytest.raises(BlockingIOError), locked(tmp_path / "run", wait=0):
        pass


@pytest.mark.skipif(not hasattr(os, "fork"), reason="only Unix forks")
def test_a_child_does_not_keep_the_lock_of_a_parent_that_was_killed(tmp_path: Path) -> None:
    code = """if True:
        import os, signal, sys, time
        from nnlite.files import locked
        with locked(sys.argv[1]):
            if os.fork() == 0:
                os.close(1)
                time.sleep(20)
                os._exit(0)
            time.sleep(0.2)
            os.kill(os.getpid(), signal.SIGKILL)
    """
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path / "a")], timeout=15)
    assert done.returncode == -signal.SIGKILL
    with locked(tmp_path / "a", wait=0):
        pass


@pytest.mark.skipif(not hasattr(os, "fork"), reason="only Unix forks")
def test_a_child_that_leaves_the_block_does_not_free_the_lock_of_its_parent(tmp_path: Path) -> None:
    with contextlib.suppress(SystemExit):
        parent = os.getpid()
        with locked(tmp_path / "a"):
            if (child := os.fork()) == 0:
                try:
                    raise SystemExit
                finally:
                    pass
            os.waitpid(child, 0)
            with pytest.raises(BlockingIOError), locked(tmp_path / "a", wait=0):
                pass
    if os.getpid() != parent:
        os._exit(0)
