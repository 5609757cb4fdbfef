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

from nnlite.arguments import Array
from nnlite.contracts import Kind, integer, number, rng, takes, tuple_of, word
from nnlite.random import generator
from nnlite.registry import exercise
from nnlite.tensor import Tensor


class _Weight(Kind):
    """A leaf Tensor or an array of floats, of at least so many axes: what can be filled in place."""

    def __init__(self, least_axes: int = 0) -> None:
        self.least_axes = least_axes

    def convert(self, value: Any, name: str) -> Any:
        array = value.data if isinstance(value, Tensor) else value
        if not isinstance(array, np.ndarray):
            raise TypeError(f"{name} is a {type(value).__name__}, expected a Tensor or an array")
        if array.dtype.kind != "f":
            raise TypeError(f"{name} has dtype {array.dtype}, expected a float dtype")
        if isinstance(value, Tensor) and value.node is not None:
            raise ValueError(f"{name} was computed by {value.node.name!r}, expected a leaf such as a weight")
        if array.ndim < self.least_axes:
            raise ValueError(f"{name} has shape {array.shape}, expected at least two axes (out, in, ...)")
        return value


def uniform(shape: tuple[int, ...], bound: float, rng: Any = None) -> Array:
    """Return float32 numbers drawn evenly from [-bound, bound).

    Parameters
    ----------
    shape : tuple of int
        The shape of the array.
    bound : float
        The largest absolute value.
    rng : numpy.random.Generator, int or None
        The source of randomness, or its seed; None draws from the default generator.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite.nn import init
    >>> init.uniform((2, 3), 0.5, rng=0).dtype
    dtype('float32')
    """
    return generator(rng).uniform(-bound, bound, shape).astype(np.float32)


def normal(shape: tuple[int, ...], std: float, rng: Any = None) -> Array:
    """Return float32 numbers drawn from a normal distribution with mean 0.

    Parameters
    ----------
    shape : tuple of int
        The shape of the array.
    std : float
        The standard deviation.
    rng : numpy.random.Generator, int or None
        The source of randomness, or its seed; None draws from the default generator.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite.nn import init
    >>> init.normal((2, 3), 1.0, rng=0).shape
    (2, 3)
    """
    return (generator(rng).standard_normal(shape) * std).astype(np.float32)


def fan_in_uniform(shape: tuple[int, ...], fan_in: int, rng: Any = None) -> Array:
    """Return weights with bound 1/sqrt(fan_in), PyTorch's default for linear and convolution layers.

    Parameters
    ----------
    shape : tuple of int
        The shape of the array.
    fan_in : int
        How many inputs each neuron has.
    rng : numpy.random.Generator, int or None
        The source of randomness, or its seed; None draws from the default generator.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite.nn import init
    >>> bool(np.abs(init.fan_in_uniform((100, 4), 4, rng=0)).max() <= 0.5)
    True
    """
    return uniform(shape, 1 / math.sqrt(fan_in) if fan_in > 0 else 0.0, rng)


def xavier_uniform(shape: tuple[int, int], rng: Any = None) -> Array:
    """Return weights with bound sqrt(6 / (fan_in + fan_out)) (Glorot and Bengio 2010).

    Parameters
    ----------
    shape : (int, int)
        fan_out and fan_in.
    rng : numpy.random.Generator, int or None
        The source of randomness, or its seed; None draws from the default generator.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite.nn import init
    >>> bool(np.abs(init.xavier_uniform((3, 3), rng=0)).max() <= 1)
    True
    """
    return uniform(shape, math.sqrt(6 / (shape[0] + shape[1])), rng)


# In place


#: so large at most that what is made from two of them, or the square of the last, is still finite
_NUMBER, _SIZE, _SLOPE = number(-1e300, 1e300), number(0, 1e300), number(-1e100, 1e100)


def _fill(tensor: Any, values: Any, name: str = "", **given: float) -> Any:
    """Put in the values, which the function called `name` has made from what it was `given`."""
    array = tensor.data if isinstance(tensor, Tensor) else tensor
    with np.errstate(over="ignore"):
        values = np.asarray(values).astype(array.dtype)
    if not np.isfinite(values).all():
        told = " and ".join(f"{argument} is {value}" for argument, value in given.items())
        raise ValueError(f"{name}: {told}, too large for a tensor of dtype {array.dtype}")
    array[...] = values
    if isinstance(tensor, Tensor):
        tensor.changed_in_place()
    return tensor


