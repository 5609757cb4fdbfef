"""The lessons: committed without outputs, true to the library's exercises, and they run: unsolved, and solved."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import time
from pathlib import Path

import pytest

from nnlite.course import lessons
from nnlite.course.notebook import exercise_cell, solution_cell

NOTEBOOKS = sorted((Path(__file__).resolve().parents[2] / "notebooks").glob("*.ipynb"))
EXERCISE = "exercise:"
every_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def cells(path: Path) -> list[dict]:
    return json.loads(path.read_text(encoding="utf-8"))["cells"]


def source(cell: dict) -> str:
    return "".join(cell["source"])


def exercises(cell: dict) -> list[str]:
    tags = cell["metadata"].get("tags", [])
    return [tag.removeprefix(EXERCISE) for tag in tags if tag.startswith(EXERCISE)]


def test_there_are_lessons():
    assert [path.stem[:3] for path in NOTEBOOKS] == [f"{number:02d}_" for number in range(1, len(NOTEBOOKS) + 1)]


@every_notebook
def test_it_is_committed_without_outputs_and_without_traces_of_a_machine(path):
    notebook = json.loads(path.read_text(encoding="utf-8"))
    assert set(notebook["metadata"]) <= {"kernelspec", "language_info"}
    assert notebook["metadata"]["kernelspec"]["name"] == "python3"
    assert set(notebook["metadata"]["language_info"]) == {"name"}
    for cell in notebook["cells"]:
        assert set(cell["metadata"]) <= {"tags", "jupyter"}
        if cell["cell_type"] == "code":
            assert cell["outputs"] == []
            assert cell["execution_count"] is None


@every_notebook
def test_every_cell_has_an_id_of_its_own(path):
    ids = [cell["id"] for cell in cells(path)]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", name) for name in ids)


@every_notebook
def test_it_is_a_valid_notebook(path):
    nbformat = pytest.importorskip("nbformat")
    nbformat.validate(nbformat.read(path, as_version=nbformat.NO_CONVERT))


@every_notebook
def test_the_exercises_say_what_the_library_says(path):
    for cell in cells(path):
        for name in exercises(cell):
            assert source(cell) == exercise_cell(name), f"{cell['id']}: run python {Path(__file__).parent}/refresh.py"


@every_notebook
def test_every_exercise_is_checked_below(path):
    found = cells(path)
    for place, cell in enumerate(found):
        for name in exercises(cell):
            below = "\n".join(source(c) for c in found[place + 1 :] if c["cell_type"] == "code")
            assert f"check({lessons.find(name).long_name})" in below


def run(path: Path, solved: bool, monkeypatch: pytest.MonkeyPatch) -> list[dict]:
    """Run a copy in quick mode, with or without the library's own solutions put in; return its code cells."""
    nbclient, nbformat = pytest.importorskip("nbclient"), pytest.importorskip("nbformat")
    pytest.importorskip("ipykernel")
    if os.environ.get("NNLITE_KERNELS", "").lower() == "off":
        pytest.skip("the lessons are run on the kernels")
    monkeypatch.setenv("NNLITE_QUICK", "1")
    monkeypatch.setenv("NNLITE_SLIDERS", "off" if solved else "on")
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        for name in exercises(cell) if solved else []:
            cell.source = solution_cell(name)
    client = nbclient.NotebookClient(notebook, timeout=120, kernel_name="python3")
    started = time.perf_counter()
    client.execute()
    print(f"{path.name}, {'solved' if solved else 'unsolved'}: {time.perf_counter() - started:.1f} s")
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def shown(cell: dict) -> str:
    """What a cell shows, as text."""
    return "\n".join(output.get("text") or output.get("data", {}).get("text/plain", "") for output in cell["outputs"])


def verdicts(code: list[dict]) -> list[str]:
    """What the check cells say about the exercises."""
    return [
        line
        for cell in code
        if re.search(r"\bcheck\(", source(cell))
        for line in shown(cell).split("\n")
        if re.match(r"\w+\.\w+: ", line)
    ]


@every_notebook
def test_unsolved_it_runs_to_the_end(path, monkeypatch):
    code = run(path, False, monkeypatch)
    wanted = [name for cell in code for name in exercises(cell)]
    assert verdicts(code) == [f"{name}: not started" for name in wanted]
    assert any("image/png" in output.get("data", {}) for cell in code for output in cell["outputs"])


@every_notebook
def test_with_the_solutions_every_check_passes(path, monkeypatch):
    code = run(path, True, monkeypatch)
    wanted = [name for cell in code for name in exercises(cell)]
    found = verdicts(code)
    assert len(found) == len(wanted)
    for name, verdict in zip(wanted, found):
        assert verdict.startswith(f"{name}: solved"), verdict


@pytest.mark.skipif(importlib.util.find_spec("ipywidgets") is None, reason="sliders need ipywidgets")
def test_sliders_are_drawn_where_ipywidgets_is_installed(monkeypatch):
    code = run(NOTEBOOKS[0], False, monkeypatch)
    kinds = {kind for cell in code for output in cell["outputs"] for kind in output.get("data", {})}
    assert "application/vnd.jupyter.widget-view+json" in kinds
