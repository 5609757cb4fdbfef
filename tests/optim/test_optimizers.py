"""Optimizers against PyTorch step by step, their state in its format, and what they promise."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nnlite
from nnlite import Tensor, optim
from nnlite.optim import adam_step

OPTIMIZERS = {
    "SGD": ("SGD", {"lr": 0.1}),
    "SGD momentum": ("SGD", {"lr": 0.1, "momentum": 0.9}),
    "SGD weight decay": ("SGD", {"lr": 0.1, "weight_decay": 0.1}),
    "SGD all": ("SGD", {"lr": 0.1, "momentum": 0.8, "weight_decay": 0.1}),
    "SGD nesterov": ("SGD", {"lr": 0.1, "momentum": 0.8, "nesterov": True, "weight_decay": 0.01}),
    "SGD dampening": ("SGD", {"lr": 0.1, "momentum": 0.8, "dampening": 0.3}),
    "Adagrad": ("Adagrad", {"lr": 0.3}),
    "Adagrad all": (
        "Adagrad",
        {"lr": 0.3, "lr_decay": 0.01, "weight_decay": 0.1, "initial_accumulator_value": 0.5, "eps": 1e-3},
    ),
    "RMSprop": ("RMSprop", {"lr": 0.02}),
    "RMSprop all": (
        "RMSprop",
        {"lr": 0.02, "alpha": 0.9, "eps": 1e-2, "weight_decay": 0.1, "momentum": 0.5, "centered": True},
    ),
    "Adam": ("Adam", {"lr": 0.1}),
    "Adam all": ("Adam", {"lr": 0.1, "betas": (0.8, 0.95), "eps": 1e-3, "weight_decay": 0.1}),
    "AdamW": ("AdamW", {"lr": 0.1}),
    "Adam amsgrad": ("Adam", {"lr": 0.1, "amsgrad": True, "weight_decay": 0.1}),
    "Adam decoupled": ("Adam", {"lr": 0.1, "weight_decay": 0.3, "decoupled_weight_decay": True}),
    "AdamW amsgrad": ("AdamW", {"lr": 0.1, "amsgrad": True, "weight_decay": 0.3}),
    "AdamW all": ("AdamW", {"lr": 0.1, "betas": (0.8, 0.95), "eps": 1e-3, "weight_decay": 0.3}),
    "NAdam": ("NAdam", {"lr": 0.1}),
    "NAdam all": (
        "NAdam",
        {"lr": 0.1, "betas": (0.8, 0.95), "eps": 1e-3, "weight_decay": 0.1, "momentum_decay": 0.02},
    ),
    "NAdam decoupled": ("NAdam", {"lr": 0.1, "weight_decay": 0.3, "decoupled_weight_decay": True}),
    "RAdam": ("RAdam", {"lr": 0.1}),
    "RAdam all": ("RAdam", {"lr": 0.1, "betas": (0.8, 0.7), "eps": 1e-3, "weight_decay": 0.1}),
    "RAdam decoupled": ("RAdam", {"lr": 0.1, "weight_decay": 0.3, "decoupled_weight_decay": True}),
    **{
        f"{name} maximize": (name, {"lr": 0.3 if name == "Adagrad" else 0.1, "weight_decay": 0.1, "maximize": True})
        for name in ("SGD", "Adagrad", "RMSprop", "Adam", "AdamW", "NAdam", "RAdam")
    },
}
every_optimizer = pytest.mark.parametrize("case", OPTIMIZERS.values(), ids=OPTIMIZERS.keys())
SHAPES = [(3, 17), (5,), ()]


def muon_torch(torch: Any, monkeypatch: Any) -> None:
    """PyTorch's Muon rounds to bfloat16, three digits; the oracle shall keep them all."""
    monkeypatch.setattr(torch.Tensor, "bfloat16", lambda self: self.clone())


def weights(rng: Any, dtype: str = "float64") -> list[np.ndarray]:
    return [np.asarray(rng.standard_normal(s), dtype) for s in SHAPES]


