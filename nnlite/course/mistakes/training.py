"""Wrong answers to the exercises on training."""

from __future__ import annotations

import math

import numpy as np

from nnlite.course.mistakes import mistake


def _log_softmax(x, dim):
    shifted = x - x.max(axis=dim, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=dim, keepdims=True))


def _vjp(y, dim):
    return lambda dy: dy - np.exp(y) * dy.sum(axis=dim, keepdims=True)


@mistake("functional.log_softmax", "No max-shift: exp overflows at 1000. Subtract the largest score along dim first.")
def log_softmax_no_max_shift(x, dim=-1):
    y = x - np.log(np.exp(x).sum(axis=dim, keepdims=True))
    return y, _vjp(y, dim)


@mistake(
    "functional.log_softmax",
    "You took the logarithm of the finished softmax: where a probability is rounded to 0 that is -inf. Take the "
    "logarithm of the sum only.",
)
def log_softmax_logarithm_of_softmax(x, dim=-1):
    e = np.exp(x - x.max(axis=dim, keepdims=True))
    y = np.log(e / e.sum(axis=dim, keepdims=True))
    return y, _vjp(y, dim)


@mistake(
    "functional.log_softmax",
    "You added a small number to keep the logarithm from 0: where a probability is rounded to 0 the logarithm of that "
    "number comes out.",
)
def log_softmax_with_epsilon(x, dim=-1):
    e = np.exp(x - x.max(axis=dim, keepdims=True))
    y = np.log(e / e.sum(axis=dim, keepdims=True) + x.dtype.type(1e-12))
    return y, _vjp(y, dim)


@mistake(
    "functional.log_softmax",
    "You subtracted the largest score of the whole array: in a slice far below it all exp vanish. Take the maximum "
    "along dim.",
)
def log_softmax_shifted_by_the_largest_of_all(x, dim=-1):
    shifted = x - x.max()
    y = shifted - np.log(np.exp(shifted).sum(axis=dim, keepdims=True))
    return y, _vjp(y, dim)


@mistake("functional.log_softmax", "You subtracted the largest score inside the exp only: subtract it outside as well.")
def log_softmax_shifted_inside_only(x, dim=-1):
    y = x - np.log(np.exp(x - x.max(axis=dim, keepdims=True)).sum(axis=dim, keepdims=True))
    return y, _vjp(y, dim)


@mistake(
    "functional.log_softmax",
    "You added the largest score back before you subtracted: beside a score of 1000 float32 loses most digits of the "
    "logarithm. Keep x - max, and subtract the logarithm from that.",
)
def log_softmax_of_the_whole_logarithm(x, dim=-1):
    most = x.max(axis=dim, keepdims=True)
    y = x - (most + np.log(np.exp(x - most).sum(axis=dim, keepdims=True)))
    return y, lambda dy: dy - np.exp(y) * dy.sum(axis=dim, keepdims=True)


@mistake("functional.log_softmax", "The wrong axis: you always took the last one and never looked at dim.")
def log_softmax_always_last_axis(x, dim=-1):
    y = _log_softmax(x, -1)
    return y, _vjp(y, -1)


@mistake("functional.log_softmax", "The wrong axis: you always took the first one and never looked at dim.")
def log_softmax_always_first_axis(x, dim=-1):
    y = _log_softmax(x, 0)
    return y, _vjp(y, 0)


@mistake("functional.log_softmax", "The sum runs over the whole array instead of along dim.")
def log_softmax_over_everything(x, dim=-1):
    y = _log_softmax(x, None)
    return y, _vjp(y, None)


@mistake("functional.log_softmax", "You left keepdims=True out: the sum along dim no longer lines up with the scores.")
def log_softmax_no_keepdims(x, dim=-1):
    shifted = x - x.max(axis=dim, keepdims=True)
    y = shifted - np.log(np.exp(shifted).sum(axis=dim))
    return y, _vjp(y, dim)


@mistake("functional.log_softmax", "You forgot the logarithm: these are the probabilities themselves.")
def log_softmax_probabilities(x, dim=-1):
    y = np.exp(_log_softmax(x, dim))
    return y, lambda dy: y * (dy - (dy * y).sum(axis=dim, keepdims=True))


