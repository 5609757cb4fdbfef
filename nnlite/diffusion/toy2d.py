"""Diffusion in the plane, where everything can be seen: DDPM on points (Ho, Jain, Abbeel 2020).

The denoiser is a small network of the point and the time. What it has learnt is a field of arrows: the score, the
direction in which the noisy data grow denser::

    grad log q_t(x) = -eps(x, t) / sqrt(1 - alpha_bar_t)
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from nnlite import arguments, nn
from nnlite import functional as F
from nnlite.arguments import Array, float_array
from nnlite.contracts import flag, floats, instance, integer, rng, takes
from nnlite.diffusion.denoiser import sinusoidal_embedding
from nnlite.diffusion.process import DDPM, linear_betas
from nnlite.diffusion.samplers import ancestral
from nnlite.diffusion.train import TRAINING, NoisyBatches, fit_average
from nnlite.random import generator
from nnlite.tensor import Tensor, no_grad


class PointDenoiser(nn.Module):
    """A network of three layers that sees a point and the time, and says what noise is in the point.

    Parameters
    ----------
    width
        The number of neurons in each layer.
    rng
        Where the weights come from.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite.diffusion.toy2d import PointDenoiser
    >>> PointDenoiser(width=16, rng=0)(np.zeros((5, 2)), np.ones(5)).shape
    (5, 2)
    """

    def __init__(self, width: int = 96, rng: Any = None) -> None:
        rng = generator(rng)
        self.first = nn.Linear(2 + 2 * 16 + 16, width, rng=rng)
        self.second = nn.Linear(width, width, rng=rng)
        self.third = nn.Linear(width, width, rng=rng)
        self.last = nn.Linear(width, 2, rng=rng)

    def forward(self, x: Array, t: Array) -> Tensor:
        """Map points (N, 2) and times (N,) from 0 to 1 to the noise (N, 2)."""
        # A network sees fine detail only in waves as fine.
        position = sinusoidal_embedding(x, 16, 0.5, 8.0).reshape(len(x), 32)
        h = F.silu(self.first(np.concatenate([x, position, sinusoidal_embedding(t, 16, 0.2, 4.0)], axis=1)))
        h = h + F.silu(self.second(h))
        h = h + F.silu(self.third(h))
        return self.last(h)


class PointDiffusion:
    """A trained diffusion model of points in the plane.

    Parameters
    ----------
    process : DDPM
        The chain of noise.
    network : PointDenoiser
        What estimates the noise, in coordinates of mean 0 and variance 1.
    mean, scale : numpy.ndarray, float
        How the data were brought into these coordinates: ``(x - mean) / scale``.

    Attributes
    ----------
    history : nnlite.training.History
        The losses.
    """

    def __init__(self, process: DDPM, network: nn.Module, mean: Any = 0.0, scale: float = 1.0) -> None:
        self.process, self.network, self.mean, self.scale = process, network, np.asarray(mean), scale
        self.history: Any = None

    def noise(self, x: Array, t: Array) -> Array:
        """Estimate the noise in standardised points (N, 2) at times (N,) from 0 to 1."""
        with no_grad():
            return self.network(x.astype(np.float32, copy=False), t.astype(np.float32, copy=False)).data

    def score(self, points: Any, step: int) -> Array:
        """Return the score of the noisy data at `points` (N, 2), in data coordinates, before `step` of the chain.

        Raises
        ------
        ValueError
            If `step` does not lie from 1 to the length of the chain.
        """
        step = arguments.integer(step, "score: step", low=1, high=self.process.steps)
        points = float_array(points, "score: points", ndim=2)
        x = (points - self.mean) / self.scale
        t = self.process.clock(np.full(len(x), step))
        return -self.noise(x, t) / math.sqrt(1 - self.process.alpha_bar[step]) / self.scale

    @takes("sample", n=integer(0), rng=rng, keep=flag)
    def sample(self, n: int, rng: Any = None, keep: bool = False) -> Array:
        """Draw `n` points by ancestral sampling.

        Parameters
        ----------
        n
            How many.
        rng
            Where noise comes from.
        keep
            Whether to return all states of the chain, (T + 1, n, 2), the noise first, instead of (n, 2).
        """
        rng = generator(rng)
        x = rng.standard_normal((n, 2), dtype=np.float32)
        states = [x]
        x = ancestral(self.process, self.noise, x, rng, on_step=states.append if keep else None)
        return (np.stack(states) if keep else x) * self.scale + self.mean

    def __repr__(self) -> str:
        return f"PointDiffusion({self.process!r})"


@takes(
    "train_points",
    points=floats("N>0 2", finite=True),
    process=instance(DDPM, "a DDPM") | None,
    **TRAINING,
)
def train_points(
    points: Any,
    *,
    steps: int = 1000,
    process: DDPM | None = None,
    batch_size: int = 256,
    lr: float = 3e-3,
    rng: np.random.Generator | int | None = 0,
    verbose: bool = True,
) -> PointDiffusion:
    """Train a diffusion model on points in the plane with DDPM's simple loss (Ho et al. 2020, equation 14).

    Parameters
    ----------
    points
        (N, 2), any scale.
    steps, batch_size, lr
        The number of training steps, of points in each, and the learning rate of Adam; Muon's is ten times as large.
    process
        The chain; by default the linear schedule with 100 steps.
    rng
        Where first weights, batches and noise come from.
    verbose
        Whether to show a progress bar.

    Returns
    -------
    PointDiffusion
        ``.sample(n)`` draws points, ``.score(points, step)`` gives the arrows.

    Raises
    ------
    ValueError
        If `points` is not (N, 2) with N > 0 and finite.

    Examples
    --------
    >>> from nnlite.data import moons
    >>> from nnlite.diffusion import train_points
    >>> model = train_points(moons(100, rng=0)[0], steps=2, rng=0, verbose=False)
    >>> model.sample(5, rng=0).shape
    (5, 2)
    """
    rng = generator(rng)
    mean, scale = points.mean(0), float(points.std()) or 1.0
    x0 = ((points - mean) / scale).astype(np.float32)
    model = PointDiffusion(process or DDPM(linear_betas(100)), PointDenoiser(rng=rng), mean, scale)
    batches = NoisyBatches(model.process, x0, steps, batch_size, rng)
    model.history = fit_average(
        model.network, batches, lr=lr, decay=0.99, warmup=50, verbose=verbose, description="points"
    )
    return model
