"""The course: write the library's functions yourself, and have each one checked.

>>> from nnlite.course import check
>>> def perceptron_loss(w, X, y):
...     return -(y * (X @ w)).sum()
>>> print(check(perceptron_loss))                                            # doctest: +ELLIPSIS
perceptron.loss: not right yet, 0 of 4 checks hold
...
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from nnlite.arguments import number
from nnlite.registry import Entry

if TYPE_CHECKING:
    from nnlite.course.exercise import Exercise
    from nnlite.course.feedback import Result

__all__ = ["check", "stub"]


def check(
    name: str | Callable[..., Any] | None = None,
    function: Callable[..., Any] | None = None,
    *,
    seconds: float | None = None,
) -> Result:
    """Check one exercise and return the result, which shows itself as a card in a notebook.

    Parameters
    ----------
    name : str or function
        The exercise, for instance ``"perceptron.loss"``; or the function itself, if it bears the exercise's name
        (``perceptron_loss``, ``softmax``).
    function : function, optional
        The function to check. By default the one of that name in the notebook or module that calls, or else the
        file in the course folder one works in.
    seconds : float, optional
        What all calls of the function may take together. A loop written in Python is ended after that; compiled
        code cannot be, and is left behind.

    Returns
    -------
    Result
        True if the exercise is solved; ``.hint()`` gives the next hint.

    Raises
    ------
    ValueError
        If no exercise has that name.
        If `seconds` is not above 0.
    TypeError
        If `function` cannot be called, or `seconds` is no number.

    Examples
    --------
    >>> from nnlite.course import check
    >>> from nnlite.models import perceptron
    >>> check("perceptron.loss", perceptron.loss)
    perceptron.loss: solved, all 4 checks hold
    """
    from nnlite.course import lessons
    from nnlite.course.runner import run
    from nnlite.course.student import safe_repr
    from nnlite.course.workspace import check_file, course_folder, missing

    if seconds is not None and number(seconds, "check: seconds") <= 0:
        raise ValueError(f"check: seconds is {seconds}, expected a number > 0")
    if function is None and callable(name):
        function, name = name, getattr(name, "__name__", None) or safe_repr(name)
        if isinstance(function, Entry):
            name = function.name
    if not isinstance(name, str):
        raise TypeError(
            f"check: name is {safe_repr(name)}, expected an exercise such as 'perceptron.loss' or a function"
        )
    exercise = lessons.find(name)
    if function is None:
        frame = inspect.currentframe()
        function = _named(exercise, frame.f_back if frame is not None else None)
    if function is None and (sentence := _broken_cell(exercise)):
        return missing(exercise, sentence)
    if function is None:
        folder = course_folder()
        if folder is None:
            return missing(
                exercise,
                f"There is no function called {exercise.long_name} or {exercise.function_name} here, and this is "
                "no course folder. Define one, or pass it: check(name, function).",
            )
        return check_file(exercise, folder, seconds)
    if isinstance(function, Entry):
        function = function.formula
    if not callable(function):
        raise TypeError(f"check: function is {safe_repr(function)}, expected a function to check")
    return run(exercise, function, seconds)


def _named(exercise: Exercise, frame: Any) -> Callable[..., Any] | None:
    """Find the function in the notebook, or where the caller stands; the library's own does not count."""
    shell = _notebook()
    spaces = [shell.user_ns] if shell is not None else []
    if frame is not None:
        spaces += [frame.f_locals, frame.f_globals]
    for name in (exercise.long_name, exercise.function_name):
        for space in spaces:
            found = space.get(name)
            # A short name such as loss may well be another thing of the student's: the arguments tell.
            if name != exercise.long_name and not _takes(found, exercise.parameters):
                continue
            if callable(found) and not isinstance(found, Entry):
                return found
    return None


def _notebook() -> Any:
    return sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None


def _broken_cell(exercise: Exercise) -> str:
    """Say what is wrong with the notebook's last cell that would define the function, if it is not Python."""
    shell = _notebook()
    cells = getattr(shell, "user_ns", {}).get("In", [])
    for cell in reversed(cells):
        if isinstance(cell, str) and f"def {exercise.long_name}" in cell:
            try:
                compile(shell.transform_cell(cell), "cell", "exec", dont_inherit=True)
            except SyntaxError as error:
                line = f" in line {error.lineno}" if error.lineno else ""
                return f"The cell that defines {exercise.long_name} is not Python{line} ({error.msg})."
            return ""
    return ""


def _takes(function: Any, parameters: tuple[str, ...]) -> bool:
    try:
        return tuple(inspect.signature(function).parameters) == parameters
    except (TypeError, ValueError):
        return False


def stub(name: str) -> str:
    """Return what a student starts from: the exercise's file, with signature, docstring and no body.

    Examples
    --------
    >>> from nnlite.course import stub
    >>> print(stub("perceptron.loss"))                                       # doctest: +ELLIPSIS
    \"\"\"perceptron.loss...
        raise NotImplementedError("perceptron.loss: replace this line by your own code")
    <BLANKLINE>
    """
    from nnlite.course.lessons import find
    from nnlite.course.stubs import stub_file

    return stub_file(find(name))
