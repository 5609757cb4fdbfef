"""Module: the tree of weights, saving and loading it, and switching its modes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nnlite import Tensor, nn


class Shared(nn.Module):
    """Two parts that own the same weight, as a language model's embedding and head do."""

    def __init__(self) -> None:
        self.embed = nn.Embedding(5, 3, rng=0)
        self.head = nn.Linear(3, 5, rng=0)
        self.head.weight = self.embed.weight

    def forward(self, indices: Any) -> Tensor:
        return self.head(self.embed(indices))


def model() -> nn.Module:
    return nn.Sequential(nn.Linear(2, 3, rng=0), nn.Sequential(nn.ReLU(), nn.Linear(3, 1, rng=1)))


def test_names_follow_the_tree() -> None:
    names = ["0.weight", "0.bias", "1.1.weight", "1.1.bias"]
    assert [name for name, _ in model().named_parameters()] == names
    assert list(model().state_dict()) == names


def test_a_shared_weight_is_one_parameter_with_two_names() -> None:
    shared = Shared()
    assert len(list(shared.parameters())) == 2
    assert set(shared.state_dict()) == {"embed.weight", "head.weight", "head.bias"}
    shared(np.array([1, 1])).sum().backward()
    assert shared.embed.weight.grad is shared.head.weight.grad


def test_gradient_of_a_shared_weight_is_the_sum_of_its_uses() -> None:
    torch = pytest.importorskip("torch")
    shared = Shared()
    indices = np.array([0, 2, 2])
    shared(indices).sum().backward()
    w = torch.tensor(shared.embed.weight.data, requires_grad=True)
    (torch.nn.functional.embedding(torch.tensor(indices), w) @ w.T).sum().backward()
    np.testing.assert_allclose(shared.embed.weight.grad, w.grad.numpy(), rtol=1e-5)


def test_state_dict_is_a_copy_and_loads_back() -> None:
    a, b = model(), model()
    state = a.state_dict()
    for p in b.parameters():
        p.data[...] = 7
    b.load_state_dict(state)
    np.testing.assert_array_equal(b[0].weight.data, a[0].weight.data)
    state["0.weight"][:] = 0
    assert a[0].weight.data.any()


def test_loading_keeps_the_parameters_and_their_dtype() -> None:
    """An optimizer holds the Parameter objects: loading must fill them, not replace them."""
    net = model()
    weight = net[0].weight
    net.load_state_dict({k: v.astype(np.float64) for k, v in net.state_dict().items()})
    assert net[0].weight is weight
    assert weight.dtype == np.float32


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        (lambda s: s.pop("0.bias"), KeyError, ["missing ['0.bias']"]),
        (lambda s: s.update(extra=np.zeros(1)), KeyError, ["unknown ['extra']"]),
        (lambda s: s.update({"1.1.bias": np.zeros(9)}), ValueError, ["1.1.bias", "(9,)", "(1,)"]),
        (lambda s: s.update({"1.1.bias": np.array(["a"])}), TypeError, ["1.1.bias", "numbers"]),
        (lambda s: s.update({"1.1.bias": np.array([1j])}), TypeError, ["1.1.bias", "complex128", "numbers"]),
    ],
)
def test_a_bad_state_dict_changes_nothing(change: Any, error: type[Exception], words: list[str]) -> None:
    net = model()
    before = net.state_dict()
    state = {k: v + 1 for k, v in before.items()}
    change(state)
    with pytest.raises(error) as caught:
        net.load_state_dict(state)
    for word in words:
        assert word in str(caught.value)
    for name, array in net.state_dict().items():
        np.testing.assert_array_equal(array, before[name])


def test_train_and_eval_reach_every_part() -> None:
    net = model()
    assert all(m.training for m in net.modules())
    assert net.eval() is net
    assert not any(m.training for m in net.modules())
    assert all(m.training for m in net.train().modules())


def test_frozen_weights_get_no_gradient() -> None:
    net = model()
    net[0].requires_grad_(False)
    net(np.ones((1, 2))).sum().backward()
    assert net[0].weight.grad is None
    assert net[1][1].weight.grad is not None


