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
from nnlite.contracts import Kind, flag, integer, number
from nnlite.nn.module import Buffer, Module, Parameter, check_shape
from nnlite.tensor import Tensor


class _Lengths(Kind):
    """The lengths of the last axes: one, or a list of them."""

    def convert(self, value: Any, name: str) -> tuple[int, ...]:
        lengths = tuple(value) if isinstance(value, tuple | list) else (value,)
        if not lengths:
            raise ValueError(f"{name} is {value}, expected at least one length")
        return tuple(integer(1).convert(n, name) for n in lengths)


def _affine(module: Any, shape: tuple[int, ...], weight: bool, bias: bool) -> None:
    module.weight = Parameter(np.ones(shape, np.float32)) if weight else None
    module.bias = Parameter(np.zeros(shape, np.float32)) if bias else None


class LayerNorm(Module):
    """Normalisation over the last axes, with a learnt scale and shift.

    Parameters
    ----------
    normalized_shape : int or sequence of int
        The lengths of the last axes.
    eps : float
        Added to the variance.
    elementwise_affine : bool
        Whether there is a scale, and with it a shift.
    bias : bool
        Whether there is a shift.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite import nn
    >>> nn.LayerNorm(4)(np.ones((2, 4))).shape
    (2, 4)
    """

    weight: Parameter | None
    bias: Parameter | None
    takes = dict(normalized_shape=_Lengths(), eps=number(0), elementwise_affine=flag, bias=flag)

    def __init__(
        self, normalized_shape: Any, eps: float = 1e-5, elementwise_affine: bool = True, bias: bool = True
    ) -> None:
        self.normalized_shape, self.eps = normalized_shape, eps
        _affine(self, normalized_shape, elementwise_affine, bias and elementwise_affine)

    def forward(self, x: Any) -> Tensor:
        """Map (..., *normalized_shape) to the same shape."""
        return F.layer_norm(x, self.normalized_shape, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        """Return the sizes."""
        return f"{self.normalized_shape}, eps={self.eps}"


class RMSNorm(Module):
    """Division by the root mean square over the last axes, with a learnt scale.

    Parameters
    ----------
    normalized_shape : int or sequence of int
        The lengths of the last axes.
    eps : float, optional
        Added to the mean square; None stands for the spacing of the dtype's numbers at 1.
    elementwise_affine : bool
        Whether there is a scale.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite import nn
    >>> nn.RMSNorm(4)(np.ones((2, 4))).shape
    (2, 4)
    """

    weight: Parameter | None
    takes = dict(normalized_shape=_Lengths(), eps=number(0) | None, elementwise_affine=flag)

    def __init__(self, normalized_shape: Any, eps: float | None = None, elementwise_affine: bool = True) -> None:
        self.normalized_shape, self.eps = normalized_shape, eps
        self.weight = Parameter(np.ones(normalized_shape, np.float32)) if elementwise_affine else None

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

    Parameters
    ----------
    num_groups : int
        How many groups the channels form; it divides `num_channels`.
    num_channels : int
        How many channels there are.
    eps : float
        Added to the variance.
    affine : bool
        Whether there are a scale and a shift.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite import nn
    >>> nn.GroupNorm(2, 4)(np.ones((1, 4, 3, 3))).shape
    (1, 4, 3, 3)
    """

    weight: Parameter | None
    bias: Parameter | None
    takes = dict(num_groups=integer(1), num_channels=integer(1), eps=number(0), affine=flag)

    def __init__(self, num_groups: int, num_channels: int, eps: float = 1e-5, affine: bool = True) -> None:
        if num_channels % num_groups:
            raise ValueError(
                f"GroupNorm: num_channels is {num_channels}, expected a multiple of num_groups={num_groups}"
            )
        self.num_groups, self.num_channels, self.eps = num_groups, num_channels, eps
        _affine(self, (num_channels,), affine, affine)

    def forward(self, x: Any) -> Tensor:
        """Map (N, C, ...) to the same shape."""
        return F.group_norm(x, self.num_groups, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        """Return the sizes."""
        return f"{self.num_groups}, {self.num_channels}, eps={self.eps}"


class RunningNorm(Module):
    """What batch and instance norm share: a scale and shift for each channel, and running averages.

    In training ``running = (1 - momentum) running + momentum batch``; with ``momentum=None`` (batch norm only) the
    running values are the plain average of all batches.

    Parameters
    ----------
    num_features, eps, momentum, affine, track_running_stats
        As :class:`BatchNorm1d` describes them.
    """

    shapes: tuple[str, ...]  # of the input; C is num_features
    weight: Parameter | None
    bias: Parameter | None
    running_mean: Buffer | None
    running_var: Buffer | None
    num_batches_tracked: Buffer | None

    def __init__(
        self, num_features: int, eps: float, momentum: float | None, affine: bool, track_running_stats: bool
    ) -> None:
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        self.track_running_stats = track = track_running_stats
        _affine(self, (num_features,), affine, affine)
        self.register_buffer("running_mean", np.zeros(num_features, np.float32) if track else None)
        self.register_buffer("running_var", np.ones(num_features, np.float32) if track else None)
        self.register_buffer("num_batches_tracked", np.zeros((), np.int64) if track else None)

    def _changed_in_training(self) -> None:
        """Say that the function has written into the running averages."""
        if self.training:
            for buffer in (self.running_mean, self.running_var, self.num_batches_tracked):
                if buffer is not None:
                    buffer.changed_in_place()

    def _check(self, x: Any) -> tuple[int, ...]:
        return check_shape(x, f"{type(self).__name__}: x", *self.shapes, C=self.num_features)

    def extra_repr(self) -> str:
        """Return the sizes."""
        return f"{self.num_features}, eps={self.eps}, momentum={self.momentum}"


class BatchNorm(RunningNorm):
    """What :class:`BatchNorm1d` and :class:`BatchNorm2d` share.

    Parameters
    ----------
    num_features, eps, momentum, affine, track_running_stats
        As :class:`BatchNorm1d` describes them.
    """

    takes = dict(
        num_features=integer(1), eps=number(0), momentum=number(0, 1) | None, affine=flag, track_running_stats=flag
    )

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
        self._changed_in_training()
        if self.training and seen is not None:
            seen.data += 1
        return y


class BatchNorm1d(BatchNorm):
    """Batch norm of vectors (N, C) or sequences (N, C, L).

    Parameters
    ----------
    num_features : int
        C, the number of channels.
    eps : float
        Added to the variance.
    momentum : float, optional
        How much of the running averages the batch replaces, from 0 to 1; None takes the plain average of all batches.
    affine : bool
        Whether there are a scale and a shift for each channel.
    track_running_stats : bool
        Whether running averages are kept and take the place of the batch's in evaluation.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite import nn
    >>> layer = nn.BatchNorm1d(2)
    >>> layer(np.array([[1.0, 0.0], [3.0, 4.0]]))
    Tensor([[-1., -1.],
            [ 1.,  1.]], from batch_norm)
    >>> layer.running_mean
    Tensor([0.2, 0.2])
    """

    shapes = ("N C", "N C L")


class BatchNorm2d(BatchNorm):
    """Batch norm of pictures (N, C, H, W).

    Parameters
    ----------
    num_features : int
        C, the number of channels.
    eps : float
        Added to the variance.
    momentum : float, optional
        How much of the running averages the batch replaces, from 0 to 1; None takes the plain average of all batches.
    affine : bool
        Whether there are a scale and a shift for each channel.
    track_running_stats : bool
        Whether running averages are kept and take the place of the batch's in evaluation.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite import nn
    >>> nn.BatchNorm2d(3)(np.ones((2, 3, 4, 4))).shape
    (2, 3, 4, 4)
    """

    shapes = ("N C H W",)


class InstanceNorm(RunningNorm):
    """What :class:`InstanceNorm1d` and :class:`InstanceNorm2d` share.

    Parameters
    ----------
    num_features, eps, momentum, affine, track_running_stats
        As :class:`InstanceNorm1d` describes them.
    """

    takes = {**BatchNorm.takes, "momentum": number(0, 1)}

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float = 0.1,
        affine: bool = False,
        track_running_stats: bool = False,
    ) -> None:
        super().__init__(num_features, eps, momentum, affine, track_running_stats)

    def forward(self, x: Any) -> Tensor:
        """Map (N, C, ...), or one without N, to the same shape; running averages are used in evaluation if kept."""
        alone = len(self._check(x)) == len(self.shapes[0].split())
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
        self._changed_in_training()
        return F.squeeze(y, 0) if alone else y


class InstanceNorm1d(InstanceNorm):
    """Instance norm of sequences (N, C, L) or one (C, L).

    Parameters
    ----------
    num_features : int
        C, the number of channels.
    eps : float
        Added to the variance.
    momentum : float
        How much of the running averages a batch replaces, from 0 to 1.
    affine : bool
        Whether there are a scale and a shift for each channel.
    track_running_stats : bool
        Whether running averages are kept and used in evaluation.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite import nn
    >>> nn.InstanceNorm1d(1)(np.array([[[1.0, 3.0]]]))
    Tensor([[[-1.,  1.]]], dtype=float64)
    """

    shapes = ("C L", "N C L")


class InstanceNorm2d(InstanceNorm):
    """Instance norm of pictures (N, C, H, W) or one (C, H, W).

    Parameters
    ----------
    num_features : int
        C, the number of channels.
    eps : float
        Added to the variance.
    momentum : float
        How much of the running averages a batch replaces, from 0 to 1.
    affine : bool
        Whether there are a scale and a shift for each channel.
    track_running_stats : bool
        Whether running averages are kept and used in evaluation.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite import nn
    >>> nn.InstanceNorm2d(3)(np.ones((2, 3, 4, 4))).shape
    (2, 3, 4, 4)
    """

    shapes = ("C H W", "N C H W")
