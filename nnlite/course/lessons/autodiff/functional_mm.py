"""functional.mm: the matrix product, and the gradients of both factors."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlite.course.checks import KEPT_ELSEWHERE, drawn, same
from nnlite.course.checks import strategies as st
from nnlite.course.exercise import Exercise
from nnlite.course.lessons.autodiff.drawn import arrays, dtypes, same_if_needed, wanted

EXERCISE = Exercise(
    "functional.mm",
    module="nnlite.functional.linear",
    minutes=25,
    points=3,
    teaches="the vjp of the matrix product, from which every layer learns; reading a gradient off the shapes",
    presumes=("the matrix product and the transpose", "the chain rule"),
    hints=(
        "x_nk takes part in all of row n of y: y_nm = ... + x_nk other_km + ... So dL/dx_nk is a sum over m: "
        "write it down with dy_nm.",
        "dL/dx_nk = sum over m of dy_nm other_km, and dL/dother_km = sum over n of x_nk dy_nm. Both sums are "
        "matrix products with something transposed; the shapes tell which.",
        "dx = dy @ other.T if needs[0] else None; dother = x.T @ dy if needs[1] else None.",
    ),
    returns=("y", "vjp"),
    example=(
        ">>> y, vjp = mm(np.array([[1.0, 2.0]]), np.array([[3.0], [4.0]]))\n"
        ">>> y\n"
        "array([[11.]])\n"
        ">>> vjp(np.array([[10.0]]), (True, True))\n"
        "(array([[30., 40.]]), array([[10.],\n"
        "       [20.]]))"
    ),
)


@st.composite
def matrices(draw: Any) -> Any:
    """Two matrices that can be multiplied, and an upstream gradient of the shape of the product."""
    n, k, m = (draw(st.integers(1, 3)) for _ in range(3))
    dtype = draw(dtypes)
    return arrays(draw, (n, k), dtype), arrays(draw, (k, m), dtype), arrays(draw, (n, m), dtype)


@EXERCISE.check
class TestMm:
    """The matrix product, and the gradients of both factors."""

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


def _both(dx, dother):
    return lambda dy, needs: (dx(dy) if needs[0] else None, dother(dy) if needs[1] else None)


@EXERCISE.mistake("You multiplied element by element: the matrix product is x @ other.")
def mm_elementwise(x, other):
    return x * other, _both(lambda dy: dy * other, lambda dy: dy * x)


@EXERCISE.mistake("The factors are in the wrong order: y is x @ other, not other @ x.")
def mm_wrong_order(x, other):
    return other @ x, _both(lambda dy: other.T @ dy, lambda dy: dy @ x.T)


@EXERCISE.mistake("dL/dx lacks a transpose: it is dy @ other.T, of the shape of x.")
def mm_dx_not_transposed(x, other):
    return x @ other, _both(lambda dy: dy @ other, lambda dy: x.T @ dy)


@EXERCISE.mistake("dL/dother lacks a transpose: it is x.T @ dy, of the shape of other.")
def mm_dother_not_transposed(x, other):
    return x @ other, _both(lambda dy: dy @ other.T, lambda dy: x @ dy)


@EXERCISE.mistake("The factors of dL/dx are in the wrong order: the matrix product does not commute.")
def mm_dx_wrong_order(x, other):
    return x @ other, _both(lambda dy: other.T @ dy, lambda dy: x.T @ dy)


@EXERCISE.mistake("The factors of dL/dother are in the wrong order: the matrix product does not commute.")
def mm_dother_wrong_order(x, other):
    return x @ other, _both(lambda dy: dy @ other.T, lambda dy: dy @ x.T)


@EXERCISE.mistake("dL/dother comes out transposed: it must have the shape of other, (K, M).")
def mm_dother_comes_out_transposed(x, other):
    return x @ other, _both(lambda dy: dy @ other.T, lambda dy: dy.T @ x)


@EXERCISE.mistake("You swapped the two gradients: first that of x, then that of other.")
def mm_gradients_swapped(x, other):
    return x @ other, lambda dy, needs: (x.T @ dy if needs[0] else None, dy @ other.T if needs[1] else None)


@EXERCISE.mistake("You ignored the upstream gradient dy: your vjp answers as if dy were all ones.")
def mm_upstream_taken_as_ones(x, other):
    y = x @ other
    return y, _both(lambda dy: np.ones_like(y) @ other.T, lambda dy: x.T @ np.ones_like(y))


@EXERCISE.mistake("You divided dL/dother by the number of rows: the rows' gradients are added up, not averaged.")
def mm_dother_averaged(x, other):
    return x @ other, _both(lambda dy: dy @ other.T, lambda dy: x.T @ dy / x.dtype.type(len(x)))


@EXERCISE.mistake("You did not look at needs: what is not needed should be None, and cost nothing.")
def mm_ignores_needs(x, other):
    return x @ other, lambda dy, needs: (dy @ other.T, x.T @ dy)


@EXERCISE.mistake("You looked up the wrong one in needs: needs[0] is about x, needs[1] about other.")
def mm_needs_swapped(x, other):
    return x @ other, lambda dy, needs: (dy @ other.T if needs[1] else None, x.T @ dy if needs[0] else None)


@EXERCISE.mistake("The vjp remembers the last dy it was given: each call must start afresh.")
def mm_vjp_adds_up(x, other):
    total = 0

    def vjp(dy, needs):
        nonlocal total
        total = total + dy
        return (total @ other.T if needs[0] else None, x.T @ total if needs[1] else None)

    return x @ other, vjp


@EXERCISE.mistake("You returned y alone: the function returns the pair (y, vjp).")
def mm_without_vjp(x, other):
    return x @ other
