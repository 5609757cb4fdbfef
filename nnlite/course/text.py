"""What a check has found, as text for a terminal; and how values are written, there and on the card."""

from __future__ import annotations

import textwrap
from typing import Any

import numpy as np

from nnlite.course.findings import Failure, Findings
from nnlite.course.student import safe_repr


def as_text(result: Findings) -> str:
    """The result as a student reads it in a terminal."""
    lines = [f"{result.exercise.name}: {result.headline}"]
    failure = result.failure
    if failure is not None:
        lines += ["", indent(failure.sentence)]
        if result.looks_like:
            lines += ["", indent(f"It looks like this: {result.looks_like}")]
        if failure.fact and failure.verdict == "wrong":
            lines += ["", indent(f"What should hold: {failure.fact}")]
        if failure.inputs and failure.verdict == "wrong":
            rows = [(name, show(value)) for name, value in failure.inputs.items()]
            if failure.expected is not None:
                rows += [("expected", show(failure.expected)), ("yours", show(failure.actual))]
                if shapes(failure):
                    rows += [("shapes", shapes(failure))]
            lines += ["", "  The smallest case that shows it:", "", *_aligned(rows)]
    if result.note:
        lines += ["", indent(result.note), indent(clipped(result.printed[0]).rstrip(), 6)]
    if failure is not None and result.verdict != "missing":
        lines += ["", indent(f"A hint: nnlite course hint {result.exercise.name}, or .hint() in a notebook")]
    return "\n".join(lines)


def shapes(failure: Failure) -> str:
    """The shapes of the two values, where they are arrays, and the dtypes.

    Two different float dtypes are left out: checks reckon in float64, and a wrong dtype has a sentence of its own.
    """
    wanted, found = failure.expected, failure.actual
    if not isinstance(wanted, np.ndarray):
        return ""
    if not isinstance(found, np.ndarray):
        return f"expected {wanted.shape} {wanted.dtype}"
    if wanted.dtype != found.dtype and wanted.dtype.kind == found.dtype.kind == "f":
        return f"expected {wanted.shape}, yours {found.shape}"
    return f"expected {wanted.shape} {wanted.dtype}, yours {found.shape} {found.dtype}"


def show(value: Any) -> str:
    """Write a value in few characters: four digits, the middle of long arrays left out."""
    if isinstance(value, np.ndarray):
        with np.printoptions(precision=4, suppress=True, threshold=60, edgeitems=3, linewidth=72):
            return safe_repr(value, str)
    if isinstance(value, float | np.floating):
        return f"{float(value):.6g}"
    text = safe_repr(value)
    return text if len(text) <= 200 else text[:200] + "…"


def indent(text: str, by: int = 2) -> str:
    """Wrap `text` to 78 columns, moved to the right."""
    pad = " " * by
    return "\n".join(textwrap.fill(line, 78, initial_indent=pad, subsequent_indent=pad) for line in text.split("\n"))


def _aligned(rows: list[tuple[str, str]]) -> list[str]:
    width = max(len(name) for name, _ in rows)
    lines = []
    for name, text in rows:
        first, *others = text.split("\n")
        lines.append(f"    {name:<{width}}  {first}")
        lines += [f"    {'':<{width}}  {other}" for other in others]
    return lines


def clipped(text: str, lines: int = 6) -> str:
    """Return the first lines of a text, and of each its first hundred characters."""
    return "\n".join(line[:100] for line in text.split("\n")[:lines])
