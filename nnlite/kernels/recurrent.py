"""Twins of ``functional/recurrent.py``: what stands between two matrix products of a step, in one visit.

The products with W_hh stay with BLAS; gates, cells and states are made by one kernel a step.
"""

from __future__ import annotations

import numpy as np

from nnlite.kernels.compile import contiguous, kernel
from nnlite.kernels.mathematics import sigmoid, tanh


@kernel
def _scan(a, b, h0, h):
    for n in range(a.shape[0]):
        for d in range(a.shape[2]):
            h[n, 0, d] = a[n, 0, d] * h0[n, d] + b[n, 0, d]
        for t in range(1, a.shape[1]):
            for d in range(a.shape[2]):
                h[n, t, d] = a[n, t, d] * h[n, t - 1, d] + b[n, t, d]


@kernel
def _scan_vjp(a, h0, h, dy, da, db, g):
    for n in range(a.shape[0]):
        for t in range(a.shape[1] - 1, 0, -1):
            for d in range(a.shape[2]):
                up = g[n, d] + dy[n, t, d]
                db[n, t, d] = up
                da[n, t, d] = up * h[n, t - 1, d]
                g[n, d] = up * a[n, t, d]
        for d in range(a.shape[2]):
            up = g[n, d] + dy[n, 0, d]
            db[n, 0, d] = up
            da[n, 0, d] = up * h0[n, d]
            g[n, d] = up * a[n, 0, d]


def linear_recurrence(a, b, h0=None):
    """Twin of ``functional.linear_recurrence``."""
    if a.size == 0:
        return NotImplemented
    steps, width = a.shape[-2:]
    a3, b3 = contiguous(a).reshape(-1, steps, width), contiguous(b).reshape(-1, steps, width)
    first = np.zeros((len(a3), width), a.dtype) if h0 is None else contiguous(h0).reshape(-1, width)
    h, shape = np.empty_like(b3), a.shape
    _scan(a3, b3, first, h)

    def vjp(dy, needs):
        da, db, g = np.empty_like(a3), np.empty_like(a3), np.zeros_like(first)
        _scan_vjp(a3, first, h, contiguous(dy, a3.dtype).reshape(a3.shape), da, db, g)
        return da.reshape(shape), db.reshape(shape), g.reshape((*shape[:-2], width)) if needs[2] else None

    return h.reshape(shape), vjp


@kernel
def _lstm_step(pre, back, c, gates, c_next, h_next):
    """One loop for each gate: few arrays in a loop are what the compiler can vectorise."""
    width = c.shape[1]
    for n in range(c.shape[0]):
        i, f = gates[n, :width], gates[n, width : 2 * width]
        g, o = gates[n, 2 * width : 3 * width], gates[n, 3 * width :]
        net = gates[n]
        for k in range(4 * width):
            net[k] = pre[n, k] + back[n, k]
        for k in range(2 * width):
            net[k] = sigmoid(net[k])
        for k in range(width):
            g[k] = tanh(g[k])
        for k in range(width):
            o[k] = sigmoid(o[k])
        for k in range(width):
            c_next[n, k] = f[k] * c[n, k] + i[k] * g[k]
        for k in range(width):
            h_next[n, k] = o[k] * tanh(c_next[n, k])


@kernel
def _lstm_step_vjp(gates, c, c_next, dy_h, dy_c, dh, dc, d):
    one = gates.dtype.type(1)
    width = c.shape[1]
    for n in range(c.shape[0]):
        i, f = gates[n, :width], gates[n, width : 2 * width]
        g, o = gates[n, 2 * width : 3 * width], gates[n, 3 * width :]
        d_i, d_f = d[n, :width], d[n, width : 2 * width]
        d_g, d_o = d[n, 2 * width : 3 * width], d[n, 3 * width :]
        for k in range(width):
            d_o[k] = tanh(c_next[n, k])
        for k in range(width):
            tanh_c, up_h = d_o[k], dh[n, k] + dy_h[n, k]
            dc[n, k] += dy_c[n, k] + up_h * o[k] * (one - tanh_c * tanh_c)
            d_o[k] = up_h * tanh_c * o[k] * (one - o[k])
        for k in range(width):
            d_i[k] = dc[n, k] * g[k] * i[k] * (one - i[k])
        for k in range(width):
            d_f[k] = dc[n, k] * c[n, k] * f[k] * (one - f[k])
        for k in range(width):
            d_g[k] = dc[n, k] * i[k] * (one - g[k] * g[k])
        for k in range(width):
            dc[n, k] *= f[k]


def _projected(x, w, *biases):
    steps, rows, width = x.shape
    pre = x.reshape(steps * rows, width) @ w.T
    for bias in biases:
        if bias is not None:
            pre += bias
    return pre.reshape(steps, rows, len(w))


def _sums(d):
    """Sum (T, N, G) over T and N, with BLAS."""
    rows = d.reshape(-1, d.shape[2])
    return np.ones(len(rows), d.dtype) @ rows


