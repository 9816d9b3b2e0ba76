"""A comparison in words beside our runs."""

from __future__ import annotations

import math
from collections.abc import Sequence

from bakeoff.judge.claims.claim import Claim
from bakeoff.judge.claims.counts import ModelCount
from bakeoff.judge.claims.figure import ACCURACIES, gap_written, written
from bakeoff.judge.claims.measured import LOOSE, LOWER_IS_BETTER, Judged, measured
from bakeoff.judge.results import EntryResult, PairResult


def judge_pair(claim: Claim, pairs: Sequence[PairResult]) -> Judged:
    """`better` and `equivalent` in test accuracy: the verdict that the pair has in the report."""
    pair = next(p for p in pairs if {p.a, p.b} == {claim.subject, claim.than})
    holds = pair.verdict == claim.verb and (claim.verb == "equivalent" or pair.a == claim.subject)
    return Judged("reproduced" if holds else "not reached", pair.sentence, pair.verdict)


def judge_speed(a: EntryResult, b: EntryResult) -> Judged:
    """`faster`, or `better` in training time."""
    ratio = b.seconds.mean / a.seconds.mean if a.seconds.mean else math.inf
    evidence = f"{a.seconds.mean:.1f} s against {b.seconds.mean:.1f} s to train, {ratio:.1f} times as fast"
    return Judged("reproduced" if ratio > 1 else "not reached", evidence, f"{ratio:.1f}x")


def judge_means(claim: Claim, a: EntryResult, b: EntryResult, margin: float) -> Judged:
    """Other accuracies and losses: ahead by more than both half-widths together (root of the summed squares), or, for
    `equivalent`, the whole of that interval within ±margin (a loss: within 5%)."""
    metric = claim.compared
    one, two = measured(a, metric), measured(b, metric)
    for found in (one, two):
        if isinstance(found, str):
            return Judged("not judged", found)
    assert not isinstance(one, str)
    assert not isinstance(two, str)
    ahead = (two.mean - one.mean) if metric in LOWER_IS_BETTER else (one.mean - two.mean)
    noise = math.hypot(one.half_width, two.half_width)
    figures = f"{written(metric, one.mean)} against {written(metric, two.mean)}"
    evidence = f"{figures}: difference {gap_written(metric, abs(ahead))}, half-width {gap_written(metric, noise)}"
    holds = ahead > noise
    if claim.verb == "equivalent":
        room = margin if metric in ACCURACIES else LOOSE * two.mean
        holds = abs(ahead) + noise <= room
        evidence += f", margin ±{gap_written(metric, room)}"
    return Judged("reproduced" if holds else "not reached", evidence, figures)


def judge_counts(claim: Claim, a: ModelCount, b: ModelCount) -> Judged:
    """Weights need no runs; fewer are better, and within 5% equivalent."""
    metric = claim.compared
    one, two = a.get(metric), b.get(metric)
    holds = abs(one - two) <= LOOSE * two if claim.verb == "equivalent" else one < two
    figures = f"{written(metric, one)} against {written(metric, two)}"
    return Judged("reproduced" if holds else "does not follow", f"the models as described have {figures}", figures)
