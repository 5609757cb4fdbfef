"""Facts about the network with one hidden layer, by hand and on Tensor."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from problems import a_network

import nnlite
from nnlite import functional as F
from nnlite.data import load_digits, load_mnist, spirals, train_test_split, xor
from nnlite.models.networks.mlp import MLP, MLPClassifier, backward, error, forward, staircase, update
from nnlite.registry import REGISTRY

sizes = st.tuples(*[st.integers(1, 6)] * 4)


@given(sizes, st.integers(0, 1000))
def test_backward_is_the_slope_of_forward(sizes, seed):
    *parameters, X, dZ = a_network(sizes, seed)
    _, H = forward(*parameters, X)
    gradients = backward(parameters[2], X, H, dZ)
    rng = np.random.default_rng(seed + 1)
    for i, gradient in enumerate(gradients):
        direction = rng.normal(size=gradient.shape)
        ends = []
        for h in (1e-6, -1e-6):
            moved = list(parameters)
            moved[i] = moved[i] + h * direction
            ends.append((forward(*moved, X)[0] * dZ).sum())
        assert (gradient * direction).sum() == pytest.approx((ends[0] - ends[1]) / 2e-6, rel=1e-5, abs=1e-7)


@given(st.integers(1, 6), st.integers(2, 6), st.integers(0, 1000))
def test_the_error_is_the_surprise_and_its_gradient_the_slope(n, k, seed):
    rng = np.random.default_rng(seed)
    Z, y = rng.normal(size=(n, k)), rng.integers(0, k, n)
    loss, dZ = error(Z, y)
    P = np.exp(Z) / np.exp(Z).sum(axis=1, keepdims=True)
    assert loss == pytest.approx(-np.log(P[np.arange(n), y]).mean())
    direction = rng.normal(size=Z.shape)
    slope = (error(Z + 1e-6 * direction, y)[0] - error(Z - 1e-6 * direction, y)[0]) / 2e-6
    assert (dZ * direction).sum() == pytest.approx(slope, rel=1e-5, abs=1e-7)
    assert np.allclose(dZ.sum(axis=1), 0)


def test_the_error_survives_huge_nets():
    loss, dZ = error(np.array([[1000.0, 0.0]], np.float32), np.array([1]))
    assert loss == 1000 and dZ.tolist() == [[1, -1]]


@given(st.integers(1, 6), st.integers(1, 6), st.sampled_from([1, 50, 1000]), st.integers(0, 1000))
def test_the_error_by_hand_is_that_of_the_engine(n, k, scale, seed):
    rng = np.random.default_rng(seed)
    Z, y = scale * rng.normal(size=(n, k)), rng.integers(0, k, n)
    nets = nnlite.Tensor(Z, requires_grad=True)
    theirs = F.cross_entropy(nets, y)
    theirs.backward()
    loss, dZ = error(Z, y)
    assert loss == pytest.approx(theirs.item(), rel=1e-12)
    assert np.allclose(dZ, nets.grad, rtol=1e-10, atol=1e-15)  # P - 1 loses digits where P is nearly 1


@given(sizes, st.integers(0, 1000), st.sampled_from([np.float32, np.float64]))
def test_by_hand_and_on_tensor_are_the_same_network(sizes, seed, dtype):
    *parameters, X, _ = (a.astype(dtype) for a in a_network(sizes, seed))
    y = np.random.default_rng(seed).integers(0, sizes[3], sizes[0])
    model = MLP(*sizes[1:], rng=0)
    names = ["hidden.weight", "hidden.bias", "output.weight", "output.bias"]
    on_tensor = dict(model.named_parameters())
    assert list(on_tensor) == names
    for name, value in zip(names, parameters):
        on_tensor[name].data = value.copy()

    Z, H = forward(*parameters, X)
    loss, dZ = error(Z, y)
    gradients = backward(parameters[2], X, H, dZ)
    tensor_loss = F.cross_entropy(model(X), y)
    tensor_loss.backward()

    close = {"rtol": 1e-10, "atol": 1e-12} if dtype == np.float64 else {"rtol": 1e-4, "atol": 1e-5}
    assert np.allclose(model(X).data, Z, **close)
    assert loss == pytest.approx(tensor_loss.item(), rel=1e-4)
    for name, gradient in zip(names, gradients):
        assert gradient.dtype == dtype
        assert np.allclose(on_tensor[name].grad, gradient, **close), name


def test_a_step_is_a_new_array_in_the_dtype_of_the_weights():
    w, v = np.ones(3, np.float32), np.zeros(3, np.float32)
    new, step = update(w, np.ones(3), v, 0.5, 0.9)
    assert new.dtype == step.dtype == np.float32
    assert w.tolist() == [1, 1, 1] and v.tolist() == [0, 0, 0] and new.tolist() == [0.5, 0.5, 0.5]


# Universal approximation


@given(
    st.lists(st.floats(-2, 2), min_size=2, max_size=6),
    st.integers(1, 60),
    st.floats(1.4, 50),
    st.floats(-3, 3),
    st.floats(0.1, 10),
)
def test_the_staircase_is_as_close_as_the_curve_is_gentle(heights, hidden, steepness, low, length):
    """For a curve nowhere steeper than L the error is at most L times the length of a piece."""
    corners = np.linspace(low, low + length, len(heights))

    def f(x):
        return np.interp(x, corners, heights)

    L = abs(np.diff(heights)).max() / (corners[1] - corners[0])
    x = np.linspace(low, low + length, 500)
    Z, H = forward(*staircase(f, low, low + length, hidden, steepness), x[:, None])
    assert H.shape == (500, hidden)
    assert abs(Z[:, 0] - f(x)).max() <= L * length / hidden * (1 + 1e-6) + 1e-9
    assert min(heights) - 1e-9 <= Z.min() and Z.max() <= max(heights) + 1e-9  # a mean of values of the curve


def test_a_training_shows_how_far_it_is_unless_told_not_to(capsys):
    X, y = np.array([[0.0], [1.0]]), [0, 1]
    MLPClassifier(epochs=1, verbose=False).fit(X, y)
    assert not capsys.readouterr().err
    MLPClassifier(epochs=1).fit(X, y)
    assert "MLPClassifier" in capsys.readouterr().err


def test_the_steeper_the_neurons_the_flatter_the_stairs():
    """Catches a steepness that is not used: three stairs of a straight line, each as high as its edge, and jumps."""
    x = np.array([0.0, 0.3, 0.7, 1.0, 1.3, 1.7, 2.0, 2.3, 2.7, 3.0])
    Z, _ = forward(*staircase(lambda x: x, 0, 3, 3, steepness=200), x[:, None])
    np.testing.assert_allclose(Z[:, 0], np.round(x), atol=1e-9)


def test_twice_as_many_neurons_are_about_twice_as_close():
    x = np.linspace(0, 7, 2000)
    wrong = [abs(forward(*staircase(np.sin, 0, 7, n), x[:, None])[0][:, 0] - np.sin(x)).max() for n in (20, 40, 80)]
    assert wrong[0] / wrong[1] == pytest.approx(2, rel=0.3) and wrong[1] / wrong[2] == pytest.approx(2, rel=0.3)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((3, 0, 1, 5), TypeError, "mlp.staircase: f is a int, expected a function"),
        ((np.sin, 1, 0, 5), ValueError, "mlp.staircase: low is 1.0 and high is 0.0, expected low < high"),
        ((np.sin, 0, 1, 0), ValueError, "mlp.staircase: hidden is 0"),
        ((np.sin, 0, 1, 5, 0), ValueError, "mlp.staircase: steepness is 0"),
        ((np.sum, 0, 1, 5), ValueError, r"mlp.staircase: f\(x\) has"),
        ((np.log, 0, 1, 5), ValueError, r"mlp.staircase: f\(x\) holds -inf"),
    ],
)
def test_bad_staircases_are_named(arguments, error, message):
    with np.errstate(all="ignore"), pytest.raises(error, match=message):
        staircase(*arguments)


def test_nothing_given_is_changed():
    *parameters, X, dZ = a_network((3, 2, 4, 2), 0)
    before = [a.copy() for a in (*parameters, X, dZ)]
    _, H = forward(*parameters, X)
    backward(parameters[2], X, H, dZ)
    assert all(np.array_equal(a, b) for a, b in zip(before, (*parameters, X, dZ)))


def test_hidden_neurons_learn_exclusive_or():
    X, y = xor(200, rng=0)
    model = MLPClassifier(hidden=8, epochs=30, verbose=False, rng=0).fit(X, np.where(y, "odd", "even"))
    assert model.score(X, np.where(y, "odd", "even")) == 1
    assert model.loss_per_epoch_[-1] < 0.1 * model.loss_per_epoch_[0]
    P = model.predict_proba(X)
    assert P.shape == (200, 2) and np.allclose(P.sum(axis=1), 1, atol=1e-6)
    assert ((model.decision_function(X) > 0) == (model.predict(X) == "odd")).all()


def test_it_learns_two_spirals():
    X, y = spirals(400, rng=0)
    test, right = spirals(400, rng=1)
    model = MLPClassifier(hidden=64, epochs=300, learning_rate=0.05, verbose=False, rng=0).fit(X, y)
    assert model.score(X, y) >= 0.99 and model.score(test, right) >= 0.97


def test_it_reads_the_shipped_digits():
    images, labels = load_digits()
    X, test, y, right = train_test_split(images.reshape(-1, 64), labels, rng=0)
    model = MLPClassifier(hidden=128, epochs=60, learning_rate=0.2, verbose=False, rng=0).fit(X, y)
    assert model.score(test, right) >= 0.96


@pytest.mark.slow
def test_it_reads_mnist(test_data):
    X, test, y, right = load_mnist(test_data("mnist"))
    model = MLPClassifier(hidden=64, epochs=15, verbose=False, rng=0).fit(X.reshape(-1, 784), y)
    assert model.score(test.reshape(-1, 784), right) >= 0.94


def test_the_same_seed_gives_the_same_bits():
    X, y = xor(50, rng=0)
    runs = [MLPClassifier(4, 3, verbose=False, rng=seed).fit(X, y).coefs_[0] for seed in (0, 0, 1)]
    assert np.array_equal(runs[0], runs[1]) and not np.array_equal(runs[0], runs[2])


def test_replaced_functions_are_reached():
    X, y = xor(50, rng=0)
    names = ["mlp.forward", "mlp.error", "mlp.backward", "mlp.update", "functional.softmax"]
    with nnlite.substitute({name: REGISTRY[name].formula for name in names}) as calls:
        model = MLPClassifier(4, epochs=2, batch_size=10, verbose=False, rng=0).fit(X, y)
        assert list(calls.values()) == [10, 10, 10, 40, 0]  # each of the four parameters takes its own step
        model.predict_proba(X)
    assert list(calls.values()) == [11, 10, 10, 40, 1]


def test_a_step_too_long_is_said_before_anything_is_kept():
    X = np.array([[1e30, 0.0], [0.0, 1e30]], np.float32)
    model = MLPClassifier(4, learning_rate=1e39, epochs=50, verbose=False, rng=0)
    with np.errstate(all="ignore"), pytest.raises(FloatingPointError, match=r"try a smaller learning_rate than 1e"):
        model.fit(X, [0, 1])
    assert not hasattr(model, "classes_")


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"hidden": 0}, ValueError, "MLPClassifier: hidden is 0"),
        ({"epochs": 1.5}, TypeError, "MLPClassifier: epochs is 1.5"),
        ({"learning_rate": 0}, ValueError, "MLPClassifier: learning_rate is 0"),
        ({"momentum": 2}, ValueError, "MLPClassifier: momentum is 2"),
        ({"batch_size": 0}, ValueError, "MLPClassifier: batch_size is 0"),
    ],
)
def test_bad_options_are_named(options, error, message):
    with pytest.raises(error, match=message):
        MLPClassifier(verbose=False, **options).fit([[0, 1], [1, 0]], [0, 1])


def test_bad_shapes_are_named():
    with pytest.raises(ValueError, match=r"mlp.forward: X has shape \(1, 3\), expected \(N, 2\): D = 2 as in W1"):
        forward(np.zeros((4, 2)), np.zeros(4), np.zeros((1, 4)), np.zeros(1), np.zeros((1, 3)))
    with pytest.raises(ValueError, match=r"mlp.forward: b2 has shape \(2,\), expected \(1,\)"):
        forward(np.zeros((4, 2)), np.zeros(4), np.zeros((1, 4)), np.zeros(2), np.zeros((1, 2)))
    with pytest.raises(ValueError, match=r"mlp.backward: dZ has shape \(2, 3\), expected \(2, 1\)"):
        backward(np.zeros((1, 4)), np.zeros((2, 2)), np.zeros((2, 4)), np.zeros((2, 3)))
    with pytest.raises(ValueError, match=r"mlp.error: y holds 2, expected integers from 0 to 1"):
        error(np.zeros((1, 2)), np.array([2]))
    with pytest.raises(ValueError, match=r"mlp.error: Z has shape \(0, 2\), expected \(N, K\) with N > 0"):
        error(np.zeros((0, 2)), np.zeros(0, int))
    with pytest.raises(ValueError, match=r"mlp.update: dw has shape \(3,\), expected \(2,\), the shape of w"):
        update(np.zeros(2), np.zeros(3), np.zeros(2), 0.1, 0.9)
    with pytest.raises(ValueError, match=r"mlp.update: momentum is 2"):
        update(np.zeros(2), np.zeros(2), np.zeros(2), 0.1, 2)
    with pytest.raises(ValueError, match=r"MLPClassifier.fit: X holds nan"):
        MLPClassifier(verbose=False).fit([[np.nan], [1]], [0, 1])
