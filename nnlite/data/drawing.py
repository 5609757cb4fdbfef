"""Pictures from signed distances.

A signed distance function says how far a point lies from the edge of a shape, negative inside (Hart 1996, "Sphere
tracing"; the closed forms are common knowledge of computer graphics). A pixel as wide as ``pixel`` is covered by

    B(d) = clip(1/2 - d / pixel, 0, 1)

of the shape, which is what makes its edge smooth at every size. A :class:`Drawing` is a list of shapes, each a row
of numbers; :func:`paint` lays them over one another, first to last. The centre of a picture is (0, 0), its shorter
side has length 1, x grows to the right and y downwards.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from nnlite.arguments import Array
from nnlite.contracts import floats, integer
from nnlite.registry import exercise

Colour = tuple[float, float, float]

#: what a row of numbers means: column -> what stands there
KIND, ORIGIN, MATRIX, GEOMETRY, GROW, WIDTH, SOFT, OPACITY, TOP, BOTTOM, INSIDE, COLUMNS = (
    0, 1, 3, 7, 13, 14, 15, 16, 17, 20, 23, 24
)  # fmt: skip


class Shape(NamedTuple):
    """What :func:`plane`, :func:`ellipse`, :func:`capsule`, :func:`triangle`, :func:`arc` and :func:`crescent` return.

    Parameters
    ----------
    kind
        Its place in the list of distance functions.
    geometry
        The six numbers that place it.
    width
        The width of its thickest part.
    """

    kind: int
    geometry: tuple[float, float, float, float, float, float]
    width: float = math.inf


def plane(a: float, b: float, c: float) -> Shape:
    """The half-plane ``a x + b y < c``, where (a, b) has length 1."""
    return Shape(0, (a, b, c, 0.0, 0.0, 0.0))


def ellipse(x: float, y: float, rx: float, ry: float, angle: float = 0.0) -> Shape:
    """An ellipse with centre (x, y) and radii (rx, ry), turned clockwise by `angle` radians."""
    return Shape(1, (x, y, rx, ry, math.cos(angle), math.sin(angle)), 2 * min(rx, ry))


def capsule(ax: float, ay: float, bx: float, by: float, ra: float, rb: float | None = None) -> Shape:
    """A stroke from a to b whose radius goes from `ra` to `rb`."""
    rb = ra if rb is None else rb
    return Shape(2, (ax, ay, bx, by, ra, rb), 2 * max(ra, rb))


def triangle(ax: float, ay: float, bx: float, by: float, cx: float, cy: float) -> Shape:
    """The triangle with corners a, b and c."""
    return Shape(3, (ax, ay, bx, by, cx, cy))


def arc(x: float, y: float, radius: float, towards: float, half: float, r: float) -> Shape:
    """A stroke of radius `r` along a circle, `half` radians to each side of the direction `towards`."""
    return Shape(4, (x, y, radius, towards, half, r), 2 * r)


def crescent(x: float, y: float, radius: float, dx: float, dy: float, bite: float) -> Shape:
    """A disc out of which a disc of radius `bite`, centred (dx, dy) farther, is bitten."""
    return Shape(5, (x, y, radius, dx, dy, bite))


def rgb(code: str) -> Colour:
    """The colour of a six-digit code, red, green and blue from 0 to 1."""
    return int(code[0:2], 16) / 255, int(code[2:4], 16) / 255, int(code[4:6], 16) / 255


def mix(a: Colour, b: Colour, t: float) -> Colour:
    """The colour `t` of the way from `a` to `b`."""
    return a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t, a[2] + (b[2] - a[2]) * t


class Drawing:
    """A list of shapes, each with a colour at its top and its bottom, in frames that can be moved and turned.

    Examples
    --------
    >>> from nnlite.data.drawing import Drawing, ellipse
    >>> drawing = Drawing()
    >>> disc = drawing.fill(ellipse(0, 0, 0.4, 0.4), (1.0, 0.0, 0.0))
    >>> drawing.paint(4, 4)[0].round(1)
    array([[0. , 0.5, 0.5, 0. ],
           [0.5, 1. , 1. , 0.5],
           [0.5, 1. , 1. , 0.5],
           [0. , 0.5, 0.5, 0. ]], dtype=float32)
    """

    def __init__(self) -> None:
        self._numbers: list[float] = []
        self.frame()

    def frame(self, x: float = 0.0, y: float = 0.0, size: float = 1.0, angle: float = 0.0, flip: bool = False) -> None:
        """Place what follows at (x, y), `size` times as large, turned by `angle` and mirrored if `flip`."""
        c, s, side = math.cos(angle) / size, math.sin(angle) / size, -1.0 if flip else 1.0
        self._frame = (x, y, side * c, side * s, -s, c)

    def fill(
        self,
        shape: Shape,
        top: Colour,
        bottom: Colour | None = None,
        *,
        grow: float = 0.0,
        soft: float = 0.0,
        opacity: float = 1.0,
        inside: int = -1,
    ) -> int:
        """Add a shape and return its index.

        Its colour goes from `top` at y = -1 of the frame to `bottom` at y = 1. The edge is moved outwards by `grow`
        and blurred over `soft`. Only what lies `inside` an earlier shape, given by its index, is painted.
        """
        numbers = self._numbers
        index = len(numbers) // COLUMNS
        numbers += (shape.kind, *self._frame, *shape.geometry, grow, shape.width + 2 * grow, soft, opacity)
        numbers += (*top, *(top if bottom is None else bottom), inside)
        return index

    def outlined(
        self, shapes: Sequence[Shape], top: Colour, bottom: Colour, outline: Colour, line: float, grow: float = 0.0
    ) -> int:
        """Add the union of some shapes with one line around it; return the index of the first."""
        for shape in shapes:
            self.fill(shape, outline, grow=grow + line)
        indices = [self.fill(shape, top, bottom, grow=grow) for shape in shapes]
        return indices[0]

    def rows(self) -> Array:
        """Return the shapes as rows of numbers, (shapes, COLUMNS), float64."""
        return np.array(self._numbers, np.float64).reshape(-1, COLUMNS)

    def paint(self, height: int, width: int) -> Array:
        """Return the picture, (3, height, width), float32 from 0 to 1."""
        return paint(self.rows(), height, width)


class _Rows(floats):
    """The rows of a drawing, float64; each may name the shape that it is painted inside."""

    def convert(self, value: Any, name: str) -> Array:
        return super().convert(value, name).astype(np.float64, copy=False)

    def examine(self, rows: Array, name: str, known: Mapping[str, Any]) -> Array:
        inside = rows[:, INSIDE]
        strange = inside[~((inside >= -1) & (inside < len(rows)))]
        if strange.size:
            raise ValueError(f"{name} names the shape {strange[0]:g}, expected -1 to {len(rows) - 1}")
        return rows


@exercise(
    "drawing.paint",
    takes=dict(rows=_Rows(f"S {COLUMNS}"), height=integer(1), width=integer(1)),
    compiled="drawing.paint",
)
def paint(rows: Array, height: int, width: int) -> Array:
    """Lay the shapes over one another.

    Parameters
    ----------
    rows : numpy.ndarray of float64, shape (S, 24)
        One for each shape, the first to be painted first: see :class:`Drawing`.
    height, width : int
        The size of the picture in pixels.

    Returns
    -------
    numpy.ndarray of float32, shape (3, height, width)
        Red, green and blue from 0 to 1.

    Examples
    --------
    >>> from nnlite.data.drawing import Drawing, paint, plane
    >>> drawing = Drawing()
    >>> sky = drawing.fill(plane(0, 1, 0), (0.5, 0.5, 1.0))
    >>> paint(drawing.rows(), 2, 1)[2]
    array([[1.],
           [0.]], dtype=float32)
    """
    pixel = 1 / min(height, width)
    y = (np.arange(height)[:, None] + 0.5 - height / 2) * pixel
    x = (np.arange(width)[None, :] + 0.5 - width / 2) * pixel
    picture = np.zeros((3, height, width))
    for row in rows:
        alpha = row[OPACITY] * coverage(row, x, y, pixel)
        if row[INSIDE] >= 0:
            alpha = alpha * coverage(rows[int(row[INSIDE])], x, y, pixel)
        depth = np.clip((local(row, x, y)[1] + 1) / 2, 0, 1)
        top, bottom = row[TOP:BOTTOM, None, None], row[BOTTOM:INSIDE, None, None]
        picture += alpha * (top + (bottom - top) * depth - picture)
    return picture.astype(np.float32)


def local(row: Array, x: Array, y: Array) -> tuple[Array, Array]:
    """The points (x, y) in the frame of a shape."""
    dx, dy = x - row[ORIGIN], y - row[ORIGIN + 1]
    a, b, c, d = row[MATRIX:GEOMETRY]
    return a * dx + b * dy, c * dx + d * dy


def coverage(row: Array, x: Array, y: Array, pixel: float) -> Array:
    """How much of each pixel a shape covers: a strip between its edge and the edge ``width`` farther inside.

    For a shape wider than a pixel this is B(d); a hair thinner than a pixel covers just its share of it.
    """
    a, b, c, d = row[MATRIX:GEOMETRY]
    unit = 1 / math.sqrt(abs(a * d - b * c))
    distance = unit * (DISTANCES[int(row[KIND])](*local(row, x, y), *row[GEOMETRY:GROW]) - row[GROW])
    ramp = pixel + unit * row[SOFT]
    outer = np.clip(0.5 - distance / ramp, 0, 1)
    return outer - np.clip(0.5 - (distance + unit * row[WIDTH]) / ramp, 0, 1)


def _plane(x, y, a, b, c, _d, _e, _f):
    return a * x + b * y - c


def _ellipse(x, y, cx, cy, rx, ry, cos, sin):
    u, v = cos * (x - cx) + sin * (y - cy), cos * (y - cy) - sin * (x - cx)
    k0 = np.hypot(u / rx, v / ry)
    k1 = np.hypot(u / rx**2, v / ry**2)
    least = min(rx, ry)
    return np.maximum((k0 - 1) * np.maximum(k0 / np.maximum(k1, 1e-9), least), -least)


def _capsule(x, y, ax, ay, bx, by, ra, rb):
    t = np.clip(((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / ((bx - ax) ** 2 + (by - ay) ** 2), 0, 1)
    return np.hypot(x - ax - t * (bx - ax), y - ay - t * (by - ay)) - (ra + t * (rb - ra))


def _triangle(x, y, ax, ay, bx, by, cx, cy):
    turn = math.copysign(1, (bx - ax) * (cy - ay) - (by - ay) * (cx - ax))
    nearest, within = np.inf, np.inf
    for px, py, qx, qy in ((ax, ay, bx, by), (bx, by, cx, cy), (cx, cy, ax, ay)):
        ex, ey, wx, wy = qx - px, qy - py, x - px, y - py
        t = np.clip((wx * ex + wy * ey) / (ex * ex + ey * ey), 0, 1)
        nearest = np.minimum(nearest, np.hypot(wx - t * ex, wy - t * ey))
        within = np.minimum(within, turn * (ex * wy - ey * wx))
    return np.where(within > 0, -nearest, nearest)


def _arc(x, y, cx, cy, radius, towards, half, r):
    u, v = x - cx, y - cy
    along = u * math.cos(towards) + v * math.sin(towards)
    across = np.abs(v * math.cos(towards) - u * math.sin(towards))
    beyond = math.cos(half) * across > math.sin(half) * along
    end = np.hypot(along - radius * math.cos(half), across - radius * math.sin(half))
    return np.where(beyond, end, np.abs(np.hypot(u, v) - radius)) - r


def _crescent(x, y, cx, cy, radius, dx, dy, bite):
    return np.maximum(np.hypot(x - cx, y - cy) - radius, bite - np.hypot(x - cx - dx, y - cy - dy))


DISTANCES = (_plane, _ellipse, _capsule, _triangle, _arc, _crescent)
