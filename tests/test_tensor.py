"""Tensor: the graph and its walk, gradients, dtypes, operators, indexing."""

from __future__ import annotations

import copy
import functools
import itertools
import operator
import pickle
import subprocess
import sys
import threading
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nnlite
import nnlite.models
from nnlite import Tensor, autograd, contracts, nn, no_grad
from nnlite import functional as F
from nnlite.arguments import Array
from nnlite.differentiable import differentiable, unbroadcast


def leaf(*values: float, dtype: Any = np.float64) -> Tensor:
    return Tensor(np.array(values, dtype), requires_grad=True)


# The walk


def test_a_chain_of_ten_thousand_steps_needs_no_recursion() -> None:
    x = leaf(1.0)
    y = x
    for _ in range(10_000):
        y = y * 1.0001
    y.backward()
    assert x.grad[0] == pytest.approx(1.0001**10_000, rel=1e-9)


def test_a_long_graph_is_freed_without_recursion() -> None:
    y = leaf(1.0)
    for _ in range(10_000):
        y = y + 1
    del y


def test_each_node_is_visited_once_and_after_all_its_uses() -> None:
    """y = x doubled 30 times by y + y: 2^30 paths, 30 nodes. A walk along the paths would never end."""
    x = leaf(1.0)
    y = x
    for _ in range(30):
        y = y + y
    y.backward()
    assert x.grad[0] == 2.0**30


@given(seed=st.integers(0, 2**32 - 1))
def test_gradient_of_a_random_graph_is_the_sum_over_paths(seed: int) -> None:
    """Linear nodes combined at random, against the matrix product of their coefficients."""
    rng = np.random.default_rng(seed)
    nodes, rows = [leaf(1.0), leaf(1.0)], [np.array([1.0, 0.0]), np.array([0.0, 1.0])]
    leaves = nodes[:2]
    for _ in range(12):
        i, j = rng.integers(len(nodes), size=2)
        a, b = rng.standard_normal(2) if rng.random() < 0.5 else (1.0, 1.0)
        nodes.append(nodes[i] + nodes[j] if a == b == 1 else nodes[i] * a + nodes[j] * b)
        rows.append(rows[i] * a + rows[j] * b)
    nodes[-1].backward()
    for k in (0, 1):
        got = 0.0 if leaves[k].grad is None else leaves[k].grad[0]
        assert got == pytest.approx(rows[-1][k], rel=1e-9, abs=1e-12)


def test_gradients_accumulate_until_zero_grad() -> None:
    x = leaf(3.0)
    (x * x).sum().backward()
    (x * x).sum().backward()
    assert x.grad[0] == 12
    x.zero_grad()
    assert x.grad is None


def test_gradient_of_one_leaf_is_not_shared_with_another() -> None:
    """add passes the same upstream array to both inputs: adding to one gradient must not change the other."""
    a, b = leaf(1.0, 2.0), leaf(3.0, 4.0)
    upstream = np.ones(2)
    (a + b).backward(upstream)
    a.grad += 10
    np.testing.assert_array_equal(b.grad, [1, 1])
    np.testing.assert_array_equal(upstream, [1, 1])


def test_adding_up_the_gradients_of_one_node_leaves_those_of_another_alone() -> None:
    """s = a + b sends one array to a and b; what a gets from its other use must not be added into b's."""
    x, y = leaf(1.0), leaf(1.0)
    a, b = x * 1, y * 1
    other = a * 5
    upstream = np.ones(1)
    (other + (a + b)).backward(upstream)
    assert (x.grad[0], y.grad[0], upstream[0]) == (6, 1, 1)


def test_second_backward_says_what_to_do() -> None:
    x = leaf(1.0)
    y = (x * x).sum()
    y.backward()
    with pytest.raises(RuntimeError, match=r"already walked.*retain_graph=True"):
        y.backward()


def test_backward_through_a_freed_part_is_an_error() -> None:
    x = leaf(2.0)
    shared = x * x
    (shared * 2).sum().backward()
    with pytest.raises(RuntimeError, match="already walked"):
        (shared * 3).sum().backward()


def test_retain_graph_allows_a_second_backward() -> None:
    x = leaf(2.0)
    y = (x * x).sum()
    y.backward(retain_graph=True)
    y.backward()
    assert x.grad[0] == 8


def test_the_graph_is_freed_as_it_is_walked() -> None:
    x = leaf(2.0)
    y = (x * x).sum()
    node = y.node
    y.backward()
    assert node.vjp is None
    assert node.inputs == ()


def test_backward_of_several_elements_wants_a_gradient() -> None:
    x = leaf(1.0, 2.0)
    y = x * 3
    with pytest.raises(ValueError, match=r"backward.*\(2,\).*sum"):
        y.backward()
    with pytest.raises(ValueError, match=r"gradient has shape \(3,\), expected \(2,\)"):
        y.backward(np.ones(3))
    assert x.grad is None
    y.backward([1.0, 10.0])
    np.testing.assert_array_equal(x.grad, [3, 30])


def test_backward_of_a_leaf_is_its_own_gradient() -> None:
    x = leaf(5.0)
    x.backward()
    assert x.grad[0] == 1


def test_backward_without_anything_that_requires_a_gradient() -> None:
    with pytest.raises(RuntimeError, match="requires one"):
        (Tensor([1.0]) * 2).sum().backward()