def lstm(x, h0, c0, w_ih, w_hh, b_ih=None, b_hh=None):
    """Twin of ``functional.lstm``."""
    if x.size == 0 or h0.size == 0:
        return NotImplemented
    x = contiguous(x)
    steps, rows = x.shape[:2]
    pre = _projected(x, w_ih, b_ih, b_hh)
    h, c = np.empty((2, steps + 1, *h0.shape), x.dtype)
    h[0], c[0] = h0, c0
    gates, back = np.empty_like(pre), np.empty_like(pre[0])
    recurrent = contiguous(w_hh.T)
    for t in range(steps):
        np.matmul(h[t], recurrent, out=back)
        _lstm_step(pre[t], back, c[t], gates[t], c[t + 1], h[t + 1])

    def vjp(dy, needs):
        dy = contiguous(dy, x.dtype)
        d, dh, dc = np.empty_like(gates), np.zeros_like(h[0]), np.zeros_like(h[0])
        weights = contiguous(w_hh)
        for t in range(steps - 1, -1, -1):
            _lstm_step_vjp(gates[t], c[t], c[t + 1], dy[0, t], dy[1, t], dh, dc, d[t])
            np.matmul(d[t], weights, out=dh)
        flat = d.reshape(steps * rows, -1)
        dx = (flat @ w_ih).reshape(x.shape) if needs[0] else None
        dw_ih = flat.T @ x.reshape(steps * rows, -1) if needs[3] else None
        dw_hh = flat.T @ h[:-1].reshape(steps * rows, -1) if needs[4] else None
        db = _sums(d) if needs[5] or needs[6] else None
        return dx, dh, dc, dw_ih, dw_hh, db, db

    return np.stack([h[1:], c[1:]]), vjp


@kernel
def _gru_step(pre, back, h, gates, candidate, h_next):
    one = pre.dtype.type(1)
    width = h.shape[1]
    for n in range(h.shape[0]):
        r, z, new = gates[n, :width], gates[n, width : 2 * width], gates[n, 2 * width :]
        net = gates[n]
        for k in range(2 * width):
            net[k] = sigmoid(pre[n, k] + back[n, k])
        for k in range(width):
            candidate[n, k] = back[n, 2 * width + k]
        for k in range(width):
            new[k] = tanh(pre[n, 2 * width + k] + r[k] * candidate[n, k])
        for k in range(width):
            h_next[n, k] = (one - z[k]) * new[k] + z[k] * h[n, k]


@kernel
def _gru_step_vjp(gates, candidate, h, dy, dh, d_x, d_h):
    one = gates.dtype.type(1)
    width = h.shape[1]
    for n in range(h.shape[0]):
        for k in range(width):
            r, z, new = gates[n, k], gates[n, width + k], gates[n, 2 * width + k]
            up = dh[n, k] + dy[n, k]
            d_new = up * (one - z) * (one - new * new)
            d_r = d_new * candidate[n, k] * r * (one - r)
            d_z = up * (h[n, k] - new) * z * (one - z)
            d_x[n, k], d_x[n, width + k], d_x[n, 2 * width + k] = d_r, d_z, d_new
            d_h[n, k], d_h[n, width + k], d_h[n, 2 * width + k] = d_r, d_z, d_new * r
            dh[n, k] = up * z


def gru(x, h0, w_ih, w_hh, b_ih=None, b_hh=None):
    """Twin of ``functional.gru``."""
    if x.size == 0 or h0.size == 0:
        return NotImplemented
    x = contiguous(x)
    steps, rows = x.shape[:2]
    pre = _projected(x, w_ih, b_ih)
    h = np.empty((steps + 1, *h0.shape), x.dtype)
    h[0] = h0
    gates, candidates, back = np.empty_like(pre), np.empty_like(h[1:]), np.empty_like(pre[0])
    recurrent = contiguous(w_hh.T)
    for t in range(steps):
        np.matmul(h[t], recurrent, out=back)
        if b_hh is not None:
            back += b_hh
        _gru_step(pre[t], back, h[t], gates[t], candidates[t], h[t + 1])

    def vjp(dy, needs):
        dy = contiguous(dy, x.dtype)
        d_x, d_h, dh = np.empty_like(gates), np.empty_like(gates), np.zeros_like(h[0])
        weights, product = contiguous(w_hh), np.empty_like(h[0])
        for t in range(steps - 1, -1, -1):
            _gru_step_vjp(gates[t], candidates[t], h[t], dy[t], dh, d_x[t], d_h[t])
            np.matmul(d_h[t], weights, out=product)
            dh += product
        flat_x, flat_h = d_x.reshape(steps * rows, -1), d_h.reshape(steps * rows, -1)
        dx = (flat_x @ w_ih).reshape(x.shape) if needs[0] else None
        dw_ih = flat_x.T @ x.reshape(steps * rows, -1) if needs[2] else None
        dw_hh = flat_h.T @ h[:-1].reshape(steps * rows, -1) if needs[3] else None
        return dx, dh, dw_ih, dw_hh, _sums(d_x) if needs[4] else None, _sums(d_h) if needs[5] else None

    return h[1:], vjp
