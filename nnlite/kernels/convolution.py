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
import math
from typing import Any

import numba
import numpy as np

from nnlite.kernels import threads
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
def _pieces(count, pixels, total, w):
    """Whether pictures are gone through one by one or in one piece, which for small ones fills more tiles."""
    together = (count - 1) * pixels + total
    return (1, together) if together < count * ((total + w - 1) // w * w) else (count, total)


@_inside
def _lay(x, first, count, channel, channels, steps, frame, grid, plane, out, start):
    """Lay pictures into phases: out[start:] is (channels, steps[0], steps[1], plane), a plane (count, *grid) or more.

    What is outside the pictures is left as it is: 0.
    """
    apart()
    h, w = x.shape[2], x.shape[3]
    for c in range(channels):
        for a in range(steps[0]):
            if steps[1] == 2:  # both phases of the columns at once: whole vectors are read, then sorted
                i0, i1 = _within(h, steps[0], a - frame[0], grid[0])
                even, odd = frame[1] % 2 * plane + frame[1] // 2, (frame[1] + 1) % 2 * plane + (frame[1] + 1) // 2
                for n in range(count):
                    for i in range(i0, i1):
                        place = start + (c * steps[0] + a) * 2 * plane + (n * grid[0] + i) * grid[1]
                        source = x[first + n, channel + c, i * steps[0] + a - frame[0]]
                        target, other = out[place + even : place + even + (w + 1) // 2], out[place + odd :]
                        for j in range(w // 2):
                            target[j] = source[2 * j]
                            other[j] = source[2 * j + 1]
                        target[len(target) - 1] = source[len(target) * 2 - 2]
                continue
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
    beyond = w + frame[0] * grid[1] + frame[1]  # the zeros after the last row
    source = np.zeros(c_in * steps[0] * steps[1] * plane + beyond, y.dtype)
    target = np.empty(high * line, y.dtype)
    one, zero = np.ones(2, np.int64), np.zeros(2, np.int64)
    total = (y.shape[2] - 1) * grid[1] + y.shape[3]
    for first in range(0, len(x), chunk):
        count = min(chunk, len(x) - first)
        for g in range(groups):
            _lay(x, first, count, g * c_in, c_in, steps, frame, grid, plane, source, zero[0])
            pieces, length = _pieces(count, pixels, total, w)
            for n in range(pieces):
                place = n * pixels
                _slide(weights, g * high * k, k, c_out, source, place, shifts, zero[0], length, target, line, place)
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
                pieces, length = _pieces(count, pixels, total, w)
                for n in range(pieces):
                    place = n * pixels + i0 * grid[1] + j0
                    factor = high * (g * len(shifts) + start)
                    _slide(weights, factor, k, c_in, source, lead + place, shifts, start, length, target, line, place)
                _spread(target, line, first, count, g * c_in, c_in, steps, corner, grid, bias, dx)


@kernel
def _conv_vjp_weight(x, dy, shifts, groups, steps, frame, grid, chunk, dweight):
    """Add the gradient of the weight, laid out (groups, k in tiles of ROWS, C_out / groups in tiles of W), flat."""
    c_in, c_out, w = x.shape[1] // groups, dy.shape[1] // groups, width(x)
    pixels, plane, wide = grid[0] * grid[1], chunk * grid[0] * grid[1], (c_out + w - 1) // w * w
    tall, total = len(shifts) // (ROWS + 1), (dy.shape[2] - 1) * grid[1] + dy.shape[3]
    beyond = w + frame[0] * grid[1] + frame[1]
    source = np.zeros(c_in * steps[0] * steps[1] * plane + beyond, x.dtype)
    up = np.zeros(wide * plane, x.dtype)
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
    """Where everything lies, for a convolution of pictures of some shape with a weight of some shape."""

    def __init__(self, pictures, weight, steps, frame, spread, groups) -> None:
        (n, _, h, w), (o, c_in, *taps), c_out = pictures, weight, weight[0] // groups
        self.pictures, self.weight, self.groups = pictures, weight, groups
        self.steps, self.frame, self.spread = np.array(steps), np.array(frame), spread
        padded = np.array((h, w)) + 2 * self.frame
        # without a stride the zeros after a row are those before the next, and so are those below a picture
        reach = np.array(spread) * (np.array(taps) - 1)
        shared = np.where((self.steps == 1) & (self.frame <= reach), self.frame, 0)
        self.grid = -(-(padded - shared) // self.steps)
        self.results = (n, o, *(int(i) for i in (padded - reach - 1) // steps + 1))
        pixels, phases = int(self.grid.prod()), steps[0] * steps[1]
        self.chunk = max(1, min(n, _CHUNK // (max(c_in * phases, c_out) * pixels)))
        plane = self.chunk * pixels
        u, v = np.indices(taps).reshape(2, -1) * np.array(spread)[:, None]
        shift = u // steps[0] * self.grid[1] + v // steps[1]  # within its phase
        phase = u % steps[0] * steps[1] + v % steps[1]
        # (c_in, taps): where the value looks; and the same in the tables that `tile` takes
        self.shifts = (np.arange(c_in)[:, None] * (phases * plane) + phase * plane + shift).ravel()
        rows = np.zeros((-(-len(self.shifts) // ROWS), ROWS + 1), np.int64)
        rows[:, :ROWS] = np.pad(self.shifts, (0, len(rows) * ROWS - len(self.shifts))).reshape(-1, ROWS)
        rows[:, ROWS] = 1
        self.rows = rows.ravel()
        # phase by phase (c_out, taps of the phase): where the gradient of x looks
        self.order = [np.flatnonzero(phase == i) for i in range(phases)]
        back = [(np.arange(c_out)[:, None] * plane - shift[mine]).ravel() for mine in self.order]
        self.back, self.parts = np.concatenate(back), np.cumsum([0, *(len(part) for part in back)])
        self.lead = int(shift.max())
        self.place = (self.steps, self.frame, self.grid, self.chunk)
        self.operations = 2.0 * math.prod(self.results) * math.prod(weight[1:])

    def value(self, x, weight, bias=None):
        """Convolve."""
        groups, o = self.groups, self.weight[0]
        kernels = _in_tiles(weight.reshape(groups, o // groups, -1))  # (G, O/G, C/G kH kW)
        shift = np.zeros(o, x.dtype) if bias is None else contiguous(bias)
        y = np.empty(self.results, x.dtype)
        x = contiguous(x)

        def work(n: slice) -> None:
            _conv(x[n], kernels, shift, self.shifts, groups, *self.place, y[n])

        threads.divide(len(x), self.operations, work)
        return y

    def vjp_x(self, dy, weight, bias=None):
        """Return the gradient of x; with a bias added to it, this is the transposed convolution of dy."""
        if not np.isfinite(weight).all():  # times the zeros between the rows it would be NaN
            dx = self._vjp_x_by_taps(dy, weight)
            return dx if bias is None else dx + bias[:, None, None]
        groups, (o, c_in), c = self.groups, self.weight[:2], self.pictures[1]
        kernels = weight.reshape(groups, o // groups, c_in, -1).swapaxes(1, 2)
        parts = [_in_tiles(kernels[..., mine].reshape(groups, c_in, o // groups * len(mine))) for mine in self.order]
        kernels = np.concatenate([part.reshape(groups, part.size // groups) for part in parts], axis=1).ravel()
        shift = np.zeros(c, dy.dtype) if bias is None else contiguous(bias)
        dx = np.empty(self.pictures, dy.dtype)
        dy = contiguous(dy)

        def work(n: slice) -> None:
            _conv_vjp_x(dy[n], kernels, self.back, self.parts, groups, *self.place, self.lead, shift, dx[n])

        threads.divide(len(dy), self.operations, work)
        return dx

    def vjp_weight(self, x, dy):
        """Return the gradient of the weight."""
        groups, o, lanes = self.groups, self.weight[0], WIDTH32 if dy.dtype == np.float32 else WIDTH64
        rows, wide = len(self.rows) // (ROWS + 1) * ROWS, -(-o // groups // lanes) * lanes
        x, dy = contiguous(x), contiguous(dy)
        sums: dict[int, Any] = {}  # added up in order, so that the same number of threads gives the same bits

        def work(n: slice) -> None:
            sums[n.start] = np.zeros(groups * rows * wide, dy.dtype)
            _conv_vjp_weight(x[n], dy[n], self.rows, groups, *self.place, sums[n.start])

        threads.divide(len(x), self.operations, work)
        whole = np.sum([sums[first] for first in sorted(sums)], axis=0)
        dweight = whole.reshape(groups, rows, wide)[:, : len(self.shifts), : o // groups]
        # a NaN or an infinity, times the zeros between the rows, is in more taps than its own
        if np.isnan(dweight).any():
            return self._vjp_weight_by_taps(x, dy)
        return dweight.swapaxes(1, 2).reshape(self.weight)

    def _taps(self, padded):
        """Each tap of the kernel, and the pixels of padded pictures (N, G, C/G, H, W) that it looks at."""
        kh, kw = self.weight[2:]
        oh, ow = self.results[2:]
        (sh, sw), (eh, ew) = self.steps, self.spread
        for u in range(kh):
            for v in range(kw):
                yield u, v, padded[..., u * eh : u * eh + sh * oh : sh, v * ew : v * ew + sw * ow : sw]

    def _framed(self, x):
        """Pictures with their frame of zeros: (N, G, C/G, H, W)."""
        (n, c, _, _), (ph, pw) = self.pictures, self.frame
        padded = np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)))
        return padded.reshape(n, self.groups, c // self.groups, *padded.shape[2:])

    def _vjp_x_by_taps(self, dy, weight):
        groups, (n, o), (_, c, h, w), (ph, pw) = self.groups, self.results[:2], self.pictures, self.frame
        up = dy.reshape(n, groups, o // groups, *self.results[2:])
        padded = self._framed(np.zeros(self.pictures, dy.dtype))
        kernels = weight.reshape(groups, o // groups, *self.weight[1:])
        for u, v, pixels in self._taps(padded):
            pixels += np.einsum("ngohw,goc->ngchw", up, kernels[..., u, v])
        return np.ascontiguousarray(padded.reshape(n, c, *padded.shape[3:])[:, :, ph : ph + h, pw : pw + w])

    def _vjp_weight_by_taps(self, x, dy):
        groups, (n, o) = self.groups, self.results[:2]
        up = dy.reshape(n, groups, o // groups, *self.results[2:])
        dweight = np.empty((groups, o // groups, *self.weight[1:]), dy.dtype)
        for u, v, pixels in self._taps(self._framed(x)):
            dweight[..., u, v] = np.einsum("ngohw,ngchw->goc", up, pixels)
        return dweight.reshape(self.weight)


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
    if x.size == 0 or isinstance(padding, str):
        return NotImplemented
    steps, frame, shape = _two(stride), _two(padding), x.shape
    if weight.shape[2:] == (1, 1) and (steps, frame) == ((1, 1), (0, 0)):
        x = contiguous(x).reshape(*shape[:2], 1, -1)  # one pixel does not see where a row ends: one row is faster
    plan = _plan(x.shape, weight.shape, steps, frame, _two(dilation), int(groups))
    y = plan.value(x, weight, bias)
    flat_shape = y.shape

    def vjp(dy, needs):
        flat = contiguous(dy, x.dtype).reshape(flat_shape)
        dx = plan.vjp_x(flat, weight).reshape(shape) if needs[0] else None
        dweight = plan.vjp_weight(x, flat) if needs[1] else None
        return dx, dweight, dy.sum((0, 2, 3)) if needs[2] else None

    return y if x.shape == shape else y.reshape(*y.shape[:2], *shape[2:]), vjp


def conv_transpose2d(x, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    """Twin of ``functional.conv_transpose2d``: value and gradient of a convolution change places."""
    steps = (_two(stride), _two(padding), _two(dilation))
    larger = tuple(
        (n - 1) * s - 2 * p + d * (k - 1) + e + 1
        for n, k, s, p, d, e in zip(x.shape[2:], weight.shape[2:], *steps, _two(output_padding))
    )
    if x.size == 0:
        return NotImplemented
    plan = _plan((len(x), weight.shape[1] * groups, *larger), weight.shape, *steps, int(groups))

    if plan.results[2:] != x.shape[2:]:
        return NotImplemented

    def vjp(dy, needs):
        dy = contiguous(dy, x.dtype)
        dx = plan.value(dy, weight) if needs[0] else None
        dweight = plan.vjp_weight(dy, x) if needs[1] else None
        return dx, dweight, dy.sum((0, 2, 3)) if needs[2] else None

    return plan.vjp_x(x, weight, bias), vjp
