"""optim.momentum_step: a step of gradient descent with momentum, in place."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlite.course.checks import drawn, same
from nnlite.course.checks import strategies as st
from nnlite.course.exercise import Exercise
from nnlite.course.lessons.autodiff.drawn import arrays, dtypes
from nnlite.course.lessons.training.drawn import shapes

EXERCISE = Exercise(
    "optim.momentum_step",
    module="nnlite.optim.momentum",
    minutes=20,
    points=2,
    teaches="momentum and Nesterov's variant; changing an array in place",
    presumes=("gradient descent",),
    hints=(
        "There are two lines: one for v, one for w. The one for v comes first, because the weights follow "
        "the new velocity.",
        "v *= momentum and then v += grad change the caller's array. v = momentum * v + grad would leave it "
        "as it was, and the next step would know nothing of this one.",
        "v *= momentum; v += grad; then w -= lr * v, or with nesterov w -= lr * (grad + momentum * v); return w.",
    ),
    returns=("the returned w",),
    changes=("w", "v"),
)


@st.composite
def momentum_steps(draw: Any) -> Any:
    """Weights, gradient, velocity, a learning rate and a momentum."""
    shape, dtype = draw(st.sampled_from(shapes)), draw(dtypes)
    w, grad, v = (arrays(draw, shape, dtype) for _ in range(3))
    return w, grad, v, draw(st.sampled_from([0.5, 0.25, 0.1, 1.0])), draw(st.sampled_from([0.5, 0.9, 0.0, 0.25]))


@EXERCISE.check
class TestMomentumStep:
    """A step of gradient descent with momentum, in place."""

    @drawn(step=momentum_steps(), nesterov=st.booleans(), examples=30)
    def test_velocity(self, student, step, nesterov):
        """The velocity becomes momentum v + grad, and it does so in the caller's array v."""
        _, grad, v, _, momentum = step
        student(*step, nesterov)
        same(student.after["v"], momentum * v + grad, "v afterwards")

    @drawn(step=momentum_steps(), examples=30)
    def test_weights(self, student, step):
        """The weights move by -lr times the new velocity, in the caller's array w."""
        w, grad, v, lr, momentum = step
        student(*step, False)
        same(student.after["w"], w - lr * momentum * v - lr * grad, "w afterwards")

    @drawn(step=momentum_steps(), examples=30)
    def test_nesterov(self, student, step):
        """With nesterov they move by -lr (grad + momentum v), where v is the new velocity."""
        w, grad, v, lr, momentum = step
        student(*step, True)
        same(student.after["w"], w - lr * (1 + momentum) * grad - lr * momentum**2 * v, "w afterwards")

    @drawn(step=momentum_steps(), examples=10)
    def test_default(self, student, step):
        """Without the last argument the step is not Nesterov's."""
        w, grad, v, lr, momentum = step
        student(*step)
        same(student.after["w"], w - lr * momentum * v - lr * grad, "w afterwards")

    @drawn(step=momentum_steps(), nesterov=st.booleans(), examples=10)
    def test_returned(self, student, step, nesterov):
        """The new weights are also returned."""
        w, grad, v, lr, momentum = step
        new = momentum * v + grad
        move = grad + momentum * new if nesterov else new
        same(student(*step, nesterov), w - lr * move, "the returned w")

    @drawn(slope=st.sampled_from([1.0, 0.5, 4.0]), examples=3)
    def test_many_steps(self, student, slope):
        """On a parabola with slope k w, thirty steps follow w_{t+1} = (1 + μ - lr k) w_t - μ w_{t-1}."""
        lr, momentum = 0.25, 0.75
        w, v = np.ones(1), np.zeros(1)
        wanted, before = 1 - lr * slope, 1.0
        student(w, slope * w, v, lr, momentum, False)
        for _ in range(29):
            w, v = student.after["w"], student.after["v"]
            student(w, slope * w, v, lr, momentum, False)
            wanted, before = (1 + momentum - lr * slope) * wanted - momentum * before, wanted
        same(student.after["w"], np.array([wanted]), "w after thirty steps")


def _descent(w, grad, v, lr, momentum, nesterov):
    v *= momentum
    v += grad
    w -= lr * (grad + momentum * v if nesterov else v)
    return w


@EXERCISE.mistake(
    "You made new arrays: v = … and w = … leave the caller's v and w as they were. Write v *= …, v += …, w -= …."
)
def momentum_not_in_place(w, grad, v, lr, momentum, nesterov=False):
    return _descent(w.copy(), grad, v.copy(), lr, momentum, nesterov)


