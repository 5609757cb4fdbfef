"""Layers: the same weights in PyTorch's module of the same name give the same output and the same gradients."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from oracle import close

from nnlite import Tensor, nn
from nnlite import functional as F

Case = tuple[Callable[[], nn.Module], Callable[[Any], Any], tuple[int, ...]]

CASES: dict[str, Case] = {
    "Linear": (lambda: nn.Linear(4, 3), lambda t: t.nn.Linear(4, 3), (5, 4)),
    "Linear without bias": (lambda: nn.Linear(4, 3, bias=False), lambda t: t.nn.Linear(4, 3, bias=False), (2, 5, 4)),
    "Conv2d": (lambda: nn.Conv2d(2, 4, 3), lambda t: t.nn.Conv2d(2, 4, 3), (2, 2, 6, 5)),
    "Conv2d with options": (
        lambda: nn.Conv2d(2, 4, (3, 2), (2, 1), (1, 0), (1, 2), 2, False),
        lambda t: t.nn.Conv2d(2, 4, (3, 2), (2, 1), (1, 0), (1, 2), 2, False),
        (2, 2, 6, 5),
    ),
    "LayerNorm": (lambda: nn.LayerNorm(6), lambda t: t.nn.LayerNorm(6), (3, 6)),
    "LayerNorm over two axes": (lambda: nn.LayerNorm((2, 3), 0.1), lambda t: t.nn.LayerNorm((2, 3), 0.1), (4, 2, 3)),
    "LayerNorm without bias": (lambda: nn.LayerNorm(6, bias=False), lambda t: t.nn.LayerNorm(6, bias=False), (3, 6)),
    "LayerNorm without weights": (
        lambda: nn.LayerNorm(6, elementwise_affine=False),
        lambda t: t.nn.LayerNorm(6, elementwise_affine=False),
        (3, 6),
    ),
    "RMSNorm": (lambda: nn.RMSNorm(6), lambda t: t.nn.RMSNorm(6, eps=1e-5), (3, 6)),
    "GroupNorm": (lambda: nn.GroupNorm(2, 4), lambda t: t.nn.GroupNorm(2, 4), (3, 4, 2, 2)),
    "GroupNorm without weights": (
        lambda: nn.GroupNorm(2, 4, affine=False),
        lambda t: t.nn.GroupNorm(2, 4, affine=False),
        (3, 4, 5),
    ),
    "Flatten": (lambda: nn.Flatten(), lambda t: t.nn.Flatten(), (2, 3, 4)),
    "ReLU": (lambda: nn.ReLU(), lambda t: t.nn.ReLU(), (3, 4)),
    "SiLU": (lambda: nn.SiLU(), lambda t: t.nn.SiLU(), (3, 4)),
    "GELU": (lambda: nn.GELU(), lambda t: t.nn.GELU(), (3, 4)),
    "GELU tanh": (lambda: nn.GELU("tanh"), lambda t: t.nn.GELU("tanh"), (3, 4)),
    "Tanh": (lambda: nn.Tanh(), lambda t: t.nn.Tanh(), (3, 4)),
    "Sigmoid": (lambda: nn.Sigmoid(), lambda t: t.nn.Sigmoid(), (3, 4)),
    "Sequential": (
        lambda: nn.Sequential(nn.Linear(4, 5), nn.ReLU(), nn.LayerNorm(5), nn.Linear(5, 2)),
        lambda t: t.nn.Sequential(t.nn.Linear(4, 5), t.nn.ReLU(), t.nn.LayerNorm(5), t.nn.Linear(5, 2)),
        (3, 4),
    ),
    "ModuleList": (
        lambda: nn.ModuleList([nn.Linear(4, 4), nn.Linear(4, 4)]),
        lambda t: t.nn.ModuleList([t.nn.Linear(4, 4), t.nn.Linear(4, 4)]),
        (3, 4),
    ),
}


def perturbed(module: Any, rng: Any) -> dict[str, np.ndarray]:
    """Random weights of the module's shapes: ones and zeros would hide a scale or a shift that is left out."""
    return {name: rng.standard_normal(w.shape).astype(np.float32) for name, w in module.state_dict().items()}


def run(module: Any, x: Any) -> Any:
    if type(module).__name__ == "ModuleList":
        for layer in module:
            x = layer(x)
        return x
    return module(x)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_equals_torch_with_the_same_state_dict(case: Case, rng: Any) -> None:
    """Torch's weights load into ours and ours into torch's; output and all gradients agree."""
    torch = pytest.importorskip("torch")
    ours, theirs = case[0](), case[1](torch)
    assert {k: v.shape for k, v in ours.state_dict().items()} == {
        k: tuple(v.shape) for k, v in theirs.state_dict().items()
    }
    theirs.load_state_dict({k: torch.tensor(v) for k, v in perturbed(ours, rng).items()})
    ours.load_state_dict({k: v.numpy() for k, v in theirs.state_dict().items()})
    data = rng.standard_normal(case[2]).astype(np.float32)
    x, x_torch = Tensor(data, requires_grad=True), torch.tensor(data, requires_grad=True)
    y, y_torch = run(ours, x), run(theirs, x_torch)
    close(y.data, y_torch.detach().numpy())
    dy = rng.standard_normal(y.shape).astype(np.float32)
    y.backward(dy)
    y_torch.backward(torch.tensor(dy))
    close(x.grad, x_torch.grad.numpy())
    wanted = dict(theirs.named_parameters())
    assert [name for name, _ in ours.named_parameters()] == list(wanted)
    for name, parameter in ours.named_parameters():
        close(parameter.grad, wanted[name].grad.numpy())


