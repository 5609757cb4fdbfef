"""Bring a course folder up to the installed nnlite, and keep every line the student has written.

The folder remembers each file as it was given out. A file that has not changed since is renewed. A file that the
student has changed stays, and the new version is put beside it. The new version of a notebook already holds the
student's own exercise cells.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nnlite
from nnlite.course.workspace import digest, exercises_of, materials, read_state, write, write_state

_TAG = "exercise:"


@dataclass
class Report:
    """What an update has done.

    Attributes
    ----------
    added, renewed : list of str
        The files that are new, and those that were brought up to date.
    kept : dict
        The files that the student has changed, and for each where the new one is.
    """

    added: list[str] = field(default_factory=list)
    renewed: list[str] = field(default_factory=list)
    kept: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        lines = [f"added    {name}" for name in self.added] + [f"renewed  {name}" for name in self.renewed]
        lines += [f"kept     {name}, which you have changed; {where}" for name, where in self.kept.items()]
        return "\n".join(lines) or "Everything is as the installed nnlite has it."


def update(folder: Path) -> Report:
    """Add the files that are new and renew those the student has not touched; a file of the student's is never changed.

    It can be stopped at any moment and run again. Ticks and hints stay.

    Raises
    ------
    OSError
        If the folder cannot be written.
    """
    state, report = read_state(folder), Report()
    texts = materials()
    if state["exercises"]:  # an assignment has its own notebook and no lessons
        chosen = {exercise.file for exercise in exercises_of(folder)}
        texts = {name: text for name, text in texts.items() if name in chosen or name == "test_exercises.py"}
    for name, text in texts.items():
        path, new = folder / name, digest(text)
        try:
            present = path.read_text(encoding="utf-8")
        except FileNotFoundError:
            path.parent.mkdir(exist_ok=True)
            write(path, text)
            report.added.append(name)
        except (OSError, UnicodeDecodeError):
            report.kept[name] = "it cannot be read"
            continue
        else:
            given = state["given"].get(name)
            if digest(present) == new:
                pass
            elif digest(present) == given:
                write(path, text)
                report.renewed.append(name)
            elif given != new:  # there is something new that the student has not been told of
                report.kept[name] = _beside(path, present, text)
        state["given"][name] = new
    write_state(folder, state)
    return report


def _beside(path: Path, present: str, text: str) -> str:
    """Put what is new beside the student's file, and say where."""
    if path.suffix != ".ipynb":
        if path.parent.name == "exercises":
            return f"the new text: nnlite course stub {path.stem}"
        return "it is left as it is"
    copy = path.with_name(f"{path.stem}-{nnlite.__version__}.ipynb")
    if copy.exists():
        return f"the new one is {copy.name} already"
    write(copy, _with_exercises_of(present, text))
    return f"the new one, with your exercises in it, is {copy.name}"


def _with_exercises_of(present: str, text: str) -> str:
    """Return the notebook `text` with the exercise cells of the notebook `present`, where that has any."""
    try:
        mine = {tag: cell["source"] for cell in json.loads(present)["cells"] for tag in _tags(cell)}
        notebook = json.loads(text)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return text  # the student's is no notebook any more
    for cell in notebook["cells"]:
        for tag in _tags(cell):
            cell["source"] = mine.get(tag, cell["source"])
    written = json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    return written.encode(errors="replace").decode()  # half an emoji, which JSON can hold and UTF-8 cannot


def _tags(cell: dict[str, Any]) -> list[str]:
    return [tag for tag in cell.get("metadata", {}).get("tags", []) if tag.startswith(_TAG)]
