"""Layers: the same weights in PyTorch's module of the same name give the same output and the same gradients."""

from __future__ import annotations

import copy
import inspect
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from oracle import agrees_with_torch, close
from samples import LAYERS, made_of

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

#: (x, how it is made here, how there is the same call), for layers whose constructors agree word for word
SAME: list[tuple[tuple[int, ...], str]] = [
    ((5, 4), "Linear(4, 3)"),
    ((2, 3, 9), "Conv1d(3, 4, 3)"),
    ((3, 9), "Conv1d(3, 4, 3)"),
    ((2, 4, 9), "Conv1d(4, 6, 3, 2, 1, 1, 2, False)"),
    ((2, 3, 9), "Conv1d(3, 3, 4, padding='same', dilation=2, groups=3)"),
    ((2, 3, 9), "Conv1d(3, 4, 3, padding='valid')"),
    ((2, 3, 9), "Conv1d(3, 4, 3, padding=2, padding_mode='reflect')"),
    ((2, 3, 9), "Conv1d(3, 4, 4, padding='same', padding_mode='circular')"),
    ((3, 6, 5), "Conv2d(3, 4, 3)"),
    ((2, 3, 6, 5), "Conv2d(3, 4, (3, 2), padding='same')"),
    ((2, 3, 6, 5), "Conv2d(3, 4, (4, 3), padding='same', dilation=(1, 2))"),
    ((2, 3, 6, 5), "Conv2d(3, 4, 3, 2, (2, 1), padding_mode='replicate')"),
    ((2, 3, 6, 5), "Conv2d(3, 4, 3, 1, (2, 1), padding_mode='reflect')"),
    ((2, 3, 6, 5), "Conv2d(3, 4, 3, 1, (2, 5), padding_mode='circular')"),
    ((2, 4, 3, 5), "ConvTranspose2d(4, 3, 3)"),
    ((2, 4, 5), "ConvTranspose1d(4, 3, 3)"),
    ((4, 5), "ConvTranspose1d(4, 6, 3, 3, 1, 1, 2, False, 2)"),
    ((2, 12, 3), "Unflatten(1, (3, -1))"),
    ((2, 12), "Unflatten(-1, (3, 2, 2))"),
    ((4, 3, 5), "ConvTranspose2d(4, 6, (3, 2), 2, (1, 0), 1, 2, False, 2)"),
    ((3, 4), "PReLU()"),
    ((3, 4, 5), "PReLU(4, 0.1)"),
    ((5,), "PReLU()"),
    ((3, 4), "Identity()"),
    ((2, 3, 8), "MaxPool1d(3)"),
    ((3, 8), "MaxPool1d(3, 2, 1, 2, ceil_mode=True)"),
    ((2, 3, 8, 7), "MaxPool2d(2)"),
    ((3, 8, 7), "MaxPool2d((3, 2), (2, 1), (1, 0), ceil_mode=True)"),
    ((2, 3, 8), "AvgPool1d(3, 2, 1)"),
    ((3, 8), "AvgPool1d(3, 2, 1, True, False)"),
    ((2, 3, 8, 7), "AvgPool2d(2)"),
    ((3, 8, 7), "AvgPool2d((3, 2), (2, 1), (1, 0), True, False, 5)"),
    ((2, 3, 8), "AdaptiveAvgPool1d(3)"),
    ((3, 8), "AdaptiveMaxPool1d(5)"),
    ((2, 3, 8, 7), "AdaptiveAvgPool2d((3, None))"),
    ((3, 8, 7), "AdaptiveAvgPool2d(3)"),
    ((2, 3, 8, 7), "AdaptiveMaxPool2d((3, 4))"),
    ((2, 3, 4, 5), "Upsample(scale_factor=2)"),
    ((2, 3, 4, 5), "Upsample((7, 3), mode='bilinear')"),
    ((2, 3, 4, 5), "Upsample(scale_factor=(1.5, 2), mode='bilinear', align_corners=True)"),
    ((2, 3, 4), "Upsample(scale_factor=2)"),
    ((2, 3, 4), "Upsample(7, mode='linear')"),
    ((2, 3, 4), "Upsample((6,), mode='nearest-exact')"),
    ((1, 2, 3, 2, 2), "Upsample((2, 3, 5), mode='trilinear')"),
    ((2, 3, 4, 5), "Upsample(scale_factor=2, mode='bicubic', align_corners=True)"),
    ((2, 3, 4, 5), "Upsample((2, 3), mode='area')"),
    ((2, 8, 3, 5), "PixelShuffle(2)"),
    ((2, 2, 6, 4), "PixelUnshuffle(2)"),
    ((3, 4), "RMSNorm(4)"),
    ((3, 2, 4), "RMSNorm((2, 4), 0.1, elementwise_affine=False)"),
    ((2, 3, 4), "Flatten(0, 1)"),
    ((3, 4), "ReLU6()"),
    ((3, 4), "LeakyReLU()"),
    ((3, 4), "LeakyReLU(0.3)"),
    ((3, 4), "ELU()"),
    ((3, 4), "ELU(0.5)"),
    ((3, 4), "SELU()"),
    ((3, 4), "Mish()"),
    ((3, 4), "Softplus()"),
    ((30, 4), "Softplus(2.0, 1.0)"),
    ((3, 4), "Softplus(-0.5)"),
    ((3, 4), "Softsign()"),
    ((3, 4), "Hardtanh()"),
    ((3, 4), "Hardtanh(-0.5, 0.2)"),
    ((30, 4), "Hardswish()"),
    ((30, 4), "Hardsigmoid()"),
    ((3, 4), "LogSigmoid()"),
    ((3, 4), "GLU()"),
    ((3, 4, 5), "GLU(1)"),
    ((3, 4), "Softmax(0)"),
    ((3, 4), "LogSoftmax(-1)"),
    ((3, 4), "Softmin(1)"),
    ((3, 4), "Dropout(1.0)"),
    ((2, 3, 4), "Dropout1d(0.0)"),
    ((2, 3, 4, 4), "Dropout2d(1.0)"),
]
for _shape, _call in SAME:
    CASES[_call] = (
        lambda call=_call: eval(f"nn.{call}"),  # type: ignore[misc]
        lambda t, call=_call: eval(f"t.nn.{call}", {"t": t}),  # type: ignore[misc]
        _shape,
    )