def test_zero_grad_forgets_all() -> None:
    net = model()
    net(np.ones((1, 2))).sum().backward()
    net.zero_grad()
    assert all(p.grad is None for p in net.parameters())


def test_sequential_is_a_list() -> None:
    net = model()
    assert len(net) == 2
    assert isinstance(net[-1], nn.Sequential)
    assert [type(m).__name__ for m in net] == ["Linear", "Sequential"]
    assert len(nn.ModuleList().append(nn.ReLU()).append(nn.Tanh())) == 2


def test_repr_shows_the_tree() -> None:
    assert repr(model()) == (
        "Sequential(\n  (0): Linear(2, 3)\n  (1): Sequential(\n    (0): ReLU()\n    (1): Linear(3, 1)\n  )\n)"
    )


def test_keyword_arrays_are_welcome() -> None:
    layer = nn.Linear(2, 1, rng=0)
    assert layer(x=np.ones((1, 2))).dtype == np.float32


# Buffers


class Counter(nn.Module):
    """A layer that counts its calls."""

    def __init__(self) -> None:
        self.weight = nn.Parameter(np.ones(2, np.float32))
        self.register_buffer("calls", np.zeros((), np.int64))
        self.register_buffer("scratch", np.zeros(2), persistent=False)
        self.register_buffer("nothing", None)
        self.picture = Tensor([1.0])  # a Tensor that is neither weight nor buffer

    def forward(self, x: Any) -> Any:
        self.calls.data += 1
        return x * self.weight


def test_buffers_are_saved_but_are_no_parameters() -> None:
    a, b = nn.Sequential(Counter()), nn.Sequential(Counter())
    a(np.ones(2))
    assert list(a.state_dict()) == ["0.weight", "0.calls"]
    assert [name for name, _ in a.named_buffers()] == ["0.calls", "0.scratch"]
    assert len(list(a.buffers())) == 2
    assert [name for name, _ in a.named_parameters()] == ["0.weight"]
    assert a[0].nothing is None
    b.load_state_dict(a.state_dict())
    assert b[0].calls.item() == 1
    assert b[0].calls.dtype == np.int64


def test_a_count_is_not_loaded_from_a_fraction() -> None:
    layer = Counter()
    with pytest.raises(TypeError, match="calls has dtype float32, expected int64"):
        layer.load_state_dict({"weight": np.zeros(2), "calls": np.float32(1.5)})
    assert layer.weight.data.all()


@pytest.mark.parametrize(
    ("name", "error", "words"),
    [
        ("weight", ValueError, "already"),
        ("forward", ValueError, "already"),
        ("a.b", ValueError, "dot"),
        ("", ValueError, "''"),
        (3, TypeError, "word"),
    ],
)
def test_names_of_buffers(name: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match="register_buffer: name") as caught:
        Counter().register_buffer(name, np.zeros(1))
    assert words in str(caught.value)


# Hooks


def test_hooks_run_in_order_and_may_change_what_goes_in_and_out() -> None:
    layer, seen = nn.ReLU(), []
    before = layer.register_forward_pre_hook(lambda module, args: (args[0] * 2,))
    watching = layer.register_forward_hook(lambda module, args, output: seen.append((module, args, output.data)))
    after = layer.register_forward_hook(lambda module, args, output: output + 1)
    x = Tensor([-1.0, 3.0])
    np.testing.assert_array_equal(layer(x).data, [1, 7])
    assert seen[0][0] is layer
    np.testing.assert_array_equal(seen[0][1][0].data, [-2, 6])
    np.testing.assert_array_equal(seen[0][2], [0, 6])
    for hook in (before, after, after, watching):
        hook.remove()
    np.testing.assert_array_equal(layer(x).data, [0, 3])
    assert len(seen) == 1
    with pytest.raises(TypeError, match="expected a function"):
        layer.register_forward_hook(3)


def test_hooks_are_no_part_of_the_state() -> None:
    layer = nn.Linear(2, 2)
    layer.register_forward_hook(lambda *_: None)
    assert list(layer.state_dict()) == ["weight", "bias"]


# Containers


def test_apply_reaches_every_part_from_below() -> None:
    seen: list[str] = []
    net = model()
    assert net.apply(lambda m: seen.append(type(m).__name__)) is net
    assert seen == ["Linear", "ReLU", "Linear", "Sequential", "Sequential"]


