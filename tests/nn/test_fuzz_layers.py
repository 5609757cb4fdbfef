"""Every layer made and called with something wrong: a result, or an error that names layer or function and argument."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from fuzz import ALLOWED, ARGUMENTS, answers, boolean, described, integer, integers, pens, right, spoilt
from hypothesis import given, settings
from samples import Pen

from nnlite import Tensor, nn

CONTAINERS = {"Module", "Identity", "Sequential", "ModuleList", "ModuleDict", "ParameterList"}
LAYERS = {
    name: value
    for name, value in vars(nn).items()
    if inspect.isclass(value) and issubclass(value, nn.Module) and name not in CONTAINERS
}
#: what each layer is made of and called with; the losses are called as their functions are
MADE_OF: dict[str, tuple[tuple[Any, ...], Callable[[Pen], list[Any]]]] = {
    "Linear": ((3, 2), lambda p: [p.array((4, 3))]),
    "Bilinear": ((3, 4, 2), lambda p: [p.array((5, 3)), p.array((5, 4))]),
    "Embedding": ((4, 3), lambda p: [p.rng.integers(0, 4, (2, 3))]),
    "MultiheadAttention": ((4, 2), lambda p: [p.array((2, 3, 4)), p.array((2, 5, 4)), p.array((2, 5, 4))]),
    "GroupNorm": ((1, 3), lambda p: [p.array((2, 3, 4))]),
    **dict.fromkeys(["Conv1d", "ConvTranspose1d"], ((3, 4, 2), lambda p: [p.array(p.one_of((2, 3, 6), (3, 6)))])),
    "Unflatten": ((1, (3, 2)), lambda p: [p.array((2, 6))]),
    **dict.fromkeys(["Conv2d", "ConvTranspose2d"], ((3, 4, 2), lambda p: [p.array(p.one_of((2, 3, 5, 5), (3, 5, 5)))])),
    **dict.fromkeys(["RNN", "GRU"], ((3, 4), lambda p: [p.array((5, 2, 3)), p.array((1, 2, 4))])),
    "LSTM": ((3, 4), lambda p: [p.array((5, 2, 3)), (p.array((1, 2, 4)), p.array((1, 2, 4)))]),
    **dict.fromkeys(["RNNCell", "GRUCell"], ((3, 4), lambda p: [p.array((2, 3)), p.array((2, 4))])),
    "LSTMCell": ((3, 4), lambda p: [p.array((2, 3)), (p.array((2, 4)), p.array((2, 4)))]),
    "BatchNorm1d": ((3,), lambda p: [p.array(p.one_of((4, 3), (2, 3, 5)))]),
    "InstanceNorm1d": ((3,), lambda p: [p.array(p.one_of((2, 3, 5), (3, 5)))]),
    **dict.fromkeys(["BatchNorm2d", "InstanceNorm2d"], ((3,), lambda p: [p.array((2, 3, 4, 4))])),
    **dict.fromkeys(["LayerNorm", "RMSNorm"], ((3,), lambda p: [p.array((2, 3))])),
    "Upsample": ((2,), lambda p: [p.array((2, 3, 4, 4))]),
    "Dropout1d": ((), lambda p: [p.array((2, 3, 4))]),
    "Dropout2d": ((), lambda p: [p.array((2, 3, 4, 4))]),
    **{name: ((2,), lambda p: [p.array((2, 3, 6))]) for name in LAYERS if "Pool1d" in name},
    **{name: ((2,), lambda p: [p.array((2, 4, 6, 6))]) for name in LAYERS if "Pool2d" in name or "Pixel" in name},
}
ALLOWED_TO_LAYERS: dict[str, Callable[[Any], bool]] = {
    **ALLOWED,
    **dict.fromkeys(["affine", "track_running_stats", "elementwise_affine", "batch_first", "bidirectional", "bias"],
                    boolean),
    **dict.fromkeys(["in_features", "out_features", "in1_features", "in2_features", "num_embeddings", "embedding_dim",
                     "embed_dim", "num_heads", "num_channels", "in_channels", "out_channels", "input_size",
                     "hidden_size", "num_layers", "num_features", "num_parameters"], integer),
    **dict.fromkeys(["kernel_size", "dilation", "normalized_shape"], integers),
    "padding": lambda v: integers(v) or isinstance(v, str),
    "momentum": lambda v: v is None or ALLOWED["momentum"](v),
    "eps": lambda v: v is None or ALLOWED["eps"](v),
    "align_corners": lambda v: v is None or boolean(v),
}  # fmt: skip


def made_of(name: str, pen: Pen) -> tuple[dict[str, Any], list[Any]]:
    """Right arguments for the layer and for its call."""
    parameters = inspect.signature(LAYERS[name]).parameters
    made, inputs = MADE_OF.get(name, ((), lambda p: [p.array((2, 4))]))
    given = [p.default for p in parameters.values()]
    given[: len(made)] = made
    if name.endswith("Loss"):
        loss = LAYERS[name].function  # type: ignore[attr-defined]
        wanted = [v for p, v in right(pen, loss.short_name).items() if p not in LAYERS[name].takes]  # type: ignore[attr-defined]
        return dict(zip(parameters, given)), wanted
    return dict(zip(parameters, given)), inputs(pen)


def one_case(pen: Pen, name: str) -> None:
    make = LAYERS[name]
    options, inputs = made_of(name, pen)
    refused = False
    if options and pen.boolean():
        parameter = pen.one_of(*options)
        value = spoilt(pen, options[parameter], parameter)
        options[parameter] = 2 if isinstance(value, int) and value == 10**6 else value  # which is only large
        allowed = ALLOWED_TO_LAYERS.get(parameter)
        refused = allowed is not None and not allowed(options[parameter])
    else:
        i = pen.integer(0, len(inputs) - 1)
        inputs[i] = spoilt(pen, inputs[i], "")
    own = {*inspect.signature(make).parameters, *inspect.signature(make.forward).parameters, "h0", "c0", "h", "c"}
    named = {**ARGUMENTS, name: own}
    layer = answers(lambda: make(**options), named, refused, described(name, options))
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
@settings(max_examples=30, derandomize=True)
@given(pen=pens())
def test_layer(name: str, pen: Pen) -> None:
    one_case(pen, name)
