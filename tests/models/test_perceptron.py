"""Facts about Rosenblatt's perceptron."""

import re

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from problems import separable
from samples import examples

import nnlite
from nnlite.models.neurons.neuron import with_bias
from nnlite.models.neurons.perceptron import (
    Perceptron,
    loss,
    losses,
    margin,
    mistake_bound,
    steps_online,
    subgradient,
    train_batch,
    train_online,
    update,
)

N, D = 9, 3
points = arrays(np.float64, (N, D), elements=st.integers(-8, 8).map(float))
labels = arrays(np.int64, (N,), elements=st.sampled_from([-1, 1]))
weights = arrays(np.float64, (D,), elements=st.integers(-8, 8).map(float))
seeds = st.integers(0, 10**6)

XOR = with_bias(np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]))
XOR_Y = np.array([-1, 1, 1, -1])


@given(weights, points, labels)
def test_the_loss_is_the_sum_over_the_wrong_answers_alone(w, X, y):
    expected = 0.0
    for x, label in zip(X, y):
        net = sum(a * b for a, b in zip(w, x))
        if label * net < 0:
            expected += -label * net
    assert loss(w, X, y) == expected


@given(weights, points, labels)
def test_the_loss_is_zero_iff_no_point_is_on_the_wrong_side(w, X, y):
    value = loss(w, X, y)
    assert value >= 0 and (value == 0) == bool((y * (X @ w) >= 0).all())
    assert not np.signbit(value)


@given(weights, weights, points, labels, st.sampled_from([0.25, 0.5, 0.75]))
def test_the_loss_is_convex(a, b, X, y, t):
    assert loss(t * a + (1 - t) * b, X, y) <= t * loss(a, X, y) + (1 - t) * loss(b, X, y) + 1e-9


@given(weights, points, labels, st.sampled_from([0.5, 2.0, 4.0]))
def test_the_loss_is_linear_along_every_ray_from_zero(w, X, y, t):
    assert loss(t * w, X, y) == t * loss(w, X, y)


@given(weights, points, labels)
def test_the_loss_is_linear_between_its_kinks(w, X, y):
    # So near to w that no point changes sides, the loss is exactly its tangent.
    assume((X @ w != 0).all())
    direction = np.array([1.0, -2.0, 3.0])
    near = w + direction / 1024
    assert loss(near, X, y) == loss(w, X, y) + subgradient(w, X, y) @ direction / 1024


@given(weights, weights, points, labels)
def test_the_subgradient_supports_the_loss_from_below(w, v, X, y):
    assert loss(v, X, y) >= loss(w, X, y) + subgradient(w, X, y) @ (v - w) - 1e-9


@given(weights, points, labels, st.sampled_from([0.5, 1.0, 3.0]))
def test_an_update_moves_net_towards_the_answer_and_only_after_a_mistake(w, X, y, rate):
    before = w.copy()
    new = update(w, X[0], y[0], rate)
    if y[0] * (w @ X[0]) > 0:
        assert np.array_equal(new, w)
    else:
        assert np.array_equal(new, w + rate * y[0] * X[0])
        assert y[0] * (new @ X[0]) == y[0] * (w @ X[0]) + rate * (X[0] @ X[0])
    assert np.array_equal(w, before)


def test_an_update_is_a_step_against_the_subgradient_at_one_point():
    rng = np.random.default_rng(0)
    for w, x, y in zip(rng.normal(size=(20, D)), rng.normal(size=(20, D)), rng.choice([-1, 1], 20)):
        assert np.allclose(update(w, x, y, 0.3), w - 0.3 * subgradient(w, x[None], np.array([y])))


@examples(40)
@given(seeds)
def test_at_most_r_over_gamma_squared_mistakes(seed):
    X, y, w = separable(seed, gap=0.1)
    order = np.random.default_rng(seed).permuted(np.tile(np.arange(len(X)), (1000, 1)), axis=1)
    W, mistakes = train_online(np.zeros(X.shape[1]), X, y, 1000, order)
    assert mistakes.sum() <= mistake_bound(w, X, y)
    assert mistakes[-1] == 0
    assert margin(W[-1], X, y) > 0