def test_embedding_equals_torch(rng: Any) -> None:
    torch = pytest.importorskip("torch")
    ours, theirs = nn.Embedding(7, 3), torch.nn.Embedding(7, 3)
    ours.load_state_dict(theirs.state_dict())
    indices = rng.integers(0, 7, (2, 5))
    close(ours(indices).data, theirs(torch.tensor(indices)).detach().numpy())


# Attention


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("kind", ["self", "cross", "causal", "mask"])
def test_multihead_attention_equals_torch(bias: bool, kind: str, both_ways: bool, rng: Any) -> None:
    torch = pytest.importorskip("torch")
    ours = nn.MultiheadAttention(8, 2, bias=bias)
    theirs = torch.nn.MultiheadAttention(8, 2, bias=bias, batch_first=True)
    theirs.load_state_dict({k: torch.tensor(v) for k, v in perturbed(ours, rng).items()})
    ours.load_state_dict(theirs.state_dict())
    q = rng.standard_normal((2, 5, 8)).astype(np.float32)
    k, v = (rng.standard_normal((2, 7, 8)).astype(np.float32) for _ in range(2))
    arrays = [q, k, v] if kind in {"cross", "mask"} else [q]
    mine = [Tensor(a, requires_grad=True) for a in arrays]
    other = [torch.tensor(a, requires_grad=True) for a in arrays]
    options, options_torch = {}, {}
    if kind == "causal":
        future = torch.triu(torch.full((5, 5), -np.inf), 1)
        options, options_torch = {"is_causal": True}, {"attn_mask": future}
    elif kind == "mask":
        mask = rng.standard_normal((5, 7)).astype(np.float32)
        options, options_torch = {"attn_mask": mask}, {"attn_mask": torch.tensor(mask)}
    y = ours(*(mine * 3)[:3], **options)
    y_torch, weights = theirs(*(other * 3)[:3], average_attn_weights=False, **options_torch)
    close(y.data, y_torch.detach().numpy())
    if kind != "mask":
        pictured = ours.weights(*(mine * 2)[:2], is_causal=kind == "causal")
        close(pictured, weights.detach().numpy())
    dy = rng.standard_normal(y.shape).astype(np.float32)
    y.backward(dy)
    y_torch.backward(torch.tensor(dy))
    for a, b in zip(mine, other):
        close(a.grad, b.grad.numpy())
    wanted = dict(theirs.named_parameters())
    for name, parameter in ours.named_parameters():
        close(parameter.grad, wanted[name].grad.numpy())


def test_heads_look_independently(rng: Any) -> None:
    """What one head's values hold reaches only its own slice of the concatenation."""
    layer = nn.MultiheadAttention(6, 3, bias=False, rng=0)
    layer.out_proj.weight.data[:] = np.eye(6)
    x = rng.standard_normal((1, 4, 6)).astype(np.float32)
    before = layer(x, x, x).data
    layer.in_proj_weight.data[12:14] += 1  # the value projection of the first head
    changed = (layer(x, x, x).data != before).any((0, 1))
    np.testing.assert_array_equal(changed, [True, True, False, False, False, False])


# Dropout and modes


def test_dropout_is_active_only_in_training() -> None:
    layer = nn.Dropout(0.5, rng=0)
    x = np.ones((50, 50))
    assert (layer(x).data == 0).any()
    np.testing.assert_array_equal(layer.eval()(x).data, x)
    attention = nn.MultiheadAttention(8, 2, dropout=0.9, rng=0)
    q = np.random.default_rng(0).standard_normal((1, 6, 8))
    assert (attention(q, q, q).data != attention(q, q, q).data).any()
    attention.eval()
    np.testing.assert_array_equal(attention(q, q, q).data, attention(q, q, q).data)


# How weights begin


@pytest.mark.parametrize(
    ("make", "bound"),
    [
        (lambda rng: nn.Linear(100, 50, rng=rng), 0.1),
        (lambda rng: nn.Conv2d(4, 60, 5, rng=rng), 0.1),
        (lambda rng: nn.Conv2d(8, 60, 5, groups=2, rng=rng), 0.1),
    ],
)
def test_weights_are_uniform_within_the_fan_in_bound(make: Any, bound: float) -> None:
    """Uniform on [-b, b) has standard deviation b / sqrt(3): the same as torch's default."""
    for w in make(0).parameters():
        assert np.abs(w.data).max() <= bound
        assert w.data.std() == pytest.approx(bound / np.sqrt(3), rel=0.2)
        assert w.dtype == np.float32


