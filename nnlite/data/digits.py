"""Real handwriting that ships with nnlite: 1,797 digits of 8 x 8 points, written by 13 people.

E. Alpaydin and C. Kaynak, *Optical Recognition of Handwritten Digits* (1998), UCI Machine Learning
Repository, https://doi.org/10.24432/C50P49, licensed CC BY 4.0
(https://creativecommons.org/licenses/by/4.0/). Each point counts the ink, 0 to 16, in a 4 x 4 block of a
32 x 32 scan. nnlite ships the test part of the set, its values unchanged.
"""

from __future__ import annotations

from importlib import resources

import numpy as np

from nnlite.arguments import Array


def load_digits() -> tuple[Array, Array]:
    """Load the shipped handwritten digits.

    Returns
    -------
    images : numpy.ndarray of float32, shape (1797, 8, 8)
        The ink at each point, from 0 (paper) to 1.
    labels : numpy.ndarray of int64, shape (1797,)
        The digit, 0 to 9.

    Notes
    -----
    Alpaydin and Kaynak (1998), UCI Machine Learning Repository, CC BY 4.0.

    Examples
    --------
    >>> from nnlite.data import load_digits
    >>> images, labels = load_digits()
    >>> images.shape, float(images.max()), labels[:10].tolist()
    ((1797, 8, 8), 1.0, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    """
    file = resources.files("nnlite.data").joinpath("digits.npz")
    with file.open("rb") as stream, np.load(stream, allow_pickle=False) as archive:
        return archive["images"].astype(np.float32) / np.float32(16), archive["labels"].astype(np.int64)
