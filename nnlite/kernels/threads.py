"""How many threads the kernels and BLAS (the matrix products behind NumPy's ``@``) may use.

Left alone, BLAS takes every core. One cap for both keeps a process from taking more cores than it should, and since
the order of a sum depends on how it is divided, the same seed gives the same bits only with the same number.
"""

from __future__ import annotations

import itertools
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait

from nnlite.arguments import integer

_cap: int | None = None

#: Numba's work queue aborts the process if two threads enter parallel kernels at once
parallel_lock = threading.RLock()


def set_num_threads(n: int) -> None:
    """Let kernels and BLAS use at most `n` threads, in all Python threads from now on.

    A BLAS library that is loaded later (by another package, for itself) is not seen; NumPy's is there already.

    Parameters
    ----------
    n
        How many, >= 1. More than the machine has cores is not an error and not faster.

    Raises
    ------
    TypeError, ValueError
        If `n` is not an integer >= 1.

    Examples
    --------
    >>> import nnlite
    >>> before = nnlite.get_num_threads()
    >>> nnlite.set_num_threads(1)
    >>> nnlite.get_num_threads()
    1
    >>> nnlite.set_num_threads(before)
    """
    global _cap
    n = integer(n, "set_num_threads: n", low=1)
    from threadpoolctl import threadpool_limits

    threadpool_limits(n, user_api="blas")
    _cap = n


def cap() -> int | None:
    """Return what was set, None if nothing was."""
    return _cap


def get_num_threads() -> int:
    """Return how many threads kernels and BLAS may use: what was set, or else what BLAS would take by itself.

    Examples
    --------
    >>> import nnlite
    >>> nnlite.get_num_threads() >= 1
    True
    """
    if _cap is not None:
        return _cap
    from threadpoolctl import threadpool_info

    pools = [pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"]
    return max(pools, default=os.cpu_count() or 1)


#: less arithmetic than this is done sooner than another thread is woken
ENOUGH = 4_000_000
_pool: tuple[int, ThreadPoolExecutor] | None = None  # with the process it belongs to: a fork has none of its threads


def divide(n: int, operations: float, work: Callable[[slice], None]) -> None:
    """Do `work` for all of ``range(n)``, given in slices: one for each thread if there is enough of it.

    The parts must not depend on each other, and should spend their time in kernels, which let other threads run.

    Examples
    --------
    >>> from nnlite.kernels.threads import divide
    >>> import numpy as np
    >>> x = np.zeros(4)
    >>> divide(4, 1e9, lambda part: x[part].fill(1))
    >>> x
    array([1., 1., 1., 1.])
    """
    global _pool
    threads = min(cap() or os.cpu_count() or 1, n, int(operations // ENOUGH) + 1)
    if threads <= 1:
        work(slice(0, n))
        return
    if _pool is None or _pool[0] != os.getpid():
        _pool = (os.getpid(), ThreadPoolExecutor(os.cpu_count() or 1, "nnlite"))
    first, *rest = itertools.starmap(slice, itertools.pairwise(n * i // threads for i in range(threads + 1)))
    others = [_pool[1].submit(work, part) for part in rest]
    try:
        work(first)
    finally:
        wait(others)  # nothing is written any more when this returns, whatever happened
    for other in others:
        other.result()