@mistake("functional.log_softmax", "You subtracted the sum of the exponentials, not the logarithm of it.")
def log_softmax_sum_without_logarithm(x, dim=-1):
    shifted = x - x.max(axis=dim, keepdims=True)
    y = shifted - np.exp(shifted).sum(axis=dim, keepdims=True)
    return y, _vjp(y, dim)


@mistake("functional.log_softmax", "The sign is flipped: logarithms of probabilities are never positive.")
def log_softmax_sign_flipped(x, dim=-1):
    y = -_log_softmax(x, dim)
    return y, lambda dy: -dy + np.exp(-y) * dy.sum(axis=dim, keepdims=True)


@mistake("functional.log_softmax", "You ignored the upstream gradient dy: your vjp answers as if dy were all ones.")
def log_softmax_upstream_taken_as_ones(x, dim=-1):
    y = _log_softmax(x, dim)
    return y, lambda dy: _vjp(y, dim)(np.ones_like(dy))


@mistake("functional.log_softmax", "You let dy through unchanged: every score also counts in the sum of all others.")
def log_softmax_vjp_only_the_first_term(x, dim=-1):
    return _log_softmax(x, dim), lambda dy: dy.copy()


@mistake("functional.log_softmax", "You multiplied with y, the logarithm, where the probability exp(y) belongs.")
def log_softmax_vjp_without_exp(x, dim=-1):
    y = _log_softmax(x, dim)
    return y, lambda dy: dy - y * dy.sum(axis=dim, keepdims=True)


@mistake("functional.log_softmax", "This is the vjp of softmax. For its logarithm it is dy - exp(y) sum(dy).")
def log_softmax_vjp_of_softmax(x, dim=-1):
    y = _log_softmax(x, dim)
    p = np.exp(y)
    return y, lambda dy: p * (dy - (dy * p).sum(axis=dim, keepdims=True))


@mistake("functional.log_softmax", "You left the sum over dy out: each x_i gets something from all dy_j along dim.")
def log_softmax_vjp_only_the_diagonal(x, dim=-1):
    y = _log_softmax(x, dim)
    return y, lambda dy: dy * (1 - np.exp(y))


@mistake(
    "functional.log_softmax", "The gradient's sum runs over the wrong axis: it must run along dim, as in the value."
)
def log_softmax_vjp_always_last_axis(x, dim=-1):
    y = _log_softmax(x, dim)
    return y, _vjp(y, -1)


@mistake("functional.log_softmax", "You returned y alone: the function returns the pair (y, vjp).")
def log_softmax_without_vjp(x, dim=-1):
    return _log_softmax(x, dim)


@mistake("functional.log_softmax", "The result is float64 whatever the scores are: keep the dtype of x.")
def log_softmax_always_float64(x, dim=-1):
    y = _log_softmax(x.astype(np.float64), dim)
    return y, _vjp(y, dim)


# The size of the first weights


@mistake("init.kaiming_std", "You took the wrong axis: the shape is (out, in, ...), so fan_in begins with shape[1].")
def kaiming_std_axes_swapped(shape, gain, mode="fan_in"):
    fan = math.prod(shape[2:]) * (shape[0] if mode == "fan_in" else shape[1])
    return gain / math.sqrt(fan)


@mistake("init.kaiming_std", "You left out the kernel: a neuron of a convolution has in * height * width inputs.")
def kaiming_std_without_kernel(shape, gain, mode="fan_in"):
    return gain / math.sqrt(shape[1] if mode == "fan_in" else shape[0])


@mistake("init.kaiming_std", "You added the lengths of the kernel's axes: multiply them.")
def kaiming_std_kernel_added(shape, gain, mode="fan_in"):
    points = sum(shape[2:]) if len(shape) > 2 else 1
    return gain / math.sqrt(points * (shape[1] if mode == "fan_in" else shape[0]))


@mistake("init.kaiming_std", "You took only the first axis of the kernel: multiply all that follow shape[1].")
def kaiming_std_one_axis_of_the_kernel(shape, gain, mode="fan_in"):
    points = shape[2] if len(shape) > 2 else 1
    return gain / math.sqrt(points * (shape[1] if mode == "fan_in" else shape[0]))


@mistake("init.kaiming_std", "This is the variance, gain² / fan: the standard deviation is its root.")
def kaiming_std_variance(shape, gain, mode="fan_in"):
    return gain**2 / (math.prod(shape[2:]) * (shape[1] if mode == "fan_in" else shape[0]))


