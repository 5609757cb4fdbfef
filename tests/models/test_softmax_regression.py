"""Facts about softmax regression."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from problems import many_class_problem, three_clouds

import nnlite
from nnlite.data import blobs, load_digits, train_test_split
from nnlite.models.networks.softmax_regression import SoftmaxRegression, gradient, loss
from nnlite.models.neurons.logistic import LogisticNeuron
from nnlite.models.neurons.neuron import with_bias
from nnlite.registry import REGISTRY
from nnlite.training.descent import curvature, numerical_gradient

seeds = st.integers(0, 10**6)


@given(seeds)
def test_the_loss_is_the_mean_surprise(seed):
    W, X, y = many_class_problem(seed)
    expected = 0.0
    for x, right in zip(X, y):
        e = [math.exp(sum(a * b for a, b in zip(w, x))) for w in W]
        expected -= math.log(e[right] / sum(e)) / len(y)
    assert loss(W, X, y) == pytest.approx(expected)


@given(seeds)
def test_the_gradient_is_the_slope_of_the_loss(seed):
    W, X, y = many_class_problem(seed)
    np.testing.assert_allclose(gradient(W, X, y), numerical_gradient(lambda W: loss(W, X, y), W), rtol=1e-6, atol=1e-8)


@given(seeds)
def test_what_is_added_to_all_classes_alike_changes_nothing(seed):
    W, X, y = many_class_problem(seed)
    same = np.random.default_rng(seed + 1).normal(size=3)
    assert loss(W + same, X, y) == pytest.approx(loss(W, X, y))
    np.testing.assert_allclose(gradient(W, X, y).sum(axis=0), 0, atol=1e-12)


@given(seeds)
def test_it_bends_nowhere_more_than_half_of_adalines_bowl(seed):
    W, X, y = many_class_problem(seed, k=3)
    size = W.size
    rows = []
    for e in 1e-5 * np.eye(size).reshape(size, *W.shape):
        rows.append((gradient(W + e, X, y) - gradient(W - e, X, y)).ravel() / 2e-5)
    hessian = np.array(rows)
    assert np.linalg.eigvalsh((hessian + hessian.T) / 2)[-1] <= curvature(X) / 2 + 1e-6


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("kernels", [True, False])
def test_nets_of_ten_thousand_neither_overflow_nor_warn(dtype, kernels):
    W, X = np.array([[1.0], [0.0], [-1.0]], dtype), np.array([[1e4], [-1e4]], dtype)
    with np.errstate(all="raise", under="ignore"), nnlite.use_kernels(kernels):
        assert loss(W, X, [0, 2]) == 0
        assert loss(W, X, [1, 1]) == 1e4
        assert not gradient(W, X, [0, 2]).any()
        assert gradient(W, X, [2, 0]).ravel().tolist() == [1e4, 0, -1e4]
        model = SoftmaxRegression().fit(X, [0, 1])
        np.testing.assert_allclose(model.predict_proba(1e4 * X), [[1, 0], [0, 1]], atol=1e-12)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_gradient_keeps_the_dtype_and_the_inputs(dtype):
    W, X, y = many_class_problem(0, dtype=dtype)
    before = [a.copy() for a in (W, X, y)]
    assert gradient(W, X, y).dtype == dtype
    assert all(np.array_equal(a, b) for a, b in zip(before, (W, X, y)))


def test_with_two_classes_it_is_the_logistic_neuron():
    X, y = blobs(80, centers=[(-1, 0), (1, 0.5)], rng=0)
    X = X.astype(np.float64)
    # Two sets of weights, w / 2 and -w / 2, together cost half of what w costs.
    two = SoftmaxRegression(l2=0.2, max_iter=20_000, tol=1e-9).fit(X, y)
    one = LogisticNeuron(l2=0.1, max_iter=20_000, tol=1e-9).fit(X, y)
    np.testing.assert_allclose(two.W_[1] - two.W_[0], one.w_, atol=1e-6)
    np.testing.assert_allclose(two.predict_proba(X), one.predict_proba(X), atol=1e-6)
    np.testing.assert_allclose(two.decision_function(X), one.decision_function(X), atol=1e-6)
    assert two.predict(X).tolist() == one.predict(X).tolist()


def test_the_default_step_goes_down_at_every_step():
    X, y = three_clouds(0)
    assert (np.diff(SoftmaxRegression(l2=0.1, max_iter=200).fit(X, y).loss_per_epoch_) < 1e-15).all()


def test_mini_batches_and_momentum_come_to_the_same_place():
    X, y = three_clouds(1)
    batch = SoftmaxRegression(l2=0.05, max_iter=5000, tol=1e-8).fit(X, y)
    heavy = SoftmaxRegression(l2=0.05, max_iter=5000, tol=1e-8, momentum=0.8).fit(X, y)
    few = SoftmaxRegression(l2=0.05, max_iter=300, batch_size=20, learning_rate=0.05, rng=0).fit(X, y)
    np.testing.assert_allclose(heavy.W_, batch.W_, atol=1e-6)
    assert heavy.n_iter_ < batch.n_iter_ / 2
    np.testing.assert_allclose(few.W_, batch.W_, atol=0.005)
    assert few.n_iter_ == 300


def test_it_reads_the_shipped_digits():
    images, labels = load_digits()
    X, test, y, right = train_test_split(images.reshape(-1, 64), labels, rng=0)
    model = SoftmaxRegression(max_iter=30, batch_size=32, learning_rate=0.3, rng=0).fit(X, y)
    assert model.score(test, right) >= 0.95
    assert model.predict_proba(test).sum(axis=1) == pytest.approx(1)
    assert model.coef_.shape == (10, 64) and model.W_.dtype == np.float32


def test_what_it_records_last_is_the_loss_and_the_penalty_without_the_biases():
    X, y = three_clouds(2)
    model = SoftmaxRegression(l2=0.3, max_iter=5).fit(X, y)
    expected = loss(model.W_, with_bias(X), y) + 0.15 * (model.coef_**2).sum()
    assert model.loss_per_epoch_[-1] == pytest.approx(expected)


def test_replaced_functions_are_reached():
    X, y = three_clouds(3)
    names = ["softmax_regression.loss", "softmax_regression.gradient", "functional.log_softmax", "functional.softmax"]
    with nnlite.substitute({name: REGISTRY[name].formula for name in names}) as calls:
        SoftmaxRegression(max_iter=4).fit(X, y).predict_proba(X)
    assert list(calls.values()) == [4, 4, 4, 1]


def test_the_same_seed_gives_the_same_bits():
    X, y = three_clouds(4)
    runs = [SoftmaxRegression(batch_size=9, max_iter=3, rng=seed).fit(X, y).W_.tolist() for seed in (0, 0, 1)]
    assert runs[0] == runs[1] != runs[2]


X2 = np.array([[1.0, 2.0], [1.0, -1.0]])


@pytest.mark.parametrize("function", [loss, gradient])
@pytest.mark.parametrize(
    ("W", "X", "y", "error", "message"),
    [
        (np.zeros((3, 2)), X2, [0, 3], ValueError, "y holds 3, expected integers from 0 to 2"),
        (np.zeros((3, 2)), X2, [0.0, 1.0], TypeError, "y has dtype float64, expected integers"),
        (np.zeros((3, 2)), X2, [1], ValueError, r"y has shape \(1,\), expected \(2,\)"),
        (np.zeros((3, 3)), X2, [1, 0], ValueError, r"W has shape \(3, 3\), expected \(K, 2\)"),
        (np.zeros(2), X2, [1, 0], ValueError, r"W has shape \(2,\), expected \(K, 2\)"),
        (np.zeros((0, 2)), X2, [1, 0], ValueError, r"W has shape \(0, 2\), expected \(K, 2\) with K > 0"),
        (np.full((1, 2), np.nan), X2, [0, 0], ValueError, "W holds nan"),
        (np.zeros((1, 2)), [[np.nan, 0.0]], [0], ValueError, "X holds nan"),
        (np.zeros((1, 2)), np.zeros((0, 2)), [], ValueError, r"X has shape \(0, 2\), expected \(N, D\) with N > 0"),
    ],
)
def test_bad_points_are_named(function, W, X, y, error, message):
    with pytest.raises(error, match=f"{function.name}: {message}"):
        function(W, X, y)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"l2": -1}, ValueError, "SoftmaxRegression: l2 is -1"),
        ({"max_iter": 1.5}, TypeError, "SoftmaxRegression: max_iter is 1.5"),
        ({"learning_rate": 0}, ValueError, "SoftmaxRegression: learning_rate is 0"),
        ({"batch_size": 0}, ValueError, "SoftmaxRegression: batch_size is 0"),
        ({"momentum": 1.1}, ValueError, "SoftmaxRegression: momentum is 1.1"),
        ({"tol": -1}, ValueError, "SoftmaxRegression: tol is -1"),
    ],
)
def test_bad_options_are_named_before_anything_changes(options, error, message):
    model = SoftmaxRegression(**options)
    with pytest.raises(error, match=message):
        model.fit(X2, [0, 1])
    assert not hasattr(model, "classes_")
