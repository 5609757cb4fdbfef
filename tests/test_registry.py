"""Substitution: a student's function in the place of ours, for every caller, and only while it lasts."""

from __future__ import annotations

import importlib
import pkgutil
import threading
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples import arguments, examples

import nnlite
from nnlite import Tensor, nn, optim
from nnlite import functional as F
from nnlite.contracts import floats, trusted, unchecked
from nnlite.differentiable import Differentiable, differentiable
from nnlite.functional.elementwise import mul
from nnlite.registry import REGISTRY, Entry, exercise, find, substitute

for module in pkgutil.walk_packages(nnlite.__path__, "nnlite."):
    if module.name.split(".")[1] in {"functional", "nn", "optim", "models", "diffusion"}:
        importlib.import_module(module.name)

FUNCTIONS = sorted(name for name, entry in REGISTRY.items() if isinstance(entry, Differentiable))

X = np.random.default_rng(0).uniform(0.5, 2, (3, 4)).astype(np.float32)
T = Tensor(X, requires_grad=True)
PICTURE = np.random.default_rng(1).standard_normal((1, 2, 4, 4)).astype(np.float32)
WEIGHT = np.ones((3, 4))
SEQUENCE = np.random.default_rng(2).standard_normal((1, 5, 4)).astype(np.float32)


@pytest.fixture
def scratch() -> Iterator[None]:
    """Forget the functions that the test registers."""
    before = set(REGISTRY)
    yield
    for name in set(REGISTRY) - before:
        del REGISTRY[name]


def one_step(optimizer: Any, **options: Any) -> None:
    """Let an optimizer take a step, on the weight it is given."""
    w = Tensor(np.ones(3), requires_grad=True)
    w.grad = np.ones(3)
    optimizer([w], lr=0.1, **options).step()


def counting(name: str) -> Callable[..., Any]:
    """The library's own formula, as a student would hand it in."""
    return REGISTRY[name].formula


@pytest.mark.parametrize("name", FUNCTIONS)
@examples(2)
@given(data=st.data())
def test_every_function_can_be_replaced(name: str, both_ways: bool, data: st.DataObject) -> None:
    """One call, one count, and the gradient is the replacement's: here ours times three."""
    entry = REGISTRY[name]
    assert isinstance(entry, Differentiable)
    args = data.draw(arguments(name, np.float64))

    def mine(*plain: Any) -> Any:
        y, _ = entry.formula(*plain)
        many = entry.sequence is not None or len(entry.inputs) > 1 or entry.maybe_input is not None
        given = plain[entry.sequence] if entry.sequence is not None else [plain[i] for i in entry.inputs]
        threes = [None if a is None else np.full(a.shape, 3.0) for a in given]
        return y, (lambda dy, needs: threes) if many else (lambda dy: threes[0])

    inputs = args[entry.sequence] if entry.sequence is not None else [args[i] for i in entry.inputs]
    tensors = [None if a is None else Tensor(a, requires_grad=True) for a in inputs]
    if entry.sequence is not None:
        args[entry.sequence] = tensors
    else:
        for i, tensor in zip(entry.inputs, tensors):
            args[i] = tensor
    with substitute({name: mine}) as calls:
        y = entry(*args)
        y.backward(np.ones(y.shape))
    assert calls == {name: 1}
    for tensor in tensors:
        if tensor is not None:
            np.testing.assert_array_equal(tensor.grad, 3.0)
    entry(*args)
    assert calls == {name: 1}, "the library's function is back after the block"


