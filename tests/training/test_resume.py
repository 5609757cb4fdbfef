"""A checkpoint is gone on from by the run that began it: whatever decides the bits is compared, and named."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnlite import functional as F
from nnlite import nn, optim, training
from nnlite.data import DataLoader
from nnlite.training import checkpoint as checkpoints
from nnlite.training import facts

rng = np.random.default_rng(0)
X = rng.standard_normal((24, 3)).astype(np.float32)
Y = (X.sum(1) > 0).astype(np.int64)


class Net(nn.Module):
    """A function for its activation, as many write it."""

    def __init__(self, p: float, activation: Any, scale: float) -> None:
        self.first, self.last = nn.Linear(3, 8, rng=0), nn.Linear(8, 2, rng=1)
        self.dropout, self.activation, self.scale = nn.Dropout(p), activation, scale

    def forward(self, x: Any) -> Any:
        return self.last(self.dropout(self.activation(self.first(x)))) * self.scale


def weighted(output: Any, target: Any, weight: float = 1.0) -> Any:
    return F.cross_entropy(output, target) * weight


def fixed(weight: float) -> Callable[..., Any]:
    return lambda output, target: F.cross_entropy(output, target) * weight


def by_class(weights: Any) -> Callable[..., Any]:
    return lambda output, target: F.cross_entropy(output, target, weight=np.float32([weights[0], weights[1]]))


def constant(value: float) -> Callable[..., Any]:
    return lambda model: value


def on_data(x: Any) -> Callable[..., Any]:
    return lambda model: float(len(list(x)))


class Loss:
    """A loss that keeps its options, as many write it."""

    def __init__(self, weight: Any) -> None:
        self.weight = weight

    def __call__(self, output: Any, target: Any) -> Any:
        return self.scaled(output, target)

    def scaled(self, output: Any, target: Any) -> Any:
        weight = self.weight.weight if isinstance(self.weight, Loss) else self.weight
        return F.cross_entropy(output, target) * weight


class Squared(Loss):
    def __call__(self, output: Any, target: Any) -> Any:
        return F.cross_entropy(output, target) ** 2 * self.weight


Squared.__name__ = "Loss"


class Options:
    """A plain object with numbers in it."""

    def __init__(self, factor: float) -> None:
        self.factor = factor


def run(path: Path | None, keep: Any = None, **changed: Any) -> Any:
    """Train; what is not named is as always. Model and optimizer are put into `keep`."""
    o: dict[str, Any] = dict(
        model=lambda: Net(0.1, F.relu, 1.0), batch_size=8, shuffle=True, data=(X, Y), drop_last=False,
        optimizer=lambda p: optim.AdamW(p, lr=0.01), schedule=lambda o: optim.StepLR(o, 2, gamma=0.5),
        loss=F.cross_entropy, clip=1.0, epochs=3, kind=DataLoader, batches=None,
    )  # fmt: skip
    options = {key: changed.pop(key) for key in list(changed) if key not in o}
    o.update(changed)
    model = o["model"]()
    optimizer = o["optimizer"](model.parameters())
    schedule = o["schedule"] and o["schedule"](optimizer)
    batches = o["batches"] or o["kind"](o["data"], o["batch_size"], shuffle=o["shuffle"], drop_last=o["drop_last"])
    if keep is not None:
        keep.extend([model, optimizer, schedule])
    history = training.fit(
        model, batches, o["loss"], optimizer, schedule=schedule, clip=o["clip"], epochs=o["epochs"],
        checkpoint=path, verbose=False, checkpoint_every=1, **options,
    )  # fmt: skip
    return model.state_dict(), history


def frozen() -> Net:
    model = Net(0.1, F.relu, 1.0)
    model.first.bias.requires_grad = False
    return model


class Other(Net):
    def forward(self, x: Any) -> Any:
        return self.last(self.dropout(self.activation(self.first(x)))) + self.scale


Other.__name__ = "Net"


class ByName(Net):
    """The activation is a name in the code."""

    def forward(self, x: Any) -> Any:
        return self.last(F.relu(self.first(x)))


class ByOtherName(ByName):
    def forward(self, x: Any) -> Any:
        return self.last(F.gelu(self.first(x)))


def np_sum(x: Any) -> Any:
    return np.sum(x)


def np_max(x: Any) -> Any:
    return np.max(x)


np_max.__qualname__ = np_sum.__qualname__


class Foreign(Loss):
    """As if it came with Python: its code is not looked at, but what a callable object keeps is."""


Foreign.__module__ = "logging"


class Optioned(Net):
    """Its options are in an object."""

    def forward(self, x: Any) -> Any:
        return self.last(self.activation(self.first(x))) * self.scale.factor


class Helped(Net):
    """Another method does the work."""

    def forward(self, x: Any) -> Any:
        return self.last(self.helper(x))

    def helper(self, x: Any) -> Any:
        return self.activation(self.first(x))


class OtherHelped(Helped):
    def helper(self, x: Any) -> Any:
        return self.activation(self.first(x)) * 2


ByOtherName.__name__, OtherHelped.__name__ = "ByName", "Helped"


class Scaled(ByName):
    """Its scale belongs to the class."""

    factor = 1.0

    def forward(self, x: Any) -> Any:
        return self.last(self.first(x)) * self.factor


class MoreScaled(Scaled):
    factor = 2.0


MoreScaled.__name__ = "Scaled"


def hooked(factor: float) -> Callable[[], nn.Module]:
    def model() -> nn.Module:
        made = Net(0.1, F.relu, 1.0)
        made.last.register_forward_hook(lambda module, args, output: output * factor)
        return made

    return model


def masked(value: float) -> Callable[[], nn.Module]:
    def model() -> nn.Module:
        made = Net(0.1, F.relu, 1.0)
        made.register_buffer("mask", np.full(3, value), persistent=False)
        return made

    return model


class Falling(optim.Schedule):
    def factor(self, t: int) -> float:
        return 0.9**t


class FallingFaster(optim.Schedule):
    def factor(self, t: int) -> float:
        return 0.8**t


class Steps(optim.SGD):
    def _update(self, p: Any, grad: Any, state: Any, group: Any) -> None:
        p.data -= np.float32(0.1) * grad


class LongerSteps(optim.SGD):
    def _update(self, p: Any, grad: Any, state: Any, group: Any) -> None:
        p.data -= np.float32(0.2) * grad


FallingFaster.__name__, LongerSteps.__name__ = "Falling", "Steps"


class Walk:
    """Batches of the user's own."""

    def __init__(self, x: Any) -> None:
        self.x = x

    def __iter__(self) -> Any:
        return iter([(self.x, Y)])


