"""What bad input gets: the right exception, before anything is computed, naming argument, given and expected."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from nnlite import Tensor
from nnlite import functional as F
from nnlite.functional.dropout import inverted_dropout
from nnlite.functional.shapes import index_
from nnlite.registry import REGISTRY


def z(*shape: int) -> np.ndarray:
    return np.zeros(shape, np.float32)


LABELS = np.array([0, 1])
COMPLEX = np.array([1j])
RAGGED = [[1.0], [1.0, 2.0]]

#: the call, its exception, and words that its message holds: the function, the argument, the given, the expected
BAD: list[tuple[Callable[[], Any], type[Exception], list[str]]] = [
    # arithmetic
    *[
        (lambda n=name: getattr(F, n)(z(2), z(3)), ValueError, [name, "x (2,)", "other (3,)", "broadcast"])
        for name in ("add", "sub", "mul", "div", "pow", "maximum", "minimum")
    ],
    (lambda: Tensor(z(2)) + z(3), ValueError, ["add", "(2,)", "(3,)"]),
    (lambda: Tensor(z(2)) > z(3), ValueError, ["gt", "(2,)", "(3,)"]),
    *[
        (lambda n=name: getattr(F, n)(z(2), z(3)), ValueError, [name, "x (2,)", "other (3,)", "broadcast"])
        for name in ("eq", "ne", "lt", "le", "gt", "ge")
    ],
    *[
        (lambda n=name: getattr(F, n)(z(2) > 0), TypeError, [name, "x has dtype bool", "numbers"])
        for name in ("neg", "sign")
    ],
    (lambda: F.sub(z(2) > 0, z(2) > 0), TypeError, ["sub", "x and other", "bool", "numbers"]),
    (lambda: F.where(z(4) > 0, z(2), z(3)), ValueError, ["where", "condition (4,)", "x (2,)", "other (3,)"]),
    (lambda: F.where(z(2), z(2), z(2)), TypeError, ["where", "condition", "float32", "booleans"]),
    (lambda: F.clamp(z(2)), ValueError, ["clamp", "min", "max", "at least one"]),
    (lambda: F.clamp(z(2), "low"), TypeError, ["clamp", "min", "str", "real numbers"]),
    (lambda: F.clamp(z(2), z(3)), ValueError, ["clamp", "x (2,)", "min (3,)", "broadcast"]),
    (lambda: F.add([1], np.array([1]), alpha="a"), TypeError, ["add", "alpha", "'a'", "number"]),
    (lambda: F.add(LABELS, LABELS, alpha=0.5), TypeError, ["add", "alpha is 0.5", "whole number", "integers"]),
    (lambda: F.sub(LABELS, LABELS > 0, alpha=0.5), TypeError, ["sub", "alpha is 0.5", "whole number"]),
    (lambda: F.div(1.0, 2.0, "ceil"), ValueError, ["div", "rounding_mode", "'ceil'", "'trunc', 'floor'"]),
    (lambda: F.div(LABELS, LABELS, "floor"), ZeroDivisionError, ["div", "other holds 0", "infinity"]),
    (lambda: F.max(z(2), z(3)), ValueError, ["max", "x (2,)", "other (3,)"]),
    (lambda: F.max(z(2), 0, other=z(2)), ValueError, ["max", "other", "dim or keepdim"]),
    (lambda: F.min(z(2), z(2), True), ValueError, ["min", "other", "dim or keepdim"]),
    (lambda: F.masked_fill(z(2), z(2), 1), TypeError, ["masked_fill", "mask", "float32", "booleans"]),
    (lambda: F.masked_fill(z(2), z(3) > 0, 1), ValueError, ["masked_fill", "x (2,)", "mask (3,)"]),
    (lambda: F.masked_fill(z(2), z(2) > 0, z(2)), ValueError, ["masked_fill", "value", "(2,)", "expected ()"]),
    *[
        (lambda n=name: getattr(F, n)(z(2) > 0), TypeError, [name, "x has dtype bool", "numbers"])
        for name in ("floor", "ceil", "round")
    ],
    (lambda: F.round(z(2), 0.5), TypeError, ["round", "decimals", "0.5", "integer"]),
    (lambda: F.neg(np.ma.array([1.0, 2.0], mask=[0, 1])), TypeError, ["neg", "x", "masked array", "filled"]),
    (lambda: Tensor(np.ma.array([1.0])), TypeError, ["Tensor", "data", "masked array"]),
    *[
        (lambda n=name: getattr(F, n)("text"), TypeError, [name, "x", "real numbers", "str"])
        for name in ("neg", "abs", "sqrt", "rsqrt", "exp", "log", "log1p", "sin", "cos", "square")
    ],
    *[
        (lambda n=name: getattr(F, n)(COMPLEX), TypeError, [name, "x", "complex128", "real numbers"])
        for name in ("reciprocal", "erf", "relu", "leaky_relu", "sigmoid", "tanh", "silu", "gelu", "softplus")
    ],
    *[
        (lambda n=name: getattr(F, n)(RAGGED), ValueError, [name, "x", "ragged"])
        for name in ("sum", "mean", "var", "amax", "amin", "logsumexp", "softmax", "log_softmax")
    ],
    (lambda: F.add(None, 1.0), TypeError, ["add", "x", "NoneType"]),
    (lambda: Tensor("text"), TypeError, ["Tensor", "data", "real numbers"]),
    (lambda: Tensor(RAGGED), ValueError, ["Tensor", "data", "ragged"]),
    (lambda: Tensor(None), TypeError, ["Tensor", "data"]),
    # how a function is called
    (lambda: F.exp(), TypeError, ["exp", "'x'", "missing"]),
    (lambda: F.exp(1.0, 2.0), TypeError, ["exp", "2 arguments", "at most 1"]),
    (lambda: F.softmax(z(2), axis=0), TypeError, ["softmax", "'axis'", "x, dim"]),
    (lambda: F.softmax(z(2), 0, dim=0), TypeError, ["softmax", "'dim'", "twice"]),
    # activations
    (lambda: F.leaky_relu(z(2), "steep"), TypeError, ["leaky_relu", "negative_slope", "'steep'", "number"]),
    (lambda: F.leaky_relu(z(2), float("nan")), ValueError, ["negative_slope", "nan", "finite"]),
    (lambda: F.gelu(z(2), "tan"), ValueError, ["gelu", "approximate", "'tan'", "did you mean 'tanh'"]),
    *[
        (lambda n=name: getattr(F, n)(z(2, 3), 2), ValueError, [name, "dim", "is 2", "-2 to 1"])
        for name in ("softmax", "log_softmax", "sum", "mean", "amax", "amin", "logsumexp", "max", "min", "argmax")
    ],
    (lambda: F.var(z(2, 3), 2), ValueError, ["var", "dim", "is 2", "-2 to 1"]),
    (lambda: F.std(z(2, 3), 2), ValueError, ["std", "dim", "is 2", "-2 to 1"]),
    (lambda: F.sum(z(2, 3), 0, 1), TypeError, ["sum", "keepdim", "1 (int)", "True or False"]),
    (lambda: F.softmax(z(2, 3), 0.5), TypeError, ["softmax", "dim", "0.5", "integer"]),
    (lambda: F.glu(z(3)), ValueError, ["glu", "(3,)", "even"]),
    (lambda: F.glu(1.0), ValueError, ["glu", "()"]),
    # reductions
    (lambda: F.sum(z(2, 3), (0, 0)), ValueError, ["sum", "dim", "(0, 0)", "once"]),
    (lambda: F.sum(z(2, 3), True), TypeError, ["sum", "dim", "True", "integer"]),
    (lambda: F.var(z(2), correction=-1), ValueError, ["var", "correction", "-1", ">= 0"]),
    (lambda: F.std(z(2), correction=0, unbiased=True), ValueError, ["std", "unbiased", "True", "correction 0"]),
    (lambda: F.prod(z(2), dtype="text"), TypeError, ["prod", "dtype", "'text'", "real numbers"]),
    (lambda: F.cumsum(z(2), 0, dtype=complex), TypeError, ["cumsum", "dtype", "complex", "real numbers"]),
    (lambda: F.sort(z(2), 1), ValueError, ["sort", "dim", "is 1", "-1 to 0"]),
    (lambda: F.sort(z(2), 0, 1), TypeError, ["sort", "descending", "1 (int)", "True or False"]),
    (lambda: F.remainder(z(2), z(3)), ValueError, ["remainder", "(2,)", "(3,)", "broadcast"]),
    (lambda: F.floor_divide(z(2), z(3)), ValueError, ["floor_divide", "(2,)", "(3,)", "broadcast"]),
    (lambda: F.clone(RAGGED), ValueError, ["clone", "x is ragged"]),
    (lambda: F.repeat(z(2, 3), (2,)), ValueError, ["repeat"]),
    (lambda: F.scatter(z(2, 3), 1, [[3]], 1.0), ValueError, ["scatter"]),
    (lambda: F.topk(z(2, 3), 4), ValueError, ["topk", "k is 4", "at most 3", "(2, 3)"]),
    (lambda: F.topk(z(2, 3), -1), ValueError, ["topk", "k is -1", ">= 0"]),
    (lambda: F.amax(z(0)), ValueError, ["amax", "(0,)", "at least one element"]),
    (lambda: F.amin(z(2, 0), 1), ValueError, ["amin", "(2, 0)", "at least one element"]),
    (lambda: F.max(z(2, 0), 1), ValueError, ["max", "(2, 0)", "at least one element"]),
    (lambda: F.argmax(z(0)), ValueError, ["argmax", "(0,)", "at least one element"]),
    (lambda: F.argmax(z(2, 0), 1), ValueError, ["argmax", "(2, 0)", "at least one element"]),
    # rearrangements
    (lambda: F.reshape(z(2, 3), (4, 2)), ValueError, ["reshape", "(4, 2)", "6 elements", "(2, 3)"]),
    (lambda: F.reshape(z(2, 3), (-1, -1)), ValueError, ["reshape", "(-1, -1)", "6 elements"]),
    (lambda: F.reshape(z(2, 3), (-2, -3)), ValueError, ["reshape", "(-2, -3)", "6 elements"]),
    (lambda: F.reshape(z(2, 3), (2.0, 3)), TypeError, ["reshape", "shape", "2.0", "integer"]),
    (lambda: F.flatten(z(2, 3), 1, 0), ValueError, ["flatten", "start_dim", "is 1", "end_dim 0"]),
    (lambda: F.flatten(z(2, 3), 2), ValueError, ["flatten", "start_dim", "is 2"]),
    (lambda: F.unflatten(z(2, 6), 1, (4, 2)), ValueError, ["unflatten", "sizes is (4, 2)", "axis 1", "(2, 6)"]),
    (lambda: F.unflatten(z(2, 6), 1, (4, -1)), ValueError, ["unflatten", "sizes is (4, -1)"]),
    (lambda: F.unflatten(z(2, 0), 1, (0, -1)), ValueError, ["unflatten", "sizes is (0, -1)"]),
    (lambda: F.unflatten(z(2, 6), 1, (-1, -1)), ValueError, ["unflatten", "sizes is (-1, -1)"]),
    (lambda: F.unflatten(z(1, 2), 0, ()), ValueError, ["unflatten", "sizes is ()"]),
    (lambda: F.unflatten(z(), 0, (1, 1)), ValueError, ["unflatten", "sizes is (1, 1)", "()"]),
    (lambda: F.unflatten(z(2, 6), 2, (1, 1)), ValueError, ["unflatten", "dim", "is 2"]),
    (lambda: F.permute(z(2, 3), (0, 0)), ValueError, ["permute", "(0, 0)", "once"]),
    (lambda: F.permute(z(2, 3), (0,)), ValueError, ["permute", "(0,)", "(2, 3)"]),
    (lambda: F.transpose(z(2, 3), 0, 2), ValueError, ["transpose", "dim1", "is 2"]),
    (lambda: F.squeeze(z(2, 3), 2), ValueError, ["squeeze", "dim", "is 2"]),
    (lambda: F.unsqueeze(z(2), 2), ValueError, ["unsqueeze", "dim", "is 2"]),
    (lambda: F.expand(z(2, 3), (4, 3)), ValueError, ["expand", "(4, 3)", "(2, 3)"]),
    (lambda: F.expand(z(2, 3), (3,)), ValueError, ["expand", "(3,)", "(2, 3)"]),
    (lambda: F.expand(z(3), (-1, 3)), ValueError, ["expand", "(-1, 3)", "(3,)"]),
    (lambda: F.cat([z(2, 3), z(2, 4)]), ValueError, ["cat", "tensors[1]", "(2, 4)", "(2, 3)", "dim 0"]),
    (lambda: F.cat([z(2), z(2, 3)]), ValueError, ["cat", "tensors[1]", "(2, 3)", "(2,)"]),
    (lambda: F.cat([]), ValueError, ["cat", "tensors", "empty"]),
    (lambda: F.cat(z(2, 3)), TypeError, ["cat", "tensors", "ndarray", "list or tuple"]),
    (lambda: F.cat([z(2), "text"]), TypeError, ["cat", "tensors[1]", "real numbers"]),
    (lambda: F.cat([1.0, 2.0]), ValueError, ["cat", "tensors[0]", "()", "stack"]),
    (lambda: F.stack([z(2), z(3)]), ValueError, ["stack", "tensors[1]", "(3,)", "(2,)"]),
    (lambda: F.stack([]), ValueError, ["stack", "tensors", "empty"]),
    (lambda: F.stack(z(2)), TypeError, ["stack", "tensors", "ndarray"]),
    (lambda: F.split(z(5), [2, 2]), ValueError, ["split", "[2, 2]", "add up to 4", "5"]),
    (lambda: F.split(z(5), 0), ValueError, ["split", "0", ">= 1"]),
    (lambda: F.split(1.0, 1), ValueError, ["split", "x", "()"]),
    (lambda: F.chunk(z(5), 0), ValueError, ["chunk", "chunks", "0", ">= 1"]),
    (lambda: F.chunk(1.0, 2), ValueError, ["chunk", "x", "()"]),
    (lambda: Tensor(z(2))[2], IndexError, ["index", "2", "(2,)"]),
    (lambda: Tensor(z(2))[0, 0], IndexError, ["index", "(0, 0)", "(2,)"]),
    (lambda: Tensor(z(2))[np.array([True])], IndexError, ["index", "(2,)"]),
    (lambda: Tensor(z(2))[0.5], IndexError, ["index", "0.5"]),
    (lambda: index_(z(2), "text"), IndexError, ["index", "text"]),
    (lambda: F.gather(z(2, 3), 1, [[3], [0]]), ValueError, ["gather", "index", "3", "0 to 2"]),
    (lambda: F.gather(z(2, 3), 1, [[-1], [0]]), ValueError, ["gather", "index", "-1", "0 to 2"]),
    (lambda: F.gather(z(2, 3), 1, [0]), ValueError, ["gather", "index", "(1,)", "(2, 3)"]),
    (lambda: F.gather(z(2, 3), 1, z(2, 1)), TypeError, ["gather", "index", "float32", "integers"]),
    (lambda: F.gather(z(2, 3), 2, [[0]]), ValueError, ["gather", "dim", "is 2"]),
    (lambda: F.pad(z(2), (1,)), ValueError, ["pad", "(1,)", "even number"]),
    (lambda: F.pad(z(2), (1, 1, 1, 1)), ValueError, ["pad", "(1, 1, 1, 1)", "at most 2"]),
    (lambda: F.pad(z(2), (-1, 0)), ValueError, ["pad", "-1", ">= 0"]),
    (lambda: F.pad(z(2), 1), TypeError, ["pad", "1", "tuple"]),
    (lambda: F.pad(z(2), (1, 1), value="text"), TypeError, ["pad", "value", "'text'", "number"]),
    (lambda: F.pad(z(2), (1, 1), "mirror"), ValueError, ["pad", "mode", "'mirror'", "'reflect'"]),
    (lambda: F.pad(z(2), (2, 0), "reflect"), ValueError, ["pad", "(2, 0)", "less", "'reflect'", "(2,)"]),
    (lambda: F.pad(z(2), (3, 0), "circular"), ValueError, ["pad", "(3, 0)", "less", "'circular'"]),
    (lambda: F.pad(z(0), (1, 0), "replicate"), ValueError, ["pad", "(1, 0)", "less", "'replicate'", "(0,)"]),
    (lambda: F.index_select(1.0, 0, [0, 0]), ValueError, ["index_select", "index", "(2,)", "one number"]),
    (lambda: F.take_along_dim(z(2, 3), [6]), ValueError, ["take_along_dim", "indices", "6", "0 to 5"]),
    (lambda: F.tril(z(3)), ValueError, ["tril", "(3,)", "(..., N, M)"]),
    (lambda: F.triu(z(2, 2), 0.5), TypeError, ["triu", "diagonal", "0.5", "integer"]),
    (lambda: F.one_hot([0, -1]), ValueError, ["one_hot", "labels", "-1"]),
    (lambda: F.one_hot([0, 3], 3), ValueError, ["one_hot", "labels", "3", "0 to 2"]),
    (lambda: F.one_hot([]), ValueError, ["one_hot", "labels", "empty"]),
    (lambda: F.one_hot([0.5]), TypeError, ["one_hot", "labels", "float", "integers"]),
    (lambda: Tensor(z(2)).astype("text"), TypeError, ["cast", "dtype", "'text'"]),
    (lambda: Tensor(z(2)).astype("complex64"), TypeError, ["cast", "dtype", "complex64"]),
    # products
    (lambda: F.matmul(z(2, 3), z(2, 3)), ValueError, ["matmul", "x has shape (2, 3)", "(3)", "(2)"]),
    (lambda: F.matmul(z(2), 1.0), ValueError, ["matmul", "other ()", "1 axis"]),
    (lambda: F.matmul(z(2, 2, 3), z(3, 3, 2)), ValueError, ["matmul", "leading axes", "(2, 2, 3)", "(3, 3, 2)"]),
    (lambda: F.mm(z(2, 3), z(2, 3)), ValueError, ["mm", "other has shape (2, 3)", "(3, M)", "x (2, 3)"]),
    (lambda: F.mm(z(2), z(2, 3)), ValueError, ["mm", "x has shape (2,)", "(N, K)"]),
    (lambda: F.linear(z(2, 3), z(4, 5)), ValueError, ["linear", "x has shape (2, 3)", "5", "weight (4, 5)"]),
    (lambda: F.linear(1.0, z(4, 5)), ValueError, ["linear", "x has shape ()", "5"]),
    (lambda: F.linear(z(2, 5), z(5)), ValueError, ["linear", "weight has shape (5,)", "in_features"]),
    (lambda: F.linear(z(2, 5), z(4, 5), z(5)), ValueError, ["linear", "bias has shape (5,)", "(4,)", "weight"]),
    (lambda: F.linear(None, z(4, 5)), TypeError, ["linear", "x", "NoneType"]),
    *[
        (lambda n=name: getattr(F, n)(None, z(2)), TypeError, [name, "x", "NoneType"])
        for name in ("bmm", "mm", "mv", "dot", "outer", "conv1d", "cosine_similarity", "normalize", "instance_norm")
    ],
    (lambda: F.linear_activation(z(2, 3), z(4, 5)), ValueError, ["linear_activation", "x has shape (2, 3)", "(4, 5)"]),
    (lambda: F.linear_activation(z(5), z(4, 5), None, "rely"), ValueError, ["linear_activation", "activation", "relu"]),
    (lambda: F.embedding([0, 4], z(4, 2)), ValueError, ["embedding", "indices", "4", "0 to 3"]),
    (lambda: F.embedding([-1], z(4, 2)), ValueError, ["embedding", "indices", "-1", "0 to 3"]),
    (lambda: F.embedding([0.5], z(4, 2)), TypeError, ["embedding", "indices", "float", "integers"]),
    (lambda: F.embedding([0], z(4)), ValueError, ["embedding", "weight", "(4,)", "embedding_dim"]),
    (
        lambda: F.conv2d(z(4, 4), z(2, 3, 3, 3)),
        ValueError,
        ["conv2d", "x", "(4, 4)", "C_in, H, W) or (C_in, H, W)"],
    ),
    (lambda: F.conv2d(z(1, 3, 4, 4), z(2, 3, 3)), ValueError, ["conv2d", "weight", "(2, 3, 3)", "kH"]),
    (lambda: F.conv2d(z(1, 3, 4, 4), z(2, 2, 3, 3)), ValueError, ["conv2d", "(1, 3, 4, 4)", "2 channels"]),
    (lambda: F.conv2d(z(1, 4, 4, 4), z(3, 2, 3, 3), groups=2), ValueError, ["conv2d", "groups=2", "(3, 2, 3, 3)"]),
    (lambda: F.conv2d(z(1, 3, 4, 4), z(2, 3, 3, 3), z(3)), ValueError, ["conv2d", "bias", "(3,)", "(2,)"]),
    (lambda: F.conv2d(z(1, 3, 4, 4), z(2, 3, 5, 5)), ValueError, ["conv2d", "kernel (5, 5)", "larger"]),
    (lambda: F.conv2d(z(1, 1, 4, 4), z(1, 1, 2, 2), stride=0), ValueError, ["conv2d", "stride", "0", ">= 1"]),
    (lambda: F.conv2d(z(1, 1, 4, 4), z(1, 1, 2, 2), padding=-1), ValueError, ["conv2d", "padding", "-1"]),
    (lambda: F.conv2d(z(1, 1, 4, 4), z(1, 1, 2, 2), dilation=0.5), TypeError, ["conv2d", "dilation", "0.5"]),
    (lambda: F.conv2d(z(1, 1, 4, 4), z(1, 1, 2, 2), stride=(1, 1, 1)), ValueError, ["stride", "(1, 1, 1)", "two"]),
    (lambda: F.conv2d(z(1, 1, 4, 4), z(1, 1, 2, 2), groups=0), ValueError, ["conv2d", "groups", "0", ">= 1"]),
    *[
        (
            lambda n=name, a=a, b=b: getattr(F, n)(Tensor(z(*a)), Tensor(z(*b).astype(float))),
            TypeError,
            [name, b_name, "float64"],
        )
        for name, a, b, b_name in (
            ("mv", (2, 3), (3,), "vec"),
            ("bmm", (2, 3, 4), (2, 4, 5), "other"),
            ("conv1d", (3, 7), (4, 3, 3), "weight"),
        )
    ],
    # attention
    *[
        (
            lambda s=shapes: F.scaled_dot_product_attention(*(z(*a) for a in s)),
            ValueError,
            ["scaled_dot_product_attention", *words],
        )
        for shapes, words in [
            (((3,), (2, 3), (2, 3)), ["query", "(3,)", "(..., T, d)"]),
            (((2, 3), (2, 4), (2, 3)), ["key", "(2, 4)", "(..., S, 3)", "d = 3 as in query (2, 3)"]),
            (((2, 3), (4, 3), (5, 3)), ["value", "(5, 3)", "S = 4 as in key (4, 3)"]),
            (((2, 2, 3), (3, 4, 3), (4, 3)), ["leading axes", "query (2, 2, 3)", "key (3, 4, 3)", "broadcast"]),
            (((2, 0), (4, 0), (4, 3)), ["query", "(2, 0)", "d > 0"]),
        ]
    ],
    *[
        (lambda o=options: F.scaled_dot_product_attention(z(2, 3), z(4, 3), z(4, 3), **o), error, words)
        for options, error, words in [
            ({"attn_mask": z(3, 4)}, ValueError, ["attn_mask", "(3, 4)", "(2, 4)"]),
            ({"attn_mask": z(5, 2, 4)}, ValueError, ["attn_mask", "(5, 2, 4)", "(2, 4)"]),
            ({"attn_mask": np.ones((2, 4), int)}, TypeError, ["attn_mask", "int64", "bool or float"]),
            ({"enable_gqa": True}, ValueError, ["query (2, 3)", "key (4, 3)", "enable_gqa", "multiple"]),
            ({"window": 0}, ValueError, ["window", "0", ">= 1"]),
            ({"window": 2.0}, TypeError, ["window", "2.0", "integer"]),
            ({"dropout_p": 1.5}, ValueError, ["dropout_p", "1.5", "<= 1"]),
            ({"scale": "big"}, TypeError, ["scale", "'big'", "number"]),
            ({"rng": 0.5}, TypeError, ["rng", "0.5", "Generator"]),
        ]
    ],
    # normalisation
    (lambda: F.layer_norm(z(2, 3), 4), ValueError, ["layer_norm", "(2, 3)", "(4,)"]),
    (lambda: F.layer_norm(z(3), (2, 3)), ValueError, ["layer_norm", "(3,)", "(2, 3)"]),
    (lambda: F.layer_norm(z(2, 3), ()), ValueError, ["layer_norm", "normalized_shape", "()"]),
    (lambda: F.layer_norm(z(2, 3), 3, z(2)), ValueError, ["layer_norm", "weight", "(2,)", "(3,)"]),
    (lambda: F.layer_norm(z(2, 3), 3, None, z(2)), ValueError, ["layer_norm", "bias", "(2,)", "(3,)"]),
    (lambda: F.layer_norm(z(2, 3), 3, eps=-1.0), ValueError, ["layer_norm", "eps", "-1", ">= 0"]),
    (lambda: F.layer_norm(z(2, 3), 3.0), TypeError, ["layer_norm", "normalized_shape", "3.0", "integer"]),
    (lambda: F.rms_norm(z(2, 3), 4), ValueError, ["rms_norm", "(2, 3)", "(4,)"]),
    (lambda: F.rms_norm(z(2, 3), 3, z(2)), ValueError, ["rms_norm", "weight", "(2,)", "(3,)"]),
    (lambda: F.group_norm(z(2, 5), 2), ValueError, ["group_norm", "(2, 5)", "multiple of 2"]),
    (lambda: F.group_norm(z(4), 2), ValueError, ["group_norm", "(4,)", "(N, C, ...)"]),
    (lambda: F.group_norm(z(2, 4), 2, z(2)), ValueError, ["group_norm", "weight", "(2,)", "(4,)"]),
    (lambda: F.group_norm(z(2, 4), 0), ValueError, ["group_norm", "num_groups", "0", ">= 1"]),
    (lambda: inverted_dropout(z(2), z(3), 0.5), ValueError, ["inverted_dropout", "u", "(3,)", "(2,)"]),
    (lambda: F.dropout(z(2), 1.5), ValueError, ["dropout", "p is 1.5", "<= 1"]),
    (lambda: F.dropout(z(2), "half"), TypeError, ["dropout", "p", "'half'", "number"]),
    (lambda: F.dropout(z(2), rng=-1), ValueError, ["dropout: rng", "-1", ">= 0"]),
    # losses
    (lambda: F.mse_loss(z(2), z(2, 1)), ValueError, ["mse_loss", "target", "(2, 1)", "(2,)"]),
    (lambda: F.l1_loss(z(2), z(3)), ValueError, ["l1_loss", "target", "(3,)", "(2,)"]),
    (lambda: F.mse_loss(z(2), z(2), "men"), ValueError, ["mse_loss", "reduction", "'men'", "'mean'"]),
    (lambda: F.cross_entropy(1.0, 0), ValueError, ["cross_entropy", "logits", "()", "(C,)", "(N, C, ...)"]),
    (lambda: F.cross_entropy(z(2, 3), [0]), ValueError, ["cross_entropy", "target", "(1,)", "(2,)"]),
    (
        lambda: F.cross_entropy(z(2, 3), z(2)),
        ValueError,
        ["cross_entropy", "target", "(2,)", "(2, 3)", "integer labels"],
    ),
    (lambda: F.cross_entropy(z(2, 3), [0, 3]), ValueError, ["cross_entropy", "target", "3", "0 to 2"]),
    (lambda: F.cross_entropy(z(2, 3), [0, -1]), ValueError, ["cross_entropy", "target", "-1", "0 to 2"]),
    (lambda: F.cross_entropy(z(2, 3), [True, False]), TypeError, ["cross_entropy", "target", "bool", "integers"]),
    (lambda: F.cross_entropy(z(2, 3), LABELS, z(2)), ValueError, ["cross_entropy", "weight", "(2,)", "(3,)"]),
    (lambda: F.cross_entropy(z(2, 3), LABELS, reduction="max"), ValueError, ["reduction", "'max'", "'mean'"]),
    (lambda: F.cross_entropy(z(2, 3), LABELS, label_smoothing=2), ValueError, ["label_smoothing", "2", "<= 1"]),
    (lambda: F.cross_entropy(z(2, 3), LABELS, ignore_index=0.5), TypeError, ["ignore_index", "0.5", "integer"]),
    # the wide set: activations, running sums, pooling, recurrence and the other losses
    *[
        (lambda name=name: getattr(F, name)("text"), TypeError, [name, "x", "real numbers", "str"])
        for name in (
            *("expm1", "log2", "tan", "sign", "relu6", "elu", "selu", "mish", "softsign"),
            *("hardtanh", "hardsigmoid", "hardswish", "logsigmoid"),
        )
    ],
    (lambda: F.elu(z(2), "big"), TypeError, ["elu", "alpha", "'big'", "number"]),
    (lambda: F.hardtanh(z(2), 1, -1), ValueError, ["hardtanh", "min_val is 1", "max_val=-1"]),
    (lambda: F.prelu(z(2, 3), z(2)), ValueError, ["prelu", "weight", "(2,)", "1 number or 3", "(2, 3)"]),
    *[
        (lambda name=name: getattr(F, name)(z(2, 3), 2), ValueError, [name, "dim", "is 2", "-2 to 1"])
        for name in ("cumsum", "cumprod", "prod", "flip")
    ],
    (lambda: F.norm(z(2), -1), ValueError, ["norm", "p is -1", ">= 0"]),
    *[
        (lambda name=name: getattr(F, name)("text"), TypeError, [name, "x", "real numbers", "str"])
        for name in ("celu", "hardshrink", "softshrink")
    ],
    (lambda: F.celu(z(2), 0), ValueError, ["celu", "alpha is 0", "another"]),
    (lambda: F.softshrink(z(2), -1), ValueError, ["softshrink", "lambd", "-1", ">= 0"]),
    (lambda: F.threshold(z(2), 0, "a"), TypeError, ["threshold", "value", "'a'", "number"]),
    (lambda: F.roll(z(2, 3), (1, 2), 0), ValueError, ["roll", "shifts", "(1, 2)", "dims"]),
    (lambda: F.einsum("ij,jk->ik", z(2, 3), z(4, 5)), ValueError, ["einsum", "'j'", "3", "4"]),
    (lambda: F.einsum("ij", z(2)), ValueError, ["einsum", "'ij'", "2 axes", "(2,)"]),
    (lambda: F.einsum(5, z(2)), TypeError, ["einsum", "equation", "5", "string"]),
    (lambda: F.bilinear(z(2, 3), z(2, 4), z(5, 3, 3)), ValueError, ["bilinear", "x2", "(2, 4)", "(5, 3, 3)"]),
    (lambda: F.dropout1d(z(2)), ValueError, ["dropout1d", "x", "(2,)", "(N, C, L, ...)"]),
    (lambda: F.dropout2d(z(2, 3, 4, 4), 2), ValueError, ["dropout2d", "p is 2", "<= 1"]),
    (
        lambda: F.conv_transpose2d(z(1, 2, 3, 3), z(3, 2, 2, 2)),
        ValueError,
        ["conv_transpose2d", "weight", "(3, 2, 2, 2)", "2"],
    ),
    (
        lambda: F.conv_transpose2d(z(1, 2, 3, 3), z(2, 2, 2, 2), output_padding=1),
        ValueError,
        ["conv_transpose2d", "output_padding", "(1, 1)", "less than stride or dilation"],
    ),
    (
        lambda: F.conv_transpose1d(z(1, 2, 3), z(2, 2, 2), output_padding=1),
        ValueError,
        ["conv_transpose1d", "output_padding", "(1,)", "less"],
    ),
    (
        lambda: F.conv2d(z(1, 1, 4, 4), z(1, 1, 2, 2), stride=2, padding="same"),
        ValueError,
        ["conv2d", "padding", "'same'", "stride of 1"],
    ),
    (lambda: F.conv1d(z(1, 1, 4), z(1, 1, 2), padding="some"), ValueError, ["conv1d", "padding", "'some'", "'same'"]),
    (lambda: F.unfold(z(1, 1, 4, 4), 5), ValueError, ["unfold", "kernel_size", "(5, 5)", "(1, 1, 4, 4)"]),
    (lambda: F.max_pool2d(z(1, 1, 1, 1), 3, 1, ceil_mode=True), ValueError, ["max_pool2d", "(3, 3)", "(1, 1, 1, 1)"]),
    (lambda: F.max_pool2d(z(2, 3), 2), ValueError, ["max_pool2d", "x", "(2, 3)", "(N, C, H, W)"]),
    (lambda: F.max_pool2d(z(1, 1, 4, 4), 5), ValueError, ["max_pool2d", "(5, 5)", "(1, 1, 4, 4)"]),
    (lambda: F.avg_pool2d(z(1, 1, 4, 4), 2, padding=2), ValueError, ["avg_pool2d", "padding", "half"]),
    (lambda: F.adaptive_avg_pool2d(z(1, 1, 4, 4), 0), ValueError, ["adaptive_avg_pool2d", "output_size", "0", ">= 1"]),
    (lambda: F.adaptive_max_pool2d(z(4, 4), 2), ValueError, ["adaptive_max_pool2d", "x", "(4, 4)"]),
    (lambda: F.interpolate(z(1, 1, 4, 4)), ValueError, ["interpolate", "size", "scale_factor", "exactly one"]),
    (lambda: F.interpolate(z(1, 1, 4, 4), 2, mode="cubic"), ValueError, ["interpolate", "mode", "'cubic'"]),
    (
        lambda: F.interpolate(z(1, 1, 4), 2, mode="bilinear"),
        ValueError,
        ["interpolate", "mode", "'linear'", "(1, 1, 4)"],
    ),
    (lambda: F.batch_norm(z(2, 3), z(3), None), ValueError, ["batch_norm", "running_var", "training"]),
    (
        lambda: F.batch_norm(z(2, 3), np.broadcast_to(0.0, (3,)), z(3), training=True),
        TypeError,
        ["batch_norm", "running_mean", "may be changed"],
    ),
    (lambda: F.pixel_shuffle(z(1, 4, 2, 2), 0), ValueError, ["pixel_shuffle", "upscale_factor", "0"]),
    (lambda: F.pixel_unshuffle(z(1, 4, 2, 2), 0), ValueError, ["pixel_unshuffle", "downscale_factor", "0"]),
    (lambda: F.pixel_shuffle(z(1, 6, 2, 2), 2), ValueError, ["pixel_shuffle", "(1, 6, 2, 2)", "multiple of 4"]),
    (lambda: F.batch_norm(z(1, 3), None, None, training=True), ValueError, ["batch_norm", "(1, 3)", "more than one"]),
    (lambda: F.linear_recurrence(z(2, 3), z(2, 4)), ValueError, ["linear_recurrence", "b", "(2, 4)", "(2, 3)"]),
    *[
        (
            lambda f=f, n=n, s=s: f(z(5, 2, 3), *[z(2, 4)] * s, z(n * 4, 3), z(n * 4, 5)),
            ValueError,
            [name, "w_hh", f"({n * 4}, 5)"],
        )
        for name, f, n, s in (("rnn", F.rnn, 1, 1), ("gru", F.gru, 3, 1), ("lstm", F.lstm, 4, 2))
    ],
    *[
        (lambda name=name: getattr(F, name)(z(2), z(3)), ValueError, [name, "target", "(3,)", "(2,)"])
        for name in (
            *("huber_loss", "smooth_l1_loss", "kl_div", "binary_cross_entropy", "binary_cross_entropy_with_logits"),
            *("hinge_embedding_loss", "soft_margin_loss", "perceptron_loss"),
        )
    ],
    (lambda: F.huber_loss(z(2), z(2), delta=0), ValueError, ["huber_loss", "delta", "0"]),
    (lambda: F.binary_cross_entropy(z(2) + 2, z(2)), ValueError, ["binary_cross_entropy", "x", "2.0", "0 to 1"]),
    (lambda: F.gaussian_nll_loss(z(2), z(2), z(2) - 1), ValueError, ["gaussian_nll_loss", "var", "-1", ">= 0"]),
    (lambda: F.gaussian_nll_loss(z(2, 3), z(4), z(3)), ValueError, ["gaussian_nll_loss", "target", "(4,)", "(2, 3)"]),
    (lambda: F.gaussian_nll_loss(z(2, 3), z(3), z(4)), ValueError, ["gaussian_nll_loss", "var", "(4,)", "(2, 3)"]),
    (lambda: F.poisson_nll_loss(z(2), z(3)), ValueError, ["poisson_nll_loss", "target", "(3,)", "(2,)"]),
    (lambda: F.cosine_embedding_loss(z(2, 3), z(2, 3), 1), ValueError, ["cosine_embedding_loss", "target", "(2,)"]),
    (lambda: F.triplet_margin_loss(z(2), z(3), z(2)), ValueError, ["triplet_margin_loss", "positive", "(3,)", "(2,)"]),
    (lambda: F.perceptron_loss(z(2), [0, 1]), ValueError, ["perceptron_loss", "target", "0", "-1 and +1"]),
    (lambda: F.margin_ranking_loss(z(2), z(3), [1, 1]), ValueError, ["margin_ranking_loss", "x2", "(3,)", "(2,)"]),
    (lambda: F.multi_margin_loss(z(2, 3), [0, 3]), ValueError, ["multi_margin_loss", "target", "3", "0 to 2"]),
    (lambda: F.nll_loss(z(2, 3), [0, 3]), ValueError, ["nll_loss", "target", "3", "0 to 2"]),
]


@pytest.mark.parametrize(("call", "error", "words"), BAD, ids=[f"{i}-{w[0]}" for i, (_, _, w) in enumerate(BAD)])
def test_message(call: Callable[[], Any], error: type[Exception], words: list[str]) -> None:
    with pytest.raises(error) as caught:
        call()
    assert type(caught.value) is error
    missing = [word for word in words if word not in str(caught.value)]
    assert not missing, f"the message lacks {missing}: {caught.value}"


def test_the_table_holds_every_function() -> None:
    told = {word.split(".")[-1] for _, _, words in BAD for word in words[:1]}
    functions = {name.removeprefix("functional.") for name in REGISTRY if name.startswith("functional.")}
    assert functions - {"clamp"} <= told | {"clamp"}


def test_nothing_is_changed_by_a_call_that_fails() -> None:
    weight = Tensor(z(3, 2), requires_grad=True)
    with pytest.raises(ValueError, match="indices"):
        F.embedding([5], weight)
    assert weight.grad is None
    assert weight.version == 0
