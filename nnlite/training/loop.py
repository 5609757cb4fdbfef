"""The loop, and everything around it that lets a night's training survive.

The random numbers of step k depend on (seed, k) and the order of the batches in epoch e on (seed, e), never on what
was drawn before. So a checkpoint need not know the past: weights, moments and two counters are enough to go on, and
a run that is killed and started again ends with the same bits as one that was not.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sized
from contextlib import ExitStack
from typing import Any

from nnlite.contracts import flag, instance, integer, number, takes, word
from nnlite.nn import Module
from nnlite.optim import Optimizer, ReduceLROnPlateau, Schedule
from nnlite.random import last_seed
from nnlite.tensor import Tensor
from nnlite.training.history import History
from nnlite.training.resume import CheckpointFile
from nnlite.training.run import Progress, Run


@takes(
    "fit",
    model=instance(Module, "an nn.Module"),
    optimizer=instance(Optimizer, "an Optimizer"),
    epochs=integer(1),
    clip=number(0) | None,
    patience=integer(1) | None,
    keep_best=flag,
    checkpoint_every=integer(1) | None,
    resume=word("same", "anyway"),
    seed=integer(0) | None,
    verbose=flag,
)
def fit(
    model: Module,
    batches: Iterable[Any],
    loss: Callable[..., Tensor],
    optimizer: Optimizer,
    *,
    epochs: int = 1,
    schedule: Schedule | ReduceLROnPlateau | None = None,
    clip: float | None = None,
    score: Callable[[Module], float] | None = None,
    patience: int | None = None,
    keep_best: bool = False,
    on_step: Callable[[Progress], Any] | None = None,
    on_epoch: Callable[[Progress], Any] | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
    checkpoint_every: int | None = None,
    resume: str = "same",
    extra: Mapping[str, Any] | None = None,
    seed: int | None = None,
    verbose: bool = True,
    description: str = "training",
) -> History:
    """Train `model` on `batches` for some epochs.

    Parameters
    ----------
    model
        Called with all but the last item of each batch.
    batches
        Gone through once an epoch; each item is a tuple whose last entry is the target. A DataLoader or a list, for
        instance. An iterator, which can be gone through once only, will do for one epoch without a checkpoint.
    loss
        ``loss(output, target)`` returns a Tensor with one element.
    optimizer, schedule
        Step after each batch; ReduceLROnPlateau steps after each epoch, on the score.
    epochs
        How often to go through the batches.
    clip
        The largest norm the gradient may have.
    score
        Called with the model, in evaluation mode, after each epoch; more is better.
    patience
        Stop when the score has not risen for so many epochs.
    keep_best
        Whether the model ends with the weights of the epoch with the highest score.
    on_step, on_epoch
        Called with a :class:`Progress` after each step and epoch; one that returns True stops the training. A moving
        average of the weights is kept by ``on_step=lambda _: average.update()``.
    checkpoint
        A file. If it exists, the run goes on from it; it is written while training and at the end. No other training
        can use it meanwhile.
    checkpoint_every
        The number of steps between two writes; None for one about every 30 seconds.
    resume : {"same", "anyway"}
        Whether a run may go on from a checkpoint only if it is called as before, or also if the data, the loss or the
        options of model, optimizer and schedule are others now, which then hold from here on.
    extra
        Further objects by name with ``state_dict()`` and ``load_state_dict()``, for instance ``{"average": average}``:
        they go into the checkpoint too.
    seed
        Where all randomness of the run comes from; None for what ``nnlite.manual_seed`` was last given, or else 0.
    verbose
        Whether to show a progress bar.

    Returns
    -------
    History
        Loss and learning rate of each step, score of each epoch.

    Raises
    ------
    ValueError
        If there are no batches; if the checkpoint is cut off, damaged, foreign or newer, or belongs to another run: one
        whose model, loss, optimizer, schedule, clip, data, batch size, order, score, patience, seed, number of threads
        or kernel switch were others, as far as can be seen, or that was to have more epochs. Nothing has been changed
        then. Not seen is, for instance, what a batch generator of your own yields.
    BlockingIOError
        If another training is using the checkpoint.
    FloatingPointError
        If a loss is not finite: the message names the step and the first module whose output was not, and the
        weights are those before that step.

    Notes
    -----
    Step k draws from a generator made from (seed, k), and a DataLoader orders epoch e by (seed, e), so a run that was
    killed and is called again in the same way ends with the same bits as one that was not, on the same machine. For
    this, `batches` other than a DataLoader must be the same in each process, or draw from ``nnlite.random``. A
    generator that a module owns (``nn.Dropout(rng=0)``) goes on where it was: its state is in the checkpoint.

    Ctrl-C waits for the step to be whole, writes the checkpoint and leaves the model as it was after that step.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite import nn, optim, functional as F
    >>> from nnlite.training import fit
    >>> model = nn.Linear(1, 1, rng=0)
    >>> data = [(np.ones((4, 1)), np.zeros((4, 1)))] * 10
    >>> history = fit(model, data, F.mse_loss, optim.SGD(model.parameters(), lr=0.3), verbose=False)
    >>> bool(history.loss[-1] < history.loss[0])
    True
    """
    from tqdm.auto import tqdm

    run = Run(
        model=model, batches=batches, loss=loss, optimizer=optimizer, schedule=schedule, clip=clip, score=score,
        patience=patience, keep_best=keep_best, on_step=on_step, on_epoch=on_epoch, extra=extra or {},
        seed=last_seed() if seed is None else seed,
    )  # fmt: skip
    _refuse_iterator(batches, epochs, checkpoint)
    total = epochs * len(batches) if isinstance(batches, Sized) else None
    file = None
    with ExitStack() as stack:
        if checkpoint is not None:
            file = CheckpointFile(checkpoint, checkpoint_every, run, epochs)
            stack.enter_context(file.opened(seed_given=seed is not None, anyway=resume == "anyway"))
        model.train()
        stack.enter_context(run.uninterrupted.installed())
        bar = stack.enter_context(
            tqdm(total=total, initial=run.step, desc=description, disable=not verbose, leave=False)
        )
        try:
            while run.epoch < epochs and not run.stopped:
                for _ in run.rest_of_epoch():
                    bar.update()
                    if run.step % 10 == 1:
                        bar.set_postfix(loss=f"{run.last_loss:.4f}", refresh=False)
                    if file is not None:
                        file.save_if_due()
                    if run.stopped:
                        break
                else:
                    run.end_epoch()
            if file is not None:
                file.save()
        except KeyboardInterrupt:
            if file is not None:
                file.save()
            raise
        finally:
            model.eval()
    if run.best_weights is not None:
        model.load_state_dict(run.best_weights)
    return run.history


def _refuse_iterator(batches: Any, epochs: int, checkpoint: Any) -> None:
    if isinstance(batches, Iterator) and (epochs > 1 or checkpoint is not None):
        why = "checkpoint=" if checkpoint is not None else f"epochs={epochs}"
        raise ValueError(
            f"fit: batches is an iterator ({type(batches).__name__}), which can be gone through only once; expected a "
            f"DataLoader, a list or another iterable that starts anew each time, with {why}"
        )