def test_lists_are_cut_and_extended() -> None:
    chain = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1))
    assert [type(m).__name__ for m in chain[1:]] == ["ReLU", "Linear"]
    assert chain[:2][0] is chain[0]
    assert len(chain.append(nn.Tanh())) == 4
    listed = nn.ModuleList([nn.ReLU()]).extend([nn.Tanh(), nn.ELU()])
    assert [type(m).__name__ for m in listed[-2:]] == ["Tanh", "ELU"]
    assert isinstance(listed[:1], nn.ModuleList)


def test_a_dictionary_of_modules() -> None:
    parts = nn.ModuleDict({"a": nn.Linear(2, 3)})
    parts["b"] = nn.ReLU()
    parts.update({"a": nn.Linear(2, 2)})
    assert (len(parts), list(parts), "b" in parts, "c" in parts) == (2, ["a", "b"], True, False)
    assert parts["a"].weight.shape == (2, 2)
    assert [name for name, _ in parts.items()] == parts.keys()
    assert parts.values()[1] is parts["b"]
    del parts["b"]
    assert list(parts.state_dict()) == ["a.weight", "a.bias"]
    with pytest.raises(KeyError):
        parts["b"]
    with pytest.raises(KeyError):
        del parts["b"]
    with pytest.raises(NotImplementedError, match="entries"):
        parts(1)


def test_loading_what_fits_and_no_more() -> None:
    """strict=False takes the names in common, says which were not, and refuses a wrong shape all the same."""
    model = nn.Sequential(nn.Linear(2, 3, rng=0), nn.Linear(3, 2, rng=0))
    state = model.state_dict()
    before = model[1].bias.data.copy()
    state["0.weight"] = np.full((3, 2), 7.0)
    del state["1.bias"]
    state["head.weight"] = np.ones(1)
    with pytest.raises(KeyError, match=r"missing \['1.bias'\], unknown \['head.weight'\]"):
        model.load_state_dict(state)
    found = model.load_state_dict(state, strict=False)
    assert found == (["1.bias"], ["head.weight"])
    assert found.missing_keys == ["1.bias"] and found.unexpected_keys == ["head.weight"]
    assert (model[0].weight.data == 7).all()
    np.testing.assert_array_equal(model[1].bias.data, before)
    with pytest.raises(ValueError, match="shape"):
        model.load_state_dict({"0.weight": np.ones(1)}, strict=False)
    assert model.load_state_dict(model.state_dict()) == ([], [])


def test_double_and_float_turn_all_that_is_a_fraction() -> None:
    model = nn.Sequential(nn.Linear(3, 2, rng=0), nn.BatchNorm1d(2))
    x = np.random.default_rng(0).standard_normal((4, 3))
    model(x).sum().backward()
    assert model.double() is model
    assert {t.dtype.name for t in (*model.parameters(), *model.buffers())} == {"float64", "int64"}
    assert model[0].weight.grad.dtype == np.float64
    assert model(x).dtype == np.float64
    assert model.float()(x).dtype == np.float32
    assert {t.dtype.name for t in (*model.parameters(), *model.buffers())} == {"float32", "int64"}


def test_children_and_their_names() -> None:
    model = nn.Sequential(nn.Linear(2, 3, rng=0), nn.ReLU())
    assert [name for name, _ in model.named_children()] == ["0", "1"]
    assert list(model.children()) == [model[0], model[1]]


def test_a_list_of_parameters_is_found_and_saved_as_torchs() -> None:
    torch = pytest.importorskip("torch")
    ours = nn.ParameterList([np.zeros((2, 3), np.float32), nn.Parameter(np.ones(2, np.float32))])
    theirs = torch.nn.ParameterList([torch.zeros(2, 3), torch.ones(2)])
    assert list(ours.state_dict()) == list(theirs.state_dict())
    ours.append(np.ones(1, np.float32))
    assert len(ours) == 3 and len(list(ours.parameters())) == 3
    assert ours[-1] is ours[2] and len(ours[:2]) == 2
    ours[0] = np.ones((1, 1), np.float32)
    assert [p.shape for p in ours] == [(1, 1), (2,), (1,)]
    for call, error in (
        (lambda: ours[3], IndexError),
        (lambda: nn.ParameterList(3), TypeError),
        (lambda: ours(1), NotImplementedError),
    ):
        with pytest.raises(error, match="ParameterList"):
            call()


