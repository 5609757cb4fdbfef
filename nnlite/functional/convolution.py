"""Convolution: the same small linear layer applied to every patch of a picture (Fukushima 1980; LeCun 1989).

    y[n, o, i, j] = b[o] + sum over c, u, v of  weight[o, c, u, v] * x[n, c, i*stride + u*dilation - padding, ...]

In the formula the patches are a view of the padded picture and the sum is one tensor product; the vjp adds the gradient
of each patch to the pixels that the patch was made of.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from nnlite.arguments import Array, one_of, shape_is
from nnlite.contracts import Kind, given, integer, pair
from nnlite.differentiable import composed, differentiable
from nnlite.functional.shapes import squeeze, unsqueeze
from nnlite.tensor import Tensor


class Padding(pair):
    """One integer >= `low`, or `count` of them, or one of the words "same" and "valid" that stand for them.

    Parameters
    ----------
    low, count, kept
        As for :class:`nnlite.contracts.pair`.
    """

    def convert(self, value: Any, name: str) -> Any:
        """Return a tuple of ints, or the word."""
        return one_of(value, name, ("same", "valid")) if isinstance(value, str) else super().convert(value, name)


def _steps(dims: int) -> dict[str, Kind]:
    return dict(stride=pair(1, dims), padding=Padding(0, dims), dilation=pair(1, dims), groups=integer(1))


@differentiable(
    takes=dict(
        x=given("N C_in H W", "C_in H W"),
        weight=given("C_out>0 C_group>0 kH>0 kW>0"),
        bias=given("C_out") | None,
        **_steps(2),
    ),
    also=lambda *arguments: _check_conv(*arguments),
    compiled="convolution.conv2d",
    same_dtype=True,
    batched_ndim=4,
    spares=dict(x="x bias", weight="weight bias", bias="x weight bias"),
)
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
    weight : (C_out, C_group, kH, kW)
    bias : (C_out,), optional
    stride, padding, dilation : int or (int, int)
        The step, the frame of zeros, and the distance between the taps of the kernel, in pixels. The padding "same"
        keeps the size, an odd row or column of zeros standing below or at the right; "valid" is 0.
    groups : int
        Into how many independent convolutions, of C_group = C_in / groups channels each, the channels are divided.

    Returns
    -------
    (N, C_out, H', W') with ``H' = (H + 2 padding - dilation (kH - 1) - 1) // stride + 1``

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite import functional as F
    >>> F.conv2d(np.ones((1, 1, 3, 3)), np.ones((1, 1, 2, 2))).shape
    (1, 1, 2, 2)
    """
    if isinstance(padding, str):
        return _padded_by_word(x, weight, bias, stride, padding, dilation, groups)
    (sh, sw), (ph, pw), (eh, ew) = stride, padding, dilation
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
    size, kernel_shape = padded.shape, weight.shape

    def vjp(dy, needs):
        rows = dy.transpose(0, 2, 3, 1).reshape(n * oh * ow, groups, c_out // groups).transpose(1, 0, 2)
        dx = dweight = None
        if needs[0]:
            taps = (rows @ kernels).reshape(groups, n, oh, ow, c_group, kh, kw).transpose(1, 0, 4, 5, 6, 2, 3)
            taps = taps.reshape(n, c, kh, kw, oh, ow)
            dpadded = np.zeros(size, dy.dtype)
            for u in range(kh):
                for v in range(kw):
                    top, left = u * eh, v * ew
                    dpadded[:, :, top : top + sh * oh : sh, left : left + sw * ow : sw] += taps[:, :, u, v]
            dx = dpadded[:, :, ph : ph + h, pw : pw + w]
        if needs[1]:
            dweight = (rows.transpose(0, 2, 1) @ columns).reshape(kernel_shape)
        return dx, dweight, dy.sum((0, 2, 3)) if needs[2] else None

    return y, vjp


def _check_conv(x, weight, bias, stride, padding, dilation, groups):
    """Raise unless the channels are as many as weight and groups say, and the kernel is within the padded picture."""
    name, dims = f"conv{len(stride)}d", len(stride)
    channels = weight.shape[1] * groups
    if x.shape[-dims - 1] != channels or weight.shape[0] % groups:
        raise ValueError(
            f"{name}: x has shape {x.shape} and weight {weight.shape}, expected {channels} channels in x and a "
            f"multiple of groups={groups} in the first axis of weight"
        )
    if padding == "same":
        if any(s != 1 for s in stride):
            raise ValueError(f"{name}: padding is 'same' and stride {stride}, expected a stride of 1 beside it")
        return
    padding = (0,) * dims if padding == "valid" else padding
    for n, k, p, d in zip(x.shape[-dims:], weight.shape[2:], padding, dilation):
        if n + 2 * p < d * (k - 1) + 1:
            raise ValueError(
                f"{name}: the kernel {weight.shape[2:]} of weight is larger than the padded x {x.shape}, "
                f"with padding={padding} and dilation={dilation}"
            )


def _padded_by_word(x, weight, bias, stride, padding, dilation, groups):
    """A convolution whose padding is "same" or "valid"."""
    whole = [d * (k - 1) if padding == "same" else 0 for k, d in zip(weight.shape[2:], dilation)]
    (h, w), frame, (odd_h, odd_w) = x.shape[2:], [n // 2 for n in whole], [n % 2 for n in whole]
    if odd_h or odd_w:
        x = np.pad(x, ((0, 0), (0, 0), (0, odd_h), (0, odd_w)))
    y, back = conv2d.value_and_vjp(x, weight, bias, stride, tuple(frame), dilation, groups)

    def vjp(dy, needs):
        dx, dweight, dbias = back(dy, needs)
        return dx[:, :, :h, :w] if needs[0] else None, dweight, dbias

    return y, vjp


@composed(
    takes=dict(
        x=given("N C_in L", "C_in L"), weight=given("C_out>0 C_group>0 k>0"), bias=given("C_out") | None, **_steps(1)
    ),
    also=_check_conv,
    same_dtype=True,
)
def conv1d(
    x: Any, weight: Any, bias: Any = None, stride: Any = 1, padding: Any = 0, dilation: Any = 1, groups: int = 1
) -> Tensor:
    """Slide `weight` over sequences: a picture one pixel high.

    With ``groups=C`` each channel has its own small filter (depthwise); padded by ``(k - 1) * dilation`` on the left
    with :func:`pad` and not at all here, position t sees nothing after t (causal).

    Parameters
    ----------
    x : (N, C_in, L) or (C_in, L)
    weight : (C_out, C_group, k)
    bias : (C_out,), optional
    stride, padding, dilation : int
        The step, the zeros at both ends, and the distance between the taps. A padding of "same" keeps the length,
        with one zero more at the end where it takes an odd number of them; "valid" is 0.
    groups : int
        Into how many independent convolutions, of C_group = C_in / groups channels each, the channels are divided.

    Returns
    -------
    (N, C_out, L') with ``L' = (L + 2 padding - dilation (k - 1) - 1) // stride + 1``

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.conv1d([[[1.0, 2.0, 3.0]]], [[[1.0, 1.0]]])
    Tensor([[[3., 5.]]])
    """
    frame = padding if isinstance(padding, str) else (0, *padding)
    steps = (1, *stride), frame, (1, *dilation)
    return squeeze(conv2d(unsqueeze(x, -2), unsqueeze(weight, 2), bias, *steps, groups), -2)


def _check_conv_transpose(x, weight, bias, stride, padding, output_padding, groups, dilation):
    name, dims = f"conv_transpose{len(stride)}d", len(stride)
    if weight.shape[0] % groups:
        raise ValueError(f"{name}: groups is {groups}, expected a divisor of the {weight.shape[0]} input channels")
    if bias is not None:
        shape_is(bias, f"{name}: bias", (weight.shape[1] * groups,), f"to match weight {weight.shape}")
    for n, k, s, p, d, e in zip(x.shape[-dims:], weight.shape[2:], stride, padding, dilation, output_padding):
        if e >= max(s, d):
            raise ValueError(f"{name}: output_padding is {output_padding}, expected less than stride or dilation")
        if (n - 1) * s - 2 * p + d * (k - 1) + e < 0:
            raise ValueError(f"{name}: padding is {padding}, expected less: nothing of the picture x {x.shape} is left")


def _back_steps(dims: int) -> dict[str, Kind]:
    return _steps(dims) | dict(padding=pair(0, dims))


@differentiable(
    takes=dict(
        x=given("N C_in H>0 W>0", "C_in H>0 W>0"),
        weight=given("C_in>0 C_group>0 kH>0 kW>0"),
        bias=given("C_out") | None,
        output_padding=pair(0),
        **_back_steps(2),
    ),
    also=_check_conv_transpose,
    compiled="convolution.conv_transpose2d",
    fuses=("conv2d",),
    same_dtype=True,
    batched_ndim=4,
    spares=dict(x="x bias", weight="weight bias", bias="x weight bias"),
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
    """Add `weight`, times each pixel, at its place: the vjp of :func:`conv2d`, as a layer that makes pictures larger.

    Parameters
    ----------
    x : (N, C_in, H, W) or (C_in, H, W)
    weight : (C_in, C_group, kH, kW)
    bias : (C_out,), optional
    stride, padding, dilation : int or (int, int)
        Those of the convolution that it reverses.
    output_padding : int or (int, int)
        Rows and columns added below and at the right, since a stride maps several sizes to one.
    groups : int
        Into how many independent ones, of C_group = C_out / groups channels each, the channels are divided.

    Returns
    -------
    (N, C_out, H', W') with ``H' = (H - 1) stride - 2 padding + dilation (kH - 1) + output_padding + 1``

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite import functional as F
    >>> F.conv_transpose2d(np.ones((1, 1, 2, 2)), np.ones((1, 1, 2, 2)), stride=2).shape
    (1, 1, 4, 4)
    """
    h, w = x.shape[2:]
    axes = zip(x.shape[2:], weight.shape[2:], stride, padding, dilation, output_padding)
    sizes = tuple((n - 1) * s - 2 * p + d * (k - 1) + e + 1 for n, k, s, p, d, e in axes)
    # where output_padding is a stride or more the convolution has results beyond x, which count as 0
    beyond = [(0, e // s) for e, s in zip(output_padding, stride)]
    source = np.pad(x, ((0, 0), (0, 0), *beyond)) if any(b for _, b in beyond) else x
    larger = np.zeros((len(x), weight.shape[1] * groups, *sizes), x.dtype)
    _, back = conv2d.value_and_vjp(larger, weight, None, stride, padding, dilation, groups)
    y = back(source, (True, False, False))[0]
    y = y if bias is None else y + bias[:, None, None]

    def vjp(dy, needs):
        dx, back = conv2d.value_and_vjp(np.ascontiguousarray(dy), weight, None, stride, padding, dilation, groups)
        dweight = back(source, (False, True, False))[1] if needs[1] else None
        return dx[:, :, :h, :w], dweight, dy.sum((0, 2, 3)) if needs[2] else None

    return y, vjp


@composed(
    takes=dict(
        x=given("N C_in L>0", "C_in L>0"),
        weight=given("C_in>0 C_group>0 k>0"),
        bias=given("C_out") | None,
        output_padding=pair(0, 1),
        **_back_steps(1),
    ),
    also=_check_conv_transpose,
    same_dtype=True,
)
def conv_transpose1d(
    x: Any,
    weight: Any,
    bias: Any = None,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    groups: int = 1,
    dilation: Any = 1,
) -> Tensor:
    """Add `weight`, times each number of a sequence, at its place: the vjp of :func:`conv1d`.

    Parameters
    ----------
    x : (N, C_in, L) or (C_in, L)
    weight : (C_in, C_group, k)
    bias : (C_out,), optional
    stride, padding, dilation : int
        Those of the convolution that it reverses.
    output_padding : int
        How many numbers are added at the end, since a stride maps several lengths to one.
    groups : int
        Into how many independent ones, of C_group = C_out / groups channels each, the channels are divided.

    Returns
    -------
    (N, C_out, L') with ``L' = (L - 1) stride - 2 padding + dilation (k - 1) + output_padding + 1``

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.conv_transpose1d([[[1.0, 2.0]]], [[[1.0, 1.0]]])
    Tensor([[[1., 3., 2.]]])
    """
    steps = (1, *stride), (0, *padding), (0, *output_padding), groups, (1, *dilation)
    return squeeze(conv_transpose2d(unsqueeze(x, -2), unsqueeze(weight, 2), bias, *steps), -2)


def _check_unfold(x, kernel_size, dilation, padding, stride):
    for n, k, p, d in zip(x.shape[-2:], kernel_size, padding, dilation):
        if n + 2 * p < d * (k - 1) + 1:
            raise ValueError(f"unfold: kernel_size is {kernel_size}, which is larger than the padded x {x.shape}")


@differentiable(
    takes=dict(x=given("N C H W", "C H W"), kernel_size=pair(1), dilation=pair(1), padding=pair(0), stride=pair(1)),
    also=_check_unfold,
    batched_ndim=4,
)
def unfold(x: Array, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1):
    """Return the patches of pictures that a convolution multiplies with its kernel, as columns.

    Parameters
    ----------
    x : (N, C, H, W) or (C, H, W)
    kernel_size, dilation, padding, stride : int or (int, int)
        As in :func:`conv2d`.

    Returns
    -------
    (N, C kH kW, L)
        One column for each of the L places of the kernel.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite import functional as F
    >>> F.unfold(np.arange(6.0).reshape(1, 1, 2, 3), (2, 2)).data[0]
    array([[0., 1.],
           [1., 2.],
           [3., 4.],
           [4., 5.]])
    """
    (kh, kw), (eh, ew), (ph, pw), (sh, sw) = kernel_size, dilation, padding, stride
    n, c, h, w = x.shape
    padded = np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)))
    windows = sliding_window_view(padded, (eh * (kh - 1) + 1, ew * (kw - 1) + 1), (2, 3))
    windows = windows[:, :, ::sh, ::sw, ::eh, ::ew]  # (N, C, H', W', kH, kW)
    (oh, ow), size = windows.shape[2:4], padded.shape

    def vjp(dy):
        taps, dpadded = dy.reshape(n, c, kh, kw, oh, ow), np.zeros(size, dy.dtype)
        for u in range(kh):
            for v in range(kw):
                top, left = u * eh, v * ew
                dpadded[:, :, top : top + sh * oh : sh, left : left + sw * ow : sw] += taps[:, :, u, v]
        return dpadded[:, :, ph : ph + h, pw : pw + w]

    return windows.transpose(0, 1, 4, 5, 2, 3).reshape(n, c * kh * kw, oh * ow), vjp
