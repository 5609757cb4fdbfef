"""Checks of automatic differentiation: a value y, and a vjp that maps the upstream gradient dy to dx.

The upstream gradient is always drawn. With ones in its place, a vjp that ignores it would pass.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from nnlite.course.checks import KEPT_ELSEWHERE, drawn, same
from nnlite.course.student import Mismatch, kind

dtypes = st.sampled_from([np.float64, np.float32])

# The simplest first: a counterexample is shrunk towards the beginning.
shapes = [(1,), (2,), (3,), (1, 2), (2, 1), (2, 2), (2, 3), (3, 2), (1, 2, 3), (3, 1, 2), (2, 2, 2)]


halves = st.integers(-6, 6)


def arrays(draw: Any, shape: tuple[int, ...], dtype: Any, entries: Any = halves) -> Any:
    """An array of small halves: easy to read, exact in every dtype."""
    size = int(np.prod(shape))
    values = draw(st.lists(entries, min_size=size, max_size=size))
    return np.asarray(np.array(values).reshape(shape) / 2, dtype)


# Which of two inputs want a gradient.
wanted = st.sampled_from([(True, True), (True, False), (False, True)])


def same_if_needed(grads: Any, expected: Any, needs: tuple[bool, bool], sentence: str = "") -> None:
    """Compare the gradients that are needed; in the place of the others stands None."""
    for i, (grad, right, need) in enumerate(zip(grads, expected, needs)):
        label = f"vjp(dy, needs)[{i}]"
        if need:
            same(grad, right, label, sentence)
        elif grad is not None:
            raise Mismatch(f"{label} was not needed (needs is {needs}), expected None in its place.", None, grad, label)


@st.composite
def factors(draw: Any, pairs: Any) -> Any:
    """Two arrays of one dtype, and an upstream gradient of the shape of their product."""
    first, second = draw(st.sampled_from(pairs))
    dtype = draw(dtypes)
    both = np.broadcast_shapes(first, second)
    # Not zero and not alike in the simplest case, or one wrong answer cannot be told from the next.
    entries = ([4, -4, 2, -3], [6, -6, 3, 1], [2, -2, 8, 5])
    return tuple(arrays(draw, s, dtype, st.sampled_from(e)) for s, e in zip((first, second, both), entries))


EQUAL = [(shape, shape) for shape in shapes]
BROADCAST = [((2,), (1,)), ((1,), (2,)), ((2, 1), (2,)), ((2,), (2, 1)), ((), (2,)), ((3, 1), (1, 2)), ((2, 3), ())]


class TestMul:
    """The product element by element, and the gradients of both factors."""

    exercise = "functional.mul"

    @drawn(case=factors(EQUAL), examples=20)
    def test_value(self, student, case):
        """y is the product, element by element."""
        x, other, _ = case
        y, _ = student(x, other)
        same(y, np.array([a * b for a, b in zip(x.flat, other.flat)]).reshape(x.shape), "y")

    @drawn(case=factors(EQUAL), examples=30)
    def test_vjp(self, student, case):
        """vjp(dy, needs) is dL/dx and dL/dother: each factor's gradient is dy times the other factor."""
        x, other, dy = case
        _, vjp = student(x, other)
        same_if_needed(vjp(dy, (True, True)), (other * dy, x * dy), (True, True))

    @drawn(case=factors(EQUAL), needs=wanted, examples=20)
    def test_needs(self, student, case, needs):
        """Where needs says False, None stands in the place of the gradient."""
        x, other, dy = case
        _, vjp = student(x, other)
        same_if_needed(vjp(dy, needs), (other * dy, x * dy), needs)

    @drawn(case=factors(BROADCAST), examples=20)
    def test_broadcasting(self, student, case):
        """Where a factor is broadcast, its gradient still has the shape of y: nothing is summed here."""
        x, other, dy = case
        y, vjp = student(x, other)
        same(y, np.multiply(x, other), "y")
        same_if_needed(vjp(dy, (True, True)), (other * dy, x * dy), (True, True))

    @drawn(case=factors(EQUAL), examples=8)
    def test_zeros(self, student, case):
        """A factor of 0 is a factor like any other."""
        x, other, dy = case
        x, other = x * (x > 0), other * (other < 0)
        _, vjp = student(x, other)
        same_if_needed(vjp(dy, (True, True)), (other * dy, x * dy), (True, True))

    @drawn(case=factors(EQUAL), examples=8)
    def test_vjp_again(self, student, case):
        """The vjp of one call stays the same after other calls, and after it was called itself."""
        x, other, dy = case
        _, vjp = student(x, other)
        student(other + 1, x)[1](dy, (True, True))
        vjp(dy, (True, True))
        same_if_needed(vjp(3 * dy, (True, True)), (3 * other * dy, 3 * x * dy), (True, True), KEPT_ELSEWHERE)


