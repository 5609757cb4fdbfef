"""Checks of the network with one hidden layer: points are rows, and each row of a weight matrix is one neuron.

What comes from above (dZ, dy) is always drawn. With ones in its place, a backward pass that ignores it would pass.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from hypothesis import strategies as st

from nnlite.course.checks import KEPT_ELSEWHERE, drawn, same

dtypes = st.sampled_from([np.float64, np.float32])


def halves(draw: Any, shape: tuple[int, ...], dtype: Any, most: int = 4) -> Any:
    """An array of small halves: easy to read, exact in every dtype."""
    size = math.prod(shape)
    values = draw(st.lists(st.integers(-most, most), min_size=size, max_size=size))
    return (np.array(values).reshape(shape) / 2).astype(dtype)


@st.composite
def networks(draw: Any) -> Any:
    """Weights, biases and a few points: (W1, b1, W2, b2, X)."""
    n, d, m, k = (draw(st.integers(1, 3)) for _ in range(4))
    dtype = draw(dtypes)
    return tuple(halves(draw, shape, dtype) for shape in ((m, d), (m,), (k, m), (k,), (n, d)))


@st.composite
def backward_passes(draw: Any) -> Any:
    """What a backward pass gets, (W2, X, H, dZ): the answers H lie between -1 and 1."""
    n, d, m, k = (draw(st.integers(1, 3)) for _ in range(4))
    dtype = draw(dtypes)
    W2, X, dZ = (halves(draw, shape, dtype) for shape in ((k, m), (n, d), (n, k)))
    return W2, X, halves(draw, (n, m), dtype, most=2), dZ


@st.composite
def answers(draw: Any) -> Any:
    """Nets and the right classes: (Z, y)."""
    n, k = draw(st.integers(1, 3)), draw(st.integers(2, 4))
    Z = halves(draw, (n, k), draw(dtypes))
    return Z, np.array([draw(st.integers(0, k - 1)) for _ in range(n)])


@st.composite
def activations(draw: Any) -> Any:
    """Nets of any shape, and an upstream gradient: (x, dy)."""
    shape = draw(st.sampled_from([(1,), (2,), (3,), (1, 2), (2, 2), (2, 3)]))
    dtype = draw(dtypes)
    return halves(draw, shape, dtype), halves(draw, shape, dtype)


@st.composite
def steps(draw: Any) -> Any:
    """Weights, their gradient, the last step, the learning rate and the momentum."""
    shape = draw(st.sampled_from([(1,), (2,), (2, 3)]))
    dtype, size = draw(dtypes), math.prod(shape)
    entries = st.lists(st.sampled_from([1, 2, 3, 4, 5, -1, -2, -3, -4, -5]), min_size=size, max_size=size)
    w, dw, v = (np.array(draw(entries), dtype).reshape(shape) for _ in range(3))
    return w, dw, v, draw(st.integers(1, 8)) / 16, draw(st.integers(0, 4)) / 4


def answered(W1: Any, b1: Any, X: Any) -> Any:
    """What each hidden neuron answers to each point, one by one."""
    return np.array([[math.tanh(float(w @ x) + float(b)) for w, b in zip(W1, b1)] for x in X])


class TestForward:
    """Both layers, point by point."""

    exercise = "mlp.forward"

    @drawn(network=networks(), examples=25)
    def test_hidden_neurons(self, student, network):
        """H[n, m] is the tanh of w·x + b, with neuron m's weights and bias and the point n."""
        W1, b1, _, _, X = network
        _, H = student(*network)
        same(H, answered(W1, b1, X), "H")

    @drawn(network=networks(), examples=25)
    def test_output_neurons(self, student, network):
        """Z[n, k] is the net of output neuron k, which listens to the hidden neurons; no tanh follows."""
        W1, b1, W2, b2, X = network
        Z, _ = student(*network)
        hidden = answered(W1, b1, X)
        same(Z, np.array([[float(w @ h) + float(b) for w, b in zip(W2, b2)] for h in hidden]), "Z")

    @drawn(seed=st.integers(0, 99), examples=5)
    def test_many_points(self, student, seed):
        """Two hundred points get the answers that each of them gets alone."""
        rng = np.random.default_rng(seed)
        network = [rng.normal(size=shape) for shape in ((6, 4), (6,), (5, 6), (5,))]
        X = rng.normal(size=(200, 4))
        Z, H = student(*network, X)
        alone = rng.integers(0, 200, 3)
        for n in alone:
            z, h = student(*network, X[n : n + 1])
            same(H[n : n + 1], h, "H", "H[n] is not what the point gets alone.")
            same(Z[n : n + 1], z, "Z", "Z[n] is not what the point gets alone.")


