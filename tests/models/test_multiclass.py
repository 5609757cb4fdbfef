"""Facts about the perceptron with several classes."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from samples import examples

import nnlite
from nnlite.models.neurons.multiclass import MulticlassPerceptron, multiclass_update, train_multiclass
from nnlite.models.neurons.neuron import with_bias
from nnlite.models.neurons.perceptron import Perceptron, mistake_bound, update

K, D = 4, 3
weights = arrays(np.float64, (K, D), elements=st.integers(-8, 8).map(float))
point = arrays(np.float64, (D,), elements=st.integers(-8, 8).map(float))
seeds = st.integers(0, 10**6)


def kesler(x, label, rival, classes):
    """Kesler's point in the space of all weights: x at the place of its class, -x at that of a rival."""
    long = np.zeros((classes, len(x)))
    long[label] += x
    long[rival] -= x
    return long.ravel()


def clouds(seed, classes=3, n=60, gap=0.1, dtype=np.float64):
    """Points of several classes that the largest of several nets tells apart, and such weights."""
    rng = np.random.default_rng(seed)
    W = rng.normal(size=(classes, 3))
    X = with_bias(rng.normal(size=(8 * n, 2)).astype(dtype))
    nets = np.sort(X @ W.T, axis=1)
    X = X[nets[:, -1] - nets[:, -2] > gap][:n]
    return X, (X @ W.T).argmax(axis=1), W


@given(weights, point, st.integers(0, K - 1), st.sampled_from([0.5, 1.0, 3.0]))
def test_an_update_is_the_binary_rule_on_keslers_point(W, x, label, rate):
    others = [k for k in range(K) if k != label]
    rival = max(others, key=lambda k: W[k] @ x)  # the first of the strongest
    expected = update(W.ravel(), kesler(x, label, rival, K), 1, rate).reshape(K, D)
    before = W.copy()
    new = multiclass_update(W, x, label, rate)
    assert np.array_equal(new, expected)
    assert np.array_equal(W, before) and not np.shares_memory(new, W)
    assert np.allclose(new.sum(axis=0), W.sum(axis=0))  # what one class gains another loses


@examples(30)
@given(seeds, st.integers(2, 5))
def test_at_most_r_over_gamma_squared_mistakes_in_keslers_space(seed, classes):
    X, labels, W = clouds(seed, classes)
    points = [kesler(x, k, r, classes) for x, k in zip(X, labels) for r in range(classes) if r != k]
    order = np.random.default_rng(seed).permuted(np.tile(np.arange(len(X)), (3000, 1)), axis=1)
    found, mistakes = train_multiclass(np.zeros((classes, 3)), X, labels, 3000, order)
    assert mistakes.sum() <= mistake_bound(W.ravel(), points, np.ones(len(points)))
    assert mistakes[-1] == 0
    assert ((X @ found.T).argmax(axis=1) == labels).all()


@examples(25)
@given(seeds)
def test_with_two_classes_it_is_the_perceptron(seed):
    rng = np.random.default_rng(seed)
    X = rng.integers(-4, 5, (30, 2)).astype(float)
    y = np.where(X @ [1, -2] + rng.normal(size=30) > 0, "yes", "no")
    assume(len(set(y)) == 2)
    two, one = MulticlassPerceptron(max_iter=40).fit(X, y), Perceptron(max_iter=40).fit(X, y)
    assert two.mistakes_per_epoch_.tolist() == one.mistakes_per_epoch_.tolist()
    assert np.array_equal(two.coef_[1], one.coef_[0]) and np.array_equal(two.coef_[0], -one.coef_[0])
    fresh = rng.normal(size=(50, 2))
    assert two.predict(fresh).tolist() == one.predict(fresh).tolist()
    assert np.allclose(two.decision_function(fresh), 2 * one.decision_function(fresh))


@examples(20)
@given(seeds, st.sampled_from([np.float32, np.float64]), st.sampled_from([1.0, 0.1]), st.integers(1, 40))
def test_formula_and_twin_give_the_same_bits(seed, dtype, rate, d):
    rng = np.random.default_rng(seed)
    X = (rng.integers(-3, 4, (30, d)) * 0.1).astype(dtype)
    labels = rng.integers(4, size=30)
    W = (rng.integers(-3, 4, (4, d)) * 0.1).astype(dtype)
    before = W.copy()
    order = np.array([rng.permutation(30) for _ in range(3)])
    with nnlite.use_kernels(False):
        expected = train_multiclass(W, X, labels, 3, order, rate)
    for points in (X, np.asfortranarray(X)):
        got = train_multiclass(W, points, labels.astype(np.int32), 3, order, rate)
        assert np.array_equal(got[0], expected[0]) and got[0].dtype == dtype
        assert np.array_equal(got[1], expected[1])
    assert np.array_equal(W, before)


