"""Pooling and resizing: a picture with fewer pixels, or with more.

Means and blends go along one axis after the other: the sum over a window is the sum over its columns of the sums over
its rows. The gradient of a maximum goes to the largest pixel alone.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from nnlite import arguments
from nnlite.arguments import Array
from nnlite.contracts import Kind, flag, given, integer, pair, word
from nnlite.differentiable import composed, differentiable
from nnlite.functional.shapes import permute, reshape, squeeze, unsqueeze
from nnlite.tensor import Tensor


def _windows_fit(x, kernel_size, stride, padding, dilation, ceil_mode, name):
    """Raise if no window fits on the padded pictures, or one could lie in the padding alone."""
    lengths = x.shape[-len(kernel_size) :]
    for k, s, p, d, n in zip(kernel_size, stride or kernel_size, padding, dilation, lengths):
        if 2 * p > k:
            raise ValueError(f"{name}: padding is {padding}, expected at most half of kernel_size {kernel_size}")
        if n == 0 or _outputs(n, k, s, p, d, ceil_mode) < 1:
            raise ValueError(f"{name}: kernel_size is {kernel_size}, which is larger than the padded x {x.shape}")


def _max_windows_fit(x, kernel_size, stride, padding, dilation, ceil_mode):
    _windows_fit(x, kernel_size, stride, padding, dilation, ceil_mode, f"max_pool{len(kernel_size)}d")


def _avg_windows_fit(x, kernel_size, stride, padding, ceil_mode, *options):
    _windows_fit(x, kernel_size, stride, padding, (1, 1), ceil_mode, f"avg_pool{len(kernel_size)}d")


def _windows(dims: int) -> dict[str, Kind]:
    return dict(
        x=given("N C H W", "C H W") if dims == 2 else given("N C L", "C L"),
        kernel_size=pair(1, dims),
        stride=pair(1, dims) | None,
        padding=pair(0, dims),
        ceil_mode=flag,
    )


@differentiable(takes=dict(**_windows(2), dilation=pair(1)), also=_max_windows_fit, batched_ndim=4)
def max_pool2d(
    x: Array, kernel_size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1, ceil_mode: bool = False
):
    """Return the largest pixel of each window, NaN if any is NaN.

    Parameters
    ----------
    x : (N, C, H, W) or (C, H, W)
    kernel_size, stride, padding, dilation : int or (int, int)
        The size of the windows, the steps between them, the frame around the picture, and the distance between the
        pixels of a window. The windows stand side by side if `stride` is None.
    ceil_mode : bool
        Whether windows may reach beyond the lower and the right edge; one may then be larger than the picture.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite import functional as F
    >>> F.max_pool2d(np.arange(16.0).reshape(1, 1, 4, 4), 2).data[0, 0]
    array([[ 5.,  7.],
           [13., 15.]])
    """
    (kh, kw), (ph, pw), (eh, ew), (sh, sw) = kernel_size, padding, dilation, stride or kernel_size
    n, c, h, w = x.shape
    oh, ow = _outputs(h, kh, sh, ph, eh, ceil_mode), _outputs(w, kw, sw, pw, ew, ceil_mode)
    rows, columns = (oh - 1) * sh + eh * (kh - 1) + 1, (ow - 1) * sw + ew * (kw - 1) + 1
    padded = np.full((n, c, max(rows, h + ph), max(columns, w + pw)), -np.inf, x.dtype)
    padded[:, :, ph : ph + h, pw : pw + w] = x
    windows = sliding_window_view(padded, (eh * (kh - 1) + 1, ew * (kw - 1) + 1), (2, 3))
    windows = windows[:, :, ::sh, ::sw, ::eh, ::ew][:, :, :oh, :ow].reshape(n, c, oh, ow, kh * kw)
    winner = windows.argmax(-1)  # (N, C, H', W'), the first of equal ones
    y = np.take_along_axis(windows, winner[..., None], -1)[..., 0]
    size = padded.shape

    def vjp(dy):
        dpadded = np.zeros(size, dy.dtype)
        i = np.arange(oh)[:, None] * sh + winner // kw * eh
        j = np.arange(ow) * sw + winner % kw * ew
        np.add.at(dpadded, (np.arange(n)[:, None, None, None], np.arange(c)[:, None, None], i, j), dy)
        return dpadded[:, :, ph : ph + h, pw : pw + w]

    return y, vjp


@differentiable(
    takes=dict(**_windows(2), count_include_pad=flag, divisor_override=integer(1) | None),
    also=_avg_windows_fit,
    batched_ndim=4,
)
def avg_pool2d(
    x: Array,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
):
    """Return the mean of each window.

    Parameters
    ----------
    x : (N, C, H, W) or (C, H, W)
    kernel_size, stride, padding : int or (int, int)
        The size of the windows, the steps between them, and the frame of zeros around the picture. The windows stand
        side by side if `stride` is None.
    ceil_mode : bool
        Whether windows may reach beyond the lower and the right edge.
    count_include_pad : bool
        Whether the zeros of the padding count in the mean.
    divisor_override : int, optional
        What to divide by instead of the number of pixels.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite import functional as F
    >>> F.avg_pool2d(np.arange(16.0).reshape(1, 1, 4, 4), 2).data[0, 0]
    array([[ 2.5,  4.5],
           [10.5, 12.5]])
    """
    axes = zip(x.shape[2:], kernel_size, stride or kernel_size, padding)
    (rows, high), (columns, wide) = (_bins_of(n, k, s, p, ceil_mode, count_include_pad) for n, k, s, p in axes)
    divisor = np.outer(high, wide) if divisor_override is None else float(divisor_override)
    divisor = np.asarray(divisor, x.dtype)
    y, back = _bin_sums(x, rows, columns)
    return y / divisor, lambda dy: back(dy / divisor)


def _outputs(n: int, k: int, s: int, p: int, d: int, ceil_mode: bool) -> int:
    """How many windows fit along one axis; with `ceil_mode` the last may reach beyond the edge if it starts before."""
    room = n + 2 * p - d * (k - 1) - 1
    count = (-(-room // s) if ceil_mode else room // s) + 1
    if ceil_mode and (count - 1) * s >= n + p:
        count -= 1
    return count


Bins = list[tuple[int, int]]


def _bins_of(n: int, k: int, s: int, p: int, ceil_mode: bool, count_padding: bool) -> tuple[Bins, list[int]]:
    """Where each window along one axis starts and ends inside the picture, and how many pixels it counts."""
    starts = [i * s - p for i in range(_outputs(n, k, s, p, 1, ceil_mode))]
    bins = [(max(start, 0), min(start + k, n)) for start in starts]
    return bins, [min(a + k, n + p) - a if count_padding else stop - start for a, (start, stop) in zip(starts, bins)]


def _bin_sums(x: Array, rows: Bins, columns: Bins) -> tuple[Array, Any]:
    """The sum of the pixels in each bin of rows and columns, and its vjp."""
    shape = x.shape
    tall = np.stack([x[..., a:b, :].sum(-2) for a, b in rows], -2)  # (N, C, H', W)
    y = np.stack([tall[..., a:b].sum(-1) for a, b in columns], -1)  # (N, C, H', W')
    between = tall.shape

    def vjp(dy):
        dtall, dx = np.zeros(between, dy.dtype), np.zeros(shape, dy.dtype)
        for j, (a, b) in enumerate(columns):
            dtall[..., a:b] += dy[..., j : j + 1]
        for i, (a, b) in enumerate(rows):
            dx[..., a:b, :] += dtall[..., i : i + 1, :]
        return dx

    return y, vjp


@composed(takes=dict(**_windows(1), dilation=pair(1, 1)), also=_max_windows_fit)
def max_pool1d(
    x: Any, kernel_size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1, ceil_mode: bool = False
) -> Tensor:
    """Return the largest number of each window of sequences (N, C, L), or of one (C, L).

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.max_pool1d([[[1.0, 3.0, 2.0, 0.0]]], 2)
    Tensor([[[3., 2.]]])
    """
    steps = (1, *kernel_size), (1, *(stride or kernel_size)), (0, *padding), (1, *dilation)
    return squeeze(max_pool2d(unsqueeze(x, -2), *steps, ceil_mode), -2)


@composed(takes=dict(**_windows(1), count_include_pad=flag), also=_avg_windows_fit)
def avg_pool1d(
    x: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Tensor:
    """Return the mean of each window of sequences (N, C, L), or of one (C, L).

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.avg_pool1d([[[1.0, 3.0, 2.0, 0.0]]], 2)
    Tensor([[[2., 1.]]])
    """
    steps = (1, *kernel_size), (1, *(stride or kernel_size)), (0, *padding)
    return squeeze(avg_pool2d(unsqueeze(x, -2), *steps, ceil_mode, count_include_pad), -2)


def _bins(n: int, outputs: int) -> Bins:
    """Cut n pixels into `outputs` bins of nearly equal length, which overlap where they must."""
    return [(i * n // outputs, -(-(i + 1) * n // outputs)) for i in range(outputs)]


def _output_size(name: str, x: Any, output_size: Any, dims: int) -> tuple[int, ...]:
    """One length for each axis; None stands for the length that the axis has."""
    items = tuple(output_size) if isinstance(output_size, tuple | list) else (output_size,)
    items = items * dims if len(items) == 1 else items
    if len(items) != dims:
        raise ValueError(f"{name}: output_size is {output_size}, expected {dims} of them")
    lengths = zip(x.shape[-dims:], items)
    return tuple(n if m is None else arguments.integer(m, f"{name}: output_size", low=1) for n, m in lengths)


@differentiable(
    takes=dict(x=given("N C H>0 W>0", "C H>0 W>0")),
    also=lambda x, output_size: _output_size("adaptive_avg_pool2d", x, output_size, 2),
    batched_ndim=4,
)
def adaptive_avg_pool2d(x: Array, output_size: Any):
    """Return the means of as many windows as `output_size` says (an int, two, or None to keep a length).

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite import functional as F
    >>> F.adaptive_avg_pool2d(np.ones((1, 2, 5, 7)), 1).shape
    (1, 2, 1, 1)
    """
    oh, ow = _output_size("adaptive_avg_pool2d", x, output_size, 2)
    rows, columns = _bins(x.shape[2], oh), _bins(x.shape[3], ow)
    high, wide = ([stop - start for start, stop in bins] for bins in (rows, columns))
    divisor = np.outer(high, wide).astype(x.dtype)
    y, back = _bin_sums(x, rows, columns)
    return y / divisor, lambda dy: back(dy / divisor)


@differentiable(
    takes=dict(x=given("N C H>0 W>0", "C H>0 W>0")),
    also=lambda x, output_size: _output_size("adaptive_max_pool2d", x, output_size, 2),
    batched_ndim=4,
)
def adaptive_max_pool2d(x: Array, output_size: Any):
    """Return the largest pixels of as many windows as `output_size` says.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite import functional as F
    >>> F.adaptive_max_pool2d(np.arange(6.0).reshape(1, 1, 2, 3), 1).item()
    5.0
    """
    oh, ow = _output_size("adaptive_max_pool2d", x, output_size, 2)
    n, c = x.shape[:2]
    y, winner = np.empty((n, c, oh, ow), x.dtype), np.empty((n, c, oh, ow), np.int64)
    numbers = np.arange(x.shape[2] * x.shape[3]).reshape(x.shape[2:])
    for i, rows in enumerate(slice(*bin_) for bin_ in _bins(x.shape[2], oh)):
        for j, columns in enumerate(slice(*bin_) for bin_ in _bins(x.shape[3], ow)):
            window = x[:, :, rows, columns]
            window = window.reshape(n, c, window.shape[2] * window.shape[3])
            best = window.argmax(-1)
            winner[:, :, i, j] = numbers[rows, columns].ravel()[best]
            y[:, :, i, j] = np.take_along_axis(window, best[..., None], -1)[..., 0]
    shape = x.shape

    def vjp(dy):
        dx = np.zeros((n * c, numbers.size), dy.dtype)
        np.add.at(dx, (np.arange(n * c)[:, None], winner.reshape(n * c, oh * ow)), dy.reshape(n * c, oh * ow))
        return dx.reshape(shape)

    return y, vjp


@composed(takes=dict(x=given("N C L>0", "C L>0")))
def adaptive_avg_pool1d(x: Any, output_size: Any) -> Tensor:
    """Return the means of `output_size` windows of sequences (N, C, L), or of one (C, L).

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.adaptive_avg_pool1d([[[1.0, 3.0, 2.0, 0.0]]], 1)
    Tensor([[[1.5]]])
    """
    size = _output_size("adaptive_avg_pool1d", x, output_size, 1)
    return squeeze(adaptive_avg_pool2d(unsqueeze(x, -2), (1, *size)), -2)


@composed(takes=dict(x=given("N C L>0", "C L>0")))
def adaptive_max_pool1d(x: Any, output_size: Any) -> Tensor:
    """Return the largest numbers of `output_size` windows of sequences (N, C, L), or of one (C, L).

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.adaptive_max_pool1d([[[1.0, 3.0, 2.0, 0.0]]], 1)
    Tensor([[[3.]]])
    """
    size = _output_size("adaptive_max_pool1d", x, output_size, 1)
    return squeeze(adaptive_max_pool2d(unsqueeze(x, -2), (1, *size)), -2)


def _new_size(x: Array, size: Any, scale_factor: Any) -> tuple[tuple[int, ...], tuple[float, ...]]:
    """The new lengths, and how many old pixels a new one spans along each axis."""
    name, old = "interpolate", x.shape[2:]
    if (size is None) == (scale_factor is None):
        raise ValueError(f"{name}: size is {size} and scale_factor {scale_factor}, expected exactly one of them")
    if size is not None:
        new = arguments.several(size, f"{name}: size", 1, len(old))
        return new, tuple(n / m for n, m in zip(old, new))
    scales = tuple(scale_factor) if isinstance(scale_factor, tuple | list) else (scale_factor,)
    scales = scales * len(old) if len(scales) == 1 else scales
    if len(scales) != len(old):
        raise ValueError(f"{name}: scale_factor is {scale_factor}, expected a number or {len(old)}")
    factors = [arguments.number(f, f"{name}: scale_factor", low=0) for f in scales]
    new = tuple(math.floor(n * f) for n, f in zip(old, factors))
    if 0 in new:
        raise ValueError(f"{name}: scale_factor is {scale_factor}, expected one that leaves a pixel of x {x.shape}")
    return new, tuple(1 / f for f in factors)


#: the modes that go with one number of axes only
_OF_DIMS = {"linear": 1, "bilinear": 2, "bicubic": 2, "trilinear": 3}


def _check_interpolate(x, size, scale_factor, mode, align_corners):
    if mode not in _OF_DIMS and align_corners:
        raise ValueError(f"interpolate: align_corners is True, expected False for mode {mode!r}")
    if _OF_DIMS.get(mode, x.ndim - 2) != x.ndim - 2:
        fitting = {1: "'linear'", 2: "'bilinear' or 'bicubic'", 3: "'trilinear'"}[x.ndim - 2]
        raise ValueError(f"interpolate: mode is {mode!r}, expected {fitting} for x {x.shape}")
    _new_size(x, size, scale_factor)


@differentiable(
    takes=dict(
        x=given("N C L>0", "N C H>0 W>0", "N C D>0 H>0 W>0"),
        mode=word("nearest", "nearest-exact", "linear", "bilinear", "trilinear", "bicubic", "area"),
        align_corners=flag,
    ),
    also=_check_interpolate,
)
def interpolate(
    x: Array, size: Any = None, scale_factor: Any = None, mode: str = "nearest", align_corners: bool = False
):
    """Return pictures, or sequences or volumes, in another size.

    Parameters
    ----------
    x : (N, C, L), (N, C, H, W) or (N, C, D, H, W)
    size : int or tuple of int, optional
        The new length of each axis.
    scale_factor : float or tuple of float, optional
        How much larger, instead of `size`.
    mode : {"nearest", "nearest-exact", "linear", "bilinear", "trilinear", "bicubic", "area"}
        Take one pixel ("nearest-exact" the one whose centre is nearest, "nearest" pixel ``floor(i n / m)``, which
        is further left, as PyTorch and OpenCV do), the weighted mean of the two, four or eight pixels around, a cubic
        curve through the 16 around (Keys 1981, with a = -3/4), or the mean of the pixels that a new one covers.
    align_corners : bool
        Whether the centres of the corner pixels stay where they are (True) or their outer corners (False); for the
        linear modes and "bicubic" only.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite import functional as F
    >>> F.interpolate(np.ones((1, 1, 2, 3)), scale_factor=2).shape
    (1, 1, 4, 6)
    """
    new, spans = _new_size(x, size, scale_factor)
    if mode == "area":
        return _covered(x, new)
    near = _NEIGHBOURS.get(mode, _linear)
    lengths = zip(x.shape[2:], new, spans)
    return _weighted(x, [near(n, m, span, align_corners) for n, m, span in lengths])


Neighbours = list[tuple[Array, Array]]  # which old pixels each new one is made of, and their shares


def _nearest(n: int, m: int, span: float, align_corners: bool) -> Neighbours:
    return [(np.minimum(np.floor(np.arange(m) * np.float32(span)).astype(int), n - 1), np.ones(m))]


def _nearest_exact(n: int, m: int, span: float, align_corners: bool) -> Neighbours:
    return [(np.minimum(np.floor((np.arange(m) + 0.5) * np.float32(span)).astype(int), n - 1), np.ones(m))]


def _linear(n: int, m: int, span: float, align_corners: bool) -> Neighbours:
    at = np.maximum(_places(n, m, span, align_corners), 0)
    low = np.minimum(np.floor(at).astype(int), n - 1)
    return [(low, 1 - (at - low)), (np.minimum(low + 1, n - 1), at - low)]


def _cubic(n: int, m: int, span: float, align_corners: bool) -> Neighbours:
    at = _places(n, m, span, align_corners)
    low = np.floor(at).astype(int)
    return [(np.clip(low + k, 0, n - 1), _keys(np.abs(at - (low + k)))) for k in (-1, 0, 1, 2)]


_NEIGHBOURS = {"nearest": _nearest, "nearest-exact": _nearest_exact, "bicubic": _cubic}


def _places(n: int, m: int, span: float, align_corners: bool) -> Array:
    """Where the centres of the new pixels lie among the old ones."""
    if align_corners:
        return np.arange(m) * ((n - 1) / (m - 1) if m > 1 else 0)
    return (np.arange(m) + 0.5) * span - 0.5


def _keys(d: Array, a: float = -0.75) -> Array:
    """The share of a pixel at distance d <= 2 in Keys' cubic interpolation."""
    near, far = ((a + 2) * d - (a + 3)) * d * d + 1, ((d - 5) * d + 8) * d * a - 4 * a
    return np.where(d <= 1, near, far)


