"""Pooling and resizing layers: pictures and sequences with fewer places, or with more.

Inputs are (N, C, L) or (N, C, H, W); one sequence or picture without the first axis is taken too, as in PyTorch.
"""

from __future__ import annotations

from typing import Any

from nnlite import functional as F
from nnlite.arguments import boolean, integer, number, one_of, several
from nnlite.nn.convolution import check_places
from nnlite.nn.module import Stateless
from nnlite.tensor import Tensor


class Pooling(Stateless):
    """What these layers share: a function over ``dims`` axes, of a batch or of one sequence or picture."""

    dims: int

    def forward(self, x: Any) -> Tensor:
        """Map (N, C, ...) to the same axes with other lengths."""
        check_places(x, self.dims, type(self).__name__)
        return super().forward(x)

    def _windows(self, kernel_size: Any, stride: Any, padding: Any, dilation: Any = 1, ceil_mode: Any = False) -> None:
        name = type(self).__name__
        kernel = several(kernel_size, f"{name}: kernel_size", 1, self.dims)
        border = several(padding, f"{name}: padding", 0, self.dims)
        if any(2 * p > k for p, k in zip(border, kernel)):
            raise ValueError(f"{name}: padding is {padding}, expected at most half of kernel_size {kernel_size}")
        if stride is not None:
            several(stride, f"{name}: stride", 1, self.dims)
        several(dilation, f"{name}: dilation", 1, self.dims)
        self.kernel_size, self.stride, self.padding, self.dilation = kernel_size, stride, padding, dilation
        self.ceil_mode = boolean(ceil_mode, f"{name}: ceil_mode")


class MaxPool1d(Pooling):
    """The largest number of each window of a sequence; windows stand side by side if `stride` is None.

    Examples
    --------
    >>> MaxPool1d(2)([[[1.0, 3.0, 2.0, 0.0]]])
    Tensor([[[3., 2.]]])
    """

    dims, function = 1, staticmethod(F.max_pool1d)
    options = ("kernel_size", "stride", "padding", "dilation", "ceil_mode")

    def __init__(
        self, kernel_size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1, ceil_mode: bool = False
    ) -> None:
        self._windows(kernel_size, stride, padding, dilation, ceil_mode)


class MaxPool2d(MaxPool1d):
    """The largest pixel of each window.

    Examples
    --------
    >>> import numpy as np
    >>> MaxPool2d(2)(np.ones((1, 3, 8, 6))).shape
    (1, 3, 4, 3)
    """

    dims, function = 2, staticmethod(F.max_pool2d)


class AvgPool1d(Pooling):
    """The mean of each window of a sequence.

    Examples
    --------
    >>> AvgPool1d(2)([[[1.0, 3.0, 2.0, 0.0]]])
    Tensor([[[2., 1.]]])
    """

    dims, function = 1, staticmethod(F.avg_pool1d)
    options: tuple[str, ...] = ("kernel_size", "stride", "padding", "ceil_mode", "count_include_pad")

    def __init__(
        self,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
    ) -> None:
        self._windows(kernel_size, stride, padding, ceil_mode=ceil_mode)
        self.count_include_pad = boolean(count_include_pad, f"{type(self).__name__}: count_include_pad")


class AvgPool2d(AvgPool1d):
    """The mean of each window of a picture; `divisor_override` replaces the number of pixels it is divided by.

    Examples
    --------
    >>> import numpy as np
    >>> AvgPool2d(2)(np.ones((1, 3, 8, 6))).shape
    (1, 3, 4, 3)
    """

    dims, function = 2, staticmethod(F.avg_pool2d)
    options = (*AvgPool1d.options, "divisor_override")

    def __init__(
        self,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ) -> None:
        super().__init__(kernel_size, stride, padding, ceil_mode, count_include_pad)
        if divisor_override is not None:
            divisor_override = integer(divisor_override, "AvgPool2d: divisor_override", low=1)
        self.divisor_override = divisor_override


class AdaptiveAvgPool1d(Pooling):
    """The means of `output_size` windows, however long the sequence.

    Examples
    --------
    >>> AdaptiveAvgPool1d(1)([[[1.0, 3.0, 2.0, 0.0]]])
    Tensor([[[1.5]]])
    """

    dims, function, options = 1, staticmethod(F.adaptive_avg_pool1d), ("output_size",)

    def __init__(self, output_size: Any) -> None:
        several(output_size, f"{type(self).__name__}: output_size", 1, 1)
        self.output_size = output_size


