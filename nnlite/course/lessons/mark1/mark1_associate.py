"""mark1.associate: the association units."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlite.course.checks import drawn, same
from nnlite.course.checks import strategies as st
from nnlite.course.exercise import Exercise
from nnlite.course.lessons.mark1.drawn import FLOATS, table

EXERCISE = Exercise(
    "mark1.associate",
    module="nnlite.models.neurons.mark1",
    minutes=10,
    points=1,
    teaches="a whole layer of units as one matrix product and one threshold",
    presumes=("net = wᵀx", "matrix product"),
    hints=(
        "What an A-unit adds up is a net: the S-units times its column of wires. Which one operation gives all "
        "nets of all pictures?",
        "S @ C has a row for each picture and a column for each A-unit. A unit fires where this sum reaches "
        "the threshold: is a sum equal to the threshold enough?",
        "Compare S @ C >= threshold; that gives True and False. Turn them into 1 and 0 in the dtype of S "
        "with .astype(S.dtype).",
    ),
    returns=("the A-units",),
)


@st.composite
def machines(draw: Any) -> Any:
    """A few wires and a few pictures."""
    n, s, a = (draw(st.integers(1, 3)) for _ in range(3))
    dtype = draw(FLOATS)
    return table(draw, s, a, st.sampled_from([1, -1, 0]), dtype), table(draw, n, s, st.sampled_from([1, 0]), dtype)


def fires(C: Any, S: Any, threshold: float) -> Any:
    """Each A-unit by itself."""
    return np.array([[float(sum(s * wire) >= threshold) for wire in C.T] for s in S])


@EXERCISE.check
class TestAssociate:
    """The association units."""

    @drawn(machine=machines(), threshold=st.sampled_from([1, 0, 2, -1, 0.5, 1.5]), examples=40)
    def test_fires_from_the_threshold_on(self, student, machine, threshold):
        """An A-unit is 1 where the sum over its wires is at least the threshold, else 0."""
        C, S = machine
        same(student(C, S, float(threshold)), fires(C, S, threshold), "the A-units")

    @drawn(machine=machines(), examples=15)
    def test_threshold_of_one(self, student, machine):
        """Called without a threshold, it is 1: the unit fires when more wires excite it than inhibit it."""
        C, S = machine
        same(student(C, S), fires(C, S, 1), "the A-units")

    @drawn(seed=st.integers(0, 99), examples=3)
    def test_a_retina(self, student, seed):
        """The same holds for 26 pictures on a retina of 100 S-units, wired to 40 A-units."""
        rng = np.random.default_rng(seed)
        C, S = rng.integers(-1, 2, (100, 40)).astype(np.float32), rng.integers(0, 2, (26, 100)).astype(np.float32)
        same(student(C, S), fires(C, S, 1), "the A-units")


@EXERCISE.mistake(
    "A sum equal to the threshold does not fire your unit, but it reaches it: write >= instead of > in the comparison."
)
def associate_only_above(C, S, threshold=1.0):
    net = S @ C
    return (net > threshold).astype(S.dtype)


@EXERCISE.mistake("You ignore the argument threshold.")
def associate_ignores_the_threshold(C, S, threshold=1.0):
    return (S @ C >= 1).astype(S.dtype)


@EXERCISE.mistake("Without a threshold in the call yours is 0: keep the default 1 of the signature.")
def associate_default_of_zero(C, S, threshold=0.0):
    net = S @ C
    return (net >= threshold).astype(S.dtype)


@EXERCISE.mistake("You return the sum less the threshold: an A-unit fires, 1, or does not, 0.")
def associate_returns_the_net(C, S, threshold=1.0):
    return S @ C - threshold


@EXERCISE.mistake("Your A-units fire by degrees: one is 1 or 0, so compare the sum with the threshold.")
def associate_by_degrees(C, S, threshold=1.0):
    return np.clip(S @ C - S.dtype.type(threshold) + 1, 0, 1)


@EXERCISE.mistake("Your A-units are +1 and -1: one that does not fire is 0.")
def associate_signs(C, S, threshold=1.0):
    net = S @ C
    return np.where(net >= threshold, 1, -1).astype(S.dtype)


@EXERCISE.mistake("You return True and False: an A-unit is 1 or 0, in the dtype of S (use astype).")
def associate_booleans(C, S, threshold=1.0):
    net = S @ C
    return net >= threshold


@EXERCISE.mistake("All your wires excite: a wire of -1 takes 1 away from the sum.")
def associate_without_inhibition(C, S, threshold=1.0):
    net = S @ np.abs(C)
    return (net >= threshold).astype(S.dtype)


@EXERCISE.mistake("You count an S-unit that is not lit as -1: it is 0 and adds nothing.")
def associate_dark_is_minus_one(C, S, threshold=1.0):
    net = (2 * S - 1) @ C
    return (net >= threshold).astype(S.dtype)


@EXERCISE.mistake("Your result is turned round: a row for each picture, a column for each A-unit.")
def associate_transposed(C, S, threshold=1.0):
    net = C.T @ S.T
    return (net >= threshold).astype(S.dtype)


@EXERCISE.mistake("Your comparison is turned round: a unit fires when the sum is large.")
def associate_comparison_turned(C, S, threshold=1.0):
    net = S @ C
    return (net <= threshold).astype(S.dtype)
