"""Timing that survives a noisy laptop: ours and a peer's turn about, and the median of the ratios of neighbours.

A ratio above 1 means that nnlite is faster. Absolute times are printed for orientation only. Peak memory is what the
process grew by, at most, while one call ran (on Linux, where the kernel keeps count and can be told to start anew).
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib.metadata
import importlib.util
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

import nnlite
from nnlite import Tensor

TORCH = "torch"


@dataclass
class Row:
    """One line of the table: what was timed, against whom, and how it came out."""

    name: str
    peer: str
    threads: int
    ratio: float | None  # peer's time / our time; None: the peer is not installed
    spread: tuple[float, float] = (0.0, 0.0)  # the quartiles of the ratio
    milliseconds: float = 0.0  # ours
    memory: tuple[float, float] | None = None  # peak megabytes: ours, the peer's
    floor: float | None = None  # the ratio that we aim at, if there is one

    def __str__(self) -> str:
        if self.ratio is None:
            return f"{self.name:44s} {self.peer:22s} {self.threads:>7d}   not installed: see the bench extra"
        low, high = self.spread
        memory = "" if self.memory is None else f"{self.memory[0]:>8.1f} / {self.memory[1]:.1f} MB"
        return (
            f"{self.name:44s} {self.peer:22s} {self.threads:>7d} {self.ratio:>8.2f}x "
            f"{low:>7.2f} to {high:<7.2f} {self.milliseconds:>9.3f} ms {memory}"
        )


COLUMNS = f"{'row':44s} {'peer':22s} {'threads':>7s} {'ratio':>9s} {'quartiles':>12s} {'ours':>19s}"
HEADER = f"{COLUMNS}   peak memory, ours / peer's"


def missing(package: str) -> bool:
    """Say whether a peer is not installed."""
    return importlib.util.find_spec(package) is None


def version(package: str) -> str:
    """Return a peer's name and version, for the table."""
    return f"{package} {importlib.metadata.version(package).split('+')[0]}"


@contextmanager
def threads(n: int) -> Iterator[None]:
    """Give the kernels, BLAS, OpenMP and torch `n` threads."""
    before = nnlite.get_num_threads()
    nnlite.set_num_threads(n)
    torch_before = None
    if not missing(TORCH):
        import torch

        torch_before = torch.get_num_threads()
        torch.set_num_threads(n)
    try:
        with threadpool_limits(n):
            yield
    finally:
        nnlite.set_num_threads(before)
        if torch_before is not None:
            torch.set_num_threads(torch_before)


def compare(
    name: str, peer: str, ours: Callable[[], object], theirs: Callable[[], object], n_threads: int = 1, rounds: int = 15
) -> Row:
    """Time two functions turn about, after a warm-up of each, and compare neighbours."""
    with threads(n_threads):
        repeat = max(1, int(0.02 / max(_once(ours, 3), 1e-9)))
        repeat_theirs = max(1, int(0.02 / max(_once(theirs, 3), 1e-9)))
        pairs = []
        for i in range(rounds):
            # who goes first alternates too, so that a drift of the clock favours neither
            if i % 2:
                b, a = _time(theirs, repeat_theirs), _time(ours, repeat)
            else:
                a, b = _time(ours, repeat), _time(theirs, repeat_theirs)
            pairs.append((a, b))
        memory = (peak_megabytes(ours), peak_megabytes(theirs)) if n_threads == 1 else (None, None)
    ratios = [b / a for a, b in pairs]
    low, _, high = statistics.quantiles(ratios, n=4)
    return Row(
        name,
        peer,
        n_threads,
        statistics.median(ratios),
        (low, high),
        1e3 * statistics.median(a for a, _ in pairs),
        None if None in memory else memory,  # type: ignore[arg-type]
    )


Pair = tuple[Callable[[], object], Callable[[], object]]


def against_torch(
    name: str, setting: Callable[[Any], Pair], floor: float | None = None, note: str = ""
) -> Iterator[Row]:
    """Yield a row for one thread and one for two; ``setting(torch)`` makes our function and torch's."""
    if missing(TORCH):
        yield Row(name, TORCH, 1, None)
        return
    import torch

    ours, theirs = setting(torch)
    for n in (1, 2):
        row = compare(name, version(TORCH) + note, ours, theirs, n)
        row.floor = floor
        yield row


def there_and_back(
    ours: Callable[..., Any], theirs: Callable[..., Any], arrays: Sequence[Any], constants: int = 0
) -> Pair:
    """Make two functions that run `ours` and `theirs` forward and backward on the same arrays and upstream gradient.

    The last `constants` arrays want no gradient.
    """
    import torch

    wanted = len(arrays) - constants
    mine = [Tensor(a, requires_grad=True) for a in arrays[:wanted]]
    yours = [torch.tensor(a, requires_grad=True) for a in arrays[:wanted]]
    rest = list(arrays[wanted:])
    torch_rest = [torch.tensor(a) for a in rest]
    shape = ours(*mine, *rest).shape
    dy = np.random.default_rng(1).standard_normal(shape).astype(np.float32)
    torch_dy = torch.tensor(dy)

    def run_ours() -> None:
        for t in mine:
            t.grad = None
        ours(*mine, *rest).backward(dy)

    def run_theirs() -> None:
        for t in yours:
            t.grad = None
        theirs(*yours, *torch_rest).backward(torch_dy)

    return run_ours, run_theirs


def normal(*shape: int, seed: int = 0) -> np.ndarray:
    """Draw a float32 array of standard normal numbers."""
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


def peak_megabytes(function: Callable[[], object]) -> float | None:
    """Return by how many megabytes the process grew, at most, during one call; None where Linux does not say."""
    status, reset = Path("/proc/self/status"), Path("/proc/self/clear_refs")
    if not status.exists():
        return None
    gc.collect()
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL("libc.so.6").malloc_trim(0)  # what was freed before must not hide what is taken now
    try:
        reset.write_text("5")
    except OSError:
        return None
    before = _kilobytes(status, "VmRSS")
    function()
    return max(0, _kilobytes(status, "VmHWM") - before) / 1024


def _kilobytes(status: Path, key: str) -> int:
    return next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith(key))


def _once(function: Callable[[], object], warm_up: int) -> float:
    for _ in range(warm_up):
        function()
    return _time(function, 1)


def _time(function: Callable[[], object], repeat: int) -> float:
    time.sleep(0.03)  # the other's threads wait for more work by spinning: let them fall asleep and free the core
    function()  # and this one's wake up
    start = time.perf_counter()
    for _ in range(repeat):
        function()
    return (time.perf_counter() - start) / repeat
