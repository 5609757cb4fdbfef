"""What the notebooks use: the library's source shown live, sliders, small budgets, and cells with exercises.

A notebook runs as well without ipywidgets, or with ``NNLITE_SLIDERS=off``: each slider then stands where it starts.
With ``NNLITE_QUICK=1`` the same cells run on small budgets.
"""

from __future__ import annotations

import ast
import importlib.util
import inspect
import os
import re
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nnlite
from nnlite.course import lessons
from nnlite.course.exercise import Exercise
from nnlite.course.stubs import reference_file, stub_file

__all__ = ["Source", "budget", "exercise_cell", "explore", "show", "solution_cell"]


class Source:
    """A piece of source code that shows itself highlighted in a notebook, under the place where it stands.

    Parameters
    ----------
    code : str
        The source.
    place : str
        Its file and line.
    """

    def __init__(self, code: str, place: str) -> None:
        self.code = code
        self.place = place

    def __repr__(self) -> str:
        return f"# {self.place}\n{self.code}"

    def _repr_markdown_(self) -> str:
        return f"`{self.place}`\n\n```python\n{self.code}\n```"


def show(thing: Any, docstring: bool = False) -> Source:
    """Return the source of a function or class as it stands in the installed library.

    Parameters
    ----------
    thing : function, class or module
        Anything written in Python. Of a function that can be replaced it is the formula.
    docstring : bool
        Whether to show the docstring too.

    Raises
    ------
    TypeError
        If `thing` has no source to show.

    Examples
    --------
    >>> from nnlite.course.notebook import show
    >>> from nnlite.models.neurons.neuron import relu
    >>> show(relu)                                                       # doctest: +ELLIPSIS
    # nnlite/models/neurons/neuron.py, line ...
    @takes("relu", net=floats())
    def relu(net: Any) -> Array:
        return np.maximum(net, 0)
    """
    formula = inspect.unwrap(getattr(thing, "formula", thing))
    try:
        lines, first = inspect.getsourcelines(formula)
        file = Path(inspect.getsourcefile(formula) or "")
    except (TypeError, OSError):
        raise TypeError(f"show: {thing!r} has no source to show, expected a function, class or module") from None
    code = textwrap.dedent("".join(lines))
    if not docstring:
        code = _without_docstring(code)
    root = Path(nnlite.__file__).parent.parent
    name = file.relative_to(root).as_posix() if file.is_relative_to(root) else file.name
    return Source(code.strip("\n"), f"{name}, line {max(first, 1)}")


def _without_docstring(code: str) -> str:
    top = ast.parse(code).body[:1]
    if not top or not isinstance(top[0], ast.FunctionDef | ast.ClassDef) or ast.get_docstring(top[0]) is None:
        return code
    lines = code.split("\n")
    text = top[0].body[0]
    end = text.end_lineno or text.lineno
    return "\n".join([*lines[: text.lineno - 1], *lines[end + (not lines[end].strip()) :]])


def budget(full: int, quick: int) -> int:
    """Return `full`, or `quick` where ``NNLITE_QUICK=1`` asks for small budgets.

    Examples
    --------
    >>> from nnlite.course.notebook import budget
    >>> budget(1000, quick=10) in (1000, 10)
    True
    """
    return quick if os.environ.get("NNLITE_QUICK", "") not in ("", "0") else full


def explore(draw: Callable[..., Any], **controls: Any) -> None:
    """Show what `draw` returns, with a slider for each of its arguments; without ipywidgets, as it starts.

    Parameters
    ----------
    draw : function
        Returns a picture.
    **controls : (low, high, start) or list
        By the name of an argument: a slider over whole numbers if all three are, else over decimal ones; or a list
        to choose from, of which the first is chosen at the start.

    Raises
    ------
    ValueError
        If a control is neither three numbers in order nor a list.
    """
    for name, control in controls.items():
        ordered = isinstance(control, tuple) and len(control) == 3 and control[0] <= control[2] <= control[1]
        if not ordered and not (isinstance(control, list) and control):
            raise ValueError(f"explore: {name} is {control!r}, expected (low, high, start) or a list of choices")
    from IPython.display import display

    off = os.environ.get("NNLITE_SLIDERS", "").lower() == "off"
    if off or importlib.util.find_spec("ipywidgets") is None:
        display(draw(**{name: c[0] if isinstance(c, list) else c[2] for name, c in controls.items()}))
        return
    import ipywidgets

    widgets = {name: _widget(ipywidgets, name, control) for name, control in controls.items()}
    picture = ipywidgets.interactive_output(lambda **values: display(draw(**values)), widgets)
    display(ipywidgets.VBox([*widgets.values(), picture]))


def _widget(ipywidgets: Any, name: str, control: Any) -> Any:
    if isinstance(control, list):
        return ipywidgets.Dropdown(options=control, description=name)
    low, high, start = control
    if all(isinstance(value, int) for value in control):
        return ipywidgets.IntSlider(start, low, high, description=name)
    return ipywidgets.FloatSlider(start, min=low, max=high, step=(high - low) / 60, description=name)


def exercise_cell(name: str) -> str:
    """Return the notebook cell a student starts from: imports, signature, docstring, and a line that raises.

    In a notebook it is tagged ``exercise:NAME``, so that the solution can be put in its place.

    Examples
    --------
    >>> from nnlite.course.notebook import exercise_cell
    >>> "def perceptron_loss(w" in exercise_cell("perceptron.loss")
    True
    """
    exercise = lessons.find(name)
    return _cell(exercise, stub_file(exercise))


def solution_cell(name: str) -> str:
    """Return the same cell with the library's own body."""
    exercise = lessons.find(name)
    return _cell(exercise, reference_file(exercise))


def _cell(exercise: Exercise, text: str) -> str:
    """Without what is said about the file, and under the name that tells it from other functions in the notebook."""
    text = text.split('"""', 2)[2].strip()
    return re.sub(
        rf"^(def |.*>>>.*?)\b{exercise.function_name}\(", rf"\1{exercise.long_name}(", text, flags=re.MULTILINE
    )
