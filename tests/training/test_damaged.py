"""A bit that has changed in a file is found, wherever it stands, and said in a sentence; or the file loads the same."""

from __future__ import annotations

import json
import os
import re
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnlite import functional as F
from nnlite import nn, optim, training
from nnlite.training import checkpoint as checkpoints
from nnlite.training import safetensors

X = np.random.default_rng(0).standard_normal((12, 3)).astype(np.float32)

#: every sentence that a damaged file may be refused by
SENTENCES = re.compile(
    r"is damaged: (the numbers of '.*' are not those that were written|its header is not the one that was written"
    r"|its checksums are missing)|is not a whole safetensors file \(.+\)"
)


def train(path: Path, epochs: int = 1) -> None:
    model = nn.Sequential(nn.Linear(3, 4, rng=0), nn.BatchNorm1d(4), nn.Dropout(0.1, rng=1), nn.Linear(4, 1, rng=2))
    optimizer = optim.Adam(model.parameters(), lr=0.01)
    training.fit(
        model, [(X, X[:, :1])] * 3, F.mse_loss, optimizer, epochs=epochs, checkpoint=path, verbose=False,
        schedule=optim.ExponentialLR(optimizer, 0.9), checkpoint_every=1,
    )  # fmt: skip


def checkpoint(path: Path) -> tuple[Callable[[Path], Any], str]:
    train(path)
    return checkpoints.read, f"checkpoint {str(path)!r} "


def weights(path: Path) -> tuple[Callable[[Path], Any], str]:
    model = nn.Sequential(nn.Linear(5, 7, rng=0), nn.BatchNorm1d(7), nn.Linear(7, 2, rng=1))
    training.save(path, model, {"made by": "a test", "note": "ü"})
    return training.load, f"load: {str(path)!r} "


def same(a: Any, b: Any) -> bool:
    if isinstance(a, dict):
        return isinstance(b, dict) and list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list | tuple):
        return type(a) is type(b) and len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, np.ndarray | np.generic):
        return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
    return type(a) is type(b) and (a == b or a != a)


def damage(whole: bytes, dice: np.random.Generator) -> bytes:
    damaged, header = bytearray(whole), 8 + struct.unpack("<Q", whole[:8])[0]
    kind = dice.integers(7)
    # half of it in the header, which is the smaller part of a large file
    start = int(dice.integers(header if dice.random() < 0.5 else len(whole)))
    length = int(dice.integers(1, 200))
    stretch = slice(start, start + length)
    if kind <= 1:
        for _ in range(int(dice.integers(1, 4)) if kind else 1):
            damaged[int(dice.integers(max(start, 1), len(whole)))] ^= 1 << int(dice.integers(8))
    elif kind == 2:
        damaged[stretch] = bytes(len(damaged[stretch]))
    elif kind == 3:
        damaged[stretch] = dice.bytes(len(damaged[stretch]))
    elif kind == 4:
        del damaged[start:]
    elif kind == 5:
        del damaged[stretch]
    else:
        damaged[start:start] = whole[stretch]
    return bytes(damaged)


def try_all(path: Path, make: Any, damaged: Any) -> tuple[int, int]:
    """Read each of the damaged files; return how many were refused, and how many loaded the same."""
    read, name = make(path)
    whole = path.read_bytes()
    wanted = read(path)
    refused = loaded = 0
    for content in damaged(whole):
        path.write_bytes(content)
        try:
            found = read(path)
        except ValueError as error:
            assert str(error).startswith(name) and SENTENCES.search(str(error)), str(error)
            refused += 1
        else:
            assert same(wanted, found)
            loaded += 1
    return refused, loaded


@pytest.mark.parametrize("make", [checkpoint, weights])
@pytest.mark.parametrize("trials", [300, pytest.param(5000, marks=pytest.mark.slow)])
def test_damaged_files_are_refused_or_load_the_same(tmp_path: Path, make: Any, trials: int) -> None:
    dice = np.random.default_rng(trials)
    refused, loaded = try_all(tmp_path / "file", make, lambda whole: (damage(whole, dice) for _ in range(trials)))
    assert refused + loaded == trials
    assert refused > 0.9 * trials


