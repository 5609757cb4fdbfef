"""Every estimator passes scikit-learn's own checks: about fifty each, of fitting, cloning, shapes, dtypes, messages.

Two things are adapted. The error of an estimator that has not learnt is ours, and the checks want theirs; ours is made
theirs on its way out. And the machines with a retina see pictures of zeros and ones only, while the checks bring real
numbers: so each number is first shown as a row of lights, as many lit as there are cuts below it.
"""

import importlib
import inspect
import pkgutil

import numpy as np
import pytest

import nnlite.models
from nnlite.models.estimator import Classifier, NotFittedError
from nnlite.models.neurons.mark1 import SAR

checks = pytest.importorskip("sklearn.utils.estimator_checks")
exceptions = pytest.importorskip("sklearn.exceptions")


def estimators():
    """Every subclass of Classifier that the models define and that can be made."""
    for module in pkgutil.walk_packages(nnlite.models.__path__, "nnlite.models."):
        importlib.import_module(module.name)
    found, todo = [], [Classifier]
    while todo:
        todo.extend(children := todo.pop().__subclasses__())
        found.extend(c for c in children if c.__module__.startswith("nnlite.") and not c.__subclasses__())
    return sorted(found, key=lambda c: c.__name__)


class TheirError:
    """Turns our NotFittedError into scikit-learn's, for which the checks ask by its class."""

    def _checked_points(self, X):
        try:
            return super()._checked_points(X)
        except NotFittedError as error:
            raise exceptions.NotFittedError(str(error)) from None


class Lights:
    """Shows each real number to a retina as a row of lights: lit are those whose cut lies below it."""

    def fit(self, X, y):
        X, classes, codes = self._checked_data(X, y)
        inner = np.linspace(0, 1, 14)[1:-1]
        self.cuts_ = np.quantile(X, inner, axis=0)  # (12, n)
        super().fit(self._lit(X), classes[codes])
        self.n_features_in_ = X.shape[1]
        return self

    def _sensors(self, X):
        return self._lit(self._checked_points(X))

    def _lit(self, X):
        return (X[:, None, :] > self.cuts_).reshape(len(X), -1).astype(np.float32)


def adapted(cls):
    """An instance of a subclass for the checks, which may be pickled under its name."""
    bases = (TheirError, Lights, cls) if issubclass(cls, SAR) else (TheirError, cls)
    name = f"Adapted{cls.__name__}"
    globals()[name] = type(name, bases, {"__module__": __name__, "__init__": cls.__init__})
    # quiet, the same each time, not too long, and wires for the dozen lights of a single number
    options = {"verbose": False, "rng": 0, "max_iter": 100, "wires": 5}
    return globals()[name](**{k: v for k, v in options.items() if k in inspect.signature(cls).parameters})


#: what a check skips by itself: it wants a package or a setting that is not there
ELSEWHERE = ("SCIPY_ARRAY_API", "is not installed")


def test_the_estimators_are_found():
    names = {cls.__name__ for cls in estimators()}
    assert {"Perceptron", "Mark1", "SingleLayerPerceptron", "MLPClassifier"} <= names and "SAR" not in names


@pytest.mark.filterwarnings("ignore:.*does not inherit from `sklearn.base.BaseEstimator`:UserWarning")
@pytest.mark.parametrize("cls", estimators(), ids=lambda cls: cls.__name__)
def test_it_passes_every_check_of_scikit_learn(cls):
    results = checks.check_estimator(adapted(cls), on_fail=None, on_skip=None)
    assert len(results) > 50
    failed = {r["check_name"]: r["exception"] for r in results if r["status"] not in ("passed", "skipped")}
    skipped = {r["check_name"]: str(r["exception"]) for r in results if r["status"] == "skipped"}
    assert not failed
    assert all(any(reason in text for reason in ELSEWHERE) for text in skipped.values()), skipped


@pytest.mark.parametrize("cls", estimators(), ids=lambda cls: cls.__name__)
def test_without_adapting_it_goes_through_pipelines_and_searches(cls):
    selection, pipeline = pytest.importorskip("sklearn.model_selection"), pytest.importorskip("sklearn.pipeline")
    preprocessing = pytest.importorskip("sklearn.preprocessing")
    options = {"verbose": False, "rng": 0, "wires": 2}
    machine = cls(**{k: v for k, v in options.items() if k in inspect.signature(cls).parameters})
    X = np.random.default_rng(0).uniform(-1, 1, (60, 4))
    y = np.where(X[:, 0] > 0, "right", "left")
    whole = pipeline.make_pipeline(preprocessing.Binarizer(), machine)
    assert whole.fit(X, y).score(X, y) == 1
    assert selection.cross_val_score(whole, X, y).mean() > 0.9
    parameter = next(k for k in ("max_iter", "epochs") if k in machine.get_params())
    search = selection.GridSearchCV(machine, {parameter: [2, 20]}).fit(X > 0, y)
    assert search.best_score_ > 0.8
