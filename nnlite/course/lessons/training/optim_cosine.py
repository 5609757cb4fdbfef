"""optim.cosine: a rise, and half a cosine down."""

from __future__ import annotations

import math
from typing import Any

from nnlite.course.checks import drawn, same
from nnlite.course.checks import strategies as st
from nnlite.course.exercise import Exercise

EXERCISE = Exercise(
    "optim.cosine",
    module="nnlite.optim.schedules",
    minutes=15,
    points=2,
    teaches="a learning-rate schedule as a function of the step: warm-up and cosine",
    presumes=("the cosine from 0 to π",),
    hints=(
        "There are three stretches: the warm-up, the fall, and what comes after. For the fall, compute first "
        "which share of it is done, from 0 to 1.",
        "done = (t - warmup) / (total - warmup), but never more than 1. The cosine of math.pi * done runs "
        "from 1 to -1; make that run from 1 to 0, and then from 1 to final.",
        "In the warm-up return (t + 1) / warmup. Otherwise final + (1 - final) * 0.5 * (1 + math.cos(math.pi * done)).",
    ),
    returns=("the fraction",),
)


@st.composite
def falls(draw: Any) -> Any:
    """The length of the warm-up, the step where the fall ends, and the fraction there."""
    warmup = draw(st.integers(0, 9))
    return warmup, warmup + draw(st.integers(1, 20)), draw(st.sampled_from([0.0, 0.5, 0.25, 1.0]))


@EXERCISE.check
class TestCosine:
    """A rise, and half a cosine down."""

    @drawn(warmup=st.integers(1, 9), length=st.integers(1, 20), data=st.integers(0, 8), examples=20)
    def test_rise(self, student, warmup, length, data):
        """In the warm-up the fraction is (t + 1) / warmup."""
        t = min(data, warmup - 1)
        same(student(t, warmup + length, warmup, 0.25), (t + 1) / warmup, "the fraction")

    @drawn(fall=falls(), after=st.integers(0, 19), examples=40)
    def test_fall(self, student, fall, after):
        """From step warmup to step total it falls from 1 to final along half a cosine."""
        warmup, total, final = fall
        t = min(warmup + after, total)
        angle = math.pi * (t - warmup) / (total - warmup)
        height = round(math.cos(angle / 2) ** 2, 12)  # half of 1 + cos(angle)
        same(student(t, total, warmup, final), final + (1 - final) * height, "the fraction")

    @drawn(fall=falls(), after=st.integers(1, 60), examples=20)
    def test_stays(self, student, fall, after):
        """After step total it stays at final."""
        warmup, total, final = fall
        same(student(total + after, total, warmup, final), final, "the fraction")

    @drawn(total=st.integers(1, 20), t=st.integers(0, 25), examples=15)
    def test_defaults(self, student, total, t):
        """Without the last two arguments there is no warm-up, and the end is 0."""
        height = round(math.cos(math.pi * min(t / total, 1) / 2) ** 2, 12)
        same(student(t, total), height, "the fraction")


def _fall(t, total, warmup, final):
    done = min((t - warmup) / (total - warmup), 1)
    return final + (1 - final) * 0.5 * (1 + math.cos(math.pi * done))


@EXERCISE.mistake("Your warm-up begins at 0, with t / warmup: the first step would be lost. It is (t + 1) / warmup.")
def cosine_warmup_from_zero(t, total, warmup=0, final=0.0):
    return t / warmup if t < warmup else _fall(t, total, warmup, final)


@EXERCISE.mistake("You left out the warm-up: the steps below `warmup` rise linearly.")
def cosine_without_warmup(t, total, warmup=0, final=0.0):
    return _fall(max(t, warmup), total, warmup, final)


@EXERCISE.mistake("Your warm-up starts at final: it rises from 1 / warmup, whatever final is.")
def cosine_warmup_from_final(t, total, warmup=0, final=0.0):
    return final + (1 - final) * (t + 1) / warmup if t < warmup else _fall(t, total, warmup, final)


@EXERCISE.mistake("The fall begins at step 0, with t / total: it begins when the warm-up is over.")
def cosine_fall_from_zero(t, total, warmup=0, final=0.0):
    return (t + 1) / warmup if t < warmup else _fall(t, total, 0, final)


@EXERCISE.mistake("After step `total` it rises again: the share that is done must not exceed 1.")
def cosine_rises_again(t, total, warmup=0, final=0.0):
    if t < warmup:
        return (t + 1) / warmup
    return final + (1 - final) * 0.5 * (1 + math.cos(math.pi * (t - warmup) / (total - warmup)))


@EXERCISE.mistake("You ran through the whole cosine, down and up again: half of it goes to π, not to 2π.")
def cosine_whole(t, total, warmup=0, final=0.0):
    if t < warmup:
        return (t + 1) / warmup
    done = min((t - warmup) / (total - warmup), 1)
    return final + (1 - final) * 0.5 * (1 + math.cos(2 * math.pi * done))


@EXERCISE.mistake("You ran through a quarter of the cosine, to π/2: half of it goes to π, from 1 to -1.")
def cosine_quarter(t, total, warmup=0, final=0.0):
    if t < warmup:
        return (t + 1) / warmup
    done = min((t - warmup) / (total - warmup), 1)
    return final + (1 - final) * math.cos(math.pi / 2 * done)


@EXERCISE.mistake("You left out the factor 0.5: 1 + cos runs from 2 to 0.")
def cosine_twice_as_high(t, total, warmup=0, final=0.0):
    if t < warmup:
        return (t + 1) / warmup
    done = min((t - warmup) / (total - warmup), 1)
    return final + (1 - final) * (1 + math.cos(math.pi * done))


@EXERCISE.mistake(
    "You added final on top: at step `warmup` the fraction is then 1 + final. Scale the fall by 1 - final."
)
def cosine_final_added(t, total, warmup=0, final=0.0):
    return (t + 1) / warmup if t < warmup else final + _fall(t, total, warmup, 0)


@EXERCISE.mistake("You left out final: the fall ends there, not at 0.")
def cosine_without_final(t, total, warmup=0, final=0.0):
    return (t + 1) / warmup if t < warmup else _fall(t, total, warmup, 0)


@EXERCISE.mistake("You cut the cosine off at final: it should reach final only at its end.")
def cosine_cut_off(t, total, warmup=0, final=0.0):
    return (t + 1) / warmup if t < warmup else max(final, _fall(t, total, warmup, 0))


@EXERCISE.mistake("Your fall is a straight line: it should be half a cosine.")
def cosine_straight(t, total, warmup=0, final=0.0):
    if t < warmup:
        return (t + 1) / warmup
    return 1 - (1 - final) * min((t - warmup) / (total - warmup), 1)


@EXERCISE.mistake("Your fall takes `total` steps from where the rise ends: `total` is the step at which it is over.")
def cosine_too_long(t, total, warmup=0, final=0.0):
    return (t + 1) / warmup if t < warmup else _fall(t, total + warmup, warmup, final)


@EXERCISE.mistake("Your fall ends one step too early, at total - 1.")
def cosine_one_step_early(t, total, warmup=0, final=0.0):
    return (t + 1) / warmup if t < warmup else _fall(t, max(total - 1, warmup + 0.5), warmup, final)
