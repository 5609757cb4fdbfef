"""Timing that survives a noisy laptop: ours and a peer's turn about, and the median of the ratios of neighbours.

A ratio above 1 means that nnlite is faster. Absolute times are printed for orientation only.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from threadpoolctl import threadpool_limits


@dataclass
class Row:
    """One line of the table: what was timed, against whom, and how it came out."""

    name: str
    peer: str
    threads: int
    ratio: float | None  # peer's time / our time; None: the peer is not installed
    spread: tuple[float, float] = (0.0, 0.0)  # the quartiles of the ratio
    milliseconds: float = 0.0  # ours

    def __str__(self) -> str:
        if self.ratio is None:
            return f"{self.name:44s} {self.peer:22s} {self.threads:>7d}   not installed: see the bench extra"
        low, high = self.spread
        return (
            f"{self.name:44s} {self.peer:22s} {self.threads:>7d} {self.ratio:>8.2f}x "
            f"{low:>7.2f} to {high:<7.2f} {self.milliseconds:>9.3f} ms"
        )


HEADER = f"{'row':44s} {'peer':22s} {'threads':>7s} {'ratio':>9s} {'quartiles':>12s} {'ours':>19s}"


def missing(package: str) -> bool:
    """Say whether a peer is not installed."""
    return importlib.util.find_spec(package) is None


def version(package: str) -> str:
    """Return a peer's name and version, for the table."""
    return f"{package} {importlib.metadata.version(package).split('+')[0]}"


@contextmanager
def threads(n: int) -> Iterator[None]:
    """Give BLAS, OpenMP and torch `n` threads."""
    if missing("torch"):
        with threadpool_limits(n):
            yield
        return
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(n)
    try:
        with threadpool_limits(n):
            yield
    finally:
        torch.set_num_threads(before)


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
    ratios = [b / a for a, b in pairs]
    low, _, high = statistics.quantiles(ratios, n=4)
    return Row(
        name, peer, n_threads, statistics.median(ratios), (low, high), 1e3 * statistics.median(a for a, _ in pairs)
    )


def _once(function: Callable[[], object], warm_up: int) -> float:
    for _ in range(warm_up):
        function()
    return _time(function, 1)


def _time(function: Callable[[], object], repeat: int) -> float:
    start = time.perf_counter()
    for _ in range(repeat):
        function()
    return (time.perf_counter() - start) / repeat
