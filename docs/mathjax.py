"""MathJax for the site: the one file that sets formulas, taken from its npm package when the site is built."""

import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

PACKAGE = "mathjax@3"
FILES = {"package/es5/tex-svg.js": "tex-svg.js", "package/LICENSE": "LICENSE"}


def fetch(folder: Path) -> str:
    """Put the file into `folder` unless it is there; return its path relative to the folder above.

    Raises
    ------
    RuntimeError
        If npm is not installed, or cannot get the package.
    """
    script = folder / "tex-svg.js"
    if not script.exists():
        npm = shutil.which("npm")
        if npm is None:
            raise RuntimeError(
                f"the site needs {PACKAGE} from npm, and npm is not installed; install Node.js, or put tex-svg.js "
                f"of that package into {folder}"
            )
        with tempfile.TemporaryDirectory() as work:
            done = subprocess.run([npm, "pack", PACKAGE, "--silent"], cwd=work, capture_output=True, text=True)
            archives = list(Path(work).glob("*.tgz"))
            if done.returncode or len(archives) != 1:
                raise RuntimeError(f"npm pack {PACKAGE} failed:\n{done.stdout}{done.stderr}")
            folder.mkdir(parents=True, exist_ok=True)
            with tarfile.open(archives[0]) as archive:
                # The script last: where it is, the download is whole.
                for member, name in reversed(FILES.items()):
                    content = archive.extractfile(member)
                    assert content is not None
                    (folder / name).write_bytes(content.read())
    return f"{folder.name}/{script.name}"
