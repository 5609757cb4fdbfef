"""Captioned cats, drawn as many as are wanted: the data of the text-to-image systems.

A :class:`Cat` is seven attributes, the choices of a caption; :func:`draw` turns one into a picture of any size, with
a little jitter so that no two are alike, and :mod:`nnlite.data.captions` puts it into words. The cat is a list of
signed-distance shapes (:mod:`nnlite.data.drawing`): first the background, then the body, the neck, the head, and
what it wears.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from nnlite.arguments import Array, integer, number, one_of
from nnlite.data.cat_scenery import scenery
from nnlite.data.cat_shapes import body, coat_of, head
from nnlite.data.drawing import Drawing
from nnlite.random import generator

#: attribute -> its values, the order of both is the order of judges and confusion matrices
ATTRIBUTES: dict[str, tuple[str, ...]] = {
    "fur": ("red", "black", "white", "gray", "brown", "blue", "pink"),
    "background": ("green", "yellow", "blue", "pink", "purple", "night", "meadow", "sunset"),
    "eyes": ("green", "blue", "yellow", "closed"),
    "head": ("none", "hat", "crown"),
    "neck": ("none", "scarf"),
    "pattern": ("plain", "striped"),
    "framing": ("close-up", "portrait", "sitting", "lying"),
}


@dataclass(frozen=True)
class Cat:
    """What a caption can say about a cat: one value for each of :data:`ATTRIBUTES`.

    Raises
    ------
    ValueError
        If a value is not among those of its attribute.

    Examples
    --------
    >>> Cat(fur="black", background="night")
    Cat(fur='black', background='night', eyes='green', head='none', neck='none', pattern='plain', framing='portrait')
    """

    fur: str = "red"
    background: str = "blue"
    eyes: str = "green"
    head: str = "none"
    neck: str = "none"
    pattern: str = "plain"
    framing: str = "portrait"

    def __post_init__(self) -> None:
        for field in fields(self):
            one_of(getattr(self, field.name), f"Cat: {field.name}", ATTRIBUTES[field.name])


def sample(rng: np.random.Generator | int | None = None, **choices: str | Sequence[str]) -> Cat:
    """Draw a cat at random, each attribute uniformly from its values or from the `choices` given for it.

    Raises
    ------
    TypeError, ValueError
        If a choice names no attribute, or a value that the attribute does not have.

    Examples
    --------
    >>> sample(rng=0, framing="lying", fur=["red", "black"]).framing
    'lying'
    """
    return _sample(generator(rng), _allowed(choices))


def _allowed(choices: dict[str, Any]) -> list[tuple[str, ...]]:
    """The values each attribute may take, in the order of ATTRIBUTES."""
    for name in choices:
        if name not in ATTRIBUTES:
            near = difflib.get_close_matches(name, ATTRIBUTES, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise TypeError(f"cats: {name!r} is no attribute, expected one of {', '.join(ATTRIBUTES)}{hint}")
    allowed = []
    for name, values in ATTRIBUTES.items():
        given = choices.get(name, values)
        given = (given,) if isinstance(given, str) else tuple(given)
        if not given:
            raise ValueError(f"cats: {name} is empty, expected one or more of {', '.join(values)}")
        allowed.append(tuple(one_of(value, f"cats: {name}", values) for value in given))
    return allowed


def _sample(rng: np.random.Generator, allowed: list[tuple[str, ...]]) -> Cat:
    return Cat(*(values[int(u * len(values))] for u, values in zip(rng.random(len(allowed)), allowed)))


#: framing -> where the head is, and its radius
HEAD = {
    "close-up": (0.0, 0.10, 0.37),
    "portrait": (0.0, -0.04, 0.255),
    "sitting": (0.0, -0.125, 0.185),
    "lying": (-0.17, 0.10, 0.175),
}


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
    >>> draw(Cat(fur="black", background="night"), size=16, rng=0).shape
    (3, 16, 16)
    """
    if not isinstance(cat, Cat):
        raise TypeError(f"draw: cat is {cat!r}, expected a Cat")
    height, width = _height_and_width(size)
    jitter = number(jitter, "draw: jitter", low=0, high=1)
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
    x, y, size = HEAD[cat.framing]
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

    Returns
    -------
    pictures : numpy.ndarray
        (n, 3, height, width), float32 from 0 to 1.
    cats : list of Cat
        What they show; :func:`nnlite.data.captions.caption` puts it into words.

    Raises
    ------
    TypeError, ValueError
        As :func:`sample` and :func:`draw`.

    Examples
    --------
    >>> pictures, cats = draw_many(2, size=(24, 32), rng=0, fur=["red", "black"])
    >>> pictures.shape
    (2, 3, 24, 32)
    """
    rng, allowed = generator(rng), _allowed(choices)
    pictures = np.empty((integer(n, "draw_many: n", low=0), 3, *_height_and_width(size)), np.float32)
    cats = []
    for picture in pictures:
        cats.append(_sample(rng, allowed))
        picture[...] = draw(cats[-1], size, rng, jitter=jitter)
    return pictures, cats
