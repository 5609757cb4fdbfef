"""Changes in place are refused only where PyTorch refuses them too: row by row, whichever Tensor is written into."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import test_against_torch
from test_against_torch import ROWS, Fixed, Row

import nnlite
from nnlite import Tensor, no_grad
from nnlite import functional as F

torch = test_against_torch.torch

#: where nnlite keeps what PyTorch does not: the function, and why
STRICTER = {
    "einsum": "PyTorch keeps the product of two of three operands, we keep the operands",
    "expm1": "PyTorch keeps the result, from which the slope of small x cannot be told",
    "instance_norm": "PyTorch copies the weight for each picture",
    "rms_norm": "PyTorch keeps x divided by its size, the kernel keeps x",
    "scaled_dot_product_attention": "PyTorch keeps the query multiplied by the scale, we keep the query",
}


def few_rows() -> dict[str, list[Row]]:
    """A few calls of each function, without the rows of edges."""
    found: dict[str, list[Row]] = {}
    for r in ROWS:
        arrays = [test_against_torch._values(a) for a in r.arrays]
        of_one = found.setdefault(r.name, [])
        known = {(str(q.options), len(q.arrays), q.call is None) for q in of_one}
        new = (str(r.options), len(arrays), r.call is None) not in known or r.call is not None
        if new and "edges" not in r.kind and all(a.size for a in arrays) and len(of_one) < 8:
            of_one.append(r)
    return {name: rows for name, rows in found.items() if rows}


def refuses(y: Any, gradient: Any) -> bool:
    """Whether backward() refuses to compute with what was changed."""
    try:
        with np.errstate(all="ignore"):
            y.backward(gradient)
    except RuntimeError as error:
        assert "in place" in str(error) or "inplace" in str(error), error
        return True
    return False


def false_alarms(r: Row) -> Iterator[str]:
    """Each change of an input that is a float, or of the result, that nnlite refuses and PyTorch does not."""
    theirs = test_against_torch.THEIRS.get(r.name) or getattr(torch.nn.functional, r.name, None)
    theirs = theirs or getattr(torch, r.name)
    call = r.call or (lambda f, *arrays, **options: f(*arrays, **options))
    arrays = [test_against_torch._values(a) for a in r.arrays]
    floats = [i for i, a in enumerate(arrays) if a.dtype.kind == "f" and not isinstance(r.arrays[i], Fixed)]
    wishes = [set(floats), *({i} for i in floats if len(floats) > 1)]
    for wanted, changed in itertools.product(wishes, [*floats, "result"]):
        mine = [Tensor(a.copy(), requires_grad=i in wanted) if i in floats else a for i, a in enumerate(arrays)]
        other = [torch.tensor(a, requires_grad=i in wanted) for i, a in enumerate(arrays)]
        with np.errstate(all="ignore"):
            y, z = call(F.__dict__[r.name], *mine, **r.options), call(theirs, *other, **r.options)
        if not y.requires_grad or not z.requires_grad:
            continue
        target, theirs_too = (y, z) if changed == "result" else (mine[changed], other[changed])
        with no_grad(), torch.no_grad():
            try:
                theirs_too.detach().add_(1)
            except RuntimeError:  # elements that share memory
                continue
            if not target.data.flags.writeable:
                continue
            target[...] = target.data + 1
        dy = np.random.default_rng(1).uniform(0.5, 2, y.shape)
        if refuses(y, dy) and not refuses(z, torch.tensor(dy)):
            yield f"{r}: {sorted(wanted)} want a gradient, {changed} changed"


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("name", "rows"), few_rows().items(), ids=few_rows())
def test_what_pytorch_allows_is_allowed(name: str, rows: list[Row]) -> None:
    """Except for the functions that are stricter, each of which is so still."""
    ways, found = [False, True] if nnlite.kernels_enabled() else [False], []
    for kernels in ways:
        with nnlite.use_kernels(kernels):
            found += [alarm for r in rows for alarm in false_alarms(r)]
    if name not in STRICTER:
        assert not found, "\n".join(["refused, PyTorch does not:", *found])
    elif True in ways:
        assert found, f"{name} is no stricter than PyTorch: take it out of STRICTER"


def test_those_that_are_stricter_are_functions_with_rows() -> None:
    assert STRICTER.keys() <= few_rows().keys()
