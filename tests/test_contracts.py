"""Contracts: what a function takes, said once, and what a caller hears who gives something else."""

from __future__ import annotations

import copy
import inspect
import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from nnlite.contracts import (
    Checked,
    Contract,
    Shape,
    Signature,
    above,
    axes,
    axis,
    bits,
    classes,
    flag,
    floats,
    function,
    given,
    instance,
    integer,
    integer_tuple,
    integers,
    number,
    pair,
    reals,
    rng,
    scalar,
    signs,
    takes,
    trusted,
    tuple_of,
    unchecked,
    word,
)
from nnlite.differentiable import composed
from nnlite.tensor import Tensor


def contract(**kinds: Any) -> Contract:
    """The contract of a function with these parameters."""
    return Contract("f", kinds, signature(*kinds))


def signature(*names: str) -> Signature:
    parameters = [inspect.Parameter(n, inspect.Parameter.POSITIONAL_OR_KEYWORD) for n in names]
    target = lambda: None  # noqa: E731
    target.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return Signature(target)


@drawn(st.lists(st.integers(0, 4), max_size=4).map(tuple), st.integers(0, 4))
def test_dots_are_any_axes_in_front_and_the_same_ones_again(front: tuple[int, ...], d: int) -> None:
    known = Shape("... D").fit((*front, d), {})
    assert known == {"...": front, "D": d}
    assert Shape("... D").fit((*front, d), known) == known
    assert Shape("... D").fit((*front, d + 1), known) is None
    assert Shape("... D").fit((7, *front, d), known) is None
    assert Shape("D ...").fit((d, *front), {}) == {"...": front, "D": d}


@pytest.mark.parametrize(
    ("words", "shape", "fits"),
    [
        ("N D", (2, 3), True),
        ("N D", (2,), False),
        ("N N", (2, 2), True),
        ("N N", (2, 3), False),
        ("4H H", (8, 2), True),
        ("4H H", (8, 3), False),
        ("4H", (6,), False),
        ("N>0", (0,), False),
        ("N", (0,), True),
        ("1 N", (1, 5), True),
        ("1 N", (2, 5), False),
        ("", (), True),
        ("", (1,), False),
        ("...", (), True),
    ],
)
def test_words_of_a_shape(words: str, shape: tuple[int, ...], fits: bool) -> None:
    assert (Shape(words).fit(shape, {}) is not None) == fits


def test_a_word_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match=re.escape("'N-1' is no word of a shape")):
        Shape("N-1")


def test_a_contract_speaks_of_arguments_there_are() -> None:
    with pytest.raises(TypeError, match="f: the contract names 'z'"):
        Contract("f", dict(z=flag), signature("x"))