def test_gradient_stops_at_detach() -> None:
    x = leaf(3.0)
    (x * x.detach()).sum().backward()
    assert x.grad[0] == 3


def test_only_inputs_that_need_a_gradient_get_one() -> None:
    x, c = leaf(2.0), Tensor(np.array([3.0]))
    (x * c).sum().backward()
    assert c.grad is None
    assert x.grad[0] == 3


# Changes in place


def test_change_of_a_leaf_after_its_use_is_detected() -> None:
    x = leaf(2.0)
    y = (x * x).sum()
    with no_grad():
        x[0] = 5.0
    with pytest.raises(RuntimeError, match=r"'mul'.*in place"):
        y.backward()
    assert x.grad is None


def test_change_of_a_computed_tensor_after_its_use_is_detected() -> None:
    x = leaf(2.0)
    h = x * 3
    y = (h * h).sum()
    with no_grad():
        h[0] = 5.0
    with pytest.raises(RuntimeError, match=r"'mul'.*in place"):
        y.backward()


def test_change_of_a_constant_after_its_use_is_detected() -> None:
    x, c = leaf(2.0), Tensor(np.array([3.0]))
    y = (x * c).sum()
    c[0] = 7.0
    with pytest.raises(RuntimeError, match="in place"):
        y.backward()


def test_change_before_the_use_is_fine() -> None:
    c = Tensor(np.array([3.0]))
    c[0] = 7.0
    x = leaf(2.0)
    (x * c).sum().backward()
    assert x.grad[0] == 7


def test_step_between_forward_and_backward_is_detected() -> None:
    w = leaf(2.0)
    loss = (w * w).sum()
    loss.backward(retain_graph=True)
    nnlite.optim.SGD([w], lr=0.1).step()
    with pytest.raises(RuntimeError, match="in place"):
        loss.backward()


def test_assignment_to_what_requires_a_gradient_is_refused() -> None:
    x = leaf(1.0, 2.0)
    with pytest.raises(RuntimeError, match="no_grad"):
        x[0] = 5.0
    assert x.data[0] == 1
    with no_grad():
        x[0] = Tensor([5.0])[0]
    assert x.data[0] == 5


# no_grad


def test_no_grad_records_nothing_and_nests() -> None:
    x = leaf(1.0)
    with no_grad():
        with no_grad():
            pass
        y = x * 2
    assert y.node is None
    assert not y.requires_grad
    assert (x * 2).requires_grad


def test_no_grad_ends_with_an_exception_and_decorates() -> None:
    x = leaf(1.0)
    with pytest.raises(ZeroDivisionError), no_grad():
        raise ZeroDivisionError
    assert (x * 2).requires_grad

    @no_grad()
    def twice(t: Tensor) -> Tensor:
        return t * 2

    assert not twice(x).requires_grad


def test_no_grad_is_of_this_thread_only() -> None:
    x = leaf(1.0)
    seen = []
    with no_grad():
        thread = threading.Thread(target=lambda: seen.append((x * 2).requires_grad))
        thread.start()
        thread.join()
    assert seen == [True]


# Requiring a gradient


@pytest.mark.parametrize("data", [np.array([1, 2]), np.array([True])], ids=["integers", "booleans"])
def test_only_floats_can_require_a_gradient(data: Any) -> None:
    with pytest.raises(TypeError, match=rf"{data.dtype}.*float"):
        Tensor(data, requires_grad=True)
    with pytest.raises(TypeError, match="float"):
        Tensor(data).requires_grad_()


def test_requires_grad_of_a_computed_tensor_cannot_be_set() -> None:
    with pytest.raises(RuntimeError, match="detach"):
        (leaf(1.0) * 2).requires_grad_(False)


def test_comparisons_and_argmax_have_no_gradient() -> None:
    x = leaf(1.0, 2.0)
    for y in (x > 1, x == 2, x.argmax(), x.astype(int)):
        assert not y.requires_grad


# Dtypes

F32, F64, INT, BOOL = np.float32, np.float64, np.int64, np.bool_


@pytest.mark.parametrize(
    ("data", "dtype"),
    [
        ([1, 2], F32),
        ([1.0, 2.0], F32),
        ([[1, 2.5]], F32),
        ([], F32),
        (3, F32),
        (2.5, F32),
        (np.array([1.0]), F64),
        (np.array([1.0], F32), F32),
        (np.array([1.0], np.float16), np.float16),
        (np.array([1, 2]), INT),
        (np.array([1], np.uint8), np.uint8),
        ([True, False], BOOL),
        (Tensor(np.array([1.0])), F64),
    ],
)
def test_dtype_of_a_new_tensor(data: Any, dtype: Any) -> None:
    """Lists and Python numbers become float32, arrays and Tensors keep their dtype."""
    assert Tensor(data).dtype == dtype


def tensor(dtype: Any) -> Tensor:
    return Tensor(np.ones(2, dtype))


