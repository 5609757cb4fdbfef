"""What a caption says about a cat, in about forty words.

About a third of the captions are comma tags in any order ("night, black cat, crown"), the others sentences ("a black
cat with green eyes and a crown at night"). Each attribute is left out with probability 0.4, so that a model learns to
choose for itself what a prompt does not say. A caption never says what is not in the picture.
"""

from __future__ import annotations

import re

import numpy as np

from nnlite.data.cats.attributes import Cat
from nnlite.random import generator

#: the probability that a caption is a list of tags, and that an attribute is not mentioned
TAGS, LEFT_OUT = 0.35, 0.4

#: a value -> the words it may go by, where they are not just the value itself
SYNONYMS = {"red": ("red", "ginger", "orange"), "gray": ("gray", "grey"), "striped": ("striped", "tabby")}

#: a background that is a place -> how a sentence says where the cat is
PLACES = {"night": "at night", "meadow": "in a meadow", "sunset": "at sunset"}

_GLUE = "a an cat , fur eyes background with wearing and on in at of"
_COLOURS = "red ginger orange black white gray grey brown blue pink green yellow purple night meadow sunset"
_OTHERS = "closed sleeping sleepy hat crown scarf striped tabby close-up portrait sitting lying"

#: every word a caption may hold; the comma is one
WORDS = tuple(f"{_GLUE} {_COLOURS} {_OTHERS}".split())


def words(caption: str) -> list[str]:
    """Split a caption into words and commas, in lower case; any other mark only separates.

    Parameters
    ----------
    caption
        Any text.

    Examples
    --------
    >>> from nnlite.data import cats
    >>> cats.words("A red cat, close-up!")
    ['a', 'red', 'cat', ',', 'close-up']
    """
    if not isinstance(caption, str):
        raise TypeError(f"words: caption is {caption!r}, expected text")
    return re.findall(r"[\w'-]+|,", caption.lower())


def caption(cat: Cat, rng: np.random.Generator | int | None = None, *, left_out: float = LEFT_OUT) -> str:
    """Put a cat into words.

    Parameters
    ----------
    cat
        What the picture shows.
    rng
        Where the choice of words comes from.
    left_out
        The probability that an attribute is not mentioned.

    Returns
    -------
    str
        A caption in the words of :data:`WORDS`.

    Examples
    --------
    >>> from nnlite.data import cats
    >>> cat = cats.Cat(fur="black", background="night", head="crown")
    >>> cats.caption(cat, rng=1, left_out=0)
    'a portrait of a black cat with green eyes and a crown at night'
    >>> cats.caption(cat, rng=2, left_out=0)
    'green eyes, portrait, black cat, crown, night'
    """
    rng = generator(rng)
    said = {name: value for name, value in vars(cat).items() if rng.random() >= left_out}
    return _tags(said, rng) if rng.random() < TAGS else _sentence(said, rng)


def _one(rng: np.random.Generator, *options: str) -> str:
    return options[int(rng.random() * len(options))]


def _fur(said: dict[str, str], rng: np.random.Generator) -> str:
    fur = said.get("fur", "")
    return _one(rng, *SYNONYMS.get(fur, (fur,)))


def _pattern(said: dict[str, str], rng: np.random.Generator) -> str:
    return _one(rng, *SYNONYMS["striped"]) if said.get("pattern") == "striped" else ""


def _join(*parts: str) -> str:
    return " ".join(part for part in parts if part)


def _place(said: dict[str, str]) -> str:
    place = said.get("background", "")
    if place in PLACES:
        return PLACES[place]
    return f"on a {place} background" if place else ""


def _worn(said: dict[str, str]) -> list[str]:
    return [thing for thing in (said.get("head"), said.get("neck")) if thing and thing != "none"]


def _tags(said: dict[str, str], rng: np.random.Generator) -> str:
    tags = _worn(said)
    if "fur" in said and rng.random() < 0.25:
        tags += [_join(_pattern(said, rng), "cat"), f"{_fur(said, rng)} fur"]
    else:
        tags.append(_join(_pattern(said, rng), _fur(said, rng), "cat"))
    if "eyes" in said:
        closed = _one(rng, "sleeping", "sleepy", "closed eyes")
        tags.append(closed if said["eyes"] == "closed" else f"{said['eyes']} eyes")
    if "framing" in said:
        close = _one(rng, "close-up", "close-up portrait")
        tags.append(close if said["framing"] == "close-up" else said["framing"])
    if "background" in said:
        place = said["background"]
        tags.append(_one(rng, place, PLACES[place]) if place in PLACES else f"{place} background")
    return ", ".join(tags[i] for i in rng.permutation(len(tags)))


def _sentence(said: dict[str, str], rng: np.random.Generator) -> str:
    framing, eyes, worn = said.get("framing", ""), said.get("eyes", ""), " and ".join(f"a {x}" for x in _worn(said))
    view = before = after = mood = features = ""
    if framing == "close-up":
        view = _one(rng, "a close-up of", "a close-up portrait of")
    elif framing == "portrait":
        view = "a portrait of"
    elif rng.random() < 0.5:
        before = framing
    else:
        after = framing
    if eyes == "closed" and rng.random() < 0.7:
        mood = _one(rng, "sleeping", "sleepy")
    elif eyes:
        features = f"with {eyes} eyes"
    if worn:
        dressed = _one(rng, "wearing", "and" if features else "with")
        features = _join(features, dressed, worn)
    noun = _join(before, mood, _pattern(said, rng), _fur(said, rng), "cat")
    article = "an" if noun.startswith("orange") else "a"
    return _join(view, article, noun, after, features, _place(said))