@pytest.mark.parametrize(
    ("kinds", "values", "message"),
    [
        (
            dict(X=floats("N>0 D"), w=floats("D", hint="with_bias adds the bias column")),
            [np.zeros((2, 2)), np.zeros(3)],
            "f: w has shape (3,), expected (2,): D = 2 as in X (2, 2) (with_bias adds the bias column)",
        ),
        (dict(X=floats("N>0 D")), [np.zeros((0, 2))], "f: X has shape (0, 2), expected (N, D) with N > 0"),
        (dict(x=given("N C", "C")), [np.zeros((1, 2, 3))], "f: x has shape (1, 2, 3), expected (N, C) or (C,)"),
        (
            dict(x=given("N C>0", "C>0")),
            [np.zeros((1, 0))],
            "f: x has shape (1, 0), expected (N, C) or (C,) with C > 0",
        ),
        (
            dict(last=integer_tuple(1, letter="..."), w=given("...")),
            [(2, 3), np.zeros(3)],
            "f: w has shape (3,), expected (2, 3): ... = (2, 3) as in last",
        ),
        (dict(shape=integer_tuple(0)), [(2, -1)], "f: shape is -1, expected a number >= 0"),
        (dict(p=number(infinite=True)), [-np.inf], "f: p is -inf, expected a finite number"),
        (
            dict(x=given("... D"), y=given("... D")),
            [np.zeros((2, 3)), np.zeros(3)],
            "f: y has shape (3,), expected (2, 3): ... = (2,) as in x (2, 3), D = 3 as in x (2, 3)",
        ),
        (
            dict(x=given("..."), y=given("...")),
            [np.zeros(2), np.zeros((2, 1))],
            "f: y has shape (2, 1), expected (2,), the shape of x",
        ),
        (
            dict(x=given("... D"), y=given("... D")),
            [np.zeros(2), np.zeros(3)],
            "f: y has shape (3,), expected (2,): D = 2 as in x (2,)",
        ),
        (dict(w=given("4H H")), [np.zeros((8, 3))], "f: w has shape (8, 3), expected (4H, H)"),
        (
            dict(epochs=integer(1, letter="E"), order=integers("N", "E N")),
            [3, np.zeros((2, 5), int)],
            "f: order has shape (2, 5), expected (N,) or (3, N): E = 3 as in epochs",
        ),
        (
            dict(x=given("N"), mask=reals(broadcasts="N")),
            [np.zeros(3), np.zeros(2)],
            "f: mask has shape (2,), expected one that broadcasts to (3,): N = 3 as in x (3,)",
        ),
        (
            dict(x=given("..."), mask=reals(broadcasts="...")),
            [np.zeros(3), np.zeros(2)],
            "f: mask has shape (2,), expected one that broadcasts to (3,), the shape of x",
        ),
        (
            dict(x=given("N ..."), y=given("...")),
            [np.zeros((2, 3)), np.zeros(2)],
            "f: y has shape (2,), expected (3,): ... = (3,) as in x (2, 3)",
        ),
        (
            dict(x=given("* T d"), y=given("* S d")),
            [np.zeros((2, 1, 3)), np.zeros((4, 5, 2))],
            "f: y has shape (4, 5, 2), expected (..., S, 3): d = 3 as in x (2, 1, 3)",
        ),
        (dict(W=floats("K>1 D>0")), [np.zeros((1, 2))], "f: W has shape (1, 2), expected (K, D) with K > 1 and D > 0"),
        (dict(y=signs("N")), [[1, 0]], "f: y holds 0.0, expected labels -1 and +1 only"),
        (dict(y=bits("N")), [[1, -1]], "f: y holds -1.0, expected labels 0 and 1 only"),
        (dict(y=scalar()), [np.zeros(1)], "f: y has shape (1,), expected 0 axes"),
        (
            dict(W=floats("K D"), k=integers("", below="K")),
            [np.zeros((2, 1)), 2],
            "f: k is 2, expected integers from 0 to 1",
        ),
        (dict(x=floats("N", finite=True)), [[1, np.nan]], "f: x holds nan at index (1,), expected finite numbers"),
        (
            dict(W=floats("K D"), y=integers("N", below="K")),
            [np.zeros((2, 1)), [0, 2]],
            "f: y holds 2, expected integers from 0 to 1",
        ),
        (dict(rate=above(0)), [0], "f: rate is 0, expected a number > 0"),
        (dict(momentum=number(0, below=1)), [1], "f: momentum is 1, expected a number below 1"),
        (dict(x=given("N"), dim=axis()), [np.zeros(2), 1], "f: dim is 1, expected an axis from -1 to 0"),
        (dict(mode=word("mean", "sum")), ["men"], "f: mode is 'men', expected one of 'mean', 'sum'; did you mean"),
        (dict(stride=pair(1)), [(1, 2, 3)], "f: stride is (1, 2, 3), expected an integer or two"),
    ],
)
def test_messages(kinds: Any, values: list[Any], message: str) -> None:
    with pytest.raises(ValueError) as caught:
        contract(**kinds).hold(values)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (flag, 1),
        (flag, None),
        (number(), "1"),
        (number(), True),
        (integer(), 1.0),
        (function(), 3),
        (rng, 0.5),
        (floats(), "text"),
        (reals(), [1j]),
        (signs(booleans=False), np.array([True])),
        (integers(), [0.5]),
        (pair(1), 1.5),
        (integer_tuple(), (1, 2.0)),
        (integer_tuple(), None),
    ],
)
def test_another_kind_of_thing_is_a_type_error(kind: Any, value: Any) -> None:
    with pytest.raises(TypeError, match=r"^f: a "):
        Contract("f", dict(a=kind), signature("a")).hold([value])


