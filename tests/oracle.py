"""PyTorch as the oracle: the same function on the same numbers, values and gradients."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from nnlite import Tensor

TOLERANCE = {np.dtype(np.float32): 2e-5, np.dtype(np.float64): 1e-10}


def close(actual: Any, wanted: Any, tolerance: float | None = None) -> None:
    """Equal up to rounding, measured against the largest element."""
    actual, wanted = np.asarray(actual), np.asarray(wanted)
    finite = np.abs(wanted[np.isfinite(wanted)])
    tolerance = tolerance or TOLERANCE[wanted.dtype]
    np.testing.assert_allclose(
        actual, wanted, rtol=tolerance, atol=tolerance * max(1, finite.max(initial=0)), strict=True
    )


def agrees_with_torch(
    ours: Callable[..., Any], theirs: Callable[..., Any], *arrays: Any, seed: int = 0, tolerance: float | None = None
) -> None:
    """``ours(*Tensors)`` and ``theirs(torch, *tensors)`` have equal values, and equal gradients for a random upstream.

    Float arrays want a gradient; everything else is passed on as it is.
    """
    torch = pytest.importorskip("torch")
    torch.set_num_threads(1)  # on arrays this small a second thread only waits
    mine = [Tensor(a, requires_grad=True) if _is_float(a) else a for a in arrays]
    other = [_to_torch(torch, a) for a in arrays]
    y, y_torch = ours(*mine), theirs(torch, *other)
    close(y.data, y_torch.detach().numpy(), tolerance)
    dy = np.random.default_rng(seed).standard_normal(y.shape).astype(y.dtype)
    y.backward(dy)
    y_torch.backward(torch.tensor(dy))
    for a, b in zip(mine, other):
        if isinstance(a, Tensor):
            close(a.grad, b.grad.numpy(), tolerance)


def _is_float(value: Any) -> bool:
    return isinstance(value, np.ndarray) and value.dtype.kind == "f"


def _to_torch(torch: Any, value: Any) -> Any:
    if not isinstance(value, np.ndarray):
        return value
    return torch.tensor(value.copy(), requires_grad=_is_float(value))
