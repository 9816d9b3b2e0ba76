"""Comparisons in words against the figures that the same report gives."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

from bakeoff.judge.claim_results import ClaimProblem
from bakeoff.judge.claims.claim import Claim
from bakeoff.judge.claims.figure import (
    ACCURACIES,
    COUNTS,
    LOSSES,
    SHARES,
    Figure,
    figure,
    figure_words,
    gap_written,
    rounding,
    written,
)
from bakeoff.judge.claims.widths import HALF_WIDTH, width_problems
from bakeoff.judge.claims.words import gap_words, metric_words, source_words

LOWER_IS_BETTER = (*LOSSES, "seconds", *COUNTS, "confusion")


def comparison_problems(claim: Claim, claims: Sequence[Claim]) -> Iterator[ClaimProblem]:
    """Where the figures among `claims` say the opposite of a comparison, another difference or another ratio."""
    if claim.verb is None:
        return
    if claim.compared == HALF_WIDTH:
        yield from width_problems(claim, claims)
        return
    exact = _pairs(claim, claims, figures_of)
    # One difference may lie between any two points of two ranges; only a range of differences is held against them.
    near = exact if claim.by is not None else _pairs(claim, claims, _figures_or_ranges)
    # Where a report gives several figures, one that agrees is enough.
    for check, pairs in ((_denied, exact), (_other_difference, near), (_other_ratio, exact)):
        found = [check(claim, a, b) for a, b in pairs]
        if found and all(found):
            yield min((problem for problem in found if problem), key=lambda problem: problem.evidence)


def _pairs(
    claim: Claim, claims: Sequence[Claim], find: Callable[[str | None, str, Sequence[Claim]], list[Claim]]
) -> list[tuple[Claim, Claim]]:
    """What the report says of the one beside what it says of the other, under the same condition if it can be."""
    one, two = (find(name, claim.compared, claims) for name in (claim.subject, claim.than))
    pairs = [(a, b) for a in one for b in two]
    return [(a, b) for a, b in pairs if a.condition == b.condition] or pairs


def figures_of(entry: str | None, metric: str, claims: Sequence[Claim]) -> list[Claim]:
    """The exact figures that the report gives for the entry in this metric, at the end of training."""
    return [c for c, found in _said(entry, metric, claims) if found.is_point]


def _figures_or_ranges(entry: str | None, metric: str, claims: Sequence[Claim]) -> list[Claim]:
    """The exact figures; if there are none, the ranges that have two ends."""
    ranges = [c for c, found in _said(entry, metric, claims) if math.isfinite(found.high - found.low)]
    return figures_of(entry, metric, claims) or ranges


def _said(entry: str | None, metric: str, claims: Sequence[Claim]) -> list[tuple[Claim, Figure]]:
    return [
        (c, found) for c in claims
        if c.verb is None and c.entry == entry and c.metric == metric and c.epoch is None
        and (found := figure(c)) is not None
    ]  # fmt: skip


def _figures(a: Claim, b: Claim) -> tuple[Figure, Figure]:
    one, two = figure(a), figure(b)
    assert one is not None
    assert two is not None
    return one, two


def _in_words(a: Claim, b: Claim) -> str:
    return f"{a.entry} has {figure_words(a)} ({source_words(a)}), {b.entry} {figure_words(b)} ({source_words(b)})"


def _denied(claim: Claim, a: Claim, b: Claim) -> ClaimProblem | None:
    one, two = _figures(a, b)
    metric = claim.compared
    if claim.verb == "equivalent":
        if metric not in ACCURACIES or not a.n or not b.n:
            return None
        noise = 1.96 * math.sqrt(_variance(one) / a.n + _variance(two) / b.n)
        if one.gap(two) <= noise + one.rounding + two.rounding:
            return None
        gap, chance = gap_written(metric, one.gap(two)), gap_written(metric, noise)
        words = f"{_in_words(a, b)}: {gap} apart, where chance over the images explains {chance}"
        return ClaimProblem(verdict="contradicts itself", evidence=words)
    behind = one.low > two.low if metric in LOWER_IS_BETTER else one.low < two.low
    if not behind or not one.denies(two):
        return None
    gap = gap_written(metric, one.gap(two))
    words = f"in {metric_words(metric)} the report's own figures say the opposite: {_in_words(a, b)}, {gap} apart"
    return ClaimProblem(verdict="contradicts itself", evidence=words)


def _variance(found: Figure) -> float:
    share = min(max(found.low, 0.0), 1.0)
    return share * (1 - share)


def _other_difference(claim: Claim, a: Claim, b: Claim) -> ClaimProblem | None:
    """Of exact figures, and of ranges by their middles: a range says itself how far it may be off."""
    if claim.gap is None:
        return None
    one, two = _figures(a, b)
    metric, (least, most) = claim.compared, claim.gap
    gap = abs(one.low + one.high - two.low - two.high) / 2
    slack = rounding(claim.by, share=metric in SHARES) if claim.by is not None else 0.0
    slack += sum(found.rounding for found in (one, two) if found.is_point) + 1e-12
    if least - slack <= gap <= most + slack:
        return None
    apart = gap_written(metric, gap)
    beside = ""
    if not (one.is_point and two.is_point):
        low, high = (gap_written(metric, abs(x - y)) for x, y in ((one.low, two.low), (one.high, two.high)))
        beside = f" by the middles ({low} by the lower ends, {high} by the upper ends)"
    words = f"{_in_words(a, b)}: {apart} apart{beside}, not {gap_words(claim)}"
    return ClaimProblem(verdict="does not follow", evidence=words)


def _other_ratio(claim: Claim, a: Claim, b: Claim) -> ClaimProblem | None:
    if claim.times is None:
        return None
    small, large = sorted(_figures(a, b), key=lambda found: found.low)
    lowest = max(small.low - small.rounding, 1e-300)
    least, most = (large.low - large.rounding) / (small.low + small.rounding), (large.low + large.rounding) / lowest
    slack = rounding(claim.times)
    if least - slack <= claim.times <= most + slack:
        return None
    metric = claim.compared
    ratio = f"{large.low / small.low:.2f}" if small.low > 0 else "no finite number of"
    ends = [written(metric, found.low) for found in (large, small)]
    return ClaimProblem(
        verdict="does not follow",
        evidence=f"{ends[0]} is {ratio} times {ends[1]}, not {claim.times:g} times",
    )
