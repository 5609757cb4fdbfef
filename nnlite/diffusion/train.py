"""Training a text-to-image system: noise a picture, ask the network for the way back, and average the weights.

Some captions are dropped, so that the network also learns the pictures without words, which guidance needs. What is
kept in the end is not the last weights but their moving average (EMA), which draws better than any of them::

    average <- average + (1 - decay) (weights - average)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from nnlite import functional as F
from nnlite import nn, optim
from nnlite.arguments import Array, float_array, integer, number
from nnlite.diffusion.pipeline import TextToImage
from nnlite.random import generator
from nnlite.training import History, fit


def muon(module: nn.Module, lr: float) -> optim.Muon:
    """Return Muon for the matrices of a module, with ten times the learning rate, and Adam for the rest."""
    matrices = [p for p in module.parameters() if p.ndim == 2]
    others = [p for p in module.parameters() if p.ndim != 2]
    adam = {"params": others, "use_muon": False, "lr": lr, "betas": (0.9, 0.99)}
    return optim.Muon([{"params": matrices, "lr": 10 * lr}, adam], weight_decay=0.0)


class NoisyBatches:
    """What :func:`nnlite.training.fit` iterates over: noisy latents, times, captions, and the targets."""

    def __init__(
        self, pipeline: TextToImage, latents: Array, tokens: Array, steps: int, batch_size: int, drop: float, rng: Any
    ) -> None:
        self.pipeline, self.latents, self.tokens = pipeline, latents, tokens
        self.steps, self.batch_size, self.drop, self.rng = steps, batch_size, drop, generator(rng)
        self.empty = pipeline.tokenizer("")[0]

    def __len__(self) -> int:
        return self.steps

    def __iter__(self) -> Iterator[tuple[Array, Array, Array, Array]]:
        process, rng = self.pipeline.process, self.rng
        for _ in range(self.steps):
            chosen = rng.integers(len(self.latents), size=self.batch_size)
            x0, tokens = self.latents[chosen], self.tokens[chosen]
            tokens = np.where(rng.random(self.batch_size)[:, None] < self.drop, self.empty, tokens)
            noise = rng.standard_normal(x0.shape, dtype=np.float32)
            t = process.draw_times(self.batch_size, rng)
            yield process.add_noise(x0, noise, t), process.clock(t), tokens, process.target(x0, noise)


def train(
    pipeline: TextToImage,
    pictures: Array,
    captions: Sequence[str],
    *,
    steps: int = 600,
    batch_size: int = 32,
    lr: float = 2e-3,
    drop: float = 0.12,
    decay: float = 0.99,
    rng: np.random.Generator | int | None = None,
    verbose: bool = True,
) -> History:
    """Train a text-to-image system on captioned pictures.

    Muon, 40 steps of warm-up and a cosine down to 3% of the learning rate, gradients clipped at norm 1.

    Parameters
    ----------
    pipeline
        Its network is changed; in the end it holds the moving average of its weights.
    pictures, captions
        (N, 3, H, W) from 0 to 1, and N captions.
    steps, batch_size, lr
        How many steps, on how many pictures, of what length at most.
    drop
        The share of captions that are replaced by the empty one.
    decay
        Of the moving average.
    rng
        Where batches, noise and times come from.
    verbose
        Whether to show a progress bar.

    Returns
    -------
    nnlite.training.History
        The loss of each step.

    Raises
    ------
    ValueError
        If there are no pictures, or not one caption for each.
    """
    pictures = float_array(pictures, "train: pictures", ndim=4, finite=True)
    if not len(pictures) or len(captions) != len(pictures):
        raise ValueError(f"train: {len(captions)} captions for {len(pictures)} pictures, expected one for each of some")
    steps, batch_size = integer(steps, "train: steps", low=1), integer(batch_size, "train: batch_size", low=1)
    drop = number(drop, "train: drop", low=0, high=1)
    latents = pipeline.codec.encode(pictures.astype(np.float32, copy=False))
    batches = NoisyBatches(pipeline, latents, pipeline.tokenizer(captions), steps, batch_size, drop, rng)
    optimizer = muon(pipeline.network, lr)
    average = optim.EMA(pipeline.network.parameters(), decay, warmup=True)
    schedule = Averaging(optimizer, average, steps)
    with one_thread():
        history = fit(
            pipeline.network, batches, F.mse_loss, optimizer, schedule=schedule, clip=1.0, verbose=verbose,
            description="text to image",
        )  # fmt: skip
    average.copy_to()
    pipeline.history = history
    return history


def one_thread() -> Any:
    """Return a context in which matrix products run on one core.

    Products as small as these gain little from a second core, and lose much where another program uses it.
    """
    from threadpoolctl import threadpool_limits

    return threadpool_limits(1, "blas")


class Averaging(optim.CosineSchedule):
    """A cosine schedule that also lets the moving average see the weights after every step."""

    def __init__(self, optimizer: optim.Optimizer, average: optim.EMA, steps: int) -> None:
        self.average = average
        super().__init__(optimizer, steps, warmup_steps=min(40, steps), final=0.03)

    def step(self) -> None:
        """Go one step further."""
        super().step()
        self.average.update()
