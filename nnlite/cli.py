"""The command ``nnlite``: the tour, the course, and warming up."""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import sys
from collections.abc import Sequence

from nnlite.version import __version__


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code: 0 done, 1 something is not right yet, 2 wrong usage, 130 stopped.

    Examples
    --------
    >>> from nnlite.cli import main
    >>> main(["--version"])
    Traceback (most recent call last):
    SystemExit: 0
    """
    _prepare_output()
    try:
        try:
            options = _parser().parse_args(arguments)
            return options.run(options)
        finally:
            sys.stdout.flush()
    except KeyboardInterrupt:
        print("\nnnlite: stopped", file=sys.stderr)
        return 130
    except BrokenPipeError:  # whoever read what is printed, `head` for instance, has seen enough
        _print_no_more()
        return 1
    except OSError as error:
        print(f"nnlite: {error if error.filename or not error.strerror else error.strerror}", file=sys.stderr)
        _print_no_more()
        return 1


def _prepare_output() -> None:
    """Let no letter that the terminal lacks, and no closed output (``>&-``), end the program after its work."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115 (it stays open)
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace" if name == "stdout" else "backslashreplace")


def _print_no_more() -> None:
    """Lead what is still to be printed to nowhere, or Python would complain once more at its end."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="nnlite", description="Every idea of modern neural networks, from scratch.")
    parser.add_argument("--version", action="version", version=f"nnlite {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    tour = commands.add_parser(
        "tour",
        help="train the whole ladder, from one neuron to cats drawn from a prompt, with pictures",
        description="Train every rung of the ladder for real and write its pictures and one page that tells the story.",
    )
    tour.add_argument("--out", default="nnlite-tour", metavar="DIR", help="where the page goes (default: %(default)s)")
    tour.add_argument("--only", nargs="+", metavar="RUNG", help="climb only these rungs")
    tour.add_argument("--seed", type=int, default=0, metavar="N", help="the seed of everything (default: %(default)s)")
    tour.add_argument("--mine", metavar="FOLDER", help="run on the functions solved in this course folder")
    tour.set_defaults(run=_tour)

    warmup = commands.add_parser(
        "warmup",
        help="compile all kernels now, so that nothing waits for them later",
        description="Compile all kernels and keep the machine code on disk; a second run only checks that it is there.",
    )
    warmup.add_argument("--float64", action="store_true", help="also for float64, which gradient checks need")
    warmup.set_defaults(run=_warmup)

    from nnlite.course.commands import add_commands

    add_commands(commands)
    return parser


def _warmup(options: argparse.Namespace) -> int:
    from nnlite.kernels.warmup import warmup

    try:
        seconds = warmup(float64=options.float64)
    except RuntimeError as error:
        print(f"nnlite {error}", file=sys.stderr)
        return 2
    print(f"{len(seconds)} kernels are ready ({sum(seconds.values()):.1f} s)")
    return 0


def _tour(options: argparse.Namespace) -> int:
    from nnlite import tour

    try:
        plan = tour.prepare(options.out, only=options.only, seed=options.seed, mine=options.mine)
    except (OSError, ValueError) as error:
        print(f"nnlite tour: {str(error).removeprefix('tour: ')}", file=sys.stderr)
        return 2
    return tour.climb(plan)
