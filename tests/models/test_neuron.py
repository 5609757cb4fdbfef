"""Facts about one neuron and its activation functions."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import nnlite
from nnlite.models.neurons.neuron import ACTIVATIONS, Neuron, net, sigmoid, sigmoid_derivative, sign, step, with_bias

numbers = st.floats(-50, 50, width=32)


@given(arrays(np.float64, (5, 3), elements=numbers), arrays(np.float64, (4,), elements=numbers))
def test_the_bias_is_the_weight_of_a_virtual_input(X, w):
    assert np.allclose(net(w, with_bias(X)), w[0] + X @ w[1:])


def test_with_bias_puts_the_one_first_and_keeps_the_dtype():
    for dtype in (np.float32, np.float64):
        X = with_bias(np.array([[5, 7]], dtype))
        assert X.dtype == dtype and X.tolist() == [[1, 5, 7]]
    assert with_bias([5, 7]).tolist() == [1, 5, 7]


@pytest.mark.parametrize("name", ACTIVATIONS)
@given(x=arrays(np.float64, (7,), elements=st.floats(-8, 8)))
def test_the_derivative_is_the_slope(name, x):
    f, derivative = ACTIVATIONS[name]
    x = x[np.abs(x) > 1e-3]  # away from the kinks
    h = 1e-6
    assert np.allclose(derivative(x), (f(x + h) - f(x - h)) / (2 * h), atol=1e-7)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations_keep_the_dtype_propagate_nan_and_never_overflow(name):
    for f in ACTIVATIONS[name]:
        for dtype in (np.float32, np.float64):
            y = f(np.array([-1e30, -1000, 0, 1000, 1e30, np.nan], dtype))
            assert y.dtype == dtype
            assert np.isfinite(y[:-1]).all()
    assert np.isnan(ACTIVATIONS[name][0](np.float64("nan")))


def test_what_happens_exactly_at_zero():
    assert step(0.0) == 1 and sign(0.0) == 0 and sigmoid(0.0) == 0.5
    assert step(-1e-30) == 0 and sign(-1e-30) == -1


def test_sigmoid_keeps_its_precision_in_the_far_tail():
    assert sigmoid(np.float64(-700)) == pytest.approx(np.exp(-700.0), rel=1e-12)


def test_the_sigmoids_slope_keeps_its_precision_in_both_tails():
    for x in (-700.0, -40.0, 40.0, 700.0):
        assert sigmoid_derivative(np.float64(x)) == pytest.approx(np.exp(-abs(x)), rel=1e-12)


def test_replaced_functions_are_reached_by_every_neuron():
    formulas = {name: nnlite.registry.find(name).formula for name in ("neuron.with_bias", "neuron.net")}
    with nnlite.substitute({**formulas, "neuron.sigmoid": lambda net: np.full_like(net, 7)}) as calls:
        assert Neuron([0, 1], "sigmoid")([[1], [2]]).tolist() == [7, 7]
    assert calls == {"neuron.with_bias": 1, "neuron.net": 1, "neuron.sigmoid": 1}
    with nnlite.substitute({"neuron.sigmoid_derivative": lambda net: 0 * net}) as calls:
        assert ACTIVATIONS["sigmoid"][1](0.0) == 0
    assert calls == {"neuron.sigmoid_derivative": 1}


@pytest.mark.parametrize(
    ("w", "truth"), [([-1.5, 1, 1], [0, 0, 0, 1]), ([-0.5, 1, 1], [0, 1, 1, 1]), ([0.5, -1, -1], [1, 0, 0, 0])]
)
def test_one_neuron_computes_and_or_nor(w, truth):
    assert Neuron(w)([[0, 0], [0, 1], [1, 0], [1, 1]]).tolist() == truth


@given(arrays(np.float32, (3,), elements=st.floats(-10, 10, width=32)))
def test_no_neuron_computes_exclusive_or(w):
    assert Neuron(w)([[0, 0], [0, 1], [1, 0], [1, 1]]).tolist() != [0, 1, 1, 0]


def test_a_neuron_prints_its_formula():
    assert repr(Neuron([0.25, -1, 2.5], "tanh")) == "Neuron: tanh(0.25 - x1 + 2.5 x2)"


def test_bad_input_is_named():
    with pytest.raises(ValueError, match=r"net: x has shape \(3,\), expected \(2,\)"):
        net([1, 2], [1, 2, 3])
    with pytest.raises(ValueError, match=r"neuron.net: w has shape \(1, 2\), expected \(D,\)"):
        net([[1, 2]], [1, 2])
    with pytest.raises(ValueError, match=r"neuron.with_bias: X has shape \(\), expected \(..., n\)"):
        with_bias(5.0)
    for f in (sigmoid, sigmoid_derivative):
        with pytest.raises(TypeError, match=rf"{f.name}: net has dtype"):
            f("a")
    with pytest.raises(ValueError, match=r"Neuron: activation is 'sigmod'.*did you mean 'sigmoid'"):
        Neuron([1, 2], "sigmod")
    with pytest.raises(TypeError, match=r"with_bias: X"):
        with_bias(["a"])
    with pytest.raises(ValueError, match=r"Neuron: w holds nan"):
        Neuron([0, np.nan])
