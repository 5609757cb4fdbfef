"""The fixture ``student`` for running an exercise's file with pytest itself: the library's own function."""

from __future__ import annotations

import pytest

from nnlite.course.student import Student


@pytest.fixture(scope="class")
def student(request: pytest.FixtureRequest) -> Student:
    """The function under test: the formula of the exercise that the file makes."""
    exercise = request.module.EXERCISE
    return Student(exercise, exercise.reference, seconds=60)