def _fans(tensor: Any) -> tuple[int, int]:
    """How many inputs a neuron has, and how many neurons an input reaches: (out, in, *kernel)."""
    taps = math.prod(tensor.shape[2:])
    return tensor.shape[1] * taps, tensor.shape[0] * taps


@takes("constant_", tensor=_Weight(), val=_NUMBER)
def constant_(tensor: Any, val: float) -> Any:
    """Fill with one number.

    Parameters
    ----------
    tensor : Tensor or numpy.ndarray
        What is filled; of any shape.
    val : float
        The number.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite.nn import init
    >>> init.constant_(np.zeros(2), 3.0)
    array([3., 3.])
    """
    return _fill(tensor, val, "constant_", val=val)


@takes("zeros_", tensor=_Weight())
def zeros_(tensor: Any) -> Any:
    """Fill with 0.

    Parameters
    ----------
    tensor : Tensor or numpy.ndarray
        What is filled; of any shape.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite.nn import init
    >>> init.zeros_(np.ones(2))
    array([0., 0.])
    """
    return _fill(tensor, 0)


@takes("ones_", tensor=_Weight())
def ones_(tensor: Any) -> Any:
    """Fill with 1.

    Parameters
    ----------
    tensor : Tensor or numpy.ndarray
        What is filled; of any shape.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite.nn import init
    >>> init.ones_(np.zeros(2))
    array([1., 1.])
    """
    return _fill(tensor, 1)


@takes("eye_", tensor=_Weight())
def eye_(tensor: Any) -> Any:
    """Fill a matrix with 1 on the diagonal and 0 elsewhere.

    Parameters
    ----------
    tensor : Tensor or numpy.ndarray, (rows, columns)
        What is filled.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite.nn import init
    >>> init.eye_(np.ones((2, 2)))
    array([[1., 0.],
           [0., 1.]])
    """
    if tensor.ndim != 2:
        raise ValueError(f"eye_: tensor has shape {tensor.shape}, expected two axes")
    return _fill(tensor, np.eye(*tensor.shape))


@takes("uniform_", tensor=_Weight(), a=_NUMBER, b=_NUMBER, rng=rng)
def uniform_(tensor: Any, a: float = 0.0, b: float = 1.0, rng: Any = None) -> Any:
    """Fill with numbers drawn evenly from [a, b).

    Parameters
    ----------
    tensor : Tensor or numpy.ndarray
        What is filled; of any shape.
    a, b : float
        The lower and the upper end.
    rng : numpy.random.Generator, int or None
        The source of randomness, or its seed; None draws from the default generator.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite.nn import init
    >>> bool((init.uniform_(np.zeros(5), 2, 3, rng=0) >= 2).all())
    True
    """
    if a > b:
        raise ValueError(f"uniform_: a is {a}, expected at most b={b}")
    return _fill(tensor, generator(rng).uniform(a, b, tensor.shape), "uniform_", a=a, b=b)


@takes("normal_", tensor=_Weight(), mean=_NUMBER, std=_SIZE, rng=rng)
def normal_(tensor: Any, mean: float = 0.0, std: float = 1.0, rng: Any = None) -> Any:
    """Fill with numbers drawn from a normal distribution.

    Parameters
    ----------
    tensor : Tensor or numpy.ndarray
        What is filled; of any shape.
    mean, std : float
        The mean and the standard deviation.
    rng : numpy.random.Generator, int or None
        The source of randomness, or its seed; None draws from the default generator.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite.nn import init
    >>> init.normal_(np.zeros((2, 3)), rng=0).shape
    (2, 3)
    """
    values = mean + std * generator(rng).standard_normal(tensor.shape)
    return _fill(tensor, values, "normal_", mean=mean, std=std)


