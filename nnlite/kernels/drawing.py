"""The twin of ``data/drawing.py``: the same distances one pixel at a time, shape by shape.

A signed distance also says what need not be computed: where a square of pixels lies farther outside the edge of a
shape than its own half diagonal, the shape touches none of them.
"""

from __future__ import annotations

import math

import numpy as np

from nnlite.arguments import Array
from nnlite.kernels.compile import contiguous, kernel

#: the columns of a row, as in data/drawing.py
KIND, ORIGIN, MATRIX, GEOMETRY, GROW, WIDTH, SOFT, OPACITY, TOP, BOTTOM, INSIDE = (
    0, 1, 3, 7, 13, 14, 15, 16, 17, 20, 23
)  # fmt: skip
SQUARE = 4


def paint(rows: Array, height: int, width: int) -> Array:
    """Lay the shapes over one another: (3, height, width), float32."""
    picture = np.zeros((3, height, width))
    if len(rows):
        _paint(contiguous(rows, np.float64), picture)
    return picture.astype(np.float32)


@kernel
def _paint(rows, picture):
    _, height, width = picture.shape
    pixel = 1.0 / min(height, width)
    reach = 0.75 * SQUARE * pixel  # a little over the half diagonal, for an ellipse's distance is not exact
    for k in range(len(rows)):
        shape, mask = _read(rows, k), _read(rows, max(0, int(rows[k, INSIDE])))
        opacity, masked = rows[k, OPACITY], rows[k, INSIDE] >= 0
        for top in range(0, height, SQUARE):
            for left in range(0, width, SQUARE):
                y, x = (top + 0.5 * (SQUARE - height)) * pixel, (left + 0.5 * (SQUARE - width)) * pixel
                if _signed_distance(shape, x, y) - reach > 0.5 * _ramp(shape, pixel):
                    continue
                for i in range(top, min(top + SQUARE, height)):
                    for j in range(left, min(left + SQUARE, width)):
                        y, x = (i + 0.5 - 0.5 * height) * pixel, (j + 0.5 - 0.5 * width) * pixel
                        alpha = opacity * _coverage(shape, x, y, pixel)
                        if alpha > 0 and masked:
                            alpha *= _coverage(mask, x, y, pixel)
                        if alpha > 0:
                            depth = _clip(0.5 * (_local(shape, x, y)[1] + 1))
                            for c in range(3):
                                colour = rows[k, TOP + c] + (rows[k, BOTTOM + c] - rows[k, TOP + c]) * depth
                                picture[c, i, j] += alpha * (colour - picture[c, i, j])


@kernel
def _read(rows, k):
    """One shape as numbers of its own, which the compiler may keep in registers."""
    r = rows[k]
    frame = (r[ORIGIN], r[ORIGIN + 1], r[MATRIX], r[MATRIX + 1], r[MATRIX + 2], r[MATRIX + 3])
    unit = 1 / math.sqrt(abs(frame[2] * frame[5] - frame[3] * frame[4]))
    g = GEOMETRY
    geometry = (r[g], r[g + 1], r[g + 2], r[g + 3], r[g + 4], r[g + 5])
    return r[KIND], frame, geometry, unit, unit * r[GROW], unit * r[WIDTH], unit * r[SOFT]


@kernel
def _local(shape, x, y):
    ox, oy, a, b, c, d = shape[1]
    return a * (x - ox) + b * (y - oy), c * (x - ox) + d * (y - oy)


@kernel
def _ramp(shape, pixel):
    return pixel + shape[6]


@kernel
def _coverage(shape, x, y, pixel):
    distance, ramp = _signed_distance(shape, x, y), 1 / _ramp(shape, pixel)
    return _clip(0.5 - distance * ramp) - _clip(0.5 - (distance + shape[5]) * ramp)


@kernel
def _signed_distance(shape, x, y):
    kind, _, geometry, unit, grow, _, _ = shape
    u, v = _local(shape, x, y)
    return unit * _distance(kind, u, v, geometry) - grow


@kernel
def _clip(t):
    return min(max(t, 0.0), 1.0)


@kernel
def _distance(kind, x, y, geometry):
    g0, g1, g2, g3, g4, g5 = geometry
    if kind == 0:
        return g0 * x + g1 * y - g2
    if kind == 1:
        return _ellipse(x - g0, y - g1, g2, g3, g4, g5)
    if kind == 2:
        ex, ey = g2 - g0, g3 - g1
        t = _along(x - g0, y - g1, ex, ey)
        return _length(x - g0 - t * ex, y - g1 - t * ey) - (g4 + t * (g5 - g4))
    if kind == 3:
        return _triangle(x, y, g0, g1, g2, g3, g4, g5)
    if kind == 4:
        return _arc(x - g0, y - g1, g2, g3, g4) - g5
    return max(_length(x - g0, y - g1) - g2, g5 - _length(x - g0 - g3, y - g1 - g4))


@kernel
def _length(x, y):
    return math.sqrt(x * x + y * y)


@kernel
def _along(wx, wy, ex, ey):
    """Where on the segment e the point nearest to w lies, from 0 to 1."""
    return _clip((wx * ex + wy * ey) / (ex * ex + ey * ey))


@kernel
def _ellipse(x, y, rx, ry, cos, sin):
    u, v = cos * x + sin * y, cos * y - sin * x
    k0 = _length(u / rx, v / ry)
    k1 = _length(u / (rx * rx), v / (ry * ry))
    least = min(rx, ry)
    return max((k0 - 1) * max(k0 / max(k1, 1e-9), least), -least)


@kernel
def _triangle(x, y, ax, ay, bx, by, cx, cy):
    turn = math.copysign(1.0, (bx - ax) * (cy - ay) - (by - ay) * (cx - ax))
    px, py = (ax, bx, cx), (ay, by, cy)
    nearest, within = np.inf, np.inf
    for i in range(3):
        ex, ey = px[(i + 1) % 3] - px[i], py[(i + 1) % 3] - py[i]
        wx, wy = x - px[i], y - py[i]
        t = _along(wx, wy, ex, ey)
        nearest = min(nearest, _length(wx - t * ex, wy - t * ey))
        within = min(within, turn * (ex * wy - ey * wx))
    return -nearest if within > 0 else nearest


@kernel
def _arc(u, v, radius, towards, half):
    along = u * math.cos(towards) + v * math.sin(towards)
    across = abs(v * math.cos(towards) - u * math.sin(towards))
    if math.cos(half) * across > math.sin(half) * along:
        return _length(along - radius * math.cos(half), across - radius * math.sin(half))
    return abs(_length(u, v) - radius)
