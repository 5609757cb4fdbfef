"""The systems by hand are those of scikit-learn: the paths, the weights at the end, the steps, and clones."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from problems import separable, three_clouds, twice_labelled, two_clouds
from samples import examples

from nnlite.data import blobs
from nnlite.models import Adaline, LogisticNeuron, MulticlassPerceptron, Perceptron, SoftmaxRegression, mlp

base, linear_model = pytest.importorskip("sklearn.base"), pytest.importorskip("sklearn.linear_model")
seeds = st.integers(0, 10**6)


@examples(25)
@given(seeds, st.sampled_from([np.float32, np.float64]))
def test_the_path_of_the_perceptron_is_that_of_scikit_learn(seed, dtype):
    X, y, _ = separable(seed, n=60, dtype=dtype)
    assume(len(set(y)) == 2)
    names = np.where(y > 0, "yes", "no")
    ours = Perceptron(max_iter=300).fit(X[:, 1:], names)
    theirs = linear_model.Perceptron(shuffle=False, tol=None, max_iter=300).fit(X[:, 1:], names)
    assert ours.converged_
    assert np.allclose(ours.coef_, theirs.coef_, rtol=1e-5)
    assert np.allclose(ours.intercept_, theirs.intercept_, rtol=1e-5)
    assert ours.coef_.shape == theirs.coef_.shape and ours.classes_.tolist() == theirs.classes_.tolist()
    fresh = np.random.default_rng(seed).normal(size=(200, 4)).astype(dtype)
    clear = np.abs(theirs.decision_function(fresh)) > 1e-3
    assert (ours.predict(fresh) == theirs.predict(fresh))[clear].all()


def test_ties_go_the_way_of_scikit_learn():
    X = np.array([[0.0, 0], [1, 0], [0, 1], [1, 1], [2, 1], [1, 2]])
    for y in ([0, 0, 0, 1, 1, 1], [1, 0, 0, 1, 0, 1], [1, 1, 1, 0, 0, 0], [0, 1, 0, 1, 1, 0]):
        ours = Perceptron(max_iter=7).fit(X, y)
        theirs = linear_model.Perceptron(shuffle=False, tol=None, max_iter=7).fit(X, y)
        assert ours.coef_.tolist() == theirs.coef_.tolist()
        assert ours.predict(X).tolist() == theirs.predict(X).tolist()


def test_the_average_is_that_of_scikit_learn():
    X, y = twice_labelled(2, n=60)
    ours = Perceptron(rule="averaged", max_iter=5).fit(X[:, 1:], y)
    theirs = linear_model.SGDClassifier(
        loss="perceptron", penalty=None, average=True, learning_rate="constant", eta0=1, shuffle=False, tol=None
    )
    theirs.set_params(max_iter=5).fit(X[:, 1:], y)
    assert not ours.converged_
    assert np.allclose(ours.coef_, theirs.coef_) and np.allclose(ours.intercept_, theirs.intercept_)


def test_adaline_is_scikit_learns_linear_regression_on_the_classes():
    X, y = blobs(80, spread=1.5, rng=0)
    X = X.astype(np.float64)
    ours = Adaline(rule="batch", max_iter=5000, tol=1e-9).fit(X, y)
    theirs = linear_model.LinearRegression().fit(X, 2 * y - 1)
    np.testing.assert_allclose(ours.coef_[0], theirs.coef_, atol=1e-6)
    np.testing.assert_allclose(ours.decision_function(X), theirs.predict(X), atol=1e-6)


def is_logistic_regression(ours, X, names):
    """Hold a trained classifier against scikit-learn's with the same l2."""
    theirs = linear_model.LogisticRegression(
        C=1 / (ours.l2 * len(names)), tol=1e-10, max_iter=10_000, fit_intercept=ours.fit_intercept
    ).fit(X, names)
    np.testing.assert_allclose(ours.coef_, theirs.coef_, atol=1e-4)
    np.testing.assert_allclose(ours.intercept_, theirs.intercept_, atol=1e-4)
    np.testing.assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), atol=1e-4)
    np.testing.assert_allclose(ours.decision_function(X), theirs.decision_function(X), atol=1e-3)
    assert ours.n_iter_ < 20_000 and ours.predict(X).tolist() == theirs.predict(X).tolist()


@examples(20)
@given(seeds, st.sampled_from([0.01, 0.1]), st.booleans())
def test_trained_to_the_end_the_logistic_neuron_has_the_weights_of_scikit_learn(seed, l2, fit_intercept):
    X, y = two_clouds(seed)
    names = np.where(y, "yes", "no")
    ours = LogisticNeuron(l2=l2, max_iter=20_000, tol=1e-8, fit_intercept=fit_intercept).fit(X, names)
    is_logistic_regression(ours, X, names)


@examples(15)
@given(seeds, st.sampled_from([0.01, 0.1]), st.booleans())
def test_trained_to_the_end_softmax_regression_has_the_weights_of_scikit_learn(seed, l2, fit_intercept):
    X, y = three_clouds(seed)
    names = np.array(["sun", "rain", "snow"])[y]
    ours = SoftmaxRegression(l2=l2, max_iter=20_000, tol=1e-7, fit_intercept=fit_intercept).fit(X, names)
    is_logistic_regression(ours, X, names)


@pytest.mark.parametrize("machine", [Perceptron(max_iter=7, rng=3), MulticlassPerceptron(shuffle=True, rng=3)])
def test_scikit_learn_can_clone_and_search(machine):
    assert base.clone(machine).get_params() == machine.get_params()


@pytest.fixture(scope="module")
def theirs():
    """A network of scikit-learn's, still far from its goal, on points of three classes."""
    neural_network = pytest.importorskip("sklearn.neural_network")
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(60, 4)), rng.integers(0, 3, 60)
    model = neural_network.MLPClassifier(
        5, activation="tanh", solver="sgd", alpha=0, batch_size=60, learning_rate_init=0.1, momentum=0, max_iter=1,
        shuffle=False, warm_start=True, random_state=0,
    )  # fmt: skip
    with pytest.warns(UserWarning):  # one epoch is not enough, says scikit-learn
        model.fit(X, y)
    return model, X, y


def their_parameters(model):
    (W1, W2), (b1, b2) = model.coefs_, model.intercepts_
    return [W1.T.copy(), b1.copy(), W2.T.copy(), b2.copy()]


def test_the_network_and_its_loss_are_those_of_scikit_learn(theirs):
    log_loss = pytest.importorskip("sklearn.metrics").log_loss
    model, X, y = theirs
    Z, _ = mlp.forward(*their_parameters(model), X)
    P = model.predict_proba(X)
    assert np.allclose(np.exp(Z) / np.exp(Z).sum(axis=1, keepdims=True), P, rtol=1e-10)
    assert mlp.error(Z, y)[0] == pytest.approx(log_loss(y, P), rel=1e-10)


def test_a_step_is_that_of_scikit_learn(theirs):
    model, X, y = theirs
    before = their_parameters(model)
    Z, H = mlp.forward(*before, X)
    loss, dZ = mlp.error(Z, y)
    gradients = mlp.backward(before[2], X, H, dZ)
    with pytest.warns(UserWarning):
        model.fit(X, y)
    assert loss == pytest.approx(model.loss_, rel=1e-10)
    for w, dw, w_after in zip(before, gradients, their_parameters(model)):
        assert np.allclose(mlp.update(w, dw, np.zeros_like(w), 0.1, 0.9)[0], w_after, rtol=1e-8, atol=1e-12)
