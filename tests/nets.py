"""Random nets, each trained twice: with nnlite and with PyTorch.

A net is drawn from one seed and written down: layers that fit one another, a loss with its targets, an optimizer with
its options, schedules, and one to three steps. Both libraries begin with the same weights. What comes out is everything
that a student could look at on the way: outputs, losses, gradients, learning rates, weights and running statistics.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from comparing import Seen, disagreement, jiggled, plain

import nnlite.nn
import nnlite.optim
from nnlite import Tensor, no_grad

Draw = Any  # a function that returns one of its arguments


class Named(NamedTuple):
    """What both libraries have under one name, and the arguments that it is made with."""

    name: str
    args: tuple[Any, ...] = ()
    options: dict[str, Any] = {}

    def __repr__(self) -> str:
        return f"{self.name}({', '.join([*map(repr, self.args), *(f'{k}={v!r}' for k, v in self.options.items())])})"


class Net(NamedTuple):
    """A net and all that is done to it."""

    seed: int
    dtype: str
    layers: list[tuple[str, Named]]  # each with "plain", "residual" or "again": its weights are used twice
    x: np.ndarray
    loss: Named
    targets: list[np.ndarray]
    optimizer: Named
    groups: list[dict[str, Any]]  # the options in which groups of parameters differ
    schedules: list[Named]
    clip: Named | None
    frozen: set[int]  # the numbers of parameters that do not learn
    training: bool  # or evaluation mode, in which dropout does nothing and running statistics stay
    accumulates: bool  # gradients of all steps are summed
    steps: int

    def __str__(self) -> str:
        lines = [f"seed {self.seed}, {self.dtype}, x {self.x.shape} {self.x.dtype}, {self.steps} steps"]
        lines += [f"    {layer} {how * (how != 'plain')}" for how, layer in self.layers]
        lines += [f"{self.loss} of {[t.shape for t in self.targets]}, {self.optimizer}, groups {self.groups}"]
        lines += [f"schedules {self.schedules}, clip {self.clip}, frozen {self.frozen}"]
        return "\n".join([*lines, f"training {self.training}, accumulates {self.accumulates}"])


ACTIVATIONS = ("ReLU", "Tanh", "Sigmoid", "GELU", "SiLU", "ELU", "SELU", "LeakyReLU", "Softplus", "Mish", "Hardtanh",
               "Hardswish", "Hardsigmoid", "LogSigmoid", "ReLU6", "Softsign", "PReLU", "Identity")  # fmt: skip
TABLES: dict[str, dict[str, tuple[Any, ...]]] = {  # each option of an optimizer, and what it may be
    "SGD": dict(momentum=(0.0, 0.9), dampening=(0.0, 0.5), nesterov=(False, True)),
    "Adagrad": dict(lr_decay=(0.0, 0.1), initial_accumulator_value=(0.1, 1.0)),
    "RMSprop": dict(alpha=(0.99, 0.5), momentum=(0.0, 0.9), centered=(False, True), eps=(1e-2,)),
    "Adam": dict(betas=((0.9, 0.999), (0.5, 0.7)), amsgrad=(False, True), eps=(1e-3, 1e-2)),
    "AdamW": dict(betas=((0.9, 0.999), (0.5, 0.7)), amsgrad=(False, True), eps=(1e-3, 1e-2)),
    "NAdam": dict(momentum_decay=(4e-3, 0.1), decoupled_weight_decay=(False, True), eps=(1e-3, 1e-2)),
    "RAdam": dict(betas=((0.9, 0.999), (0.5, 0.7)), decoupled_weight_decay=(False, True), eps=(1e-3, 1e-2)),
    "Muon": dict(momentum=(0.95, 0.5), nesterov=(False, True), adjust_lr_fn=(None, "match_rms_adamw"), eps=(1e-2,)),
}
# With an eps near 0 the first step of Adam and its like is the sign of the gradient. Where the gradient is 0 but for
# rounding, that sign is decided by rounding, and so is the direction of a step of Muon. No eta_min is a rate to begin
# with: such a CosineAnnealingLR goes nowhere, but PyTorch's pulls rates that another schedule has changed towards it.
SCHEDULES: dict[str, dict[str, tuple[Any, ...]]] = {
    "StepLR": dict(step_size=(1, 2), gamma=(0.5,)),
    "MultiStepLR": dict(milestones=([1], [1, 2], [2]), gamma=(0.3,)),
    "ExponentialLR": dict(gamma=(0.7, 1.2)),
    "LinearLR": dict(start_factor=(0.3, 1.0), end_factor=(1.0, 0.5), total_iters=(1, 2, 5)),
    "ConstantLR": dict(factor=(0.3,), total_iters=(1, 2)),
    "LambdaLR": dict(lr_lambda=(lambda t: 1 / (1 + t),)),
    "CosineAnnealingLR": dict(T_max=(2, 5), eta_min=(0.0, 0.003)),
    "CosineAnnealingWarmRestarts": dict(T_0=(1, 2), T_mult=(1, 2), eta_min=(0.0, 0.003)),
    "CyclicLR": dict(base_lr=(0.01,), max_lr=(0.2,), step_size_up=(1, 2), mode=("triangular", "triangular2")),
    "OneCycleLR": dict(max_lr=(0.2,), total_steps=(3, 7), anneal_strategy=("cos", "linear"), three_phase=(False, True)),
    "ReduceLROnPlateau": dict(patience=(0, 1), factor=(0.5,), threshold=(0.1,)),
    "SequentialLR": dict(milestones=([1], [2])),
    "ChainedScheduler": dict(),
}


def draw(seed: int) -> Net:
    """Write a net down."""
    rng = np.random.default_rng([seed, 1])

    def one(*choices: Any) -> Any:
        return choices[int(rng.integers(len(choices)))]

    dtype, training = one("float32", "float64"), bool(rng.random() < 0.8)
    layers: list[tuple[str, Named]] = []
    batch = one(2, 3, 5) if training else one(1, 2, 3)  # of one alone a batch has no variance
    shape = one((4,), (6,), (2, 6), (3, 5), (4, 4), (2, 5, 5), (3, 4, 6), (4, 3, 3))
    x = np.asarray(rng.uniform(-2, 2, (batch, *shape)), dtype)
    if rng.random() < 0.15:
        x = rng.integers(0, 7, (batch, 4))
        layers.append(("plain", Named("Embedding", (7, 4), {"padding_idx": one(None, 0)})))
        shape = (4, 4)
    for _ in range(int(rng.integers(1, 6))):
        layer = one(*_fitting(one, shape, training))
        if layer.name == "Hardsigmoid" and dtype == "float64":
            continue  # PyTorch's gradient has the 1/6 of float32 there
        after = _shape_after(layer, shape)
        how = one("plain", "residual", "again") if after == shape else "plain"
        layers.append((how, layer))
        shape = after
    if all(layer.name in {*ACTIVATIONS, "Flatten", "Dropout"} for _, layer in layers):
        layers.append(("plain", Named("Linear", (shape[-1], 3))))
        shape = (*shape[:-1], 3)
    loss, targets = _loss(rng, one, (batch, *shape), dtype)
    name = one(*TABLES)
    optimizer = Named(name, (), {"lr": one(0.1, 0.01), **_options(one, TABLES[name])})
    if one(True, False):
        optimizer.options["weight_decay"] = 0.1
    if name != "Muon":  # PyTorch's has no maximize
        optimizer.options["maximize"] = one(False, False, True)
    if optimizer.options.get("nesterov") and name == "SGD":
        optimizer.options.update(momentum=0.9, dampening=0.0)
    schedules = [_schedule(one, name) for _ in range(one(0, 0, 1, 1, 2))]
    # PyTorch's CyclicLR begins at the optimizer's rate instead of base_lr if another schedule was there before it
    schedules.sort(key=lambda s: s.name != "CyclicLR")
    clip = one(None, None, Named("clip_grad_norm_", (0.5,)), Named("clip_grad_value_", (0.05,)))
    return Net(
        seed, dtype, layers, x, loss, targets, optimizer,
        groups=one([{}], [{}], [{}, {"lr": 0.03, "weight_decay": 0.2}]), schedules=schedules, clip=clip,
        frozen={int(k) for k in rng.integers(0, 8, 2)} if rng.random() < 0.25 else set(),
        training=training, accumulates=bool(rng.random() < 0.2), steps=one(1, 2, 3),
    )  # fmt: skip


def _options(one: Draw, table: dict[str, tuple[Any, ...]]) -> dict[str, Any]:
    return {name: one(*choices) for name, choices in table.items()}


def _fitting(one: Draw, shape: tuple[int, ...], training: bool) -> list[Named]:
    """Layers that take a batch of this shape: (d), (channels, length) which also is (time, d), or (channels, H, W)."""
    found = [Named(one(*ACTIVATIONS)), Named("Linear", (shape[-1], one(1, 2, 3, 4)), {"bias": one(True, False)})]
    found += [Named("LayerNorm", (list(shape[-one(1, len(shape)) :]),), {"bias": one(True, False)})]
    found += [Named("RMSNorm", (shape[-1],), {"eps": one(None, 1e-3)}), Named(one("Softmax", "LogSoftmax"), (-1,))]
    found += [Named("Dropout", (0.0 if training else 0.5,))]
    if shape[-1] % 2 == 0:
        found.append(Named("GLU", (-1,)))
    channels, lengths, axes = shape[0], shape[1:], len(shape) - 1
    running = {"affine": one(True, False), "track_running_stats": one(True, not training), "momentum": one(0.1, 0.5)}
    groups = one(*(g for g in (1, 2, 3) if channels % g == 0))
    found += [Named("GroupNorm", (groups, channels), {"affine": one(True, False)})] * (math.prod(shape) > groups)
    if axes == 0:
        found.append(Named("BatchNorm1d", (channels,), running))
        if channels % 2 == 0:
            found.append(Named("Unflatten", (1, one((2, channels // 2), (channels // 2, 2)))))
        return found
    found += [Named("Flatten", one((), (1, 2))), Named(f"BatchNorm{axes}d", (channels,), running)]
    if math.prod(lengths) > 1:
        found.append(Named(f"InstanceNorm{axes}d", (channels,), running))
    found += _convolutions(one, channels, lengths, axes) + _pools(one, lengths, axes)
    if math.prod(shape) <= 48:
        mode, *corners = one(("nearest",), (("linear", "bilinear")[axes - 1], one(True, False)))
        how = {"mode": mode, **({"align_corners": corners[0]} if corners else {})}
        size = one({"scale_factor": 2}, {"size": tuple(n + 1 for n in lengths)})
        found.append(Named("Upsample", (), {**size, **how}))
    if axes == 1:
        d = lengths[0]
        deep = {"num_layers": one(1, 2), "bidirectional": one(True, False), "bias": one(True, False)}
        found += [Named(one("RNN", "GRU", "LSTM"), (d, one(2, 3)), {**deep, "batch_first": True})]
        heads = one(*(h for h in (1, 2, 3) if d % h == 0))
        found += [Named("MultiheadAttention", (d, heads), {"batch_first": True, "bias": one(True, False)})]
    else:
        found += [Named("PixelShuffle", (2,))] * (channels % 4 == 0)
        found += [Named("PixelUnshuffle", (2,))] * (lengths[0] % 2 == lengths[1] % 2 == 0)
    return found


def _convolutions(one: Draw, channels: int, lengths: tuple[int, ...], axes: int) -> list[Named]:
    groups = one(*(g for g in (1, 2, 3) if channels % g == 0))
    out, bias = groups * one(1, 2), one(True, False)
    kernel = tuple(one(1, 2, 3) for _ in lengths)
    stride, dilation = one(1, 2), one(1, 1, 2)
    mode = one("zeros", "zeros", "reflect", "replicate", "circular")
    padding = one(0, 1, "same" if stride == 1 else "valid")
    room = 2 * padding if isinstance(padding, int) else 0
    common = {"dilation": dilation, "groups": groups, "bias": bias}
    found = []
    spans = [dilation * (k - 1) + 1 for k in kernel]
    fits = padding == "same" or all(n + room >= span for n, span in zip(lengths, spans))
    reflects = mode in {"zeros", "replicate"} or all(n > max(2, span // 2) for n, span in zip(lengths, spans))
    if fits and reflects:
        options = {**common, "stride": stride, "padding": padding, "padding_mode": mode}
        found.append(Named(f"Conv{axes}d", (channels, out, kernel), options))
    if channels * math.prod(lengths) <= 48:
        back, more = one(0, 1), one(*range(max(stride, dilation)))
        if all((n - 1) * stride - 2 * back + span + more >= 1 for n, span in zip(lengths, spans)):
            options = {**common, "stride": stride, "padding": back, "output_padding": more}
            found.append(Named(f"ConvTranspose{axes}d", (channels, out, kernel), options))
    return found


def _pools(one: Draw, lengths: tuple[int, ...], axes: int) -> list[Named]:
    # of windows that lie between the pixels, all in the padding, PyTorch's backward() writes beside its memory
    found = [Named(one(f"AdaptiveAvgPool{axes}d", f"AdaptiveMaxPool{axes}d"), (one(1, 2, 3),))]
    kernel, stride, ceil = one(1, 2, 3), one(None, 1, 2), one(True, False)
    padding, dilation = one(0, kernel // 2), one(1, 1, 2)
    options = {"stride": stride, "padding": padding, "ceil_mode": ceil}
    if min(lengths) + 2 * padding >= kernel:
        found.append(Named(f"AvgPool{axes}d", (kernel,), {**options, "count_include_pad": one(True, False)}))
    if min(lengths) + 2 * padding >= dilation * (kernel - 1) + 1 and min(lengths) >= dilation:
        found.append(Named(f"MaxPool{axes}d", (kernel,), {**options, "dilation": dilation}))
    return found


def _loss(rng: Any, one: Draw, shape: tuple[int, ...], dtype: str) -> tuple[Named, list[np.ndarray]]:
    """A loss that takes outputs of this shape, (N, C, ...), and its targets."""
    reduction = {"reduction": one("mean", "sum")}
    real, part = np.asarray(rng.uniform(-2, 2, shape), dtype), np.asarray(rng.uniform(0.1, 1, shape), dtype)
    sides = np.where(rng.random(shape) < 0.5, -1, 1).astype(dtype)
    classes = rng.integers(0, shape[1], (shape[0], *shape[2:]))
    weight = {"weight": np.asarray(rng.uniform(0.5, 2, shape[1]), dtype)} if one(True, False) else {}
    ignore, smooth = {"ignore_index": one(-100, 0)}, {"label_smoothing": one(0.0, 0.1)}
    choices: list[tuple[str, dict[str, Any], list[np.ndarray]]] = [
        ("MSELoss", {}, [real]),
        ("L1Loss", {}, [real]),
        ("SmoothL1Loss", {"beta": one(1.0, 0.3)}, [real]),
        ("HuberLoss", {"delta": one(1.0, 0.3)}, [real]),
        ("BCEWithLogitsLoss", {"pos_weight": part[0]} if one(True, False) else {}, [part]),
        ("SoftMarginLoss", {}, [sides]),
        ("HingeEmbeddingLoss", {"margin": one(1.0, 0.5)}, [sides]),
        ("KLDivLoss", {"log_target": one(True, False)}, [part]),
        ("GaussianNLLLoss", {"full": one(True, False)}, [real, part]),
        ("MarginRankingLoss", {"margin": one(0.0, 0.5)}, [real, sides]),
        ("CrossEntropyLoss", {**weight, **ignore, **smooth}, [classes]),
        ("CrossEntropyLoss", {**weight, **smooth}, [part / part.sum(1, keepdims=True)]),
        ("NLLLoss", {**weight, **ignore}, [classes]),
    ]
    if len(shape) == 2:
        choices.append(("MultiMarginLoss", {**weight, "p": one(1, 2), "margin": one(1.0, 0.5)}, [classes]))
    name, options, targets = one(*choices)
    return Named(name, (), {**options, **reduction}), targets


def _schedule(one: Draw, optimizer: str) -> Named:
    name = one(*SCHEDULES)
    options = _options(one, SCHEDULES[name])
    if name in {"CyclicLR", "OneCycleLR"}:
        options["cycle_momentum"] = optimizer != "Adagrad"  # it has none
    if name in {"SequentialLR", "ChainedScheduler"}:
        inner = ("StepLR", "ExponentialLR", "LinearLR", "ConstantLR")
        options["schedulers"] = [Named(k, (), _options(one, SCHEDULES[k])) for k in (one(*inner), one(*inner))]
    return Named(name, (), options)


def _shape_after(layer: Named, shape: tuple[int, ...]) -> tuple[int, ...]:
    with no_grad():
        made = getattr(nnlite.nn, layer.name)(*layer.args, **layer.options)
        return tuple(_call(made, Tensor(np.zeros((2, *shape), np.float32))).shape[1:])


def _call(layer: Any, x: Any) -> Any:
    """One layer; of recurrent ones and attention the outputs alone."""
    y = layer(x, x, x) if type(layer).__name__ == "MultiheadAttention" else layer(x)
    return y[0] if isinstance(y, tuple) else y


def _forward(net: Net, layers: Any, x: Any) -> Any:
    for (how, _), layer in zip(net.layers, layers):
        y = _call(layer, x)
        x = x + y if how == "residual" else _call(layer, y) if how == "again" else y
    return x


def run(net: Net, torch: Any = None, dtype: str = "", jiggle: Any = None) -> Seen:
    """Train the net, by nnlite or by `torch`, and return what can be seen on the way, each with its name.

    In another precision if `dtype` says so, and from numbers that are off by a rounding if `jiggle` is a generator.
    """
    dtype = dtype or net.dtype
    kit = torch or nnlite
    clips = torch.nn.utils if torch else nnlite.optim

    def given(array: Any) -> Any:
        """A Tensor of the library, where it is real of the dtype of this run."""
        if not isinstance(array, np.ndarray):
            return array
        array = jiggled(array, dtype, jiggle)
        return torch.tensor(array) if torch else Tensor(array)

    def make(room: Any, what: Named, *first: Any) -> Any:
        return getattr(room, what.name)(
            *first, *map(given, what.args), **{k: given(v) for k, v in what.options.items()}
        )

    layers = kit.nn.ModuleList([make(kit.nn, layer) for _, layer in net.layers])
    start = {name: jiggled(value, value.dtype.name, jiggle) for name, value in _weights(net).items()}
    layers.load_state_dict({name: torch.tensor(value) for name, value in start.items()} if torch else start)
    layers = layers.double() if dtype == "float64" else layers
    layers.train(net.training)
    named = list(layers.named_parameters())
    for k, (_, p) in enumerate(named):
        p.requires_grad_(k not in net.frozen)
    learning = [p for _, p in named if len(p.shape) == 2 or net.optimizer.name != "Muon"]
    groups = [learning[k :: len(net.groups)] for k in range(len(net.groups))]
    groups = [{"params": params, **options} for params, options in zip(groups, net.groups) if params]
    optimizer = make(kit.optim, net.optimizer, groups) if groups else None
    schedules = [_scheduled(torch, optimizer, s) for s in net.schedules] if optimizer else []
    loss, x, targets = make(kit.nn, net.loss), given(net.x), [given(t) for t in net.targets]
    if net.x.dtype.kind == "f":
        x.requires_grad_(True)
    seen: Seen = []

    def see(name: str, value: Any) -> None:
        seen.append((name, None if value is None else plain(value)))

    for step in range(net.steps):
        if not net.accumulates:
            layers.zero_grad()
        y = _forward(net, layers, x)
        value = loss(y, *targets)
        see(f"the output of step {step}", y)
        see(f"the loss of step {step}", value)
        if value.requires_grad:
            value.backward()
        see(f"step {step}: the gradient of x", x.grad)
        for name, p in named:
            see(f"step {step}: the gradient of {name}", p.grad)
        if optimizer is None:
            break
        if net.clip is not None and any(p.grad is not None for p in learning):  # PyTorch's cannot clip nothing
            make(clips, Named(net.clip.name), learning, *net.clip.args)
        optimizer.step()
        for schedule in schedules:
            schedule.step(*([float(value.detach())] if type(schedule).__name__ == "ReduceLROnPlateau" else []))
        for k, group in enumerate(optimizer.param_groups):
            see(f"the learning rate of group {k} after step {step}", float(group["lr"]))
        for name, value in layers.state_dict().items():
            see(f"{name} after step {step}", value)
    layers.eval()
    see("the output in evaluation mode", _forward(net, layers, x))
    return seen


def _weights(net: Net) -> dict[str, np.ndarray]:
    """Random weights of the right shapes, and running statistics as a layer begins with them."""
    rng = np.random.default_rng([net.seed, 2])
    layers = nnlite.nn.ModuleList([getattr(nnlite.nn, k.name)(*k.args, **k.options) for _, k in net.layers])
    state = layers.state_dict()
    learnt = {name for name, _ in layers.named_parameters()}
    return {k: rng.uniform(-0.7, 0.7, v.shape).astype(v.dtype) if k in learnt else v for k, v in state.items()}


def _scheduled(torch: Any, optimizer: Any, schedule: Named) -> Any:
    room, options = (torch.optim.lr_scheduler if torch else nnlite.optim), dict(schedule.options)
    if "schedulers" in options:
        options["schedulers"] = [_scheduled(torch, optimizer, inner) for inner in options["schedulers"]]
    return getattr(room, schedule.name)(**options, optimizer=optimizer)


def difference(net: Net, torch: Any) -> str:
    """What the two libraries disagree on first; empty where they agree."""
    return disagreement(run(net), run(net, torch), lambda *how: run(net, torch, *how), net.dtype)


def kinds(nets: list[Net]) -> Iterator[str]:
    """Yield the name of every layer, loss, optimizer and schedule in some nets."""
    for net in nets:
        yield from (layer.name for _, layer in net.layers)
        yield from (net.loss.name, net.optimizer.name, *(s.name for s in net.schedules))