class BackwardWalk(Walk):
    def __iter__(self) -> Any:
        return iter([(self.x[::-1], Y)])


BackwardWalk.__name__ = "Walk"


def groups(second: float) -> Callable[..., optim.Optimizer]:
    return lambda params: (lambda p: optim.SGD([{"params": p[:1]}, {"params": p[1:], "lr": second}], lr=0.1))([*params])


def reading(factor: Any) -> Callable[..., Any]:
    """A loss that reads a global variable, which is `factor`."""
    room: dict[str, Any] = {"F": F, "factor": factor, "__name__": "mine", "unread": object()}
    exec(
        "def loss(y, t):\n return (lambda: F.cross_entropy(y, t) * (factor(1.0) if callable(factor) else factor))()",
        room,
    )
    return room["loss"]  # type: ignore[no-any-return]


def deeper() -> nn.Module:
    model = Net(0.1, F.relu, 1.0)
    model.last = nn.Sequential(model.last)  # type: ignore[assignment]
    return model


def wider() -> nn.Module:
    model = Net(0.1, F.relu, 1.0)
    model.first, model.last = nn.Linear(3, 9, rng=0), nn.Linear(9, 2, rng=1)
    return model


def drawing(rng: Any = 0) -> nn.Module:
    model = Net(0.1, F.relu, 1.0)
    model.dropout = nn.Dropout(0.1, rng=rng)
    return model


def halves(params: Any) -> optim.Optimizer:
    return optim.AdamW(list(params)[:1], lr=0.01)


class Counter:
    """Something else that goes into the checkpoint."""

    def __init__(self) -> None:
        self.n = 1

    def state_dict(self) -> dict[str, Any]:
        return {"n": self.n}

    def load_state_dict(self, saved: Any) -> None:
        pass


X2 = X.copy()
X2[5, 1] += 1e-3


class Pairs:
    """A data set of the user's own."""

    def __init__(self, x: Any, y: Any) -> None:
        self.x, self.y, self.read = x, y, 0

    def __len__(self) -> int:
        return len(self.x)

    def __getitem__(self, i: int) -> Any:
        self.read += 1
        return self.x[i], self.y[i]


class Reversed(Pairs):
    def __getitem__(self, i: int) -> Any:
        return self.x[-1 - i], self.y[-1 - i]


Reversed.__name__ = "Pairs"


def loaded(data: Any, collate_fn: Any = None) -> DataLoader:
    return DataLoader(data, 8, shuffle=True, collate_fn=collate_fn)


def scaled(factor: float) -> Callable[..., Any]:
    return lambda items: (np.stack([x for x, _ in items]) * np.float32(factor), np.stack([y for _, y in items]))


