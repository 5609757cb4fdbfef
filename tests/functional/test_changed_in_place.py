"""What is changed between forward and backward: no gradient of any function is wrong for it.

Arrays of the caller's are copied where they are kept, so that changing them changes nothing, and no kernel ever indexes
with numbers that were not checked. Tensors are watched: backward() raises where a changed one is needed.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples import SAMPLES, arguments, examples, inputs, with_inputs

import nnlite
from nnlite import Tensor, no_grad
from nnlite.registry import REGISTRY


def own(value: Any) -> Any:
    """The same argument in memory of its own that may be written."""
    if isinstance(value, list | tuple):
        return type(value)(own(item) for item in value)
    return np.array(value) if isinstance(value, np.ndarray) else value


def spoil(array: np.ndarray) -> None:
    kind = array.dtype.kind
    array[...] = ~array if kind == "b" else 10**9 if array.itemsize > 2 else 99


def drawn_call(data: st.DataObject, name: str) -> tuple[Any, list[Any], list[int], set[int]]:
    """The function, right arguments, which of its inputs are floats, and which of these want a gradient."""
    entry: Any = REGISTRY[name]
    args = data.draw(arguments(name, np.float64))
    floats = [i for i, a in enumerate(inputs(entry, args)) if a is not None and a.dtype.kind == "f"]
    return entry, args, floats, data.draw(st.sets(st.sampled_from(floats), min_size=1), label="want a gradient")


def gradient_for(y: Tensor) -> np.ndarray:
    return np.random.default_rng(0).standard_normal(y.shape)


@pytest.mark.parametrize("name", sorted(SAMPLES))
@examples(12)
@given(data=st.data())
def test_arrays_of_the_caller_may_be_changed(name: str, both_ways: bool, data: st.DataObject) -> None:
    """The gradient stays right, and a second backward() finds all as it was. Integers may come in Tensors."""
    entry, drawn, _, wanted = drawn_call(data, name)
    in_tensors = data.draw(st.booleans(), label="integers in Tensors")

    def gradients(change: bool) -> list[Any]:
        args = own(drawn)
        mixed = [Tensor(a, requires_grad=True) if i in wanted else a for i, a in enumerate(inputs(entry, args))]
        args = with_inputs(entry, args, mixed)
        if in_tensors:
            args = [Tensor(a) if isinstance(a, np.ndarray) and a.dtype.kind in "iu" else a for a in args]
        y = entry(*args)
        if change:
            for value in [v for a in args for v in (a if isinstance(a, list | tuple) else [a])]:
                if isinstance(value, np.ndarray):
                    spoil(value)
                elif isinstance(value, Tensor) and value.dtype.kind in "iu":
                    spoil(value.data)  # behind the graph's back
        y.backward(gradient_for(y), retain_graph=True)
        once = [mixed[i].grad.copy() for i in wanted]
        y.backward(gradient_for(y))
        for i, grad in zip(wanted, once):
            np.testing.assert_allclose(mixed[i].grad, 2 * grad, rtol=1e-12)
        return once

    for before, after in zip(gradients(False), gradients(True)):
        np.testing.assert_array_equal(after, before)


@pytest.mark.parametrize("name", sorted(SAMPLES))
@examples(8)
@given(data=st.data())
def test_a_changed_tensor_is_refused_or_not_needed(name: str, both_ways: bool, data: st.DataObject) -> None:
    """Whichever input is written into, or the result: an error, or the gradient as it was."""
    entry, drawn, floats, wanted = drawn_call(data, name)

    def gradients(changed: Any) -> list[Any] | None:
        args = own(drawn)
        tensors = [Tensor(a, i in wanted) if i in floats else a for i, a in enumerate(inputs(entry, args))]
        y = entry(*with_inputs(entry, args, tensors))
        if changed is not None:
            target = (y if changed == "result" else tensors[changed]).detach()
            if target.data.flags.writeable:
                with no_grad():
                    target[...] = -7.5
        try:
            y.backward(gradient_for(y))
        except RuntimeError as error:
            assert "in place" in str(error)
            return None
        return [tensors[i].grad for i in wanted]

    with np.errstate(all="ignore"):
        right = gradients(None)
        assert right is not None, "refused, although nothing changed"
        for changed in [*floats, "result"]:
            for grad, before in zip(gradients(changed) or [], right):
                np.testing.assert_array_equal(grad, before, err_msg=f"input {changed} changed")


@pytest.mark.parametrize("name", ["embedding", "cross_entropy"])
def test_kernels_that_index_own_their_indices(name: str, both_ways: bool) -> None:
    """Also for whoever calls the formula or the kernel by itself, outside the graph."""
    index, numbers = np.array([0, 2, 2]), np.arange(9.0).reshape(3, 3)
    args = [index, numbers] if name == "embedding" else [numbers, index, None, -100, "mean", 0.0]
    function: Any = REGISTRY[f"functional.{name}"]
    y, vjp = function.value_and_vjp(*args)
    dy = np.ones(np.shape(y))
    wanted = vjp(dy) if name == "embedding" else vjp(dy, (True, False))[0]
    if nnlite.kernels_enabled():
        index[:] = 10**9
    np.testing.assert_array_equal(vjp(dy) if name == "embedding" else vjp(dy, (True, False))[0], wanted)
