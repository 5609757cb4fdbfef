"""Whatever a contract does not allow is refused, in every argument of every function and class that has one.

It is refused before anything happens, by an error that names the function, the argument and what was given.
"""

from __future__ import annotations

import numpy as np
import pytest
from refusals import WRONG, classes, functions, letters_of, refuses, wrongs

import nnlite

DOORS = {f"{door.name}": door for door in [*functions(), *classes()]}


@pytest.mark.parametrize("name", DOORS)
def test_what_a_contract_does_not_allow_is_refused(name: str) -> None:
    door = DOORS[name]
    found = []
    with nnlite.use_kernels(False), np.errstate(all="ignore"):
        for seed in range(4):
            arguments = door.right(seed)
            assert letters_of(door, arguments) is not None, (
                f"{name}: the right arguments do not go together: {arguments}"
            )
            if seed == 0:
                door.call(arguments)
            for argument in door.kinds:
                found += [refuses(door, arguments, argument, wrong) for wrong in wrongs(door, arguments, argument)]
    complaints = [line for line in dict.fromkeys(found) if line]
    assert found or not any(WRONG), "nothing was tried"
    assert not complaints, "\n" + "\n".join(complaints)
