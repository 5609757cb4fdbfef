"""The Transformer: a network whose layers let every position look at every other (Vaswani et al. 2017).

A layer is attention, which moves information between positions, then a small multilayer network applied to each
position by itself; around each of the two stands a residual connection and a layer norm ("post-LN")::

    x <- LayerNorm(x + MultiHead(x, x, x))
    x <- LayerNorm(x + W2 max(0, W1 x + b1) + b2)                                        (§3.1, §3.3)

With ``norm_first`` the norm stands before each of the two instead ("pre-LN", Xiong et al. 2020), which learns faster.
Attention itself does not know where a position is, so waves of many lengths are added to the input (§3.5).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from nnlite import functional as F
from nnlite import nn
from nnlite.arguments import Array
from nnlite.contracts import flag, integer, number, rng, word
from nnlite.random import generator
from nnlite.registry import exercise
from nnlite.tensor import Tensor, as_plain


class _Even(integer):
    """An even number."""

    def convert(self, value: Any, name: str) -> int:
        found = super().convert(value, name)
        if found % 2:
            raise ValueError(f"{name} is {value}, expected an even number")
        return found


@exercise("transformer.positional_encoding", takes=dict(length=integer(0), d_model=_Even(2)))
def positional_encoding(length: int, d_model: int) -> Array:
    """Return sines and cosines of each position, from wave length 2π to 10,000 · 2π.

    Parameters
    ----------
    length : int
        How many positions, T.
    d_model : int
        How many numbers for each, an even D.

    Returns
    -------
    numpy.ndarray
        (T, D) float32; ``PE[t, 2i] = sin(t / 10000^(2i/D))`` and ``PE[t, 2i+1] = cos(t / 10000^(2i/D))``.

    References
    ----------
    Vaswani et al. 2017, §3.5.

    Examples
    --------
    >>> from nnlite.models.sequences import positional_encoding
    >>> positional_encoding(1, 4)
    array([[0., 1., 0., 1.]], dtype=float32)
    """
    position = np.arange(length)[:, None]  # (T, 1)
    angle = position / 10000 ** (np.arange(0, d_model, 2) / d_model)  # (T, D/2)
    return np.stack([np.sin(angle), np.cos(angle)], axis=-1).reshape(length, d_model).astype(np.float32)


#: what a layer takes, and a model of many such layers too
LAYER: dict[str, Any] = dict(
    nhead=integer(1), dim_feedforward=integer(1), dropout=number(0, 1), norm_first=flag, rng=rng
)


class TransformerEncoderLayer(nn.Module):
    """Attention and a small multilayer network, each with a residual connection and a layer norm.

    The weights have the names and layout of ``torch.nn.TransformerEncoderLayer(batch_first=True)``.

    Parameters
    ----------
    d_model, nhead, dim_feedforward
        The length of the vectors, the number of heads, the number of hidden neurons.
    dropout
        The probability with which a number is silenced while training.
    activation
        "relu" or "gelu", between the two linear maps.
    norm_first
        Whether the layer norms stand before attention and network (pre-LN).
    rng
        Generator, seed or None.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite.models.sequences import TransformerEncoderLayer
    >>> TransformerEncoderLayer(8, 2, 16, rng=0)(np.ones((1, 5, 8))).shape
    (1, 5, 8)
    """

    takes = dict(d_model=integer(1), **LAYER, activation=word("relu", "gelu"))

    def __init__(
        self,
        d_model: int,
        nhead: int,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: str = "relu",
        norm_first: bool = False,
        rng: Any = None,
    ) -> None:
        rng = generator(rng)
        self.norm_first = norm_first
        self.activation = activation
        self.self_attn = nn.MultiheadAttention(d_model, nhead, dropout, rng=rng)
        self.linear1 = nn.Linear(d_model, dim_feedforward, rng=rng)
        self.linear2 = nn.Linear(dim_feedforward, d_model, rng=rng)
        self.norm1 = nn.LayerNorm(d_model)
        self.norm2 = nn.LayerNorm(d_model)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Any, is_causal: bool = False) -> Tensor:
        """Map (N, T, d_model) to the same shape."""
        if self.norm_first:
            x = x + self._attend(self.norm1(x), is_causal)
            return x + self._feed_forward(self.norm2(x))
        x = self.norm1(x + self._attend(x, is_causal))
        return self.norm2(x + self._feed_forward(x))

    def _attend(self, x: Any, is_causal: bool) -> Tensor:
        return self.dropout(self.self_attn(x, x, x, is_causal=is_causal))

    def _feed_forward(self, x: Tensor) -> Tensor:
        hidden = F.relu(self.linear1(x)) if self.activation == "relu" else F.gelu(self.linear1(x))
        return self.dropout(self.linear2(self.dropout(hidden)))


class Transformer(nn.Module):
    """Symbols in, scores for a symbol at every position out.

    Parameters
    ----------
    vocabulary
        How many symbols there are.
    d_model, nhead, num_layers, dim_feedforward
        The sizes of the paper's table 3, a thousand times smaller.
    max_length
        The longest sequence.
    dropout
        The probability with which a number is silenced while training.
    is_causal
        Whether a position sees only those before it.
    norm_first
        Whether the layer norms stand before attention and network (pre-LN), followed by one at the end.
    rng
        Generator, seed or None.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite.models.sequences import Transformer
    >>> Transformer(10, d_model=8, nhead=2, num_layers=1, max_length=6, rng=0)(np.array([[1, 2, 3]])).shape
    (1, 3, 10)
    """

    takes = dict(
        vocabulary=integer(1), d_model=_Even(2), **LAYER, num_layers=integer(1), max_length=integer(1), is_causal=flag
    )

    def __init__(
        self,
        vocabulary: int,
        d_model: int = 64,
        nhead: int = 4,
        num_layers: int = 2,
        dim_feedforward: int = 128,
        max_length: int = 128,
        dropout: float = 0.0,
        is_causal: bool = True,
        norm_first: bool = False,
        rng: Any = None,
    ) -> None:
        rng = generator(rng)
        self.is_causal = is_causal
        self.max_length = max_length
        self.embedding = nn.Embedding(vocabulary, d_model, rng=rng)
        self.embedding.weight.data *= 1 / math.sqrt(
            d_model
        )  # so that after the factor of §3.4 symbol and wave are alike
        self.layers = nn.ModuleList(
            TransformerEncoderLayer(d_model, nhead, dim_feedforward, dropout, norm_first=norm_first, rng=rng)
            for _ in range(num_layers)
        )
        self.norm = nn.LayerNorm(d_model) if norm_first else None
        self.head = nn.Linear(d_model, vocabulary, rng=rng)

    def forward(self, tokens: Any) -> Tensor:
        """Map integers (N, T) to scores (N, T, vocabulary)."""
        x = self.embed(tokens)
        for layer in self.layers:
            x = layer(x, is_causal=self.is_causal)
        return self.head(x if self.norm is None else self.norm(x))

    def embed(self, tokens: Any) -> Tensor:
        """Map integers (N, T) to vectors (N, T, d_model) that know what and where they are."""
        tokens = np.asarray(as_plain(tokens))
        if tokens.ndim != 2 or not 0 < tokens.shape[1] <= self.max_length:
            raise ValueError(
                f"Transformer: tokens has shape {tokens.shape}, expected (N, T) with T <= {self.max_length}"
            )
        x = self.embedding(tokens) * math.sqrt(self.embedding.embedding_dim)  # (N, T, D); the factor: §3.4
        return x + positional_encoding(tokens.shape[1], self.embedding.embedding_dim)

    def attention(self, tokens: Any) -> list[Array]:
        """Return who looks at whom: for each layer an array (N, heads, T, T) whose rows add up to 1."""
        x = self.embed(tokens)
        maps = []
        for layer in self.layers:
            assert isinstance(layer, TransformerEncoderLayer)
            seen = layer.norm1(x) if layer.norm_first else x
            maps.append(layer.self_attn.weights(seen, seen, self.is_causal))
            x = layer(x, is_causal=self.is_causal)
        return maps
