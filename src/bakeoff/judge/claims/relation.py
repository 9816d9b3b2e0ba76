"""A comparison in words beside our runs."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from scipy import stats

from bakeoff.judge.claims.claim import Claim
from bakeoff.judge.claims.counts import ModelCount
from bakeoff.judge.claims.figure import ACCURACIES, gap_written, written
from bakeoff.judge.claims.measured import LOOSE, LOWER_IS_BETTER, Judged, measured
from bakeoff.judge.results import EntryResult, Estimate, PairResult
from bakeoff.judge.words import points

ONE_SEED = "one seed on a side says nothing about how much seeds differ"


def judge_twins(claim: Claim) -> Judged:
    """Both names are of one training."""
    evidence = f"{claim.subject} and {claim.than} are the same training under two names"
    return Judged("reproduced" if claim.verb == "equivalent" else "not reached", evidence, "the same training")


def judge_pair(claim: Claim, a: EntryResult, b: EntryResult, pairs: Sequence[PairResult]) -> Judged:
    """`better` and `equivalent` in test accuracy: the verdict that the pair has in the report."""
    pair = next(p for p in pairs if {p.a, p.b} == {a.name, b.name})
    if pair.recipes is None:
        return Judged("not judged", pair.sentence, pair.verdict)
    holds = pair.verdict == claim.verb and (claim.verb == "equivalent" or pair.a == a.name)
    evidence = pair.sentence
    if claim.by is not None:
        theirs = claim.by if pair.a == a.name else -claim.by
        inside = pair.recipes.interval.low <= theirs <= pair.recipes.interval.high
        evidence += f" Their {points(claim.by)} are {'inside' if inside else 'outside'} that interval."
    return Judged("reproduced" if holds else "not reached", evidence, pair.verdict)


def judge_speed(claim: Claim, a: EntryResult, b: EntryResult) -> Judged:
    """`faster`, or `better` in training time."""
    ratio = b.seconds.mean / a.seconds.mean if a.seconds.mean else math.inf
    evidence = f"{a.seconds.mean:.1f} s against {b.seconds.mean:.1f} s to train, {ratio:.1f} times as fast"
    if claim.times is not None:
        evidence += f", theirs {claim.times:g} times"
    return Judged("reproduced" if ratio > 1 else "not reached", evidence, f"{ratio:.1f}x")


def judge_means(claim: Claim, a: EntryResult, b: EntryResult, margin: float) -> Judged:
    """Other accuracies, losses and equal times: ahead by more than the half-width of Welch's 95% interval over seeds
    (Welch 1947), or, for `equivalent`, the whole of it within ±margin (a loss or a time: within 5%)."""
    metric = claim.compared
    for entry in (a, b):
        missing = measured(entry, metric)
        if isinstance(missing, str):
            return Judged("not judged", missing)
    one, two = getattr(a, metric), getattr(b, metric)
    figures = f"{written(metric, one.mean)} against {written(metric, two.mean)}"
    noise = welch_half_width(one, two)
    if noise is None:
        return Judged("not judged", f"{figures}; {ONE_SEED}", figures)
    ahead = (two.mean - one.mean) if metric in LOWER_IS_BETTER else (one.mean - two.mean)
    evidence = f"{figures}: difference {gap_written(metric, abs(ahead))} ± {gap_written(metric, noise)} over seeds"
    holds = ahead > noise
    if claim.verb == "equivalent":
        room = margin if metric in ACCURACIES else LOOSE * two.mean
        holds = abs(ahead) + noise <= room
        evidence += f", margin ±{gap_written(metric, room)}"
    return Judged("reproduced" if holds else "not reached", evidence, figures)


def welch_half_width(one: Estimate, two: Estimate) -> float | None:
    """Of the 95% interval of the difference of two means over seeds; None with one seed on a side."""
    sizes = [len(one.values), len(two.values)]
    if min(sizes) < 2:
        return None
    parts = [float(np.var(e.values, ddof=1)) / len(e.values) for e in (one, two)]
    if sum(parts) == 0:
        return 0.0
    freedom = sum(parts) ** 2 / sum(part**2 / (size - 1) for part, size in zip(parts, sizes, strict=True))
    return float(stats.t.ppf(0.975, freedom)) * math.sqrt(sum(parts))


def judge_counts(claim: Claim, a: ModelCount, b: ModelCount) -> Judged:
    """Weights need no runs; fewer are better, and within 5% equivalent."""
    metric = claim.compared
    one, two = a.get(metric), b.get(metric)
    holds = abs(one - two) <= LOOSE * two if claim.verb == "equivalent" else one < two
    figures = f"{written(metric, one)} against {written(metric, two)}"
    return Judged("reproduced" if holds else "does not follow", f"the models as described have {figures}", figures)