def test_floats_get_their_common_dtype() -> None:
    kinds = dict(
        w=floats("D"), X=floats("N D"), y=signs("N"), F=floats("D", follows=True), own=floats("D", own_dtype=True)
    )
    w, X, y, F, own = contract(**kinds).hold(
        [np.zeros(2, np.float32), np.zeros((1, 2)), [1], np.zeros(2, np.float16), np.zeros(2, np.float16)]
    )
    assert [a.dtype.name for a in (w, X, y, F, own)] == ["float64", "float64", "float64", "float64", "float16"]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_floats_in_a_list_take_the_dtype_of_the_input_and_an_array_keeps_its_own(dtype: Any) -> None:
    c = contract(x=given("N"), weight=reals("N"))
    x = np.zeros(1, dtype)
    for weight, wanted in [([0.1], dtype), ([1], np.int64), ([True], bool), (np.ones(1, np.float16), np.float16)]:
        _, found = c.hold([x, weight])
        assert found.dtype == wanted
    assert c.hold([x, [0.1]])[1] == dtype(0.1)


def test_what_follows_is_cast_from_what_they_came_in() -> None:
    """Catches the way over float32, where 2**24 + 1 is 2**24."""
    _, y = contract(w=floats("D"), y=floats("N", follows=True)).hold([np.zeros(2), np.array([2**24 + 1])])
    assert y.dtype == np.float64 and y[0] == 2**24 + 1


def test_a_number_may_come_as_an_array_without_axes() -> None:
    value = contract(y=scalar()).hold([np.array(0.5)])[0]
    assert value == 0.5 and type(value) is float


def test_what_already_fits_is_not_copied() -> None:
    X = np.zeros((3, 2))
    assert contract(X=floats("N D", finite=True)).hold([X])[0] is X


def test_none_and_what_stands_for_it() -> None:
    kinds = dict(
        X=floats("N D"),
        order=integers("N", missing=(np.arange, "N")),
        pocket=floats("N D", missing=(np.asarray, "X")),
        b=floats("D") | None,
    )
    X, order, pocket, b = contract(**kinds).hold([[[1, 2], [3, 4]], None, None, None])
    np.testing.assert_array_equal(order, [0, 1])
    assert pocket is X
    assert b is None


def test_a_shape_that_fitted_once_is_looked_up_by_all_that_it_depends_on() -> None:
    """Catches a memory whose key lacks an argument or an option that shapes speak of."""
    c = contract(x=given("N"), y=given("N") | None, epochs=integer(letter="E"), order=reals("E N") | None)
    for _ in range(2):
        c.hold([np.zeros(3), np.zeros(3), 2, np.zeros((2, 3))])
        c.hold([np.zeros(3), None, 4, np.zeros((4, 3))])
        for wrong in (
            [np.zeros(3), np.zeros(2), 2, np.zeros((2, 3))],
            [np.zeros(3), np.zeros(3), 4, np.zeros((2, 3))],
            [np.zeros(2), None, 4, np.zeros((4, 3))],
        ):
            with pytest.raises(ValueError, match="has shape"):
                c.hold(wrong)


def test_values_are_looked_at_each_time_not_only_the_first() -> None:
    c = contract(W=floats("K D"), y=integers("N", below="K"), x=floats("D", finite=True))
    c.hold([np.zeros((2, 1)), [0, 1], [1.0]])
    with pytest.raises(ValueError, match="y holds 2"):
        c.hold([np.zeros((2, 1)), [0, 2], [1.0]])
    with pytest.raises(ValueError, match="x holds inf"):
        c.hold([np.zeros((2, 1)), [0, 1], [np.inf]])


def test_true_is_not_one() -> None:
    """Catches a memory of option values: True == 1 and hashes alike."""
    c = contract(n=integer(1))
    c.hold([1])
    with pytest.raises(TypeError, match="n is True"):
        c.hold([True])


def test_one_integer_or_any_number_of_them() -> None:
    c = contract(shape=integer_tuple())
    for given_, found in [(3, (3,)), ([2, np.int64(-1)], (2, -1)), ((), ())]:
        assert c.hold([given_]) == [found]