CHANGES: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    ({}, dict(model=lambda: Net(0.2, F.relu, 1.0)), "the model's dropout.p is 0.1 in the checkpoint, 0.2 here"),
    ({}, dict(model=lambda: Net(0.1, F.gelu, 1.0)), "activation is 'functional.relu' in the checkpoint"),
    ({}, dict(model=lambda: Net(0.1, F.relu, 2.0)), "scale is 1.0 in the checkpoint, 2.0 here"),
    ({}, dict(model=frozen), "first.bias.requires_grad is True in the checkpoint, False here"),
    ({}, dict(model=lambda: Other(0.1, F.relu, 1.0)), "the model's forward is 'forward with code"),
    (dict(model=lambda: Net(0.1, nn.ReLU(), 1.0)), dict(model=lambda: Net(0.1, nn.Tanh(), 1.0)), "kind is 'ReLU'"),
    (
        dict(model=lambda: Net(0.1, nn.LeakyReLU(0.1), 1.0)),
        dict(model=lambda: Net(0.1, nn.LeakyReLU(0.2), 1.0)),
        "negative_slope is 0.1",
    ),
    ({}, dict(loss=lambda y, t: F.cross_entropy(y, t, label_smoothing=0.1)), "the loss is 'functional.cross_entropy'"),
    (dict(loss=fixed(1.0)), dict(loss=fixed(2.0)), "the loss's weight is 1.0 in the checkpoint, 2.0 here"),
    (
        dict(loss=fixed(1.0)),
        dict(loss=lambda y, t, weight=1.0: F.cross_entropy(y, t) * weight + 0.0),
        "the loss's code is '<lambda> with code",
    ),
    (dict(loss=weighted), dict(loss=functools.partial(weighted)), "the loss is 'weighted with code"),
    (dict(loss=fixed(np.array([1.0]))), dict(loss=fixed(np.array([2.0]))), "the loss's weight is 'float64 (1,)"),
    (dict(loss=fixed(nn.Buffer([1.0]))), dict(loss=fixed(nn.Buffer([2.0]))), "the loss's weight is 'float32 (1,)"),
    (dict(loss=by_class([1.0, 2.0])), dict(loss=by_class([1.0, 3.0])), "the loss's weights.1 is 2.0 in the checkpoint"),
    (dict(loss=by_class((1.0, 2.0))), dict(loss=by_class({0: 1.0, 1: 3.0})), "the loss's weights is [1.0, 2.0] in"),
    (dict(loss=by_class({0: 1.0, 1: 2.0})), dict(loss=by_class({0: 1.0, 1: 3.0})), "the loss's weights.1 is 2.0 in"),
    (dict(loss=Loss(1.0)), dict(loss=Loss(2.0)), "the loss's weight is 1.0 in the checkpoint, 2.0 here"),
    (dict(loss=Loss(1.0)), dict(loss=Squared(1.0)), "the loss's __call__ is '__call__ with code"),
    (dict(loss=Loss(1.0)), dict(loss=Loss(Loss(1.0))), "the loss's weight is 1.0 in the checkpoint, 'Loss' here"),
    (dict(loss=Loss(1.0).scaled), dict(loss=Loss(2.0).scaled), "the loss's object.weight is 1.0 in the checkpoint"),
    (
        dict(loss=functools.partial(weighted, weight=1.0)),
        dict(loss=functools.partial(weighted, weight=2.0)),
        "the loss's keywords.weight is 1.0 in the checkpoint, 2.0 here",
    ),
    (
        dict(loss=nn.CrossEntropyLoss()),
        dict(loss=nn.CrossEntropyLoss(label_smoothing=0.1)),
        "label_smoothing is 0.0 in the checkpoint, 0.1 here",
    ),
    ({}, dict(clip=2.0), "clip is 1.0 in the checkpoint, 2.0 here"),
    ({}, dict(clip=None), "clip is 1.0 in the checkpoint, None here"),
    ({}, dict(optimizer=lambda p: optim.AdamW(p, lr=0.01, betas=(0.8, 0.999))), "betas.0 is 0.9 in the checkpoint"),
    ({}, dict(optimizer=lambda p: optim.AdamW(p, lr=0.01, eps=1e-3)), "eps is 1e-08 in the checkpoint, 0.001 here"),
    ({}, dict(optimizer=lambda p: optim.AdamW(p, lr=0.02)), "the learning rate is 0.01 in the checkpoint, 0.02"),
    ({}, dict(schedule=lambda o: optim.StepLR(o, 3, gamma=0.5)), "step_size is 2 in the checkpoint, 3 here"),
    ({}, dict(schedule=lambda o: optim.StepLR(o, 2, gamma=0.1)), "gamma is 0.5 in the checkpoint, 0.1 here"),
    (
        dict(schedule=lambda o: optim.LambdaLR(o, lambda t: 0.5**t)),
        dict(schedule=lambda o: optim.LambdaLR(o, lambda t: 0.6**t)),
        "the schedule's options.lr_lambdas.0 is",
    ),
    (
        dict(schedule=lambda o: optim.SequentialLR(o, [optim.ConstantLR(o), optim.StepLR(o, 2)], [3])),
        dict(schedule=lambda o: optim.SequentialLR(o, [optim.ConstantLR(o), optim.StepLR(o, 3)], [3])),
        "schedulers.1.step_size is 2",
    ),
    ({}, dict(data=(X2, Y)), "the data's arrays.0 is 'float32 (24, 3)"),
    ({}, dict(data=(X, 1 - Y)), "the data's arrays.1 is 'int64 (24,)"),
    (dict(batch_size=16), dict(batch_size=20), "the data's batch_size is 16 in the checkpoint, 20 here"),
    ({}, dict(shuffle=False), "the data's shuffle is True in the checkpoint, False here"),
    (dict(batch_size=12), dict(batch_size=12, drop_last=True), "the data's drop_last is False"),
    (dict(batches=[(X, Y)]), dict(batches=[(X2, Y)]), "the data's content is"),
    (dict(batches=[(X, Y), (X2, Y)]), dict(batches=[(X2, Y), (X, Y)]), "the data's content is"),
    (dict(batches=loaded(list(zip(X, Y)))), dict(batches=loaded(list(zip(X2, Y)))), "the data's items.content is"),
    (dict(batches=loaded(Pairs(X, Y))), dict(batches=loaded(Pairs(X2, Y))), "the data's items.x is 'float32 (24, 3)"),
    (dict(batches=loaded(Pairs(X, Y))), dict(batches=loaded(Reversed(X, Y))), "the data's items.code is '__getitem__"),
    (
        dict(batches=loaded((X, Y), scaled(1))),
        dict(batches=loaded((X, Y), scaled(2))),
        "the data's collate_fn.factor is 1 in the checkpoint, 2 here",
    ),
    (dict(epochs=5), dict(epochs=4), "gone through 5 epochs, here epochs=4"),
    (dict(keep_best=True, score=lambda m: 1.0), dict(keep_best=False, score=lambda m: 1.0), "keep_best is True"),
    (dict(score=lambda m: 1.0), dict(score=lambda m: 2.0), "the score is '<lambda> with code"),
    (dict(score=constant(1.0)), dict(score=constant(2.0)), "the score's value is 1.0 in the checkpoint, 2.0 here"),
    (dict(score=on_data(X)), dict(score=on_data(X2)), "the score's x is 'float32 (24, 3)"),
    (
        dict(score=on_data(loaded((X, Y)))),
        dict(score=on_data(loaded((X2, Y)))),
        "the score's x.arrays.0 is 'float32 (24, 3)",
    ),
    (
        dict(model=lambda: ByName(0.1, F.relu, 1.0)),
        dict(model=lambda: ByOtherName(0.1, F.relu, 1.0)),
        "the model's forward is 'forward with code",
    ),
    (
        dict(model=lambda: Helped(0.1, F.relu, 1.0)),
        dict(model=lambda: OtherHelped(0.1, F.relu, 1.0)),
        "the model's helper is 'helper with code",
    ),
    (
        dict(model=lambda: Optioned(0.1, F.relu, Options(1.0))),
        dict(model=lambda: Optioned(0.1, F.relu, Options(2.0))),
        "the model's scale.factor is 1.0 in the checkpoint, 2.0 here",
    ),
    (dict(score=lambda m: 1.0, patience=5), dict(score=lambda m: 1.0, patience=6), "patience is 5"),
    (
        dict(model=lambda: Scaled(0.1, F.relu, 1.0)),
        dict(model=lambda: MoreScaled(0.1, F.relu, 1.0)),
        "the model's factor is 1.0 in the checkpoint, 2.0 here",
    ),
    (dict(model=hooked(1.0)), dict(model=hooked(2.0)), "the model's last.hooks.0.factor is 1.0 in the checkpoint"),
    (dict(model=masked(1.0)), dict(model=masked(2.0)), "the model's mask is 'float64 (3,)"),
    (dict(schedule=Falling), dict(schedule=FallingFaster), "the schedule's options.factor is 'factor with code"),
    (
        dict(optimizer=lambda p: Steps(p, lr=0.1)),
        dict(optimizer=lambda p: LongerSteps(p, lr=0.1)),
        "the optimizer's code._update is '_update with code",
    ),
    (dict(batches=Walk(X)), dict(batches=Walk(X2)), "the data's x is 'float32 (24, 3)"),
    (dict(batches=Walk(X)), dict(batches=BackwardWalk(X)), "the data's __iter__.code is '__iter__ with code"),
    (dict(loss=reading(1.0)), dict(loss=reading(2.0)), "the loss's factor is 1.0 in the checkpoint, 2.0 here"),
    (dict(loss=reading(Y[0] + 1)), dict(loss=reading(Y[0] + 2)), "the loss's factor is"),
    (
        dict(loss=reading(lambda x: x)),
        dict(loss=reading(lambda x: x + 1.0)),
        "the loss's factor is '<lambda> with code",
    ),
    (
        dict(optimizer=groups(0.05), schedule=None),
        dict(optimizer=groups(0.5), schedule=None),
        "the learning rate of group 1 is 0.05 in the checkpoint, 0.5 here",
    ),
]


