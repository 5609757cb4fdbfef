"""Layers that are one matrix: linear, bilinear, and the table of an embedding.

Linear     y = x W^T + b
Bilinear   y_k = x1^T W_k x2 + b_k
Embedding  y = W[i], which is one-hot(i) W
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlite import functional as F
from nnlite.arguments import integer_array
from nnlite.contracts import flag, integer, integer_tuple, number, rng
from nnlite.nn import init
from nnlite.nn.module import Module, Parameter, Stateless
from nnlite.random import generator
from nnlite.tensor import Tensor, as_plain


class Linear(Module):
    """``y = x W^T + b``: `out_features` neurons that look at the same input.

    Parameters
    ----------
    in_features, out_features : int
        The lengths of the input's and the output's vectors.
    bias : bool
        Whether b is there.
    rng : numpy.random.Generator, int or None
        The source of randomness, or its seed; None draws from the default generator.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite import nn
    >>> nn.Linear(3, 2, rng=0)(np.ones((4, 3))).shape
    (4, 2)
    """

    takes = dict(in_features=integer(1), out_features=integer(1), bias=flag, rng=rng)

    def __init__(self, in_features: int, out_features: int, bias: bool = True, rng: Any = None) -> None:
        self.in_features, self.out_features = in_features, out_features
        rng = generator(rng)
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

    Parameters
    ----------
    in1_features, in2_features : int
        The lengths of the vectors of the two inputs.
    out_features : int
        The length of the output's vectors.
    bias : bool
        Whether b is there.
    rng : numpy.random.Generator, int or None
        The source of randomness, or its seed; None draws from the default generator.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite import nn
    >>> nn.Bilinear(3, 4, 2, rng=0)(np.ones((5, 3)), np.ones((5, 4))).shape
    (5, 2)
    """

    takes = dict(in1_features=integer(1), in2_features=integer(1), out_features=integer(1), bias=flag, rng=rng)

    def __init__(
        self, in1_features: int, in2_features: int, out_features: int, bias: bool = True, rng: Any = None
    ) -> None:
        self.in1_features, self.in2_features, self.out_features = in1_features, in2_features, out_features
        rng = generator(rng)
        self.weight = Parameter(init.fan_in_uniform((out_features, in1_features, in2_features), in1_features, rng))
        self.bias = Parameter(init.fan_in_uniform((out_features,), in1_features, rng)) if bias else None

    def forward(self, x1: Any, x2: Any) -> Tensor:
        """Map (..., in1_features) and (..., in2_features) to (..., out_features)."""
        return F.bilinear(x1, x2, self.weight, self.bias)

    def extra_repr(self) -> str:
        """Return the sizes."""
        return f"{self.in1_features}, {self.in2_features}, {self.out_features}, bias={self.bias is not None}"


class Embedding(Module):
    """A table of vectors, one row for each of `num_embeddings` symbols.

    Parameters
    ----------
    num_embeddings : int
        How many symbols there are.
    embedding_dim : int
        The length of the vectors.
    padding_idx : int, optional
        The symbol that stands for "no symbol", counted from the end if negative; its row begins at 0 and gets no
        gradient.
    rng : numpy.random.Generator, int or None
        The source of randomness, or its seed; None draws from the default generator.
    max_norm : float, optional
        The greatest length of a row: those that are looked up and longer are first shortened to it, in place and
        without a gradient.
    norm_type : float
        p of the length ``(sum |w|^p)^(1/p)``; infinity stands for the largest ``|w|``.

    Examples
    --------
    >>> from nnlite import nn
    >>> nn.Embedding(10, 4, rng=0)([1, 2]).shape
    (2, 4)
    """

    takes = dict(
        num_embeddings=integer(1),
        embedding_dim=integer(1),
        padding_idx=integer() | None,
        rng=rng,
        max_norm=number(0) | None,
        norm_type=number(above=0, infinite=True),
    )

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None = None,
        rng: Any = None,
        max_norm: float | None = None,
        norm_type: float = 2.0,
    ) -> None:
        self.max_norm, self.norm_type = max_norm, norm_type
        self.num_embeddings, self.embedding_dim, self.padding_idx = num_embeddings, embedding_dim, padding_idx
        if padding_idx is not None and not -num_embeddings <= padding_idx < num_embeddings:
            raise ValueError(
                f"Embedding: padding_idx is {padding_idx}, expected an integer from {-num_embeddings} to "
                f"{num_embeddings - 1}"
            )
        self.weight = Parameter(init.normal((num_embeddings, embedding_dim), 1.0, rng))
        if padding_idx is not None:
            self.padding_idx = padding_idx % num_embeddings
            self.weight.data[padding_idx] = 0

    def forward(self, indices: Any) -> Tensor:
        """Map integers (...) to vectors (..., embedding_dim)."""
        if self.max_norm is not None:
            self._shorten(indices)
        y = F.embedding(indices, self.weight)
        if self.padding_idx is None:
            return y
        padding = np.asarray(as_plain(indices)) == self.padding_idx
        return F.where(padding[..., None], self.weight.data[self.padding_idx], y)

    def _shorten(self, indices: Any) -> None:
        """Bring the rows that are looked up to the greatest length allowed."""
        rows = np.unique(integer_array(as_plain(indices), "Embedding: indices", low=0, high=self.num_embeddings))
        weight = self.weight.data
        lengths = np.linalg.norm(weight[rows], self.norm_type, axis=-1)
        long = lengths > self.max_norm
        if long.any():
            weight[rows[long]] *= (self.max_norm / (lengths[long] + 1e-7))[:, None].astype(weight.dtype)
            self.weight.changed_in_place()

    def extra_repr(self) -> str:
        """Return the sizes."""
        padding = "" if self.padding_idx is None else f", padding_idx={self.padding_idx}"
        longest = "" if self.max_norm is None else f", max_norm={self.max_norm:g}"
        return f"{self.num_embeddings}, {self.embedding_dim}{padding}{longest}"


class Flatten(Stateless):
    """Merge several axes into one, all but the first by default.

    Parameters
    ----------
    start_dim, end_dim : int
        The first and the last axis to merge, counted from the end if negative.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite import nn
    >>> nn.Flatten()(np.ones((2, 3, 4))).shape
    (2, 12)
    """

    function, takes = staticmethod(F.flatten), dict(start_dim=integer(), end_dim=integer())

    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        self.start_dim, self.end_dim = start_dim, end_dim

    def forward(self, x: Any) -> Tensor:
        """Map (N, ...) to (N, product of the rest)."""
        return super().forward(x)


class Unflatten(Stateless):
    """Cut one axis into several: the reverse of :class:`Flatten`.

    Parameters
    ----------
    dim : int
        The axis, counted from the end if negative.
    unflattened_size : tuple of int
        What it becomes; one length may be -1.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite import nn
    >>> nn.Unflatten(1, (3, -1))(np.ones((2, 12))).shape
    (2, 3, 4)
    """

    function, takes = staticmethod(F.unflatten), dict(dim=integer(), unflattened_size=integer_tuple(-1))

    def __init__(self, dim: int, unflattened_size: Any) -> None:
        if unflattened_size.count(-1) > 1:
            raise ValueError(f"Unflatten: unflattened_size is {unflattened_size}, expected at most one -1")
        self.dim, self.unflattened_size = dim, unflattened_size

    def forward(self, x: Any) -> Tensor:
        """Map (..., product, ...) to (..., *unflattened_size, ...)."""
        return super().forward(x)
