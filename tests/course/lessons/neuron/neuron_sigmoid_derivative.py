"""neuron.sigmoid_derivative: what its mutants are tried on, and why some survive."""

from __future__ import annotations

from lessons.neuron.drawn import some_nets

BROAD = some_nets
EXPLAINED: dict[str, str] = {}
