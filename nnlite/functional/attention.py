"""Attention: every position asks a question, and the answer is an average of what the others hold.

    attention(Q, K, V) = softmax(Q K^T / sqrt(d)) V                     (Vaswani et al. 2017, equation 1)

The scale 1/sqrt(d) keeps the scores of random vectors at variance 1, whatever their length.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from nnlite.arguments import Array, any_array, boolean, fits, integer, number
from nnlite.differentiable import differentiable
from nnlite.functional.activations import softmax
from nnlite.functional.dropout import dropout
from nnlite.random import generator


def _check_attention(query, key, value, attn_mask, dropout_p, is_causal, scale, rng, window):
    name = "scaled_dot_product_attention"
    boolean(is_causal, f"{name}: is_causal")
    for argument, array in (("query", query), ("key", key), ("value", value)):
        if array.ndim < 2:
            raise ValueError(f"{name}: {argument} has shape {array.shape}, expected (..., length, features)")
    if query.shape[-1] == 0:
        raise ValueError(f"{name}: query has shape {query.shape}, expected at least one feature")
    if query.shape[-1] != key.shape[-1]:
        raise ValueError(
            f"{name}: key has shape {key.shape}, expected {query.shape[-1]} features to match query {query.shape}"
        )
    if key.shape[-2] != value.shape[-2]:
        raise ValueError(
            f"{name}: value has shape {value.shape}, expected length {key.shape[-2]} to match key {key.shape}"
        )
    if not query.shape[:-2] == key.shape[:-2] == value.shape[:-2]:
        raise ValueError(
            f"{name}: query {query.shape}, key {key.shape} and value {value.shape}, expected the same leading axes"
        )
    if attn_mask is not None:
        attn_mask = any_array(attn_mask, f"{name}: attn_mask")
        fits(attn_mask, f"{name}: attn_mask", (*query.shape[:-1], key.shape[-2]))
        if attn_mask.dtype.kind not in "bf":
            raise TypeError(f"{name}: attn_mask has dtype {attn_mask.dtype}, expected bool or float")
    number(dropout_p, f"{name}: dropout_p", low=0, high=1)
    if scale is not None:
        number(scale, f"{name}: scale")
    generator(rng, f"{name}: rng")
    if window is not None:
        integer(window, f"{name}: window", low=1)


@differentiable(
    compiled="attention.scaled_dot_product_attention",
    fuses=("softmax", "dropout", "inverted_dropout"),
    check=_check_attention,
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
):
    """Return ``softmax(query keyᵀ / √d) value``.

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

    Returns
    -------
    (..., T, e)

    Notes
    -----
    A query that may look nowhere gets NaN, as the softmax of nothing is undefined.

    Examples
    --------
    >>> q = np.ones((1, 2, 4), np.float32)
    >>> scaled_dot_product_attention(q, q, q).shape
    (1, 2, 4)
    """
    scale = 1 / math.sqrt(query.shape[-1]) if scale is None else scale
    scores = query @ key.swapaxes(-1, -2) * scale  # (..., T, S)
    t, s = np.arange(query.shape[-2])[:, None], np.arange(key.shape[-2])
    if is_causal:
        scores = np.where(s <= t, scores, -np.inf)
    if window is not None:
        scores = np.where(abs(t - s) < window, scores, -np.inf)
    if attn_mask is not None:
        attn_mask = np.asarray(attn_mask)
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
