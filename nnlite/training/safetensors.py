"""The safetensors format: eight bytes of length, a header of JSON, and the numbers. Any framework reads it::

    {"__metadata__": {"made by": "me"}, "weight": {"dtype": "F32", "shape": [3, 2], "data_offsets": [0, 24]}}

What nnlite writes carries checksums in its metadata, which other readers pass over: one for the numbers of each array,
and one for the description, that is all names, dtypes, shapes and words. So a bit that has changed since is found, and
the part that holds it is named. A file without checksums, from another program, is read without them.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from nnlite.arguments import Array
from nnlite.files import replacing

DTYPES = {
    "F64": "<f8", "I64": "<i8", "U64": "<u8", "F32": "<f4", "I32": "<i4", "U32": "<u4",
    "F16": "<f2", "I16": "<i2", "U16": "<u2", "I8": "|i1", "U8": "|u1", "BOOL": "|b1",
}  # fmt: skip
NAMES = {np.dtype(code): name for name, code in DTYPES.items()}

#: the words in the metadata that are ours
MARK, CHECKSUMS = "nnlite", "nnlite.checksums"

_LONGEST = 100_000_000  # bytes of a header, as in the format's own library


def write(path: str | os.PathLike[str], arrays: Mapping[str, Array], words: Mapping[str, str], what: str) -> None:
    """Write arrays and words with their checksums; the file is whole or not there.

    Parameters
    ----------
    path
        The file.
    arrays
        The arrays by name.
    words
        A dict of text, under ``nnlite`` what kind of file it is.
    what
        What messages call the file.

    Raises
    ------
    TypeError, ValueError
        If an array holds something else than real numbers of at most 64 bits, or a name is not text.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np
    >>> from nnlite.training.safetensors import read, write
    >>> path = tempfile.mkdtemp() + "/file"
    >>> write(path, {"a": np.ones(2)}, {"nnlite": "weights"}, "a file")
    >>> read(path, "a file")
    ({'a': array([1., 1.])}, {'nnlite': 'weights'})
    """
    plain = {name: _little_endian(array, f"{what}: {name}") for name, array in arrays.items()}
    for name in plain:
        if not isinstance(name, str) or name == "__metadata__" or not _is_text(name):
            raise ValueError(f"{what}: {name!r} cannot name an array, expected text other than '__metadata__'")
    if not all(map(_is_text, [*words, *words.values()])):
        raise ValueError(f"{what}: metadata has letters that are no Unicode, expected text")
    described = {name: (NAMES[array.dtype], list(array.shape)) for name, array in plain.items()}
    sums = {"description": _of_description(described, words), "arrays": {n: _of_bytes(a) for n, a in plain.items()}}
    header: dict[str, Any] = {"__metadata__": {**words, CHECKSUMS: json.dumps(sums)}}
    start = 0
    order = sorted(plain, key=lambda name: (-plain[name].itemsize, name))  # so that each begins at a round address
    for name in order:
        dtype, shape = described[name]
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [start, start + plain[name].nbytes]}
        start += plain[name].nbytes
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    with replacing(path) as temporary:
        pour(temporary, text + b" " * (-len(text) % 8), [plain[name] for name in order])


def pour(path: Path, header: bytes, arrays: list[Array]) -> None:
    """Write the three parts of a file."""
    with open(path, "wb") as file:
        file.write(len(header).to_bytes(8, "little"))
        file.write(header)
        for array in arrays:
            file.write(array.tobytes() if array.size == 0 else array.data)


def read(path: str | os.PathLike[str], what: str) -> tuple[dict[str, Array], dict[str, str]]:
    """Read the arrays and the words; nothing in the file is executed, and nothing in it is believed unchecked.

    Parameters
    ----------
    path
        The file.
    what
        What messages call it.

    Raises
    ------
    ValueError
        If it is cut off, damaged, no safetensors file, or holds a dtype that nnlite does not read.
    """
    with open(path, "rb") as file:
        size = os.fstat(file.fileno()).st_size
        length = int.from_bytes(file.read(8), "little")
        if size < 8 or length > min(size - 8, _LONGEST):
            raise _broken(what, f"it has {size} bytes, and its header would need {length + 8}")
        entries, words = _header(file.read(length), what)
        sums = _checksums(entries, words, what)
        arrays: dict[str, Array] = {}
        for name, (dtype, _, _) in entries.items():
            if dtype not in DTYPES:
                raise ValueError(
                    f"{what}: {name!r} has dtype {dtype}, which nnlite does not read; expected {', '.join(DTYPES)}"
                )
        _check_places(entries, size - 8 - length, what)
        for name, (dtype, shape, (start, end)) in entries.items():
            data = bytearray(end - start)
            file.seek(8 + length + start)
            if file.readinto(data) != len(data):
                raise _broken(what, f"the numbers of {name!r} are cut off")
            if sums and sums[name] != _of_bytes(data):
                raise ValueError(f"{what} is damaged: the numbers of {name!r} are not those that were written")
            if dtype == "BOOL" and max(data, default=0) > 1:
                raise _broken(what, f"{name!r} is to hold true and false, and holds {max(data)}")
            arrays[name] = np.ndarray(shape, DTYPES[dtype], data)
    return arrays, words


def _header(raw: bytes, what: str) -> tuple[dict[str, tuple[str, tuple[int, ...], tuple[int, int]]], dict[str, str]]:
    """What the header says of each array, and its words."""
    try:
        header = json.loads(raw.decode())
    except (ValueError, RecursionError) as error:
        raise _broken(what, f"its header is no JSON: {error}") from error
    if not isinstance(header, dict):
        raise _broken(what, "its header describes no arrays")
    words = header.pop("__metadata__", None) or {}
    if not isinstance(words, dict) or not all(isinstance(word, str) for word in words.values()):
        raise _broken(what, "its metadata is not a dict of text")
    entries = {}
    for name, entry in header.items():
        try:
            dtype, shape, (start, end) = entry["dtype"], tuple(entry["shape"]), entry["data_offsets"]
            fits = isinstance(dtype, str) and all(type(n) is int and n >= 0 for n in (*shape, start, end))
        except (KeyError, TypeError, ValueError):
            fits = False
        if not fits:
            raise _broken(what, f"its header does not say what {name!r} is")
        entries[name] = (dtype, shape, (start, end))
    return entries, words


def _checksums(entries: Mapping[str, Any], words: dict[str, str], what: str) -> dict[str, str]:
    """The checksums of the arrays, taken out of the words, if there are any; the one of the description is compared."""
    if CHECKSUMS not in words:
        if MARK in words and words.get("format") != "1":  # the checkpoints of nnlite's first format have none
            raise ValueError(f"{what} is damaged: its checksums are missing")
        return {}
    try:
        sums = json.loads(words.pop(CHECKSUMS))
        description, of_arrays = sums["description"], sums["arrays"]
        same = of_arrays.keys() == entries.keys()
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        same = False
    if not same or description != _of_description({n: (d, list(s)) for n, (d, s, _) in entries.items()}, words):
        raise ValueError(f"{what} is damaged: its header is not the one that was written")
    return of_arrays


def _check_places(entries: Mapping[str, tuple[str, tuple[int, ...], tuple[int, int]]], size: int, what: str) -> None:
    """The arrays must stand one after the other, and fill the file."""
    place = 0
    for name, (dtype, shape, (start, end)) in sorted(entries.items(), key=lambda item: item[1][2]):
        if start != place or end - start != math.prod(shape) * np.dtype(DTYPES[dtype]).itemsize:
            raise _broken(what, f"the numbers of {name!r} do not stand where they should")
        place = end
    if place != size:
        raise _broken(what, f"it has {size} bytes of numbers, expected {place}")


def _broken(what: str, why: str) -> ValueError:
    return ValueError(f"{what} is not a whole safetensors file ({why})")


def _of_description(described: Mapping[str, tuple[str, list[int]]], words: Mapping[str, str]) -> str:
    rows = [sorted([name, *rest] for name, rest in described.items()), sorted(words.items())]
    return _of_bytes(json.dumps(rows).encode())


def _of_bytes(data: Any) -> str:
    if isinstance(data, np.ndarray) and data.size == 0:
        data = b""
    return hashlib.sha256(data).hexdigest()[:16]


def _little_endian(array: Array, name: str) -> Array:
    dtype = array.dtype.newbyteorder("<")
    if dtype not in NAMES:
        raise TypeError(f"{name} has dtype {array.dtype}, expected real numbers of at most 64 bits")
    return np.ascontiguousarray(array, dtype).reshape(array.shape)


def _is_text(word: str) -> bool:
    try:
        word.encode()
    except UnicodeEncodeError:
        return False
    return True
