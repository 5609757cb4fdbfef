"""mlp.update: one step with momentum."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from nnlite.course.checks import drawn, same
from nnlite.course.checks import strategies as st
from nnlite.course.exercise import Exercise
from nnlite.course.lessons.backpropagation.drawn import dtypes

EXERCISE = Exercise(
    "mlp.update",
    module="nnlite.models.networks.mlp",
    minutes=10,
    points=1,
    teaches="gradient descent with momentum",
    presumes=("the gradient points uphill",),
    hints=(
        "Two lines: first the new step v, from the old step and the gradient, then the new weights. Which "
        "sign takes you downhill?",
        "The new step is momentum times the old one, minus rate times the gradient. The weights move by the "
        "new step. Both are new arrays.",
        "v = momentum * v - rate * dw; return w + v, v.",
    ),
    returns=("w", "v"),
)


@st.composite
def steps(draw: Any) -> Any:
    """Weights, their gradient, the last step, the learning rate and the momentum."""
    shape = draw(st.sampled_from([(1,), (2,), (2, 3)]))
    dtype, size = draw(dtypes), math.prod(shape)
    entries = st.lists(st.sampled_from([1, 2, 3, 4, 5, -1, -2, -3, -4, -5]), min_size=size, max_size=size)
    w, dw, v = (np.array(draw(entries), dtype).reshape(shape) for _ in range(3))
    return w, dw, v, draw(st.integers(1, 8)) / 16, draw(st.integers(0, 4)) / 4


@EXERCISE.check
class TestUpdate:
    """One step with momentum."""

    @drawn(step=steps(), examples=25)
    def test_step(self, student, step):
        """The new step is momentum v - rate dw."""
        _, dw, v, rate, momentum = step
        _, new = student(*step)
        same(new, momentum * v.astype(float) - rate * dw.astype(float), "v")

    @drawn(step=steps(), examples=25)
    def test_weights(self, student, step):
        """The weights move by the new step."""
        w, dw, v, rate, momentum = step
        moved, _ = student(*step)
        same(moved, w.astype(float) + momentum * v - rate * dw, "w")

    @drawn(step=steps(), examples=3)
    def test_ball_in_a_bowl(self, student, step):
        """Step after step, a ball in the bowl w²/2 comes to rest at its bottom."""
        w, _, v, _, _ = step
        for _ in range(50):
            w, v = student(w, w, v, 0.5, 0.25)
        same(w, np.zeros_like(w), "w", "After 50 steps down the bowl w²/2 the weights are not at its bottom.")


@EXERCISE.mistake("You climb: the gradient points uphill, so subtract rate dw.")
def update_climbs(w, dw, v, rate, momentum):
    v = momentum * v + rate * dw
    return w + v, v


@EXERCISE.mistake("You ignored the momentum: the new step begins with momentum v.")
def update_without_momentum(w, dw, v, rate, momentum):
    v = -rate * dw
    return w + v, v


@EXERCISE.mistake("You took the whole last step again: only the share momentum of it counts.")
def update_whole_last_step(w, dw, v, rate, momentum):
    v = v - rate * dw
    return w + v, v


@EXERCISE.mistake("You left out the learning rate: the step is -rate dw.")
def update_without_rate(w, dw, v, rate, momentum):
    v = momentum * v - dw
    return w + v, v


@EXERCISE.mistake("The weights moved by the old step: compute the new v first, then add it.")
def update_by_the_old_step(w, dw, v, rate, momentum):
    return w + v, momentum * v - rate * dw


@EXERCISE.mistake("The weights moved by the gradient alone: they move by the whole new step v.")
def update_by_the_gradient_alone(w, dw, v, rate, momentum):
    return w - rate * dw, momentum * v - rate * dw


@EXERCISE.mistake("The momentum scales the gradient too: it belongs to the last step only.")
def update_momentum_on_everything(w, dw, v, rate, momentum):
    v = momentum * (v - rate * dw)
    return w + v, v


@EXERCISE.mistake("This v is a running mean of gradients, (1 - momentum) dw: here v is the step itself, with its sign.")
def update_running_mean(w, dw, v, rate, momentum):
    v = momentum * v + (1 - momentum) * dw
    return w - rate * v, v


@EXERCISE.mistake(
    "Here v is the step itself: the rate stands in v, and w moves by v. (PyTorch keeps the rate outside.)"
)
def update_as_pytorch(w, dw, v, rate, momentum):
    v = momentum * v + dw
    return w - rate * v, v


@EXERCISE.mistake("This is Nesterov's momentum, which looks one step ahead: here w moves by v and no more.")
def update_nesterov(w, dw, v, rate, momentum):
    v = momentum * v - rate * dw
    return w + momentum * v - rate * dw, v


@EXERCISE.mistake("You subtracted the step: v points downhill already, so add it.")
def update_subtracts_the_step(w, dw, v, rate, momentum):
    v = momentum * v - rate * dw
    return w - v, v


@EXERCISE.mistake("The other way round: the function returns the weights first, then the step.")
def update_results_swapped(w, dw, v, rate, momentum):
    v = momentum * v - rate * dw
    return v, w + v


@EXERCISE.mistake("You returned the weights alone: the next step needs v, so return the pair (w, v).")
def update_without_v(w, dw, v, rate, momentum):
    return w + momentum * v - rate * dw


@EXERCISE.mistake("You changed the arrays in place (w += v): they belong to the caller, return new ones.")
def update_in_place(w, dw, v, rate, momentum):
    v *= momentum
    v -= rate * dw
    w += v
    return w, v