@pytest.mark.parametrize(("first", "then", "said"), CHANGES, ids=[said[:40] for _, _, said in CHANGES])
def test_another_run_is_refused_before_anything_changes(tmp_path: Path, first: Any, then: Any, said: str) -> None:
    path = tmp_path / "run"
    run(path, **first)
    before = path.read_bytes()
    then = {**({"score": first["score"]} if "score" in first and "score" not in then else {}), **then}
    keep: list[Any] = []
    with pytest.raises(ValueError) as caught:
        run(path, keep=keep, **then)
    assert said in str(caught.value)
    assert 'pass resume="anyway" to go on all the same' in str(caught.value)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["run"]
    model, optimizer, schedule = keep
    assert optimizer.state == {} and (schedule is None or schedule.t == 0) and model.training
    np.testing.assert_array_equal(model.first.weight.data, nn.Linear(3, 8, rng=0).weight.data)
    run(path, **{**then, "resume": "anyway", "epochs": max(then.get("epochs", 4), 4)})
    assert checkpoints.read(path)["position"]["epoch"] >= 4


def test_the_same_run_called_anew_goes_on_with_the_same_bits(tmp_path: Path) -> None:
    """With fresh objects that mean the same: lambdas written again, lists for tuples, a partial made again."""
    whole = run(None, epochs=4, loss=functools.partial(weighted, weight=0.5))
    for epochs in (1, 2, 2, 4):
        found = run(tmp_path / "run", epochs=epochs, loss=functools.partial(weighted, weight=0.5))
    for name, array in whole[0].items():
        np.testing.assert_array_equal(array, found[0][name])
    np.testing.assert_array_equal(whole[1].loss, found[1].loss)