@st.composite
def graphs(draw: Any) -> Any:
    """A graph of a few nodes with up to two inputs each, whose numbers say nothing about the order."""
    n = draw(st.integers(1, 6))
    place = draw(st.permutations(range(n)))
    inputs: list[tuple[int, ...]] = [()] * n
    for i in range(1, n):
        inputs[place[i]] = tuple(place[j] for j in draw(st.lists(st.integers(0, i - 1), max_size=2)))
    return tuple(inputs)


def an_order(inputs: Any) -> list[int]:
    """One right order, by its definition: again and again, a node that no other of the rest uses."""
    rest, order = set(range(len(inputs))), []
    while rest:
        order.append(min(rest - {source for node in rest for source in inputs[node]}))
        rest.remove(order[-1])
    return order


def is_node(value: Any, inputs: Any) -> bool:
    """Say whether a value is the number of a node."""
    return isinstance(value, int | np.integer) and not isinstance(value, bool) and bool(0 <= value < len(inputs))


class TestTopologicalOrder:
    """The order in which gradients are passed back."""

    exercise = "autodiff.topological_order"

    @drawn(inputs=graphs(), examples=30)
    def test_every_node_once(self, student, inputs):
        """Every node stands in the order, and stands there once."""
        order = student(inputs)
        if len(order) > len(inputs):
            sentence = f"The order has {len(order)} entries, expected {len(inputs)}: each node once."
            raise Mismatch(sentence, an_order(inputs), order[:20], "the order")
        for node in order:
            if not is_node(node, inputs):
                sentence = f"The order holds {kind(node)}, which is no node."
                raise Mismatch(sentence, an_order(inputs), order, "the order")
        for node in range(len(inputs)):
            if order.count(node) != 1:
                often = f"stands in the order {order.count(node)} times" if node in order else "is not in the order"
                raise Mismatch(f"Node {node} {often}, expected once.", an_order(inputs), order, "the order")

    @drawn(inputs=graphs(), examples=60)
    def test_after_all_its_uses(self, student, inputs):
        """Every node comes after all the nodes that use it."""
        order = student(inputs)
        order = order[: 2 * len(inputs)]
        for place, source in enumerate(order):
            for node in order[place + 1 :]:
                if is_node(node, inputs) and source in inputs[node]:
                    raise Mismatch(
                        f"Node {source} comes before node {node}, which uses it.", an_order(inputs), order, "the order"
                    )

    def test_long_chain(self, student):
        """A chain of thousands of nodes, each the square of the next, is put in order as well."""
        n = 4000
        chain = (*((node + 1, node + 1) for node in range(n - 1)), ())
        order = student(chain)
        if len(order) != n or any(not is_node(node, chain) or node != i for i, node in enumerate(order)):
            raise Mismatch("The nodes of a long chain are not in order.", list(range(n)), order[:n], "the order")


