"""What several exercises of lesson 07 share: the inputs that their checks draw."""

from __future__ import annotations

shapes = [(1,), (2,), (3,), (1, 2), (2, 2)]
