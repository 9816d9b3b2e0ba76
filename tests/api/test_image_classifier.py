"""ImageClassifier on arrays: what scikit-learn's users expect of an estimator."""

from __future__ import annotations

import numpy as np
import pytest
from squares import CLASSES, pictures

from bakeoff import ImageClassifier, Recipe

SETTINGS = {"model": {"mlp": {"hidden": [16]}}, "recipe": {"lr": 0.01, "batch_size": 32, "epochs": 4}, "seed": 0}


@pytest.fixture(scope="module")
def images():
    return pictures(240)[0]


@pytest.fixture(scope="module")
def labels():
    return np.array(CLASSES)[pictures(240)[1]]


@pytest.fixture(scope="module")
def fitted(images, labels):
    return ImageClassifier(**SETTINGS).fit(images, labels)


@pytest.fixture(scope="module")
def unseen():
    images, labels = pictures(90, seed=99)
    return images, np.array(CLASSES)[labels]


def test_fit_returns_the_estimator_and_learns(images, labels, unseen):
    classifier = ImageClassifier(**SETTINGS)
    assert classifier.fit(images, labels) is classifier
    assert classifier.score(*unseen) > 0.9


def test_probabilities(fitted, unseen):
    found = fitted.predict_proba(unseen[0])
    assert (found.shape, found.dtype) == ((90, 3), np.float32)
    assert found.min() >= 0
    np.testing.assert_allclose(found.sum(1), 1, atol=1e-6)
    assert found.max() > 0.5


def test_predictions_are_the_likeliest_of_the_labels_given(fitted, unseen):
    assert fitted.classes_.tolist() == sorted(CLASSES)
    found = fitted.predict(unseen[0])
    assert found.shape == (90,)
    assert set(found) == set(CLASSES)
    assert (found == fitted.classes_[fitted.predict_proba(unseen[0]).argmax(1)]).all()


def test_score_is_the_share_predicted_right(fitted, unseen):
    images, labels = unseen
    assert fitted.score(images, labels) == (fitted.predict(images) == labels).mean()
    wrong = np.where(fitted.predict(images) == "left", "middle", "left")
    assert fitted.score(images, wrong) == 0


def test_pictures_are_judged_one_by_one(fitted, unseen):
    """What stands beside a picture makes no difference."""
    whole = fitted.predict_proba(unseen[0])
    np.testing.assert_allclose(fitted.predict_proba(unseen[0][40:41]), whole[40:41], atol=1e-5)


def test_curves_and_summary(fitted):
    assert len(fitted.curves_) == 4
    assert {"epoch", "train_loss", "validation_accuracy"} <= set(fitted.curves_[0])


def test_a_seed_gives_the_same_model_again_and_another_seed_another(fitted, images, labels, unseen):
    again = ImageClassifier(**SETTINGS).fit(images, labels)
    other = ImageClassifier(**SETTINGS | {"seed": 1}).fit(images, labels)
    assert (again.predict_proba(unseen[0]) == fitted.predict_proba(unseen[0])).all()
    assert (other.predict_proba(unseen[0]) != fitted.predict_proba(unseen[0])).any()


def test_it_does_not_depend_on_the_global_generators(fitted, images, labels, unseen):
    np.random.seed(5)
    state = np.random.get_state()[1].copy()
    again = ImageClassifier(**SETTINGS).fit(images, labels)
    assert (again.predict_proba(unseen[0]) == fitted.predict_proba(unseen[0])).all()
    assert (np.random.get_state()[1] == state).all()


def test_fitting_again_forgets_what_was_learned(images, labels, unseen):
    classifier = ImageClassifier(**SETTINGS).fit(images, labels)
    two = np.isin(labels, ["left", "right"])
    classifier.fit(images[two], labels[two])
    assert classifier.classes_.tolist() == ["left", "right"]
    assert classifier.predict_proba(unseen[0]).shape == (90, 2)


@pytest.mark.parametrize("values", [[7, -1, 300], [0.5, 1.5, 2.5], [True, False, True], ["b", "a", "c"]])
def test_labels_of_any_kind_come_back_as_they_were(images, values):
    labels = np.array(values)[pictures(240)[1]]
    classifier = ImageClassifier(**SETTINGS).fit(images, labels)
    found = classifier.predict(images)
    assert found.dtype == labels.dtype
    assert set(found.tolist()) == set(values)
    assert classifier.score(images, list(labels)) > 0.9


@pytest.mark.parametrize("layout", ["N, H, W", "N, H, W, C", "N, C, H, W"])
def test_layouts_of_the_same_pictures_are_the_same(fitted, images, labels, unseen, layout):
    change = {"N, H, W": lambda x: x[:, 0], "N, H, W, C": lambda x: x.transpose(0, 2, 3, 1), "N, C, H, W": np.copy}
    classifier = ImageClassifier(**SETTINGS).fit(change[layout](images), labels)
    found = classifier.predict_proba(change[layout](unseen[0]))
    assert (found == fitted.predict_proba(unseen[0])).all()


def test_colour_and_convolutions():
    images, labels = pictures(120, channels=3)
    model = {"cnn": {"channels": [4], "kernel": 3, "batch_norm": "after"}}
    classifier = ImageClassifier(model, Recipe(lr=0.01, epochs=6, batch_size=16)).fit(images, labels)
    assert classifier.score(images, labels) > 0.9


def test_arrays_given_are_left_as_they_are(images, labels):
    images, labels = images.copy(), labels.copy()
    before = images.copy(), labels.copy()
    images.setflags(write=False)
    ImageClassifier(**SETTINGS).fit(images, labels).predict(images)
    assert (images == before[0]).all()
    assert (labels == before[1]).all()
