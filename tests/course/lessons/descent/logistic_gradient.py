"""logistic.gradient: what its mutants are tried on, and why some survive."""

from __future__ import annotations

from lessons.descent.drawn import some_labelled_points

BROAD = some_labelled_points
EXPLAINED = {
    f"return (p - y) @ X / len({other})": "All have one entry for each point."
    for other in ("X", "p", "np.ones_like(y)")
}
