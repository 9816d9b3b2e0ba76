"""Published figures beside ours. *Reproduced*: |ours - reported| is at most the root of the summed squares of our
half-width and the claim's binomial half-width at its n (without n: 1 point); outside it *exceeded* or *not reached*.
A weight count must agree exactly, else it *does not follow* from the model."""

from __future__ import annotations

import math
from collections.abc import Sequence

from bakeoff.errors import UsageError, nearest
from bakeoff.judge.contest import Claim
from bakeoff.judge.results import ClaimResult, EntryResult, Estimate, PairResult
from bakeoff.judge.words import percent, points

Z95 = 1.959964
ACCURACIES = ("test_accuracy", "validation_accuracy", "train_accuracy", "macro_f1")
LOSSES = ("test_loss", "validation_loss")
METRICS = (*ACCURACIES, *LOSSES, "seconds", "parameters")
DEFAULT_HALF_WIDTH = 0.01
LOOSE = 0.05
"""What a loss or a time may differ by, as a share, where the claim gives no ±."""


def check_claims(
    claims: Sequence[Claim], entries: Sequence[EntryResult], pairs: Sequence[PairResult]
) -> list[ClaimResult]:
    """One result a claim, in order. Raises UsageError for an entry or metric that is not known."""
    by_name = {entry.name: entry for entry in entries}
    return [_check(claim, by_name, pairs) for claim in claims]


def _check(claim: Claim, entries: dict[str, EntryResult], pairs: Sequence[PairResult]) -> ClaimResult:
    first = claim.better or claim.faster or claim.equivalent
    if first is not None:
        if claim.than is None:
            raise UsageError(f"claim about {first}: `better`, `faster` and `equivalent` need `than`")
        return _check_pair(claim, _find(entries, first), _find(entries, claim.than), pairs)
    if claim.entry is None or claim.metric is None or claim.reported is None:
        raise UsageError(
            f"claim {claim.source or claim.model_dump(exclude_defaults=True)}: needs entry, metric and reported"
        )
    entry = _find(entries, claim.entry)
    if claim.metric not in METRICS:
        raise UsageError(f"claim about {claim.entry}: unknown metric {claim.metric!r}{nearest(claim.metric, METRICS)}")
    if claim.metric == "parameters":
        return _check_count(claim, entry)
    return _check_figure(claim, entry)


def _find(entries: dict[str, EntryResult], name: str) -> EntryResult:
    if name not in entries:
        raise UsageError(f"claim about {name}: no such entry{nearest(name, entries)}")
    return entries[name]


def _check_count(claim: Claim, entry: EntryResult) -> ClaimResult:
    reported = int(claim.reported or 0)
    same = reported == entry.parameters
    evidence = (
        f"the model has {entry.parameters:,} weights"
        if same
        else f"the model as described has {entry.parameters:,} weights, {abs(entry.parameters - reported):,} "
        f"{'more' if entry.parameters > reported else 'fewer'} than reported"
    )
    return ClaimResult(
        claim=f"{entry.name} has {reported:,} weights",
        source=claim.source,
        reported=reported,
        ours=entry.parameters,
        verdict="reproduced" if same else "does not follow",
        evidence=evidence,
    )


def _check_figure(claim: Claim, entry: EntryResult) -> ClaimResult:
    metric, reported = str(claim.metric), float(claim.reported or 0.0)
    estimate: Estimate = getattr(entry, metric)
    ours, own = estimate.mean, _half_width(estimate)
    accuracy = metric in ACCURACIES
    if accuracy:
        if claim.of == "error":
            reported = 1 - reported
        n = claim.n
        theirs = Z95 * math.sqrt(reported * (1 - reported) / n) if n else DEFAULT_HALF_WIDTH
        basis = f"their binomial half-width at n={n:,}" if n else "1 point, no n given"
    else:
        theirs = claim.plus_minus or LOOSE * reported
        basis = "their ±" if claim.plus_minus else f"{percent(LOOSE, 0)} of the reported figure"
    allowed = math.hypot(own, theirs)
    verdict = "reproduced"
    if abs(ours - reported) > allowed:
        verdict = "exceeded" if (ours > reported) == accuracy else "not reached"
    gap, limit = (_written(metric, value, gap=True) for value in (abs(ours - reported), allowed))
    evidence = f"difference {gap}, allowed {limit} (our half-width and {basis}); {len(entry.seeds)} seeds"
    return ClaimResult(
        claim=f"{entry.name}: {metric.replace('_', ' ')} {_written(metric, reported)}",
        source=claim.source,
        reported=reported,
        ours=ours,
        verdict=verdict,  # type: ignore[arg-type]
        evidence=evidence,
    )


def _written(metric: str, value: float, *, gap: bool = False) -> str:
    """A figure of this metric, or a difference of two, with its unit."""
    if metric in ACCURACIES:
        return points(value) if gap else percent(value)
    return f"{value:.1f} s" if metric == "seconds" else f"{value:.4f}"


def _half_width(estimate: Estimate) -> float:
    """Of the interval if there is one; else of the spread over seeds."""
    if estimate.interval is not None:
        return (estimate.interval.high - estimate.interval.low) / 2
    return Z95 * (estimate.sd or 0.0) / math.sqrt(max(1, len(estimate.values)))


def _check_pair(claim: Claim, a: EntryResult, b: EntryResult, pairs: Sequence[PairResult]) -> ClaimResult:
    if claim.faster:
        ratio = b.seconds.mean / a.seconds.mean if a.seconds.mean else math.inf
        verdict = "reproduced" if ratio > 1 else "not reached"
        evidence = f"{a.seconds.mean:.1f} s against {b.seconds.mean:.1f} s to train, {ratio:.1f} times as fast"
        ours, words = f"{ratio:.1f}x", f"{a.name} trains faster than {b.name}"
    else:
        pair = next(p for p in pairs if {p.a, p.b} == {a.name, b.name})
        if claim.better:
            holds = pair.verdict == "better" and pair.a == a.name
            words = f"{a.name} is better than {b.name}"
        else:
            holds = pair.verdict == "equivalent"
            words = f"{a.name} and {b.name} are equivalent"
        verdict, evidence, ours = ("reproduced" if holds else "not reached"), pair.sentence, pair.verdict
    return ClaimResult(
        claim=words,
        source=claim.source,
        reported=words,
        ours=ours,
        verdict=verdict,
        evidence=evidence,  # type: ignore[arg-type]
    )
