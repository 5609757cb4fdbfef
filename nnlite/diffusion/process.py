"""The forward process: how a picture x_0 becomes noise, and what the network is asked to predict on the way.

Rectified flow (Liu, Gong, Liu 2022; Lipman et al. 2022) walks the straight line from the picture to the noise, t from 0
to 1, and the network predicts the velocity along it::

    x_t = (1 - t) x_0 + t eps            target  v = dx_t/dt = eps - x_0

DDPM (Ho, Jain, Abbeel 2020) adds a little noise T times, x_t = sqrt(1 - beta_t) x_{t-1} + sqrt(beta_t) eps_t, which has
the closed form below (equation 4), and the network predicts the noise (equation 14)::

    x_t = sqrt(alpha_bar_t) x_0 + sqrt(1 - alpha_bar_t) eps        alpha_bar_t = prod_{s<=t} (1 - beta_s)

In both, the loss is the mean of the squared difference between target and prediction.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from statistics import NormalDist
from typing import Any, Protocol

import numpy as np

from nnlite import functional as F
from nnlite.arguments import Array, all_right, float_array
from nnlite.contracts import floats, integer, number, reals
from nnlite.random import generator
from nnlite.registry import exercise
from nnlite.tensor import Tensor


class _Shares(reals):
    """Numbers from 0 to 1."""

    def examine(self, array: Array, name: str, known: Mapping[str, Any]) -> Array:
        return all_right((array >= 0) & (array <= 1), array, name, "numbers from 0 to 1")


@exercise("process.interpolate", takes=dict(x0=floats("N ..."), noise=floats("N ..."), t=_Shares("N")))
def interpolate(x0: Array, noise: Array, t: Array) -> Array:
    """Return ``(1 - t) x0 + t noise``.

    Parameters
    ----------
    x0, noise : numpy.ndarray, shape (N, ...)
        Pictures and as much noise.
    t : numpy.ndarray, shape (N,)
        One time from 0 to 1 for each picture.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite.diffusion import interpolate
    >>> interpolate(np.zeros((2, 3)), np.ones((2, 3)), np.array([0.25, 1.0]))[:, 0]
    array([0.25, 1.  ])
    """
    t = over(t, x0)
    return (1 - t) * x0 + t * noise


@exercise("process.diffuse", takes=dict(x0=floats("N ..."), noise=floats("N ..."), alpha_bar=_Shares("N")))
def diffuse(x0: Array, noise: Array, alpha_bar: Array) -> Array:
    """Return ``sqrt(alpha_bar) x0 + sqrt(1 - alpha_bar) noise``, a draw from q(x_t | x_0).

    Parameters
    ----------
    x0, noise : numpy.ndarray, shape (N, ...)
        Pictures and as much noise.
    alpha_bar : numpy.ndarray, shape (N,)
        How much of each picture's variance is left, from 0 to 1.

    References
    ----------
    Ho, Jain, Abbeel 2020, "Denoising diffusion probabilistic models", equation 4.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite.diffusion import diffuse
    >>> diffuse(np.ones((1, 2)), np.zeros((1, 2)), np.array([0.25]))
    array([[0.5, 0.5]])
    """
    alpha_bar = over(alpha_bar, x0)
    return np.sqrt(alpha_bar) * x0 + np.sqrt(1 - alpha_bar) * noise


@exercise("process.linear_betas", takes=dict(steps=integer(1)))
def linear_betas(steps: int) -> Array:
    """Return beta_1 … beta_T rising linearly, from 1e-4 to 0.02 where T is 1000 and in proportion elsewhere.

    Parameters
    ----------
    steps : int
        The length of the chain, T.

    References
    ----------
    Ho, Jain, Abbeel 2020, section 4.

    Examples
    --------
    >>> from nnlite.diffusion import linear_betas
    >>> linear_betas(1000)[[0, -1]].round(4)
    array([0.0001, 0.02  ])
    """
    scale = 1000 / steps
    return np.minimum(np.linspace(1e-4 * scale, 0.02 * scale, steps), 0.999)


@exercise("process.cosine_betas", takes=dict(steps=integer(1), s=number(0)))
def cosine_betas(steps: int, s: float = 0.008) -> Array:
    """Return the betas whose alpha_bar falls like a squared cosine, more gently at both ends.

    Parameters
    ----------
    steps : int
        The length of the chain, T.
    s : float
        Keeps the first betas from being too small.

    References
    ----------
    Nichol, Dhariwal 2021, "Improved denoising diffusion probabilistic models", equation 17.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite.diffusion import cosine_betas
    >>> np.cumprod(1 - cosine_betas(100))[49].round(2)
    np.float64(0.49)
    """
    t = np.arange(steps + 1) / steps
    f = np.cos((t + s) / (1 + s) * math.pi / 2) ** 2
    return np.minimum(1 - f[1:] / f[:-1], 0.999)


class Process(Protocol):
    """What the loss needs to know of a process."""

    def draw_times(self, n: int, rng: np.random.Generator) -> Array:
        """Return (n,) times to train at."""

    def add_noise(self, x0: Array, noise: Array, t: Array) -> Array:
        """Return x_t."""

    def target(self, x0: Array, noise: Array) -> Array:
        """Return what the network is to predict."""

    def clock(self, t: Array) -> Array:
        """Return the time as the network sees it, from 0 (the picture) to 1 (the noise)."""


class RectifiedFlow:
    """The straight line from picture to noise.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite.diffusion import RectifiedFlow
    >>> RectifiedFlow().target(np.zeros((1, 2)), np.ones((1, 2)))
    array([[1., 1.]])
    """

    def draw_times(self, n: int, rng: np.random.Generator) -> Array:
        """Return logistic-normal times, one from each n-th of the distribution (Esser et al. 2024, section 3.1)."""
        u = np.clip((np.arange(n) + rng.random(n)) / n, 1e-6, 1 - 1e-6)
        z = np.array([NormalDist().inv_cdf(share) for share in u])
        return (1 / (1 + np.exp(-z))).astype(np.float32)

    def add_noise(self, x0: Array, noise: Array, t: Array) -> Array:
        """Return ``x_t``, (N, ...)."""
        return interpolate(x0, noise, t)

    def target(self, x0: Array, noise: Array) -> Array:
        """Return the velocity ``noise - x0``."""
        return noise - x0

    def clock(self, t: Array) -> Array:
        """Return t itself."""
        return np.asarray(t, np.float32)

    def __repr__(self) -> str:
        return "RectifiedFlow()"


class DDPM:
    """A chain of T small steps into noise.

    Parameters
    ----------
    betas
        (T,), the variance of the noise that each step adds: :func:`linear_betas`, :func:`cosine_betas` or your own.

    Attributes
    ----------
    betas, alphas, alpha_bar : numpy.ndarray
        (T + 1,), float64, so that index t is step t of the paper; at t = 0 there is no noise.

    Raises
    ------
    ValueError
        If a beta does not lie strictly between 0 and 1.

    Examples
    --------
    >>> from nnlite.diffusion import DDPM, linear_betas
    >>> DDPM(linear_betas(1000)).alpha_bar[[0, 500, 1000]].round(3)
    array([1.   , 0.079, 0.   ])
    """

    def __init__(self, betas: Any) -> None:
        betas = float_array(np.asarray(betas), "DDPM: betas", ndim=1, finite=True).astype(np.float64)
        wrong = betas[(betas <= 0) | (betas >= 1)]
        if not betas.size or wrong.size:
            found = f"holds {wrong[0]:g}" if wrong.size else "is empty"
            raise ValueError(f"DDPM: betas {found}, expected numbers strictly between 0 and 1")
        self.steps = len(betas)
        self.betas = np.concatenate([[0.0], betas])
        self.alphas = 1 - self.betas
        self.alpha_bar = np.cumprod(self.alphas)

    def draw_times(self, n: int, rng: np.random.Generator) -> Array:
        """Return (n,) steps, uniform from 1 to T."""
        return rng.integers(1, self.steps + 1, n)

    def add_noise(self, x0: Array, noise: Array, t: Array) -> Array:
        """Return ``x_t``, (N, ...), for steps t from 0 to T."""
        return diffuse(x0, noise, self.alpha_bar[t].astype(x0.dtype))

    def target(self, x0: Array, noise: Array) -> Array:
        """Return the noise."""
        return noise

    def clock(self, t: Array) -> Array:
        """Return t / T."""
        return (np.asarray(t) / self.steps).astype(np.float32)

    def __repr__(self) -> str:
        return f"DDPM({self.steps} steps)"


def denoising_loss(process: Process, predict: Any, x0: Array, rng: Any = None) -> Tensor:
    """The loss of every diffusion model here: mean of ``(predict(x_t, t) - target)^2``.

    Parameters
    ----------
    process
        :class:`RectifiedFlow` or :class:`DDPM`.
    predict
        ``predict(x_t, t)`` returns a Tensor like x_t; t is (N,), float32 from 0 to 1.
    x0
        (N, ...), float32.
    rng
        Where times and noise come from.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite import Tensor
    >>> from nnlite.diffusion import RectifiedFlow, denoising_loss
    >>> loss = denoising_loss(RectifiedFlow(), lambda x, t: Tensor(0 * x), np.zeros((500, 8), np.float32), rng=0)
    >>> 0.9 < loss.item() < 1.1
    True
    """
    rng = generator(rng)
    noise = rng.standard_normal(x0.shape, dtype=np.float32)
    t = process.draw_times(len(x0), rng)
    return F.mse_loss(predict(process.add_noise(x0, noise, t), process.clock(t)), process.target(x0, noise))


def over(t: Array, x: Array) -> Array:
    """One number for each picture, (N,), with as many axes as `x` (N, ...), so that they broadcast."""
    t = np.asarray(t)
    return t.reshape(t.shape + (1,) * (x.ndim - t.ndim))