@pytest.mark.parametrize("op", [operator.add, operator.sub, operator.mul, operator.truediv, operator.pow])
@pytest.mark.parametrize(
    ("a", "b", "dtype"),
    [
        (tensor(F32), tensor(F32), F32),
        (tensor(F64), tensor(F64), F64),
        (tensor(F32), tensor(F64), F64),
        (tensor(F32), 2, F32),
        (tensor(F32), 2.5, F32),
        (tensor(F64), 2.5, F64),
        (tensor(F32), np.float64(2.5), F32),
        (tensor(F64), np.float32(2.5), F64),
        (tensor(F32), np.ones(2), F32),
        (tensor(F64), np.ones(2, F32), F64),
        (tensor(F32), [1.0, 2.0], F32),
        (tensor(F64), [1.0, 2.0], F64),
        (tensor(F32), np.array([1, 2]), F32),
        (tensor(F32), tensor(INT), F32),
        (tensor(F64), tensor(INT), F64),
        (tensor(INT), 2.5, F32),
        (tensor(INT), np.ones(2), F64),
        (tensor(np.float16), 2, np.float16),
    ],
)
def test_dtype_of_arithmetic(a: Any, b: Any, dtype: Any, op: Any) -> None:
    """Beside a Tensor numbers and plain arrays take its float dtype, in either order; two Tensors promote."""
    assert op(a, b).dtype == dtype
    assert op(b, a).dtype == dtype


@pytest.mark.parametrize("op", [operator.add, operator.sub, operator.mul])
def test_integers_stay_integers(op: Any) -> None:
    assert op(tensor(INT), tensor(INT)).dtype == INT
    assert op(tensor(INT), 3).dtype == INT
    assert op(3, tensor(INT)).dtype == INT
    assert op(tensor(np.int32), 3).dtype == np.int32


@pytest.mark.parametrize("function", [F.exp, F.softmax, F.mean, F.sigmoid, F.sqrt])
def test_integers_become_float32_where_fractions_come_out(function: Any) -> None:
    assert function(np.array([1, 2])).dtype == F32
    assert function([1, 2]).dtype == F32
    assert function(np.array([1.0, 2.0])).dtype == F64


def test_gradients_have_the_dtypes_of_their_leaves() -> None:
    a, b = leaf(1.0, dtype=F32), leaf(2.0, dtype=F64)
    (a * b).sum().backward()
    assert a.grad.dtype == F32
    assert b.grad.dtype == F64


def test_cast_passes_the_gradient_back_in_the_old_dtype() -> None:
    x = leaf(1.0, 2.0, dtype=F32)
    y = x.astype(np.float64)
    assert y.dtype == F64
    (y * 3).sum().backward()
    assert x.grad.dtype == F32
    np.testing.assert_array_equal(x.grad, [3, 3])


@pytest.mark.parametrize(
    "call",
    [
        lambda a, b: a @ b,
        lambda a, b: F.linear(a, b),
        lambda a, b: F.conv2d(a.reshape(1, 1, 2, 2), b.reshape(1, 1, 2, 2)),
        lambda a, b: F.scaled_dot_product_attention(a, b, b),
    ],
    ids=["matmul", "linear", "conv2d", "attention"],
)
def test_two_float_dtypes_in_a_product_are_refused_with_the_cast_to_write(call: Any) -> None:
    a, b = Tensor(np.ones((2, 2), F64)), Tensor(np.ones((2, 2), F32))
    with pytest.raises(TypeError, match=r"float32 beside float64.*\.astype\('float64'\)"):
        call(a, b)


def test_a_layer_casts_plain_arrays_to_its_own_dtype() -> None:
    layer = nn.Linear(2, 3, rng=0)
    assert layer(np.ones((1, 2))).dtype == F32
    assert layer([[1, 2]]).dtype == F32
    assert layer(np.array([[1, 2]])).dtype == F32
    with pytest.raises(TypeError, match="float32 beside float64"):
        layer(Tensor(np.ones((1, 2))))


# Operators


@pytest.mark.parametrize("op", [operator.add, operator.sub, operator.mul, operator.truediv, operator.pow])
@pytest.mark.parametrize(
    "other", [np.array([2.0, 3.0]), np.float64(2.0), 2.0, 2, np.array(2.0)], ids=lambda o: type(o).__name__
)
def test_order_of_array_and_tensor(op: Any, other: Any) -> None:
    """array - Tensor asks the Tensor, gives one Tensor, and the gradient flows."""
    x = leaf(1.5, 2.5)
    for y, wanted in ((op(x, other), op(x.data, other)), (op(other, x), op(other, x.data))):
        assert type(y) is Tensor
        np.testing.assert_allclose(y.data, wanted)
        y.sum().backward()
        assert x.grad is not None


def test_matmul_with_an_array_on_the_left() -> None:
    w = leaf(1.0, 2.0)
    y = np.array([[3.0, 4.0]]) @ w
    assert type(y) is Tensor
    y.sum().backward()
    np.testing.assert_array_equal(w.grad, [3, 4])


@pytest.mark.parametrize("op", [operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne])
def test_comparisons(op: Any) -> None:
    a, b = np.array([1.0, 2.0, np.nan]), np.array([2.0, 2.0, np.nan])
    for left, right in ((Tensor(a), Tensor(b)), (Tensor(a), b), (a, Tensor(b)), (Tensor(a), list(b))):
        y = op(left, right)
        assert type(y) is Tensor
        np.testing.assert_array_equal(y.data, op(a, b))


def test_equality_is_elementwise_and_hash_is_identity() -> None:
    a, b = Tensor([1.0]), Tensor([1.0])
    assert (a == b).item()
    assert len({a, b}) == 2
    assert a in {a: 1}
    assert a != "a word"
    assert (a == None) is False  # noqa: E711


