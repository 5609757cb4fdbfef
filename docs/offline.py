"""Fail if a page of the built site loads a script, style, font or picture from somewhere else.

python docs/offline.py docs/_build/html
"""

import re
import sys
from html.parser import HTMLParser
from pathlib import Path

LOADS = {
    "script": "src",
    "img": "src",
    "iframe": "src",
    "source": "src",
    "video": "src",
    "audio": "src",
    "embed": "src",
}
ELSEWHERE = re.compile(r"\s*(?:https?:)?//", re.IGNORECASE)
STYLE = re.compile(r"""url\(\s*['"]?([^'")]+)|@import\s+['"]([^'"]+)""", re.IGNORECASE)


class Page(HTMLParser):
    """Collects what a page loads by itself; a link that one may click is no load."""

    def __init__(self):
        super().__init__()
        self.loads = []
        self.in_style = False

    def handle_starttag(self, tag, attributes):
        values = {name: value or "" for name, value in attributes}
        self.in_style = tag == "style"
        if tag in LOADS:
            self.loads += [values.get(LOADS[tag], ""), values.get("poster", "")]
            self.loads += [part.split()[0] for part in values.get("srcset", "").split(",") if part.strip()]
        elif tag == "link" and not {"canonical", "next", "prev", "search", "index"} & set(
            values.get("rel", "").split()
        ):
            self.loads.append(values.get("href", ""))
        elif tag == "object":
            self.loads.append(values.get("data", ""))
        self.loads += style_loads(values.get("style", ""))

    def handle_endtag(self, tag):
        self.in_style = False

    def handle_data(self, data):
        if self.in_style:
            self.loads += style_loads(data)


def style_loads(text):
    """Return what a piece of CSS loads."""
    return [first or second for first, second in STYLE.findall(text)]


def loads(path):
    """Return all that a page or style sheet loads from elsewhere."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".css":
        found = style_loads(text)
    else:
        page = Page()
        page.feed(text)
        found = page.loads
    return [load for load in found if ELSEWHERE.match(load)]


def main(folder):
    """Look at every page and style sheet; return the exit code."""
    paths = [path for path in sorted(Path(folder).rglob("*")) if path.suffix in (".html", ".css")]
    bad = [f"{path}: {load}" for path in paths for load in loads(path)]
    print("\n".join(bad) or f"{len(paths)} pages and style sheets load nothing from elsewhere")
    return 1 if bad or not paths else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
