"""Files of weights, in the safetensors format: a JSON header and raw numbers, which any framework opens."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from nnlite.arguments import Array
from nnlite.nn import Module
from nnlite.tensor import as_plain
from nnlite.training import safetensors


def save(
    path: str | os.PathLike[str], weights: Module | Mapping[str, Array], metadata: Mapping[str, str] | None = None
) -> None:
    """Write weights to a safetensors file, which any framework opens; the file is whole or not there.

    Beside the numbers stand their checksums, so that :func:`load` notices a bit that has changed.

    Parameters
    ----------
    path
        The file.
    weights
        A Module, or what its ``state_dict()`` returns.
    metadata
        Words to keep beside the weights.

    Examples
    --------
    >>> import tempfile
    >>> from nnlite import nn
    >>> from nnlite.training import load, save
    >>> path = tempfile.mkdtemp() + "/layer.safetensors"
    >>> save(path, nn.Linear(2, 3, rng=0))
    >>> sorted(load(path))
    ['bias', 'weight']
    """
    if not isinstance(weights, Module | Mapping):
        raise TypeError(f"save: weights is a {type(weights).__name__}, expected a Module or a mapping of arrays")
    path = os.fsdecode(path)
    if not Path(path).parent.is_dir() or Path(path).is_dir():
        raise FileNotFoundError(f"save: path is {path!r}, expected a file in a folder that exists")
    words = dict(metadata or {})
    if not all(isinstance(word, str) for pair in words.items() for word in pair):
        raise TypeError(f"save: metadata is {metadata!r}, expected a dict of text")
    for word in words.keys() & {safetensors.MARK, safetensors.CHECKSUMS}:
        raise ValueError(f"save: metadata has {word!r}, which is nnlite's own, expected another word")
    state = weights.state_dict() if isinstance(weights, Module) else dict(weights)
    arrays = {name: np.asarray(as_plain(array)) for name, array in state.items()}
    safetensors.write(path, arrays, {**words, safetensors.MARK: "weights"}, "save")


def load(path: str | os.PathLike[str]) -> dict[str, Array]:
    """Read a safetensors file as a ``state_dict``; nothing in it is executed.

    Parameters
    ----------
    path
        The file.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is not a whole safetensors file, a checksum does not fit, or nnlite does not read a dtype (BF16, F8, C64).
    """
    path = os.fsdecode(path)
    if not Path(path).is_file():
        raise FileNotFoundError(f"load: there is no file {path!r}")
    return safetensors.read(path, f"load: {path!r}")[0]
