"""Whatever a student's function does, it gets its own sentence, and the notebook lives on."""

import dataclasses
import html
import sys
import threading
import time

import numpy as np
import pytest

import nnlite
from nnlite.course import check, lessons
from nnlite.course.mistakes import repeats
from nnlite.course.student import Mismatch, Student, alike
from nnlite.functional.activations import softmax as library_softmax


def right_loss(w, X, y):
    margin = y * (X @ w)
    return float(-margin[margin < 0].sum())


def right_softmax(x, dim=-1):
    return library_softmax.formula(x, dim)


def said(name, function, **options):
    """The result's sentence; the card and the text must both hold it."""
    result = check(name, function, **options)
    assert not result
    sentence = result.failure.sentence
    assert " ".join(sentence.split()) in " ".join(repr(result).split())
    assert html.escape(sentence.split("`")[0]) in result._repr_html_()
    assert "Traceback" not in repr(result) + result._repr_html_()
    return sentence


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "returned None (is the return missing?), expected one number"),
        ([1.0], "returned a list, expected one number"),
        ("0.0", "returned '0.0' (str), expected one number"),
        (True, "returned True (bool), expected one number"),
        (np.zeros(3), "returned an array of shape (3,) and dtype float64, expected one number"),
        ((1.0, 2.0), "returned a tuple of 2, expected one number"),
        (1j, "returned a complex, expected one number"),
        (lambda: 0, "returned a function, expected one number"),
    ],
)
def test_not_a_number(value, words):
    assert words in said("perceptron.loss", lambda w, X, y: value)


@pytest.mark.parametrize("as_number", [np.float32, np.float64, np.asarray, int])
def test_every_kind_of_number_will_do(as_number):
    student = Student(lessons.find("perceptron.loss"), lambda w, X, y: as_number(right_loss(w, X, y)))
    assert student(np.ones(1), np.ones((1, 1)), -np.ones(1)) == 1


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda y, vjp: None, "returned None (is the return missing?), expected the tuple (y, vjp)"),
        (lambda y, vjp: y, "expected the tuple (y, vjp)"),
        (lambda y, vjp: (y, vjp, 1), "returned a tuple of 3, expected the tuple (y, vjp)"),
        (lambda y, vjp: [y, vjp], "returned a list, expected the tuple (y, vjp)"),
        (lambda y, vjp: (y.tolist(), vjp), "y is a list, expected a numpy array"),
        (lambda y, vjp: (nnlite.Tensor(y), vjp), "y is a Tensor, expected a numpy array. Work on plain arrays."),
        (lambda y, vjp: (y[..., None], vjp), "y has shape"),
        (lambda y, vjp: (y.astype(np.float16), vjp), "y has dtype float16, expected float64"),
        (lambda y, vjp: (y, y), "vjp is an array of shape"),
        (lambda y, vjp: (y, lambda dy: None), "vjp returned None (is the return missing?), expected a numpy array"),
        (lambda y, vjp: (y, lambda dy: vjp(dy).sum()), "vjp returned"),
        (lambda y, vjp: (y, lambda dy: vjp(dy)[None]), "vjp(dy) has shape"),
        (lambda y, vjp: (y, lambda dy: dy), "vjp(dy) shares its memory with the input dy"),
        (lambda y, vjp: (y, lambda: y), "vjp raised TypeError"),
        (lambda y, vjp: (y * np.nan, vjp), "y holds nan, expected finite numbers"),
    ],
)
def test_not_the_pair(make, words):
    assert words in said("softmax", lambda x, dim=-1: make(*right_softmax(x, dim)))


def test_a_view_of_the_input():
    def softmax(x, dim=-1):
        _y, vjp = right_softmax(x, dim)
        return x.T.T, vjp

    assert "y shares its memory with the input x" in said("softmax", softmax)


def test_changed_inputs():
    def softmax(x, dim=-1):
        x -= x.max()
        return right_softmax(x, dim)

    def loss(w, X, y):
        y[:] = 1
        return 0.0

    assert "changed its input x" in said("softmax", softmax)
    assert "changed its input y" in said("perceptron.loss", loss)