CASES |= {
    "SwiGLU": (lambda: nn.SwiGLU(1), lambda t: SwiGLU(t), (3, 4, 2)),
    "ModuleDict": (
        lambda: nn.ModuleDict({"b": nn.Linear(4, 4), "a": nn.PReLU()}),
        lambda t: t.nn.ModuleDict({"b": t.nn.Linear(4, 4), "a": t.nn.PReLU()}),
        (3, 4),
    ),
    "Sequential with names": (
        lambda: nn.Sequential({"first": nn.Linear(4, 5), "act": nn.Tanh()}),
        lambda t: t.nn.Sequential(OrderedDict(first=t.nn.Linear(4, 5), act=t.nn.Tanh())),
        (3, 4),
    ),
}


def SwiGLU(torch: Any) -> Any:
    """PyTorch has none; this is Shazeer's formula in its words."""

    class Layer(torch.nn.Module):
        def forward(self, x: Any) -> Any:
            a, b = x.chunk(2, 1)
            return torch.nn.functional.silu(a) * b

    return Layer()


def perturbed(module: Any, rng: Any) -> dict[str, np.ndarray]:
    """Random weights of the module's shapes: ones and zeros would hide a scale or a shift that is left out."""
    return {name: rng.standard_normal(w.shape).astype(np.float32) for name, w in module.state_dict().items()}


def run(module: Any, x: Any) -> Any:
    if type(module).__name__ in {"ModuleList", "ModuleDict"}:
        for layer in module.values() if type(module).__name__ == "ModuleDict" else module:
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


