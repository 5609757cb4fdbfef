"""The benchmarks' bookkeeping: ratios, the page, the chart. What the ratios are is not for a test to say."""

from __future__ import annotations

import time

import numpy as np
import pytest

from benchmarks import report, timing
from benchmarks.timing import Row, compare, peak_megabytes


def test_a_slower_peer_gives_a_ratio_above_one():
    row = compare("sleep", "a peer", lambda: time.sleep(0.002), lambda: time.sleep(0.006), rounds=3)
    assert row.ratio is not None and row.ratio > 1
    assert row.spread[0] <= row.ratio <= row.spread[1]
    assert "sleep" in str(row)


def test_peak_memory_sees_what_is_freed_again():
    grown = peak_megabytes(lambda: np.ones(4_000_000).sum())
    if grown is None:
        pytest.skip("this system does not say")
    assert 25 < grown < 45  # 32 MB


def test_the_threads_are_as_before_afterwards():
    import nnlite

    before = nnlite.get_num_threads()
    with timing.threads(1):
        assert nnlite.get_num_threads() == 1
    assert nnlite.get_num_threads() == before


def test_the_page_and_the_chart_hold_every_row(tmp_path):
    rows = [
        Row("slow", "torch 1", 1, 0.5, (0.4, 0.6), 1.25, (3.0, 2.0), floor=2),
        Row("fast", "torch 1", 2, 20.0, (18.0, 22.0), 0.5),
        Row("absent", "jax", 1, None),
    ]
    report.write(rows, tmp_path)
    page = (tmp_path / "results.md").read_text(encoding="utf-8")
    assert "| slow | torch 1 | 1 | **0.50** | 0.40–0.60 | 2 | 1.250 ms | 3.0 / 2.0 MB |" in page
    assert "| fast | torch 1 | 2 | **20.00** |" in page and "absent" not in page
    assert (tmp_path / "results.png").read_bytes()[:4] == b"\x89PNG"
    bars = report.chart(rows[:2]).axes[0].patches
    np.testing.assert_allclose([bar.get_width() for bar in bars], np.log2([0.5, 20]))
