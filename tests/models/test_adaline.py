"""Facts about Adaline."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples import examples

import nnlite
from nnlite.data import blobs
from nnlite.models.neurons.adaline import Adaline, gradient, loss, train_batch, train_online, update
from nnlite.models.neurons.neuron import with_bias
from nnlite.registry import REGISTRY
from nnlite.training.descent import curvature, numerical_gradient

seeds = st.integers(0, 10**6)
dtypes = st.sampled_from([np.float32, np.float64])


def problem(seed, n=30, d=4, dtype=np.float64):
    """Weights, points with the bias column, and wanted answers that are not only -1 and +1."""
    rng = np.random.default_rng(seed)
    X = with_bias(rng.normal(size=(n, d - 1)))
    return rng.normal(size=d).astype(dtype), X.astype(dtype), rng.choice([-1, 1, 0.3], n).astype(dtype)


@given(seeds)
def test_the_loss_is_half_the_mean_squared_error(seed):
    w, X, y = problem(seed)
    expected = 0.0
    for x, wanted in zip(X, y):
        expected += (wanted - sum(a * b for a, b in zip(w, x))) ** 2 / (2 * len(y))
    assert loss(w, X, y) == pytest.approx(expected)


@given(seeds)
def test_the_gradient_is_the_slope_of_the_loss(seed):
    w, X, y = problem(seed)
    np.testing.assert_allclose(gradient(w, X, y), numerical_gradient(lambda w: loss(w, X, y), w), rtol=1e-6, atol=1e-8)


@given(seeds)
def test_the_gradient_vanishes_at_the_least_squares_fit_and_nowhere_is_the_loss_less(seed):
    w, X, y = problem(seed)
    best = np.linalg.lstsq(X, y, rcond=None)[0]
    np.testing.assert_allclose(gradient(best, X, y), 0, atol=1e-12)
    assert loss(best, X, y) <= loss(w, X, y)


@given(seeds, st.sampled_from([0.1, 1.0]))
def test_the_delta_rule_is_a_step_against_the_gradient_at_one_point(seed, rate):
    w, X, y = problem(seed)
    before = w.copy()
    new = update(w, X[0], y[0], rate)
    np.testing.assert_allclose(new, w - rate * gradient(w, X[:1], y[:1]))
    assert np.array_equal(w, before)


@given(seeds)
def test_a_step_of_one_over_x_squared_makes_the_answer_exact(seed):
    w, X, y = problem(seed)
    assert update(w, X[0], y[0], 1 / (X[0] @ X[0])) @ X[0] == pytest.approx(y[0])


def test_a_right_decision_that_is_too_clear_is_an_error_too():
    assert update(np.array([0.0, 3.0]), np.array([1.0, 1.0]), 1, 0.5).tolist() == [-1, 2]


@given(seeds, dtypes)
def test_the_batch_path_goes_down_step_by_step_by_the_gradient(seed, dtype):
    w, X, y = problem(seed, dtype=dtype)
    rate = 1 / curvature(X)
    W = train_batch(w, X, y, 40, rate)
    assert W.shape == (41, 4) and W.dtype == dtype and np.array_equal(W[0], w)
    np.testing.assert_allclose(W[1:], [v - rate * gradient(v, X, y) for v in W[:-1]], rtol=1e-4, atol=1e-5)
    if dtype == np.float64:
        assert (np.diff([loss(v, X, y) for v in W]) <= 1e-15).all()
    assert train_batch(w, X, y, 0).tolist() == [w.tolist()]


@examples(30)
@given(seeds, dtypes, st.integers(1, 70), st.sampled_from([0.01, 0.1]))
def test_formula_and_twin_agree(seed, dtype, d, rate):
    w, X, y = problem(seed, d=d + 1, dtype=dtype)
    X /= dtype(np.sqrt(d))
    order = np.random.default_rng(seed).integers(0, len(X), 50)
    with nnlite.use_kernels(False):
        expected = train_online(w, X, y, order, rate)
    before = w.copy()
    for given_X in (X, np.asfortranarray(X), np.repeat(X, 2, axis=0)[::2]):
        got = train_online(w, given_X, y, order, rate)
        assert got.dtype == expected.dtype == dtype
        tolerance = 1e-5 if dtype == np.float32 else 1e-12
        np.testing.assert_allclose(got, expected, rtol=tolerance, atol=tolerance)
    assert np.array_equal(w, before)


def test_the_points_are_shown_in_the_order_asked_for():
    w, X, y = problem(3)
    by_hand = w
    for i in (4, 4, 0, 7):
        by_hand = by_hand + 0.1 * (y[i] - by_hand @ X[i]) * X[i]
    np.testing.assert_allclose(train_online(w, X, y, [4, 4, 0, 7], 0.1), by_hand)
    np.testing.assert_allclose(train_online(w, X, y, [], 0.1), w)
    np.testing.assert_allclose(train_online(w, X, y), train_online(w, X, y, range(30), 0.01))


@given(seeds)
@examples(20)
def test_trained_to_the_end_it_is_the_least_squares_fit(seed):
    X, y = blobs(60, spread=1.5, rng=seed)
    adaline = Adaline(rule="batch", max_iter=5000, tol=1e-9).fit(X.astype(np.float64), y)
    best = np.linalg.lstsq(with_bias(X.astype(np.float64)), 2.0 * y - 1, rcond=None)[0]
    np.testing.assert_allclose(adaline.w_, best, atol=1e-4)
    assert adaline.n_iter_ < 5000


def test_the_online_rule_comes_near_the_bottom_and_nearer_with_shorter_steps():
    X, y = blobs(200, spread=1.5, rng=0)
    X = X.astype(np.float64)
    lowest = Adaline(rule="batch", max_iter=5000, tol=1e-9).fit(X, y).loss_per_epoch_[-1]
    excess = [
        Adaline(rng=0, learning_rate=rate, max_iter=300).fit(X, y).loss_per_epoch_[-50:].mean() - lowest
        for rate in (0.05, 0.005)
    ]
    assert 0 < excess[1] < excess[0] / 5 < lowest


@pytest.mark.parametrize("rule", ["online", "batch"])
def test_points_a_thousand_times_larger_do_no_harm(rule):
    X, y = blobs(200, rng=0)
    small, large = (Adaline(rule=rule, rng=0).fit(scale * X, y) for scale in (1, 1000))
    assert small.score(X, y) > 0.95 and large.score(1000 * X, y) > 0.95


@pytest.mark.parametrize("rule", ["online", "batch"])
def test_the_loss_per_epoch_is_the_loss_and_the_classes_are_mapped(rule):
    X, y = blobs(50, rng=1)
    adaline = Adaline(rule=rule, max_iter=7, rng=0).fit(X, np.where(y, "right", "left"))
    assert adaline.n_iter_ == len(adaline.loss_per_epoch_) == 7
    assert adaline.loss_per_epoch_[-1] == pytest.approx(loss(adaline.w_, with_bias(X), 2 * y - 1))
    assert adaline.classes_.tolist() == ["left", "right"]
    assert (adaline.predict(X) == "right").tolist() == (adaline.decision_function(X) > 0).tolist()
    assert adaline.w_.dtype == np.float32


def test_without_an_intercept_the_line_goes_through_the_origin():
    X, y = blobs(50, rng=1)
    adaline = Adaline(fit_intercept=False, rng=0).fit(X, y)
    assert adaline.w_.shape == (2,) and adaline.intercept_ == 0
    assert adaline.decision_function([[0, 0]]) == 0


def test_the_same_seed_gives_the_same_bits():
    X, y = blobs(50, rng=1)
    runs = [Adaline(max_iter=3, rng=seed).fit(X, y).w_.tolist() for seed in (0, 0, 1)]
    assert runs[0] == runs[1] != runs[2]
    runs = [Adaline(max_iter=3, shuffle=False, rng=seed).fit(X, y).w_.tolist() for seed in (0, 1)]
    assert runs[0] == runs[1]


def test_replaced_functions_are_reached():
    X, y = blobs(20, rng=1)
    names = [f"adaline.{name}" for name in ("loss", "gradient", "update", "train_online", "train_batch")]
    for rule, calls_wanted in (("online", [3, 3, 60, 3, 0]), ("batch", [3, 6, 0, 0, 3])):
        with nnlite.substitute({name: REGISTRY[name].formula for name in names}) as calls:
            Adaline(rule=rule, max_iter=3, rng=0).fit(X, y)
        assert list(calls.values()) == calls_wanted
    with nnlite.substitute({"adaline.update": lambda w, x, y, rate: w}):
        assert not Adaline(max_iter=1).fit(X, y).w_.any()  # the twin, which contains the rule, is switched off


@pytest.mark.parametrize("rule", ["online", "batch"])
def test_too_long_a_step_is_an_error_before_anything_is_kept(rule):
    X, y = blobs(50, rng=1)
    adaline = Adaline(rule=rule, learning_rate=100, max_iter=1000)
    with pytest.raises(FloatingPointError, match="overflowed with learning_rate 100"):
        adaline.fit(X, y)
    assert not hasattr(adaline, "classes_")


X2 = np.array([[1.0, 2.0], [1.0, -1.0]])


@pytest.mark.parametrize("function", [loss, gradient, train_online, lambda w, X, y: train_batch(w, X, y, 3)])
@pytest.mark.parametrize(
    ("w", "X", "y", "message"),
    [
        ([0, 0], X2, [1], r"y has shape \(1,\), expected \(2,\)"),
        ([0, 0], X2, [1, np.nan], "y holds nan"),
        ([0, 0], [[1, np.nan], [1, 1]], [1, -1], r"X holds nan at index \(0, 1\)"),
        ([0, np.inf], X2, [1, -1], "w holds inf"),
        ([0, 0, 0], X2, [1, -1], r"w has shape \(3,\), expected \(2,\)"),
        ([0, 0], np.zeros((0, 2)), [], r"X has shape \(0, 2\), expected \(N, D\) with N > 0"),
    ],
)
def test_bad_points_are_named(function, w, X, y, message):
    with pytest.raises(ValueError, match=rf"adaline.\w+: {message}"):
        function(w, X, y)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: loss([0, 0], [["a", "b"]], [1]), TypeError, "adaline.loss: X has dtype"),
        (lambda: update([0, 0], [1, 2], "a"), TypeError, "adaline.update: y is 'a'"),
        (lambda: update([0, 0], [1, 2], np.array([1.0])), ValueError, r"adaline.update: y has shape \(1,\)"),
        (lambda: update([0, 0], [1, 2], np.nan), ValueError, "adaline.update: y is nan"),
        (lambda: update([0, 0, 0], [1, 2], 1), ValueError, r"adaline.update: w has shape \(3,\), expected \(2,\)"),
        (lambda: update([0, 0], [1, 2], 1, 0), ValueError, "adaline.update: learning_rate is 0"),
        (lambda: train_online([0, 0], X2, [1, -1], [[0]]), ValueError, r"train_online: order has shape \(1, 1\)"),
        (lambda: train_online([0, 0], X2, [1, -1], [2]), ValueError, "train_online: order holds 2"),
        (lambda: train_batch([0, 0], X2, [1, -1], -1), ValueError, "train_batch: steps is -1"),
        (lambda: Adaline(max_iter=0).fit(X2, [0, 1]), ValueError, "Adaline: max_iter is 0"),
        (lambda: Adaline(learning_rate=0).fit(X2, [0, 1]), ValueError, "Adaline: learning_rate is 0"),
        (lambda: Adaline(rule="offline").fit(X2, [0, 1]), ValueError, "Adaline: rule is 'offline'"),
        (lambda: Adaline(tol=-1).fit(X2, [0, 1]), ValueError, "Adaline: tol is -1"),
    ],
)
def test_bad_arguments_are_named(call, error, message):
    with pytest.raises(error, match=message):
        call()
