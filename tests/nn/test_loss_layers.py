"""Losses as layers, beside PyTorch's of the same name and options."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from oracle import agrees_with_torch

from nnlite import nn

WEIGHT = [0.5, 2.0, 1.0, 0.3]

#: what the layer is called with, and how it is made; W stands for WEIGHT as an array here and a tensor there
CASES: list[tuple[tuple[str, ...], str]] = [
    (("real", "real"), "MSELoss()"),
    (("real", "real"), "MSELoss(reduction='sum')"),
    (("real", "real"), "L1Loss(reduction='none')"),
    (("real", "real"), "HuberLoss()"),
    (("real", "real"), "HuberLoss('sum', 0.3)"),
    (("real", "real"), "SmoothL1Loss(reduction='sum', beta=0.3)"),
    (("real", "real"), "SmoothL1Loss(beta=0.0)"),
    (("real", "label"), "CrossEntropyLoss()"),
    (("real", "label"), "CrossEntropyLoss(W, ignore_index=1, reduction='sum', label_smoothing=0.1)"),
    (("real", "fixed shares"), "CrossEntropyLoss(W, label_smoothing=0.1)"),
    (("log", "label"), "NLLLoss()"),
    (("log", "label"), "NLLLoss(W, ignore_index=2, reduction='none')"),
    (("log", "shares"), "KLDivLoss(reduction='batchmean')"),
    (("log", "log"), "KLDivLoss(reduction='sum', log_target=True)"),
    (("share", "share"), "BCELoss()"),
    (("share", "share"), "BCELoss(W, reduction='sum')"),
    (("real", "share"), "BCEWithLogitsLoss()"),
    (("real", "share"), "BCEWithLogitsLoss(W, reduction='none', pos_weight=W)"),
    (("real", "real", "share"), "GaussianNLLLoss()"),
    (("real", "real", "share"), "GaussianNLLLoss(full=True, eps=0.1, reduction='sum')"),
    (("real", "sign"), "HingeEmbeddingLoss()"),
    (("real", "sign"), "HingeEmbeddingLoss(0.3, reduction='sum')"),
    (("real", "real", "sign"), "MarginRankingLoss()"),
    (("real", "real", "sign"), "MarginRankingLoss(0.5, reduction='none')"),
    (("real", "sign"), "SoftMarginLoss()"),
    (("real", "label"), "MultiMarginLoss()"),
    (("real", "label"), "MultiMarginLoss(2, 0.5, W, reduction='sum')"),
]


def draw(kind: str, rng: Any) -> Any:
    if kind == "label":
        return rng.integers(0, 4, 5)
    x = rng.standard_normal((5, 4)).astype(np.float32)
    if kind == "sign":
        return np.sign(x)
    shares = np.exp(x) / np.exp(x).sum(1, keepdims=True)
    if kind == "fixed shares":
        return shares
    return {"real": x, "share": 1 / (1 + np.exp(-x)), "shares": shares, "log": np.log(shares)}[kind]


@pytest.mark.parametrize(("kinds", "call"), CASES, ids=[call for _, call in CASES])
def test_equals_torch(kinds: Any, call: str, rng: Any) -> None:
    torch = pytest.importorskip("torch")
    ours = eval(f"nn.{call}", {"nn": nn, "W": np.array(WEIGHT, np.float32)})
    theirs = eval(f"torch.nn.{call}", {"torch": torch, "W": torch.tensor(WEIGHT)})
    state = theirs.state_dict()
    assert ours.state_dict().keys() == state.keys()
    ours.load_state_dict(state)
    constant = [k in {"label", "sign", "fixed shares"} for k in kinds]
    arrays = [draw(kind, rng) for kind in kinds]

    def here(*given: Any) -> Any:
        given = iter(given)
        return ours(*(a if c else next(given) for a, c in zip(arrays, constant)))

    def there(t: Any, *given: Any) -> Any:
        given = iter(given)
        return theirs(*(t.tensor(a) if c else next(given) for a, c in zip(arrays, constant)))

    agrees_with_torch(here, there, *(a for a, c in zip(arrays, constant) if not c))


def test_perceptron_loss_is_the_hinge_without_its_margin(rng: Any) -> None:
    x, y = rng.standard_normal(9), np.sign(rng.standard_normal(9))
    np.testing.assert_allclose(nn.PerceptronLoss("none")(x, y).data, np.maximum(0, -x * y))


def test_weights_of_classes_are_saved_but_not_trained() -> None:
    loss = nn.CrossEntropyLoss([1.0, 2.0])
    assert list(loss.state_dict()) == ["weight"]
    assert not list(loss.parameters())
    assert repr(loss) == "CrossEntropyLoss(ignore_index=-100, reduction='mean', label_smoothing=0.0)"


BAD: list[tuple[Callable[[], Any], type[Exception], list[str]]] = [
    *(
        (lambda name=name: getattr(nn, name)(reduction="avg"), ValueError, [name, "reduction", "'avg'"])
        for name in nn.__dict__
        if name.endswith("Loss")
    ),
    (lambda: nn.HuberLoss(delta=0), ValueError, ["HuberLoss", "delta", "0"]),
    (lambda: nn.SmoothL1Loss(beta=-1), ValueError, ["SmoothL1Loss", "beta", "-1"]),
    (lambda: nn.CrossEntropyLoss(["a"]), TypeError, ["CrossEntropyLoss", "weight"]),
    (lambda: nn.CrossEntropyLoss(ignore_index=0.5), TypeError, ["CrossEntropyLoss", "ignore_index", "0.5"]),
    (lambda: nn.CrossEntropyLoss(label_smoothing=2), ValueError, ["CrossEntropyLoss", "label_smoothing", "2"]),
    (lambda: nn.KLDivLoss(log_target=1), TypeError, ["KLDivLoss", "log_target", "1"]),
    (lambda: nn.GaussianNLLLoss(eps=-1), ValueError, ["GaussianNLLLoss", "eps", "-1"]),
    (lambda: nn.GaussianNLLLoss(full=None), TypeError, ["GaussianNLLLoss", "full", "None"]),
    (lambda: nn.HingeEmbeddingLoss("wide"), TypeError, ["HingeEmbeddingLoss", "margin", "'wide'"]),
    (lambda: nn.MarginRankingLoss(None), TypeError, ["MarginRankingLoss", "margin", "None"]),
    (lambda: nn.MultiMarginLoss(3), ValueError, ["MultiMarginLoss", "p is 3"]),
]


@pytest.mark.parametrize(("call", "error", "words"), BAD, ids=[f"{i}-{w[0]}" for i, (_, _, w) in enumerate(BAD)])
def test_bad_input(call: Callable[[], Any], error: type[Exception], words: list[str]) -> None:
    with pytest.raises(error) as caught:
        call()
    missing = [word for word in words if word not in str(caught.value)]
    assert not missing, f"the message lacks {missing}: {caught.value}"
