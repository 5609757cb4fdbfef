"""The card that a notebook shows after a check.

Only inline styles, for a notebook strips the rest. Text takes the notebook's own colour and backgrounds are tints of
it, so that the card reads as well on black as on white; colour only says right or wrong, and never alone.
"""

from __future__ import annotations

import re
from html import escape
from typing import Any

import numpy as np

from nnlite.course.findings import Findings
from nnlite.course.student import is_number, safe_repr
from nnlite.course.text import clipped, shapes, show

_GREEN, _AMBER, _GREY = "47,158,110", "217,133,32", "128,128,128"
_TONE = {"solved": _GREEN, "wrong": _AMBER, "timed out": _AMBER, "not started": _GREY, "missing": _GREY}
_MONO = "font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:.93em"
_MUTED = "opacity:.68"


def as_html(result: Findings) -> str:
    """The result as a card: verdict, what is wrong, the smallest case, and which checks hold."""
    tone = _TONE[result.verdict]
    failure = result.failure
    parts = [_head(result.exercise.name, result.headline, tone, f"{result.seconds:.1f} s" if result.tests else "")]
    if result.facts:
        parts.append(_bar(result))
    if failure is not None:
        parts.append(f'<div style="margin-top:.9em;font-size:1.06em">{_prose(failure.sentence)}</div>')
        if result.looks_like:
            parts.append(
                f'<div style="margin-top:.8em;padding:.6em .85em;border-radius:7px;background:rgba({_AMBER},.13)">'
                f'<span style="{_MUTED}">It looks like this.</span> {_prose(result.looks_like)}</div>'
            )
        if failure.verdict == "wrong":
            if failure.fact:
                parts.append(_row("What should hold", _prose(failure.fact)))
            if failure.inputs:
                parts.append(_row("The smallest case that shows it", _case(result)))
    elif result.verdict == "solved":
        parts.append(_facts(result))
    if result.note:
        text = escape(clipped(result.printed[0]).rstrip())
        parts.append(
            _row(
                escape(result.note),
                f'<div style="{_MONO};white-space:pre-wrap;overflow-wrap:anywhere">{text}</div>',
            )
        )
    if failure is not None and result.facts and failure.verdict == "wrong":
        parts.append(
            f'<details style="margin-top:.9em"><summary style="cursor:pointer;{_MUTED}">All checks</summary>'
            f"{_facts(result)}</details>"
        )
    if failure is not None and result.verdict != "missing":
        parts.append(
            f'<div style="margin-top:.9em;{_MUTED}">A hint: <span style="{_MONO}">.hint()</span> on this result</div>'
        )
    return _card(tone, parts)


def hint_as_html(name: str, headline: str, text: str) -> str:
    """A hint to the exercise `name` as a card."""
    return _card(_GREY, [_head(name, headline, _GREY, ""), f'<div style="margin-top:.7em">{_prose(text)}</div>'])


def _card(tone: str, parts: list[str]) -> str:
    return (
        f'<div style="box-sizing:border-box;max-width:46em;margin:.4em 0;padding:1em 1.2em 1.05em;line-height:1.5;'
        f"font-family:system-ui,-apple-system,'Segoe UI',Roboto,sans-serif;font-size:14px;color:inherit;"
        f'border:1px solid rgba({tone},.5);border-radius:10px;background:rgba({tone},.045)">{"".join(parts)}</div>'
    )


def _head(name: str, headline: str, tone: str, aside: str) -> str:
    dot = (
        f'<span style="flex:none;width:.72em;height:.72em;border-radius:50%;background:rgb({tone});'
        'align-self:center"></span>'
    )
    return (
        f'<div style="display:flex;gap:.65em;align-items:baseline;flex-wrap:wrap">{dot}'
        f'<span style="{_MONO};font-weight:600;font-size:1em">{escape(name)}</span>'
        f"<span>{escape(headline)}</span>"
        f'<span style="margin-left:auto;{_MUTED};font-size:.9em">{aside}</span></div>'
    )


def _bar(result: Findings) -> str:
    """One segment for each check: green holds, amber does not, grey was not run."""
    facts: list[tuple[str, bool | None]] = [*result.facts]
    facts += [("not run", None)] * (result.tests - len(facts))
    segments = "".join(
        f'<span title="{escape(title)}" style="flex:1;height:4px;border-radius:2px;'
        f'background:rgba({_GREY if ok is None else _GREEN if ok else _AMBER},{".3" if ok is None else ".9"})"></span>'
        for title, ok in facts
    )
    return f'<div style="display:flex;gap:4px;margin-top:.75em">{segments}</div>'