class AdaptiveMaxPool1d(AdaptiveAvgPool1d):
    """The largest numbers of `output_size` windows, however long the sequence.

    Examples
    --------
    >>> AdaptiveMaxPool1d(1)([[[1.0, 3.0, 2.0, 0.0]]])
    Tensor([[[3.]]])
    """

    function = staticmethod(F.adaptive_max_pool1d)


class AdaptiveAvgPool2d(Pooling):
    """The means of as many windows as `output_size` says: an int, or two of ints and None, which keeps the length.

    Examples
    --------
    >>> import numpy as np
    >>> AdaptiveAvgPool2d((1, None))(np.ones((1, 3, 8, 6))).shape
    (1, 3, 1, 6)
    """

    dims, function, options = 2, staticmethod(F.adaptive_avg_pool2d), ("output_size",)

    def __init__(self, output_size: Any) -> None:
        items = output_size if isinstance(output_size, tuple | list) else (output_size, output_size)
        several(tuple(1 if n is None else n for n in items), f"{type(self).__name__}: output_size", 1, 2)
        self.output_size = output_size


class AdaptiveMaxPool2d(AdaptiveAvgPool2d):
    """The largest pixels of as many windows as `output_size` says.

    Examples
    --------
    >>> import numpy as np
    >>> AdaptiveMaxPool2d(2)(np.ones((1, 3, 8, 6))).shape
    (1, 3, 2, 2)
    """

    function = staticmethod(F.adaptive_max_pool2d)


class Upsample(Stateless):
    """Pictures (N, C, H, W) in another size, which `size` or `scale_factor` says: the nearest pixel, or a blend.

    Examples
    --------
    >>> import numpy as np
    >>> Upsample(scale_factor=2, mode="bilinear")(np.ones((1, 3, 4, 5))).shape
    (1, 3, 8, 10)
    """

    function, options = staticmethod(F.interpolate), ("size", "scale_factor", "mode", "align_corners")

    def __init__(
        self, size: Any = None, scale_factor: Any = None, mode: str = "nearest", align_corners: bool | None = None
    ) -> None:
        self.mode = one_of(mode, "Upsample: mode", ("nearest", "bilinear"))
        if (size is None) == (scale_factor is None):
            raise ValueError(f"Upsample: size is {size} and scale_factor {scale_factor}, expected exactly one of them")
        if size is not None:
            several(size, "Upsample: size", 1, 2)
        else:
            factors = scale_factor if isinstance(scale_factor, tuple | list) else (scale_factor,)
            if len(factors) > 2 or min(number(f, "Upsample: scale_factor", low=0) for f in factors) == 0:
                raise ValueError(f"Upsample: scale_factor is {scale_factor}, expected a number > 0 or two")
        self.align_corners = align_corners is not None and boolean(align_corners, "Upsample: align_corners")
        if mode == "nearest" and self.align_corners:
            raise ValueError("Upsample: align_corners is True, expected None or False for mode 'nearest'")
        self.size, self.scale_factor = size, scale_factor


class PixelShuffle(Pooling):
    """Make r x r pixels of r^2 channels: (N, C r^2, H, W) to (N, C, H r, W r) (Shi et al. 2016).

    Examples
    --------
    >>> import numpy as np
    >>> PixelShuffle(2)(np.ones((1, 8, 3, 3))).shape
    (1, 2, 6, 6)
    """

    dims, function, options = 2, staticmethod(F.pixel_shuffle), ("upscale_factor",)

    def __init__(self, upscale_factor: int) -> None:
        self.upscale_factor = integer(upscale_factor, "PixelShuffle: upscale_factor", low=1)


class PixelUnshuffle(Pooling):
    """Make r^2 channels of r x r pixels: (N, C, H r, W r) to (N, C r^2, H, W).

    Examples
    --------
    >>> import numpy as np
    >>> PixelUnshuffle(2)(np.ones((1, 2, 6, 6))).shape
    (1, 8, 3, 3)
    """

    dims, function, options = 2, staticmethod(F.pixel_unshuffle), ("downscale_factor",)

    def __init__(self, downscale_factor: int) -> None:
        self.downscale_factor = integer(downscale_factor, "PixelUnshuffle: downscale_factor", low=1)
