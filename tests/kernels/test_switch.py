"""Kernels on, kernels off, kernels absent: the same answers, and numba loaded only where it is wanted."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest

import nnlite
from nnlite import functional as F

WORK = """
import numpy as np, sys, nnlite
from nnlite import functional as F, nn, optim
rng = np.random.default_rng(0)
model = nn.Sequential(nn.Linear(3, 4, rng=0), nn.GELU(), nn.LayerNorm(4), nn.Linear(4, 2, rng=1))
o = optim.AdamW(model.parameters(), lr=0.01)
for _ in range(2):
    o.zero_grad()
    loss = F.cross_entropy(model(rng.standard_normal((5, 3))), rng.integers(0, 2, 5))
    loss.backward()
    o.step()
print(f"{loss.item():.5f}", nnlite.kernels_enabled(), "numba" in sys.modules)
"""

BLOCK = """
import sys, importlib.util
class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == "numba":
            raise ModuleNotFoundError("No module named 'numba'", name="numba")
sys.meta_path.insert(0, Blocker())
real = importlib.util.find_spec
importlib.util.find_spec = lambda name, *a: None if name == "numba" else real(name, *a)
"""


def python(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    env = {k: v for k, v in os.environ.items() if k != "NNLITE_KERNELS"} | environment
    return subprocess.run(
        [sys.executable, "-W", "always", "-c", code], capture_output=True, text=True, env=env, timeout=300
    )


def test_off_by_the_environment_never_imports_numba() -> None:
    done = python(WORK, NNLITE_KERNELS="off")
    assert done.returncode == 0, done.stderr
    assert done.stdout.split()[1:] == ["False", "False"]
    assert "Warning" not in done.stderr


def test_without_numba_it_works_after_one_warning() -> None:
    done = python(BLOCK + WORK)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split()[1:] == ["False", "False"]
    assert done.stderr.count("numba is not installed") == 1


def test_on_and_off_and_absent_agree() -> None:
    pytest.importorskip("numba")
    on, off, absent = (
        python(code, **env) for code, env in ((WORK, {}), (WORK, {"NNLITE_KERNELS": "off"}), (BLOCK + WORK, {}))
    )
    assert on.stdout.split()[1:] == ["True", "True"], on.stderr
    values = [float(done.stdout.split()[0]) for done in (on, off, absent)]
    assert values[0] == pytest.approx(values[1], abs=2e-5)
    assert values[1] == values[2]


def test_an_unknown_word_in_the_environment_is_told_so() -> None:
    done = python("import nnlite; nnlite.kernels_enabled()", NNLITE_KERNELS="maybe")
    assert "NNLITE_KERNELS is 'maybe', expected 'on' or 'off'" in done.stderr


def test_importing_and_deciding_does_not_import_numba() -> None:
    done = python(
        "import nnlite, sys; nnlite.use_kernels(True); nnlite.kernels_enabled(); print('numba' in sys.modules)"
    )
    assert done.stdout.strip() == "False", done.stderr


def test_use_kernels_is_a_switch_and_a_block() -> None:
    before = nnlite.kernels_enabled()
    with nnlite.use_kernels(False):
        assert not nnlite.kernels_enabled()
        with pytest.raises(ZeroDivisionError), nnlite.use_kernels(before):
            assert nnlite.kernels_enabled() == before
            raise ZeroDivisionError
        assert not nnlite.kernels_enabled()
    assert nnlite.kernels_enabled() == before
    try:
        nnlite.use_kernels(False)
        assert not nnlite.kernels_enabled()
    finally:
        nnlite.use_kernels(before)
    assert nnlite.kernels_enabled() == before


@pytest.mark.parametrize("wrong", [1, "off", None])
def test_use_kernels_takes_true_or_false(wrong: object) -> None:
    before = nnlite.kernels_enabled()
    with pytest.raises(TypeError, match=r"use_kernels: enabled is .*, expected True or False"):
        nnlite.use_kernels(wrong)  # type: ignore[arg-type]
    assert nnlite.kernels_enabled() == before


def test_a_graph_made_on_kernels_can_be_walked_without() -> None:
    x = nnlite.Tensor(np.ones((2, 3)), requires_grad=True)
    y = F.softmax(x).sum()
    with nnlite.use_kernels(False):
        y.backward()
    np.testing.assert_allclose(x.grad, 0, atol=1e-15)
