"""The Mark I perceptron: sensory, association and response units, the machine that learnt to read letters.

Rosenblatt, *Principles of Neurodynamics* (1962); Hay, Lynch, Smith, "Mark I perceptron operators' manual"
(1960). 400 photocells (S) see a picture. 512 association units (A) each listen to a few photocells over
random, fixed wires that excite (+1) or inhibit (-1), and fire when the sum reaches the threshold 1.
Response units (R) are perceptrons over the A-units; they alone learn, and only on error::

    a = step(C^T s - 1)            net_r = w_r^T (1, a)            w_r  <-  w_r + y_r (1, a)  if y_r net_r <= 0

All weights start from 0 and change by whole numbers, so they stay whole numbers, and no sum is ever rounded.

In the single-layer perceptron each S-unit drives exactly one A-unit, with weight 1, so the A-units repeat the
picture and nothing stands between it and the learning weights.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from nnlite.arguments import Array, all_right, shape_is
from nnlite.contracts import flag, floats, function, integer, integers, number, rng, signs, unchecked, word
from nnlite.models.estimator import Classifier, lead, points
from nnlite.models.neurons.neuron import with_bias
from nnlite.random import generator
from nnlite.registry import exercise


def random_wires(sensors: int, associations: int, wires: int, rng: np.random.Generator | int | None = None) -> Array:
    """Plug each A-unit into `wires` different S-units at random, each wire +1 or -1 with equal chance.

    Parameters
    ----------
    sensors, associations : int
        The numbers of S-units and A-units.
    wires : int
        The wires of one A-unit, at most `sensors`.
    rng : numpy.random.Generator, int or None
        Draws the wires.

    Returns
    -------
    numpy.ndarray of float32, shape (S, A)
        C, with C[s, a] = +1, -1 or 0.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite.models.neurons.mark1 import random_wires
    >>> C = random_wires(400, 512, 40, rng=0)
    >>> C.shape, np.unique(np.abs(C).sum(axis=0)).tolist()
    ((400, 512), [40.0])
    """
    rng = generator(rng)
    C = np.zeros((sensors, associations), np.float32)
    for a in range(associations):
        C[rng.choice(sensors, wires, replace=False), a] = rng.choice([-1, 1], wires)
    return C


@exercise(
    "mark1.associate",
    takes=dict(C=floats("S A", finite=True), S=floats("N S", finite=True), threshold=number()),
)
def associate(C: Array, S: Array, threshold: float = 1.0) -> Array:
    """Return what the A-units do: 1 where the sum of the wires reaches the threshold, else 0.

    Each A-unit adds up what its wires bring: +1 or -1 from each S-unit that is lit and that it is wired to. It fires
    where this sum is as large as the threshold, or larger.

    Parameters
    ----------
    C : numpy.ndarray, shape (S, A)
        The wires: C[s, a] is +1 or -1 if S-unit s is wired to A-unit a, else 0.
    S : numpy.ndarray, shape (N, S)
        The S-units, 0 or 1, in one row for each picture.
    threshold : float
        The sum from which on an A-unit fires. The sums are whole numbers, so 1 means "greater than zero".

    Returns
    -------
    numpy.ndarray, shape (N, A)
        The A-units, 0 or 1, in one row for each picture, in the dtype of `S`.

    Raises
    ------
    TypeError
        If an argument does not hold real numbers.
    ValueError
        If the shapes do not fit or a value is NaN or infinite.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite.models.neurons.mark1 import associate
    >>> associate(np.array([[1.0, -1.0], [1.0, 1.0]]), np.array([[1.0, 1.0], [0.0, 1.0]]))
    array([[1., 0.],
           [1., 1.]])
    """
    net = S @ C  # (N, A)
    return (net >= threshold).astype(S.dtype)


@exercise("mark1.update", takes=dict(w=floats("R D", finite=True), a=floats("D", finite=True), y=signs("R")))
def update(w: Array, a: Array, y: Array) -> Array:
    """Correct all R-units after one picture: those that answered wrong add y a to their weights.

    R-unit r answers by the sign of its net, the sum of its weights times the A-units. It is right when y_r net_r > 0;
    a net of 0 is no answer, hence not right. The units that were right keep their weights.

    Parameters
    ----------
    w : numpy.ndarray, shape (R, D)
        The weights, one row for each R-unit.
    a : numpy.ndarray, shape (D,)
        What the A-units do, the 1 for the bias among them.
    y : numpy.ndarray, shape (R,)
        What each R-unit should have said, -1 or +1.

    Returns
    -------
    numpy.ndarray, shape (R, D)
        The new weights; the array given as `w` is never written to.

    Raises
    ------
    TypeError
        If an argument does not hold real numbers.
    ValueError
        If the shapes do not fit, a value is NaN or infinite, or `y` holds anything but -1 and +1.

    Notes
    -----
    The error-correction procedure of Rosenblatt, *Principles of Neurodynamics* (1962), for each R-unit by itself.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite.models.neurons.mark1 import update
    >>> w = np.array([[1.0, 1.0, 0.0], [0.0, -1.0, 0.0]])
    >>> update(w, np.array([1.0, 0.0, 1.0]), np.array([1.0, 1.0]))        # the first was right, the second silent
    array([[ 1.,  1.,  0.],
           [ 1., -1.,  1.]])
    """
    net = w @ a  # (R,)
    wrong = y * net <= 0  # (R,)
    return w + np.outer(wrong * y, a)


@exercise(
    "mark1.train_epoch",
    takes=dict(
        w=floats("R D", finite=True),
        A=floats("N D", finite=True),
        Y=signs("N R"),
        order=integers("N", "T", below="N", missing=(np.arange, "N")),
    ),
    compiled="mark1.train_epoch",
    fuses=("mark1.update",),
)
def train_epoch(w: Array, A: Array, Y: Array, order: Array) -> tuple[Array, int]:
    """Show every picture once, each followed by its corrections.

    Parameters
    ----------
    w : numpy.ndarray, shape (R, D)
        The weights, whole numbers.
    A : numpy.ndarray, shape (N, D)
        What the A-units do, 0 or 1, for each picture, the 1 for the bias among them.
    Y : numpy.ndarray, shape (N, R)
        What each R-unit should say to each picture, -1 or +1.
    order : numpy.ndarray of int, shape (N,) or (T,), optional
        The numbers of the pictures in the order of showing; by default each once, as they stand in `A`.

    Returns
    -------
    w : numpy.ndarray, shape (R, D)
        The new weights.
    mistakes : int
        The wrong answers of all R-units together.

    Raises
    ------
    TypeError, ValueError
        As :func:`update`, and if `order` is not as described.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite.models.neurons.mark1 import train_epoch
    >>> A, Y = np.array([[1.0, 0.0], [1.0, 1.0]]), np.array([[-1.0], [1.0]])
    >>> train_epoch(np.zeros((1, 2)), A, Y)
    (array([[0., 1.]]), 2)
    """
    mistakes = 0
    for i in order:
        mistakes += int(np.count_nonzero(Y[i] * (w @ A[i]) <= 0))
        w = update(w, A[i], Y[i])
    return w, mistakes


class SAR(Classifier):
    """What all S-A-R machines share; a subclass draws the wires.

    Reading compares the nets with the code of every class and names the class that agrees best. With one
    unit per class that is the unit with the largest net; with a binary code, the letter whose lamps are
    lit.

    Parameters
    ----------
    code, max_iter, disturb, verbose, rng
        As for :class:`Mark1`, which also describes the attributes.
    """

    options: ClassVar = dict(
        max_iter=integer(1),
        code=word("one per class", "binary"),
        disturb=function() | None,
        verbose=flag,
        rng=rng,
    )

    code: str
    max_iter: int
    disturb: Callable[..., Any] | None
    verbose: bool
    rng: np.random.Generator | int | None

    def _wires(self, sensors: int, rng: np.random.Generator) -> Array:
        raise NotImplementedError

    @unchecked
    def fit(self, X: Any, y: Any) -> Any:
        """Learn from pictures `X` of zeros and ones, (N, S) or (N, H, W), and their classes `y` (N,).

        Raises
        ------
        TypeError
            If `X` does not hold real numbers or a constructor argument has the wrong type.
        ValueError
            If `X` is empty or holds anything but 0 and 1, `y` does not match or holds fewer than two
            classes, or a constructor argument is out of range.
        """
        from tqdm.auto import tqdm

        name, options = type(self).__name__, self._checked_options()
        pictures = _pictures(X, f"{name}.fit: X")
        S, classes, codes = self._checked_data(_flat(pictures), y)
        rng = generator(self.rng)
        C = self._wires(S.shape[1], rng)
        one_per_class = 2 * np.eye(len(classes), dtype=np.float32) - 1
        code = one_per_class if options.code == "one per class" else _binary(len(classes))
        Y = code[codes]  # (N, R), what each R-unit should say

        w = np.zeros((code.shape[1], 1 + C.shape[1]), np.float32)  # (R, 1 + A)
        mistakes = []
        A = with_bias(associate(C, S, 1.0))
        for _ in tqdm(range(options.max_iter), desc=name, unit="epoch", disable=not self.verbose):
            if options.disturb is not None:
                seen = np.asarray(options.disturb(pictures, rng=rng), np.float32)
                shape_is(seen, f"{name}: disturb(pictures)", pictures.shape, "as the pictures")
                A = with_bias(associate(C, seen.reshape(S.shape), 1.0))
            w, wrong = train_epoch(w, A, Y, rng.permutation(len(A)))
            mistakes.append(wrong)
            if wrong == 0:
                break

        self.classes_ = classes
        self.n_features_in_ = S.shape[1]
        self.code_ = code
        self.wires_ = C
        self.w_ = w
        self.n_iter_ = len(mistakes)
        self.mistakes_per_epoch_ = np.array(mistakes, np.int64)
        return self

    def _sensors(self, X: Any) -> Array:
        """The S-units (N, S) that see pictures `X`."""
        if hasattr(self, "classes_"):
            X = _flat(_pictures(X, f"{type(self).__name__}: X"))
        return self._checked_points(X)

    @unchecked
    def associations(self, X: Any) -> Array:
        """Return what the A-units do when they are shown pictures `X`: (N, A), 0 or 1."""
        S = self._sensors(X)
        return associate(self.wires_, S)

    def responses(self, X: Any) -> Array:
        """Return the net of each R-unit for pictures `X`: (N, R); its lamp is lit where the net is positive."""
        return with_bias(self.associations(X)) @ self.w_.T

    def agreement(self, X: Any) -> Array:
        """Return how well the nets agree with the code of each class: (N, classes)."""
        return self.responses(X) @ self.code_.T

    def decision_function(self, X: Any) -> Array:
        """Return the agreement (N, classes); for two classes how far the second is ahead of the first, (N,)."""
        return lead(self.agreement(X))


@dataclass(repr=False, eq=False)
class Mark1(SAR):
    """The Mark I perceptron as an estimator.

    Parameters
    ----------
    n_associations : int
        The number of A-units; the machine had 512.
    wires : int
        The wires of one A-unit, at most the number of S-units.
    code : {"one per class", "binary"}
        One R-unit for each class, or as few as can number the classes in binary: five for 26 letters, as
        in 1960.
    max_iter : int
        The largest number of epochs; an epoch in which no R-unit errs is the last.
    disturb : callable, optional
        Called as ``disturb(pictures, rng=rng)`` before each epoch, returns the pictures to be shown in
        it, for instance :func:`nnlite.data.letters.disturb`.
    verbose : bool
        Whether to show a progress bar.
    rng : numpy.random.Generator, int or None
        Draws the wires and the orders, and disturbs the pictures.

    Attributes
    ----------
    classes_ : numpy.ndarray, shape (K,)
        The classes.
    wires_ : numpy.ndarray of float32, shape (S, A)
        The wires from S to A: +1, -1 or 0. They never change.
    w_ : numpy.ndarray of float32, shape (R, 1 + A)
        What each R-unit has learnt, its bias first.
    code_ : numpy.ndarray of float32, shape (K, R)
        What each R-unit should say for each class, +1 or -1.
    n_iter_ : int
        The number of epochs run.
    mistakes_per_epoch_ : numpy.ndarray of int64, shape (n_iter_,)
        The mistakes of all R-units together in each epoch.
    n_features_in_ : int
        S, the number of sensory units.

    Examples
    --------
    >>> from nnlite.data import load_letters
    >>> from nnlite.models import Mark1
    >>> pictures, letters = load_letters("DejaVuSans")
    >>> machine = Mark1(max_iter=30, verbose=False, rng=0).fit(pictures, letters)
    >>> machine.score(pictures, letters)
    1.0
    """

    options: ClassVar = dict(**SAR.options, n_associations=integer(1), wires=integer(1))

    n_associations: int = 512
    wires: int = 40
    code: str = "one per class"
    max_iter: int = 30
    disturb: Callable[..., Any] | None = None
    verbose: bool = True
    rng: np.random.Generator | int | None = None

    def _wires(self, sensors: int, rng: np.random.Generator) -> Array:
        wires = integer(1, sensors).convert(self.wires, "Mark1: wires")
        return random_wires(sensors, self.n_associations, wires, rng)


@dataclass(repr=False, eq=False)
class SingleLayerPerceptron(SAR):
    """The single-layer perceptron: each S-unit is wired to exactly one A-unit, with weight 1 and threshold 1.

    Parameters
    ----------
    code, max_iter, disturb, verbose, rng
        As for :class:`Mark1`, which also describes the attributes.

    Examples
    --------
    >>> from nnlite.models import SingleLayerPerceptron
    >>> p = SingleLayerPerceptron(verbose=False, rng=0).fit([[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 1])
    >>> p.predict([[0, 0], [1, 0]])
    array([0, 1])
    """

    code: str = "one per class"
    max_iter: int = 30
    disturb: Callable[..., Any] | None = None
    verbose: bool = True
    rng: np.random.Generator | int | None = None

    def _wires(self, sensors: int, rng: np.random.Generator) -> Array:
        return np.eye(sensors, dtype=np.float32)


def _pictures(X: Any, name: str) -> Array:
    X = points(X, name, ndim=(2, 3))
    all_right((X == 0) | (X == 1), X, name, "0 and 1 only: a photocell is lit or not")
    return X.astype(np.float32, copy=False)


def _flat(pictures: Array) -> Array:
    return pictures.reshape(len(pictures), math.prod(pictures.shape[1:]))


def _binary(classes: int) -> Array:
    bits = np.arange(max(1, (classes - 1).bit_length()))
    return np.where(np.arange(classes)[:, None] >> bits & 1, 1, -1).astype(np.float32)
