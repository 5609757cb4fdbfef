"""Bring the notebooks into the form in which they are committed: no outputs, exercise cells as the library says.

python tests/notebooks/refresh.py
"""

from __future__ import annotations

import json
from pathlib import Path

from nnlite.course.notebook import exercise_cell
from nnlite.files import replacing


def refresh(path: Path) -> bool:
    """Rewrite one notebook; say whether anything changed."""
    before = path.read_text(encoding="utf-8")
    notebook = json.loads(before)
    notebook["metadata"] = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    for cell in notebook["cells"]:
        cell["metadata"] = {key: cell["metadata"][key] for key in ("jupyter", "tags") if key in cell["metadata"]}
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [], None
        for tag in cell["metadata"].get("tags", []):
            if tag.startswith("exercise:"):
                cell["source"] = exercise_cell(tag.removeprefix("exercise:")).splitlines(keepends=True)
    after = json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    if after != before:
        with replacing(path) as temporary:
            temporary.write_text(after, encoding="utf-8", newline="\n")
    return after != before


if __name__ == "__main__":
    for found in sorted((Path(__file__).resolve().parents[2] / "notebooks").glob("*.ipynb")):
        print(f"{found.name}: {'brought into form' if refresh(found) else 'unchanged'}")
