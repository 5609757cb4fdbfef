"""Pooling and resizing layers: pictures and sequences with fewer places, or with more.

Inputs are (N, C, L) or (N, C, H, W); one sequence or picture without the first axis is taken too, as in PyTorch.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlite import functional as F
from nnlite.contracts import Kind, flag, integer, number, pair, word
from nnlite.nn.module import Stateless


def _windows(dims: int) -> dict[str, Kind]:
    return dict(
        kernel_size=pair(1, dims, kept=True), stride=pair(1, dims, kept=True) | None, padding=pair(0, dims, kept=True)
    )


class Pooling(Stateless):
    """What max and mean pooling share: windows whose padding is at most half of them.

    Parameters
    ----------
    kernel_size, stride, padding, ceil_mode
        As :class:`MaxPool2d` describes them.
    """

    def __init__(self, kernel_size: Any, stride: Any, padding: Any, ceil_mode: bool) -> None:
        if np.any(2 * np.asarray(padding) > np.asarray(kernel_size)):
            name = type(self).__name__
            raise ValueError(f"{name}: padding is {padding}, expected at most half of kernel_size {kernel_size}")
        self.kernel_size, self.stride, self.padding, self.ceil_mode = kernel_size, stride, padding, ceil_mode


class MaxPool1d(Pooling):
    """The largest number of each window of a sequence: (N, C, L) or (C, L) to the same with another L.

    Parameters
    ----------
    kernel_size : int
        How many places each window spans.
    stride : int, optional
        By how many places the windows are apart; `kernel_size` by default, so that they stand side by side.
    padding : int
        How many places are added at both ends, at most half of `kernel_size`.
    dilation : int
        By how many places the elements of one window are apart.
    ceil_mode : bool
        Whether the last windows may hang over the rim.

    Examples
    --------
    >>> from nnlite import nn
    >>> nn.MaxPool1d(2)([[[1.0, 3.0, 2.0, 0.0]]])
    Tensor([[[3., 2.]]])
    """

    function = staticmethod(F.max_pool1d)
    takes = dict(**_windows(1), dilation=pair(1, 1, kept=True), ceil_mode=flag)

    def __init__(
        self, kernel_size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1, ceil_mode: bool = False
    ) -> None:
        super().__init__(kernel_size, stride, padding, ceil_mode)
        self.dilation = dilation


class MaxPool2d(MaxPool1d):
    """The largest pixel of each window: (N, C, H, W) or (C, H, W) to the same with another H and W.

    Parameters
    ----------
    kernel_size : int or (int, int)
        The height and width of each window in pixels.
    stride : int or (int, int), optional
        By how many pixels the windows are apart; `kernel_size` by default, so that they stand side by side.
    padding : int or (int, int)
        How many pixels are added at each rim, at most half of `kernel_size`.
    dilation : int or (int, int)
        By how many pixels the elements of one window are apart.
    ceil_mode : bool
        Whether the last windows may hang over the rim.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite import nn
    >>> nn.MaxPool2d(2)(np.ones((1, 3, 8, 6))).shape
    (1, 3, 4, 3)
    """

    function = staticmethod(F.max_pool2d)
    takes = dict(**_windows(2), dilation=pair(1, kept=True), ceil_mode=flag)


class AvgPool1d(Pooling):
    """The mean of each window of a sequence: (N, C, L) or (C, L) to the same with another L.

    Parameters
    ----------
    kernel_size : int
        How many places each window spans.
    stride : int, optional
        By how many places the windows are apart; `kernel_size` by default, so that they stand side by side.
    padding : int
        How many places are added at both ends, at most half of `kernel_size`.
    ceil_mode : bool
        Whether the last windows may hang over the rim.
    count_include_pad : bool
        Whether the zeros of the padding count in the mean.

    Examples
    --------
    >>> from nnlite import nn
    >>> nn.AvgPool1d(2)([[[1.0, 3.0, 2.0, 0.0]]])
    Tensor([[[2., 1.]]])
    """

    function = staticmethod(F.avg_pool1d)
    takes = dict(**_windows(1), ceil_mode=flag, count_include_pad=flag)

    def __init__(
        self,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
    ) -> None:
        super().__init__(kernel_size, stride, padding, ceil_mode)
        self.count_include_pad = count_include_pad


class AvgPool2d(Pooling):
    """The mean of each window of a picture: (N, C, H, W) or (C, H, W) to the same with another H and W.

    Parameters
    ----------
    kernel_size : int or (int, int)
        The height and width of each window in pixels.
    stride : int or (int, int), optional
        By how many pixels the windows are apart; `kernel_size` by default, so that they stand side by side.
    padding : int or (int, int)
        How many pixels are added at each rim, at most half of `kernel_size`.
    ceil_mode : bool
        Whether the last windows may hang over the rim.
    count_include_pad : bool
        Whether the zeros of the padding count in the mean.
    divisor_override : int, optional
        What the sum of a window is divided by instead of its number of pixels.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite import nn
    >>> nn.AvgPool2d(2)(np.ones((1, 3, 8, 6))).shape
    (1, 3, 4, 3)
    """

    function = staticmethod(F.avg_pool2d)
    takes = dict(**_windows(2), ceil_mode=flag, count_include_pad=flag, divisor_override=integer(1) | None)

    def __init__(
        self,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ) -> None:
        super().__init__(kernel_size, stride, padding, ceil_mode)
        self.count_include_pad = count_include_pad
        self.divisor_override = divisor_override


class _Lengths(pair):
    """Lengths that are kept as they came; None stands for the input's own."""

    def convert(self, value: Any, name: str) -> Any:
        items = value if isinstance(value, tuple | list) else (value,) * self.count
        super().convert(tuple(1 if n is None else n for n in items), name)
        return value


