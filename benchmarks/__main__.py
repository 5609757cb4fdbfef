"""Print the table: ``python -m benchmarks [ROW ...]``, where a row is the name of a script in this folder."""

from __future__ import annotations

import argparse
import importlib

from benchmarks.timing import HEADER

ROWS = ("perceptron", "mlp", "attention")


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
    for name in names:
        for row in importlib.import_module(f"benchmarks.{name}").rows():
            print(row, flush=True)


if __name__ == "__main__":
    main()