def test_bilinear_equals_torch(rng: Any) -> None:
    torch = pytest.importorskip("torch")
    for bias in (True, False):
        ours, theirs = nn.Bilinear(3, 4, 2, bias), torch.nn.Bilinear(3, 4, 2, bias)
        ours.load_state_dict(theirs.state_dict())
        agrees_with_torch(
            ours,
            lambda t, a, b, theirs=theirs: theirs(a, b),
            *(rng.standard_normal((2, 5, n)).astype(np.float32) for n in (3, 4)),
        )


def test_the_size_of_a_transposed_convolution_can_be_chosen(rng: Any) -> None:
    torch = pytest.importorskip("torch")
    ours, theirs = nn.ConvTranspose2d(2, 3, 3, stride=2, padding=1), torch.nn.ConvTranspose2d(2, 3, 3, 2, 1)
    ours.load_state_dict(theirs.state_dict())
    x = rng.standard_normal((1, 2, 4, 5)).astype(np.float32)
    close(ours(x, (8, 9)).data, theirs(torch.tensor(x), output_size=(8, 9)).detach().numpy())
    with pytest.raises(ValueError, match=r"output_size is \(9, 9\), expected from \(7, 9\) to \(8, 10\)"):
        ours(x, 9)


def test_a_padding_row_is_read_but_never_learnt(rng: Any) -> None:
    torch = pytest.importorskip("torch")
    for padding_idx in (2, -1):
        ours, theirs = nn.Embedding(7, 3, padding_idx), torch.nn.Embedding(7, 3, padding_idx)
        assert not ours.weight.data[padding_idx].any()
        w = rng.standard_normal((7, 3)).astype(np.float32)
        ours.load_state_dict({"weight": w})
        theirs.load_state_dict({"weight": torch.tensor(w)})
        indices = np.array([[2, 2, 6], [1, 6, 3]])
        y, y_torch = ours(indices), theirs(torch.tensor(indices))
        close(y.data, y_torch.detach().numpy())
        dy = rng.standard_normal(y.shape).astype(np.float32)
        y.backward(dy)
        y_torch.backward(torch.tensor(dy))
        close(ours.weight.grad, theirs.weight.grad.numpy())


def test_embedding_equals_torch(rng: Any) -> None:
    torch = pytest.importorskip("torch")
    ours, theirs = nn.Embedding(7, 3), torch.nn.Embedding(7, 3)
    ours.load_state_dict(theirs.state_dict())
    indices = rng.integers(0, 7, (2, 5))
    close(ours(indices).data, theirs(torch.tensor(indices)).detach().numpy())


# Attention


#: PyTorch warns that its own choice should not be relied on, or has another order of axes
OTHER_DEFAULTS = {
    ("LogSoftmax", "dim"), ("Softmax", "dim"), ("Softmin", "dim"), ("MultiheadAttention", "batch_first")
}  # fmt: skip


@pytest.mark.parametrize("name", LAYERS)
def test_what_is_not_said_is_what_torch_assumes(name: str) -> None:
    torch = pytest.importorskip("torch")
    ours = inspect.signature(LAYERS[name]).parameters
    theirs = inspect.signature(getattr(torch.nn, name, LAYERS[name])).parameters
    differing = {p: ours[p].default for p in ours.keys() & theirs.keys() if ours[p].default != theirs[p].default}
    assert {(name, p) for p in differing} <= OTHER_DEFAULTS, differing


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


