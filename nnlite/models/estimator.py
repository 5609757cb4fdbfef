"""What the classical systems share with scikit-learn's estimators: a convention, no base class of theirs.

The constructor stores its arguments untouched, ``fit`` checks them and the data, and whatever was learnt ends
in an underscore. So the systems can be cloned, put into pipelines and searched over like any other estimator;
scikit-learn's own ``check_estimator`` passes on each of them.

The arguments of a constructor are the fields of a dataclass; ``options`` says what ``fit`` demands of them.
"""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any, ClassVar

import numpy as np

from nnlite.arguments import Array, all_finite, float_array, shape_is
from nnlite.contracts import Kind


class NotFittedError(ValueError, AttributeError, RuntimeError):
    """An estimator is asked before it has learnt; a ValueError and an AttributeError as in scikit-learn."""


class DataConversionWarning(UserWarning):
    """The classes came as a column (N, 1) and are read as (N,)."""


class Classifier:
    """A classifier by scikit-learn's convention; a subclass has ``fit`` and ``decision_function`` or ``predict``.

    Examples
    --------
    >>> from nnlite.models.estimator import Classifier
    >>> class Yes(Classifier):
    ...     def fit(self, X, y):
    ...         X, self.classes_, codes = self._checked_data(X, y)
    ...         self.n_features_in_ = X.shape[1]
    ...         return self
    ...     def predict(self, X):
    ...         return self.classes_[[1] * len(self._checked_points(X))]
    >>> Yes().fit([[0], [1]], ["no", "yes"]).predict([[7]])
    array(['yes'], dtype='<U3')
    """

    classes_: Array
    n_features_in_: int

    #: whether there must be exactly two classes
    binary_only = False
    #: what ``fit`` demands of the constructor's arguments
    options: ClassVar[Mapping[str, Kind]] = {}

    def fit(self, X: Any, y: Any) -> Any:
        """Learn from points `X` (N, n) and their classes `y` (N,): whole numbers, truth values or words.

        Raises
        ------
        TypeError
            If `X` is sparse or does not hold numbers, or `y` holds anything but numbers or words.
        ValueError
            If `X` is empty or holds NaN, infinity or complex numbers, `y` does not match, is None or continuous, or
            holds too few or too many classes.

        Warns
        -----
        DataConversionWarning
            If `y` is a column (N, 1).
        """
        raise NotImplementedError

    def predict(self, X: Any) -> Array:
        """Return the class of each point of `X`: that with the largest score, of two the second if it is ahead."""
        scores = self.decision_function(X)  # type: ignore[attr-defined]
        return self.classes_[(scores > 0).astype(np.intp) if scores.ndim == 1 else scores.argmax(axis=1)]

    def score(self, X: Any, y: Any) -> float:
        """Return the share of points whose class is predicted right.

        Raises
        ------
        ValueError
            If `y` is not one class per point.
        """
        predicted, y = self.predict(X), np.asarray(y)
        shape_is(y, f"{type(self).__name__}.score: y", predicted.shape, "one class per row of X")
        if len(y) == 0:
            raise ValueError(f"{type(self).__name__}.score: X has no rows, expected at least one")
        return float(np.mean(predicted == y))

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the constructor's arguments by name."""
        return {name: getattr(self, name) for name in _parameters(type(self))}

    def set_params(self, **params: Any) -> Any:
        """Set constructor arguments by name and return the estimator.

        Raises
        ------
        ValueError
            If a name is not an argument of the constructor; then nothing is set.
        """
        known = list(_parameters(type(self)))
        for name in params:
            if name not in known:
                raise ValueError(
                    f"{type(self).__name__}.set_params: {name!r} is no parameter, expected one of {', '.join(known)}"
                )
        for name, value in params.items():
            setattr(self, name, value)
        return self

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "classes_")

    def __sklearn_tags__(self) -> Any:
        from sklearn.utils import ClassifierTags, Tags, TargetTags  # nobody else asks

        return Tags(
            estimator_type="classifier",
            target_tags=TargetTags(required=True),
            classifier_tags=ClassifierTags(multi_class=not self.binary_only),
        )

    def __repr__(self) -> str:
        changed = [
            f"{name}={getattr(self, name)!r}"
            for name, parameter in _parameters(type(self)).items()
            if repr(getattr(self, name)) != repr(parameter.default)
        ]
        return f"{type(self).__name__}({', '.join(changed)})"

    # For the subclasses

    def _checked_options(self) -> SimpleNamespace:
        """The constructor's arguments that stand in `options`, checked and converted."""
        name = type(self).__name__
        given = {option: kind.take(getattr(self, option), f"{name}: {option}") for option, kind in self.options.items()}
        return SimpleNamespace(**given)

    def _checked_points(self, X: Any) -> Array:
        """Points for a fitted estimator: (N, n_features_in_), finite."""
        name = type(self).__name__
        if not hasattr(self, "classes_"):
            raise NotFittedError(f"{name}: not fitted yet, call fit(X, y) first")
        X, n = points(X, f"{name}: X"), self.n_features_in_
        why = f"as in fit (X has {X.shape[1]} features, but {name} is expecting {n} features as input)"
        shape_is(X, f"{name}: X", (len(X), n), why)
        return X

    def _checked_data(self, X: Any, y: Any) -> tuple[Array, Array, Array]:
        """Points, the sorted classes, and for each point the number of its class."""
        name = f"{type(self).__name__}.fit"
        X = points(X, f"{name}: X")
        if X.shape[1] == 0 and len(X):
            raise ValueError(f"{name}: X has 0 feature(s) (shape={X.shape}) while a minimum of 1 is required.")
        if X.size == 0:
            raise ValueError(f"{name}: X has shape {X.shape}, expected at least one row and one column")
        if y is None:
            raise ValueError(f"{name} requires y to be passed, but the target y is None")
        y = np.asarray(y)
        if y.shape == (len(X), 1):
            message = f"A column-vector y was passed when a 1d array was expected by {name}; y.ravel() makes it one"
            warnings.warn(DataConversionWarning(message), stacklevel=3)
            y = y[:, 0]
        shape_is(y, f"{name}: y", (len(X),), "one class per row of X")
        if y.dtype.kind not in "fiubUS" and not (y.dtype.kind == "O" and all(isinstance(c, str) for c in y)):
            raise TypeError(f"{name}: y has dtype {y.dtype}, expected numbers or words as classes. Unknown label type")
        if y.dtype.kind == "f":
            if not np.isfinite(y).all():
                raise ValueError(f"{name}: y holds NaN or infinity, expected class labels")
            if (y != np.floor(y)).any():
                fraction = y[y != np.floor(y)][0]
                raise ValueError(f"{name}: y is continuous, it holds {fraction}, expected whole numbers or words")
        classes, codes = np.unique(y, return_inverse=True)
        if len(classes) < 2:
            found = classes.tolist()[0]
            raise ValueError(f"{name}: y holds only the class {found!r}: one class, expected at least two classes")
        if self.binary_only and len(classes) > 2:
            raise ValueError(
                f"{name}: y has {len(classes)} classes, expected two. Only binary classification is supported."
            )
        return X, classes, codes