def test_a_replaced_update_switches_the_twin_off():
    X, labels, _ = clouds(0)
    with nnlite.substitute({"perceptron.multiclass_update": multiclass_update.formula}) as calls:
        p = MulticlassPerceptron().fit(X[:, 1:], labels)
    assert calls["perceptron.multiclass_update"] == p.n_iter_ * len(X)
    assert p.n_iter_ == MulticlassPerceptron().fit(X[:, 1:], labels).n_iter_


def test_it_reads_digits():
    from nnlite.data.digits import load_digits

    X, y = load_digits()
    X = X.reshape(len(X), -1)
    p = MulticlassPerceptron(max_iter=20, shuffle=True, rng=0).fit(X[300:], y[300:])
    assert p.score(X[:300], y[:300]) > 0.9
    assert p.classes_.tolist() == list(range(10)) and p.coef_.shape == (10, 64) and p.intercept_.shape == (10,)


def test_the_same_seed_gives_the_same_estimator_and_no_intercept_is_none():
    X, labels, _ = clouds(0)
    names = np.array(["north", "east", "south"])[labels]
    p = MulticlassPerceptron(shuffle=True, rng=3).fit(X[:, 1:], names)
    again = MulticlassPerceptron(shuffle=True, rng=3).fit(X[:, 1:], names)
    assert p.converged_ and p.score(X[:, 1:], names) == 1
    assert np.array_equal(p.coef_, again.coef_)
    assert p.decision_function(X[:, 1:]).shape == (len(X), 3)
    plain = MulticlassPerceptron(fit_intercept=False, max_iter=5).fit(X[:, 1:], names)
    assert not plain.intercept_.any() and plain.coef_.shape == (3, 2)


def test_bad_arguments_are_named():
    W, x = np.zeros((3, 2)), [1.0, 2.0]
    with pytest.raises(ValueError, match=r"perceptron.multiclass_update: label is 3"):
        multiclass_update(W, x, 3)
    with pytest.raises(TypeError, match=r"perceptron.multiclass_update: label has dtype float64"):
        multiclass_update(W, x, 1.0)
    with pytest.raises(ValueError, match=r"perceptron.multiclass_update: x has shape \(3,\), expected \(2,\)"):
        multiclass_update(W, [1, 2, 3], 0)
    with pytest.raises(ValueError, match=r"perceptron.multiclass_update: W has shape \(1, 2\)"):
        multiclass_update(W[:1], x, 0)
    with pytest.raises(ValueError, match=r"perceptron.multiclass_update: learning_rate is 0"):
        multiclass_update(W, x, 0, 0)
    with pytest.raises(ValueError, match=r"perceptron.train_multiclass: labels has shape \(1,\), expected \(2,\)"):
        train_multiclass(W, [x, x], [0], 3)
    with pytest.raises(ValueError, match=r"perceptron.train_multiclass: labels holds 3"):
        train_multiclass(W, [x, x], [0, 3], 3)
    with pytest.raises(ValueError, match=r"perceptron.train_multiclass: order has shape"):
        train_multiclass(W, [x, x], [0, 1], 3, [0])
    with pytest.raises(ValueError, match=r"train_multiclass: X has shape \(0, 2\), expected \(N, 2\) with N > 0"):
        train_multiclass(W, np.zeros((0, 2)), np.zeros(0, int), 3)
    with pytest.raises(ValueError, match=r"MulticlassPerceptron: max_iter is 0"):
        MulticlassPerceptron(max_iter=0).fit([x, x], [0, 1])
    with np.errstate(all="ignore"), pytest.raises(FloatingPointError, match="overflowed"):
        huge = np.array([[1e10, 1e10], [2e10, -1e10], [-1e10, 3e10]], np.float32)
        MulticlassPerceptron(learning_rate=1e38).fit(huge, [0, 1, 0])