#: who else in the library stands on a function: a way there that does not name it
CALLERS: list[tuple[str, Callable[[], Any]]] = [
    ("functional.add", lambda: T + 1),
    ("functional.add", lambda: X + T),
    ("functional.sub", lambda: 1 - T),
    ("functional.mul", lambda: T * T),
    ("functional.div", lambda: 1 / T),
    ("functional.pow", lambda: T**2),
    ("functional.neg", lambda: -T),
    ("functional.abs", lambda: abs(T)),
    ("functional.matmul", lambda: T @ X.T),
    ("functional.mm", lambda: T @ X.T),
    ("functional.index", lambda: T[0]),
    ("functional.index", lambda: T.split(2)),
    ("functional.sum", lambda: T.sum()),
    ("functional.mean", lambda: T.mean(0)),
    ("functional.amax", lambda: T.max()),
    ("functional.gather", lambda: T.max(1)),
    ("functional.var", lambda: T.std()),
    ("functional.var", lambda: T.std()),
    ("functional.reshape", lambda: T.flatten()),
    ("functional.reshape", lambda: T.view(-1)),
    ("functional.permute", lambda: T.T),
    ("functional.transpose", lambda: T.mT),
    ("functional.cat", lambda: F.stack([T, T])),
    ("functional.cast", lambda: T.astype(np.float64)),
    ("functional.sigmoid", lambda: F.glu(T)),
    ("functional.softmax", lambda: T.softmax()),
    ("functional.softmax", lambda: F.scaled_dot_product_attention(X, X, X)),
    ("functional.dropout", lambda: F.scaled_dot_product_attention(X, X, X, dropout_p=0.5)),
    ("functional.log_softmax", lambda: F.cross_entropy(X, np.array([0, 1, 2]))),
    ("functional.softmax", lambda: nn.MultiheadAttention(4, 2)(SEQUENCE, SEQUENCE, SEQUENCE)),
    ("functional.scaled_dot_product_attention", lambda: nn.MultiheadAttention(4, 2)(SEQUENCE, SEQUENCE, SEQUENCE)),
    ("functional.linear", lambda: nn.MultiheadAttention(4, 2)(SEQUENCE, SEQUENCE, SEQUENCE)),
    ("functional.linear", lambda: nn.Linear(4, 2)(X)),
    ("functional.conv2d", lambda: nn.Conv2d(2, 1, 3)(PICTURE)),
    ("functional.embedding", lambda: nn.Embedding(3, 2)([0, 1])),
    ("functional.layer_norm", lambda: nn.LayerNorm(4)(X)),
    ("functional.rms_norm", lambda: nn.RMSNorm(4)(X)),
    ("functional.group_norm", lambda: nn.GroupNorm(2, 4)(X)),
    ("functional.dropout", lambda: nn.Dropout(0.5)(X)),
    ("functional.relu", lambda: nn.ReLU()(X)),
    ("functional.silu", lambda: nn.SiLU()(X)),
    ("functional.gelu", lambda: nn.GELU()(X)),
    ("functional.tanh", lambda: nn.Tanh()(X)),
    ("functional.sigmoid", lambda: nn.Sigmoid()(X)),
    ("functional.inverted_dropout", lambda: nn.Dropout(0.5)(X)),
    ("functional.inverted_dropout", lambda: nn.Dropout2d(0.5)(PICTURE)),
    ("functional.inverted_dropout", lambda: F.scaled_dot_product_attention(X, X, X, dropout_p=0.5)),
    ("functional.log_softmax", lambda: nn.CrossEntropyLoss()(X, np.array([0, 1, 2]))),
    ("init.kaiming_std", lambda: nn.init.kaiming_normal_(WEIGHT.copy())),
    ("init.kaiming_std", lambda: nn.init.kaiming_uniform_(WEIGHT.copy(), mode="fan_out")),
    ("optim.momentum_step", lambda: one_step(optim.SGD, momentum=0.9)),
    ("optim.momentum_step", lambda: one_step(optim.SGD, momentum=0.9, nesterov=True)),
    ("optim.adam_step", lambda: one_step(optim.Adam)),
    ("optim.adam_step", lambda: one_step(optim.AdamW)),
    ("optim.cosine", lambda: optim.CosineSchedule(optim.SGD([T], lr=0.1), 10, 2).step()),
    ("autodiff.unbroadcast", lambda: (T + Tensor(np.ones(4), requires_grad=True)).sum().backward()),
]


@pytest.mark.parametrize(("name", "call"), CALLERS, ids=[f"{i}-{name}" for i, (name, _) in enumerate(CALLERS)])
def test_every_caller_reaches_the_replacement(name: str, call: Callable[[], Any], both_ways: bool) -> None:
    """Also where a twin would compute the replaced part by itself: that twin is off, and on again afterwards."""
    call()
    with substitute({name: counting(name)}) as calls:
        call()
    assert calls[name] >= 1
    count = calls[name]
    call()
    assert calls[name] == count


def test_a_replacement_is_used_for_the_answer() -> None:
    """Attention with uniform weights is the mean of the values: the answer, not only the count, is the student's."""

    def uniform(x: Any, dim: int = -1) -> Any:
        return np.full_like(x, 1 / x.shape[dim]), lambda dy: np.zeros_like(dy)

    v = np.random.default_rng(0).standard_normal((3, 2)).astype(np.float32)
    with substitute({"functional.softmax": uniform}):
        y = F.scaled_dot_product_attention(X, X, v).data
    np.testing.assert_allclose(y, np.tile(v.mean(0), (3, 1)), rtol=1e-6)


