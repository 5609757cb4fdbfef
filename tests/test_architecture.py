"""The house: rooms on floors, imports that only point down, nothing heavy behind the front door, and words that run.

Each rule is one test over all files, whose message lists every offender.
"""

from __future__ import annotations

import ast
import dataclasses
import doctest
import functools
import importlib
import inspect
import json
import os
import pkgutil
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
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
    {"course", "studio"},
    {"tour", "cli", "__main__"},
]
FLOOR = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}

#: Who stands on whom on one floor.
NEIGHBOURS = {
    ("contracts", "arguments"),
    ("contracts", "random"),
    ("graph", "registry"),
    ("tensor", "graph"),
    ("tensor", "registry"),
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
#: what a room may import at once, because it is what the room is for
AT_ONCE = {"plots": {"matplotlib"}, "kernels": {"numba"}, "course": {"pytest"}}

FILES = sorted(ROOT.rglob("*.py"))
MODULES = sorted(m.name for m in pkgutil.walk_packages(nnlite.__path__, "nnlite.") if not m.name.endswith("__main__"))


def room_of(file: Path) -> str:
    return file.relative_to(ROOT).parts[0].removesuffix(".py")


def module_of(file: Path) -> str:
    parts = ["nnlite", *file.relative_to(ROOT).with_suffix("").parts]
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@functools.cache
def tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


@functools.cache
def imports(file: Path) -> tuple[tuple[str, int, bool], ...]:
    """Every module that a file imports, anywhere in it: the name, the line, whether it is done at import time."""
    lazy = {
        id(node)
        for function in ast.walk(tree(file))
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for node in ast.walk(function)
    }
    typing_only = {
        id(node)
        for branch in ast.walk(tree(file))
        if isinstance(branch, ast.If) and "TYPE_CHECKING" in ast.unparse(branch.test)
        for node in ast.walk(branch)
    }
    package = ["nnlite", *file.relative_to(ROOT).with_suffix("").parts]
    known = {*MODULES, "nnlite"}
    found = []
    for node in ast.walk(tree(file)):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = ".".join([*package[: -node.level], *([node.module] if node.module else [])])
            base = base if node.level else str(node.module)
            inside = [f"{base}.{alias.name}" for alias in node.names]
            names = [name if name in known or base == "nnlite" else base for name in inside]
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in {"importlib.import_module", "__import__"}:
            names = [node.args[0].value] if isinstance(node.args[0], ast.Constant) else []
        found += [(name, node.lineno, id(node) not in lazy | typing_only) for name in dict.fromkeys(names)]
    return tuple(found)


def where(file: Path, line: int) -> str:
    return f"{file.relative_to(ROOT)}:{line}"


def none(offenders: Iterable[str]) -> None:
    """Fail with all the offenders, a line each."""
    __tracebackhide__ = True
    found = list(offenders)
    assert not found, "\n".join(["", *found])


def test_every_room_has_a_floor() -> None:
    none({room_of(f) for f in FILES} - {"__init__"} - FLOOR.keys())


def test_imports_point_down() -> None:
    lowest = max(FLOOR[room] for room in FACE)
    offenders = []
    for file in FILES:
        here = room_of(file)
        for name, line, _ in imports(file):
            if here == "__init__" or name.split(".")[0] != "nnlite":
                continue
            there = [*name.split("."), ""][1]
            if there not in FLOOR:  # the public face: ``import nnlite``, ``from nnlite import Tensor``
                if FLOOR[here] <= lowest:
                    offenders.append(f"{where(file, line)} imports {name}: the public face stands on floor {lowest}")
            elif there != here and (here, there) not in NEIGHBOURS and FLOOR[there] >= FLOOR[here]:
                offenders.append(
                    f"{where(file, line)} imports {name}: floor {FLOOR[there]} is not below floor {FLOOR[here]}"
                )
    none(offenders)


def test_no_two_files_of_a_folder_import_each_other() -> None:
    """Whoever reads one of two such files must have read the other first; an import inside a function counts."""
    known = {module_of(file): {name for name, _, _ in imports(file)} for file in FILES}
    offenders = {
        "+".join(sorted({str(a.relative_to(ROOT)), str(b.relative_to(ROOT))}))
        for a in FILES
        for b in a.parent.glob("*.py")
        if a != b and module_of(a) in known[module_of(b)] and module_of(b) in known[module_of(a)]
    }
    none(sorted(offenders))


def test_the_face_imports_only_what_it_shows() -> None:
    eager = {name.split(".")[1] for name, _, now in imports(ROOT / "__init__.py") if now and name.startswith("nnlite.")}
    assert eager == FACE


def test_only_kernels_import_numba() -> None:
    none(
        where(file, line)
        for file in FILES
        for name, line, _ in imports(file)
        if room_of(file) != "kernels" and name.split(".")[0] == "numba"
    )


def test_heavy_packages_are_imported_late() -> None:
    """At import time only plots/ may load matplotlib and only course/ pytest."""
    none(
        f"{where(file, line)} imports {name} at once"
        for file in FILES
        for name, line, now in imports(file)
        if now and name.split(".")[0] in HEAVY - AT_ONCE.get(room_of(file), set())
    )


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


# Mathematics first


def test_the_mathematics_begins_early() -> None:
    """In functional/ and models/ the first public function or class says what it does within the first 80 lines."""
    offenders = []
    for file in FILES:
        public = [n for n in tree(file).body if isinstance(n, ast.FunctionDef | ast.ClassDef) and n.name[0] != "_"]
        if room_of(file) in {"functional", "models"} and public:
            body = public[0].body
            first = body[1 if ast.get_docstring(public[0]) and len(body) > 1 else 0].lineno
            if first > 80:
                offenders.append(f"{file.relative_to(ROOT)} comes to {public[0].name} in line {first}")
    none(offenders)


def test_formulas_call_each_other_by_name() -> None:
    """A line of a paper reads ``w = update(w, x, y)``, not ``w = update.run(w, x, y)``."""
    calls = (
        f"{file.relative_to(ROOT)} calls {ast.unparse(node.func)} in line {node.lineno}"
        for file in FILES
        if room_of(file) in {"models", "optim", "data", "diffusion"}
        for node in ast.walk(tree(file))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "run"
    )
    none(calls)


# Docstrings and their examples


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


def everything_public() -> Iterator[tuple[str, str, Any]]:
    """Every public thing with the module it stands in; a kernel's twin is described where its formula is."""
    for name in MODULES:
        module = importlib.import_module(name)
        if name.startswith("nnlite.kernels."):
            continue
        # a wrong answer of the course is described by the sentence that names it
        wrong = [known.function for known in getattr(getattr(module, "EXERCISE", None), "mistakes", ())]
        yield from ((name, n, value) for n, value in public(module) if value not in wrong)


def test_every_module_says_what_it_is() -> None:
    none(name for name in MODULES if not importlib.import_module(name).__doc__)


def test_everything_public_has_a_docstring() -> None:
    none(f"{module}.{name}" for module, name, value in everything_public() if not (value.__doc__ or "").strip())


def described(docstring: str, title: str) -> set[str]:
    """The names in a section of a numpydoc docstring: ``x, y : array`` are two names, ``*layers`` is one."""
    section = re.search(rf"^(?:{title})\n-+\n(.*?)(?=^\S[^\n]*\n-+\n|\Z)", docstring, re.S | re.M)
    lines = re.findall(r"^\S.*", section[1], re.M) if section else []
    return {name.strip(" *") for line in lines for name in line.split(" :")[0].split(",")}


def test_every_class_describes_what_it_is_made_of() -> None:
    """The section Parameters of a class names each parameter of its constructor; for a record Attributes may, too.

    A constructor that another library wrote is described there.
    """
    offenders = []
    for module, name, value in everything_public():
        if not inspect.isclass(value) or issubclass(value, BaseException):
            continue
        made = inspect.isfunction(value.__init__) or inspect.isfunction(value.__new__)
        made = made and getattr(value.__init__, "__module__", "nnlite").startswith("nnlite")
        parameters = inspect.signature(value).parameters if made else ()
        record = dataclasses.is_dataclass(value) or hasattr(value, "_fields")
        told = described(inspect.getdoc(value) or "", "Parameters|Attributes" if record else "Parameters")
        missing = [p for p in parameters if p not in told | {"args", "kwargs"}]
        if missing:
            offenders.append(f"{module.removeprefix('nnlite.')} {name} does not describe {', '.join(missing)}")
    none(offenders)


@pytest.mark.parametrize("room", sorted({name.split(".")[1] for name in MODULES}))
def test_examples_in_docstrings_run_by_themselves(room: str) -> None:
    """Each docstring's examples run in an empty namespace, as in a fresh interpreter: whoever copies them sees that."""
    offenders = []
    for name in MODULES:
        if name.split(".")[1] == room:
            offenders += failures(name)
    none(offenders)


def failures(name: str) -> list[str]:
    """What doctest says of the examples in a module, each docstring's run with no names at all."""
    said: list[str] = []
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS)
    for test in doctest.DocTestFinder().find(importlib.import_module(name), globs={}):
        nnlite.manual_seed(0)
        runner.run(test, out=said.append)
    return said


def test_examples_of_differentiable_functions_are_found() -> None:
    """They are objects, not functions: doctest must see them all the same, or nothing above is checked."""
    module = importlib.import_module("nnlite.functional.activations")
    assert "nnlite.functional.activations.softmax" in {test.name for test in doctest.DocTestFinder().find(module)}
