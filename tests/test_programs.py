"""Random programs, in nnlite and in PyTorch: the same values, the same gradients, and the same refusals.

Four differences are on purpose. Where PyTorch refuses for a change in place and ours has kept what it needs, ours
computes the gradient of what was there before the change (PyTorch with copies of all that it saves is the oracle). And
where a gradient has to flow, ``x += y`` makes a new Tensor, so that programs change in place inside ``no_grad`` only.
A view of a leaf that begins to want a gradient later is a constant here, and a part of the graph there.
What was made by expand() cannot be written, nor can its rows, for they are several places at once.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import programs
import pytest

import nnlite


@pytest.fixture(scope="module")
def torch() -> Any:
    torch = pytest.importorskip("torch")
    torch.set_num_threads(1)
    return torch


def disagreements(seeds: range, torch: Any) -> list[str]:
    found = []
    for seed in seeds:
        program = programs.draw(seed)
        why = programs.difference(program, torch)
        if why:
            found.append(f"{program}\n{why}")
    return found


def test_programs_agree_with_torch(both_ways: bool, torch: Any) -> None:
    found = disagreements(range(300), torch)
    assert not found, "\n\n".join(found[:3])


@pytest.mark.slow
def test_many_programs_agree_with_torch(both_ways: bool, torch: Any) -> None:
    found = disagreements(range(300, 5300), torch)
    assert not found, f"{len(found)} of 5000\n" + "\n\n".join(found[:3])


def test_programs_are_of_all_sorts() -> None:
    """Every kind of step is drawn, empty and 0-axis leaves are, and a good share is refused and a good share is not."""
    drawn = [programs.draw(seed) for seed in range(300)]
    kinds = {step.kind for program in drawn for step in program.steps}
    assert {*programs.UNARY, *programs.BINARY, *programs.IN_PLACE, "matmul", "cat", "toggle", "mask", "detach"} <= kinds
    shapes = {leaf.shape for program in drawn for leaf in program.leaves}
    assert shapes == set(programs.SHAPES)
    outcome = Counter(
        "refused" if grads is programs.REFUSED else "nothing" if grads is None else "computed"
        for _, grads in map(programs.run, drawn)
    )
    assert outcome["refused"] > 10
    assert outcome["computed"] > 150


def test_a_wrong_gradient_is_found(torch: Any) -> None:
    """The comparison is no formality: a vjp of tanh that is off by a hundredth is seen."""

    def wrong(x: Any) -> Any:
        y = nnlite.functional.tanh.formula(x)[0]
        return y, lambda dy: dy * (1.01 - y * y)

    with nnlite.substitute({"functional.tanh": wrong}):
        assert disagreements(range(100), torch)