@mistake("init.kaiming_std", "You left out the root: it is the variance of a sum that grows with fan.")
def kaiming_std_without_root(shape, gain, mode="fan_in"):
    return gain / (math.prod(shape[2:]) * (shape[1] if mode == "fan_in" else shape[0]))


@mistake("init.kaiming_std", "The gain is under the root: it multiplies the standard deviation, not the variance.")
def kaiming_std_gain_under_the_root(shape, gain, mode="fan_in"):
    return math.sqrt(gain / (math.prod(shape[2:]) * (shape[1] if mode == "fan_in" else shape[0])))


@mistake("init.kaiming_std", "You left out the gain.")
def kaiming_std_without_gain(shape, gain, mode="fan_in"):
    return 1 / math.sqrt(math.prod(shape[2:]) * (shape[1] if mode == "fan_in" else shape[0]))


@mistake("init.kaiming_std", "You never looked at mode: 'fan_out' counts the neurons, shape[0].")
def kaiming_std_always_fan_in(shape, gain, mode="fan_in"):
    return gain / math.sqrt(math.prod(shape[1:]))


@mistake("init.kaiming_std", "Where no mode is given you take 'fan_out': 'fan_in' is the default.")
def kaiming_std_default_fan_out(shape, gain, mode="fan_out"):
    return gain / math.sqrt(math.prod(shape[2:]) * (shape[1] if mode == "fan_in" else shape[0]))


@mistake("init.kaiming_std", "This is Xavier's rule, with the mean of fan_in and fan_out: take the one that mode says.")
def kaiming_std_xavier(shape, gain, mode="fan_in"):
    return gain / math.sqrt(math.prod(shape[2:]) * (shape[0] + shape[1]) / 2)


@mistake("init.kaiming_std", "You counted all weights of the layer: count those that lead into one neuron.")
def kaiming_std_all_weights(shape, gain, mode="fan_in"):
    return gain / math.sqrt(math.prod(shape))


@mistake("init.kaiming_std", "This is the bound of an even distribution, gain √(3 / fan): the deviation is without 3.")
def kaiming_std_uniform_bound(shape, gain, mode="fan_in"):
    return gain * math.sqrt(3 / (math.prod(shape[2:]) * (shape[1] if mode == "fan_in" else shape[0])))


# Momentum


def _descent(w, grad, v, lr, momentum, nesterov):
    v *= momentum
    v += grad
    w -= lr * (grad + momentum * v if nesterov else v)
    return w


@mistake(
    "optim.momentum_step",
    "You made new arrays: v = … and w = … leave the caller's v and w as they were. Write v *= …, v += …, w -= ….",
)
def momentum_not_in_place(w, grad, v, lr, momentum, nesterov=False):
    return _descent(w.copy(), grad, v.copy(), lr, momentum, nesterov)


@mistake(
    "optim.momentum_step",
    "You made a new array for v: the caller's velocity never changes, so the next step knows nothing of this one.",
)
def momentum_velocity_not_in_place(w, grad, v, lr, momentum, nesterov=False):
    return _descent(w, grad, v.copy(), lr, momentum, nesterov)


@mistake("optim.momentum_step", "You made a new array for w: the caller's weights never move. Write w -= ….")
def momentum_weights_not_in_place(w, grad, v, lr, momentum, nesterov=False):
    return _descent(w.copy(), grad, v, lr, momentum, nesterov)


@mistake("optim.momentum_step", "The weights follow the old velocity: update v first, then move w by the new one.")
def momentum_old_velocity(w, grad, v, lr, momentum, nesterov=False):
    w -= lr * (grad + momentum * v if nesterov else v)
    v *= momentum
    v += grad
    return w


@mistake("optim.momentum_step", "The sign is flipped: the weights go against the gradient, w -= lr v.")
def momentum_uphill(w, grad, v, lr, momentum, nesterov=False):
    return _descent(w, grad, v, -lr, momentum, nesterov)


@mistake("optim.momentum_step", "You moved the weights by the gradient alone: they follow the velocity.")
def momentum_plain_descent(w, grad, v, lr, momentum, nesterov=False):
    v *= momentum
    v += grad
    w -= lr * grad
    return w


