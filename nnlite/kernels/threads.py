"""How many threads the kernels and BLAS (the matrix products behind NumPy's ``@``) may use.

Left alone, BLAS takes every core. One cap for both keeps a process from taking more cores than it should, and since
the order of a sum depends on how it is divided, the same seed gives the same bits only with the same number.
"""

from __future__ import annotations

import os
import threading

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
