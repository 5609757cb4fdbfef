"""mlp.forward: both layers, point by point."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from nnlite.course.checks import drawn, same
from nnlite.course.checks import strategies as st
from nnlite.course.exercise import Exercise
from nnlite.course.lessons.backpropagation.drawn import dtypes, halves

EXERCISE = Exercise(
    "mlp.forward",
    module="nnlite.models.networks.mlp",
    minutes=15,
    points=2,
    teaches="a layer of neurons as one matrix product; what a hidden layer is",
    presumes=("net = wᵀx", "the matrix product @ and the transpose .T in NumPy"),
    hints=(
        "Each row of W1 is one neuron and each row of X is one point. Which product of the two has one row "
        "for each point and one column for each neuron?",
        "X @ W1.T has the shape (N, M). Add b1 and take the hyperbolic tangent: that is H. The output layer "
        "does the same to H with W2 and b2, but without tanh.",
        "H = np.tanh(X @ W1.T + b1), then Z = H @ W2.T + b2. Return Z first, then H.",
    ),
    returns=("Z", "H"),
)


@st.composite
def networks(draw: Any) -> Any:
    """Weights, biases and a few points: (W1, b1, W2, b2, X)."""
    n, d, m, k = (draw(st.integers(1, 3)) for _ in range(4))
    dtype = draw(dtypes)
    return tuple(halves(draw, shape, dtype) for shape in ((m, d), (m,), (k, m), (k,), (n, d)))


def answered(W1: Any, b1: Any, X: Any) -> Any:
    """What each hidden neuron answers to each point, one by one."""
    return np.array([[math.tanh(float(w @ x) + float(b)) for w, b in zip(W1, b1)] for x in X])


@EXERCISE.check
class TestForward:
    """Both layers, point by point."""

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


@EXERCISE.mistake("You left out tanh: without it two layers are no more than one, for W2 W1 is a matrix again.")
def forward_without_tanh(W1, b1, W2, b2, X):
    H = X @ W1.T + b1
    return H @ W2.T + b2, H


@EXERCISE.mistake("The output neurons got a tanh too: Z are their nets, as they are.")
def forward_tanh_on_the_output(W1, b1, W2, b2, X):
    H = np.tanh(X @ W1.T + b1)
    return np.tanh(H @ W2.T + b2), H


@EXERCISE.mistake("You left out the bias b1 of the hidden neurons.")
def forward_without_b1(W1, b1, W2, b2, X):
    H = np.tanh(X @ W1.T)
    return H @ W2.T + b2, H


@EXERCISE.mistake("You left out the bias b2 of the output neurons.")
def forward_without_b2(W1, b1, W2, b2, X):
    H = np.tanh(X @ W1.T + b1)
    return H @ W2.T, H


@EXERCISE.mistake("You left out both biases, b1 and b2.")
def forward_without_biases(W1, b1, W2, b2, X):
    H = np.tanh(X @ W1.T)
    return H @ W2.T, H


@EXERCISE.mistake("The bias b1 came too late: it belongs to the net, inside tanh.")
def forward_bias_after_tanh(W1, b1, W2, b2, X):
    H = np.tanh(X @ W1.T) + b1
    return H @ W2.T + b2, H


@EXERCISE.mistake("The other way round: the function returns Z first, then H.")
def forward_results_swapped(W1, b1, W2, b2, X):
    H = np.tanh(X @ W1.T + b1)
    return H, H @ W2.T + b2


@EXERCISE.mistake("You returned the nets of the hidden neurons: H is what they answer, after tanh.")
def forward_returns_the_hidden_nets(W1, b1, W2, b2, X):
    A = X @ W1.T + b1
    return np.tanh(A) @ W2.T + b2, A


@EXERCISE.mistake("Your hidden neurons answer with the sigmoid: this network uses tanh, from -1 to 1.")
def forward_sigmoid(W1, b1, W2, b2, X):
    H = 1 / (1 + np.exp(-(X @ W1.T + b1)))
    return H @ W2.T + b2, H


@EXERCISE.mistake("Your hidden neurons answer with max(0, net): this network uses tanh.")
def forward_relu(W1, b1, W2, b2, X):
    H = np.maximum(X @ W1.T + b1, 0)
    return H @ W2.T + b2, H


@EXERCISE.mistake("The weights are not transposed: each row of W1 and of W2 is one neuron, so the product is X @ W1.T.")
def forward_not_transposed(W1, b1, W2, b2, X):
    H = np.tanh(X @ W1 + b1)
    return H @ W2 + b2, H


@EXERCISE.mistake("Everything stands on its side: points are rows, in X as in H and Z, so write X @ W1.T.")
def forward_points_as_columns(W1, b1, W2, b2, X):
    H = np.tanh(W1 @ X.T + b1[:, None])
    return W2 @ H + b2[:, None], H


@EXERCISE.mistake("You returned Z alone: the backward pass needs H too, so return the pair (Z, H).")
def forward_without_h(W1, b1, W2, b2, X):
    return np.tanh(X @ W1.T + b1) @ W2.T + b2


@EXERCISE.mistake("The results are float64 whatever the weights are: keep the dtype.")
def forward_always_float64(W1, b1, W2, b2, X):
    H = np.tanh(X.astype(np.float64) @ W1.T + b1)
    return H @ W2.T + b2, H


@EXERCISE.mistake("Only the first point was sent through: X holds many, one in each row.")
def forward_first_point_only(W1, b1, W2, b2, X):
    H = np.tanh(np.broadcast_to(X[0], X.shape) @ W1.T + b1)
    return H @ W2.T + b2, H
