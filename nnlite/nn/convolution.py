"""Convolution layers: the same small linear layer at every place (Fukushima 1980; LeCun et al. 1989).

Inputs are (N, C, L) or (N, C, H, W); one sequence or picture without the first axis is taken too, as in PyTorch.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from nnlite import functional as F
from nnlite.contracts import Kind, flag, integer, pair, rng, word
from nnlite.functional.convolution import Padding
from nnlite.nn import init
from nnlite.nn.module import Module, Parameter, shape_of
from nnlite.random import generator
from nnlite.tensor import Tensor

#: how NumPy calls the ways of going on beyond the rim
BEYOND = {"reflect": "reflect", "replicate": "edge", "circular": "wrap"}


def _table(dims: int, **more: Kind) -> dict[str, Kind]:
    """What every convolution over `dims` axes takes."""
    sizes = dict(kernel_size=pair(1, dims), stride=pair(1, dims), dilation=pair(1, dims))
    return dict(in_channels=integer(1), out_channels=integer(1), groups=integer(1), **sizes, bias=flag, rng=rng, **more)


class Kernel(Module):
    """What all convolutions share: one small linear layer, its sizes and its weights.

    Parameters
    ----------
    in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias, rng
        As :class:`Conv2d` describes them, each length a tuple already.
    """

    dims: int
    transposed = False

    def __init__(self, in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias, rng) -> None:
        for argument, channels in (("in_channels", in_channels), ("out_channels", out_channels)):
            if channels % groups:
                name = type(self).__name__
                raise ValueError(f"{name}: {argument} is {channels}, expected a multiple of groups={groups}")
        self.in_channels, self.out_channels, self.groups = in_channels, out_channels, groups
        self.kernel_size, self.stride, self.padding, self.dilation = kernel_size, stride, padding, dilation
        rows, columns = (in_channels, out_channels) if self.transposed else (out_channels, in_channels)
        shape = (rows, columns // groups, *kernel_size)
        fan_in = math.prod(shape[1:])
        rng = generator(rng)
        self.weight = Parameter(init.fan_in_uniform(shape, fan_in, rng))
        self.bias = Parameter(init.fan_in_uniform((out_channels,), fan_in, rng)) if bias else None

    def extra_repr(self) -> str:
        """Return the sizes."""
        sizes = f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}, stride={self.stride}"
        return f"{sizes}, padding={self.padding!r}"


class Convolution(Kernel):
    """What :class:`Conv1d` and :class:`Conv2d` share: everything but the number of axes.

    Parameters
    ----------
    in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias, padding_mode, rng
        As :class:`Conv2d` describes them, each length a tuple already.
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
        padding_mode: str = "zeros",
        rng: Any = None,
    ) -> None:
        if padding == "same" and max(stride) > 1:
            name = type(self).__name__
            raise ValueError(f"{name}: padding is 'same' and stride {stride}, expected stride 1")
        super().__init__(in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias, rng)
        self.padding_mode = padding_mode

    def borders(self) -> list[tuple[int, int]]:
        """Return what is added before and after each axis."""
        if self.padding == "valid":
            return [(0, 0)] * self.dims
        if self.padding == "same":
            added = [d * (k - 1) for d, k in zip(self.dilation, self.kernel_size)]
            return [(n // 2, n - n // 2) for n in added]
        return [(n, n) for n in self.padding]

    def forward(self, x: Any) -> Tensor:
        """Map (N, C_in, ...) or (C_in, ...) to the same axes with C_out channels."""
        borders = self.borders()
        if self.padding_mode == "zeros" and all(before == after for before, after in borders):
            padding = tuple(n for n, _ in borders)
        else:
            padding = (0,) * self.dims
            x = self._padded(x, borders)
        convolve: Any = F.conv2d if self.dims == 2 else F.conv1d
        return convolve(x, self.weight, self.bias, self.stride, padding, self.dilation, self.groups)

    def _padded(self, x: Any, borders: list[tuple[int, int]]) -> Any:
        shape = shape_of(x, f"{type(self).__name__}: x")
        if len(shape) not in {self.dims + 1, self.dims + 2}:
            return x  # which the function refuses
        if self.padding_mode == "zeros":
            return F.pad(x, [n for border in borders[::-1] for n in border])
        for axis, border in enumerate(borders, len(shape) - self.dims):
            most = shape[axis] - (self.padding_mode == "reflect")
            if shape[axis] == 0 or (max(border) > most and self.padding_mode != "replicate"):
                raise ValueError(
                    f"{type(self).__name__}: padding is {self.padding}, expected at most {most} for padding_mode "
                    f"{self.padding_mode!r} and x {shape}"
                )
            taken = np.pad(np.arange(shape[axis]), border, mode=BEYOND[self.padding_mode])  # type: ignore[call-overload]
            x = F.index_select(x, axis, taken)
        return x

    def extra_repr(self) -> str:
        """Return the sizes."""
        rest = {"dilation": (1,) * self.dims, "groups": 1, "padding_mode": "zeros"}
        more = [f"{name}={getattr(self, name)!r}" for name, usual in rest.items() if getattr(self, name) != usual]
        return ", ".join([super().extra_repr(), *more, *(["bias=False"] if self.bias is None else [])])


class Conv1d(Convolution):
    """The same small linear layer at every place of a sequence: (N, C_in, L) to (N, C_out, L').

    Parameters
    ----------
    in_channels, out_channels : int
        The numbers of channels of the input and the output.
    kernel_size : int
        How many places each neuron sees.
    stride : int
        By how many places neighbouring neurons are apart.
    padding : int, "valid" or "same"
        How many places are added at each end: none ("valid"), or as many as keep the length ("same", for stride 1).
    dilation : int
        By how many places what a neuron sees is apart.
    groups : int
        Into how many groups the channels fall that do not see each other; it divides both numbers of channels.
    bias : bool
        Whether there is a bias for each output channel.
    padding_mode : {"zeros", "reflect", "replicate", "circular"}
        What the padding holds: zeros, the sequence mirrored, its last value, or the sequence once more.
    rng : numpy.random.Generator, int or None
        The source of randomness, or its seed; None draws from the default generator.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite import nn
    >>> nn.Conv1d(3, 8, 5, padding="same", rng=0)(np.ones((2, 3, 10))).shape
    (2, 8, 10)
    """

    dims, takes = 1, _table(1, padding=Padding(0, 1), padding_mode=word("zeros", *BEYOND))


class Conv2d(Convolution):
    """The same small linear layer at every place of a picture: (N, C_in, H, W) to (N, C_out, H', W').

    Parameters
    ----------
    in_channels, out_channels : int
        The numbers of channels of the input and the output.
    kernel_size : int or (int, int)
        How many pixels each neuron sees.
    stride : int or (int, int)
        By how many pixels neighbouring neurons are apart.
    padding : int or (int, int), "valid" or "same"
        How many pixels are added at each end: none ("valid"), or as many as keep the length ("same", for stride 1).
    dilation : int or (int, int)
        By how many pixels what a neuron sees is apart.
    groups : int
        Into how many groups the channels fall that do not see each other; it divides both numbers of channels.
    bias : bool
        Whether there is a bias for each output channel.
    padding_mode : {"zeros", "reflect", "replicate", "circular"}
        What the padding holds: zeros, the picture mirrored, its last pixel, or the picture once more.
    rng : numpy.random.Generator, int or None
        The source of randomness, or its seed; None draws from the default generator.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite import nn
    >>> nn.Conv2d(3, 8, 3, padding=1, rng=0)(np.ones((1, 3, 5, 5))).shape
    (1, 8, 5, 5)
    """

    dims, takes = 2, _table(2, padding=Padding(0), padding_mode=word("zeros", *BEYOND))


class TransposedConvolution(Kernel):
    """What :class:`ConvTranspose1d` and :class:`ConvTranspose2d` share: everything but the number of axes.

    Parameters
    ----------
    in_channels, out_channels, kernel_size, stride, padding, output_padding, groups, bias, dilation, rng
        As :class:`ConvTranspose2d` describes them, each length a tuple already.
    """

    transposed = True
    output_padding: tuple[int, ...]

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
        if any(e >= max(s, d) for e, s, d in zip(output_padding, stride, dilation)):
            raise ValueError(
                f"{type(self).__name__}: output_padding is {output_padding}, expected less than stride or dilation"
            )
        super().__init__(in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias, rng)
        self.output_padding = output_padding

    def forward(self, x: Any, output_size: Any = None) -> Tensor:
        """Map (N, C_in, ...) to as many axes with C_out; `output_size` chooses among the sizes a stride allows."""
        extra = self.output_padding if output_size is None else self._extra(x, output_size)
        convolve: Any = F.conv_transpose2d if self.dims == 2 else F.conv_transpose1d
        return convolve(x, self.weight, self.bias, self.stride, self.padding, extra, self.groups, self.dilation)

    def _extra(self, x: Any, output_size: Any) -> tuple[int, ...]:
        name = type(self).__name__
        wanted = pair(1, self.dims).convert(output_size, f"{name}: output_size")
        lengths = shape_of(x, f"{name}: x")[-self.dims :]
        sizes = zip(lengths, self.stride, self.padding, self.dilation, self.kernel_size)
        least = [(n - 1) * s - 2 * p + d * (k - 1) + 1 for n, s, p, d, k in sizes]
        most = [n + s - 1 for n, s in zip(least, self.stride)]
        if any(not low <= n <= high for low, n, high in zip(least, wanted, most)):
            raise ValueError(f"{name}: output_size is {wanted}, expected from {tuple(least)} to {tuple(most)}")
        return tuple(n - low for n, low in zip(wanted, least))

    def extra_repr(self) -> str:
        """Return the sizes."""
        return f"{super().extra_repr()}, output_padding={self.output_padding}"


class ConvTranspose1d(TransposedConvolution):
    """The transpose of :class:`Conv1d` as a linear map: sequences become longer.

    Parameters
    ----------
    in_channels, out_channels : int
        The numbers of channels of the input and the output.
    kernel_size : int
        The length of what each place of the input is spread over.
    stride : int
        By how many places of the output neighbouring places of the input are apart.
    padding : int
        How many places are cut off at each end of the output.
    output_padding : int
        How many places are added at the end; less than the stride or the dilation.
    groups : int
        Into how many groups the channels fall that do not see each other; it divides both numbers of channels.
    bias : bool
        Whether there is a bias for each output channel.
    dilation : int
        By how many places the elements of the kernel are apart.
    rng : numpy.random.Generator, int or None
        The source of randomness, or its seed; None draws from the default generator.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite import nn
    >>> nn.ConvTranspose1d(8, 3, 2, stride=2, rng=0)(np.ones((1, 8, 5))).shape
    (1, 3, 10)
    """

    dims, takes = 1, _table(1, padding=pair(0, 1), output_padding=pair(0, 1))


class ConvTranspose2d(TransposedConvolution):
    """The transpose of :class:`Conv2d` as a linear map: pictures become larger.

    Parameters
    ----------
    in_channels, out_channels : int
        The numbers of channels of the input and the output.
    kernel_size : int or (int, int)
        The height and width of what each input pixel is spread over.
    stride : int or (int, int)
        By how many output pixels neighbouring input pixels are apart.
    padding : int or (int, int)
        How many pixels are cut off at each rim of the output.
    output_padding : int or (int, int)
        How many pixels are added below and on the right; less than the stride or the dilation.
    groups : int
        Into how many groups the channels fall that do not see each other; it divides both numbers of channels.
    bias : bool
        Whether there is a bias for each output channel.
    dilation : int or (int, int)
        By how many pixels the elements of the kernel are apart.
    rng : numpy.random.Generator, int or None
        The source of randomness, or its seed; None draws from the default generator.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite import nn
    >>> nn.ConvTranspose2d(8, 3, 2, stride=2, rng=0)(np.ones((1, 8, 5, 5))).shape
    (1, 3, 10, 10)
    """

    dims, takes = 2, _table(2, padding=pair(0), output_padding=pair(0))
