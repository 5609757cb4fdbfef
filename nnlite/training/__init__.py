"""The training loop, metrics, and files of weights.

    for x, y in batches:
        optimizer.zero_grad();  loss(model(x), y).backward();  optimizer.step()

:func:`fit` is this loop with a progress bar, a schedule, clipping, a record of what happened, and checkpoints from
which a run that was killed goes on as if nothing had been.
"""

from nnlite.training.evaluation import cross_validate, learning_curve
from nnlite.training.files import load, save
from nnlite.training.history import History
from nnlite.training.loop import fit
from nnlite.training.metrics import accuracy, confusion_matrix, predict
from nnlite.training.run import Progress

__all__ = [
    "History",
    "Progress",
    "accuracy",
    "confusion_matrix",
    "cross_validate",
    "fit",
    "learning_curve",
    "load",
    "predict",
    "save",
]
