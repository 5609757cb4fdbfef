"""Files of weights, in the safetensors format: a JSON header and raw numbers, which any framework opens."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from nnlite.arguments import Array
from nnlite.files import replacing
from nnlite.nn import Module
from nnlite.tensor import as_plain


def save(
    path: str | os.PathLike[str], weights: Module | Mapping[str, Array], metadata: Mapping[str, str] | None = None
) -> None:
    """Write weights to a safetensors file, which any framework opens; the file is whole or not there.

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
    if not Path(path).parent.is_dir() or Path(path).is_dir():
        raise FileNotFoundError(f"save: path is {str(path)!r}, expected a file in a folder that exists")
    words = dict(metadata or {})
    if not all(isinstance(word, str) for pair in words.items() for word in pair):
        raise TypeError(f"save: metadata is {metadata!r}, expected text by text")
    state = weights.state_dict() if isinstance(weights, Module) else dict(weights)
    arrays = {name: np.ascontiguousarray(as_plain(a)).reshape(np.shape(as_plain(a))) for name, a in state.items()}
    for name, a in arrays.items():
        if not isinstance(name, str) or name == "__metadata__":
            raise ValueError(f"save: {name!r} cannot name an array, expected text other than '__metadata__'")
        if a.dtype.kind not in "fiub" or a.dtype.itemsize > 8:
            raise TypeError(f"save: {name} has dtype {a.dtype}, expected real numbers of at most 64 bits")
    with replacing(path) as temporary:
        save_file(arrays, temporary, words or None)


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
        If it is not a whole safetensors file.
    """
    if not Path(path).is_file():
        raise FileNotFoundError(f"load: there is no file {str(path)!r}")
    try:
        return load_file(path)
    except SafetensorError as error:
        raise ValueError(f"load: {str(path)!r} is not a whole safetensors file ({error})") from error
