"""Every layer, optimizer, schedule and initialiser called with what it is not made for.

Whatever is given, wherever it is given, the answer is a result or a TypeError or ValueError that nnlite itself raises:
never a crash, another exception, or a bare message from inside NumPy.
"""

from __future__ import annotations

import inspect
import math
import traceback
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from nnlite import Tensor, nn, optim

LARGE = 10**6
STRANGE: list[Any] = [
    None, "x", b"a", "same", True, -1, 0, 1, 2, 3, LARGE, 1.5, math.nan, math.inf, 1j, np.int64(2), (), (1,), (2, 3),
    (1, 2, 3), [1], {}, np.ones(2), object(),
]  # fmt: skip
INPUTS: list[Any] = [
    *(
        np.ones(shape, dtype)
        for shape in [(), (0,), (3,), (2, 3), (0, 3), (2, 3, 4), (2, 0, 4), (2, 3, 4, 4), (2, 3, 0, 4), (1, 2, 3, 4, 5)]
        for dtype in (np.float32, np.int64)
    ),
    *(None, "a", [1, [2]], 1j, True, {}, object(), np.array(["a"]), np.array([None]), np.array([1j])),
]
#: what each layer is rightly made of; those that are not here need nothing
MADE_OF: dict[str, tuple[Any, ...]] = {
    "Linear": (3, 2), "Bilinear": (3, 3, 2), "Embedding": (4, 3), "MultiheadAttention": (4, 2), "GroupNorm": (1, 3),
    **dict.fromkeys(["Conv1d", "Conv2d", "ConvTranspose2d"], (3, 4, 2)),
    **dict.fromkeys(["RNN", "GRU", "LSTM", "RNNCell", "GRUCell", "LSTMCell"], (3, 4)),
    **dict.fromkeys(["BatchNorm1d", "BatchNorm2d", "InstanceNorm1d", "InstanceNorm2d", "LayerNorm", "RMSNorm"], (3,)),
    **dict.fromkeys([name for name in vars(nn) if "Pool" in name or "Pixel" in name or name == "Upsample"], (2,)),
}  # fmt: skip
CONTAINERS = {"Module", "Identity", "Sequential", "ModuleList", "ModuleDict"}
LAYERS = {
    name: value
    for name, value in vars(nn).items()
    if inspect.isclass(value) and issubclass(value, nn.Module) and name not in CONTAINERS
}
SCHEDULES: dict[str, dict[str, Any]] = {
    "StepLR": {"step_size": 1}, "MultiStepLR": {"milestones": [1]}, "ExponentialLR": {"gamma": 0.5},
    "CosineAnnealingLR": {"T_max": 3}, "CosineSchedule": {"total_steps": 3}, "WarmupSchedule": {"warmup_steps": 3},
    "OneCycleLR": {"max_lr": 0.1, "total_steps": 5}, "LambdaLR": {"lr_lambda": abs}, "LinearLR": {}, "ConstantLR": {},
    "ReduceLROnPlateau": {}, "CosineAnnealingWarmRestarts": {"T_0": 3}, "CyclicLR": {"base_lr": 0.1, "max_lr": 0.5},
}  # fmt: skip


def answers(call: Callable[[], Any], what: str) -> None:
    try:
        with np.errstate(all="ignore"):
            call()
    except (TypeError, ValueError) as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        assert "nnlite" in last.filename, f"{what}: {error}"


def strange_arguments(make: Callable[..., Any], right: Callable[[], dict[str, Any]]) -> Iterator[tuple[Any, str]]:
    """Each argument in turn becomes each of the strange values, all others being right."""
    for name, parameter in inspect.signature(make).parameters.items():
        if parameter.kind not in {parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD}:
            for value in STRANGE:
                yield {**right(), name: value}, f"{getattr(make, '__name__', make)}({name}={value!r})"


@pytest.mark.parametrize("name", LAYERS)
def test_layers(name: str) -> None:
    made = MADE_OF.get(name, ())
    arguments = dict(zip(inspect.signature(LAYERS[name]).parameters, made))
    for options, what in strange_arguments(LAYERS[name], lambda: arguments):
        if not any(value is LARGE for value in options.values()):  # a million neurons are no mistake, only many
            answers(lambda options=options: LAYERS[name](**options), what)
    layer = LAYERS[name](*made)
    wanted = inspect.signature(layer.forward).parameters.values()
    count = sum(p.default is p.empty for p in wanted)
    if name.endswith("Loss"):
        count = 3 if name in {"MarginRankingLoss", "GaussianNLLLoss"} else 2
    for x in INPUTS:
        numbers = isinstance(x, np.ndarray) and x.dtype.kind in "fi"
        for given in [x, Tensor(x)] if numbers else [x]:
            answers(lambda given=given: layer(*[given] * count), f"{name}()({given!r})")
        for other in INPUTS[::3] if count > 1 else []:
            answers(lambda x=x, other=other: layer(x, *[other] * (count - 1)), f"{name}()({x!r}, {other!r})")


@pytest.mark.parametrize("name", ["SGD", "Adagrad", "RMSprop", "Adam", "AdamW", "Muon", "EMA"])
def test_optimizers(name: str) -> None:
    make = getattr(optim, name)
    for options, what in strange_arguments(make, lambda: {"params": [Tensor(np.ones((2, 2)), requires_grad=True)]}):
        answers(lambda options=options: make(**options), what)


@pytest.mark.parametrize("name", SCHEDULES)
def test_schedules(name: str) -> None:
    make = getattr(optim, name)

    def right() -> dict[str, Any]:
        return {"optimizer": optim.SGD([Tensor([1.0], requires_grad=True)]), **SCHEDULES[name]}

    for options, what in strange_arguments(make, right):
        answers(lambda options=options: make(**options), what)


@pytest.mark.parametrize("name", [name for name in vars(nn.init) if name.endswith("_") and name[0] != "_"])
def test_initialisers(name: str) -> None:
    make, more = getattr(nn.init, name), {"val": 1.0} if name == "constant_" else {}
    for options, what in strange_arguments(make, lambda: {"tensor": np.ones((2, 2)), **more}):
        answers(lambda options=options: make(**options), what)