def lead(scores: Array) -> Array:
    """Return the scores (N, K); where there are two classes, how far the second is ahead of the first, (N,).

    Examples
    --------
    >>> import numpy as np
    >>> from nnlite.models.estimator import lead
    >>> lead(np.array([[1.0, 3.0]]))
    array([2.])
    """
    return scores[:, 1] - scores[:, 0] if scores.shape[1] == 2 else scores


class LinearClassifier(Classifier):
    """A classifier that decides by weighted sums: of one neuron, or of one for each class.

    Parameters
    ----------
    fit_intercept : bool
        A field of each subclass: whether there is a bias.

    Attributes
    ----------
    coef_ : numpy.ndarray, shape (1, n) or (K, n)
        The weights w1 ... wn.
    intercept_ : numpy.ndarray, shape (1,) or (K,)
        The bias w0.

    Examples
    --------
    >>> from nnlite.models import Perceptron
    >>> p = Perceptron(fit_intercept=False).fit([[-1.0], [2.0]], ["left", "right"])
    >>> p.coef_, p.intercept_, p.decision_function([[0.5]])
    (array([[1.]], dtype=float32), array([0.], dtype=float32), array([0.5], dtype=float32))
    """

    fit_intercept: bool
    coef_: Array
    intercept_: Array

    def _keep(self, classes: Array, w: Array) -> None:
        """Keep the classes and what was learnt of them, (D,) or (K, D): the weights and the biases."""
        rows = np.atleast_2d(w)
        self.classes_ = classes
        if w.ndim == 1:
            self.w_ = w
        self.coef_ = rows[:, 1:] if self.fit_intercept else rows
        self.intercept_ = rows[:, 0] if self.fit_intercept else np.zeros(len(rows), w.dtype)
        self.n_features_in_ = self.coef_.shape[1]

    def _nets(self, X: Any) -> Array:
        """The nets for points `X` (N, n): (N,) of one neuron, (N, K) of one for each class."""
        X = self._checked_points(X)
        return X @ self.coef_[0] + self.intercept_[0] if len(self.coef_) == 1 else X @ self.coef_.T + self.intercept_

    def decision_function(self, X: Any) -> Array:
        """Return the net for each point of `X` (N, n): positive, of two classes, where the second is predicted.

        With one neuron for each class these are their nets (N, K), of two how far the second is ahead, (N,).
        """
        nets = self._nets(X)
        return nets if nets.ndim == 1 else lead(nets)


