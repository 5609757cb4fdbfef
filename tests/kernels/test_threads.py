"""How many threads may be used, and kernels that are called from several at once."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from threadpoolctl import threadpool_info

import nnlite
from nnlite import functional as F
from nnlite.kernels import threads


@pytest.fixture
def restored() -> Any:
    before = nnlite.get_num_threads()
    yield
    nnlite.set_num_threads(before)


def of_blas() -> set[int]:
    return {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"}


def test_the_cap_reaches_blas(restored: None) -> None:
    for n in (1, 2, 1):
        nnlite.set_num_threads(n)
        assert nnlite.get_num_threads() == n
        np.ones((200, 200)) @ np.ones((200, 200))
        assert of_blas() <= {n}


@pytest.mark.parametrize(("n", "error"), [(0, ValueError), (-1, ValueError), (1.5, TypeError), ("2", TypeError)])
def test_bad_numbers_of_threads(n: Any, error: type[Exception]) -> None:
    before = nnlite.get_num_threads()
    with pytest.raises(error, match="set_num_threads: n"):
        nnlite.set_num_threads(n)
    assert nnlite.get_num_threads() == before


@pytest.mark.filterwarnings("ignore:Cannot cache")  # the kernel asks Numba for its number of threads
def test_the_cap_reaches_parallel_kernels(restored: None, monkeypatch: pytest.MonkeyPatch) -> None:
    numba = pytest.importorskip("numba")
    from nnlite.kernels import compile as compiling

    monkeypatch.setattr(compiling, "KERNELS", {})

    @compiling.kernel(parallel=True)
    def threads_and_sum(x, out):  # type: ignore[no-untyped-def]
        out[0] = numba.get_num_threads()
        for i in numba.prange(x.size):
            out[1] += x[i]

    out = np.zeros(2)
    for n in (1, 2):
        nnlite.set_num_threads(n)
        out[:] = 0
        threads_and_sum(np.ones(1000), out)
        assert out.tolist() == [min(n, numba.config.NUMBA_NUM_THREADS), 1000]

    results = []  # from several Python threads at once: the work queue would abort the process

    def work() -> None:
        out = np.zeros(2)
        for _ in range(20):
            out[:] = 0
            threads_and_sum(np.ones(1000), out)
        results.append(out[1])

    in_threads([work] * 4)
    assert results == [1000] * 4


def in_threads(functions: list[Any]) -> None:
    """Run all at once and wait; the first error of a thread is raised here."""
    errors = []
    gate = threading.Barrier(len(functions))

    def run(function: Any) -> None:
        try:
            gate.wait()
            function()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(function,)) for function in functions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
        assert not thread.is_alive()
    if errors:
        raise errors[0]


def light_work(seed: int) -> list[Any]:
    """A few kernels that are quick to compile: values and gradients."""
    rng = np.random.default_rng(seed)
    x = nnlite.Tensor(rng.standard_normal((16, 12)).astype(np.float32), requires_grad=True)
    w = nnlite.Tensor(np.ones(12, np.float32), requires_grad=True)
    loss = F.gelu(F.layer_norm(x, (12,), w, w)).mean() + (F.softmax(x) * F.sigmoid(x)).sum()
    loss.backward()
    return [loss.data, x.grad, w.grad]


def work(seed: int) -> list[Any]:
    """More of them."""
    rng = np.random.default_rng(seed)
    q = nnlite.Tensor(rng.standard_normal((2, 9, 4)).astype(np.float32), requires_grad=True)
    loss = F.cross_entropy(F.silu(q[0]), rng.integers(0, 4, 9))
    loss = loss + F.scaled_dot_product_attention(q, q, q, is_causal=True).sum()
    loss.backward()
    return [loss.data, q.grad, *light_work(seed)]


def test_four_threads_get_what_one_gets() -> None:
    wanted = {seed: work(seed) for seed in range(4)}
    found: dict[int, list[Any]] = {}

    def run(seed: int) -> None:
        for _ in range(25):
            found[seed] = work(seed)

    in_threads([lambda seed=seed: run(seed) for seed in range(4)])
    for seed, arrays in wanted.items():
        for a, b in zip(arrays, found[seed]):
            np.testing.assert_array_equal(a, b)


COLD = """
import sys; sys.path.insert(0, {tests!r})
import numpy as np
from test_threads import in_threads, light_work
found = {{}}
in_threads([lambda seed=seed: found.__setitem__(seed, light_work(seed)) for seed in (0, 1, 0, 1)])
assert "numba" in sys.modules
for seed in (0, 1):
    for a, b in zip(light_work(seed), found[seed]):
        np.testing.assert_array_equal(a, b)