def pairs(start: list[np.ndarray], torch: Any) -> tuple[list[Tensor], list[Any]]:
    ours = [Tensor(w.copy(), requires_grad=True) for w in start]
    return ours, [torch.tensor(w, requires_grad=True) for w in start]


def steps_agree(ours: Any, theirs: Any, torch: Any, rng: Any, steps: int = 10) -> None:
    """Random gradients; the second weight gets none in every third step and must stay where it is."""
    params_torch = [p for g in theirs.param_groups for p in g["params"]]
    for step in range(steps):
        ours.zero_grad()
        theirs.zero_grad()
        for k, (p, q) in enumerate(zip(ours.params, params_torch)):
            if k == 1 and step % 3 == 2:
                continue
            p.grad = np.asarray(rng.standard_normal(p.shape), p.dtype)
            q.grad = torch.tensor(p.grad)
        dtypes = [p.dtype for p in ours.params]
        ours.step()
        theirs.step()
        for p, q, dtype in zip(ours.params, params_torch, dtypes):
            tolerance = 1e-5 if dtype == np.float32 else 1e-12
            assert p.dtype == dtype
            np.testing.assert_allclose(p.data, q.detach().numpy(), rtol=tolerance, atol=tolerance)


@every_optimizer
def test_ten_steps_equal_torchs(case: Any, dtype: str, both_ways: bool, rng: Any) -> None:
    torch = pytest.importorskip("torch")
    name, options = case
    ours, theirs = pairs(weights(rng, dtype), torch)
    steps_agree(getattr(optim, name)(ours, **options), getattr(torch.optim, name)(theirs, **options), torch, rng)


def to_torch(torch: Any, value: Any) -> Any:
    """The same nest of dictionaries and lists, with tensors in the place of arrays."""
    if isinstance(value, dict):
        return {k: to_torch(torch, v) for k, v in value.items()}
    if isinstance(value, list):
        return [to_torch(torch, v) for v in value]
    return torch.tensor(value) if isinstance(value, np.ndarray) else value


@pytest.mark.parametrize("direction", ["ours to torch", "torch to ours"])
@every_optimizer
def test_either_library_continues_what_the_other_began(case: Any, direction: str, rng: Any) -> None:
    """Four steps here, the state carried over, ten steps there: equal to ten more steps here."""
    torch = pytest.importorskip("torch")
    name, options = case
    ours, theirs = pairs(weights(rng, "float32"), torch)
    a, b = getattr(optim, name)(ours, **options), getattr(torch.optim, name)(theirs, **options)
    steps_agree(a, b, torch, rng, 4)
    if direction == "ours to torch":
        b = getattr(torch.optim, name)(theirs, lr=99.0)
        b.load_state_dict(to_torch(torch, a.state_dict()))
    else:
        a = getattr(optim, name)(ours, lr=99.0)
        a.load_state_dict(b.state_dict())
    steps_agree(a, b, torch, rng)


def test_groups_have_their_own_options_as_in_torch(rng: Any) -> None:
    torch = pytest.importorskip("torch")
    ours, theirs = pairs(weights(rng, "float32"), torch)

    def groups(params: list[Any]) -> list[dict[str, Any]]:
        return [{"params": params[:1], "lr": 0.1}, {"params": params[1:], "betas": (0.5, 0.9), "weight_decay": 0.0}]

    a = optim.AdamW(groups(ours), lr=0.01, weight_decay=0.3)
    b = torch.optim.AdamW(groups(theirs), lr=0.01, weight_decay=0.3)
    steps_agree(a, b, torch, rng, 3)
    extra_ours, extra_theirs = pairs([rng.standard_normal(4).astype(np.float32)], torch)
    a.add_param_group({"params": extra_ours, "lr": 0.5})
    b.add_param_group({"params": extra_theirs, "lr": 0.5})
    steps_agree(a, b, torch, rng, 3)
    saved = a.state_dict()
    assert [g["params"] for g in saved["param_groups"]] == [[0], [1, 2], [3]]
    fresh = optim.AdamW([{"params": ours[:1]}, {"params": ours[1:]}, {"params": extra_ours}])
    fresh.load_state_dict(saved)
    steps_agree(fresh, b, torch, rng, 3)
    b.load_state_dict(to_torch(torch, fresh.state_dict()))
    steps_agree(fresh, b, torch, rng, 3)