def test_what_is_to_be_changed_in_place_may_be_and_nothing_else():
    """Catches a check that forbids every change, and one that does not see what stands in the arguments afterwards."""
    exercise = dataclasses.replace(lessons.find("perceptron.loss"), changes=("w",))

    def loss(w, X, y):
        w += 1
        return right_loss(w - 1, X, y)

    student = Student(exercise, loss)
    student(np.ones(1), np.ones((1, 1)), -np.ones(1))
    assert student.after == {"w": 2.0}
    assert repeats(loss, student.right[0])
    assert not repeats(right_loss, student.right[0])
    with pytest.raises(Mismatch, match="changed its input y"):
        Student(exercise, lambda w, X, y: y.fill(0))(np.ones(1), np.ones((1, 1)), np.ones(1))


def test_an_error_names_the_line():
    def loss(w, X, y):
        return (y * (w @ X))[10]

    sentence = said("perceptron.loss", loss)
    assert "Your function raised " in sentence
    assert f", in line {loss.__code__.co_firstlineno + 1}: `return (y * (w @ X))[10]`" in sentence


@pytest.mark.parametrize("error", [SystemExit("bye"), KeyboardInterrupt(), RecursionError("deep"), MemoryError()])
def test_errors_that_end_programs_do_not(error):
    def loss(w, X, y):
        raise error

    assert f"raised {type(error).__name__}" in said("perceptron.loss", loss)


def refuse(self):
    raise ValueError("no words")


class Wordless:
    __repr__ = __str__ = refuse


class WordlessText(str):
    __repr__ = __str__ = refuse


class WordlessNumber(float):
    __repr__ = __str__ = __float__ = refuse


class WordlessInteger(int):
    __repr__ = __str__ = __float__ = __int__ = refuse


class WordlessArray(np.ndarray):
    __repr__ = __str__ = refuse


class Leaving:
    def __repr__(self):
        raise SystemExit


class Endless:
    def __repr__(self):
        while True:
            pass


class WordlessError(Exception):
    __repr__ = __str__ = refuse


