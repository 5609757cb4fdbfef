"""Rearrangements against PyTorch: each number, and each gradient, goes where it belongs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from oracle import agrees_with_torch

from nnlite import Tensor
from nnlite import functional as F

X = (2, 3, 4)
INDEX = np.random.default_rng(1).integers(0, 3, (2, 5, 4))

CASES: dict[str, Any] = {
    "reshape": (lambda x: x.reshape(4, -1), lambda torch, x: x.reshape(4, -1)),
    "reshape tuple": (lambda x: F.reshape(x, (6, 4)), lambda torch, x: x.reshape(6, 4)),
    "view": (lambda x: x.view(-1), lambda torch, x: x.view(-1)),
    "flatten": (lambda x: x.flatten(), lambda torch, x: x.flatten()),
    "flatten some": (lambda x: F.flatten(x, 1, -1), lambda torch, x: x.flatten(1, -1)),
    "unflatten": (lambda x: x.unflatten(-1, (2, -1)), lambda torch, x: x.unflatten(-1, (2, -1))),
    "unflatten first": (lambda x: F.unflatten(x, 0, (1, 2, 1)), lambda torch, x: x.unflatten(0, (1, 2, 1))),
    "permute": (lambda x: x.permute(2, 0, 1), lambda torch, x: x.permute(2, 0, 1)),
    "permute negative": (lambda x: F.permute(x, (-1, 0, -2)), lambda torch, x: x.permute(-1, 0, -2)),
    "transpose": (lambda x: x.transpose(0, -1), lambda torch, x: x.transpose(0, -1)),
    "T": (lambda x: x[0].T, lambda torch, x: x[0].T),
    "mT": (lambda x: x.mT, lambda torch, x: x.mT),
    "unsqueeze": (lambda x: x.unsqueeze(-2), lambda torch, x: x.unsqueeze(-2)),
    "unsqueeze end": (lambda x: x.unsqueeze(3), lambda torch, x: x.unsqueeze(3)),
    "squeeze": (lambda x: x[:, :1].squeeze(1), lambda torch, x: x[:, :1].squeeze(1)),
    "squeeze all": (lambda x: x[:1, :1].squeeze(), lambda torch, x: x[:1, :1].squeeze()),
    "squeeze nothing": (lambda x: x.squeeze(0), lambda torch, x: x.squeeze(0)),
    "expand": (lambda x: x[:, :1].expand(2, 5, 4), lambda torch, x: x[:, :1].expand(2, 5, 4)),
    "expand new": (lambda x: x.expand(3, -1, -1, 4), lambda torch, x: x.expand(3, -1, -1, 4)),
    "cat": (lambda x: F.cat([x, x * 2, x[:, :1]], 1), lambda torch, x: torch.cat([x, x * 2, x[:, :1]], 1)),
    "cat negative": (lambda x: F.cat((x, x), -1), lambda torch, x: torch.cat((x, x), -1)),
    "stack": (lambda x: F.stack([x, x * 3], 1), lambda torch, x: torch.stack([x, x * 3], 1)),
    "stack end": (lambda x: F.stack([x, x], -1), lambda torch, x: torch.stack([x, x], -1)),
    "split": (lambda x: x.split(3, 2)[1], lambda torch, x: x.split(3, 2)[1]),
    "split sections": (lambda x: x.split([1, 0, 2], 1)[2], lambda torch, x: x.split([1, 0, 2], 1)[2]),
    "chunk": (lambda x: x.chunk(3, -1)[1], lambda torch, x: x.chunk(3, -1)[1]),
    "gather": (lambda x: x.gather(1, INDEX), lambda torch, x: x.gather(1, torch.tensor(INDEX))),
    "pad": (lambda x: F.pad(x, (1, 2)), lambda torch, x: torch.nn.functional.pad(x, (1, 2))),
    "pad two": (
        lambda x: F.pad(x, (1, 0, 2, 3), value=5.0),
        lambda torch, x: torch.nn.functional.pad(x, (1, 0, 2, 3), value=5.0),
    ),
    "tril": (lambda x: x.tril(), lambda torch, x: x.tril()),
    "tril up": (lambda x: F.tril(x, 1), lambda torch, x: x.tril(1)),
    "triu": (lambda x: F.triu(x, -1), lambda torch, x: x.triu(-1)),
    "flip": (lambda x: x.flip((0, 2)), lambda torch, x: x.flip(0, 2)),
    "roll": (lambda x: x.roll(0, 1), lambda torch, x: x.roll(0, 1)),
    "repeat": (lambda x: x.repeat(1, 1, 1), lambda torch, x: x.repeat(1, 1, 1)),
    "pad nothing": (lambda x: F.pad(x, (0, 0)), lambda torch, x: torch.nn.functional.pad(x, (0, 0))),
    "cat of one": (lambda x: F.cat([x]), lambda torch, x: torch.cat([x])),
    "clone": (lambda x: x.clone(), lambda torch, x: x.clone()),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_shape(case: Any, dtype: str, rng: Any) -> None:
    agrees_with_torch(*case, rng.standard_normal(X).astype(dtype))


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_what_is_a_view_in_pytorch_is_a_view_and_what_is_a_copy_is_a_copy(case: Any, rng: Any) -> None:
    """Writing into the result changes `x` too, or does not, in both."""
    torch = pytest.importorskip("torch")
    (ours, theirs), values = case, rng.standard_normal(X)
    x, z = Tensor(values.copy()), torch.tensor(values)
    shared = theirs(torch, z).untyped_storage().data_ptr() == z.untyped_storage().data_ptr()
    assert np.shares_memory(ours(x).data, x.data) == shared


@pytest.mark.parametrize(("n", "chunks"), [(7, 3), (6, 3), (5, 4), (2, 5)])
def test_chunks_and_splits_have_torchs_lengths(n: int, chunks: int) -> None:
    torch = pytest.importorskip("torch")
    x = np.zeros((n, 2))
    assert [len(p) for p in F.chunk(x, chunks)] == [len(p) for p in torch.zeros(n, 2).chunk(chunks)]
    assert [len(p) for p in F.split(x, chunks)] == [len(p) for p in torch.zeros(n, 2).split(chunks)]


def test_cat_undoes_split(rng: Any) -> None:
    x = rng.standard_normal((5, 3))
    np.testing.assert_array_equal(F.cat(F.split(x, 2)).data, x)


def test_one_hot() -> None:
    """Row i of the result has its 1 at labels[i], whatever the shape of the labels."""
    labels = np.array([[0, 2], [1, 1]])
    y = F.one_hot(labels, 4).data
    assert y.shape == (2, 2, 4)
    np.testing.assert_array_equal(y.argmax(-1), labels)
    np.testing.assert_array_equal(y.sum(-1), 1)
    assert F.one_hot(labels).shape == (2, 2, 3)


def test_expand_copies_nothing() -> None:
    x = Tensor(np.ones((1, 3)))
    assert np.shares_memory(x.expand(1000, 3).data, x.data)


def test_integers_keep_their_dtype() -> None:
    x = Tensor(np.arange(6))
    for y in (x.reshape(2, 3), F.cat([x, x]), F.pad(x, (1, 1)), x[1:], F.stack([x, x]), x.reshape(2, 3).tril()):
        assert y.dtype == np.int64


@pytest.mark.parametrize(
    "index",
    [
        (0, slice(None), [0, 1]),
        ([0, 1], slice(None), 1),
        (slice(None), [0, 1], 2, slice(1, None)),
        (1, Ellipsis, [0, 2]),
        ([1, 0], None, 2, [0, 1]),
        (np.array(1), slice(None), np.array([[0, 1], [1, 0]])),
        (-1, np.array([[True, False, True, True]] * 3)),
        (0, [0, 1], [1, 2], -1),
    ],
    ids=str,
)
def test_the_axes_of_an_index_come_as_in_pytorch(index: Any, rng: Any) -> None:
    """NumPy counts a number beside arrays as one of them, and puts their axis first where a slice stands between."""
    torch = pytest.importorskip("torch")
    values = rng.standard_normal((2, 3, 4, 5))
    x, z = Tensor(values, requires_grad=True), torch.tensor(values, requires_grad=True)
    theirs = z[tuple(torch.tensor(i) if isinstance(i, np.ndarray) else i for i in index)]
    ours = x[index]
    np.testing.assert_array_equal(ours.data, theirs.detach().numpy())
    dy = rng.standard_normal(ours.shape)
    ours.backward(dy)
    theirs.backward(torch.tensor(dy))
    np.testing.assert_allclose(x.grad, z.grad.numpy())
