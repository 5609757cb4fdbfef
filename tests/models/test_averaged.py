"""Facts about the averaged perceptron."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from problems import slow_online, twice_labelled
from samples import examples

import nnlite
from nnlite.models.neurons.averaged import train_averaged
from nnlite.models.neurons.neuron import with_bias
from nnlite.models.neurons.perceptron import Perceptron, loss, train_online, update

seeds = st.integers(0, 10**6)
X2 = np.array([[1.0, 2.0], [1.0, -1.0]])


@examples(30)
@given(seeds)
def test_the_averaged_weights_are_the_mean_of_all_weights_on_the_way(seed):
    X, y = twice_labelled(seed)
    order = np.random.default_rng(seed).permuted(np.tile(np.arange(len(X)), (4, 1)), axis=1)
    path = slow_online(X, y, order)
    W, mistakes, means = train_averaged(np.zeros(3), X, y, 4, order)
    assert np.allclose(means, path.reshape(4, len(X), 3).mean(axis=1))
    assert np.array_equal(W, path[len(X) - 1 :: len(X)])
    assert mistakes.tolist() == train_online(np.zeros(3), X, y, 4, order)[1].tolist()
    p = Perceptron(rule="averaged", max_iter=4).fit(X[:, 1:], y)
    assert np.allclose(p.w_, slow_online(X, y, np.tile(np.arange(len(X)), (4, 1))).mean(axis=0))


def test_the_average_goes_on_where_the_estimator_trains_in_several_calls():
    X, y = twice_labelled(1)
    p = Perceptron(rule="averaged", max_iter=70).fit(X[:, 1:], y)
    path = slow_online(X, y, np.tile(np.arange(len(X)), (70, 1)))
    assert np.allclose(p.w_, path.mean(axis=0))
    assert p.loss_per_epoch_[-1] == pytest.approx(loss(path.mean(axis=0), X, y))
    assert p.loss_per_epoch_[0] == pytest.approx(loss(path[: len(X)].mean(axis=0), X, y))


@examples(20)
@given(seeds, st.sampled_from([np.float32, np.float64]), st.sampled_from([1.0, 0.1]), st.integers(1, 40))
def test_formula_and_twin_agree(seed, dtype, rate, d):
    rng = np.random.default_rng(seed)
    X = (rng.integers(-3, 4, (20, d)) * 0.1).astype(dtype)
    X = np.concatenate([X, -X])
    y = rng.choice([-1, 1], len(X)).astype(dtype)
    w = (rng.integers(-3, 4, d) * 0.1).astype(dtype)
    order = rng.integers(len(X), size=(4, len(X)))
    with nnlite.use_kernels(False):
        expected = train_averaged(w, X, y, 4, order, rate)
    before = w.copy()
    for points in (X, np.asfortranarray(X)):
        got = train_averaged(w, points, y, 4, order, rate)
        assert all(np.array_equal(a, b) for a, b in zip(got[:2], expected[:2]))
        assert [a.dtype for a in got] == [a.dtype for a in expected] and got[2].dtype == dtype
        assert np.allclose(got[2], expected[2], rtol=1e-6 if dtype == np.float32 else 1e-12, atol=1e-7)
    assert np.array_equal(w, before)


def test_a_replaced_update_is_reached():
    X, y = twice_labelled(0)
    with nnlite.substitute({"perceptron.update": update.formula}) as calls:
        Perceptron(rule="averaged", max_iter=3, rng=0).fit(X[:, 1:], y)
    assert calls["perceptron.update"] == 3 * len(X)


def test_bad_arguments_are_named():
    with pytest.raises(ValueError, match=r"perceptron.train_averaged: epochs is 0"):
        train_averaged([0, 0], X2, [1, -1], 0)


def test_it_ends_with_the_first_epoch_without_a_mistake(both_ways):
    """Catches an end one mistake too early, or none."""
    X = with_bias(np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]))
    W, mistakes, means = train_averaged(np.zeros(3), X, np.array([-1, -1, -1, 1]), epochs=100)
    assert len(W) == len(means) == len(mistakes) < 100
    assert mistakes[-1] == 0 and (mistakes[:-1] > 0).all() and 1 in mistakes