def test_the_saved_state_survives_json_keys(rng: Any) -> None:
    """A file format whose keys are words gives "0" back for 0, and a list for a pair."""
    w = Tensor(np.ones(3, np.float32), requires_grad=True)
    a = optim.Adam([w], lr=0.1)
    w.grad = np.ones(3, np.float32)
    a.step()
    saved = a.state_dict()
    saved["state"] = {str(k): v for k, v in saved["state"].items()}
    saved["param_groups"][0]["betas"] = list(saved["param_groups"][0]["betas"])
    b = optim.Adam([w], lr=99.0)
    b.load_state_dict(saved)
    assert b.lr == 0.1
    np.testing.assert_array_equal(b.state[0]["exp_avg"], a.state[0]["exp_avg"])
    b.step()


# Muon

MUON = {
    "usual": {"lr": 0.02},
    "all": {"lr": 0.1, "weight_decay": 0.3, "momentum": 0.8, "nesterov": False, "ns_steps": 3},
    "rms": {"lr": 0.02, "adjust_lr_fn": "match_rms_adamw", "ns_coefficients": (2.0, -1.5, 0.5)},
}


@pytest.mark.parametrize("options", MUON.values(), ids=MUON.keys())
def test_muon_equals_torchs(options: Any, rng: Any, monkeypatch: Any) -> None:
    torch = pytest.importorskip("torch")
    if not hasattr(torch.optim, "Muon"):
        pytest.skip("this PyTorch has no Muon")
    muon_torch(torch, monkeypatch)
    start = [rng.standard_normal(s).astype(np.float32) for s in [(6, 3), (3, 6), (4, 4)]]
    ours, theirs = pairs(start, torch)
    a, b = optim.Muon(ours, **options), torch.optim.Muon(theirs, **options)
    steps_agree(a, b, torch, rng)
    b.load_state_dict(to_torch(torch, a.state_dict()))
    steps_agree(a, b, torch, rng, 3)
    a = optim.Muon(ours)
    a.load_state_dict(b.state_dict())
    steps_agree(a, b, torch, rng, 3)


def test_newton_schulz_keeps_the_singular_vectors_and_levels_the_values(rng: Any) -> None:
    for shape in [(5, 8), (8, 5), (6, 6)]:
        G = rng.standard_normal(shape)
        U, S, Vt = np.linalg.svd(G, full_matrices=False)
        O = optim.newton_schulz(G, steps=8)
        in_its_axes = U.T @ O @ Vt.T
        np.testing.assert_allclose(in_its_axes, np.diag(in_its_axes.diagonal()), atol=1e-10)
        assert (np.abs(in_its_axes.diagonal() - 1) < 0.35).all()
        assert S.max() / S.min() > 2  # they were not level before
    assert not optim.newton_schulz(np.zeros((2, 3))).any()


def test_muon_leaves_the_rest_to_adamw(rng: Any) -> None:
    """Biases in a group of theirs follow AdamW to the bit; a picture's filters count as the rows of a matrix."""
    w, b, k = (Tensor(rng.standard_normal(s), requires_grad=True) for s in [(3, 4), (3,), (2, 3, 2, 2)])
    twin, flat = Tensor(b.data.copy(), requires_grad=True), Tensor(k.data.reshape(2, 12).copy(), requires_grad=True)
    rest = {"params": [b], "use_muon": False, "lr": 0.3, "betas": (0.8, 0.9), "weight_decay": 0.1}
    muon, adamw = (
        optim.Muon([{"params": [w, k]}, rest], lr=0.1),
        optim.AdamW([twin], lr=0.3, betas=(0.8, 0.9), weight_decay=0.1),
    )
    alone = optim.Muon([flat], lr=0.1)
    for _ in range(4):
        for p in (w, b, k):
            p.grad = rng.standard_normal(p.shape)
        twin.grad, flat.grad = b.grad.copy(), k.grad.reshape(2, 12).copy()
        for optimizer in (muon, adamw, alone):
            optimizer.step()
    np.testing.assert_array_equal(b.data, twin.data)
    np.testing.assert_allclose(k.data.reshape(2, 12), flat.data)