def test_a_number_may_be_infinite_where_that_is_said() -> None:
    assert contract(p=number(above=0, infinite=True)).hold([np.float32(np.inf)]) == [np.inf]
    with pytest.raises(ValueError, match="p is inf, expected a finite number"):
        contract(p=number(above=0)).hold([np.inf])


def test_a_composed_function_is_called_with_tensors_of_one_dtype() -> None:
    seen: list[Any] = []

    @composed(takes=dict(x=given("N"), w=given("N") | None, scale=number(0)), same_dtype=True)
    def scaled(x: Any, w: Any = None, scale: float = 2, more: Any = None) -> Any:
        seen[:] = [x, w, scale, more]
        return x * scale

    x = Tensor([1.0, 2.0], requires_grad=True)
    y = scaled(x, np.array([1.0, 2.0]), more=x)
    y.sum().backward()
    np.testing.assert_array_equal(x.grad, [2, 2])
    assert seen[0] is x
    assert isinstance(seen[1], Tensor)
    assert seen[1].dtype == np.float32, "a plain array takes the dtype of the Tensor beside it"
    assert repr(seen[2]) == "2.0"
    assert seen[3] is x.data, "an option is plain"
    assert scaled([1, 2]).dtype == np.float32
    assert seen[1] is None
    for args, error, message in [
        (([1.0, 2.0], [1.0]), ValueError, "scaled: w has shape (1,), expected (2,): N = 2 as in x (2,)"),
        (("text",), TypeError, "scaled: x has dtype"),
        ((x, Tensor(np.zeros(2))), TypeError, "scaled: w is float64 beside float32"),
        ((x, None, -1), ValueError, "scaled: scale is -1.0, expected a number >= 0"),
        ((), TypeError, "scaled: argument 'x' is missing"),
    ]:
        with pytest.raises(error, match=re.escape(message)):
            scaled(*args)


def test_also_sees_converted_arguments() -> None:
    seen = []
    c = Contract(
        "f", dict(x=floats("N"), n=integer()), signature("n", "x"), also=lambda n, x: seen.append((n, x.dtype))
    )
    c.hold([np.int64(3), [1, 2]])
    assert seen == [(3, np.dtype(np.float32))]


def test_several_axes() -> None:
    c = contract(x=given(), dim=axes())
    c.hold([np.zeros((2, 3)), None])
    c.hold([np.zeros((2, 3)), (0, -1)])
    with pytest.raises(ValueError, match="expected each axis once"):
        c.hold([np.zeros((2, 3)), (1, -1)])


def test_inside_unchecked_the_door_is_open_and_a_users_function_closes_it() -> None:
    @takes("half", x=number(0))
    def half(x: float) -> float:
        return x / 2

    closed = function().convert(lambda: (trusted(), half(-1)), "f: g")

    @unchecked
    def inside() -> None:
        assert half(-1) == -0.5
        with pytest.raises(ValueError, match="half: x is -1"):
            closed()
        assert trusted(), "the door is as it was before the user's function, also after an error"

    inside()
    with pytest.raises(ValueError, match="half: x is -1"):
        half(-1)


def test_a_call_in_any_form_is_the_same_call() -> None:
    @takes("f", a=integer(), b=integer())
    def f(a: int, b: int = 2, c: Any = None) -> tuple[Any, ...]:
        return a, b, c

    assert f(1) == f(a=1) == f(1, b=2) == (1, 2, None)
    for args, kwargs, message in [
        ((), {}, "f: argument 'a' is missing"),
        ((1, 2, 3, 4), {}, "f: 4 arguments given, expected at most 3"),
        ((1,), {"a": 1}, "f: argument 'a' is given twice"),
        ((1,), {"d": 1}, "f: unknown argument 'd', expected one of a, b, c"),
    ]:
        with pytest.raises(TypeError) as caught:
            f(*args, **kwargs)
        assert str(caught.value) == message


def test_a_default_is_converted_like_what_is_given() -> None:
    """Catches a default that reaches the function as it stands in the signature."""

    @takes("f", stride=pair(1), rate=number(0))
    def f(stride: Any = 2, rate: Any = 1) -> tuple[Any, ...]:
        return stride, rate

    assert repr(f()) == repr(f(2, 1)) == "((2, 2), 1.0)"
    assert repr(unchecked(f)()) == "((2, 2), 1.0)"