@pytest.mark.parametrize("kind", ["none", "bool", "float", "for each head", "causal", "causal and bool"])
@pytest.mark.parametrize("padding", [False, True])
def test_attention_to_other_widths_through_masks_equals_torch(kind: str, padding: bool, rng: Any) -> None:
    """kdim and vdim; True hides, as in torch's layer; the masks hide what any of them hides."""
    torch = pytest.importorskip("torch")
    ours = nn.MultiheadAttention(8, 2, kdim=5, vdim=3)
    theirs = torch.nn.MultiheadAttention(8, 2, kdim=5, vdim=3, batch_first=True)
    assert list(ours.state_dict()) == list(theirs.state_dict())
    theirs.load_state_dict({k: torch.tensor(v) for k, v in perturbed(ours, rng).items()})
    ours.load_state_dict(theirs.state_dict())
    arrays = [rng.standard_normal((3, 4, n)).astype(np.float32) for n in (8, 5, 3)]
    mask, causal = None, kind.startswith("causal")
    if kind in {"bool", "causal and bool", "for each head"}:
        mask = rng.random((6, 4, 4) if kind == "for each head" else (4, 4)) < 0.4
        mask[..., 0] = False
    elif kind == "float":
        mask = rng.standard_normal((4, 4)).astype(np.float32)
    hidden = None
    if padding:
        hidden = rng.random((3, 4)) < 0.4
        hidden[:, 0] = False
    options_torch = {}
    if mask is not None or causal:
        future = np.triu(np.ones((4, 4), bool), 1)
        both = (future if mask is None else mask | future) if causal else mask
        options_torch["attn_mask"] = torch.tensor(both)
    if padding:
        floats = kind == "float"
        options_torch["key_padding_mask"] = torch.tensor(np.where(hidden, -np.inf, 0).astype("f") if floats else hidden)
    agrees_with_torch(
        lambda q, k, v: ours(q, k, v, mask, causal, hidden),
        lambda t, q, k, v: theirs(q, k, v, need_weights=False, **options_torch)[0],
        *arrays,
    )
    assert ours.weights(arrays[0], arrays[1]).shape == (3, 2, 4, 4)


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
    assert (layer(x).data != layer(x).data).any(), "a seed starts a stream, not one mask"
    np.testing.assert_array_equal(layer.eval()(x).data, x)
    for whole, shape in ((nn.Dropout1d(0.5, rng=0), (30, 20, 4)), (nn.Dropout2d(0.5, rng=0), (30, 20, 2, 2))):
        silenced = whole(np.ones(shape)).data.reshape(30, 20, 4) == 0
        assert 0.3 < silenced.mean() < 0.7
        np.testing.assert_array_equal(silenced.any(2), silenced.all(2))
        np.testing.assert_array_equal(whole.eval()(np.ones(shape)).data, 1)
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
        (lambda rng: nn.Conv1d(20, 60, 5, rng=rng), 0.1),
        (lambda rng: nn.ConvTranspose2d(60, 4, 5, rng=rng), 0.1),
        (lambda rng: nn.Bilinear(100, 3, 50, rng=rng), 0.1),
        (lambda rng: nn.LSTM(7, 100, rng=rng), 0.1),
        (lambda rng: nn.GRUCell(7, 100, rng=rng), 0.1),
    ],
)
def test_weights_are_uniform_within_the_fan_in_bound(make: Any, bound: float) -> None:
    """Uniform on [-b, b) has standard deviation b / sqrt(3): the same as torch's default."""
    for w in make(0).parameters():
        if w.numel() < 10:
            continue
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

