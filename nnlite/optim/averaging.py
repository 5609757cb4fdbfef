"""The average of the weights over the last steps, which is often better than the last weights themselves.

average <- decay * average + (1 - decay) * w                (Polyak and Juditsky 1992; for diffusion: Ho et al. 2020)
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from nnlite.arguments import Array, boolean, integer, number, shape_is
from nnlite.optim.optimizer import listed
from nnlite.tensor import Tensor, as_plain


class EMA:
    """An exponential moving average of weights.

    Parameters
    ----------
    params
        Tensors, such as ``model.parameters()``.
    decay
        How much of the average is kept at each update.
    warmup
        Whether the first updates keep less, ``min(decay, (1 + t) / (10 + t))``, so that the random start is forgotten.

    Examples
    --------
    >>> from nnlite import Tensor, optim
    >>> w = Tensor([0.0], requires_grad=True)
    >>> ema = optim.EMA([w], decay=0.9)
    >>> w.data += 1; ema.update()
    >>> with ema.applied():
    ...     w.data.round(3)
    array([0.1], dtype=float32)
    >>> w.data
    array([1.], dtype=float32)
    """

    def __init__(self, params: Iterable[Tensor], decay: float = 0.999, warmup: bool = False) -> None:
        self.params = listed(params, "EMA: params")
        for i, p in enumerate(self.params):
            if not isinstance(p, Tensor):
                raise TypeError(f"EMA: params[{i}] is a {type(p).__name__}, expected a Tensor; give model.parameters()")
        self.decay = number(decay, "EMA: decay", low=0, high=1)
        self.warmup = boolean(warmup, "EMA: warmup")
        self.steps = 0
        self.averages: list[Array] = [p.data.copy() for p in self.params]

    def update(self) -> None:
        """Take the weights of now into the average; call it after each ``optimizer.step()``."""
        for i, (p, average) in enumerate(zip(self.params, self.averages)):
            shape_is(p.data, f"EMA: params[{i}].data", average.shape, "as when the average began")
        self.steps += 1
        decay = min(self.decay, (1 + self.steps) / (10 + self.steps)) if self.warmup else self.decay
        for p, average in zip(self.params, self.averages):
            average *= decay
            average += (1 - decay) * p.data

    @contextlib.contextmanager
    def applied(self) -> Iterator[None]:
        """Put the averages in the place of the weights while the block runs."""
        before = [p.data.copy() for p in self.params]
        self.copy_to()
        try:
            yield
        finally:
            for p, data in zip(self.params, before):
                p.data[...] = data
                p.changed_in_place()

    def copy_to(self) -> None:
        """Write the averages into the weights, for good."""
        for p, average in zip(self.params, self.averages):
            p.data[...] = average
            p.changed_in_place()

    def state_dict(self) -> dict[str, Any]:
        """Return copies of the averages, and the number of updates."""
        return {"steps": self.steps, "averages": [a.copy() for a in self.averages]}

    def load_state_dict(self, saved: Mapping[str, Any]) -> None:
        """Take over what :meth:`state_dict` returned; shapes are checked before anything is changed."""
        arrays = [np.asarray(as_plain(a)) for a in saved["averages"]]
        if len(arrays) != len(self.averages):
            raise ValueError(f"load_state_dict: {len(arrays)} averages, expected {len(self.averages)}")
        for i, (array, own) in enumerate(zip(arrays, self.averages)):
            shape_is(array, f"load_state_dict: averages[{i}]", own.shape)
        steps = integer(saved["steps"], "load_state_dict: steps", low=0)
        for array, own in zip(arrays, self.averages):
            own[...] = array
        self.steps = steps

    def __repr__(self) -> str:
        n, steps = len(self.params), self.steps
        return f"EMA(decay={self.decay:g}, {n} tensor{'s' * (n != 1)}, {steps} update{'s' * (steps != 1)})"
