"""Twin of ``functional/convolution.py``: a convolution without the matrix of patches.

A few pictures at a time are laid into rows that are padded already. A tap of the kernel is then nothing but a shift:

    y[o, q] = sum over c, u, v of  weight[o, c, u, v] * x[q + shift(c, u, v)]

where q counts the pixels of the padded rows, of which the last few of each row are not wanted. With a stride the
pictures are first cut into phases (every second pixel from the first, every second from the second), so that a tap is
a shift within one of them. So value and gradients are all products whose second factor lies where a table says, and
the tiles of ``tiles.py`` need no copy of the patches. Memory beyond x and y is that of a few pictures.
"""

from __future__ import annotations

import functools
from typing import Any

import numba
import numpy as np

from nnlite.kernels.compile import contiguous, kernel
from nnlite.kernels.tiles import ROWS, WIDTH32, WIDTH64, apart, at, strides, table, tile, width

_CHUNK = 1 << 16  # numbers in the pictures that are laid out at a time, if they are small
_FEW = 2  # channels, for which there is no tile
_TAPS = 288  # of the kernel that are summed before the next pixels
_PIXELS = 288  # that a sum for the gradient of the weight covers at a time

_inside = numba.njit(error_model="numpy", fastmath={"reassoc", "contract", "nsz", "arcp"}, nogil=True)