def surprise(Z: Any, y: Any) -> tuple[float, Any]:
    """The loss and its gradient from their definitions, row by row, in double precision."""
    Z = Z.astype(np.float64)
    total, dZ = 0.0, np.zeros_like(Z)
    for n, right in enumerate(y):
        e = np.exp(Z[n] - Z[n].max())
        total += math.log(e.sum()) - float(Z[n, right] - Z[n].max())
        dZ[n] = e / e.sum()
        dZ[n, right] -= 1
    return total / len(y), dZ / len(y)


class TestError:
    """Softmax and cross-entropy together."""

    exercise = "mlp.error"

    @drawn(answer=answers(), examples=25)
    def test_loss(self, student, answer):
        """The loss is the mean over the points of -log P[n, y_n], where P is softmax of each row of Z."""
        Z, y = answer
        loss, _ = student(Z, y)
        same(loss, surprise(Z, y)[0], "the loss")

    @drawn(answer=answers(), examples=25)
    def test_gradient(self, student, answer):
        """The gradient dZ is (P - onehot(y)) / N."""
        Z, y = answer
        _, dZ = student(Z, y)
        same(dZ, surprise(Z, y)[1], "dZ")

    @drawn(answer=answers(), size=st.sampled_from([1000, -1000]), examples=10)
    def test_large_nets(self, student, answer, size):
        """Adding 1000 to all nets, or -1000, changes neither the loss nor the gradient."""
        Z, y = answer
        loss, dZ = student(Z + Z.dtype.type(size), y)
        same(loss, surprise(Z, y)[0], "the loss")
        same(dZ, surprise(Z, y)[1], "dZ")

    @drawn(answer=answers(), examples=10)
    def test_sure_and_wrong(self, student, answer):
        """Where the right class has a probability too small for a number, the loss is large and still right."""
        Z, y = answer
        loss, dZ = student(1000 * Z, y)
        same(loss, surprise(1000 * Z, y)[0], "the loss")
        same(dZ, surprise(1000 * Z, y)[1], "dZ")


class TestTanh:
    """A first function with its vjp."""

    exercise = "functional.tanh"

    @drawn(activation=activations(), examples=25)
    def test_value(self, student, activation):
        """The value y is (exp(x) - exp(-x)) / (exp(x) + exp(-x)), element by element."""
        x, _ = activation
        y, _ = student(x)
        same(y, np.vectorize(math.tanh, otypes=[float])(x), "y")

    @drawn(activation=activations(), examples=25)
    def test_vjp(self, student, activation):
        """vjp(dy) is the slope 1 - y², times the upstream gradient dy."""
        x, dy = activation
        _, vjp = student(x)
        same(vjp(dy), dy * np.vectorize(lambda a: 1 / math.cosh(a) ** 2, otypes=[float])(x), "vjp(dy)")

    @drawn(activation=activations(), examples=8)
    def test_far_out(self, student, activation):
        """Nets of 1000 and -1000 give 1 and -1, and a slope of 0."""
        x, dy = activation
        x = x.dtype.type(1000) * x
        y, vjp = student(x)
        same(y, np.sign(x), "y")
        same(vjp(dy), np.where(x == 0, dy, 0), "vjp(dy)")

    @drawn(activation=activations(), examples=8)
    def test_vjp_again(self, student, activation):
        """The vjp of one call stays the same after other calls, and is linear in dy."""
        x, dy = activation
        _, vjp = student(x)
        student(x + 1)[1](dy)
        vjp(dy)
        same(
            vjp(3 * dy),
            3 * dy * np.vectorize(lambda a: 1 / math.cosh(a) ** 2, otypes=[float])(x),
            "vjp(dy)",
            KEPT_ELSEWHERE,
        )


