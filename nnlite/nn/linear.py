"""Layers that are one matrix: linear, bilinear, and the table of an embedding.

Linear     y = x W^T + b
Bilinear   y_k = x1^T W_k x2 + b_k
Embedding  y = W[i], which is one-hot(i) W
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlite import functional as F
from nnlite.arguments import boolean, integer
from nnlite.nn import init
from nnlite.nn.module import Module, Parameter, Stateless, shape_of
from nnlite.random import generator
from nnlite.tensor import Tensor, as_plain


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
        bias = boolean(bias, "Linear: bias")
        rng = generator(rng, "Linear: rng")
        self.weight = Parameter(init.fan_in_uniform((out_features, in_features), in_features, rng))
        self.bias = Parameter(init.fan_in_uniform((out_features,), in_features, rng)) if bias else None

    def forward(self, x: Any) -> Tensor:
        """Map (..., in_features) to (..., out_features)."""
        return F.linear(x, self.weight, self.bias)

    def extra_repr(self) -> str:
        """Return the sizes."""
        return f"{self.in_features}, {self.out_features}" + ("" if self.bias is not None else ", bias=False")


class Bilinear(Module):
    """``y_k = x1^T W_k x2 + b_k``: neurons that look at products of two inputs.

    Examples
    --------
    >>> Bilinear(3, 4, 2, rng=0)(np.ones((5, 3)), np.ones((5, 4))).shape
    (5, 2)
    """

    def __init__(
        self, in1_features: int, in2_features: int, out_features: int, bias: bool = True, rng: Any = None
    ) -> None:
        self.in1_features = integer(in1_features, "Bilinear: in1_features", low=1)
        self.in2_features = integer(in2_features, "Bilinear: in2_features", low=1)
        self.out_features = integer(out_features, "Bilinear: out_features", low=1)
        bias = boolean(bias, "Bilinear: bias")
        rng = generator(rng, "Bilinear: rng")
        shape = (self.out_features, self.in1_features, self.in2_features)
        self.weight = Parameter(init.fan_in_uniform(shape, self.in1_features, rng))
        self.bias = Parameter(init.fan_in_uniform(shape[:1], self.in1_features, rng)) if bias else None

    def forward(self, x1: Any, x2: Any) -> Tensor:
        """Map (..., in1_features) and (..., in2_features) to (..., out_features)."""
        return F.bilinear(x1, x2, self.weight, self.bias)

    def extra_repr(self) -> str:
        """Return the sizes."""
        return f"{self.in1_features}, {self.in2_features}, {self.out_features}, bias={self.bias is not None}"


class Embedding(Module):
    """A table of vectors, one row for each of `num_embeddings` symbols.

    The row `padding_idx` begins at zero and gets no gradient: it stands for "no symbol".

    Examples
    --------
    >>> Embedding(10, 4, rng=0)([1, 2]).shape
    (2, 4)
    """

    def __init__(
        self, num_embeddings: int, embedding_dim: int, padding_idx: int | None = None, rng: Any = None
    ) -> None:
        n = self.num_embeddings = integer(num_embeddings, "Embedding: num_embeddings", low=1)
        self.embedding_dim = integer(embedding_dim, "Embedding: embedding_dim", low=1)
        if padding_idx is not None:
            padding_idx = integer(padding_idx, "Embedding: padding_idx", low=-n, high=n - 1) % n
        self.padding_idx = padding_idx
        self.weight = Parameter(init.normal((num_embeddings, embedding_dim), 1.0, generator(rng, "Embedding: rng")))
        if padding_idx is not None:
            self.weight.data[padding_idx] = 0

    def forward(self, indices: Any) -> Tensor:
        """Map integers (...) to vectors (..., embedding_dim)."""
        y = F.embedding(indices, self.weight)
        if self.padding_idx is None:
            return y
        padding = np.asarray(as_plain(indices)) == self.padding_idx
        return F.where(padding[..., None], self.weight.data[self.padding_idx], y)

    def extra_repr(self) -> str:
        """Return the sizes."""
        padding = "" if self.padding_idx is None else f", padding_idx={self.padding_idx}"
        return f"{self.num_embeddings}, {self.embedding_dim}{padding}"


class Flatten(Stateless):
    """Merge all axes but the first.

    Examples
    --------
    >>> Flatten()(np.ones((2, 3, 4))).shape
    (2, 12)
    """

    function, options = staticmethod(F.flatten), ("start_dim", "end_dim")

    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        self.start_dim = integer(start_dim, "Flatten: start_dim")
        self.end_dim = integer(end_dim, "Flatten: end_dim")

    def forward(self, x: Any) -> Tensor:
        """Map (N, ...) to (N, product of the rest)."""
        shape_of(x, "Flatten: x")
        return super().forward(x)