# Weights that are not what they were


def test_a_rebound_array_of_the_same_shape_is_the_one_that_changes(both_ways: bool) -> None:
    for name in ("SGD", "Adam"):
        w = Tensor(np.ones(3), requires_grad=True)
        optimizer = getattr(optim, name)([w], lr=0.5)
        w.grad = np.ones(3)
        optimizer.step()
        before, w.data = w.data, np.full(3, 7.0)
        kept = before.copy()
        optimizer.step()
        np.testing.assert_array_equal(before, kept)
        assert (w.data < 7).all()


@pytest.mark.parametrize(
    ("data", "grad", "error", "words"),
    [
        (np.ones(4), np.ones(4), ValueError, ["params[1].data", "(4,)", "(3,)", "new optimizer"]),
        (np.ones(3, np.float32), np.ones(3), TypeError, ["params[1].data", "float32", "float64"]),
        ([1.0, 2.0, 3.0], np.ones(3), TypeError, ["params[1].data", "list"]),
        (np.ones(3), np.ones(2), ValueError, ["params[1].grad", "(2,)", "(3,)"]),
    ],
)
def test_a_weight_that_does_not_fit_any_more_stops_the_step(data: Any, grad: Any, error: Any, words: Any) -> None:
    first, second = (Tensor(np.ones(3), requires_grad=True) for _ in range(2))
    optimizer = optim.SGD([first, second], lr=0.1)
    first.grad, second.data, second.grad = np.ones(3), data, grad
    with pytest.raises(error) as caught:
        optimizer.step()
    assert all(word in str(caught.value) for word in words), caught.value
    np.testing.assert_array_equal(first.data, 1)  # nothing was changed


def test_a_step_is_a_change_in_place_that_a_graph_notices() -> None:
    w = Tensor(np.ones(3), requires_grad=True)
    loss = (w * w).sum()
    w.grad = np.ones(3)
    optim.SGD([w], lr=0.1).step()
    with pytest.raises(RuntimeError, match="changed in place"):
        loss.backward()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@given(seed=st.integers(0, 2**32 - 1), size=st.sampled_from([0, 1, 2, 7, 33]), strided=st.booleans())
def test_adam_kernel_equals_formula(dtype: Any, seed: int, size: int, strided: bool) -> None:
    if not nnlite.kernels_enabled():
        pytest.skip("kernels are switched off")
    rng = np.random.default_rng(seed)
    w, grad, m = (rng.standard_normal(size).astype(dtype) for _ in range(3))
    v = rng.random(size).astype(dtype)
    grad = np.repeat(grad, 2)[::2] if strided else grad
    options = (0.01, 0.9, 0.99, 1e-8, *rng.choice([0, 0.1], 2), 0.5, 0.1)
    formula, twin = [w.copy(), m.copy(), v.copy()], [w.copy(), m.copy(), v.copy()]
    before = grad.copy()
    adam_step.formula(formula[0], grad, *formula[1:], *options)
    assert adam_step.twin(twin[0], grad, *twin[1:], *options) is twin[0]
    np.testing.assert_array_equal(grad, before)
    for a, b in zip(twin, formula):
        np.testing.assert_allclose(a, b, rtol=1e-5 if dtype == np.float32 else 1e-12, atol=1e-7)