@pytest.mark.parametrize(
    "loader",
    [lambda: loaded(Pairs(X, Y)), lambda: loaded(list(zip(X, Y))), lambda: loaded((X, Y), scaled(1))],
    ids=["data set", "list of pairs", "collate_fn"],
)
def test_a_run_on_items_goes_on_with_the_bits_of_one_on_arrays(tmp_path: Path, loader: Any) -> None:
    whole = run(None, epochs=3, batches=loaded((X, Y)))
    for epochs in (1, 2, 3):
        found = run(tmp_path / "run", epochs=epochs, batches=loader())
    for name, array in whole[0].items():
        np.testing.assert_array_equal(array, found[0][name])


def test_fewer_epochs_than_it_was_to_have(tmp_path: Path) -> None:
    def stop(progress: Any) -> None:
        if progress.step == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "run", epochs=5, on_step=stop)
    with pytest.raises(ValueError, match="epochs is 5 in the checkpoint, 3 here"):
        run(tmp_path / "run", epochs=3)
    with pytest.raises(ValueError, match="gone through 1 epochs and 1 batches, here epochs=1"):
        run(tmp_path / "run", epochs=1)
    run(tmp_path / "run", epochs=5)


def test_anyway_takes_the_options_of_here_and_the_rest_from_there(tmp_path: Path) -> None:
    """And what is begun anew so is the run that the next call is compared with."""
    path = tmp_path / "run"
    run(path)
    there = checkpoints.read(path)
    other = dict(
        optimizer=lambda p: optim.AdamW(p, lr=0.5, weight_decay=0.3), schedule=lambda o: optim.StepLR(o, 2, gamma=0.1),
        clip=3.0, model=lambda: Net(0.4, F.relu, 1.0),
    )  # fmt: skip
    keep: list[Any] = []
    run(path, keep=keep, epochs=4, resume="anyway", **other)
    model, optimizer, schedule = keep
    (group,) = optimizer.param_groups
    assert (group["weight_decay"], group["initial_lr"], model.dropout.p) == (0.3, 0.5, 0.4)
    assert schedule.t == 12 and optimizer.lr == pytest.approx(0.5 * 0.1**6)
    back = checkpoints.read(path)
    np.testing.assert_array_equal(back["history"]["loss"][:9], there["history"]["loss"])
    run(path, epochs=5, **other)


