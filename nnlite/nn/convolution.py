"""Convolution layers: the same small linear layer at every place (Fukushima 1980; LeCun et al. 1989).

Inputs are (N, C, L) or (N, C, H, W); one sequence or picture without the first axis is taken too, as in PyTorch.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from nnlite import functional as F
from nnlite.arguments import boolean, integer, one_of, several
from nnlite.functional.convolution import spatial_shape
from nnlite.nn import init
from nnlite.nn.module import Module, Parameter
from nnlite.random import generator
from nnlite.tensor import Tensor, as_tensor

#: how NumPy calls the ways of going on beyond the rim
BEYOND = {"reflect": "reflect", "replicate": "edge", "circular": "wrap"}


def check_places(x: Any, dims: int, name: str) -> None:
    """Raise unless `x` is a batch (N, C, ...) or one member (C, ...) of it, with `dims` axes after the channels.

    Examples
    --------
    >>> check_places(np.ones((3, 8)), 1, "Conv1d")
    """
    spatial_shape(as_tensor(x, f"{name}: x"), name, dims)


class Convolution(Module):
    """What :class:`Conv1d` and :class:`Conv2d` share: everything but the number of axes."""

    dims: int

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
        padding_mode: str = "zeros",
        rng: Any = None,
    ) -> None:
        name = type(self).__name__
        self.groups = _check_groups(name, in_channels, out_channels, groups)
        self.in_channels, self.out_channels = in_channels, out_channels
        self.kernel_size = several(kernel_size, f"{name}: kernel_size", 1, self.dims)
        self.stride = several(stride, f"{name}: stride", 1, self.dims)
        self.dilation = several(dilation, f"{name}: dilation", 1, self.dims)
        self.padding: Any = padding
        if isinstance(padding, str):
            one_of(padding, f"{name}: padding", ("same", "valid"))
            if padding == "same" and max(self.stride) > 1:
                raise ValueError(f"{name}: padding is 'same' and stride {stride}, expected stride 1")
        else:
            self.padding = several(padding, f"{name}: padding", 0, self.dims)
        self.padding_mode = one_of(padding_mode, f"{name}: padding_mode", ("zeros", *BEYOND))
        bias, rng = boolean(bias, f"{name}: bias"), generator(rng, f"{name}: rng")
        shape = (out_channels, in_channels // groups, *self.kernel_size)
        fan_in = math.prod(shape[1:])
        self.weight = Parameter(init.fan_in_uniform(shape, fan_in, rng))
        self.bias = Parameter(init.fan_in_uniform(shape[:1], fan_in, rng)) if bias else None

    def borders(self) -> list[tuple[int, int]]:
        """Return what is added before and after each axis."""
        if self.padding == "valid":
            return [(0, 0)] * self.dims
        if self.padding == "same":
            added = [d * (k - 1) for d, k in zip(self.dilation, self.kernel_size)]
            return [(n // 2, n - n // 2) for n in added]
        return [(n, n) for n in self.padding]

    def forward(self, x: Any) -> Tensor:
        """Map (N, C_in, ...) to (N, C_out, ...)."""
        check_places(x, self.dims, type(self).__name__)
        borders = self.borders()
        if self.padding_mode == "zeros" and all(before == after for before, after in borders):
            padding = tuple(n for n, _ in borders)
        else:
            padding = (0,) * self.dims
            x = self._padded(x, borders)
        convolve: Any = F.conv2d if self.dims == 2 else F.conv1d
        return convolve(x, self.weight, self.bias, self.stride, padding, self.dilation, self.groups)

    def _padded(self, x: Any, borders: list[tuple[int, int]]) -> Any:
        if self.padding_mode == "zeros":
            return F.pad(x, [n for border in borders[::-1] for n in border])
        for axis, border in enumerate(borders, np.ndim(x) - self.dims):
            length = np.shape(x)[axis]
            most = length - (self.padding_mode == "reflect")
            if length == 0 or (max(border) > most and self.padding_mode != "replicate"):
                raise ValueError(
                    f"{type(self).__name__}: padding is {self.padding}, expected at most {most} for padding_mode "
                    f"{self.padding_mode!r} and x {np.shape(x)}"
                )
            taken = np.pad(np.arange(length), border, mode=BEYOND[self.padding_mode])  # type: ignore[call-overload]
            x = F.index_select(x, axis, taken)
        return x

    def extra_repr(self) -> str:
        """Return the sizes."""
        sizes = f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}, stride={self.stride}"
        rest = {"dilation": (1,) * self.dims, "groups": 1, "padding_mode": "zeros"}
        more = [f"{name}={getattr(self, name)!r}" for name, usual in rest.items() if getattr(self, name) != usual]
        return ", ".join([sizes, f"padding={self.padding!r}", *more, *(["bias=False"] if self.bias is None else [])])


def _check_groups(name: str, in_channels: int, out_channels: int, groups: int) -> int:
    groups = integer(groups, f"{name}: groups", low=1)
    for argument, channels in (("in_channels", in_channels), ("out_channels", out_channels)):
        if integer(channels, f"{name}: {argument}", low=1) % groups:
            raise ValueError(f"{name}: {argument} is {channels}, expected a multiple of groups={groups}")
    return groups


class Conv1d(Convolution):
    """The same small linear layer at every place of a sequence (N, C, L).

    `padding` is a number of places, ``"valid"`` (none) or ``"same"`` (as many as keep the length); `padding_mode`
    says what stands there: zeros, the mirrored sequence, its last value, or the sequence once more.

    Examples
    --------
    >>> Conv1d(3, 8, 5, padding="same", rng=0)(np.ones((2, 3, 10))).shape
    (2, 8, 10)
    """

    dims = 1


class Conv2d(Convolution):
    """The same small linear layer at every place of a picture (N, C, H, W); the options are those of Conv1d.

    Examples
    --------
    >>> Conv2d(3, 8, 3, padding=1, rng=0)(np.ones((1, 3, 5, 5))).shape
    (1, 8, 5, 5)
    """

    dims = 2


class ConvTranspose2d(Module):
    """The transpose of :class:`Conv2d` as a linear map: pictures become larger.

    Examples
    --------
    >>> ConvTranspose2d(8, 3, 2, stride=2, rng=0)(np.ones((1, 8, 5, 5))).shape
    (1, 3, 10, 10)
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        output_padding: Any = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: Any = 1,
        rng: Any = None,
    ) -> None:
        name = "ConvTranspose2d"
        self.groups = _check_groups(name, in_channels, out_channels, groups)
        self.in_channels, self.out_channels = in_channels, out_channels
        self.kernel_size = several(kernel_size, f"{name}: kernel_size", 1, 2)
        self.stride = several(stride, f"{name}: stride", 1, 2)
        self.padding = several(padding, f"{name}: padding", 0, 2)
        self.output_padding = several(output_padding, f"{name}: output_padding", 0, 2)
        self.dilation = several(dilation, f"{name}: dilation", 1, 2)
        if any(e >= max(s, d) for e, s, d in zip(self.output_padding, self.stride, self.dilation)):
            raise ValueError(f"{name}: output_padding is {output_padding}, expected less than stride or dilation")
        bias, rng = boolean(bias, f"{name}: bias"), generator(rng, f"{name}: rng")
        shape = (in_channels, out_channels // groups, *self.kernel_size)
        fan_in = math.prod(shape[1:])
        self.weight = Parameter(init.fan_in_uniform(shape, fan_in, rng))
        self.bias = Parameter(init.fan_in_uniform((out_channels,), fan_in, rng)) if bias else None

    def forward(self, x: Any, output_size: Any = None) -> Tensor:
        """Map (N, C_in, H, W) to (N, C_out, H', W'); `output_size` chooses among the sizes that a stride allows."""
        check_places(x, 2, "ConvTranspose2d")
        extra = self.output_padding if output_size is None else self._extra(x, output_size)
        return F.conv_transpose2d(
            x, self.weight, self.bias, self.stride, self.padding, extra, self.groups, self.dilation
        )

    def _extra(self, x: Any, output_size: Any) -> tuple[int, int]:
        wanted = several(output_size, "ConvTranspose2d: output_size", 1, 2)
        sizes = zip(np.shape(x)[-2:], self.stride, self.padding, self.dilation, self.kernel_size)
        least = [(n - 1) * s - 2 * p + d * (k - 1) + 1 for n, s, p, d, k in sizes]
        most = [n + s - 1 for n, s in zip(least, self.stride)]
        if any(not low <= n <= high for low, n, high in zip(least, wanted, most)):
            raise ValueError(f"ConvTranspose2d: output_size is {wanted}, expected from {tuple(least)} to {tuple(most)}")
        return wanted[0] - least[0], wanted[1] - least[1]

    def extra_repr(self) -> str:
        """Return the sizes."""
        return (
            f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}, stride={self.stride}, "
            f"padding={self.padding}, output_padding={self.output_padding}"
        )
