"""perceptron.subgradient: what its mutants are tried on, and why some survive."""

from __future__ import annotations

from lessons.perceptron.drawn import some_points

BROAD = some_points
EXPLAINED: dict[str, str] = {}
