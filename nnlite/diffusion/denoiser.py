"""The denoiser: a Transformer that looks at a noisy picture, the time and a caption (DiT; Peebles, Xie 2022).

The picture is cut into patches, each a token with its position in sines and cosines. In every block the patches look at
one another, then at the words of the caption; then a small network works on each patch by itself. Time and caption also
modulate every block through its layer norms (adaLN)::

    x = x + gate * f((1 + scale) * LayerNorm(x) + shift)

where shift, scale and gate come from one linear map of the condition, shared by all blocks, plus an offset of each. The
last layer starts at zero, so an untrained denoiser predicts zero.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from nnlite import functional as F
from nnlite import nn
from nnlite.arguments import Array
from nnlite.contracts import integer, rng
from nnlite.random import generator
from nnlite.tensor import Tensor


def sinusoidal_embedding(values: Array, dim: int, shortest: float, longest: float) -> Array:
    """Return sines and cosines of `values` (...) at dim / 2 wavelengths: (..., dim), float32.

    Parameters
    ----------
    values
        Times or positions.
    dim
        How many numbers stand for each.
    shortest, longest
        The wavelengths run from the one to the other, each longer than the last by the same factor.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite.diffusion.denoiser import sinusoidal_embedding
    >>> sinusoidal_embedding(np.array([0.0, 1.0]), 4, 2.0, 4.0).round(2) + 0.0
    array([[ 0.,  0.,  1.,  1.],
           [ 0.,  1., -1.,  0.]], dtype=float32)
    """
    wavelengths = shortest * (longest / shortest) ** np.linspace(0, 1, dim // 2)
    angles = 2 * math.pi * np.asarray(values, np.float64)[..., None] / wavelengths
    return np.concatenate([np.sin(angles), np.cos(angles)], -1).astype(np.float32)


def position_embedding(height: int, width: int, dim: int) -> Array:
    """Return the position of each patch in sines and cosines, (height * width, dim), float32.

    Positions are counted from the centre of the picture, so that another size adds patches at the rim and moves none.

    Parameters
    ----------
    height, width
        The number of patches in a column and in a row.
    dim
        How many numbers stand for each patch, a multiple of 4.
    """
    y = np.arange(height) - (height - 1) / 2
    x = np.arange(width) - (width - 1) / 2
    rows = np.broadcast_to(sinusoidal_embedding(y, dim // 2, 4.0, 64.0)[:, None], (height, width, dim // 2))
    columns = np.broadcast_to(sinusoidal_embedding(x, dim // 2, 4.0, 64.0)[None], (height, width, dim // 2))
    return np.concatenate([rows, columns], -1).reshape(height * width, dim)


def patchify(x: Any, patch: int) -> Tensor:
    """Cut pictures (N, C, H, W) into patches (N, H W / patch^2, C patch^2), row by row.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite.diffusion.denoiser import patchify
    >>> patchify(np.arange(16.0).reshape(1, 1, 4, 4), 2).data[0, 1]
    array([2., 3., 6., 7.])
    """
    n, c, h, w = np.shape(x)
    x = F.reshape(x, (n, c, h // patch, patch, w // patch, patch))
    return x.permute(0, 2, 4, 1, 3, 5).reshape(n, (h // patch) * (w // patch), c * patch * patch)


def unpatchify(x: Tensor, patch: int, height: int, width: int) -> Tensor:
    """Put patches (N, height width / patch^2, C patch^2) together again: (N, C, height, width)."""
    n, _, d = x.shape
    x = x.reshape(n, height // patch, width // patch, d // patch**2, patch, patch)
    return x.permute(0, 3, 1, 4, 2, 5).reshape(n, d // patch**2, height, width)


class Block(nn.Module):
    """Attention between patches, attention to the words, a small network for each patch.

    Parameters
    ----------
    dim, heads
        The length of the vectors, the attentions side by side.
    rng
        Where the weights come from.
    """

    def __init__(self, dim: int, heads: int, rng: np.random.Generator) -> None:
        self.offset = nn.Parameter(np.zeros((6, dim), np.float32))
        self.offset.data[[2, 5]] = 1  # gates that are open from the start
        self.attention = nn.MultiheadAttention(dim, heads, rng=rng)
        self.norm = nn.LayerNorm(dim)
        self.cross = nn.MultiheadAttention(dim, heads, rng=rng)
        self.expand = nn.Linear(dim, 3 * dim, rng=rng)
        self.shrink = nn.Linear(3 * dim, dim, rng=rng)

    def forward(self, x: Tensor, modulation: Tensor, words: Tensor) -> Tensor:
        """Map (N, T, dim) to the same; `modulation` is (N, 6, dim), `words` (N, L, dim)."""
        modulation = (modulation + self.offset).reshape(len(x), 6, 1, x.shape[-1])
        shift, scale, gate = modulation[:, 0], modulation[:, 1], modulation[:, 2]  # (N, 1, dim) each
        h = modulate(x, shift, scale)
        x = x + gate * self.attention(h, h, h)
        x = x + self.cross(self.norm(x), words, words)
        shift, scale, gate = modulation[:, 3], modulation[:, 4], modulation[:, 5]
        return x + gate * self.shrink(F.gelu(self.expand(modulate(x, shift, scale)), "tanh"))


def modulate(x: Tensor, shift: Tensor, scale: Tensor) -> Tensor:
    """Return ``(1 + scale) LayerNorm(x) + shift``; x is (N, T, dim), the others (N, 1, dim)."""
    return F.layer_norm(x, x.shape[-1]) * (1 + scale) + shift


class DiT(nn.Module):
    """A diffusion Transformer.

    Parameters
    ----------
    channels
        The number of channels of the pictures, or of the latents that stand for them.
    text_dim
        The length of the text encoder's vectors.
    patch
        The side of a patch; height and width must be multiples of it.
    dim, depth, heads
        The length of the vectors, the number of blocks, the attentions side by side.
    rng
        Where the weights come from.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite.diffusion import DiT
    >>> denoiser = DiT(channels=3, text_dim=8, dim=16, depth=1, heads=2, rng=0)
    >>> words, caption = np.ones((2, 5, 8)), np.ones((2, 8))
    >>> denoiser(np.ones((2, 3, 16, 16)), np.ones(2), words, caption).shape
    (2, 3, 16, 16)
    """

    takes = dict(
        channels=integer(1),
        text_dim=integer(1),
        patch=integer(1),
        dim=integer(4),
        depth=integer(1),
        heads=integer(1),
        rng=rng,
    )

    def __init__(
        self,
        channels: int = 3,
        text_dim: int = 64,
        patch: int = 2,
        dim: int = 96,
        depth: int = 3,
        heads: int = 4,
        rng: Any = None,
    ) -> None:
        rng = generator(rng)
        self.channels, self.patch, self.dim = channels, patch, dim
        if dim % (4 * heads):
            raise ValueError(f"DiT: dim is {dim}, expected a multiple of 4 * heads = {4 * heads}")
        self.embed = nn.Linear(channels * patch**2, dim, rng=rng)
        self.time1, self.time2 = nn.Linear(dim, dim, rng=rng), nn.Linear(dim, dim, rng=rng)
        self.caption = nn.Linear(text_dim, dim, rng=rng)
        self.words = nn.Linear(text_dim, dim, rng=rng)
        self.modulation = nn.Linear(dim, 6 * dim, rng=rng)
        self.blocks = nn.ModuleList(Block(dim, heads, rng) for _ in range(depth))
        self.last_modulation = nn.Linear(dim, 2 * dim, rng=rng)
        self.last = nn.Linear(dim, channels * patch**2, rng=rng)
        for weight in self.last.parameters():
            weight.data[:] = 0

    def forward(self, x: Any, t: Array, words: Any, caption: Any) -> Tensor:
        """Predict noise or velocity.

        Parameters
        ----------
        x
            (N, channels, H, W), noisy pictures.
        t
            (N,), times from 0 (picture) to 1 (noise).
        words, caption
            (N, L, text_dim) and (N, text_dim), from the text encoder.

        Raises
        ------
        ValueError
            If H or W is not a multiple of the patch, or the number of channels is not the denoiser's.
        """
        n, c, height, width = np.shape(x)
        if c != self.channels or height % self.patch or width % self.patch:
            raise ValueError(
                f"DiT: x has shape {np.shape(x)}, expected {self.channels} channels "
                f"and sides that are multiples of {self.patch}"
            )
        tokens = self.embed(patchify(x, self.patch))  # (N, T, dim)
        tokens = tokens + position_embedding(height // self.patch, width // self.patch, self.dim)
        condition = self.time2(F.silu(self.time1(sinusoidal_embedding(t, self.dim, 0.1, 4.0)))) + self.caption(caption)
        condition = F.silu(condition)
        modulation, words = self.modulation(condition).reshape(n, 6, self.dim), self.words(words)
        for block in self.blocks:
            tokens = block(tokens, modulation, words)
        shift, scale = self.last_modulation(condition).reshape(n, 2, 1, self.dim).permute(1, 0, 2, 3)
        return unpatchify(self.last(modulate(tokens, shift, scale)), self.patch, height, width)
