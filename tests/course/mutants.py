"""Mutants: the library's own answer with one small thing changed. Do the checks notice?

Each exercise's reference is changed in one place at a time: + for -, a term dropped, another axis, another comparison,
another constant, the upstream gradient ignored. A mutant is killed when a check fails on it. Those that survive are
compared with the reference on many more inputs: equal everywhere, it is no mutant but another way to write the same;
different, the checks have a hole. Run as a script, this prints the report; every survivor must be
explained in lessons/.

    python tests/course/mutants.py [EXERCISE ...]
"""

from __future__ import annotations

import ast
import copy
import importlib
import inspect
import sys
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from nnlite.course import lessons
from nnlite.course.exercise import Exercise
from nnlite.course.mistakes import repeats
from nnlite.course.runner import hypothesis_elsewhere, run_test
from nnlite.course.stubs import reference_file
from nnlite.course.student import Student

# What each exercise's file in lessons/ says: inputs broader than those of the check, and why a mutant that survives is
# not a hole in it, by the changed line.
BROAD: dict[str, Callable[[np.random.Generator], tuple[Any, ...]]] = {}
EXPLAINED: dict[str, dict[str, str]] = {}
for _lesson in lessons.LESSONS:
    for _exercise in _lesson.exercises:
        _file = importlib.import_module(f"lessons.{_lesson.topic}.{_exercise.long_name}")
        BROAD[_exercise.name] = _file.BROAD
        EXPLAINED[_exercise.name] = _file.EXPLAINED


@dataclass
class Mutant:
    exercise: Exercise
    change: str  # which kind of change
    line: str  # the changed line
    function: Callable[..., Any]


def mutants(exercise: Exercise) -> Iterator[Mutant]:
    """Yield every mutant of an exercise's reference, each once."""
    tree = ast.parse(reference_file(exercise))
    index = next(i for i, node in enumerate(tree.body) if isinstance(node, ast.FunctionDef))
    docstring = ast.get_docstring(tree.body[index]) is not None
    tree.body[index].body = tree.body[index].body[docstring:]
    tree.body[index].returns = None
    for argument in ast.walk(tree.body[index]):
        if isinstance(argument, ast.arg):
            argument.annotation = None
    before = ast.unparse(tree).split("\n")
    seen = {"\n".join(before)}
    for position, node in enumerate(list(ast.walk(tree.body[index]))):
        for change, replace in changes(node, tree.body[index]):
            mutated = copy.deepcopy(tree)
            target = list(ast.walk(mutated.body[index]))[position]
            new = replace(target)
            if new is not target:
                _Put(target, new).visit(mutated)
            ast.fix_missing_locations(mutated)
            text = ast.unparse(mutated)
            if text in seen:
                continue
            seen.add(text)
            after = text.split("\n")
            line = next((b.strip() for a, b in zip(before, after) if a != b), after[-1].strip())
            module = types.ModuleType("mutant")
            try:
                exec(compile(text, f"<mutant of {exercise.name}>", "exec", dont_inherit=True), module.__dict__)
            except (SyntaxError, NameError, TypeError):
                continue  # the function does not even come to be
            yield Mutant(exercise, change, line, getattr(module, exercise.function_name))


class _Put(ast.NodeTransformer):
    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self.old, self.new = old, new

    def visit(self, node: ast.AST) -> Any:
        return self.new if node is self.old else self.generic_visit(node)


SWAPS = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.Pow: ast.Mult}
COMPARISONS = (ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Eq, ast.NotEq)
NAMES = {"sum": "mean", "mean": "sum", "max": "min", "min": "max", "exp": "expm1", "log": "log1p", "maximum": "minimum"}