@pytest.mark.slow
@pytest.mark.parametrize(("make", "every"), [(checkpoint, 13), (weights, 1)])
def test_every_single_bit(tmp_path: Path, make: Any, every: int) -> None:
    """Of a checkpoint, which is larger, every thirteenth."""

    def flipped(whole: bytes) -> Any:
        for bit in range(0, 8 * len(whole), every):
            content = bytearray(whole)
            content[bit // 8] ^= 1 << bit % 8
            yield bytes(content)

    refused, loaded = try_all(tmp_path / "file", make, flipped)
    assert loaded == 0
    assert refused > 2000


@pytest.mark.parametrize("trials", [20, pytest.param(200, marks=pytest.mark.slow)])
def test_a_training_refuses_a_damaged_checkpoint_and_leaves_it(tmp_path: Path, trials: int) -> None:
    path, dice = tmp_path / "run", np.random.default_rng(trials)
    train(path)
    whole = path.read_bytes()
    for _ in range(trials):
        content = bytearray(whole)
        content[int(dice.integers(len(whole)))] ^= 1 << int(dice.integers(8))
        path.write_bytes(content)
        with pytest.raises(ValueError, match=r"checkpoint '.*run' .*; delete it to begin anew"):
            train(path, epochs=2)
        assert path.read_bytes() == content
    path.write_bytes(whole)
    train(path, epochs=2)


# What is in the file


def parts(path: Path) -> tuple[dict[str, Any], bytes]:
    raw = path.read_bytes()
    (length,) = struct.unpack("<Q", raw[:8])
    return json.loads(raw[8 : 8 + length]), raw[8 + length :]


def put(path: Path, header: Any, data: bytes = b"") -> None:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


ARRAYS = {
    "a": np.arange(6.0).reshape(2, 3), "half": np.ones((2, 2), np.float16), "yes": np.array([True, False, True]),
    "none": np.zeros((0, 3), np.float32), "one": np.array(7, np.int64), "byte": np.arange(3, dtype=np.uint8),
    "turned": np.arange(6, dtype=np.int32).reshape(2, 3).T, "big": np.arange(3, dtype=">f4"), "ü": np.ones(1),
}  # fmt: skip


@pytest.mark.parametrize("kind", ["weights", "checkpoint"])
def test_the_plain_library_reads_what_we_write(tmp_path: Path, kind: str) -> None:
    library = pytest.importorskip("safetensors.numpy")
    if kind == "weights":
        training.save(tmp_path / "file", ARRAYS)
    else:
        checkpoints.write(tmp_path / "file", ARRAYS)
    found = library.load_file(tmp_path / "file")
    assert found.keys() == ARRAYS.keys()
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(found[name], array)
        assert found[name].dtype == array.dtype.newbyteorder("=")
    with pytest.importorskip("safetensors").safe_open(tmp_path / "file", "numpy") as file:
        assert file.metadata()["nnlite"] == kind


def test_we_read_what_the_plain_library_writes_without_checksums(tmp_path: Path) -> None:
    library = pytest.importorskip("safetensors.numpy")
    arrays = {name: np.ascontiguousarray(a) for name, a in ARRAYS.items()}
    library.save_file(arrays, tmp_path / "file", {"format": "pt"})
    found = training.load(tmp_path / "file")
    assert found.keys() == arrays.keys()
    for name, array in arrays.items():
        np.testing.assert_array_equal(found[name], array)
        assert found[name].flags.writeable
    library.save_file({}, tmp_path / "file")
    assert training.load(tmp_path / "file") == {}


def test_two_saves_are_the_same_bytes(tmp_path: Path) -> None:
    for name in "ab":
        training.save(tmp_path / name, ARRAYS, {"x": "1", "y": "2"})
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


@pytest.mark.parametrize("dtype", ["BF16", "F8_E4M3", "F8_E5M2", "F4", "C64"])
def test_dtypes_that_are_not_read(tmp_path: Path, dtype: str) -> None:
    put(tmp_path / "w", {"a": {"dtype": dtype, "shape": [2], "data_offsets": [0, 4]}}, bytes(4))
    with pytest.raises(
        ValueError, match=rf"load: .*w': 'a' has dtype {dtype}, which nnlite does not read; expected F64"
    ):
        training.load(tmp_path / "w")


HEADERS: dict[str, Any] = {
    "deep": b"[" * 200_000 + b"]" * 200_000,
    "deep inside": b'{"__metadata__":' + b'{"a":' * 100_000 + b"1" + b"}" * 100_001,
    "no text": b'{"\xff": 1}',
    "a list": [1],
    "a number": {"a": 3},
    "no dtype": {"a": {"shape": [1], "data_offsets": [0, 8]}},
    "a negative length": {"a": {"dtype": "F64", "shape": [-1], "data_offsets": [0, 8]}},
    "true for a length": {"a": {"dtype": "F64", "shape": [True], "data_offsets": [0, 8]}},
    "half a length": {"a": {"dtype": "F64", "shape": [1.0], "data_offsets": [0, 8]}},
    "a huge length": {"a": {"dtype": "F64", "shape": [2**60, 2**60], "data_offsets": [0, 8]}},
    "one place": {"a": {"dtype": "F64", "shape": [1], "data_offsets": [0]}},
    "beyond the end": {"a": {"dtype": "F64", "shape": [9], "data_offsets": [0, 72]}},
    "a gap": {"a": {"dtype": "F32", "shape": [1], "data_offsets": [4, 8]}},
    "two on one place": {n: {"dtype": "F64", "shape": [1], "data_offsets": [0, 8]} for n in "ab"},
    "too much": {"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}},
    "words that are none": {"__metadata__": {"a": 1}, "a": {"dtype": "F64", "shape": [1], "data_offsets": [0, 8]}},
    "neither true nor false": {"a": {"dtype": "BOOL", "shape": [8], "data_offsets": [0, 8]}},
}


@pytest.mark.parametrize("header", HEADERS.values(), ids=HEADERS.keys())
def test_headers_that_lie(tmp_path: Path, header: Any) -> None:
    put(tmp_path / "w", header, b"\x07" * 8)
    with pytest.raises(ValueError, match=r"load: '.*w' is not a whole safetensors file \("):
        training.load(tmp_path / "w")
    with pytest.raises(ValueError, match=r"checkpoint '.*w' is not a whole safetensors file \(.*delete it"):
        checkpoints.read(tmp_path / "w")


def test_checksums_that_were_taken_out(tmp_path: Path) -> None:
    """A file that says it is ours must have them."""
    for make in (checkpoint, weights):
        read, name = make(tmp_path / "file")
        header, data = parts(tmp_path / "file")
        del header["__metadata__"]["nnlite.checksums"]
        put(tmp_path / "file", header, data)
        with pytest.raises(ValueError, match=re.escape(name) + "is damaged: its checksums are missing"):
            read(tmp_path / "file")


def test_a_deep_tree_of_a_checkpoint(tmp_path: Path) -> None:
    tree: Any = 1
    for _ in range(100_000):
        tree = [tree]
    with pytest.raises(ValueError, match="checkpoint: the tree is nested too deeply"):
        checkpoints.write(tmp_path / "run", tree)
    text = "[" * 100_000 + "]" * 100_000
    safetensors.write(tmp_path / "run", {}, {"nnlite": "checkpoint", "format": "2", "tree": text}, "a test")
    with pytest.raises(ValueError, match=r"checkpoint .* is damaged .*delete it"):
        checkpoints.read(tmp_path / "run")


@pytest.mark.parametrize("length", range(1, 9))
def test_every_array_begins_at_a_round_address(tmp_path: Path, length: int) -> None:
    """Whatever the names, so that whoever maps the file into memory can use the numbers where they lie."""
    arrays = {"a" * length: np.ones(3, np.float32), "b": np.ones(2, bool), "c": np.ones(1)}
    safetensors.write(tmp_path / "file", arrays, {}, "a test")
    content = (tmp_path / "file").read_bytes()
    (header,) = struct.unpack("<Q", content[:8])
    for name, entry in json.loads(content[8 : 8 + header]).items():
        if name in arrays:
            assert (8 + header + entry["data_offsets"][0]) % arrays[name].itemsize == 0


@pytest.mark.parametrize("number", ["", "two", "-1", "1.5", "٢", "9" * 5000])
def test_a_format_that_is_no_number_is_damage(tmp_path: Path, number: str) -> None:
    words = {"nnlite": "checkpoint", "format": number, "tree": "{}"}
    safetensors.write(tmp_path / "run", {}, words, "a test")
    with pytest.raises(ValueError, match=r"checkpoint .* is damaged: its format is .*delete it"):
        checkpoints.read(tmp_path / "run")


def test_what_cannot_be_saved(tmp_path: Path) -> None:
    for array in (np.ones(2, np.longdouble), np.ones(2, complex), np.array(["a"]), np.array([object()])):
        if array.dtype.itemsize == 8 and array.dtype.kind == "f":
            continue  # a longdouble of 64 bits
        with pytest.raises(TypeError, match=r"save: a has dtype .*, expected real numbers of at most 64 bits"):
            training.save(tmp_path / "w", {"a": array})
        with pytest.raises(TypeError, match=r"checkpoint: a has dtype .*, expected real numbers"):
            checkpoints.write(tmp_path / "w", {"a": array})
    with pytest.raises(ValueError, match=r"save: '\\ud800' cannot name an array"):
        training.save(tmp_path / "w", {"\ud800": np.ones(1)})
    with pytest.raises(ValueError, match=r"save: metadata has letters that are no Unicode"):
        training.save(tmp_path / "w", {"a": np.ones(1)}, {"note": "\ud800"})
    with pytest.raises(ValueError, match=r"save: metadata has 'nnlite', which is nnlite's own"):
        training.save(tmp_path / "w", {"a": np.ones(1)}, {"nnlite": "mine"})
    assert not list(tmp_path.iterdir())


FULL = """
import resource, signal, sys
import numpy as np
from nnlite import training
training.save(sys.argv[1], {"a": np.zeros(3)})
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))
try:
    training.save(sys.argv[1], {"a": np.ones(100_000)})
except OSError as error:
    print(error.errno, error)
print(training.load(sys.argv[1])["a"].sum())
"""


@pytest.mark.skipif(os.name == "nt", reason="limits of files are POSIX")
def test_a_full_disk_leaves_the_old_file(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", FULL, str(tmp_path / "w")], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    said, kept = done.stdout.splitlines()
    assert re.fullmatch(r"\d+ '.*w' could not be written \(File too large\); it is as before", said)
    assert kept == "0.0"
    assert os.listdir(tmp_path) == ["w"]
