"""check() finds the function, and its result reads well in a terminal and in a notebook."""

import html.parser
import os
import re
import subprocess
import sys
import types

import numpy as np
import pytest

from nnlite.course import check, feedback, lessons
from nnlite.course.findings import Failure
from nnlite.course.text import shapes, show
from nnlite.functional.activations import softmax as library_softmax


def perceptron_loss(w, X, y):
    margin = y * (X @ w)
    return float(-margin[margin < 0].sum())


def mean_loss(w, X, y):
    return perceptron_loss(w, X, y) / len(X)


class Balanced(html.parser.HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.open = []
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)
        assert not {"class", "id", "src", "href", "onclick"} & {name for name, _ in attrs}

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.fixture(autouse=True)
def no_hints_yet(monkeypatch):
    monkeypatch.setattr(feedback, "_heard", {})


def test_by_the_functions_own_name():
    assert check(perceptron_loss)
    assert check(library_softmax)


def test_by_name_in_the_callers_namespace():
    def softmax(x, dim=-1):
        return None

    assert "returned None" in repr(check("softmax"))
    assert check("perceptron.loss")


def test_a_function_that_only_shares_the_short_name_is_not_taken(tmp_path, monkeypatch):
    def softmax(logits):
        return logits

    monkeypatch.chdir(tmp_path)
    assert check("softmax").verdict == "missing"


def test_by_name_in_the_notebook(monkeypatch):
    shell = types.SimpleNamespace(user_ns={"perceptron_loss": mean_loss, "softmax": library_softmax})
    monkeypatch.setitem(sys.modules, "IPython", types.SimpleNamespace(get_ipython=lambda: shell))
    assert not check("perceptron.loss")


def test_nothing_to_check(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = check("softmax")  # the library's own, imported here under another name, does not count
    assert result.verdict == "missing"
    assert "There is no function called functional_softmax or softmax here" in repr(result)
    Balanced(result._repr_html_())


class Wordless:
    def __repr__(self):
        raise ValueError("no words")


@pytest.mark.parametrize(
    ("args", "error", "words"),
    [
        ((Wordless(),), TypeError, "name is <repr fails: ValueError>, expected"),
        (("perceptron.loss", [Wordless()]), TypeError, "function is <repr fails: ValueError>, expected"),
        (("perceptron.los",), ValueError, "did you mean 'perceptron.loss'"),
        (("nothing like it",), ValueError, f"there are {next(iter(lessons.EXERCISES))}, "),
        ((), TypeError, "name is None"),
        ((3,), TypeError, "expected an exercise such as 'perceptron.loss' or a function"),
        (("perceptron.loss", 3), TypeError, "function is 3, expected a function"),
    ],
)
def test_bad_calls(args, error, words):
    with pytest.raises(error, match=re.escape(words)):
        check(*args)


@pytest.mark.parametrize(
    ("seconds", "error", "words"),
    [
        (0, ValueError, "check: seconds is 0, expected a number > 0"),
        (-1.5, ValueError, "check: seconds is -1.5, expected a number > 0"),
        (float("nan"), ValueError, "check: seconds is nan, expected a finite number"),
        ("1", TypeError, "check: seconds is '1' (str), expected a number"),
        (True, TypeError, "check: seconds is True (bool), expected a number"),
    ],
)
def test_a_time_that_is_none(seconds, error, words):
    with pytest.raises(error, match=re.escape(words)):
        check("perceptron.loss", perceptron_loss, seconds=seconds)
    with pytest.raises(error, match=re.escape(words)):
        check("perceptron.loss", seconds=seconds)


def test_any_time_above_zero_will_do():
    assert check("perceptron.loss", perceptron_loss, seconds=1e300)


def test_the_temporary_folder_is_gone_at_the_end():
    code = "import nnlite.course as c; from nnlite.models import perceptron as p; c.check('perceptron.loss', p.loss);"
    code += "from nnlite.course.runner import _elsewhere; print(_elsewhere[0].name)"
    done = subprocess.run(
        [sys.executable, "-W", "always::ResourceWarning", "-c", code], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0 and "TemporaryDirectory" not in done.stderr
    assert not os.path.exists(done.stdout.strip())


def test_the_text_holds_all_one_needs():
    text = repr(check("perceptron.loss", mean_loss))
    assert text.splitlines()[0] == "perceptron.loss: not right yet, 1 of 4 checks holds"
    for words in ("mean over all points instead of the sum", "What should hold:", "smallest case", "hint"):
        assert words in text
    assert re.search(r"expected +1\n", text) and re.search(r"yours +0.5\n", text)
    assert max(map(len, text.splitlines())) <= 80


def test_the_card_is_whole_and_self_contained():
    for result in (
        check("perceptron.loss", mean_loss),
        check(perceptron_loss),
        check("softmax", lambda x, dim=-1: "<b>"),
    ):
        text = result._repr_html_()
        Balanced(text)
        assert "<b>" not in text and "http" not in text and "<script" not in text
    assert "&lt;b&gt;" in text


def test_the_card_marks_what_differs():
    def softmax(x, dim=-1):
        y, vjp = library_softmax.formula(x, dim)
        y = y.copy()
        y.flat[-1] += 1
        return y, vjp

    text = check("softmax", softmax)._repr_html_()
    assert len(re.findall(r"rgba\(217,133,32,\.28\)", text)) == 1
    assert "expected (1,) float64, yours (1,) float64" in text


def test_large_arrays_are_cut():
    assert len(show(np.zeros((100, 100)))) < 800
    assert show(float("nan")) == "nan" and show(1 / 3) == "0.333333"
    assert len(show("x" * 10_000)) < 300


def test_hints_come_one_at_a_time():
    result = check("perceptron.loss", mean_loss)
    hints = lessons.find("perceptron.loss").hints
    assert [result.hint().text for _ in range(4)] == [*hints, hints[-1]]
    assert repr(result.hint()).startswith("perceptron.loss: hint 3 of 3")
    Balanced(result.hint()._repr_html_())


def test_nothing_is_written_where_one_works(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    check("perceptron.loss", mean_loss)
    assert os.listdir(tmp_path) == []


def test_a_check_inside_a_check():
    inner = []

    def loss(w, X, y):
        if not inner:
            inner.append(check("softmax", library_softmax.formula))
        return perceptron_loss(w, X, y)

    assert check("perceptron.loss", loss, seconds=20)
    assert inner[0]


def test_a_wrong_value_in_float32_is_not_called_a_wrong_dtype():
    failure = Failure("y is not right.", "wrong")
    failure.expected, failure.actual = np.zeros((2, 1)), np.ones((2, 1), np.float32)
    assert shapes(failure) == "expected (2, 1), yours (2, 1)"
    failure.actual = np.ones((1, 2), np.int64)
    assert shapes(failure) == "expected (2, 1) float64, yours (1, 2) int64"
