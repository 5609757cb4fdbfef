"""What all tests share: how hypothesis draws, where real data lies, and a default generator that is seeded anew."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, settings

os.environ.setdefault("MPLBACKEND", "Agg")

import nnlite

# The quick profile is for whoever works on nnlite, the full one for CI. Both draw the same examples each time, so that
# a red test is the work of who sees it; explore draws new ones: python -m pytest --hypothesis-profile=explore
health = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
everywhere = settings(deadline=None, suppress_health_check=health)  # no deadline: a first call compiles
settings.register_profile("quick", everywhere, max_examples=5, derandomize=True)
settings.register_profile("full", everywhere, max_examples=15, derandomize=True)
settings.register_profile("explore", everywhere, max_examples=15)
FULL = os.environ.get("CI", "").lower() == "true"
settings.load_profile("full" if FULL else "quick")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that take seconds, and whose files have quicker ones beside them, are left to the full profile."""
    for item in items:
        if item.get_closest_marker("full") and not item.get_closest_marker("slow") and not FULL:
            item.add_marker(pytest.mark.skip(reason="takes seconds: for CI=true"))


@pytest.fixture(autouse=True)
def seeded() -> None:
    """Seed the default generator, so that no test depends on which tests ran before it."""
    nnlite.manual_seed(0)


@pytest.fixture(params=[True, False], ids=["kernels", "formulas"])
def both_ways(request: pytest.FixtureRequest) -> Iterator[bool]:
    """Run the test twice: on the compiled kernels and on the NumPy formulas."""
    if request.param and not nnlite.kernels_enabled():
        pytest.skip("kernels are switched off")
    with nnlite.use_kernels(request.param):
        yield request.param


@pytest.fixture
def test_data() -> Callable[[str], Path]:
    """Find real data by name, in NNLITE_TEST_DATA or else beside the checkout, or skip the test."""

    def find(name: str) -> Path:
        beside = Path(__file__).resolve().parents[2] / "shared" / "data"
        folder = Path(os.environ.get("NNLITE_TEST_DATA") or beside)
        if not (folder / name).exists():
            pytest.skip(f"real data {name!r} is not in {folder}; set NNLITE_TEST_DATA to its folder")
        return folder / name

    return find


@pytest.fixture(params=["float32", "float64"])
def dtype(request: pytest.FixtureRequest) -> str:
    """Run the test in both float dtypes."""
    return request.param


@pytest.fixture
def rng() -> np.random.Generator:
    """Return a generator with a fixed seed."""
    return np.random.default_rng(0)
