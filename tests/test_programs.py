"""Random programs, in nnlite and in PyTorch: the same values, the same gradients, and the same refusals.

Flat programs (``programs.py``) are steps on Tensors; nets (``nets.py``) are layers, a loss and an optimizer. What
differs on purpose, or because PyTorch is wrong, is not drawn, and is said where it would be. Of flat programs:

- Where PyTorch refuses for a change in place and ours has kept what it needs, ours computes the gradient of what was
  there before the change. PyTorch with copies of all that it saves is the oracle then.
- Where a gradient has to flow, ``x += y`` makes a new Tensor: programs change in place inside ``no_grad`` only.
- A view of a leaf that begins to want a gradient later is a constant here, and a part of the graph there.
- What ``expand()`` made, or a row of it, cannot be written, for it is several places at once. Nor can PyTorch's
  ``split()``, of which only all parts together are taken.
- ``expm1`` keeps its input, for the sake of small exponentials, where PyTorch's keeps its result; the sign of NaN is
  NaN here and 0 there.
- Of equal numbers the standard deviation may be a rounding above 0 here, where its slope jumps; about one program in
  5000 shows it, none of those below.
"""

from __future__ import annotations

import itertools
from collections import Counter
from typing import Any

import nets
import numpy as np
import programs
import pytest
from comparing import disagreement

import nnlite


@pytest.fixture(scope="module")
def torch() -> Any:
    torch = pytest.importorskip("torch")
    torch.set_num_threads(1)
    return torch


@pytest.fixture(autouse=True)
def exact_muon(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """PyTorch's Muon rounds to bfloat16, three digits; the oracle keeps them all."""
    if "torch" in request.fixturenames:
        torch = request.getfixturevalue("torch")
        monkeypatch.setattr(torch.Tensor, "bfloat16", lambda self: self.clone())


def disagreements(kind: Any, seeds: range, torch: Any) -> list[str]:
    found = []
    for seed in seeds:
        program = kind.draw(seed)
        if why := kind.difference(program, torch):
            found.append(f"{program}\n{why}")
    return found


both_kinds = pytest.mark.parametrize("kind", [programs, nets], ids=["flat", "nets"])
of_torch = pytest.mark.filterwarnings(
    "ignore:reduction. 'mean' divides", "ignore:Using padding='same'", "ignore:.*degrees of freedom"
)


@of_torch
@both_kinds
def test_programs_agree_with_torch(kind: Any, both_ways: bool, torch: Any) -> None:
    found = disagreements(kind, range(150), torch)
    assert not found, "\n\n".join(found[:3])


@of_torch
@pytest.mark.slow
@both_kinds
def test_many_programs_agree_with_torch(kind: Any, both_ways: bool, torch: Any) -> None:
    found = disagreements(kind, range(150, 2650), torch)
    assert not found, f"{len(found)} of 2500\n" + "\n\n".join(found[:3])


def test_flat_programs_are_of_all_sorts() -> None:
    """Every kind of step is drawn, empty and 0-axis leaves are, and a good share is refused and a good share is not."""
    drawn = [programs.draw(seed) for seed in range(400)]
    kinds = {step.kind for program in drawn for step in program.steps}
    everything = (programs.UNARY, programs.BINARY, programs.ALONG, programs.KEEPING, programs.PARTS, programs.VIEWS)
    everything = (*everything, programs.ARRANGED, programs.PRODUCTS, programs.IN_PLACE, ("toggle",))
    assert kinds == set(itertools.chain(*everything))
    assert {leaf.shape for program in drawn for leaf in program.leaves} == set(programs.SHAPES)
    became = Counter(programs.run(program)[1] for program in drawn)
    assert became[programs.REFUSED] > 10
    assert became[programs.COMPUTED] > 200


def test_nets_are_of_all_sorts() -> None:
    """Every optimizer and schedule that PyTorch has too, and nearly every layer and loss."""
    drawn = [nets.draw(seed) for seed in range(1000)]
    kinds = Counter(nets.kinds(drawn))
    assert {*nets.TABLES, *nets.SCHEDULES, *nets.ACTIVATIONS} <= kinds.keys()
    apart = (
        "Bilinear",
        "Cell",
        "Dropout1d",
        "Dropout2d",
        "Softmin",
        "SwiGLU",
        "BCELoss",
        "Perceptron",
    )  # rare, or ours
    apart = (*apart, "Parameter", "Module", "Sequential", "Buffer")  # no layers
    layers = [name for name in vars(nnlite.nn) if name[0].isupper() and not any(word in name for word in apart)]
    assert not set(layers) - kinds.keys()
    assert {net.steps for net in drawn} == {1, 2, 3}
    assert len({(net.dtype, net.training, net.accumulates, net.x.dtype.kind) for net in drawn}) == 16


def test_a_wrong_gradient_is_found(torch: Any) -> None:
    """The comparison is no formality: a vjp of tanh that is off by a ten-thousandth is seen."""

    def wrong(x: Any) -> Any:
        y = nnlite.functional.tanh.formula(x)[0]
        return y, lambda dy: dy * (1.0001 - y * y)

    with nnlite.substitute({"functional.tanh": wrong}):
        assert disagreements(programs, range(100), torch)


@of_torch
def test_a_wrong_optimizer_is_found(torch: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Weight decay of the wrong sign in one optimizer among eight."""
    right = nnlite.optim.RMSprop._update

    def wrong(self: Any, p: Any, grad: Any, state: Any, group: Any) -> None:
        right(self, p, grad, state, {**group, "weight_decay": -group["weight_decay"]})

    monkeypatch.setattr(nnlite.optim.RMSprop, "_update", wrong)
    assert any("RMSprop" in found for found in disagreements(nets, range(60), torch))


def test_the_comparison_allows_what_rounding_does_and_no_more() -> None:
    one = np.float32([1.0])

    def seen(by: float) -> Any:
        return [("t", one + np.float32(by))]

    def sharp(dtype: str, jiggle: Any = None) -> Any:
        return [("t", one.astype(dtype))]

    def ill_conditioned(dtype: str, jiggle: Any = None) -> Any:
        return [("t", one + np.float32(1e-3))]

    assert not disagreement(seen(2e-6), seen(0), sharp, "float32")
    assert disagreement(seen(1e-4), seen(0), sharp, "float32")
    assert not disagreement(seen(1e-3), seen(0), ill_conditioned, "float32")
    assert disagreement(seen(1e-1), seen(0), ill_conditioned, "float32")