@st.composite
def sums(draw: Any) -> Any:
    """An array, the axes to sum over (one, two or all), and an upstream gradient without those axes."""
    shape = draw(st.sampled_from(shapes))
    dtype = draw(dtypes)
    x = arrays(draw, shape, dtype)
    several = [(0, -1), (-1, 0), (0, 1)] if len(shape) > 1 else [(0,)]
    dim = draw(st.sampled_from([0, -1, *range(len(shape)), *range(-len(shape), -1), None, *several]))
    over = range(len(shape)) if dim is None else [d % len(shape) for d in np.atleast_1d(dim)]
    without = tuple(n for d, n in enumerate(shape) if d not in over)
    kept = tuple(1 if d in over else n for d, n in enumerate(shape))
    return x, dim, kept, arrays(draw, without, dtype)


def added(x: Any, kept: tuple[int, ...]) -> Any:
    """The sums from their definition, one element of x after the other; each summed axis has length 1."""
    y = np.zeros(kept, x.dtype)
    for index in np.ndindex(x.shape):
        y[tuple(min(i, n - 1) for i, n in zip(index, kept))] += x[index]
    return y


class TestSum:
    """The sum over some axes, and the gradient spread back over them."""

    exercise = "functional.sum"

    @drawn(case=sums(), examples=40)
    def test_value(self, student, case):
        """y is the sum over the axes dim, and these axes are gone."""
        x, dim, kept, dy = case
        y, _ = student(x, dim)
        same(y, added(x, kept).reshape(dy.shape), "y")

    @drawn(case=sums(), examples=10)
    def test_default(self, student, case):
        """Without dim everything is summed."""
        x, *_ = case
        y, _ = student(x)
        same(y, sum(x.flat), "y")

    @drawn(case=sums(), examples=20)
    def test_keepdim(self, student, case):
        """With keepdim the axes that were summed over stay, with length 1."""
        x, dim, kept, _ = case
        y, _ = student(x, dim, True)
        same(y, added(x, kept), "y")

    @drawn(case=sums(), examples=40)
    def test_vjp(self, student, case):
        """vjp(dy) has the shape of x: every element gets the dy of the sum it was added to."""
        x, dim, kept, dy = case
        _, vjp = student(x, dim)
        same(vjp(dy), np.broadcast_to(dy.reshape(kept), x.shape), "vjp(dy)")

    @drawn(case=sums(), examples=20)
    def test_vjp_keepdim(self, student, case):
        """With keepdim dy has these axes of length 1 too, and is spread over them."""
        x, dim, kept, dy = case
        _, vjp = student(x, dim, True)
        same(vjp(dy.reshape(kept)), np.broadcast_to(dy.reshape(kept), x.shape), "vjp(dy)")

    @drawn(case=sums(), examples=8)
    def test_vjp_again(self, student, case):
        """The vjp of one call stays the same after other calls, and after it was called itself."""
        x, dim, kept, dy = case
        _, vjp = student(x, dim)
        student(np.stack([x, x]))[1](np.ones((), x.dtype))
        vjp(dy)
        same(vjp(3 * dy), np.broadcast_to(3 * dy.reshape(kept), x.shape), "vjp(dy)", KEPT_ELSEWHERE)


@st.composite
def stretchings(draw: Any, cases: Any) -> Any:
    """The gradient of a broadcast array, and the shape before."""
    large, small = draw(st.sampled_from(cases))
    return arrays(draw, large, draw(dtypes)), small


def collected(grad: Any, shape: tuple[int, ...]) -> Any:
    """The gradient before broadcasting from its definition: each element gets all that came of its copies."""
    total = np.zeros(shape, grad.dtype)
    copies = np.broadcast_to(np.arange(total.size).reshape(shape), grad.shape)
    np.add.at(total.reshape(-1), copies.ravel(), grad.ravel())
    return total


