"""Convolution: the same small linear layer applied to every patch of a picture (Fukushima 1980; LeCun 1989).

    y[n, o, i, j] = b[o] + sum over c, u, v of  weight[o, c, u, v] * x[n, c, i*stride + u*dilation - padding, ...]

In the formula the patches are a view of the padded picture and the sum is one tensor product; the vjp sends each
gradient back along the wire it came.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from nnlite.arguments import Array, integer, shape_is
from nnlite.differentiable import as_tensors, differentiable
from nnlite.functional.shapes import squeeze, unsqueeze
from nnlite.tensor import Tensor


def pair(value: Any, name: str, low: int) -> tuple[int, int]:
    """Return ``value`` as two integers >= `low`: itself twice, or its two items.

    Examples
    --------
    >>> pair(3, "conv2d: stride", 1)
    (3, 3)
    """
    items = tuple(value) if isinstance(value, tuple | list) else (value, value)
    if len(items) != 2:
        raise ValueError(f"{name} is {value}, expected an integer or two")
    return integer(items[0], name, low=low), integer(items[1], name, low=low)


def single(value: Any, name: str, low: int) -> int:
    """Return one integer >= `low`, given as itself or alone in a tuple.

    Examples
    --------
    >>> single((3,), "conv1d: stride", 1)
    3
    """
    items = tuple(value) if isinstance(value, tuple | list) else (value,)
    if len(items) != 1:
        raise ValueError(f"{name} is {value}, expected one integer")
    return integer(items[0], name, low=low)


def several(value: Any, name: str, low: int, dims: int) -> tuple[int, ...]:
    """Return `value` as `dims` (1 or 2) integers >= `low`.

    Examples
    --------
    >>> several(3, "conv1d: stride", 1, 1), several(3, "conv2d: stride", 1, 2)
    ((3,), (3, 3))
    """
    return pair(value, name, low) if dims == 2 else (single(value, name, low),)


#: how the axes of inputs and kernels are called, by the number of those that are walked along
PLACES = {1: "L", 2: "H, W"}
TAPS = {1: "k", 2: "kH, kW"}


def places(x: Any, name: str, dims: int) -> tuple[int, ...]:
    """Return the lengths of the last `dims` axes of a batch (N, C, ...) or of one member (C, ...), or raise.

    Examples
    --------
    >>> places(np.ones((3, 8)), "conv1d", 1), places(np.ones((2, 3, 8, 5)), "conv2d", 2)
    ((8,), (8, 5))
    """
    if x.ndim not in {dims + 1, dims + 2}:
        raise ValueError(f"{name}: x has shape {x.shape}, expected (N, C, {PLACES[dims]}) or (C, {PLACES[dims]})")
    return x.shape[-dims:]


def _check_conv(name, dims, x, weight, bias, stride, padding, dilation, groups):
    lengths = places(x, name, dims)
    if weight.ndim != dims + 2 or 0 in weight.shape:
        raise ValueError(
            f"{name}: weight has shape {weight.shape}, expected (C_out, C_in / groups, {TAPS[dims]}), none of them 0"
        )
    groups, channels = integer(groups, f"{name}: groups", low=1), x.shape[-dims - 1]
    if weight.shape[0] % groups or channels != weight.shape[1] * groups:
        raise ValueError(
            f"{name}: x has shape {x.shape} and weight {weight.shape}, expected {weight.shape[1] * groups} channels "
            f"in x and a multiple of groups={groups} in the first axis of weight"
        )
    if bias is not None:
        shape_is(bias, f"{name}: bias", weight.shape[:1], f"to match weight {weight.shape}")
    several(stride, f"{name}: stride", 1, dims)
    padding, dilation = several(padding, f"{name}: padding", 0, dims), several(dilation, f"{name}: dilation", 1, dims)
    for n, k, p, d in zip(lengths, weight.shape[2:], padding, dilation):
        if n + 2 * p < d * (k - 1) + 1:
            raise ValueError(
                f"{name}: the kernel {weight.shape[2:]} of weight is larger than the padded x {x.shape}, "
                f"with padding={padding} and dilation={dilation}"
            )


def _check_conv2d(*args):
    _check_conv("conv2d", 2, *args)


@differentiable(compiled="convolution.conv2d", check=_check_conv2d, same_dtype=True, batch=4)
def conv2d(
    x: Array,
    weight: Array,
    bias: Array | None = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
):
    """Slide `weight` over pictures.

    Parameters
    ----------
    x : (N, C_in, H, W) or (C_in, H, W)
    weight : (C_out, C_in / groups, kH, kW)
    bias : (C_out,), optional
    stride, padding, dilation : int or (int, int)
        The step, the frame of zeros, and the distance between the taps of the kernel, in pixels.
    groups : int
        Into how many independent convolutions the channels are divided.

    Returns
    -------
    (N, C_out, H', W') with ``H' = (H + 2 padding - dilation (kH - 1) - 1) // stride + 1``

    Examples
    --------
    >>> conv2d(np.ones((1, 1, 3, 3)), np.ones((1, 1, 2, 2))).shape
    (1, 1, 2, 2)
    """
    (sh, sw), (ph, pw), (eh, ew) = (pair(v, "", 0) for v in (stride, padding, dilation))
    n, c, h, w = x.shape
    c_out, c_group, kh, kw = weight.shape
    padded = np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)))
    windows = sliding_window_view(padded, (eh * (kh - 1) + 1, ew * (kw - 1) + 1), (2, 3))
    windows = windows[:, :, ::sh, ::sw, ::eh, ::ew]  # (N, C, H', W', kH, kW)
    oh, ow = windows.shape[2:4]
    columns = windows.reshape(n, groups, c_group, oh, ow, kh, kw).transpose(1, 0, 3, 4, 2, 5, 6)
    columns = columns.reshape(groups, n * oh * ow, c_group * kh * kw)  # (G, N H' W', C/G kH kW)
    kernels = weight.reshape(groups, c_out // groups, c_group * kh * kw)  # (G, O/G, C/G kH kW)
    y = columns @ kernels.transpose(0, 2, 1)  # (G, N H' W', O/G)
    y = y.transpose(1, 0, 2).reshape(n, oh, ow, c_out).transpose(0, 3, 1, 2)
    y = np.ascontiguousarray(y) if bias is None else y + bias[:, None, None]

    def vjp(dy, needs):
        rows = dy.transpose(0, 2, 3, 1).reshape(n * oh * ow, groups, c_out // groups).transpose(1, 0, 2)
        dx = dweight = None
        if needs[0]:
            taps = (rows @ kernels).reshape(groups, n, oh, ow, c_group, kh, kw).transpose(1, 0, 4, 5, 6, 2, 3)
            taps = taps.reshape(n, c, kh, kw, oh, ow)
            dpadded = np.zeros(padded.shape, dy.dtype)
            for u in range(kh):
                for v in range(kw):
                    top, left = u * eh, v * ew
                    dpadded[:, :, top : top + sh * oh : sh, left : left + sw * ow : sw] += taps[:, :, u, v]
            dx = dpadded[:, :, ph : ph + h, pw : pw + w]
        if needs[1]:
            dweight = (rows.transpose(0, 2, 1) @ columns).reshape(weight.shape)
        return dx, dweight, dy.sum((0, 2, 3)) if needs[2] else None

    return y, vjp


def conv1d(
    x: Any, weight: Any, bias: Any = None, stride: int = 1, padding: int = 0, dilation: int = 1, groups: int = 1
) -> Tensor:
    """Slide `weight` over sequences: a picture one pixel high.

    With ``groups=C`` each channel has its own small filter (depthwise); padded by ``(k - 1) * dilation`` on the left
    with :func:`pad` and not at all here, position t sees nothing after t (causal).

    Parameters
    ----------
    x : (N, C_in, L) or (C_in, L)
    weight : (C_out, C_in / groups, k)
    bias : (C_out,), optional
    stride, padding, dilation : int
        The step, the zeros at both ends, and the distance between the taps.
    groups : int
        Into how many independent convolutions the channels are divided.

    Returns
    -------
    (N, C_out, L') with ``L' = (L + 2 padding - dilation (k - 1) - 1) // stride + 1``

    Examples
    --------
    >>> conv1d([[[1.0, 2.0, 3.0]]], [[[1.0, 1.0]]])
    Tensor([[[3., 5.]]])
    """
    x, weight, bias = as_tensors("conv1d", ("bias",), True, x=x, weight=weight, bias=bias)
    _check_conv("conv1d", 1, x, weight, bias, stride, padding, dilation, groups)
    (s,), (p,), (d,) = (several(v, "", 0, 1) for v in (stride, padding, dilation))
    return squeeze(conv2d(unsqueeze(x, -2), unsqueeze(weight, 2), bias, (1, s), (0, p), (1, d), groups), -2)


def _check_conv_transpose2d(x, weight, bias, stride, padding, output_padding, groups, dilation):
    name = "conv_transpose2d"
    if 0 in places(x, name, 2):
        raise ValueError(f"{name}: x has shape {x.shape}, expected at least one pixel")
    if weight.ndim != 4 or x.shape[-3] != weight.shape[0] or 0 in weight.shape:
        wanted = f"({x.shape[-3]}, C_out / groups, kH, kW)"
        raise ValueError(f"{name}: weight has shape {weight.shape}, expected {wanted}, none of them 0")
    groups = integer(groups, f"{name}: groups", low=1)
    if weight.shape[0] % groups:
        raise ValueError(f"{name}: groups is {groups}, expected a divisor of the {weight.shape[0]} input channels")
    if bias is not None:
        shape_is(bias, f"{name}: bias", (weight.shape[1] * groups,), f"to match weight {weight.shape}")
    stride, dilation = pair(stride, f"{name}: stride", 1), pair(dilation, f"{name}: dilation", 1)
    padding, extra = pair(padding, f"{name}: padding", 0), pair(output_padding, f"{name}: output_padding", 0)
    for n, k, s, p, d, e in zip(x.shape[-2:], weight.shape[2:], stride, padding, dilation, extra):
        if e >= max(s, d):
            raise ValueError(f"{name}: output_padding is {output_padding}, expected less than stride or dilation")
        if (n - 1) * s - 2 * p + d * (k - 1) + e < 0:
            raise ValueError(f"{name}: padding is {padding}, expected less: nothing of the picture x {x.shape} is left")


@differentiable(
    compiled="convolution.conv_transpose2d",
    fuses=("conv2d",),
    check=_check_conv_transpose2d,
    same_dtype=True,
    batch=4,
)
def conv_transpose2d(
    x: Array,
    weight: Array,
    bias: Array | None = None,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    groups: int = 1,
    dilation: Any = 1,
):
    """Paint `weight` around every pixel: the vjp of :func:`conv2d`, used as a layer that makes pictures larger.

    Parameters
    ----------
    x : (N, C_in, H, W) or (C_in, H, W)
    weight : (C_in, C_out / groups, kH, kW)
    bias : (C_out,), optional
    stride, padding, dilation : int or (int, int)
        Those of the convolution that it reverses.
    output_padding : int or (int, int)
        Rows and columns added below and right, for a stride maps several sizes to one.
    groups : int
        Into how many independent ones the channels are divided.

    Returns
    -------
    (N, C_out, H', W') with ``H' = (H - 1) stride - 2 padding + dilation (kH - 1) + output_padding + 1``

    Examples
    --------
    >>> conv_transpose2d(np.ones((1, 1, 2, 2)), np.ones((1, 1, 2, 2)), stride=2).shape
    (1, 1, 4, 4)
    """
    steps = (pair(v, "", 0) for v in (stride, padding, dilation, output_padding))
    sizes = tuple(
        (n - 1) * s - 2 * p + d * (k - 1) + e + 1 for n, k, s, p, d, e in zip(x.shape[2:], weight.shape[2:], *steps)
    )
    larger = np.zeros((len(x), weight.shape[1] * groups, *sizes), x.dtype)
    _, back = conv2d.value_and_vjp(larger, weight, None, stride, padding, dilation, groups)
    y = back(x, (True, False, False))[0]
    y = y if bias is None else y + bias[:, None, None]

    def vjp(dy, needs):
        dx, back = conv2d.value_and_vjp(np.ascontiguousarray(dy), weight, None, stride, padding, dilation, groups)
        dweight = back(x, (False, True, False))[1] if needs[1] else None
        return dx, dweight, dy.sum((0, 2, 3)) if needs[2] else None

    return y, vjp
