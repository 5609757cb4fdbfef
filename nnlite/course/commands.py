"""``nnlite course …``: start a course folder, check what is in it, see how far it is, get a hint."""

from __future__ import annotations

import argparse
import errno
import sys
from typing import Any


def add_commands(subparsers: Any) -> None:
    """Add ``course`` to the subparsers of ``nnlite``; each command sets ``run``, which returns the exit code."""
    course = subparsers.add_parser(
        "course", help="write the library's functions yourself", description="Write the library's functions yourself."
    )
    commands = course.add_subparsers(dest="command", required=True, metavar="COMMAND")

    start = commands.add_parser("start", help="make a course folder: notebooks and exercises")
    start.add_argument("folder", help="a folder that is new or empty")
    start.set_defaults(run=_start)

    check = commands.add_parser(
        "check",
        help="check all exercises, or those named",
        description="Check all exercises, or those named. Their files run as they are, inside this command: "
        "one that ends Python itself (os._exit) ends the check too, without a word.",
    )
    check.add_argument("names", nargs="*", metavar="EXERCISE", help="for instance perceptron.loss or softmax")
    check.set_defaults(run=_check)

    status = commands.add_parser("status", help="what is solved, what is next, which file to open")
    status.set_defaults(run=_status)

    hint = commands.add_parser("hint", help="the next hint to an exercise")
    hint.add_argument("name", metavar="EXERCISE")
    hint.set_defaults(run=_hint)

    update = commands.add_parser(
        "update",
        help="bring a course folder up to the installed nnlite",
        description="Add what is new and renew what you have not touched. What you have written stays as it is.",
    )
    update.set_defaults(run=_update)

    export = commands.add_parser(
        "export",
        help="make an assignment for a class",
        description="Write an assignment of the chosen exercises: one folder for students, one with the solutions.",
    )
    export.add_argument(
        "names", nargs="+", metavar="EXERCISE", help="for instance perceptron.loss; 02 for all of lesson 2"
    )
    export.add_argument("--out", required=True, metavar="DIR", help="a folder that is new or empty")
    export.add_argument("--title", default="Assignment", help="the heading of the syllabus and the notebook")
    export.set_defaults(run=_export)

    stub = commands.add_parser("stub", help="print an exercise's file as it was at the start")
    stub.add_argument("name", metavar="EXERCISE")
    stub.set_defaults(run=_stub)

    for command in (check, status, hint, update):
        command.add_argument("--folder", help="the course folder; by default the one you are in")


def _guarded(command: Any) -> Any:
    def run(options: argparse.Namespace) -> int:
        try:
            return command(options)
        except (OSError, ValueError) as error:
            if getattr(error, "errno", None) in {errno.EPIPE, errno.ENOSPC}:
                raise  # what is said cannot be written: the command line answers that
            print(f"nnlite: {error}", file=sys.stderr)
            return 2

    return run


@_guarded
def _start(options: argparse.Namespace) -> int:
    from nnlite.course.lessons import EXERCISES
    from nnlite.course.workspace import notebooks, start

    folder = start(options.folder)
    found = notebooks()
    lessons = f"{len(found)} notebooks" if found else "no notebooks (this installation has none)"
    _say(f"{folder} is ready: {lessons}, {len(EXERCISES)} exercises.\n\n  cd {folder}\n  nnlite course status")
    return 0


@_guarded
def _check(options: argparse.Namespace) -> int:
    """Check the files in this process, which is no sandbox: one that calls os._exit ends it with that exit code."""
    from nnlite.course import lessons
    from nnlite.course.workspace import check_file, exercises_of, required

    folder = required(options.folder)
    exercises = [lessons.find(name) for name in options.names] or exercises_of(folder)
    results = []
    for exercise in exercises:
        results.append(check_file(exercise, folder))
        _say(f"{results[-1]}\n")
    solved = sum(map(bool, results))
    if len(results) > 1:
        _say(f"{solved} of {len(results)} solved")
    return 0 if solved == len(results) else 1


@_guarded
def _status(options: argparse.Namespace) -> int:
    from nnlite.course import lessons
    from nnlite.course.workspace import exercises_of, required, statuses

    folder = required(options.folder)
    found = {exercise.name: said for exercise, said in statuses(folder)}
    exercises = exercises_of(folder)
    solved = [e for e in exercises if found[e.name] == "solved"]
    points, of = sum(e.points for e in solved), sum(e.points for e in exercises)
    _say(f"{len(solved)} of {len(found)} exercises solved, {points} of {of} points")
    width = max(map(len, found)) + 2
    for lesson in lessons.LESSONS:
        here = [exercise for exercise in lesson.exercises if exercise in exercises]
        if here:
            _say(f"\n{lesson.number:02d}  {lesson.title}")
        for exercise in here:
            _say(f"    {exercise.name:<{width}}{found[exercise.name]:<14}{exercise.minutes:>3} min")
    following = [e for e in exercises if e not in solved]
    if following:
        first = following[0]
        _say(
            f"\nNext: {first.name} ({first.teaches})\n"
            f"    open   {folder / first.file}\n"
            f"    check  nnlite course check {first.name}"
        )
    else:
        _say(f"\nAll solved. Now run the whole tour on your own functions: nnlite tour --mine {folder}")
    return 0


@_guarded
def _hint(options: argparse.Namespace) -> int:
    from nnlite.course import lessons
    from nnlite.course.workspace import next_hint, required

    _say(repr(next_hint(lessons.find(options.name), required(options.folder))))
    return 0


@_guarded
def _update(options: argparse.Namespace) -> int:
    from nnlite.course.update import update
    from nnlite.course.workspace import required

    _say(str(update(required(options.folder))))
    return 0


@_guarded
def _export(options: argparse.Namespace) -> int:
    from nnlite.course.export import export

    folder = export(options.names, options.out, options.title)
    _say(f"{folder} is ready: students/ to hand out, instructor/ with the solutions, syllabus.md")
    return 0


@_guarded
def _stub(options: argparse.Namespace) -> int:
    from nnlite.course import lessons
    from nnlite.course.stubs import stub_file

    _say(stub_file(lessons.find(options.name)).rstrip())
    return 0


def _say(text: str) -> None:
    """Print, with a question mark for what the terminal's encoding lacks (Greek letters on an old console)."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"  # a stream in a notebook may have none, `>&-` no stream
    print(text.encode(encoding, "replace").decode(encoding))
