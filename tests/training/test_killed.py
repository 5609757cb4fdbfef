"""SIGKILL at random moments, once in the middle of a write: the run that is started again ends with the same bits.

And two at a time on one checkpoint: one trains, the other is refused or takes over; nothing is lost.

A small process loads the library once and forks; each child calls ``fit`` in the same way and is killed.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

DRIVER = """
import hashlib, os, pathlib, random, signal, sys, time
import numpy as np, tqdm.auto
import nnlite
from nnlite import functional as F, nn, optim, training
from nnlite.data import DataLoader
from nnlite.training import checkpoint, resume, safetensors

nnlite.set_num_threads(1)
resume.WAIT_FOR_LOCK = 0.05  # seconds, so that some are refused, and not all wait for the other's end
folder, kills, seed = pathlib.Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
rng = np.random.default_rng(0)
X = rng.standard_normal((96, 6)).astype(np.float32)
Y = (X[:, 0] * X[:, 1] > 0).astype(np.int64)

def run(path, result, epochs=20):
    model = nn.Sequential(nn.Linear(6, 16, rng=1), nn.GELU(), nn.BatchNorm1d(16),
                          nn.Dropout(0.3), nn.Dropout(0.1, rng=9), nn.Linear(16, 2, rng=2))
    optimizer = optim.AdamW(model.parameters(), lr=0.01)
    schedule = optim.CosineSchedule(optimizer, 240, warmup_steps=5)
    def loss(scores, labels):
        time.sleep(0.003)
        return F.cross_entropy(scores, labels)
    history = training.fit(
        model, DataLoader((X, Y), 8, shuffle=True), loss, optimizer, epochs=epochs, schedule=schedule, clip=1.0,
        score=lambda m: training.accuracy(training.predict(m, X), Y), keep_best=True,
        checkpoint=path, checkpoint_every=3, seed=4, verbose=False)
    digest = hashlib.sha256()
    for name, array in sorted(model.state_dict().items()):
        digest.update(name.encode() + array.tobytes())
    for array in history.state_dict().values():
        digest.update(array.tobytes())
    result.write_text(digest.hexdigest())

def half_a_write(path, *parts):
    whole(path, *parts)
    content = pathlib.Path(path).read_bytes()
    pathlib.Path(path).write_bytes(content[:len(content) // 2])
    (folder / "writing").write_text("")
    time.sleep(60)

whole = safetensors.pour

def child(path, result, at_write=False):
    pid = os.fork()
    if pid == 0:
        try:
            if at_write:
                count = [0]
                def save(*args):
                    count[0] += 1
                    (half_a_write if count[0] == 4 else whole)(*args)
                safetensors.pour = save
            run(path, result)
        except BlockingIOError:
            os._exit(3)  # another has the checkpoint
        except BaseException:
            import traceback; traceback.print_exc()
            os._exit(1)
        os._exit(0)
    return pid

def wait(pid):
    return os.waitpid(pid, 0)[1]

run(None, folder / "warm", epochs=1)  # the kernels are loaded before the first fork
start = time.monotonic()
assert wait(child(None, folder / "whole")) == 0
duration = time.monotonic() - start
wanted = (folder / "whole").read_text()
dice = random.Random(seed)

def step():
    if (folder / "run").exists():
        print("step", checkpoint.read(folder / "run")["position"]["step"])

def alone(k):
    at_write = k == kills // 2
    if at_write:
        (folder / "run").unlink(missing_ok=True)  # so that there is enough still to be written
        print("again")
    pid = child(folder / "run", folder / "result", at_write)
    if at_write:
        deadline = time.monotonic() + 30
        while not (folder / "writing").exists() and time.monotonic() < deadline:
            time.sleep(0.005)
        assert (folder / "writing").exists()
    else:
        time.sleep(dice.uniform(0.02, 0.02 + duration / kills))
    os.kill(pid, signal.SIGKILL)
    end = wait(pid)
    assert end == 0 or os.WIFSIGNALED(end), end
    print("killed" if end else "ended")
    assert end or (folder / "result").read_text() == wanted
    if at_write:
        assert list(folder.glob(".run.*.tmp"))  # the half that was written

def doubled(k):
    pids = [child(folder / "run", folder / f"result{i}") for i in range(2)]
    first = dice.randrange(2)
    time.sleep(dice.uniform(0, dice.choice([0.1, 0.8]) * duration))
    os.kill(pids[first], signal.SIGKILL)
    if dice.random() < 0.5:
        time.sleep(dice.uniform(0, 0.1 * duration))
        os.kill(pids[1 - first], signal.SIGKILL)
    ends = [wait(pid) for pid in pids]
    for i, end in enumerate(ends):
        if os.WIFEXITED(end):
            assert os.WEXITSTATUS(end) in (0, 3), ends
            print("ended" if end == 0 else "refused")
            assert end != 0 or (folder / f"result{i}").read_text() == wanted

for k in range(kills):
    if sys.argv[4] == "doubled":
        doubled(k)
    else:
        alone(k)
    if k < kills - 1:
        if (folder / "run").exists() and checkpoint.read(folder / "run")["position"]["epoch"] == 20:
            (folder / "run").unlink()  # done: the next begins anew
            print("again")
    step()
assert wait(child(folder / "run", folder / "result")) == 0
left = sorted(p.name for p in folder.iterdir() if p.name.startswith("."))
assert not left, left
print("same" if (folder / "result").read_text() == wanted else "different")
"""


def drive(tmp_path: Path, kills: int, how: str, kernels: str) -> list[str]:
    driver = tmp_path / "driver.py"
    driver.write_text(DRIVER)
    folder = tmp_path / "work"
    folder.mkdir()
    done = subprocess.run(
        [sys.executable, str(driver), str(folder), str(kills), "0", how],
        capture_output=True,
        text=True,
        timeout=600,
        env={**os.environ, "NNLITE_KERNELS": kernels},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    *lines, last = done.stdout.splitlines()
    assert last == "same"
    return lines


forked = pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are forked")


def reached(lines: list[str]) -> list[int]:
    """The steps that the checkpoint had reached after each round, all of which lie in one run or a later one."""
    steps: list[int] = []
    runs = before = 0
    for line in lines:
        if line == "again":
            runs, before = runs + 1, 0
        elif line.startswith("step"):
            step = int(line.split()[1])
            assert step >= before, lines  # no step that was saved is lost
            before = step
            steps.append(runs * 240 + step)
    return steps


@forked
@pytest.mark.parametrize("kernels", ["on", pytest.param("off", marks=pytest.mark.full)])
@pytest.mark.parametrize("kills", [6, pytest.param(60, marks=pytest.mark.slow)])
def test_killed_and_started_again(tmp_path: Path, kernels: str, kills: int) -> None:
    lines = drive(tmp_path, kills, "alone", kernels)
    assert len(set(reached(lines))) > 1  # the kills did fall into the run
    assert lines.count("killed") > 0.7 * kills


@forked
@pytest.mark.full
@pytest.mark.parametrize("pairs", [3, pytest.param(60, marks=pytest.mark.slow)])
def test_two_trainings_on_one_checkpoint(tmp_path: Path, pairs: int) -> None:
    lines = drive(tmp_path, pairs, "doubled", "off")
    reached(lines)
    if pairs > 10:
        assert {"ended", "refused"} <= set(lines)
