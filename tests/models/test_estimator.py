"""What every estimator says to data that it cannot learn from, and to whoever asks it too early."""

from typing import Any

import numpy as np
import pytest

from nnlite.models.estimator import Classifier, DataConversionWarning, NotFittedError, points
from nnlite.models.networks.softmax_regression import SoftmaxRegression
from nnlite.models.neurons.adaline import Adaline
from nnlite.models.neurons.logistic import LogisticNeuron
from nnlite.models.neurons.mark1 import SingleLayerPerceptron
from nnlite.models.neurons.multiclass import MulticlassPerceptron
from nnlite.models.neurons.perceptron import Perceptron
from nnlite.training.descent import curvature, largest_squared_norm

X, Y = np.array([[0.0, 1.0], [2.0, 3.0], [4.0, 6.0]]), np.array([0, 1, 1])


class Sparse:
    """A sparse matrix, as far as one can tell without asking it for its numbers."""

    shape = (3, 2)

    def toarray(self):
        raise AssertionError("not to be called")


class Majority(Classifier):
    """Says the most frequent class of those it has seen."""

    def __init__(self, loud=False):
        self.loud = loud

    def fit(self, X, y):
        X, self.classes_, codes = self._checked_data(X, y)
        self.n_features_in_, self.most_ = X.shape[1], int(np.bincount(codes).argmax())
        return self

    def predict(self, X):
        return np.full(len(self._checked_points(X)), self.classes_[self.most_])


def test_any_two_classes_will_do_and_rows_of_objects_are_numbers():
    for y in (Y, Y.astype(float), Y == 1, Y.astype(str), np.array(["no", "yes", "yes"], object), [7, -2, -2]):
        machine = Majority().fit(X.astype(object), y)
        assert machine.score(X, y) == pytest.approx(2 / 3)
        assert list(machine.predict(X)) == [np.asarray(y)[1]] * 3


def test_of_no_answers_no_share_is_right():
    """0 of 0 is not a number; nor is the score."""
    machine = Majority().fit(X, Y)
    machine.predict = lambda X: Y[: len(X)]  # such as do not refuse to answer nothing
    with pytest.raises(ValueError, match=r"Majority.score: X has no rows"):
        machine.score(X[:0], Y[:0])


def test_a_column_of_classes_is_read_with_a_warning():
    with pytest.warns(DataConversionWarning, match=r"A column-vector y was passed .* by Majority.fit"):
        machine = Majority().fit(X, Y[:, None])
    assert machine.predict(X).tolist() == [1, 1, 1]


@pytest.mark.parametrize(
    ("x", "y", "error", "message"),
    [
        (Sparse(), Y, TypeError, r"X is a sparse Sparse, expected a dense array: X.toarray\(\)"),
        (X + 1j, Y, ValueError, "X has dtype complex128, expected real numbers. Complex data not supported"),
        (np.array([[{}, 1]] * 3), Y, TypeError, "X holds objects that are not numbers: float"),
        (np.array([["a", 1]] * 3, object), Y, ValueError, "X holds objects that are not numbers: could not convert"),
        (np.array([["a", "b"]] * 3), Y, TypeError, "X has dtype <U1, expected real numbers"),
        (X[0], Y, ValueError, r"X has shape \(2,\), expected 2 axes. Reshape your data: X.reshape\(1, -1\)"),
        (X[:, :0], Y, ValueError, r"X has 0 feature\(s\) \(shape=\(3, 0\)\) while a minimum of 1 is required"),
        (X[:0], Y[:0], ValueError, r"X has shape \(0, 2\), expected at least one row"),
        (np.where(X == 3, np.nan, X), Y, ValueError, r"X holds nan at index \(1, 1\), .* no NaN or infinity"),
        (X, None, ValueError, "requires y to be passed"),
        (X, Y[:2], ValueError, r"y has shape \(2,\), expected \(3,\) one class per row of X"),
        (X, [0.1, 0.5, 0.5], ValueError, "y is continuous, it holds 0.1, expected whole numbers or words"),
        (X, [0, np.inf, 1], ValueError, "y holds NaN or infinity"),
        (X, [1j, 2, 2], TypeError, "y has dtype complex128, expected numbers or words as classes. Unknown label type"),
        (X, [3, 3, 3], ValueError, "y holds only the class 3: one class, expected at least two"),
    ],
)
def test_what_cannot_be_learnt_from_is_named(x, y, error, message):
    machine = Majority()
    with pytest.raises(error, match=f"Majority.fit.* ?{message}"):
        machine.fit(x, y)
    assert not hasattr(machine, "classes_")


def test_who_wants_two_classes_says_so():
    with pytest.raises(ValueError, match=r"y has 3 classes, expected two. Only binary classification is supported"):
        Perceptron().fit(X, [0, 1, 2])


def test_too_early_and_with_other_columns():
    for error in (NotFittedError, RuntimeError, ValueError, AttributeError):
        with pytest.raises(error, match=r"Majority: not fitted yet, call fit\(X, y\) first"):
            Majority().predict(X)
    machine = Majority().fit(X, Y)
    with pytest.raises(ValueError, match=r"as in fit \(X has 1 features, but Majority is expecting 2 features"):
        machine.predict(X[:, :1])


