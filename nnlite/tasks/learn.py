"""How a model learns a task: the same optimizer, schedule and test for every system, so that they compare."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from nnlite import optim
from nnlite.arguments import Array
from nnlite.contracts import flag, instance, integer, number, rng, takes
from nnlite.nn import Module
from nnlite.random import generator
from nnlite.tensor import Tensor
from nnlite.training import History, fit, predict


class Task(Protocol):
    """What :func:`learn` needs to know of a task."""

    name: str

    def draw(self, n: int, rng: np.random.Generator) -> tuple[Array, Array]:
        """Return `n` inputs and what is wanted of each."""

    def loss(self, output: Tensor, wanted: Array) -> Tensor:
        """Return the loss of the model's output, a Tensor with one element."""

    def score(self, output: Array, wanted: Array) -> float:
        """Return how good the output is; more is better."""


@takes(
    "learn",
    model=instance(Module, "an nn.Module"),
    steps=integer(1),
    batch_size=integer(1),
    lr=number(0),
    questions=integer(1),
    rng=rng,
    verbose=flag,
)
def learn(
    model: Module,
    task: Task,
    *,
    steps: int = 800,
    batch_size: int = 32,
    lr: float = 3e-3,
    questions: int = 500,
    rng: np.random.Generator | int | None = None,
    verbose: bool = True,
) -> tuple[History, float]:
    """Train a model on examples of a task, then score it on others.

    AdamW, up to 20 steps of warm-up and a cosine down to 5% of the learning rate, gradients clipped at norm 1.

    Parameters
    ----------
    model
        Maps the task's inputs to outputs; it is trained in place.
    task
        Draws the examples and judges the outputs.
    steps, batch_size
        The number of training steps, and of examples in each.
    lr
        The largest learning rate.
    questions
        The number of new examples that the model is scored on.
    rng
        Where the examples come from: Generator, seed or None.
    verbose
        Whether to show a progress bar.

    Returns
    -------
    history : nnlite.training.History
        The loss of each step.
    score : float
        The task's score on examples that the model has not seen.

    Examples
    --------
    >>> from nnlite import nn
    >>> from nnlite.tasks import Recall, learn
    >>> task = Recall(pairs=2, keys=3)
    >>> model = nn.Sequential(nn.Embedding(task.symbols, 8, rng=0), nn.Linear(8, task.symbols, rng=0))
    >>> history, score = learn(model, task, steps=2, rng=0, verbose=False)
    >>> len(history.loss), 0 <= score <= 1
    (2, True)
    """
    rng = generator(rng)
    optimizer = optim.AdamW(model.parameters(), lr=lr)
    schedule = optim.CosineSchedule(optimizer, steps, warmup_steps=min(20, steps), final=0.05)
    batches = [task.draw(batch_size, rng) for _ in range(steps)]
    history = fit(
        model, batches, task.loss, optimizer, schedule=schedule, clip=1.0, verbose=verbose, description=task.name
    )
    inputs, wanted = task.draw(questions, rng)
    return history, task.score(predict(model, inputs), wanted)
