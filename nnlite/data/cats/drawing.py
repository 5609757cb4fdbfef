"""Drawing a cat: the background first, then the body, the neck, the head, and what it wears."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nnlite.arguments import Array, integer
from nnlite.contracts import instance, number, rng, takes
from nnlite.data.cats.attributes import Cat, allowed_values, sample_from
from nnlite.data.cats.scenery import scenery
from nnlite.data.cats.shapes import body, coat_of, head
from nnlite.data.drawing import Drawing
from nnlite.random import generator

#: framing -> where the head is, and its radius
HEAD_PLACE = {
    "close-up": (0.0, 0.10, 0.37),
    "portrait": (0.0, -0.04, 0.255),
    "sitting": (0.0, -0.125, 0.185),
    "lying": (-0.17, 0.10, 0.175),
}


@takes("draw", cat=instance(Cat, "a Cat"), rng=rng, jitter=number(0, 1))
def draw(
    cat: Cat, size: int | tuple[int, int] = 32, rng: np.random.Generator | int | None = None, *, jitter: float = 1.0
) -> Array:
    """Draw a cat.

    Parameters
    ----------
    cat
        What to draw.
    size
        Pixels: the side of a square, or (height, width).
    rng
        Where the jitter comes from: position, size and tilt of the cat, its side, the light, the stars.
    jitter
        How much of it; with 0 every cat looks straight at you from the middle of the picture.

    Returns
    -------
    numpy.ndarray
        (3, height, width), float32: red, green and blue from 0 to 1.

    Raises
    ------
    TypeError, ValueError
        If `cat` is not a :class:`Cat`, the size not positive or the jitter not from 0 to 1.

    Examples
    --------
    >>> from nnlite.data import cats
    >>> cats.draw(cats.Cat(fur="black", background="night"), size=16, rng=0).shape
    (3, 16, 16)
    """
    height, width = _height_and_width(size)
    return _compose(cat, height, width, generator(rng), jitter).paint(height, width)


def _height_and_width(size: int | tuple[int, int]) -> tuple[int, int]:
    height, width = size if isinstance(size, tuple | list) and len(size) == 2 else (size, size)
    return integer(height, "draw: size", low=1), integer(width, "draw: size", low=1)


def _compose(cat: Cat, height: int, width: int, rng: np.random.Generator, jitter: float) -> Drawing:
    """The whole picture as shapes."""
    shift_x, shift_y, bigger, tilt, light, side, *places = (jitter * (2 * rng.random(24) - 1)).tolist()
    across, down = width / min(height, width), height / min(height, width)
    aside = (0.035 + 0.3 * (across - 1)) * shift_x
    lower = 0.25 * (down - 1)  # in a tall picture the floor is lower, and the cat with it
    flip = side < 0
    x, y, size = HEAD_PLACE[cat.framing]
    x, y, size = (-x if flip else x) + aside, y + lower + 0.025 * shift_y, size * (1 + 0.06 * bigger)
    coat = coat_of(cat, 0.04 * light)

    drawing = Drawing()
    scenery(drawing, cat.background, across, down, aside, lower, places)
    drawing.frame(x, y, size, flip=flip)
    body(drawing, coat, cat)
    drawing.frame(x, y, size, angle=0.09 * tilt, flip=flip)
    head(drawing, coat, cat)
    return drawing


def draw_many(
    n: int,
    size: int | tuple[int, int] = 32,
    rng: np.random.Generator | int | None = None,
    *,
    jitter: float = 1.0,
    **choices: str | Sequence[str],
) -> tuple[Array, list[Cat]]:
    """Draw `n` random cats, their attributes restricted to `choices` where given.

    Parameters
    ----------
    n
        The number of cats.
    size, rng, jitter
        As in :func:`draw`.
    **choices
        As in :func:`sample`.

    Returns
    -------
    pictures : numpy.ndarray
        (n, 3, height, width), float32 from 0 to 1.
    cats : list of Cat
        What they show; :func:`caption` puts it into words.

    Raises
    ------
    TypeError, ValueError
        As :func:`sample` and :func:`draw`.

    Examples
    --------
    >>> from nnlite.data import cats
    >>> pictures, shown = cats.draw_many(2, size=(24, 32), rng=0, fur=["red", "black"])
    >>> pictures.shape
    (2, 3, 24, 32)
    """
    rng, allowed = generator(rng), allowed_values(choices)
    pictures = np.empty((integer(n, "draw_many: n", low=0), 3, *_height_and_width(size)), np.float32)
    cats = []
    for picture in pictures:
        cats.append(sample_from(allowed, rng))
        picture[...] = draw(cats[-1], size, rng, jitter=jitter)
    return pictures, cats