def test_anyway_cannot_load_what_does_not_fit(tmp_path: Path) -> None:
    path = tmp_path / "run"
    run(path)
    for then, said in (
        (dict(model=deeper), "the model's weights differ"),
        (dict(optimizer=lambda p: optim.SGD(p, lr=0.01)), "the optimizer is 'AdamW'"),
        (dict(schedule=None), "the schedule is 'StepLR'"),
        (dict(model=wider), r"the weight 'first.weight' has shape \(8, 3\) in the checkpoint, \(9, 3\) here"),
        (dict(model=lambda: Net(0.1, F.relu, 1.0).double()), "the weight 'first.bias' has dtype float32 in the"),
        (dict(optimizer=halves), r"the optimizer's parameters is \[\[8, 3\], .* in the checkpoint, \[\[8, 3\]\] here"),
        (dict(model=drawing), "the model's generator 'dropout.rng' is not in the checkpoint"),
        (dict(extra={"more": Counter()}), "extra 'more' is not in the checkpoint"),
    ):
        with pytest.raises(ValueError, match=said) as caught:
            run(path, resume="anyway", **then)
        assert 'resume="anyway"' not in str(caught.value)
    with pytest.raises(ValueError, match=r"fit: resume.*'any'.*anyway"):
        run(path, resume="any")


def test_generators_and_further_objects_must_be_there_again(tmp_path: Path) -> None:
    path = tmp_path / "run"
    run(path, model=drawing, extra={"more": Counter()})
    for then, said in (
        (dict(extra={"more": Counter()}), "the model's generator 'dropout.rng' is in the checkpoint, but not here"),
        (dict(model=drawing), "extra 'more' is in the checkpoint, but not here"),
        (
            dict(model=lambda: drawing(np.random.Generator(np.random.MT19937(0))), extra={"more": Counter()}),
            "the model's generator 'dropout.rng' is a PCG64 in the checkpoint, a MT19937 here",
        ),
    ):
        with pytest.raises(ValueError, match=said) as caught:
            run(path, resume="anyway", **then)
        assert 'resume="anyway"' not in str(caught.value)
    run(path, model=drawing, extra={"more": Counter()}, epochs=4)


def test_anyway_goes_on_with_the_seed_of_here(tmp_path: Path) -> None:
    path = tmp_path / "run"
    run(path, seed=1)
    with pytest.raises(ValueError, match="the seed is 1 in the checkpoint, 2 here"):
        run(path, seed=2)
    run(path, seed=2, resume="anyway", epochs=4)
    assert checkpoints.read(path)["seed"] == 2
    run(path, clip=2.0, resume="anyway", epochs=5)
    assert checkpoints.read(path)["seed"] == 2


def test_the_very_objects_of_a_stopped_run_go_on(tmp_path: Path) -> None:
    """OneCycleLR has moved the momentum of AdamW meanwhile; new objects have that of the start."""

    def stop(progress: Any) -> None:
        if progress.step == 5:
            raise KeyboardInterrupt

    def parts() -> Any:
        model = Net(0.1, F.relu, 1.0)
        optimizer = optim.AdamW(model.parameters(), lr=0.01)
        return model, optimizer, optim.OneCycleLR(optimizer, 0.1, total_steps=9)

    def train(path: Path | None, model: Any, optimizer: Any, schedule: Any, **options: Any) -> Any:
        training.fit(
            model, DataLoader((X, Y), 8, shuffle=True), F.cross_entropy, optimizer, schedule=schedule, epochs=3,
            checkpoint=path, verbose=False, **options,
        )  # fmt: skip
        return model.state_dict()

    whole = train(None, *parts())
    for name, again in (("same", True), ("new", False)):
        first = parts()
        before = first[1].param_groups[0]["betas"]
        with pytest.raises(KeyboardInterrupt):
            train(tmp_path / name, *first, on_step=stop)
        assert first[1].param_groups[0]["betas"] != before
        found = train(tmp_path / name, *(first if again else parts()))
        for key, array in whole.items():
            np.testing.assert_array_equal(array, found[key])


def test_what_a_run_changes_itself_is_not_compared(tmp_path: Path) -> None:
    """A counter in the loss, a list and a dict that the score adds to, a loss that keeps what it saw."""

    def losses() -> Any:
        steps, seen = 0, []

        def loss(output: Any, target: Any) -> Any:
            nonlocal steps
            steps += 1
            seen.append(steps)
            return F.cross_entropy(output, target)

        return loss

    def scores(values: list[float], by_epoch: dict[int, float]) -> Any:
        def score(model: Any) -> float:
            values.append(1.0)
            by_epoch[len(values)] = 1.0
            return 1.0

        return score

    path, loss, values, by_epoch = tmp_path / "run", losses(), [], {}
    run(path, loss=loss, score=scores(values, by_epoch), epochs=1)
    loss(nn.Buffer(np.zeros((1, 2), np.float32)), np.zeros(1, int))  # between two calls
    values.append(2.0)
    by_epoch[7] = 2.0
    run(path, loss=loss, score=scores(values, by_epoch), epochs=2)
    run(path, loss=losses(), score=scores([], {}), epochs=3)
    with pytest.raises(ValueError, match=r"the score is 'score with code .* in the checkpoint, '<lambda> with code"):
        run(path, loss=losses(), score=lambda model: 1.0, epochs=4)


