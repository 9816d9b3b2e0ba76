"""Is an entry right as often as it says? Reliability, ECE beside that of a perfectly calibrated model, temperature.

Shapes: S seeds, N test images, K classes, B bins of confidence, D simulated draws.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bakeoff.judge import metrics
from bakeoff.judge.calibration_results import Calibration, ReliabilityBin
from bakeoff.judge.estimates import Estimate, Interval, estimate
from bakeoff.judge.evidence import Evidence
from bakeoff.judge.intervals import bootstrap_mean
from bakeoff.judge.temperature import fit_temperature
from bakeoff.judge.words import percent

DRAWS = 500
KIND = "simulated, perfectly calibrated"
_AT_ONCE = 2_000_000
"""Answers drawn at a time."""


@dataclass(frozen=True, eq=False)
class Perfect:
    """What a model of the same confidences shows whose every confidence is true: draws of its ECE, [D], and of the
    accuracy in each bin, [D, B] (NaN in an empty one)."""

    ece: np.ndarray
    accuracy: np.ndarray


def perfect(confidence: np.ndarray, bins: int = metrics.BINS, draws: int = DRAWS, seed: int = 0) -> Perfect:
    """Simulate it: each of the [N] images is right with the probability that the model gives it.

    The ECE of a finite sample is never 0 (Roelofs et al. 2022), so a figure says little without this one beside it
    (consistency resampling; Bröcker & Smith 2007).
    """
    rng = np.random.Generator(np.random.PCG64(seed))
    order = np.argsort(confidence, kind="stable")
    told = confidence[order]
    place = metrics.confidence_bins(told, bins)
    used, starts = np.unique(place, return_index=True)
    counts = np.diff([*starts, len(told)])
    sums = np.add.reduceat(told, starts)
    right = np.empty((draws, len(used)))
    step = max(1, _AT_ONCE // len(told))
    for i in range(0, draws, step):
        drawn = rng.random((min(step, draws - i), len(told)), dtype=np.float32) < told
        right[i : i + step] = np.add.reduceat(drawn, starts, axis=1, dtype=np.int64)
    accuracy = np.full((draws, bins), np.nan)
    accuracy[:, used] = right / counts
    return Perfect(np.abs(right - sums).sum(1) / len(told), accuracy)


def judge_calibration(evidence: Evidence, ece: Estimate) -> Calibration:
    """Of one entry. `ece`: what was measured, a value a seed. Bands are means over seeds of each seed's limits: the
    seeds answer the same images, so their mean need not vary less than one of them."""
    labels, runs = evidence.labels, evidence.runs
    told = [metrics.softmax(logits).max(1) for logits in evidence.logits]
    simulated = [perfect(confidence) for confidence in told]
    confidence = estimate([c.mean() for c in told])
    band = _band([one.ece for one in simulated])
    fitted = None
    if all(len(run.validation_labels) for run in runs):
        fitted = [fit_temperature(run.validation_logits, run.validation_labels) for run in runs]
    found = Calibration(
        confidence=confidence,
        expected_ece=float(np.mean([one.ece.mean() for one in simulated])),
        band=band,
        bins=_bins(told, evidence.correct, simulated),
        **(_cooled(evidence.logits, labels, fitted) if fitted else {}),
        sentence="",
    )
    return found.model_copy(update={"sentence": _sentence(found, ece, evidence)})


def outside(found: Calibration, ece: Estimate) -> bool:
    """Whether the ECE is larger than that of a perfectly calibrated model would be."""
    return ece.mean > found.band.high


def _cooled(logits: np.ndarray, labels: np.ndarray, temperatures: list[float]) -> dict:
    """The fields of a Calibration that a temperature gives."""
    cooled = [one.astype(float) / t for one, t in zip(logits, temperatures, strict=True)]
    before = np.stack([metrics.per_image_nll(one, labels) for one in logits])
    after = np.stack([metrics.per_image_nll(one, labels) for one in cooled])
    gain = before - after
    simulated = [perfect(metrics.softmax(one).max(1)) for one in cooled]
    return {
        "temperature": estimate(temperatures),
        "ece_after": estimate([metrics.ece(one, labels) for one in cooled]),
        "band_after": _band([one.ece for one in simulated]),
        "nll_after": estimate(after.mean(1), bootstrap_mean(after)),
        "nll_gain": estimate(gain.mean(1), bootstrap_mean(gain)),
    }


def _sentence(found: Calibration, ece: Estimate, evidence: Evidence) -> str:
    accuracy, n = float(evidence.correct.mean()), len(evidence.labels)
    lead = f"It is right {percent(accuracy, 1)} of the time and says {percent(found.confidence.mean, 1)}"
    span = f"{found.band.low:.3f} to {found.band.high:.3f}"
    if not outside(found, ece):
        return f"{lead}; ECE {ece.mean:.3f}, as perfect calibration would give on {n:,} pictures ({span})."
    excess = found.confidence.mean - accuracy
    kind = "over-confident" if excess > 0 else "under-confident"
    if abs(excess) < ece.mean / 2:
        kind = "too sure of some answers and not sure enough of others"
    said = f"{lead}: {kind}. ECE is {ece.mean:.3f}; perfect calibration would give {span} on {n:,} pictures"
    if found.temperature is None or found.ece_after is None or found.nll_after is None:
        return f"{said}."
    before = float(np.mean([metrics.nll(one, evidence.labels) for one in evidence.logits]))
    return (
        f"{said}. Logits divided by {found.temperature.mean:.2f}, fitted on validation, give an ECE of "
        f"{found.ece_after.mean:.3f} and take NLL from {before:.3f} to {found.nll_after.mean:.3f}."
    )


def _band(draws: list[np.ndarray]) -> Interval:
    low, high = np.mean([np.quantile(one, [0.025, 0.975]) for one in draws], axis=0)
    return Interval(low=float(low), high=float(high), kind=KIND)


def _bins(told: list[np.ndarray], correct: np.ndarray, simulated: list[Perfect]) -> list[ReliabilityBin]:
    """Over all seeds; a seed's limits of a bin count as often as it has images there."""
    places = [metrics.confidence_bins(confidence) for confidence in told]
    counts = np.stack([np.bincount(place, minlength=metrics.BINS) for place in places])
    sums, right = (
        np.sum([np.bincount(p, v, minlength=metrics.BINS) for p, v in zip(places, values, strict=True)], axis=0)
        for values in (told, correct)
    )
    total = counts.sum(0)
    found = []
    for b in np.flatnonzero(total):
        own = [s for s in range(len(told)) if counts[s, b]]
        limits = [np.quantile(simulated[s].accuracy[:, b], [0.025, 0.975]) for s in own]
        low, high = np.average(limits, axis=0, weights=counts[own, b])
        found.append(
            ReliabilityBin(
                low=b / metrics.BINS,
                high=(b + 1) / metrics.BINS,
                images=float(total[b] / len(told)),
                confidence=float(sums[b] / total[b]),
                accuracy=float(right[b] / total[b]),
                band=Interval(low=float(low), high=float(high), kind=KIND),
            )
        )
    return found
