"""Plain pytest in a course folder: one test for each exercise, with the verdict and the words of ``course check``."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from nnlite.course import lessons
from nnlite.course.workspace import check_file, exercises_of


def every_exercise(folder: str | os.PathLike[str]) -> Callable[[str], None]:
    """Return a test function, parametrised over the folder's exercises, that checks the files in `folder`."""

    @pytest.mark.parametrize("name", [exercise.name for exercise in exercises_of(Path(folder))])
    def test_exercise(name: str) -> None:
        result = check_file(lessons.find(name), Path(folder))
        if not result:
            pytest.fail(str(result), pytrace=False)

    return test_exercise
