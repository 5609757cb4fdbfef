"""Twin of ``functional/attention.py`` that never holds the T x T matrix.

A few queries at a time meet the keys, so that their scores stay in the cache and memory is O(T). The products are
made of tiles that stay in the registers (see ``tiles.py``), and tiles that nobody may look at are left out. The
backward pass does not store the probabilities but makes them again, from the scores, their largest and their sum
(Dao et al. 2022, "FlashAttention", §3.1).

Query i sees the keys from i - before to i + after: ``after`` is 0 if attention is causal, and a window bounds both.
A mask is never expanded: ``places`` says where in it a head begins, and ``steps`` how far apart rows and columns lie.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator
from typing import Any

import numba
import numpy as np

from nnlite.kernels import threads
from nnlite.kernels.compile import contiguous, kernel
from nnlite.kernels.mathematics import decay, largest
from nnlite.kernels.tiles import ROWS, apart, at, strides, table, tile, width
from nnlite.random import generator

_QUERIES = 8 * ROWS  # whose scores are in the cache at one time
_KEYS = 32 * ROWS  # against which they are held in the backward pass
_TAIL = 64 + ROWS  # to the multiple of what a vectorised loop takes at a time, so that nothing is left over
_DRAWN = 1 << 18  # random numbers for dropout that are drawn at a time

_inside = numba.njit(error_model="numpy", fastmath={"reassoc", "contract", "nsz", "arcp"}, nogil=True)


@_inside
def _pack_columns(x, out):
    """Write x (rows, n) as panels (rows / W, n, W), the rest 0: a product with x's transpose reads them in order."""
    apart()
    w, n = width(out), x.shape[1]
    for first in range(0, x.shape[0], w):
        for c in range(w):
            if first + c < x.shape[0]:
                for j in range(n):
                    out[(first * n) + j * w + c] = x[first + c, j]
            else:
                for j in range(n):
                    out[(first * n) + j * w + c] = 0


@_inside
def _pack_rows(x, first, count, factor, out, wide):
    """Write some rows of x (rows, n), times a factor, as rows of `wide` numbers, the rest 0."""
    apart()
    for i in range(count):
        for j in range(x.shape[1]):
            out[i * wide + j] = x[first + i, j] * factor
        for j in range(x.shape[1], wide):
            out[i * wide + j] = 0


@_inside
def _unpack_rows(rows, wide, factor, out, first, count):
    """Add rows of `wide` numbers, times a factor, to some rows of `out`."""
    apart()
    for i in range(count):
        for j in range(out.shape[1]):
            out[first + i, j] += rows[i * wide + j] * factor


@_inside
def _clear(x):
    apart()
    for i in range(len(x)):
        x[i] = 0


@_inside
def _drop(x, place, keep, i, lo, hi):
    """Multiply what belongs to a query and the keys from lo to hi with what dropout keeps."""
    apart()
    for j in range(lo, hi):
        x[place + j] *= keep[i, j]


@_inside
def _mask(scores, place, lo, hi, seen, seen_place, seen_step, added, added_place, added_step):
    """To the scores of a query with the keys from lo to hi: hide what one mask hides, add what the other adds."""
    apart()
    if len(seen) > 0:
        for j in range(lo, hi):
            scores[place + j] = scores[place + j] if seen[seen_place + j * seen_step] else -np.inf
    if len(added) > 0:
        for j in range(lo, hi):
            scores[place + j] += added[added_place + j * added_step]


