"""The shipped digits are those of the UCI repository."""

from importlib import resources

import numpy as np
import pytest

from nnlite.data import load_digits


def test_the_values_are_those_scikit_learn_bundles():
    datasets = pytest.importorskip("sklearn.datasets")
    images, labels = load_digits()
    theirs = datasets.load_digits()
    assert np.array_equal(images * 16, theirs.images) and np.array_equal(labels, theirs.target)


def test_shapes_dtypes_and_range():
    images, labels = load_digits()
    assert images.shape == (1797, 8, 8) and images.dtype == np.float32
    assert labels.shape == (1797,) and labels.dtype == np.int64
    assert images.min() == 0 and images.max() == 1
    assert np.bincount(labels).min() > 170


def test_the_file_is_small_and_attributed():
    folder = resources.files("nnlite.data")
    assert len(folder.joinpath("digits.npz").read_bytes()) < 100_000
    assert "CC BY 4.0" in folder.joinpath("DIGITS.md").read_text(encoding="utf-8")
