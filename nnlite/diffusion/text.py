"""The text side: a caption becomes word numbers, and these become vectors that a denoiser can look at.

Each word first looks at the one after it, which tells the blue cat from the blue background, then one bidirectional
Transformer layer (pre-norm) lets all words look at one another. The encoder returns a vector for each word, which the
denoiser's cross-attention reads, and their mean, which is added to the denoiser's time embedding.
"""

from __future__ import annotations

import difflib
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from nnlite import functional as F
from nnlite import nn
from nnlite.arguments import Array
from nnlite.contracts import Checked, integer, rng
from nnlite.data.cats import WORDS, words
from nnlite.nn import init
from nnlite.random import generator
from nnlite.tensor import Tensor

PAD, START = 0, 1


class Tokenizer(Checked):
    """Captions to word numbers: 0 is padding, 1 the start that every caption has, even the empty one.

    Parameters
    ----------
    vocabulary
        The known words; those of the cat captions if not given.
    length
        How many numbers a caption becomes, the start included.

    Examples
    --------
    >>> from nnlite.diffusion import Tokenizer
    >>> tokenizer = Tokenizer(["a", "cat"], length=4)
    >>> tokenizer(["a cat", ""])
    array([[1, 2, 3, 0],
           [1, 0, 0, 0]])
    """

    takes = dict(length=integer(2))

    def __init__(self, vocabulary: Sequence[str] = WORDS, length: int = 24) -> None:
        self.vocabulary = tuple(vocabulary)
        self.length = length
        self._number = {word: i + 2 for i, word in enumerate(self.vocabulary)}

    def __len__(self) -> int:
        """The number of different tokens."""
        return len(self.vocabulary) + 2

    def __call__(self, captions: str | Sequence[str]) -> Array:
        """Return (N, length) integers.

        A word that is not known is left out with a warning that names it and the nearest known word; so is what is
        beyond the length.
        """
        captions = [captions] if isinstance(captions, str) else list(captions)
        tokens = np.full((len(captions), self.length), PAD, np.int64)
        tokens[:, 0] = START
        for row, caption in zip(tokens, captions):
            numbers = [self._number[word] for word in words(caption) if self._knows(word)]
            if len(numbers) > self.length - 1:
                warnings.warn(f"{caption!r} has {len(numbers)} words, only {self.length - 1} are read", stacklevel=3)
            row[1 : 1 + len(numbers)] = numbers[: self.length - 1]
        return tokens

    def _knows(self, word: str) -> bool:
        if word in self._number:
            return True
        near = difflib.get_close_matches(word, self.vocabulary, n=1, cutoff=0.0)
        warnings.warn(
            f"the word {word!r} is not known and left out; the nearest known word is {near[0]!r}", stacklevel=4
        )
        return False

    def decode(self, tokens: Any) -> str:
        """Return the words of one row of tokens."""
        return " ".join(self.vocabulary[int(i) - 2] for i in tokens if int(i) >= 2)

    def __repr__(self) -> str:
        return f"Tokenizer({len(self.vocabulary)} words, length={self.length})"


class TextEncoder(nn.Module):
    """Word numbers to vectors: embedding, pairs of neighbours, position, one layer of attention between all words.

    Parameters
    ----------
    vocabulary_size
        The number of different tokens, ``len(tokenizer)``.
    length
        The number of tokens in a caption, ``tokenizer.length``.
    dim, heads
        The length of the vectors, the attentions side by side.
    rng
        Where the weights come from.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite.diffusion import TextEncoder
    >>> words, caption = TextEncoder(44, 24, dim=32, rng=0)(np.ones((2, 24), int))
    >>> words.shape, caption.shape
    ((2, 24, 32), (2, 32))
    """

    takes = dict(vocabulary_size=integer(1), length=integer(1), dim=integer(1), heads=integer(1), rng=rng)

    def __init__(self, vocabulary_size: int, length: int, dim: int = 64, heads: int = 4, rng: Any = None) -> None:
        rng = generator(rng)
        self.embedding = nn.Embedding(vocabulary_size, dim, rng=rng)
        self.pair = nn.Linear(2 * dim, dim, rng=rng)
        self.position = nn.Parameter(init.normal((length, dim), 0.3, rng))
        self.norm1, self.norm2, self.norm3 = nn.LayerNorm(dim), nn.LayerNorm(dim), nn.LayerNorm(dim)
        self.attention = nn.MultiheadAttention(dim, heads, rng=rng)
        self.mlp = nn.Sequential(nn.Linear(dim, 2 * dim, rng=rng), nn.GELU("tanh"), nn.Linear(2 * dim, dim, rng=rng))

    def forward(self, tokens: Array) -> tuple[Tensor, Tensor]:
        """Map tokens (N, L) to one vector for each word (N, L, dim) and one for the caption (N, dim)."""
        said = (np.asarray(tokens) != PAD).astype(np.float32)  # (N, L)
        x = self.embedding(tokens)
        x = x + self.pair(F.cat([x, self.embedding(np.roll(tokens, -1, axis=1))], 2)) + self.position
        h = self.norm1(x)
        x = x + self.attention(h, h, h)
        x = self.norm3(x + self.mlp(self.norm2(x))) * said[:, :, None]
        return x, F.sum(x, 1) / said.sum(1, keepdims=True)