@pytest.mark.parametrize(
    ("change", "later"),
    [(lambda values: values.append(1.0), [7.0]), (lambda values: values.__setitem__(0, 1.0), [1.0, 2.0])],
    ids=["a list that grows", "a list that is written into"],
)
def test_a_list_that_the_run_changes_may_be_any_other(tmp_path: Path, change: Any, later: list[float]) -> None:
    def score(values: list[float]) -> Any:
        def score(model: Any) -> float:
            change(values)
            return 1.0

        return score

    run(tmp_path / "run", score=score([0.0]), epochs=1)
    run(tmp_path / "run", score=score(later), epochs=2)


def test_a_loss_may_refer_to_the_parts_of_its_run(tmp_path: Path) -> None:
    """Their weights are others each time: those of the checkpoint hold. A teacher, which stays, is compared.

    The first call stops before it has saved a step, so that nothing in the checkpoint has been seen to change.
    """

    class Stream:
        passes = 0

        def __iter__(self) -> Any:
            self.passes += 1
            return iter([(X[:8], Y[:8])] * 3)

    def train(epochs: int, teacher: Any, start: int, stop: int = 0) -> None:
        model = Net(0.1, F.relu, 1.0)
        model.first, model.last = nn.Linear(3, 8, rng=start), nn.Linear(8, 2, rng=start)
        optimizer = optim.AdamW(model.parameters(), lr=0.01)
        average = optim.EMA(model.parameters())
        weight, part = model.first.weight, model.last

        def loss(output: Any, target: Any) -> Any:
            wanted = teacher(X[: len(target)]).data
            decay = (weight * weight).sum() * optimizer.lr + (part.bias * part.bias).sum()
            return F.cross_entropy(output, target) + F.mse_loss(output, wanted) + decay

        def score(_: Any) -> float:
            return batches.passes + model.scale + average.steps

        def on_step(progress: Any) -> None:
            average.update()
            if progress.step == stop:
                raise RuntimeError("stopped")

        training.fit(
            model, batches, loss, optimizer, score=score, epochs=epochs, checkpoint=tmp_path / "run", verbose=False,
            extra={"average": average}, on_step=on_step, checkpoint_every=1000,
        )  # fmt: skip

    batches = Stream()
    with pytest.raises(RuntimeError, match="stopped"):
        train(2, nn.Linear(3, 2, rng=5), start=1, stop=2)
    train(2, nn.Linear(3, 2, rng=5), start=2)
    with pytest.raises(ValueError, match=r"the loss's teacher.weight is 'float32 \(2, 3\)"):
        train(3, nn.Linear(3, 2, rng=6), start=3)


def test_a_variable_that_was_never_assigned(tmp_path: Path) -> None:
    def loss(output: Any, target: Any) -> Any:
        return F.cross_entropy(output, target) if len(target) else never

    if not len(X):
        never = 0.0
    run(tmp_path / "run", loss=loss)
    run(tmp_path / "run", loss=loss, epochs=4)


def test_a_message_names_the_first_differences_and_counts_the_rest(tmp_path: Path) -> None:
    run(tmp_path / "run")
    with pytest.raises(ValueError, match=r"the model's activation is .*; .*; .* and 2 more\. Call fit as before"):
        run(
            tmp_path / "run", model=lambda: Net(0.2, F.gelu, 2.0), clip=2.0,
            optimizer=lambda p: optim.AdamW(p, lr=0.01, eps=1e-3),
        )  # fmt: skip