@kernel
def _attend(q, k, v, scale, first, before, after, seen, added, places, steps, keep, y, peak, share):
    """Let the queries from `first` on, as many as there are rows of y, look at the keys."""
    keys, d, e, w = k.shape[1], k.shape[2], v.shape[2], np.int64(width(y))
    one, zero, masked, dropped = y.dtype.type(1), np.int64(0), len(seen) + len(added) > 0, keep.size > 0
    s, dw, ew = (keys + w - 1) // w * w, (d + w - 1) // w * w, (e + w - 1) // w * w
    line = s + _TAIL
    columns, values = np.empty(s * d, y.dtype), np.empty(keys * ew, y.dtype)
    queries = np.zeros(_QUERIES * dw, y.dtype)
    p, out = np.empty(_QUERIES * line, y.dtype), np.empty(_QUERIES * ew, y.dtype)
    by_w, by_ew, q_rows, p_rows = table(d, w), table(keys, ew), strides(dw, 1), strides(line, 1)
    for h in range(len(k)):
        _pack_columns(k[h], columns)
        _pack_rows(v[h], zero, keys, one, values, ew)
        for block in range(0, y.shape[1], _QUERIES):
            count, start = min(_QUERIES, y.shape[1] - block), first + block
            _pack_rows(q[h], start, count, scale, queries, dw)
            for j in range(max(0, start - before) // w * w, min(keys, start + count + after), w):
                for r in range(0, count, ROWS):
                    if start + r - before < j + w and j < start + r + ROWS + after:
                        x, column = at(queries, r * dw), at(columns, j * d)
                        tile(at(p, r * line + j), line, x, at(q_rows, 0), column, at(by_w, 0), d, False)
            for r in range(0, count, ROWS):
                end = min(r + ROWS, count)
                lo, hi = max(0, start + r - before), min(keys, start + end + after)
                for i in range(r, end):
                    a, b = max(0, start + i - before), min(keys, start + i + after + 1)
                    row, t = i * line, start + i
                    seen_place, added_place = places[h, 0] + t * steps[0, 0], places[h, 1] + t * steps[1, 0]
                    if masked:
                        _mask(p, row, a, b, seen, seen_place, steps[0, 1], added, added_place, steps[1, 1])
                    hidden = p[row + b : row + b + _TAIL]
                    for j in range(_TAIL):
                        hidden[j] = -np.inf
                    for j in range(lo, a):
                        p[row + j] = -np.inf
                    look = p[row + lo : row + lo + (hi - lo + 63) // 64 * 64]
                    m, total = largest(look), y.dtype.type(0)
                    for j in range(len(look)):
                        look[j] = decay(look[j] - m)
                        total += look[j]
                    peak[h, block + i], share[h, block + i] = m, y.dtype.type(1) / total
                    if dropped:
                        _drop(p, row, keep, block + i, a, b)
                for c in range(0, ew, w):
                    x, value = at(p, r * line + lo), at(values, lo * ew + c)
                    tile(at(out, r * ew + c), ew, x, at(p_rows, 0), value, at(by_ew, 0), hi - lo, False)
            for i in range(count):
                for c in range(e):
                    y[h, block + i, c] = out[i * ew + c] * share[h, block + i]


@kernel
def _attend_vjp(q, k, v, scale, first, before, after, seen, added, places, steps, keep, y, peak, share, dy, dq, dk, dv):
    """Add to dq, dk and dv what those queries say."""
    keys, d, e, w = k.shape[1], k.shape[2], v.shape[2], np.int64(width(y))
    one, zero, masked, dropped = y.dtype.type(1), np.int64(0), len(seen) + len(added) > 0, keep.size > 0
    s, dw, ew = (keys + w - 1) // w * w, (d + w - 1) // w * w, (e + w - 1) // w * w
    k_columns, v_columns, k_rows = np.empty(s * d, y.dtype), np.empty(s * e, y.dtype), np.empty(keys * dw, y.dtype)
    dk_rows, dv_rows = np.empty((keys + ROWS) * dw, y.dtype), np.empty((keys + ROWS) * ew, y.dtype)
    queries, up, out = (
        np.zeros(_QUERIES * dw, y.dtype),
        np.zeros(_QUERIES * ew, y.dtype),
        np.empty(_QUERIES * dw, y.dtype),
    )
    p, ds = np.empty(_QUERIES * (_KEYS + _TAIL), y.dtype), np.empty(_QUERIES * (_KEYS + _TAIL), y.dtype)
    line = len(p) // _QUERIES
    many = max(_QUERIES, _KEYS)
    by_w, by_dw, by_ew = table(max(d, e), w), table(many, dw), table(many, ew)
    p_columns, q_rows, up_rows, p_rows = strides(1, line), strides(dw, 1), strides(ew, 1), strides(line, 1)
    for h in range(len(k)):
        _pack_columns(k[h], k_columns)
        _pack_columns(v[h], v_columns)
        _pack_rows(k[h], zero, keys, one, k_rows, dw)
        _clear(dk_rows)
        _clear(dv_rows)
        for block in range(0, y.shape[1], _QUERIES):
            count, start = min(_QUERIES, y.shape[1] - block), first + block
            _pack_rows(q[h], start, count, scale, queries, dw)
            _pack_rows(dy[h], block, count, one, up, ew)
            _clear(out)
            stop = min(keys, start + count + after)
            for j0 in range(max(0, start - before) // w * w, stop, _KEYS):
                j1 = min(stop, j0 + _KEYS)
                for r in range(0, count, ROWS):
                    end = min(r + ROWS, count)
                    lo, hi = max(j0, (start + r - before) // w * w), min(j1, start + end + after)
                    if lo >= hi:
                        continue
                    for j in range(lo, hi, w):
                        c, x, column = r * line + j - j0, at(queries, r * dw), at(k_columns, j * d)
                        tile(at(p, c), line, x, at(q_rows, 0), column, at(by_w, 0), d, False)
                        x, column = at(up, r * ew), at(v_columns, j * e)
                        tile(at(ds, c), line, x, at(up_rows, 0), column, at(by_w, 0), e, False)
                    for i in range(r, end):
                        a, b = max(0, start + i - before), min(keys, start + i + after + 1)
                        row, t = i * line - j0, start + i
                        seen_place, added_place = places[h, 0] + t * steps[0, 0], places[h, 1] + t * steps[1, 0]
                        a0 = min(max(a, lo), hi)
                        b0 = max(min(b, hi), a0)
                        if masked:
                            _mask(p, row, a0, b0, seen, seen_place, steps[0, 1], added, added_place, steps[1, 1])
                        m, part = peak[h, block + i], share[h, block + i]
                        dot = y.dtype.type(0)
                        for c in range(e):
                            dot += dy[h, block + i, c] * y[h, block + i, c]
                        hidden, out_of_sight = p[row + b0 : row + b0 + _TAIL], ds[row + b0 : row + b0 + _TAIL]
                        for j in range(_TAIL):
                            hidden[j] = -np.inf
                            out_of_sight[j] = 0
                        for j in range(lo, a0):
                            p[row + j] = -np.inf
                            ds[row + j] = 0
                        if dropped:
                            _drop(ds, row, keep, block + i, a0, b0)
                        n = (hi - lo + 63) // 64 * 64
                        look, dlook = p[row + lo : row + lo + n], ds[row + lo : row + lo + n]
                        for j in range(n):
                            look[j] = decay(look[j] - m) * part
                            dlook[j] = look[j] * (dlook[j] - dot)
                        if dropped:
                            _drop(p, row, keep, block + i, a0, b0)
                    for c in range(0, dw, w):
                        x, value = at(ds, r * line + lo - j0), at(k_rows, lo * dw + c)
                        tile(at(out, r * dw + c), dw, x, at(p_rows, 0), value, at(by_dw, 0), hi - lo, True)
                for j in range(j0, j1, ROWS):
                    r = max(0, j - after - start)
                    n, here = min(count, j + ROWS + before - start) - r, r * line + j - j0
                    if n > 0:
                        for c in range(0, dw, w):
                            z, x, column = at(dk_rows, j * dw + c), at(ds, here), at(queries, r * dw + c)
                            tile(z, dw, x, at(p_columns, 0), column, at(by_dw, 0), n, True)
                        for c in range(0, ew, w):
                            z, x, column = at(dv_rows, j * ew + c), at(p, here), at(up, r * ew + c)
                            tile(z, ew, x, at(p_columns, 0), column, at(by_ew, 0), n, True)
            _unpack_rows(out, dw, scale, dq[h], start, count)
        _unpack_rows(dk_rows, dw, one, dk[h], zero, keys)
        _unpack_rows(dv_rows, ew, one, dv[h], zero, keys)


class _Mask:
    """A mask as the kernels read it: flat, of one kind or the other, with the place of each head and two steps."""

    def __init__(self, mask: Any, shape: tuple[int, ...], dtype: Any) -> None:
        self.seen, self.added = np.empty(0, bool), np.empty(0, dtype)
        self.places, self.steps = np.zeros((math.prod(shape[:-2]), 2), np.int64), np.zeros((2, 2), np.int64)
        if mask is None:
            return
        mask = np.asarray(mask)
        kind = 0 if mask.dtype.kind == "b" else 1
        flat = contiguous(mask) if kind == 0 else contiguous(mask, dtype)
        steps = np.array(np.broadcast_to(flat, shape).strides) // flat.itemsize
        self.steps[kind] = steps[-2:]
        self.places[:, kind] = np.tensordot(steps[:-2], np.indices(shape[:-2]), 1).ravel()
        if kind == 0:
            self.seen = flat.ravel()
        else:
            self.added = flat.ravel()


def _blocks(heads: int, queries: int, keys: int) -> Iterator[tuple[slice, slice]]:
    """Cut (heads, queries) for dropout: random numbers are drawn in order, for some queries at a time."""
    rows = max(_DRAWN // keys, _QUERIES)
    for h in range(heads):
        for i in range(0, queries, rows):
            yield slice(h, h + 1), slice(i, min(i + rows, queries))


def scaled_dot_product_attention(
    query,
    key,
    value,
    attn_mask=None,
    dropout_p=0.0,
    is_causal=False,
    scale=None,
    rng=None,
    window=None,
    enable_gqa=False,
):
    """Twin of ``functional.scaled_dot_product_attention``."""
    if enable_gqa:
        return NotImplemented
    first = query.shape[:-2]
    if not first == key.shape[:-2] == value.shape[:-2]:
        first = np.broadcast_shapes(first, key.shape[:-2], value.shape[:-2])
        query, key, value = (np.broadcast_to(x, (*first, *x.shape[-2:])) for x in (query, key, value))
    (t, d), (s, e) = query.shape[-2:], value.shape[-2:]
    before = t + s if window is None else window - 1
    if 0 in (query.size, key.size, value.size) or t > s + before:  # in the last case there are queries that see nothing
        return NotImplemented
    after = 0 if is_causal else before
    dtype = query.dtype
    scale = dtype.type(1 / math.sqrt(d) if scale is None else scale)
    q, k, v = (contiguous(x).reshape(-1, *x.shape[-2:]) for x in (query, key, value))
    mask = _Mask(attn_mask, (*query.shape[:-1], s), dtype)
    masks = (mask.seen, mask.added)
    random = generator(rng) if dropout_p else None
    again = copy.deepcopy(random)  # draws the same numbers in the backward pass

    def kept(random: Any, h: slice, i: slice) -> Any:
        """What dropout multiplies the weights of some queries of one head with: drawn as ``dropout`` draws it."""
        if random is None:
            return np.empty((0, 0), dtype)
        keep = (random.random((i.stop - i.start, s), np.float32) >= dropout_p).astype(dtype)
        if dropout_p < 1:
            keep /= 1 - dropout_p
        return keep

    y, peak, share = np.empty((len(q), t, e), dtype), np.empty((len(q), t), dtype), np.empty((len(q), t), dtype)
    operations = 2 * len(q) * t * min(s, before + after + 1) * (d + e) / (2 if is_causal else 1)

    def attend(h: slice, i: slice = slice(0, t)) -> None:
        limits = (scale, i.start, before, after)
        rest = (mask.places[h], mask.steps, kept(random, h, i), y[h, i], peak[h, i], share[h, i])
        _attend(q[h], k[h], v[h], *limits, *masks, *rest)

    if dropout_p:
        for h, i in _blocks(len(q), t, s):
            attend(h, i)
    else:
        threads.divide(len(q), operations, attend)

    def vjp(dy, needs):
        dy = contiguous(dy, dtype).reshape(y.shape)
        dq, dk, dv = np.zeros_like(q), np.zeros_like(k), np.zeros_like(v)
        random = copy.deepcopy(again)

        def attend_vjp(h: slice, i: slice = slice(0, t)) -> None:
            limits = (scale, i.start, before, after)
            rest = (mask.places[h], mask.steps, kept(random, h, i), y[h, i], peak[h, i], share[h, i])
            _attend_vjp(q[h], k[h], v[h], *limits, *masks, *rest, dy[h, i], dq[h], dk[h], dv[h])

        if dropout_p:
            for h, i in _blocks(len(q), t, s):
                attend_vjp(h, i)
        else:
            threads.divide(len(q), 2.5 * operations, attend_vjp)
        return dq.reshape(query.shape), dk.reshape(key.shape), dv.reshape(value.shape)

    return y.reshape(*query.shape[:-1], e), vjp
