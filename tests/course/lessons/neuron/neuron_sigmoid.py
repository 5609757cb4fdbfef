"""neuron.sigmoid: what its mutants are tried on, and why some survive."""

from __future__ import annotations

from lessons.neuron.drawn import some_nets

BROAD = some_nets
EXPLAINED = {
    "return np.where(net > 0, 1, e) / (1 + e)": "Where net is 0, e is 1: both sides give the same.",
}
