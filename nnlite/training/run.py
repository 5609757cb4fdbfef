"""A run of training: how far it is, how it takes a step, and all that must be saved for it to go on."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from nnlite.data import DataLoader
from nnlite.nn import Module
from nnlite.nn.module import Buffer
from nnlite.optim import Optimizer, ReduceLROnPlateau, Schedule, clip_grad_norm_
from nnlite.random import derived
from nnlite.tensor import Tensor
from nnlite.training.finite import first_cause, first_gradient
from nnlite.training.history import History
from nnlite.training.interrupt import DeferInterrupt

#: so that step 3 and epoch 3 draw different numbers, and neither those of `manual_seed`, whose key is (seed, 0, 0)
STEP, EPOCH = 1, 2

_END = object()  # of the batches; None may be what a function of the user's returned by mistake


@dataclass
class Progress:
    """What callbacks are told: how far the run is, and what it works on.

    Parameters
    ----------
    model, optimizer, history
        What :func:`nnlite.training.fit` works on.
    step, epoch
        The number of steps taken and of epochs completed.
    """

    model: Module
    optimizer: Optimizer
    history: History
    step: int
    epoch: int


@dataclass(kw_only=True)
class Run:
    """A run of training: what it works on, how far it is, and how it takes a step.

    Parameters
    ----------
    model, batches, loss, optimizer, schedule, clip, score, patience, keep_best, on_step, on_epoch, extra, seed
        As for :func:`nnlite.training.fit`; here the seed is known.
    """

    model: Module
    batches: Iterable[Any]
    loss: Callable[..., Tensor]
    optimizer: Optimizer
    schedule: Schedule | ReduceLROnPlateau | None
    clip: float | None
    score: Callable[[Module], float] | None
    patience: int | None
    keep_best: bool
    on_step: Callable[[Progress], Any] | None
    on_epoch: Callable[[Progress], Any] | None
    extra: Mapping[str, Any]
    seed: int

    def __post_init__(self) -> None:
        if not isinstance(self.batches, Iterable):
            raise TypeError(
                f"fit: batches is a {type(self.batches).__name__}, expected a DataLoader, a list or the like"
            )
        if self.score is None and (self.patience is not None or self.keep_best):
            wanted = "patience" if self.patience is not None else "keep_best"
            raise ValueError(f"fit: score is None, expected a function with {wanted}=")
        if isinstance(self.schedule, ReduceLROnPlateau):
            if self.score is None:
                raise ValueError("fit: score is None, expected a function with schedule=ReduceLROnPlateau(...)")
            if self.schedule.mode != "max":
                raise ValueError("fit: schedule has mode='min', expected mode='max': fit's score is better when larger")
        elif self.schedule is not None and not isinstance(self.schedule, Schedule):
            raise TypeError(f"fit: schedule is a {type(self.schedule).__name__}, expected a Schedule")
        self.step = self.epoch = self.batch = 0  # steps in all, whole epochs, batches of the present epoch
        self.stopped = False
        self.best_score, self.best_epoch = -math.inf, 0
        self.best_weights: dict[str, Any] | None = None
        self.last_loss = math.nan
        self.history = History()
        self.uninterrupted = DeferInterrupt()
        self.generators = Generators(self.model)
        self.counters = Counters(self.model)
        self.buffers: list[Tensor] = []

    @property
    def progress(self) -> Progress:
        """What callbacks are told."""
        return Progress(self.model, self.optimizer, self.history, self.step, self.epoch)

    def rest_of_epoch(self) -> Iterator[None]:
        """Take the steps of this epoch that have not been taken yet."""
        first = self.step - self.batch
        self.buffers = list(self.model.buffers())
        with derived(self.seed, EPOCH, self.epoch):
            ordered = isinstance(self.batches, DataLoader) and type(self.batches).__iter__ is DataLoader.__iter__
            source = self.batches.epoch(self.epoch, self.seed, self.batch) if ordered else iter(self.batches)  # type: ignore[attr-defined]
        for k in range(0 if ordered else self.batch):
            with derived(self.seed, STEP, first + k):
                if next(source, _END) is _END:
                    raise ValueError(
                        f"fit: batches gives {k} batches in epoch {self.epoch}, but the checkpoint has gone through "
                        f"{self.batch}; expected the same batches as before"
                    )
        while True:
            with derived(self.seed, STEP, self.step):
                batch = next(source, _END)
                if batch is _END:
                    break
                self._take_step(batch)
            yield
        if self.batch == 0:
            raise ValueError("fit: batches is empty, expected at least one batch")

    def _take_step(self, batch: Any) -> None:
        if not isinstance(batch, tuple | list) or len(batch) < 2:
            raise TypeError(f"fit: a batch is a {type(batch).__name__}, expected a tuple (input, ..., target)")
        *inputs, target = batch
        undo = [(buffer, buffer.data.copy()) for buffer in self.buffers]
        drawn = self.generators.state_dict()
        try:
            with np.errstate(all="ignore"):  # what is not finite is found below, and named
                loss = self._gradients(inputs, target)
        except BaseException:  # the step is taken wholly or not at all, whatever happens
            for buffer, before in undo:
                np.copyto(buffer.data, before)
            self.generators.load_state_dict(drawn)
            raise
        with self.uninterrupted:
            self.history.add_step(loss, self.optimizer.lr)
            self.optimizer.step()
            if isinstance(self.schedule, Schedule):
                self.schedule.step()
            self.step += 1
            self.batch += 1
            self.last_loss = loss
            if self.on_step is not None and self.on_step(self.progress) is True:
                self.stopped = True

    def _gradients(self, inputs: list[Any], target: Any) -> float:
        self.optimizer.zero_grad()
        loss = self.loss(self.model(*inputs), target)
        if not isinstance(loss, Tensor):
            raise TypeError(f"fit: loss returned a {type(loss).__name__}, expected a Tensor with one element")
        value = loss.item()
        if not math.isfinite(value):
            with derived(self.seed, STEP, self.step):
                cause = first_cause(self.model, inputs, target)
            raise FloatingPointError(
                f"fit: the loss is {value} at step {self.step}: {cause}; try a smaller learning rate or clip=1"
            )
        loss.backward()
        if self.clip is not None:
            try:
                clip_grad_norm_(self.optimizer.params, self.clip, error_if_nonfinite=True)
            except FloatingPointError:
                raise FloatingPointError(
                    f"fit: the gradient is not finite at step {self.step}: {first_gradient(self.model)}; "
                    "try a smaller learning rate"
                ) from None
        return value

    def end_epoch(self) -> None:
        """Take the score, and see whether it was the best or the patience is at an end."""
        score = None
        if self.score is not None:
            self.model.eval()
            with derived(self.seed, EPOCH, self.epoch):
                score = float(self.score(self.model))
            self.model.train()
        with self.uninterrupted:
            self.history.add_epoch(score)
            self.epoch += 1
            self.batch = 0
            if score is not None and score > self.best_score:
                self.best_score, self.best_epoch = score, self.epoch
                if self.keep_best:
                    self.best_weights = self.model.state_dict()
            if isinstance(self.schedule, ReduceLROnPlateau):
                self.schedule.step(score)
            if self.patience is not None and self.epoch - self.best_epoch >= self.patience:
                self.stopped = True
            if self.on_epoch is not None and self.on_epoch(self.progress) is True:
                self.stopped = True

    def state_dict(self) -> dict[str, Any]:
        """Return all that is needed to go on."""
        return {
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "schedule": None if self.schedule is None else self.schedule.state_dict(),
            "extra": {name: part.state_dict() for name, part in self.extra.items()},
            "generators": self.generators.state_dict(),
            "counters": self.counters.state_dict(),
            "history": self.history.state_dict(),
            "seed": self.seed,
            "position": {"step": self.step, "epoch": self.epoch, "batch": self.batch, "stopped": self.stopped},
            "best": {"score": self.best_score, "epoch": self.best_epoch, "weights": self.best_weights},
        }

    def load_state_dict(self, saved: dict[str, Any]) -> None:
        """Go on from what :meth:`state_dict` returned."""
        self.optimizer.load_state_dict(saved["optimizer"])
        if self.schedule is not None:
            self.schedule.load_state_dict(saved["schedule"])
        for name, part in self.extra.items():
            part.load_state_dict(saved["extra"][name])
        self.model.load_state_dict(saved["model"])
        self.generators.load_state_dict(saved["generators"])
        self.counters.load_state_dict(saved.get("counters", {}))
        self.history.load_state_dict(saved["history"])
        self.seed = saved["seed"]
        for name, value in saved["position"].items():
            setattr(self, name, value)
        self.best_score, self.best_epoch = saved["best"]["score"], saved["best"]["epoch"]
        self.best_weights = saved["best"]["weights"]


class Generators:
    """The generators that the parts of a model own, each once, by name.

    Parameters
    ----------
    model
        The model.
    """

    def __init__(self, model: Module) -> None:
        self._named: dict[str, np.random.Generator] = {}
        for prefix, module in model.named_modules():
            for name, value in vars(module).items():
                if isinstance(value, np.random.Generator) and not any(value is g for g in self._named.values()):
                    self._named[f"{prefix}.{name}" if prefix else name] = value

    def state_dict(self) -> dict[str, Any]:
        """Return the state of each."""
        return {name: generator.bit_generator.state for name, generator in self._named.items()}

    def load_state_dict(self, saved: dict[str, Any]) -> None:
        """Set the state of each."""
        for name, generator in self._named.items():
            generator.bit_generator.state = saved[name]


class Counters:
    """What a model changes while it is trained, and no ``state_dict`` knows: plain numbers and non-persistent buffers.

    Parameters
    ----------
    model
        The model.
    """

    def __init__(self, model: Module) -> None:
        self._model = model
        self._first = self._now()
        self._moved: set[tuple[str, str]] = set()

    def _now(self) -> dict[tuple[str, str], Any]:
        found: dict[tuple[str, str], Any] = {}
        for prefix, module in self._model.named_modules():
            for name, value in vars(module).items():
                if isinstance(value, Buffer) and not value.persistent:
                    found[prefix, name] = value.data.copy()
                elif isinstance(value, bool | int | float | np.number) and name != "training":
                    found[prefix, name] = value
        return found

    def state_dict(self) -> dict[str, dict[str, Any]]:
        """Return what has changed since the start, by module and name."""
        now = self._now()
        self._moved |= {key for key, value in now.items() if not _alike(value, self._first.get(key))}
        changed: dict[str, dict[str, Any]] = {}
        for prefix, name in sorted(self._moved & now.keys()):
            changed.setdefault(prefix, {})[name] = now[prefix, name]
        return changed

    def load_state_dict(self, saved: dict[str, dict[str, Any]]) -> None:
        """Take over what :meth:`state_dict` returned, where the model has such a number or buffer."""
        modules = dict(self._model.named_modules())
        for prefix, values in saved.items():
            for name, value in values.items():
                own = vars(modules[prefix]).get(name) if prefix in modules else None
                if isinstance(own, Buffer):
                    own.data = np.array(value, own.data.dtype)
                elif isinstance(own, bool | int | float | np.number):
                    vars(modules[prefix])[name] = value
                self._moved.add((prefix, name))


def _alike(a: Any, b: Any) -> bool:
    if isinstance(a, np.ndarray) and isinstance(b, np.ndarray):
        return a.shape == b.shape and a.tobytes() == b.tobytes()
    return type(a) is type(b) and (a == b or (a != a and b != b))