def test_weights_that_are_not_contiguous_are_updated_too(both_ways: bool) -> None:
    """A weight that is a transposed view must change itself, not a copy of itself."""
    data = np.ones((3, 4)).T
    w = Tensor(data, requires_grad=True)
    w.grad = np.ones((4, 3))
    optim.Adam([w], lr=0.5).step()
    np.testing.assert_allclose(data, 0.5)


def test_adam_keeps_its_moments_when_the_data_changes_its_layout(rng: Any) -> None:
    """Moments begun in columns stay what they are when the weights are in rows afterwards, as in PyTorch."""
    torch = pytest.importorskip("torch")
    start = rng.normal(size=(3, 4))
    p, theirs = Tensor(np.asfortranarray(start), requires_grad=True), torch.tensor(start, requires_grad=True)
    ours, reference = optim.Adam([p], lr=0.1), torch.optim.Adam([theirs], lr=0.1)
    for step in range(10):
        p.data = np.ascontiguousarray(p.data) if step in (2, 7) else p.data
        p.data = np.asfortranarray(p.data) if step == 5 else p.data
        p.grad = rng.normal(size=(3, 4))
        theirs.grad = torch.tensor(p.grad)
        ours.step()
        reference.step()
        np.testing.assert_allclose(p.data, theirs.detach().numpy(), rtol=1e-12)


def test_adams_first_step_has_the_length_of_the_learning_rate(both_ways: bool) -> None:
    """The bias correction: m' = g and v' = g^2 at t = 1, whatever the size of the gradient."""
    for size in (1e-3, 1.0, 1e3):
        w = Tensor(np.zeros(1), requires_grad=True)
        w.grad = np.full(1, size)
        optim.Adam([w], lr=0.1).step()
        assert w.data[0] == pytest.approx(-0.1, rel=1e-4)


def test_decoupled_decay_shrinks_weights_whatever_the_gradient(both_ways: bool) -> None:
    """AdamW: w is multiplied by 1 - lr * decay. Adam: the decay is part of the gradient, and is normalised away."""
    decayed = {}
    for name in ("Adam", "AdamW"):
        w = Tensor(np.full(1, 10.0), requires_grad=True)
        w.grad = np.zeros(1)
        getattr(optim, name)([w], lr=0.1, weight_decay=0.1).step()
        decayed[name] = w.data[0]
    assert decayed["AdamW"] == pytest.approx(10 * (1 - 0.01))
    assert decayed["Adam"] == pytest.approx(10 - 0.1, rel=1e-4)


@every_optimizer
def test_each_finds_the_minimum_of_a_bowl(case: Any, both_ways: bool) -> None:
    name, options = case
    w = Tensor(np.array([3.0, -2.0]), requires_grad=True)
    optimizer = getattr(optim, name)([w], **{**options, "weight_decay": 0.0})
    sign = -1 if options.get("maximize") else 1  # the top of a hill
    for _ in range(300):
        optimizer.zero_grad()
        (w * w * sign).sum().backward()
        optimizer.step()
    assert np.abs(w.data).max() < 0.05


@every_optimizer
def test_a_saved_state_continues_as_if_never_interrupted(case: Any, both_ways: bool, rng: Any) -> None:
    name, options = case
    grads = [weights(rng) for _ in range(6)]

    def run(interrupt: bool) -> list[np.ndarray]:
        params = [Tensor(w, requires_grad=True) for w in weights(np.random.default_rng(1))]
        optimizer = getattr(optim, name)(params, **options)
        for t, step in enumerate(grads):
            if interrupt and t == 3:
                saved = optimizer.state_dict()
                params = [Tensor(p.data.copy(), requires_grad=True) for p in params]
                optimizer = getattr(optim, name)(params, **{**options, "lr": 99.0})
                optimizer.load_state_dict(saved)
            for p, g in zip(params, step):
                p.grad = g.copy()
            optimizer.step()
        return [p.data for p in params]

    for a, b in zip(run(False), run(True)):
        np.testing.assert_array_equal(a, b)


