"""Captioned cats, drawn as many as are wanted: the data of the text-to-image systems.

A :class:`Cat` is seven attributes, the choices of a caption. :func:`draw` turns one into a picture of any size, with a
little jitter so that no two are alike, and :func:`caption` puts it into words::

    attributes.py   what can be said about a cat
    shapes.py       the parts of a cat
    scenery.py      what is behind it
    drawing.py      a whole picture
    captions.py     a cat put into words
"""

from nnlite.data.cats.attributes import ATTRIBUTES, Cat, sample
from nnlite.data.cats.captions import WORDS, caption, words
from nnlite.data.cats.drawing import draw, draw_many

__all__ = ["ATTRIBUTES", "WORDS", "Cat", "caption", "draw", "draw_many", "sample", "words"]