class AdaptivePooling(Stateless):
    """What the poolings share that are told the size of the output.

    Parameters
    ----------
    output_size : int or tuple
        How many windows there are, as in :class:`AdaptiveAvgPool2d`.
    """

    def __init__(self, output_size: Any) -> None:
        self.output_size = output_size


class AdaptiveAvgPool1d(AdaptivePooling):
    """The means of `output_size` windows, however long the sequence: (N, C, L) or (C, L) to (N, C, output_size).

    Parameters
    ----------
    output_size : int
        How many windows there are.

    Examples
    --------
    >>> from nnlite import nn
    >>> nn.AdaptiveAvgPool1d(1)([[[1.0, 3.0, 2.0, 0.0]]])
    Tensor([[[1.5]]])
    """

    function, takes = staticmethod(F.adaptive_avg_pool1d), dict(output_size=pair(1, 1, kept=True))


class AdaptiveMaxPool1d(AdaptivePooling):
    """The largest numbers of `output_size` windows: (N, C, L) or (C, L) to (N, C, output_size).

    Parameters
    ----------
    output_size : int
        How many windows there are.

    Examples
    --------
    >>> from nnlite import nn
    >>> nn.AdaptiveMaxPool1d(1)([[[1.0, 3.0, 2.0, 0.0]]])
    Tensor([[[3.]]])
    """

    function, takes = staticmethod(F.adaptive_max_pool1d), dict(output_size=pair(1, 1, kept=True))


class AdaptiveAvgPool2d(AdaptivePooling):
    """The means of as many windows as `output_size` says: (N, C, H, W) or (C, H, W) to (N, C, *output_size).

    Parameters
    ----------
    output_size : int or (int, int)
        How many windows there are from top to bottom and from left to right; None keeps the input's length.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite import nn
    >>> nn.AdaptiveAvgPool2d((1, None))(np.ones((1, 3, 8, 6))).shape
    (1, 3, 1, 6)
    """

    function, takes = staticmethod(F.adaptive_avg_pool2d), dict(output_size=_Lengths(1))