@mistake("optim.momentum_step", "You forgot to shrink the velocity: v keeps only the share `momentum` of what it was.")
def momentum_velocity_never_fades(w, grad, v, lr, momentum, nesterov=False):
    v += grad
    w -= lr * (grad + momentum * v if nesterov else v)
    return w


@mistake(
    "optim.momentum_step",
    "You took a running mean, momentum v + (1 - momentum) grad: here the gradient is added in full.",
)
def momentum_running_mean(w, grad, v, lr, momentum, nesterov=False):
    v *= momentum
    v += (1 - momentum) * grad
    w -= lr * (grad + momentum * v if nesterov else v)
    return w


@mistake(
    "optim.momentum_step",
    "You put the learning rate into the velocity, v <- momentum v + lr grad: here it only multiplies the step.",
)
def momentum_learning_rate_inside(w, grad, v, lr, momentum, nesterov=False):
    v *= momentum
    v += lr * grad
    w -= lr * grad + momentum * v if nesterov else v
    return w


@mistake("optim.momentum_step", "The velocity has the other sign, v <- momentum v - grad: here it points uphill.")
def momentum_velocity_downhill(w, grad, v, lr, momentum, nesterov=False):
    v *= momentum
    v -= grad
    w += lr * (momentum * v - grad if nesterov else v)
    return w


@mistake(
    "optim.momentum_step",
    "With nesterov your step is the ordinary one. Perhaps you never looked at nesterov; or you took grad + momentum v "
    "with the old v, and that is just the new v.",
)
def momentum_never_nesterov(w, grad, v, lr, momentum, nesterov=False):
    return _descent(w, grad, v, lr, momentum, False)


@mistake("optim.momentum_step", "You always take Nesterov's step: without nesterov it is -lr v.")
def momentum_always_nesterov(w, grad, v, lr, momentum, nesterov=False):
    return _descent(w, grad, v, lr, momentum, True)


@mistake("optim.momentum_step", "Nesterov's step is grad + momentum v: you left out momentum before v.")
def momentum_nesterov_without_factor(w, grad, v, lr, momentum, nesterov=False):
    v *= momentum
    v += grad
    w -= lr * (grad + v if nesterov else v)
    return w


@mistake("optim.momentum_step", "Your default for nesterov is True: it is False.")
def momentum_nesterov_by_default(w, grad, v, lr, momentum, nesterov=True):
    return _descent(w, grad, v, lr, momentum, nesterov)


@mistake("optim.momentum_step", "You left out the learning rate.")
def momentum_without_learning_rate(w, grad, v, lr, momentum, nesterov=False):
    return _descent(w, grad, v, 1, momentum, nesterov)


@mistake("optim.momentum_step", "You returned nothing: end with return w.")
def momentum_without_return(w, grad, v, lr, momentum, nesterov=False):
    _descent(w, grad, v, lr, momentum, nesterov)


@mistake("optim.momentum_step", "You returned the step, not the weights after it.")
def momentum_returns_the_step(w, grad, v, lr, momentum, nesterov=False):
    before = w.copy()
    return _descent(w, grad, v, lr, momentum, nesterov) - before


# Adam


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


@mistake(
    "optim.adam_step",
    "No bias correction: m and v start at zero and are too small at first. Divide by correction1 and correction2.",
)
def adam_no_bias_correction(w, grad, m, v, lr, beta1, beta2, eps, l2, decay, correction1, correction2):
    return _adam(w, grad, m, v, lr, beta1, beta2, eps, l2, decay, 1, 1)


@mistake("optim.adam_step", "You corrected m only: v / correction2 belongs under the root.")
def adam_only_m_corrected(w, grad, m, v, lr, beta1, beta2, eps, l2, decay, correction1, correction2):
    return _adam(w, grad, m, v, lr, beta1, beta2, eps, l2, decay, correction1, 1)


@mistake("optim.adam_step", "You corrected v only: the step is made of m / correction1.")
def adam_only_v_corrected(w, grad, m, v, lr, beta1, beta2, eps, l2, decay, correction1, correction2):
    return _adam(w, grad, m, v, lr, beta1, beta2, eps, l2, decay, 1, correction2)


