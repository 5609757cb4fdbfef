"""Data that is drawn or loaded, and the loader that hands it out in batches."""

from nnlite.data.digits import load_digits
from nnlite.data.letters import load_letters
from nnlite.data.loader import DataLoader
from nnlite.data.mnist import load_mnist
from nnlite.data.split import k_fold, train_test_split
from nnlite.data.synthetic import blobs, circles, moons, spirals, xor

__all__ = [
    "DataLoader",
    "blobs",
    "circles",
    "k_fold",
    "load_digits",
    "load_letters",
    "load_mnist",
    "moons",
    "spirals",
    "train_test_split",
    "xor",
]
