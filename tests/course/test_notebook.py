"""What the notebooks use: the source shown is the source that runs, sliders start where they should, budgets shrink."""

import inspect
import sys
import types

import pytest

from nnlite import functional as F
from nnlite.course import lessons, notebook
from nnlite.models import neuron, perceptron


def test_show_gives_the_code_without_the_docstring():
    shown = notebook.show(perceptron.loss)
    assert "margin[margin < 0]" in shown.code
    assert '"""' not in shown.code
    assert shown.place.startswith("nnlite/models/neurons/perceptron.py, line ")


def test_show_says_the_line_where_the_function_begins():
    shown = notebook.show(neuron.step)
    number = int(shown.place.rsplit(" ", 1)[1])
    assert inspect.getsource(neuron).split("\n")[number - 1 : number + 1] == shown.code.split("\n")[:2]
    assert "def step(net" in shown.code.split("\n")[1]


def test_show_keeps_the_docstrings_further_down_and_all_of_them_if_asked():
    code = notebook.show(neuron.Neuron).code
    assert code.startswith("class Neuron:\n    @takes(")
    assert '"""Return w^T x' in code
    assert "Parameters" in notebook.show(neuron.Neuron, docstring=True).code


def test_show_finds_the_formula_of_a_differentiable_function():
    assert "def vjp(dy)" in notebook.show(F.softmax).code


def test_show_is_markdown_in_a_notebook_and_text_elsewhere():
    shown = notebook.show(neuron.relu)
    assert shown._repr_markdown_().endswith(f"```python\n{shown.code}\n```")
    assert repr(shown).endswith(shown.code)


def test_show_refuses_what_has_no_source():
    with pytest.raises(TypeError, match=r"show: 3 has no source to show, expected a function"):
        notebook.show(3)


@pytest.mark.parametrize("value, wanted", [("1", 7), ("0", 100), ("", 100)])
def test_budget(value, wanted, monkeypatch):
    monkeypatch.setenv("NNLITE_QUICK", value)
    assert notebook.budget(100, quick=7) == wanted


def test_without_sliders_the_picture_is_drawn_as_it_starts(monkeypatch):
    pytest.importorskip("IPython")
    monkeypatch.setenv("NNLITE_SLIDERS", "off")
    seen = []
    notebook.explore(lambda **values: seen.append(values), w=(-1.0, 1.0, 0.5), n=(1, 9, 3), f=["step", "tanh"])
    assert seen == [{"w": 0.5, "n": 3, "f": "step"}]


def test_who_switches_sliders_off_needs_none(monkeypatch):
    """Catches sliders where they are off, and none where they are wanted."""
    seen, made = [], []

    def picture(**values):
        seen.append(values)

    widgets = types.SimpleNamespace(
        VBox=list, Dropdown=lambda **options: made.append(options), interactive_output=lambda draw, widgets: None
    )
    monkeypatch.setitem(sys.modules, "IPython.display", types.SimpleNamespace(display=lambda shown: None))
    monkeypatch.setitem(sys.modules, "ipywidgets", widgets)
    monkeypatch.setattr(notebook.importlib.util, "find_spec", lambda name: widgets)
    for off, calls, sliders in [("off", 1, 0), ("", 1, 1)]:
        monkeypatch.setenv("NNLITE_SLIDERS", off)
        notebook.explore(picture, f=["step", "tanh"])
        assert (len(seen), len(made)) == (calls, sliders)


def test_sliders_start_where_they_should():
    widgets = pytest.importorskip("ipywidgets")
    slider = notebook._widget(widgets, "w", (-1.0, 1.0, 0.5))
    assert (slider.min, slider.max, slider.value, slider.description) == (-1.0, 1.0, 0.5, "w")
    assert isinstance(notebook._widget(widgets, "n", (1, 9, 3)), widgets.IntSlider)
    assert notebook._widget(widgets, "f", ["step", "tanh"]).value == "step"


@pytest.mark.parametrize("control", [(1, 2), (0.0, 1.0, 2.0), [], 3])
def test_explore_refuses_a_control_it_does_not_understand(control):
    with pytest.raises(ValueError, match=r"explore: w is .*, expected \(low, high, start\) or a list of choices"):
        notebook.explore(lambda w: None, w=control)


@pytest.mark.parametrize("name", lessons.EXERCISES)
def test_exercise_and_solution_define_the_function_under_its_long_name(name):
    exercise = lessons.find(name)
    for make in (notebook.exercise_cell, notebook.solution_cell):
        space: dict = {}
        exec(make(name), space)
        assert callable(space[exercise.long_name])
        assert exercise.function_name not in space
    assert "NotImplementedError" in notebook.exercise_cell(name)
    assert "NotImplementedError" not in notebook.solution_cell(name)
