"""What happened while training, as plain arrays."""

from __future__ import annotations

import numpy as np

from nnlite.arguments import Array


class History:
    """One loss and learning rate a step, one score an epoch if asked for.

    ``nnlite.plots.history(history)`` draws it.

    Attributes
    ----------
    loss, learning_rate : numpy.ndarray, shape (steps,)
        float64.
    score : numpy.ndarray, shape (epochs,)
        float64; empty if no score was asked for.
    epoch_ends : numpy.ndarray, shape (epochs,)
        How many steps had been taken when each epoch ended.

    Examples
    --------
    >>> from nnlite.training import History
    >>> history = History()
    >>> history.add_step(2.0, 0.1)
    >>> history.loss
    array([2.])
    """

    def __init__(self) -> None:
        self._loss: list[float] = []
        self._learning_rate: list[float] = []
        self._score: list[float] = []
        self._epoch_ends: list[int] = []

    @property
    def loss(self) -> Array:
        """The loss of each step."""
        return np.array(self._loss)

    @property
    def learning_rate(self) -> Array:
        """The learning rate of each step."""
        return np.array(self._learning_rate)

    @property
    def score(self) -> Array:
        """The score after each epoch."""
        return np.array(self._score)

    @property
    def epoch_ends(self) -> Array:
        """How many steps had been taken when each epoch ended."""
        return np.array(self._epoch_ends, np.int64)

    def add_step(self, loss: float, learning_rate: float) -> None:
        """Note a step."""
        self._loss.append(loss)
        self._learning_rate.append(learning_rate)

    def add_epoch(self, score: float | None = None) -> None:
        """Note the end of an epoch."""
        self._epoch_ends.append(len(self._loss))
        if score is not None:
            self._score.append(score)

    def state_dict(self) -> dict[str, Array]:
        """Return the four arrays by name."""
        return {name: getattr(self, name) for name in ("loss", "learning_rate", "score", "epoch_ends")}

    def load_state_dict(self, saved: dict[str, Array]) -> None:
        """Take over what :meth:`state_dict` returned."""
        for name in self.state_dict():
            setattr(self, f"_{name}", saved[name].tolist())

    def __len__(self) -> int:
        """Return the number of steps."""
        return len(self._loss)

    def __repr__(self) -> str:
        if not self._loss:
            return "History(no steps)"
        score = f", score {self._score[-1]:.4g}" if self._score else ""
        return f"History({len(self._loss)} steps, loss {self._loss[0]:.4g} -> {self._loss[-1]:.4g}{score})"
