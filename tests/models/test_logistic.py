"""Facts about the logistic neuron."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from problems import two_class_problem, two_clouds

import nnlite
from nnlite.models.neurons.logistic import LogisticNeuron, gradient, loss
from nnlite.models.neurons.neuron import with_bias
from nnlite.registry import REGISTRY
from nnlite.training.descent import curvature, numerical_gradient

seeds = st.integers(0, 10**6)


@given(seeds)
def test_the_loss_is_the_mean_surprise(seed):
    w, X, y = two_class_problem(seed)
    expected = 0.0
    for x, label in zip(X, y):
        p = 1 / (1 + math.exp(-sum(a * b for a, b in zip(w, x))))
        expected -= math.log(p if label == 1 else 1 - p) / len(y)
    assert loss(w, X, y) == pytest.approx(expected)


@given(seeds)
def test_the_gradient_is_the_slope_of_the_loss(seed):
    w, X, y = two_class_problem(seed)
    np.testing.assert_allclose(gradient(w, X, y), numerical_gradient(lambda w: loss(w, X, y), w), rtol=1e-6, atol=1e-8)


@given(seeds, seeds, st.sampled_from([0.25, 0.5, 0.75]))
def test_the_loss_is_convex(seed, other, t):
    a, X, y = two_class_problem(seed)
    b = np.random.default_rng(other).normal(size=4)
    assert loss(t * a + (1 - t) * b, X, y) <= t * loss(a, X, y) + (1 - t) * loss(b, X, y) + 1e-12


@given(seeds)
def test_it_bends_nowhere_more_than_a_quarter_of_adalines_bowl(seed):
    w, X, y = two_class_problem(seed)
    hessian = np.stack([(gradient(w + e, X, y) - gradient(w - e, X, y)) / 2e-5 for e in 1e-5 * np.eye(4)])
    assert np.linalg.eigvalsh((hessian + hessian.T) / 2)[-1] <= curvature(X) / 4 + 1e-6


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_nets_of_ten_thousand_neither_overflow_nor_warn(dtype):
    X, w = np.array([[1e4], [-1e4]], dtype), np.ones(1, dtype)
    with np.errstate(all="raise", under="ignore"):
        assert loss(w, X, [1, 0]) == 0
        assert loss(w, X, [0, 1]) == 1e4
        assert gradient(w, X, [1, 0]).tolist() == [0]
        assert gradient(w, X, [0, 1]).tolist() == [1e4]
        neuron = LogisticNeuron().fit(X, [1, 0])
        np.testing.assert_allclose(neuron.predict_proba(1e4 * X), [[0, 1], [1, 0]], atol=1e-12)


def test_a_small_surprise_keeps_its_digits():
    # log(1 + e^-30) is 9.4e-14; log(1 + e^30) - 30 would be lost in rounding.
    assert loss([30.0], np.array([[1.0]]), [1]) == pytest.approx(math.exp(-30), rel=1e-9)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_gradient_keeps_the_dtype_and_the_inputs(dtype):
    w, X, y = two_class_problem(0, dtype=dtype)
    before = [a.copy() for a in (w, X, y)]
    assert gradient(w, X, y).dtype == dtype
    assert all(np.array_equal(a, b) for a, b in zip(before, (w, X, y)))


def test_the_default_step_goes_down_at_every_step():
    X, y = two_clouds(0)
    assert (np.diff(LogisticNeuron(l2=0.1, max_iter=200).fit(X, y).loss_per_epoch_) < 1e-15).all()


def test_mini_batches_and_momentum_come_to_the_same_place():
    X, y = two_clouds(1, n=200)
    batch = LogisticNeuron(l2=0.05, max_iter=5000, tol=1e-8).fit(X, y)
    heavy = LogisticNeuron(l2=0.05, max_iter=5000, tol=1e-8, momentum=0.8).fit(X, y)
    few = LogisticNeuron(l2=0.05, max_iter=300, batch_size=20, learning_rate=0.05, rng=0).fit(X, y)
    np.testing.assert_allclose(heavy.w_, batch.w_, atol=1e-6)
    np.testing.assert_allclose(few.w_, batch.w_, atol=0.005)
    assert few.n_iter_ == 300


def test_what_it_records_last_is_the_loss_and_the_penalty_without_the_bias():
    X, y = two_clouds(2)
    neuron = LogisticNeuron(l2=0.3, max_iter=5).fit(X, y)
    expected = loss(neuron.w_, with_bias(X), y) + 0.15 * (neuron.coef_**2).sum()
    assert neuron.loss_per_epoch_[-1] == pytest.approx(expected)
    assert neuron.n_iter_ == len(neuron.loss_per_epoch_) == 5


def test_a_far_point_on_the_right_side_does_not_move_it_much_but_adaline():
    from nnlite.models.neurons.adaline import Adaline

    X = np.array([[-2.0], [-1.0], [1.0], [2.0], [60.0]])
    y = np.array([0, 0, 1, 1, 1])
    for l2 in (0.01, 0.1):
        assert LogisticNeuron(l2=l2, max_iter=5000).fit(X, y).score(X, y) == 1
    assert Adaline(rule="batch", max_iter=5000).fit(X, y).score(X, y) < 1


def test_replaced_functions_are_reached():
    X, y = two_clouds(3)
    names = ["logistic.loss", "logistic.gradient", "neuron.sigmoid"]
    with nnlite.substitute({name: REGISTRY[name].formula for name in names}) as calls:
        neuron = LogisticNeuron(max_iter=4).fit(X, y)
        neuron.predict_proba(X)
    assert list(calls.values()) == [4, 4, 6]


def test_the_same_seed_gives_the_same_bits():
    X, y = two_clouds(4)
    runs = [LogisticNeuron(batch_size=9, max_iter=3, rng=seed).fit(X, y).w_.tolist() for seed in (0, 0, 1)]
    assert runs[0] == runs[1] != runs[2]


X2 = np.array([[1.0, 2.0], [1.0, -1.0]])


@pytest.mark.parametrize("function", [loss, gradient])
@pytest.mark.parametrize(
    ("w", "X", "y", "message"),
    [
        ([0, 0], X2, [-1, 1], "y holds -1.0, expected labels 0 and 1 only"),
        ([0, 0], X2, [0, np.nan], "y holds nan"),
        ([0, 0], X2, [1], r"y has shape \(1,\), expected \(2,\)"),
        ([0, 0], [[1, np.nan], [1, 1]], [1, 0], r"X holds nan at index \(0, 1\)"),
        ([0, np.inf], X2, [1, 0], "w holds inf"),
        ([0, 0, 0], X2, [1, 0], r"w has shape \(3,\), expected \(2,\)"),
        ([0, 0], np.zeros((0, 2)), [], r"X has shape \(0, 2\), expected \(N, D\) with N > 0"),
    ],
)
def test_bad_points_are_named(function, w, X, y, message):
    with pytest.raises(ValueError, match=f"{function.name}: {message}"):
        function(w, X, y)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"l2": -1}, ValueError, "LogisticNeuron: l2 is -1"),
        ({"max_iter": 1.5}, TypeError, "LogisticNeuron: max_iter is 1.5"),
        ({"learning_rate": 0}, ValueError, "LogisticNeuron: learning_rate is 0"),
        ({"batch_size": 0}, ValueError, "LogisticNeuron: batch_size is 0"),
        ({"momentum": 1.1}, ValueError, "LogisticNeuron: momentum is 1.1"),
        ({"tol": -1}, ValueError, "LogisticNeuron: tol is -1"),
    ],
)
def test_bad_options_are_named_before_anything_changes(options, error, message):
    neuron = LogisticNeuron(**options)
    with pytest.raises(error, match=message):
        neuron.fit(X2, [0, 1])
    assert not hasattr(neuron, "classes_")
