"""The temperature: against scikit-learn, against a search over all of them, and where it must be known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import log_softmax
from sklearn.calibration import _TemperatureScaling

from bakeoff.judge.metrics import nll, softmax
from bakeoff.judge.temperature import HIGHEST, LOWEST, fit_temperature


def draw(seed: int, n: int, k: int, sharpness: float) -> tuple[np.ndarray, np.ndarray]:
    """Logits of a perfectly calibrated model, multiplied by `sharpness`, and labels drawn from it."""
    rng = np.random.default_rng(seed)
    honest = rng.normal(0, 2, (n, k))
    labels = (rng.random((n, 1)) > softmax(honest).cumsum(1)).sum(1).clip(0, k - 1)
    return (honest * sharpness).astype(np.float32), labels


CASES = st.tuples(st.integers(0, 10_000), st.integers(30, 300), st.integers(2, 8), st.floats(0.2, 5))


@settings(max_examples=40)
@given(CASES)
def test_as_scikit_learn_has_it(case) -> None:
    logits, labels = draw(*case)
    ours = fit_temperature(logits, labels)
    theirs = 1 / _TemperatureScaling().fit(logits.astype(float), labels).beta_
    if LOWEST * 2 < ours < HIGHEST / 2:
        assert nll(logits / ours, labels) <= nll(logits / theirs, labels) + 1e-6
        assert ours == pytest.approx(theirs, rel=2e-2)


@settings(max_examples=20)
@given(CASES)
def test_no_other_temperature_has_a_lower_loss(case) -> None:
    logits, labels = draw(*case)
    found = nll(logits / fit_temperature(logits, labels), labels)
    for other in np.geomspace(LOWEST, HIGHEST, 200):
        rows = log_softmax(logits.astype(float) / other, axis=1)
        assert found <= -rows[np.arange(len(labels)), labels].mean() + 1e-6


@pytest.mark.parametrize("sharpness", [0.5, 1.0, 3.0])
def test_it_finds_by_how_much_honest_logits_were_sharpened(sharpness: float) -> None:
    logits, labels = draw(1, 50_000, 5, sharpness)
    assert fit_temperature(logits, labels) == pytest.approx(sharpness, rel=0.02)


def test_answers_stay_what_they_are() -> None:
    logits, labels = draw(2, 500, 6, 2.0)
    cooled = logits / fit_temperature(logits, labels)
    assert (cooled.argmax(1) == logits.argmax(1)).all()


def test_perfect_and_hopeless_answers_end_near_the_bounds() -> None:
    right = np.eye(3, dtype=np.float32)[np.arange(30) % 3]
    sure = fit_temperature(right, np.arange(30) % 3)  # below some temperature the loss is 0 in every digit
    assert LOWEST <= sure < 0.05
    assert nll(right / sure, np.arange(30) % 3) < 1e-8
    assert fit_temperature(right, (np.arange(30) + 1) % 3) == pytest.approx(HIGHEST, rel=0.05)


def test_without_examples_there_is_none() -> None:
    with pytest.raises(ValueError, match="needs validation pictures"):
        fit_temperature(np.empty((0, 3)), np.empty(0, int))
