"""The parts of a cat, each a few shapes in the frame of its head, whose radius is 1."""

from __future__ import annotations

import math
from typing import NamedTuple

from nnlite.data.cats.attributes import Cat
from nnlite.data.drawing import Colour, Drawing, Shape, arc, capsule, ellipse, mix, rgb, triangle

WHITE, INK = rgb("ffffff"), rgb("2a1f2d")

#: fur -> its colour, the muzzle and chest, the stripes, the outline
FUR: dict[str, tuple[Colour, Colour, Colour, Colour]] = {
    "red": (rgb("ee8434"), rgb("ffe0bd"), rgb("b4511b"), rgb("6b2f16")),
    "black": (rgb("3b3a4a"), rgb("6a697e"), rgb("1d1c28"), rgb("15141d")),
    "white": (rgb("f6f3ee"), rgb("ffffff"), rgb("c6bfb9"), rgb("77707a")),
    "gray": (rgb("989ba6"), rgb("d9dbe2"), rgb("5a5d68"), rgb("3a3c46")),
    "brown": (rgb("83552f"), rgb("d3ae85"), rgb("4f2f17"), rgb("331d10")),
    "blue": (rgb("5b86dc"), rgb("c3d8fb"), rgb("3157a8"), rgb("1f3269")),
    "pink": (rgb("f08fb6"), rgb("ffdfea"), rgb("c4578a"), rgb("7d2f57")),
}

EYES = {"green": rgb("6fd34f"), "blue": rgb("4aa8f5"), "yellow": rgb("ffcf33")}
NOSE, BLUSH, INNER_EAR = rgb("f0718a"), rgb("ff7f92"), rgb("f6a3ac")
RED, DARK_RED, PALE_RED = rgb("e03a3e"), rgb("a81f30"), rgb("ff8a80")
GOLD, DARK_GOLD, PALE_GOLD = rgb("ffd84a"), rgb("b97a10"), rgb("fff3b0")
VIOLET, DARK_VIOLET = rgb("a05be0"), rgb("582a92")

#: how thick the line around a piece of fur is
LINE = 0.055


class Coat(NamedTuple):
    """The colours of one cat, lit from above.

    Parameters
    ----------
    top, bottom, light
        The fur at its top and at its bottom, and the lighter muzzle and chest.
    stripe, outline, ink
        The stripes, the line around the fur, and the lines of closed eyes.
    """

    top: Colour
    bottom: Colour
    light: Colour
    stripe: Colour
    outline: Colour
    ink: Colour


def coat_of(cat: Cat, light: float) -> Coat:
    """The colours of a cat, a little lighter or darker; black fur gets a rim of light where it is dark."""
    fur, pale, stripe, outline = FUR[cat.fur]
    fur = mix(fur, WHITE if light > 0 else INK, abs(light))
    shadow = mix(fur, outline, 0.10 if cat.fur == "white" else 0.22)
    if cat.fur == "black":
        outline = {"night": rgb("8f93c8"), "sunset": rgb("e0a08a")}.get(cat.background, outline)
    return Coat(mix(fur, WHITE, 0.10), shadow, pale, stripe, outline, rgb("d8d6e8") if cat.fur == "black" else INK)


def furry(drawing: Drawing, coat: Coat, *shapes: Shape, grow: float = 0.0) -> int:
    """Draw some shapes as one piece of fur with a line around it."""
    return drawing.outlined(shapes, coat.top, coat.bottom, coat.outline, LINE, grow)


