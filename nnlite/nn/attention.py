"""Multi-head attention: several attentions side by side, each in its own projection (Vaswani et al. 2017, §3.2.2).

head_i = attention(Q W_i^Q, K W_i^K, V W_i^V)        y = [head_1 ... head_h] W^O
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from nnlite import functional as F
from nnlite.arguments import Array
from nnlite.contracts import flag, integer, number, rng
from nnlite.nn import init
from nnlite.nn.linear import Linear
from nnlite.nn.module import Module, Parameter, check_shape, shape_of
from nnlite.random import generator
from nnlite.tensor import Tensor, as_plain


class MultiheadAttention(Module):
    """Several attentions side by side, each in its own projection of the vectors (Vaswani et al. 2017, §3.2.2).

    The weights have PyTorch's names and layout. Two things differ from PyTorch's layer: vectors come batch first,
    (N, T, embed_dim), unless ``batch_first=False``, and the output comes alone; :meth:`weights` returns who looks at
    whom. One sequence without a batch, (T, embed_dim), is taken too.

    Parameters
    ----------
    embed_dim : int
        The length of the vectors.
    num_heads : int
        Into how many heads they are cut; it divides `embed_dim`.
    dropout : float
        The probability, from 0 to 1, with which a weight of the attention is dropped in training.
    bias : bool
        Whether the projections have a bias.
    kdim, vdim : int, optional
        The lengths of the key and value vectors, `embed_dim` by default.
    rng : numpy.random.Generator, int or None
        The source of randomness, or its seed; None draws from the default generator.
    batch_first : bool
        Whether vectors come as (N, T, embed_dim); otherwise as (T, N, embed_dim).

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite import nn
    >>> x = np.ones((2, 5, 8))
    >>> nn.MultiheadAttention(8, 2, rng=0)(x, x, x).shape
    (2, 5, 8)
    """

    takes = dict(
        embed_dim=integer(1),
        num_heads=integer(1),
        dropout=number(0, 1),
        bias=flag,
        kdim=integer(1) | None,
        vdim=integer(1) | None,
        rng=rng,
        batch_first=flag,
    )

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        dropout: float = 0.0,
        bias: bool = True,
        kdim: int | None = None,
        vdim: int | None = None,
        rng: Any = None,
        batch_first: bool = True,
    ) -> None:
        self.batch_first = batch_first
        if embed_dim % num_heads:
            raise ValueError(
                f"MultiheadAttention: embed_dim is {embed_dim}, expected a multiple of num_heads={num_heads}"
            )
        self.embed_dim, self.num_heads, self.dropout = embed_dim, num_heads, dropout
        self.kdim = embed_dim if kdim is None else kdim
        self.vdim = embed_dim if vdim is None else vdim
        rng = generator(rng)
        if self.kdim == self.vdim == embed_dim:
            self.in_proj_weight = Parameter(init.xavier_uniform((3 * embed_dim, embed_dim), rng))
        else:
            self.q_proj_weight = Parameter(init.xavier_uniform((embed_dim, embed_dim), rng))
            self.k_proj_weight = Parameter(init.xavier_uniform((embed_dim, self.kdim), rng))
            self.v_proj_weight = Parameter(init.xavier_uniform((embed_dim, self.vdim), rng))
        self.in_proj_bias = Parameter(np.zeros(3 * embed_dim, np.float32)) if bias else None
        self.out_proj = Linear(embed_dim, embed_dim, bias, rng)
        if self.out_proj.bias is not None:
            self.out_proj.bias.data[:] = 0

    def heads(self, query: Any, key: Any, value: Any) -> tuple[Tensor, Tensor, Tensor]:
        """Project and cut into heads: (N, T, E) to three of (N, heads, T, E/heads)."""
        e, d = self.embed_dim, self.embed_dim // self.num_heads
        together = hasattr(self, "in_proj_weight")
        if together and query is key and key is value:
            projected = F.linear(query, self.in_proj_weight, self.in_proj_bias)  # (N, T, 3E)
            n, t = projected.shape[:2]
            q, k, v = projected.reshape(n, t, 3, self.num_heads, d).permute(2, 0, 3, 1, 4)
            return q, k, v
        out = []
        for i, x in enumerate((query, key, value)):
            part = slice(i * e, (i + 1) * e)
            weight = self.in_proj_weight[part] if together else getattr(self, f"{'qkv'[i]}_proj_weight")
            projected = F.linear(x, weight, None if self.in_proj_bias is None else self.in_proj_bias[part])
            n, t = projected.shape[:2]
            out.append(projected.reshape(n, t, self.num_heads, d).transpose(1, 2))
        return out[0], out[1], out[2]

    def forward(
        self,
        query: Any,
        key: Any,
        value: Any,
        attn_mask: Any = None,
        is_causal: bool = False,
        key_padding_mask: Any = None,
    ) -> Tensor:
        """Let each position of `query` look at all positions of `key` and `value`.

        Parameters
        ----------
        query : (N, T, embed_dim) or (T, embed_dim)
        key : (N, S, kdim) or (S, kdim)
        value : (N, S, vdim) or (S, vdim)
        attn_mask : (T, S), (N * heads, T, S) or broadcastable to (N, heads, T, S), optional
            Booleans, True for what must **not** be looked at, as in PyTorch's layer (``scaled_dot_product_attention``
            has it the other way round, there and here); or floats, which are added to the scores.
        is_causal : bool
            Whether position t sees only positions up to t.
        key_padding_mask : booleans (N, S) or (S,), optional
            True for the positions of `key` that are padding and must not be looked at.

        Returns
        -------
        (N, T, embed_dim) or (T, embed_dim)
        """
        alone = self._is_alone(query)
        query, key, value = self._batch_first(alone, query=query, key=key, value=value)
        if alone and key_padding_mask is not None:
            key_padding_mask = np.asarray(as_plain(key_padding_mask))[None]
        y = self._attend(query, key, value, attn_mask, is_causal, key_padding_mask)
        if alone:
            return F.squeeze(y, 0)
        return y if self.batch_first else F.transpose(y, 0, 1)

    def _is_alone(self, query: Any) -> bool:
        """Whether it is one sequence, not a batch of them."""
        return len(shape_of(query, "MultiheadAttention: query")) == 2

    def _batch_first(self, alone: bool, **inputs: Any) -> list[Any]:
        """Bring inputs, which may be one and the same, to (N, length, width)."""
        widths = {"query": self.embed_dim, "key": self.kdim, "value": self.vdim}
        words = "L E" if alone else "N L E" if self.batch_first else "L N E"
        brought: dict[int, Any] = {}  # so that one product projects what is the same
        for name, x in inputs.items():
            check_shape(x, f"MultiheadAttention: {name}", words, E=widths[name])
            if id(x) not in brought:
                brought[id(x)] = F.unsqueeze(x, 0) if alone else x if self.batch_first else F.transpose(x, 0, 1)
        return [brought[id(x)] for x in inputs.values()]

    def _attend(
        self, query: Any, key: Any, value: Any, attn_mask: Any, is_causal: bool, key_padding_mask: Any
    ) -> Tensor:
        """Attend in a batch that comes first."""
        mask = self._mask(np.shape(query), np.shape(key), attn_mask, key_padding_mask)
        q, k, v = self.heads(query, key, value)
        if mask is not None and mask.dtype.kind == "f":
            mask = mask.astype(q.dtype, copy=False)
        p = self.dropout if self.training else 0.0
        y = F.scaled_dot_product_attention(q, k, v, mask, p, is_causal)
        n, _, t, _ = y.shape
        return self.out_proj(y.transpose(1, 2).reshape(n, t, self.embed_dim))

    def _mask(self, query: tuple[int, ...], key: tuple[int, ...], attn_mask: Any, padding: Any) -> Array | None:
        """Both masks as one, True or added where to look; None if there is none."""
        (n, t), s = query[:2], key[1]
        mask: Array | None = None
        if attn_mask is not None:
            mask = np.asarray(as_plain(attn_mask))
            if mask.dtype.kind not in "bf":
                raise TypeError(f"MultiheadAttention: attn_mask has dtype {mask.dtype}, expected bool or float")
            if mask.shape == (n * self.num_heads, t, s) and n * self.num_heads > 1:
                mask = mask.reshape(n, self.num_heads, t, s)
            try:
                fits = np.broadcast_shapes(mask.shape, (n, self.num_heads, t, s)) == (n, self.num_heads, t, s)
            except ValueError:
                fits = False
            if not fits:
                raise ValueError(
                    f"MultiheadAttention: attn_mask has shape {mask.shape}, expected ({t}, {s}) or one that broadcasts "
                    f"to {(n, self.num_heads, t, s)}"
                )
            mask = ~mask if mask.dtype.kind == "b" else mask
        if padding is not None:
            padding = np.asarray(as_plain(padding))
            if padding.dtype.kind != "b":
                raise TypeError(f"MultiheadAttention: key_padding_mask has dtype {padding.dtype}, expected bool")
            if padding.shape != (n, s):
                raise ValueError(f"MultiheadAttention: key_padding_mask has shape {padding.shape}, expected {(n, s)}")
            mask = _both(mask, ~padding[:, None, None, :])
        return mask

    def weights(self, query: Any, key: Any, is_causal: bool = False) -> Any:
        """Return who looks at whom, for pictures: (N, heads, T, S), or (heads, T, S), with rows that add up to 1."""
        alone = self._is_alone(query)
        query, key = self._batch_first(alone, query=query, key=key)
        if self.vdim != self.kdim:  # heads() projects a value too, which is not needed here
            q, k, _ = self.heads(query, key, np.zeros((*np.shape(key)[:2], self.vdim), np.float32))
        else:
            q, k, _ = self.heads(query, key, key)
        scores = (q @ k.mT).data / math.sqrt(q.shape[-1])
        if is_causal:
            scores = np.where(np.tri(*scores.shape[-2:]) > 0, scores, -np.inf)
        p = F.softmax(scores).data
        return p[0] if alone else p

    def extra_repr(self) -> str:
        """Return the sizes."""
        return f"{self.embed_dim}, num_heads={self.num_heads}"


def _both(mask: Array | None, seen: Array) -> Array:
    """The mask that hides what either hides."""
    if mask is None:
        return seen
    return mask & seen if mask.dtype.kind == "b" else np.where(seen, mask, -np.inf).astype(mask.dtype)
