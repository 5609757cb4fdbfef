"""functional.mul: the product element by element, and the gradients of both factors."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlite.course.checks import KEPT_ELSEWHERE, drawn, same
from nnlite.course.checks import strategies as st
from nnlite.course.exercise import Exercise
from nnlite.course.lessons.autodiff.drawn import arrays, dtypes, same_if_needed, shapes, wanted

EXERCISE = Exercise(
    "functional.mul",
    module="nnlite.functional.elementwise",
    minutes=15,
    points=2,
    teaches="a value and its vjp side by side; the upstream gradient; computing only what is needed",
    presumes=("the product rule", "closures in Python"),
    hints=(
        "Change one element of x by a little: y changes by that little times other. The loss changes by that "
        "times dL/dy. No other element of y notices.",
        "dL/dx is the upstream gradient dy times other, and dL/dother is dy times x, element by element. "
        "Define vjp inside your function, so that it still sees x and other.",
        "dx = dy * other if needs[0] else None; dother = dy * x if needs[1] else None; return both. "
        "The function itself returns x * other, vjp.",
    ),
    returns=("y", "vjp"),
    example=(
        ">>> y, vjp = mul(np.array([1.0, 2.0]), np.array([3.0, 4.0]))\n"
        ">>> y\n"
        "array([3., 8.])\n"
        ">>> vjp(np.array([1.0, 10.0]), (True, True))\n"
        "(array([ 3., 40.]), array([ 1., 20.]))\n"
        ">>> vjp(np.array([1.0, 10.0]), (True, False))\n"
        "(array([ 3., 40.]), None)"
    ),
)


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


@EXERCISE.check
class TestMul:
    """The product element by element, and the gradients of both factors."""

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


@EXERCISE.mistake("You added the two: y is the product x * other.")
def mul_adds(x, other):
    def vjp(dy, needs):
        return dy if needs[0] else None, dy if needs[1] else None

    return x + other, vjp


@EXERCISE.mistake("You swapped the gradients: that of x is dy times other, and that of other is dy times x.")
def mul_gradients_swapped(x, other):
    def vjp(dy, needs):
        return dy * x if needs[0] else None, dy * other if needs[1] else None

    return x * other, vjp


@EXERCISE.mistake("You ignored the upstream gradient dy: other and x are the derivatives, not yet the products.")
def mul_ignores_upstream(x, other):
    y = x * other

    def vjp(dy, needs):
        one = np.ones_like(y)
        return one * other if needs[0] else None, one * x if needs[1] else None

    return y, vjp


@EXERCISE.mistake("You passed dy on unchanged, as in a sum: in a product each factor scales the other's gradient.")
def mul_gradient_of_a_sum(x, other):
    def vjp(dy, needs):
        return dy if needs[0] else None, dy if needs[1] else None

    return x * other, vjp


@EXERCISE.mistake("Both gradients are dy times other: that of other is dy times x.")
def mul_same_gradient_twice(x, other):
    def vjp(dy, needs):
        return dy * other if needs[0] else None, dy * other if needs[1] else None

    return x * other, vjp


@EXERCISE.mistake("You multiplied dy with the product y instead of the other factor.")
def mul_gradient_times_y(x, other):
    y = x * other

    def vjp(dy, needs):
        return dy * y if needs[0] else None, dy * y if needs[1] else None

    return y, vjp


@EXERCISE.mistake("You did not look at needs: what is not needed should be None, and cost nothing.")
def mul_ignores_needs(x, other):
    return x * other, lambda dy, needs: (dy * other, dy * x)


@EXERCISE.mistake("You returned zeros for a gradient that is not needed: expected None.")
def mul_zeros_for_what_is_not_needed(x, other):
    def vjp(dy, needs):
        return dy * other if needs[0] else np.zeros_like(dy), dy * x if needs[1] else np.zeros_like(dy)

    return x * other, vjp


@EXERCISE.mistake("You looked up the wrong one in needs: needs[0] is about x, needs[1] about other.")
def mul_needs_swapped(x, other):
    def vjp(dy, needs):
        return dy * other if needs[1] else None, dy * x if needs[0] else None

    return x * other, vjp


@EXERCISE.mistake("You left out the gradient that is not needed: vjp always returns two, one of them None.")
def mul_returns_only_what_is_needed(x, other):
    def vjp(dy, needs):
        both = dy * other, dy * x
        return both if all(needs) else both[needs.index(True)]

    return x * other, vjp


@EXERCISE.mistake("You undid the broadcasting here: leave the gradients in the shape of y, the engine sums them.")
def mul_undoes_broadcasting(x, other):
    def back(grad, like):
        grad = grad.sum(axis=tuple(range(grad.ndim - like.ndim)))
        return grad.sum(axis=tuple(i for i, n in enumerate(like.shape) if n == 1), keepdims=True).reshape(like.shape)

    def vjp(dy, needs):
        return back(dy * other, x) if needs[0] else None, back(dy * x, other) if needs[1] else None

    return x * other, vjp


@EXERCISE.mistake("The vjp remembers the last dy it was given: each call must start afresh.")
def mul_vjp_adds_up(x, other):
    total = 0

    def vjp(dy, needs):
        nonlocal total
        total = total + dy
        return (total * other if needs[0] else None, total * x if needs[1] else None)

    return x * other, vjp


@EXERCISE.mistake("You divided the product by the factor: where this is 0, nothing is left. Keep the other one.")
def mul_divides_the_product(x, other):
    y = x * other
    return y, lambda dy, needs: (dy * (y / x) if needs[0] else None, dy * (y / other) if needs[1] else None)


@EXERCISE.mistake("You returned y alone: the function returns the pair (y, vjp).")
def mul_without_vjp(x, other):
    return x * other


@EXERCISE.mistake("You changed the upstream gradient dy in place (dy *= …): it belongs to the caller.")
def mul_vjp_in_place(x, other):
    def vjp(dy, needs):
        dother = dy * x if needs[1] else None
        dy *= other
        return dy if needs[0] else None, dother

    return x * other, vjp
