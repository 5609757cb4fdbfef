"""MNIST from a folder of the reader's own: handwritten digits of 28 x 28 points in the IDX format.

LeCun, Cortes, Burges, "The MNIST database of handwritten digits" (1998). An IDX file is two zero bytes, a
code for the dtype (8: unsigned byte), the number of axes, the length of each axis as a big-endian 32-bit
integer, and then the values. nnlite ships no MNIST and downloads nothing.
"""

from __future__ import annotations

import gzip
import math
import os
import struct
import zlib
from pathlib import Path
from typing import IO

import numpy as np

from nnlite.arguments import Array

_FILES = ("train-images", "train-labels", "t10k-images", "t10k-labels")


def load_mnist(path: str | os.PathLike[str]) -> tuple[Array, Array, Array, Array]:
    """Read the four MNIST files in the folder `path`, compressed (.gz) or not.

    Parameters
    ----------
    path : str or path
        A folder with ``train-images-idx3-ubyte``, ``train-labels-idx1-ubyte``, ``t10k-images-idx3-ubyte`` and
        ``t10k-labels-idx1-ubyte``.

    Returns
    -------
    X_train : numpy.ndarray of float32, shape (N, 28, 28)
        The ink at each point, from 0 (paper) to 1.
    X_test : numpy.ndarray of float32, shape (M, 28, 28)
    y_train : numpy.ndarray of int64, shape (N,)
        The digit, 0 to 9.
    y_test : numpy.ndarray of int64, shape (M,)

    Raises
    ------
    FileNotFoundError
        If the folder or one of the files is missing.
    ValueError
        If a file is truncated, is not IDX, holds something else than expected, or images and labels
        differ in number.
    """
    folder = Path(path)
    if not folder.is_dir():
        raise FileNotFoundError(f"load_mnist: path is {str(folder)!r}, expected a folder with the MNIST files")
    found = [_find(folder, name) for name in _FILES]  # before any is read, so that a missing one is told at once
    parts = []
    for images_file, labels_file in (found[:2], found[2:]):
        images, labels = read_idx(images_file), read_idx(labels_file)
        if images.ndim != 3 or images.shape[1:] != (28, 28):
            raise ValueError(f"load_mnist: {images_file.name} has shape {images.shape}, expected (N, 28, 28)")
        if labels.shape != (len(images),):
            raise ValueError(
                f"load_mnist: {labels_file.name} has shape {labels.shape}, expected ({len(images)},), "
                f"one label per image of {images_file.name}"
            )
        if labels.size and labels.max() > 9:
            raise ValueError(f"load_mnist: {labels_file.name} holds {labels.max()}, expected digits 0 to 9")
        parts.append((images.astype(np.float32) / np.float32(255), labels.astype(np.int64)))
    return parts[0][0], parts[1][0], parts[0][1], parts[1][1]


def read_idx(path: str | os.PathLike[str]) -> Array:
    """Read one IDX file of unsigned bytes, compressed (.gz) or not.

    Parameters
    ----------
    path : str or path
        The file; its first bytes, not its name, say whether it is compressed.

    Returns
    -------
    numpy.ndarray of uint8
        The values, with as many axes as the file says.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is not an IDX file of unsigned bytes, or is shorter or longer than its header says.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from nnlite.data.mnist import read_idx
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder, "three-idx1-ubyte")
    ...     _ = file.write_bytes(bytes([0, 0, 8, 1, 0, 0, 0, 3, 7, 8, 9]))
    ...     read_idx(file)
    array([7, 8, 9], dtype=uint8)
    """
    file = Path(path)
    with open(file, "rb") as raw:
        zipped = raw.read(2) == b"\x1f\x8b"
        raw.seek(0)
        try:
            return _read(gzip.open(raw) if zipped else raw, file.name)  # type: ignore[arg-type]
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise ValueError(f"read_idx: {file.name} is a damaged or truncated gzip file ({error})") from error


def _read(stream: IO[bytes], name: str) -> Array:
    magic = stream.read(4)
    if len(magic) < 4 or magic[:2] != b"\0\0" or magic[2] != 8 or not 1 <= magic[3] <= 4:
        raise ValueError(f"read_idx: {name} starts with {magic!r}, expected an IDX file of unsigned bytes")
    header = stream.read(4 * magic[3])
    if len(header) < 4 * magic[3]:
        raise ValueError(f"read_idx: {name} ends inside its header, expected {magic[3]} axis lengths")
    shape = struct.unpack(f">{magic[3]}I", header)
    expected = math.prod(shape)
    # In pieces, and one byte more than expected: a foreign header must not make us ask for gigabytes.
    pieces, length = [], 0
    while length <= expected and (piece := stream.read(min(1 << 24, expected + 1 - length))):
        pieces.append(piece)
        length += len(piece)
    if length != expected:
        given = f"only {length}" if length < expected else "more"
        raise ValueError(f"read_idx: {name} holds {given} values, expected {expected} for shape {shape}")
    return np.frombuffer(b"".join(pieces), np.uint8).reshape(shape)


def _find(folder: Path, name: str) -> Path:
    axes = 3 if name.endswith("images") else 1
    for dash in ("-", "."):  # some unpackers turn the last dash into a dot
        for ending in ("", ".gz"):
            file = folder / f"{name}{dash}idx{axes}-ubyte{ending}"
            if file.is_file():
                return file
    raise FileNotFoundError(f"load_mnist: {str(folder)!r} has no {name}-idx{axes}-ubyte (or .gz)")