def test_the_seed_decides_the_weights() -> None:
    a, b, c = (nn.Linear(5, 5, rng=seed).state_dict() for seed in (1, 1, 2))
    np.testing.assert_array_equal(a["weight"], b["weight"])
    assert (a["weight"] != c["weight"]).any()
    assert (a["weight"][0] != a["bias"]).any()


def test_embedding_and_attention_begin_as_torchs_do() -> None:
    assert nn.Embedding(200, 50, rng=0).weight.data.std() == pytest.approx(1, rel=0.05)
    layer = nn.MultiheadAttention(32, 4, rng=0)
    assert np.abs(layer.in_proj_weight.data).max() <= np.sqrt(6 / (4 * 32))
    assert not layer.in_proj_bias.data.any()
    assert not layer.out_proj.bias.data.any()


# Bad input

BAD: list[tuple[Callable[[], Any], type[Exception], list[str]]] = [
    (lambda: nn.Linear(0, 3), ValueError, ["Linear", "in_features", "0", ">= 1"]),
    (lambda: nn.Linear(3, 2.0), TypeError, ["Linear", "out_features", "2.0", "integer"]),
    (lambda: nn.Linear(3, 2, rng="zero"), TypeError, ["rng", "'zero'", "Generator"]),
    (lambda: nn.Linear(3, 2)(np.ones((2, 4))), ValueError, ["linear", "(2, 4)", "3"]),
    (lambda: nn.Conv2d(3, 4, 3, groups=2), ValueError, ["Conv2d", "in_channels", "3", "groups=2"]),
    (lambda: nn.Conv2d(4, 3, 3, groups=2), ValueError, ["Conv2d", "out_channels", "3", "groups=2"]),
    (lambda: nn.Conv2d(3, 4, 0), ValueError, ["Conv2d", "kernel_size", "0", ">= 1"]),
    (lambda: nn.Conv2d(3, 4, (1, 2, 3)), ValueError, ["Conv2d", "kernel_size", "(1, 2, 3)"]),
    (lambda: nn.Conv2d(3, 4, 3, stride=0), ValueError, ["Conv2d", "stride", "0", ">= 1"]),
    (lambda: nn.Conv2d(3, 4, 3, padding=-1), ValueError, ["Conv2d", "padding", "-1", ">= 0"]),
    (lambda: nn.Embedding(0, 4), ValueError, ["Embedding", "num_embeddings", "0"]),
    (lambda: nn.LayerNorm(0), ValueError, ["LayerNorm", "normalized_shape", "0"]),
    (lambda: nn.LayerNorm(4, eps=-1), ValueError, ["LayerNorm", "eps", "-1"]),
    (lambda: nn.RMSNorm("four"), TypeError, ["RMSNorm", "normalized_shape", "'four'"]),
    (lambda: nn.GroupNorm(3, 4), ValueError, ["GroupNorm", "num_channels", "4", "num_groups=3"]),
    (lambda: nn.Dropout(2), ValueError, ["Dropout", "p is 2", "<= 1"]),
    (lambda: nn.GELU("tan"), ValueError, ["approximate", "'tan'", "'tanh'"]),
    (lambda: nn.MultiheadAttention(8, 3), ValueError, ["MultiheadAttention", "embed_dim", "8", "num_heads=3"]),
    (
        lambda: nn.MultiheadAttention(8, 2)(np.ones((2, 8)), np.ones((2, 8)), np.ones((2, 8))),
        ValueError,
        ["MultiheadAttention", "query", "(2, 8)", "(N, T, 8)"],
    ),
    (
        lambda: nn.MultiheadAttention(8, 2)(np.ones((1, 2, 8)), np.ones((1, 3, 7)), np.ones((1, 3, 8))),
        ValueError,
        ["MultiheadAttention", "key", "(1, 3, 7)", "(N, T, 8)"],
    ),
    (lambda: nn.Sequential(nn.Linear(2, 2), F.relu), TypeError, ["Sequential", "item 1", "nn.ReLU()"]),
    (lambda: nn.ModuleList([None]), TypeError, ["ModuleList", "item 0", "NoneType"]),
    (lambda: nn.ModuleList([])(1), NotImplementedError, ["ModuleList", "loop"]),
    (lambda: nn.Module()(1), NotImplementedError, ["Module", "forward"]),
]


@pytest.mark.parametrize(("call", "error", "words"), BAD, ids=[f"{i}-{w[0]}" for i, (_, _, w) in enumerate(BAD)])
def test_bad_input(call: Callable[[], Any], error: type[Exception], words: list[str]) -> None:
    with pytest.raises(error) as caught:
        call()
    missing = [word for word in words if word not in str(caught.value)]
    assert not missing, f"the message lacks {missing}: {caught.value}"


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_a_deep_copy_is_independent_and_the_repr_names_the_layer(case: Case) -> None:
    layer = case[0]()
    twin = copy.deepcopy(layer)
    for parameter in twin.parameters():
        parameter.data += 1
    for a, b in zip(layer.parameters(), twin.parameters()):
        assert (a.data != b.data).all()
    assert repr(layer).startswith(type(layer).__name__ + "(")
