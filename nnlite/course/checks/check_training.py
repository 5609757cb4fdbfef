"""Checks of what training is made of: a loss, first weights, steps of optimizers, a schedule, dropout.

Numbers are halves and quarters wherever they can be, so that a counterexample can be followed on paper.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from hypothesis import strategies as st

from nnlite.course.checks import KEPT_ELSEWHERE, drawn, same
from nnlite.course.checks.check_autodiff import arrays, dtypes, scores


def log_probabilities(x: Any, dim: int) -> Any:
    """The logarithm of softmax from its definition, slice by slice: x_i - log sum_j exp(x_j)."""
    return np.apply_along_axis(lambda z: z - np.logaddexp.reduce(z), dim, x.astype(np.float64))


def pulled_back(y: Any, dim: int, dy: Any) -> Any:
    """The vjp from its definition: the transposed Jacobian of each slice, 1 - p on its diagonal and -p beside it."""
    y, dy = np.moveaxis(y, dim, -1), np.moveaxis(dy, dim, -1)
    jacobian = np.eye(y.shape[-1]) - np.exp(y)[..., None, :]
    return np.moveaxis((dy[..., None, :] @ jacobian)[..., 0, :], -1, dim)


class TestLogSoftmax:
    """The logarithms of probabilities, and the gradient back."""

    exercise = "functional.log_softmax"

    @drawn(scores=scores(), examples=30)
    def test_value(self, student, scores):
        """y_i is x_i - log Σ_j exp(x_j), along the axis dim and no other."""
        x, dim, _ = scores
        y, _ = student(x, dim)
        same(y, log_probabilities(x, dim), "y")

    @drawn(scores=scores(), examples=10)
    def test_default_axis(self, student, scores):
        """Without dim the last axis is meant."""
        x, _, _ = scores
        y, _ = student(x)
        same(y, log_probabilities(x, -1), "y")

    @drawn(scores=scores(), examples=30)
    def test_vjp(self, student, scores):
        """vjp(dy) is dy - exp(y) Σ_j dy_j, in each slice along dim."""
        x, dim, dy = scores
        _, vjp = student(x, dim)
        same(vjp(dy), pulled_back(log_probabilities(x, dim), dim, dy), "vjp(dy)")

    @drawn(scores=scores(), size=st.sampled_from([1000, 90, -1000]), examples=15)
    def test_large_scores(self, student, scores, size):
        """Scores of 1000 or -1000 do not overflow."""
        x, dim, _ = scores
        x = x + x.dtype.type(size)
        y, _ = student(x, dim)
        same(y, log_probabilities(x, dim), "y")

    @drawn(scores=scores(), examples=20)
    def test_far_apart(self, student, scores):
        """Where a probability is too small for the dtype, its logarithm is still a number."""
        x, dim, dy = scores
        x = 1000 * x
        y, vjp = student(x, dim)
        same(y, log_probabilities(x, dim), "y")
        same(vjp(dy), pulled_back(log_probabilities(x, dim), dim, dy), "vjp(dy)")

    @drawn(scores=scores(), examples=10)
    def test_vjp_again(self, student, scores):
        """The vjp of one call stays the same after other calls, and is linear in dy."""
        x, dim, dy = scores
        _, vjp = student(x, dim)
        student(x[::-1] + 1, dim)[1](dy)
        vjp(dy)
        same(vjp(3 * dy), 3 * pulled_back(log_probabilities(x, dim), dim, dy), "vjp(dy)", KEPT_ELSEWHERE)


axes = st.integers(1, 9)
gains = st.sampled_from([1.0, 2.0, 0.5, 1.5])
modes = st.sampled_from(["fan_in", "fan_out"])


class TestKaimingStd:
    """How large the first weights are."""

    exercise = "init.kaiming_std"

    @drawn(out=axes, inputs=axes, gain=gains, examples=15)
    def test_linear_layer(self, student, out, inputs, gain):
        """For a weight of shape (out, in) it is gain / √in."""
        same(student((out, inputs), gain, "fan_in"), gain * inputs**-0.5, "the standard deviation")

    @drawn(out=axes, inputs=axes, kernel=st.lists(st.integers(1, 5), min_size=1, max_size=3), gain=gains, examples=20)
    def test_convolution(self, student, out, inputs, kernel, gain):
        """Each input channel counts with all points of the kernel."""
        points = len(np.zeros(kernel).ravel())
        shape = (out, inputs, *kernel)
        same(student(shape, gain, "fan_in"), gain * (inputs * points) ** -0.5, "the standard deviation")

    @drawn(out=axes, inputs=axes, kernel=st.lists(st.integers(1, 4), max_size=2), gain=gains, examples=20)
    def test_fan_out(self, student, out, inputs, kernel, gain):
        """In the mode 'fan_out' the number of neurons takes the place of the number of inputs."""
        points = len(np.zeros(kernel).ravel())
        shape = (out, inputs, *kernel)
        same(student(shape, gain, "fan_out"), gain * (out * points) ** -0.5, "the standard deviation")

    @drawn(out=axes, inputs=axes, gain=gains, examples=10)
    def test_default_mode(self, student, out, inputs, gain):
        """Without a mode 'fan_in' is meant."""
        same(student((out, inputs), gain), gain * inputs**-0.5, "the standard deviation")


shapes = [(1,), (2,), (3,), (1, 2), (2, 2)]


@st.composite
def momentum_steps(draw: Any) -> Any:
    """Weights, gradient, velocity, a learning rate and a momentum."""
    shape, dtype = draw(st.sampled_from(shapes)), draw(dtypes)
    w, grad, v = (arrays(draw, shape, dtype) for _ in range(3))
    return w, grad, v, draw(st.sampled_from([0.5, 0.25, 0.1, 1.0])), draw(st.sampled_from([0.5, 0.9, 0.0, 0.25]))


class TestMomentumStep:
    """A step of gradient descent with momentum, in place."""

    exercise = "optim.momentum_step"

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


class TestAdamStep:
    """A step of Adam, in place."""

    exercise = "optim.adam_step"

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


@st.composite
def falls(draw: Any) -> Any:
    """The length of the warm-up, the step where the fall ends, and the fraction there."""
    warmup = draw(st.integers(0, 9))
    return warmup, warmup + draw(st.integers(1, 20)), draw(st.sampled_from([0.0, 0.5, 0.25, 1.0]))


class TestCosine:
    """A rise, and half a cosine down."""

    exercise = "optim.cosine"

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


probabilities_of_silence = st.sampled_from([0.5, 0.25, 0.75])


@st.composite
def silenced(draw: Any) -> Any:
    """Activations, random numbers in eighths (so that some stand exactly at p), and an upstream gradient."""
    shape, dtype = draw(st.sampled_from(shapes)), draw(dtypes)
    x, dy = arrays(draw, shape, dtype), arrays(draw, shape, dtype)
    size = int(np.prod(shape))
    u = np.array(draw(st.lists(st.integers(0, 7), min_size=size, max_size=size))).reshape(shape) / 8
    return x, u.astype(draw(dtypes)), dy


def kept(x: Any, u: Any, p: float) -> Any:
    """Dropout from its definition, element by element."""
    pairs = zip(x.ravel(), np.broadcast_to(u, x.shape).ravel())
    return np.array([0.0 if one < p else a / (1 - p) for a, one in pairs]).reshape(x.shape)


class TestInvertedDropout:
    """A mask, the same one forwards and backwards."""

    exercise = "functional.inverted_dropout"

    @drawn(given=silenced(), p=probabilities_of_silence, examples=30)
    def test_value(self, student, given, p):
        """y is 0 where u < p, and x / (1 - p) where u >= p."""
        x, u, _ = given
        y, _ = student(x, u, p)
        same(y, kept(x, u, p), "y")

    @drawn(given=silenced(), p=probabilities_of_silence, examples=30)
    def test_vjp(self, student, given, p):
        """vjp(dy) is 0 where u < p, and dy / (1 - p) where u >= p."""
        x, u, dy = given
        _, vjp = student(x, u, p)
        same(vjp(dy), kept(dy, u, p), "vjp(dy)")

    @drawn(given=silenced(), examples=10)
    def test_nothing_silenced(self, student, given):
        """With p = 0 nothing changes."""
        x, u, dy = given
        y, vjp = student(x, u, 0.0)
        same(y, x, "y")
        same(vjp(dy), dy, "vjp(dy)")

    @drawn(given=silenced(), examples=10)
    def test_everything_silenced(self, student, given):
        """With p = 1 all is 0, and nothing is divided by 0."""
        x, u, dy = given
        y, vjp = student(x, u, 1.0)
        same(y, np.zeros_like(x), "y")
        same(vjp(dy), np.zeros_like(x), "vjp(dy)")

    @drawn(given=silenced(), p=probabilities_of_silence, examples=10)
    def test_whole_channels(self, student, given, p):
        """One random number may decide for several elements: u broadcasts to x."""
        x, u, dy = (np.stack([a, a + a.dtype.type(1)], -1) if i != 1 else a[..., None] for i, a in enumerate(given))
        y, vjp = student(x, u, p)
        same(y, kept(x, u, p), "y")
        same(vjp(dy), kept(dy, u, p), "vjp(dy)")

    @drawn(given=silenced(), p=probabilities_of_silence, examples=8)
    def test_vjp_again(self, student, given, p):
        """The vjp of one call stays the same after other calls, and after it was called itself."""
        x, u, dy = given
        _, vjp = student(x, u, p)
        student(x, 1 - u, p)[1](dy)
        vjp(dy)
        same(vjp(3 * dy), kept(3 * dy, u, p), "vjp(dy)", KEPT_ELSEWHERE)
