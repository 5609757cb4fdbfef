"""Normalisation layers: mean 0 and variance 1 over some axes, then a learnt scale and shift.

    layer norm    over the last axes of each position          (Ba, Kiros, Hinton 2016)
    RMS norm      the same without the mean                    (Zhang and Sennrich 2019)
    group norm    over groups of channels of each picture      (Wu and He 2018)
    instance norm over each channel of each picture            (Ulyanov et al. 2016)
    batch norm    over each channel of the whole batch         (Ioffe and Szegedy 2015)

Batch norm keeps running averages of what it has seen and uses them in place of the batch in evaluation.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlite import functional as F
from nnlite.arguments import boolean, integer, number
from nnlite.nn.module import Buffer, Module, Parameter, shape_of
from nnlite.tensor import Tensor


def _last_axes(name: str, normalized_shape: Any) -> tuple[int, ...]:
    shape = tuple(normalized_shape) if isinstance(normalized_shape, tuple | list) else (normalized_shape,)
    if not shape:
        raise ValueError(f"{name}: normalized_shape is {normalized_shape}, expected at least one length")
    return tuple(integer(n, f"{name}: normalized_shape", low=1) for n in shape)


def _affine(module: Any, shape: tuple[int, ...], weight: bool, bias: bool) -> None:
    module.weight = Parameter(np.ones(shape, np.float32)) if weight else None
    module.bias = Parameter(np.zeros(shape, np.float32)) if bias else None


class LayerNorm(Module):
    """Normalisation over the last axes, with a learnt scale and shift.

    Examples
    --------
    >>> LayerNorm(4)(np.ones((2, 4))).shape
    (2, 4)
    """

    weight: Parameter | None
    bias: Parameter | None

    def __init__(
        self, normalized_shape: Any, eps: float = 1e-5, elementwise_affine: bool = True, bias: bool = True
    ) -> None:
        self.normalized_shape = _last_axes("LayerNorm", normalized_shape)
        self.eps = number(eps, "LayerNorm: eps", low=0)
        scale = boolean(elementwise_affine, "LayerNorm: elementwise_affine")
        _affine(self, self.normalized_shape, scale, boolean(bias, "LayerNorm: bias") and scale)

    def forward(self, x: Any) -> Tensor:
        """Map (..., *normalized_shape) to the same shape."""
        return F.layer_norm(x, self.normalized_shape, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        """Return the sizes."""
        return f"{self.normalized_shape}, eps={self.eps}"


class RMSNorm(Module):
    """Division by the root mean square over the last axes, with a learnt scale.

    `eps` is the spacing of the dtype at 1 if it is None.

    Examples
    --------
    >>> RMSNorm(4)(np.ones((2, 4))).shape
    (2, 4)
    """

    weight: Parameter | None

    def __init__(self, normalized_shape: Any, eps: float | None = None, elementwise_affine: bool = True) -> None:
        self.normalized_shape = _last_axes("RMSNorm", normalized_shape)
        self.eps = None if eps is None else number(eps, "RMSNorm: eps", low=0)
        scale = boolean(elementwise_affine, "RMSNorm: elementwise_affine")
        self.weight = Parameter(np.ones(self.normalized_shape, np.float32)) if scale else None

    def forward(self, x: Any) -> Tensor:
        """Map (..., *normalized_shape) to the same shape."""
        eps = self.eps
        if eps is None:
            dtype = getattr(x, "dtype", np.dtype(np.float32))
            eps = float(np.finfo(dtype if dtype.kind == "f" else np.float32).eps)
        return F.rms_norm(x, self.normalized_shape, self.weight, eps)

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

    weight: Parameter | None
    bias: Parameter | None

    def __init__(self, num_groups: int, num_channels: int, eps: float = 1e-5, affine: bool = True) -> None:
        self.num_groups = integer(num_groups, "GroupNorm: num_groups", low=1)
        self.num_channels = integer(num_channels, "GroupNorm: num_channels", low=1)
        if num_channels % num_groups:
            raise ValueError(
                f"GroupNorm: num_channels is {num_channels}, expected a multiple of num_groups={num_groups}"
            )
        self.eps = number(eps, "GroupNorm: eps", low=0)
        affine = boolean(affine, "GroupNorm: affine")
        _affine(self, (num_channels,), affine, affine)

    def forward(self, x: Any) -> Tensor:
        """Map (N, C, ...) to the same shape."""
        return F.group_norm(x, self.num_groups, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        """Return the sizes."""
        return f"{self.num_groups}, {self.num_channels}, eps={self.eps}"


class Running(Module):
    """What batch and instance norm share: a scale and shift for each channel, and running averages.

    In training ``running = (1 - momentum) running + momentum batch``; with ``momentum=None`` (batch norm only) the
    running values are the plain average of all batches.
    """

    ndims: tuple[int, ...]
    weight: Parameter | None
    bias: Parameter | None
    running_mean: Buffer | None
    running_var: Buffer | None
    num_batches_tracked: Buffer | None

    def __init__(
        self, num_features: int, eps: float, momentum: float | None, affine: bool, track_running_stats: bool
    ) -> None:
        name = type(self).__name__
        self.num_features = integer(num_features, f"{name}: num_features", low=1)
        self.eps = number(eps, f"{name}: eps", low=0)
        self.momentum = None if momentum is None else number(momentum, f"{name}: momentum", low=0, high=1)
        affine = boolean(affine, f"{name}: affine")
        self.track_running_stats = boolean(track_running_stats, f"{name}: track_running_stats")
        _affine(self, (num_features,), affine, affine)
        track = self.track_running_stats
        self.register_buffer("running_mean", np.zeros(num_features, np.float32) if track else None)
        self.register_buffer("running_var", np.ones(num_features, np.float32) if track else None)
        self.register_buffer("num_batches_tracked", np.zeros((), np.int64) if track else None)

    def _check(self, x: Any) -> None:
        shape = shape_of(x, f"{type(self).__name__}: x")
        if len(shape) in self.ndims and shape[self._channel_axis(len(shape))] == self.num_features:
            return
        wanted = []
        for ndim in self.ndims:
            axes = ["N", "", "L"] if min(self.ndims) < 3 else ["N", "", "H", "W"]
            axes = axes[1 - self._channel_axis(ndim) :][:ndim]
            wanted.append("(" + ", ".join(axis or str(self.num_features) for axis in axes) + ")")
        raise ValueError(f"{type(self).__name__}: x has shape {shape}, expected {' or '.join(wanted)}")

    def _channel_axis(self, ndim: int) -> int:
        return 1

    def extra_repr(self) -> str:
        """Return the sizes."""
        return f"{self.num_features}, eps={self.eps}, momentum={self.momentum}"


class BatchNorm(Running):
    """What :class:`BatchNorm1d` and :class:`BatchNorm2d` share: everything but the number of axes."""

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
    ) -> None:
        super().__init__(num_features, eps, momentum, affine, track_running_stats)

    def forward(self, x: Any) -> Tensor:
        """Map (N, C, ...) to the same shape; in training the running averages are updated."""
        self._check(x)
        mean, var, seen = self.running_mean, self.running_var, self.num_batches_tracked
        momentum = self.momentum
        if momentum is None:
            momentum = 1.0 if seen is None else 1 / (int(seen.data) + 1)
        training = self.training or mean is None
        y = F.batch_norm(x, mean, var, self.weight, self.bias, training, momentum, self.eps)
        if self.training and seen is not None:
            seen.data += 1
        return y


class BatchNorm1d(BatchNorm):
    """Batch norm of vectors (N, C) or sequences (N, C, L).

    Examples
    --------
    >>> layer = BatchNorm1d(2)
    >>> layer(np.array([[1.0, 0.0], [3.0, 4.0]]))
    Tensor([[-1., -1.],
            [ 1.,  1.]], from batch_norm)
    >>> layer.running_mean
    Tensor([0.2, 0.2])
    """

    ndims = (2, 3)


class BatchNorm2d(BatchNorm):
    """Batch norm of pictures (N, C, H, W).

    Examples
    --------
    >>> BatchNorm2d(3)(np.ones((2, 3, 4, 4))).shape
    (2, 3, 4, 4)
    """

    ndims = (4,)


class InstanceNorm(Running):
    """What :class:`InstanceNorm1d` and :class:`InstanceNorm2d` share: everything but the number of axes."""

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float = 0.1,
        affine: bool = False,
        track_running_stats: bool = False,
    ) -> None:
        number(momentum, f"{type(self).__name__}: momentum", low=0, high=1)
        super().__init__(num_features, eps, momentum, affine, track_running_stats)

    def _channel_axis(self, ndim: int) -> int:
        return ndim - min(self.ndims)  # 0 for one sequence or picture, 1 for a batch of them

    def forward(self, x: Any) -> Tensor:
        """Map (N, C, ...), or one without N, to the same shape; running averages are used in evaluation if kept."""
        self._check(x)
        alone = np.ndim(x) == min(self.ndims)
        own = self.training or self.running_mean is None
        y = F.instance_norm(
            F.unsqueeze(x, 0) if alone else x,
            self.running_mean,
            self.running_var,
            self.weight,
            self.bias,
            own,
            self.momentum or 0.0,
            self.eps,
        )
        return F.squeeze(y, 0) if alone else y


class InstanceNorm1d(InstanceNorm):
    """Instance norm of sequences (N, C, L); without scale, shift and running averages unless asked for.

    Examples
    --------
    >>> InstanceNorm1d(1)(np.array([[[1.0, 3.0]]]))
    Tensor([[[-1.,  1.]]], dtype=float64)
    """

    ndims = (2, 3)


class InstanceNorm2d(InstanceNorm):
    """Instance norm of pictures (N, C, H, W); without scale, shift and running averages unless asked for.

    Examples
    --------
    >>> InstanceNorm2d(3)(np.ones((2, 3, 4, 4))).shape
    (2, 3, 4, 4)
    """

    ndims = (3, 4)
