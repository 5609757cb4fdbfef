"""Sequential runs a Linear and the activation behind it as one function, and nobody can tell."""

from __future__ import annotations

import numpy as np
import pytest

import nnlite
from nnlite import Tensor, nn
from nnlite import functional as F


@pytest.mark.parametrize("activation", [nn.ReLU(), nn.GELU(), nn.SiLU(), nn.GELU("tanh"), nn.Tanh()])
@pytest.mark.parametrize("rows", [1, 3, 40])
def test_the_fused_step_has_the_bits_of_the_two(activation, rows):
    layer = nn.Linear(7, 5, rng=0)
    model = nn.Sequential(layer, activation, nn.Linear(5, 2, rng=1))
    x = Tensor(np.random.default_rng(2).standard_normal((rows, 7)).astype(np.float32), requires_grad=True)
    dy = np.random.default_rng(3).standard_normal((rows, 2)).astype(np.float32)
    results = []
    for run in (model, lambda x: model[2](activation(layer(x)))):
        x.grad = None
        model.zero_grad()
        y = run(x)
        y.backward(dy)
        results.append([y.data, x.grad, *(p.grad for p in model.parameters())])
    for one, two in zip(*results):
        np.testing.assert_allclose(one, two, rtol=1e-6, atol=1e-6)
    np.testing.assert_array_equal(results[0][0], results[1][0])


def test_a_hook_between_the_two_is_called():
    model = nn.Sequential(nn.Linear(3, 4, rng=0), nn.ReLU())
    x = np.ones((2, 3), np.float32)
    assert model(Tensor(x)).shape == (2, 4)
    for module in model:
        seen = []
        hook = module.register_forward_hook(lambda module, args, output, seen=seen: seen.append(output.data.min()))
        model(Tensor(x))
        hook.remove()
        assert len(seen) == 1
    model(Tensor(x, requires_grad=True)).sum().backward()


def test_a_replaced_activation_is_reached_through_the_fused_step():
    model = nn.Sequential(nn.Linear(3, 4, rng=0), nn.ReLU())
    x = Tensor(np.ones((2, 3), np.float32))
    with nnlite.substitute({"functional.relu": lambda x: (x * 0 + 7, lambda dy: dy * 0)}) as calls:
        np.testing.assert_array_equal(model(x).data, np.full((2, 4), 7))
    assert calls["functional.relu"] == 1
    with nnlite.substitute({"functional.linear": F.linear.formula}) as calls:
        model(x)
    assert calls["functional.linear"] == 1


def test_a_linear_of_another_kind_is_left_alone():
    class Doubled(nn.Linear):
        def forward(self, x):
            return 2 * super().forward(x)

    layer = Doubled(3, 4, rng=0)
    x = Tensor(np.ones((2, 3), np.float32))
    np.testing.assert_array_equal(nn.Sequential(layer, nn.ReLU())(x).data, F.relu(layer(x)).data)


def test_sequential_calls_a_forward_that_was_put_in_place_of_a_layers_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """On one layer or on the class: fusing a Linear with its activation must not pass it by."""
    x = np.ones((2, 3), np.float32)
    for i in range(2):
        chain = nn.Sequential(nn.Linear(3, 3), nn.ReLU())
        chain[i].forward = lambda x: x * 0 + 7
        np.testing.assert_array_equal(chain(x).data, np.full((2, 3), 7))
    for kind in (nn.Linear, nn.ReLU):
        chain = nn.Sequential(nn.Linear(3, 3), nn.ReLU())
        with monkeypatch.context() as patch:
            patch.setattr(kind, "forward", lambda self, x: x * 0 + 7)
            np.testing.assert_array_equal(chain(x).data, np.full((2, 3), 7))
