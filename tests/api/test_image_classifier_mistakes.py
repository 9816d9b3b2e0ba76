"""ImageClassifier given what does not fit: one sentence that names it, and what was fitted stays as it was."""

from __future__ import annotations

import numpy as np
import pytest
from squares import pictures

from bakeoff import ImageClassifier
from bakeoff.errors import BakeoffError, DataError, UsageError

SETTINGS = {"model": {"mlp": {"hidden": [16]}}, "recipe": {"lr": 0.01, "batch_size": 32, "epochs": 2}}


@pytest.fixture(scope="module")
def images():
    return pictures(60)[0]


@pytest.fixture(scope="module")
def labels():
    return pictures(60)[1]


@pytest.fixture
def fitted(images, labels):
    return ImageClassifier(**SETTINGS).fit(images, labels)


def test_probabilities_before_fitting(images):
    with pytest.raises(UsageError, match="not fitted yet; call fit first"):
        ImageClassifier(**SETTINGS).predict_proba(images)


def test_predictions_and_score_before_fitting(images, labels):
    for call in (lambda c: c.predict(images), lambda c: c.score(images, labels)):
        with pytest.raises(UsageError, match="not fitted yet; call fit first"):
            call(ImageClassifier(**SETTINGS))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda x: x / 255, "float64 values; give the raw uint8 pixels"),
        (lambda x: x.astype(int), "int64 values; expected uint8"),
        (lambda x: x[0, 0], "shape .8, 8."),
        (lambda x: x[:0], "shape .0, 1, 8, 8."),
    ],
)
def test_pictures_that_are_none(fitted, images, labels, change, said):
    with pytest.raises(DataError, match=f"images: {said}"):
        ImageClassifier(**SETTINGS).fit(change(images), labels)
    with pytest.raises(DataError, match=f"images: {said}"):
        fitted.predict(change(images))


@pytest.mark.parametrize(
    ("recipe", "key"),
    [
        ({"stop": {"validation_accuracy": 0.4}}, "stop.validation_accuracy"),
        ({"stop": {"patience": 2}}, "stop.patience"),
        ({"keep": "best"}, "keep"),
    ],
)
def test_no_validation_set_for_a_setting_that_waits_for_one(images, labels, recipe, key):
    with pytest.raises(UsageError, match=f"recipe: {key} needs a validation set; give validation, such as 0.1"):
        ImageClassifier(recipe={"epochs": 1, **recipe}, validation=0).fit(images, labels)


def test_pictures_of_another_shape_than_fitted_on(fitted):
    with pytest.raises(UsageError, match=r"pictures are \[1, 6, 8\], but the model was fitted on \[1, 8, 8\]"):
        fitted.predict(np.zeros((2, 6, 8), np.uint8))
    with pytest.raises(UsageError, match=r"pictures are \[3, 8, 8\], but the model was fitted on \[1, 8, 8\]"):
        fitted.predict_proba(np.zeros((2, 3, 8, 8), np.uint8))


def test_fewer_labels_than_pictures(images, labels):
    with pytest.raises(DataError, match="60 train images but 50 labels"):
        ImageClassifier(**SETTINGS).fit(images, labels[:50])


def test_one_class_only(images):
    with pytest.raises(UsageError, match="labels hold one class only"):
        ImageClassifier(**SETTINGS).fit(images, np.zeros(60, int))


@pytest.mark.parametrize("change", [lambda y: np.eye(3)[y], lambda y: np.stack([y, y], 1)])
def test_labels_that_are_no_list(images, labels, change):
    with pytest.raises(BakeoffError, match="labels"):
        ImageClassifier(**SETTINGS).fit(images, change(labels))


def test_score_is_of_one_label_a_picture(fitted, images, labels):
    assert fitted.score(images, labels[:, None]) == fitted.score(images, labels)


def test_score_with_fewer_labels_than_pictures(fitted, images, labels):
    with pytest.raises(BakeoffError, match="labels"):
        fitted.score(images, labels[:50])


@pytest.mark.parametrize(
    ("model", "said"),
    [
        ({"mpl": {}}, "unknown architecture 'mpl'; did you mean 'mlp'?"),
        ({"mlp": {"hiden": [3]}}, "model mlp: unknown key 'hiden'; did you mean 'hidden'?"),
        ({"mlp": {"hidden": [4]}, "cnn": {}}, "a model is one architecture with its arguments"),
    ],
)
def test_a_model_that_is_none(images, labels, model, said):
    with pytest.raises(UsageError) as caught:
        ImageClassifier(model).fit(images, labels)
    assert str(caught.value).startswith(said)


@pytest.mark.parametrize("settings", [{"recipe": {"optimzer": "adam"}}, {"recipe": {"lr": -1}}, {"seed": -1}])
def test_a_recipe_or_seed_that_is_none(images, labels, settings):
    (key,) = settings.get("recipe", settings)
    with pytest.raises(UsageError, match=key):
        ImageClassifier(**SETTINGS | settings).fit(images, labels)


@pytest.mark.parametrize("validation", [2.0, -0.1, 60])
def test_a_share_that_leaves_nothing_to_train_on(images, labels, validation):
    with pytest.raises(UsageError, match="validation: "):
        ImageClassifier(**SETTINGS, validation=validation).fit(images, labels)


def test_a_refused_fit_leaves_the_earlier_one(fitted, images, labels):
    before = fitted.predict_proba(images)
    with pytest.raises(DataError):
        fitted.fit(images / 255, labels)
    assert (fitted.predict_proba(images) == before).all()


def test_a_fit_refused_for_its_labels_leaves_the_earlier_one(fitted, images, labels):
    before = fitted.predict(images)
    with pytest.raises(UsageError):
        fitted.fit(images, np.zeros_like(labels))
    assert (fitted.predict(images) == before).all()


@pytest.mark.filterwarnings("ignore:overflow")
def test_a_fit_that_diverges_says_so(images, labels):
    wild = ImageClassifier({"mlp": {"hidden": [4]}}, {"optimizer": "sgd", "lr": 1e30, "epochs": 3})
    with pytest.raises(BakeoffError, match="diverged"):
        wild.fit(images, labels)


def test_scikit_learn_can_clone_it():
    base = pytest.importorskip("sklearn.base")
    twin = base.clone(ImageClassifier(**SETTINGS, seed=3))
    assert (twin.model, twin.recipe, twin.seed) == (SETTINGS["model"], SETTINGS["recipe"], 3)
