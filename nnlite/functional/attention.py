"""Attention: every position asks a question, and the answer is an average of what the others hold.

    attention(Q, K, V) = softmax(Q K^T / sqrt(d)) V                     (Vaswani et al. 2017, equation 1)

The scale 1/sqrt(d) keeps the scores of random vectors at variance 1, whatever their length.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from nnlite.arguments import Array, fits
from nnlite.contracts import flag, given, integer, number, reals, rng
from nnlite.differentiable import differentiable
from nnlite.functional.activations import softmax
from nnlite.functional.dropout import dropout

INPUTS = dict(query=given("* T d>0"), key=given("* S d"), value=given("* S e"), attn_mask=reals() | None)
OPTIONS = dict(dropout_p=number(0, 1), is_causal=flag, scale=number() | None, rng=rng, window=integer(1) | None)


@differentiable(
    takes=dict(**INPUTS, **OPTIONS, enable_gqa=flag),
    also=lambda *arguments: _check_attention(*arguments),
    compiled="attention.scaled_dot_product_attention",
    fuses=("softmax", "dropout", "inverted_dropout"),
    same_dtype=True,
)
def scaled_dot_product_attention(
    query: Array,
    key: Array,
    value: Array,
    attn_mask: Any = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    rng: Any = None,
    window: int | None = None,
    enable_gqa: bool = False,
):
    """Return ``softmax(query keyᵀ / √d) value``; the leading axes of the three broadcast.

    Parameters
    ----------
    query : (..., T, d)
    key : (..., S, d)
    value : (..., S, e)
    attn_mask : booleans (True: may look) or floats added to the scores, broadcastable to (..., T, S), optional
    dropout_p : float
        The probability with which a weight is dropped.
    is_causal : bool
        Whether position t sees only positions up to t. Unlike PyTorch's, it goes together with a mask: what either
        hides is hidden.
    scale : float, optional
        Instead of 1/sqrt(d).
    rng : Generator, seed or None
        The source of randomness for dropout.
    window : int, optional
        How far a position sees: t sees s if ``|t - s| < window``. So a causal t sees the latest `window` positions,
        itself among them (Beltagy et al. 2020, "Longformer", §3.1).
    enable_gqa : bool
        Whether equal groups of heads, the third axis from the end, of `query` share one of `key` and `value`.

    Returns
    -------
    (..., T, e)
        A query that may look nowhere gets NaN, as the softmax of nothing is undefined.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite import functional as F
    >>> q = np.ones((1, 2, 4), np.float32)
    >>> F.scaled_dot_product_attention(q, q, q).shape
    (1, 2, 4)
    """
    if enable_gqa:
        return _with_shared_heads(query, key, value, attn_mask, dropout_p, is_causal, scale, rng, window)
    scale = 1 / math.sqrt(query.shape[-1]) if scale is None else scale
    scores = query @ key.swapaxes(-1, -2) * scale  # (..., T, S)
    t, s = np.arange(query.shape[-2])[:, None], np.arange(key.shape[-2])
    if is_causal:
        scores = np.where(s <= t, scores, -np.inf)
    if window is not None:
        scores = np.where(abs(t - s) < window, scores, -np.inf)
    if attn_mask is not None:
        hidden = attn_mask.dtype.kind == "b"
        scores = np.where(attn_mask, scores, -np.inf) if hidden else scores + attn_mask.astype(scores.dtype)
    with np.errstate(invalid="ignore"):  # a query that may look nowhere
        p, softmax_vjp = softmax.value_and_vjp(scores, -1)
    kept, dropout_vjp = dropout.value_and_vjp(p, dropout_p, True, rng)

    def vjp(dy, needs):
        dvalue = kept.swapaxes(-1, -2) @ dy if needs[2] else None
        dscores = softmax_vjp(dropout_vjp(dy @ value.swapaxes(-1, -2))) * scale
        return dscores @ key, dscores.swapaxes(-1, -2) @ query, dvalue

    return kept @ value, vjp


def _check_attention(query: Array, key: Array, value: Array, attn_mask: Any, *options: Any) -> None:
    name = "scaled_dot_product_attention"
    first: list[tuple[int, ...]] = [x.shape[:-2] for x in (query, key, value)]
    if options[-1]:
        heads = [shape[-1:] for shape in first]
        if not heads[0] or heads[1] != heads[2] or heads[1:] == [(0,), (0,)] or heads[0][0] % heads[1][0]:
            raise ValueError(
                f"{name}: query {query.shape}, key {key.shape} and value {value.shape} do not go with enable_gqa, "
                "expected (..., heads, length, width) with the heads of query a multiple of those of key and value"
            )
        first = [first[0], *((*shape[:-1], heads[0][0]) for shape in first[1:])]
    try:
        common = np.broadcast_shapes(*first)
    except ValueError:
        raise ValueError(
            f"{name}: the leading axes of query {query.shape}, key {key.shape} and value {value.shape} do not broadcast"
        ) from None
    if attn_mask is not None:
        fits(attn_mask, f"{name}: attn_mask", (*common, query.shape[-2], key.shape[-2]))
        if attn_mask.dtype.kind not in "bf":
            raise TypeError(f"{name}: attn_mask has dtype {attn_mask.dtype}, expected bool or float")


def _with_shared_heads(query: Array, key: Array, value: Array, *options: Any):
    """Attention in which each head of key and value serves as many heads of the query as there are to one."""
    share = query.shape[-3] // key.shape[-3]
    wide = [np.repeat(x, share, -3) for x in (key, value)]
    y, back = scaled_dot_product_attention.value_and_vjp(query, *wide, *options, False)

    def vjp(dy, needs):
        dquery, *rest = back(dy, needs)
        return dquery, *(_summed(grad, share) if need else None for grad, need in zip(rest, needs[1:]))

    return y, vjp


def _summed(grad: Array, share: int) -> Array:
    """Sum the gradients of the copies of each head."""
    *first, heads, length, width = grad.shape
    return grad.reshape(*first, heads // share, share, length, width).sum(-3)