class AdaptiveMaxPool2d(AdaptivePooling):
    """The largest pixels of as many windows as `output_size` says: (N, C, H, W) or (C, H, W) to (N, C, *output_size).

    Parameters
    ----------
    output_size : int or (int, int)
        How many windows there are from top to bottom and from left to right; None keeps the input's length.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite import nn
    >>> nn.AdaptiveMaxPool2d(2)(np.ones((1, 3, 8, 6))).shape
    (1, 3, 2, 2)
    """

    function, takes = staticmethod(F.adaptive_max_pool2d), dict(output_size=_Lengths(1))


class _Sizes(Kind):
    """A number that `one` takes, or one for each of up to three axes."""

    def __init__(self, one: Kind) -> None:
        self.one = one

    def convert(self, value: Any, name: str) -> Any:
        numbers = value if isinstance(value, tuple | list) else (value,)
        if not 1 <= len(numbers) <= 3:
            raise ValueError(f"{name} is {value}, expected a number, or one for each axis that is resized")
        for item in numbers:
            self.one.convert(item, name)
        return value


class Upsample(Stateless):
    """Pictures (N, C, H, W), sequences (N, C, L) or volumes (N, C, D, H, W) in another size.

    Parameters
    ----------
    size : int or tuple of int, optional
        The new length of each axis.
    scale_factor : float or tuple of float, optional
        How many times longer each axis becomes; exactly one of the two is given.
    mode : {"nearest", "nearest-exact", "linear", "bilinear", "trilinear", "bicubic", "area"}
        How new pixels are made of old ones, see :func:`~nnlite.functional.interpolate`.
    align_corners : bool, optional
        Whether the centres of the corner pixels stay where they are (True), or their outer corners; for the linear
        modes and "bicubic" only.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite import nn
    >>> nn.Upsample(scale_factor=2, mode="bilinear")(np.ones((1, 3, 4, 5))).shape
    (1, 3, 8, 10)
    """

    function = staticmethod(F.interpolate)
    takes = dict(
        size=_Sizes(integer(1)) | None,
        scale_factor=_Sizes(number(above=0)) | None,
        mode=word("nearest", "nearest-exact", "linear", "bilinear", "trilinear", "bicubic", "area"),
        align_corners=flag | None,
    )

    def __init__(
        self, size: Any = None, scale_factor: Any = None, mode: str = "nearest", align_corners: bool | None = None
    ) -> None:
        if (size is None) == (scale_factor is None):
            raise ValueError(f"Upsample: size is {size} and scale_factor {scale_factor}, expected exactly one of them")
        if mode in {"nearest", "nearest-exact", "area"} and align_corners:
            raise ValueError(f"Upsample: align_corners is True, expected None or False for mode {mode!r}")
        self.size, self.scale_factor, self.mode, self.align_corners = size, scale_factor, mode, bool(align_corners)


class PixelShuffle(Stateless):
    """Make r x r pixels of r^2 channels: (N, C r^2, H, W) to (N, C, H r, W r) (Shi et al. 2016).

    Parameters
    ----------
    upscale_factor : int
        r.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite import nn
    >>> nn.PixelShuffle(2)(np.ones((1, 8, 3, 3))).shape
    (1, 2, 6, 6)
    """

    function, takes = staticmethod(F.pixel_shuffle), dict(upscale_factor=integer(1))

    def __init__(self, upscale_factor: int) -> None:
        self.upscale_factor = upscale_factor


class PixelUnshuffle(Stateless):
    """Make r^2 channels of r x r pixels: (N, C, H r, W r) to (N, C r^2, H, W).

    Parameters
    ----------
    downscale_factor : int
        r.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite import nn
    >>> nn.PixelUnshuffle(2)(np.ones((1, 2, 6, 6))).shape
    (1, 8, 3, 3)
    """

    function, takes = staticmethod(F.pixel_unshuffle), dict(downscale_factor=integer(1))

    def __init__(self, downscale_factor: int) -> None:
        self.downscale_factor = downscale_factor