@mistake("optim.adam_step", "You multiplied with the corrections: the moments are too small, so divide.")
def adam_multiplied_with_corrections(w, grad, m, v, lr, beta1, beta2, eps, l2, decay, correction1, correction2):
    return _adam(w, grad, m, v, lr, beta1, beta2, eps, l2, decay, 1 / correction1, 1 / correction2)


@mistake("optim.adam_step", "You divided the root by correction2: it is v that is too small, so divide under the root.")
def adam_correction_outside_the_root(w, grad, m, v, lr, beta1, beta2, eps, l2, decay, correction1, correction2):
    return _adam(w, grad, m, v, lr, beta1, beta2, eps, l2, decay, correction1, correction2**2)


@mistake(
    "optim.adam_step",
    "You wrote the corrected moments into m and v: the caller keeps the uncorrected ones, or the next step corrects "
    "them again.",
)
def adam_corrected_in_place(w, grad, m, v, lr, beta1, beta2, eps, l2, decay, correction1, correction2):
    _moments(w, grad, m, v, beta1, beta2, l2)
    m /= correction1
    v /= correction2
    w *= 1 - lr * decay
    w -= lr * m / (np.sqrt(v) + eps)
    return w


@mistake("optim.adam_step", "eps is under the root: it is added to the root, √(v / correction2) + eps.")
def adam_eps_under_the_root(w, grad, m, v, lr, beta1, beta2, eps, l2, decay, correction1, correction2):
    _moments(w, grad, m, v, beta1, beta2, l2)
    w *= 1 - lr * decay
    w -= lr * (m / correction1) / np.sqrt(v / correction2 + eps)
    return w


@mistake("optim.adam_step", "You left out the root: divide by the root of v.")
def adam_no_root(w, grad, m, v, lr, beta1, beta2, eps, l2, decay, correction1, correction2):
    _moments(w, grad, m, v, beta1, beta2, l2)
    w *= 1 - lr * decay
    w -= lr * (m / correction1) / (v / correction2 + eps)
    return w


@mistake("optim.adam_step", "v takes in the square of the gradient, g * g, not the gradient itself.")
def adam_second_moment_not_squared(w, grad, m, v, lr, beta1, beta2, eps, l2, decay, correction1, correction2):
    g = grad + l2 * w
    m *= beta1
    m += (1 - beta1) * g
    v *= beta2
    v += (1 - beta2) * g
    w *= 1 - lr * decay
    w -= lr * (m / correction1) / (np.sqrt(v / correction2) + eps)
    return w


@mistake("optim.adam_step", "The betas are swapped: beta1 belongs to m, beta2 to v.")
def adam_betas_swapped(w, grad, m, v, lr, beta1, beta2, eps, l2, decay, correction1, correction2):
    return _adam(w, grad, m, v, lr, beta2, beta1, eps, l2, decay, correction1, correction2)


@mistake("optim.adam_step", "The shares are swapped: the moments keep beta of what they were and take in 1 - beta.")
def adam_shares_swapped(w, grad, m, v, lr, beta1, beta2, eps, l2, decay, correction1, correction2):
    return _adam(w, grad, m, v, lr, 1 - beta1, 1 - beta2, eps, l2, decay, correction1, correction2)


@mistake(
    "optim.adam_step",
    "You took the gradient in whole, as momentum does: Adam's m and v are running means, with 1 - beta.",
)
def adam_sums_instead_of_means(w, grad, m, v, lr, beta1, beta2, eps, l2, decay, correction1, correction2):
    g = grad + l2 * w
    m *= beta1
    m += g
    v *= beta2
    v += g * g
    w *= 1 - lr * decay
    w -= lr * (m / correction1) / (np.sqrt(v / correction2) + eps)
    return w


@mistake("optim.adam_step", "The step uses the moments before this gradient: update m and v first.")
def adam_old_moments(w, grad, m, v, lr, beta1, beta2, eps, l2, decay, correction1, correction2):
    old_m, old_v, before = m.copy(), v.copy(), w.copy()
    w *= 1 - lr * decay
    w -= lr * (old_m / correction1) / (np.sqrt(old_v / correction2) + eps)
    _moments(before, grad, m, v, beta1, beta2, l2)
    return w


