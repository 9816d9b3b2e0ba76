"""What figures deny of each other: two for one thing, one for two sets, one interval for unlike ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

from bakeoff.judge.claim_results import ClaimProblem
from bakeoff.judge.claims.claim import Claim
from bakeoff.judge.claims.figure import SHARES, Figure, figure, figure_words, gap_written, rounding
from bakeoff.judge.claims.spread import accuracy_interval
from bakeoff.judge.claims.words import metric_words, source_words
from bakeoff.judge.words import listed, percent

FINE = 1e-4
"""Figures given to this precision do not agree by chance: 71.92%, but not 72%."""
IDENTITY = ("entry", "metric", "of_class", "as_class", "split", "epoch", "condition")

Found = tuple[int, ClaimProblem]
"""(position of the claim, problem)"""


def joint_problems(claims: Sequence[Claim]) -> Iterator[Found]:
    """(position, problem), for every claim that another claim denies."""
    yield from _two_figures(claims)
    yield from _one_figure_for_two_sets(claims)
    yield from _one_interval(claims)


def _contradiction(evidence: str) -> ClaimProblem:
    return ClaimProblem(verdict="contradicts itself", evidence=evidence)


def _same_thing(a: Claim, b: Claim) -> bool:
    over_other_trainings = None not in (a.seeds, b.seeds) and a.seeds != b.seeds
    return not over_other_trainings and all(getattr(a, key) == getattr(b, key) for key in IDENTITY)


def _two_figures(claims: Sequence[Claim]) -> Iterator[Found]:
    figures = [(i, claim, found) for i, claim in enumerate(claims) if (found := figure(claim)) is not None]
    for (i, a, one), (j, b, two) in combinations(figures, 2):
        if not _same_thing(a, b) or not one.denies(two):
            continue
        gap = gap_written(str(a.metric), one.gap(two))
        for here, this, other in ((i, a, b), (j, b, a)):
            words = f"{figure_words(this)} here, {figure_words(other)} in {source_words(other)}: {gap} apart"
            yield here, _contradiction(words)


def _one_figure_for_two_sets(claims: Sequence[Claim]) -> Iterator[Found]:
    sets = ("train_accuracy", "validation_accuracy", "test_accuracy")
    named = [(i, claim, found) for i, claim in enumerate(claims) if claim.metric in sets and (found := figure(claim))]
    for (i, a, one), (j, b, two) in combinations(named, 2):
        alike = (a.entry, a.epoch, a.condition) == (b.entry, b.epoch, b.condition) and a.metric != b.metric
        fine = one.is_point and max(one.rounding, two.rounding) <= FINE
        if alike and fine and (one.low, one.high) == (two.low, two.high):
            for here, this, other in ((i, a, b), (j, b, a)):
                yield (
                    here,
                    _contradiction(
                        f"the same {figure_words(this)} is called {metric_words(str(this.metric))} here and "
                        f"{metric_words(str(other.metric))} in {source_words(other)}"
                    ),
                )


def _one_interval(claims: Sequence[Claim]) -> Iterator[Found]:
    groups: dict[tuple[float, float], list[tuple[int, Claim, Figure]]] = {}
    for i, claim in enumerate(claims):
        found, interval = figure(claim), accuracy_interval(claim)
        if found is not None and interval is not None and claim.metric in SHARES:
            groups.setdefault(interval, []).append((i, claim, found))
    for interval, members in groups.items():
        if not any(_unlike(one, two) for one, two in combinations(members, 2)):
            continue
        figures = listed(sorted({f"{figure_words(claim)} ({claim.entry})" for _, claim, _ in members}))
        words = f"one interval, [{percent(interval[0])}, {percent(interval[1])}], is printed for {figures}"
        for i, _, _ in members:
            yield i, _contradiction(words)


def _unlike(one: tuple[int, Claim, Figure], two: tuple[int, Claim, Figure]) -> bool:
    """True if figures that far apart cannot have one interval, even as it is rounded."""
    (_, a, first), (_, _, second) = one, two
    ends = 2 * max(rounding(end, share=True) for end in a.interval or ())
    return first.gap(second) > first.rounding + second.rounding + ends + 1e-12