def changes(node: ast.AST, function: ast.FunctionDef) -> Iterator[tuple[str, Callable[[Any], ast.AST]]]:
    """Yield the changes a node allows, each as its name and a function from the node to what replaces it."""

    def set_to(**fields: Any) -> Callable[[Any], ast.AST]:
        def replace(target: Any) -> ast.AST:
            for name, value in fields.items():
                setattr(target, name, value)
            return target

        return replace

    def value(new: Any) -> Callable[[Any], ast.AST]:
        return lambda target: ast.Constant(new)

    if isinstance(node, ast.BinOp):
        if type(node.op) in SWAPS:
            yield "operator swapped", set_to(op=SWAPS[type(node.op)]())
        yield "right term dropped", lambda target: target.left
        yield "left term dropped", lambda target: target.right
    elif isinstance(node, ast.AugAssign) and type(node.op) in SWAPS:
        yield "operator swapped", set_to(op=SWAPS[type(node.op)]())
    elif isinstance(node, ast.UnaryOp):
        yield "sign dropped", lambda target: target.operand
    elif isinstance(node, ast.Compare):
        for other in COMPARISONS:
            yield "comparison changed", set_to(ops=[other()])
    elif isinstance(node, ast.Constant):
        if isinstance(node.value, bool):
            yield "truth swapped", value(not node.value)
        elif isinstance(node.value, int | float):
            for new in (node.value + 1, node.value - 1, -node.value, 0):
                yield "constant changed", value(new)
    elif isinstance(node, ast.Call):
        for i, keyword in enumerate(node.keywords):
            yield f"{keyword.arg} left out", lambda target, i=i: _without(target, i)
            if keyword.arg in ("axis", "dim"):
                for axis in (0, -1, None):
                    yield "axis changed", lambda target, i=i, axis=axis: _with_axis(target, i, axis)
        if node.args:
            yield "function left out", lambda target: target.args[0]
        elif isinstance(node.func, ast.Attribute):
            yield "function left out", lambda target: target.func.value
    elif isinstance(node, ast.Attribute) and node.attr in NAMES:
        yield "function changed", set_to(attr=NAMES[node.attr])
    elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
        yield "selection left out", lambda target: target.value
    elif isinstance(node, ast.FunctionDef) and node is not function:
        for argument in node.args.args:
            yield f"{argument.arg} ignored", lambda target, name=argument.arg: _Ones(name).generic_visit(target)
    elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        known = {a.arg for f in ast.walk(function) if isinstance(f, ast.FunctionDef) for a in f.args.args}
        known |= {n.id for n in ast.walk(function) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        for other in sorted(known - {node.id}):
            yield "other variable", set_to(id=other)
        if node.id in known:
            yield f"{node.id} ignored here", lambda target: _ones_like(target)


def _without(call: ast.Call, i: int) -> ast.AST:
    del call.keywords[i]
    return call


def _with_axis(call: ast.Call, i: int, axis: int | None) -> ast.AST:
    call.keywords[i].value = ast.Constant(axis)
    return call


def _ones_like(name: ast.AST) -> ast.AST:
    call = ast.parse("np.ones_like(x)", mode="eval").body
    call.args = [name]
    return call


class _Ones(ast.NodeTransformer):
    """Put ones in the place of an argument: what a vjp that ignores its upstream gradient amounts to."""

    def __init__(self, name: str) -> None:
        self.name = name

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return _ones_like(node) if node.id == self.name and isinstance(node.ctx, ast.Load) else node


def killed(mutant: Mutant) -> bool:
    """Say whether a check fails on the mutant."""
    instance = mutant.exercise.tests()
    student = Student(mutant.exercise, mutant.function, seconds=20)
    student.known = True  # the first counterexample will do
    return any(run_test(getattr(instance, name), student) is not None for name, _ in mutant.exercise.facts)


def changes_behaviour(mutant: Mutant, draws: int = 300) -> bool:
    """Say whether the mutant differs from the reference on inputs that no check has seen."""
    rng = np.random.default_rng(0)
    for _ in range(draws):
        args = BROAD[mutant.exercise.name](rng)
        student = Student(mutant.exercise, mutant.exercise.reference)
        result = student(*args)
        raw = student.right[0].calls[0].outcome.raw
        for i, part in enumerate(result if isinstance(result, tuple) else (result,)):
            if callable(part):
                like = result[0] if isinstance(result, tuple) else args[0]
                upstream = np.asarray(rng.normal(size=like.shape)).astype(like.dtype)
                inner = inspect.signature(raw[i] if isinstance(result, tuple) else raw).parameters
                needs = [(True, True), (True, False), (False, True)][rng.integers(3)]
                part(upstream, needs) if "needs" in inner else part(upstream)
        if not repeats(mutant.function, student.right[0]):
            return True
    return False


@dataclass
class Score:
    exercise: Exercise
    total: int
    same: list[Mutant]  # survived, and do what the reference does
    holes: list[Mutant]  # survived, and do something else

    @property
    def share(self) -> float:
        """The share of the mutants that change behaviour which the checks kill."""
        changed = self.total - len(self.same)
        return (changed - len(self.holes)) / changed


def score(exercise: Exercise, every: int = 1) -> Score:
    """Try every mutant of an exercise, or one in `every`."""
    tried = list(mutants(exercise))[::every]
    with hypothesis_elsewhere():
        survivors = [mutant for mutant in tried if not killed(mutant)]
    holes = [mutant for mutant in survivors if changes_behaviour(mutant)]
    same = [mutant for mutant in survivors if mutant not in holes]
    return Score(exercise, len(tried), same, holes)


def report(scores: list[Score]) -> str:
    """Write what survived, and why."""
    lines = []
    for s in scores:
        changed = s.total - len(s.same)
        lines.append(
            f"{s.exercise.name}: {s.total} mutants, {changed} change behaviour, {changed - len(s.holes)} killed "
            f"({100 * s.share:.1f}%)"
        )
        for title, group in (("survives, does the same", s.same), ("SURVIVES, DOES SOMETHING ELSE", s.holes)):
            for mutant in group:
                why = EXPLAINED[s.exercise.name].get(mutant.line, "NOT EXPLAINED")
                lines += [f"  {title}: {mutant.change}", f"      {mutant.line}", f"      {why}"]
    return "\n".join(lines)


if __name__ == "__main__":
    chosen = [lessons.find(name) for name in sys.argv[1:]] or list(lessons.EXERCISES.values())
    print(report([score(exercise) for exercise in chosen]))