@mistake("optim.adam_step", "The sign is flipped: the weights go against the gradient, w -= ….")
def adam_uphill(w, grad, m, v, lr, beta1, beta2, eps, l2, decay, correction1, correction2):
    _moments(w, grad, m, v, beta1, beta2, l2)
    w *= 1 - lr * decay
    w += lr * (m / correction1) / (np.sqrt(v / correction2) + eps)
    return w


@mistake("optim.adam_step", "You left out l2: with it the gradient is grad + l2 w.")
def adam_without_l2(w, grad, m, v, lr, beta1, beta2, eps, l2, decay, correction1, correction2):
    return _adam(w, grad, m, v, lr, beta1, beta2, eps, 0, decay, correction1, correction2)


@mistake("optim.adam_step", "You left out decay: the weights shrink by the factor 1 - lr decay.")
def adam_without_decay(w, grad, m, v, lr, beta1, beta2, eps, l2, decay, correction1, correction2):
    return _adam(w, grad, m, v, lr, beta1, beta2, eps, l2, 0, correction1, correction2)


@mistake("optim.adam_step", "You put decay into the gradient, where l2 belongs: decay acts on w alone.")
def adam_decay_in_the_gradient(w, grad, m, v, lr, beta1, beta2, eps, l2, decay, correction1, correction2):
    return _adam(w, grad, m, v, lr, beta1, beta2, eps, l2 + decay, 0, correction1, correction2)


@mistake("optim.adam_step", "You shrink by 1 - decay: the decay is multiplied with the learning rate, 1 - lr decay.")
def adam_decay_without_learning_rate(w, grad, m, v, lr, beta1, beta2, eps, l2, decay, correction1, correction2):
    return _adam(w, grad, m, v, lr, beta1, beta2, eps, l2, decay / lr, correction1, correction2)


@mistake(
    "optim.adam_step",
    "You made new arrays: m = …, v = …, w = … leave the caller's as they were. Write m *= …, m += …, and so on.",
)
def adam_not_in_place(w, grad, m, v, lr, beta1, beta2, eps, l2, decay, correction1, correction2):
    return _adam(w.copy(), grad, m.copy(), v.copy(), lr, beta1, beta2, eps, l2, decay, correction1, correction2)


@mistake("optim.adam_step", "You made new arrays for m and v: the caller's moments never change.")
def adam_moments_not_in_place(w, grad, m, v, lr, beta1, beta2, eps, l2, decay, correction1, correction2):
    return _adam(w, grad, m.copy(), v.copy(), lr, beta1, beta2, eps, l2, decay, correction1, correction2)


@mistake("optim.adam_step", "You made a new array for w: the caller's weights never move. Write w -= ….")
def adam_weights_not_in_place(w, grad, m, v, lr, beta1, beta2, eps, l2, decay, correction1, correction2):
    return _adam(w.copy(), grad, m, v, lr, beta1, beta2, eps, l2, decay, correction1, correction2)


@mistake("optim.adam_step", "You changed the gradient in place (grad += …): write g = grad + l2 * w.")
def adam_changes_the_gradient(w, grad, m, v, lr, beta1, beta2, eps, l2, decay, correction1, correction2):
    grad += l2 * w
    return _adam(w, grad, m, v, lr, beta1, beta2, eps, 0, decay, correction1, correction2)


@mistake("optim.adam_step", "You returned nothing: end with return w.")
def adam_without_return(w, grad, m, v, lr, beta1, beta2, eps, l2, decay, correction1, correction2):
    _adam(w, grad, m, v, lr, beta1, beta2, eps, l2, decay, correction1, correction2)


# The schedule


def _fall(t, total, warmup, final):
    done = min((t - warmup) / (total - warmup), 1)
    return final + (1 - final) * 0.5 * (1 + math.cos(math.pi * done))


@mistake(
    "optim.cosine", "Your warm-up begins at 0, with t / warmup: the first step would be lost. It is (t + 1) / warmup."
)
def cosine_warmup_from_zero(t, total, warmup=0, final=0.0):
    return t / warmup if t < warmup else _fall(t, total, warmup, final)


@mistake("optim.cosine", "You left out the warm-up: the steps below `warmup` rise linearly.")
def cosine_without_warmup(t, total, warmup=0, final=0.0):
    return _fall(max(t, warmup), total, warmup, final)