def points(X: Any, name: str, ndim: int | tuple[int, ...] = 2) -> Array:
    """Return `X` as floats, (N, n) and finite; where it is not so, say it in words that scikit-learn's users know.

    Parameters
    ----------
    X : array_like
        The points.
    name : str
        The argument's full name, for the messages.
    ndim : int or tuple of int
        The number of axes, or those that are allowed.

    Raises
    ------
    TypeError
        If `X` is sparse or does not hold numbers.
    ValueError
        If `X` is ragged, has another number of axes, or holds complex numbers, NaN or infinity.

    Examples
    --------
    >>> from nnlite.models.estimator import points
    >>> points([[1, 2]], "fit: X")
    array([[1., 2.]], dtype=float32)
    """
    if hasattr(X, "toarray"):
        raise TypeError(f"{name} is a sparse {type(X).__name__}, expected a dense array: X.toarray()")
    kind = getattr(getattr(X, "dtype", None), "kind", "")
    if kind == "O":  # numbers boxed as objects, as a table hands them out
        try:
            X = np.asarray(X).astype(np.float64)
        except (TypeError, ValueError) as error:
            raise type(error)(f"{name} holds objects that are not numbers: {error}") from None
    if kind == "c":
        raise ValueError(f"{name} has dtype {X.dtype}, expected real numbers. Complex data not supported")
    X = _from_a_list(X, name) if not hasattr(X, "__array__") else float_array(X, name)
    if X.ndim == 1 and ndim == 2:
        raise ValueError(
            f"{name} has shape {X.shape}, expected 2 axes. Reshape your data: "
            "X.reshape(1, -1) if it is one point, X.reshape(-1, 1) if it is one feature"
        )
    return all_finite(float_array(X, name, ndim=ndim), name, ", no NaN or infinity")


def _from_a_list(X: Any, name: str) -> Array:
    """Numbers in a list as float32, or as float64 where float32 would lose one, or take two for the same."""
    narrow = float_array(X, name)
    try:
        wide = np.asarray(X, np.float64)
    except (TypeError, ValueError, OverflowError):
        return narrow
    with np.errstate(over="ignore"):
        lost = np.isfinite(wide) & ~np.isfinite(narrow)
        lost |= (wide == np.floor(wide)) & (wide != narrow)
    return wide if lost.any() or len(np.unique(wide)) != len(np.unique(narrow)) else narrow


def _parameters(cls: type) -> dict[str, inspect.Parameter]:
    return dict(list(inspect.signature(cls.__init__).parameters.items())[1:])  # type: ignore[misc]
