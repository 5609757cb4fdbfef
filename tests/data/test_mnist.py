"""Reading MNIST's own files, and refusing what is not MNIST."""

import gzip
import struct

import numpy as np
import pytest

from nnlite.data.mnist import load_mnist, read_idx


def idx(array):
    return bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


@pytest.fixture
def folder(tmp_path):
    """A tiny MNIST, its training part compressed and its test part not."""
    rng = np.random.default_rng(0)
    for name, n, write in (("train", 5, gzip.compress), ("t10k", 3, bytes)):
        ending = ".gz" if name == "train" else ""
        images = rng.integers(0, 256, (n, 28, 28), np.uint8)
        (tmp_path / f"{name}-images-idx3-ubyte{ending}").write_bytes(write(idx(images)))
        labels = rng.integers(0, 10, n).astype(np.uint8)
        (tmp_path / f"{name}-labels-idx1-ubyte{ending}").write_bytes(write(idx(labels)))
    return tmp_path


def test_it_reads_compressed_and_plain_files(folder):
    X_train, X_test, y_train, y_test = load_mnist(folder)
    assert X_train.shape == (5, 28, 28) and X_test.shape == (3, 28, 28)
    assert y_train.shape == (5,) and y_test.shape == (3,)
    assert X_train.dtype == np.float32 and y_train.dtype == np.int64
    raw = gzip.decompress((folder / "train-images-idx3-ubyte.gz").read_bytes())[16:]
    assert np.allclose(X_train.ravel() * 255, np.frombuffer(raw, np.uint8))
    assert X_train.max() <= 1


def test_a_file_is_known_by_its_bytes_not_its_name(folder):
    file = folder / "train-labels-idx1-ubyte.gz"
    plain = gzip.decompress(file.read_bytes())
    file.write_bytes(plain)
    assert read_idx(file).shape == (5,)


@pytest.mark.parametrize("cut", [0, 3, 4, 10, 16, 100, -1])
@pytest.mark.parametrize("zipped", [False, True])
def test_a_truncated_file_is_refused(tmp_path, cut, zipped):
    whole = idx(np.random.default_rng(0).integers(0, 256, (4, 28, 28), np.uint8))
    if zipped:
        whole = gzip.compress(whole)
    file = tmp_path / "images"
    file.write_bytes(whole[:cut])
    with pytest.raises(ValueError, match=r"images"):
        read_idx(file)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\x89PNG\r\n\x1a\n" + b"x" * 99, "expected an IDX file"),
        (bytes([0, 0, 13, 1, 0, 0, 0, 1]) + b"abcd", "expected an IDX file of unsigned bytes"),
        (idx(np.zeros(3, np.uint8)) + b"x", "holds more values, expected 3"),
        (bytes([0, 0, 8, 3]) + struct.pack(">3I", 2**31, 2**31, 2**31), "holds only 0 values"),
        (gzip.compress(b"hello world, no pictures here"), "expected an IDX file"),
    ],
)
def test_a_foreign_file_is_refused(tmp_path, content, message):
    file = tmp_path / "data"
    file.write_bytes(content)
    with pytest.raises(ValueError, match=message):
        read_idx(file)


def test_a_damaged_gzip_is_refused(folder):
    file = folder / "train-images-idx3-ubyte.gz"
    broken = bytearray(file.read_bytes())
    broken[len(broken) // 2] ^= 0xFF
    file.write_bytes(broken)
    with pytest.raises(ValueError, match=r"train-images"):
        load_mnist(folder)


def test_missing_and_mismatched_files_are_named(folder):
    with pytest.raises(FileNotFoundError, match=r"path is .*nowhere"):
        load_mnist(folder / "nowhere")
    labels = folder / "t10k-labels-idx1-ubyte"
    labels.write_bytes(idx(np.zeros(4, np.uint8)))
    with pytest.raises(ValueError, match=r"t10k-labels.* has shape \(4,\), expected \(3,\)"):
        load_mnist(folder)
    labels.write_bytes(idx(np.array([1, 2, 10], np.uint8)))
    with pytest.raises(ValueError, match=r"holds 10, expected digits"):
        load_mnist(folder)
    labels.unlink()
    with pytest.raises(FileNotFoundError, match=r"has no t10k-labels-idx1-ubyte"):
        load_mnist(folder)
    (folder / "t10k-images-idx3-ubyte").write_bytes(idx(np.zeros((3, 8, 8), np.uint8)))
    labels.write_bytes(idx(np.zeros(3, np.uint8)))
    with pytest.raises(ValueError, match=r"has shape \(3, 8, 8\), expected \(N, 28, 28\)"):
        load_mnist(folder)
