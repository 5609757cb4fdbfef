"""optim.adam_step: a step of Adam, in place."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlite.course.checks import drawn, same
from nnlite.course.checks import strategies as st
from nnlite.course.exercise import Exercise
from nnlite.course.lessons.autodiff.drawn import arrays, dtypes
from nnlite.course.lessons.training.drawn import shapes

EXERCISE = Exercise(
    "optim.adam_step",
    module="nnlite.optim.optimizers",
    minutes=30,
    points=3,
    teaches="Adam: two running means, their bias correction, and weight decay inside or beside the gradient",
    presumes=("momentum", "a running mean"),
    hints=(
        "Five lines, in the order of the text: g, then m, then v, then the decay of w, then the step of w. "
        "Only the step uses the corrections, and it must not write them into m and v.",
        "m *= beta1; m += (1 - beta1) * g, and the same for v with g * g. The step divides m / correction1 "
        "by np.sqrt(v / correction2) + eps.",
        "g = grad + l2 * w; update m and v in place; w *= 1 - lr * decay; "
        "w -= lr * (m / correction1) / (np.sqrt(v / correction2) + eps); return w.",
    ),
    returns=("the returned w",),
    changes=("w", "m", "v"),
)


@st.composite
def adam_steps(draw: Any) -> Any:
    """Weights, gradient and moments; lr, the betas and eps; the number of the step."""
    shape, dtype = draw(st.sampled_from(shapes)), draw(dtypes)
    w, grad, m, root = (arrays(draw, shape, dtype) for _ in range(4))
    rates = draw(st.sampled_from([0.5, 0.1])), draw(st.sampled_from([0.5, 0.9])), draw(st.sampled_from([0.75, 0.5]))
    return w, grad, m, root * root, *rates, draw(st.sampled_from([1.0, 0.5, 1e-8])), draw(st.integers(1, 5))


def adam(student: Any, step: Any, l2: float = 0.0, decay: float = 0.0) -> Any:
    """Take the step with the student's function; return what it returned."""
    w, grad, m, v, lr, beta1, beta2, eps, t = step
    return student(w, grad, m, v, lr, beta1, beta2, eps, l2, decay, 1 - beta1**t, 1 - beta2**t)


def adam_wanted(step: Any, l2: float = 0.0, decay: float = 0.0) -> Any:
    """The new w, m and v, as the paper has them."""
    w, grad, m, v, lr, beta1, beta2, eps, t = (np.float64(a) for a in step)
    g = grad + l2 * w
    m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g**2
    m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
    return w - lr * decay * w - lr * m_hat / (v_hat**0.5 + eps), m, v


@EXERCISE.check
class TestAdamStep:
    """A step of Adam, in place."""

    @drawn(step=adam_steps(), examples=25)
    def test_first_moment(self, student, step):
        """m becomes beta1 m + (1 - beta1) g, uncorrected, in the caller's array m."""
        adam(student, step)
        same(student.after["m"], adam_wanted(step)[1], "m afterwards")

    @drawn(step=adam_steps(), examples=25)
    def test_second_moment(self, student, step):
        """v becomes beta2 v + (1 - beta2) g², uncorrected, in the caller's array v."""
        adam(student, step)
        same(student.after["v"], adam_wanted(step)[2], "v afterwards")

    @drawn(step=adam_steps(), examples=30)
    def test_weights(self, student, step):
        """w moves by -lr (m / correction1) / (√(v / correction2) + eps), in the caller's array w."""
        adam(student, step)
        same(student.after["w"], adam_wanted(step)[0], "w afterwards")

    @drawn(size=st.sampled_from([1.0, 100.0, 0.01]), lr=st.sampled_from([0.5, 0.1]), dtype=dtypes, examples=6)
    def test_first_step(self, student, size, lr, dtype):
        """At the first step every weight moves by lr, however large or small its gradient is."""
        w, grad, zeros = np.array([1, 2], dtype), np.array([size, -3 * size], dtype), np.zeros(2, dtype)
        adam(student, (w, grad, zeros, zeros, lr, 0.9, 0.999, 1e-12, 1))
        same(student.after["w"], w - lr * np.sign(grad), "w afterwards")

    @drawn(step=adam_steps(), l2=st.sampled_from([1.0, 0.5]), examples=15)
    def test_decay_in_the_gradient(self, student, step, l2):
        """With l2 the gradient is grad + l2 w, in both moments."""
        adam(student, step, l2=l2)
        w, m, v = adam_wanted(step, l2=l2)
        same(student.after["m"], m, "m afterwards")
        same(student.after["v"], v, "v afterwards")
        same(student.after["w"], w, "w afterwards")

    @drawn(step=adam_steps(), decay=st.sampled_from([1.0, 0.5]), examples=15)
    def test_decay_beside_the_gradient(self, student, step, decay):
        """With decay the weights shrink by lr decay w, and the moments know nothing of it."""
        adam(student, step, decay=decay)
        w, m, _ = adam_wanted(step, decay=decay)
        same(student.after["w"], w, "w afterwards")
        same(student.after["m"], m, "m afterwards")

    @drawn(step=adam_steps(), l2=st.sampled_from([0.0, 0.5]), decay=st.sampled_from([0.0, 0.5]), examples=10)
    def test_returned(self, student, step, l2, decay):
        """The new weights are also returned."""
        same(adam(student, step, l2, decay), adam_wanted(step, l2, decay)[0], "the returned w")