@_inside
def _within(length, step, corner, most):
    """The first and last i, up to `most`, with 0 <= i * step + corner < length."""
    first = max(0, (step - 1 - corner) // step)
    return first, max(first, min(most, (length - corner + step - 1) // step))


@_inside
def _lay(x, first, count, channel, channels, steps, frame, grid, plane, out, start):
    """Lay pictures into phases: out[start:] is (channels, steps[0], steps[1], plane), a plane (count, *grid) or more.

    What is outside the pictures is left as it is: 0.
    """
    apart()
    h, w = x.shape[2], x.shape[3]
    for c in range(channels):
        for a in range(steps[0]):
            for b in range(steps[1]):
                left = b - frame[1]  # column j of the phase is column j * steps[1] + left of the picture
                j0, j1 = _within(w, steps[1], left, grid[1])
                i0, i1 = _within(h, steps[0], a - frame[0], grid[0])
                place = start + ((c * steps[0] + a) * steps[1] + b) * plane
                for n in range(count):
                    for i in range(i0, i1):
                        source = x[first + n, channel + c, i * steps[0] + a - frame[0], max(0, j0 * steps[1] + left) :]
                        target = out[
                            place + (n * grid[0] + i) * grid[1] + j0 : place + (n * grid[0] + i) * grid[1] + j1
                        ]
                        if steps[1] == 1:
                            for j in range(len(target)):
                                target[j] = source[j]
                        elif steps[1] == 2:
                            for j in range(len(target)):
                                target[j] = source[2 * j]
                        else:
                            for j in range(len(target)):
                                target[j] = source[steps[1] * j]


@_inside
def _spread(rows, line, first, count, channel, channels, steps, corner, grid, bias, y):
    """The way back, for one phase: y[n, c, i * steps[0] + corner[0], ...] = rows[c, (n, i, j)] + bias[c]."""
    apart()
    j0, j1 = _within(y.shape[3], steps[1], corner[1], grid[1])
    i0, i1 = _within(y.shape[2], steps[0], corner[0], grid[0])
    for n in range(count):
        for c in range(channels):
            shift = bias[channel + c]
            for i in range(i0, i1):
                place = c * line + (n * grid[0] + i) * grid[1]
                source = rows[place + j0 : place + j1]
                target = y[first + n, channel + c, i * steps[0] + corner[0], max(0, j0 * steps[1] + corner[1]) :]
                if steps[1] == 1:
                    for j in range(len(source)):
                        target[j] = source[j] + shift
                else:
                    for j in range(len(source)):
                        target[steps[1] * j] = source[j] + shift


@_inside
def _lay_across(x, first, count, channel, channels, grid, plane, out):
    """Lay pictures with the channels along the row of a tile: out is (channels / W, plane, W), see _lay."""
    apart()
    w = width(out)
    for n in range(count):
        for c in range(channels):
            for i in range(x.shape[2]):
                source = x[first + n, channel + c, i]
                target = out[(c // w * plane + (n * grid[0] + i) * grid[1]) * w + c % w :]
                for j in range(len(source)):
                    target[j * w] = source[j]


@_inside
def _slide(weights, first_weight, k, channels, source, start, shifts, first_shift, total, target, line, place):
    """target[c, place + q] = the sum over t < k of weights[c, t] * source[start + q + shifts[t]], q < total."""
    apart()
    if channels <= _FEW:
        for c in range(channels):
            row = target[c * line + place : c * line + place + total]
            for q in range(total):
                row[q] = 0
            for t in range(k):
                factor, begin = weights[first_weight + t * ROWS + c], start + shifts[first_shift + t]
                x = source[begin : begin + total]
                for q in range(total):
                    row[q] += factor * x[q]
        return
    w, across = width(target), strides(np.int64(1), np.int64(ROWS))
    for q in range(0, total, w):
        for t in range(0, max(k, 1), _TAPS):
            taps, x = at(shifts, first_shift + t), at(source, start + q)
            for c in range(0, channels, ROWS):
                factor = at(weights, first_weight + c * k + t * ROWS)
                y = at(target, c * line + place + q)
                tile(y, line, factor, at(across, 0), x, taps, min(_TAPS, k - t), t > 0)


@_inside
def _dots(source, up, place, total, plane, shifts, channels, wide, out, first):
    """What _conv_vjp_weight says, for one picture and the few channels of dy, which lie one plane after the other."""
    apart()
    for t in range(len(shifts) // (ROWS + 1) * ROWS):
        begin = place + shifts[t // ROWS * (ROWS + 1) + t % ROWS]
        x = source[begin : begin + total]
        for c in range(channels):
            dy, dot = up[c * plane + place : c * plane + place + total], source.dtype.type(0)
            for q in range(total):
                dot += x[q] * dy[q]
            out[first + t * wide + c] += dot


@kernel
def _conv(x, weights, bias, shifts, groups, steps, frame, grid, chunk, y):
    """The value; `weights` is (groups, C_out / groups / ROWS, k, ROWS), flat."""
    c_in, c_out, k, w = x.shape[1] // groups, y.shape[1] // groups, len(shifts), width(y)
    pixels, high = grid[0] * grid[1], (c_out + ROWS - 1) // ROWS * ROWS
    plane, line = chunk * pixels, chunk * pixels + w
    source, target = np.zeros(c_in * steps[0] * steps[1] * plane + w, y.dtype), np.empty(high * line, y.dtype)
    one, zero = np.ones(2, np.int64), np.zeros(2, np.int64)
    total = (y.shape[2] - 1) * grid[1] + y.shape[3]
    for first in range(0, len(x), chunk):
        count = min(chunk, len(x) - first)
        for g in range(groups):
            _lay(x, first, count, g * c_in, c_in, steps, frame, grid, plane, source, zero[0])
            for n in range(count):
                place = n * pixels
                _slide(weights, g * high * k, k, c_out, source, place, shifts, zero[0], total, target, line, place)
            _spread(target, line, first, count, g * c_out, c_out, one, zero, grid, bias, y)


@kernel
def _conv_vjp_x(dy, weights, shifts, parts, groups, steps, frame, grid, chunk, lead, bias, dx):
    """The gradient of x: for each phase a convolution of dy with some of the taps, shifted the other way.

    The taps of phase i are those from parts[i] to parts[i + 1]; `weights` is (groups, taps in tiles as in _conv).
    """
    c_in, c_out, w = dx.shape[1] // groups, dy.shape[1] // groups, width(dx)
    pixels, high = grid[0] * grid[1], (c_in + ROWS - 1) // ROWS * ROWS
    plane, line = chunk * pixels, chunk * pixels + w
    source, target = np.zeros(lead + c_out * plane + w, dx.dtype), np.empty(high * line, dx.dtype)
    one, zero, corner = np.ones(2, np.int64), np.zeros(2, np.int64), np.empty(2, np.int64)
    for first in range(0, len(dx), chunk):
        count = min(chunk, len(dx) - first)
        for g in range(groups):
            _lay(dy, first, count, g * c_out, c_out, one, zero, grid, plane, source, lead)
            for phase in range(steps[0] * steps[1]):
                corner[0], corner[1] = phase // steps[1] - frame[0], phase % steps[1] - frame[1]
                i0, i1 = _within(dx.shape[2], steps[0], corner[0], grid[0])
                j0, j1 = _within(dx.shape[3], steps[1], corner[1], grid[1])
                start, k, total = parts[phase], parts[phase + 1] - parts[phase], (i1 - 1 - i0) * grid[1] + j1 - j0
                for n in range(count):
                    place = n * pixels + i0 * grid[1] + j0
                    factor = high * (g * len(shifts) + start)
                    _slide(weights, factor, k, c_in, source, lead + place, shifts, start, total, target, line, place)
                _spread(target, line, first, count, g * c_in, c_in, steps, corner, grid, bias, dx)


@kernel
def _conv_vjp_weight(x, dy, shifts, groups, steps, frame, grid, chunk, dweight):
    """Add the gradient of the weight, laid out (groups, k in tiles of ROWS, C_out / groups in tiles of W), flat."""
    c_in, c_out, w = x.shape[1] // groups, dy.shape[1] // groups, width(x)
    pixels, plane, wide = grid[0] * grid[1], chunk * grid[0] * grid[1], (c_out + w - 1) // w * w
    tall, total = len(shifts) // (ROWS + 1), (dy.shape[2] - 1) * grid[1] + dy.shape[3]
    source, up = np.zeros(c_in * steps[0] * steps[1] * plane + w, x.dtype), np.zeros(wide * plane, x.dtype)
    zero, by_w = np.int64(0), table(np.int64(_PIXELS), np.int64(w))
    one, corner = np.ones(2, np.int64), np.zeros(2, np.int64)
    for first in range(0, len(x), chunk):
        count = min(chunk, len(x) - first)
        for g in range(groups):
            _lay(x, first, count, g * c_in, c_in, steps, frame, grid, plane, source, zero)
            if c_out <= _FEW:
                _lay(dy, first, count, g * c_out, c_out, one, corner, grid, plane, up, zero)
                for n in range(count):
                    place = g * tall * ROWS * wide
                    _dots(source, up, n * pixels, total, plane, shifts, c_out, wide, dweight, place)
                continue
            _lay_across(dy, first, count, g * c_out, c_out, grid, plane, up)
            for n in range(count):
                for q in range(n * pixels, n * pixels + total, _PIXELS):
                    many = min(_PIXELS, n * pixels + total - q)
                    for c in range(0, wide, w):
                        row = at(up, c * plane + q * w)
                        for t in range(tall):
                            z, taps = at(dweight, (g * tall + t) * ROWS * wide + c), at(shifts, t * (ROWS + 1))
                            tile(z, wide, at(source, q), taps, row, at(by_w, 0), many, True)


class _Plan:
    """Where everything lies, for a convolution of some shape."""

    def __init__(self, h, w, taps, steps, frame, spread, c_in, c_out, n) -> None:
        self.steps, self.frame = np.array(steps), np.array(frame)
        self.grid = -(-(np.array((h, w)) + 2 * self.frame) // self.steps)
        self.size = tuple(
            (np.array((h, w)) + 2 * self.frame - np.array(spread) * (np.array(taps) - 1) - 1) // steps + 1
        )
        pixels = int(self.grid.prod())
        self.chunk = max(1, min(n, _CHUNK // (max(c_in * steps[0] * steps[1], c_out) * pixels)))
        plane = self.chunk * pixels
        u, v = np.indices(taps).reshape(2, -1) * np.array(spread)[:, None]
        shift = u // steps[0] * self.grid[1] + v // steps[1]  # within its phase
        phase = u % steps[0] * steps[1] + v % steps[1]
        phases = steps[0] * steps[1]
        # (c_in, taps): where the value looks
        self.shifts = (np.arange(c_in)[:, None] * (phases * plane) + phase * plane + shift).ravel()
        k = len(self.shifts)
        rows = np.zeros((-(-k // ROWS), ROWS + 1), np.int64)
        padded = np.zeros(len(rows) * ROWS, np.int64)
        padded[:k] = self.shifts
        rows[:, :ROWS], rows[:, ROWS] = padded.reshape(-1, ROWS), 1
        self.rows = rows.ravel()
        # phase by phase (c_out, taps of the phase): where the gradient of x looks
        self.order = [np.flatnonzero(phase == i) for i in range(phases)]
        back = [np.arange(c_out)[:, None] * plane - shift[taps] for taps in self.order]
        self.back = np.concatenate([b.ravel() for b in back])
        self.parts = np.cumsum([0, *(b.size for b in back)])
        self.lead = int(shift.max())


_plan = functools.lru_cache(64)(_Plan)


def _in_tiles(weight: Any) -> Any:
    """Lay weights (groups, channels, k) as (groups, channels / ROWS, k, ROWS), the rest 0."""
    groups, channels, k = weight.shape
    tiles = -(-channels // ROWS)
    out = np.zeros((groups, tiles * ROWS, k), weight.dtype)
    out[:, :channels] = weight
    return np.ascontiguousarray(out.reshape(groups, tiles, ROWS, k).swapaxes(2, 3)).ravel()


def _two(value: Any) -> tuple[int, int]:
    return (int(value[0]), int(value[1])) if isinstance(value, tuple | list) else (int(value), int(value))


def conv2d(x, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """Twin of ``functional.conv2d``."""
    if x.size == 0:
        return NotImplemented
    steps, frame, spread = _two(stride), _two(padding), _two(dilation)
    if weight.shape[2:] == (1, 1) and (steps, frame) == ((1, 1), (0, 0)) and x.shape[2] > 1:
        return _in_one_row(x, weight, bias, groups)
    x, dtype = contiguous(x), x.dtype
    (n, c, h, w), (o, c_in, *taps) = x.shape, weight.shape
    c_out = o // groups
    lanes = WIDTH32 if dtype == np.float32 else WIDTH64
    plan = _plan(h, w, tuple(taps), steps, frame, spread, c_in, c_out, n)
    place = (plan.steps, plan.frame, plan.grid, plan.chunk)
    kernels = weight.reshape(groups, c_out, -1)  # (G, O/G, C/G kH kW)
    y = np.empty((n, o, *plan.size), dtype)
    shift = np.zeros(o, dtype) if bias is None else contiguous(bias)
    _conv(x, _in_tiles(kernels), shift, plan.shifts, groups, *place, y)

    def vjp(dy, needs):
        dy = contiguous(dy, dtype)
        dx = dweight = None
        if needs[0]:
            dx, back = np.zeros(x.shape, dtype), kernels.reshape(groups, c_out, c_in, -1).swapaxes(1, 2)
            parts = [_in_tiles(back[..., order].reshape(groups, c_in, c_out * len(order))) for order in plan.order]
            back = np.concatenate([part.reshape(groups, part.size // groups) for part in parts], axis=1).ravel()
            _conv_vjp_x(dy, back, plan.back, plan.parts, groups, *place, plan.lead, np.zeros(c, dtype), dx)
        if needs[1]:
            rows, wide = len(plan.rows) // (ROWS + 1) * ROWS, -(-c_out // lanes) * lanes
            sums = np.zeros(groups * rows * wide, dtype)
            _conv_vjp_weight(x, dy, plan.rows, groups, *place, sums)
            dweight = (
                sums.reshape(groups, rows, wide)[:, : kernels.shape[2], :c_out].swapaxes(1, 2).reshape(weight.shape)
            )
        return dx, dweight, dy.sum((0, 2, 3)) if needs[2] else None

    return y, vjp


def _in_one_row(x, weight, bias, groups):
    """A kernel of one pixel does not see where a row ends: one long row is faster than many short ones."""
    y, vjp = conv2d(contiguous(x).reshape(*x.shape[:2], 1, -1), weight, bias, groups=groups)

    def back(dy, needs):
        dx, dweight, dbias = vjp(contiguous(dy).reshape(y.shape), needs)
        return None if dx is None else dx.reshape(x.shape), dweight, dbias

    return y.reshape(len(x), len(weight), *x.shape[2:]), back
