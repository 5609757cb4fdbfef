"""Recurrent layers: whole sequences, several layers, both directions, beside PyTorch's."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from oracle import close

from nnlite import Tensor, nn
from nnlite import functional as F

OPTIONS = {
    "plain": {},
    "without bias": {"bias": False},
    "two layers": {"num_layers": 2},
    "both directions": {"bidirectional": True},
    "all": {"num_layers": 3, "bidirectional": True, "batch_first": True},
    "dropped between layers": {"num_layers": 2, "dropout": 1.0},
}
KINDS = {"RNN": {}, "RNN relu": {"nonlinearity": "relu"}, "GRU": {}, "LSTM": {}}


def pair_of(kind: str, options: Any, rng: Any) -> tuple[Any, Any]:
    torch = pytest.importorskip("torch")
    name, options = kind.split()[0], {**options, **KINDS[kind]}
    ours, theirs = getattr(nn, name)(3, 4, **options), getattr(torch.nn, name)(3, 4, **options)
    assert list(ours.state_dict()) == list(theirs.state_dict())
    state = {k: rng.standard_normal(v.shape).astype(np.float32) / 2 for k, v in ours.state_dict().items()}
    theirs.load_state_dict({k: torch.tensor(v) for k, v in state.items()})
    ours.load_state_dict(theirs.state_dict())
    return ours, theirs


def flat(result: Any) -> list[Any]:
    return [part for r in result for part in flat(r)] if isinstance(result, tuple) else [result]


def same_gradients(ours: Any, theirs: Any, mine: list[Any], other: list[Any], results: Any, rng: Any) -> None:
    """Equal outputs; equal gradients of weights and inputs for random gradients of all outputs at once."""
    torch = pytest.importorskip("torch")
    parts, parts_torch = flat(results[0]), flat(results[1])
    assert len(parts) == len(parts_torch)
    loss, loss_torch = 0, 0
    for y, y_torch in zip(parts, parts_torch):
        close(y.data, y_torch.detach().numpy())
        dy = rng.standard_normal(y.shape).astype(np.float32)
        loss, loss_torch = loss + (y * dy).sum(), loss_torch + (y_torch * torch.tensor(dy)).sum()
    loss.backward()
    loss_torch.backward()
    for a, b in zip(mine, other):
        close(a.grad, b.grad.numpy())
    wanted = dict(theirs.named_parameters())
    for name, parameter in ours.named_parameters():
        if wanted[name].grad is not None:
            close(parameter.grad, wanted[name].grad.numpy(), 5e-5)


@pytest.mark.parametrize("first", ["zeros", "given"])
@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS.keys())
@pytest.mark.parametrize("kind", KINDS)
def test_whole_sequences_equal_torchs(kind: str, options: Any, first: str, both_ways: bool, rng: Any) -> None:
    torch = pytest.importorskip("torch")
    ours, theirs = pair_of(kind, options, rng)
    rows = options.get("num_layers", 1) * (1 + options.get("bidirectional", False))
    shapes = [(2, 5, 3) if options.get("batch_first") else (5, 2, 3)]
    if first == "given":
        shapes += [(rows, 2, 4)] * (2 if kind == "LSTM" else 1)
    arrays = [rng.standard_normal(s).astype(np.float32) for s in shapes]
    mine, other = [Tensor(a, requires_grad=True) for a in arrays], [torch.tensor(a, requires_grad=True) for a in arrays]
    if first == "zeros":
        results = ours(mine[0]), theirs(other[0])
    elif kind == "LSTM":
        results = ours(mine[0], tuple(mine[1:])), theirs(other[0], tuple(other[1:]))
    else:
        results = ours(*mine), theirs(*other)
    same_gradients(ours, theirs, mine, other, results, rng)


@pytest.mark.parametrize("kind", ["RNN", "GRU", "LSTM"])
def test_one_sequence_without_a_batch(kind: str, rng: Any) -> None:
    torch = pytest.importorskip("torch")
    ours, theirs = pair_of(kind, {"num_layers": 2, "bidirectional": True, "batch_first": True}, rng)
    shapes = [(5, 3), (4, 4), (4, 4)][: 3 if kind == "LSTM" else 2]
    arrays = [rng.standard_normal(s).astype(np.float32) for s in shapes]
    mine, other = [Tensor(a, requires_grad=True) for a in arrays], [torch.tensor(a, requires_grad=True) for a in arrays]
    states = (tuple(mine[1:]), tuple(other[1:])) if kind == "LSTM" else (mine[1], other[1])
    same_gradients(ours, theirs, mine, other, (ours(mine[0], states[0]), theirs(other[0], states[1])), rng)


@pytest.mark.parametrize("alone", [False, True])
@pytest.mark.parametrize("given", [False, True])
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("kind", KINDS)
def test_one_step_of_a_cell_equals_torchs(kind: str, bias: bool, given: bool, alone: bool, rng: Any) -> None:
    torch = pytest.importorskip("torch")
    name, options = kind.split()[0] + "Cell", {"bias": bias, **KINDS[kind]}
    ours, theirs = getattr(nn, name)(3, 4, **options), getattr(torch.nn, name)(3, 4, **options)
    theirs.load_state_dict({k: torch.tensor(v) for k, v in ours.state_dict().items()})
    rows = () if alone else (2,)
    shapes = [(*rows, 3), *([(*rows, 4)] * (2 if kind == "LSTM" else 1) if given else [])]
    arrays = [rng.standard_normal(s).astype(np.float32) for s in shapes]
    mine, other = [Tensor(a, requires_grad=True) for a in arrays], [torch.tensor(a, requires_grad=True) for a in arrays]
    if kind == "LSTM" and given:
        results = ours(mine[0], tuple(mine[1:])), theirs(other[0], tuple(other[1:]))
    else:
        results = ours(*mine), theirs(*other)
    same_gradients(ours, theirs, mine, other, results, rng)


def test_a_layer_is_its_cell_again_and_again(rng: Any) -> None:
    layer, cell = nn.LSTM(3, 4, rng=0), nn.LSTMCell(3, 4)
    cell.load_state_dict({name.removesuffix("_l0"): w for name, w in layer.state_dict().items()})
    x, state = rng.standard_normal((6, 2, 3)).astype(np.float32), None
    for row in x:
        state = cell(row, state)
    output, (h, c) = layer(x)
    close(state[0].data, h.data[0])
    close(state[1].data, c.data[0])
    close(output.data[-1], h.data[0])


def test_dropout_between_layers_is_silent_in_evaluation(rng: Any) -> None:
    layer = nn.GRU(3, 4, num_layers=2, dropout=0.5, rng=0)
    x = rng.standard_normal((5, 2, 3)).astype(np.float32)
    assert (layer(x)[0].data != layer(x)[0].data).any()
    layer.eval()
    np.testing.assert_array_equal(layer(x)[0].data, layer(x)[0].data)


X = np.ones((5, 2, 3))
BAD: list[tuple[Callable[[], Any], type[Exception], list[str]]] = [
    (lambda: nn.RNN(0, 4), ValueError, ["RNN", "input_size", "0"]),
    (lambda: nn.GRU(3, 4.0), TypeError, ["GRU", "hidden_size", "4.0"]),
    (lambda: nn.LSTM(3, 4, 0), ValueError, ["LSTM", "num_layers", "0"]),
    (lambda: nn.LSTM(3, 4, bias=None), TypeError, ["LSTM", "bias", "None"]),
    (lambda: nn.LSTM(3, 4, batch_first=1), TypeError, ["LSTM", "batch_first", "1"]),
    (lambda: nn.LSTM(3, 4, dropout=2), ValueError, ["LSTM", "dropout", "2"]),
    (lambda: nn.LSTM(3, 4, bidirectional="both"), TypeError, ["LSTM", "bidirectional", "'both'"]),
    (lambda: nn.RNN(3, 4, nonlinearity="sin"), ValueError, ["RNN", "nonlinearity", "'sin'", "'relu'"]),
    (lambda: nn.RNNCell(3, 4, nonlinearity="sin"), ValueError, ["RNNCell", "nonlinearity", "'sin'"]),
    (lambda: nn.GRU(2, 4)(X), ValueError, ["GRU", "x has shape (5, 2, 3)", "(T, N, 2) or (T, 2)"]),
    (lambda: nn.GRU(2, 4, batch_first=True)(X), ValueError, ["GRU", "(N, T, 2)"]),
    (lambda: nn.GRU(3, 4)(X[:0]), ValueError, ["GRU", "(0, 2, 3)", "at least one step"]),
    (lambda: nn.GRU(3, 4)(X, np.zeros((2, 2, 4))), ValueError, ["GRU", "h0", "(2, 2, 4)", "(1, 2, 4)"]),
    (lambda: nn.LSTM(3, 4)(X, np.zeros((1, 2, 4))), TypeError, ["LSTM", "state", "pair (h0, c0)"]),
    (lambda: nn.LSTM(3, 4)(X, (np.zeros((1, 2, 4)), np.zeros((1, 4)))), ValueError, ["LSTM", "c0", "(1, 4)"]),
    (lambda: nn.GRUCell(3, 4)(X), ValueError, ["GRUCell", "x has shape (5, 2, 3)", "(N, 3) or (3,)"]),
    (lambda: nn.GRUCell(3, 4)(X[0], X[0]), ValueError, ["GRUCell", "h has shape (2, 3)", "(2, 4)"]),
    (lambda: nn.LSTMCell(3, 4)(X[0], X[0]), TypeError, ["LSTMCell", "state", "pair (h, c)"]),
]


@pytest.mark.parametrize(("call", "error", "words"), BAD, ids=[f"{i}-{w[0]}" for i, (_, _, w) in enumerate(BAD)])
def test_bad_input(call: Callable[[], Any], error: type[Exception], words: list[str]) -> None:
    with pytest.raises(error) as caught:
        call()
    missing = [word for word in words if word not in str(caught.value)]
    assert not missing, f"the message lacks {missing}: {caught.value}"


@pytest.mark.parametrize("make", [nn.RNN, nn.GRU])
def test_the_state_of_one_kind_is_a_tensor_not_a_tuple_of_one(make):
    layer = make(3, 4, rng=0)
    y, state = layer(np.ones((5, 2, 3), np.float32))
    assert isinstance(state, Tensor) and state.shape == (1, 2, 4)
    np.testing.assert_array_equal(state.data[0], y.data[-1])
    again, _ = layer(np.ones((5, 2, 3), np.float32), state)
    assert again.shape == y.shape


@pytest.mark.parametrize("name", ["lstm", "gru"])
def test_small_numbers_keep_their_digits(name: str, both_ways: bool) -> None:
    """tanh(x) is x for small x; written as 2 sigmoid(2x) - 1 it was 2% wrong at 3e-6 in float32."""
    gates = {"lstm": 4, "gru": 3}[name]
    x, h = np.full((1, 1, 1), 3e-6, np.float32), np.zeros((1, 1), np.float32)
    states = [h, h] if name == "lstm" else [h]
    y = getattr(F, name)(x, *states, np.ones((gates, 1), np.float32), np.zeros((gates, 1), np.float32)).data.ravel()
    half = 1 / (1 + math.exp(-3e-6))
    wanted = half * math.tanh(half * math.tanh(3e-6)) if name == "lstm" else (1 - half) * math.tanh(3e-6)
    np.testing.assert_allclose(y[0], wanted, rtol=1e-6)