@mistake("optim.cosine", "Your warm-up starts at final: it rises from 1 / warmup, whatever final is.")
def cosine_warmup_from_final(t, total, warmup=0, final=0.0):
    return final + (1 - final) * (t + 1) / warmup if t < warmup else _fall(t, total, warmup, final)


@mistake("optim.cosine", "The fall begins at step 0, with t / total: it begins when the warm-up is over.")
def cosine_fall_from_zero(t, total, warmup=0, final=0.0):
    return (t + 1) / warmup if t < warmup else _fall(t, total, 0, final)


@mistake("optim.cosine", "After step `total` it rises again: the share that is done must not exceed 1.")
def cosine_rises_again(t, total, warmup=0, final=0.0):
    if t < warmup:
        return (t + 1) / warmup
    return final + (1 - final) * 0.5 * (1 + math.cos(math.pi * (t - warmup) / (total - warmup)))


@mistake("optim.cosine", "You ran through the whole cosine, down and up again: half of it goes to π, not to 2π.")
def cosine_whole(t, total, warmup=0, final=0.0):
    if t < warmup:
        return (t + 1) / warmup
    done = min((t - warmup) / (total - warmup), 1)
    return final + (1 - final) * 0.5 * (1 + math.cos(2 * math.pi * done))


@mistake("optim.cosine", "You ran through a quarter of the cosine, to π/2: half of it goes to π, from 1 to -1.")
def cosine_quarter(t, total, warmup=0, final=0.0):
    if t < warmup:
        return (t + 1) / warmup
    done = min((t - warmup) / (total - warmup), 1)
    return final + (1 - final) * math.cos(math.pi / 2 * done)


@mistake("optim.cosine", "You left out the factor 0.5: 1 + cos runs from 2 to 0.")
def cosine_twice_as_high(t, total, warmup=0, final=0.0):
    if t < warmup:
        return (t + 1) / warmup
    done = min((t - warmup) / (total - warmup), 1)
    return final + (1 - final) * (1 + math.cos(math.pi * done))


@mistake(
    "optim.cosine",
    "You added final on top: at step `warmup` the fraction is then 1 + final. Scale the fall by 1 - final.",
)
def cosine_final_added(t, total, warmup=0, final=0.0):
    return (t + 1) / warmup if t < warmup else final + _fall(t, total, warmup, 0)


@mistake("optim.cosine", "You left out final: the fall ends there, not at 0.")
def cosine_without_final(t, total, warmup=0, final=0.0):
    return (t + 1) / warmup if t < warmup else _fall(t, total, warmup, 0)


@mistake("optim.cosine", "You cut the cosine off at final: it should reach final only at its end.")
def cosine_cut_off(t, total, warmup=0, final=0.0):
    return (t + 1) / warmup if t < warmup else max(final, _fall(t, total, warmup, 0))


@mistake("optim.cosine", "Your fall is a straight line: it should be half a cosine.")
def cosine_straight(t, total, warmup=0, final=0.0):
    if t < warmup:
        return (t + 1) / warmup
    return 1 - (1 - final) * min((t - warmup) / (total - warmup), 1)


@mistake(
    "optim.cosine", "Your fall takes `total` steps from where the rise ends: `total` is the step at which it is over."
)
def cosine_too_long(t, total, warmup=0, final=0.0):
    return (t + 1) / warmup if t < warmup else _fall(t, total + warmup, warmup, final)


@mistake("optim.cosine", "Your fall ends one step too early, at total - 1.")
def cosine_one_step_early(t, total, warmup=0, final=0.0):
    return (t + 1) / warmup if t < warmup else _fall(t, max(total - 1, warmup + 0.5), warmup, final)


# Dropout


def _scaled(x, u, p):
    keep = (u >= p).astype(x.dtype)
    return keep / (1 - p) if p < 1 else keep


@mistake("functional.inverted_dropout", "The survivors are not scaled: divide them by 1 - p, so that the mean stays.")
def inverted_dropout_not_scaled(x, u, p):
    keep = (u >= p).astype(x.dtype)
    return x * keep, lambda dy: dy * keep


@mistake("functional.inverted_dropout", "You scaled by 1 - p: divide by it.")
def inverted_dropout_multiplied(x, u, p):
    keep = (u >= p).astype(x.dtype) * (1 - p)
    return x * keep, lambda dy: dy * keep