def test_a_substitution_switches_off_its_own_twin_and_those_built_from_it() -> None:
    if not nnlite.kernels_enabled():
        pytest.skip("kernels are switched off")
    attention, softmax = REGISTRY["functional.scaled_dot_product_attention"], REGISTRY["functional.softmax"]
    layer_norm = REGISTRY["functional.layer_norm"]
    assert attention.twin_applies([X])
    with substitute({"functional.softmax": softmax.formula}):
        assert not attention.twin_applies([X])
        assert layer_norm.twin_applies([X])
    assert attention.twin_applies([X])


def test_a_twin_serves_one_known_float_dtype() -> None:
    entry = REGISTRY["functional.softmax"]
    on = nnlite.kernels_enabled()
    assert entry.twin_applies([X]) == on
    assert entry.twin_applies([X, X, 3, None]) == on
    assert not entry.twin_applies([X, X.astype(np.float64)])
    assert not entry.twin_applies([X.astype(np.float16)])
    with nnlite.use_kernels(False):
        assert not entry.twin_applies([X])


def test_float16_runs_on_the_formula() -> None:
    y = F.softmax(X.astype(np.float16))
    assert y.dtype == np.float16
    np.testing.assert_allclose(y.data.sum(-1), 1, rtol=1e-2)


def test_substitutions_nest_and_come_back_after_an_exception() -> None:
    def returns(value: float) -> Any:
        return lambda x: (np.full_like(x, value), lambda dy: dy)

    with substitute({"functional.exp": returns(1)}) as outer:
        with pytest.raises(ZeroDivisionError), substitute({"functional.exp": returns(2)}) as inner:
            assert F.exp(0.0).item() == 2
            raise ZeroDivisionError
        assert F.exp(0.0).item() == 1
    assert F.exp(1.0).item() == pytest.approx(np.e)
    assert (outer, inner) == ({"functional.exp": 1}, {"functional.exp": 1})


def test_several_at_once_are_counted_apart() -> None:
    names = ["functional.exp", "functional.log"]
    with substitute({name: counting(name) for name in names}) as calls:
        F.exp(F.exp(1.0))
        F.log(1.0)
    assert calls == {"functional.exp": 2, "functional.log": 1}


@pytest.mark.parametrize(
    ("functions", "error", "words"),
    [
        ({"functional.sofmax": len}, KeyError, ["functional.sofmax", "did you mean 'functional.softmax'"]),
        ({"functional.exp": 3}, TypeError, ["functional.exp", "3", "expected a function"]),
        ({"functional.exp": len, "functional.lgo": len}, KeyError, ["functional.lgo", "functional.log"]),
    ],
)
def test_a_bad_substitution_replaces_nothing(functions: Any, error: type[Exception], words: list[str]) -> None:
    with pytest.raises(error) as caught, substitute(functions):
        pass
    for word in words:
        assert word in str(caught.value)
    assert REGISTRY["functional.exp"].substitute is None


@pytest.mark.parametrize("wrong", [lambda x: x, lambda x: (x,), lambda x: (x, x), lambda x: None])
def test_a_replacement_that_returns_no_vjp_is_told_so(wrong: Any) -> None:
    with substitute({"functional.exp": wrong}), pytest.raises(TypeError, match=r"functional\.exp.*expected \(y, vjp\)"):
        F.exp(T)


def test_the_contract_is_held_before_the_replacement_is_called(scratch: None) -> None:
    """The student's function sees checked arrays, whatever the caller wrote."""
    seen = []

    @exercise("test.probe", takes=dict(x=floats("N")))
    def probe(x: Any) -> Any:
        """Return the sum."""
        return x.sum()

    assert probe([1, 2]) == 3
    assert probe.__doc__ == "Return the sum."
    with substitute({"test.probe": lambda x: seen.append(x) or 42}) as calls:
        assert probe([1, 2]) == 42
        with pytest.raises(ValueError, match=r"test.probe: x has shape \(\), expected \(N,\)"):
            probe(5)
    assert calls["test.probe"] == 1
    assert isinstance(seen[0], np.ndarray)