# The shape after broadcasting and the one before: axes added on the left, axes stretched from length 1, and both.
ADDED = [((2, 1), (1,)), ((2, 2), (2,)), ((3, 2), (2,)), ((2, 3, 2), (2,)), ((3, 2, 2), (2, 2)), ((2, 1, 3), (1, 3))]
TO_A_NUMBER = [((2,), ()), ((3,), ()), ((2, 2), ())]
STRETCHED = [((2,), (1,)), ((2, 2), (1, 2)), ((2, 2), (2, 1)), ((3, 2), (1, 1)), ((2, 3, 2), (2, 1, 2))]
BOTH = [((2, 2), (1,)), ((2, 3, 2), (3, 1)), ((2, 3, 2), (1, 2)), ((2, 2, 2), (2, 1)), ((2, 1, 2, 2), (1, 1, 2))]


class TestUnbroadcast:
    """The vjp of broadcasting."""

    exercise = "autodiff.unbroadcast"

    @drawn(case=stretchings(ADDED), examples=30)
    def test_added_axes(self, student, case):
        """Axes that broadcasting added on the left are summed away."""
        grad, shape = case
        same(student(grad, shape), collected(grad, shape), "the gradient")

    @drawn(case=stretchings(STRETCHED), examples=30)
    def test_stretched_axes(self, student, case):
        """Axes that were stretched from length 1 are summed, and have length 1 again."""
        grad, shape = case
        same(student(grad, shape), collected(grad, shape), "the gradient")

    @drawn(case=stretchings(BOTH), examples=30)
    def test_both(self, student, case):
        """The same where axes were added and others stretched."""
        grad, shape = case
        same(student(grad, shape), collected(grad, shape), "the gradient")

    @drawn(case=stretchings(TO_A_NUMBER), examples=10)
    def test_one_number(self, student, case):
        """Where one number, of shape (), was broadcast, its gradient is the sum of all entries."""
        grad, shape = case
        same(student(grad, shape), collected(grad, shape), "the gradient")


@st.composite
def matrices(draw: Any) -> Any:
    """Two matrices that can be multiplied, and an upstream gradient of the shape of the product."""
    n, k, m = (draw(st.integers(1, 3)) for _ in range(3))
    dtype = draw(dtypes)
    return arrays(draw, (n, k), dtype), arrays(draw, (k, m), dtype), arrays(draw, (n, m), dtype)


class TestMm:
    """The matrix product, and the gradients of both factors."""

    exercise = "functional.mm"

    @drawn(case=matrices(), examples=20)
    def test_value(self, student, case):
        """y_nm is the sum over k of x_nk other_km."""
        x, other, _ = case
        y, _ = student(x, other)
        same(y, np.einsum("nk,km->nm", x, other), "y")

    @drawn(case=matrices(), examples=40)
    def test_vjp(self, student, case):
        """vjp(dy, needs) is dL/dx, the sum over m of dy_nm other_km, and dL/dother, the sum over n of x_nk dy_nm."""
        x, other, dy = case
        _, vjp = student(x, other)
        expected = np.einsum("nm,km->nk", dy, other), np.einsum("nk,nm->km", x, dy)
        same_if_needed(vjp(dy, (True, True)), expected, (True, True))

    @drawn(case=matrices(), needs=wanted, examples=20)
    def test_needs(self, student, case, needs):
        """Where needs says False, None stands in the place of the gradient."""
        x, other, dy = case
        _, vjp = student(x, other)
        expected = np.einsum("nm,km->nk", dy, other), np.einsum("nk,nm->km", x, dy)
        same_if_needed(vjp(dy, needs), expected, needs)

    @drawn(case=matrices(), examples=8)
    def test_vjp_again(self, student, case):
        """The vjp of one call stays the same after other calls, and after it was called itself."""
        x, other, dy = case
        _, vjp = student(x, other)
        student(x + 1, other - 1)[1](dy, (True, True))
        vjp(dy, (True, True))
        expected = 3 * np.einsum("nm,km->nk", dy, other), 3 * np.einsum("nk,nm->km", x, dy)
        same_if_needed(vjp(3 * dy, (True, True)), expected, (True, True), KEPT_ELSEWHERE)