ATTENTION, X8 = nn.MultiheadAttention(8, 2, rng=0), np.ones((1, 2, 8))
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
        lambda: nn.MultiheadAttention(8, 2)(np.ones((2, 7)), np.ones((2, 8)), np.ones((2, 8))),
        ValueError,
        ["MultiheadAttention", "query", "(2, 7)", "(L, 8)"],
    ),
    (
        lambda: nn.MultiheadAttention(8, 2)(np.ones((1, 2, 8)), np.ones((1, 3, 7)), np.ones((1, 3, 8))),
        ValueError,
        ["MultiheadAttention", "key", "(1, 3, 7)", "(N, L, 8)"],
    ),
    (lambda: nn.Linear(3, 2, bias="no"), TypeError, ["Linear", "bias", "'no'", "True or False"]),
    (lambda: nn.Linear(3, 2, "no"), TypeError, ["Linear", "bias", "'no'"]),
    (lambda: nn.Bilinear(3, 0, 2), ValueError, ["Bilinear", "in2_features", "0"]),
    (lambda: nn.Embedding(4, 3, padding_idx=4), ValueError, ["Embedding", "padding_idx is 4", "from -4 to 3"]),
    (lambda: nn.Embedding(4, 3)([4]), ValueError, ["embedding", "indices", "4"]),
    (lambda: nn.Flatten("all"), TypeError, ["Flatten", "start_dim", "'all'"]),
    (lambda: nn.Unflatten(1, (-1, -1))(np.ones((2, 4))), ValueError, ["Unflatten", "unflattened_size", "(-1, -1)"]),
    (lambda: nn.Conv1d(3, 4, (3, 3)), ValueError, ["Conv1d", "kernel_size", "(3, 3)"]),
    (lambda: nn.Conv1d(3, 4, 3, padding="sane"), ValueError, ["Conv1d", "padding", "'sane'", "'same'"]),
    (lambda: nn.Conv2d(3, 4, 3, 2, "same"), ValueError, ["Conv2d", "'same'", "stride"]),
    (lambda: nn.Conv2d(3, 4, 3, padding_mode="mirror"), ValueError, ["Conv2d", "padding_mode", "'mirror'"]),
    (lambda: nn.Conv2d(3, 4, 3)(np.ones((3, 9))), ValueError, ["conv2d", "(3, 9)", "(N, C_in, H, W)"]),
    (
        lambda: nn.Conv1d(3, 4, 3, padding=5, padding_mode="reflect")(np.ones((1, 3, 4))),
        ValueError,
        ["Conv1d", "padding", "at most 3", "(1, 3, 4)"],
    ),
    (lambda: nn.ConvTranspose2d(3, 4, 3, output_padding=1), ValueError, ["ConvTranspose2d", "output_padding", "1"]),
    (lambda: nn.ConvTranspose2d(3, 4, 3, groups=2), ValueError, ["ConvTranspose2d", "in_channels", "groups=2"]),
    (lambda: nn.MaxPool1d(3, padding=2), ValueError, ["MaxPool1d", "padding", "2", "half"]),
    (lambda: nn.MaxPool2d(2, ceil_mode=1), TypeError, ["MaxPool2d", "ceil_mode", "1"]),
    (lambda: nn.AvgPool2d(0), ValueError, ["AvgPool2d", "kernel_size", "0"]),
    (lambda: nn.AvgPool2d(2, divisor_override=0), ValueError, ["AvgPool2d", "divisor_override", "0"]),
    (lambda: nn.AdaptiveAvgPool2d((1, 2, 3)), ValueError, ["AdaptiveAvgPool2d", "output_size", "(1, 2, 3)"]),
    (lambda: nn.AdaptiveMaxPool1d(0), ValueError, ["AdaptiveMaxPool1d", "output_size", "0"]),
    (lambda: nn.Upsample(), ValueError, ["Upsample", "size", "scale_factor"]),
    (lambda: nn.Upsample(2, mode="cubic"), ValueError, ["Upsample", "mode", "'cubic'"]),
    (lambda: nn.Upsample(scale_factor=0), ValueError, ["Upsample", "scale_factor", "0"]),
    (lambda: nn.Upsample(2, align_corners=True), ValueError, ["Upsample", "align_corners", "nearest"]),
    (lambda: nn.Upsample(2, mode="area", align_corners=True), ValueError, ["Upsample", "align_corners", "area"]),
    (lambda: nn.Upsample((1, 2, 3, 4)), ValueError, ["Upsample", "size is (1, 2, 3, 4)"]),
    (lambda: nn.Upsample(()), ValueError, ["Upsample", "size is ()"]),
    (lambda: nn.PixelShuffle(0), ValueError, ["PixelShuffle", "upscale_factor", "0"]),
    (lambda: nn.PixelUnshuffle(1.5), TypeError, ["PixelUnshuffle", "downscale_factor", "1.5"]),
    (lambda: nn.RMSNorm(4, eps=-1), ValueError, ["RMSNorm", "eps", "-1"]),
    (lambda: nn.LayerNorm(()), ValueError, ["LayerNorm", "normalized_shape", "()"]),
    (lambda: nn.Dropout2d(-0.1), ValueError, ["Dropout2d", "p is -0.1"]),
    (lambda: nn.LeakyReLU("a"), TypeError, ["LeakyReLU", "negative_slope", "'a'"]),
    (lambda: nn.PReLU(0), ValueError, ["PReLU", "num_parameters", "0"]),
    (lambda: nn.ELU(None), TypeError, ["ELU", "alpha", "None"]),
    (lambda: nn.Softplus(0), ValueError, ["Softplus", "beta", "0"]),
    (lambda: nn.Hardtanh(1, 1), ValueError, ["Hardtanh", "min_val", "max_val=1"]),
    (lambda: nn.GLU("last"), TypeError, ["GLU", "dim", "'last'"]),
    (lambda: nn.Softmax(0.5), TypeError, ["Softmax", "dim", "0.5"]),
    (lambda: nn.MultiheadAttention(8, 2, kdim=0), ValueError, ["MultiheadAttention", "kdim", "0"]),
    (lambda: ATTENTION(X8, X8, X8, np.ones((3, 3), bool)), ValueError, ["attn_mask", "(3, 3)", "(2, 2)"]),
    (lambda: ATTENTION(X8, X8, X8, np.ones((2, 2), int)), TypeError, ["attn_mask", "int64", "bool or float"]),
    (lambda: ATTENTION(X8, X8, X8, key_padding_mask=[0, 1]), TypeError, ["key_padding_mask", "int64", "bool"]),
    (lambda: ATTENTION(X8, X8, X8, key_padding_mask=[True]), ValueError, ["key_padding_mask", "(1,)", "(1, 2)"]),
    (lambda: nn.ModuleDict({"a.b": nn.ReLU()}), ValueError, ["ModuleDict", "'a.b'", "dot"]),
    (lambda: nn.ModuleDict({"forward": nn.ReLU()}), ValueError, ["ModuleDict", "'forward'", "already"]),
    (lambda: nn.ModuleDict({"a": F.relu}), TypeError, ["ModuleDict", "item a", "nn.ReLU()"]),
    (lambda: nn.ModuleDict({1: nn.ReLU()}), TypeError, ["ModuleDict", "key", "1"]),
    (lambda: nn.Sequential(nn.ReLU())[1], IndexError, ["Sequential", "1"]),
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