def test_the_gradient_itself_is_not_changed(both_ways: bool) -> None:
    for name, options in OPTIMIZERS.values():
        w = Tensor(np.ones(3), requires_grad=True)
        optimizer = getattr(optim, name)([w], **options)
        for _ in range(2):
            w.grad = np.arange(3.0)
            optimizer.step()
            np.testing.assert_array_equal(w.grad, [0, 1, 2])


# Bad input

LEAF = Tensor([1.0], requires_grad=True)
MATRIX = Tensor([[1.0]], requires_grad=True)


def sgd() -> optim.SGD:
    return optim.SGD([Tensor([1.0], requires_grad=True)], lr=0.5)


BAD: list[tuple[Callable[[], Any], type[Exception], list[str]]] = [
    (lambda: optim.SGD(LEAF, 0.1), TypeError, ["SGD", "params", "Tensor", "model.parameters()"]),
    (lambda: optim.SGD([{"params": None}], 0.1), TypeError, ["SGD", "params", "NoneType"]),
    (lambda: optim.SGD([], 0.1), ValueError, ["SGD", "params", "empty"]),
    (lambda: optim.Adam([np.ones(2)], 0.1), TypeError, ["Adam", "params[0]", "ndarray", "Tensor"]),
    (lambda: optim.Adam([LEAF * 2], 0.1), ValueError, ["Adam", "params[0]", "'mul'", "leaf"]),
    (lambda: optim.SGD([LEAF], -0.1), ValueError, ["SGD", "lr", "-0.1", ">= 0"]),
    (lambda: optim.SGD([LEAF], float("nan")), ValueError, ["SGD", "lr", "nan"]),
    (lambda: optim.SGD([LEAF], "fast"), TypeError, ["SGD", "lr", "'fast'", "number"]),
    (lambda: optim.SGD([LEAF], 0.1, momentum=-1), ValueError, ["SGD", "momentum", "-1"]),
    (lambda: optim.SGD([LEAF], 0.1, nesterov=True), ValueError, ["SGD", "nesterov", "momentum"]),
    (lambda: optim.SGD([LEAF], 0.1, weight_decay=-1), ValueError, ["SGD", "weight_decay", "-1"]),
    (lambda: optim.Adam([LEAF], betas=(0.9, 1.0)), ValueError, ["Adam", "betas", "1.0", "below 1"]),
    (lambda: optim.Adam([LEAF], betas=(-0.1, 0.9)), ValueError, ["Adam", "betas[0]", "-0.1"]),
    (lambda: optim.AdamW([LEAF], eps=-1), ValueError, ["AdamW", "eps", "-1"]),
    (lambda: optim.SGD([LEAF], 0.1, 0.9, 0.1, nesterov=True), ValueError, ["SGD", "nesterov", "dampening"]),
    (lambda: optim.SGD([LEAF], 0.1, nesterov=1), TypeError, ["SGD", "nesterov", "1"]),
    (lambda: optim.SGD(7, 0.1), TypeError, ["SGD", "params", "int"]),
    (lambda: optim.SGD([LEAF, LEAF], 0.1), ValueError, ["SGD", "params[1]", "twice"]),
    (lambda: optim.SGD([Tensor(np.array([1]))], 0.1), TypeError, ["SGD", "params[0]", "int64", "float"]),
    (lambda: optim.SGD([{"params": [LEAF]}, {"params": [LEAF]}]), ValueError, ["param_groups[1]", "twice"]),
    (lambda: optim.SGD([{"params": [LEAF], "lrr": 1}]), ValueError, ["SGD", "'lrr'", "did you mean 'lr'"]),
    (lambda: optim.SGD([{"lr": 1}]), TypeError, ["SGD", "'params'"]),
    (lambda: optim.SGD([{"params": [LEAF], "lr": -1}]), ValueError, ["SGD", "lr", "-1"]),
    (lambda: optim.SGD([{"params": []}]), ValueError, ["SGD", "params", "empty"]),
    (lambda: setattr(sgd(), "lr", -1), ValueError, ["SGD", "lr", "-1"]),
    (lambda: optim.Adam([LEAF], betas=0.9), TypeError, ["Adam", "betas", "0.9", "two"]),
    (lambda: optim.Adam([LEAF], amsgrad="yes"), TypeError, ["Adam", "amsgrad", "'yes'"]),
    (lambda: optim.RMSprop([LEAF], alpha=-1), ValueError, ["RMSprop", "alpha", "-1"]),
    (lambda: optim.RMSprop([LEAF], centered=None), TypeError, ["RMSprop", "centered", "None"]),
    (lambda: optim.Adagrad([LEAF], lr_decay=-1), ValueError, ["Adagrad", "lr_decay", "-1"]),
    (lambda: optim.Adagrad([LEAF], initial_accumulator_value=-1), ValueError, ["initial_accumulator_value", "-1"]),
    (lambda: optim.Muon([LEAF]), ValueError, ["Muon", "params[0]", "(1,)", "matrix", "use_muon"]),
    (lambda: optim.Muon([MATRIX], momentum=1), ValueError, ["Muon", "momentum", "below 1"]),
    (lambda: optim.Muon([MATRIX], ns_steps=0), ValueError, ["Muon", "ns_steps", "0"]),
    (lambda: optim.Muon([MATRIX], ns_coefficients=(1, 2)), TypeError, ["Muon", "ns_coefficients", "three"]),
    (lambda: optim.Muon([MATRIX], adjust_lr_fn="orginal"), ValueError, ["adjust_lr_fn", "did you mean 'original'"]),
    (lambda: sgd().load_state_dict({"state": {}}), KeyError, ["load_state_dict", "param_groups"]),
    (
        lambda: sgd().load_state_dict({"state": {}, "param_groups": [{"params": []}]}),
        ValueError,
        ["load_state_dict", "[0]", "[1]"],
    ),
    (
        lambda: sgd().load_state_dict({"state": {}, "param_groups": [{"params": [0], "lr": -1.0}]}),
        ValueError,
        ["SGD", "lr", "-1"],
    ),
    (
        lambda: sgd().load_state_dict({"state": {}, "param_groups": [{"params": [0], "maximize": 3}]}),
        TypeError,
        ["SGD: maximize is 3", "True or False"],
    ),
    (
        lambda: sgd().load_state_dict(
            {"state": {0: {"momentum_buffer": np.ones(3)}}, "param_groups": [{"params": [0]}]}
        ),
        ValueError,
        ["momentum_buffer", "(3,)", "(1,)"],
    ),
]


