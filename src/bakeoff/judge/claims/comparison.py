"""Comparisons in words against the figures that the same report gives."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from bakeoff.judge.claim_results import ClaimProblem
from bakeoff.judge.claims.claim import Claim
from bakeoff.judge.claims.figure import (
    ACCURACIES,
    LOWER_IS_BETTER,
    Figure,
    difference,
    figure,
    figure_words,
    gap_written,
    gaps_written,
    rounding,
    written,
)
from bakeoff.judge.claims.widths import HALF_WIDTH, width_problems
from bakeoff.judge.claims.words import metric_words, source_words


def comparison_problems(claim: Claim, claims: Sequence[Claim]) -> Iterator[ClaimProblem]:
    """Where the figures among `claims` say the opposite of a comparison, another difference or another ratio."""
    if claim.verb is None:
        return
    if claim.compared == HALF_WIDTH:
        yield from width_problems(claim, claims)
        return
    one, two = (
        figures_of(name, claim.compared, claims) or _ranges_of(name, claim.compared, claims)
        for name in (claim.subject, claim.than)
    )
    pairs = [(a, b) for a in one for b in two]
    pairs = [(a, b) for a, b in pairs if a.condition == b.condition] or pairs
    # Where a report gives several figures, one that agrees is enough.
    for check in (_denied, _other_difference, _other_ratio):
        found = [check(claim, a, b) for a, b in pairs]
        if found and all(found):
            yield min((problem for problem in found if problem), key=lambda problem: problem.evidence)


def figures_of(entry: str | None, metric: str, claims: Sequence[Claim]) -> list[Claim]:
    """The exact figures that the report gives for the entry in this metric, at the end of training."""
    return [claim for claim, found in _given(entry, metric, claims) if found.is_point]


def _ranges_of(entry: str | None, metric: str, claims: Sequence[Claim]) -> list[Claim]:
    """The figures that have a lower and an upper bound."""
    return [claim for claim, found in _given(entry, metric, claims) if math.isfinite(found.high - found.low)]


def _given(entry: str | None, metric: str, claims: Sequence[Claim]) -> list[tuple[Claim, Figure]]:
    about = [c for c in claims if c.verb is None and (c.entry, c.metric, c.epoch) == (entry, metric, None)]
    return [(claim, found) for claim in about if (found := figure(claim)) is not None]


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
    stated, metric = difference(claim), claim.compared
    if stated is None:
        return None
    gap = _apart(*_figures(a, b))
    if not stated.denies(gap):
        return None
    words = f"{_in_words(a, b)}: {gaps_written(metric, gap)} apart, not {gaps_written(metric, stated)}"
    return ClaimProblem(verdict="does not follow", evidence=words)


def _apart(one: Figure, two: Figure) -> Figure:
    """How far two figures are apart; of ranges, from what their lower ends are to what their upper ends are."""
    low, high = sorted((one.low - two.low, one.high - two.high))
    if low + high < 0:
        low, high = -high, -low
    return Figure(low, high, one.rounding + two.rounding)


def _other_ratio(claim: Claim, a: Claim, b: Claim) -> ClaimProblem | None:
    if claim.times is None or not all(found.is_point for found in _figures(a, b)):
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
