"""Compile every kernel ahead of time, so that the first lesson does not wait.

``signatures.txt`` lists what the twins call each kernel with, one line for each: ``f[2]`` is an array of the float
dtype in question with two axes, ``f`` a number of that dtype, ``int64[1]`` and ``bool`` are themselves.
"""

from __future__ import annotations

import importlib
import pkgutil
import time
from pathlib import Path
from typing import Any

import nnlite.kernels

TABLE = Path(__file__).with_name("signatures.txt")


def warmup(float64: bool = False, verbose: bool = True) -> dict[str, float]:
    """Compile all kernels for float32 and, if asked for, float64; what is on disk already is only loaded.

    Parameters
    ----------
    float64
        Whether the kernels for float64, which gradient checks need, are compiled too.
    verbose
        Whether to show a progress bar.

    Returns
    -------
    dict
        The seconds that each took, by the name of the kernel and its signature.

    Raises
    ------
    RuntimeError
        If kernels are switched off, or numba is not installed.
    """
    if not nnlite.kernels.kernels_enabled():
        raise RuntimeError("warmup: kernels are switched off or numba is not installed, there is nothing to compile")
    from tqdm.auto import tqdm

    from nnlite.kernels import progress

    kernels = all_kernels()
    seconds = {}
    work = [(dtype, *line) for dtype in ["float32", *["float64"] * float64] for line in read()]
    with progress.silence(), tqdm(work, desc="compiling", disable=not verbose, leave=False) as bar:
        for dtype, name, codes in bar:
            bar.set_postfix_str(f"{name.replace('._', '.')} {dtype}")
            start = time.perf_counter()
            kernels[name].compile(tuple(_type(code, dtype) for code in codes))
            seconds[f"{name}({', '.join(c.replace('f[', dtype + '[') for c in codes)}) {dtype}"] = (
                time.perf_counter() - start
            )
    return seconds


def all_kernels() -> dict[str, Any]:
    """Import every file of kernels and return the kernels by name."""
    for module in pkgutil.iter_modules(nnlite.kernels.__path__, "nnlite.kernels."):
        importlib.import_module(module.name)
    from nnlite.kernels.compile import KERNELS

    return KERNELS


def read() -> list[tuple[str, list[str]]]:
    """Return the table: the name of a kernel and the codes of its arguments, line by line."""
    lines = [line.split() for line in TABLE.read_text(encoding="utf-8").splitlines()]
    return [(name, codes) for name, *codes in lines]


def code(argument: Any, dtype: str) -> str:
    """Return the code of a Numba type, with `dtype` as the float dtype: the opposite of compiling for it."""
    from numba import types

    if isinstance(argument, types.Array):
        if argument.layout != "C" or not argument.mutable:
            raise TypeError(f"{argument}: expected a writable array in C order, which nnlite.kernels.compile makes")
        return f"{code(argument.dtype, dtype)}[{argument.ndim}]"
    return "f" if str(argument) == dtype else str(argument)


def _type(code: str, dtype: str) -> Any:
    from numba import types

    name, _, axes = code.removesuffix("]").partition("[")
    scalar = getattr(types, dtype if name == "f" else name)
    return types.Array(scalar, int(axes), "C") if axes else scalar
