"""Twin of ``functional/attention.py`` that never holds the T x T matrix.

One query looks at all keys at a time; its row of scores lives in a buffer of length S, so memory is O(T). The backward
pass does not store the probabilities but makes them again from the scores and the logarithm of their sum (Dao et al.
2022). Keys and values are held transposed, (d, S), so that every inner loop runs along S, next to each other in memory.
"""

from __future__ import annotations

import math

import numpy as np

from nnlite.kernels.compile import contiguous, kernel
from nnlite.kernels.mathematics import exp


@kernel
def _attend(q, kt, vt, scale, causal, y, log_sum):
    heads, queries = q.shape[:2]
    keys, e = kt.shape[2], vt.shape[1]
    p = np.empty(keys, q.dtype)
    for h in range(heads):
        for i in range(queries):
            n = min(i + 1, keys) if causal else keys
            _scores(q[h, i], kt[h], scale, n, p)
            m = p[0]
            for j in range(1, n):
                m = max(m, p[j])
            total = q.dtype.type(0)
            for j in range(n):
                p[j] = exp(p[j] - m)
                total += p[j]
            r = q.dtype.type(1) / total
            log_sum[h, i] = m + math.log(total)
            for c in range(e):
                mean = q.dtype.type(0)
                for j in range(n):
                    mean += p[j] * vt[h, c, j]
                y[h, i, c] = mean * r


@kernel
def _scores(q, kt, scale, n, s):
    """s[j] = scale * q . k_j for the first n keys."""
    for j in range(n):
        s[j] = 0
    for c in range(len(q)):
        factor = q[c] * scale
        for j in range(n):
            s[j] += factor * kt[c, j]


@kernel
def _attend_vjp(q, kt, vt, scale, causal, y, log_sum, dy, dq, dkt, dvt):
    heads, queries, d = q.shape
    keys, e = kt.shape[2], vt.shape[1]
    p = np.empty(keys, q.dtype)
    ds = np.empty(keys, q.dtype)
    for h in range(heads):
        for i in range(queries):
            n = min(i + 1, keys) if causal else keys
            _scores(q[h, i], kt[h], scale, n, p)
            for j in range(n):
                p[j] = exp(p[j] - log_sum[h, i])
                ds[j] = 0
            dot = q.dtype.type(0)  # sum over j of p_j dp_j, which is dy . y
            for c in range(e):
                up = dy[h, i, c]
                dot += up * y[h, i, c]
                for j in range(n):
                    ds[j] += up * vt[h, c, j]
                    dvt[h, c, j] += up * p[j]
            for j in range(n):
                ds[j] = p[j] * (ds[j] - dot) * scale
            for c in range(d):
                query = q[h, i, c]
                total = q.dtype.type(0)
                for j in range(n):
                    total += ds[j] * kt[h, c, j]
                    dkt[h, c, j] += ds[j] * query
                dq[h, i, c] = total


def scaled_dot_product_attention(
    query, key, value, attn_mask=None, dropout_p=0.0, is_causal=False, scale=None, rng=None
):
    """Twin of ``functional.scaled_dot_product_attention`` without a mask other than the causal one, without dropout."""
    if attn_mask is not None or dropout_p or query.size == 0 or key.size == 0 or value.size == 0:
        return NotImplemented
    (t, d), (s, e) = query.shape[-2:], value.shape[-2:]
    dtype = query.dtype
    scale = dtype.type(1 / math.sqrt(d) if scale is None else scale)
    q = contiguous(query).reshape(-1, t, d)
    kt = contiguous(key.reshape(-1, s, d).transpose(0, 2, 1))  # (heads, d, S)
    vt = contiguous(value.reshape(-1, s, e).transpose(0, 2, 1))
    y = np.empty((len(q), t, e), dtype)
    log_sum = np.empty((len(q), t), dtype)
    _attend(q, kt, vt, scale, is_causal, y, log_sum)

    def vjp(dy, needs):
        dy = contiguous(dy, dtype).reshape(y.shape)
        dq, dkt, dvt = np.empty_like(q), np.zeros_like(kt), np.zeros_like(vt)
        _attend_vjp(q, kt, vt, scale, is_causal, y, log_sum, dy, dq, dkt, dvt)
        return (
            dq.reshape(query.shape),
            dkt.transpose(0, 2, 1).reshape(key.shape),
            dvt.transpose(0, 2, 1).reshape(value.shape),
        )

    return y.reshape(*query.shape[:-1], e), vjp
