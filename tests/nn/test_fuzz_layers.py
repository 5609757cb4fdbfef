"""Every layer made and called with something wrong: a result, or an error that names layer or function and argument."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest
from fuzz import ARGUMENTS, STRANGE, answers, described, pens, spoilt
from hypothesis import given
from samples import INITIALISERS, LAYERS, OPTIMIZERS, SCHEDULES, Die, Pen, called_with, examples, made_of

from nnlite import Tensor, nn, optim

INPUTS: list[Any] = [
    *(
        np.ones(shape, dtype)
        for shape in [(), (0,), (3,), (2, 3), (0, 3), (2, 3, 4), (2, 0, 4), (2, 3, 4, 4), (2, 3, 0, 4), (1, 2, 3, 4, 5)]
        for dtype in (np.float32, np.int64)
    ),
    *(None, "a", [1, [2]], 1j, True, {}, object(), np.array(["a"]), np.array([None]), np.array([1j])),
]


def names(name: str) -> dict[str, set[str]]:
    """Whom a layer's message may name, and which arguments: the layer, or the function it calls."""
    make = LAYERS[name]
    own = {*inspect.signature(make).parameters, *inspect.signature(make.forward).parameters, "h0", "c0", "h", "c"}
    return {**ARGUMENTS, name: own}


def one_case(pen: Pen, name: str) -> None:
    make = LAYERS[name]
    options, inputs = made_of(make), called_with(name, pen)
    if options and pen.boolean():
        parameter = pen.one_of(*options)
        value = spoilt(pen, options[parameter], parameter)
        options[parameter] = 2 if isinstance(value, int) and value == 10**6 else value  # which is only large
    else:
        i = pen.integer(0, len(inputs) - 1)
        inputs[i] = spoilt(pen, inputs[i], "")
    named = names(name)
    layer = answers(lambda: make(**options), named, False, described(name, options))
    if layer is None:
        return
    assert repr(layer).startswith(name)
    if pen.boolean():
        layer.eval()
    what = f"{described(name, options)} on {described('', dict(enumerate(inputs)))}"
    result = answers(lambda: layer(*inputs), named, False, what)
    while isinstance(result, tuple):
        result = result[0]
    if result is not None:
        assert isinstance(result, Tensor), f"{what}: gave a {type(result).__name__}"
        if result.requires_grad:
            answers(lambda: result.backward(np.ones(result.shape)), {}, False, f"backward of {what}")


@pytest.mark.parametrize("name", LAYERS)
@examples(30)
@given(pen=pens())
def test_layer(name: str, pen: Pen) -> None:
    one_case(pen, name)


@pytest.mark.parametrize("name", LAYERS)
def test_calls_of_layers(name: str) -> None:
    """The first input, and then the others, in turn become each of the strange ones."""
    layer, named = LAYERS[name](**made_of(LAYERS[name])), names(name)
    count = len(called_with(name, Die(0)))
    for x in INPUTS:
        numbers = isinstance(x, np.ndarray) and x.dtype.kind in "fi"
        for same in [x, Tensor(x)] if numbers else [x]:
            answers(lambda same=same: layer(*[same] * count), named, False, f"{name}()({same!r})")
        for other in INPUTS[::3] if count > 1 else []:
            answers(
                lambda x=x, other=other: layer(x, *[other] * (count - 1)), named, False, f"{name}()({x!r}, {other!r})"
            )


MAKERS = {
    **LAYERS,
    **{name: getattr(optim, name) for name in [*OPTIMIZERS, *SCHEDULES]},
    **{name: getattr(nn.init, name) for name in INITIALISERS},
}


@pytest.mark.parametrize("name", MAKERS)
def test_each_argument_in_turn_is_strange(name: str) -> None:
    make = MAKERS[name]
    for parameter in inspect.signature(make).parameters:
        for value in STRANGE:
            if not (type(value) is int and value == 10**6):  # a million neurons are no mistake, only many
                options = {**made_of(make), parameter: value}
                answers(lambda options=options: make(**options), {name: set(options)}, False, described(name, options))
