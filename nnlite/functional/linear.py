"""Weighted sums: the matrix product, the linear layer, and the embedding, which is a linear layer on one-hot vectors.

y = x W^T + b        dx = dy W        dW = dy^T x        db = sum over the rows of dy
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from nnlite.arguments import Array
from nnlite.contracts import given, integers, several, word
from nnlite.differentiable import composed, differentiable
from nnlite.functional.activations import gelu, relu, silu
from nnlite.functional.shapes import reshape
from nnlite.tensor import Tensor


@differentiable(
    takes=dict(x=given("N K"), other=given("K M")), method="mm", same_dtype=True, spares=dict(x="x", other="other")
)
def mm(x: Array, other: Array):
    """Return the product of two matrices: ``y_nm = sum_k x_nk other_km``.

    Parameters
    ----------
    x : array, shape (N, K)
    other : array, shape (K, M)

    Returns
    -------
    y : array, shape (N, M)
    vjp : function
        ``vjp(dy, needs)`` maps the gradient dL/dy of a loss L, of the shape of `y`, to the pair (dL/dx, dL/dother), of
        the shapes of `x` and `other`. `needs` is a pair of booleans: where it says False, that gradient is not wanted,
        and None stands in its place.

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.mm([[1.0, 2.0]], [[3.0], [4.0]])
    Tensor([[11.]])
    """

    def vjp(dy, needs):
        dx = dy @ other.T if needs[0] else None
        dother = x.T @ dy if needs[1] else None
        return dx, dother

    return x @ other, vjp


def _check_matmul(x: Array, other: Array) -> None:
    if x.ndim == 0 or other.ndim == 0:
        raise ValueError(f"matmul: x {x.shape} and other {other.shape}, expected at least 1 axis each")
    inner = other.shape[-2] if other.ndim > 1 else other.shape[0]
    if x.shape[-1] != inner:
        raise ValueError(
            f"matmul: x has shape {x.shape} and other {other.shape}, expected the last axis of x ({x.shape[-1]}) "
            f"to match the {'second to last' if other.ndim > 1 else 'only'} axis of other ({inner})"
        )
    try:
        np.broadcast_shapes(x.shape[:-2], other.shape[:-2])
    except ValueError:
        raise ValueError(f"matmul: the leading axes of x {x.shape} and other {other.shape} do not broadcast") from None


@differentiable(
    method="__matmul__ __rmatmul__ matmul", also=_check_matmul, same_dtype=True, spares=dict(x="x", other="other")
)
def matmul(x: Array, other: Array):
    """Return the matrix product of the last two axes; the axes before them broadcast.

    Parameters
    ----------
    x : (..., N, K) or (K,)
    other : (..., K, M) or (K,)

    Returns
    -------
    (..., N, M), without N or M where the factor is a vector

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.matmul([[1.0, 2.0]], [[3.0], [4.0]])
    Tensor([[11.]])
    """
    if x.ndim == other.ndim == 2:
        return mm.value_and_vjp(x, other)

    def vjp(dy, needs):
        a = x[None, :] if x.ndim == 1 else x  # (..., N, K)
        b = other[:, None] if other.ndim == 1 else other  # (..., K, M)
        dy = dy[..., None] if other.ndim == 1 else dy
        dy = dy[..., None, :] if x.ndim == 1 else dy  # (..., N, M)
        dx = dother = None
        if needs[0]:
            dx = (dy @ b.swapaxes(-1, -2)).reshape(*dy.shape[:-2], *a.shape[-2:])
            dx = dx[..., 0, :] if x.ndim == 1 else dx
        if needs[1]:
            if b.ndim == 2:  # one product over all leading axes, instead of one each and their sum
                rows = math.prod(dy.shape[:-1])
                a = np.broadcast_to(a, (*dy.shape[:-1], a.shape[-1]))
                dother = a.reshape(rows, a.shape[-1]).T @ dy.reshape(rows, dy.shape[-1])
            else:
                dother = a.swapaxes(-1, -2) @ dy
            dother = dother[..., 0] if other.ndim == 1 else dother
        return dx, dother

    return np.matmul(x, other), vjp


LAYER = dict(weight=given("out_features in_features"), x=given("... in_features"), bias=given("out_features") | None)


@differentiable(
    takes=LAYER,
    compiled="linear.linear",
    same_dtype=True,
    spares=dict(x="x bias", weight="weight bias", bias="x weight bias"),
)
def linear(x: Array, weight: Array, bias: Array | None = None):
    """Return ``x @ weight.T + bias``, a layer of neurons: each row of `weight` is one neuron's w.

    Parameters
    ----------
    x : (..., in_features)
    weight : (out_features, in_features)
    bias : (out_features,), optional

    Returns
    -------
    (..., out_features)

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.linear([1.0, 2.0], [[3.0, 4.0]], [0.5])
    Tensor([11.5])
    """
    rows = x.reshape(math.prod(x.shape[:-1]), x.shape[-1])  # (N, in_features)
    y = rows @ weight.T
    if bias is not None:
        y += bias

    def vjp(dy, needs):
        dy = dy.reshape(rows.shape[0], weight.shape[0])
        dx = (dy @ weight).reshape(x.shape) if needs[0] else None
        dweight = dy.T @ rows if needs[1] else None
        dbias = np.ones(len(dy), dy.dtype) @ dy if needs[2] else None  # BLAS sums faster than np.sum
        return dx, dweight, dbias

    return y.reshape(*x.shape[:-1], weight.shape[0]), vjp


#: what :func:`linear_activation` can end with
ACTIVATIONS: dict[str, Any] = {"relu": relu, "gelu": gelu, "silu": silu}


@differentiable(
    takes=dict(activation=word(*ACTIVATIONS), **LAYER),
    compiled="linear.linear_activation",
    fuses=("linear", *ACTIVATIONS),
    same_dtype=True,
)
def linear_activation(x: Array, weight: Array, bias: Array | None = None, activation: str = "relu"):
    """Return ``activation(x @ weight.T + bias)`` in one step, as ``nn.Sequential`` does for two such layers.

    Parameters
    ----------
    x : (..., in_features)
    weight : (out_features, in_features)
    bias : (out_features,), optional
    activation : {"relu", "gelu", "silu"}

    Returns
    -------
    (..., out_features)

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.linear_activation([1.0, 2.0], [[3.0, 4.0], [-1.0, 0.0]], [0.5, 0.5])
    Tensor([11.5,  0. ])
    """
    z, back = linear.value_and_vjp(x, weight, bias)
    y, through = ACTIVATIONS[activation].value_and_vjp(z)
    return y, lambda dy, needs: back(through(dy), needs)


@differentiable(
    takes=dict(weight=given("num_embeddings embedding_dim"), indices=integers(below="num_embeddings")),
    compiled="linear.embedding",
)
def embedding(indices: Any, weight: Array):
    """Return the rows of `weight` that `indices` names: a linear layer on one-hot vectors, without the zeros.

    Parameters
    ----------
    indices : integers of any shape (...)
    weight : (num_embeddings, embedding_dim)

    Returns
    -------
    (..., embedding_dim)

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.embedding([1, 0], [[1.0, 2.0], [3.0, 4.0]])
    Tensor([[3., 4.],
            [1., 2.]])
    """
    indices, shape = np.asarray(indices, np.int64), weight.shape

    def vjp(dy):
        dweight = np.zeros(shape, dy.dtype)
        np.add.at(dweight, indices, dy)  # a row named twice collects both gradients
        return dweight

    return weight[indices], vjp


@composed(takes=dict(x=given("B N K"), other=given("B K M")), same_dtype=True, method="bmm")
def bmm(x: Any, other: Any) -> Tensor:
    """Return the matrix products of two stacks, (B, N, K) and (B, K, M).

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite import functional as F
    >>> F.bmm(np.ones((2, 3, 4)), np.ones((2, 4, 5))).shape
    (2, 3, 5)
    """
    return matmul(x, other)


@composed(takes=dict(x=given("N K"), vec=given("K")), same_dtype=True, method="mv")
def mv(x: Any, vec: Any) -> Tensor:
    """Return the product of a matrix (N, K) and a vector (K,).

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.mv([[1.0, 2.0]], [3.0, 4.0])
    Tensor([11.])
    """
    return matmul(x, vec)


@composed(takes=dict(x=given("N"), other=given("N")), same_dtype=True, method="dot")
def dot(x: Any, other: Any) -> Tensor:
    """Return the sum of the products of two vectors (N,).

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.dot([1.0, 2.0], [3.0, 4.0])
    Tensor(11.)
    """
    return matmul(x, other)


@composed(takes=dict(x=given("N"), other=given("M")), method="outer")
def outer(x: Any, other: Any) -> Tensor:
    """Return all products of an element of one vector with one of the other: (N,) and (M,) to (N, M).

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.outer([1.0, 2.0], [3.0, 4.0])
    Tensor([[3., 4.],
            [6., 8.]])
    """
    return reshape(x, (-1, 1)) * reshape(other, (1, -1))


@differentiable(
    takes=dict(weight=given("O I J"), x1=given("... I"), x2=given("... J"), bias=given("O") | None),
    same_dtype=True,
    spares=dict(x1="x1 bias", x2="x2 bias", weight="weight bias", bias="x1 x2 weight bias"),
)
def bilinear(x1: Array, x2: Array, weight: Array, bias: Array | None = None):
    """Return ``y_o = x1^T W_o x2 + b_o``.

    Parameters
    ----------
    x1 : (..., I)
    x2 : (..., J)
    weight : (O, I, J)
    bias : (O,), optional

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.bilinear([1.0, 2.0], [3.0], [[[1.0], [1.0]]])
    Tensor([9.])
    """
    a, b = x1.reshape(-1, weight.shape[1]), x2.reshape(-1, weight.shape[2])
    y = np.einsum("ni,oij,nj->no", a, weight, b, optimize=True)
    y = y if bias is None else y + bias

    def vjp(dy, needs):
        up = dy.reshape(len(a), weight.shape[0])
        da = np.einsum("no,oij,nj->ni", up, weight, b, optimize=True).reshape(x1.shape) if needs[0] else None
        db = np.einsum("no,oij,ni->nj", up, weight, a, optimize=True).reshape(x2.shape) if needs[1] else None
        dweight = np.einsum("no,ni,nj->oij", up, a, b, optimize=True) if needs[2] else None
        return da, db, dweight, up.sum(0) if needs[3] else None

    return y.reshape(*x1.shape[:-1], weight.shape[0]), vjp


def _parsed(equation: Any, shapes: list[tuple[int, ...]]) -> tuple[list[str], str]:
    """The letters of each operand and of the result, with an ellipsis written out in capital letters not in use."""
    if not isinstance(equation, str):
        raise TypeError(f"einsum: equation is {equation!r}, expected a string such as 'ij,jk->ik'")
    words = equation.replace(" ", "")
    left, arrow, right = words.partition("->")
    terms = left.split(",")
    if not set(words) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ,.->"):
        raise ValueError(f"einsum: equation is {equation!r}, expected letters, commas, '...' and '->'")
    if len(terms) != len(shapes):
        raise ValueError(f"einsum: equation {equation!r} has {len(terms)} operands, expected {len(shapes)} as given")
    spare = [c for c in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz" if c not in words]
    dots = [len(shape) - len(term.replace("...", "")) if "..." in term else 0 for term, shape in zip(terms, shapes)]
    most = max(dots, default=0)
    if most > len(spare) or min(dots, default=0) < 0:
        raise ValueError(f"einsum: equation {equation!r} does not fit the shapes {shapes}")
    names = "".join(spare[:most])
    terms = [term.replace("...", names[most - n :] if n else "") for term, n in zip(terms, dots)]
    if not arrow:
        once = sorted(c for c in set(left) - set(".,") if left.count(c) == 1)
        right = "..." * ("..." in left) + "".join(once)
    right = right.replace("...", names)
    sizes: dict[str, int] = {}
    for term, shape in zip(terms, shapes):
        if len(term) != len(shape):
            raise ValueError(
                f"einsum: operand {term!r} of equation {equation!r} has {len(term)} axes, expected {len(shape)} {shape}"
            )
        for letter, n in zip(term, shape):
            if sizes.setdefault(letter, n) not in {n, 1} and n != 1:
                raise ValueError(
                    f"einsum: axis {letter!r} of equation {equation!r} has lengths {sizes[letter]} and {n}"
                )
            sizes[letter] = max(sizes[letter], n)
    if len(set(right)) != len(right) or not set(right) <= set(sizes):
        raise ValueError(
            f"einsum: the result {right!r} of equation {equation!r} must name axes of the operands, each once"
        )
    return terms, right


@differentiable(
    takes=dict(operands=several()),
    also=lambda equation, operands: _parsed(equation, [x.shape for x in operands]),
    same_dtype=True,
    spares=dict(operands="operands"),
)
def _einsum(equation: str, operands: Sequence[Array]):
    """Return the sum of products that `equation` names; see :func:`einsum`.

    The gradient of one operand is again an einsum: of dy with all the other operands, to the operand's letters. A
    letter that only this operand has was summed over, so its gradient is spread out along it.
    """
    terms, result = _parsed(equation, [x.shape for x in operands])
    y = np.einsum(f"{','.join(terms)}->{result}", *operands, optimize=len(operands) > 2)

    def vjp(dy, needs):
        grads: list[Array | None] = []
        for i, (x, term) in enumerate(zip(operands, terms)):
            if not needs[i]:
                grads.append(None)
                continue
            others = [(t, o) for j, (t, o) in enumerate(zip(terms, operands)) if j != i]
            known = set(result).union(*(t for t, _ in others))
            letters = "".join(dict.fromkeys(term))
            found = "".join(c for c in letters if c in known)
            inputs = ",".join([result, *(t for t, _ in others)])
            grad = np.einsum(f"{inputs}->{found}", dy, *(o for _, o in others), optimize=len(operands) > 2)
            grads.append(_spread_letters(grad, found, letters, term, x))
        return tuple(grads)

    return y, vjp


def _spread_letters(grad: Array, found: str, letters: str, term: str, x: Array) -> Array:
    """Give a gradient the axes that were summed away, and put it on the diagonal where a letter stands twice."""
    lengths = dict(zip(term, x.shape))
    grad = grad[tuple(slice(None) if c in found else None for c in letters)]
    for k, c in enumerate(letters):  # a length of 1 that was stretched collects its gradients
        if lengths[c] == 1 and grad.shape[k] != 1:
            grad = grad.sum(k, keepdims=True)
    grad = np.broadcast_to(grad, tuple(lengths[c] for c in letters))
    if letters == term:
        return grad
    full = np.zeros(x.shape, grad.dtype)
    np.einsum(f"{term}->{letters}", full)[...] = grad  # a writable view of the diagonal
    return full


def einsum(equation: str, *operands: Any) -> Tensor:
    """Return a sum of products, written in Einstein's notation: letters that the result leaves out are summed over.

    Parameters
    ----------
    equation
        For instance ``"bij,bjk->bik"``; ``...`` stands for any axes that broadcast. Without ``->`` the result has the
        letters that appear once, in alphabetical order.
    operands
        As many Tensors or arrays as the equation has terms (or one list of them).

    Examples
    --------
    >>> from nnlite import functional as F
    >>> F.einsum("ij,ij->i", [[1.0, 2.0], [3.0, 4.0]], [[1.0, 1.0], [1.0, 1.0]])
    Tensor([3., 7.])
    """
    if len(operands) == 1 and isinstance(operands[0], list | tuple):  # a list of arrays, or one operand as a list
        first = next(iter(operands[0]), None)
        operands = tuple(operands[0]) if first is None or isinstance(first, Tensor | np.ndarray) else operands
    return _einsum(equation, operands)
