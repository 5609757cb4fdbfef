"""What holds for every differentiable function, whoever wrote it: one walk over the registry.

A function added anywhere in nnlite is tested here as soon as samples.py says what its arguments look like.
"""

from __future__ import annotations

import importlib
import pkgutil
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples import SAMPLES, arguments, examples, inputs, with_inputs

import nnlite
from nnlite.differentiable import Differentiable
from nnlite.registry import REGISTRY
from nnlite.tensor import Tensor

for module in pkgutil.walk_packages(nnlite.__path__, "nnlite."):
    if module.name.split(".")[1] in {"functional", "nn", "models", "diffusion"}:
        importlib.import_module(module.name)

FUNCTIONS = sorted(name for name, entry in REGISTRY.items() if isinstance(entry, Differentiable))
TWINS = [name for name in FUNCTIONS if REGISTRY[name].compiled]
every_function = pytest.mark.parametrize("name", FUNCTIONS)
every_twin = pytest.mark.parametrize("name", TWINS)
both_dtypes = pytest.mark.parametrize("dtype", [np.float32, np.float64], ids=["float32", "float64"])

#: In float32 two right answers differ by rounding; in float64 only a mistake is larger than this.
TOLERANCE = {np.dtype(np.float32): 2e-5, np.dtype(np.float64): 1e-11}


def entry_of(name: str) -> Differentiable:
    entry = REGISTRY[name]
    assert isinstance(entry, Differentiable)
    return entry


def call_vjp(entry: Differentiable, vjp: Any, dy: Any, needs: list[bool]) -> list[Any]:
    single = len(needs) == 1 and entry.sequence is None
    return [vjp(dy)] if single else list(vjp(dy, tuple(needs)))


def draw_needs(data: st.DataObject, arrays: list[Any]) -> list[bool]:
    """Which inputs want a gradient: at least one."""
    given = [i for i, a in enumerate(arrays) if a is not None]
    chosen = data.draw(st.sets(st.sampled_from(given), min_size=1), label="needs")
    return [i in chosen for i in range(len(arrays))]


def close(actual: Any, wanted: Any) -> None:
    """Equal up to rounding, measured against the largest element: sums of large terms may cancel."""
    wanted = np.asarray(wanted)
    finite = np.abs(wanted[np.isfinite(wanted)])
    tolerance = TOLERANCE[wanted.dtype]
    np.testing.assert_allclose(
        actual, wanted, rtol=tolerance, atol=tolerance * max(1, finite.max(initial=0)), strict=True
    )


@every_function
def test_has_samples(name: str) -> None:
    assert name in SAMPLES, f"tests/samples.py has no arguments for {name}"


def test_no_samples_without_a_function() -> None:
    assert set(SAMPLES) <= set(FUNCTIONS)


@every_function
@examples(20)
@given(data=st.data())
def test_vjp_is_the_derivative(name: str, data: st.DataObject) -> None:
    """For random dy and v:  <vjp(dy), v> = <dy, (f(x + h v) - f(x - h v)) / 2h>, whichever inputs want a gradient."""
    entry = entry_of(name)
    args = data.draw(arguments(name, np.float64))
    arrays = inputs(entry, args)
    needs = draw_needs(data, arrays)
    rng = np.random.default_rng(0)
    with nnlite.use_kernels(False):
        tensors = [Tensor(a, requires_grad=True) if need else a for a, need in zip(arrays, needs)]
        y = entry(*with_inputs(entry, args, tensors))
        dy = rng.standard_normal(y.shape)
        y.backward(dy)
        for i, tensor in enumerate(tensors):
            if not needs[i]:
                continue
            assert tensor.grad.shape == tensor.shape
            for _ in range(2):
                v, h = rng.standard_normal(tensor.shape), 1e-5
                up, down = (
                    entry(*with_inputs(entry, args, [*arrays[:i], np.asarray(x), *arrays[i + 1 :]])).data
                    for x in (arrays[i] + h * v, arrays[i] - h * v)
                )
                numeric = np.sum(dy * (up - down)) / (2 * h)
                scale = np.sum(np.abs(tensor.grad * v)) + np.sum(np.abs(dy * y.data))
                np.testing.assert_allclose(np.sum(tensor.grad * v), numeric, rtol=1e-6, atol=1e-8 * (1 + scale))


