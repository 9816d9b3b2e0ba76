"""A claimed figure beside ours. *Reproduced*: |ours - reported| is at most the root of the summed squares of our
half-width and the claim's binomial half-width at its n (without n: 1 point); outside it *exceeded* or *not reached*.
*Undecided*: within it only because our own half-width is several times (`TOO_WIDE`) what would be allowed.
Who says of an accuracy that it is at most so high, or of a loss that it is at least so high, describes a failing: where
ours does better, that *does not hold*."""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy import stats

from bakeoff.errors import nearest
from bakeoff.judge.claim_results import ClaimVerdict
from bakeoff.judge.claims.claim import Claim
from bakeoff.judge.claims.figure import BINOMIAL, LOWER_IS_BETTER, SHARES, TRAIN_LEAD, Figure, figure, gap_written
from bakeoff.judge.estimates import estimate as over_seeds
from bakeoff.judge.intervals import mean_interval, wilson
from bakeoff.judge.results import EntryResult, Estimate
from bakeoff.judge.words import counted, percent

Verdict = ClaimVerdict
DEFAULT_HALF_WIDTH = 0.01
LOOSE = 0.05
"""What a loss or a time may differ by, as a share, where the claim gives no ±."""
TOO_WIDE = 3
"""So many times what a claim may be off by, our own half-width no longer bears anything out."""


@dataclass(frozen=True)
class Judged:
    """One verdict: `ours` is our figure, `evidence` a sentence."""

    verdict: Verdict
    evidence: str
    ours: float | str | None = None


@dataclass(frozen=True)
class Measured:
    """Our own figure: mean over seeds, half-width of its 95% interval."""

    mean: float
    half_width: float
    note: str = ""


def judge_figure(claim: Claim, entry: EntryResult, classes: list[str]) -> Judged:
    """A share, loss or time beside that of a judged entry. `classes`: the dataset's names, in the order of the
    confusion matrix."""
    ours: Measured | str
    if claim.of_class is not None:
        ours = _of_class(claim, entry, classes)
    elif claim.metric == "macro_f1" and claim.split not in (None, "test"):
        ours = "we have the macro-F1 of the test set only"
    else:
        ours = measured(entry, str(claim.metric), claim.epoch)
    return Judged("not judged", ours) if isinstance(ours, str) else _beside(claim, ours, entry)


def measured(entry: EntryResult, metric: str, epoch: int | None = None) -> Measured | str:
    """Our figure of an accuracy, loss or time, after `epoch` epochs or at the end; a sentence if there is none."""
    if metric.startswith(("validation", TRAIN_LEAD)) and not entry.validation_examples:
        return f"{entry.name} was trained without a validation set"
    estimate: Estimate | None = _lead(entry) if metric == TRAIN_LEAD else getattr(entry, metric)
    if estimate is None:
        return f"the results of {entry.name} do not hold a {metric.replace('_', ' ')}"
    if epoch is None:
        return Measured(estimate.mean, half_width(estimate))
    course = entry.courses.get(metric, []) if entry.epochs.mean else []  # what is not trained has an epoch 0 only
    after = course[epoch - 1] if epoch <= len(course) else None
    if after is None:
        return f"we have no {metric.replace('_', ' ')} of {entry.name} after {epoch} epochs"
    return Measured(after, half_width(estimate))


def _lead(entry: EntryResult) -> Estimate:
    """Seed by seed."""
    pairs = zip(entry.train_accuracy.values, entry.validation_accuracy.values, strict=True)
    return over_seeds([train - validation for train, validation in pairs])


def half_width(estimate: Estimate) -> float:
    """Of the interval if there is one; else Student's over seeds, 0 with one."""
    interval = estimate.interval or mean_interval(estimate.values, "t over seeds")
    return (interval.high - interval.low) / 2 if interval else 0.0


def _of_class(claim: Claim, entry: EntryResult, names: list[str]) -> Measured | str:
    """The share of one class taken for another, or for itself: its recall."""
    for name in (claim.of_class, claim.as_class):
        if name is not None and name not in names:
            return f"the dataset has no class {name!r}{nearest(name, names)}"
    theirs = claim.split or "test"
    ours = "validation" if theirs == "validation" and entry.validation_confusion else "test"
    counts = (entry.validation_confusion if ours == "validation" else entry.confusion)[names.index(str(claim.of_class))]
    share = counts[names.index(str(claim.as_class or claim.of_class))] / max(1, sum(counts))
    support = sum(counts) // len(entry.seeds)
    interval = wilson(share * support, support)
    note = "" if ours == theirs else f"; ours is of the test set, theirs of the {theirs} set"
    return Measured(share, (interval.high - interval.low) / 2, note)


def _beside(claim: Claim, ours: Measured, entry: EntryResult) -> Judged:
    found, metric = figure(claim), str(claim.metric)
    assert found is not None
    nearest_end = min(max(ours.mean, found.low), found.high)
    theirs, basis = _their_half_width(claim, nearest_end)
    allowed = math.hypot(ours.half_width, theirs)
    gap = found.gap(Figure(ours.mean, ours.mean, 0.0))
    verdict: Verdict = "reproduced"
    if gap > allowed:
        better = (ours.mean > found.high) != (metric in LOWER_IS_BETTER)
        failing = metric != "seconds" and math.isinf(found.high - found.low)
        verdict = ("does not hold" if failing else "exceeded") if better else "not reached"
    elif gap > theirs and ours.half_width > TOO_WIDE * max(theirs, _usual(claim, nearest_end)):
        verdict = "undecided"
    seeds = "over " + counted(len(entry.seeds), "seed")
    if gap == 0 and not found.is_point:
        evidence = f"ours lies within it; {seeds}{ours.note}"
    else:
        what = "difference" if found.is_point else "difference to the nearer end"
        gap_words, allowed_words = gap_written(metric, gap), gap_written(metric, allowed)
        evidence = f"{what} {gap_words}, allowed {allowed_words} (our half-width and {basis}); {seeds}{ours.note}"
        if theirs < gap <= allowed:
            undecided = verdict == "undecided"
            why = "that tells little: ours is uncertain" if undecided else "reproduced only because ours is uncertain"
            evidence += f"; {why} by {gap_written(metric, ours.half_width)}"
    if metric == "seconds":
        evidence += "; times depend on the machine"
    return Judged(verdict, evidence, ours.mean)


def _usual(claim: Claim, value: float) -> float:
    """What is allowed where a claim says nothing of its uncertainty."""
    return DEFAULT_HALF_WIDTH if claim.metric in SHARES else LOOSE * value


def _their_half_width(claim: Claim, value: float) -> tuple[float, str]:
    """What the claimed `value` may be off by chance, and why."""
    if claim.metric not in SHARES:
        if claim.plus_minus:
            return claim.plus_minus * (60 if claim.unit == "min" else 3600 if claim.unit == "h" else 1), "their ±"
        return _usual(claim, value), f"{percent(LOOSE, 0)} of the reported figure"
    if not claim.n or claim.metric not in BINOMIAL:
        return _usual(claim, value), "1 point, no n given" if not claim.n else "1 point"
    share = min(max(value, 0.0), 1.0)
    z = float(stats.norm.ppf(0.975))
    return z * math.sqrt(share * (1 - share) / claim.n), f"their binomial half-width at n={claim.n:,}"
