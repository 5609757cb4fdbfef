"""Recurrence: the same step again and again, each time with what the last one left behind.

Each function runs a whole sequence at once, so that all inputs are multiplied by the input weights in a single product
and only ``h W_hh^T`` is left inside the loop; each vjp walks the loop backwards (backpropagation through time). Gates
stand in PyTorch's order: i, f, g, o in the LSTM; r, z, n in the GRU, where r acts on ``W_hn h + b_hn``.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlite.arguments import Array
from nnlite.contracts import Kind, given, word
from nnlite.differentiable import differentiable
from nnlite.functional.activations import logistic


@differentiable(
    takes=dict(a=given("... T D"), b=given("... T D"), h0=given("... D") | None),
    compiled="recurrent.linear_recurrence",
    same_dtype=True,
)
def linear_recurrence(a: Array, b: Array, h0: Array | None = None):
    """Run the gated diagonal recurrence ``h_t = a_t h_{t-1} + b_t``, on which Mamba, RG-LRU and others are built.

    Parameters
    ----------
    a : (..., T, D)
        How much of the state is kept at each step.
    b : (..., T, D)
        What is added.
    h0 : (..., D), optional
        The state before the first step; 0 by default.

    Returns
    -------
    (..., T, D)
        The states h_1 ... h_T.

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.linear_recurrence([[0.5], [0.5], [0.5]], [[1.0], [0.0], [0.0]]).data.ravel()
    array([1.  , 0.5 , 0.25], dtype=float32)
    """
    h = np.empty_like(b)
    state = np.zeros((*a.shape[:-2], a.shape[-1]), b.dtype) if h0 is None else h0
    first = state
    for t in range(a.shape[-2]):
        state = a[..., t, :] * state + b[..., t, :]
        h[..., t, :] = state

    def vjp(dy, needs):
        # g_t = dL/dh_t is the sum of the gradient of h_t itself and of what h_{t+1} passes back
        g = np.zeros_like(first)
        da, db = np.empty_like(a), np.empty_like(b)
        for t in range(a.shape[-2] - 1, -1, -1):
            g = g + dy[..., t, :]
            db[..., t, :] = g
            da[..., t, :] = g * (h[..., t - 1, :] if t else first)
            g = g * a[..., t, :]
        return da, db, g if needs[2] else None

    return h, vjp


def _cell(rows: str, **more: Kind) -> dict[str, Kind]:
    """What a recurrence takes whose weights have so many rows: H for each gate."""
    bias = given(rows) | None
    return dict(
        x=given("T N I"),
        w_hh=given(f"{rows} H"),
        w_ih=given(f"{rows} I"),
        h0=given("N H"),
        b_ih=bias,
        b_hh=bias,
        **more,
    )


@differentiable(takes=_cell("H", nonlinearity=word("tanh", "relu")), same_dtype=True)
def rnn(
    x: Array,
    h0: Array,
    w_ih: Array,
    w_hh: Array,
    b_ih: Array | None = None,
    b_hh: Array | None = None,
    nonlinearity: str = "tanh",
):
    """Run the plain recurrent network ``h_t = tanh(W_ih x_t + b_ih + W_hh h_{t-1} + b_hh)`` (Elman 1990).

    Parameters
    ----------
    x : (T, N, I)
    h0 : (N, H)
    w_ih, w_hh : (H, I), (H, H)
    b_ih, b_hh : (H,), optional
    nonlinearity : {"tanh", "relu"}

    Returns
    -------
    (T, N, H)
        The states h_1 ... h_T.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite import functional as F
    >>> F.rnn(np.ones((5, 2, 3)), np.zeros((2, 4)), np.ones((4, 3)), np.ones((4, 4))).shape
    (5, 2, 4)
    """
    pre = _projected(x, w_ih, b_ih, b_hh)
    states = np.empty((len(x) + 1, *h0.shape), pre.dtype)  # h_0 ... h_T
    states[0] = h0
    for t in range(len(x)):
        z = pre[t] + states[t] @ w_hh.T
        states[t + 1] = np.tanh(z) if nonlinearity == "tanh" else np.maximum(z, 0)

    def vjp(dy, needs):
        d, dh = np.empty_like(pre), np.zeros_like(states[0])
        for t in range(len(x) - 1, -1, -1):
            h = states[t + 1]
            d[t] = (dy[t] + dh) * (1 - h * h if nonlinearity == "tanh" else h > 0)
            dh = d[t] @ w_hh
        dx, dw_ih, dw_hh = _weight_gradients(d, x, states[:-1], w_ih, needs, 2)
        db = d.sum((0, 1))
        return dx, dh, dw_ih, dw_hh, db, db

    return states[1:], vjp


@differentiable(takes=_cell("4H", c0=given("N H")), compiled="recurrent.lstm", same_dtype=True)
def lstm(
    x: Array, h0: Array, c0: Array, w_ih: Array, w_hh: Array, b_ih: Array | None = None, b_hh: Array | None = None
):
    """Run a long short-term memory over a whole sequence (Hochreiter, Schmidhuber 1997; forget gate: Gers et al. 1999).

    ::

        i, f, o = sigmoid(...),  g = tanh(...)     each of  W_ih x_t + b_ih + W_hh h_{t-1} + b_hh
        c_t = f c_{t-1} + i g                      h_t = o tanh(c_t)

    Parameters
    ----------
    x : (T, N, I)
    h0, c0 : (N, H)
    w_ih, w_hh : (4H, I), (4H, H)
        In the order i, f, g, o.
    b_ih, b_hh : (4H,), optional

    Returns
    -------
    (2, T, N, H)
        All states h, and all cells c.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite import functional as F
    >>> h0 = np.zeros((2, 4))
    >>> F.lstm(np.ones((5, 2, 3)), h0, h0, np.ones((16, 3)), np.ones((16, 4))).shape
    (2, 5, 2, 4)
    """
    pre = _projected(x, w_ih, b_ih, b_hh)
    steps, width = len(x), h0.shape[1]
    h, c = (np.empty((steps + 1, *h0.shape), pre.dtype) for _ in range(2))
    h[0], c[0] = h0, c0
    gates = np.empty_like(pre)
    for t in range(steps):
        z = (pre[t] + h[t] @ w_hh.T).reshape(len(h0), 4, width)
        i, f, g, o = logistic(z[:, 0]), logistic(z[:, 1]), np.tanh(z[:, 2]), logistic(z[:, 3])
        gates[t] = np.concatenate([i, f, g, o], 1)
        c[t + 1] = f * c[t] + i * g
        h[t + 1] = o * np.tanh(c[t + 1])

    def vjp(dy, needs):
        d, dh, dc = np.empty_like(pre), np.zeros_like(h[0]), np.zeros_like(c[0])
        for t in range(steps - 1, -1, -1):
            i, f, g, o = np.split(gates[t], 4, 1)
            tanh_c = np.tanh(c[t + 1])
            dh = dh + dy[0, t]
            dc = dc + dy[1, t] + dh * o * (1 - tanh_c * tanh_c)
            d[t] = np.concatenate(
                [
                    dc * g * i * (1 - i),
                    dc * c[t] * f * (1 - f),
                    dc * i * (1 - g * g),
                    dh * tanh_c * o * (1 - o),
                ],
                1,
            )
            dc = dc * f
            dh = d[t] @ w_hh
        dx, dw_ih, dw_hh = _weight_gradients(d, x, h[:-1], w_ih, needs, 3)
        db = d.sum((0, 1))
        return dx, dh, dc, dw_ih, dw_hh, db, db

    return np.stack([h[1:], c[1:]]), vjp


@differentiable(takes=_cell("3H"), compiled="recurrent.gru", same_dtype=True)
def gru(x: Array, h0: Array, w_ih: Array, w_hh: Array, b_ih: Array | None = None, b_hh: Array | None = None):
    """Run a gated recurrent unit over a whole sequence (Cho et al. 2014).

    ::

        r = sigmoid(W_ir x + b_ir + W_hr h + b_hr)       z likewise
        n = tanh(W_in x + b_in + r (W_hn h + b_hn))      h_t = (1 - z) n + z h_{t-1}

    Parameters
    ----------
    x : (T, N, I)
    h0 : (N, H)
    w_ih, w_hh : (3H, I), (3H, H)
        In the order r, z, n.
    b_ih, b_hh : (3H,), optional

    Returns
    -------
    (T, N, H)
        The states h_1 ... h_T.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite import functional as F
    >>> F.gru(np.ones((5, 2, 3)), np.zeros((2, 4)), np.ones((12, 3)), np.ones((12, 4))).shape
    (5, 2, 4)
    """
    pre = _projected(x, w_ih, b_ih)
    steps, width = len(x), h0.shape[1]
    h = np.empty((steps + 1, *h0.shape), pre.dtype)
    h[0] = h0
    gates, candidates = np.empty_like(pre), np.empty_like(h[1:])  # r, z, n; and W_hn h + b_hn
    for t in range(steps):
        back = h[t] @ w_hh.T if b_hh is None else h[t] @ w_hh.T + b_hh
        rz = logistic(pre[t, :, : 2 * width] + back[:, : 2 * width])
        r, z = rz[:, :width], rz[:, width:]
        candidates[t] = back[:, 2 * width :]
        n = np.tanh(pre[t, :, 2 * width :] + r * candidates[t])
        gates[t] = np.concatenate([r, z, n], 1)
        h[t + 1] = (1 - z) * n + z * h[t]

    def vjp(dy, needs):
        d_x, d_h, dh = np.empty_like(pre), np.empty_like(pre), np.zeros_like(h[0])
        for t in range(steps - 1, -1, -1):
            r, z, n = np.split(gates[t], 3, 1)
            dh = dh + dy[t]
            dn = dh * (1 - z) * (1 - n * n)
            dr = dn * candidates[t] * r * (1 - r)
            dz = dh * (h[t] - n) * z * (1 - z)
            d_x[t] = np.concatenate([dr, dz, dn], 1)
            d_h[t] = np.concatenate([dr, dz, dn * r], 1)
            dh = dh * z + d_h[t] @ w_hh
        dx, dw_ih, _ = _weight_gradients(d_x, x, h[:-1], w_ih, (needs[0], False, needs[2], False), 2)
        rows = d_h.reshape(-1, 3 * width)
        dw_hh = rows.T @ h[:-1].reshape(len(rows), width) if needs[3] else None
        return dx, dh, dw_ih, dw_hh, d_x.sum((0, 1)), d_h.sum((0, 1))

    return h[1:], vjp


def _projected(x: Array, w: Array, *biases: Array | None) -> Array:
    """All inputs times the input weights in one product: (T, N, I) to (T, N, G)."""
    t, n, i = x.shape
    y = (x.reshape(t * n, i) @ w.T).reshape(t, n, len(w))
    for bias in biases:
        if bias is not None:
            y = y + bias
    return y


def _weight_gradients(d: Array, x: Array, h: Array, w_ih: Array, needs: tuple[bool, ...], at: int) -> tuple[Any, ...]:
    """From dL/d(gates) (T, N, G): the gradients of x and both matrices; `h` are the states before each step."""
    t, n, g = d.shape
    rows = d.reshape(t * n, g)
    dx = (rows @ w_ih).reshape(x.shape) if needs[0] else None
    dw_ih = rows.T @ x.reshape(t * n, x.shape[2]) if needs[at] else None
    dw_hh = rows.T @ h.reshape(t * n, h.shape[2]) if needs[at + 1] else None
    return dx, dw_ih, dw_hh