def test_backward_hooks_see_what_torchs_see() -> None:
    torch = pytest.importorskip("torch")
    ours, theirs = (
        nn.Sequential(nn.Linear(3, 2, rng=0), nn.ReLU()),
        torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.ReLU()),
    )
    theirs.load_state_dict({k: torch.tensor(v) for k, v in ours.state_dict().items()})
    x = np.random.default_rng(0).standard_normal((4, 3)).astype(np.float32)
    seen: list[list[Any]] = [[], []]
    for model, note in zip((ours, theirs), seen):
        for part in (model, model[0], model[1]):
            part.register_full_backward_hook(
                lambda module, grad_input, grad_output, note=note: note.append((grad_input[0], grad_output[0]))
            )
    mine, other = Tensor(x, requires_grad=True), torch.tensor(x, requires_grad=True)
    (ours(mine) * 3).sum().backward()
    (theirs(other) * 3).sum().backward()
    assert len(seen[0]) == len(seen[1]) == 3
    for (a, b), (c, d) in zip(*seen):
        np.testing.assert_allclose(a, c.numpy(), rtol=1e-5)
        np.testing.assert_allclose(b, d.numpy(), rtol=1e-5)
    np.testing.assert_allclose(mine.grad, other.grad.numpy(), rtol=1e-5)


def _both_of_two(torch: Any) -> tuple[Any, Any]:
    """A module with two arguments, of which it uses one, and two outputs; ours and PyTorch's."""

    class Ours(nn.Module):
        def forward(self, a: Any, b: Any) -> Any:
            return a * 2, a * 3

    class Theirs(torch.nn.Module):  # type: ignore[name-defined, misc]
        def forward(self, a: Any, b: Any) -> Any:
            return a * 2, a * 3

    return Ours(), Theirs()


def test_backward_hooks_see_one_walk_at_a_time_and_none_where_nothing_came() -> None:
    """Catches a hook that waits for every gradient, which an unused output never sends, or keeps the last walk's."""
    torch = pytest.importorskip("torch")
    seen: list[Any] = [[], []]
    for module, tensor, note in zip(_both_of_two(torch), (Tensor, torch.tensor), seen):
        module.register_full_backward_hook(lambda module, *grads, note=note: note.append(grads))
        a, b = (tensor([5.0], requires_grad=True) for _ in range(2))
        first, second = module(a, b)
        first.backward(tensor([10.0]), retain_graph=True)
        second.backward(tensor([1.0]))
        first, second = module(a, b)
        (first + second).sum().backward()

    def plain(grads: Any) -> Any:
        return [[None if g is None else np.asarray(g).tolist() for g in side] for side in grads]

    ours, theirs = ([plain(grads) for grads in side] for side in seen)
    assert ours == [
        [[[20.0], None], [[10.0], None]],
        [[[3.0], None], [None, [1.0]]],
        [[[5.0], None], [[1.0], [1.0]]],
    ]
    assert [grad_input[0] for grad_input, _ in theirs] == [grad_input[0] for grad_input, _ in ours]


def test_a_backward_hook_is_called_where_only_one_output_of_a_recurrent_layer_is_used() -> None:
    calls = []
    layer = nn.GRU(2, 3, rng=0)
    layer.register_full_backward_hook(lambda module, grad_input, grad_output: calls.append(grad_output))
    y, _ = layer(Tensor(np.ones((4, 1, 2), np.float32), requires_grad=True))
    y.sum().backward()
    ((whole, last),) = calls
    assert whole.shape == (4, 1, 3) and last is None


def test_a_backward_hook_only_looks_and_can_be_taken_out() -> None:
    layer, x = nn.ReLU(), Tensor([1.0], requires_grad=True)
    hook = layer.register_full_backward_hook(lambda *seen: 3)
    with pytest.raises(TypeError, match="ReLU: a backward hook returned something"):
        layer(x).sum().backward()
    hook.remove()
    layer(x).sum().backward()
