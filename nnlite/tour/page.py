"""How the tour is told: a table for the terminal, and one page that needs nothing but its pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from nnlite.version import __version__

_CSS = """
:root { --ink: #2b303a; --soft: #667085; --line: #e4e7ec; --paper: #fdfdfc; --card: #ffffff; --blue: #3a6ea5; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e8ec; --soft: #9aa3b2; --line: #343a46; --paper: #171a20; --card: #1e222a; --blue: #8db7e2; }
}
* { box-sizing: border-box; }
html { scroll-behavior: smooth; }
body { margin: 0; background: var(--paper); color: var(--ink);
       font: 17px/1.6 system-ui, -apple-system, "Segoe UI", sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 3rem 1.25rem 5rem; }
h1 { font-size: 2.3rem; line-height: 1.15; letter-spacing: -.02em; margin: 0 0 .5rem; }
h2 { font-size: 1.5rem; letter-spacing: -.01em; margin: 0; }
.lead { color: var(--soft); font-size: 1.15rem; max-width: 42rem; margin: 0 0 2rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .95rem; }
th { text-align: left; font-weight: 600; color: var(--soft); }
th, td { padding: .5rem .9rem .5rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
td:last-child, th:last-child { text-align: right; padding-right: 0; white-space: nowrap; }
a { color: var(--blue); text-decoration: none; } a:hover { text-decoration: underline; }
section { margin-top: 3.5rem; padding-top: 1.5rem; border-top: 1px solid var(--line); }
.step { color: var(--soft); font-size: .85rem; letter-spacing: .06em; text-transform: uppercase; margin: 0 0 .25rem; }
section p { max-width: 44rem; }
.formula { font-family: "STIX Two Math", "Cambria Math", Georgia, serif; font-size: 1.2rem; margin: 1rem 0;
           padding: .6rem 1rem; border-left: 3px solid var(--blue); overflow-x: auto; white-space: pre-wrap; }
.score { display: inline-block; background: var(--card); border: 1px solid var(--line); border-radius: .5rem;
         padding: .35rem .8rem; margin: .25rem 0 1rem; }
.score b { color: var(--blue); }
figure { margin: 1.5rem 0; }
figure img { display: block; max-width: 100%; height: auto; background: #fff; border: 1px solid var(--line);
             border-radius: .6rem; padding: .6rem; }
figcaption { color: var(--soft); font-size: .92rem; margin-top: .5rem; max-width: 44rem; }
footer { margin-top: 4rem; color: var(--soft); font-size: .9rem; }
code { font-size: .9em; }
"""


def table(results: Sequence[Mapping[str, Any]]) -> str:
    """Return the finished rungs as a table of plain text.

    Examples
    --------
    >>> from nnlite.tour.page import table
    >>> print(table([{"name": "neuron", "learned": "logic", "score": "8 of 8 rows", "seconds": 0.1}]))
    <BLANKLINE>
    rung    learned  score        seconds
    neuron  logic    8 of 8 rows      0.1
    """
    rows = [("rung", "learned", "score", "seconds")]
    rows += [(r["name"], r["learned"], r["score"], f"{r['seconds']:.1f}") for r in results]
    widths = [max(len(row[i]) for row in rows) for i in range(4)]
    lines = [f"{a:{widths[0]}}  {b:{widths[1]}}  {c:{widths[2]}}  {d:>{widths[3]}}" for a, b, c, d in rows]
    return "\n" + "\n".join(lines)


def student_lines(calls: Mapping[str, int], unsolved: Mapping[str, str]) -> list[str]:
    """Say how often each of the student's functions was called, and which were not used at all."""
    lines = []
    for name, n in calls.items():
        times = "once" if n == 1 else f"{n:,} times"
        lines.append(f"your {name} was called {times}" if n else f"your {name} was never called here")
    lines += [f"the library's {name} ran: {reason}" for name, reason in unsolved.items()]
    return ["", *lines] if lines else []


def html_page(results: Sequence[Mapping[str, Any]]) -> str:
    """Return the page that tells the story of the finished rungs."""
    rows = "\n".join(
        f'<tr><td><a href="#{r["name"]}">{escape(r["name"])}</a></td><td>{escape(r["learned"])}</td>'
        f"<td>{escape(r['score'])}</td><td>{r['seconds']:.1f} s</td></tr>"
        for r in results
    )
    sections = "\n".join(_section(i, r) for i, r in enumerate(results, start=1))
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="nnlite tour">
<title>nnlite: from one neuron to a cat</title>
<style>{_CSS}</style>
</head>
<body>
<main>
<h1>From one neuron to a cat</h1>
<p class="lead">Everything on this page was learnt on this computer, from nothing, by code that fits on a few pages.
Each step adds one idea to the step before.</p>
<div class="scroll"><table>
<tr><th>rung</th><th>what it learned</th><th>score</th><th>time</th></tr>
{rows}
</table></div>
{sections}
<footer>Made by <code>nnlite tour</code>, version {__version__}.</footer>
</main>
</body>
</html>
"""


def _section(i: int, result: Mapping[str, Any]) -> str:
    paragraphs = "\n".join(f"<p>{escape(part.strip())}</p>" for part in result["text"].split("\n\n"))
    figures = "\n".join(
        f'<figure><img src="{escape(file)}" alt="{escape(caption)}" loading="lazy">'
        f"<figcaption>{escape(caption)}</figcaption></figure>"
        for file, caption in result["pictures"]
    )
    mine = "".join(
        f"<p>{escape(line[:1].upper() + line[1:])}.</p>" for line in student_lines(result["mine"], {}) if line
    )
    return f"""<section id="{result["name"]}">
<p class="step">Rung {i} · {escape(result["source"])}</p>
<h2>{escape(result["title"])}</h2>
{paragraphs}
<div class="formula">{escape(result["formula"])}</div>
<div class="score"><b>{escape(result["score"])}</b> · {result["seconds"]:.1f} s · seed {result["seed"]}</div>
{mine}
{figures}
</section>"""