class TestBackward:
    """The gradients of all weights and biases, each from its own sum over the points."""

    exercise = "mlp.backward"

    @drawn(passed=backward_passes(), examples=20)
    def test_output_weights(self, student, passed):
        """The entry dW2[k, m] is the sum over the points of dZ[n, k] H[n, m]."""
        _, _, H, dZ = passed
        _, _, dW2, _ = student(*passed)
        same(dW2, sum(np.outer(dz, h) for dz, h in zip(dZ, H)), "dW2")

    @drawn(passed=backward_passes(), examples=20)
    def test_biases(self, student, passed):
        """A bias acts on every point: db2 sums the rows of dZ, db1 the rows of the gradient of the hidden nets."""
        W2, _, H, dZ = passed
        _, db1, _, db2 = student(*passed)
        same(db2, sum(dZ), "db2")
        same(db1, sum((W2.T @ dz) * (1 - h**2) for dz, h in zip(dZ, H)), "db1")

    @drawn(passed=backward_passes(), examples=20)
    def test_hidden_weights(self, student, passed):
        """The entry dW1[m, d] is the sum over the points of (Σ_k dZ[n, k] W2[k, m]) (1 - H[n, m]²) X[n, d]."""
        W2, X, H, dZ = passed
        dW1, _, _, _ = student(*passed)
        same(dW1, sum(np.outer((W2.T @ dz) * (1 - h**2), x) for dz, h, x in zip(dZ, H, X)), "dW1")

    @drawn(seed=st.integers(0, 99), examples=4)
    def test_slope(self, student, seed):
        """Move all weights a little: the change of Σ dZ Z is what the four gradients say."""
        rng = np.random.default_rng(seed)
        weights = [rng.normal(size=shape) for shape in ((4, 3), (4,), (2, 4), (2,))]
        ways = [rng.normal(size=w.shape) for w in weights]
        X, dZ = rng.normal(size=(20, 3)), rng.normal(size=(20, 2))

        def total(t: complex) -> Any:
            W1, b1, W2, b2 = (w + t * way for w, way in zip(weights, ways))
            return (dZ * (np.tanh(X @ W1.T + b1) @ W2.T + b2)).sum()

        slope = total(1e-20j).imag / 1e-20  # a step into the imaginary: nothing is rounded away
        gradients = student(weights[2], X, np.tanh(X @ weights[0].T + weights[1]), dZ)
        told = sum(float((dw * way).sum()) for dw, way in zip(gradients, ways))
        same(told, float(slope), "the slope", "The four gradients do not say how the loss changes.")


class TestUpdate:
    """One step with momentum."""

    exercise = "mlp.update"

    @drawn(step=steps(), examples=25)
    def test_step(self, student, step):
        """The new step is momentum v - rate dw."""
        _, dw, v, rate, momentum = step
        _, new = student(*step)
        same(new, momentum * v.astype(float) - rate * dw.astype(float), "v")

    @drawn(step=steps(), examples=25)
    def test_weights(self, student, step):
        """The weights move by the new step."""
        w, dw, v, rate, momentum = step
        moved, _ = student(*step)
        same(moved, w.astype(float) + momentum * v - rate * dw, "w")

    @drawn(step=steps(), examples=3)
    def test_ball_in_a_bowl(self, student, step):
        """Step after step, a ball in the bowl w²/2 comes to rest at its bottom."""
        w, _, v, _, _ = step
        for _ in range(50):
            w, v = student(w, w, v, 0.5, 0.25)
        same(w, np.zeros_like(w), "w", "After 50 steps down the bowl w²/2 the weights are not at its bottom.")
