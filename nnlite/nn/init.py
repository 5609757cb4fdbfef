"""How weights begin: random, of a size that keeps signals neither growing nor fading from layer to layer.

    Xavier       Var(w) = 2 / (fan_in + fan_out)                    (Glorot and Bengio 2010)
    Kaiming      Var(w) = gain^2 / fan_in, gain^2 = 2 for ReLU      (He et al. 2015)
    orthogonal   W W^T = 1                                          (Saxe, McClelland, Ganguli 2013)

The functions whose names end in ``_`` fill a weight in place and return it, as PyTorch's do; the others return a new
array.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from nnlite.arguments import Array, integer, number, one_of
from nnlite.random import generator
from nnlite.registry import exercise
from nnlite.tensor import Tensor


def uniform(shape: tuple[int, ...], bound: float, rng: Any = None) -> Array:
    """Return float32 numbers drawn evenly from [-bound, bound).

    Examples
    --------
    >>> uniform((2, 3), 0.5, rng=0).dtype
    dtype('float32')
    """
    return generator(rng).uniform(-bound, bound, shape).astype(np.float32)


def normal(shape: tuple[int, ...], std: float, rng: Any = None) -> Array:
    """Return float32 numbers drawn from a normal distribution with mean 0.

    Examples
    --------
    >>> normal((2, 3), 1.0, rng=0).shape
    (2, 3)
    """
    return (generator(rng).standard_normal(shape) * std).astype(np.float32)


def fan_in_uniform(shape: tuple[int, ...], fan_in: int, rng: Any = None) -> Array:
    """Return weights with bound 1/sqrt(fan_in), PyTorch's default for linear and convolution layers.

    Examples
    --------
    >>> bool(np.abs(fan_in_uniform((100, 4), 4, rng=0)).max() <= 0.5)
    True
    """
    return uniform(shape, 1 / math.sqrt(fan_in) if fan_in > 0 else 0.0, rng)


def xavier_uniform(shape: tuple[int, int], rng: Any = None) -> Array:
    """Return weights with bound sqrt(6 / (fan_in + fan_out)) (Glorot and Bengio 2010).

    Examples
    --------
    >>> bool(np.abs(xavier_uniform((3, 3), rng=0)).max() <= 1)
    True
    """
    return uniform(shape, math.sqrt(6 / (shape[0] + shape[1])), rng)


# In place


def _shape(tensor: Any, name: str) -> tuple[int, ...]:
    """The shape of what is to be filled, after it has been found fit for it."""
    array = tensor.data if isinstance(tensor, Tensor) else tensor
    if not isinstance(array, np.ndarray):
        raise TypeError(f"{name}: tensor is a {type(tensor).__name__}, expected a Tensor or an array")
    if array.dtype.kind != "f":
        raise TypeError(f"{name}: tensor has dtype {array.dtype}, expected a float dtype")
    if isinstance(tensor, Tensor) and tensor.node is not None:
        raise ValueError(f"{name}: tensor was computed by {tensor.node.name!r}, expected a leaf such as a weight")
    return array.shape


def _fill(tensor: Any, values: Any) -> Any:
    if isinstance(tensor, Tensor):
        tensor.data[...] = values
        tensor.version += 1
    else:
        tensor[...] = values
    return tensor


def _fans(tensor: Any, name: str) -> tuple[int, int]:
    """How many inputs a neuron has, and how many neurons an input reaches: (out, in, *kernel)."""
    shape = _shape(tensor, name)
    if len(shape) < 2:
        raise ValueError(f"{name}: tensor has shape {shape}, expected at least two axes (out, in, ...)")
    taps = math.prod(shape[2:])
    return shape[1] * taps, shape[0] * taps


def constant_(tensor: Any, val: float) -> Any:
    """Fill with one number.

    Examples
    --------
    >>> constant_(np.zeros(2), 3.0)
    array([3., 3.])
    """
    _shape(tensor, "constant_")
    return _fill(tensor, number(val, "constant_: val"))


def zeros_(tensor: Any) -> Any:
    """Fill with 0.

    Examples
    --------
    >>> zeros_(np.ones(2))
    array([0., 0.])
    """
    _shape(tensor, "zeros_")
    return _fill(tensor, 0)


def ones_(tensor: Any) -> Any:
    """Fill with 1.

    Examples
    --------
    >>> ones_(np.zeros(2))
    array([1., 1.])
    """
    _shape(tensor, "ones_")
    return _fill(tensor, 1)


def eye_(tensor: Any) -> Any:
    """Fill a matrix with 1 on the diagonal and 0 elsewhere.

    Examples
    --------
    >>> eye_(np.ones((2, 2)))
    array([[1., 0.],
           [0., 1.]])
    """
    shape = _shape(tensor, "eye_")
    if len(shape) != 2:
        raise ValueError(f"eye_: tensor has shape {shape}, expected two axes")
    return _fill(tensor, np.eye(*shape))


def uniform_(tensor: Any, a: float = 0.0, b: float = 1.0, rng: Any = None) -> Any:
    """Fill with numbers drawn evenly from [a, b).

    Examples
    --------
    >>> bool((uniform_(np.zeros(5), 2, 3, rng=0) >= 2).all())
    True
    """
    shape = _shape(tensor, "uniform_")
    if number(a, "uniform_: a") > number(b, "uniform_: b"):
        raise ValueError(f"uniform_: a is {a}, expected at most b={b}")
    return _fill(tensor, generator(rng).uniform(a, b, shape))


def normal_(tensor: Any, mean: float = 0.0, std: float = 1.0, rng: Any = None) -> Any:
    """Fill with numbers drawn from a normal distribution.

    Examples
    --------
    >>> normal_(np.zeros((2, 3)), rng=0).shape
    (2, 3)
    """
    shape = _shape(tensor, "normal_")
    mean, std = number(mean, "normal_: mean"), number(std, "normal_: std", low=0)
    return _fill(tensor, mean + std * generator(rng).standard_normal(shape))


def trunc_normal_(
    tensor: Any, mean: float = 0.0, std: float = 1.0, a: float = -2.0, b: float = 2.0, rng: Any = None
) -> Any:
    """Fill with numbers drawn from a normal distribution, those outside [a, b] being drawn again.

    Examples
    --------
    >>> bool(np.abs(trunc_normal_(np.zeros(1000), a=-1, b=1, rng=0)).max() <= 1)
    True
    """
    shape = _shape(tensor, "trunc_normal_")
    mean, std = number(mean, "trunc_normal_: mean"), number(std, "trunc_normal_: std", low=0)
    if number(a, "trunc_normal_: a") >= number(b, "trunc_normal_: b"):
        raise ValueError(f"trunc_normal_: a is {a}, expected less than b={b}")
    if std == 0:
        raise ValueError("trunc_normal_: std is 0, expected a number > 0")
    z = _standard_between((a - mean) / std, (b - mean) / std, math.prod(shape), generator(rng))
    return _fill(tensor, np.clip(mean + std * z, a, b).reshape(shape))


def _standard_between(low: float, high: float, size: int, rng: np.random.Generator) -> Array:
    """Normal numbers between `low` and `high`, by rejection.

    Where the normal distribution has little mass between them, numbers are proposed evenly instead and kept with a
    probability proportional to the density, or a window far out in the tail would never be hit.
    """
    mass = 0.5 * (math.erf(high / math.sqrt(2)) - math.erf(low / math.sqrt(2)))
    nearest = min(max(low, 0.0), high)  # where the density is largest
    reach = math.sqrt(nearest**2 + 80)  # beyond it the density is exp(-40) of that
    z = np.empty(size)
    missing = np.arange(size)
    while missing.size:
        if mass > 0.05:
            proposed = rng.standard_normal(missing.size)
            good = (proposed >= low) & (proposed <= high)
        else:
            proposed = rng.uniform(max(low, -reach), min(high, reach), missing.size)
            good = rng.random(missing.size) < np.exp((nearest**2 - proposed**2) / 2)
        z[missing[good]] = proposed[good]
        missing = missing[~good]
    return z


def xavier_uniform_(tensor: Any, gain: float = 1.0, rng: Any = None) -> Any:
    """Fill evenly with bound ``gain sqrt(6 / (fan_in + fan_out))`` (Glorot and Bengio 2010, equation 16).

    Examples
    --------
    >>> bool(np.abs(xavier_uniform_(np.zeros((3, 3)), rng=0)).max() <= 1)
    True
    """
    bound = number(gain, "xavier_uniform_: gain", low=0) * math.sqrt(6 / max(sum(_fans(tensor, "xavier_uniform_")), 1))
    return uniform_(tensor, -bound, bound, rng)


def xavier_normal_(tensor: Any, gain: float = 1.0, rng: Any = None) -> Any:
    """Fill from a normal distribution with ``std = gain sqrt(2 / (fan_in + fan_out))`` (Glorot and Bengio 2010).

    Examples
    --------
    >>> xavier_normal_(np.zeros((3, 3)), rng=0).shape
    (3, 3)
    """
    std = number(gain, "xavier_normal_: gain", low=0) * math.sqrt(2 / max(sum(_fans(tensor, "xavier_normal_")), 1))
    return normal_(tensor, 0.0, std, rng)


#: by how much an activation shrinks a signal, inverted
GAINS = {
    "linear": 1.0,
    "conv1d": 1.0,
    "conv2d": 1.0,
    "conv_transpose2d": 1.0,
    "sigmoid": 1.0,
    "tanh": 5 / 3,
    "relu": math.sqrt(2),
    "leaky_relu": math.sqrt(2),
    "selu": 3 / 4,
}


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """Return by what weights are multiplied so that `nonlinearity` keeps the size of a signal.

    Parameters
    ----------
    nonlinearity
        Such as ``"relu"``, ``"tanh"`` or ``"linear"``.
    param
        The negative slope of ``"leaky_relu"``, .01 by default.

    Examples
    --------
    >>> round(calculate_gain("relu"), 4)
    1.4142
    """
    gain = GAINS[one_of(nonlinearity, "calculate_gain: nonlinearity", GAINS)]
    if nonlinearity != "leaky_relu":
        return gain
    slope = 0.01 if param is None else number(param, "calculate_gain: param")
    return gain / math.sqrt(1 + slope**2)


MODES = ("fan_in", "fan_out")


def _kaiming_std_arguments(shape: Any, gain: float, mode: str = "fan_in") -> tuple[Any, ...]:
    if not isinstance(shape, tuple | list) or len(shape) < 2:
        raise ValueError(f"kaiming_std: shape is {shape!r}, expected at least two axes (out, in, ...)")
    shape = tuple(integer(n, f"kaiming_std: shape[{i}]", low=1) for i, n in enumerate(shape))
    return shape, number(gain, "kaiming_std: gain", low=0), one_of(mode, "kaiming_std: mode", MODES)


@exercise("init.kaiming_std", prepare=_kaiming_std_arguments)
def kaiming_std(shape: tuple[int, ...], gain: float, mode: str = "fan_in") -> float:
    """Return the standard deviation of weights that keep the size of a signal: ``gain / sqrt(fan)``.

    A neuron adds up `fan_in` products. If its weights are independent with this standard deviation, its net has as
    large a variance as the inputs times the square of `gain`. A gain of sqrt(2) makes up for ReLU, which lets only
    half of the signal through.

    Parameters
    ----------
    shape : tuple of int
        The shape of the weight: (out, in) of a linear layer, (out, in, height, width) of a convolution. Each of the
        `out` neurons looks at `in` channels, and in each of them at height x width points; there may be any number
        of such axes.
    gain : float
        By how much the activation shrinks a signal, inverted.
    mode : str
        "fan_in" to keep the size of the signal forwards: fan is the number of weights that lead into one neuron.
        "fan_out" to keep the size of the gradient backwards: fan is the same with `out` in the place of `in`.

    Returns
    -------
    float
        The standard deviation.

    Raises
    ------
    TypeError, ValueError
        If `shape` has fewer than two axes or one without elements, `gain` is negative or `mode` is unknown.

    References
    ----------
    He et al. 2015, "Delving deep into rectifiers", equations 10 and 14.

    Examples
    --------
    >>> kaiming_std((3, 100), 2.0)
    0.2
    >>> kaiming_std((3, 4, 5, 5), 2.0)
    0.2
    """
    neurons, inputs = shape[0], shape[1]
    points = math.prod(shape[2:])
    fan = points * (inputs if mode == "fan_in" else neurons)
    return gain / math.sqrt(fan)


def _kaiming_std(name: str, tensor: Any, a: float, mode: str, nonlinearity: str) -> float:
    _fans(tensor, name)
    one_of(mode, f"{name}: mode", MODES)
    one_of(nonlinearity, f"{name}: nonlinearity", GAINS)
    gain = calculate_gain(nonlinearity, number(a, f"{name}: a"))
    shape = _shape(tensor, name)
    return gain if 0 in shape else kaiming_std.run(shape, gain, mode)


def kaiming_uniform_(
    tensor: Any, a: float = 0.0, mode: str = "fan_in", nonlinearity: str = "leaky_relu", rng: Any = None
) -> Any:
    """Fill evenly with bound ``gain sqrt(3 / fan)`` (He et al. 2015).

    Parameters
    ----------
    tensor
        The weight, (out, in, ...).
    a
        The negative slope of a leaky ReLU.
    mode : {"fan_in", "fan_out"}
        Whether to keep the size of the signal forwards or that of the gradient backwards.
    nonlinearity
        What follows the layer, see :func:`calculate_gain`.
    rng
        Generator, seed or None.

    Examples
    --------
    >>> bool(np.abs(kaiming_uniform_(np.zeros((5, 6)), rng=0)).max() <= 1)
    True
    """
    bound = math.sqrt(3) * _kaiming_std("kaiming_uniform_", tensor, a, mode, nonlinearity)
    return uniform_(tensor, -bound, bound, rng)


def kaiming_normal_(
    tensor: Any, a: float = 0.0, mode: str = "fan_in", nonlinearity: str = "leaky_relu", rng: Any = None
) -> Any:
    """Fill from a normal distribution with ``std = gain / sqrt(fan)`` (He et al. 2015, equations 10 and 14).

    Examples
    --------
    >>> kaiming_normal_(np.zeros((5, 6)), nonlinearity="relu", rng=0).shape
    (5, 6)
    """
    return normal_(tensor, 0.0, _kaiming_std("kaiming_normal_", tensor, a, mode, nonlinearity), rng)


def orthogonal_(tensor: Any, gain: float = 1.0, rng: Any = None) -> Any:
    """Fill with orthogonal rows, or columns if there are more rows, of length `gain`; all axes but the first are one.

    References
    ----------
    Saxe, McClelland, Ganguli 2013; drawn evenly from all such matrices by QR, with the signs of Mezzadri 2007.

    Examples
    --------
    >>> w = orthogonal_(np.zeros((2, 3)), rng=0)
    >>> (w @ w.T).round(6) + 0.0
    array([[1., 0.],
           [0., 1.]])
    """
    shape = _shape(tensor, "orthogonal_")
    if len(shape) < 2:
        raise ValueError(f"orthogonal_: tensor has shape {shape}, expected at least two axes")
    gain = number(gain, "orthogonal_: gain")
    rows, columns = shape[0], math.prod(shape[1:])
    if rows * columns == 0:
        return tensor
    flat = generator(rng).standard_normal((max(rows, columns), min(rows, columns)))
    q, r = np.linalg.qr(flat)
    q = q * np.sign(np.diag(r))
    return _fill(tensor, gain * (q if rows >= columns else q.T).reshape(shape))
