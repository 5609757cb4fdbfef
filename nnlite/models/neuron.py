"""The artificial neuron: a weighted sum of the inputs and an activation function.

McCulloch and Pitts, "A logical calculus of the ideas immanent in nervous activity" (1943); the weights
and the bias as we write them are Rosenblatt's (1958). The bias is the weight of a virtual input that is
always one::

    x = (1, x1, ..., xn)        net = w0 + w1 x1 + ... + wn xn = w^T x        y = f(net)

An input layer only distributes the signals: it computes nothing, and so it needs no code.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from nnlite.arguments import Array, float_array, one_of, shape_is


def with_bias(X: Any) -> Array:
    """Put the virtual input 1 in front of every point.

    Parameters
    ----------
    X : array_like, shape (..., n)
        One point or many.

    Returns
    -------
    numpy.ndarray, shape (..., 1 + n)
        The points x = (1, x1, ..., xn), in the float dtype of `X` (float32 for integers and lists).

    Raises
    ------
    TypeError
        If `X` does not hold real numbers.
    ValueError
        If `X` is a single number.

    Examples
    --------
    >>> with_bias([[5.0, 7.0]])
    array([[1., 5., 7.]], dtype=float32)
    """
    X = float_array(X, "with_bias: X")
    if X.ndim == 0:
        raise ValueError("with_bias: X is a single number, expected a point (n,) or points (N, n)")
    out = np.empty((*X.shape[:-1], 1 + X.shape[-1]), X.dtype)
    out[..., 0] = 1
    out[..., 1:] = X
    return out


def net(w: Any, x: Any) -> Any:
    """Sum the weighted inputs: net = w^T x.

    Parameters
    ----------
    w : array_like, shape (n,)
        The weights, the bias among them if `x` has the virtual input.
    x : array_like, shape (n,) or (N, n)
        One point or many.

    Returns
    -------
    numpy.ndarray, shape () or (N,)
        The sum for each point.

    Raises
    ------
    TypeError
        If the arguments do not hold real numbers.
    ValueError
        If the last axis of `x` is not as long as `w`.

    Examples
    --------
    >>> float(net([-1.5, 1.0, 1.0], [1.0, 1.0, 1.0]))
    0.5
    """
    w = float_array(w, "net: w", ndim=1)
    x = float_array(x, "net: x", ndim=(1, 2))
    shape_is(x, "net: x", (*x.shape[:-1], len(w)), f"to match w of shape {w.shape}")
    return x @ w


def step(net: Any) -> Array:
    """Fire (1) where net >= 0, else stay silent (0): the neuron of 1943."""
    net = float_array(net, "step: net")
    return np.heaviside(net, net.dtype.type(1))


def sign(net: Any) -> Array:
    """+1 or -1 as net is positive or negative; 0 where it is zero and the neuron is undecided."""
    return np.sign(float_array(net, "sign: net"))


def linear(net: Any) -> Array:
    """net itself, as in Adaline."""
    return float_array(net, "linear: net").copy()


def sigmoid(net: Any) -> Array:
    """1 / (1 + e^-net), written so that nothing overflows."""
    net = float_array(net, "sigmoid: net")
    e = np.exp(-np.abs(net))
    return np.where(net >= 0, 1, e) / (1 + e)


def tanh(net: Any) -> Array:
    """(e^net - e^-net) / (e^net + e^-net)."""
    return np.tanh(float_array(net, "tanh: net"))


def relu(net: Any) -> Array:
    """The positive part of net."""
    return np.maximum(float_array(net, "relu: net"), 0)


def flat_derivative(net: Any) -> Array:
    """0: step and sign are flat wherever they have a derivative, which is why gradients cannot train them."""
    return np.zeros_like(float_array(net, "derivative: net"))


def linear_derivative(net: Any) -> Array:
    """1."""
    return np.ones_like(float_array(net, "derivative: net"))


def sigmoid_derivative(net: Any) -> Array:
    """y (1 - y), where y is the sigmoid."""
    return sigmoid(net) * sigmoid(-float_array(net, "derivative: net"))


def tanh_derivative(net: Any) -> Array:
    """1 - y^2, where y is tanh."""
    return 1 - tanh(net) ** 2


def relu_derivative(net: Any) -> Array:
    """1 where net > 0, else 0; at the kink itself we take 0."""
    net = float_array(net, "derivative: net")
    return (net > 0).astype(net.dtype)


#: each activation by its name: the function and its derivative with respect to net
ACTIVATIONS: dict[str, tuple[Callable[[Any], Array], Callable[[Any], Array]]] = {
    "step": (step, flat_derivative),
    "sign": (sign, flat_derivative),
    "linear": (linear, linear_derivative),
    "sigmoid": (sigmoid, sigmoid_derivative),
    "tanh": (tanh, tanh_derivative),
    "relu": (relu, relu_derivative),
}


class Neuron:
    """One neuron: call it on points without the virtual input, it adds the bias by itself.

    Parameters
    ----------
    w : array_like, shape (1 + n,)
        The bias w0 and the weights w1 ... wn.
    activation : str
        A name in :data:`ACTIVATIONS`.

    Raises
    ------
    TypeError, ValueError
        If `w` is not a non-empty vector of finite numbers or `activation` is unknown.

    Examples
    --------
    >>> conjunction = Neuron([-1.5, 1, 1])
    >>> conjunction
    Neuron: step(-1.5 + x1 + x2)
    >>> conjunction([[0, 0], [0, 1], [1, 0], [1, 1]])
    array([0., 0., 0., 1.], dtype=float32)
    """

    def __init__(self, w: Any, activation: str = "step") -> None:
        self.w = float_array(w, "Neuron: w", ndim=1, finite=True)
        if len(self.w) == 0:
            raise ValueError("Neuron: w is empty, expected at least the bias")
        self.activation = one_of(activation, "Neuron: activation", ACTIVATIONS)

    def net(self, x: Any) -> Any:
        """Return w^T x for points of shape (n,) or (N, n)."""
        return net(self.w, with_bias(x))

    def __call__(self, x: Any) -> Any:
        """Return f(net) for points of shape (n,) or (N, n)."""
        return ACTIVATIONS[self.activation][0](self.net(x))

    def __repr__(self) -> str:
        terms = [f"{self.w[0]:.4g}"]
        for i, weight in enumerate(self.w[1:], start=1):
            size = "" if abs(weight) == 1 else f"{abs(weight):.4g} "
            terms.append(f"{'-' if weight < 0 else '+'} {size}x{i}")
        if len(terms) > 9:
            terms[6:-1] = ["+ ..."]
        return f"Neuron: {self.activation}({' '.join(terms)})"
