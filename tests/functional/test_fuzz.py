"""Every public function called with something wrong: a result, or an error that names the function and the argument.

What an option may be is told in its contract, to which test_refusals.py holds every function, and for the few that no
contract speaks of in fuzz.ALLOWED; everything else must be refused, and nothing given may be changed.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from fuzz import ALLOWED, FUNCTIONS, answers, call, described, parameters_of, pens, right, spoilt
from hypothesis import given
from samples import Pen, examples

from nnlite import Tensor


def results(value: Any) -> list[Tensor]:
    return list(value) if isinstance(value, tuple) else [value]


def snapshot(arguments: dict[str, Any]) -> list[Any]:
    return [v.copy() if isinstance(v, np.ndarray) else None for v in arguments.values()]


def one_case(pen: Pen, name: str) -> None:
    arguments = right(pen, name)
    parameters = parameters_of(FUNCTIONS[name])
    for parameter in {pen.one_of(*parameters) for _ in range(pen.one_of(1, 1, 1, 2))}:
        arguments[parameter] = spoilt(pen, arguments[parameter], parameter)
    allowed = {p: ALLOWED.get(f"{name}.{p}", ALLOWED.get(p)) for p in parameters}
    refused = any(allowed[p] is not None and not allowed[p](v) for p, v in arguments.items())
    if pen.boolean():
        for p, v in arguments.items():
            if isinstance(v, np.ndarray) and v.dtype.kind == "f" and p not in {"running_mean", "running_var"}:
                arguments[p] = Tensor(v, requires_grad=True)
    what, before = described(name, arguments), snapshot(arguments)
    result = answers(lambda: call(name, arguments), {name: set(parameters)}, refused, what)
    if result is None:
        for value, copy in zip(arguments.values(), before):
            if copy is not None:
                np.testing.assert_array_equal(value, copy, err_msg=f"{what} failed and changed an argument")
        return
    for y in results(result):
        assert isinstance(y, Tensor), f"{what}: gave a {type(y).__name__}"
        assert y.dtype.kind in "fiub", f"{what}: gave {y.dtype}"
        if y.requires_grad:
            answers(lambda y=y: y.backward(np.ones(y.shape)), {}, False, f"backward of {what}")


@pytest.mark.parametrize("name", FUNCTIONS)
@examples(45)
@given(pen=pens())
def test_function(name: str, pen: Pen) -> None:
    one_case(pen, name)
