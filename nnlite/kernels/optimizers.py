"""Twins of the update rules in ``optim/``: weights, gradient and moments in one pass over memory."""

from __future__ import annotations

import math

from nnlite.kernels.compile import contiguous, kernel


@kernel
def _adam(w, grad, m, v, lr, beta1, beta2, eps, l2, decay, correction1, correction2):
    dtype = w.dtype.type
    keep, step = dtype(1 - lr * decay), dtype(lr / correction1)
    b1, b2, epsilon, penalty = dtype(beta1), dtype(beta2), dtype(eps), dtype(l2)
    c1, c2 = dtype(1 - beta1), dtype(1 - beta2)  # not 1 - b2: of .001 float32 would keep four digits
    r = dtype(1 / math.sqrt(correction2))
    for i in range(w.size):
        g = grad[i] + penalty * w[i]
        m_i = b1 * m[i] + c1 * g  # kept in registers: to load again what was just stored halves the speed
        v_i = b2 * v[i] + c2 * g * g
        m[i], v[i] = m_i, v_i
        w[i] = keep * w[i] - step * m_i / (math.sqrt(v_i) * r + epsilon)


def adam(w, grad, m, v, lr, beta1, beta2, eps, l2, decay, correction1, correction2):
    """Twin of ``optim.adam_step``; `w`, `m` and `v` are changed in place."""
    if not all(array.flags.c_contiguous and array.flags.writeable for array in (w, m, v)):
        return NotImplemented  # a copy would be updated in the place of the moments
    flat = [w, contiguous(grad, w.dtype), m, v]
    if w.ndim != 1:
        flat = [array.ravel() for array in flat]
    _adam(*flat, lr, beta1, beta2, eps, l2, decay, correction1, correction2)
    return w
