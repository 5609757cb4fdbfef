"""What the classical systems share with scikit-learn's estimators: a convention, no base class of theirs.

The constructor stores its arguments untouched, ``fit`` checks them and the data, and whatever was learnt ends
in an underscore. So the systems can be cloned, put into pipelines and searched over like any other estimator.
"""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np

from nnlite.arguments import Array, float_array, shape_is


class Classifier:
    """A classifier by scikit-learn's convention; a subclass has ``__init__``, ``fit`` and ``predict``."""

    classes_: Array
    n_features_in_: int

    def fit(self, X: Any, y: Any) -> Any:
        """Learn from points `X` (N, n) and their classes `y` (N,)."""
        raise NotImplementedError

    def predict(self, X: Any) -> Array:
        """Return the class of each point."""
        raise NotImplementedError

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

    def __repr__(self) -> str:
        changed = [
            f"{name}={getattr(self, name)!r}"
            for name, parameter in _parameters(type(self)).items()
            if repr(getattr(self, name)) != repr(parameter.default)
        ]
        return f"{type(self).__name__}({', '.join(changed)})"

    # For the subclasses

    def _checked_points(self, X: Any) -> Array:
        """Points for a fitted estimator: (N, n_features_in_), finite."""
        name = type(self).__name__
        if not hasattr(self, "classes_"):
            raise RuntimeError(f"{name}: not fitted yet, call fit(X, y) first")
        X = float_array(X, f"{name}: X", ndim=2, finite=True)
        shape_is(X, f"{name}: X", (len(X), self.n_features_in_), "as in fit")
        return X

    def _checked_data(self, X: Any, y: Any) -> tuple[Array, Array, Array]:
        """Points, the sorted classes, and for each point the number of its class."""
        name = f"{type(self).__name__}.fit"
        X = float_array(X, f"{name}: X", ndim=2, finite=True)
        if X.size == 0:
            raise ValueError(f"{name}: X has shape {X.shape}, expected at least one row and one column")
        y = np.asarray(y)
        shape_is(y, f"{name}: y", (len(X),), "one class per row of X")
        if y.dtype.kind not in "fiubUS" and not (y.dtype.kind == "O" and all(isinstance(c, str) for c in y)):
            raise TypeError(f"{name}: y has dtype {y.dtype}, expected numbers or words as classes")
        if y.dtype.kind == "f" and not np.isfinite(y).all():
            raise ValueError(f"{name}: y holds NaN or infinity, expected class labels")
        classes, codes = np.unique(y, return_inverse=True)
        if len(classes) < 2:
            raise ValueError(f"{name}: y holds only the class {classes.tolist()[0]!r}, expected at least two classes")
        return X, classes, codes


def _parameters(cls: type) -> dict[str, inspect.Parameter]:
    return dict(list(inspect.signature(cls.__init__).parameters.items())[1:])  # type: ignore[misc]
