"""A comparison in words beside our runs."""

from __future__ import annotations

from collections.abc import Sequence

from bakeoff.judge.claims.claim import Claim
from bakeoff.judge.claims.counts import ModelCount
from bakeoff.judge.claims.figure import LOWER_IS_BETTER, Figure, gap_written, written
from bakeoff.judge.claims.lead import Lead, lead, pair_of, times
from bakeoff.judge.claims.measured import LOOSE, Judged, Verdict, measured
from bakeoff.judge.claims.size import sized
from bakeoff.judge.results import EntryResult, PairResult


def judge_twins(claim: Claim) -> Judged:
    """Both names are of one training."""
    evidence = f"{claim.subject} and {claim.than} are the same training under two names"
    return Judged("reproduced" if claim.verb == "equivalent" else "not reached", evidence, "the same training")


def judge_pair(claim: Claim, a: EntryResult, b: EntryResult, pairs: Sequence[PairResult], margin: float) -> Judged:
    """`better` and `equivalent` in test accuracy: the verdict that the pair has in the report."""
    pair, found = pair_of(a, b, pairs), lead(a, b, "test_accuracy", pairs, margin)
    if not isinstance(found, Lead):
        return Judged("not judged", pair.sentence, pair.verdict)
    return _borne_out(claim, a, b, found, pair.sentence, pair.verdict)


def judge_means(claim: Claim, a: EntryResult, b: EntryResult, margin: float) -> Judged:
    """Other accuracies, losses and equal times, by what seeds say of the difference of their means."""
    metric = claim.compared
    for entry in (a, b):
        missing = measured(entry, metric)
        if isinstance(missing, str):
            return Judged("not judged", missing)
    figures = " against ".join(written(metric, getattr(entry, metric).mean) for entry in (a, b))
    found = lead(a, b, metric, (), margin)
    if not isinstance(found, Lead):
        return Judged("not judged", f"{figures}; {found}", figures)
    gap, noise, room = (
        gap_written(metric, size) for size in (abs(found.ahead), (found.high - found.low) / 2, found.room)
    )
    evidence = f"{figures}: difference {gap} ± {noise} over seeds, margin ±{room}"
    return _borne_out(claim, a, b, found, evidence, figures)


def _borne_out(claim: Claim, a: EntryResult, b: EntryResult, found: Lead, evidence: str, ours: str) -> Judged:
    judged = Judged(found.bears_out(str(claim.verb)), evidence, ours)
    more, less = (b, a) if claim.compared in LOWER_IS_BETTER else (a, b)
    _, ratio = times(getattr(more, claim.compared).values, getattr(less, claim.compared).values)
    return sized(claim, judged, apart=Figure(found.low, found.high, 0.0), times=ratio)


def judge_speed(claim: Claim, a: EntryResult, b: EntryResult) -> Judged:
    """`faster`, or `better` in training time: if the 95% interval of the ratio over seeds lies above 1."""
    middle, ends = times(b.seconds.values, a.seconds.values)
    evidence = f"{a.seconds.mean:.1f} s against {b.seconds.mean:.1f} s to train, {middle:.1f} times as fast"
    apart = lead(a, b, "seconds", (), 0.0)
    if ends is None or not isinstance(apart, Lead):
        return Judged("not judged", f"{evidence}; {apart}", f"{middle:.1f}x")
    evidence += f" (95% interval {ends.low:.2f} to {ends.high:.2f} over seeds)"
    verdict: Verdict = "reproduced" if ends.low > 1 else "not reached" if ends.high <= 1 else "undecided"
    judged = Judged(verdict, evidence, f"{middle:.1f}x")
    return sized(claim, judged, apart=Figure(apart.low, apart.high, 0.0), times=ends)


def judge_counts(claim: Claim, a: ModelCount, b: ModelCount) -> Judged:
    """Weights need no runs; fewer are better, and within 5% equivalent."""
    metric = claim.compared
    one, two = a.get(metric), b.get(metric)
    holds = abs(one - two) <= LOOSE * two if claim.verb == "equivalent" else one < two
    figures = f"{written(metric, one)} against {written(metric, two)}"
    judged = Judged("reproduced" if holds else "does not follow", f"the models as described have {figures}", figures)
    apart, ratio = Figure(two - one, two - one, 0.0), Figure(two / max(1, one), two / max(1, one), 0.0)
    judged = sized(claim, judged, apart=apart, times=ratio)
    return judged if judged.verdict == "reproduced" else Judged("does not follow", judged.evidence, figures)
