"""A file is the old one or the new one, never half of either."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from nnlite.files import replacing


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
