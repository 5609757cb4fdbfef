"""perceptron.loss: what its mutants are tried on, and why some survive."""

from __future__ import annotations

from lessons.perceptron.drawn import some_points

BROAD = some_points
EXPLAINED = {
    "return (-margin[margin < 0]).sum()": "A NumPy number is one number as well.",
    "return float((-margin[margin <= 0]).sum())": "A point with net = 0 adds nothing, counted or not.",
}
