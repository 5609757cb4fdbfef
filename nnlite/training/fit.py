"""The training loop, metrics, and files of weights.

    for x, y in batches:
        optimizer.zero_grad();  loss(model(x), y).backward();  optimizer.step()

:func:`fit` is this loop with a progress bar, a schedule, clipping and a record of what happened.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from nnlite.arguments import Array, integer, number
from nnlite.files import replacing
from nnlite.nn import Module
from nnlite.optim import Optimizer, Schedule, clip_grad_norm_
from nnlite.tensor import Tensor, as_plain, no_grad


@dataclass
class History:
    """What happened while training: one loss a step, and one validation score an epoch if asked for."""

    loss: list[float] = field(default_factory=list)
    learning_rate: list[float] = field(default_factory=list)
    score: list[float] = field(default_factory=list)

    def __repr__(self) -> str:
        if not self.loss:
            return "History(no steps)"
        score = f", score {self.score[-1]:.4g}" if self.score else ""
        return f"History({len(self.loss)} steps, loss {self.loss[0]:.4g} -> {self.loss[-1]:.4g}{score})"


def fit(
    model: Module,
    batches: Iterable[Any],
    loss: Callable[..., Tensor],
    optimizer: Optimizer,
    *,
    epochs: int = 1,
    schedule: Schedule | None = None,
    clip: float | None = None,
    score: Callable[[Module], float] | None = None,
    verbose: bool = True,
    description: str = "training",
) -> History:
    """Train `model` on `batches` for some epochs.

    Parameters
    ----------
    model
        Called with all but the last item of each batch.
    batches
        Iterated once an epoch; each item is a tuple whose last entry is the target. A DataLoader, for instance.
    loss
        ``loss(output, target)`` returns a Tensor with one element.
    optimizer, schedule
        Step after each batch.
    epochs
        How often to go through the batches.
    clip
        The largest norm the gradient may have.
    score
        Called with the model, in evaluation mode, after each epoch.
    verbose
        Whether to show a progress bar.

    Returns
    -------
    History
        Loss and learning rate of each step, score of each epoch.

    Raises
    ------
    ValueError
        If there are no batches.
    FloatingPointError
        If a loss is not finite; the weights are those before that step.

    Notes
    -----
    An interrupt (Ctrl-C) leaves the model as it was after the last whole step, or within one step of it.

    Examples
    --------
    >>> from nnlite import nn, optim, functional as F
    >>> model = nn.Linear(1, 1, rng=0)
    >>> data = [(np.ones((4, 1)), np.zeros((4, 1)))] * 10
    >>> history = fit(model, data, F.mse_loss, optim.SGD(model.parameters(), lr=0.3), verbose=False)
    >>> history.loss[-1] < history.loss[0]
    True
    """
    from tqdm.auto import tqdm

    epochs = integer(epochs, "fit: epochs", low=1)
    if clip is not None:
        clip = number(clip, "fit: clip", low=0)
    history = History()
    total = epochs * len(batches) if hasattr(batches, "__len__") else None
    model.train()
    with tqdm(total=total, desc=description, disable=not verbose, leave=False) as bar:
        for _ in range(epochs):
            steps = 0
            for batch in batches:
                *inputs, target = batch
                history.learning_rate.append(optimizer.lr)
                history.loss.append(_step(model, inputs, target, loss, optimizer, clip, len(history.loss)))
                if schedule is not None:
                    schedule.step()
                steps += 1
                bar.update()
                if len(history.loss) % 10 == 1:
                    bar.set_postfix(loss=f"{history.loss[-1]:.4f}", refresh=False)
            if steps == 0:
                raise ValueError("fit: batches is empty, expected at least one batch")
            if score is not None:
                model.eval()
                history.score.append(float(score(model)))
                model.train()
    model.eval()
    return history


def _step(
    model: Module, inputs: list[Any], target: Any, loss: Any, optimizer: Optimizer, clip: float | None, step: int
) -> float:
    optimizer.zero_grad()
    value = loss(model(*inputs), target)
    number_ = value.item()
    if not math.isfinite(number_):
        raise FloatingPointError(f"fit: the loss is {number_} at step {step}; try a smaller learning rate or clip=1")
    value.backward()
    if clip is not None:
        clip_grad_norm_(optimizer.params, clip)
    optimizer.step()
    return number_


def predict(model: Module, x: Any, batch_size: int = 256) -> Array:
    """Run the model in evaluation mode without recording, batch by batch; return one array.

    Examples
    --------
    >>> from nnlite import nn
    >>> predict(nn.Linear(2, 3, rng=0), np.ones((5, 2))).shape
    (5, 3)
    """
    batch_size = integer(batch_size, "predict: batch_size", low=1)
    x = as_plain(x)
    was_training = model.training
    model.eval()
    try:
        with no_grad():
            outputs = [model(x[i : i + batch_size]).data for i in range(0, max(len(x), 1), batch_size)]
    finally:
        model.train(was_training)
    return np.concatenate(outputs)


def accuracy(scores: Any, labels: Any) -> float:
    """Return the share of rows whose largest score stands at the label.

    Parameters
    ----------
    scores : (N, C)
    labels : integers (N,)

    Examples
    --------
    >>> accuracy([[0.1, 0.9], [0.8, 0.2]], np.array([1, 1]))
    0.5
    """
    scores, labels = np.asarray(as_plain(scores)), np.asarray(as_plain(labels))
    if scores.ndim != 2 or labels.shape != scores.shape[:1]:
        raise ValueError(
            f"accuracy: labels has shape {labels.shape}, expected one for each row of scores {scores.shape}"
        )
    if not len(labels):
        raise ValueError("accuracy: labels is empty, expected at least one")
    return float((scores.argmax(1) == labels).mean())


def save(
    path: str | os.PathLike[str], weights: Module | Mapping[str, Array], metadata: Mapping[str, str] | None = None
) -> None:
    """Write weights to a safetensors file, which any framework opens; the file is whole or not there.

    Parameters
    ----------
    path
        The file.
    weights
        A Module, or what its ``state_dict()`` returns.
    metadata
        Words to keep beside the weights.

    Examples
    --------
    >>> import tempfile
    >>> from nnlite import nn
    >>> path = tempfile.mkdtemp() + "/layer.safetensors"
    >>> save(path, nn.Linear(2, 3, rng=0))
    >>> sorted(load(path))
    ['bias', 'weight']
    """
    state = weights.state_dict() if isinstance(weights, Module) else dict(weights)
    arrays = {name: np.ascontiguousarray(as_plain(a)).reshape(np.shape(as_plain(a))) for name, a in state.items()}
    for name, a in arrays.items():
        if a.dtype.kind not in "fiub":
            raise TypeError(f"save: {name} has dtype {a.dtype}, expected real numbers")
    with replacing(path) as temporary:
        save_file(arrays, temporary, dict(metadata) if metadata else None)


def load(path: str | os.PathLike[str]) -> dict[str, Array]:
    """Read a safetensors file as a ``state_dict``; nothing in it is executed.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is not a whole safetensors file.
    """
    if not Path(path).is_file():
        raise FileNotFoundError(f"load: there is no file {str(path)!r}")
    try:
        return load_file(path)
    except SafetensorError as error:
        raise ValueError(f"load: {str(path)!r} is not a whole safetensors file ({error})") from error
