"""From the library's source to a student's file and to the teacher's.

Both are made from the function's own text: the decorators go, the signature and the docstring stay. In the student's
file the body is one line that raises; in the teacher's it is the library's, with the imports it needs.
"""

from __future__ import annotations

import ast
import builtins
import inspect
import re
import symtable
import sys
import textwrap
from typing import Any

from nnlite.course.exercise import Exercise
from nnlite.course.lessons import lesson_of

# What the docstring says about arguments the library checks before the function is called.
_LEFT_OUT = ("Raises",)
_CHECKED = "The arguments are checked before they come here: there is nothing to validate."


def stub_file(exercise: Exercise) -> str:
    """Return the student's file."""
    body = f'raise NotImplementedError("{exercise.name}: replace this line by your own code")'
    about = (
        f"{exercise.name}: lesson {lesson_of(exercise).number:02d}, about {exercise.minutes} minutes, "
        f"{exercise.points} point{'s' * (exercise.points != 1)}.\n\n"
        f"Write the body of the function, then run: nnlite course check {exercise.name}\n"
        f"Stuck? nnlite course hint {exercise.name}\n"
    )
    return _file(exercise, about, textwrap.indent(body, "    "), teacher=False)


def reference_file(exercise: Exercise) -> str:
    """Return the teacher's file: the same function with the library's body."""
    function, lines = _parsed(exercise)
    start = _body(function)[0].lineno - 1
    # From the line after the docstring on, so that comments above the first statement stay.
    first = function.body[0]
    if ast.get_docstring(function) is not None and first.end_lineno is not None:
        start = first.end_lineno
    body = "\n".join(lines[start : function.end_lineno]).strip("\n")
    return _file(exercise, f"{exercise.name}: the library's own solution.\n", body, teacher=True)


def _file(exercise: Exercise, about: str, body: str, teacher: bool) -> str:
    function, _ = _parsed(exercise)
    head = _signature(exercise, function)
    docstring = textwrap.indent(_docstring(exercise, function), "    ")
    imports = _imports(exercise, function, teacher)
    return f'"""{about.rstrip() if teacher else about}"""\n\n{imports}\n\n\n{head}\n{docstring}\n{body}\n'


def _parsed(exercise: Exercise) -> tuple[ast.FunctionDef, list[str]]:
    source = textwrap.dedent(inspect.getsource(exercise.reference))
    function = ast.parse(source).body[0]
    assert isinstance(function, ast.FunctionDef)
    return function, source.split("\n")


def _body(function: ast.FunctionDef) -> list[ast.stmt]:
    return function.body[1:] if ast.get_docstring(function) is not None else function.body


def _signature(exercise: Exercise, function: ast.FunctionDef) -> str:
    """The def line, where each annotation is spelt with numpy and builtins or left out."""
    copy = ast.parse(ast.unparse(function)).body[0]
    assert isinstance(copy, ast.FunctionDef)
    every = [*copy.args.posonlyargs, *copy.args.args, *copy.args.kwonlyargs, copy.args.vararg, copy.args.kwarg]
    for argument in every:
        if argument is not None:
            argument.annotation = _plain(argument.annotation)
    copy.returns = _plain(copy.returns)
    copy.name = exercise.function_name  # the library writes sum_ where Python has a sum
    copy.decorator_list = []
    copy.body = [ast.Pass()]
    line = re.sub(r"(: [\w.| ]+)=", r"\1 = ", ast.unparse(copy).rsplit("\n", 1)[0])
    line = re.sub(r"'(\w*)'", r'"\1"', line)
    if len(line) <= 100:
        return line
    named, arguments, returned = re.fullmatch(r"(def \w+\()(.*)(\).*)", line).groups()  # type: ignore[union-attr]
    each = re.split(r", (?![^\[(]*[\])])", arguments)  # at the commas outside of brackets
    return "\n".join([named, *(f"    {argument}," for argument in each), returned])


class _Spelt(ast.NodeTransformer):
    def visit_Name(self, node: ast.Name) -> ast.expr:
        return ast.parse("np.ndarray", mode="eval").body if node.id == "Array" else node


def _plain(annotation: ast.expr | None) -> ast.expr | None:
    if annotation is None:
        return None
    spelt = _Spelt().visit(annotation)
    names = {node.id for node in ast.walk(spelt) if isinstance(node, ast.Name)}
    return spelt if all(name == "np" or hasattr(builtins, name) for name in names) else None


def _docstring(exercise: Exercise, function: ast.FunctionDef) -> str:
    text = ast.get_docstring(function) or exercise.name
    # The file imports numpy above and defines the function itself.
    text = re.sub(rf"^ *>>> (import numpy as np|from nnlite\S* import {function.name})\n", "", text, flags=re.M)
    text = re.sub(r":\w+:`~?([^`]+)`", r"`\1`", text)
    # A numpydoc section is a title, a line of dashes, and all up to the next title.
    summary, *sections = re.split(r"\n(?=[A-Z][A-Za-z ]+\n-{3,}\n)", text)
    left_out = [*_LEFT_OUT, "Examples"] if exercise.example else list(_LEFT_OUT)
    kept = [s for s in sections if s.split("\n")[0] not in left_out]
    if len(kept) < len(sections) and any(s.startswith("Raises") for s in sections):
        summary = f"{summary.rstrip()}\n\n{_CHECKED}\n"
    if exercise.example:
        kept.append(f"Examples\n--------\n{exercise.example}\n")
    whole = "\n".join(part.rstrip("\n") + "\n" for part in [summary, *kept]).rstrip()
    quotes = 'r"""' if "\\" in whole else '"""'
    return f'{quotes}{whole}\n"""'


def _imports(exercise: Exercise, function: ast.FunctionDef, teacher: bool) -> str:
    """Import what the body uses: numpy and the standard library; for the teacher also the library's helpers."""
    space: dict[str, Any] = exercise.reference.__globals__
    used = _globals(
        symtable.symtable(textwrap.dedent(inspect.getsource(exercise.reference)), "", "exec").get_children()
    )
    lines = {"import numpy as np"}
    for name in sorted((used & space.keys()) - {"np", function.name}):
        value = space[name]
        if inspect.ismodule(value):
            top = value.__name__.partition(".")[0]
            if top in sys.stdlib_module_names or teacher:
                lines.add(f"import {value.__name__}" + (f" as {name}" if value.__name__ != name else ""))
        elif teacher:
            lines.add(f"from {exercise.module} import {name}")
    standard = sorted(line for line in lines if line.split()[1].partition(".")[0] in sys.stdlib_module_names)
    ours = sorted(lines - {"import numpy as np", *standard})
    groups = [standard, ["import numpy as np"], ours]
    return "\n\n".join("\n".join(group) for group in groups if group)


def _globals(tables: list[symtable.SymbolTable]) -> set[str]:
    """The names that the functions read and do not define."""
    found = set()
    for table in tables:
        found |= {symbol.get_name() for symbol in table.get_symbols() if symbol.is_global()}
        found |= _globals(table.get_children())
    return found
