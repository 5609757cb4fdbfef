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