def head(drawing: Drawing, coat: Coat, cat: Cat) -> None:
    """The head, and what is on it."""
    skull = ellipse(0, 0, 1.0, 0.84)
    cheeks = [triangle(s * 0.55, 0.0, s * 1.02, 0.42, s * 0.4, 0.72) for s in (-1, 1)]
    ears = [triangle(s * 0.93, -0.22, s * 0.80, -1.14, s * 0.22, -0.70) for s in (-1, 1)]
    face = furry(drawing, coat, skull, *cheeks, *ears, grow=0.035)
    for s in (-1, 1):
        drawing.fill(triangle(s * 0.80, -0.42, s * 0.745, -0.92, s * 0.42, -0.68), mix(INNER_EAR, coat.bottom, 0.25))
    if cat.pattern == "striped":
        for x, low, r in ((0, -0.32, 0.10), (-0.28, -0.38, 0.085), (0.28, -0.38, 0.085)):
            drawing.fill(capsule(x * 1.2, -0.95, x, low, r, 0.03), coat.stripe, inside=face)
        _stripes(drawing, coat, face, (0.10, 0.34), 0.70)
    for s in (-1, 1):
        drawing.fill(ellipse(s * 0.17, 0.43, 0.24, 0.19), coat.light)
        drawing.fill(ellipse(s * 0.66, 0.36, 0.15, 0.10), BLUSH, soft=0.12, opacity=0.4)
        _eye(drawing, coat, cat.eyes, s * 0.42, 0.02)
    drawing.fill(triangle(-0.09, 0.27, 0.09, 0.27, 0.0, 0.36), NOSE, grow=0.035)
    whisker = mix(WHITE, coat.stripe, 0.6) if cat.fur == "white" else WHITE
    for s in (-1, 1):
        drawing.fill(arc(s * 0.115, 0.42, 0.115, math.pi / 2, 1.25, 0.022), mix(coat.outline, INK, 0.6))
        for y, end in ((0.36, 0.27), (0.45, 0.50)):
            drawing.fill(capsule(s * 0.52, y, s * 1.22, end, 0.014), whisker, opacity=0.85)
    if cat.head in WORN:
        WORN[cat.head](drawing)


def _stripes(drawing: Drawing, coat: Coat, inside: int, heights: tuple[float, ...], end: float) -> None:
    """Stripes from both sides of a part towards its middle."""
    for s in (-1, 1):
        for y in heights:
            drawing.fill(capsule(s * 1.1, y - 0.08, s * end, y, 0.095, 0.03), coat.stripe, inside=inside)


def _eye(drawing: Drawing, coat: Coat, colour: str, x: float, y: float) -> None:
    if colour == "closed":
        drawing.fill(arc(x, y - 0.10, 0.22, math.pi / 2, 1.15, 0.042), coat.ink)
        return
    drawing.fill(ellipse(x, y, 0.245, 0.275), INK)
    iris = drawing.fill(ellipse(x, y + 0.005, 0.205, 0.235), EYES[colour])
    drawing.fill(ellipse(x, y, 0.095, 0.19), INK, inside=iris)
    drawing.fill(ellipse(x - 0.07, y - 0.10, 0.065, 0.065), WHITE)
    drawing.fill(ellipse(x + 0.07, y + 0.11, 0.03, 0.03), WHITE, opacity=0.8)


def _hat(drawing: Drawing) -> None:
    """A pointed party hat."""
    cone = triangle(-0.42, -0.66, 0.42, -0.66, 0.0, -1.42)
    hat = drawing.outlined([cone], VIOLET, VIOLET, DARK_VIOLET, LINE, grow=0.04)
    for y in (-0.82, -1.08):
        drawing.fill(capsule(-0.5, y + 0.08, 0.5, y - 0.08, 0.05), GOLD, inside=hat)
    drawing.outlined([ellipse(0, -1.45, 0.12, 0.12)], PALE_GOLD, GOLD, DARK_GOLD, 0.04)


def _crown(drawing: Drawing) -> None:
    """A crown with three points and as many jewels."""
    tips = ((-0.45, -1.15), (0, -1.25), (0.45, -1.15))
    points = [triangle(0.8 * x - 0.2, -0.72, 0.8 * x + 0.2, -0.72, x, y) for x, y in tips]
    drawing.outlined([capsule(-0.50, -0.70, 0.50, -0.70, 0.09), *points], GOLD, GOLD, DARK_GOLD, LINE)
    for (x, y), jewel in zip(tips, (RED, EYES["blue"], RED)):
        drawing.fill(ellipse(x, y, 0.07, 0.07), PALE_GOLD)
        drawing.fill(ellipse(0.7 * x, -0.71, 0.07, 0.06), jewel)


