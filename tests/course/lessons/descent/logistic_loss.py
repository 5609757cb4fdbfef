"""logistic.loss: what its mutants are tried on, and why some survive."""

from __future__ import annotations

from lessons.descent.drawn import _NUMBER, some_labelled_points

BROAD = some_labelled_points
EXPLAINED = {
    "return np.logaddexp(0, wrong_way).mean()": _NUMBER,
}
