"""What bad input gets: each check lets the right thing through unchanged and names what is wrong with the rest."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnlite import Tensor
from nnlite import arguments as check


def test_arrays_pass_without_a_copy() -> None:
    for a in (np.ones(2), np.ones(2, np.float32), np.arange(2), np.ones(2, bool)):
        assert check.real_array(a, "f: x") is a
    assert check.float_array(np.ones(2), "f: x").dtype == np.float64
    assert check.float_array(np.arange(2), "f: x").dtype == np.float32


def test_anything_array_like_is_welcome() -> None:
    assert check.real_array(Tensor([1.0]), "f: x").dtype == np.float32
    assert check.real_array(np.float64(2), "f: x").dtype == np.float64
    assert check.real_array([[1], [2]], "f: x").dtype == np.float32
    assert check.real_array((True, False), "f: x").dtype == bool
    assert check.real_array(3, "f: x").shape == ()
    torch = pytest.importorskip("torch")
    assert check.real_array(torch.ones(2), "f: x").dtype == np.float32


@given(ndim=st.integers(1, 4), data=st.data())
def test_axes_counts_from_either_end(ndim: int, data: st.DataObject) -> None:
    order = data.draw(st.permutations(range(ndim)))
    mixed = tuple(d - ndim * data.draw(st.booleans()) for d in order)
    assert check.axes(mixed, ndim, "f: dim") == tuple(order)
    assert check.axes(None, ndim, "f: dim") == tuple(range(ndim))


@given(data=st.data())
def test_broadcastable_agrees_with_numpy(data: st.DataObject) -> None:
    shapes = [tuple(data.draw(st.lists(st.integers(0, 3), max_size=3))) for _ in range(2)]
    x, other = (np.zeros(s) for s in shapes)
    try:
        wanted = np.broadcast_shapes(*shapes)
    except ValueError:
        with pytest.raises(ValueError, match=r"f: x \(.*and other \(.*do not broadcast"):
            check.broadcastable("f", x=x, other=other)
    else:
        assert check.broadcastable("f", x=x, other=other) == wanted


@pytest.mark.parametrize(
    ("call", "wanted"),
    [
        (lambda: check.integer(np.int64(3), "f: n", low=3, high=3), 3),
        (lambda: check.number(np.float32(0.5), "f: p", low=0.5, high=1), 0.5),
        (lambda: check.number(2, "f: p"), 2.0),
        (lambda: check.boolean(np.True_, "f: b"), True),
        (lambda: check.one_of("b", "f: mode", ("a", "b")), "b"),
        (lambda: check.axis(-1, 0, "f: dim"), 0),
    ],
)
def test_good_values(call: Callable[[], Any], wanted: Any) -> None:
    assert call() == wanted
    assert type(call()) is type(wanted)


BAD: list[tuple[Callable[[], Any], type[Exception], list[str]]] = [
    (lambda: check.real_array("text", "f: x"), TypeError, ["f: x", "<U4", "real numbers", "str"]),
    (lambda: check.real_array(None, "f: x"), TypeError, ["f: x", "object", "NoneType"]),
    (lambda: check.real_array(1j, "f: x"), TypeError, ["f: x", "complex128"]),
    (lambda: check.real_array([[1], [1, 2]], "f: x"), ValueError, ["f: x", "ragged"]),
    (lambda: check.real_array(np.ones(2), "f: x", ndim=2), ValueError, ["f: x", "(2,)", "2 axes"]),
    (lambda: check.real_array(1.0, "f: x", ndim=(1, 2)), ValueError, ["f: x", "()", "1 or 2 axes"]),
    (lambda: check.real_array([0, np.nan], "f: x", finite=True), ValueError, ["f: x", "nan", "(1,)", "finite"]),
    (lambda: check.float_array([-np.inf], "f: x", finite=True), ValueError, ["f: x", "-inf", "(0,)"]),
    (lambda: check.integer_array([0.5], "f: y"), TypeError, ["f: y", "float64", "integers"]),
    (lambda: check.integer_array([True], "f: y"), TypeError, ["f: y", "bool", "integers"]),
    (lambda: check.integer_array([0, 7], "f: y", low=0, high=3), ValueError, ["f: y", "7", "0 to 2"]),
    (lambda: check.integer_array([-2], "f: y", low=0), ValueError, ["f: y", "-2", ">= 0"]),
    (lambda: check.integer_array([5], "f: y", high=3), ValueError, ["f: y", "5", "< 3"]),
    (
        lambda: check.shape_is(np.ones(2), "f: w", (3,), "to match x"),
        ValueError,
        ["f: w", "(2,)", "(3,)", "to match x"],
    ),
    (lambda: check.integer(2.0, "f: n"), TypeError, ["f: n", "2.0", "float", "integer"]),
    (lambda: check.integer(True, "f: n"), TypeError, ["f: n", "True", "bool"]),
    (lambda: check.integer(0, "f: n", low=1), ValueError, ["f: n", "0", ">= 1"]),
    (lambda: check.integer(9, "f: n", low=1, high=5), ValueError, ["f: n", "9", ">= 1 and <= 5"]),
    (lambda: check.boolean(1, "f: b"), TypeError, ["f: b", "1", "int", "True or False"]),
    (lambda: check.boolean(None, "f: b"), TypeError, ["f: b", "None"]),
    (lambda: check.number("1", "f: p"), TypeError, ["f: p", "'1'", "str", "number"]),
    (lambda: check.number(False, "f: p"), TypeError, ["f: p", "False"]),
    (lambda: check.number(np.nan, "f: p"), ValueError, ["f: p", "nan", "finite"]),
    (lambda: check.number(np.inf, "f: p"), ValueError, ["f: p", "inf", "finite"]),
    (lambda: check.number(-1, "f: p", low=0), ValueError, ["f: p", "-1", ">= 0"]),
    (
        lambda: check.one_of("meen", "f: r", ("mean", "sum")),
        ValueError,
        ["f: r", "'meen'", "'sum'", "did you mean 'mean'"],
    ),
    (lambda: check.one_of(3, "f: r", ("mean",)), ValueError, ["f: r", "3", "'mean'"]),
    (lambda: check.one_of([], "f: r", ("mean",)), ValueError, ["f: r", "[]"]),
    (lambda: check.axis(2, 2, "f: dim"), ValueError, ["f: dim", "2", "-2 to 1"]),
    (lambda: check.axis(1, 0, "f: dim"), ValueError, ["f: dim", "1", "-1 to 0"]),
    (lambda: check.axes((0, -2), 2, "f: dim"), ValueError, ["f: dim", "(0, -2)", "once"]),
    (lambda: check.axes("0", 2, "f: dim"), TypeError, ["f: dim", "'0'", "integer"]),
]


@pytest.mark.parametrize(("call", "error", "words"), BAD)
def test_bad_values(call: Callable[[], Any], error: type[Exception], words: list[str]) -> None:
    with pytest.raises(error) as caught:
        call()
    assert type(caught.value) is error
    missing = [word for word in words if word not in str(caught.value)]
    assert not missing, f"the message lacks {missing}: {caught.value}"
