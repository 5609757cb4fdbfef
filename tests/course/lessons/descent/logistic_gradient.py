"""logistic.gradient: what its mutants are tried on, and why some survive."""

from __future__ import annotations

from lessons.descent.drawn import some_labelled_points

BROAD = some_labelled_points
_COUNT = "As many as there are points: whatever has one entry or row for each point is as long."
EXPLAINED = {f"return (p - y) @ X / len({other})": _COUNT for other in ("X", "p", "np.ones_like(y)")}