def _moments(w, grad, m, v, beta1, beta2, l2):
    g = grad + l2 * w
    m *= beta1
    m += (1 - beta1) * g
    v *= beta2
    v += (1 - beta2) * g * g


def _adam(w, grad, m, v, lr, beta1, beta2, eps, l2, decay, correction1, correction2):
    _moments(w, grad, m, v, beta1, beta2, l2)
    w *= 1 - lr * decay
    w -= lr * (m / correction1) / (np.sqrt(v / correction2) + eps)
    return w


@EXERCISE.mistake(
    "No bias correction: m and v start at zero and are too small at first. Divide by correction1 and correction2."
)
def adam_no_bias_correction(w, grad, m, v, lr, beta1, beta2, eps, l2, decay, correction1, correction2):
    return _adam(w, grad, m, v, lr, beta1, beta2, eps, l2, decay, 1, 1)


@EXERCISE.mistake("You corrected m only: v / correction2 belongs under the root.")
def adam_only_m_corrected(w, grad, m, v, lr, beta1, beta2, eps, l2, decay, correction1, correction2):
    return _adam(w, grad, m, v, lr, beta1, beta2, eps, l2, decay, correction1, 1)


@EXERCISE.mistake("You corrected v only: the step is made of m / correction1.")
def adam_only_v_corrected(w, grad, m, v, lr, beta1, beta2, eps, l2, decay, correction1, correction2):
    return _adam(w, grad, m, v, lr, beta1, beta2, eps, l2, decay, 1, correction2)


@EXERCISE.mistake("You multiplied with the corrections: the moments are too small, so divide.")
def adam_multiplied_with_corrections(w, grad, m, v, lr, beta1, beta2, eps, l2, decay, correction1, correction2):
    return _adam(w, grad, m, v, lr, beta1, beta2, eps, l2, decay, 1 / correction1, 1 / correction2)


@EXERCISE.mistake("You divided the root by correction2: it is v that is too small, so divide under the root.")
def adam_correction_outside_the_root(w, grad, m, v, lr, beta1, beta2, eps, l2, decay, correction1, correction2):
    return _adam(w, grad, m, v, lr, beta1, beta2, eps, l2, decay, correction1, correction2**2)


@EXERCISE.mistake(
    "You wrote the corrected moments into m and v: the caller keeps the uncorrected ones, or the next step corrects "
    "them again."
)
def adam_corrected_in_place(w, grad, m, v, lr, beta1, beta2, eps, l2, decay, correction1, correction2):
    _moments(w, grad, m, v, beta1, beta2, l2)
    m /= correction1
    v /= correction2
    w *= 1 - lr * decay
    w -= lr * m / (np.sqrt(v) + eps)
    return w


@EXERCISE.mistake("eps is under the root: it is added to the root, √(v / correction2) + eps.")
def adam_eps_under_the_root(w, grad, m, v, lr, beta1, beta2, eps, l2, decay, correction1, correction2):
    _moments(w, grad, m, v, beta1, beta2, l2)
    w *= 1 - lr * decay
    w -= lr * (m / correction1) / np.sqrt(v / correction2 + eps)
    return w


@EXERCISE.mistake("You left out the root: divide by the root of v.")
def adam_no_root(w, grad, m, v, lr, beta1, beta2, eps, l2, decay, correction1, correction2):
    _moments(w, grad, m, v, beta1, beta2, l2)
    w *= 1 - lr * decay
    w -= lr * (m / correction1) / (v / correction2 + eps)
    return w


@EXERCISE.mistake("v takes in the square of the gradient, g * g, not the gradient itself.")
def adam_second_moment_not_squared(w, grad, m, v, lr, beta1, beta2, eps, l2, decay, correction1, correction2):
    g = grad + l2 * w
    m *= beta1
    m += (1 - beta1) * g
    v *= beta2
    v += (1 - beta2) * g
    w *= 1 - lr * decay
    w -= lr * (m / correction1) / (np.sqrt(v / correction2) + eps)
    return w


@EXERCISE.mistake("The betas are swapped: beta1 belongs to m, beta2 to v.")
def adam_betas_swapped(w, grad, m, v, lr, beta1, beta2, eps, l2, decay, correction1, correction2):
    return _adam(w, grad, m, v, lr, beta2, beta1, eps, l2, decay, correction1, correction2)


