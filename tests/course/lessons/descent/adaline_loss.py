"""adaline.loss: what its mutants are tried on, and why some survive."""

from __future__ import annotations

from lessons.descent.drawn import _NUMBER, some_points

BROAD = some_points
EXPLAINED = {
    "return (error ** 2).mean() / 2": _NUMBER,
}
