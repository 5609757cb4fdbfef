"""No kernel reads or writes outside its arrays, as tests/bounds.py finds out in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import nnlite

pytest.importorskip("numba")
if not nnlite.kernels_enabled():
    pytest.skip("kernels are switched off", allow_module_level=True)
if sys.platform == "win32":
    pytest.skip("memory cannot be forbidden here", allow_module_level=True)

SCRIPT = Path(__file__).parents[1] / "bounds.py"


def run(*arguments: str, seconds: float) -> subprocess.CompletedProcess[str]:
    done = subprocess.run([sys.executable, SCRIPT, *arguments], capture_output=True, text=True, timeout=seconds)
    sys.stdout.write(done.stdout)
    return done


@pytest.mark.parametrize("where", ["before", "after"])
def test_who_touches_forbidden_memory_dies(where: str) -> None:
    """What the test of the tile relies on."""
    assert run("touch", where, seconds=60).returncode < 0


def test_a_few_kernels_stay_inside_their_arrays() -> None:
    done = run("few", seconds=300)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
def test_all_kernels_stay_inside_their_arrays() -> None:
    """On every sample, there and back, in both dtypes, and on both sides of where tiles and chunks end."""
    done = run(seconds=1800)
    assert done.returncode == 0, done.stdout + done.stderr
