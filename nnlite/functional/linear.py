"""Weighted sums: the matrix product, the linear layer, and the embedding, which is a linear layer on one-hot vectors.

y = x W^T + b        dx = dy W        dW = dy^T x        db = sum over the rows of dy
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from nnlite.arguments import Array, integer_array, one_of, shape_is
from nnlite.differentiable import as_tensors, differentiable
from nnlite.functional.activations import gelu, relu, silu
from nnlite.functional.shapes import reshape
from nnlite.tensor import Tensor


def _check_mm(x: Array, other: Array) -> None:
    if x.ndim != 2 or other.ndim != 2 or x.shape[1] != other.shape[0]:
        raise ValueError(f"mm: x has shape {x.shape} and other {other.shape}, expected two matrices (N, K) and (K, M)")


@differentiable(method="mm", check=_check_mm, same_dtype=True)
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
    >>> mm([[1.0, 2.0]], [[3.0], [4.0]])
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


@differentiable(method="__matmul__ __rmatmul__ matmul", check=_check_matmul, same_dtype=True)
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
    >>> matmul([[1.0, 2.0]], [[3.0], [4.0]])
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


def _check_linear(x: Array, weight: Array, bias: Array | None, name: str = "linear") -> None:
    if weight.ndim != 2:
        raise ValueError(f"{name}: weight has shape {weight.shape}, expected (out_features, in_features)")
    if x.ndim == 0 or x.shape[-1] != weight.shape[1]:
        raise ValueError(
            f"{name}: x has shape {x.shape}, expected a last axis of {weight.shape[1]} to match weight {weight.shape}"
        )
    if bias is not None and bias.shape != weight.shape[:1]:
        shape_is(bias, f"{name}: bias", weight.shape[:1], f"to match weight {weight.shape}")


@differentiable(compiled="linear.linear", check=_check_linear, same_dtype=True)
def linear(x: Array, weight: Array, bias: Array | None = None):
    """Return ``x @ weight.T + bias``, a layer of neurons: each row of `weight` is one neuron's w.

    Parameters
    ----------
    x : (..., K)
    weight : (M, K)
    bias : (M,), optional

    Returns
    -------
    (..., M)

    Examples
    --------
    >>> linear([1.0, 2.0], [[3.0, 4.0]], [0.5])
    Tensor([11.5])
    """
    rows = x.reshape(math.prod(x.shape[:-1]), x.shape[-1])  # (N, K)
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


def _check_linear_activation(x: Array, weight: Array, bias: Array | None, activation: str) -> None:
    one_of(activation, "linear_activation: activation", tuple(ACTIVATIONS))
    _check_linear(x, weight, bias, "linear_activation")


@differentiable(
    compiled="linear.linear_activation",
    fuses=("linear", *ACTIVATIONS),
    check=_check_linear_activation,
    same_dtype=True,
)
def linear_activation(x: Array, weight: Array, bias: Array | None = None, activation: str = "relu"):
    """Return ``activation(x @ weight.T + bias)`` in one step, as ``nn.Sequential`` does for two such layers.

    Parameters
    ----------
    x : (..., K)
    weight : (M, K)
    bias : (M,), optional
    activation : {"relu", "gelu", "silu"}

    Returns
    -------
    (..., M)

    Examples
    --------
    >>> linear_activation([1.0, 2.0], [[3.0, 4.0], [-1.0, 0.0]], [0.5, 0.5])
    Tensor([11.5,  0. ])
    """
    z, back = linear.value_and_vjp(x, weight, bias)
    y, through = ACTIVATIONS[activation].value_and_vjp(z)
    return y, lambda dy, needs: back(through(dy), needs)


def _check_embedding(indices: Any, weight: Array) -> None:
    if weight.ndim != 2:
        raise ValueError(f"embedding: weight has shape {weight.shape}, expected (num_embeddings, embedding_dim)")
    integer_array(indices, "embedding: indices", low=0, high=weight.shape[0])


@differentiable(compiled="linear.embedding", check=_check_embedding)
def embedding(indices: Any, weight: Array):
    """Return the rows of `weight` that `indices` names.

    Parameters
    ----------
    indices : integers of any shape (...)
    weight : (num_embeddings, D)

    Returns
    -------
    (..., D)

    Examples
    --------
    >>> embedding([1, 0], [[1.0, 2.0], [3.0, 4.0]])
    Tensor([[3., 4.],
            [1., 2.]])
    """
    indices = np.asarray(indices, np.int64)

    def vjp(dy):
        dweight = np.zeros(weight.shape, dy.dtype)
        np.add.at(dweight, indices, dy)  # a row named twice collects both gradients
        return dweight

    return weight[indices], vjp


def _factors(name: str, ndims: tuple[int, int], **factors: Any) -> list[Tensor]:
    """Two factors with as many axes as `ndims` says, the last of the first as long as the one it is summed with."""
    found = as_tensors(name, same_dtype=name != "outer", **factors)
    for argument, x, ndim in zip(factors, found, ndims):
        if x.ndim != ndim:
            raise ValueError(f"{name}: {argument} has shape {x.shape}, expected {ndim} axes")
    (first, second), (x, other) = factors, found
    inner = other.shape[-2] if other.ndim > 1 else other.shape[0]
    if x.shape[-1] != inner and name != "outer":
        raise ValueError(
            f"{name}: {second} has shape {other.shape}, expected length {x.shape[-1]} to match the last axis of "
            f"{first} {x.shape}"
        )
    return found


def bmm(x: Any, other: Any) -> Tensor:
    """Return the matrix products of two stacks, (B, N, K) and (B, K, M).

    Examples
    --------
    >>> bmm(np.ones((2, 3, 4)), np.ones((2, 4, 5))).shape
    (2, 3, 5)
    """
    x, other = _factors("bmm", (3, 3), x=x, other=other)
    if len(x) != len(other):
        raise ValueError(f"bmm: other has shape {other.shape}, expected {len(x)} matrices as x {x.shape}")
    return matmul(x, other)


def mv(x: Any, vec: Any) -> Tensor:
    """Return the product of a matrix (N, K) and a vector (K,).

    Examples
    --------
    >>> mv([[1.0, 2.0]], [3.0, 4.0])
    Tensor([11.])
    """
    return matmul(*_factors("mv", (2, 1), x=x, vec=vec))


def dot(x: Any, other: Any) -> Tensor:
    """Return the sum of the products of two vectors.

    Examples
    --------
    >>> dot([1.0, 2.0], [3.0, 4.0])
    Tensor(11.)
    """
    return matmul(*_factors("dot", (1, 1), x=x, other=other))


def outer(x: Any, other: Any) -> Tensor:
    """Return all products of an element of one vector with one of the other: (N,) and (M,) to (N, M).

    Examples
    --------
    >>> outer([1.0, 2.0], [3.0, 4.0])
    Tensor([[3., 4.],
            [6., 8.]])
    """
    x, other = _factors("outer", (1, 1), x=x, other=other)
    return reshape(x, (-1, 1)) * reshape(other, (1, -1))


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


def _check_einsum(equation: Any, operands: Sequence[Array]) -> None:
    _parsed(equation, [np.shape(x) for x in operands])


@differentiable(check=_check_einsum, same_dtype=True)
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
    >>> einsum("ij,ij->i", [[1.0, 2.0], [3.0, 4.0]], [[1.0, 1.0], [1.0, 1.0]])
    Tensor([3., 7.])
    """
    if len(operands) == 1 and isinstance(operands[0], list | tuple):  # a list of arrays, or one operand as a list
        first = next(iter(operands[0]), None)
        operands = tuple(operands[0]) if first is None or isinstance(first, Tensor | np.ndarray) else operands
    return _einsum(equation, operands)


def _check_bilinear(x1: Array, x2: Array, weight: Array, bias: Array | None) -> None:
    if weight.ndim != 3:
        raise ValueError(f"bilinear: weight has shape {weight.shape}, expected (out, in1, in2)")
    for name, x, n in (("x1", x1, weight.shape[1]), ("x2", x2, weight.shape[2])):
        if x.ndim == 0 or x.shape[-1] != n:
            raise ValueError(
                f"bilinear: {name} has shape {x.shape}, expected a last axis of {n} as weight {weight.shape}"
            )
    if x1.shape[:-1] != x2.shape[:-1]:
        raise ValueError(f"bilinear: x2 has shape {x2.shape}, expected the leading axes of x1 {x1.shape}")
    if bias is not None:
        shape_is(bias, "bilinear: bias", weight.shape[:1], f"to match weight {weight.shape}")


@differentiable(check=_check_bilinear, same_dtype=True)
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
    >>> bilinear([1.0, 2.0], [3.0], [[[1.0], [1.0]]])
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


for _name, _method in {"bmm": bmm, "mv": mv, "dot": dot, "outer": outer}.items():
    setattr(Tensor, _name, _method)