@takes("trunc_normal_", tensor=_Weight(), mean=_NUMBER, std=number(high=1e300, above=0), a=_NUMBER, b=_NUMBER, rng=rng)
def trunc_normal_(
    tensor: Any, mean: float = 0.0, std: float = 1.0, a: float = -2.0, b: float = 2.0, rng: Any = None
) -> Any:
    """Fill with numbers drawn from a normal distribution, those outside [a, b] being drawn again.

    Parameters
    ----------
    tensor : Tensor or numpy.ndarray
        What is filled; of any shape.
    mean, std : float
        The mean and the standard deviation before anything is drawn again.
    a, b : float
        The smallest and the largest number.
    rng : numpy.random.Generator, int or None
        The source of randomness, or its seed; None draws from the default generator.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite.nn import init
    >>> bool(np.abs(init.trunc_normal_(np.zeros(1000), a=-1, b=1, rng=0)).max() <= 1)
    True
    """
    if a >= b:
        raise ValueError(f"trunc_normal_: a is {a}, expected less than b={b}")
    low, high = (a - mean) / std, (b - mean) / std
    if max(low, -high) > 1e100:  # whose square is no number
        raise ValueError(f"trunc_normal_: mean is {mean}, expected one nearer to [{a}, {b}], for std={std}")
    z = _standard_between(low, high, math.prod(tensor.shape), generator(rng))
    return _fill(tensor, np.clip(mean + std * z, a, b).reshape(tensor.shape), "trunc_normal_", a=a, b=b)


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


@takes("xavier_uniform_", tensor=_Weight(2), gain=_SIZE, rng=rng)
def xavier_uniform_(tensor: Any, gain: float = 1.0, rng: Any = None) -> Any:
    """Fill evenly with bound ``gain sqrt(6 / (fan_in + fan_out))`` (Glorot and Bengio 2010, equation 16).

    Parameters
    ----------
    tensor : Tensor or numpy.ndarray, (out, in, ...)
        The weight.
    gain : float
        What makes up for the activation, see :func:`calculate_gain`.
    rng : numpy.random.Generator, int or None
        The source of randomness, or its seed; None draws from the default generator.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite.nn import init
    >>> bool(np.abs(init.xavier_uniform_(np.zeros((3, 3)), rng=0)).max() <= 1)
    True
    """
    bound = gain * math.sqrt(6 / max(sum(_fans(tensor)), 1))
    return _fill(tensor, generator(rng).uniform(-bound, bound, tensor.shape), "xavier_uniform_", gain=gain)


@takes("xavier_normal_", tensor=_Weight(2), gain=_SIZE, rng=rng)
def xavier_normal_(tensor: Any, gain: float = 1.0, rng: Any = None) -> Any:
    """Fill from a normal distribution with ``std = gain sqrt(2 / (fan_in + fan_out))`` (Glorot and Bengio 2010).

    Parameters
    ----------
    tensor : Tensor or numpy.ndarray, (out, in, ...)
        The weight.
    gain : float
        What makes up for the activation, see :func:`calculate_gain`.
    rng : numpy.random.Generator, int or None
        The source of randomness, or its seed; None draws from the default generator.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite.nn import init
    >>> init.xavier_normal_(np.zeros((3, 3)), rng=0).shape
    (3, 3)
    """
    std = gain * math.sqrt(2 / max(sum(_fans(tensor)), 1))
    values = 0.0 + std * generator(rng).standard_normal(tensor.shape)
    return _fill(tensor, values, "xavier_normal_", gain=gain)


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


@takes("calculate_gain", nonlinearity=word(*GAINS), param=_SLOPE | None)
def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """Return by what weights are multiplied so that `nonlinearity` keeps the size of a signal.

    Parameters
    ----------
    nonlinearity : str
        Such as ``"relu"``, ``"tanh"`` or ``"linear"``.
    param : float, optional
        The negative slope of ``"leaky_relu"``, 0.01 by default.

    Returns
    -------
    float
        The factor.

    Examples
    --------
    >>> from nnlite.nn import init
    >>> round(init.calculate_gain("relu"), 4)
    1.4142
    """
    gain = GAINS[nonlinearity]
    if nonlinearity != "leaky_relu":
        return gain
    slope = 0.01 if param is None else param
    return gain / math.sqrt(1 + slope**2)


MODE = word("fan_in", "fan_out")


class _Shape(tuple_of):
    """The shape of a weight: at least two lengths, none of them 0."""

    def convert(self, value: Any, name: str) -> tuple[int, ...]:
        if not isinstance(value, tuple | list) or len(value) < 2:
            raise ValueError(f"{name} is {value!r}, expected at least two axes (out, in, ...)")
        return super().convert(value, name)


