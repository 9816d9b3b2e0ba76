"""Pictures that look unlike the training pictures: the promised share of false alarms, and what is caught."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.distance import mahalanobis

from bakeoff.data import load_dataset
from bakeoff.ship.familiar import Familiar, looks, measure


def clouds(n: int, seed: int, shape=(3, 12, 12)) -> np.ndarray:
    """Smooth pictures of varying brightness and contrast."""
    rng = np.random.default_rng(seed)
    coarse = rng.normal(size=(n, shape[0], 4, 4)) * rng.uniform(20, 50, (n, 1, 1, 1)) + rng.uniform(
        80, 160, (n, 1, 1, 1)
    )
    return np.clip(coarse.repeat(3, 2).repeat(3, 3), 0, 255).astype(np.uint8)


def test_what_is_measured_of_a_picture():
    stripes = np.zeros((1, 1, 4, 6), np.uint8)
    stripes[..., ::2] = 255
    mean, deviation, across, down = looks(stripes)[0]
    assert (mean, deviation) == pytest.approx((0.5, 0.5))
    assert (across, down) == pytest.approx((np.log(1.01), np.log(0.01)))


def test_the_distance_is_mahalanobis():
    found = measure(clouds(500, 0), clouds(200, 1))
    assert isinstance(found, Familiar)
    x = clouds(5, 2)
    expected = [mahalanobis(row, found.centre, found.precision) ** 2 for row in looks(x)]
    assert found.distance(x) == pytest.approx(expected)


def test_false_alarms_are_as_rare_as_promised():
    """Over many draws of validation and new pictures, the mean share of alarms is at most 1%."""
    shares = []
    for seed in range(40):
        found = measure(clouds(300, 3 * seed), clouds(199, 3 * seed + 1))
        shares.append(found.unlike(clouds(1000, 3 * seed + 2)).mean())
    assert 0.006 < np.mean(shares) <= 0.0115  # k / (n + 1) = 2 / 200, and the noise of 40 draws


def test_the_threshold_is_the_kth_largest_of_the_validation_pictures():
    validation = clouds(399, 1)
    found = measure(clouds(300, 0), validation)
    assert found.threshold == pytest.approx(np.sort(found.distance(validation))[-4])
    assert found.unlike(validation).sum() == 3
    assert (found.measured_on, found.false_alarms) == (399, 0.01)


def test_nothing_is_said_with_too_few_pictures():
    assert measure(clouds(300, 0), clouds(98, 1)) is None
    assert measure(clouds(300, 0), clouds(99, 1)) is not None
    assert measure(clouds(8, 0), clouds(99, 1)) is None
    assert measure(clouds(0, 0), clouds(0, 1)) is None


def test_pictures_that_are_all_alike_have_a_distance_too():
    same = np.full((200, 1, 5, 1), 90, np.uint8)
    found = measure(same, same)
    assert not found.unlike(same).any()
    assert found.unlike(255 - same).all()


def test_clothes_are_told_from_noise_blanks_and_negatives():
    fashion = load_dataset("fashion-mnist")
    train, test = fashion.train.images.numpy(), fashion.test.images.numpy()[:2000]
    found = measure(train[:5000], train[5000:8000])
    assert found.unlike(test).mean() < 0.025
    noise = np.random.default_rng(0).integers(0, 256, (500, 1, 28, 28), dtype=np.uint8)
    assert found.unlike(noise).all()
    assert found.unlike(np.stack([np.full((1, 28, 28), v, np.uint8) for v in (0, 128, 255)])).all()
    assert found.unlike(255 - test).mean() > 0.6
