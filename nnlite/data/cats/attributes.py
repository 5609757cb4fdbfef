"""What can be said about a cat: seven attributes, each with a few values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from nnlite.arguments import nearest, one_of
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

    Parameters
    ----------
    fur, background, eyes, head, neck, pattern, framing
        The colour of the fur, what is behind the cat, its eyes, what it wears on the head and around the neck, whether
        it is striped, and how much of it is seen.

    Raises
    ------
    ValueError
        If a value is not among those of its attribute.

    Examples
    --------
    >>> from nnlite.data import cats
    >>> cats.Cat(fur="black", background="night")
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

    Parameters
    ----------
    rng
        Generator, seed or None.
    **choices
        By the name of an attribute: its value, or the values it may have.

    Raises
    ------
    TypeError, ValueError
        If a choice names no attribute, or a value that the attribute does not have.

    Examples
    --------
    >>> from nnlite.data import cats
    >>> cats.sample(rng=0, framing="lying", fur=["red", "black"]).framing
    'lying'
    """
    return sample_from(allowed_values(choices), generator(rng))


def allowed_values(choices: dict[str, Any]) -> list[tuple[str, ...]]:
    """Return the values that each attribute may take, in the order of :data:`ATTRIBUTES`."""
    for name in choices:
        if name not in ATTRIBUTES:
            known = f"{', '.join(ATTRIBUTES)}{nearest(name, ATTRIBUTES)}"
            raise TypeError(f"cats: {name!r} is no attribute, expected one of {known}")
    allowed = []
    for name, values in ATTRIBUTES.items():
        given = choices.get(name, values)
        given = (given,) if isinstance(given, str) else tuple(given)
        if not given:
            raise ValueError(f"cats: {name} is empty, expected one or more of {', '.join(values)}")
        allowed.append(tuple(one_of(value, f"cats: {name}", values) for value in given))
    return allowed


def sample_from(allowed: list[tuple[str, ...]], rng: np.random.Generator) -> Cat:
    """Draw a cat from the allowed values of each attribute."""
    return Cat(*(values[int(u * len(values))] for u, values in zip(rng.random(len(allowed)), allowed)))
