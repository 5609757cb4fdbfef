"""Twin of ``functional/attention.py`` that never holds the T x T matrix.

The scores are made block by block, a few heads and queries at a time against all keys, so that a block stays in the
cache and memory is O(T): BLAS multiplies, and a kernel between two products does all that softmax needs in one visit.
The backward pass does not store the probabilities but makes them again from the scores and the logarithm of their sum
(Dao et al. 2022, "FlashAttention", §3.1).
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from nnlite.kernels.compile import contiguous, kernel
from nnlite.kernels.mathematics import exp, largest

_BLOCK = 1 << 16  # scores in a block: 256 kB of float32, about one core's second-level cache


@kernel
def _softmax_block(s, first, causal, scale, log_sum):
    """Make scores (heads, rows, S) into probabilities, in place; row i of the block is query first + i."""
    for h in range(s.shape[0]):
        for i in range(s.shape[1]):
            n = min(first + i + 1, s.shape[2]) if causal else s.shape[2]
            m = scale * largest(s[h, i, :n])
            total = s.dtype.type(0)
            for j in range(n):
                s[h, i, j] = exp(s[h, i, j] * scale - m)
                total += s[h, i, j]
            r = s.dtype.type(1) / total
            log_sum[h, i] = m + math.log(total)
            for j in range(n):
                s[h, i, j] *= r
            for j in range(n, s.shape[2]):
                s[h, i, j] = 0


@kernel
def _probabilities_block(s, first, causal, scale, log_sum):
    """Make the same probabilities again, from the scores and the logarithm of their sum."""
    for h in range(s.shape[0]):
        for i in range(s.shape[1]):
            n = min(first + i + 1, s.shape[2]) if causal else s.shape[2]
            shift = log_sum[h, i]
            for j in range(n):
                s[h, i, j] = exp(s[h, i, j] * scale - shift)
            for j in range(n, s.shape[2]):
                s[h, i, j] = 0


@kernel
def _softmax_vjp_block(p, dp, y, dy, scale):
    """ds = p * (dp - dy . y) * scale, written over dp."""
    for h in range(p.shape[0]):
        for i in range(p.shape[1]):
            dot = p.dtype.type(0)
            for c in range(y.shape[2]):
                dot += dy[h, i, c] * y[h, i, c]
            for j in range(p.shape[2]):
                dp[h, i, j] = p[h, i, j] * (dp[h, i, j] - dot) * scale


def _blocks(heads: int, queries: int, keys: int) -> Iterator[tuple[slice, slice]]:
    """Cut (heads, queries) so that a block against all keys has about `_BLOCK` scores."""
    rows = min(queries, max(_BLOCK // keys, 16))
    many = max(_BLOCK // (rows * keys), 1)
    for h in range(0, heads, many):
        for i in range(0, queries, rows):
            yield slice(h, min(h + many, heads)), slice(i, min(i + rows, queries))


def scaled_dot_product_attention(
    query, key, value, attn_mask=None, dropout_p=0.0, is_causal=False, scale=None, rng=None
):
    """Twin of ``functional.scaled_dot_product_attention`` with no mask but the causal one, and without dropout."""
    if attn_mask is not None or dropout_p or 0 in (query.size, key.size, value.size):
        return NotImplemented
    (t, d), (s, e) = query.shape[-2:], value.shape[-2:]
    dtype = query.dtype
    scale = dtype.type(1 / math.sqrt(d) if scale is None else scale)
    causal = bool(is_causal)
    q, k, v = (
        contiguous(query).reshape(-1, t, d),
        contiguous(key).reshape(-1, s, d),
        contiguous(value).reshape(-1, s, e),
    )
    y = np.empty((len(q), t, e), dtype)
    log_sum = np.empty((len(q), t), dtype)
    for h, i in _blocks(len(q), t, s):
        end = min(i.stop, s) if causal else s  # keys after the block's last query are seen by none of it
        p = q[h, i] @ k[h, :end].swapaxes(1, 2)
        sums = np.empty(p.shape[:2], dtype)
        _softmax_block(p, i.start, causal, scale, sums)
        log_sum[h, i] = sums
        np.matmul(p, v[h, :end], out=y[h, i])

    def vjp(dy, needs):
        dy = contiguous(dy, dtype).reshape(y.shape)
        dq, dk, dv = np.empty_like(q), np.zeros_like(k), np.zeros_like(v)
        for h, i in _blocks(len(q), t, s):
            end = min(i.stop, s) if causal else s
            p = q[h, i] @ k[h, :end].swapaxes(1, 2)
            up = contiguous(dy[h, i])
            _probabilities_block(p, i.start, causal, scale, contiguous(log_sum[h, i]))
            dv[h, :end] += p.swapaxes(1, 2) @ up
            ds = up @ v[h, :end].swapaxes(1, 2)
            _softmax_vjp_block(p, ds, contiguous(y[h, i]), up, scale)
            np.matmul(ds, k[h, :end], out=dq[h, i])
            dk[h, :end] += ds.swapaxes(1, 2) @ q[h, i]
        return dq.reshape(query.shape), dk.reshape(key.shape), dv.reshape(value.shape)

    return y.reshape(*query.shape[:-1], e), vjp