@every_function
@both_dtypes
@examples(10)
@given(data=st.data())
def test_dtype_is_kept_and_no_input_is_changed(name: str, dtype: Any, both_ways: bool, data: st.DataObject) -> None:
    """Value and gradients have the inputs' dtype and shape; neither the inputs nor the upstream gradient change."""
    entry = entry_of(name)
    args = data.draw(arguments(name, dtype))
    before = [np.copy(a) if isinstance(a, np.ndarray) else a for a in args]
    arrays = inputs(entry, args)
    copies = [None if a is None else a.copy() for a in arrays]
    tensors = [None if a is None else Tensor(a, requires_grad=True) for a in arrays]
    y = entry(*with_inputs(entry, args, tensors))
    assert y.dtype == dtype
    value = y.data.copy()
    dy = np.random.default_rng(1).standard_normal(y.shape).astype(dtype)
    upstream = dy.copy()
    y.backward(dy)
    for tensor, copy in zip(tensors, copies):
        if tensor is not None:
            assert tensor.grad.dtype == dtype
            assert tensor.grad.shape == copy.shape
            np.testing.assert_array_equal(tensor.data, copy)
    for now, then in zip(args, before):
        if isinstance(now, np.ndarray):
            np.testing.assert_array_equal(now, then)
    np.testing.assert_array_equal(dy, upstream)
    np.testing.assert_array_equal(y.data, value)


@every_function
@examples(5)
@given(data=st.data())
def test_python_and_numpy_options_give_float32(name: str, data: st.DataObject) -> None:
    """A float64 scalar given as an option (a learning rate, a scale, an eps) does not turn float32 into float64."""
    entry = entry_of(name)
    args = data.draw(arguments(name, np.float32))
    args = [np.float64(a) if type(a) is float else a for a in args]
    assert entry(*args).dtype == np.float32


@pytest.fixture
def kernels() -> None:
    if not nnlite.kernels_enabled():
        pytest.skip("kernels are switched off")


@every_twin
@both_dtypes
@examples(40)
@given(data=st.data())
def test_kernel_equals_formula(name: str, dtype: Any, kernels: None, data: st.DataObject) -> None:
    """The twin computes what the formula says: the value, and each gradient that is wanted."""
    entry = entry_of(name)
    args = data.draw(arguments(name, dtype))
    needs = draw_needs(data, inputs(entry, args))
    args = entry.contract.hold(args)
    result = entry.twin(*args)
    if result is NotImplemented:  # a rare option, left to the formula
        return
    ours, our_vjp = result
    y, vjp = entry.formula(*args)
    close(ours, y)
    dy = np.random.default_rng(2).standard_normal(np.shape(y)).astype(dtype)
    wanted = call_vjp(entry, vjp, dy, needs)
    for need, mine, theirs in zip(needs, call_vjp(entry, our_vjp, dy, needs), wanted, strict=True):
        if need:
            close(mine, theirs)


@every_twin
@both_dtypes
@examples(10)
@given(data=st.data())
def test_nan_propagates(name: str, dtype: Any, kernels: None, data: st.DataObject) -> None:
    """One NaN in an input makes NaN wherever the formula has NaN: fast-math must not swallow it."""
    entry = entry_of(name)
    args = data.draw(arguments(name, dtype))
    arrays = inputs(entry, args)
    poisoned = data.draw(st.sampled_from([i for i, a in enumerate(arrays) if a is not None]), label="input")
    if arrays[poisoned].size == 0:
        return
    if any(args[entry.signature.names.index(p)] for p in ("is_causal", "window") if p in entry.signature.names):
        return  # 0 * NaN is NaN in the formula, where the twin never looks so far: see test_attention.py
    bad = arrays[poisoned].copy()
    bad.flat[data.draw(st.integers(0, bad.size - 1), label="place")] = np.nan
    args = with_inputs(entry, args, [*arrays[:poisoned], bad, *arrays[poisoned + 1 :]])
    args = entry.contract.hold(args)
    with np.errstate(all="ignore"):
        y, vjp = entry.formula(*args)
        result = entry.twin(*args)
        if result is NotImplemented:
            return
        ours, our_vjp = result
        np.testing.assert_array_equal(np.isnan(ours), np.isnan(y))
        needs = [a is not None for a in arrays]
        dy = np.ones(np.shape(y), dtype)
        grads = zip(needs, call_vjp(entry, our_vjp, dy, needs), call_vjp(entry, vjp, dy, needs))
        for need, mine, theirs in grads:
            if need:
                assert not np.any(np.isnan(theirs) & ~np.isnan(mine))


def test_each_kernel_is_compiled_once_for_each_dtype(kernels: None) -> None:
    """No layout, read-only flag or option costs another compilation: at most float32 and float64."""

    @examples(15)
    @given(data=st.data())
    def walk(data: st.DataObject) -> None:
        for name in TWINS:
            entry = entry_of(name)
            args = data.draw(arguments(name, data.draw(st.sampled_from([np.float32, np.float64]))))
            result = entry.twin(*args)
            if result is not NotImplemented:
                needs = [a is not None for a in inputs(entry, args)]
                call_vjp(entry, result[1], np.ones(np.shape(result[0]), result[0].dtype), needs)

    walk()
    from nnlite.kernels.compile import KERNELS

    assert KERNELS
    too_many = {name: k.signatures for name, k in KERNELS.items() if len(k.signatures) > 2}
    assert not too_many