@st.composite
def scores(draw: Any) -> Any:
    """Scores with one to three axes, one of the axes, and an upstream gradient."""
    shape = draw(st.sampled_from(shapes))
    dtype = draw(dtypes)
    x = arrays(draw, shape, dtype)
    dim = draw(st.sampled_from([-1, *range(len(shape)), *range(-len(shape), -1)]))
    return x, dim, arrays(draw, shape, dtype)


def probabilities(x: Any, dim: int) -> Any:
    """Softmax from its definition, slice by slice."""

    def one(z: Any) -> Any:
        e = np.exp(z - z.max())
        return e / e.sum()

    return np.apply_along_axis(one, dim, x)


def pulled_back(y: Any, dim: int, dy: Any) -> Any:
    """The vjp from its definition: the Jacobian diag(y) - y yᵀ of each slice, times dy."""
    y, dy = np.moveaxis(y, dim, -1), np.moveaxis(dy, dim, -1)
    jacobian = y[..., None] * np.eye(y.shape[-1]) - y[..., :, None] * y[..., None, :]
    return np.moveaxis((jacobian @ dy[..., None])[..., 0], -1, dim)


class TestSoftmax:
    """Scores to probabilities, and the gradient back."""

    exercise = "functional.softmax"

    @drawn(scores=scores(), examples=40)
    def test_value(self, student, scores):
        """y_i is exp(x_i) / Σ_j exp(x_j), along the axis dim and no other."""
        x, dim, _ = scores
        y, _ = student(x, dim)
        same(y, probabilities(x, dim), "y")

    @drawn(scores=scores(), examples=10)
    def test_default_axis(self, student, scores):
        """Without dim the last axis is meant."""
        x, _, _ = scores
        y, _ = student(x)
        same(y, probabilities(x, -1), "y")

    @drawn(scores=scores(), examples=40)
    def test_vjp(self, student, scores):
        """vjp(dy) is the Jacobian diag(y) - y yᵀ of each slice, times the upstream gradient dy."""
        x, dim, dy = scores
        _, vjp = student(x, dim)
        same(vjp(dy), pulled_back(probabilities(x, dim), dim, dy), "vjp(dy)")

    @drawn(scores=scores(), size=st.sampled_from([1000, 90, -1000]), examples=20)
    def test_large_scores(self, student, scores, size):
        """Scores of 1000 or -1000 neither overflow nor vanish."""
        x, dim, _ = scores
        x = x + x.dtype.type(size)
        y, _ = student(x, dim)
        same(y, probabilities(x, dim), "y")

    @drawn(scores=scores(), examples=20)
    def test_far_apart(self, student, scores):
        """Scores thousands apart give 0 and 1, and gradients without nan."""
        x, dim, dy = scores
        x = 1000 * x
        y, vjp = student(x, dim)
        same(y, probabilities(x, dim), "y")
        same(vjp(dy), pulled_back(probabilities(x, dim), dim, dy), "vjp(dy)")

    @drawn(scores=scores(), examples=20)
    def test_minus_infinity(self, student, scores):
        """A score of -inf gets probability 0, and its neighbours share the rest."""
        x, dim, dy = scores
        first = np.take(x, [0], dim)
        x = np.concatenate([np.full_like(first, -np.inf), x], dim)
        dy = np.concatenate([first, dy], dim)
        y, vjp = student(x, dim)
        same(y, probabilities(x, dim), "y")
        same(vjp(dy), pulled_back(probabilities(x, dim), dim, dy), "vjp(dy)")

    @drawn(scores=scores(), examples=10)
    def test_vjp_again(self, student, scores):
        """The vjp of one call stays the same after other calls, and is linear in dy."""
        x, dim, dy = scores
        _, vjp = student(x, dim)
        student(x[::-1] + 1, dim)[1](dy)
        vjp(dy)
        same(vjp(3 * dy), 3 * pulled_back(probabilities(x, dim), dim, dy), "vjp(dy)", KEPT_ELSEWHERE)
