"""The layers that own weights, and thin objects around the functions that own none."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from nnlite import functional as F
from nnlite.arguments import integer, number, one_of
from nnlite.functional.convolution import pair
from nnlite.nn import init
from nnlite.nn.module import Module, Parameter
from nnlite.random import generator
from nnlite.tensor import Tensor


class Linear(Module):
    """``y = x W^T + b``: `out_features` neurons that look at the same input.

    Examples
    --------
    >>> Linear(3, 2, rng=0)(np.ones((4, 3))).shape
    (4, 2)
    """

    def __init__(self, in_features: int, out_features: int, bias: bool = True, rng: Any = None) -> None:
        self.in_features = integer(in_features, "Linear: in_features", low=1)
        self.out_features = integer(out_features, "Linear: out_features", low=1)
        rng = generator(rng)
        self.weight = Parameter(init.fan_in_uniform((out_features, in_features), in_features, rng))
        self.bias = Parameter(init.fan_in_uniform((out_features,), in_features, rng)) if bias else None

    def forward(self, x: Any) -> Tensor:
        """Map (..., in_features) to (..., out_features)."""
        return F.linear(x, self.weight, self.bias)

    def extra_repr(self) -> str:
        """Return the sizes."""
        return f"{self.in_features}, {self.out_features}" + ("" if self.bias is not None else ", bias=False")


class Conv2d(Module):
    """The same small linear layer at every place of a picture (N, C, H, W).

    Examples
    --------
    >>> Conv2d(3, 8, 3, padding=1, rng=0)(np.ones((1, 3, 5, 5))).shape
    (1, 8, 5, 5)
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        dilation: Any = 1,
        groups: int = 1,
        bias: bool = True,
        rng: Any = None,
    ) -> None:
        groups = integer(groups, "Conv2d: groups", low=1)
        if integer(in_channels, "Conv2d: in_channels", low=1) % groups:
            raise ValueError(f"Conv2d: in_channels is {in_channels}, expected a multiple of groups={groups}")
        if integer(out_channels, "Conv2d: out_channels", low=1) % groups:
            raise ValueError(f"Conv2d: out_channels is {out_channels}, expected a multiple of groups={groups}")
        kh, kw = pair(kernel_size, "Conv2d: kernel_size", 1)
        self.stride = pair(stride, "Conv2d: stride", 1)
        self.padding = pair(padding, "Conv2d: padding", 0)
        self.dilation, self.groups = pair(dilation, "Conv2d: dilation", 1), groups
        rng = generator(rng)
        fan_in = in_channels // groups * kh * kw
        self.weight = Parameter(init.fan_in_uniform((out_channels, in_channels // groups, kh, kw), fan_in, rng))
        self.bias = Parameter(init.fan_in_uniform((out_channels,), fan_in, rng)) if bias else None

    def forward(self, x: Any) -> Tensor:
        """Map (N, C_in, H, W) to (N, C_out, H', W')."""
        return F.conv2d(x, self.weight, self.bias, self.stride, self.padding, self.dilation, self.groups)

    def extra_repr(self) -> str:
        """Return the sizes."""
        out, per_group, kh, kw = self.weight.shape
        return (
            f"{per_group * self.groups}, {out}, kernel_size=({kh}, {kw}), stride={self.stride}, padding={self.padding}"
        )


class Embedding(Module):
    """A table of vectors, one row for each of `num_embeddings` symbols.

    Examples
    --------
    >>> Embedding(10, 4, rng=0)([1, 2]).shape
    (2, 4)
    """

    def __init__(self, num_embeddings: int, embedding_dim: int, rng: Any = None) -> None:
        self.num_embeddings = integer(num_embeddings, "Embedding: num_embeddings", low=1)
        self.embedding_dim = integer(embedding_dim, "Embedding: embedding_dim", low=1)
        self.weight = Parameter(init.normal((num_embeddings, embedding_dim), 1.0, rng))

    def forward(self, indices: Any) -> Tensor:
        """Map integers (...) to vectors (..., embedding_dim)."""
        return F.embedding(indices, self.weight)

    def extra_repr(self) -> str:
        """Return the sizes."""
        return f"{self.num_embeddings}, {self.embedding_dim}"


class LayerNorm(Module):
    """Normalisation over the last axes, with a learnt scale and shift.

    Examples
    --------
    >>> LayerNorm(4)(np.ones((2, 4))).shape
    (2, 4)
    """

    def __init__(
        self, normalized_shape: Any, eps: float = 1e-5, elementwise_affine: bool = True, bias: bool = True
    ) -> None:
        shape = normalized_shape if isinstance(normalized_shape, tuple | list) else (normalized_shape,)
        self.normalized_shape = tuple(integer(n, "LayerNorm: normalized_shape", low=1) for n in shape)
        self.eps = number(eps, "LayerNorm: eps", low=0)
        self.weight = Parameter(np.ones(self.normalized_shape, np.float32)) if elementwise_affine else None
        self.bias = Parameter(np.zeros(self.normalized_shape, np.float32)) if elementwise_affine and bias else None

    def forward(self, x: Any) -> Tensor:
        """Map (..., *normalized_shape) to the same shape."""
        return F.layer_norm(x, self.normalized_shape, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        """Return the sizes."""
        return f"{self.normalized_shape}, eps={self.eps}"


class RMSNorm(Module):
    """Division by the root mean square over the last axes, with a learnt scale.

    Examples
    --------
    >>> RMSNorm(4)(np.ones((2, 4))).shape
    (2, 4)
    """

    def __init__(self, normalized_shape: Any, eps: float = 1e-5) -> None:
        shape = normalized_shape if isinstance(normalized_shape, tuple | list) else (normalized_shape,)
        self.normalized_shape = tuple(integer(n, "RMSNorm: normalized_shape", low=1) for n in shape)
        self.eps = number(eps, "RMSNorm: eps", low=0)
        self.weight = Parameter(np.ones(self.normalized_shape, np.float32))

    def forward(self, x: Any) -> Tensor:
        """Map (..., *normalized_shape) to the same shape."""
        return F.rms_norm(x, self.normalized_shape, self.weight, self.eps)

    def extra_repr(self) -> str:
        """Return the sizes."""
        return f"{self.normalized_shape}, eps={self.eps}"


class GroupNorm(Module):
    """Normalisation over groups of channels of each picture, with a learnt scale and shift for each channel.

    Examples
    --------
    >>> GroupNorm(2, 4)(np.ones((1, 4, 3, 3))).shape
    (1, 4, 3, 3)
    """

    def __init__(self, num_groups: int, num_channels: int, eps: float = 1e-5, affine: bool = True) -> None:
        self.num_groups = integer(num_groups, "GroupNorm: num_groups", low=1)
        self.num_channels = integer(num_channels, "GroupNorm: num_channels", low=1)
        if num_channels % num_groups:
            raise ValueError(
                f"GroupNorm: num_channels is {num_channels}, expected a multiple of num_groups={num_groups}"
            )
        self.eps = number(eps, "GroupNorm: eps", low=0)
        self.weight = Parameter(np.ones(num_channels, np.float32)) if affine else None
        self.bias = Parameter(np.zeros(num_channels, np.float32)) if affine else None

    def forward(self, x: Any) -> Tensor:
        """Map (N, C, ...) to the same shape."""
        return F.group_norm(x, self.num_groups, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        """Return the sizes."""
        return f"{self.num_groups}, {self.num_channels}, eps={self.eps}"


class Dropout(Module):
    """Silence each number with probability `p` while training.

    Examples
    --------
    >>> Dropout(0.5).eval()([1.0, 2.0])
    Tensor([1., 2.])
    """

    def __init__(self, p: float = 0.5, rng: Any = None) -> None:
        self.p = number(p, "Dropout: p", low=0, high=1)
        self.rng = None if rng is None else generator(rng)

    def forward(self, x: Any) -> Tensor:
        """Map any shape to the same shape."""
        return F.dropout(x, self.p, self.training, self.rng)

    def extra_repr(self) -> str:
        """Return the probability."""
        return f"p={self.p}"


class MultiheadAttention(Module):
    """Several attentions side by side, each in its own projection of the vectors (Vaswani et al. 2017, §3.2.2).

    Batch first: (N, T, embed_dim). The weights have PyTorch's names and layout.

    Examples
    --------
    >>> x = np.ones((2, 5, 8))
    >>> MultiheadAttention(8, 2, rng=0)(x, x, x).shape
    (2, 5, 8)
    """

    def __init__(
        self, embed_dim: int, num_heads: int, dropout: float = 0.0, bias: bool = True, rng: Any = None
    ) -> None:
        self.embed_dim = integer(embed_dim, "MultiheadAttention: embed_dim", low=1)
        self.num_heads = integer(num_heads, "MultiheadAttention: num_heads", low=1)
        if embed_dim % num_heads:
            raise ValueError(
                f"MultiheadAttention: embed_dim is {embed_dim}, expected a multiple of num_heads={num_heads}"
            )
        self.dropout = number(dropout, "MultiheadAttention: dropout", low=0, high=1)
        rng = generator(rng)
        self.in_proj_weight = Parameter(init.xavier_uniform((3 * embed_dim, embed_dim), rng))
        self.in_proj_bias = Parameter(np.zeros(3 * embed_dim, np.float32)) if bias else None
        self.out_proj = Linear(embed_dim, embed_dim, bias, rng)
        if self.out_proj.bias is not None:
            self.out_proj.bias.data[:] = 0

    def heads(self, query: Any, key: Any, value: Any) -> tuple[Tensor, Tensor, Tensor]:
        """Project and cut into heads: (N, T, E) to three of (N, heads, T, E/heads)."""
        e, d = self.embed_dim, self.embed_dim // self.num_heads
        if query is key and key is value:
            projected = F.linear(query, self.in_proj_weight, self.in_proj_bias)  # (N, T, 3E)
            n, t = projected.shape[:2]
            q, k, v = projected.reshape(n, t, 3, self.num_heads, d).permute(2, 0, 3, 1, 4)
            return q, k, v
        out = []
        for i, x in enumerate((query, key, value)):
            bias = None if self.in_proj_bias is None else self.in_proj_bias[i * e : (i + 1) * e]
            projected = F.linear(x, self.in_proj_weight[i * e : (i + 1) * e], bias)
            n, t = projected.shape[:2]
            out.append(projected.reshape(n, t, self.num_heads, d).transpose(1, 2))
        return out[0], out[1], out[2]

    def forward(self, query: Any, key: Any, value: Any, attn_mask: Any = None, is_causal: bool = False) -> Tensor:
        """Let each position of `query` (N, T, E) look at all positions of `key` and `value` (N, S, E)."""
        for name, x in (("query", query), ("key", key), ("value", value)):
            if np.ndim(x) != 3 or np.shape(x)[-1] != self.embed_dim:
                raise ValueError(
                    f"MultiheadAttention: {name} has shape {np.shape(x)}, expected (N, T, {self.embed_dim})"
                )
        q, k, v = self.heads(query, key, value)
        y = F.scaled_dot_product_attention(q, k, v, attn_mask, self.dropout if self.training else 0.0, is_causal)
        n, _, t, _ = y.shape
        return self.out_proj(y.transpose(1, 2).reshape(n, t, self.embed_dim))

    def weights(self, query: Any, key: Any, is_causal: bool = False) -> Any:
        """Return who looks at whom, an array (N, heads, T, S) whose rows add up to 1: for pictures."""
        q, k, _ = self.heads(query, key, key)
        scores = (q @ k.mT).data / math.sqrt(q.shape[-1])
        if is_causal:
            scores = np.where(np.tri(*scores.shape[-2:]) > 0, scores, -np.inf)
        return F.softmax(scores).data

    def extra_repr(self) -> str:
        """Return the sizes."""
        return f"{self.embed_dim}, num_heads={self.num_heads}"


class Flatten(Module):
    """Merge all axes but the first.

    Examples
    --------
    >>> Flatten()(np.ones((2, 3, 4))).shape
    (2, 12)
    """

    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        self.start_dim, self.end_dim = start_dim, end_dim

    def forward(self, x: Any) -> Tensor:
        """Map (N, ...) to (N, product of the rest)."""
        return F.flatten(x, self.start_dim, self.end_dim)


class ReLU(Module):
    """``max(x, 0)`` as a Module."""

    def forward(self, x: Any) -> Tensor:
        """Map any shape to the same shape."""
        return F.relu(x)


class SiLU(Module):
    """``x * sigmoid(x)`` as a Module."""

    def forward(self, x: Any) -> Tensor:
        """Map any shape to the same shape."""
        return F.silu(x)


class GELU(Module):
    """``x * P(X <= x)`` as a Module."""

    def __init__(self, approximate: str = "none") -> None:
        self.approximate = one_of(approximate, "GELU: approximate", ("none", "tanh"))

    def forward(self, x: Any) -> Tensor:
        """Map any shape to the same shape."""
        return F.gelu(x, self.approximate)


class Tanh(Module):
    """The hyperbolic tangent as a Module."""

    def forward(self, x: Any) -> Tensor:
        """Map any shape to the same shape."""
        return F.tanh(x)


class Sigmoid(Module):
    """``1 / (1 + exp(-x))`` as a Module."""

    def forward(self, x: Any) -> Tensor:
        """Map any shape to the same shape."""
        return F.sigmoid(x)