def test_a_formula_that_raises_leaves_the_door_closed(scratch: None) -> None:
    """Catches a mark that is not taken back: after one error nothing would be checked any more."""

    @exercise("test.probe", takes=dict(x=floats("N")))
    def probe(x: Any) -> Any:
        raise ZeroDivisionError

    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            probe([1.0])
        assert not trusted()


def test_a_replacement_is_refused_what_any_caller_is(scratch: None) -> None:
    """Catches a mark that stays set while a student's function runs inside a formula."""

    @exercise("test.part", takes=dict(x=floats("N")))
    def part(x: Any) -> Any:
        return x.sum()

    @exercise("test.whole", takes=dict(x=floats("N")))
    def whole(x: Any) -> Any:
        return part(x)

    with substitute({"test.part": lambda x: part("text")}), pytest.raises(TypeError, match=r"test.part: x"):
        whole([1.0])
    assert whole([1.0]) == 1


def test_another_thread_is_checked() -> None:
    """Catches one mark for all threads."""
    seen: list[bool] = []

    @unchecked
    def inside() -> None:
        thread = threading.Thread(target=lambda: seen.append(trusted()))
        thread.start()
        thread.join()

    inside()
    assert seen == [False]


def test_a_users_own_formula_is_refused_what_any_caller_is(scratch: None) -> None:
    """Only what nnlite wrote calls without checks."""

    @exercise("test.mine", takes=dict(x=floats("N")))
    def mine(x: Any) -> Any:
        from nnlite.models import perceptron

        return perceptron.loss(x, x[None], [7])

    with pytest.raises(ValueError, match=r"perceptron.loss: y holds 7"):
        mine([1.0, 2.0])


def test_a_name_is_registered_once(scratch: None) -> None:
    exercise("test.once")(lambda: 1)
    with pytest.raises(ValueError, match=r"'test\.once' is registered twice"):
        exercise("test.once")(lambda: 2)


def test_find() -> None:
    assert find("functional.mul") is mul
    assert isinstance(find("autodiff.unbroadcast"), Entry)
    with pytest.raises(KeyError, match=r"autodiff\.unbrodcast.*did you mean 'autodiff\.unbroadcast'"):
        find("autodiff.unbrodcast")


def test_repr_says_when_it_is_replaced() -> None:
    assert repr(F.exp) == "<functional.exp>"
    with substitute({"functional.exp": counting("functional.exp")}):
        assert repr(F.exp) == "<functional.exp (substituted)>"


def test_a_new_differentiable_function_of_ones_own(scratch: None) -> None:
    """The decorator alone makes a function on arrays work on Tensors, broadcast and keep gradients and dtypes."""

    def scaled(x: Any, factor: Any, power: int = 1) -> Any:
        return x * factor**power, lambda dy, needs: (dy * factor**power, dy * x * power * factor ** (power - 1))

    scaled.__annotations__ = {"x": "Array", "factor": "Array"}
    function = differentiable(scaled)
    x, factor = Tensor(X, requires_grad=True), Tensor(np.float32([2.0]), requires_grad=True)
    y = function(x, factor, power=2)
    y.sum().backward()
    np.testing.assert_allclose(y.data, X * 4)
    np.testing.assert_allclose(x.grad, 4)
    np.testing.assert_allclose(factor.grad, [X.sum() * 4], rtol=1e-6)
    assert factor.grad.dtype == np.float32


def test_a_replacement_that_calls_what_it_replaces_reaches_the_original() -> None:
    """Catches an endless recursion: a student's function may be a wrapper around the library's."""
    from nnlite.models import perceptron

    w, X, y = np.array([1.0, 0.0]), np.array([[1.0, 2.0]]), np.array([-1.0])
    with nnlite.substitute({"perceptron.loss": lambda w, X, y: 2 * perceptron.loss(w, X, y)}) as calls:
        assert perceptron.loss(w, X, y) == 2.0
    assert calls["perceptron.loss"] == 1


def test_a_missing_argument_is_named() -> None:
    from nnlite.models import perceptron

    with pytest.raises(TypeError, match=r"perceptron\.loss: argument 'y' is missing"):
        perceptron.loss(np.zeros(2), np.ones((1, 2)))


def test_everything_with_a_compiled_twin_checks_its_arguments() -> None:
    """A loop without bounds must not be reached with arrays of the wrong size: catches a forgotten contract."""
    for name, entry in nnlite.registry.REGISTRY.items():
        if entry.compiled and not isinstance(entry, nnlite.differentiable.Differentiable):
            assert entry.contract.checks, name