def test_the_bound_is_reached():
    # Points on the axes are learnt one by one and never forgotten: n mistakes, and (R / gamma)^2 = n.
    X = np.eye(7)
    y = np.ones(7, int)
    _, mistakes = train_online(np.zeros(7), X, y, 10)
    assert mistakes.sum() == 7
    assert mistake_bound(np.ones(7), X, y) == pytest.approx(7)


def test_a_margin_is_a_distance():
    assert margin([0, 5.0], [[1, 2.0], [1, -3.0]], [1, -1]) == 2
    assert margin([0, 5.0], [[1, 2.0], [1, -3.0]], [1, 1]) == -3


@pytest.mark.parametrize("rule", ["online", "batch"])
def test_exclusive_or_never_converges(rule):
    p = Perceptron(max_iter=500, rule=rule).fit(XOR[:, 1:], XOR_Y)
    assert not p.converged_ and p.n_iter_ == 500
    assert (p.mistakes_per_epoch_ > 0).all()
    # The weights wander but stay bounded: Minsky and Papert's cycling theorem.
    W, _ = train_online(np.zeros(3), XOR, XOR_Y, 500)
    assert np.abs(W).max() < 10
    assert len(np.unique(W, axis=0)) < 20


@examples(30)
@given(seeds, st.sampled_from([np.float32, np.float64]), st.sampled_from([1.0, 0.1]), st.integers(1, 130))
def test_formula_and_twin_give_the_same_bits(seed, dtype, rate, d):
    # Few distinct values and repeated points: sums that cancel, where rounding could turn a decision.
    rng = np.random.default_rng(seed)
    X = (rng.integers(-3, 4, (30, d)) * 0.1).astype(dtype)
    X = np.concatenate([X, -X, X])
    y = rng.choice([-1, 1], len(X)).astype(dtype)
    order = np.array([rng.permutation(len(X)) for _ in range(4)])
    w = (rng.integers(-3, 4, d) * 0.1).astype(dtype)
    with nnlite.use_kernels(False):
        expected = train_online(w, X, y, 4, order, rate)
    for given_X in (X, np.asfortranarray(X), np.repeat(X, 2, axis=0)[::2]):
        got = train_online(w, given_X, y, 4, order, rate)
        assert np.array_equal(got[0], expected[0]) and got[0].dtype == dtype
        assert np.array_equal(got[1], expected[1])


@given(seeds, st.sampled_from([np.float32, np.float64]))
def test_the_losses_along_a_path_are_the_loss_of_each_weight(seed, dtype):
    X, y, _ = separable(seed, dtype=dtype)
    W = np.random.default_rng(seed).normal(size=(6, 5)).astype(dtype)
    expected = [loss(w, X, y) for w in W]
    for kernels in (True, False):
        with nnlite.use_kernels(kernels):
            assert losses(W, X, y.astype(dtype)) == pytest.approx(expected, rel=1e-5, abs=1e-6)


def test_shuffled_training_goes_on_after_the_orders_drawn_together():
    p = Perceptron(shuffle=True, max_iter=70, rng=0).fit(XOR[:, 1:], XOR_Y)
    assert p.n_iter_ == len(p.loss_per_epoch_) == 70


def test_a_replaced_update_switches_the_twin_off_and_is_called_for_every_point():
    X, y, _ = separable(0)
    with nnlite.substitute({"perceptron.update": update.formula}) as calls:
        _, mistakes = train_online(np.zeros(5), X, y, 1000)
    assert calls["perceptron.update"] == len(mistakes) * len(X)
    with nnlite.substitute({"perceptron.update": lambda w, x, y, rate: w}):
        W, _ = train_online(np.zeros(5), X, y, 3)
    assert not W.any()