@pytest.mark.parametrize(
    ("kind", "value", "wanted"),
    [
        (tuple_of(number(0, below=1), 2), [0, 0.5], "(0.0, 0.5)"),
        (tuple_of(integer(1)), {3}, "(3,)"),
        (tuple_of(integer(1)), (), "()"),
        (tuple_of(integer() | None), [None, 1], "(None, 1)"),
        (pair(1, kept=True), 3, "3"),
        (pair(1, kept=True), [3, 4], "[3, 4]"),
        (instance(list, "a list"), [], "[]"),
        (integer() | None, None, "None"),
    ],
)
def test_lists_and_objects(kind: Any, value: Any, wanted: str) -> None:
    assert repr(kind.take(value, "f: a")) == wanted


@pytest.mark.parametrize(
    ("kind", "value", "error", "message"),
    [
        (tuple_of(number(), 3), (1, 2), TypeError, "f: a is (1, 2), expected three numbers"),
        (tuple_of(number(), 2), {1, 2}, TypeError, "f: a is {1, 2}, expected two numbers"),
        (tuple_of(number(0, below=1), 2), (0, 1), ValueError, "f: a[1] is 1, expected a number below 1"),
        (tuple_of(integer()), 3, TypeError, "f: a is 3, expected a list"),
        (tuple_of(integer()), "34", TypeError, "f: a is '34', expected a list"),
        (pair(1, kept=True), (3, 0), ValueError, "f: a is 0, expected a number >= 1"),
        (instance(list, "a list"), (), TypeError, "f: a is a tuple, expected a list"),
        (integer(), None, TypeError, "f: a is None (NoneType), expected an integer"),
    ],
)
def test_lists_and_objects_that_do_not_fit(kind: Any, value: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error) as caught:
        kind.take(value, "f: a")
    assert str(caught.value) == message


class Layer(Checked):
    """Its constructor converts nothing itself."""

    takes = dict(size=integer(1), stride=pair(1))

    def __init__(self, size: int, stride: Any = 1, *, bias: Any = True) -> None:
        self.size, self.stride, self.bias = size, stride, bias


class Inheriting(Layer):
    pass


class Stricter(Layer):
    takes = dict(size=integer(5), stride=pair(1, 3))


class Own(Layer):
    def __init__(self, anything: Any) -> None:
        super().__init__(anything, stride=2)


def test_a_constructor_is_checked_and_converted_under_the_name_of_its_class() -> None:
    assert vars(Layer(2)) == dict(size=2, stride=(1, 1), bias=True)
    assert vars(Inheriting(2, bias=None)) == dict(size=2, stride=(1, 1), bias=None)
    assert vars(Stricter(size=5)) == dict(size=5, stride=(1, 1, 1), bias=True)
    assert vars(Own(3)) == dict(size=3, stride=(2, 2), bias=True)
    for make, message in [
        (lambda: Layer(0), "Layer: size is 0, expected a number >= 1"),
        (lambda: Inheriting(0), "Inheriting: size is 0, expected a number >= 1"),
        (lambda: Stricter(4), "Stricter: size is 4, expected a number >= 5"),
        (lambda: Stricter(5, (1, 1)), "Stricter: stride is (1, 1), expected an integer or three"),
        (lambda: Own(0), "Own: size is 0, expected a number >= 1"),
        (lambda: Layer(), "Layer: argument 'size' is missing"),
        (lambda: Layer(1, 1, True), "Layer: 3 arguments given, expected at most 2"),
        (lambda: Layer(1, step=2), "Layer: unknown argument 'step', expected one of size, stride, bias"),
    ]:
        with pytest.raises((TypeError, ValueError)) as caught:
            make()  # type: ignore[no-untyped-call]
        assert str(caught.value) == message