IN_PLACE = [
    operator.iadd,
    operator.isub,
    operator.imul,
    operator.itruediv,
    operator.ifloordiv,
    operator.imod,
    operator.ipow,
]


@pytest.mark.parametrize("op", IN_PLACE, ids=lambda op: op.__name__)
def test_augmented_assignment_changes_the_memory(op: Any) -> None:
    x = Tensor(np.array([5.0, 7.0]))
    row, before = x[1:], x.data
    wanted = op(x.data.copy(), np.array([2.0, 3.0]))
    count = x.version
    y = op(x, np.array([2.0, 3.0]))
    assert y is x and x.data is before and x.version == count + 1
    np.testing.assert_array_equal(x.data, wanted)
    np.testing.assert_array_equal(row.data, wanted[1:])


@pytest.mark.parametrize("op", IN_PLACE, ids=lambda op: op.__name__)
def test_augmented_assignment_of_a_leaf_that_wants_a_gradient_is_refused(op: Any) -> None:
    x = leaf(2.0)
    with pytest.raises(RuntimeError, match=r"leaf.*no_grad"):
        op(x, 1)
    assert x.data[0] == 2 and x.version == 0
    with no_grad():
        y = op(x, 1)
    assert y is x and x.requires_grad and x.is_leaf


def test_augmented_assignment_where_a_gradient_flows_makes_a_new_tensor() -> None:
    x = leaf(2.0)
    h = y = x * 1
    y += 1
    y *= y
    total = Tensor(np.zeros(1))
    total += y
    assert h.data[0] == 2
    total.sum().backward()
    assert x.grad[0] == 6


def test_augmented_assignment_refuses_what_does_not_fit() -> None:
    x, n = Tensor(np.zeros((1, 2))), Tensor(np.array([1, 2]))
    with pytest.raises(ValueError, match=r"\+= gives shape \(3, 2\), expected \(1, 2\)"):
        x += np.ones((3, 2))
    with pytest.raises(TypeError, match=r"float32.*int64"):
        n += 0.5
    n += 1
    np.testing.assert_array_equal(n.data, [2, 3])
    assert not x.data.any()


def test_inversion_is_of_booleans() -> None:
    np.testing.assert_array_equal((~Tensor([True, False])).data, [False, True])
    with pytest.raises(TypeError, match="booleans"):
        ~Tensor([1.0])


