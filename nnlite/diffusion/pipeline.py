"""Text to image: the parts of the system and the order in which they work.

    prompt -> tokenizer -> text encoder -> | denoiser, guided, step by step by the sampler | -> decoder -> picture
                                 noise  -> |                                               |

The parts meet only here, so each can be replaced by another of the same shape. The codec stands where a latent system
has its autoencoder (Rombach et al. 2022): here pictures are their own latents.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np

from nnlite import nn
from nnlite.arguments import Array, integer
from nnlite.diffusion.denoiser import DiT
from nnlite.diffusion.guidance import guided
from nnlite.diffusion.pictures import Pictures
from nnlite.diffusion.process import RectifiedFlow
from nnlite.diffusion.samplers import euler
from nnlite.diffusion.text import TextEncoder, Tokenizer
from nnlite.random import generator
from nnlite.tensor import Tensor


class Codec(Protocol):
    """What turns pictures into the arrays that are diffused, and back."""

    channels: int
    factor: int  # a latent is so many times smaller than its picture

    def encode(self, pictures: Array) -> Array:
        """Map (N, 3, H, W) from 0 to 1 to latents of about unit size."""

    def decode(self, latents: Array) -> Array:
        """Map latents to (N, 3, H, W) from 0 to 1."""


class Pixels:
    """The simplest codec: a latent is the picture itself, from -1 to 1.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite.diffusion import Pixels
    >>> Pixels().decode(Pixels().encode(np.full((1, 3, 2, 2), 0.25)))[0, 0]
    array([[0.25, 0.25],
           [0.25, 0.25]])
    """

    channels, factor = 3, 1

    def encode(self, pictures: Array) -> Array:
        """Return ``2 x - 1``."""
        return 2 * pictures - 1

    def decode(self, latents: Array) -> Array:
        """Return ``(x + 1) / 2``, clipped to 0 … 1."""
        return np.clip((latents + 1) / 2, 0, 1)


class Network(nn.Module):
    """The two networks that are trained together.

    Parameters
    ----------
    text
        The text encoder: tokens to vectors of words and captions.
    denoiser
        What finds the way from noise to picture.
    """

    def __init__(self, text: TextEncoder, denoiser: DiT) -> None:
        self.text, self.denoiser = text, denoiser

    def forward(self, x: Any, t: Array, tokens: Array) -> Tensor:
        """Predict the velocity of `x` (N, C, H, W) at times t (N,), given the captions' tokens (N, L)."""
        words, caption = self.text(tokens)
        return self.denoiser(x, t, words, caption)


class TextToImage:
    """A text-to-image system.

    Parameters
    ----------
    network
        Text encoder and denoiser.
    tokenizer
        Captions to word numbers.
    process
        What the denoiser was trained to undo.
    codec
        Pictures to latents and back.
    size
        The side, or (height, width), of the pictures it was trained on.

    Examples
    --------
    >>> from nnlite.diffusion import TextToImage
    >>> pipeline = TextToImage.small(size=8, dim=16, depth=1, rng=0)
    >>> pictures = pipeline(["a red cat", "a cat at night"], steps=2, rng=0)
    >>> pictures.array.shape
    (2, 3, 8, 8)
    """

    def __init__(
        self,
        network: Network,
        tokenizer: Tokenizer,
        process: RectifiedFlow | None = None,
        codec: Codec | None = None,
        size: int | tuple[int, int] = 16,
    ) -> None:
        self.network, self.tokenizer = network, tokenizer
        self.process = RectifiedFlow() if process is None else process
        self.codec: Codec = Pixels() if codec is None else codec
        self.size = (size, size) if isinstance(size, int) else tuple(size)
        self.history: Any = None  # the losses, once it is trained

    @classmethod
    def small(
        cls, size: int | tuple[int, int] = 16, dim: int = 96, depth: int = 2, text_dim: int = 64, rng: Any = None
    ) -> TextToImage:
        """Return an untrained system in pixel space, for pictures of `size`."""
        rng, tokenizer = generator(rng), Tokenizer()
        text = TextEncoder(len(tokenizer), tokenizer.length, text_dim, rng=rng)
        denoiser = DiT(Pixels.channels, text_dim, dim=dim, depth=depth, rng=rng)
        return cls(Network(text, denoiser), tokenizer, size=size)

    def __call__(
        self,
        prompt: str | Sequence[str],
        *,
        negative: str = "",
        guidance: float = 3.0,
        steps: int = 16,
        size: int | tuple[int, int] | None = None,
        rng: np.random.Generator | int | None = None,
        keep: bool = False,
    ) -> Pictures:
        """Make a picture of each prompt.

        Parameters
        ----------
        prompt
            One or several captions.
        negative
            What the pictures should not show: it takes the place of the empty caption in the guidance.
        guidance
            How strongly the prompt is followed; 1 is none.
        steps
            The number of steps of Euler's method.
        size
            Another size than it was trained on: a side or (height, width).
        rng
            Where the noise comes from: the same seed and prompt give the same picture.
        keep
            Whether ``.steps`` of the result holds what each step saw, the noise first.

        Raises
        ------
        TypeError, ValueError
            If a prompt is not text, there is none, guidance is negative, there is no step or the size does not fit.
        """
        prompts = [prompt] if isinstance(prompt, str) else list(prompt)
        if not prompts:
            raise ValueError("TextToImage: prompt is empty, expected at least one caption")
        tokens, negatives = self.tokenizer(prompts), self.tokenizer([negative] * len(prompts))
        wanted: Any = self.size if size is None else size
        sides = wanted if isinstance(wanted, tuple | list) and len(wanted) == 2 else (wanted, wanted)
        shape = [integer(side, "TextToImage: size", low=1) // self.codec.factor for side in sides]
        x = generator(rng).standard_normal((len(prompts), self.codec.channels, *shape), dtype=np.float32)
        seen = [x]
        velocity = guided(self.network, tokens, negatives, guidance)
        x = euler(velocity, x, steps, on_step=seen.append if keep else None)
        path = np.stack([self.codec.decode(state) for state in seen]) if keep else None
        return Pictures(self.codec.decode(x), prompts, path)

    def __repr__(self) -> str:
        weights = sum(p.numel() for p in self.network.parameters())
        height, width = self.size
        return f"TextToImage({height}x{width}, {weights:,} weights, {self.process!r}, {type(self.codec).__name__})"
