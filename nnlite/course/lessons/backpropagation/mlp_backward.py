"""mlp.backward: the gradients of all weights and biases, each from its own sum over the points."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlite.course.checks import drawn, same
from nnlite.course.checks import strategies as st
from nnlite.course.exercise import Exercise
from nnlite.course.lessons.backpropagation.drawn import dtypes, halves

EXERCISE = Exercise(
    "mlp.backward",
    module="nnlite.models.networks.mlp",
    minutes=45,
    points=4,
    teaches="backpropagation: the chain rule through two layers, and why each gradient has its weight's shape",
    presumes=("mlp.forward", "functional.tanh"),
    hints=(
        "Go backwards, one line of the forward pass at a time. Z = H @ W2.T + b2 gives dW2, db2 and dH; "
        "H = tanh(A) gives dA; A = X @ W1.T + b1 gives dW1 and db1. Each gradient has the shape of what it "
        "belongs to.",
        "Weight W2[k, m] acts on Z[n, k] through H[n, m], for every point n: so sum dZ[n, k] H[n, m] over n, "
        "which is dZ.T @ H. A bias acts on every point directly. Towards the inputs: dH = dZ @ W2.",
        "dW2 = dZ.T @ H; db2 = dZ.sum(axis=0); dA = (dZ @ W2) * (1 - H * H); dW1 = dA.T @ X; "
        "db1 = dA.sum(axis=0). Return dW1, db1, dW2, db2.",
    ),
    returns=("dW1", "db1", "dW2", "db2"),
)


@st.composite
def backward_passes(draw: Any) -> Any:
    """What a backward pass gets, (W2, X, H, dZ): the answers H lie between -1 and 1."""
    n, d, m, k = (draw(st.integers(1, 3)) for _ in range(4))
    dtype = draw(dtypes)
    W2, X, dZ = (halves(draw, shape, dtype) for shape in ((k, m), (n, d), (n, k)))
    return W2, X, halves(draw, (n, m), dtype, most=2), dZ


@EXERCISE.check
class TestBackward:
    """The gradients of all weights and biases, each from its own sum over the points."""

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


def _back(W2, X, H, dZ, slope):
    dA = (dZ @ W2) * slope
    return dA.T @ X, dA.sum(axis=0), dZ.T @ H, dZ.sum(axis=0)


@EXERCISE.mistake("You left out the slope of tanh: what comes back to a hidden net is dH (1 - H²).")
def backward_without_slope(W2, X, H, dZ):
    return _back(W2, X, H, dZ, 1)


@EXERCISE.mistake("The square is missing: the slope of tanh is 1 - H², not 1 - H.")
def backward_no_square(W2, X, H, dZ):
    return _back(W2, X, H, dZ, 1 - H)


@EXERCISE.mistake("This is the slope of the sigmoid, H (1 - H): that of tanh is 1 - H².")
def backward_slope_of_the_sigmoid(W2, X, H, dZ):
    return _back(W2, X, H, dZ, H * (1 - H))


@EXERCISE.mistake("You took tanh of H once more: H is tanh of the net already, so the slope is 1 - H².")
def backward_tanh_twice(W2, X, H, dZ):
    return _back(W2, X, H, dZ, 1 - np.tanh(H) ** 2)


@EXERCISE.mistake("You ignored dZ: the gradients answer as if it were all ones.")
def backward_ignores_dz(W2, X, H, dZ):
    return _back(W2, X, H, np.ones_like(dZ), 1 - H * H)


@EXERCISE.mistake("The weights W2 are transposed: dH = dZ @ W2 brings (N, K) to (N, M).")
def backward_weights_transposed(W2, X, H, dZ):
    dA = (dZ @ W2.T) * (1 - H * H)
    return dA.T @ X, dA.sum(axis=0), dZ.T @ H, dZ.sum(axis=0)


@EXERCISE.mistake("The gradients of the weights stand on their side: dW2 has the shape of W2, so dZ.T @ H.")
def backward_gradients_transposed(W2, X, H, dZ):
    dW1, db1, dW2, db2 = _back(W2, X, H, dZ, 1 - H * H)
    return dW1.T.copy(), db1, dW2.T.copy(), db2


@EXERCISE.mistake("You took means over the points: dZ holds its 1/N already, so sum.")
def backward_means(W2, X, H, dZ):
    return tuple(d / len(X) for d in _back(W2, X, H, dZ, 1 - H * H))


@EXERCISE.mistake("The gradients of the biases are means over the points: they are sums, as for the weights.")
def backward_means_for_biases(W2, X, H, dZ):
    dA = (dZ @ W2) * (1 - H * H)
    return dA.T @ X, dA.mean(axis=0), dZ.T @ H, dZ.mean(axis=0)


@EXERCISE.mistake("The gradients of the biases are not summed over the points: each bias has one gradient.")
def backward_biases_not_summed(W2, X, H, dZ):
    dA = (dZ @ W2) * (1 - H * H)
    return dA.T @ X, dA, dZ.T @ H, dZ + 0


@EXERCISE.mistake("The biases' sums run over the neurons: they must run over the points, axis 0.")
def backward_biases_summed_over_neurons(W2, X, H, dZ):
    dA = (dZ @ W2) * (1 - H * H)
    return dA.T @ X, dA.sum(axis=1), dZ.T @ H, dZ.sum(axis=1)


@EXERCISE.mistake("One number for all biases: sum over the points only, axis 0.")
def backward_one_number_for_all_biases(W2, X, H, dZ):
    dA = (dZ @ W2) * (1 - H * H)
    return dA.T @ X, dA.sum(), dZ.T @ H, dZ.sum()


@EXERCISE.mistake("keepdims=True is too much here: db1 has the shape (M,), db2 the shape (K,).")
def backward_keepdims(W2, X, H, dZ):
    dA = (dZ @ W2) * (1 - H * H)
    return dA.T @ X, dA.sum(axis=0, keepdims=True), dZ.T @ H, dZ.sum(axis=0, keepdims=True)


@EXERCISE.mistake("db1 was taken before the slope of tanh: a bias of the hidden layer belongs to the net.")
def backward_db1_before_the_slope(W2, X, H, dZ):
    dW1, _, dW2, db2 = _back(W2, X, H, dZ, 1 - H * H)
    return dW1, (dZ @ W2).sum(axis=0), dW2, db2


@EXERCISE.mistake("dW1 was taken before the slope of tanh: the weights act on the net, inside tanh.")
def backward_dw1_before_the_slope(W2, X, H, dZ):
    _, db1, dW2, db2 = _back(W2, X, H, dZ, 1 - H * H)
    return (dZ @ W2).T @ X, db1, dW2, db2


@EXERCISE.mistake("The order of the results is wrong: dW1, db1, dW2, db2.")
def backward_output_layer_first(W2, X, H, dZ):
    dW1, db1, dW2, db2 = _back(W2, X, H, dZ, 1 - H * H)
    return dW2, db2, dW1, db1


@EXERCISE.mistake("The order of the results is wrong, weights first, then biases: it is dW1, db1, dW2, db2.")
def backward_weights_first(W2, X, H, dZ):
    dW1, db1, dW2, db2 = _back(W2, X, H, dZ, 1 - H * H)
    return dW1, dW2, db1, db2


@EXERCISE.mistake("The sign is flipped: these are gradients, uphill; the minus comes with the update.")
def backward_sign_flipped(W2, X, H, dZ):
    return tuple(-d for d in _back(W2, X, H, dZ, 1 - H * H))


@EXERCISE.mistake("You changed dZ in place: it belongs to the caller.")
def backward_in_place(W2, X, H, dZ):
    result = _back(W2, X, H, dZ, 1 - H * H)
    dZ *= 0
    return result