@mistake("functional.inverted_dropout", "You divided by p: the share that survives is 1 - p.")
def inverted_dropout_divided_by_p(x, u, p):
    keep = (u >= p).astype(x.dtype) / (p if p > 0 else 1)
    return x * keep, lambda dy: dy * keep


@mistake("functional.inverted_dropout", "You kept what should be silenced: an element survives where u >= p.")
def inverted_dropout_mask_turned_round(x, u, p):
    keep = (u < p).astype(x.dtype) / ((1 - p) if p < 1 else 1)
    return x * keep, lambda dy: dy * keep


@mistake("functional.inverted_dropout", "An element is kept with probability p here: p is the probability of silence.")
def inverted_dropout_keeps_with_p(x, u, p):
    keep = (u < p).astype(x.dtype) / (p if p > 0 else 1)
    return x * keep, lambda dy: dy * keep


@mistake("functional.inverted_dropout", "Where u is exactly p the element is kept: compare with >=, not with >.")
def inverted_dropout_strict(x, u, p):
    keep = (u > p).astype(x.dtype) / ((1 - p) if p < 1 else 1)
    return x * keep, lambda dy: dy * keep


@mistake("functional.inverted_dropout", "With p = 1 you divide 0 by 0, which is nan: that case needs no scaling.")
def inverted_dropout_divides_by_zero(x, u, p):
    keep = (u >= p).astype(x.dtype) / x.dtype.type(1 - p)
    return x * keep, lambda dy: dy * keep


@mistake("functional.inverted_dropout", "Divide by the probability 1 - p, not by the share that happened to survive.")
def inverted_dropout_divided_by_the_share(x, u, p):
    keep = (u >= p).astype(x.dtype)
    keep /= max(keep.mean(), keep.dtype.type(1e-9))
    return x * keep, lambda dy: dy * keep


@mistake("functional.inverted_dropout", "Your vjp lets everything through: what was silenced gets no gradient.")
def inverted_dropout_vjp_without_mask(x, u, p):
    return x * _scaled(x, u, p), lambda dy: dy.copy()


@mistake("functional.inverted_dropout", "Your vjp has the mask but not the factor 1 / (1 - p).")
def inverted_dropout_vjp_not_scaled(x, u, p):
    return x * _scaled(x, u, p), lambda dy: dy * (u >= p)


@mistake(
    "functional.inverted_dropout", "You ignored the upstream gradient dy: your vjp answers as if dy were all ones."
)
def inverted_dropout_upstream_taken_as_ones(x, u, p):
    keep = _scaled(x, u, p)
    return x * keep, lambda dy: np.ones_like(dy) * keep


@mistake("functional.inverted_dropout", "Your vjp multiplies dy with y: the derivative is the mask, not the value.")
def inverted_dropout_vjp_with_value(x, u, p):
    y = x * _scaled(x, u, p)
    return y, lambda dy: dy * y


@mistake("functional.inverted_dropout", "You changed x in place: it belongs to the caller.")
def inverted_dropout_in_place(x, u, p):
    keep = _scaled(x, u, p)
    x *= keep
    return x, lambda dy: dy * keep


@mistake("functional.inverted_dropout", "The result is float64 whatever x is: keep the dtype of x.")
def inverted_dropout_always_float64(x, u, p):
    keep = (u >= p) / np.float64(1 - p if p < 1 else 1)
    return x * keep, lambda dy: dy * keep


@mistake("functional.inverted_dropout", "The vjp remembers the last dy it was given: each call must start afresh.")
def inverted_dropout_vjp_adds_up(x, u, p):
    mask = np.where(u >= p, 0 if p == 1 else 1 / (1 - p), 0).astype(x.dtype)
    total = 0

    def vjp(dy):
        nonlocal total
        total = total + dy
        return total * mask

    return x * mask, vjp


@mistake("functional.inverted_dropout", "You returned y alone: the function returns the pair (y, vjp).")
def inverted_dropout_without_vjp(x, u, p):
    return x * _scaled(x, u, p)


@mistake("functional.inverted_dropout", "u need not have the shape of x: let NumPy broadcast the mask.")
def inverted_dropout_indexes_with_the_mask(x, u, p):
    def silenced(a):
        y = a / a.dtype.type(1 - p if p < 1 else 1)
        y[u < p] = 0
        return y

    return silenced(x), silenced
