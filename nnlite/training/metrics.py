"""What a model answers, and how often it is right."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from nnlite import contracts
from nnlite.arguments import Array, all_right
from nnlite.contracts import instance, integer, reals, takes
from nnlite.nn import Module
from nnlite.registry import exercise
from nnlite.tensor import as_plain, no_grad


@takes("predict", model=instance(Module, "an nn.Module"), batch_size=integer(1))
def predict(model: Module, x: Any, batch_size: int = 256) -> Array:
    """Run the model in evaluation mode without recording, batch by batch; return one array.

    Parameters
    ----------
    model : nnlite.nn.Module
        Each module is left in the mode it was in.
    x : array_like, shape (N, ...)
        The inputs.
    batch_size : int
        The number of inputs that the model sees at once.

    Returns
    -------
    numpy.ndarray, shape (N, ...)
        The outputs.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite import nn
    >>> from nnlite.training import predict
    >>> predict(nn.Linear(2, 3, rng=0), np.ones((5, 2))).shape
    (5, 3)
    """
    x = as_plain(x)
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        with no_grad():
            outputs = [model(x[i : i + batch_size]).data for i in range(0, max(len(x), 1), batch_size)]
    finally:
        for module, training in modes:
            module.training = training
    return np.concatenate(outputs)


class _Numbers(reals):
    """The numbers of classes, which may be whole floats."""

    def examine(self, array: Array, name: str, known: Mapping[str, Any]) -> Array:
        right = (array >= 0) & (array < known["C"]) & (array == np.floor(array))
        return all_right(right, array, name, f"integers from 0 to {known['C'] - 1}")


@exercise("metrics.accuracy", takes=dict(scores=reals("N>0 C>0"), labels=_Numbers("N")))
def accuracy(scores: Array, labels: Array) -> float:
    """Return the share of rows whose largest score stands at the label.

    Of several scores that are the largest together, the first counts. A row that holds a NaN has no largest score,
    so it is never right.

    Parameters
    ----------
    scores : numpy.ndarray, shape (N, C)
        A score for each class, in one row for each point; N and C are at least 1.
    labels : numpy.ndarray of int, shape (N,)
        The number of the right class of each point, 0 to C - 1.

    Returns
    -------
    float
        From 0, all wrong, to 1, all right.

    Raises
    ------
    TypeError
        If `scores` or `labels` does not hold real numbers.
    ValueError
        If there is not one label for each row, no row, or a label for which there is no score.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite.training import accuracy
    >>> accuracy(np.array([[0.1, 0.9], [0.8, 0.2]]), np.array([1, 1]))
    0.5
    """
    best = scores.argmax(axis=1)  # (N,)
    known = ~np.isnan(scores).any(axis=1)
    return float(np.mean((best == labels) & known))


def _refuse_unknown(y: Array, predicted: Array, classes: Array) -> None:
    name = "metrics.confusion_matrix"
    if (y.dtype.kind in "US") != (predicted.dtype.kind in "US"):
        raise TypeError(
            f"{name}: predicted has dtype {predicted.dtype}, expected classes such as those of y, {y.dtype}"
        )
    if len(np.unique(classes)) < len(classes):
        raise ValueError(f"{name}: classes is {classes.tolist()}, expected each class once")
    for what, values in (("y", y), ("predicted", predicted)):
        strange = values[~np.isin(values, classes)]
        if strange.size:
            raise ValueError(
                f"{name}: {what} holds {strange.tolist()[0]!r}, expected one of classes {classes.tolist()}"
            )


@exercise(
    "metrics.confusion_matrix",
    takes=dict(
        y=contracts.classes("N>0"),
        predicted=contracts.classes("N"),
        classes=contracts.classes("K", missing=(np.union1d, "y", "predicted")),
    ),
    also=_refuse_unknown,
)
def confusion_matrix(y: Array, predicted: Array, classes: Array) -> Array:
    """Count for each pair of classes how often the one was the right answer and the other was given.

    On the diagonal stand the right answers, everywhere else the mistakes, and which for which.

    Parameters
    ----------
    y : numpy.ndarray, shape (N,)
        The right class of each point.
    predicted : numpy.ndarray, shape (N,)
        The class that was given.
    classes : numpy.ndarray, shape (K,), optional
        The classes in the order of the rows and columns, each once; by default all that occur, in ascending order.

    Returns
    -------
    numpy.ndarray of int64, shape (K, K)
        M, with M[i, j] the number of points of class i that were given class j.

    Raises
    ------
    TypeError
        If the ones are words and the others numbers.
    ValueError
        If there is no point, the lengths differ, or `classes` names one twice or lacks one.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite.training import confusion_matrix
    >>> confusion_matrix(np.array([0, 0, 0, 1]), np.array([0, 1, 1, 1]), np.array([0, 1]))
    array([[1, 2],
           [0, 1]])
    """
    right = (y[:, None] == classes).astype(np.int64)  # (N, K), a single 1 in each row
    given = (predicted[:, None] == classes).astype(np.int64)
    return right.T @ given
