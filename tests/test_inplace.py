"""Changes in place between forward and backward: found wherever the vjp keeps the memory, and nowhere else.

Every case compares with what is right: either ``backward()`` raises, or the gradient is that of the values that were
there when the loss was computed. A silently wrong gradient is what must not be.
"""

from __future__ import annotations

import collections
import functools
import types
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import nnlite
import nnlite.models
from nnlite import Tensor, nn, no_grad, optim
from nnlite import functional as F
from nnlite.differentiable import differentiable


def leaf(*shape: int) -> Tensor:
    return Tensor(np.random.default_rng(1).uniform(0.5, 2, shape), requires_grad=True)


def write(t: Tensor, index: Any = 0, value: float = 100.0) -> None:
    with no_grad():
        t[index] = value


def refused(y: Tensor) -> bool:
    """Whether ``backward()`` refuses to compute."""
    try:
        y.sum().backward()
    except RuntimeError as error:
        assert "in place" in str(error)
        return True
    return False


# Through whatever the memory is reached

WAYS: dict[str, Callable[[Tensor], Tensor]] = {
    "itself": lambda h: h,
    "detach": lambda h: h.detach(),
    "Tensor of it": lambda h: Tensor(h),
    "a row": lambda h: h[1],
    "a view of a view": lambda h: h[1:].reshape(-1)[2:],
    "transposed": lambda h: h.T,
    "permuted, detached": lambda h: h.permute(1, 0).detach(),
    "iterated": lambda h: list(h)[1],
    "split": lambda h: h.split(1)[1],
    "squeezed": lambda h: h.unsqueeze(0).squeeze(0),
    "flattened": lambda h: h.flatten(),
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
@pytest.mark.parametrize("before", [True, False], ids=["view made before", "view made after"])
def test_a_change_of_what_was_used_is_found_through_every_view(way: Any, before: bool, both_ways: bool) -> None:
    """x * x keeps x: whoever shares its memory and is written into is found."""
    for compute in (lambda x: x * x, lambda x: F.softmax(x) * x):
        x = leaf(3, 4)
        views = [way(x)] if before else []
        y = compute(x)
        view = views[0] if before else way(x)
        assert np.shares_memory(view.data, x.data)
        write(view)
        assert refused(y)


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
def test_a_change_of_a_result_is_found_through_every_view(way: Any, both_ways: bool) -> None:
    """exp(x) keeps its result, of which there are views only afterwards."""
    y = leaf(3, 4).exp()
    z = y * 1
    view = way(y)
    assert np.shares_memory(view.data, y.data)
    write(view)
    assert refused(z)


def test_a_view_and_the_whole_are_one_memory() -> None:
    x = leaf(3, 4)
    row = x.detach()[1][2:]
    assert row.memory is x.memory
    y = x * x
    write(row)
    assert refused(y)
    y = x.exp()
    z = y.T[0]
    write(z)
    assert refused(y)


def test_a_factor_that_wants_no_gradient_is_watched_although_it_shares_the_memory_of_one_that_does() -> None:
    """d(w * w.detach())/dw is w.detach(), the same numbers in the same memory."""
    for product in (lambda a, b: a * b, lambda a, b: a @ b, lambda a, b: F.einsum("ij,jk->ik", a, b), F.linear):
        w = leaf(3, 3)
        y = product(w, w.detach())
        write(w)
        assert refused(y)


@pytest.mark.parametrize(
    "compute",
    [
        lambda x: x + 1.0,
        lambda x: x - Tensor(np.ones(4)),
        lambda x: -x,
        lambda x: x * 3.0,
        lambda x: x / 2.0,
        lambda x: 2.0 * x + x,
        lambda x: x @ np.ones((4, 2)),
        lambda x: F.linear(x, Tensor(np.ones((2, 4)))),
        lambda x: F.einsum("ij,jk->ik", x, np.ones((4, 2))),
        lambda x: x.sum(0),
        lambda x: x.mean(),
        lambda x: F.cat([x, x]),
        lambda x: F.stack([x, x]),
        lambda x: x.T.reshape(2, 6).flatten(),
        lambda x: x[1:],
        lambda x: x[np.array([0, 0])],
        lambda x: x.gather(1, np.array([[0], [1], [1]])),
        lambda x: F.pad(x, (1, 1)),
        lambda x: F.where(np.ones((3, 4), bool), x, 0.0),
        lambda x: x.clamp(-1, 1),
        lambda x: x.cumsum(0),
        lambda x: F.dropout(x, 0.5, rng=0),
        lambda x: x.astype("float32"),
        lambda x: x.exp(),
        lambda x: x.sqrt(),
        lambda x: F.softmax(x),
        lambda x: F.tanh(x),
    ],
)
def test_a_change_of_what_the_gradient_does_not_need_is_no_error(compute: Any) -> None:
    x = leaf(3, 4)
    y = compute(x)
    dy = np.random.default_rng(2).standard_normal(y.shape).astype(y.dtype)
    y.backward(dy, retain_graph=True)
    right = x.grad.copy()
    x.zero_grad()
    write(x)
    y.backward(dy)
    np.testing.assert_array_equal(x.grad, right)


# Arrays of the caller's are never shared with the graph


def test_indices_and_masks_are_the_graphs_own(both_ways: bool) -> None:
    """An index that grows beyond the array must not be followed: the memory behind it is somebody else's."""
    index, mask = np.array([0, 1]), np.array([True, False, True])
    in_a_tuple, in_a_list = np.array([0, 2]), [0, 2]
    cases: list[tuple[Any, Any]] = [
        (lambda x: F.embedding(index, x), lambda: index.fill(10**9)),
        (lambda x: x[index], lambda: index.fill(10**9)),
        (lambda x: x[in_a_tuple, 1:], lambda: in_a_tuple.fill(10**9)),
        (lambda x: x[in_a_list], lambda: in_a_list.__setitem__(0, 1)),
        (lambda x: x[mask], lambda: mask.fill(False)),
        (lambda x: F.cross_entropy(x[:2], index), lambda: index.fill(10**9)),
        (lambda x: F.where(mask[:, None], x, 0.0), lambda: mask.fill(False)),
        (lambda x: F.index_select(x, 0, index), lambda: index.fill(10**9)),
    ]
    for compute, change in cases:
        for array, values in ((index, [0, 1]), (mask, [True, False, True]), (in_a_tuple, [0, 2])):
            array[:] = values
        in_a_list[:] = [0, 2]
        x = leaf(3, 4)
        y = compute(x).sum()
        y.backward(retain_graph=True)
        right = x.grad.copy()
        x.zero_grad()
        change()
        y.backward()
        np.testing.assert_array_equal(x.grad, right)


def test_integer_tensors_are_not_followed_out_of_the_array(both_ways: bool) -> None:
    index = Tensor(np.array([0, 1]))
    x = leaf(3, 4)
    y = F.embedding(index, x).sum()
    index.data[:] = 10**9  # unseen by the graph
    y.backward()
    np.testing.assert_array_equal(x.grad, [[1] * 4, [1] * 4, [0] * 4])
    y = F.embedding(Tensor(np.array([0, 1])), x)
    assert not refused(y)


# Who changes Tensors in place


OPTIMIZERS = [
    name
    for name, kind in vars(optim).items()
    if isinstance(kind, type) and issubclass(kind, optim.Optimizer) and kind is not optim.Optimizer
]


def changes(model: Any) -> dict[str, Callable[[], Any]]:
    weight = model.weight

    def load() -> None:
        model.load_state_dict({name: array + 1 for name, array in model.state_dict().items()})

    def ema() -> None:
        average = optim.EMA([weight])
        weight.data += 1
        average.copy_to()

    def applied() -> None:
        with optim.EMA([weight]).applied():
            pass

    def shorten() -> None:
        table = nn.Embedding(*weight.shape, max_norm=1e-3)
        table.weight = weight
        table([0])

    def step(kind: Any, **options: Any) -> Callable[[], None]:
        def take() -> None:
            weight.grad = np.ones_like(weight.data)
            kind([weight], **options).step()

        return take

    return {
        "load_state_dict": load,
        "EMA": ema,
        "EMA applied": applied,
        "Embedding with max_norm": shorten,
        "init": lambda: nn.init.zeros_(weight),
        **{name: step(getattr(optim, name), lr=0.1) for name in OPTIMIZERS},
    }


@pytest.mark.parametrize("who", list(changes(nn.Linear(2, 2, rng=0))))
def test_whoever_changes_the_weights_is_noticed(who: str, both_ways: bool) -> None:
    layer = nn.Linear(3, 2, rng=0)
    x = Tensor(np.ones((4, 3), np.float32), requires_grad=True)
    y = layer(x)
    changes(layer)[who]()
    assert refused(y)


def test_a_step_between_two_backwards_of_one_graph_is_noticed(both_ways: bool) -> None:
    model = nn.Sequential(nn.Linear(3, 4, rng=0), nn.ReLU(), nn.Linear(4, 2, rng=1))
    optimizer = optim.Adam(model.parameters())
    loss = model(np.ones((5, 3))).sum()
    loss.backward(retain_graph=True)
    loss.backward(retain_graph=True)
    optimizer.step()
    with pytest.raises(RuntimeError, match="in place"):
        loss.backward()


def test_running_averages_are_counted_as_changed(both_ways: bool) -> None:
    for layer, shape in ((nn.BatchNorm1d(3), (4, 3)), (nn.InstanceNorm1d(3, track_running_stats=True), (4, 3, 5))):
        x = leaf(*shape)
        y = layer.running_mean * x.mean(tuple(i for i in range(x.ndim) if i != 1))
        layer(x.astype("float32"))
        assert refused(y)


def test_evaluation_of_a_batch_norm_keeps_its_own_statistics(both_ways: bool) -> None:
    """PyTorch raises here; ours has what it needs already."""
    layer = nn.BatchNorm1d(3).eval()
    x = Tensor(np.random.default_rng(0).standard_normal((4, 3)).astype(np.float32), requires_grad=True)
    y = layer(x)
    y.backward(np.ones((4, 3)), retain_graph=True)
    right = x.grad.copy()
    x.zero_grad()
    layer.train()(x.detach() * 3)
    y.backward(np.ones((4, 3)))
    np.testing.assert_array_equal(x.grad, right)


def test_one_without_a_batch_axis_is_watched_too(both_ways: bool) -> None:
    for compute in (F.conv2d, F.conv_transpose2d):
        for changed in (0, 1):
            given = leaf(2, 5, 5), leaf(2, 2, 3, 3)
            y = compute(*given)
            y.sum().backward(retain_graph=True)
            right = [t.grad for t in given]
            for t in given:
                t.zero_grad()
            write(given[changed])
            if not refused(y):  # the formula keeps patches of its own
                for t, grad in zip(given, right):
                    np.testing.assert_array_equal(t.grad, grad)


def test_sequences_are_watched_however_they_come(both_ways: bool) -> None:
    for operands in (list, tuple, iter):
        a, b = leaf(3, 3), leaf(3, 3)
        y = F.einsum("ij,jk->ik", *operands([a, b]))
        write(a)
        assert refused(y)
        y = F.cat(operands([a, b])) * a.detach().reshape(3, 3)[0, 0]
        write(b)
        assert refused(y) is False


# Functions of somebody else's


def test_a_substitute_is_watched_whatever_its_vjp_is_made_of() -> None:
    class Slope:
        def __init__(self, y: Any) -> None:
            self.y = y

        def __call__(self, dy: Any) -> Any:
            return dy * self.y

    def from_default(x: Any) -> Any:
        y = np.exp(x)
        return y, lambda dy, y=y: dy * y

    def from_partial(x: Any) -> Any:
        y = np.exp(x)
        return y, functools.partial(np.multiply, y)

    def from_object(x: Any) -> Any:
        y = np.exp(x)
        return y, Slope(y)

    def from_method(x: Any) -> Any:
        y = np.exp(x)
        return y, Slope(y).__call__

    def from_dictionary(x: Any) -> Any:
        kept = {"y": [np.exp(x)]}
        return kept["y"][0], lambda dy: dy * kept["y"][0]

    def unassigned(x: Any) -> Any:
        y = np.exp(x)

        def vjp(dy: Any) -> Any:
            if never:
                return vjp(dy)
            return dy * y

        if y is None:
            never = True
        never = False
        return y, vjp

    for function in (from_default, from_partial, from_object, from_method, from_dictionary, unassigned):
        with nnlite.substitute({"functional.exp": function}):
            x = leaf(3)
            y = x.exp()
            y.backward(np.ones(3), retain_graph=True)
            np.testing.assert_allclose(x.grad, np.exp(x.data))
            write(y)
            assert refused(y), function.__name__


def test_a_function_may_say_that_it_writes_into_an_argument() -> None:
    """The running averages are the one argument that is not copied: batch norm is to change them."""
    running = np.zeros(2)
    F.batch_norm(leaf(4, 2), running, np.ones(2), training=True)
    assert running.any()


def test_a_copy_has_a_memory_of_its_own() -> None:
    """Otherwise a change of the copy would be refused where only the original is needed."""
    x = leaf(3)
    assert Tensor(x.data.copy()).memory is not x.memory
    assert (x + 0).memory is not x.memory
    assert x[np.array([0, 1])].memory is not x.memory
    assert F.dropout(x, 0.0).memory is not x.memory


class _Kept:
    """What a student's function may keep things in."""

    def __init__(self, x: Any) -> None:
        self.x = x

    def vjp(self, dy: Any) -> Any:
        return dy * 2 * np.asarray(self.x)


def _keeps(kept: Any, x: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda dy: dy * 2 * x(kept)


@pytest.mark.parametrize(
    "vjp_of",
    [
        lambda x: _keeps(_Kept(x), lambda kept: kept.x),
        lambda x: _Kept(x).vjp,
        lambda x: _Kept(Tensor(x)).vjp,
        lambda x: _keeps(types.SimpleNamespace(x=x), lambda kept: kept.x),
        lambda x: _keeps(collections.deque([x]), lambda kept: kept[0]),
        lambda x: _keeps(frozenset([_Kept(x)]), lambda kept: next(iter(kept)).x),
        lambda x: _keeps(np.lib.stride_tricks.sliding_window_view(x, 1), lambda kept: kept[:, 0]),
    ],
)
def test_whatever_a_vjp_keeps_its_arrays_in_they_are_found(vjp_of: Any) -> None:
    """Each is a way to write the square; catches a search that stops at objects, Tensors or views with strides."""
    square = differentiable(lambda x: (x**2, vjp_of(x)))
    x = Tensor(np.array([1.0, 2.0]), requires_grad=True)
    y = square(x)
    y.sum().backward()
    np.testing.assert_array_equal(x.grad, [2.0, 4.0])
    y = square(x)
    write(x)
    assert refused(y)


def test_the_ends_of_a_slice_may_change_afterwards() -> None:
    x, start, stop = Tensor(np.arange(6.0), requires_grad=True), np.array(1), np.array(4)
    y = x[start:stop]
    start[()], stop[()] = 2, 5
    y.sum().backward()
    np.testing.assert_array_equal(x.grad, [0, 1, 1, 1, 0, 0])


def test_what_wants_a_gradient_cannot_be_assigned() -> None:
    """PyTorch sends the gradient back through an assignment; to drop it without a word would be wrong."""
    w, x = Tensor([2.0, 3.0], requires_grad=True), Tensor([0.0, 0.0])
    with pytest.raises(RuntimeError, match=r"no gradient comes back through an assignment; .* value\.detach\(\)"):
        x[:] = w * w
    np.testing.assert_array_equal(x.data, 0)
    x[:] = (w * w).detach()
    with nnlite.no_grad():
        x[0] = w[0]
    np.testing.assert_array_equal(x.data, [2, 9])
