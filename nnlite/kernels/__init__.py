"""The compiled twins: loops over plain arrays, one file per file of ``functional/`` (and a few for ``models/``).

This is the only folder that imports numba, and it does so when a twin is first called, not when nnlite is
imported. :func:`twin` finds one by its name; :func:`use_kernels` switches all of them off, after which every
function runs on its NumPy formula.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import warnings
from collections.abc import Callable
from typing import Any

from nnlite.kernels.threads import get_num_threads, set_num_threads

_enabled: bool | None = None  # None: not decided yet, the environment decides at the first question


class use_kernels:
    """Run on the compiled kernels (True) or on the NumPy formulas (False); also a context manager.

    ``NNLITE_KERNELS=off`` in the environment says False from the start, and so do a missing numba and Numba's own
    ``NUMBA_DISABLE_JIT=1``.

    Parameters
    ----------
    enabled : bool
        Whether to run on the kernels.

    Examples
    --------
    >>> import nnlite
    >>> with nnlite.use_kernels(False):
    ...     nnlite.kernels_enabled()
    False
    """

    def __init__(self, enabled: bool) -> None:
        global _enabled
        if not isinstance(enabled, bool):
            raise TypeError(f"use_kernels: enabled is {enabled!r}, expected True or False")
        self._before = kernels_enabled()
        _enabled = enabled and _numba_compiles()

    def __enter__(self) -> use_kernels:
        return self

    def __exit__(self, *_: object) -> None:
        global _enabled
        _enabled = self._before

    def __repr__(self) -> str:
        return f"kernels are {'on' if _enabled else 'off'}"


def kernels_enabled() -> bool:
    """Say whether compiled kernels are in use."""
    global _enabled
    if _enabled is None:
        word = os.environ.get("NNLITE_KERNELS", "on").lower()
        if word not in {"on", "off"}:
            raise ValueError(f"NNLITE_KERNELS is {word!r}, expected 'on' or 'off'")
        _enabled = word == "on" and _numba_compiles()
    return _enabled


def _numba_compiles() -> bool:
    """Whether numba is installed and not told to leave Python as it is; a word of warning where it is missing."""
    if os.environ.get("NUMBA_DISABLE_JIT", "0") not in {"", "0"}:
        return False
    if importlib.util.find_spec("numba") is not None:
        return True
    warnings.warn("numba is not installed: nnlite runs on its NumPy formulas, more slowly", stacklevel=3)
    return False


def twin(name: str) -> Callable[..., Any]:
    """Return the twin called `name`, for instance ``"normalization.layer_norm"``."""
    module, function = name.rsplit(".", 1)
    return getattr(importlib.import_module(f"nnlite.kernels.{module}"), function)