def _facts(result: Findings) -> str:
    rows = "".join(
        f'<div style="display:flex;gap:.6em;margin-top:.3em"><span style="flex:none;width:1em;font-weight:600;'
        f'color:rgb({_GREEN if ok else _AMBER})">{"✓" if ok else "✗"}</span>'
        f'<span style="opacity:.86">{_prose(title)}</span></div>'
        for title, ok in result.facts
    )
    return f'<div style="margin-top:.7em">{rows}</div>'


def _row(title: str, content: str) -> str:
    return (
        f'<div style="margin-top:.9em"><div style="{_MUTED};font-size:.9em;margin-bottom:.2em">{title}</div>'
        f"{content}</div>"
    )


def _case(result: Findings) -> str:
    """Names and values of the inputs, then what was expected beside what came out."""
    failure = result.failure
    assert failure is not None
    rows = [(escape(name), _value(value)) for name, value in failure.inputs.items()]
    if failure.expected is not None:
        wrong = _wrong(failure.actual, failure.expected)
        rows += [
            ("expected", _value(failure.expected, wrong, _GREEN)),
            ("yours", _value(failure.actual, wrong, _AMBER)),
        ]
        if shapes(failure):
            rows.append(("", f'<span style="{_MUTED};font-size:.95em">{escape(shapes(failure))}</span>'))
    cells = "".join(
        f'<div style="{_MUTED};padding-top:2px">{name}</div><div style="min-width:0;overflow-x:auto">{value}</div>'
        for name, value in rows
    )
    return (
        f'<div style="{_MONO};display:grid;grid-template-columns:max-content minmax(0,1fr);gap:.45em 1.2em;'
        f'align-items:start">{cells}</div>'
    )


def _wrong(actual: Any, expected: Any) -> Any:
    """Which entries differ, where the two can be laid over each other."""
    if is_number(actual) and is_number(expected):
        return np.array(not np.isclose(float(actual), float(expected)))
    arrays = isinstance(actual, np.ndarray) and isinstance(expected, np.ndarray) and actual.shape == expected.shape
    if arrays and actual.dtype.kind in "fiubc":
        return ~np.isclose(actual, expected, rtol=1e-4, atol=1e-6, equal_nan=True)
    return None


def _value(value: Any, wrong: Any = None, tone: str = _GREY) -> str:
    """A number or a small array as a grid with the differing entries tinted; anything else as text."""
    if isinstance(value, np.ndarray) and 0 < value.ndim <= 3 and 0 < value.size <= 48 and value.shape[-1] <= 12:
        marks = wrong if wrong is not None else np.zeros(value.shape, bool)
        planes = value.reshape((-1, *value.shape[-2:])) if value.ndim > 1 else value[None, None]
        marked = marks.reshape(planes.shape)
        grids = "".join(_grid(plane, mark, tone) for plane, mark in zip(planes, marked))
        return f'<div style="display:flex;flex-wrap:wrap;gap:.5em .9em">{grids}</div>'
    if is_number(value):
        return _cell(show(value), wrong is not None and bool(wrong), tone)
    return f'<div style="white-space:pre;padding-top:2px">{escape(show(value))}</div>'


def _grid(plane: Any, marks: Any, tone: str) -> str:
    cells = "".join(_cell(_number(v), bool(m), tone) for row, mark in zip(plane, marks) for v, m in zip(row, mark))
    return (
        f'<div style="display:inline-grid;grid-template-columns:repeat({plane.shape[1]},auto);gap:2px;'
        f'padding:0 3px;border:1px solid rgba({_GREY},.65);border-width:0 1px;border-radius:4px">{cells}</div>'
    )


def _cell(text: str, marked: bool, tone: str) -> str:
    tint = f"background:rgba({tone},.28)" if marked else ""
    return (
        f'<span style="display:inline-block;padding:1px .45em;border-radius:4px;text-align:right;{tint}">'
        f"{escape(text)}</span>"
    )


def _number(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float | np.floating) else safe_repr(value, str)


def _prose(text: str) -> str:
    """Text in which `code` stands between backticks."""
    return re.sub(r"`([^`]+)`", rf'<span style="{_MONO}">\1</span>', escape(text))