WORN = {"hat": _hat, "crown": _crown}


def _scarf(drawing: Drawing, y: float, half: float) -> None:
    """A red scarf around the neck at height `y`, one end hanging down."""
    for part in (capsule(0.34, y + 0.1, 0.44, y + 0.62, 0.15, 0.19), capsule(-half, y, half, y, 0.17)):
        drawing.outlined([part], RED, RED, DARK_RED, LINE)
    drawing.fill(capsule(-half, y - 0.05, half, y - 0.05, 0.03), PALE_RED, opacity=0.7)


def _shoulders(drawing: Drawing, coat: Coat, striped: bool) -> None:
    """What a close-up shows below the head."""
    furry(drawing, coat, ellipse(0, 1.45, 0.95, 0.75))


def _bust(drawing: Drawing, coat: Coat, striped: bool) -> None:
    """The chest of a portrait."""
    chest = furry(drawing, coat, ellipse(0, 1.95, 0.92, 1.28))
    if striped:
        _stripes(drawing, coat, chest, (1.25, 1.6, 1.95), 0.58)
    drawing.fill(ellipse(0, 1.75, 0.46, 0.72), coat.light, inside=chest)


def _sitting(drawing: Drawing, coat: Coat, striped: bool) -> None:
    """The whole cat from the front, its tail beside it."""
    furry(drawing, coat, arc(0.92, 2.05, 0.52, 0.35, 1.25, 0.20), ellipse(1.28, 1.62, 0.2, 0.2))
    body = furry(drawing, coat, ellipse(0, 1.85, 0.94, 0.95), ellipse(0, 1.25, 0.66, 0.9))
    if striped:
        _stripes(drawing, coat, body, (1.45, 1.80, 2.15), 0.55)
    drawing.fill(ellipse(0, 1.35, 0.42, 0.62), coat.light)
    seam = mix(coat.outline, coat.top, 0.3)
    for s in (-1, 1):
        leg = capsule(s * 0.27, 1.9, s * 0.29, 2.6, 0.2, 0.22)
        drawing.outlined([leg], coat.top, coat.bottom, seam, 0.04)
        drawing.fill(ellipse(s * 0.3, 2.68, 0.24, 0.16), coat.light)


def _lying(drawing: Drawing, coat: Coat, striped: bool) -> None:
    """The whole cat from the side, its paws under the head."""
    furry(drawing, coat, arc(2.55, 0.75, 0.62, 0.2, 1.2, 0.18))
    body = furry(drawing, coat, ellipse(1.2, 0.95, 1.5, 0.86), ellipse(2.05, 1.2, 0.75, 0.66))
    if striped:
        for x in (0.95, 1.4, 1.85, 2.3):
            drawing.fill(capsule(x, -0.1, x + 0.12, 0.85, 0.12, 0.03), coat.stripe, inside=body)
    for x in (-0.35, 0.5):
        drawing.outlined([ellipse(x, 1.6, 0.36, 0.22)], coat.light, coat.light, coat.outline, 0.045)


#: framing -> how to draw the body, and where the scarf goes: its height and its half length
BODY = {
    "close-up": (_shoulders, 0.86, 0.68),
    "portrait": (_bust, 0.84, 0.62),
    "sitting": (_sitting, 0.84, 0.58),
    "lying": (_lying, 0.80, 0.60),
}


def body(drawing: Drawing, coat: Coat, cat: Cat) -> None:
    """The body below the head, as much as the framing shows, and the scarf."""
    draw, neck, half = BODY[cat.framing]
    draw(drawing, coat, cat.pattern == "striped")
    if cat.neck == "scarf":
        _scarf(drawing, neck, half)
