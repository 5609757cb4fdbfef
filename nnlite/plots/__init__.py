"""Pictures of everything below: each function returns a Figure, draws into ``ax=`` if given, and shows nothing.

The figures are made without pyplot, so they need no screen and leave no state behind; in a notebook the last
figure of a cell appears by itself.
"""

from nnlite.plots.curves import bars, curves
from nnlite.plots.decision import decision, line_moving, mistakes
from nnlite.plots.evaluation import confusion, learning_curve
from nnlite.plots.graph import graph
from nnlite.plots.letters import sheet
from nnlite.plots.loss import loss_3d, loss_map
from nnlite.plots.network_kinds import network_map
from nnlite.plots.neuron import activation, activations, response, tangent
from nnlite.plots.style import figure, styled
from nnlite.plots.training import history

__all__ = [
    "activation",
    "activations",
    "bars",
    "confusion",
    "curves",
    "decision",
    "figure",
    "graph",
    "history",
    "learning_curve",
    "line_moving",
    "loss_3d",
    "loss_map",
    "mistakes",
    "network_map",
    "response",
    "sheet",
    "styled",
    "tangent",
]
