"""What the README and the guides show is true: their code runs, the site's pages would load nothing from elsewhere."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest

from nnlite import registry

TOP = Path(__file__).resolve().parents[2]
PAGES = [TOP / "README.md", *sorted((TOP / "docs").rglob("*.md"))]
with_code = [page for page in PAGES if "```python\n" in page.read_text(encoding="utf-8")]


@pytest.mark.parametrize("page", with_code, ids=lambda page: page.stem)
def test_the_python_blocks_run_one_after_the_other(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    space: dict = {"__name__": "example"}
    before = set(registry.REGISTRY)
    try:
        for block in re.findall(r"^```python\n(.*?)^```", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE):
            exec(compile(block, str(page), "exec"), space)
    finally:
        for name in set(registry.REGISTRY) - before:  # what a page registers leaves with it
            del registry.REGISTRY[name]


def test_the_readme_opens_with_the_two_commands():
    blocks = re.findall(r"^```sh\n(.*?)^```", (TOP / "README.md").read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    assert "pip install ." in blocks[0] and "nnlite tour" in blocks[0]
    assert "pip install -e ." in blocks[1] and "python -m pytest" in blocks[1]


def test_nobody_is_told_to_install_by_name():
    # On the package index the name belongs to somebody else.
    for path in [*PAGES, *(TOP / "nnlite").rglob("*.py"), *(TOP / "notebooks").glob("*.ipynb")]:
        assert not re.search(r"pip3? install [^\n`&]*\bnnlite\b", path.read_text(encoding="utf-8")), path


def test_every_picture_and_page_that_is_linked_exists():
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text(encoding="utf-8")):
            if not target.startswith("http"):
                assert (page.parent / target).exists() or target.endswith(".ipynb"), f"{page}: {target}"


def test_the_pictures_are_small():
    for picture in (TOP / "docs" / "_static").glob("*.png"):
        assert picture.stat().st_size < 200_000, picture


@pytest.mark.parametrize(
    "text, wanted",
    [
        ('<script src="https://cdn.example/x.js"></script>', ["https://cdn.example/x.js"]),
        ('<link rel="stylesheet" href="//fonts.example/f.css">', ["//fonts.example/f.css"]),
        ("<style>@import 'https://a.example/b.css';</style>", ["https://a.example/b.css"]),
        ('<p style="background: url(http://a.example/b.png)">', ["http://a.example/b.png"]),
        ('<img srcset="a.png 1x, https://a.example/b.png 2x">', ["https://a.example/b.png"]),
        ('<a href="https://a.example">a link</a> <img src="a.png"><script src="_static/a.js"></script>', []),
    ],
)
def test_what_a_page_loads_from_elsewhere_is_found(text, wanted, tmp_path):
    page = tmp_path / "page.html"
    page.write_text(text)
    assert runpy.run_path(str(TOP / "docs" / "offline.py"))["loads"](page) == wanted
