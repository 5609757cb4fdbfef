"""The checks kill what they should: see mutants.py, which prints the report."""

import ast

import pytest
from mutants import EXPLAINED, mutants, report, score
from spread import spread

from nnlite.course import lessons
from nnlite.course.stubs import reference_file

EXERCISES = list(lessons.EXERCISES.values())


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda e: e.name)
def test_mutants_are_many_and_different(exercise):
    made = list(mutants(exercise))
    function = next(n for n in ast.parse(reference_file(exercise)).body if isinstance(n, ast.FunctionDef))
    expressions = [n for statement in function.body[1:] for n in ast.walk(statement) if isinstance(n, ast.expr)]
    wanted = min(30, len(expressions))  # a very short reference has few places to change
    assert len(made) >= wanted
    assert len({(m.line, m.function.__code__.co_code, m.function.__code__.co_consts) for m in made}) >= 0.85 * wanted
    if "vjp" in exercise.returns:
        assert any("ignored" in m.change for m in made)


def holes_in_a_sample(name):
    """Report on one mutant in thirteen, if any of them survives and does something else."""
    result = score(lessons.EXERCISES[name], every=13)
    return report([result]) if result.holes else ""


@pytest.fixture(scope="module")
def holes(request):
    return spread(holes_in_a_sample, request)


@pytest.mark.full
@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda e: e.name)
def test_a_sample_of_mutants_is_killed(exercise, holes):
    assert not holes[exercise.name], holes[exercise.name]


@pytest.mark.slow
@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda e: e.name)
def test_every_mutant_is_killed_or_explained(exercise):
    result = score(exercise)
    assert result.share >= 0.95, report([result])
    survivors = {mutant.line for mutant in [*result.same, *result.holes]}
    assert survivors == set(EXPLAINED[exercise.name]), report([result])