from nnlite.kernels.compile import KERNELS
print(all(len(k.signatures) == 1 for k in KERNELS.values() if k.signatures))
"""


@pytest.mark.full
def test_four_threads_may_be_the_first_to_call(tmp_path: Path) -> None:
    """Numba is imported and every kernel compiled while the others want it too; an empty cache, a new process."""
    pytest.importorskip("numba")
    if not nnlite.kernels_enabled():
        pytest.skip("kernels are switched off")
    done = subprocess.run(
        [sys.executable, "-c", COLD.format(tests=str(Path(__file__).parent))],
        capture_output=True,
        text=True,
        timeout=300,
        env={**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)},
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "True"
    assert list(tmp_path.rglob("*.nbc"))


@pytest.fixture
def two_threads(monkeypatch):
    monkeypatch.setattr(threads.os, "cpu_count", lambda: 2)
    monkeypatch.setattr(threads, "_cap", 2)
    monkeypatch.setattr(threads, "_pool", None)


@pytest.mark.parametrize("n", [0, 1, 2, 3, 7])
def test_work_is_divided_without_gap_or_overlap(two_threads, n):
    for operations in (0, 1e12):
        done, who = [], set()

        def work(part, done=done, who=who):
            done.extend(range(part.start, part.stop))
            who.add(threading.current_thread().name)
            time.sleep(0.01)

        threads.divide(n, operations, work)
        assert sorted(done) == list(range(n))
        assert len(who) == (2 if n > 1 and operations else 1)


def test_what_fails_in_another_thread_is_raised_here(two_threads):
    def work(part):
        if part.stop == 4:
            raise ZeroDivisionError("in the second half")

    with pytest.raises(ZeroDivisionError, match="second half"):
        threads.divide(4, 1e12, work)


def test_one_thread_is_one_thread(two_threads, monkeypatch):
    monkeypatch.setattr(threads, "_cap", 1)
    threads.divide(5, 1e12, lambda part: None)
    assert threads._pool is None


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_forked_process_makes_threads_of_its_own():
    script = (
        "import os\n"
        "from nnlite.kernels import threads\n"
        "threads.set_num_threads(2)\n"
        "threads.divide(2, 1e12, lambda part: None)\n"
        "child = os.fork()\n"
        "if child == 0:\n"
        "    threads.divide(2, 1e12, lambda part: None)\n"
        "    os._exit(7)\n"
        "raise SystemExit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))\n"
    )
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", script], timeout=60)
    assert done.returncode == 7


def test_attention_has_the_same_bits_on_two_threads(two_threads, monkeypatch):
    rng = np.random.default_rng(0)
    q, k, v, dy = rng.standard_normal((4, 6, 130, 16)).astype(np.float32)
    results = []
    for cap in (1, 2):
        monkeypatch.setattr(threads, "_cap", cap)
        inputs = [nnlite.Tensor(a, requires_grad=True) for a in (q, k, v)]
        y = F.scaled_dot_product_attention(*inputs, is_causal=True)
        y.backward(dy)
        results.append([y.data, *(t.grad for t in inputs)])
    for one, two in zip(*results):
        np.testing.assert_array_equal(one, two)


@pytest.mark.parametrize("options", [{}, {"stride": 2, "padding": 1}, {"groups": 4}])
def test_convolution_is_the_same_on_two_threads(two_threads, monkeypatch, options):
    rng = np.random.default_rng(0)
    x, b = rng.standard_normal((5, 16, 24, 24)).astype(np.float32), rng.standard_normal(32).astype(np.float32)
    weight = rng.standard_normal((32, 16 // options.get("groups", 1), 3, 3)).astype(np.float32)
    results = []
    for cap in (1, 2, 2):
        monkeypatch.setattr(threads, "_cap", cap)
        inputs = [nnlite.Tensor(a, requires_grad=True) for a in (x, weight, b)]
        y = F.conv2d(*inputs, **options)
        y.backward(np.random.default_rng(1).standard_normal(y.shape).astype(np.float32))
        results.append([y.data, *(t.grad for t in inputs)])
    assert threads._pool is not None
    for one, two, again in zip(*results):
        np.testing.assert_allclose(one, two, rtol=1e-4, atol=1e-4)
        np.testing.assert_array_equal(two, again)