def _weighted(x: Array, axes: list[Neighbours]) -> tuple[Array, Any]:
    """The weighted sum of the neighbours of each new pixel, along one axis after the other, and its vjp.

    With the shares in a matrix A for each axis it is ``y = A_h x A_w^T``, so that ``dx = A_h^T dy A_w``.
    """
    lengths = x.shape[2:]
    y: Any = x
    axes = [[(i, share.astype(x.dtype)) for i, share in neighbours] for neighbours in axes]
    for k, neighbours in enumerate(axes, start=2):
        column = (-1,) + (1,) * (x.ndim - 1 - k)
        before, y = y, None
        for i, share in neighbours:
            part = np.take(before, i, k) * share.reshape(column)
            y = part if y is None else y + part

    def vjp(dy):
        for k, (n, neighbours) in enumerate(zip(lengths, axes), start=2):
            matrix = np.zeros((len(neighbours[0][0]), n), dy.dtype)
            for i, share in neighbours:
                matrix[np.arange(len(i)), i] += share
            last = k == len(lengths) + 1
            dy = dy @ matrix if last else np.moveaxis(matrix.T @ np.moveaxis(dy, k, -2), -2, k)
        return dy

    return y, vjp


def _covered(x: Array, new: tuple[int, ...]) -> tuple[Array, Any]:
    """The mean of the pixels in each bin, along one axis after the other, and its vjp."""
    cuts = [_bins(n, m) for n, m in zip(x.shape[2:], new)]
    shapes, y = [], x
    for k, bins in enumerate(cuts, start=2):
        shapes.append(y.shape)
        y = np.stack([y[_along(k, a, b)].mean(k) for a, b in bins], k)

    def vjp(dy):
        for k, bins in reversed(list(enumerate(cuts, start=2))):
            dx = np.zeros(shapes[k - 2], dy.dtype)
            for i, (a, b) in enumerate(bins):
                dx[_along(k, a, b)] += dy[_along(k, i, i + 1)] / (b - a)
            dy = dx
        return dy

    return y, vjp