@pytest.mark.parametrize(("call", "error", "words"), BAD, ids=[f"{i}-{w[0]}" for i, (_, _, w) in enumerate(BAD)])
def test_bad_input(call: Callable[[], Any], error: type[Exception], words: list[str]) -> None:
    with pytest.raises(error) as caught:
        call()
    missing = [word for word in words if word not in str(caught.value)]
    assert not missing, f"the message lacks {missing}: {caught.value}"


def test_the_repr_counts_tensors() -> None:
    a, b, c = (Tensor(np.ones(n), requires_grad=True) for n in (1, 2, 3))
    assert repr(optim.SGD([a, b], lr=0.5)) == "SGD(lr=0.5, 2 tensors)"
    assert repr(optim.Adam([{"params": [a]}, {"params": [b, c], "lr": 2}], lr=0.1)) == (
        "Adam(lr=0.1, 1 tensor; lr=2, 2 tensors)"
    )


def test_muon_climbs_too(rng: Any) -> None:
    """Up along the gradient of f is down along that of -f."""
    start = rng.standard_normal((3, 4))
    up, down = (Tensor(start.copy(), requires_grad=True) for _ in range(2))
    for w, sign, maximize in ((up, 1, True), (down, -1, False)):
        optimizer = optim.Muon([w], lr=0.1, maximize=maximize)
        for step in range(3):
            w.grad = sign * np.cos(np.arange(12.0).reshape(3, 4) + step)
            optimizer.step()
    np.testing.assert_array_equal(up.data, down.data)
