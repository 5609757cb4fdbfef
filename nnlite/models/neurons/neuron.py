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

from nnlite.arguments import Array
from nnlite.contracts import floats, takes, word
from nnlite.registry import exercise

#: the weights of a neuron that looks at points of D numbers
WEIGHTS = floats("D", finite=True, hint="with_bias adds the bias column")


@exercise("neuron.with_bias", takes=dict(X=floats("... n", hint="a point (n,) or points (N, n)")))
def with_bias(X: Array) -> Array:
    """Put the virtual input 1 in front of every point.

    The bias is then a weight like any other: that of an input which is always 1.

    Parameters
    ----------
    X : numpy.ndarray, shape (n,) or (N, n) or (..., n)
        One point, or many: the last axis holds the inputs of one point.

    Returns
    -------
    numpy.ndarray, shape (1 + n,) or (N, 1 + n) or (..., 1 + n)
        The points x = (1, x1, ..., xn): a new array, in the dtype of `X`.

    Raises
    ------
    TypeError
        If `X` does not hold real numbers. Integers and lists become float32.
    ValueError
        If `X` is a single number.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite.models.neurons.neuron import with_bias
    >>> with_bias(np.array([[5.0, 7.0], [6.0, 8.0]]))
    array([[1., 5., 7.],
           [1., 6., 8.]])
    """
    ones = np.ones((*X.shape[:-1], 1), X.dtype)  # one for each point
    return np.concatenate([ones, X], axis=-1)


@exercise("neuron.net", takes=dict(w=floats("D"), x=floats("D", "N D")))
def net(w: Array, x: Array) -> Any:
    """Sum the weighted inputs: net = w^T x, for one point or for many at once.

    Parameters
    ----------
    w : numpy.ndarray, shape (D,)
        The weights. There is nothing special about the bias: it is among them, and its input 1 is among the inputs.
    x : numpy.ndarray, shape (D,) or (N, D)
        One point, or many, one per row.

    Returns
    -------
    numpy.ndarray, shape () or (N,)
        The sum for each point; for one point alone, one number.

    Raises
    ------
    TypeError
        If the arguments do not hold real numbers.
    ValueError
        If the last axis of `x` is not as long as `w`.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite.models.neurons.neuron import net
    >>> w = np.array([-1.5, 1.0, 1.0])
    >>> float(net(w, np.array([1.0, 1.0, 1.0])))
    0.5
    >>> net(w, np.array([[1.0, 1.0, 1.0], [1.0, 0.0, 1.0]]))
    array([ 0.5, -0.5])
    """
    return x @ w


@takes("step", net=floats())
def step(net: Any) -> Array:
    """Fire (1) where net >= 0, else stay silent (0): the neuron of 1943."""
    return np.heaviside(net, net.dtype.type(1))


@takes("sign", net=floats())
def sign(net: Any) -> Array:
    """+1 or -1 as net is positive or negative; 0 where it is zero and the neuron is undecided."""
    return np.sign(net)


@takes("linear", net=floats())
def linear(net: Any) -> Array:
    """net itself, as in Adaline."""
    return net.copy()


@exercise("neuron.sigmoid", takes=dict(net=floats()))
def sigmoid(net: Array) -> Array:
    """Squeeze net into the range from 0 to 1: y = 1 / (1 + e^-net), without overflow.

    Read literally the formula needs e^1000 where net = -1000, and that is more than a floating-point number can
    hold. An exponential of something negative is always safe. Multiplied above and below by e^net, the same
    fraction is e^net / (1 + e^net).

    Parameters
    ----------
    net : numpy.ndarray of any shape
        The sums of the neurons, as large as they like.

    Returns
    -------
    numpy.ndarray of the shape and dtype of `net`
        The answers: 1/2 where net is 0, nearly 1 far above it, and far below it nearly e^net: tiny, but not 0 as long
        as the dtype can hold it.

    Raises
    ------
    TypeError
        If `net` does not hold real numbers.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite.models.neurons.neuron import sigmoid
    >>> sigmoid(np.array([-1000.0, 0.0, 1000.0]))
    array([0. , 0.5, 1. ])
    """
    e = np.exp(-np.abs(net))  # never more than 1
    return np.where(net >= 0, 1, e) / (1 + e)


@takes("tanh", net=floats())
def tanh(net: Any) -> Array:
    """(e^net - e^-net) / (e^net + e^-net)."""
    return np.tanh(net)


@takes("relu", net=floats())
def relu(net: Any) -> Array:
    """The positive part of net."""
    return np.maximum(net, 0)


@takes("derivative", net=floats())
def flat_derivative(net: Any) -> Array:
    """0: step and sign are flat wherever they have a derivative, which is why gradients cannot train them."""
    return np.zeros_like(net)


@takes("derivative", net=floats())
def linear_derivative(net: Any) -> Array:
    """1."""
    return np.ones_like(net)


@exercise("neuron.sigmoid_derivative", takes=dict(net=floats()))
def sigmoid_derivative(net: Array) -> Array:
    """Return the slope of the sigmoid: how much y = 1 / (1 + e^-net) changes with net.

    It can be written with the answer alone, as y (1 - y), or as e^-net / (1 + e^-net)^2. The slope is the same at
    net and at -net. Far from 0 it is nearly 0, never NaN, however large net may be.

    Parameters
    ----------
    net : numpy.ndarray of any shape
        The sums of the neurons: where the slope is wanted.

    Returns
    -------
    numpy.ndarray of the shape and dtype of `net`
        The slope there, from 0 to 1/4.

    Raises
    ------
    TypeError
        If `net` does not hold real numbers.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite.models.neurons.neuron import sigmoid_derivative
    >>> sigmoid_derivative(np.array([-1000.0, 0.0, 1000.0]))
    array([0.  , 0.25, 0.  ])
    """
    e = np.exp(-np.abs(net))  # never more than 1
    return e / (1 + e) ** 2


def tanh_derivative(net: Any) -> Array:
    """1 - y^2, where y is tanh."""
    return 1 - tanh(net) ** 2


@takes("derivative", net=floats())
def relu_derivative(net: Any) -> Array:
    """1 where net > 0, else 0; at the kink itself we take 0."""
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
    >>> from nnlite.models.neurons.neuron import Neuron
    >>> conjunction = Neuron([-1.5, 1, 1])
    >>> conjunction
    Neuron: step(-1.5 + x1 + x2)
    >>> conjunction([[0, 0], [0, 1], [1, 0], [1, 1]])
    array([0., 0., 0., 1.], dtype=float32)
    """

    @takes("Neuron", w=floats("D>0", finite=True, hint="the bias w0, then the weights"), activation=word(*ACTIVATIONS))
    def __init__(self, w: Any, activation: str = "step") -> None:
        self.w = w
        self.activation = activation

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