@EXERCISE.mistake("The shares are swapped: the moments keep beta of what they were and take in 1 - beta.")
def adam_shares_swapped(w, grad, m, v, lr, beta1, beta2, eps, l2, decay, correction1, correction2):
    return _adam(w, grad, m, v, lr, 1 - beta1, 1 - beta2, eps, l2, decay, correction1, correction2)


@EXERCISE.mistake("You took the gradient in whole, as momentum does: Adam's m and v are running means, with 1 - beta.")
def adam_sums_instead_of_means(w, grad, m, v, lr, beta1, beta2, eps, l2, decay, correction1, correction2):
    g = grad + l2 * w
    m *= beta1
    m += g
    v *= beta2
    v += g * g
    w *= 1 - lr * decay
    w -= lr * (m / correction1) / (np.sqrt(v / correction2) + eps)
    return w


@EXERCISE.mistake("The step uses the moments before this gradient: update m and v first.")
def adam_old_moments(w, grad, m, v, lr, beta1, beta2, eps, l2, decay, correction1, correction2):
    old_m, old_v, before = m.copy(), v.copy(), w.copy()
    w *= 1 - lr * decay
    w -= lr * (old_m / correction1) / (np.sqrt(old_v / correction2) + eps)
    _moments(before, grad, m, v, beta1, beta2, l2)
    return w


@EXERCISE.mistake("The sign is flipped: the weights go against the gradient, w -= ….")
def adam_uphill(w, grad, m, v, lr, beta1, beta2, eps, l2, decay, correction1, correction2):
    _moments(w, grad, m, v, beta1, beta2, l2)
    w *= 1 - lr * decay
    w += lr * (m / correction1) / (np.sqrt(v / correction2) + eps)
    return w


@EXERCISE.mistake("You left out l2: with it the gradient is grad + l2 w.")
def adam_without_l2(w, grad, m, v, lr, beta1, beta2, eps, l2, decay, correction1, correction2):
    return _adam(w, grad, m, v, lr, beta1, beta2, eps, 0, decay, correction1, correction2)


@EXERCISE.mistake("You left out decay: the weights shrink by the factor 1 - lr decay.")
def adam_without_decay(w, grad, m, v, lr, beta1, beta2, eps, l2, decay, correction1, correction2):
    return _adam(w, grad, m, v, lr, beta1, beta2, eps, l2, 0, correction1, correction2)


@EXERCISE.mistake("You put decay into the gradient, where l2 belongs: decay acts on w alone.")
def adam_decay_in_the_gradient(w, grad, m, v, lr, beta1, beta2, eps, l2, decay, correction1, correction2):
    return _adam(w, grad, m, v, lr, beta1, beta2, eps, l2 + decay, 0, correction1, correction2)


@EXERCISE.mistake("You shrink by 1 - decay: the decay is multiplied with the learning rate, 1 - lr decay.")
def adam_decay_without_learning_rate(w, grad, m, v, lr, beta1, beta2, eps, l2, decay, correction1, correction2):
    return _adam(w, grad, m, v, lr, beta1, beta2, eps, l2, decay / lr, correction1, correction2)


@EXERCISE.mistake(
    "You made new arrays: m = …, v = …, w = … leave the caller's as they were. Write m *= …, m += …, and so on."
)
def adam_not_in_place(w, grad, m, v, lr, beta1, beta2, eps, l2, decay, correction1, correction2):
    return _adam(w.copy(), grad, m.copy(), v.copy(), lr, beta1, beta2, eps, l2, decay, correction1, correction2)


@EXERCISE.mistake("You made new arrays for m and v: the caller's moments never change.")
def adam_moments_not_in_place(w, grad, m, v, lr, beta1, beta2, eps, l2, decay, correction1, correction2):
    return _adam(w, grad, m.copy(), v.copy(), lr, beta1, beta2, eps, l2, decay, correction1, correction2)


@EXERCISE.mistake("You made a new array for w: the caller's weights never move. Write w -= ….")
def adam_weights_not_in_place(w, grad, m, v, lr, beta1, beta2, eps, l2, decay, correction1, correction2):
    return _adam(w.copy(), grad, m, v, lr, beta1, beta2, eps, l2, decay, correction1, correction2)


@EXERCISE.mistake("You changed the gradient in place (grad += …): write g = grad + l2 * w.")
def adam_changes_the_gradient(w, grad, m, v, lr, beta1, beta2, eps, l2, decay, correction1, correction2):
    grad += l2 * w
    return _adam(w, grad, m, v, lr, beta1, beta2, eps, 0, decay, correction1, correction2)


@EXERCISE.mistake("You returned nothing: end with return w.")
def adam_without_return(w, grad, m, v, lr, beta1, beta2, eps, l2, decay, correction1, correction2):
    _adam(w, grad, m, v, lr, beta1, beta2, eps, l2, decay, correction1, correction2)
