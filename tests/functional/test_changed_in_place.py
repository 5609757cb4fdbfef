"""What is changed between forward and backward: no gradient is wrong for it, and no alarm is false.

Arrays of the caller's are copied where they are kept, so that changing them changes nothing, and no kernel ever indexes
with numbers that were not checked. Tensors are watched: backward() raises where a changed one is needed.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import test_against_torch
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import SAMPLES, arguments
from test_against_torch import ROWS, Fixed, Row

import nnlite
from nnlite import Tensor, no_grad
from nnlite import functional as F
from nnlite.differentiable import Differentiable
from nnlite.registry import REGISTRY

torch = test_against_torch.torch
FUNCTIONS = sorted(name for name in SAMPLES if isinstance(REGISTRY.get(name), Differentiable))


def own(value: Any) -> Any:
    """The same argument in memory of its own that may be written."""
    if isinstance(value, np.ndarray):
        return np.array(value)
    return [own(v) for v in value] if isinstance(value, list) and value and isinstance(value[0], np.ndarray) else value


def spoil(array: np.ndarray) -> None:
    kind = array.dtype.kind
    array[...] = ~array if kind == "b" else 10**9 if array.itemsize > 2 else 99


def chosen(entry: Differentiable, args: list[Any], wanted: set[int], as_tensors: bool) -> tuple[list[Any], list[Any]]:
    """The arguments with the wanted inputs as Tensors that want a gradient, and those Tensors."""
    leaves: list[Any] = []

    def leaf(array: Any, i: int) -> Any:
        if array is None or i not in wanted:
            return array
        leaves.append(Tensor(array, requires_grad=True))
        return leaves[-1]

    args = list(args)
    if entry.sequence is not None:
        args[entry.sequence] = [leaf(a, i) for i, a in enumerate(args[entry.sequence])]
    else:
        for i, place in enumerate(entry.inputs):
            args[place] = leaf(args[place], i)
    if as_tensors:
        args = [Tensor(a) if isinstance(a, np.ndarray) and a.dtype.kind in "iu" else a for a in args]
    return args, leaves


@pytest.mark.parametrize("kernels", [True, False], ids=["kernels", "formulas"])
@pytest.mark.parametrize("name", FUNCTIONS)
@settings(max_examples=12)
@given(data=st.data())
def test_arrays_of_the_caller_may_be_changed(name: str, kernels: bool, data: st.DataObject) -> None:
    entry: Any = REGISTRY[name]
    drawn = data.draw(arguments(name, np.float64))
    inputs = drawn[entry.sequence] if entry.sequence is not None else [drawn[i] for i in entry.inputs]
    given_ones = [i for i, a in enumerate(inputs) if a is not None]
    wanted = data.draw(st.sets(st.sampled_from(given_ones), min_size=1))
    as_tensors = data.draw(st.booleans(), label="integers in Tensors")
    found = []
    with nnlite.use_kernels(kernels):
        for change in (False, True):
            args, leaves = chosen(entry, [own(a) for a in drawn], wanted, as_tensors)
            y = entry(*args)
            if change:
                for value in [v for a in args for v in (a if isinstance(a, list) else [a])]:
                    if isinstance(value, np.ndarray):
                        spoil(value)
                    elif isinstance(value, Tensor) and value.dtype.kind in "iu":
                        spoil(value.data)  # behind the graph's back
            y.backward(np.random.default_rng(0).standard_normal(y.shape))
            found.append([leaf.grad for leaf in leaves])
    for before, after in zip(*found):
        np.testing.assert_array_equal(after, before)


def few_rows() -> list[Row]:
    """A few calls of each function, without the rows of edges."""
    found: dict[str, list[Row]] = {}
    for r in ROWS:
        arrays = [test_against_torch._values(a) for a in r.arrays]
        of_one = found.setdefault(r.name, [])
        known = {(str(q.options), len(q.arrays), q.call is None) for q in of_one}
        if "edges" not in r.kind and all(a.size for a in arrays) and len(of_one) < 8:
            if (str(r.options), len(arrays), r.call is None) not in known or r.call is not None:
                of_one.append(r)
    return [r for rows in found.values() for r in rows]


#: where nnlite keeps what PyTorch does not: the function, and why
STRICTER = {
    "einsum": "PyTorch keeps the product of two of three operands, we keep the operands",
    "expm1": "PyTorch keeps the result, from which the slope of small x cannot be told",
    "instance_norm": "PyTorch copies the weight for each picture",
    "rms_norm": "PyTorch keeps x divided by its size, the kernel keeps x",
    "scaled_dot_product_attention": "PyTorch keeps the query multiplied by the scale, we keep the query",
}


def outcomes(r: Row, wanted: set[int]) -> Any:
    """For each input that is a float, and for the result: did backward() refuse, here and there?"""
    theirs = test_against_torch.THEIRS.get(r.name) or getattr(torch.nn.functional, r.name, None)
    theirs = theirs or getattr(torch, r.name)
    call = r.call or (lambda f, *arrays, **options: f(*arrays, **options))
    arrays = [test_against_torch._values(a) for a in r.arrays]
    floats = [i for i, a in enumerate(arrays) if a.dtype.kind == "f" and not isinstance(r.arrays[i], Fixed)]
    for changed in [*floats, "result"]:
        mine = [Tensor(a.copy(), requires_grad=i in wanted) if i in floats else a for i, a in enumerate(arrays)]
        other = [torch.tensor(a, requires_grad=i in wanted) for i, a in enumerate(arrays)]
        with np.errstate(all="ignore"):
            y, z = call(F.__dict__[r.name], *mine, **r.options), call(theirs, *other, **r.options)
            if not y.requires_grad or not z.requires_grad:
                return
        target, theirs_too = (y, z) if changed == "result" else (mine[changed], other[changed])
        with no_grad(), torch.no_grad():
            try:
                theirs_too.detach().add_(1)
            except RuntimeError:  # elements that share memory
                continue
            if not target.data.flags.writeable:
                continue
            target[...] = target.data + 1
        dy = np.random.default_rng(1).uniform(0.5, 2, y.shape)
        refused = []
        for value, gradient in ((y, dy), (z, torch.tensor(dy))):
            try:
                with np.errstate(all="ignore"):
                    value.backward(gradient)
                refused.append(False)
            except RuntimeError as error:
                assert "in place" in str(error) or "inplace" in str(error), error
                refused.append(True)
        yield changed, *refused, mine, arrays, call, dy


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kernels", [True, False], ids=["kernels", "formulas"])
@pytest.mark.parametrize("r", few_rows(), ids=str)
def test_changed_tensors(r: Row, kernels: bool) -> None:
    """Refused only where PyTorch refuses too; and what is not refused has the gradient of before the change."""
    inputs = [i for i, a in enumerate(r.arrays) if not isinstance(a, Fixed) and np.asarray(a).dtype.kind == "f"]
    with nnlite.use_kernels(kernels):
        for wanted in [set(inputs), *({i} for i in inputs if len(inputs) > 1)]:
            for changed, ours, theirs, mine, arrays, call, dy in outcomes(r, wanted):
                what = f"{r}: input {changed} changed, {sorted(wanted)} want a gradient"
                if ours:
                    assert theirs or r.name in STRICTER, f"{what}: refused, PyTorch does not"
                    continue
                fresh = [
                    Tensor(a.copy(), requires_grad=i in wanted) if i in inputs else a for i, a in enumerate(arrays)
                ]
                with np.errstate(all="ignore"):
                    call(F.__dict__[r.name], *fresh, **r.options).backward(dy)
                for i in wanted:
                    np.testing.assert_array_equal(mine[i].grad, fresh[i].grad, err_msg=what)