def _along(k: int, start: int, stop: int) -> tuple[slice, ...]:
    return (slice(None),) * k + (slice(start, stop),)


@composed(takes=dict(x=given("... C H W"), upscale_factor=integer(1)))
def pixel_shuffle(x: Any, upscale_factor: int) -> Tensor:
    """Make r x r pixels of r^2 channels: (..., C r^2, H, W) to (..., C, H r, W r) (Shi et al. 2016).

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite import functional as F
    >>> F.pixel_shuffle(np.arange(4.0).reshape(1, 4, 1, 1), 2).data[0, 0]
    array([[0., 1.],
           [2., 3.]])
    """
    r = upscale_factor
    if x.shape[-3] % (r * r):
        raise ValueError(
            f"pixel_shuffle: x has shape {x.shape}, expected (..., C, H, W) with C a multiple of {r * r}, "
            "the square of upscale_factor"
        )
    *first, c, h, w = x.shape
    n = len(first)
    x = reshape(x, (*first, c // (r * r), r, r, h, w))
    x = permute(x, (*range(n), n, n + 3, n + 1, n + 4, n + 2))  # (..., C, H, r, W, r)
    return reshape(x, (*first, c // (r * r), h * r, w * r))


@composed(takes=dict(x=given("... C H W"), downscale_factor=integer(1)))
def pixel_unshuffle(x: Any, downscale_factor: int) -> Tensor:
    """Make r^2 channels of r x r pixels: (..., C, H r, W r) to (..., C r^2, H, W).

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite import functional as F
    >>> F.pixel_unshuffle(np.ones((1, 3, 4, 6)), 2).shape
    (1, 12, 2, 3)
    """
    r = downscale_factor
    if x.shape[-2] % r or x.shape[-1] % r:
        raise ValueError(
            f"pixel_unshuffle: x has shape {x.shape}, expected (..., C, H, W) with H and W multiples of "
            f"downscale_factor={r}"
        )
    *first, c, h, w = x.shape
    n = len(first)
    x = reshape(x, (*first, c, h // r, r, w // r, r))
    x = permute(x, (*range(n), n, n + 2, n + 4, n + 1, n + 3))  # (..., C, r, r, H, W)
    return reshape(x, (*first, c * r * r, h // r, w // r))