def test_points_may_be_asked_for_with_more_axes():
    assert points(np.zeros((2, 3, 4)), "f: X", ndim=(2, 3)).shape == (2, 3, 4)
    with pytest.raises(ValueError, match=r"f: X has shape \(3,\), expected 2 or 3 axes"):
        points(np.zeros(3), "f: X", ndim=(2, 3))


def test_parameters_are_kept_as_given_and_unknown_ones_refused():
    machine = Majority(loud=None)
    assert machine.get_params() == {"loud": None} and repr(machine) == "Majority(loud=None)"
    assert machine.set_params(loud=3) is machine and machine.loud == 3
    with pytest.raises(ValueError, match=r"Majority.set_params: 'laud' is no parameter, expected one of loud"):
        machine.set_params(loud=4, laud=1)
    assert machine.loud == 3


@pytest.mark.parametrize("l2", [0.0, 10.0])
@pytest.mark.parametrize("make", [LogisticNeuron, SoftmaxRegression])
def test_with_its_own_learning_rate_the_loss_never_rises(make, l2):
    """Labels that have nothing to do with points: catches a bound on the curvature too small, or without l2."""
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(60, 3)), rng.integers(3 if make is SoftmaxRegression else 2, size=60)
    path = make(max_iter=100, tol=0, l2=l2).fit(X, y).loss_per_epoch_
    assert (np.diff(path) <= 1e-12).all()


@pytest.mark.parametrize("make", [LogisticNeuron, SoftmaxRegression])
def test_batches_need_shorter_steps_than_the_whole(make):
    """The step for all points goes by the curvature of their mean, that for batches by the longest point.

    The first step from the same start for the same points differs in its length alone.
    """
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(40, 3)) * np.geomspace(0.1, 10, 40)[:, None], rng.integers(2, size=40)
    whole, batch = (
        make(max_iter=1, tol=0, fit_intercept=False, batch_size=size).fit(X, y).coef_ for size in (None, 40)
    )
    longer = largest_squared_norm(X) / curvature(X)
    assert longer > 2
    np.testing.assert_allclose(whole, longer * batch, rtol=1e-6)


def test_adaline_descends_at_its_own_learning_rate():
    """Catches a rate four times as long, which climbs, or as short, which is not there yet."""
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(60, 3)) * [1, 3, 0.5], rng.integers(2, size=60)
    path = Adaline(max_iter=60, tol=0, rule="batch").fit(X, y).loss_per_epoch_
    A, wanted = np.column_stack([np.ones(60), X]), np.where(y, 1.0, -1.0)
    bottom = ((A @ np.linalg.lstsq(A, wanted, rcond=None)[0] - wanted) ** 2).mean() / 2
    assert (np.diff(path) <= 1e-12).all()
    assert path[-1] - bottom < 1e-6 * (0.5 - bottom)  # at a quarter of the rate 3e-3 are left


def test_the_largest_norm_bounds_the_curvature_of_every_mini_batch():
    """Catches the curvature of all points in its place: a batch of the longest bends more."""
    X = np.vstack([np.full((9, 2), 0.1), [[10.0, 0.0]]])
    assert largest_squared_norm(X) >= curvature(X[9:]) > 2 * curvature(X)


def test_the_logistic_neuron_begins_undecided():
    """Catches weights that do not start at 0: before anything is learnt each answer has the surprise log 2."""
    path = LogisticNeuron(max_iter=1, tol=0, learning_rate=1e-12).fit(X, Y).loss_per_epoch_
    assert path[0] == pytest.approx(np.log(2), rel=1e-6)


@pytest.mark.parametrize("make", [SingleLayerPerceptron, MulticlassPerceptron])
def test_a_training_ends_with_the_first_epoch_without_a_mistake(make):
    pictures = np.eye(4, dtype=np.float32)
    machine = make(max_iter=50, rng=0).fit(pictures, [0, 1, 2, 3])
    mistakes = machine.mistakes_per_epoch_
    assert machine.n_iter_ == len(mistakes) < 50
    assert mistakes[-1] == 0 and (mistakes[:-1] > 0).all()


@pytest.mark.parametrize(
    ("X", "dtype"),
    [
        ([[0.1, 2], [3, 4]], np.float32),
        ([[16777216], [16777217]], np.float64),
        ([[2**24 + 1]], np.float64),
        ([[0.1], [0.1 + 1e-12]], np.float64),
        ([[1e300], [1.0]], np.float64),
        (np.array([[16777217.0]], np.float32), np.float32),
        (np.array([[0.5]]), np.float64),
        ([np.array([1.0, 2.0]), np.array([3.0, 4.0])], np.float32),
    ],
)
def test_points_in_a_list_are_float32_unless_that_loses_one(X: Any, dtype: Any) -> None:
    found = points(X, "fit: X")
    assert found.dtype == dtype
    assert len(np.unique(found)) == len(np.unique(np.asarray(X)))
