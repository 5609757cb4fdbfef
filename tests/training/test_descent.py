"""Facts about going downhill."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nnlite
from nnlite.registry import REGISTRY
from nnlite.training.descent import curvature, descend, largest_squared_norm, minimise, numerical_gradient, safe_rate

seeds = st.integers(0, 10**6)


def bowl(seed, d=4):
    """A convex quadratic f(w) = (w - c)^T A (w - c) / 2, its gradient and its lowest point."""
    rng = np.random.default_rng(seed)
    B = rng.normal(size=(d, d))
    A, c = B @ B.T / d + 0.1 * np.eye(d), rng.normal(size=d)
    return A, c, lambda w: float((w - c) @ A @ (w - c)) / 2, lambda w: A @ (w - c)


@given(seeds)
def test_the_numerical_gradient_is_the_gradient(seed):
    _, _, f, gradient = bowl(seed)
    w = np.random.default_rng(seed + 1).normal(size=4)
    np.testing.assert_allclose(numerical_gradient(f, w), gradient(w), rtol=1e-6, atol=1e-8)


def test_central_differences_are_exact_for_quadratics_and_err_by_the_square_of_eps_beyond():
    assert numerical_gradient(lambda w: w[0] ** 2, [3.0], eps=0.5) == 6
    errors = [abs(numerical_gradient(lambda w: w[0] ** 3, [1.0], eps)[0] - 3) for eps in (0.1, 0.01)]
    np.testing.assert_allclose(errors, [0.01, 0.0001], rtol=1e-6)  # one-sided differences would err by 0.31 and 0.03


def test_the_numerical_gradient_has_the_shape_of_the_weights_and_leaves_them_alone():
    w = np.arange(6.0).reshape(2, 3)
    before = w.copy()
    np.testing.assert_allclose(numerical_gradient(lambda w: (w**2).sum(), w), 2 * w, atol=1e-8)
    assert np.array_equal(w, before)


@given(seeds, st.sampled_from([0.1, 1.0, 1.9]))
def test_a_descent_converges_below_twice_the_inverse_curvature(seed, share):
    A, c, f, gradient = bowl(seed, d=3)
    rate = share / np.linalg.eigvalsh(A)[-1]
    path = descend(gradient, np.zeros(3), rate, steps=3000)
    assert path.shape == (3001, 3) and not path[0].any()
    np.testing.assert_allclose(path[1], rate * (A @ c))
    heights = [f(w) for w in path]
    assert (np.diff(heights) <= 1e-15).all()  # every single step goes down
    assert heights[-1] < 1e-4 * heights[0]


@given(seeds)
def test_a_descent_diverges_above(seed):
    A, _, _, gradient = bowl(seed, d=3)
    path = descend(gradient, np.zeros(3), 2.1 / np.linalg.eigvalsh(A)[-1], steps=3000)
    assert not np.abs(path[-1]).max() < 1e6


def test_momentum_is_that_of_pytorch():
    torch = pytest.importorskip("torch")
    _, _, _, gradient = bowl(0)
    path = descend(gradient, np.zeros(4), 0.1, steps=20, momentum=0.8)
    w = torch.zeros(4, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([w], lr=0.1, momentum=0.8)
    for place in path[1:]:
        w.grad = torch.tensor(gradient(w.detach().numpy()))
        optimizer.step()
        np.testing.assert_allclose(w.detach().numpy(), place)


def test_momentum_shortens_the_way_through_a_ravine():
    def ravine(w):
        return np.array([1.0, 100.0]) * w

    plain, heavy = (np.linalg.norm(descend(ravine, np.ones(2), 0.01, 200, m)[-1]) for m in (0.0, 0.8))
    assert plain > 0.1 and heavy < 1e-3


def test_nothing_given_is_changed_and_the_path_keeps_the_dtype():
    start = np.ones(2, np.float32)
    path = descend(lambda w: w.astype(np.float64), start, 0.5, steps=4, momentum=0.5)
    assert path.dtype == np.float32 and (start == 1).all()

    def meddling(w):
        w *= 0
        return w

    assert (descend(meddling, start, 0.5, 2) == 1).all()


@given(seeds, st.sampled_from([(5, 3), (3, 5), (4, 1)]))
def test_curvature_is_the_largest_eigenvalue_and_no_batch_has_more_than_the_longest_point(seed, shape):
    X = np.random.default_rng(seed).normal(size=shape)
    assert curvature(X) == pytest.approx(np.linalg.norm(X, 2) ** 2 / len(X))
    assert all(
        curvature(X[rows]) <= largest_squared_norm(X) + 1e-12 for rows in (slice(None), slice(0, 2), slice(0, 1))
    )
    assert safe_rate(curvature(X)) * curvature(X) == pytest.approx(1)


def test_without_any_curvature_the_rate_is_one():
    assert safe_rate(curvature(np.zeros((3, 2)))) == 1


def mean_of_squares(w, X, y):
    return float(((X @ w - y) ** 2).mean() / 2)


def slope_of_it(w, X, y):
    return (X @ w - y) @ X / len(y)


def test_minimise_finds_the_bottom_from_all_points_and_from_a_few():
    rng = np.random.default_rng(0)
    X, target = rng.normal(size=(60, 3)), np.array([1.0, -2.0, 0.5])
    y = X @ target
    start = np.zeros(3)
    for size in (None, 7, 1000):
        w, losses = minimise(
            mean_of_squares, slope_of_it, start, X, y, learning_rate=0.1, epochs=300, batch_size=size, rng=0
        )
        np.testing.assert_allclose(w, target, atol=1e-6)
        assert losses[0] > losses[-1] and not start.any()
    w, losses = minimise(mean_of_squares, slope_of_it, start, X, y, learning_rate=0.1, epochs=999, tol=0.01)
    assert len(losses) < 100 and np.abs(slope_of_it(w, X, y)).max() <= 0.01


def test_every_epoch_of_mini_batches_sees_every_point_once_in_a_new_order():
    seen = []

    def gradient(w, X, y):
        seen.append(y)
        return np.zeros(1)

    y = np.arange(10)
    minimise(lambda w, X, y: 0.0, gradient, np.zeros(1), np.ones((10, 1)), y, learning_rate=1, epochs=3, batch_size=4)
    assert [len(part) for part in seen] == [4, 4, 2] * 3
    epochs = [np.concatenate(seen[i : i + 3]) for i in (0, 3, 6)]
    assert all(sorted(epoch) == y.tolist() for epoch in epochs)
    assert len({tuple(epoch) for epoch in epochs}) == 3


def test_a_step_of_the_descent_is_the_one_step_of_momentum_there_is():
    with nnlite.substitute({"optim.momentum_step": REGISTRY["optim.momentum_step"].formula}) as calls:
        descend(lambda w: w, np.ones(1), 0.1, steps=5)
        minimise(mean_of_squares, slope_of_it, np.zeros(1), np.ones((4, 1)), np.ones(4), learning_rate=0.1, epochs=3)
    assert calls["optim.momentum_step"] == 8


def test_growing_without_bound_is_an_error():
    X, y = np.full((2, 1), 1e3), np.ones(2)
    with pytest.raises(FloatingPointError, match=r"overflowed with learning_rate 1; take a smaller one"):
        minimise(mean_of_squares, slope_of_it, np.zeros(1), X, y, learning_rate=1, epochs=100)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: descend(3, [0.0], 0.1, 1), TypeError, "descend: gradient is a int, expected a function"),
        (lambda: descend(abs, [np.nan], 0.1, 1), ValueError, "descend: w holds nan"),
        (lambda: descend(abs, [0.0], 0, 1), ValueError, "descend: learning_rate is 0, expected a number > 0"),
        (lambda: descend(abs, [0.0], 0.1, -1), ValueError, "descend: steps is -1"),
        (lambda: descend(abs, [0.0], 0.1, 1, 1.5), ValueError, "descend: momentum is 1.5"),
        (lambda: descend(np.sum, [0.0, 1.0], 0.1, 1), ValueError, r"descend: gradient\(w\) has shape \(\)"),
        (lambda: numerical_gradient(np.sum, [0.0, np.nan]), ValueError, r"w holds nan at index \(1,\)"),
        (lambda: numerical_gradient(3, [0.0]), TypeError, "numerical_gradient: f is a int"),
        (lambda: numerical_gradient(abs, [0.0, 1.0]), TypeError, r"f\(w\) has shape \(2,\), expected one number"),
        (lambda: numerical_gradient(np.sum, [0.0], 0), ValueError, "eps is 0, expected a number > 0"),
        (lambda: numerical_gradient(np.sum, ["a"]), TypeError, "numerical_gradient: w has dtype"),
        (lambda: curvature(np.zeros((0, 2))), ValueError, r"curvature: X has shape \(0, 2\)"),
        (lambda: curvature(np.array([[1e300]])), ValueError, "X holds numbers up to 1e\\+300, whose squares overflow"),
        (
            lambda: largest_squared_norm(np.array([[1e300]])),
            ValueError,
            "X holds numbers up to 1e\\+300, whose squares overflow",
        ),
    ],
)
def test_bad_arguments_are_named(call, error, message):
    with pytest.raises(error, match=message):
        call()