def test_the_everyday_transposed_convolution_doubles_a_picture(rng: Any) -> None:
    """stride 2, padding 1 and output_padding 1: what a decoder is made of, and what PyTorch computes."""
    ours = nn.ConvTranspose2d(2, 3, 3, stride=2, padding=1, output_padding=1, rng=0)
    x = rng.standard_normal((1, 2, 4, 4)).astype(np.float32)
    assert ours(x).shape == (1, 3, 8, 8)
    torch = pytest.importorskip("torch")
    theirs = torch.nn.ConvTranspose2d(2, 3, 3, stride=2, padding=1, output_padding=1)
    theirs.load_state_dict({name: torch.tensor(array) for name, array in ours.state_dict().items()})
    close(ours(x).data, theirs(torch.tensor(x)).detach().numpy())


SIZES = {"in_features", "out_features", "in1_features", "in2_features", "num_embeddings", "embedding_dim", "embed_dim",
         "num_heads", "num_groups", "num_channels", "in_channels", "out_channels", "input_size", "hidden_size",
         "num_layers", "num_features", "num_parameters", "kernel_size", "normalized_shape", "output_size", "size",
         "upscale_factor", "downscale_factor", "kdim", "vdim", "stride", "dilation", "groups", "divisor_override",
         "scale_factor"}  # fmt: skip


@pytest.mark.parametrize(("name", "size"), [(n, p) for n, make in LAYERS.items() for p in made_of(make) if p in SIZES])
def test_nothing_has_size_zero(name: str, size: str) -> None:
    with pytest.raises(ValueError, match=rf"{name}: {size} is .*0"):
        LAYERS[name](**{**made_of(LAYERS[name]), size: 0})


TWO_SIZES = [
    (name, size)
    for name in ["Conv2d", "ConvTranspose2d", "MaxPool2d", "AvgPool2d"]
    for size in ["kernel_size", "stride", "dilation"]
    if size in made_of(LAYERS[name])
]


