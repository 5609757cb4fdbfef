"""The fixture ``student`` for running these modules with pytest itself: the library's own functions."""

from __future__ import annotations

import pytest

from nnlite.course import catalog
from nnlite.course.student import Student


@pytest.fixture(scope="class")
def student(request: pytest.FixtureRequest) -> Student:
    """The implementation under test: the formula of the exercise that the class names."""
    exercise = catalog.find(request.cls.exercise)
    return Student(exercise, exercise.reference, seconds=60)
