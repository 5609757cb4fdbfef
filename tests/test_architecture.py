"""The house: rooms on floors, imports that only point down, and nothing heavy behind the front door."""

from __future__ import annotations

import ast
import doctest
import importlib
import inspect
import json
import os
import pkgutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import nnlite

ROOT = Path(nnlite.__file__).parent

#: A room may import rooms on lower floors and itself; rooms on one floor do not know each other.
FLOORS = [
    {"arguments", "contracts", "random", "files", "version"},
    {"kernels"},
    {"registry", "graph", "memory", "tensor", "autograd", "differentiable"},
    {"functional"},
    {"nn", "optim", "data"},
    {"training", "tasks"},
    {"models"},
    {"diffusion"},
    {"plots"},
    {"course"},
    {"tour", "cli", "__main__"},
]
FLOOR = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}

#: Who stands on whom on one floor.
NEIGHBOURS = {
    ("contracts", "arguments"),
    ("contracts", "random"),
    ("graph", "registry"),
    ("tensor", "graph"),
    ("tensor", "memory"),
    ("differentiable", "memory"),
    ("autograd", "tensor"),
    ("differentiable", "tensor"),
    ("differentiable", "registry"),
    ("tasks", "training"),
    ("cli", "tour"),
    ("__main__", "cli"),
}

#: what the front door opens: the public face of nnlite
FACE = {"functional", "kernels", "random", "registry", "tensor", "version"}

HEAVY = {"numba", "matplotlib", "pytest", "hypothesis"}

FILES = sorted(ROOT.rglob("*.py"))
MODULES = sorted(m.name for m in pkgutil.walk_packages(nnlite.__path__, "nnlite.") if not m.name.endswith("__main__"))


def room_of(file: Path) -> str:
    first = file.relative_to(ROOT).parts[0]
    return first.removesuffix(".py")


def imports(file: Path) -> Iterator[tuple[str, int, bool]]:
    """Every module that a file imports, anywhere in it: the name, the line, whether it is done at import time."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    lazy = {
        id(node)
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for node in ast.walk(function)
    }
    typing_only = {
        id(node)
        for branch in ast.walk(tree)
        if isinstance(branch, ast.If) and "TYPE_CHECKING" in ast.unparse(branch.test)
        for node in ast.walk(branch)
    }
    package = ["nnlite", *file.relative_to(ROOT).with_suffix("").parts]
    for node in ast.walk(tree):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = ".".join([*package[: -node.level], *([node.module] if node.module else [])])
            base = base if node.level else str(node.module)
            names = [f"{base}.{alias.name}" for alias in node.names] if base == "nnlite" else [base]
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in {"importlib.import_module", "__import__"}:
            names = [node.args[0].value] if isinstance(node.args[0], ast.Constant) else []
        for name in names:
            yield name, node.lineno, id(node) not in lazy | typing_only


def test_every_room_has_a_floor() -> None:
    rooms = {room_of(f) for f in FILES} - {"__init__"}
    assert rooms <= FLOOR.keys(), f"no floor for {rooms - FLOOR.keys()}"


@pytest.mark.parametrize("file", FILES, ids=lambda f: str(f.relative_to(ROOT)))
def test_imports_point_down(file: Path) -> None:
    here = room_of(file)
    if here == "__init__":
        return
    for name, line, _ in imports(file):
        if name.split(".")[0] != "nnlite":
            continue
        parts = name.split(".")
        where = f"{file.relative_to(ROOT)}:{line} imports {name}"
        there = parts[1] if len(parts) > 1 else ""
        if there not in FLOOR:  # the public face: ``import nnlite``, ``from nnlite import Tensor``
            lowest = max(FLOOR[room] for room in FACE)
            assert FLOOR[here] > lowest, f"{where}: the public face stands on floor {lowest}"
        elif there != here and (here, there) not in NEIGHBOURS:
            assert FLOOR[there] < FLOOR[here], f"{where}: floor {FLOOR[there]} is not below floor {FLOOR[here]}"


def test_the_face_imports_only_what_it_shows() -> None:
    eager = {name.split(".")[1] for name, _, now in imports(ROOT / "__init__.py") if now and name.startswith("nnlite.")}
    assert eager == FACE


@pytest.mark.parametrize("file", FILES, ids=lambda f: str(f.relative_to(ROOT)))
def test_only_kernels_import_numba(file: Path) -> None:
    if room_of(file) != "kernels":
        assert "numba" not in {name.split(".")[0] for name, _, _ in imports(file)}


@pytest.mark.parametrize("file", FILES, ids=lambda f: str(f.relative_to(ROOT)))
def test_heavy_packages_are_imported_late(file: Path) -> None:
    """At import time only plots/ may load matplotlib and only course/ pytest; hypothesis waits for the first check."""
    now = {name.split(".")[0] for name, _, eager in imports(file) if eager}
    allowed = {"plots": {"matplotlib"}, "kernels": {"numba"}, "course": {"pytest"}}
    forbidden = HEAVY - allowed.get(room_of(file), set())
    assert not now & forbidden


def run_python(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    env = {k: v for k, v in os.environ.items() if k != "NNLITE_KERNELS"} | environment
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env, timeout=120)


def test_import_loads_nothing_heavy() -> None:
    done = run_python("import nnlite, sys, json; print(json.dumps(sorted(sys.modules)))")
    assert done.returncode == 0, done.stderr
    loaded = {name.split(".")[0] for name in json.loads(done.stdout)}
    assert not loaded & (HEAVY | {"PIL", "torch", "sklearn", "scipy", "tqdm", "safetensors"})


def test_names_of_the_face_and_its_lazy_rooms() -> None:
    for name in nnlite.__all__:
        assert hasattr(nnlite, name)
    assert {"nn", "optim", "data", "models"} <= set(dir(nnlite))
    assert inspect.ismodule(nnlite.nn)
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = nnlite.nonsense


# Docstrings and doctests


def public(module: ModuleType) -> Iterator[tuple[str, Any]]:
    """The public functions and classes a module defines, with the public methods of the classes."""
    for name, value in vars(module).items():
        if name.startswith("_") or getattr(value, "__module__", None) != module.__name__:
            continue
        if inspect.isclass(value):
            yield name, value
            for method, function in vars(value).items():
                plain = getattr(function, "fget", None) or getattr(function, "__func__", function)
                if not method.startswith("_") and inspect.isfunction(plain):
                    yield f"{name}.{method}", function
        elif inspect.isfunction(value) or hasattr(value, "formula"):
            yield name, value


@pytest.mark.parametrize("name", MODULES)
def test_everything_public_has_a_docstring(name: str) -> None:
    module = importlib.import_module(name)
    assert module.__doc__, f"{name} says nothing about itself"
    if name.startswith("nnlite.kernels."):
        return  # a kernel's twin is described where its formula is
    # A wrong answer is described by the sentence that names it.
    wrong = [known.function for known in getattr(getattr(module, "EXERCISE", None), "mistakes", ())]
    missing = [n for n, value in public(module) if value not in wrong and not (value.__doc__ or "").strip()]
    assert not missing, f"{name}: no docstring on {missing}"


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings_run(name: str) -> None:
    module = importlib.import_module(name)
    options = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
    nnlite.manual_seed(0)
    assert doctest.testmod(module, optionflags=options).failed == 0


def test_examples_of_differentiable_functions_are_found() -> None:
    """They are objects, not functions: doctest must see them all the same, or nothing above is checked."""
    found = {
        test.name for test in doctest.DocTestFinder().find(importlib.import_module("nnlite.functional.activations"))
    }
    assert "nnlite.functional.activations.softmax" in found
