"""Facts about the pocket algorithm."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from problems import separable, slow_online, twice_labelled
from samples import examples

import nnlite
from nnlite.models.neurons.neuron import with_bias
from nnlite.models.neurons.perceptron import Perceptron, update
from nnlite.models.neurons.pocket import train_pocket

seeds = st.integers(0, 10**6)
X2 = np.array([[1.0, 2.0], [1.0, -1.0]])
XOR_Y = np.array([-1, 1, 1, -1])


def gallant(X, y, picks):
    """The pocket algorithm with ratchet, from its description: what is in the pocket after each pick."""
    w = pocket = np.zeros(X.shape[1])
    run = longest = best = 0
    held = []
    for i in picks:
        if y[i] * (w @ X[i]) > 0:
            run += 1
            if run > longest and (y * (X @ w) > 0).sum() > best:
                pocket, longest, best = w, run, (y * (X @ w) > 0).sum()
        else:
            w, run = w + y[i] * X[i], 0
        held.append(pocket)
    return np.array(held)


@examples(30)
@given(seeds)
def test_the_pocket_is_gallants_and_never_gets_worse(seed):
    X, y = twice_labelled(seed)
    order = np.random.default_rng(seed).integers(len(X), size=(6, len(X)))
    W, _, pockets = train_pocket(np.zeros(3), X, y, 6, order)
    held = gallant(X, y, order.ravel())
    assert np.array_equal(pockets, held[len(X) - 1 :: len(X)])
    right = (y * (pockets @ X.T) > 0).sum(axis=1)
    assert (np.diff(right) >= 0).all()
    assert np.array_equal(W, slow_online(X, y, order)[len(X) - 1 :: len(X)])
    # Handed on from call to call it does not get worse either.
    _, _, later = train_pocket(W[-1], X, y, 2, order[:2], pocket=pockets[-1])
    assert (y * (X @ later[-1]) > 0).sum() >= right[-1]


def test_the_pocket_of_exclusive_or_is_right_about_three_of_four():
    # No line does better. The weights on the way are right about one or two, most of the time.
    signs = with_bias(np.array([[-1.0, -1], [-1, 1], [1, -1], [1, 1]]))
    for seed in range(10):
        p = Perceptron(rule="pocket", max_iter=50, rng=seed).fit(signs[:, 1:], XOR_Y)
        assert p.score(signs[:, 1:], XOR_Y) == 0.75 and not p.converged_ and p.n_iter_ == 50


@examples(15)
@given(seeds)
def test_on_separable_points_the_pocket_fills_with_weights_that_are_right_about_all(seed):
    X, y, _ = separable(seed, gap=0.1)
    assume(len(set(y)) == 2)
    p = Perceptron(rule="pocket", rng=seed, keep_history=True).fit(X[:, 1:], y)
    assert p.converged_ and p.score(X[:, 1:], y) == 1 and p.loss_per_epoch_[-1] == 0
    assert any(np.array_equal(p.w_, w) for w in p.history_)
    assert np.allclose(np.diff(p.history_, axis=0), y[p.history_points_][:, None] * X[p.history_points_])
    assert len(p.history_points_) == p.mistakes_per_epoch_.sum()


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
        expected = train_pocket(w, X, y, 4, order, rate)
    before = w.copy()
    for points in (X, np.asfortranarray(X)):
        got = train_pocket(w, points, y, 4, order, rate)
        assert all(np.array_equal(a, b) for a, b in zip(got[:2], expected[:2]))
        assert [a.dtype for a in got] == [a.dtype for a in expected] and got[2].dtype == dtype
        assert np.array_equal(got[2], expected[2])
    assert np.array_equal(w, before)


def test_a_replaced_update_is_reached():
    X, y = twice_labelled(0)
    with nnlite.substitute({"perceptron.update": update.formula}) as calls:
        Perceptron(rule="pocket", max_iter=3, rng=0).fit(X[:, 1:], y)
    assert calls["perceptron.update"] == 3 * len(X)


def test_bad_arguments_are_named():
    with pytest.raises(ValueError, match=r"perceptron.train_pocket: pocket has shape \(3,\), expected \(2,\): D = 2"):
        train_pocket([0, 0], X2, [1, -1], 3, pocket=[0, 0, 0])
