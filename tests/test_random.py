"""Where every random number comes from: one default generator, seeds, generators."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest

import nnlite
from nnlite.random import derived, generator, last_seed


def test_manual_seed_repeats_everything_drawn_from_the_default() -> None:
    drawn = []
    for _ in range(2):
        nnlite.manual_seed(5)
        drawn.append(
            (generator().random(3), nnlite.nn.Linear(2, 2).weight.data, nnlite.functional.dropout(np.ones(9)).data)
        )
    for a, b in zip(*drawn):
        np.testing.assert_array_equal(a, b)


def test_the_default_moves_on() -> None:
    assert generator().random() != generator().random()


def test_a_seed_makes_a_new_generator_each_time() -> None:
    assert generator(3).random() == generator(3).random() == generator(np.int64(3)).random()
    assert generator(3).random() != generator(4).random()
    nnlite.manual_seed(0)
    first = generator().random()
    nnlite.manual_seed(0)
    generator(3).random()
    assert generator().random() == first


def test_a_generator_is_itself() -> None:
    rng = np.random.default_rng(0)
    assert generator(rng) is rng
    assert nnlite.manual_seed(1) is generator()


def test_a_derived_generator_depends_on_its_key_alone() -> None:
    def drawn(*key: int) -> float:
        with derived(*key):
            return generator().random()

    nnlite.manual_seed(0)
    wanted = generator().random()
    nnlite.manual_seed(0)
    assert drawn(3, 4) == drawn(3, 4)
    assert len({drawn(*key) for key in [(3, 4), (4, 3), (3, 5), (0, 3, 4)]}) == 4
    with derived(1):
        first = generator().random()
        with derived(2):
            generator().random()
        assert generator().random() != first  # the outer one goes on where it was
        assert generator(7).random() == generator(7).random()
    assert generator().random() == wanted  # the default one was not touched


def test_a_derived_generator_is_its_threads_own() -> None:
    inside = []
    with derived(1):
        thread = threading.Thread(target=lambda: inside.append(generator()))
        thread.start()
        thread.join()
        assert inside[0] is not generator()
    assert inside[0] is generator()


def test_the_last_seed_is_remembered() -> None:
    nnlite.manual_seed(12)
    generator(5)
    assert last_seed() == 12


def test_numpys_global_state_is_left_alone() -> None:
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    nnlite.manual_seed(0)
    nnlite.nn.Linear(3, 3)
    np.testing.assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002


@pytest.mark.parametrize(
    ("seed", "error"), [(-1, ValueError), (1.5, TypeError), ("one", TypeError), (True, TypeError), ([1], TypeError)]
)
def test_bad_seeds(seed: Any, error: type[Exception]) -> None:
    for call in (generator, nnlite.manual_seed):
        with pytest.raises(error, match="rng is"):
            call(seed)
