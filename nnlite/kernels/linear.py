"""Twins of ``functional/linear.py``; matrix products stay with BLAS, which is a compiled kernel already."""

from __future__ import annotations

import numpy as np

from nnlite.kernels.compile import contiguous, kernel


@kernel
def _add_rows(indices, dy, dweight):
    for i in range(indices.size):
        row = indices[i]
        for j in range(dy.shape[1]):
            dweight[row, j] += dy[i, j]


def embedding(indices, weight):
    """Twin of ``functional.embedding``."""
    indices = np.asarray(indices, np.int64)
    rows = contiguous(indices.ravel())

    def vjp(dy):
        dweight = np.zeros(weight.shape, weight.dtype)
        _add_rows(rows, contiguous(dy, weight.dtype).reshape(rows.size, weight.shape[1]), dweight)
        return dweight

    return weight[indices], vjp
