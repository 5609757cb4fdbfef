"""The smallest text-to-image system that draws: cats of 16x16 pixels, learnt from scratch in less than a minute.

To be learnt so fast the cats are simplified: only close-ups, and half the jitter. Fur, background, eyes, pattern, what
is worn, and the words of the captions are those of :mod:`nnlite.data.cats`.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from nnlite.arguments import Array
from nnlite.contracts import flag, function, integer, number, rng, takes
from nnlite.data import cats
from nnlite.diffusion.pipeline import TextToImage
from nnlite.diffusion.train import train
from nnlite.random import generator

SIZE = 16

#: how the cats of this system are simplified
CHOICES: dict[str, Any] = {"framing": ("close-up",)}
JITTER = 0.5


@takes("train_cats", steps=integer(1), examples=integer(1), rng=rng, verbose=flag)
def train_cats(
    steps: int = 350,
    *,
    examples: int = 6000,
    rng: np.random.Generator | int | None = 0,
    verbose: bool = True,
) -> TextToImage:
    """Draw captioned cats and train a text-to-image system on them.

    Parameters
    ----------
    steps
        The number of training steps.
    examples
        The number of cats to draw.
    rng
        Where cats, captions, first weights and noise come from.
    verbose
        Whether to show a progress bar.

    Returns
    -------
    TextToImage
        ``pipeline("a red cat at night")`` draws one; ``pipeline.history`` has the losses.

    Examples
    --------
    >>> from nnlite.diffusion import train_cats
    >>> pipeline = train_cats(steps=1, examples=8, rng=0, verbose=False)
    >>> pipeline("a red cat at night", steps=2, rng=0)
    Pictures(1 of 16x16: 'a red cat at night')
    """
    rng = generator(rng)
    pictures, shown = cats.draw_many(examples, SIZE, rng, jitter=JITTER, **CHOICES)
    captions = [cats.caption(cat, rng) for cat in shown]
    pipeline = TextToImage.small(SIZE, depth=2, rng=rng)
    train(pipeline, pictures, captions, steps=steps, rng=rng, verbose=verbose)
    return pipeline


@takes("attribute_accuracy", pipeline=function(), n=integer(1), guidance=number(0), steps=integer(1), rng=rng)
def attribute_accuracy(
    pipeline: Callable[..., Any],
    n: int = 128,
    *,
    guidance: float = 3.0,
    steps: int = 16,
    rng: np.random.Generator | int | None = 0,
) -> dict[str, float]:
    """Say how often a pipeline draws what the prompt names, measured from the pixels.

    For each attribute there is a region to look at: the four corners for the background, the cheeks for the fur, the
    eyes, the top of the head, the neck. The picture shows the value whose drawing without jitter is nearest to it
    there.

    Parameters
    ----------
    pipeline
        Called with a list of prompts, ``guidance=``, ``steps=`` and ``rng=``; returns pictures (n, 3, 16, 16).
    n
        The number of prompts: captions of random cats in which nothing is left out.
    guidance, steps
        Passed on to the pipeline.
    rng
        Where prompts and noise come from: the same seed asks for the same cats, whatever the guidance.

    Returns
    -------
    dict
        ``{"background": share, "fur": share, "eyes": …, "head": …, "neck": …, "all": …}``, each from 0 to 1; the last
        is the share of pictures in which all five are right.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite.data import cats
    >>> from nnlite.diffusion import attribute_accuracy
    >>> def painter(prompts, guidance, steps, rng):     # always the same cat
    ...     return np.stack([cats.draw(cats.Cat(framing="close-up"), 16, jitter=0)] * len(prompts))
    >>> attribute_accuracy(painter, n=40, rng=0)["fur"]
    0.1
    """
    rng = generator(rng)
    asked = [cats.sample(rng, **CHOICES) for _ in range(n)]
    prompts = [cats.caption(cat, rng, left_out=0) for cat in asked]
    pictures = np.asarray(pipeline(prompts, guidance=guidance, steps=steps, rng=rng))
    right = {name: [judge(x, cat, name) == getattr(cat, name) for x, cat in zip(pictures, asked)] for name in REGIONS}
    right["all"] = np.all(list(right.values()), axis=0).tolist()
    return {name: float(np.mean(answers)) for name, answers in right.items()}


def judge(picture: Array, asked: cats.Cat, name: str) -> str:
    """Return the value of an attribute that a picture (3, 16, 16) shows, all else being as asked."""

    def look(picture: Array) -> Array:
        return np.array([picture[:, rows, columns].mean((1, 2)) for rows, columns in REGIONS[name]])

    seen, distances = look(picture), {}
    for value in cats.ATTRIBUTES[name]:
        distances[value] = float(np.linalg.norm(seen - look(_pure(replace(asked, **{name: value})))))
    return min(distances, key=lambda value: distances[value])


@functools.lru_cache(4096)
def _pure(cat: cats.Cat) -> Array:
    return cats.draw(cat, SIZE, jitter=0)


_START, _END = slice(0, 2), slice(14, 16)

#: attribute -> the patches of pixels where it is to be seen: rows and columns
REGIONS = {
    "background": [(_START, _START), (_START, _END), (_END, _START), (_END, _END)],
    "fur": [(slice(8, 11), slice(3, 4)), (slice(8, 11), slice(12, 13))],
    "eyes": [(slice(8, 11), slice(4, 7)), (slice(8, 11), slice(9, 12))],
    "head": [(slice(0, 2), slice(6, 10)), (slice(2, 5), slice(5, 11))],
    "neck": [(slice(13, 16), slice(4, 12))],
}