def test_a_whole_division_by_zero_is_an_error() -> None:
    n = Tensor(np.array([4]))
    for call in (lambda: n // 0, lambda: n % 0):
        with pytest.raises(ZeroDivisionError, match="other holds 0"):
            call()
    assert np.isposinf((Tensor([1.0]) // 0).data[0])


def test_conversions() -> None:
    x = Tensor([2.5])
    assert x.item() == 2.5
    assert float(x) == 2.5
    assert int(x) == 2
    assert bool(x)
    assert f"{x:.2f}" == "2.50"
    assert x.tolist() == [2.5]
    assert np.asarray(x).dtype == F32
    assert np.asarray(x, dtype=F64).dtype == F64
    assert x.numpy() is x.data
    assert not np.shares_memory(np.array(x), x.data)


@pytest.mark.parametrize("call", [lambda x: x.item(), float, bool, int])
def test_several_elements_are_not_one_number(call: Any) -> None:
    with pytest.raises(ValueError, match=r"\(2,\).*one element"):
        call(Tensor([1.0, 2.0]))


def test_iteration_yields_the_rows_with_their_gradients() -> None:
    x = Tensor(np.arange(6.0).reshape(3, 2), requires_grad=True)
    a, _, c = x
    assert len(x) == 3
    (a * 2 + c).sum().backward()
    np.testing.assert_array_equal(x.grad, [[2, 2], [0, 0], [1, 1]])
    with pytest.raises(TypeError, match="no axes"):
        len(Tensor(1.0))
    with pytest.raises(TypeError):
        list(Tensor(1.0))


INDICES = {
    "number": 1,
    "negative": -1,
    "slice": slice(1, None),
    "step": slice(None, None, -2),
    "several": (0, slice(None), -1),
    "ellipsis": (Ellipsis, 0),
    "new axis": (slice(None), None, 1),
    "list": [0, 2, 2],
    "array": np.array([[0, 1], [1, 1]]),
    "Tensor": Tensor(np.array([2, 0, 0])),
    "pair of arrays": (np.array([0, 0, 2]), np.array([1, 1, 0])),
    "mixed": (np.array([0, 0]), slice(None), 1),
    "mask": np.arange(12).reshape(3, 4) % 3 == 0,
    "Tensor mask": Tensor(np.arange(12).reshape(3, 4) % 3 == 0),
    "empty list": np.array([], int),
    "no rows": np.zeros(3, bool),
}


@pytest.mark.parametrize("index", INDICES.values(), ids=INDICES.keys())
def test_indexing_and_its_gradient(index: Any) -> None:
    """Values as NumPy's; an element picked k times collects k gradients."""
    data = np.arange(24.0).reshape(3, 4, 2)
    x = Tensor(data, requires_grad=True)
    plain = index.data if isinstance(index, Tensor) else index
    y = x[index]
    np.testing.assert_array_equal(y.data, data[plain])
    dy = np.random.default_rng(0).standard_normal(y.shape)
    y.backward(dy)
    wanted = np.zeros_like(data)
    np.add.at(wanted, plain, dy)
    np.testing.assert_allclose(x.grad, wanted)


def test_index_out_of_range_names_the_shape() -> None:
    with pytest.raises(IndexError, match=r"index: 5 does not fit x of shape \(2,\)"):
        Tensor([1.0, 2.0])[5]


# Broadcasting


@given(data=st.data())
def test_unbroadcast_undoes_broadcasting(data: st.DataObject) -> None:
    """<broadcast(x), g> = <x, unbroadcast(g)>: the two are adjoint, for every pair of shapes."""
    full = tuple(data.draw(st.lists(st.integers(0, 3), max_size=4)))
    narrowed = tuple(1 if data.draw(st.booleans()) else n for n in full)
    narrowed = narrowed[data.draw(st.integers(0, len(full))) :]
    rng = np.random.default_rng(0)
    x, g = rng.standard_normal(narrowed), rng.standard_normal(full)
    back = unbroadcast(g, narrowed)
    assert back.shape == narrowed
    np.testing.assert_allclose(np.sum(x * back), np.sum(np.broadcast_to(x, full) * g), atol=1e-12)


def test_a_vjp_sees_which_gradients_are_wanted() -> None:
    """The second input is a constant: its gradient is not asked for and need not be computed."""
    seen: list[Any] = []

    def probe(x: Any, other: Any) -> Any:
        def vjp(dy: Any, needs: Any) -> Any:
            seen.append(needs)
            return dy, None

        return x + other, vjp

    probe.__annotations__ = {"x": "Array", "other": "Array"}
    function = differentiable(probe)
    try:
        function(leaf(1.0), np.array([2.0])).sum().backward()
    finally:
        nnlite.registry.REGISTRY.pop(function.name)
    assert seen == [(True, False)]


# How it looks


@pytest.mark.parametrize(
    ("made", "text"),
    [
        (lambda: Tensor([1, 2.5]), "Tensor([1. , 2.5])"),
        (lambda: Tensor(np.array([1.0])), "Tensor([1.], dtype=float64)"),
        (lambda: Tensor([1.0], requires_grad=True), "Tensor([1.], requires_grad)"),
        (lambda: Tensor([1.0], requires_grad=True) * 2, "Tensor([2.], from mul)"),
        (lambda: Tensor(np.array([1])), "Tensor([1], dtype=int64)"),
    ],
)
def test_repr(made: Any, text: str) -> None:
    assert repr(made()) == text


def test_a_deep_copy_shares_nothing() -> None:
    x = leaf(1.0)
    y = copy.deepcopy(x)
    y.data[0] = 5
    assert x.data[0] == 1
    assert y.requires_grad


def test_a_leaf_never_shares_its_gradient_with_anything_else():
    """A gradient that only passes through is copied; one that was made for the leaf alone is taken as it is."""
    kept = np.array([1.0, 2.0, 3.0])
    made = []

    @differentiable
    def constant_slope(x: Array):
        return (x * kept).sum(), lambda dy: kept  # the vjp returns an array of its own

    @differentiable
    def viewed_slope(x: Array):
        return (x * kept).sum(), lambda dy: kept[:]

    @differentiable
    def fresh_slope(x: Array):
        def vjp(dy):
            d = (kept * dy).reshape(3, 1)
            made.append(d.__array_interface__["data"][0])
            return d.reshape(3)

        return (x * kept).sum(), vjp

    for function in (constant_slope, viewed_slope, fresh_slope):
        x = Tensor(np.ones(3), requires_grad=True)
        function(x).backward()
        assert not np.shares_memory(x.grad, kept)
        x.grad *= 100
        np.testing.assert_array_equal(kept, [1, 2, 3])
    assert x.grad.__array_interface__["data"][0] == made[0]

    upstream = np.ones(3)
    a, b = Tensor(np.ones(3), requires_grad=True), Tensor(np.ones(3), requires_grad=True)
    (a + b).backward(upstream)  # both gradients are the upstream one
    a.grad *= 5
    np.testing.assert_array_equal(b.grad, [1, 1, 1])
    np.testing.assert_array_equal(upstream, [1, 1, 1])

    x = Tensor(np.ones((2, 3)), requires_grad=True)
    x.sum().backward()  # a broadcast view, which cannot be written
    x.grad += 1
    np.testing.assert_array_equal(x.grad, np.full((2, 3), 2))


def test_a_vjp_may_return_memory_that_no_array_owns() -> None:
    """What lends the memory may be anything, and another kind of array is made a plain one."""
    slopes = [
        lambda dy: np.lib.stride_tricks.as_strided(2 * dy),
        lambda dy: np.frombuffer(bytearray((2 * dy).tobytes()), dy.dtype).reshape(dy.shape),
        lambda dy: np.asarray(memoryview(2 * dy)),
        lambda dy: np.ma.array(2 * dy),
    ]
    for slope in slopes:

        @differentiable(takes=dict(x=contracts.given()))
        def twice(x: Array, slope: Any) -> Any:
            return 2 * x, slope

        x = Tensor(np.ones((2, 3)), requires_grad=True)
        twice(x, slope).backward(np.full((2, 3), 4.0))
        assert type(x.grad) is np.ndarray and x.grad.flags.owndata
        np.testing.assert_array_equal(x.grad, np.full((2, 3), 8.0))


# Copying and pickling


def test_a_function_comes_back_from_a_pickle_as_itself() -> None:
    for function in (F.relu, F.bmm, F.einsum, nnlite.optim.adam_step, nnlite.models.perceptron.loss):
        assert pickle.loads(pickle.dumps(function)) is function
        assert copy.deepcopy(function) is function
        assert copy.copy(function) is function


def test_a_copied_function_is_reached_by_a_substitute() -> None:
    twin = copy.deepcopy({"activation": F.relu})["activation"]
    with nnlite.substitute({"functional.relu": lambda x: (x * 0 + 7, lambda dy: dy)}) as calls:
        assert twin([1.0]).data[0] == 7
    assert calls == {"functional.relu": 1}


def test_a_computed_tensor_cannot_be_copied_as_a_whole() -> None:
    w = leaf(1.0)
    for call in (copy.deepcopy, pickle.dumps):
        with pytest.raises(RuntimeError, match=r"'mul'.*leaves.*detach"):
            call(w * 3)
        with pytest.raises(RuntimeError, match="leaves"):
            call({"h": [w * 3]})
    assert copy.deepcopy((w * 3).detach()).data[0] == 3


class Squash(nn.Module):
    """A module that holds functions and numbers, as one writes them."""

    def __init__(self) -> None:
        self.activation = F.tanh
        self.inner = nn.Sequential(nn.Linear(3, 2, rng=0), nn.ReLU(), nn.BatchNorm1d(2))

    def forward(self, x: Any) -> Any:
        return self.activation(self.inner(x))


def test_a_module_goes_to_another_process() -> None:
    """Weights, buffers and functions: it computes there what it computes here."""
    model, x = Squash().eval(), np.arange(6.0, dtype=np.float32).reshape(2, 3)
    twin = pickle.loads(pickle.dumps(model))
    assert twin.activation is F.tanh
    np.testing.assert_array_equal(twin(x).data, model(x).data)
    code = (
        "import sys, pickle; from nnlite import nn; "
        "m = pickle.load(sys.stdin.buffer); sys.stdout.write(repr(m(2.0).item()) + repr(m.function))"
    )
    out = subprocess.run(
        [sys.executable, "-c", code], input=pickle.dumps(nn.ReLU()), capture_output=True, check=True
    ).stdout
    assert out.decode() == "2.0<functional.relu>"


# Whose memory a gradient is


TRACED = """
import sys
import numpy as np
def look(frame, event, arg):
    if frame.f_code.co_filename.endswith("memory.py"):
        frame.f_locals
    return look
sys.settrace(look)
import nnlite
sys.settrace(None)
import numpy as np
from nnlite import Tensor, memory
from nnlite.differentiable import differentiable
kept = []
@differentiable
def f(x):
    def vjp(dy):
        d = dy * 2
        kept.append(d)
        return d
    return x * 2, vjp
x = Tensor(np.ones(3), requires_grad=True)
f(x).sum().backward()
assert not np.shares_memory(x.grad, kept[0])
a, b = Tensor(np.ones(3), requires_grad=True), Tensor(np.ones(3), requires_grad=True)
(a + b).backward(np.ones(3))
assert not np.shares_memory(a.grad, b.grad)
print(memory._REFERENCES_OF_THE_CALL)
"""


@pytest.mark.parametrize("traced", [True, False])
def test_gradients_share_no_memory_whoever_watches_the_import(traced: bool) -> None:
    """A tracer that reads f_locals raises the counts of references; then nothing is taken over."""
    code = TRACED if traced else TRACED.replace("sys.settrace(look)", "")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    if traced and sys.version_info < (3, 13):
        assert done.stdout.strip() == "-1"


def test_a_python_whose_counts_are_not_known_copies_every_gradient(monkeypatch: Any) -> None:
    """One that is too new, one that does not count as its version should, and one without the global lock."""
    from nnlite import memory

    for version, right in [((3, 11, 0), (3, 2)), ((3, 13, 1), (3, 2)), ((3, 14, 0), (1, 2)), ((3, 15, 0), None)]:
        monkeypatch.setattr(sys, "version_info", version)
        monkeypatch.setattr(sys, "_is_gil_enabled", lambda: True, raising=False)
        for counts in itertools.product(range(1, 5), repeat=2):
            monkeypatch.setattr(memory, "_references_to_a_fresh_view", lambda counts=counts: counts)
            assert memory._calibrated() == (right if counts == right else (-1, -1))
    monkeypatch.setattr(sys, "version_info", (3, 14, 0))
    monkeypatch.setattr(memory, "_references_to_a_fresh_view", lambda: (1, 2))
    monkeypatch.setattr(sys, "_is_gil_enabled", lambda: False, raising=False)
    assert memory._calibrated() == (-1, -1)
    monkeypatch.setattr(memory, "_REFERENCES_OF_THE_CALL", -1)
    assert not memory.nobody_else_holds(np.ones(3))


class Holder:
    """Something that keeps an array in an attribute."""

    def __init__(self, array: Array) -> None:
        self.array = array


def waiting(array: Array) -> Any:
    """A generator that keeps an array, as an argument of a call that is not made yet."""
    yield
    np.add(array, (yield), array)


def started(array: Array) -> Any:
    generator = waiting(array)
    next(generator)
    next(generator)
    return generator


@pytest.mark.parametrize(
    "hold",
    [
        lambda d: [d],
        lambda d: {"d": d},
        Holder,
        lambda d: lambda: d,
        lambda d: functools.partial(np.add, d),
        lambda d: d[:],
        lambda d: d.reshape(3, 1),
        memoryview,
        started,
        lambda d: zip(d, [d]),
    ],
    ids=["list", "dict", "attribute", "closure", "partial", "view", "reshaped", "memoryview", "generator", "iterator"],
)
@pytest.mark.parametrize("view", [False, True], ids=["own", "view"])
def test_a_gradient_that_somebody_holds_is_copied(hold: Any, view: bool) -> None:
    """Whoever it is. Catches a count that is too low by one, as CPython 3.14 counts."""
    held, places = [], []

    @differentiable
    def f(x: Array):
        def vjp(dy):
            d = dy * 2
            places.append(d.__array_interface__["data"][0])
            held.append(hold(d))
            return d[:] if view else d

        return x * 2, vjp

    x = Tensor(np.ones(3), requires_grad=True)
    f(x).sum().backward()
    assert x.grad.__array_interface__["data"][0] != places[0]
    np.testing.assert_array_equal(x.grad, [2, 2, 2])


# Frozen between forward and backward


def test_a_leaf_frozen_after_its_use_gets_no_gradient() -> None:
    """As in PyTorch: what counts is whether it wants one when the gradient arrives."""
    a, b = leaf(2.0), leaf(3.0)
    h = a * b
    y = (h * a).sum()
    a.requires_grad_(False)
    y.backward(retain_graph=True)
    assert a.grad is None
    assert b.grad[0] == 4
    a.requires_grad_(True)
    y.backward()
    assert (a.grad[0], b.grad[0]) == (12, 8)


def test_a_frozen_part_of_a_model_lets_the_gradient_pass() -> None:
    model = nn.Sequential(nn.Linear(3, 4, rng=0), nn.ReLU(), nn.Linear(4, 2, rng=1))
    x = Tensor(np.ones((2, 3), np.float32), requires_grad=True)
    y = model(x).sum()
    model[2].requires_grad_(False)
    y.backward()
    assert model[2].weight.grad is None
    assert model[0].weight.grad is not None
    assert x.grad is not None


def test_a_leaf_unfrozen_after_its_use_is_no_part_of_the_graph() -> None:
    a, b = leaf(2.0), Tensor(np.array([3.0]))
    y = (a * b).sum()
    b.requires_grad_(True)
    y.backward()
    assert b.grad is None
    assert a.grad[0] == 3


# Threads


def test_threads_that_share_a_leaf_lose_no_gradient() -> None:
    w = Tensor(np.zeros(20_000), requires_grad=True)
    start = threading.Barrier(4)

    def work() -> None:
        start.wait()
        for _ in range(100):
            (w * 1.0).sum().backward()

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(before)
    np.testing.assert_array_equal(w.grad, np.full(20_000, 400.0))


def test_no_grad_on_a_generator_records_outside_and_not_inside() -> None:
    x = leaf(1.0)
    seen = []

    @no_grad()
    def values(n: int) -> Any:
        try:
            for i in range(n):
                got = yield (x * i)
                seen.append((got, (x * 1).requires_grad))
        except KeyError:
            seen.append(("thrown", (x * 1).requires_grad))
            yield x * 100
        finally:
            seen.append(("closed", (x * 1).requires_grad))
        return "end"

    running = values(3)
    assert not next(running).requires_grad
    assert (x * 2).requires_grad
    assert not running.send("sent").requires_grad
    assert not running.throw(KeyError).requires_grad
    assert (x * 2).requires_grad
    running.close()
    assert seen == [("sent", False), ("thrown", False), ("closed", False)]
    assert (x * 2).requires_grad

    def outer() -> Any:
        return (yield from values(1))

    whole = outer()
    assert next(whole).data[0] == 0
    with pytest.raises(StopIteration) as end:
        next(whole)
    assert end.value.value == "end"


# Hooks


def test_a_hook_sees_the_whole_gradient_once_and_may_change_it() -> None:
    torch = pytest.importorskip("torch")
    seen: dict[str, list[float]] = {"ours": [], "theirs": []}

    def run(x: Any, note: list[float]) -> Any:
        x.register_hook(lambda g: note.append(float(g.sum())) or g * 2)
        h = x * 3
        h.register_hook(lambda g: note.append(float(g.sum())) or g + 1)
        dropped = h.register_hook(lambda g: g * 1000)
        dropped.remove()
        dropped.remove()
        y = (h * h + h + x).sum()
        y.register_hook(lambda g: note.append(float(g)))
        y.backward()
        return x.grad

    ours = run(Tensor(np.array([1.0, 2.0]), requires_grad=True), seen["ours"])
    theirs = run(torch.tensor([1.0, 2.0], dtype=torch.float64, requires_grad=True), seen["theirs"])
    np.testing.assert_allclose(ours, theirs.numpy())
    assert seen["ours"] == seen["theirs"]


def test_hooks_refuse_what_they_cannot_do() -> None:
    with pytest.raises(RuntimeError, match="requires no gradient"):
        Tensor([1.0]).register_hook(print)
    x = leaf(1.0, 2.0)
    with pytest.raises(TypeError, match="expected a function"):
        x.register_hook(3)
    x.register_hook(lambda g: g[:1])
    with pytest.raises(ValueError, match=r"hook returned shape \(1,\), expected \(2,\)"):
        (x * 2).sum().backward()


def test_a_hook_may_answer_in_any_kind_of_numbers() -> None:
    """The gradient keeps the tensor's dtype, whether the hook returns a list, another dtype or a Tensor."""
    for answer in ([3.0, 4.0], np.array([3.0, 4.0]), np.array([3, 4]), Tensor([3.0, 4.0])):
        x = Tensor(np.ones(2, np.float32), requires_grad=True)
        x.register_hook(lambda g, answer=answer: answer)
        (x * 2).sum().backward()
        assert isinstance(x.grad, np.ndarray) and x.grad.dtype == np.float32
        np.testing.assert_array_equal(x.grad, [3, 4])


def test_a_hook_on_a_leaf_is_called_by_its_own_backward() -> None:
    x = leaf(1.0)
    x.register_hook(lambda g: g * 5)
    x.backward()
    assert x.grad[0] == 5


# grad


def test_grad_returns_what_backward_adds(rng: Any) -> None:
    torch = pytest.importorskip("torch")
    data = rng.standard_normal((3, 3))

    def build(x: Any, w: Any) -> Any:
        h = x @ w
        k = h.tanh() * h
        return [h, k, (k * x).sum(), w.exp().sum()]

    for retain in (False, True):
        x, w = Tensor(data, requires_grad=True), Tensor(data + 1, requires_grad=True)
        a, b = torch.tensor(data, requires_grad=True), torch.tensor(data + 1, requires_grad=True)
        ours, theirs = build(x, w), build(a, b)
        mine = autograd.grad(ours[2:], [x, ours[0], w, ours[1]], retain_graph=retain)
        others = torch.autograd.grad(theirs[2:], [a, theirs[0], b, theirs[1]], retain_graph=retain)
        for g, o in zip(mine, others, strict=True):
            np.testing.assert_allclose(g, o.numpy(), rtol=1e-10)
        assert x.grad is None and w.grad is None
        if retain:
            (again,) = autograd.grad(ours[1], ours[1], np.full((3, 3), 2.0), retain_graph=True)
            np.testing.assert_array_equal(again, np.full((3, 3), 2.0))
        else:
            with pytest.raises(RuntimeError, match="already walked"):
                autograd.grad(ours[2], x)


def test_grad_of_a_part_does_not_need_the_rest() -> None:
    """What lies before the input is not walked: it is not freed, and a change there is no error."""
    x = leaf(2.0)
    h = x * x
    y = (h * 3).sum()
    write = x.detach()
    write[0] = 7.0
    (dh,) = autograd.grad(y, h)
    assert dh[0] == 3
    assert h.node.vjp is not None
    with pytest.raises(RuntimeError, match="in place"):
        autograd.grad(h, x)


def test_grads_are_nobody_elses_memory() -> None:
    x, upstream = leaf(1.0, 2.0), np.ones(2)
    a, b = autograd.grad(x + 0, [x, x], upstream)
    a += 5
    np.testing.assert_array_equal(b, [1, 1])
    np.testing.assert_array_equal(upstream, [1, 1])


def test_grad_refuses_what_it_cannot_do() -> None:
    x, other = leaf(1.0, 2.0), leaf(1.0)
    with pytest.raises(NotImplementedError, match=r"create_graph.*difference of two gradients"):
        autograd.grad((x * x).sum(), x, create_graph=True)
    with pytest.raises(RuntimeError, match=r"inputs\[1\] is not used.*allow_unused"):
        autograd.grad((x * x).sum(), [x, other])
    assert autograd.grad((x * x).sum(), [x, other], allow_unused=True)[1] is None
    with pytest.raises(RuntimeError, match=r"inputs\[0\] requires no gradient"):
        autograd.grad((x * x).sum(), Tensor([1.0]))
    with pytest.raises(RuntimeError, match=r"outputs\[0\] depends on nothing"):
        autograd.grad(Tensor([1.0]), x)
    with pytest.raises(ValueError, match=r"outputs\[0\] has shape \(2,\)"):
        autograd.grad(x * x, x)
    with pytest.raises(ValueError, match=r"grad_outputs\[0\] has shape \(3,\)"):
        autograd.grad(x * x, x, np.ones(3))
    with pytest.raises(ValueError, match="grad_outputs has 2 items"):
        autograd.grad(x * x, x, [np.ones(2), np.ones(2)])
    with pytest.raises(TypeError, match=r"inputs\[0\] is a ndarray"):
        autograd.grad((x * x).sum(), [np.ones(2)])


def test_one_element_is_a_view_of_the_whole() -> None:
    """As in PyTorch: who writes into it writes into the vector."""
    x = Tensor(np.array([1.0, 2.0, 3.0]))
    one = x[1]
    one[...] = 7.0
    assert x.data[1] == 7
    one += 1
    assert x.data[1] == 8 and x.version == 2
    w = leaf(1.0, 2.0)
    y = w * w
    with no_grad():
        w[0][...] = 100.0
    with pytest.raises(RuntimeError, match="in place"):
        y.sum().backward()


def test_removing_a_hook_twice_leaves_the_next_one_in_its_place() -> None:
    x = Tensor([1.0], requires_grad=True)
    first = x.register_hook(lambda g: g * 2)
    first.remove()
    x.register_hook(lambda g: g * 10)
    first.remove()
    x.sum().backward()
    np.testing.assert_array_equal(x.grad, [10])