@pytest.mark.parametrize("sizes", [(0, 1), (1, 0)], ids=str)
@pytest.mark.parametrize(("name", "size"), TWO_SIZES)
def test_neither_of_two_sizes_is_zero(name: str, size: str, sizes: tuple[int, int]) -> None:
    """Catches a check that looks at the first size only."""
    with pytest.raises(ValueError, match=rf"{name}: {size}"):
        LAYERS[name](**{**made_of(LAYERS[name]), size: sizes})


@pytest.mark.parametrize(
    "layer", [nn.MaxPool2d(2), nn.AvgPool2d(2), nn.AdaptiveAvgPool2d(2), nn.PixelUnshuffle(2), nn.ReLU()]
)
def test_the_input_may_be_named(layer: Any) -> None:
    x = np.arange(16, dtype=np.float32).reshape(1, 1, 4, 4)
    np.testing.assert_array_equal(layer(x=x).data, layer(x).data)
    with pytest.raises(TypeError, match="y"):
        layer(y=x)


@pytest.mark.parametrize("form", ["batch second", "alone"])
@pytest.mark.parametrize("same", [True, False])
def test_attention_takes_every_order_of_axes_that_torch_takes(form: str, same: bool, rng: Any) -> None:
    torch = pytest.importorskip("torch")
    ours, theirs = nn.MultiheadAttention(8, 2, batch_first=False), torch.nn.MultiheadAttention(8, 2)
    ours.load_state_dict(theirs.state_dict())
    shapes = [(4, 8), (5, 8), (5, 8)] if form == "alone" else [(4, 3, 8), (5, 3, 8), (5, 3, 8)]
    arrays = [rng.standard_normal(s).astype(np.float32) for s in shapes]
    padding = np.zeros(5 if form == "alone" else (3, 5), bool)
    padding[..., -1] = True
    mine, others = (
        [Tensor(a, requires_grad=True) for a in arrays],
        [torch.tensor(a, requires_grad=True) for a in arrays],
    )
    if same:
        mine, others = [mine[1]] * 3, [others[1]] * 3
    y = ours(*mine, key_padding_mask=padding)
    z = theirs(*others, key_padding_mask=torch.tensor(padding))[0]
    close(y.data, z.detach().numpy())
    dy = rng.standard_normal(y.shape).astype(np.float32)
    y.backward(dy)
    z.backward(torch.tensor(dy))
    for a, b in zip(mine, others):
        close(a.grad, b.grad.numpy())


@pytest.mark.parametrize("same", [True, False])
def test_the_maps_of_attention_are_the_same_in_every_order_of_axes(same: bool, rng: Any) -> None:
    """With as many sequences as positions, where mixing them up changes no shape."""
    first = nn.MultiheadAttention(4, 2, rng=0)
    second = nn.MultiheadAttention(4, 2, batch_first=False, rng=0)
    query = rng.standard_normal((3, 3, 4)).astype(np.float32)
    key = query if same else rng.standard_normal((3, 3, 4)).astype(np.float32)
    p = first.weights(query, key)
    assert p.shape == (3, 2, 3, 3)
    turned = query.transpose(1, 0, 2)
    np.testing.assert_allclose(second.weights(turned, turned if same else key.transpose(1, 0, 2)), p, rtol=1e-5)
    np.testing.assert_allclose(second.weights(query[1], key[1]), p[1], rtol=1e-5)


@pytest.mark.parametrize("norm_type", [2.0, 1.0, 0.5, np.inf])
def test_embedding_shortens_what_is_looked_up_as_torchs_does(norm_type: float, rng: Any) -> None:
    torch = pytest.importorskip("torch")
    ours, theirs = nn.Embedding(5, 3, max_norm=1.0, norm_type=norm_type), torch.nn.Embedding(5, 3, None, 1.0, norm_type)
    ours.load_state_dict({"weight": 3 * theirs.weight.detach().numpy()})
    theirs.load_state_dict({"weight": torch.tensor(ours.weight.data)})
    index = np.array([[0, 3], [3, 1]])
    y, z = ours(index), theirs(torch.tensor(index))
    close(y.data, z.detach().numpy())
    close(ours.weight.data, theirs.weight.detach().numpy())
    y.sum().backward()
    z.sum().backward()
    close(ours.weight.grad, theirs.weight.grad.numpy())
