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

from nnlite.course import catalog
from nnlite.registry import Entry

if TYPE_CHECKING:
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
    TypeError
        If `function` cannot be called.

    Examples
    --------
    >>> from nnlite.models import perceptron
    >>> check("perceptron.loss", perceptron.loss)
    perceptron.loss: solved, all 4 checks hold
    """
    from nnlite.course.running import run
    from nnlite.course.workspace import check_file, course_folder, missing

    if function is None and callable(name):
        function, name = name, getattr(name, "__name__", str(name))
        if isinstance(function, Entry):
            name = function.name
    if not isinstance(name, str):
        raise TypeError(f"check: name is {name!r}, expected an exercise such as 'perceptron.loss' or a function")
    exercise = catalog.find(name)
    if function is None:
        frame = inspect.currentframe()
        function = _named(exercise, frame.f_back if frame is not None else None)
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
        raise TypeError(f"check: function is {function!r}, expected a function to check")
    return run(exercise, function, seconds)


def _named(exercise: catalog.Exercise, frame: Any) -> Callable[..., Any] | None:
    """Find the function in the notebook, or where the caller stands; the library's own does not count."""
    spaces = []
    if "IPython" in sys.modules and (shell := sys.modules["IPython"].get_ipython()) is not None:
        spaces.append(shell.user_ns)
    if frame is not None:
        spaces += [frame.f_locals, frame.f_globals]
    for name in (exercise.long_name, exercise.function_name):
        for space in spaces:
            if callable(space.get(name)) and not isinstance(space[name], Entry):
                return space[name]
    return None


def stub(name: str) -> str:
    """Return what a student starts from: the exercise's file, with signature, docstring and no body.

    Examples
    --------
    >>> print(stub("perceptron.loss"))                                       # doctest: +ELLIPSIS
    \"\"\"perceptron.loss...
        raise NotImplementedError("perceptron.loss: replace this line by your own code")
    <BLANKLINE>
    """
    from nnlite.course.stubs import stub_file

    return stub_file(catalog.find(name))