@exercise("init.kaiming_std", takes=dict(shape=_Shape(integer(1)), gain=number(0), mode=MODE))
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
    >>> from nnlite.nn.init import kaiming_std
    >>> kaiming_std((3, 100), 2.0)
    0.2
    >>> kaiming_std((3, 4, 5, 5), 2.0)
    0.2
    """
    neurons, inputs = shape[0], shape[1]
    points = math.prod(shape[2:])
    fan = points * (inputs if mode == "fan_in" else neurons)
    return gain / math.sqrt(fan)


def _kaiming_std(tensor: Any, a: float, mode: str, nonlinearity: str) -> float:
    gain = calculate_gain(nonlinearity, a)
    return gain if 0 in tensor.shape else kaiming_std(tensor.shape, gain, mode)


_KAIMING: dict[str, Any] = dict(tensor=_Weight(2), a=_SLOPE, mode=MODE, nonlinearity=word(*GAINS), rng=rng)


@takes("kaiming_uniform_", **_KAIMING)
def kaiming_uniform_(
    tensor: Any, a: float = 0.0, mode: str = "fan_in", nonlinearity: str = "leaky_relu", rng: Any = None
) -> Any:
    """Fill evenly with bound ``gain sqrt(3 / fan)`` (He et al. 2015).

    Parameters
    ----------
    tensor : Tensor or numpy.ndarray, (out, in, ...)
        The weight.
    a : float
        The negative slope of a leaky ReLU.
    mode : {"fan_in", "fan_out"}
        Whether to keep the size of the signal forwards or that of the gradient backwards.
    nonlinearity : str
        What follows the layer, see :func:`calculate_gain`.
    rng : numpy.random.Generator, int or None
        The source of randomness, or its seed; None draws from the default generator.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite.nn import init
    >>> bool(np.abs(init.kaiming_uniform_(np.zeros((5, 6)), rng=0)).max() <= 1)
    True
    """
    bound = math.sqrt(3) * _kaiming_std(tensor, a, mode, nonlinearity)
    return uniform_(tensor, -bound, bound, rng)


@takes("kaiming_normal_", **_KAIMING)
def kaiming_normal_(
    tensor: Any, a: float = 0.0, mode: str = "fan_in", nonlinearity: str = "leaky_relu", rng: Any = None
) -> Any:
    """Fill from a normal distribution with ``std = gain / sqrt(fan)`` (He et al. 2015, equations 10 and 14).

    Parameters
    ----------
    tensor : Tensor or numpy.ndarray, (out, in, ...)
        The weight.
    a : float
        The negative slope of a leaky ReLU.
    mode : {"fan_in", "fan_out"}
        Whether to keep the size of the signal forwards or that of the gradient backwards.
    nonlinearity : str
        What follows the layer, see :func:`calculate_gain`.
    rng : numpy.random.Generator, int or None
        The source of randomness, or its seed; None draws from the default generator.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite.nn import init
    >>> init.kaiming_normal_(np.zeros((5, 6)), nonlinearity="relu", rng=0).shape
    (5, 6)
    """
    return normal_(tensor, 0.0, _kaiming_std(tensor, a, mode, nonlinearity), rng)


@takes("orthogonal_", tensor=_Weight(2), gain=_NUMBER, rng=rng)
def orthogonal_(tensor: Any, gain: float = 1.0, rng: Any = None) -> Any:
    """Fill with orthogonal rows, or columns if there are more rows, of length `gain`; all axes but the first are one.

    Parameters
    ----------
    tensor : Tensor or numpy.ndarray, (out, in, ...)
        The weight.
    gain : float
        The length of the rows or columns.
    rng : numpy.random.Generator, int or None
        The source of randomness, or its seed; None draws from the default generator.

    References
    ----------
    Saxe, McClelland, Ganguli 2013; drawn evenly from all such matrices by QR, with the signs of Mezzadri 2007.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite.nn import init
    >>> w = init.orthogonal_(np.zeros((2, 3)), rng=0)
    >>> (w @ w.T).round(6) + 0.0
    array([[1., 0.],
           [0., 1.]])
    """
    rows, columns = tensor.shape[0], math.prod(tensor.shape[1:])
    if rows * columns == 0:
        return tensor
    flat = generator(rng).standard_normal((max(rows, columns), min(rows, columns)))
    q, r = np.linalg.qr(flat)
    q = q * np.sign(np.diag(r))
    values = gain * (q if rows >= columns else q.T).reshape(tensor.shape)
    return _fill(tensor, values, "orthogonal_", gain=gain)