@pytest.mark.parametrize(
    "value",
    [
        Wordless(),
        [Wordless()],
        WordlessText("x"),
        WordlessNumber(3.0),
        WordlessInteger(3),
        np.ones(3).view(WordlessArray),
        np.array([Wordless()], dtype=object),
        np.array(Wordless(), dtype=object),
        np.array(["2020"], "M8[D]"),
        Leaving(),
        10**400,
        10**5000,
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_cannot_be_shown_is_wrong_and_no_more(value):
    said("perceptron.loss", lambda w, X, y: value)
    said("softmax", lambda x, dim=-1: value)
    said("softmax", lambda x, dim=-1: (value, right_softmax(x, dim)[1]))
    said("softmax", lambda x, dim=-1: (right_softmax(x, dim)[0], value))
    said("softmax", lambda x, dim=-1: (right_softmax(x, dim)[0], lambda dy: value))


def test_an_endless_repr_is_stopped():
    assert "<repr fails: TimedOut>" in repr(check("perceptron.loss", lambda w, X, y: Endless()))


@pytest.mark.parametrize("dtype", [object, "U8", [("a", float)], bool, complex])
def test_arrays_of_anything_are_shown(dtype):
    assert "y has dtype" in said("softmax", lambda x, dim=-1: (x.astype(dtype), right_softmax(x, dim)[1]))


def test_an_error_without_words():
    def loss(w, X, y):
        raise WordlessError

    assert "raised WordlessError: <str fails: ValueError>, in line" in said("perceptron.loss", loss)


def test_different_answers_to_the_same_question():
    state = iter(range(10**9))

    def loss(w, X, y):
        return right_loss(w, X, y) + (next(state) % 7 == 3)

    result = check("perceptron.loss", loss)
    assert not result


def test_an_object_that_equals_everything_is_not_right():
    class Yes(float):
        def __eq__(self, other):
            return True

        __hash__ = float.__hash__

    class Sure(np.ndarray):
        def __eq__(self, other):
            return np.ones(self.shape, bool)

    assert not check("perceptron.loss", lambda w, X, y: Yes(123.0))
    assert not check("softmax", lambda x, dim=-1: (x.copy().view(Sure), right_softmax(x, dim)[1]))


def test_prints_are_kept_short_and_out_of_the_way(capsys):
    def chatty(w, X, y):
        print("X is", X.shape)
        return right_loss(w, X, y)

    def flood(w, X, y):
        print("x" * 2_000_000)
        return right_loss(w, X, y)

    result = check("perceptron.loss", chatty)
    assert result and "X is (1, 1)" in repr(result) and "X is (1, 1)" in result._repr_html_()
    result = check("perceptron.loss", flood)
    assert result and "MB, which slows everything down: take the print out" in repr(result)
    assert len(repr(result)) < 2000 and len(result._repr_html_()) < 20_000
    assert capsys.readouterr().out == ""


def test_warnings_stay_out_of_the_way(capsys, recwarn):
    check("softmax", lambda x, dim=-1: (np.exp(x) / np.exp(x).sum(dim, keepdims=True), lambda dy: dy / 0))
    assert not recwarn.list
    assert capsys.readouterr().err == ""


def endless(w, X, y):
    while True:
        pass


def stubborn(w, X, y):
    stop = time.monotonic() + 6
    while time.monotonic() < stop:
        try:
            while time.monotonic() < stop:
                time.sleep(0.001)
        except BaseException:
            continue
    return 0.0


def asleep(w, X, y):
    time.sleep(6)
    return 0.0


def test_an_endless_loop_is_stopped():
    before = threading.active_count()
    started = time.perf_counter()
    assert said("perceptron.loss", endless, seconds=0.3) == (
        "Stopped after 0.3 seconds, without an answer. Is there a loop that never ends?"
    )
    assert time.perf_counter() - started < 5
    assert threading.active_count() == before
    assert check("perceptron.loss", right_loss)


@pytest.mark.parametrize("function", [stubborn, asleep])
def test_what_cannot_be_stopped_is_left_behind(function):
    started, screen = time.perf_counter(), sys.stdout
    assert "still runs in the background" in said("perceptron.loss", function, seconds=0.2)
    assert time.perf_counter() - started < 5
    assert sys.stdout is screen


def test_a_slow_wrong_function_still_gets_its_counterexample():
    def slow(w, X, y):
        time.sleep(0.02)
        return right_loss(w, X, y) / len(X)

    result = check("perceptron.loss", slow, seconds=1.2)
    assert result.verdict == "wrong" and "mean" in result.mistake.sentence
    assert result.failure.inputs["X"].shape[0] > 1


def test_an_endless_vjp_is_stopped():
    def softmax(x, dim=-1):
        def vjp(dy):
            while True:
                pass

        return right_softmax(x, dim)[0], vjp

    assert "Stopped after 0.3 seconds" in said("softmax", softmax, seconds=0.3)


def test_the_student_is_called_with_copies():
    exercise = lessons.find("perceptron.loss")
    X, seen = np.ones((1, 1)), []

    def loss(w, points, y):
        seen.append(points)
        return right_loss(w, points, y)

    assert Student(exercise, loss)(np.ones(1), X, -np.ones(1)) == 1.0
    assert not np.may_share_memory(seen[0], X)


def test_later_changes_do_not_reach_what_was_returned():
    kept = []

    def softmax(x, dim=-1):
        y, vjp = right_softmax(x, dim)
        kept.append(y)
        return y, vjp

    y, _ = Student(lessons.find("softmax"), softmax)(np.zeros(2), -1)
    kept[0][:] = 7
    assert y.tolist() == [0.5, 0.5]


def test_alike():
    assert alike((1.0, np.ones(2)), (1.0 + 1e-9, np.ones(2)))
    assert alike(np.array([np.nan]), np.array([np.nan]))
    assert not alike(np.ones(2), np.ones(3)) and not alike(np.ones(2), np.ones(2, np.float32))
    assert not alike(1.0, None) and not alike(1.0, -1.0) and not alike((1.0,), (1.0, 2.0))
    assert not alike(np.array(["a"]), np.array(["a"]))


def in_itself(inputs):
    found = []
    found.append(found)
    return found


class Liar(list):
    def __len__(self):
        return 1


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda inputs: tuple(range(len(inputs))), "returned a tuple of 1, expected a list"),
        (lambda inputs: Liar(range(len(inputs))), "returned a Liar, expected a list"),
        (lambda inputs: np.arange(len(inputs)), "returned an array of shape (1,) and dtype int64, expected a list"),
        (lambda inputs: [0.0] * len(inputs), "The order holds 0.0 (float), which is no node"),
        (lambda inputs: [0] * 10**6, "expected 1: each node once"),
        (in_itself, "The order holds a list, which is no node"),
    ],
)
def test_where_a_list_is_expected(answer, words):
    assert words in said("autodiff.topological_order", answer)


def test_a_mismatch_is_an_assertion_error_so_that_pytest_shows_it():
    assert issubclass(Mismatch, AssertionError) and str(Mismatch("y is not right.")) == "y is not right."
