"""Samplers: from noise back to data, step by step, with a network's predictions as the only guide.

Euler's method follows the velocity field of a rectified flow from t = 1 down to 0::

    x <- x - (1 / steps) v(x, t)

The ancestral sampler of DDPM undoes one step of noise at a time and adds a little new noise (Ho et al. 2020, algorithm
2), with the variance of q(x_{t-1} | x_t, x_0)::

    mean = (x_t - beta_t / sqrt(1 - alpha_bar_t) eps(x_t, t)) / sqrt(alpha_t)
    var  = beta_t (1 - alpha_bar_{t-1}) / (1 - alpha_bar_t)
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from nnlite.arguments import Array
from nnlite.contracts import floats, function, instance, integer, number, rng, takes
from nnlite.diffusion.guidance import Predict
from nnlite.diffusion.process import DDPM
from nnlite.random import generator
from nnlite.registry import exercise


@exercise("samplers.euler_step", takes=dict(x=floats("..."), velocity=floats("..."), dt=number()))
def euler_step(x: Array, velocity: Array, dt: float) -> Array:
    """Return ``x - dt velocity``: a step of length `dt` from noise towards data.

    Parameters
    ----------
    x, velocity : numpy.ndarray, shape (...)
        The state and the velocity there.
    dt : float
        The length of the step, as a share of the way.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite.diffusion import euler_step
    >>> euler_step(np.array([1.0]), np.array([2.0]), 0.25)
    array([0.5])
    """
    return x - dt * velocity


@exercise(
    "samplers.ancestral_step",
    takes=dict(
        x=floats("..."),
        noise_estimate=floats("..."),
        beta=number(0, below=1),
        alpha_bar=number(0, below=1),
        alpha_bar_before=number(0, 1),
        fresh=floats("..."),
    ),
)
def ancestral_step(
    x: Array, noise_estimate: Array, beta: float, alpha_bar: float, alpha_bar_before: float, fresh: Array
) -> Array:
    """Return a draw of x_{t-1} given x_t and the estimate of its noise.

    Parameters
    ----------
    x, noise_estimate, fresh : numpy.ndarray, shape (...)
        x_t, eps(x_t, t) and new standard normal noise.
    beta, alpha_bar, alpha_bar_before : float
        beta_t, alpha_bar_t and alpha_bar_{t-1}; before the first step alpha_bar is 1 and no noise is added.

    References
    ----------
    Ho, Jain, Abbeel 2020, algorithm 2 and equation 7.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite.diffusion import ancestral_step
    >>> ancestral_step(np.array([0.5]), np.array([0.5]), 0.75, 0.25, 1.0, np.array([9.0])).round(3)
    array([0.134])
    """
    mean = (x - beta / math.sqrt(1 - alpha_bar) * noise_estimate) / math.sqrt(1 - beta)
    variance = beta * (1 - alpha_bar_before) / (1 - alpha_bar)
    return mean + math.sqrt(variance) * fresh


#: what every sampler starts from, and what it tells of each step
WALK: dict[str, Any] = dict(x=floats("N ..."), on_step=function() | None)


@takes("euler", velocity=function(), **WALK, steps=integer(1))
def euler(velocity: Predict, x: Array, steps: int = 16, on_step: Callable[[Array], object] | None = None) -> Array:
    """Follow a velocity field from noise to data.

    Parameters
    ----------
    velocity
        ``velocity(x, t)`` returns an array like x; t is (N,), falling from 1.
    x
        (N, ...), standard normal noise.
    steps
        How many; straight paths need few.
    on_step
        Called with x after each step: for pictures of the way.

    Returns
    -------
    numpy.ndarray
        (N, ...), of the dtype of x.

    Raises
    ------
    ValueError
        If there is not at least one step.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite.diffusion import euler
    >>> target = np.array([[3.0, -1.0]])
    >>> euler(lambda x, t: (x - target) / t[:, None], np.zeros((1, 2)), steps=4)
    array([[ 3., -1.]])
    """
    for k in range(steps):
        t = np.full(len(x), 1 - k / steps, x.dtype)
        x = euler_step(x, velocity(x, t), 1 / steps)
        if on_step is not None:
            on_step(x)
    return x


@takes("ancestral", process=instance(DDPM, "a DDPM"), noise=function(), **WALK, rng=rng)
def ancestral(
    process: DDPM,
    noise: Predict,
    x: Array,
    rng: np.random.Generator | int | None = None,
    on_step: Callable[[Array], object] | None = None,
) -> Array:
    """Walk DDPM's chain backwards from x_T to x_0.

    Parameters
    ----------
    process
        The chain that the network was trained on.
    noise
        ``noise(x, t)`` estimates the noise in x, an array like x; t is (N,), t / T.
    x
        (N, ...), standard normal noise.
    rng
        Where the new noise of each step comes from.
    on_step
        Called with x after each step.

    Returns
    -------
    numpy.ndarray
        (N, ...), of the dtype of x.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite.diffusion import DDPM, ancestral, linear_betas
    >>> chain = DDPM(linear_betas(200))
    >>> exact = lambda x, t: x * np.sqrt(1 - chain.alpha_bar[round(t[0] * 200)])  # for standard normal data
    >>> x = ancestral(chain, exact, np.random.default_rng(0).standard_normal((2000, 1)), rng=1)
    >>> bool(abs(x.std() - 1) < 0.05)
    True
    """
    rng = generator(rng)
    for t in range(process.steps, 0, -1):
        estimate = noise(x, process.clock(np.full(len(x), t)))
        fresh = rng.standard_normal(x.shape).astype(x.dtype)
        beta, now, before = (float(a) for a in (process.betas[t], process.alpha_bar[t], process.alpha_bar[t - 1]))
        x = ancestral_step(x, estimate, beta, now, before, fresh)
        if on_step is not None:
            on_step(x)
    return x
