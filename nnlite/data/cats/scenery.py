"""What is behind a cat: eight skies, three of them with a ground and what belongs there."""

from __future__ import annotations

from nnlite.data.drawing import Colour, Drawing, crescent, ellipse, mix, plane, rgb

WHITE, SHADE = rgb("ffffff"), rgb("2a1f2d")

#: background -> the colour at the top and at the bottom of the sky, and of the ground if there is one
BACKGROUND: dict[str, tuple[Colour, Colour, Colour | None, Colour | None]] = {
    "green": (rgb("8fd694"), rgb("5fb56d"), None, None),
    "yellow": (rgb("ffe680"), rgb("f2c744"), None, None),
    "blue": (rgb("a9dcfa"), rgb("74b9ea"), None, None),
    "pink": (rgb("ffd0dc"), rgb("f7a8bd"), None, None),
    "purple": (rgb("b9a0ec"), rgb("8d70cf"), None, None),
    "night": (rgb("191c4f"), rgb("343a86"), rgb("20245c"), rgb("14163f")),
    "meadow": (rgb("7fcdf5"), rgb("d6f1ff"), rgb("86c95b"), rgb("4e9a3f")),
    "sunset": (rgb("6d4192"), rgb("ff9d5c"), rgb("7d3f5f"), rgb("4c2749")),
}


def scenery(
    drawing: Drawing, name: str, width: float, height: float, aside: float, lower: float, u: list[float]
) -> None:
    """Draw the sky, the ground and what stands between.

    `width` and `height` are the picture's, the shorter one 1; the cat's shadow falls `aside` of the middle on a floor
    that is `lower` by so much; the numbers `u`, from -1 to 1, say where the stars, clouds and flowers are.
    """
    sky, horizon, near, far = BACKGROUND[name]
    drawing.frame(0, 0, height / 2)
    drawing.fill(plane(0, 1, 9), sky, horizon)
    drawing.frame()
    if near is None or far is None:
        drawing.fill(ellipse(aside, 0.47 + lower, 0.36, 0.05), mix(horizon, SHADE, 0.35), soft=0.09, opacity=0.5)
        return
    ground = 0.23 + lower + 0.03 * u[0]
    left, top = -width / 2, -height / 2
    if name == "night":
        _moon_and_stars(drawing, left, top, width, u)
    elif name == "sunset":
        sun = 0.27 + 0.08 * u[1]
        drawing.fill(ellipse(sun, ground - 0.03, 0.2, 0.2), rgb("ffd08a"), soft=0.25, opacity=0.6)
        drawing.fill(ellipse(sun, ground - 0.03, 0.13, 0.13), rgb("ffe88f"))
    else:
        for x, y, s in ((0.26 + 0.1 * u[1], 0.14, 1.0), (-0.3 + 0.08 * u[2], 0.23 + 0.03 * u[3], 0.7)):
            for dx, dy, r in ((-0.08, 0.01, 0.045), (0, -0.015, 0.06), (0.08, 0.012, 0.045)):
                drawing.fill(ellipse(x + s * dx, top + y + s * dy, s * r * 1.4, s * r), WHITE, soft=0.01)
    bottom = height / 2
    drawing.frame(0, (ground + bottom) / 2, (bottom - ground) / 2)
    drawing.fill(plane(0, -1, 1), near, far)
    drawing.frame()
    if name == "meadow":
        for i in range(8):
            x, y = left + width * (i + 0.5 + 0.45 * u[2 + i]) / 8, (ground + bottom) / 2 + 0.11 * u[10 + i]
            drawing.fill(ellipse(x, y, 0.017, 0.017), (rgb("fff4f4"), rgb("ffe25e"), rgb("ff9fc0"))[i % 3])
    drawing.fill(ellipse(aside, 0.45 + lower, 0.38, 0.045), mix(far, SHADE, 0.6), soft=0.09, opacity=0.5)


def _moon_and_stars(drawing: Drawing, left: float, top: float, width: float, u: list[float]) -> None:
    x, y = left + 0.17 + 0.04 * u[1], top + 0.16
    drawing.fill(ellipse(x, y, 0.12, 0.12), rgb("fff3c4"), soft=0.16, opacity=0.25)
    drawing.fill(crescent(x, y, 0.085, 0.045, -0.025, 0.075), rgb("fff0b3"))
    for i in range(7):
        x, y = left + width * (i + 0.5 + 0.4 * u[2 + i]) / 7, top + 0.20 + 0.17 * u[9 + i]
        drawing.fill(ellipse(x, y, 0.009, 0.009), rgb("fff7d6"), soft=0.008)
