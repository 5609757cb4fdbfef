"""The command line."""

import subprocess
import sys

import pytest

import nnlite
from nnlite.cli import main


def test_the_version_is_the_packages(capsys):
    with pytest.raises(SystemExit) as stop:
        main(["--version"])
    assert stop.value.code == 0
    assert capsys.readouterr().out.strip() == f"nnlite {nnlite.__version__}"


def test_no_command_is_wrong_usage(capsys):
    with pytest.raises(SystemExit) as stop:
        main([])
    assert stop.value.code == 2


def test_the_module_is_the_command():
    run = subprocess.run([sys.executable, "-m", "nnlite", "--help"], capture_output=True, text=True, check=True)
    assert "tour" in run.stdout
    assert "course" in run.stdout
