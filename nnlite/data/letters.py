"""The 26 letters as a retina sees them, drawn from the typefaces that matplotlib ships.

A picture is 20 x 20 points, 1 where there is ink. Each letter is drawn large, cropped, shrunk by area
averaging until its longer side is 16 points, centred, and made black and white at one half. :func:`shift`
and :func:`flip` disturb the pictures as an unsteady hand and a dirty sheet would.
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import numpy as np

from nnlite.arguments import Array, integer, number, one_of, real_array
from nnlite.random import generator

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

#: the typefaces by file name
FACES = (
    "DejaVuSans",
    "DejaVuSans-Bold",
    "DejaVuSans-Oblique",
    "DejaVuSansMono",
    "DejaVuSansMono-Bold",
    "DejaVuSansMono-Oblique",
    "DejaVuSerif",
    "DejaVuSerif-Bold",
    "DejaVuSerif-Italic",
    "STIXGeneral",
    "STIXGeneralBol",
    "STIXGeneralItalic",
    "STIXGeneralBolIta",
    "cmr10",
    "cmb10",
    "cmss10",
    "cmtt10",
    "cmti10",
)

#: six of them to put aside as a test sample: with and without serifs, upright, slanted and bold
HELD_OUT_FACES = (
    "DejaVuSans-Oblique",
    "DejaVuSansMono-Bold",
    "DejaVuSerif",
    "STIXGeneralItalic",
    "cmb10",
    "cmss10",
)


def load_letters(faces: Any = ("DejaVuSans",), size: int = 20, height: int = 16) -> tuple[Array, Array]:
    """Draw the alphabet in each of the `faces`.

    Parameters
    ----------
    faces : str or sequence of str
        Names in :data:`FACES`.
    size : int
        The side of the retina.
    height : int
        The longer side of a letter, <= `size`.

    Returns
    -------
    pictures : numpy.ndarray of float32, shape (26 F, size, size)
        1 is ink, 0 is paper; face by face, A to Z.
    labels : numpy.ndarray of int64, shape (26 F,)
        0 for A to 25 for Z.

    Raises
    ------
    ValueError
        If a face is unknown, none is given, or the letters do not fit the retina.

    Examples
    --------
    >>> from nnlite.data import load_letters
    >>> from nnlite.data.letters import ALPHABET
    >>> pictures, labels = load_letters("cmr10")
    >>> pictures.shape, ALPHABET[labels[3]]
    ((26, 20, 20), 'D')
    """
    faces = [faces] if isinstance(faces, str) else list(faces)
    if not faces:
        raise ValueError("load_letters: faces is empty, expected at least one typeface")
    for face in faces:
        one_of(face, "load_letters: faces", FACES)
    size = integer(size, "load_letters: size", low=4)
    height = integer(height, "load_letters: height", low=4, high=size)
    pictures = np.stack([_draw(face, letter, size, height) for face in faces for letter in ALPHABET])
    return pictures, np.tile(np.arange(26), len(faces))


@functools.lru_cache(maxsize=4096)
def _draw(face: str, letter: str, size: int, height: int) -> Array:
    import matplotlib
    from matplotlib.ft2font import FT2Font

    font = FT2Font(str(Path(matplotlib.get_data_path()) / "fonts" / "ttf" / f"{face}.ttf"))
    font.set_size(64, 72)
    font.set_text(letter)
    font.draw_glyphs_to_bitmap()
    ink = np.asarray(font.get_image()) / 255.0
    rows, columns = np.nonzero(ink.any(axis=1))[0], np.nonzero(ink.any(axis=0))[0]
    ink = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    scale = height / max(ink.shape)
    small_rows, small_columns = (max(1, round(side * scale)) for side in ink.shape)
    ink = _areas(ink.shape[0], small_rows) @ ink @ _areas(ink.shape[1], small_columns).T
    picture = np.zeros((size, size), np.float32)
    top, left = (size - small_rows) // 2, (size - small_columns) // 2
    picture[top : top + small_rows, left : left + small_columns] = ink >= 0.5
    return picture


def _areas(n: int, m: int) -> Array:
    """The matrix (m, n) whose row i averages the i-th of m equal parts of n points."""
    edges = np.arange(m + 1) * n / m
    points = np.arange(n)
    overlap = np.minimum(edges[1:, None], points + 1) - np.maximum(edges[:-1, None], points)
    return np.clip(overlap, 0, None) * m / n


def shift(pictures: Any, dy: Any, dx: Any) -> Array:
    """Move each picture down by `dy` and right by `dx` points; what leaves is lost, what enters is paper.

    Parameters
    ----------
    pictures : array_like, shape (N, H, W)
        The pictures.
    dy, dx : int or array_like of int, shape (N,)
        The shifts.

    Returns
    -------
    numpy.ndarray, shape (N, H, W)
        New pictures of the same dtype.

    Examples
    --------
    >>> from nnlite.data.letters import shift
    >>> shift([[[1, 0], [0, 0]]], 1, 1).tolist()
    [[[0.0, 0.0], [0.0, 1.0]]]
    """
    pictures = real_array(pictures, "shift: pictures", ndim=3)
    n, height, width = pictures.shape
    rows = np.arange(height) - np.broadcast_to(np.asarray(dy), (n,))[:, None]  # (N, H), where each row comes from
    columns = np.arange(width) - np.broadcast_to(np.asarray(dx), (n,))[:, None]
    moved = pictures[np.arange(n)[:, None, None], (rows % height)[:, :, None], (columns % width)[:, None, :]]
    inside = ((rows >= 0) & (rows < height))[:, :, None] & ((columns >= 0) & (columns < width))[:, None, :]
    return np.where(inside, moved, np.zeros((), pictures.dtype))


def random_shift(pictures: Any, most: int = 1, rng: np.random.Generator | int | None = None) -> Array:
    """Move each picture by up to `most` points along both axes, every shift equally likely.

    Parameters
    ----------
    pictures : array_like, shape (N, H, W)
        The pictures.
    most : int
        The largest shift, >= 0.
    rng : numpy.random.Generator, int or None
        Where the shifts come from.

    Examples
    --------
    >>> from nnlite.data import load_letters
    >>> from nnlite.data.letters import random_shift
    >>> random_shift(load_letters()[0], rng=0).shape
    (26, 20, 20)
    """
    pictures = real_array(pictures, "random_shift: pictures", ndim=3)
    most = integer(most, "random_shift: most", low=0)
    dy, dx = generator(rng).integers(-most, most + 1, (2, len(pictures)))
    return shift(pictures, dy, dx)


def flip(pictures: Any, share: float = 0.05, rng: np.random.Generator | int | None = None) -> Array:
    """Turn each point, with probability `share`, from ink to paper or from paper to ink.

    Parameters
    ----------
    pictures : array_like
        Pictures of zeros and ones, of any shape.
    share : float
        The probability, 0 to 1.
    rng : numpy.random.Generator, int or None
        Where the chance comes from.

    Examples
    --------
    >>> from nnlite.data.letters import flip
    >>> flip([0, 1, 1], share=1)
    array([1., 0., 0.], dtype=float32)
    """
    pictures = real_array(pictures, "flip: pictures")
    share = number(share, "flip: share", low=0, high=1)
    return np.where(generator(rng).random(pictures.shape) < share, 1 - pictures, pictures)


def disturb(pictures: Any, most: int = 1, share: float = 0.05, rng: np.random.Generator | int | None = None) -> Array:
    """Shift each picture at random, then flip points at random: :func:`random_shift` and :func:`flip`.

    Parameters
    ----------
    pictures : array_like, shape (N, H, W)
        Pictures of zeros and ones.
    most : int
        The largest shift, >= 0.
    share : float
        The probability that a point flips, 0 to 1.
    rng : numpy.random.Generator, int or None
        Where the chance comes from.

    Examples
    --------
    >>> from nnlite.data import load_letters
    >>> from nnlite.data.letters import disturb
    >>> disturb(load_letters()[0], rng=0).shape
    (26, 20, 20)
    """
    rng = generator(rng)
    return flip(random_shift(pictures, most, rng), share, rng)