def test_replaced_functions_are_reached_by_the_estimator():
    X, y, _ = separable(1)
    names = ["perceptron.loss", "perceptron.update", "perceptron.subgradient", "perceptron.train_online"]
    from nnlite.registry import REGISTRY

    with nnlite.substitute({name: REGISTRY[name].formula for name in names}) as calls:
        online = Perceptron().fit(X[:, 1:], y)
        batch = Perceptron(rule="batch").fit(X[:, 1:], y)
    assert calls["perceptron.loss"] == online.n_iter_ + batch.n_iter_
    assert calls["perceptron.update"] == online.n_iter_ * len(X)
    assert online.n_iter_ < 1000
    assert calls["perceptron.train_online"] == -(-online.n_iter_ // 32)
    assert calls["perceptron.subgradient"] == batch.n_iter_ - 1


@pytest.mark.parametrize("rule", ["online", "batch"])
def test_history_is_the_path_of_the_weights(rule):
    X, y, _ = separable(2)
    p = Perceptron(rule=rule, keep_history=True).fit(X[:, 1:], y)
    plain = Perceptron(rule=rule).fit(X[:, 1:], y)
    assert not p.history_[0].any() and np.array_equal(p.history_[-1], plain.w_)
    if rule == "online":
        assert len(p.history_) == 1 + p.mistakes_per_epoch_.sum()
        steps = y[p.history_points_][:, None] * X[p.history_points_]
        assert np.allclose(np.diff(p.history_, axis=0), steps)


def test_the_loss_recorded_last_is_zero_and_batch_agrees():
    X, y, _ = separable(3)
    for rule in ("online", "batch"):
        p = Perceptron(rule=rule, max_iter=5000).fit(X[:, 1:], y)
        assert p.converged_ and p.score(X[:, 1:], y) == 1
        assert p.loss_per_epoch_[-1] == 0 and len(p.loss_per_epoch_) == p.n_iter_
    W, mistakes = train_batch(np.zeros(5), X, y, 5000)
    assert mistakes[-1] == 0 and margin(W[-1], X, y) > 0


def test_the_same_seed_shuffles_alike_and_another_differently():
    X, y, _ = separable(4)
    runs = [Perceptron(shuffle=True, rng=seed, max_iter=2).fit(X[:, 1:], y).w_.tolist() for seed in (1, 1, 2)]
    assert runs[0] == runs[1] != runs[2]


def test_slow_motion_shows_the_same_path():
    X, y, _ = separable(5)
    W, mistakes = train_online(np.zeros(5), X, y, 1000)
    steps = list(steps_online(np.zeros(5), X, y, 1000))
    assert len(steps) == mistakes.sum() and np.array_equal(steps[-1][1], W[-1])


@given(weights, points, labels, st.sampled_from([0.5, 2.0]))
def test_the_mistake_bound_asks_only_for_the_direction_of_the_weights(w, X, y, factor):
    y = np.where(X @ w > 0, 1, -1)
    assume((X @ w != 0).all())
    bound = mistake_bound(w, X, y)
    assert bound >= 1 - 1e-12  # no point is nearer to the plane than it is long
    assert bound == pytest.approx(mistake_bound(factor * w, X, y))
    assert bound == pytest.approx(mistake_bound(w, factor * X, y))
    assert bound == pytest.approx(max(x @ x for x in X) * (w @ w) / min(abs(X @ w)) ** 2)


X2 = np.array([[1.0, 2.0], [1.0, -1.0]])


@pytest.mark.parametrize("function", [loss, subgradient])
@pytest.mark.parametrize(
    ("w", "X", "y", "message"),
    [
        ([0, 0], X2, [0, 1], "y holds 0"),
        ([0, 0], X2, [1, 2], "y holds 2"),
        ([0, 0], X2, [1, np.nan], "y holds nan"),
        ([0, 0], X2, [1], r"y has shape \(1,\), expected \(2,\)"),
        ([0, 0], [[1, np.nan], [1, 1]], [1, -1], r"X holds nan at index \(0, 1\)"),
        ([0, np.inf], X2, [1, -1], "w holds inf"),
        ([0, 0, 0], X2, [1, -1], r"w has shape \(3,\), expected \(2,\)"),
        ([0, 0], np.zeros((0, 2)), [], r"X has shape \(0, 2\), expected \(N, D\) with N > 0"),
        ([0, 0], [1.0, 2.0], [1], "X has shape"),
    ],
)
def test_bad_points_are_named(function, w, X, y, message):
    with pytest.raises(ValueError, match=f"{function.name}: {message}"):
        function(w, X, y)


def test_bad_arguments_are_named():
    with pytest.raises(TypeError, match=r"perceptron.loss: X has dtype"):
        loss([0, 0], [["a", "b"]], [1])
    with pytest.raises(ValueError, match=r"perceptron.update: y holds 0"):
        update([0, 0], [1, 2], 0)
    with pytest.raises(ValueError, match=r"perceptron.update: learning_rate is 0"):
        update([0, 0], [1, 2], 1, 0)
    with pytest.raises(ValueError, match=r"perceptron.train_online: order has shape"):
        train_online([0, 0], X2, [1, -1], 3, [[0], [1]])
    with pytest.raises(ValueError, match=r"perceptron.train_online: order holds 2"):
        train_online([0, 0], X2, [1, -1], 3, [0, 2])
    with pytest.raises(ValueError, match=r"perceptron.train_online: epochs is 0"):
        train_online([0, 0], X2, [1, -1], 0)
    with pytest.raises(ValueError, match=r"mistake_bound: w has the margin"):
        mistake_bound([0, -1], X2, [1, -1])


@pytest.mark.parametrize(
    ("options", "y", "error", "message"),
    [
        ({}, ["a", "a"], ValueError, "y holds only the class .*expected at least two"),
        ({"rule": "offline"}, [0, 1], ValueError, "rule is 'offline', expected one of"),
        ({"max_iter": 0}, [0, 1], ValueError, "max_iter is 0"),
        ({"max_iter": 2.5}, [0, 1], TypeError, "max_iter is 2.5"),
        ({"learning_rate": -1}, [0, 1], ValueError, "learning_rate is -1"),
        ({}, [0, 1, 2], ValueError, "y has shape"),
        ({}, [0.0, np.nan], ValueError, "y holds NaN"),
    ],
)
def test_the_estimator_refuses_before_anything_changes(options, y, error, message):
    p = Perceptron(**options)
    with pytest.raises(error, match=message):
        p.fit(X2, y)
    assert not hasattr(p, "classes_")


def test_the_estimator_refuses_three_classes_and_points_of_another_width():
    with pytest.raises(ValueError, match=r"y has 3 classes, expected two"):
        Perceptron().fit(np.eye(3), [0, 1, 2])
    with pytest.raises(RuntimeError, match=r"not fitted yet"):
        Perceptron().predict(X2)
    p = Perceptron().fit(X2, [0, 1])
    with pytest.raises(ValueError, match=r"Perceptron: X has shape \(1, 3\), expected \(1, 2\) as in fit"):
        p.predict([[1, 2, 3]])
    with pytest.raises(ValueError, match=r"Perceptron: X holds nan"):
        p.predict([[1, np.nan]])


@pytest.mark.parametrize(
    ("W", "X", "y", "error", "words"),
    [
        (np.ones((1, 2)), np.ones((2000, 2)), -np.ones(1), ValueError, "y has shape (1,)"),
        (
            np.ones((2, 5)),
            np.ones((3, 2)),
            np.ones(3),
            ValueError,
            "W has shape (2, 5), expected (E, 2)",
        ),
        (np.full((1, 2), np.nan), np.ones((3, 2)), np.ones(3), ValueError, "W holds nan"),
        (np.ones(2), np.ones((3, 2)), np.ones(3), ValueError, "W has shape (2,)"),
        (np.ones((0, 2)), np.ones((3, 2)), np.ones(3), ValueError, "W has shape (0, 2), expected (E, 2) with E > 0"),
        (np.ones((1, 2)), np.ones((3, 2)), 2 * np.ones(3), ValueError, "labels -1 and +1"),
    ],
)
def test_losses_refuses_what_does_not_fit(W, X, y, error, words):
    with pytest.raises(error, match=re.escape(words)):
        losses(W, X, y)


def test_weights_that_overflow_are_an_error_not_a_success():
    """Catches ``nan <= 0`` read as no mistake."""
    X = np.array([[1e10, 1e10], [2e10, -1e10], [-1e10, 3e10]], np.float32)
    with np.errstate(all="ignore"), pytest.raises(FloatingPointError, match="overflowed"):
        Perceptron(learning_rate=1e38).fit(X, [0, 1, 0])


def test_its_parameters_are_kept_and_unknown_ones_refused():
    p = Perceptron(max_iter=7, rng=3)
    assert repr(p) == "Perceptron(max_iter=7, rng=3)"
    with pytest.raises(ValueError, match=r"'epochs' is no parameter, expected one of max_iter"):
        p.set_params(max_iter=8, epochs=3)
    assert p.max_iter == 7