def test_a_checkpoint_of_the_first_format(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It knows too little of its run, and says so; who means it goes on."""
    path = tmp_path / "run"
    run(path)
    saved = checkpoints.read(path)
    del saved["now"]
    for name in ("the model", "the loss", "the data", "clip"):
        del saved["began"][name]
    monkeypatch.setattr(checkpoints, "FORMAT", 1)
    checkpoints.write(path, saved)
    monkeypatch.undo()
    with pytest.raises(
        ValueError,
        match=r"written by an older nnlite, which did not note the model, the loss, clip and 1 more\. Call fit",
    ):
        run(path)
    with pytest.raises(ValueError, match=r"did not note .*; the optimizer's options.0.eps is 1e-08 in the checkpoint"):
        run(path, optimizer=lambda p: optim.AdamW(p, lr=0.01, eps=1e-3))
    run(path, resume="anyway", epochs=4)
    run(path, epochs=5)


def test_what_says_the_same_is_the_same() -> None:
    def one(x: Any, k: int = 2) -> Any:
        return [x + k for _ in range(3)]

    def two(x: Any, k: int = 3) -> Any:
        return [x + k for _ in range(3)]

    assert facts.described(one) == facts.described(one)
    assert facts.described(one)["code"].split()[-1] == facts.described(two)["code"].split()[-1]
    assert [place[1:] for place in facts.differing(facts.described(one), facts.described(two), "it's")][1] == (2, 3)
    assert facts.described(np.float32(0.5)) == 0.5
    assert facts.described(float("nan")) == "nan"
    assert facts.described(X) == facts.described(np.asfortranarray(X)) != facts.described(X.astype(float))
    assert facts.described({"a": (1, [2])}) == {"a": [1, [2]]}
    assert facts.described(list(range(1000))) != facts.described(list(range(1, 1001)))
    assert len(facts.described(list(range(1000)))) < 50
    assert facts.described(functools.partial(lambda *, a=1: a)) != facts.described(functools.partial(lambda *, a=2: a))
    assert facts.described(Foreign(1)) == facts.described(Foreign(1)) != facts.described(Foreign(2))
    assert facts.described(Counter()) == "Counter"  # what has a state is there to be changed
    for kind in (staticmethod, classmethod, property, functools.cached_property, functools.cache):
        first, second = (type("Kind", (Loss,), {"f": kind(f), "__module__": __name__}) for f in (np_sum, np_max))
        assert facts.described(first(1)) != facts.described(second(1)), kind
    assert facts.described(np.tanh) == "tanh" and facts.described(len) == "len"
    assert facts.described({1, 2}) == facts.described({2, 1}) != facts.described({1, 3})
    assert facts.described(Loss(1)) == facts.described(Loss(1)) != facts.described(Loss(2))
    assert facts.described(Path("a")) == "PosixPath" or os.name == "nt"  # not the user's own
    around = Loss(None)
    around.weight = around
    assert facts.described(around)["weight"] == "Loss"
    deep: list[Any] = []
    deep.append(deep)
    assert "list" in repr(facts.described(deep))


def test_anyway_takes_the_learning_rate_of_each_group_from_here(tmp_path: Path) -> None:
    run(tmp_path / "run", optimizer=groups(0.05), schedule=None)
    keep: list[Any] = []
    run(tmp_path / "run", keep=keep, optimizer=groups(0.5), schedule=None, epochs=4, resume="anyway")
    assert [group["lr"] for group in keep[1].param_groups] == [0.1, 0.5]


class Counting(Net):
    """The output depends on a number and on a buffer that no file of weights has."""

    def __init__(self) -> None:
        super().__init__(0.1, F.relu, 1.0)
        self.n = 0
        self.register_buffer("moved", np.zeros(2, np.float32), persistent=False)

    def forward(self, x: Any) -> Any:
        self.n += 1
        self.moved.data = self.moved.data + np.float32(0.1)
        return super().forward(x) * (1 + 0.1 * self.n) + self.moved


def test_what_a_model_counts_goes_on_where_it_was(tmp_path: Path) -> None:
    whole = run(None, model=Counting, epochs=4)
    keep: list[Any] = []
    for epochs in (1, 2, 2, 4):
        found = run(tmp_path / "run", keep=keep, model=Counting, epochs=epochs)
    assert [keep[i].n for i in (0, 3, 6, 9)] == [3, 6, 6, 12]
    for name, array in whole[0].items():
        np.testing.assert_array_equal(array, found[0][name])
    assert run(tmp_path / "other", model=lambda: Net(0.1, F.relu, 1.0))
    assert checkpoints.read(tmp_path / "other")["counters"] == {}


def test_a_model_may_refer_to_itself(tmp_path: Path) -> None:
    def model() -> nn.Module:
        made = Helped(0.1, F.relu, 1.0)
        made.act, made.parent = made.helper, [made]  # type: ignore[attr-defined]
        return made

    run(tmp_path / "run", model=model)
    run(tmp_path / "run", model=model, epochs=4)


def test_large_containers_are_told_in_a_few_words() -> None:
    """A vocabulary, and a list whose parts are shared: written out it would have 20**8 entries."""
    words = {f"word {i}": i for i in range(50_000)}
    assert facts.described(words) == facts.described(dict(reversed(words.items())))
    assert facts.described(words) != facts.described({**words, "word 7": 8})
    assert len(facts.described(words)) < 50

    def nested(last: int) -> Any:
        inside: Any = [last] * 20
        for _ in range(7):
            inside = [inside] * 20
        return inside

    assert facts.described(nested(1)) == facts.described(nested(1)) != facts.described(nested(2))
    assert len(repr(facts.described(nested(1)))) < 20_000


def test_a_long_value_is_cut_in_a_message(tmp_path: Path) -> None:
    run(tmp_path / "run", loss=by_class(list(range(1, 80))))
    with pytest.raises(
        ValueError, match=r"the loss's weights is \[1, 2, 3, .*… in the checkpoint, \[1, 2\] here"
    ) as caught:
        run(tmp_path / "run", loss=by_class([1, 2]))
    assert "40" not in str(caught.value).split("belongs")[1]