@EXERCISE.mistake(
    "You made a new array for v: the caller's velocity never changes, so the next step knows nothing of this one."
)
def momentum_velocity_not_in_place(w, grad, v, lr, momentum, nesterov=False):
    return _descent(w, grad, v.copy(), lr, momentum, nesterov)


@EXERCISE.mistake("You made a new array for w: the caller's weights never move. Write w -= ….")
def momentum_weights_not_in_place(w, grad, v, lr, momentum, nesterov=False):
    return _descent(w.copy(), grad, v, lr, momentum, nesterov)


@EXERCISE.mistake("The weights follow the old velocity: update v first, then move w by the new one.")
def momentum_old_velocity(w, grad, v, lr, momentum, nesterov=False):
    w -= lr * (grad + momentum * v if nesterov else v)
    v *= momentum
    v += grad
    return w


@EXERCISE.mistake("The sign is flipped: the weights go against the gradient, w -= lr v.")
def momentum_uphill(w, grad, v, lr, momentum, nesterov=False):
    return _descent(w, grad, v, -lr, momentum, nesterov)


@EXERCISE.mistake("You moved the weights by the gradient alone: they follow the velocity.")
def momentum_plain_descent(w, grad, v, lr, momentum, nesterov=False):
    v *= momentum
    v += grad
    w -= lr * grad
    return w


@EXERCISE.mistake("You forgot to shrink the velocity: v keeps only the share `momentum` of what it was.")
def momentum_velocity_never_fades(w, grad, v, lr, momentum, nesterov=False):
    v += grad
    w -= lr * (grad + momentum * v if nesterov else v)
    return w


@EXERCISE.mistake("You took a running mean, momentum v + (1 - momentum) grad: here the gradient is added in full.")
def momentum_running_mean(w, grad, v, lr, momentum, nesterov=False):
    v *= momentum
    v += (1 - momentum) * grad
    w -= lr * (grad + momentum * v if nesterov else v)
    return w


@EXERCISE.mistake(
    "You put the learning rate into the velocity, v <- momentum v + lr grad: here it only multiplies the step."
)
def momentum_learning_rate_inside(w, grad, v, lr, momentum, nesterov=False):
    v *= momentum
    v += lr * grad
    w -= lr * grad + momentum * v if nesterov else v
    return w


@EXERCISE.mistake("The velocity has the other sign, v <- momentum v - grad: here it points uphill.")
def momentum_velocity_downhill(w, grad, v, lr, momentum, nesterov=False):
    v *= momentum
    v -= grad
    w += lr * (momentum * v - grad if nesterov else v)
    return w


@EXERCISE.mistake(
    "With nesterov your step is the ordinary one. Perhaps you never looked at nesterov; or you took grad + momentum v "
    "with the old v, and that is just the new v."
)
def momentum_never_nesterov(w, grad, v, lr, momentum, nesterov=False):
    return _descent(w, grad, v, lr, momentum, False)


@EXERCISE.mistake("You always take Nesterov's step: without nesterov it is -lr v.")
def momentum_always_nesterov(w, grad, v, lr, momentum, nesterov=False):
    return _descent(w, grad, v, lr, momentum, True)


@EXERCISE.mistake("Nesterov's step is grad + momentum v: you left out momentum before v.")
def momentum_nesterov_without_factor(w, grad, v, lr, momentum, nesterov=False):
    v *= momentum
    v += grad
    w -= lr * (grad + v if nesterov else v)
    return w


@EXERCISE.mistake("Your default for nesterov is True: it is False.")
def momentum_nesterov_by_default(w, grad, v, lr, momentum, nesterov=True):
    return _descent(w, grad, v, lr, momentum, nesterov)


@EXERCISE.mistake("You left out the learning rate.")
def momentum_without_learning_rate(w, grad, v, lr, momentum, nesterov=False):
    return _descent(w, grad, v, 1, momentum, nesterov)


@EXERCISE.mistake("You returned nothing: end with return w.")
def momentum_without_return(w, grad, v, lr, momentum, nesterov=False):
    _descent(w, grad, v, lr, momentum, nesterov)


@EXERCISE.mistake("You returned the step, not the weights after it.")
def momentum_returns_the_step(w, grad, v, lr, momentum, nesterov=False):
    before = w.copy()
    return _descent(w, grad, v, lr, momentum, nesterov) - before
