"""Checkpoints: everything a run needs to go on, in one safetensors file that is whole or not there.

What is saved is a tree of dicts, lists, numbers, words and arrays. The arrays stand in the file under their path in
the tree, so that any framework can read them; the tree itself, with a reference where an array belongs, is JSON in
the file's metadata. Nothing is pickled, and reading a file executes nothing. Checksums tell what is damaged.
"""

from __future__ import annotations

import json
import os
from typing import Any

import numpy as np

from nnlite.arguments import Array
from nnlite.training import safetensors

FORMAT = 2  # 1 had no checksums, and knew less of the run it belongs to


def write(path: str | os.PathLike[str], tree: Any) -> None:
    """Write a tree; a process killed at any moment leaves the old file or the new one.

    Parameters
    ----------
    path
        The file.
    tree
        Dicts, lists, tuples, numbers, words, None and arrays, one in the other.

    Raises
    ------
    TypeError
        If the tree holds something else than dicts, lists, tuples, numbers, words, None and arrays of real numbers.
    ValueError
        If it is nested too deeply to be read again.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np
    >>> from nnlite.training.checkpoint import read, write
    >>> path = tempfile.mkdtemp() + "/run"
    >>> write(path, {"step": 3, "state": {0: {"m": np.ones(2)}}})
    >>> read(path)
    {'step': 3, 'state': {0: {'m': array([1., 1.])}}}
    """
    arrays: dict[str, Array] = {}
    try:
        structure = json.dumps(_pack(tree, (), arrays))
    except RecursionError:
        raise ValueError("checkpoint: the tree is nested too deeply, expected a few levels") from None
    safetensors.write(
        path, arrays, {safetensors.MARK: "checkpoint", "format": str(FORMAT), "tree": structure}, "checkpoint"
    )


def read(path: str | os.PathLike[str]) -> Any:
    """Read the tree that :func:`write` wrote.

    Parameters
    ----------
    path
        The file.

    Raises
    ------
    ValueError
        If the file is cut off, damaged, not a checkpoint or of a newer nnlite.
    """
    name = f"checkpoint {str(path)!r}"
    try:
        arrays, words = safetensors.read(path, name)
    except OSError as error:
        raise ValueError(f"{name} cannot be read ({error.strerror})") from error
    except ValueError as error:
        raise ValueError(f"{error}; delete it to begin anew") from error
    if words.get(safetensors.MARK) != "checkpoint":
        raise ValueError(f"{name} is a safetensors file, but not a checkpoint of nnlite's training.fit")
    version = words.get("format", "")
    if not (version.isascii() and version.isdecimal() and len(version) < 10):
        raise ValueError(f"{name} is damaged: its format is {words.get('format')!r}; delete it to begin anew")
    if int(version) > FORMAT:
        raise ValueError(
            f"{name} was written by a newer nnlite: its format is {version}, this one reads formats up to {FORMAT}"
        )
    try:
        return _unpack(json.loads(words["tree"]), arrays)
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise ValueError(f"{name} is damaged ({error!r}); delete it to begin anew") from error


def _pack(value: Any, path: tuple[str, ...], arrays: dict[str, Array]) -> Any:
    """Return `value` as JSON, its arrays put into `arrays`. JSON's keys are words only, so a dict becomes a list."""
    if value is None or (isinstance(value, bool | int | float | str) and not isinstance(value, np.generic)):
        return value
    if isinstance(value, dict):
        pairs = []
        for key, item in value.items():
            if isinstance(key, bool) or not isinstance(key, int | str):
                raise TypeError(f"checkpoint: {'/'.join(path)} has the key {key!r}, expected a word or an integer")
            pairs.append([key, _pack(item, (*path, str(key)), arrays)])
        return {"dict": pairs}
    if isinstance(value, list | tuple):
        items = [_pack(item, (*path, str(i)), arrays) for i, item in enumerate(value)]
        return items if isinstance(value, list) else {"tuple": items}
    if isinstance(value, np.ndarray | np.generic):
        array = np.asarray(value)
        if array.dtype.kind not in "fiub" or array.dtype.itemsize > 8:
            raise TypeError(f"checkpoint: {'/'.join(path)} has dtype {array.dtype}, expected real numbers of 64 bits")
        name = "/".join(path) or "value"
        while name in arrays:
            name += "_"
        arrays[name] = array
        return {"array" if isinstance(value, np.ndarray) else "scalar": name}
    raise TypeError(f"checkpoint: {'/'.join(path)} is a {type(value).__name__}, expected numbers, words or arrays")


def _unpack(value: Any, arrays: dict[str, Array]) -> Any:
    if isinstance(value, list):
        return [_unpack(item, arrays) for item in value]
    if not isinstance(value, dict):
        return value
    ((kind, content),) = value.items()
    if kind == "dict":
        return {key: _unpack(item, arrays) for key, item in content}
    if kind == "tuple":
        return tuple(_unpack(item, arrays) for item in content)
    return arrays[content] if kind == "array" else arrays[content][()]
