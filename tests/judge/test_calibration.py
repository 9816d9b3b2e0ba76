"""Reliability, the band of perfect calibration, and what is said of both: against brute force and known truth."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy import stats
from synthetic import make_contest

from bakeoff.judge import metrics
from bakeoff.judge.calibration import judge_calibration, outside, perfect
from bakeoff.judge.estimates import estimate
from bakeoff.judge.evidence import Evidence, gather
from bakeoff.judge.temperature import fit_temperature


def honest(seed: int, n: int, k: int = 5, sharpness: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Logits and labels; with a sharpness of 1 every probability is true."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 2, (n, k))
    labels = (rng.random((n, 1)) > metrics.softmax(logits).cumsum(1)).sum(1).clip(0, k - 1)
    return (sharpness * logits).astype(np.float32), labels


def test_the_band_is_what_drawing_one_by_one_gives() -> None:
    confidence = np.random.default_rng(0).uniform(0.3, 1, 80)
    rng = np.random.default_rng(1)
    eces = []
    for _ in range(2000):
        right = [rng.random() < c for c in confidence]
        gaps = [0.0] * 15
        for c, r in zip(confidence, right, strict=True):
            gaps[min(14, int(np.ceil(c * 15)) - 1)] += r - c
        eces.append(sum(abs(g) for g in gaps) / len(confidence))
    found = perfect(confidence, draws=4000).ece
    assert found.mean() == pytest.approx(np.mean(eces), rel=0.03)
    assert np.quantile(found, [0.025, 0.975]) == pytest.approx(np.quantile(eces, [0.025, 0.975]), rel=0.06)


def test_a_bin_of_one_confidence_is_binomial() -> None:
    found = perfect(np.full(50, 0.8), draws=20_000).accuracy
    told = found[:, ~np.isnan(found).any(0)]
    assert told.shape[1] == 1
    assert np.quantile(told, [0.025, 0.975]) * 50 == pytest.approx(stats.binom.ppf([0.025, 0.975], 50, 0.8), abs=1)


def test_a_perfectly_calibrated_model_lies_in_its_band_19_times_of_20() -> None:
    inside = 0
    for seed in range(200):
        logits, labels = honest(seed, 500)
        low, high = np.quantile(perfect(metrics.softmax(logits).max(1)).ece, [0.025, 0.975])
        inside += low <= metrics.ece(logits, labels) <= high
    assert 180 <= inside <= 199  # 190 expected, sd 3.1


def evidence_of(folder: Path, sharpness: float, n: int = 4000) -> Evidence:
    """Three seeds of a model on `n` test pictures, whose honest logits were multiplied."""
    contest = make_contest(folder, {"net": 0.8}, seeds=3, n=8)
    made = gather(contest, contest.entries[0])
    assert made is not None
    drawn = [honest(seed, n, sharpness=sharpness) for seed in range(3)]
    labels = drawn[0][1]
    logits = np.stack([honest(0, n, sharpness=sharpness)[0]] * 3)
    valid = [honest(10 + seed, n, sharpness=sharpness) for seed in range(3)]
    runs = tuple(
        replace(run, validation_logits=v[0], validation_labels=v[1]) for run, v in zip(made.runs, valid, strict=True)
    )
    predicted = logits.argmax(-1)
    return Evidence("net", runs, (), logits, labels, predicted, predicted == labels)


def judged(evidence: Evidence):
    ece = estimate([metrics.ece(one, evidence.labels) for one in evidence.logits])
    return judge_calibration(evidence, ece), ece


@pytest.mark.parametrize(
    ("sharpness", "words"), [(1.0, "as perfect calibration"), (3.0, "over-confident"), (0.4, "under-confident")]
)
def test_it_says_how_confidence_stands_to_truth(tmp_path: Path, sharpness: float, words: str) -> None:
    found, ece = judged(evidence_of(tmp_path, sharpness))
    assert words in found.sentence
    assert outside(found, ece) == (sharpness != 1.0)
    assert found.temperature is not None
    assert found.temperature.mean == pytest.approx(sharpness, rel=0.1)


def test_the_temperature_of_validation_mends_the_test_set(tmp_path: Path) -> None:
    evidence = evidence_of(tmp_path, 3.0)
    found, ece = judged(evidence)
    temperatures = [fit_temperature(run.validation_logits, run.validation_labels) for run in evidence.runs]
    assert found.temperature.values == pytest.approx(temperatures)
    after = [metrics.nll(one / t, evidence.labels) for one, t in zip(evidence.logits, temperatures, strict=True)]
    assert found.nll_after.values == pytest.approx(after, rel=1e-5)
    before = metrics.nll(evidence.logits[0], evidence.labels)
    assert found.nll_gain.mean == pytest.approx(before - np.mean(after), rel=1e-4)
    assert found.nll_gain.interval.low > 0
    assert found.ece_after.mean < found.band_after.high < ece.mean


def test_test_labels_cannot_move_the_temperature(tmp_path: Path) -> None:
    evidence = evidence_of(tmp_path, 3.0, n=500)
    other = replace(evidence, labels=(evidence.labels + 1) % 5)
    assert judged(evidence)[0].temperature == judged(other)[0].temperature


def test_bins_hold_every_image_once_and_agree_with_a_loop(tmp_path: Path) -> None:
    evidence = evidence_of(tmp_path, 2.0, n=1000)
    found, ece = judged(evidence)
    assert sum(b.images for b in found.bins) == pytest.approx(1000)
    distance = sum(b.images * abs(b.accuracy - b.confidence) for b in found.bins) / 1000
    assert distance == pytest.approx(ece.mean, rel=1e-6)  # the three seeds are alike
    confidence = metrics.softmax(evidence.logits[0]).max(1)
    for b in found.bins:
        inside = (confidence > b.low) & (confidence <= b.high)
        assert b.images == inside.sum()
        assert b.confidence == pytest.approx(confidence[inside].mean())
        assert b.accuracy == pytest.approx(evidence.correct[0][inside].mean())
        assert b.band.low <= b.confidence + 0.5 / b.images
        assert b.band.high >= b.confidence - 0.5 / b.images


def test_without_validation_there_is_no_temperature(tmp_path: Path) -> None:
    evidence = evidence_of(tmp_path, 3.0, n=300)
    blind = [replace(r, validation_logits=r.validation_logits[:0], validation_labels=r.validation_labels[:0])
             for r in evidence.runs]  # fmt: skip
    found, _ = judged(replace(evidence, runs=tuple(blind)))
    assert found.temperature is found.nll_after is found.ece_after is None
    assert found.sentence.endswith("pictures.")
