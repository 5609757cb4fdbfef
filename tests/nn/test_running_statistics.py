"""Batch and instance norm: what they remember of the batches, beside PyTorch's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from oracle import close

from nnlite import Tensor, nn

SHAPES = {"1": (4, 3, 5), "2": (4, 3, 2, 5)}

CASES = [
    "BatchNorm1d(3)",
    "BatchNorm1d(3, 0.1, 0.3)",
    "BatchNorm1d(3, momentum=None)",
    "BatchNorm1d(3, affine=False)",
    "BatchNorm1d(3, track_running_stats=False)",
    "BatchNorm2d(3)",
    "BatchNorm2d(3, 1e-3, None, False)",
    "InstanceNorm1d(3)",
    "InstanceNorm1d(3, affine=True)",
    "InstanceNorm1d(3, 0.1, 0.3, True, True)",
    "InstanceNorm2d(3)",
    "InstanceNorm2d(3, affine=True, track_running_stats=True)",
]


def both(call: str, torch: Any, rng: Any) -> tuple[Any, Any]:
    """The same layer here and there, with random weights and random memories."""
    ours, theirs = eval(f"nn.{call}"), eval(f"torch.nn.{call}", {"torch": torch})
    state = {
        name: np.asarray(rng.random(v.shape) + 0.5, np.float32) if v.dtype.kind == "f" else v
        for name, v in ours.state_dict().items()
    }
    assert list(state) == list(theirs.state_dict())
    theirs.load_state_dict({k: torch.tensor(v) for k, v in state.items()})
    ours.load_state_dict(theirs.state_dict())
    return ours, theirs


@pytest.mark.parametrize("call", CASES)
def test_three_steps_in_training_then_evaluation_equal_torchs(call: str, both_ways: bool, rng: Any) -> None:
    """Values, gradients and the whole state after each step."""
    torch = pytest.importorskip("torch")
    ours, theirs = both(call, torch, rng)
    shapes = [SHAPES[call[call.index("(") - 2]]] * 4
    if call.startswith("BatchNorm1d"):
        shapes[1] = (6, 3)
    if call.startswith("Instance"):
        shapes[1] = shapes[1][1:]
    for step, shape in enumerate(shapes):
        if step == 3:
            ours.eval()
            theirs.eval()
        data = (2 * rng.standard_normal(shape) + 1).astype(np.float32)
        x, x_torch = Tensor(data, requires_grad=True), torch.tensor(data, requires_grad=True)
        y, y_torch = ours(x), theirs(x_torch)
        close(y.data, y_torch.detach().numpy())
        dy = rng.standard_normal(shape).astype(np.float32)
        ours.zero_grad()
        theirs.zero_grad()
        y.backward(dy)
        y_torch.backward(torch.tensor(dy))
        close(x.grad, x_torch.grad.numpy())
        wanted = dict(theirs.named_parameters())
        for name, parameter in ours.named_parameters():
            close(parameter.grad, wanted[name].grad.numpy())
        for name, value in theirs.state_dict().items():
            mine = ours.state_dict()[name]
            assert str(mine.dtype) == str(value.dtype).removeprefix("torch.")
            np.testing.assert_allclose(mine, value.numpy(), rtol=1e-5, atol=1e-6)


def test_no_optimizer_changes_a_memory() -> None:
    layer = nn.BatchNorm1d(3)
    assert [name for name, _ in layer.named_parameters()] == ["weight", "bias"]
    assert [name for name, _ in layer.named_buffers()] == ["running_mean", "running_var", "num_batches_tracked"]
    before = layer.state_dict()
    layer.eval()(np.full((4, 3), 9.0))
    for name, value in layer.state_dict().items():
        np.testing.assert_array_equal(value, before[name])


def test_a_plain_average_over_all_batches(rng: Any) -> None:
    """With momentum None the running mean is the mean of the batches' means, whatever their number."""
    layer, batches = nn.BatchNorm1d(2, momentum=None), rng.standard_normal((5, 8, 2)).astype(np.float32)
    for batch in batches:
        layer(batch)
    np.testing.assert_allclose(layer.running_mean.data, batches.mean((0, 1)), atol=1e-6)
    assert layer.num_batches_tracked.item() == 5


def test_a_refused_batch_is_not_remembered() -> None:
    layer = nn.BatchNorm1d(2)
    with pytest.raises(ValueError, match="more than one value per channel"):
        layer(np.ones((1, 2)))
    assert layer.num_batches_tracked.item() == 0
    assert not layer.running_mean.data.any()


BAD: list[tuple[Callable[[], Any], type[Exception], list[str]]] = [
    (lambda: nn.BatchNorm1d(0), ValueError, ["BatchNorm1d", "num_features", "0"]),
    (lambda: nn.BatchNorm2d(3, eps=-1), ValueError, ["BatchNorm2d", "eps", "-1"]),
    (lambda: nn.BatchNorm2d(3, momentum=2), ValueError, ["BatchNorm2d", "momentum", "2"]),
    (lambda: nn.BatchNorm1d(3, affine=1), TypeError, ["BatchNorm1d", "affine", "1"]),
    (lambda: nn.BatchNorm1d(3, track_running_stats="no"), TypeError, ["track_running_stats", "'no'"]),
    (lambda: nn.InstanceNorm1d(3, momentum=None), TypeError, ["InstanceNorm1d", "momentum", "None"]),
    (lambda: nn.BatchNorm1d(3)(np.ones((2, 4))), ValueError, ["BatchNorm1d", "(2, 4)", "(N, 3) or (N, 3, L)"]),
    (lambda: nn.BatchNorm2d(3)(np.ones((2, 3))), ValueError, ["BatchNorm2d", "(2, 3)", "(N, 3, H, W)"]),
    (lambda: nn.InstanceNorm1d(3)(np.ones(3)), ValueError, ["InstanceNorm1d", "(3,)", "(3, L) or (N, 3, L)"]),
    (
        lambda: nn.InstanceNorm2d(3)(np.ones((2, 4, 5, 5))),
        ValueError,
        ["InstanceNorm2d", "(2, 4, 5, 5)", "(3, H, W) or (N, 3, H, W)"],
    ),
]


@pytest.mark.parametrize(("call", "error", "words"), BAD, ids=[f"{i}-{w[0]}" for i, (_, _, w) in enumerate(BAD)])
def test_bad_input(call: Callable[[], Any], error: type[Exception], words: list[str]) -> None:
    with pytest.raises(error) as caught:
        call()
    missing = [word for word in words if word not in str(caught.value)]
    assert not missing, f"the message lacks {missing}: {caught.value}"
