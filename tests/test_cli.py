"""The command line."""

import os
import signal
import subprocess
import sys

import pytest

import nnlite
from nnlite import cli
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


def test_ctrl_c_ends_with_the_code_that_a_shell_gives_it(monkeypatch, capsys):
    def stopped():
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "_parser", stopped)
    assert main([]) == 128 + signal.SIGINT
    assert "stopped" in capsys.readouterr().err


def command(text, **environment):
    """Run a line of the shell in which `nnlite` is this nnlite."""
    python = f"{sys.executable} -m nnlite"
    environment = {**os.environ, "NNLITE_KERNELS": "off", **environment}
    return subprocess.run(
        ["/bin/bash", "-c", text.replace("nnlite", python)], capture_output=True, text=True, env=environment
    )


shell = pytest.mark.skipif(not os.path.exists("/bin/bash"), reason="there is no bash here")


@shell
def test_a_tour_into_a_folder_that_the_terminal_cannot_write(tmp_path):
    folder = tmp_path / "tü"
    done = command(f"nnlite tour --only neuron --out {folder}", PYTHONIOENCODING="ascii")
    assert (done.returncode, (folder / "index.html").exists()) == (0, True), done.stderr
    assert "t?/index.html" in done.stdout
    assert "Traceback" not in done.stderr


@shell
@pytest.mark.parametrize("words", ["course stub perceptron.loss", "--help"])
def test_a_closed_output_is_no_error(words):
    done = command(f"nnlite {words} >&-")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@shell
@pytest.mark.parametrize("words", ["course stub perceptron.loss", "--help", "course --help"])
def test_a_reader_that_has_seen_enough_is_no_error(words):
    done = command(f"nnlite {words} | head -1; sleep 0.01; (nnlite {words}; echo ended $? >&2) | true")
    assert len(done.stdout.splitlines()) == 1
    assert done.stderr in ("ended 0\n", "ended 1\n")


@shell
@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no full device here")
def test_a_full_disk_is_said_in_a_sentence():
    done = command("nnlite course stub perceptron.loss > /dev/full")
    assert done.returncode == 1
    assert done.stderr.startswith("nnlite: ") and "space" in done.stderr and len(done.stderr.splitlines()) == 1
