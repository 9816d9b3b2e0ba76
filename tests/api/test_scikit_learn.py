"""ImageClassifier among scikit-learn's tools: its own checks of estimators, cross-validation, grid search, clone."""

from __future__ import annotations

import pickle
import warnings

import numpy as np
import pytest
from flat_pictures import FlatPictures
from sklearn.base import clone, is_classifier
from sklearn.metrics import accuracy_score, get_scorer
from sklearn.model_selection import GridSearchCV, cross_val_predict, cross_val_score
from sklearn.utils.estimator_checks import estimator_checks_generator
from sklearn.utils.validation import check_is_fitted
from squares import CLASSES, pictures

from bakeoff import ImageClassifier
from bakeoff.errors import BakeoffError

RECIPE = {"epochs": 30, "lr": 0.05, "batch_size": 16}
"""Enough that the checks which ask for an accuracy get it."""
EXCLUDED = {
    "check_classifiers_regression_target": "labels are any values that sort, so 0.5 and 1.5 are classes, too",
    "check_supervised_y_2d": "one column of labels is taken as it is, without a warning",
}
"""Checks that do not make sense here, and why; each must really fail, else it has no place in this list."""
NOT_HERE = {"check_array_api_input": "needs SCIPY_ARRAY_API in the environment; pictures are NumPy arrays"}

SETTINGS = {"model": {"mlp": {"hidden": [16]}}, "recipe": {"lr": 0.01, "batch_size": 32, "epochs": 3}, "seed": 0}


def checks():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it does not inherit from BaseEstimator: scikit-learn is no dependency
        return list(estimator_checks_generator(FlatPictures(recipe=RECIPE)))


def name_of(value):
    return getattr(getattr(value, "func", value), "__name__", "")


CHECKS = [check for _, check in checks()]


def test_the_list_of_checks_is_scikit_learns():
    assert len(CHECKS) > 40
    assert set(EXCLUDED) | set(NOT_HERE) <= {name_of(check) for check in CHECKS}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("check", [c for c in CHECKS if name_of(c) not in NOT_HERE], ids=name_of)
def test_a_check_of_scikit_learn(check):
    estimator = FlatPictures(recipe=RECIPE)
    if name_of(check) in EXCLUDED:
        with pytest.raises(AssertionError):
            check(estimator)
    else:
        check(estimator)


@pytest.fixture(scope="module")
def images():
    return pictures(150)[0]


@pytest.fixture(scope="module")
def labels():
    return np.array(CLASSES)[pictures(150)[1]]


def test_cross_validation(images, labels):
    scores = cross_val_score(ImageClassifier(**SETTINGS), images, labels, cv=3)
    assert scores.shape == (3,)
    assert scores.min() > 0.5
    guessed = cross_val_predict(ImageClassifier(**SETTINGS), images[:, 0], labels, cv=3, method="predict_proba")
    assert guessed.shape == (150, 3)
    np.testing.assert_allclose(guessed.sum(1), 1, atol=1e-5)


def test_cross_validation_is_fitting_and_scoring_by_hand(images, labels):
    half = np.arange(150) < 75
    by_hand = ImageClassifier(**SETTINGS).fit(images[half], labels[half]).score(images[~half], labels[~half])
    (found,) = cross_val_score(
        ImageClassifier(**SETTINGS), images, labels, cv=[(np.where(half)[0], np.where(~half)[0])]
    )
    assert found == by_hand


def test_grid_search_finds_the_recipe_that_learns(images, labels):
    recipes = [SETTINGS["recipe"] | {"lr": lr} for lr in (1e-7, 0.01)]
    search = GridSearchCV(
        ImageClassifier(**SETTINGS), {"recipe": recipes, "model": ["linear", SETTINGS["model"]]}, cv=2
    )
    search.fit(images, labels)
    assert search.best_params_["recipe"]["lr"] == 0.01
    assert search.best_estimator_.score(images, labels) == accuracy_score(labels, search.predict(images))
    assert len(search.cv_results_["params"]) == 4


def test_a_mistake_in_a_grid_is_told_by_its_own_sentence(images, labels):
    search = GridSearchCV(ImageClassifier(**SETTINGS), {"model": ["liner"]}, cv=2, error_score="raise")
    with pytest.raises(BakeoffError, match="did you mean 'linear'"):
        search.fit(images, labels)


def test_clone_forgets_what_was_learned(images, labels):
    fitted = ImageClassifier(**SETTINGS).fit(images, labels)
    check_is_fitted(fitted)
    twin = clone(fitted)
    assert twin.get_params() == fitted.get_params()
    assert not hasattr(twin, "classes_")
    assert not twin.__sklearn_is_fitted__()


def test_scorers_take_it(images, labels):
    fitted = ImageClassifier(**SETTINGS).fit(images, labels)
    assert is_classifier(fitted)
    assert get_scorer("accuracy")(fitted, images, labels) == fitted.score(images, labels)
    assert get_scorer("neg_log_loss")(fitted, images, labels) < 0


def test_it_travels_between_processes(images, labels):
    """As joblib sends it; what bakeoff itself writes is never pickled."""
    fitted = ImageClassifier(**SETTINGS).fit(images, labels)
    sent = pickle.loads(pickle.dumps(fitted))
    assert (sent.predict_proba(images) == fitted.predict_proba(images)).all()


def test_it_is_shown_as_it_would_be_written():
    assert repr(ImageClassifier()) == "ImageClassifier()"
    assert repr(ImageClassifier("linear", seed=3)) == "ImageClassifier(model='linear', seed=3)"
    assert repr(eval(repr(ImageClassifier(**SETTINGS)))) == repr(ImageClassifier(**SETTINGS))
