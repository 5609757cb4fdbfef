"""Print the table, and write it: ``python -m benchmarks [ROW ...]``, where a row is a script in this folder.

With all rows, ``benchmarks/results.md`` and its bar chart ``benchmarks/results.png`` are written anew.
"""

from __future__ import annotations

import argparse
import importlib
from pathlib import Path

from benchmarks import report
from benchmarks.timing import HEADER, Row

ROWS = (
    "perceptron",
    "mlp",
    "linear",
    "activations",
    "losses",
    "normalization",
    "attention",
    "convolution",
    "recurrent",
    "optimizers",
)


def main() -> None:
    """Measure every row, or those named."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"one of {', '.join(ROWS)} (default: all)")
    names = parser.parse_args().rows or ROWS
    for name in names:
        if name not in ROWS:
            parser.error(f"unknown row {name!r}, expected one of {', '.join(ROWS)}")
    print("ratio = the peer's time / nnlite's, medians, measured turn about in this run; above 1 nnlite is faster\n")
    print(HEADER)
    measured: list[Row] = []
    for name in names:
        for row in importlib.import_module(f"benchmarks.{name}").rows():
            print(row, flush=True)
            measured.append(row)
    if set(names) == set(ROWS) and any(row.ratio for row in measured):
        report.write(measured, Path(__file__).parent)


if __name__ == "__main__":
    main()
