"""logistic.gradient: what its mutants are tried on, and why some survive."""

from __future__ import annotations

from lessons.descent.drawn import some_labelled_points

BROAD = some_labelled_points
EXPLAINED: dict[str, str] = {}
