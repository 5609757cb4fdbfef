"""Training a text-to-image system: noise a picture, ask the network for the way back, and average the weights.

Some captions are dropped, so that the network also learns the pictures without words, which guidance needs. What is
kept in the end is not the last weights but their moving average (EMA), which draws better than any of them::

    average <- average + (1 - decay) (weights - average)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from nnlite import functional as F
from nnlite import nn, optim
from nnlite.arguments import Array
from nnlite.contracts import flag, floats, instance, integer, number, rng, takes
from nnlite.diffusion.pipeline import TextToImage
from nnlite.diffusion.process import Process
from nnlite.random import generator
from nnlite.training import History, fit

#: what every training of a diffusion model takes
TRAINING: dict[str, Any] = dict(steps=integer(1), batch_size=integer(1), lr=number(0), rng=rng, verbose=flag)


def muon(module: nn.Module, lr: float) -> optim.Muon:
    """Return Muon for the matrices of a module, with ten times the learning rate, and Adam for the rest."""
    matrices = [p for p in module.parameters() if p.ndim == 2]
    others = [p for p in module.parameters() if p.ndim != 2]
    adam = {"params": others, "use_muon": False, "lr": lr, "betas": (0.9, 0.99)}
    return optim.Muon([{"params": matrices, "lr": 10 * lr}, adam], weight_decay=0.0)


@dataclass
class NoisyBatches:
    """What :func:`nnlite.training.fit` iterates over: noisy data, times, what else the network sees, and the targets.

    Parameters
    ----------
    process
        How data become noise.
    data
        (N, ...), float32: latents of pictures, or points.
    steps, batch_size
        The number of batches, and of examples in each.
    rng
        Where examples, noise and times come from.
    others
        Called with the numbers of the chosen examples; returns what else the network sees of them, a tuple. None if
        there is nothing else.
    """

    process: Process
    data: Array
    steps: int
    batch_size: int
    rng: np.random.Generator
    others: Callable[[Array], tuple[Array, ...]] | None = None

    def __len__(self) -> int:
        return self.steps

    def __iter__(self) -> Iterator[tuple[Array, ...]]:
        process, rng = self.process, self.rng
        for _ in range(self.steps):
            chosen = rng.integers(len(self.data), size=self.batch_size)
            x0, others = self.data[chosen], () if self.others is None else self.others(chosen)
            noise = rng.standard_normal(x0.shape, dtype=np.float32)
            t = process.draw_times(self.batch_size, rng)
            yield process.add_noise(x0, noise, t), process.clock(t), *others, process.target(x0, noise)


def captions_of(tokens: Array, empty: Array, drop: float, rng: np.random.Generator) -> Callable[[Array], tuple[Array]]:
    """Return a function of the chosen examples that gives their tokens, some replaced by those of the empty caption.

    Parameters
    ----------
    tokens, empty
        (N, L), all captions, and (L,), the empty one.
    drop
        The share of captions that are replaced.
    rng
        Says which.
    """

    def captions(chosen: Array) -> tuple[Array]:
        dropped = rng.random(len(chosen)) < drop
        return (np.where(dropped[:, None], empty, tokens[chosen]),)

    return captions


def _refuse_uncaptioned(pipeline: TextToImage, pictures: Array, captions: Sequence[str], *_: Any) -> None:
    if len(captions) != len(pictures):
        raise ValueError(
            f"train: captions has length {len(captions)} and pictures {len(pictures)}, expected one caption per picture"
        )


@takes(
    "train",
    pipeline=instance(TextToImage, "a TextToImage"),
    pictures=floats("N>0 C H W", finite=True),
    **TRAINING,
    drop=number(0, 1),
    decay=number(0, 1),
    also=_refuse_uncaptioned,
)
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
        The number of training steps, of pictures in each, and the learning rate of Adam; Muon's is ten times as large.
    drop
        The share of captions that are replaced by the empty one.
    decay
        The decay of the moving average: how much of it is kept at each step.
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

    Examples
    --------
    >>> from nnlite.data import cats
    >>> from nnlite.diffusion import TextToImage, train
    >>> pictures, shown = cats.draw_many(8, size=8, rng=0)
    >>> pipeline = TextToImage.small(size=8, dim=16, depth=1, rng=0)
    >>> len(train(pipeline, pictures, [cats.caption(cat, 0) for cat in shown], steps=2, rng=0, verbose=False))
    2
    """
    latents = pipeline.codec.encode(pictures.astype(np.float32, copy=False))
    tokens, (empty,), rng = pipeline.tokenizer(captions), pipeline.tokenizer(""), generator(rng)
    others = captions_of(tokens, empty, drop, rng)
    batches = NoisyBatches(pipeline.process, latents, steps, batch_size, rng, others)
    pipeline.history = fit_average(
        pipeline.network, batches, lr=lr, decay=decay, warmup=40, final=0.03,
        clip=1.0, verbose=verbose, description="text to image",
    )  # fmt: skip
    return pipeline.history


def fit_average(
    network: nn.Module,
    batches: NoisyBatches,
    *,
    lr: float,
    decay: float,
    warmup: int,
    final: float = 0.0,
    **options: Any,
) -> History:
    """Train a network on noisy batches with Muon and a cosine schedule; it ends with the average of its weights.

    Parameters
    ----------
    network
        Called with all but the last of each batch, predicts the last.
    batches
        What it learns from.
    lr, warmup, final
        The learning rate (Muon's is ten times as large), the steps of warm-up, and the fraction of it at the end.
    decay
        The decay of the moving average.
    **options
        For :func:`nnlite.training.fit`.

    Returns
    -------
    nnlite.training.History
        The loss of each step.
    """
    from threadpoolctl import threadpool_limits

    optimizer = muon(network, lr)
    schedule = optim.CosineSchedule(optimizer, len(batches), warmup_steps=min(warmup, len(batches)), final=final)
    average = optim.EMA(network.parameters(), decay, warmup=True)
    # Products as small as these gain little from a second core, and lose much where another program uses it.
    with threadpool_limits(1, "blas"):
        history = fit(
            network, batches, F.mse_loss, optimizer, schedule=schedule, on_step=lambda _: average.update(), **options
        )
    average.copy_to()
    return history
