"""The command ``nnlite``: the tour, the course, and warming up."""

from __future__ import annotations

import argparse
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
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        return options.run(options)
    except KeyboardInterrupt:
        print("\nnnlite: stopped", file=sys.stderr)
        return 130
    except BrokenPipeError:
        sys.stderr.close()
        return 1


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