def test_a_checked_class_is_still_an_ordinary_one() -> None:
    assert list(inspect.signature(Layer).parameters) == ["size", "stride", "bias"]
    assert list(inspect.signature(Own).parameters) == ["anything"]
    assert vars(copy.deepcopy(Layer(2, 3))) == vars(Layer(2, 3))
    with pytest.raises(ValueError, match="Layer: size is 0"):
        unchecked(Layer)(0)  # what is kept is checked wherever it is made


def test_a_table_that_names_no_parameter_is_refused() -> None:
    with pytest.raises(TypeError, match="Wrong: the contract names 'sizes', expected some of size"):

        class Wrong(Layer):
            takes = dict(sizes=integer())


def test_arguments_may_be_given_by_name_only_and_be_called_name() -> None:
    @takes("f", name=word("a", "b"), n=integer(1))
    def f(name: str, *, n: int = 2, rest: Any = None) -> tuple[Any, ...]:
        return name, n, rest

    assert f("a") == f(name="a") == ("a", 2, None)
    assert f("b", n=3, rest=4) == ("b", 3, 4)
    assert unchecked(f)("c", n=0) == ("c", 0, None)
    for args, kwargs, message in [
        (("c",), {}, "f: name is 'c', expected one of 'a', 'b'"),
        (("a",), {"n": 0}, "f: n is 0, expected a number >= 1"),
        (("a", 1), {}, "f: 2 arguments given, expected at most 1"),
    ]:
        with pytest.raises((TypeError, ValueError)) as caught:
            f(*args, **kwargs)
        assert str(caught.value) == message


def test_classes_are_numbers_or_words_and_may_be_made_from_other_arguments() -> None:
    @takes("f", y=classes("N>0"), all=classes("K", missing=(np.unique, "y")))
    def f(y: Any, all: Any = None) -> Any:
        return y, all

    for y in (["b", "a", "b"], [2, 1, 2], np.array([True, False])):
        kept, made = f(y)
        assert kept.tolist() == list(y) and made.tolist() == sorted(set(y))
    assert f([1], [3, 1])[1].tolist() == [3, 1]
    for value, error, message in [
        ([], ValueError, "f: y has shape (0,), expected (N,) with N > 0"),
        ([[1]], ValueError, "f: y has shape (1, 1), expected (N,) with N > 0"),
        ("cat", TypeError, "f: y is 'cat', expected a list or an array of classes"),
        ([[1], [1, 2]], ValueError, "f: y is ragged: its rows have different lengths, expected a regular array"),
    ]:
        with pytest.raises(error) as caught:
            f(value)
        assert str(caught.value) == message


def test_a_kind_that_must_be_finite_is_still_looked_at_by_its_own_rule() -> None:
    """Catches finite=True in the place of the kind's own check."""
    for kind, wrong in [(bits("N"), [1.0, 5.0]), (integers("N", below=3, finite=True), [1, 3])]:
        with pytest.raises(ValueError, match="x holds"):
            contract(x=kind).hold([wrong])
    with pytest.raises(ValueError, match="x holds nan"):
        contract(x=floats("N", finite=True)).hold([[np.nan]])


def test_memory_of_shapes_is_bounded_and_still_right() -> None:
    c = contract(x=given("N"), y=given("N"))
    for n in range(1200):
        c.hold([np.zeros(n), np.zeros(n)])
    assert len(c._fitted) <= 512
    with pytest.raises(ValueError, match="y has shape"):
        c.hold([np.zeros(3), np.zeros(4)])


def test_the_common_dtype_is_that_of_all_floats_in_any_order() -> None:
    for a, b in [(np.float32, np.float64), (np.float64, np.float32)]:
        x, y = contract(x=floats("N"), y=floats("N")).hold([np.zeros(2, a), np.zeros(2, b)])
        assert x.dtype == y.dtype == np.float64


def test_a_table_of_a_users_own_called_takes_is_left_alone() -> None:
    class Mine(Layer):
        takes = ["a", "b"]

        def __init__(self) -> None:
            super().__init__(2)

    assert Mine().size == 2


def test_a_single_integer_becomes_an_int_only_where_the_contract_says_single() -> None:
    """Catches an index without axes that a formula finds to be no array."""
    assert type(contract(k=integers("", below=3)).hold([np.array(2)])[0]) is int
    assert contract(index=integers()).hold([np.array(2)])[0].ndim == 0
